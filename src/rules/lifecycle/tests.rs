//! Lifecycle: the tables of the domain page, and what lies beside them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::domain::fleet::ExtendedSupport;
use crate::domain::version::VersionRange;
use crate::rules::example::{self, day, meshstack, on, subject, support};
use crate::rules::knowledge::Lore;
use crate::rules::originals::Originals;

fn judged(lore: &Lore, running: &str, support: &[ExtendedSupport], at: &str) -> Life {
    let running = Version::read(lore.product.scheme, running);
    life(&Subject { at: on(at), ..subject(lore, &running, support) })
}

#[test]
fn the_table_of_the_domain_page() {
    let lore = meshstack();
    for (running, line, eol_at, deadline, state, days_left) in [
        ("2026.41.0", None, None, None, LifeState::Supported, None),
        ("2026.40.0", None, Some("2026-11-03"), Some("2026-12-03"), LifeState::Due, Some(12)),
        ("2026.38.1", None, Some("2026-10-08"), Some("2026-11-07"), LifeState::Expired, Some(-14)),
        ("2026.38.1", Some("2027-03-31"), Some("2026-10-08"), Some("2027-03-31"), LifeState::Extended, Some(130)),
        ("2026.38.2", None, Some("2026-11-12"), Some("2026-12-12"), LifeState::Due, Some(21)),
    ] {
        let support: Vec<_> = line.map(|until| support("2026.38", until)).into_iter().collect();
        let found = judged(&lore, running, &support, "2026-11-21");
        assert_eq!(found.state, state, "{running}");
        assert_eq!(found.eol_at, eol_at.map(day), "{running}");
        assert_eq!(found.deadline, deadline.map(day), "{running}");
        assert_eq!(found.days_left, days_left, "{running}");
        assert_eq!(found.extended_until, line.map(day));
    }
}

#[test]
fn a_deadline_holds_until_the_end_of_its_day_in_the_fleets_zone() {
    let lore = meshstack();
    for (at, state, days_left) in [
        ("2026-12-03T22:59:59Z", LifeState::Due, 0), // 23:59:59 in Berlin
        ("2026-12-03T23:00:00Z", LifeState::Expired, -1),
    ] {
        let found = judged(&lore, "2026.40.0", &[], at);
        assert_eq!((found.state, found.days_left), (state, Some(days_left)), "{at}");
    }
    assert_eq!(judged(&lore, "2026.40.0", &[], "2026-11-21").changes_at, Some(on("2026-12-03T23:00:00Z")));
}

#[test]
fn after_extended_support_the_later_of_two_deadlines_counts() {
    let lore = meshstack();
    for (until, at, state, deadline) in [
        ("2026-10-31", "2026-11-05", LifeState::Due, "2026-11-07"), // the upgrade window outlasts it
        ("2026-10-31", "2026-11-08", LifeState::Expired, "2026-11-07"),
        ("2026-10-31", "2026-10-31", LifeState::Extended, "2026-11-07"),
        ("2026-11-20", "2026-11-21", LifeState::Expired, "2026-11-20"),
        ("2026-11-20", "2026-11-20", LifeState::Extended, "2026-11-20"),
    ] {
        let found = judged(&lore, "2026.38.1", &[support("2026.38", until)], at);
        assert_eq!((found.state, found.deadline), (state, Some(day(deadline))), "{until} on {at}");
    }
}

#[test]
fn a_version_told_by_nobody_or_unreadable_is_unknown_with_its_reason() {
    let lore = meshstack();
    let running = Version::read(Scheme::Calver, "x");
    let untold = life(&Subject { running: None, ..subject(&lore, &running, &[]) });
    assert_eq!((untold.state, untold.reason.as_deref()), (LifeState::Unknown, Some("no version told")));
    assert_eq!(judged(&lore, "latest", &[], "2026-11-21").state, LifeState::Unknown);
    let empty = example::rolling(Scheme::Calver, &[], on("2026-11-21"));
    assert_eq!(judged(&empty, "2026.1.0", &[], "2026-11-21").reason.as_deref(), Some("the list of releases is empty"));
    let old = judged(&lore, "2025.51.4", &[], "2026-11-21");
    assert_eq!((old.state, old.deadline), (LifeState::Expired, Some(day("2026-10-31"))));
    assert!(old.reason.unwrap().contains("older than the whole list"));
}

