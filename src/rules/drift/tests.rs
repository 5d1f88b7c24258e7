//! Drift: the table of the domain page, and what lies beside it.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::scheme::Scheme;
use crate::rules::example::{self, announced, meshstack, on, subject, support};
use crate::rules::knowledge::Lore;
use crate::rules::releases::Releases;

#[test]
fn the_table_of_the_domain_page() {
    let lore = meshstack();
    let line = [support("2026.38", "2027-03-31")];
    for (running, supported, target, kind, releases, days) in [
        ("2026.41.0", false, "2026.41.0", DriftKind::Current, Some(0), Some(0)),
        ("2026.40.0", false, "2026.41.0", DriftKind::Minor, Some(2), Some(18)),
        ("2026.38.1", false, "2026.41.0", DriftKind::Minor, Some(5), Some(44)),
        ("2026.38.1", true, "2026.38.2", DriftKind::Patch, Some(1), Some(9)),
        ("2026.42.0", false, "2026.41.0", DriftKind::Ahead, Some(0), Some(0)),
        ("2025.51.4", false, "2026.41.0", DriftKind::Major, None, None),
    ] {
        let running = Version::read(Scheme::Calver, running);
        let found = drift(&subject(&lore, &running, if supported { &line } else { &[] }));
        assert_eq!(found.target.unwrap().text(), target, "{running}");
        assert_eq!((found.kind, found.releases_behind, found.days_behind), (kind, releases, days), "{running}");
        assert_eq!(found.latest.unwrap().text(), "2026.41.0");
    }
}

#[test]
fn extended_support_that_has_ended_is_no_target() {
    let (lore, running) = (meshstack(), Version::read(Scheme::Calver, "2026.38.1"));
    for (until, target) in [("2026-11-20", "2026.41.0"), ("2026-11-21", "2026.38.2")] {
        let found = drift(&subject(&lore, &running, &[support("2026.38", until)]));
        assert_eq!(found.target.unwrap().text(), target, "{until}");
    }
    let another = drift(&subject(&lore, &running, &[support("2026.39", "2027-03-31")]));
    assert_eq!(another.target.unwrap().text(), "2026.41.0");
}

#[test]
fn a_pin_counts_before_everything_else() {
    let (lore, line) = (meshstack(), [support("2026.38", "2027-03-31")]);
    for (running, pin, kind, behind) in [
        ("2026.38.1", "2026.39.0", DriftKind::Minor, Some(2)),
        ("2026.40.0", "2026.40.0", DriftKind::Current, Some(0)),
        ("2026.41.0", "2026.40.0", DriftKind::Ahead, Some(0)),
        ("2026.41.0", "2026.41.7", DriftKind::Patch, Some(0)),
    ] {
        let (running, pin) = (Version::read(Scheme::Calver, running), Version::read(Scheme::Calver, pin));
        let found = drift(&Subject { pin: Some(&pin), ..subject(&lore, &running, &line) });
        assert_eq!((found.kind, found.releases_behind, found.target), (kind, behind, Some(pin)), "{running}");
    }
}

#[test]
fn what_is_not_known_is_null_and_unknown() {
    let empty = example::rolling(Scheme::Calver, &[], on("2026-11-21"));
    let untold = Lore { releases: Releases::default(), ..empty.clone() };
    let undated = example::rolling(Scheme::Calver, &[("2026.1.0", "2026-01-01"), ("2026.2.0", "")], on("2026-11-21"));
    let running = Version::read(Scheme::Calver, "2026.1.0");
    for (lore, kind, releases, days) in [
        (&empty, DriftKind::Unknown, None, None),
        (&untold, DriftKind::Unknown, None, None),
        (&undated, DriftKind::Minor, Some(1), None),
    ] {
        let found = drift(&subject(lore, &running, &[]));
        assert_eq!((found.kind, found.releases_behind, found.days_behind), (kind, releases, days));
        let nothing = drift(&Subject { running: None, ..subject(lore, &running, &[]) });
        assert_eq!((nothing.kind, nothing.releases_behind, nothing.days_behind), (DriftKind::Unknown, None, None));
    }
    let lore = meshstack();
    let word = Version::read(Scheme::Calver, "latest");
    assert_eq!(drift(&subject(&lore, &word, &[])).kind, DriftKind::Unknown);
}

