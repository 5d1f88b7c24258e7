//! From what sources say to what somebody must do, through the judge.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::alert::{AlertState, Matcher, Operator, Silence};
use crate::domain::fact::{Evidence, Fact, What};
use crate::domain::facts::Poll;
use crate::domain::fault::Fault;
use crate::domain::fleet::SourceCard;
use crate::rules::example::{feed, fleet, on, poll, seen};
use crate::rules::fixture::{alert, clean, workload};
use crate::rules::judge::{Judge, Judged, judge};
use crate::rules::rollout::RolloutState;

/// In the window of Thursday, 17:00 to 21:00 in Berlin.
fn now() -> Moment {
    on("2026-11-19T19:18:00Z")
}

fn watched() -> Fleet {
    let mut fleet = fleet(1);
    for from in
        ["acme/production/alertmanager", "acme/production/kubernetes", "acme/staging/http", "@product/meshstack/feed"]
    {
        let id = poll(from, now(), Vec::new()).from;
        let (interval, timeout, stale_after) =
            (Duration::from_secs(30), Duration::from_secs(10), Duration::from_secs(180));
        let card = SourceCard { id: id.clone(), url: clean(""), interval, timeout, stale_after, insecure: false };
        fleet.sources.insert(id, Arc::new(card));
    }
    fleet
}

fn firing(name: &str, severity: &str) -> Fact {
    let mut alert = alert(name, &[("severity", severity)], AlertState::Firing);
    alert.since = Some(now() - TimeDelta::minutes(11));
    Fact::here(What::Alert(Arc::new(alert)))
}

fn load(name: &str, ready: u32, minutes: i64) -> Fact {
    let mut load = workload(name, "2026.41.0", (3, ready, 3));
    load.progressed = Some(now() - TimeDelta::minutes(minutes));
    Fact::here(What::Workload(Box::new(load)))
}

fn production(version: &str, loads: Vec<Fact>, at: Moment) -> Poll {
    let mut facts = vec![Fact::here(seen("meshstack", version, Evidence::Answered))];
    facts.extend(loads);
    poll("acme/production/kubernetes", at, facts)
}

fn alerts(alerts: Vec<Fact>, at: Moment) -> Poll {
    poll("acme/production/alertmanager", at, alerts)
}

/// All is well: staging and production run the newest, and the watchdog fires.
fn quiet(at: Moment) -> Facts {
    let staging = vec![Fact::here(seen("meshstack", "2026.41.0", Evidence::Answered))];
    Facts::new()
        .absorb(feed(at))
        .absorb(poll("acme/staging/http", at, staging))
        .absorb(production("2026.41.0", vec![load("meshfed-api", 3, 9000)], at))
        .absorb(alerts(vec![firing("Watchdog", "none")], at))
}

fn asks(judged: &Judged<'_>) -> Vec<String> {
    let verdict = judged.verdicts.values().next().unwrap();
    verdict.attention.iter().map(|item| format!("{}: {} ({})", item.severity.word(), item.what, item.why)).collect()
}

#[test]
fn a_quiet_installation_is_ok_and_asks_for_nothing() {
    let (fleet, facts) = (watched(), quiet(now()));
    let judged = judge(&fleet, &facts, now());
    let verdict = judged.verdicts.values().next().unwrap();
    assert_eq!((verdict.health, verdict.why.as_str()), (Level::Ok, ""));
    assert_eq!(asks(&judged), [""; 0]);
    assert!(judged.attention.is_empty());
    assert!(verdict.rollouts.iter().all(|one| one.state == RolloutState::Succeeded));
    assert_eq!(verdict.rollouts.len(), 2);
}

#[test]
fn the_first_screen_says_what_burns_where_and_how_long_one_has() {
    let (fleet, at) = (watched(), now());
    let facts = quiet(at)
        .absorb(production("2026.40.1", vec![load("meshfed-api", 2, 18), load("meshpanel", 3, 30)], at))
        .absorb(alerts(vec![firing("Watchdog", "none"), firing("MeshApiSlow", "warning")], at));
    let judged = judge(&fleet, &facts, at);
    assert_eq!(
        asks(&judged),
        [
            "critical: 2026.41.0 stuck for 18 min · deploy/meshfed-api 2 of 3 ready (window closes in 42 min \
             · meshstack 2026.40.1 must be upgraded within 21 d)",
            "warning: MeshApiSlow (in window on-prem/thursday · 19 min after 2026.41.0 began to roll)",
        ]
    );
    let verdict = judged.verdicts.values().next().unwrap();
    assert_eq!((verdict.health, verdict.why.as_str()), (Level::Critical, "production: 2026.41.0 is stuck"));
    assert_eq!(verdict.environment_health, [Level::Critical, Level::Ok]);
}

