//! Every state and every station, and what must never happen.

mod delivered;
mod gates;

mod held;

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

use crate::domain::clock::Dated;
use crate::domain::delivery::{Artifact, Deployment, GateState, PipelineState};
use crate::domain::fact::What;
use crate::domain::fleet::RolloutMode;
use crate::domain::planned::Stream;
use crate::domain::product::{Lifecycle, Marks, Step};
use crate::domain::scheme::Scheme;
use crate::domain::workload::WorkloadState;
use crate::rules::alert::merge::merged;
use crate::rules::alert::tests::entry;
use crate::rules::assurance::tests::component;
use crate::rules::calendar::EntryKind;
use crate::rules::fixture::{Spoken, acme, ago, clean, fires, now, said, source, told, workload};
use crate::rules::originals::Originals;
use crate::rules::releases::Announcement;
use crate::rules::windows::window;

const V: &str = "2026.41.0";

/// A rollout of `acme/production` from 2026.40.1 to 2026.41.0, in a window that opened an hour ago.
struct Scene {
    installation: Installation,
    product: Product,
    component: Component,
    staging: Option<Component>,
    spoken: Vec<Spoken>,
    calendar: Vec<Entry>,
    originals: Vec<Artifact>,
    open: bool,
    log: ProgressLog,
}

fn version(text: &str) -> Version {
    Version::read(Scheme::Calver, text)
}

impl Scene {
    fn new() -> Self {
        let product = Product {
            id: "meshstack".into(),
            title: clean("meshStack"),
            group: clean(""),
            scheme: Scheme::Calver,
            lifecycle: Lifecycle::Rolling,
            upgrade_window: None,
            supported: None,
            step: Step::Any,
            stream: Stream::Infrastructure,
            chart: None,
            marks: Marks::default(),
            artifacts: vec![clean("meshstack/panel"), clean("meshstack/api")],
            cycles: None,
            listed: Vec::new(),
            has_list: false,
            blocked: Vec::new(),
            sources: Vec::new(),
        };
        let basis = Basis { observed_at: Some(ago(2)), stale: false, source: None };
        let own = |running| Component { basis: basis.clone(), ..component("meshstack", running, V) };
        Self {
            installation: acme(),
            product,
            component: own("2026.40.1"),
            staging: Some(own(V)),
            spoken: Vec::new(),
            calendar: Vec::new(),
            originals: Vec::new(),
            open: true,
            log: ProgressLog::default(),
        }
    }

    /// With something said.
    fn with(mut self, spoken: impl IntoIterator<Item = Spoken>) -> Self {
        self.spoken.extend(spoken);
        self
    }

    /// With another running version.
    fn running(mut self, text: &str) -> Self {
        self.component.running = Some(version(text));
        self
    }

    fn all(&self) -> Vec<Rollout> {
        let releases = [
            ("2026.38.0", "2026-10-01"),
            ("2026.40.0", "2026-10-20"),
            ("2026.40.1", "2026-11-03"),
            ("2026.41.0", "2026-11-10"),
            ("2026.38.2", "2026-11-12"),
        ]
        .map(|(version, day)| Announcement {
            version,
            published: Some(Dated::On(day.parse().unwrap())),
            prerelease: false,
            chart: None,
        });
        let (releases, _) = Releases::of(&self.product, releases, now(), Tz::Europe__Berlin);
        let start = if self.open { "01:17" } else { "17:00" }; // Saturday in Berlin, an hour before now
        let days = if self.open { "FREQ=WEEKLY;BYDAY=SA" } else { "FREQ=WEEKLY;BYDAY=TH" };
        let thursday = window("thursday", days, None, &format!("{start}:00"), 4, Tz::Europe__Berlin);
        let windows = Windows::from_list([&thursday], ago(24 * 60), ago(-90 * 24 * 60));
        let told = told(&self.spoken);
        rollouts(&Case {
            installation: &self.installation,
            environment: &self.installation.environments[0],
            product: &self.product,
            zone: Tz::Europe__Berlin,
            at: now(),
            told: &told,
            component: &self.component,
            staging: self.staging.as_ref(),
            releases: &releases,
            originals: &Originals::of(&self.product, &self.originals),
            cycles: None,
            windows: &windows,
            calendar: &self.calendar,
            alerts: &merged(&self.installation, &told),
            seen: &self.log,
        })
    }

    fn one(&self) -> Rollout {
        let all = self.all();
        all.iter().find(|one| one.to.text() == V).unwrap_or_else(|| panic!("{all:?}")).clone()
    }

