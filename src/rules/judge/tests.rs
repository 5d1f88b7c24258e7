//! The judge: the same from nothing and from what it kept, whatever the order in which it was heard.

#![allow(clippy::unwrap_used)]

use chrono::{SubsecRound, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::domain::alert::{Alert, AlertState, Silence};
use crate::domain::assurance::{Backup, BackupKind, BackupOutcome, Certificate, Findings, Ticket};
use crate::domain::clock::Dated;
use crate::domain::delivery::{Gate, GateState};
use crate::domain::fact::{Evidence, Fact, What};
use crate::domain::facts::Poll;
use crate::domain::fleet::SourceCard;
use crate::domain::id::Place;
use crate::domain::planned::{Maintenance, Reach};
use crate::domain::workload::{Workload, WorkloadState};
use crate::rules::example::{feed, fleet, on, poll, seen};
use crate::rules::fixture::{alert, card, workload};
use crate::rules::plans::tests::{freeze, maintenance};
use crate::text::clean::Clean;

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
fn a_judge_goes_on_with_the_courses_that_were_told_before_it() {
    let fleet = fleet(2);
    let at = |minute: i64| on("2026-11-21") + TimeDelta::minutes(minute);
    let first = || fleet.installations.keys().next().unwrap().clone();
    let before = AlertCourse::default().after(Some(3), at(0)).after(Some(1), at(15));
    let mut judge = Judge::default();
    judge.remember([(first(), AlertCourse::again(&before.told(), at(15)))].into());
    let told = |judge: &mut Judge, minute| {
        let facts = Facts::new();
        let judged = judge.judge(&fleet, &facts, at(minute));
        judged.verdicts.values().map(|verdict| verdict.alert_course.told()).collect::<Vec<_>>()
    };
    // Nobody tells of alerts now: what was told moves away, and nothing takes its place.
    let courses = told(&mut judge, 46);
    assert_eq!(courses[0][8..], [Some(3), Some(1), None, None]);
    assert_eq!(courses[1], vec![], "of the other nothing was told");
    assert_eq!(told(&mut judge, 61)[0][7..], [Some(3), Some(1), None, None, None]);
    assert_eq!(told(&mut judge, 200)[0], vec![]);
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

#[test]
fn where_time_changes_nothing_nobody_is_judged_again_for_minutes() {
    let mut fleet = fleet(50);
    let at = |second: i64| on("2026-11-21") + TimeDelta::seconds(second);
    for id in fleet.installations.keys().cloned().collect::<Vec<_>>() {
        let one = poll(&format!("{id}/production/http"), at(0), Vec::new()).from;
        let one = SourceCard { id: one, stale_after: Duration::from_secs(1 << 30), ..card("kubernetes") };
        fleet.sources.insert(one.id.clone(), Arc::new(one));
    }
    let everybody = fleet.installations.keys().map(|id| told(&format!("{id}/production/http"), 0, "2026.40.0"));
    let facts = everybody.chain([feed(at(0))]).fold(Facts::new(), Facts::absorb);
    let mut judge = Judge::default();
    let mut judged = |second| judge.judge(&fleet, &facts, at(second)).verdicts.into_values().collect::<Vec<_>>();
    let first = judged(1);
    let stand = |now: Vec<Arc<Verdict>>| now.iter().zip(&first).filter(|(now, old)| Arc::ptr_eq(now, old)).count();
    // The feed that tells the releases turns stale after three minutes, and that concerns everybody.
    assert_eq!((stand(judged(62)), stand(judged(170)), stand(judged(190))), (50, 50, 0));
}

/// Whatever has a time at which rules turn, so many minutes from the start.
fn timed(kind: usize, minutes: i64) -> What {
    let on = on("2026-11-21") + TimeDelta::minutes(minutes);
    let text = Clean::line;
    let load = |state| Workload { state, progressed: Some(on), ..workload("api", "2026.41.0", (1, 1, 3)) };
    match kind {
        0 => What::Workload(Box::new(load(WorkloadState::Waiting))),
        1 => What::Workload(Box::new(load(WorkloadState::Failed))),
        2 => What::Alert(Arc::new(Alert {
            since: Some(on),
            silenced_by: vec![text("s1")],
            ..alert("DiskFull", &[("severity", "critical")], AlertState::Silenced)
        })),
        3 => What::Silence(Arc::new(Silence {
            id: text("s1"),
            matchers: Vec::new(),
            created_by: text("ann"),
            comment: text("disk"),
            starts: on - TimeDelta::hours(30),
            ends: on,
        })),
        4 => What::Certificate(Box::new(Certificate {
            name: text("shop"),
            ends: Some(on),
            renews: Some(on - TimeDelta::days(9)),
            failures: 2,
            issuer: None,
            distrust: None,
            detail: text(""),
        })),
        5 => What::Backup(Box::new(Backup {
            name: text("db"),
            kind: BackupKind::Backup,
            succeeded: Some(on - TimeDelta::hours(5)),
            started: Some(on),
            due: (minutes % 2 == 0).then_some(on),
            last: BackupOutcome::Running,
            size: None,
            detail: text(""),
        })),
        6 => What::Findings(Box::new(Findings {
            subject: text("image"),
            critical: 0,
            high: 0,
            medium: 0,
            low: 0,
            unknown: 0,
            scanned: Some(on),
        })),
        7 => What::Gate(Box::new(Gate {
            kind: text("gitlab"),
            name: text("go-live"),
            version: Some(text("2026.41.0")),
            state: GateState::Waiting,
            since: Some(on),
            who: None,
            waits_for: Vec::new(),
            place: None,
            url: None,
        })),
        8 => What::Ticket(Box::new(Ticket {
            id: text("#7"),
            title: text("slow"),
            level: Level::Warning,
            open: true,
            opened: Some(on - TimeDelta::hours(2)),
            updated: None,
            due: Some(Dated::At(on)),
            assignee: None,
            url: None,
        })),
        9 => What::Maintenance(Box::new(Maintenance {
            announced: Some(Dated::At(on - TimeDelta::days(9))),
            ..maintenance("work", &on.to_rfc3339(), &(on + TimeDelta::hours(3)).to_rfc3339(), Reach::Fleet)
        })),
        10 => What::Workload(Box::new(Workload { progressed: Some(on), ..workload("api", "2026.41.0", (3, 3, 3)) })),
        _ => What::Freeze(Box::new(freeze(
            "freeze",
            &on.to_rfc3339(),
            &(on + TimeDelta::hours(7)).to_rfc3339(),
            Reach::Fleet,
        ))),
    }
}

/// Everything that is concluded, but for what is counted from the moment of judging itself, and for what only several
/// judgings in a row can tell.
fn everything(judged: &Judged<'_>) -> String {
    let one = |verdict: &Verdict| {
        let mut verdict = verdict.clone();
        (verdict.holds_until, verdict.reads_until) = Default::default();
        verdict.alert_course = AlertCourse::default();
        verdict.rollouts.iter_mut().for_each(|one| (one.soak_seconds, one.eta) = (None, None));
        verdict.readiness.iter_mut().for_each(|one| one.earliest = None);
        format!("{verdict:#?}")
    };
    let verdicts: Vec<String> = judged.verdicts.values().map(|verdict| one(verdict)).collect();
    format!("{}\n{:#?}\n{:#?}", verdicts.join("\n"), judged.attention, judged.calendar)
}

/// The lines in which two differ.
fn unlike(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    let lines: String = pairs.take(5).map(|(one, other)| format!("{one} | {other}\n")).collect();
    if one.len() == other.len() || !lines.is_empty() { lines } else { "one says more".to_owned() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Time alone passes. Whoever judges only what says that it may be another says the same as who judges everything.
    #[test]
    fn judged_again_only_when_due_and_judged_always_the_verdict_is_the_same(
        heard in prop::collection::vec((0_usize..12, prop_oneof![-60_000_i64..60_000, -90_i64..90]), 1..8),
        steps in prop::collection::vec(prop_oneof![1_i64..120, 60_i64..90_000, 3_600_i64..700_000], 1..10),
        patient in any::<bool>(),
    ) {
        let mut fleet = fleet(2);
        let mut acme = Installation::clone(&fleet.installations["acme"]);
        acme.terms.soak = Some(Duration::from_secs(48 * 3600));
        fleet.installations.insert("acme".into(), Arc::new(acme));
        let start = on("2026-11-21");
        let facts: Vec<Fact> = heard.iter().map(|(kind, minutes)| Fact::here(timed(*kind, *minutes))).collect();
        let staging = Fact::here(seen("meshstack", "2026.41.0", Evidence::Answered));
        let running = Fact::here(seen("meshstack", "2026.40.0", Evidence::Answered));
        let polls = [
            poll("acme/production/kubernetes", start, facts.iter().cloned().chain([running]).collect()),
            poll("acme/staging/kubernetes", start, facts.into_iter().chain([staging]).collect()),
            feed(start),
        ];
        for (n, poll) in polls.iter().enumerate() {
            // Some turn stale on the way, some never.
            let stale_after = Duration::from_secs(if patient || n == 1 { 1 << 30 } else { 300 });
            let one = SourceCard { id: poll.from.clone(), stale_after, ..card("kubernetes") };
            fleet.sources.insert(one.id.clone(), Arc::new(one));
        }
        let facts = polls.into_iter().fold(Facts::new(), Facts::absorb);
        let mut due = Judge::default();
        due.be_exact();
        let mut at = start;
        for step in [0].into_iter().chain(steps) {
            at += TimeDelta::seconds(step);
            let judged = due.judge(&fleet, &facts, at);
            prop_assert_eq!(unlike(&everything(&judged), &everything(&judge(&fleet, &facts, at))), "", "at {}", at);
            // Just before the first that is announced, nothing is another yet. Some rules count in whole seconds.
            let until = due.holds_until().into_iter().chain(due.reads_until()).min();
            let before = until.map(|until| (until - TimeDelta::nanoseconds(1)).trunc_subsecs(0));
            if let Some(before) = before.filter(|before| *before > at) {
                let calm = everything(&judge(&fleet, &facts, before));
                let kept = everything(&due.judge(&fleet, &facts, before));
                prop_assert_eq!(unlike(&kept, &calm), "", "just before, at {}, judged at {}", before, at);
            }
        }
    }
}
