//! Rollouts, versions that end, notices.

use super::*;
use crate::rules::rollout::Moved;

#[test]
fn versions_that_end_are_said_by_how_long_one_has() {
    let window = |start: &str| Some(Span { name: "q1".to_owned(), start: at(start), end: at(start) });
    let mut kubernetes = life("kubernetes", "1.31.4", LifeState::Supported, None);
    kubernetes.life.lifecycle = "dated";
    kubernetes.life.line = Some("1.31".to_owned());
    kubernetes.life.eol_at = Some(day("2027-01-21"));
    kubernetes.life.exposed = Some(true);
    let without = kubernetes.clone();
    kubernetes.life.next_window = window("2027-02-02T19:00:00Z");
    let (mut near, mut open) = (kubernetes.clone(), kubernetes.clone());
    near.life.next_window = window("2026-11-23T01:17:00Z");
    open.life.next_window = Some(Span { name: "monday".to_owned(), start: ago(60), end: ago(-42) });
    let mut suggested = kubernetes.clone();
    suggested.life.suggest = Some("1.33".to_owned());
    let outside = Component {
        life: crate::rules::lifecycle::Life {
            reason: Some("1.19 is below >=1.21".to_owned()),
            ..life("traefik", "1.19", LifeState::Expired, None).life
        },
        ..life("traefik", "1.19", LifeState::Expired, None)
    };
    for (one, says) in [
        (kubernetes, "warning: kubernetes 1.31 dies 12 d before you may touch it (next window 2 Feb) us lifecycle"),
        (
            suggested,
            "warning: kubernetes 1.31 dies 12 d before you may touch it \
             (next window 2 Feb · 1.33 would outlive it) us lifecycle",
        ),
        (near, "warning: kubernetes 1.31 dies before its window is over (next window in 2 d) us lifecycle"),
        (open, "warning: kubernetes 1.31 dies before its window is over (window open, 42 min left) us lifecycle"),
        (without, "warning: kubernetes 1.31 dies in 61 d, and no window is planned (no window planned) us lifecycle"),
        (
            life("meshstack", "2026.38.1", LifeState::Expired, Some("2026-11-07")),
            "warning: meshstack 2026.38.1 expired 14 d ago (no window planned) us lifecycle",
        ),
        (
            life("meshstack", "2026.38.1", LifeState::Expired, Some("2026-11-14")),
            "critical: meshstack 2026.38.1 expired 7 d ago (no window planned) us lifecycle",
        ),
        (outside, "warning: traefik 1.19 is not supported here (1.19 is below >=1.21) us lifecycle"),
        (
            life("meshstack", "2026.40.0", LifeState::Due, Some("2026-12-03")),
            "info: meshstack 2026.40.0 must be upgraded within 12 d (no window planned) us lifecycle",
        ),
        (
            life("meshstack", "2026.40.0", LifeState::Due, Some("2026-11-28")),
            "warning: meshstack 2026.40.0 must be upgraded within 7 d (no window planned) us lifecycle",
        ),
        (
            life("meshstack", "2026.40.0", LifeState::Due, Some("2026-11-21")),
            "warning: meshstack 2026.40.0 must be upgraded today (no window planned) us lifecycle",
        ),
        (
            life("meshstack", "2026.38.1", LifeState::Extended, Some("2026-11-22")),
            "warning: extended support of meshstack 2026.38.1 ends in 1 d (no window planned) us lifecycle",
        ),
    ] {
        assert_eq!(Scene { components: vec![one], ..Scene::default() }.said(), [says]);
    }
    let expired = life("meshstack", "2026.38.1", LifeState::Expired, Some("2026-11-07"));
    let due = life("kubernetes", "1.31.4", LifeState::Due, Some("2026-11-21"));
    let items = Scene { components: vec![expired, due], ..Scene::default() }.items(&Sources::new([]));
    assert_eq!(items.iter().map(|item| item.deadline).collect::<Vec<_>>(), [Some(at("2026-11-21T23:00:00Z")), None]);
    for quiet in [
        life("meshstack", "2026.41.0", LifeState::Supported, None),
        life("meshstack", "2026.41.0", LifeState::Unknown, None),
        life("meshstack", "2026.38.1", LifeState::Extended, Some("2027-03-31")),
    ] {
        assert!(Scene { components: vec![quiet], ..Scene::default() }.said().is_empty());
    }
}