    /// The stations as one sign each, the state and why.
    fn line(&self) -> (String, RolloutState, String) {
        let one = self.one();
        let sign = |station: &Station| match station.state {
            StationState::Done => '●',
            StationState::Active => '◐',
            StationState::Waiting => '◌',
            StationState::Failed => '✖',
            StationState::Ahead => '○',
            StationState::Skipped => '╌',
        };
        (one.stations.iter().map(sign).collect(), one.state, one.why)
    }
}

fn gate(name: &str, state: GateState) -> Spoken {
    said(
        "gate",
        What::Gate(Box::new(Gate {
            kind: clean("gate"),
            name: clean(name),
            place: None,
            version: Some(clean(V)),
            state,
            since: Some(ago(5 * 24 * 60)),
            who: None,
            waits_for: Vec::new(),
            url: None,
        })),
    )
}

fn artifact(name: &str) -> Spoken {
    let (name, tag, digest) = (clean(name), clean(V), Some(clean("sha256:aa")));
    said("oci", What::Artifact(Box::new(Artifact { name, tag, digest, present: true })))
}

fn delivered() -> [Spoken; 2] {
    ["mirror/meshstack/panel", "meshstack/api"].map(artifact)
}

fn load(name: &str, version: &str, numbers: (u32, u32, u32), progressed: i64) -> Spoken {
    let mut load = workload(name, version, numbers);
    load.progressed = Some(ago(progressed));
    said("kubernetes", What::Workload(Box::new(load)))
}

fn deployment(state: PipelineState, started: i64) -> Spoken {
    said(
        "gitlab",
        What::Deployment(Box::new(Deployment {
            product: None,
            version: Some(clean("v2026.41.0")),
            state,
            at: Some(ago(started)),
            finished: None,
            by: None,
            url: None,
        })),
    )
}

#[test]
fn a_version_waits_at_its_stations_one_after_the_other() {
    use RolloutState::{Held, Pending, WaitingApproval, WaitingWindow};
    let mut stood = Scene::new();
    stood.installation.environments[0].sources = vec![source("oci")];
    assert_eq!(stood.line(), ("●◌●○●○○".into(), Pending, "delivered: nothing heard from the customer's store".into()));
    let half = Scene::new().with([artifact("meshstack/api")]);
    assert_eq!(half.line(), ("●◐●○●○○".into(), Pending, "delivered: 1 of 2 artifacts".into()));
    let mut forged = Scene::new().with([artifact("meshstack/api")]);
    let (name, tag, digest) = (clean("meshstack/api"), clean(V), Some(clean("sha256:bb")));
    forged.originals = vec![Artifact { name, tag, digest, present: true }];
    let why = "delivered: meshstack/api has another content than the vendor's";
    assert_eq!(forged.line(), ("●✖●○●○○".into(), Pending, why.into()));

    let there = || Scene::new().with(delivered());
    let mut behind = there();
    behind.staging.as_mut().unwrap().running = Some(version("2026.40.1"));
    assert_eq!(behind.line(), ("●●◌○●○○".into(), Pending, "staging: staging runs 2026.40.1".into()));
    behind.spoken.push(said("staging/kubernetes", What::Workload(Box::new(workload("api", V, (1, 1, 3))))));
    assert_eq!(behind.line(), ("●●◐○●○○".into(), Pending, "staging: staging rolls it".into()));
    behind.staging.as_mut().unwrap().running = None;
    assert_eq!(behind.line().2, "staging: nobody tells what staging runs");
    let mut old = there();
    old.staging.as_mut().unwrap().basis.stale = true;
    assert_eq!(old.line().2, "staging: what staging runs was heard too long ago");

    assert_eq!(there().line(), ("●●●○●○○".into(), WaitingApproval, "approved: no gate was seen yet".into()));
    let waits = there().with([gate("approve", GateState::Waiting)]);
    assert_eq!(
        waits.line(),
        ("●●●◌●○○".into(), WaitingApproval, "approved: with the customer for 5 d at gate approve".into())
    );
    let two = there().with([gate("approve", GateState::Waiting), gate("build", GateState::Passed)]);
    assert_eq!(two.line().1, WaitingApproval);
    let refused = there().with([gate("approve", GateState::Rejected)]);
    assert_eq!(refused.line(), ("●●●✖●○○".into(), Held, "approved: refused".into()));

    let approved = || there().with([gate("approve", GateState::Passed)]);
    let closed = Scene { open: false, ..approved() };
    assert_eq!(closed.line(), ("●●●●◌○○".into(), WaitingWindow, "window: thursday opens in 5 d".into()));
    let mut frozen = approved();
    frozen.calendar = vec![entry(EntryKind::Freeze, "year's end", ago(60), ago(-120))];
    assert_eq!(frozen.line(), ("●●●●◌○○".into(), WaitingWindow, "window: freeze year's end for 2 h more".into()));
    assert_eq!(approved().line(), ("●●●●●○○".into(), Pending, "free to roll, nothing moves yet".into()));
    let worked = Scene { calendar: vec![entry(EntryKind::Maintenance, "Q4", ago(9), ago(-9))], ..closed };
    assert_eq!(worked.line().0, "●●●●●○○");
}

