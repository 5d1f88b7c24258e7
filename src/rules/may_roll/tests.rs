//! Every blocker by name, the earliest lawful time, and what no addition may ever do.

#![allow(clippy::unwrap_used, clippy::panic)]

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::fleet::Fleet;
use crate::domain::planned::Stream;
use crate::domain::planned::{Freeze, Maintenance, Reach};
use crate::domain::product::{Lifecycle, Marks, Step};
use crate::domain::scheme::Scheme;
use crate::domain::version::VersionRange;
use crate::rules::fixture::{acme, at, clean, now};
use crate::rules::plans::Whom;
use crate::rules::plans::tests::{at_acme, fleet, freeze, maintenance, on};

/// A place and what is known about it; the window is Thursdays 17:00 to 21:00 in Berlin, and now is a Saturday.
#[derive(Clone, Debug)]
struct Scene {
    installation: Installation,
    product: Product,
    fleet: Fleet,
    to: Option<Version>,
    report: Report,
    basis: Basis,
    at: Moment,
}

fn meshstack() -> Product {
    Product {
        id: "meshstack".into(),
        title: clean("meshStack"),
        group: clean("platform"),
        scheme: Scheme::Calver,
        lifecycle: Lifecycle::Rolling,
        upgrade_window: None,
        supported: None,
        step: Step::Any,
        stream: Stream::Infrastructure,
        chart: None,
        marks: Marks::default(),
        artifacts: Vec::new(),
        cycles: None,
        listed: Vec::new(),
        has_list: false,
        blocked: Vec::new(),
        sources: Vec::new(),
    }
}

fn version(text: &str) -> Version {
    Version::read(Scheme::Calver, text)
}

