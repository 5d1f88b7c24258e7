//! Many sources, one truth.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::fact::Fact;
use crate::domain::facts::{Facts, Poll};
use crate::domain::fleet::Fleet;
use crate::domain::id::Place;
use crate::rules::example::{day, feed, fleet, on, poll, seen};
use crate::rules::judge::judge;
use crate::text::clean::Clean;

const NOON: &str = "2026-11-21";

fn heard(polls: impl IntoIterator<Item = Poll>) -> Facts {
    polls.into_iter().fold(Facts::new(), Facts::absorb)
}

fn component(fleet: &Fleet, facts: &Facts, environment: &str, product: &str) -> Component {
    let judged = judge(fleet, facts, on(NOON));
    let all = &judged.verdicts.get("acme").unwrap().components;
    all.iter().find(|one| one.environment.as_str() == environment && one.product.as_str() == product).unwrap().clone()
}

#[test]
fn fresh_then_readable_then_direct_then_new_then_by_name() {
    use Evidence::{Answered, Charted, Imaged, Measured};
    let minutes = |n: i64| on(NOON) - chrono::TimeDelta::minutes(n);
    for (told, running, others) in [
        // Stale and direct loses against fresh and indirect, and contradicts nobody.
        (vec![("http", 9, "2026.41.0", Answered), ("kubernetes", 1, "2026.40.0", Imaged)], "2026.40.0", vec![]),
        (
            vec![("http", 2, "2026.41.0", Answered), ("kubernetes", 1, "2026.40.0", Imaged)],
            "2026.41.0",
            vec!["2026.40.0"],
        ),
        (vec![("http", 1, "latest", Answered), ("kubernetes", 1, "2026.40.0", Charted)], "2026.40.0", vec![]),
        (vec![("a", 2, "2026.40.0", Measured), ("b", 1, "2026.41.0", Measured)], "2026.41.0", vec!["2026.40.0"]),
        (vec![("b", 1, "2026.40.0", Measured), ("a", 1, "2026.41.0", Measured)], "2026.41.0", vec!["2026.40.0"]),
        // Equal in all that counts is no disagreement, however it is written.
        (vec![("http", 1, "2026.41.0", Answered), ("kubernetes", 1, "v2026.41.0", Imaged)], "2026.41.0", vec![]),
        (
            vec![("http", 9, "2026.41.0", Answered), ("kubernetes", 8, "2026.40.0", Imaged)],
            "2026.41.0",
            vec!["2026.40.0"],
        ),
    ] {
        let polls = told.iter().map(|(kind, age, version, evidence)| {
            let fact = Fact::here(seen("meshstack", version, *evidence));
            poll(&format!("acme/production/{kind}"), minutes(*age), vec![fact])
        });
        let found = component(&fleet(1), &heard(polls), "production", "meshstack");
        assert_eq!(found.running.unwrap().text(), running, "{told:?}");
        assert_eq!(found.disagreement.iter().map(Version::text).collect::<Vec<_>>(), others, "{told:?}");
    }
}

#[test]
fn what_nobody_told_has_a_row_and_is_unknown() {
    let found = component(&fleet(1), &heard([feed(on(NOON))]), "production", "meshstack");
    assert_eq!((found.running, found.drift.kind, found.life.state), (None, DriftKind::Unknown, LifeState::Unknown));
    assert_eq!(found.basis, Basis::default());
    assert_eq!(found.drift.target.unwrap().text(), "2026.41.0");
}

#[test]
fn a_hub_and_own_sources_mix_and_another_customers_source_counts_for_nothing() {
    let about = |installation: &str, version| {
        Fact::about(
            Place::new(&installation.into(), &"production".into()),
            seen("meshstack", version, Evidence::Measured),
        )
    };
    let facts = heard([
        poll("@fleet/-/mimir", on(NOON), vec![about("acme", "2026.40.0"), about("customer-0001", "2026.39.0")]),
        poll("acme/staging/kubernetes", on(NOON), vec![Fact::here(seen("meshstack", "2026.41.0", Evidence::Imaged))]),
        poll("customer-0001/production/http", on(NOON), vec![about("acme", "2026.1.0")]),
    ]);
    let fleet = fleet(2);
    let production = component(&fleet, &facts, "production", "meshstack");
    assert_eq!(production.running.unwrap().text(), "2026.40.0");
    assert_eq!(production.disagreement, []);
    assert_eq!(production.basis.source.as_deref(), Some("@fleet/-/mimir"));
    assert_eq!(component(&fleet, &facts, "staging", "meshstack").running.unwrap().text(), "2026.41.0");
}