#[test]
fn dated_states_follow_the_data() {
    let lore = example::dated(&[
        ("9", "null", "false"),
        ("8", "2026-06-30", "false"),
        ("7", "null", "2027-03-31"),
        ("6", "2026-11-20", "2027-01-31"),
        ("5", "2026-11-21", "2027-01-31"),
        ("4", "null", "2026-11-21"),
        ("3", "null", "2026-11-20"),
        ("2", "true", "true"),
        ("1", "null", "null"),
    ]);
    for (running, state, eol_at, days_left, no_date) in [
        ("9.1", LifeState::Supported, None, None, true),
        ("8.1", LifeState::SecurityOnly, None, None, true),
        ("7.4.2", LifeState::Supported, Some("2027-03-31"), Some(130), false),
        ("6.0", LifeState::SecurityOnly, Some("2027-01-31"), Some(71), false),
        ("5.0", LifeState::Supported, Some("2027-01-31"), Some(71), false),
        ("4.0", LifeState::Supported, Some("2026-11-21"), Some(0), false),
        ("3.0", LifeState::Expired, Some("2026-11-20"), Some(-1), false),
        ("2.0", LifeState::Expired, None, None, false),
        ("1.0", LifeState::Unknown, None, None, false),
        ("10.0", LifeState::Unknown, None, None, false),
        ("0.9", LifeState::Unknown, None, None, false),
    ] {
        let found = judged(&lore, running, &[], "2026-11-21");
        assert_eq!(
            (found.state, found.eol_at, found.days_left, found.no_date),
            (state, eol_at.map(day), days_left, no_date),
            "{running}"
        );
        assert_eq!(found.deadline, None, "{running}");
    }
    assert_eq!(judged(&lore, "10.0", &[], "2026-11-21").reason.as_deref(), Some("newer than data of 2026-08-22"));
}

#[test]
fn the_embedded_data_covers_what_it_covers() {
    for (name, scheme, running, state, line, reason) in [
        ("kubernetes", Scheme::Kubernetes, "v1.34.4-gke.1043002", LifeState::Expired, "1.34", None),
        ("kubernetes", Scheme::Kubernetes, "v1.36.1+k3s1", LifeState::Supported, "1.36", None),
        ("gitlab", Scheme::Semver, "19.5.0-ee", LifeState::Unknown, "19.5", Some("newer than data of 2026-08-22")),
        ("apache-kafka", Scheme::Semver, "3.9.0", LifeState::Supported, "3.9", None),
        (
            "apache-kafka",
            Scheme::Semver,
            "3.8.1",
            LifeState::Expired,
            "3.8",
            Some("past its end; an extended phase runs until 2026-12-02"),
        ),
        ("debian", Scheme::Semver, "13.6", LifeState::Supported, "13", None),
        ("grafana-mimir", Scheme::Semver, "3.0.1", LifeState::Unknown, "3.0", Some("uncovered")),
        ("logging-operator", Scheme::Semver, "6.5.0", LifeState::Unknown, "6.5", Some("uncovered")),
        ("concourse", Scheme::Semver, "8.0.1", LifeState::Unknown, "8.0", Some("uncovered")),
    ] {
        let found = judged(&example::embedded(scheme, name), running, &[], "2026-11-21");
        assert_eq!((found.state, found.line.as_deref()), (state, Some(line)), "{name} {running}");
        assert_eq!(found.reason.as_deref(), reason, "{name} {running}");
    }
}

#[test]
fn extended_support_carries_a_dated_product_beyond_its_end() {
    let lore = example::dated(&[("3", "null", "2026-11-01"), ("4", "null", "2027-01-31")]);
    for (running, until, state, deadline) in [
        ("3.2", "2027-02-28", LifeState::Extended, Some("2027-02-28")),
        ("3.2", "2026-11-20", LifeState::Expired, Some("2026-11-20")),
        ("4.0", "2027-02-28", LifeState::Supported, Some("2027-02-28")),
    ] {
        let line = running.split('.').next().unwrap();
        let found = judged(&lore, running, &[support(line, until)], "2026-11-21");
        assert_eq!((found.state, found.deadline), (state, deadline.map(day)), "{running} until {until}");
    }
}

