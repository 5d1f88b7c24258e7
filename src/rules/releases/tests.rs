//! Releases: three eras of numbers, twice announced, several a day.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::product::Lifecycle;
use crate::rules::example::{ZONE, announced, on, product};

fn of(list: &[(&str, &str)], at: &str) -> Releases {
    let said = list.iter().map(|(version, at)| announced(version, at));
    Releases::of(&product(Scheme::Calver, Lifecycle::Rolling), said, on(at), ZONE).0
}

fn version(text: &str) -> Version {
    Version::read(Scheme::Calver, text)
}

#[test]
fn a_version_announced_twice_is_one_release_published_when_it_was_first_announced() {
    let releases = of(
        &[
            ("7.176.0", "2022-12-20"),
            ("2023.1.0", "2023-01-10"),
            ("v2023.1.0", "2023-01-08"),
            ("2023.1.0", ""),
            ("7.9.0", "2019-01-01"),
        ],
        "2026-11-21",
    );
    let between = releases.between(&version("7.9.0"), &version("2023.1.0"));
    assert_eq!(
        between.iter().map(|one| one.version.text().trim_start_matches('v')).collect::<Vec<_>>(),
        ["7.176.0", "2023.1.0"]
    );
    assert_eq!(releases.overtaken(&version("7.176.0")), Overtaken::At(on("2023-01-07T23:00:00Z")));
    assert_eq!(releases.overtaken(&version("2023.1.0")), Overtaken::Never);
}

#[test]
fn what_will_be_published_later_does_not_exist_yet() {
    let list = [("2026.1.0", "2026-01-01"), ("2026.2.0", "2026-02-01"), ("2026.3.0", "2026-03-01")];
    let said = list.iter().map(|(version, at)| announced(version, at));
    let (releases, next) = Releases::of(&product(Scheme::Calver, Lifecycle::Rolling), said, on("2026-01-15"), ZONE);
    assert_eq!(releases.newest(Scheme::Calver), Some(&version("2026.1.0")));
    assert_eq!(next, Some(on("2026-01-31T23:00:00Z")));
}

#[test]
fn prereleases_and_words_are_no_releases() {
    let mut said = [
        announced("2026.2.0", "2026-02-01"),
        announced("2026.3.0-rc1", "2026-02-02"),
        announced("latest", "2026-02-03"),
        announced("2026.4.0", "2026-02-04"),
        announced("2026.4.0", "2026-02-05"),
    ];
    said[3].prerelease = true;
    let (releases, _) = Releases::of(&product(Scheme::Calver, Lifecycle::Rolling), said, on("2026-11-21"), ZONE);
    assert_eq!(releases.newest(Scheme::Calver), Some(&version("2026.2.0")));
    assert!(releases.is_known() && !releases.reaches(&version("2026.1.0")) && releases.reaches(&version("2026.2.0")));
}

#[test]
fn among_higher_versions_the_first_published_ends_a_life_not_the_nearest() {
    let releases = of(
        &[
            ("2026.38.0", "2026-10-01"),
            ("2026.38.1", "2026-11-12"),
            ("2026.39.0", "2026-10-08T09:00:00Z"),
            ("2026.40.0", ""),
        ],
        "2026-11-21",
    );
    assert_eq!(releases.overtaken(&version("2026.38.0")), Overtaken::At(on("2026-10-08T09:00:00Z")));
    assert_eq!(releases.overtaken(&version("2026.39.0")), Overtaken::Sometime);
}
