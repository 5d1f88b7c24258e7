//! From what sources say to an answer, through the whole judge.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use super::*;
use crate::domain::alert::AlertState;
use crate::domain::delivery::{Approver, ApproverEvidence, Artifact, Gate, GateState};
use crate::domain::fact::{Evidence, Fact, Health};
use crate::domain::facts::Facts;
use crate::domain::fleet::{Fleet, SourceCard};
use crate::domain::page::StatusPage;
use crate::domain::planned::Incident;
use crate::rules::example::{feed, fleet, on, poll, seen};
use crate::rules::fixture::{alert, card, clean};
use crate::rules::judge::judge;

/// Thursday, in the window.
fn thursday() -> Moment {
    on("2026-11-26T17:00:00Z")
}

/// What each source of acme says; everything is well and free to roll to 2026.41.0.
fn well() -> Vec<(&'static str, Vec<What>)> {
    let feels =
        |what: &str| What::Health(Health { product: None, what: clean(what), level: Level::Ok, detail: clean("") });
    let watchdog = || What::Alert(Arc::new(alert("Watchdog", &[], AlertState::Firing)));
    vec![
        ("acme/production/http", vec![seen("meshstack", "2026.40.1", Evidence::Answered), feels("panel")]),
        ("acme/production/alertmanager", vec![watchdog()]),
        ("acme/production/gitlab", vec![What::Gate(Box::new(gate(GateState::Passed)))]),
        ("acme/production/oci", vec![What::Artifact(Box::new(artifact(true)))]),
        ("acme/staging/http", vec![seen("meshstack", "2026.41.0", Evidence::Answered), feels("panel")]),
        ("acme/staging/alertmanager", vec![watchdog()]),
        ("@fleet/-/statuspage", vec![]),
    ]
}

fn gate(state: GateState) -> Gate {
    Gate {
        kind: clean("gitlab-job"),
        name: clean("approve-production"),
        place: None,
        version: Some(clean("2026.41.0")),
        state,
        since: Some(on("2026-11-24")),
        who: Some(Approver { name: clean("Ada"), evidence: ApproverEvidence::BuildCreator }),
        waits_for: Vec::new(),
        url: None,
    }
}

fn artifact(present: bool) -> Artifact {
    let digest = present.then(|| clean("sha256:00"));
    Artifact { name: clean("meshstack/panel"), tag: clean("2026.41.0"), digest, present }
}

fn incident(resolved: bool) -> What {
    What::Incident(Box::new(Incident {
        id: clean("1"),
        name: clean("Registry is down"),
        said: clean("investigating"),
        resolved,
        level: Level::Critical,
        impact: clean("major"),
        started: Some(on("2026-11-26")),
        ended: None,
        updated: None,
        components: Vec::new(),
        url: None,
    }))
}

/// The answer for acme's production when these things are heard, each source at its minute before now.
fn answer(says: &[(&str, Vec<What>)], age_of_gate: i64) -> Readiness {
    let mut fleet: Fleet = fleet(1);
    let mut acme = (**fleet.installations.values().next().unwrap()).clone();
    let mut facts = Facts::new().absorb(feed(thursday()));
    for (from, what) in says {
        let minutes = if from.ends_with("gitlab") { age_of_gate } else { 1 };
        let heard = what.iter().cloned().map(Fact::here).collect();
        let poll = poll(from, thursday() - chrono::TimeDelta::minutes(minutes), heard);
        let source = poll.from.clone();
        fleet.sources.insert(source.clone(), Arc::new(SourceCard { id: source.clone(), ..card("http") }));
        for environment in &mut acme.environments {
            if from.contains(&format!("/{}/", environment.name)) {
                environment.sources.push(source.clone());
            }
        }
        if from.ends_with("statuspage") {
            fleet.pages.push(StatusPage { name: clean("Cloud"), source, own: false, affects: None, parts: Vec::new() });
        }
        // A source that says nothing never answered.
        if !what.is_empty() || from.ends_with("statuspage") {
            facts = facts.absorb(poll);
        }
    }
    fleet.installations.insert("acme".into(), Arc::new(acme));
    let judged = judge(&fleet, &facts, thursday());
    judged.verdicts["acme"].readiness.iter().find(|one| one.environment.as_str() == "production").unwrap().clone()
}