#[test]
fn stations_the_plan_does_not_have_are_skipped_not_passed() {
    let mut plain = Scene::new();
    plain.installation.environments.truncate(1);
    plain.installation.environments[0].rollout = RolloutMode::Automatic;
    plain.staging = None;
    assert_eq!(plain.line(), ("●╌╌╌╌○○".into(), RolloutState::Pending, "free to roll, nothing moves yet".into()));
    plain.installation.environments[0].rollout = RolloutMode::Window;
    assert_eq!(plain.line().0, "●╌╌╌●○○");
    plain.open = false;
    assert_eq!(plain.line().1, RolloutState::WaitingWindow);
}

#[test]
fn a_rollout_that_moves_is_running_stuck_held_failed_or_through() {
    use RolloutState::{Failed, Held, Running, Stuck, Succeeded};
    let moving =
        |numbers, minutes| Scene::new().with([load("panel", V, (2, 2, 2), 20), load("api", V, numbers, minutes)]);
    for (scene, line, state, why, progress) in [
        (moving((2, 1, 4), 3), "●●●●●◐○", Running, "3 of 6 ready", 0.5),
        (moving((2, 1, 4), 10), "●●●●●◐○", Running, "3 of 6 ready", 0.5),
        (moving((2, 1, 4), 11), "●●●●●✖○", Stuck, "no progress for 11 min, 3 of 6 ready", 0.5),
        (moving((4, 4, 4), 3), "●●●●●◐◐", Running, "the product still reports 2026.40.1", 1.0),
        (moving((4, 4, 4), 3).running(V), "●●●●●●●", Succeeded, "", 1.0),
        // Part of the workloads still stand on the old version: they count as nothing yet.
        (
            Scene::new().with([load("panel", V, (2, 2, 2), 2), load("api", "2026.40.1", (4, 4, 4), 9000)]),
            "●●●●●◐○",
            Running,
            "2 of 6 ready",
            1.0 / 3.0,
        ),
        (
            moving((2, 1, 4), 3).with([deployment(PipelineState::Failed, 9)]),
            "●●●●●✖○",
            Failed,
            "its deployment ended badly 9 min ago",
            0.5,
        ),
        (
            moving((2, 1, 4), 3).with([deployment(PipelineState::Failed, 9), deployment(PipelineState::Running, 4)]),
            "●●●●●◐○",
            Running,
            "3 of 6 ready",
            0.5,
        ),
        // A replica that went away days after is no rollout.
        (moving((4, 3, 4), 3 * 24 * 60).running(V), "●●●●●●●", Succeeded, "", 5.0 / 6.0),
        (moving((4, 3, 4), 18).running(V), "●●●●●✖○", Stuck, "no progress for 18 min, 5 of 6 ready", 5.0 / 6.0),
    ] {
        let scene = scene.with(delivered()).with([gate("approve", GateState::Passed)]);
        assert_eq!(scene.line(), (line.to_owned(), state, why.to_owned()));
        assert_eq!(scene.one().progress, Some(progress));
    }
    let mut paused = workload("api", V, (1, 1, 4));
    paused.state = WorkloadState::Paused;
    let paused = Scene::new().with([said("kubernetes", What::Workload(Box::new(paused)))]);
    assert_eq!((paused.line().1, paused.line().2), (Held, "a workload is paused".to_owned()));
    let mut past = workload("api", V, (1, 1, 4));
    past.state = WorkloadState::Failed; // its own condition says so, whatever the clock says
    assert_eq!(Scene::new().with([said("kubernetes", What::Workload(Box::new(past)))]).line().1, Stuck);
}

