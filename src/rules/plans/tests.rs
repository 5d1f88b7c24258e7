//! What becomes of announcements, freezes and windows for one installation.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::clock::{Dated, Tz};
use crate::domain::cycles::Cycles;
use crate::domain::product::Catalog;
use crate::rules::cadence::cadence;
use crate::rules::calendar::Notice;
use crate::rules::fixture::{acme, at, clean, now};
use crate::rules::windows::window;

/// A fleet in Berlin with `acme` and the usual windows.
pub(crate) fn fleet(maintenances: Vec<Maintenance>, freezes: Vec<Freeze>) -> Fleet {
    let monday = window("monday", "FREQ=WEEKLY;BYDAY=MO", None, "17:00", 4, Tz::Europe__Berlin);
    let thursday = window("thursday", "FREQ=WEEKLY;BYDAY=TH", None, "17:00", 4, Tz::Europe__Berlin);
    Fleet {
        name: clean("northwind"),
        zone: Tz::Europe__Berlin,
        catalog: Arc::new(Catalog::default()),
        cycles: Arc::new(Cycles::default()),
        windows: [monday, thursday].into_iter().map(|one| (one.name.clone(), Arc::new(one))).collect(),
        installations: BTreeMap::from([("acme".into(), Arc::new(acme()))]),
        maintenances,
        freezes,
        pages: Vec::new(),
        calendars: Vec::new(),
        sources: BTreeMap::new(),
    }
}

pub(crate) fn maintenance(title: &str, start: &str, end: &str, reach: Reach) -> Maintenance {
    Maintenance {
        id: clean(title),
        title: clean(title),
        stream: None,
        kind: MaintenanceKind::Regular,
        start: at(start),
        end: (!end.is_empty()).then(|| at(end)),
        announced: None,
        reach,
        url: None,
        said: None,
        components: Vec::new(),
    }
}

pub(crate) fn freeze(title: &str, start: &str, end: &str, reach: Reach) -> Freeze {
    Freeze { title: clean(title), start: at(start), end: at(end), reach }
}

pub(crate) fn on(day: &str) -> Option<Dated> {
    Some(Dated::On(day.parse().unwrap()))
}

pub(crate) fn at_acme() -> Reach {
    only(&"acme".into(), None)
}

pub(crate) fn alone(fleet: &Fleet) -> Plans {
    Plans::of(fleet, Whom::One(&acme()), [], [], now())
}

fn told<'a, T>(what: &'a T, own: bool, concerns: Concern<'a>, basis: &'a Basis) -> Announcement<'a, T> {
    Announcement { what, origin: "page", own, public: false, concerns, basis }
}

#[test]
fn work_written_down_and_announced_on_our_page_is_one_maintenance_with_notice() {
    let start = "2027-02-02T19:00:00Z";
    let fleet = fleet(vec![maintenance("Q1 upgrade", start, "2027-02-02T22:00:00Z", at_acme())], Vec::new());
    assert_eq!(alone(&fleet).maintenances[0].given.unwrap().notice, Some(Notice::NotAnnounced));

    let page = Maintenance { announced: on("2027-01-15"), ..maintenance("Platform upgrade", start, "", Reach::Fleet) };
    let basis = Basis { source: Some("@fleet/-/statuspage".into()), ..Basis::default() };
    let ours = told(&page, true, Concern::Everybody, &basis);
    let plans = Plans::of(&fleet, Whom::One(&acme()), [ours], [], now());
    let [one] = plans.maintenances.as_slice() else { panic!("{plans:?}") };
    let given = one.given.unwrap();
    assert_eq!((given.notice, given.days), (Some(Notice::Ok), Some(18)));
    assert_eq!((one.maintenance.title.as_str(), one.origin.as_str()), ("Q1 upgrade", FLEET_FILE));
    assert_eq!(one.maintenance.end, Some(at("2027-02-02T22:00:00Z")));

    // What others announce is no notice of ours, and owes none.
    let theirs = told(&page, false, Concern::Everybody, &basis);
    let plans = Plans::of(&fleet, Whom::One(&acme()), [theirs], [], now());
    let notices: Vec<_> = plans.maintenances.iter().map(|one| one.given.and_then(|given| given.notice)).collect();
    assert_eq!(plans.maintenances.len(), 2);
    assert!(notices.contains(&None) && notices.contains(&Some(Notice::NotAnnounced)), "{notices:?}");
}

