//! The judge: the same from nothing and from what it kept, whatever the order in which it was heard.

#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::fact::{Evidence, Fact};
use crate::domain::facts::Poll;
use crate::domain::id::Place;
use crate::rules::example::{feed, fleet, on, poll, seen};

/// Every verdict in words: two that read the same are the same.
fn words(judged: &Judged<'_>) -> Vec<(InstallationId, String)> {
    let word = |verdict: &Verdict| {
        let Verdict { holds_until: _, installation: _, ref components, ref calendar, .. } = *verdict;
        format!("{components:#?} {calendar:#?} {:?} {:?}", verdict.health, verdict.attention)
    };
    judged.verdicts.iter().map(|(id, verdict)| (id.clone(), word(verdict))).collect()
}

fn told(from: &str, minute: i64, version: &str) -> Poll {
    let at = on("2026-11-21") + TimeDelta::minutes(minute);
    poll(from, at, vec![Fact::here(seen("meshstack", version, Evidence::Answered))])
}

#[test]
fn only_what_changed_is_judged_again() {
    let fleet = fleet(50);
    let at = |second: i64| on("2026-11-21") + TimeDelta::seconds(second);
    let everybody = fleet.installations.keys().map(|id| told(&format!("{id}/production/http"), 0, "2026.40.0"));
    let facts = everybody.chain([feed(at(0))]).fold(Facts::new(), Facts::absorb);
    let mut judge = Judge::default();
    let kept = |judge: &mut Judge, facts: &Facts, second| {
        let before: Vec<_> = judge.kept.values().map(|kept| Arc::clone(&kept.verdict)).collect();
        let judged = judge.judge(&fleet, facts, at(second));
        before.iter().filter(|old| judged.verdicts.values().any(|new| Arc::ptr_eq(old, new))).count()
    };
    assert_eq!(kept(&mut judge, &facts, 1), 0);
    assert_eq!(kept(&mut judge, &facts, 2), 50);
    let facts = facts.absorb(told("customer-0007/production/http", 0, "2026.41.0"));
    assert_eq!(kept(&mut judge, &facts, 3), 49);
    // The same feed heard again says nothing new; another release concerns everybody.
    let facts = facts.absorb(feed(at(4)));
    assert_eq!(kept(&mut judge, &facts, 4), 50);
    let mut more = feed(at(5));
    more.brought.as_mut().unwrap().facts.pop();
    let facts = facts.absorb(more);
    assert_eq!(kept(&mut judge, &facts, 5), 0);
    // A hub that speaks about one place moves that place alone.
    let place = Place::new(&"acme".into(), &"production".into());
    let hub =
        poll("@fleet/-/mimir", at(6), vec![Fact::about(place, seen("kubernetes", "v1.36.1", Evidence::Measured))]);
    let facts = facts.absorb(hub);
    assert_eq!(kept(&mut judge, &facts, 6), 49);
    // Three minutes later everything is stale, and a verdict that says so takes its place.
    assert_eq!(kept(&mut judge, &facts, 190), 0);
}

#[test]
fn those_who_only_say_the_same_again_are_judged_a_few_at_a_time() {
    let fleet = fleet(50);
    let at = |second: i64| on("2026-11-21") + TimeDelta::seconds(second);
    let everybody = |facts: Facts, second| {
        let told = |id| {
            let sighting = Fact::here(seen("meshstack", "2026.40.0", Evidence::Answered));
            poll(&format!("{id}/production/http"), at(second), vec![sighting])
        };
        fleet.installations.keys().map(told).fold(facts, Facts::absorb)
    };
    let mut judge = Judge::default();
    judge.be_patient(TimeDelta::seconds(16));
    let mut facts = everybody(Facts::new().absorb(feed(at(0))), 0);
    let mut last: Vec<_> = judge.judge(&fleet, &facts, at(0)).verdicts.into_values().collect();
    let mut at_once = Vec::new();
    for second in 1..48 {
        facts = everybody(facts, second);
        let now: Vec<_> = judge.judge(&fleet, &facts, at(second)).verdicts.into_values().collect();
        at_once.push(now.iter().zip(&last).filter(|(now, before)| !Arc::ptr_eq(now, before)).count());
        last = now;
    }
    // Each is judged every 8 to 24 seconds, and never more than a third of them together.
    assert!(at_once.iter().sum::<usize>() >= 2 * 50, "{at_once:?}");
    assert!(at_once.iter().all(|n| *n <= 17), "{at_once:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn judged_again_and_from_nothing_and_in_any_order_the_verdict_is_the_same(
        heard in prop::collection::vec((0_usize..3, 0_usize..2, 0_i64..12, 38_u8..43), 1..20),
        seed in any::<u64>(),
    ) {
        let fleet = fleet(3);
        let ids: Vec<_> = fleet.installations.keys().cloned().collect();
        let mut polls: Vec<Poll> = heard
            .iter()
            .map(|(which, kind, minute, minor)| {
                let kind = ["http", "kubernetes"][*kind];
                told(&format!("{}/production/{kind}", ids[*which]), *minute, &format!("2026.{minor}.0"))
            })
            .collect();
        polls.push(feed(on("2026-11-21")));
        polls.sort_by_key(|poll| poll.at);
        let (mut facts, mut judge_kept) = (Facts::new(), Judge::default());
        let mut at = on("2026-11-21");
        for poll in &polls {
            facts = facts.absorb(poll.clone());
            at = poll.at + TimeDelta::seconds(1);
            prop_assert_eq!(words(&judge_kept.judge(&fleet, &facts, at)), words(&judge(&fleet, &facts, at)));
        }
        let last: BTreeMap<_, _> = polls.iter().map(|poll| (poll.from.clone(), poll.clone())).collect();
        let mut shuffled: Vec<Poll> = last.into_values().collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let again = shuffled.into_iter().fold(Facts::new(), Facts::absorb);
        prop_assert_eq!(words(&judge(&fleet, &again, at)), words(&judge(&fleet, &facts, at)));
        for verdict in judge(&fleet, &facts, at + TimeDelta::minutes(30)).verdicts.values() {
            let good = |one: &Component| one.drift.kind == crate::rules::drift::DriftKind::Current;
            prop_assert!(verdict.components.iter().all(|one| one.basis.stale || !good(one)));
            prop_assert_ne!(verdict.health, Level::Ok);
        }
    }
}