#[test]
fn a_silent_monitoring_is_unknown_and_a_missing_watchdog_too() {
    let (fleet, at) = (watched(), now());
    let missing = quiet(at).absorb(alerts(Vec::new(), at));
    let judged = judge(&fleet, &missing, at);
    assert_eq!(judged.verdicts.values().next().unwrap().health, Level::Unknown);
    assert!(asks(&judged)[0].starts_with("critical: Watchdog is missing"));
    let mut broken = alerts(Vec::new(), at);
    broken.brought = Err(Fault::Unreachable { why: clean("connection refused") });
    let facts = quiet(at).absorb(broken);
    let judged = judge(&fleet, &facts, at);
    assert_eq!(judged.verdicts.values().next().unwrap().health, Level::Unknown);
    assert_eq!(
        asks(&judged),
        ["critical: monitoring does not answer · alertmanager does not answer \
          (unreachable: connection refused; last good answer < 1 s ago)"]
    );
}

#[test]
fn several_judgings_tell_a_rate_and_restlessness() {
    let (fleet, start) = (watched(), now() - TimeDelta::minutes(20));
    let mut judge = Judge::default();
    let mut facts = quiet(start);
    for minute in 0..=20 {
        let at = start + TimeDelta::minutes(minute);
        let ready = [0, 1, 2][usize::try_from(minute / 7).unwrap()];
        // The alert comes and goes every five minutes.
        let restless = (minute / 5) % 2 == 1;
        let firing: Vec<Fact> = std::iter::once(firing("Watchdog", "none"))
            .chain(restless.then(|| firing("Restless", "warning")))
            .collect();
        facts = facts
            .absorb(production("2026.40.1", vec![load("meshfed-api", ready, 20 - minute)], at))
            .absorb(alerts(firing, at));
        let judged = judge.judge(&fleet, &facts, at);
        let verdict = judged.verdicts.values().next().unwrap();
        let rollout = &verdict.rollouts.iter().find(|one| one.environment.as_str() == "production").unwrap();
        assert_eq!(rollout.eta.is_some(), minute > 7, "{minute}");
        let flaps = verdict.alerts.iter().any(|one| one.context.iter().any(|why| why.starts_with("flapping")));
        assert_eq!(flaps, (15..20).contains(&minute), "{minute}");
    }
    // Who travels back remembers nothing of what is then still to come.
    let judged = judge.judge(&fleet, &facts, start);
    let rollouts = &judged.verdicts.values().next().unwrap().rollouts;
    assert!(rollouts.iter().all(|one| one.eta.is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_ok_once_it_was_heard_too_long_ago(minutes in 4i64..5000) {
        let (fleet, facts) = (watched(), quiet(now()));
        let judged = judge(&fleet, &facts, now() + TimeDelta::minutes(minutes));
        let verdict = judged.verdicts.values().next().unwrap();
        prop_assert!(verdict.health != Level::Ok);
        prop_assert!(verdict.environment_health.iter().all(|level| *level != Level::Ok));
        prop_assert!(verdict.assurance.iter().all(|signal| signal.state != Level::Ok));
        prop_assert!(verdict.rollouts.iter().all(|one| one.basis.stale));
        prop_assert!(!verdict.attention.is_empty());
    }

    #[test]
    fn a_silence_never_adds_attention(names in prop::collection::vec(0usize..4, 0..6), value in "[A-D.*+()|]{0,6}") {
        let (fleet, at) = (watched(), now());
        let told: Vec<Fact> = names.iter().map(|n| firing(["A", "B", "C", "D"][*n], "critical")).collect();
        let with = |silences: Vec<Fact>| {
            let facts = quiet(at).absorb(alerts(told.iter().cloned().chain(silences).collect(), at));
            asks(&judge(&fleet, &facts, at)).len()
        };
        let matcher = Matcher { name: clean("alertname"), operator: Operator::Matches, value: clean(&value) };
        let silence = Silence {
            id: clean("s"),
            matchers: vec![matcher],
            created_by: clean("ann"),
            comment: clean(""),
            starts: at,
            ends: at + TimeDelta::hours(1),
        };
        prop_assert!(with(vec![Fact::here(What::Silence(Arc::new(silence)))]) <= with(Vec::new()));
    }
}