#[test]
fn two_sources_two_versions_is_said_unless_it_rolls() {
    let mut torn = component("meshstack", "2026.41.0", "2026.41.0");
    torn.disagreement = vec![Version::read(Scheme::Calver, "2026.40.1")];
    let mut scene = Scene { components: vec![torn], ..Scene::default() };
    assert_eq!(scene.said(), ["warning: meshstack: sources tell different versions (2026.41.0 or 2026.40.1) us drift"]);
    scene.rollouts = vec![rollout(RolloutState::Running)];
    assert!(scene.said().is_empty());
}

fn rollout(state: RolloutState) -> Rollout {
    Rollout {
        environment: "production".into(),
        product: "meshstack".into(),
        from: None,
        to: Version::read(Scheme::Calver, "2026.41.0"),
        state,
        progress: None,
        stations: StationName::ALL
            .map(|name| Station { name, state: StationState::Ahead, at: None, detail: String::new() })
            .to_vec(),
        workloads: Vec::new(),
        gate: None,
        pipeline: None,
        started_at: None,
        finished_at: None,
        eta: None,
        outside_window: false,
        in_freeze: false,
        end_of_life: false,
        soak_seconds: None,
        why: "job deploy failed".to_owned(),
        basis: Basis::default(),
    }
}

#[test]
fn a_stuck_rollout_says_for_how_long_where_and_until_when() {
    let mut stuck = rollout(RolloutState::Stuck);
    let mut load = workload("meshfed-api", "2026.41.0", (2, 2, 3));
    (load.progressed, load.state) = (Some(ago(18)), WorkloadState::Waiting);
    let mut old = workload("meshold", "2026.40.1", (2, 1, 2));
    (old.progressed, old.state) = (Some(ago(2)), WorkloadState::Waiting);
    stuck.workloads = vec![
        Moved { load: old, asked: false },
        Moved { load: workload("meshpanel", "2026.41.0", (2, 2, 2)), asked: true },
        Moved { load, asked: true },
    ];
    let open = Span { name: "thursday".to_owned(), start: ago(60), end: ago(-42) };
    let scene = Scene { rollouts: vec![stuck], next_windows: vec![Some(open)], ..Scene::default() };
    assert_eq!(
        scene.said(),
        [
            "critical: 2026.41.0 stuck for 18 min · deploy/meshfed-api 2 of 3 ready (window closes in 42 min) us rollouts"
        ]
    );
    assert_eq!(scene.items(&Sources::new([]))[0].deadline, Some(ago(-42)));
}

#[test]
fn failed_and_astray_rollouts_are_said_and_nothing_offers_a_way_back() {
    let failed = Scene { rollouts: vec![rollout(RolloutState::Failed)], ..Scene::default() };
    let says = "critical: 2026.41.0 failed (job deploy failed; the remedy is the next patch or a retry) us rollouts";
    assert_eq!(failed.said(), [says]);
    for (outside_window, in_freeze, what) in [
        (true, false, "rolls outside its window"),
        (true, true, "rolls inside a freeze"),
        (false, true, "rolls inside a freeze"),
    ] {
        let rollout = Rollout { outside_window, in_freeze, ..rollout(RolloutState::Running) };
        let scene = Scene { rollouts: vec![rollout], ..Scene::default() };
        assert_eq!(scene.said(), [format!("warning: 2026.41.0 {what} (job deploy failed) us rollouts")]);
    }
    assert!(Scene { rollouts: vec![rollout(RolloutState::Running)], ..Scene::default() }.said().is_empty());
}

fn waiting(gate: &str, since_days: i64) -> Rollout {
    let mut waiting = rollout(RolloutState::WaitingApproval);
    waiting.stations[3].state = StationState::Waiting;
    waiting.gate = Some(Gate {
        kind: clean("gate"),
        name: clean(gate),
        place: None,
        version: None,
        state: GateState::Waiting,
        since: Some(ago(since_days * 24 * 60)),
        who: None,
        waits_for: Vec::new(),
        url: None,
    });
    waiting
}