#[test]
fn outside_the_supported_range_either_side_is_wrong() {
    let mut lore = example::embedded(Scheme::Kubernetes, "kubernetes");
    let mut product = (*lore.product).clone();
    product.supported = Some(VersionRange::parse(Scheme::Kubernetes, ">=1.34, <=1.35").unwrap());
    lore.product = product.into();
    for (running, state) in [
        ("v1.36.1", LifeState::Ahead),
        ("v1.35.9", LifeState::Supported),
        ("v1.34.0", LifeState::Expired),
        ("v1.33.9", LifeState::Expired),
    ] {
        let found = judged(&lore, running, &[], "2026-11-21");
        assert_eq!(found.state, state, "{running}");
        assert_eq!(
            found.reason.is_some_and(|why| why.contains("range")),
            !running.contains(".35") && !running.contains(".34")
        );
    }
}

#[test]
fn latest_stable_is_measured_against_the_chart() {
    let product = example::product(Scheme::Semver, Lifecycle::LatestStable);
    let chart = crate::text::clean::Clean::line("2.0.0");
    let said = [("1.4.0", "2026-11-01", true), ("1.5.0", "2026-11-05", false)].map(|(version, at, charted)| {
        let mut one = example::announced(version, at);
        one.chart = charted.then_some(&chart);
        one
    });
    let (releases, _) = crate::rules::releases::Releases::of(&product, said, on("2026-11-21"), example::ZONE);
    let lore = Lore { product: product.into(), releases, cycles: None, originals: Originals::default() };
    for (running, state, eol_at) in
        [("1.4.0", LifeState::Supported, None), ("1.3.0", LifeState::Due, Some("2026-11-01"))]
    {
        let found = judged(&lore, running, &[], "2026-11-21");
        assert_eq!((found.state, found.eol_at), (state, eol_at.map(day)), "{running}");
    }
}

proptest! {
    #[test]
    fn a_later_time_never_turns_expired_back(
        releases in prop::collection::vec((0_u64..6, 0_u64..4, 0_i64..400), 1..30),
        which in 0_usize..30, first in 0_i64..500, later in 0_i64..500, until in prop::option::of(0_i64..500),
    ) {
        let start = day("2026-01-01");
        let list: Vec<(String, String)> = releases
            .iter()
            .map(|(minor, patch, at)| (format!("2026.{minor}.{patch}"), (start + chrono::TimeDelta::days(*at)).to_string()))
            .collect();
        let list: Vec<(&str, &str)> = list.iter().map(|(version, at)| (version.as_str(), at.as_str())).collect();
        let running = list[which % list.len()].0;
        let line = running.rsplit_once('.').unwrap().0.to_owned();
        let support: Vec<_> =
            until.map(|n| support(&line, &(start + chrono::TimeDelta::days(n)).to_string())).into_iter().collect();
        let at = |n: i64| (start + chrono::TimeDelta::days(n)).to_string();
        let judged_on = |n: i64| judged(&example::rolling(Scheme::Calver, &list, on(&at(n))), running, &support, &at(n));
        if judged_on(first).state == LifeState::Expired {
            prop_assert_eq!(judged_on(first + later).state, LifeState::Expired);
        }
    }

    #[test]
    fn the_order_in_which_releases_are_told_does_not_matter(
        releases in prop::collection::vec((0_u64..5, 0_u64..4, 0_i64..60), 1..25),
        seed in any::<u64>(), which in 0_usize..25,
    ) {
        let start = day("2026-09-01");
        let list: Vec<(String, String)> = releases
            .iter()
            .map(|(minor, patch, at)| (format!("2026.{minor}.{patch}"), (start + chrono::TimeDelta::days(*at)).to_string()))
            .collect();
        let list: Vec<(&str, &str)> = list.iter().map(|(version, at)| (version.as_str(), at.as_str())).collect();
        let running = list[which % list.len()].0;
        let mut shuffled = list.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let of = |list: &[(&str, &str)]| judged(&example::rolling(Scheme::Calver, list, on("2026-11-21")), running, &[], "2026-11-21");
        prop_assert_eq!(of(&list), of(&shuffled));
    }
}