#[test]
fn opaque_versions_are_equal_or_unknown() {
    let lore = example::rolling(Scheme::Opaque, &[("blue", "2026-01-01"), ("amber", "2026-02-01")], on("2026-11-21"));
    for (running, kind, releases) in
        [("amber", DriftKind::Current, Some(0)), ("blue", DriftKind::Unknown, None), ("red", DriftKind::Unknown, None)]
    {
        let running = Version::read(Scheme::Opaque, running);
        let found = drift(&subject(&lore, &running, &[]));
        assert_eq!((found.kind, found.releases_behind), (kind, releases), "{running}");
    }
}

#[test]
fn a_difference_in_the_build_alone_is_a_patch() {
    let lore =
        example::rolling(Scheme::Semver, &[("3.76.0-03", "2026-01-01"), ("3.76.0-04", "2026-02-01")], on("2026-11-21"));
    let running = Version::read(Scheme::Semver, "3.76.0-03");
    let found = drift(&subject(&lore, &running, &[]));
    assert_eq!((found.kind, found.releases_behind), (DriftKind::Patch, Some(1)));
}

#[test]
fn old_lifecycle_data_shows_what_is_behind_and_vouches_for_nothing() {
    let lore = example::embedded(Scheme::Kubernetes, "kubernetes");
    for (running, at, kind) in [
        ("v1.35.1", "2026-11-21", DriftKind::Minor),
        ("v1.36.4", "2026-11-21", DriftKind::Unknown),
        ("v1.37.0", "2026-11-21", DriftKind::Unknown),
        ("v1.36.4", "2026-08-30", DriftKind::Current),
    ] {
        let running = Version::read(Scheme::Kubernetes, running);
        let found = drift(&Subject { at: on(at), ..subject(&lore, &running, &[]) });
        assert_eq!((found.kind, found.releases_behind), (kind, None), "{running} on {at}");
        assert_eq!(found.target.unwrap().text(), "1.36.4");
    }
}

#[test]
fn the_newest_stable_chart_names_the_target_even_below_the_highest_app_version() {
    let product = example::product(Scheme::Semver, crate::domain::product::Lifecycle::LatestStable);
    let charts = ["10.0.0", "9.9.0", "11.0.0-rc.1"].map(crate::text::clean::Clean::line);
    let carried = ["1.4.9", "1.5.0", "1.6.0"];
    let mut said: Vec<_> = carried.iter().map(|version| announced(version, "2026-05-01")).collect();
    for (one, chart) in said.iter_mut().zip(&charts) {
        one.chart = Some(chart);
        one.prerelease = chart.as_str().contains('-');
    }
    let (releases, _) = Releases::of(&product, said, on("2026-11-21"), example::ZONE);
    assert_eq!(releases.newest(Scheme::Semver).unwrap().text(), "1.4.9");
}

#[test]
fn skew_counts_the_releases_between_staging_and_production() {
    let lore = meshstack();
    for (production, staging, expected) in [
        ("2026.38.1", "2026.41.0", Some(5)),
        ("2026.40.0", "2026.40.1", Some(1)),
        ("2026.40.0", "2026.40.0", Some(0)),
        ("2026.41.0", "2026.40.0", Some(-2)),
        ("2025.51.4", "2026.40.0", None),
        ("2026.40.0", "main", None),
    ] {
        let [production, staging] = [production, staging].map(|text| Version::read(Scheme::Calver, text));
        assert_eq!(skew(&lore.releases, &production, &staging), expected, "{production} {staging}");
    }
}