/// Everything well, but for what this source says.
fn but(source: &str, what: Vec<What>) -> Readiness {
    let mut says = well();
    says.iter_mut().find(|(from, _)| *from == source).unwrap().1 = what;
    answer(&says, 1)
}

fn rules(answer: &Readiness) -> String {
    answer.blockers.iter().map(|blocker| blocker.rule.word()).collect::<Vec<_>>().join(" ")
}

#[test]
fn when_everything_is_well_and_told_it_may() {
    let answer = answer(&well(), 1);
    assert_eq!(answer.blockers, [], "{:?}", answer.hints);
    assert!(answer.may);
    assert_eq!(answer.earliest, Some(thursday()));
    assert_eq!(answer.to.unwrap().text(), "2026.41.0");
}

#[test]
fn each_voice_can_say_no() {
    let down = || What::Alert(Arc::new(alert("Down", &[("severity", "critical")], AlertState::Firing)));
    let silenced = || What::Alert(Arc::new(alert("Down", &[("severity", "critical")], AlertState::Silenced)));
    let watchdog = || What::Alert(Arc::new(alert("Watchdog", &[], AlertState::Firing)));
    for (source, what, expected) in [
        ("acme/production/gitlab", vec![What::Gate(Box::new(gate(GateState::Waiting)))], "gate"),
        ("acme/production/gitlab", vec![What::Gate(Box::new(gate(GateState::Rejected)))], "gate"),
        ("acme/production/gitlab", vec![], "stale-facts"), // no gate was seen
        ("acme/production/oci", vec![What::Artifact(Box::new(artifact(false)))], "not-delivered"),
        ("acme/production/oci", vec![], "stale-facts"), // the store never answered
        ("acme/production/alertmanager", vec![watchdog(), down()], "critical-alert"),
        ("acme/production/alertmanager", vec![watchdog(), silenced()], ""),
        ("@fleet/-/statuspage", vec![incident(false)], "upstream-incident"),
        ("@fleet/-/statuspage", vec![incident(true)], ""),
    ] {
        let answer = but(source, what.clone());
        assert_eq!(rules(&answer), expected, "{source} {what:?}: {:?}", answer.blockers);
        assert_eq!(answer.may, expected.is_empty());
    }
    let behind = but("acme/staging/http", vec![seen("meshstack", "2026.40.1", Evidence::Answered)]);
    assert!(rules(&behind).contains("staging"), "{behind:?}");
}

#[test]
fn a_no_says_who_can_lift_it_and_who_said_so() {
    let waits = but("acme/production/gitlab", vec![What::Gate(Box::new(gate(GateState::Waiting)))]);
    let [blocker] = waits.blockers.as_slice() else { panic!("{waits:?}") };
    assert_eq!(blocker.who, Who::Customer);
    assert_eq!(blocker.source.as_deref(), Some("acme/production/gitlab"));
    assert!(blocker.detail.starts_with("approve-production: with the customer for 2 d"), "{}", blocker.detail);
    let upstream = but("@fleet/-/statuspage", vec![incident(false)]);
    assert_eq!((upstream.blockers[0].who, upstream.earliest), (Who::Upstream, None));
}

#[test]
fn what_is_old_or_unheard_is_no_yes() {
    let old = answer(&well(), 60);
    assert_eq!(rules(&old), "stale-facts", "{:?}", old.blockers);
    let silent: Vec<_> = well().into_iter().map(|(from, _)| (from, Vec::new())).collect();
    let answer = answer(&silent, 1);
    assert!(!answer.may && answer.earliest.is_none());
    assert!(answer.blockers.iter().all(|one| one.rule.word() == "stale-facts"), "{:?}", answer.blockers);
}