#[test]
fn a_workload_that_is_whole_on_the_old_version_is_told_apart() {
    let one = Scene::new().with([load("api", "2026.40.1", (4, 4, 4), 9000), load("panel", V, (2, 2, 2), 2)]).one();
    let asked: Vec<(&str, bool)> = one.workloads.iter().map(|moved| (moved.load.name.as_str(), moved.asked)).collect();
    assert_eq!(asked, [("api", false), ("panel", true)]);
}

#[test]
fn a_rollout_did_not_begin_before_its_gate_opened() {
    let opened = |minutes: i64| {
        let Spoken { what: What::Gate(gate), .. } = gate("approve", GateState::Passed) else { unreachable!() };
        said("gate", What::Gate(Box::new(Gate { since: Some(ago(minutes)), ..*gate })))
    };
    for (progressed, approved, began) in [(4 * 24 * 60, 28, 28), (20, 28, 20)] {
        let moves = load("api", V, (2, 1, 3), progressed);
        let one = Scene::new().with(delivered()).with([opened(approved), moves]).one();
        assert_eq!(one.started_at, Some(ago(began)), "{progressed} {approved}");
    }
}

#[test]
fn a_new_critical_alert_keeps_a_rollout_from_being_verified() {
    for (since, severity, verified) in
        [(19, "critical", false), (21, "critical", true), (19, "warning", true), (-1, "critical", false)]
    {
        let mut alert =
            crate::rules::fixture::alert("Down", &[("severity", severity)], crate::domain::alert::AlertState::Firing);
        alert.since = Some(ago(since));
        let alert = said("alertmanager", What::Alert(Arc::new(alert)));
        let scene = Scene::new().running(V).with([
            load("api", V, (4, 4, 4), 5),
            deployment(PipelineState::Succeeded, 20),
            alert,
        ]);
        let (line, state, why) = scene.line();
        assert_eq!(line.ends_with('●'), verified, "{since} {severity}: {line} {why}");
        assert_eq!(state == RolloutState::Succeeded, verified);
        assert!(verified || why == "Down fires since the start");
    }
    // What begins to fire long after it was through is another story.
    let mut late = Scene::new().running(V).with([load("api", V, (4, 4, 4), 300)]);
    late.spoken.push(fires("alertmanager", "Down", &[("severity", "critical")]));
    assert_eq!(late.line().1, RolloutState::Succeeded);
}

#[test]
fn a_rollout_outside_its_window_or_inside_a_freeze_is_marked_while_it_moves() {
    let moving = |open, calendar| {
        let scene = Scene { open, calendar, ..Scene::new().with([load("api", V, (1, 1, 4), 2)]) };
        (scene.one().outside_window, scene.one().in_freeze)
    };
    let freeze = || vec![entry(EntryKind::Freeze, "freeze", ago(9), ago(-9))];
    let work = || vec![entry(EntryKind::Maintenance, "Q4", ago(9), ago(-9))];
    for (open, calendar, marks) in [
        (true, vec![], (false, false)),
        (false, vec![], (true, false)),
        (false, work(), (false, false)),
        (true, freeze(), (false, true)),
        (false, freeze(), (true, true)),
    ] {
        assert_eq!(moving(open, calendar.clone()), marks, "{open} {calendar:?}");
    }
    let through = Scene { open: false, ..Scene::new().running(V).with([load("api", V, (4, 4, 4), 9000)]) };
    assert!(!through.one().outside_window);
}

#[test]
fn soak_is_a_hint_unless_the_plan_demands_it() {
    let soaked = |load: Workload| {
        Scene::new()
            .with(delivered())
            .with([gate("approve", GateState::Passed), said("staging/kubernetes", What::Workload(Box::new(load)))])
    };
    let mut done = workload("api", V, (2, 2, 2));
    done.progressed = Some(ago(12 * 60));
    let mut scene = soaked(done);
    assert_eq!((scene.one().soak_seconds, scene.line().0.as_str()), (Some(12 * 3600), "●●●●●○○"));
    scene.installation.terms.soak = Some(std::time::Duration::from_secs(48 * 3600));
    let why = "staging: soaks: 12 h of 2 d";
    assert_eq!(scene.line(), ("●●◐●●○○".into(), RolloutState::Pending, why.into()));
    assert_eq!(soaked(workload("api", V, (2, 1, 2))).one().soak_seconds, Some(0)); // not healthily
    let ill = fires("staging/alertmanager", "Down", &[("severity", "critical")]);
    let mut scene = scene.with([ill]);
    assert_eq!(scene.one().soak_seconds, Some(0));
    scene.staging.as_mut().unwrap().running = Some(version("2026.40.1"));
    assert_eq!(scene.one().soak_seconds, None);
}