#[test]
fn a_gate_says_with_whom_it_is_and_for_how_long() {
    for (gate, days, says) in [
        (
            "approve-production",
            5,
            "warning: approval for 2026.41.0 is with the customer for 5 d (gate approve-production) customer rollouts",
        ),
        (
            "approve-production",
            0,
            "info: approval for 2026.41.0 is with the customer for < 1 s (gate approve-production) customer rollouts",
        ),
        (
            "internal-review",
            0,
            "warning: approval for 2026.41.0 is with us for < 1 s (gate internal-review) us rollouts",
        ),
    ] {
        assert_eq!(Scene { rollouts: vec![waiting(gate, days)], ..Scene::default() }.said(), [says]);
    }
    let passed = Rollout { state: RolloutState::Superseded, ..waiting("approve-production", 5) };
    assert!(Scene { rollouts: vec![passed], ..Scene::default() }.said().is_empty());
}

#[test]
fn a_version_that_is_due_and_waits_for_its_approval_is_one_cause() {
    let due = life("meshstack", "2026.40.0", LifeState::Due, Some("2026-12-03"));
    let scene = Scene { components: vec![due], rollouts: vec![waiting("approve-production", 5)], ..Scene::default() };
    let items = scene.items(&Sources::new([]));
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].what, "approval for 2026.41.0 is with the customer for 5 d");
    assert_eq!(items[0].why, "gate approve-production · meshstack 2026.40.0 must be upgraded within 12 d");
    assert_eq!(items[0].deadline, Some(at("2026-12-03T23:00:00Z")));
}

#[test]
fn notices_are_said_while_they_can_still_be_given_and_after() {
    let planned = |notice, announce_by: Option<&str>| {
        let mut planned =
            entry(EntryKind::Maintenance, "Q1 maintenance", at("2026-12-08T09:00:00Z"), at("2026-12-08T12:00:00Z"));
        planned.notice = Some(notice);
        planned.announce_by = announce_by.map(day);
        (planned.notice_days, planned.notice_required) = (Some(5), Some(14));
        planned
    };
    for (entry, says) in [
        (
            planned(Notice::NotAnnounced, Some("2026-11-24")),
            Some("warning: Q1 maintenance not announced (last day Tue 24 Nov) us calendar"),
        ),
        (
            planned(Notice::NotAnnounced, Some("2026-11-29")),
            Some("info: Q1 maintenance not announced (last day Sun 29 Nov) us calendar"),
        ),
        (
            planned(Notice::NotAnnounced, Some("2026-11-20")),
            Some("critical: Q1 maintenance not announced (the last day was Fri 20 Nov) us calendar"),
        ),
        (planned(Notice::NotAnnounced, Some("2026-12-06")), None),
        (
            planned(Notice::Violation, None),
            Some("warning: Q1 maintenance was announced too late (5 d given, 14 d owed) us calendar"),
        ),
        (planned(Notice::Ok, None), None),
        (planned(Notice::Exempt, None), None),
    ] {
        let said = Scene { calendar: vec![entry], ..Scene::default() }.said();
        assert_eq!(said.first().map(String::as_str), says);
    }
    let mut past = planned(Notice::Violation, None);
    (past.start, past.end) = (ago(60), Some(ago(30)));
    assert!(Scene { calendar: vec![past], ..Scene::default() }.said().is_empty());
}

#[test]
fn an_overdue_rhythm_says_the_last_day_to_announce() {
    let (due_by, announce_by) = (Some(day("2026-12-20")), Some(day("2026-12-06")));
    let cadence = Cadence { overdue: true, last: None, next: None, due_by, announce_by };
    let scene = |cadence| Scene { cadence: Some(cadence), ..Scene::default() };
    assert_eq!(
        scene(cadence.clone()).said(),
        ["warning: regular maintenance is overdue \
          (none is planned, one is due by Sun 20 Dec · last day to announce Sun 6 Dec) us calendar"]
    );
    assert!(scene(Cadence { overdue: false, ..cadence }).said().is_empty());
}