#[test]
fn a_declared_version_counts_last_and_never_ages() {
    let mut fleet = fleet(1);
    let mut acme = (**fleet.installations.get("acme").unwrap()).clone();
    acme.environments[0].declared.insert("kubernetes".into(), Clean::line("1.35.2"));
    fleet.installations.insert(acme.id.clone(), acme.into());
    let found = component(&fleet, &Facts::new(), "production", "kubernetes");
    assert_eq!(found.running.unwrap().text(), "1.35.2");
    assert_eq!(found.basis.source.as_deref(), Some("acme/production/declared"));
    assert_eq!((found.basis.stale, found.life.eol_at), (false, Some(day("2027-02-28"))));
    let api = Fact::here(seen("kubernetes", "v1.36.1", Evidence::Answered));
    let found = component(
        &fleet,
        &heard([poll("acme/production/kubernetes", on(NOON), vec![api])]),
        "production",
        "kubernetes",
    );
    assert_eq!(found.running.unwrap().text(), "v1.36.1");
    assert_eq!(found.disagreement.iter().map(Version::text).collect::<Vec<_>>(), ["1.35.2"]);
}

#[test]
fn kubelets_are_judged_apart_and_other_parts_disagree_while_they_roll() {
    let part = |product, version, part: &str| {
        let What::Sighting(mut one) = seen(product, version, Evidence::Answered) else { unreachable!() };
        one.part = Some(Clean::line(part));
        Fact::here(What::Sighting(one))
    };
    let api = Fact::here(seen("kubernetes", "v1.36.1", Evidence::Answered));
    let facts = heard([poll(
        "acme/production/kubernetes",
        on(NOON),
        vec![
            api,
            part("kubernetes", "v1.35.1", "kubelet n1"),
            part("meshstack", "2026.41.0", "api"),
            part("meshstack", "2026.40.0", "panel"),
        ],
    )]);
    let kubernetes = component(&fleet(1), &facts, "production", "kubernetes");
    assert_eq!((kubernetes.running.unwrap().text(), kubernetes.disagreement.len()), ("v1.36.1", 0));
    // A rollout is not through before its last part.
    let own = component(&fleet(1), &facts, "production", "meshstack");
    assert_eq!((own.running.unwrap().text(), own.disagreement[0].text()), ("2026.40.0", "2026.41.0"));
}

#[test]
fn skew_is_productions_distance_to_a_staging_that_is_heard() {
    let told = |environment: &str, minutes, version| {
        let fact = Fact::here(seen("meshstack", version, Evidence::Answered));
        poll(&format!("acme/{environment}/http"), on(NOON) - chrono::TimeDelta::minutes(minutes), vec![fact])
    };
    for (minutes, skew) in [(1, Some(2)), (10, None)] {
        let facts = heard([feed(on(NOON)), told("production", 1, "2026.40.0"), told("staging", minutes, "2026.41.0")]);
        assert_eq!(component(&fleet(1), &facts, "production", "meshstack").drift.skew, skew);
        assert_eq!(component(&fleet(1), &facts, "staging", "meshstack").drift.skew, None);
    }
}

#[test]
fn nothing_good_is_said_fresh_that_rests_on_something_old() {
    let told = |minutes| {
        let fact = Fact::here(seen("meshstack", "2026.41.0", Evidence::Answered));
        poll("acme/production/http", on(NOON) - chrono::TimeDelta::minutes(minutes), vec![fact])
    };
    for (minutes, list_minutes, stale) in [(1, 1, false), (10, 1, true), (1, 10, true)] {
        let list = feed(on(NOON) - chrono::TimeDelta::minutes(list_minutes));
        let found = component(&fleet(1), &heard([told(minutes), list]), "production", "meshstack");
        assert_eq!((found.drift.kind, found.life.state), (DriftKind::Current, LifeState::Supported));
        assert_eq!(found.basis.stale, stale, "{minutes} {list_minutes}");
    }
    // What is behind stays behind, whatever was published since.
    let old = Fact::here(seen("meshstack", "2026.40.0", Evidence::Answered));
    let list = feed(on(NOON) - chrono::TimeDelta::minutes(10));
    let facts = heard([poll("acme/production/http", on(NOON), vec![old]), list]);
    let found = component(&fleet(1), &facts, "production", "meshstack");
    assert_eq!((found.life.state, found.basis.stale), (LifeState::Due, false));
}

#[test]
fn the_upgrade_window_is_the_agreements_or_else_the_products_or_else_thirty_days() {
    for (agreed, of_product, deadline) in [
        (None, None, "2026-12-03"),
        (None, Some(60), "2027-01-02"),
        (Some(45), Some(60), "2026-12-18"),
        (Some(30), Some(60), "2026-12-03"),
    ] {
        let mut fleet = fleet(1);
        let mut acme = (**fleet.installations.get("acme").unwrap()).clone();
        acme.terms.upgrade_window = agreed;
        fleet.installations.insert(acme.id.clone(), acme.into());
        let products = fleet.catalog.iter().map(|product| {
            let mut product = (**product).clone();
            product.upgrade_window = of_product;
            product
        });
        fleet.catalog = Arc::new(crate::domain::product::Catalog::new(products.collect::<Vec<_>>()));
        let told = Fact::here(seen("meshstack", "2026.40.0", Evidence::Answered));
        let facts = heard([poll("acme/production/http", on(NOON), vec![told]), feed(on(NOON))]);
        let found = component(&fleet, &facts, "production", "meshstack");
        assert_eq!(found.life.deadline, Some(day(deadline)), "{agreed:?} {of_product:?}");
    }
}