#[test]
fn an_eta_needs_two_observations_and_moves_away_while_nothing_happens() {
    let seen = |points: &[(i64, f64)]| points.iter().map(|(minutes, at)| (ago(*minutes), *at)).collect::<Vec<_>>();
    for (points, expected) in [
        (vec![], None),
        (vec![(10, 0.5)], None),
        (vec![(10, 0.0), (0, 0.5)], Some(10)),
        (vec![(20, 0.0), (10, 0.5)], Some(20)), // nothing for ten minutes
        (vec![(10, 0.5), (0, 0.5)], None),
        (vec![(10, 0.5), (0, 0.25)], None),                 // backwards
        (vec![(30, 0.5), (20, 0.25), (0, 0.75)], Some(10)), // from where it fell to
        (vec![(10, 0.5), (0, 1.0)], Some(0)),
        (vec![(10, 0.0), (0, 1e-9)], None), // longer than a week
    ] {
        let minutes = eta(&seen(&points), now()).map(|eta| (eta - now()).num_minutes());
        assert_eq!(minutes, expected, "{points:?}");
    }
}

#[test]
fn progress_is_kept_from_one_judging_to_the_next_and_forgotten_at_the_end() {
    let step = |log: ProgressLog, ready, minutes: i64| {
        let mut scene = Scene::new().with([load("api", V, (4, ready, 4), 2)]);
        scene.spoken[0].at = ago(minutes);
        scene.component.basis.observed_at = None;
        scene.log = log;
        let all = scene.all();
        (scene.log.after(&all, now()), all[0].eta)
    };
    let (log, eta) = step(ProgressLog::default(), 1, 20);
    assert_eq!(eta, None);
    let (log, _) = step(log, 1, 15); // no change is no observation
    let (log, _) = step(log, 2, 10);
    let (log, eta) = step(log, 2, 10);
    assert_eq!(eta, Some(now() + TimeDelta::minutes(40))); // a quarter in twenty minutes
    let place = ("production".into(), "meshstack".into());
    assert_eq!(log.of(&place.0, &place.1, &version(V)).len(), 2);
    let done = Scene::new().running(V).with([load("api", V, (4, 4, 4), 2)]);
    assert_eq!(log.after(&done.all(), now()), ProgressLog::default());
}

#[test]
fn what_is_stale_is_not_measured_against_a_clock_that_ran_on() {
    let old = load("api", V, (2, 1, 4), 65).stale(); // told an hour ago, five minutes after its last progress
    let scene = Scene::new().with([old]);
    assert_eq!(scene.line().1, RolloutState::Running);
    assert!(scene.one().basis.stale);
    let mut through = Scene::new().running(V).with([load("api", V, (4, 4, 4), 600)]);
    through.component.basis.stale = true;
    let one = through.one();
    assert!(one.basis.stale);
    assert_ne!(one.stations[6].state, StationState::Done);
}

#[test]
fn nothing_rolls_backwards() {
    let ahead = Scene::new().running("2026.42.0");
    assert!(ahead.all().iter().all(|one| one.to.text() == "2026.42.0"));
    let mut old = Scene::new().running(V);
    old.spoken = vec![load("api", "2026.40.1", (1, 1, 4), 2), load("panel", V, (2, 2, 2), 20)];
    assert_eq!(old.all().len(), 1);
}

proptest! {
    #[test]
    fn shuffled_facts_give_the_same_trains_and_stale_ones_never_a_verified_one(
        ready in 0u32..5, which in 0usize..3, gates in 0usize..3, stale in any::<bool>(), seed in any::<u64>(),
    ) {
        let states = [GateState::Waiting, GateState::Passed, GateState::Rejected];
        let mut scene = Scene::new()
            .running([V, "2026.40.1", "2026.38.1"][which])
            .with(delivered())
            .with([gate("approve", states[gates]), load("api", V, (4, ready, 4), 5), load("panel", V, (2, 2, 2), 5)]);
        if stale {
            scene.spoken = scene.spoken.into_iter().map(Spoken::stale).collect();
        }
        let straight = scene.all();
        prop_assert_eq!(&straight, &scene.all());
        for one in &straight {
            prop_assert_eq!(one.stations.len(), 7);
            prop_assert!(one.progress.is_none_or(|part| (0.0..=1.0).contains(&part)));
            prop_assert!(!(stale && one.stations[6].state == StationState::Done));
        }
        fastrand::Rng::with_seed(seed).shuffle(&mut scene.spoken);
        prop_assert_eq!(straight, scene.all());
    }
}