impl Scene {
    fn new() -> Self {
        Self {
            installation: acme(),
            product: meshstack(),
            fleet: fleet(Vec::new(), Vec::new()),
            to: Some(version("2026.41.0")),
            report: Report::default(),
            basis: Basis { observed_at: Some(now()), ..Basis::default() },
            at: now(),
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = Self::new();
        change(&mut scene);
        scene
    }

    fn answer(&self) -> Readiness {
        let plans = Plans::of(&self.fleet, Whom::One(&self.installation), [], [], self.at);
        let windows = Windows::of(&self.fleet, now() - TimeDelta::days(2), now() + TimeDelta::days(200));
        may_roll(&Case {
            installation: &self.installation,
            environment: &self.installation.environments[0],
            product: &self.product,
            to: self.to.as_ref(),
            at: self.at,
            zone: self.fleet.zone,
            windows: &windows,
            plans: &plans,
            report: self.report.clone(),
            basis: self.basis.clone(),
        })
    }

    /// The rules that say no, and the earliest lawful time.
    fn told(&self) -> (String, Option<Moment>) {
        let answer = self.answer();
        let rules: Vec<&str> = answer.blockers.iter().map(|blocker| blocker.rule.word()).collect();
        (rules.join(" "), answer.earliest)
    }
}

fn no(detail: &str) -> Objection {
    Objection { detail: detail.into(), until: None, who: Who::Customer, source: Some("acme/production/gate".into()) }
}

/// In the Thursday window.
const OPEN: &str = "2026-11-26T17:00:00Z";
/// When it opens.
const OPENS: Option<&str> = Some("2026-11-26T16:00:00Z");

fn emergency(start: &str, end: &str) -> Maintenance {
    Maintenance { kind: MaintenanceKind::Emergency, ..maintenance("CVE", start, end, at_acme()) }
}

fn frozen(start: &str, end: &str) -> Freeze {
    freeze("Rest", start, end, Reach::Fleet)
}

fn work(announced: &str) -> Maintenance {
    let work = maintenance("Work", "2026-12-10T10:00:00Z", "2026-12-10T12:00:00Z", at_acme());
    Maintenance { announced: (!announced.is_empty()).then(|| on(announced)).flatten(), ..work }
}

type Change = Box<dyn FnOnce(&mut Scene)>;

fn check(name: &str, change: Change, rules: &str, earliest: Option<&str>) {
    let scene = Scene::with(change);
    assert_eq!(scene.told(), (rules.to_owned(), earliest.map(at)), "{name}");
}

#[test]
fn every_rule_says_no_by_its_name_and_until_when() {
    let open = |scene: &mut Scene| scene.at = at(OPEN);
    let cases: Vec<(&str, Change, &str, Option<&str>)> = vec![
        ("a window is open", Box::new(open), "", Some(OPEN)),
        ("none is", Box::new(|_| {}), "outside-window", OPENS),
        (
            "none is needed",
            Box::new(|s| s.installation.environments[0].windows.clear()),
            "",
            Some("2026-11-21T01:17:00Z"),
        ),
        (
            "it rolls by itself",
            Box::new(|s| s.installation.environments[0].rollout = RolloutMode::Automatic),
            "",
            Some("2026-11-21T01:17:00Z"),
        ),
        (
            "a window is wanted, and there is none",
            Box::new(|s| {
                s.installation.environments[0].windows.clear();
                s.installation.environments[0].rollout = RolloutMode::Window;
            }),
            "outside-window",
            None,
        ),
        (
            "a freeze in the window",
            Box::new(move |s| {
                open(s);
                s.fleet.freezes.push(frozen("2026-11-26T00:00:00Z", "2026-11-26T18:30:00Z"));
            }),
            "freeze",
            Some("2026-11-26T18:30:00Z"),
        ),
        (
            "a freeze over the whole next window",
            Box::new(|s| s.fleet.freezes.push(frozen("2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"))),
            "outside-window",
            Some("2026-12-03T16:00:00Z"),
        ),
        (
            "a freeze holds what rolls by itself, too",
            Box::new(|s| {
                s.installation.environments[0].rollout = RolloutMode::Automatic;
                s.fleet.freezes.push(frozen("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"));
            }),
            "freeze",
            Some("2026-11-22T00:00:00Z"),
        ),
        ("the gate", Box::new(move |s| (open(s), s.report.gate = Said::No(no("waits"))).1), "gate", None),
        (
            "nobody knows the gate",
            Box::new(move |s| (open(s), s.report.gate = Said::Unknown(no("?"))).1),
            "stale-facts",
            None,
        ),
        (
            "artifacts",
            Box::new(move |s| (open(s), s.report.delivered = Said::No(no("2 of 3"))).1),
            "not-delivered",
            None,
        ),
        ("staging", Box::new(move |s| (open(s), s.report.staging = Said::No(no("runs 40.1"))).1), "staging", None),
        ("an alert", Box::new(move |s| (open(s), s.report.alerts.push(no("Down"))).1), "critical-alert", None),
        (
            "an incident",
            Box::new(move |s| (open(s), s.report.incidents.push(no("cloud"))).1),
            "upstream-incident",
            None,
        ),
        ("silence", Box::new(move |s| (open(s), s.report.stale.push(no("no word"))).1), "stale-facts", None),
        ("old facts", Box::new(move |s| (open(s), s.basis.stale = true).1), "stale-facts", None),
        ("no target", Box::new(move |s| (open(s), s.to = None).1), "stale-facts", None),
        (
            "blocked by the product",
            Box::new(move |s| (open(s), s.product.blocked.push(version("2026.41.0"))).1),
            "blocked",
            None,
        ),
        (
            "blocked by the agreement",
            Box::new(move |s| (open(s), s.installation.terms.blocked.push(version("v2026.41.0"))).1),
            "blocked",
            None,
        ),
        (
            "another is blocked",
            Box::new(move |s| (open(s), s.product.blocked.push(version("2026.40.0"))).1),
            "",
            Some(OPEN),
        ),
        (
            "too new",
            Box::new(move |s| {
                open(s);
                s.product.supported = VersionRange::parse(Scheme::Calver, "<=2026.40.9").ok();
            }),
            "unsupported-range",
            None,
        ),
        (
            "a soak that ends after the window opens",
            Box::new(|s| {
                s.installation.terms.soak = Some(Duration::from_secs(48 * 3600));
                s.report.staging = Said::Yes;
                s.report.healthy_since = Some(at("2026-11-24T18:00:00Z"));
                s.at = at(OPEN);
            }),
            "soak",
            Some("2026-11-26T18:00:00Z"),
        ),
        (
            "a soak that ends after the window closed",
            Box::new(|s| {
                s.installation.terms.soak = Some(Duration::from_secs(48 * 3600));
                s.report.staging = Said::Yes;
                s.report.healthy_since = Some(at("2026-11-25T08:00:00Z"));
                s.at = at(OPEN);
            }),
            "soak",
            Some("2026-12-03T16:00:00Z"),
        ),
        (
            "a soak is only told where no plan demands it",
            Box::new(|s| {
                s.report.staging = Said::Yes;
                s.report.healthy_since = Some(at("2026-11-26T16:59:00Z"));
                s.at = at(OPEN);
            }),
            "",
            Some(OPEN),
        ),
        (
            "an incident with an end",
            Box::new(move |s| {
                open(s);
                s.report.incidents.push(Objection { until: Some(at("2026-11-26T21:00:00Z")), ..no("cloud") });
            }),
            "upstream-incident",
            Some("2026-12-03T16:00:00Z"),
        ),
        (
            "everything at once",
            Box::new(|s| {
                s.report.gate = Said::No(no("waits"));
                s.fleet.freezes.push(frozen("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"));
            }),
            "outside-window freeze gate",
            None,
        ),
    ];
    for (name, change, rules, earliest) in cases {
        check(name, change, rules, earliest);
    }
}

#[test]
fn announced_work_opens_the_door_only_in_time() {
    let during = at("2026-12-10T11:00:00Z"); // outside the Thursday window
    let with = |announced: &str, cadence: Option<u32>, when: Moment| {
        Scene::with(|s| {
            s.fleet.maintenances.push(work(announced));
            s.installation.terms.cadence = cadence;
            s.at = when;
        })
        .told()
    };
    let next = |text: &str| Some(at(text));
    assert_eq!(with("2026-11-20", None, during), (String::new(), Some(during)));
    // Told five days ahead: the work itself is no opening, the window the same evening is.
    assert_eq!(with("2026-12-05", None, during), ("notice".into(), next("2026-12-10T16:00:00Z")));
    assert_eq!(with("", None, during), ("notice".into(), next("2026-12-10T16:00:00Z")));

    // Where the plan announces all work, a window alone is not enough, and the announced work is.
    let in_window = at(OPEN);
    assert_eq!(with("2026-11-20", Some(3), in_window), ("notice".into(), next("2026-12-10T10:00:00Z")));
    assert_eq!(with("2026-11-20", Some(3), during), (String::new(), Some(during)));
    // Announced today, 26 November, a window from 10 December on would do.
    let alone = Scene::with(|s| (s.installation.terms.cadence = Some(3), s.at = in_window).1);
    assert_eq!(alone.told(), ("notice".into(), next("2026-12-10T16:00:00Z")));
    let blocker = &alone.answer().blockers[0];
    assert_eq!((blocker.who, blocker.until), (Who::Us, Some(at("2026-12-09T23:00:00Z"))));
    assert_eq!(blocker.detail, "no work is announced, owed 14 days ahead");
    let announced = Scene::with(|s| {
        s.fleet.maintenances.push(work("2026-11-20"));
        s.installation.terms.cadence = Some(3);
        s.at = in_window;
    });
    let blocker = &announced.answer().blockers[0];
    let said = (blocker.who, blocker.detail.split(": ").last().unwrap_or_default());
    assert_eq!(said, (Who::Time, work("").title.as_str()));
}

#[test]
fn an_emergency_lifts_window_notice_and_soak_and_nothing_else() {
    let mut scene = Scene::with(|s| {
        s.fleet.maintenances.push(emergency("2026-11-21T01:00:00Z", "2026-11-21T03:00:00Z"));
        s.installation.terms.cadence = Some(3);
        s.installation.terms.soak = Some(Duration::from_secs(48 * 3600));
        s.report.staging = Said::Yes;
        s.report.healthy_since = Some(now());
    });
    let answer = scene.answer();
    assert!(answer.may, "{:?}", answer.blockers);
    assert_eq!(answer.hints[0], "emergency CVE lifts window, notice and soak");

    scene.report.gate = Said::No(no("waits"));
    scene.report.delivered = Said::No(no("missing"));
    scene.fleet.freezes.push(frozen("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"));
    scene.product.blocked.push(version("2026.41.0"));
    assert_eq!(scene.told(), ("freeze gate not-delivered blocked".into(), None));

    // One that comes tonight is the earliest time, long before the window.
    let tonight = Scene::with(|s| s.fleet.maintenances.push(emergency("2026-11-21T20:00:00Z", "2026-11-21T23:00:00Z")));
    assert_eq!(tonight.told(), ("outside-window".into(), Some(at("2026-11-21T20:00:00Z"))));
}

fn anything() -> impl Strategy<Value = Scene> {
    let moments = (0..40_i64, 0..24_i64);
    let freezes = proptest::collection::vec((0..30_i64 * 24, 1..72_i64), 0..4);
    let works = proptest::collection::vec((0..30_i64 * 24, 1..8_i64, any::<bool>(), 0..30_i64), 0..4);
    let terms = (any::<bool>(), proptest::option::of(0..100_u64), proptest::option::of(0..200_i64));
    (moments, freezes, works, terms).prop_map(|((day, hour), freezes, works, (rhythm, soak, healthy))| {
        let start = at("2026-11-16T00:00:00Z");
        let hours = |n: i64| start + TimeDelta::hours(n);
        Scene::with(|scene| {
            scene.at = start + TimeDelta::days(day) + TimeDelta::hours(hour);
            for (from, length) in freezes {
                let one = Freeze { start: hours(from), end: hours(from + length), ..frozen(OPEN, OPEN) };
                scene.fleet.freezes.push(one);
            }
            for (from, length, emergency, ahead) in works {
                let kind = if emergency { MaintenanceKind::Emergency } else { MaintenanceKind::Regular };
                let announced =
                    (ahead > 3).then(|| crate::domain::clock::Dated::At(hours(from) - TimeDelta::days(ahead)));
                let (start, end) = (hours(from), Some(hours(from + length)));
                scene.fleet.maintenances.push(Maintenance { kind, announced, start, end, ..work("") });
            }
            scene.installation.terms.cadence = rhythm.then_some(3);
            scene.installation.terms.soak = soak.map(|hours| Duration::from_secs(hours * 3600));
            if let Some(before) = healthy {
                scene.report.staging = Said::Yes;
                scene.report.healthy_since = Some(scene.at - TimeDelta::hours(before));
            }
        })
    })
}

proptest! {
    #[test]
    fn yes_means_nothing_stands_against_it_and_the_earliest_time_keeps_its_word(scene in anything()) {
        let answer = scene.answer();
        prop_assert_eq!(answer.may, answer.blockers.is_empty());
        prop_assert_eq!(answer.may, answer.earliest == Some(scene.at));
        prop_assert_eq!(&answer, &scene.answer());
        if let Some(earliest) = answer.earliest {
            prop_assert!(earliest >= scene.at);
            let then = Scene { at: earliest, ..scene.clone() }.answer();
            prop_assert!(then.blockers.iter().all(|one| one.rule == BlockerRule::Notice), "{:?}", then.blockers);
        }
        for blocker in &answer.blockers {
            prop_assert!(blocker.until.is_none_or(|until| until > scene.at), "{blocker:?}");
        }
    }

    #[test]
    fn what_is_added_never_makes_a_no_a_yes(scene in anything(), which in 0..8_u8, known: bool) {
        let before = scene.answer();
        let mut worse = scene.clone();
        let objection = || if known { Said::No(no("x")) } else { Said::Unknown(no("x")) };
        match which {
            0 => worse.report.gate = objection(),
            1 => worse.report.delivered = objection(),
            2 => worse.report.staging = objection(),
            3 => worse.report.alerts.push(no("x")),
            4 => worse.report.incidents.push(no("x")),
            5 => worse.basis.stale = true,
            6 => worse.product.blocked.push(version("2026.41.0")),
            _ => worse.fleet.freezes.push(frozen("2026-11-01T00:00:00Z", "2027-02-01T00:00:00Z")),
        }
        let after = worse.answer();
        prop_assert!(!after.may);
        prop_assert!(after.earliest.is_none_or(|after| before.earliest.is_some_and(|before| before <= after)));
    }
}
