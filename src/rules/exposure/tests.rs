//! Exposure: ends against windows.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::scheme::Scheme;
use crate::rules::example::{self, day, meshstack, on, subject};
use crate::rules::knowledge::Lore;
use crate::rules::lifecycle::life;
use crate::rules::timetable::Timetable;

fn quarterly() -> Vec<Span> {
    ["2027-02-02", "2027-05-04", "2027-08-03", "2027-11-02"]
        .map(|date| Span {
            name: "quarterly".to_owned(),
            start: on(&format!("{date}T19:00:00Z")),
            end: on(&format!("{date}T22:00:00Z")),
        })
        .to_vec()
}

fn judged(lore: &Lore, running: &str, target: Option<&str>, chances: Chances<'_>) -> Life {
    let running = Version::read(lore.product.scheme, running);
    let subject = subject(lore, &running, &[]);
    let target = target.map(|text| Version::read(lore.product.scheme, text));
    let mut life = life(&subject);
    expose(&mut life, &subject, target.as_ref(), chances);
    life
}

#[test]
fn what_dies_before_it_may_be_touched_is_exposed() {
    let windows = quarterly();
    let lore = example::dated(&[
        ("9", "null", "false"),
        ("8", "null", "2027-12-31"),
        ("7", "null", "2027-05-04"),
        ("6", "null", "2027-02-02"),
        ("5", "null", "2027-02-01"),
        ("4", "null", "2026-11-01"),
        ("3", "null", "null"),
    ]);
    for (running, exposed, suggest) in [
        ("9.0", Some(false), None),
        ("8.0", Some(false), None),
        ("7.0", Some(false), None),
        // It ends at the end of the window's own day: after the window.
        ("6.0", Some(false), None),
        // 7 ends with the day of the following window, 8 after it; 9 promises nothing.
        ("5.0", Some(true), Some("8")),
        ("4.0", Some(true), Some("8")),
        ("3.0", None, None),
        ("99.0", None, None),
    ] {
        let found = judged(&lore, running, None, Chances::In(&windows));
        assert_eq!((found.exposed, found.suggest.as_deref()), (exposed, suggest), "{running}");
        assert_eq!(found.next_window.as_ref(), windows.first());
    }
}

#[test]
fn the_contracts_clock_is_the_one_that_exposes() {
    let (lore, windows) = (meshstack(), quarterly());
    for (running, exposed) in [("2026.41.0", false), ("2026.40.0", true), ("2026.38.1", true)] {
        assert_eq!(judged(&lore, running, None, Chances::In(&windows)).exposed, Some(exposed), "{running}");
    }
    // Without any window there is nothing it could be saved by; where none is asked for, nothing to wait for.
    assert_eq!(judged(&lore, "2026.40.0", None, Chances::In(&[])).exposed, Some(true));
    assert_eq!(judged(&lore, "2026.40.0", None, Chances::Always).exposed, Some(false));
    assert_eq!(judged(&lore, "2026.38.1", None, Chances::Always).exposed, Some(true));
    assert_eq!(judged(&lore, "2026.40.0", None, Chances::Untold).exposed, None);
}

#[test]
fn nothing_older_unreleased_or_out_of_range_is_suggested() {
    let mut lore = example::dated(&[
        ("9", "null", "2029-01-01"),
        ("8", "null", "2028-01-01"),
        ("5", "null", "2026-12-01"),
        ("4", "null", "2030-01-01"),
    ]);
    let windows = quarterly();
    assert_eq!(judged(&lore, "5.1", None, Chances::In(&windows)).suggest.as_deref(), Some("9"));
    let mut product = (*lore.product).clone();
    product.supported = crate::domain::version::VersionRange::parse(Scheme::Semver, "<=8").ok();
    lore.product = product.into();
    assert_eq!(judged(&lore, "5.1", None, Chances::In(&windows)).suggest.as_deref(), Some("8"));
    let mut set = lore.cycles.as_ref().unwrap().set().clone();
    set.cycles[1].released = Some(day("2026-11-22"));
    lore.cycles = Some(Timetable::of(lore.product.scheme, set.into()));
    assert_eq!(judged(&lore, "5.1", None, Chances::In(&windows)).suggest, None);
}

#[test]
fn one_minor_at_a_time_takes_its_windows() {
    let mut lore = example::embedded(Scheme::Kubernetes, "kubernetes");
    let mut product = (*lore.product).clone();
    product.step = Step::Minor;
    lore.product = product.into();
    let windows = quarterly();
    for (running, target, hops, fit) in [
        ("v1.35.1", "v1.36.4", Some(1), Some(true)), // ends 28 Feb 2027: the window of 2 February suffices
        ("v1.35.1", "v1.37.0", Some(2), Some(false)),
        ("v1.34.1", "v1.36.4", Some(2), Some(false)),
        ("v1.36.1", "v1.36.4", Some(1), Some(true)),
        ("v1.36.4", "v1.36.4", Some(0), Some(true)),
        ("v1.36.4", "v1.36.1", Some(0), Some(true)),
        ("v1.36.4", "v2.0.0", None, None),
    ] {
        let found = judged(&lore, running, Some(target), Chances::In(&windows));
        assert_eq!((found.hops, found.hops_fit), (hops, fit), "{running} to {target}");
    }
    assert_eq!(judged(&meshstack(), "2026.40.0", Some("2026.41.0"), Chances::In(&windows)).hops, None);
}