#[test]
fn an_announcement_reaches_those_its_page_concerns() {
    let fleet = fleet(Vec::new(), Vec::new());
    let (acme_id, globex_id) = ("acme".into(), "globex".into());
    let (staging, production) = ("staging".into(), "production".into());
    let those = BTreeSet::from([InstallationId::from("globex")]);
    let basis = Basis::default();
    let everybody = freeze("f", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", Reach::Fleet);
    let ours = Freeze { reach: at_acme(), ..everybody.clone() };
    for (frozen, concerns, held, of_everybody) in [
        (&everybody, Concern::Everybody, [true, true], true),
        (&everybody, Concern::Only(&those), [false, false], false),
        (&everybody, Concern::Place(&acme_id, None), [true, true], false),
        (&everybody, Concern::Place(&acme_id, Some(&staging)), [false, true], false),
        (&everybody, Concern::Place(&globex_id, None), [false, false], false),
        (&ours, Concern::Everybody, [true, true], false),
        (&ours, Concern::Only(&those), [false, false], false),
    ] {
        let plans = |whom| Plans::of(&fleet, whom, [], [told(frozen, true, concerns, &basis)], now());
        let acme = acme();
        let found = plans(Whom::One(&acme));
        let holds = |name| found.freeze_at(Where::new(&acme_id, name), now()).is_some();
        assert_eq!([holds(&production), holds(&staging)], held, "{concerns:?}");
        assert_eq!(!plans(Whom::Everybody).freezes.is_empty(), of_everybody, "{concerns:?}");
    }
}

#[test]
fn freezes_leave_what_they_leave_of_a_window() {
    let day = |hours: &str| {
        let (from, to) = hours.split_once('-').unwrap();
        (format!("2026-11-23T{from}:00Z"), format!("2026-11-23T{to}:00Z"))
    };
    for (freezes, expected) in [
        (vec![], "16:00-20:00"),
        (vec!["10:00-16:00"], "16:00-20:00"),
        (vec!["15:00-17:00"], "17:00-20:00"),
        (vec!["17:00-18:00"], "16:00-17:00 18:00-20:00"),
        (vec!["19:00-22:00"], "16:00-19:00"),
        (vec!["15:00-22:00"], ""),
        (vec!["15:00-18:00", "18:00-22:00"], ""), // two that together leave nothing
        (vec!["15:00-19:30", "16:00-17:00"], "19:30-20:00"),
    ] {
        let freezes = freezes.iter().map(|hours| day(hours)).map(|(from, to)| freeze("f", &from, &to, Reach::Fleet));
        let plans = alone(&fleet(Vec::new(), freezes.collect()));
        let (start, end) = day("16:00-20:00");
        let span = Span { name: "w".into(), start: at(&start), end: at(&end) };
        let (id, name) = ("acme".into(), "production".into());
        let left = plans.thawed(Where::new(&id, &name), &span);
        let shown: Vec<_> =
            left.iter().map(|span| format!("{}-{}", span.start.format("%H:%M"), span.end.format("%H:%M"))).collect();
        assert_eq!(shown.join(" "), expected);
    }
}

#[test]
fn opportunities_are_windows_and_our_dated_work_less_freezes() {
    let windows = |fleet: &Fleet| Windows::of(fleet, at("2026-11-20T00:00:00Z"), at("2026-12-31T00:00:00Z"));
    let (id, name) = ("acme".into(), "production".into());
    let shown = |fleet: &Fleet, when: &str| -> String {
        let found = alone(fleet).opportunities(
            Where::new(&id, &name),
            &windows(fleet),
            &["monday".into(), "thursday".into()],
            at(when),
        );
        let short = |span: &Span| format!("{} {}", span.name, span.start.format("%dT%H:%M"));
        found.iter().take(3).map(short).collect::<Vec<_>>().join(", ")
    };
    let plain = fleet(Vec::new(), Vec::new());
    assert_eq!(shown(&plain, "2026-11-21T00:00:00Z"), "monday 23T16:00, thursday 26T16:00, monday 30T16:00");
    // What is open now counts until its end.
    assert_eq!(shown(&plain, "2026-11-23T19:59:59Z"), "monday 23T16:00, thursday 26T16:00, monday 30T16:00");
    assert_eq!(shown(&plain, "2026-11-23T20:00:00Z"), "thursday 26T16:00, monday 30T16:00, thursday 03T16:00");

    let work = |start, end| vec![maintenance("Work", start, end, at_acme())];
    let other = fleet(work("2026-11-24T20:00:00Z", "2026-11-24T23:00:00Z"), Vec::new());
    assert_eq!(shown(&other, "2026-11-21T00:00:00Z"), "monday 23T16:00, Work 24T20:00, thursday 26T16:00");
    // Work inside a window is the same opportunity; without an end it is none.
    let inside = fleet(work("2026-11-23T16:00:00Z", "2026-11-23T19:00:00Z"), Vec::new());
    assert_eq!(shown(&inside, "2026-11-21T00:00:00Z"), shown(&plain, "2026-11-21T00:00:00Z"));
    let endless = fleet(work("2026-11-24T20:00:00Z", ""), Vec::new());
    assert_eq!(shown(&endless, "2026-11-21T00:00:00Z"), shown(&plain, "2026-11-21T00:00:00Z"));

    let frozen = fleet(Vec::new(), vec![freeze("F", "2026-11-22T00:00:00Z", "2026-11-26T18:00:00Z", Reach::Fleet)]);
    assert_eq!(shown(&frozen, "2026-11-21T00:00:00Z"), "thursday 26T18:00, monday 30T16:00, thursday 03T16:00");
}

#[test]
fn a_rhythm_is_kept_or_overdue() {
    for (starts, overdue, due_by, announce_by) in [
        (vec!["2026-11-03", "2027-02-02"], false, Some("2027-02-03"), Some("2027-01-20")),
        (vec!["2026-11-03", "2027-02-03"], false, Some("2027-02-03"), Some("2027-01-20")),
        (vec!["2026-11-03", "2027-02-04"], true, Some("2027-02-03"), Some("2027-01-20")),
        (vec!["2026-11-03"], true, Some("2027-02-03"), Some("2027-01-20")),
        (vec!["2026-08-31"], true, Some("2026-11-30"), Some("2026-11-16")), // three months after the 31st: the last day
        (vec!["2027-02-02"], false, None, None),
        (vec![], true, None, None),
    ] {
        let works = starts.iter().map(|day| maintenance(day, &format!("{day}T19:00:00Z"), "", at_acme())).collect();
        let fleet = fleet(works, Vec::new());
        let mut terms = acme().terms;
        assert_eq!(cadence(&terms, &alone(&fleet), fleet.zone, now()), None);
        terms.cadence = Some(3);
        let found = cadence(&terms, &alone(&fleet), fleet.zone, now()).unwrap();
        let day = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        assert_eq!((found.overdue, found.due_by), (overdue, day(due_by)), "{starts:?}");
        assert_eq!(found.announce_by, day(announce_by), "{starts:?}");
    }
}

#[test]
fn an_emergency_counts_while_it_lasts_and_while_its_teller_is_fresh() {
    let fleet = fleet(Vec::new(), Vec::new());
    let (id, name) = ("acme".into(), "production".into());
    let work = |end: &str, said: Option<&str>| Maintenance {
        kind: MaintenanceKind::Emergency,
        said: said.map(clean),
        ..maintenance("CVE", "2026-11-21T01:00:00Z", end, at_acme())
    };
    let (later, earlier) = ("2026-11-21T02:00:00Z", "2026-11-21T01:10:00Z");
    for (work, own, stale, counts) in [
        (work(later, None), true, false, true),
        (work(earlier, None), true, false, false),
        (work(later, Some("completed")), true, false, false),
        (work("", Some("in_progress")), true, false, true),
        (work("", Some("scheduled")), true, false, false),
        (work(later, None), true, true, false),
        (work(later, None), false, false, false),
    ] {
        let basis = Basis { stale, ..Basis::default() };
        let plans = Plans::of(&fleet, Whom::One(&acme()), [told(&work, own, Concern::Everybody, &basis)], [], now());
        let found = plans.emergency_at(Where::new(&id, &name), now()).is_some();
        assert_eq!(found, counts, "{:?} {:?} {own} {stale}", work.end, work.said);
    }
}

proptest! {
    #[test]
    fn the_order_in_which_things_are_heard_does_not_matter(
        starts in proptest::collection::vec((0..4_i64, any::<bool>(), any::<bool>()), 0..6), turn in 0..6_usize,
    ) {
        let fleet = fleet(vec![maintenance("W", "2026-12-01T10:00:00Z", "", at_acme())], Vec::new());
        let basis = Basis::default();
        let works: Vec<_> = starts
            .iter()
            .enumerate()
            .map(|(n, (days, own, told))| {
                let mut work = maintenance(&format!("m{n}"), "2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z", Reach::Fleet);
                work.start += chrono::TimeDelta::days(*days);
                work.end = work.end.map(|end| end + chrono::TimeDelta::days(*days));
                work.announced = told.then(|| Dated::On("2026-11-20".parse().unwrap()));
                (work, *own)
            })
            .collect();
        let plans = |works: &[(Maintenance, bool)]| {
            let told = works.iter().map(|(work, own)| told(work, *own, Concern::Everybody, &basis));
            Plans::of(&fleet, Whom::One(&acme()), told, [], now())
        };
        let mut turned = works.clone();
        turned.rotate_left(if works.is_empty() { 0 } else { turn % works.len() });
        prop_assert_eq!(plans(&works), plans(&turned));
    }
}
