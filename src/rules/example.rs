//! The example of the domain page, and products to try rules on.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use crate::domain::clock::{Dated, Day, Moment, Tz};
use crate::domain::cycles::{Cycle, CycleSet, Cycles, Ending};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Evidence, Fact, Heard, Sighting, What};
use crate::domain::facts::Poll;
use crate::domain::fleet::{ExtendedSupport, Fleet, Window};
use crate::domain::id::{Place, Scope, SourceId};
use crate::domain::planned::Stream;
use crate::domain::product::{Catalog, Lifecycle, Marks, Product, Step};
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::rules::fixture::acme;
use crate::rules::knowledge::Lore;
use crate::rules::originals::Originals;
use crate::rules::releases::{Announcement, Releases};
use crate::rules::subject::Subject;
use crate::rules::timetable::Timetable;
use crate::text::clean::Clean;

pub const ZONE: Tz = Tz::Europe__Berlin;

/// The releases of the worked example, with the days they were published on.
pub const RELEASES: [(&str, &str); 7] = [
    ("2026.38.0", "2026-10-01"),
    ("2026.38.1", "2026-10-06"),
    ("2026.39.0", "2026-10-08"),
    ("2026.40.0", "2026-10-20"),
    ("2026.40.1", "2026-11-03"),
    ("2026.41.0", "2026-11-10"),
    ("2026.38.2", "2026-11-12"),
];

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Noon of a day in Berlin, or a moment.
pub fn on(text: &str) -> Moment {
    if text.contains('T') { text.parse().unwrap() } else { format!("{text}T11:00:00Z").parse().unwrap() }
}

pub fn product(scheme: Scheme, lifecycle: Lifecycle) -> Product {
    Product {
        id: "x".into(),
        title: Clean::line("X"),
        group: Clean::line("runtime"),
        scheme,
        lifecycle,
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

pub fn published(text: &str) -> Option<Dated> {
    match text {
        "" => None,
        text if text.contains('T') => Some(Dated::At(text.parse().unwrap())),
        text => Some(Dated::On(day(text))),
    }
}

pub fn announced<'a>(version: &'a str, at: &str) -> Announcement<'a> {
    Announcement { version, published: published(at), prerelease: false, chart: None }
}

/// A product with these releases, known at a time.
pub fn rolling(scheme: Scheme, releases: &[(&str, &str)], at: Moment) -> Lore {
    let product = product(scheme, Lifecycle::Rolling);
    let said = releases.iter().map(|(version, at)| announced(version, at));
    let (releases, _) = Releases::of(&product, said, at, ZONE);
    Lore { product: Arc::new(product), releases, originals: Originals::default(), cycles: None }
}

/// The example of the domain page on its day.
pub fn meshstack() -> Lore {
    rolling(Scheme::Calver, &RELEASES, on("2026-11-21"))
}

/// A dated product with the embedded data of that name.
pub fn embedded(scheme: Scheme, name: &str) -> Lore {
    let product = product(scheme, Lifecycle::Dated { cycles: Clean::line(name) });
    let cycles = Cycles::embedded().get(name).cloned().map(|set| Timetable::of(scheme, set.into()));
    Lore { product: Arc::new(product), releases: Releases::default(), originals: Originals::default(), cycles }
}

/// A dated product with cycles of its own: name, end of active support, end.
pub fn dated(cycles: &[(&str, &str, &str)]) -> Lore {
    let ending = |text: &str| match text {
        "null" => None,
        "false" => Some(Ending::Open),
        "true" => Some(Ending::Over),
        text => Some(Ending::On(day(text))),
    };
    let cycles = cycles.iter().map(|(name, active, eol)| Cycle {
        name: Clean::line(name),
        released: None,
        active_until: ending(active),
        eol: ending(eol),
        latest: None,
        latest_on: None,
        lts: false,
        lts_from: None,
        extended_until: None,
    });
    let set = CycleSet {
        key: Clean::line("x"),
        taken: Some(day("2026-08-22")),
        origin: Clean::line("test"),
        cycles: cycles.collect(),
    };
    let product = product(Scheme::Semver, Lifecycle::Dated { cycles: Clean::line("x") });
    Lore {
        product: Arc::new(product),
        releases: Releases::default(),
        originals: Originals::default(),
        cycles: Some(Timetable::of(Scheme::Semver, set.into())),
    }
}

pub fn support(line: &str, until: &str) -> ExtendedSupport {
    ExtendedSupport { product: "x".into(), line: Clean::line(line), until: day(until) }
}

/// A version under terms, on the day of the example.
pub fn subject<'a>(lore: &'a Lore, running: &'a Version, support: &'a [ExtendedSupport]) -> Subject<'a> {
    Subject { lore, running: Some(running), pin: None, support, upgrade_window: 30, at: on("2026-11-21"), zone: ZONE }
}

/// A fleet of installations like `acme` of the other fixture, with Kubernetes and the example's product `meshstack`.
pub fn fleet(n_installations: usize) -> Fleet {
    let mut meshstack = product(Scheme::Calver, Lifecycle::Rolling);
    meshstack.id = "meshstack".into();
    let mut kubernetes = product(Scheme::Kubernetes, Lifecycle::Dated { cycles: Clean::line("kubernetes") });
    kubernetes.id = "kubernetes".into();
    kubernetes.step = Step::Minor;
    let installations = (0..n_installations).map(|n| {
        let mut one = acme();
        one.id = if n == 0 { "acme".into() } else { format!("customer-{n:04}").into() };
        (one.id.clone(), Arc::new(one))
    });
    let thursday = Window {
        name: "thursday".into(),
        rrule: Clean::line("FREQ=WEEKLY;BYDAY=TH"),
        since: None,
        start: "17:00:00".parse().unwrap(),
        duration: std::time::Duration::from_secs(4 * 3600),
        zone: ZONE,
    };
    Fleet {
        name: Clean::line("example"),
        zone: ZONE,
        catalog: Arc::new(Catalog::new([meshstack, kubernetes])),
        cycles: Cycles::embedded(),
        windows: [(thursday.name.clone(), Arc::new(thursday))].into(),
        installations: installations.collect(),
        maintenances: Vec::new(),
        freezes: Vec::new(),
        pages: Vec::new(),
        calendars: Vec::new(),
        sources: std::collections::BTreeMap::new(),
    }
}

/// An answer of a source: `INSTALLATION/ENVIRONMENT/KIND`, `INSTALLATION/-/KIND`, `@product/ID/KIND` or `@fleet/-/KIND`.
pub fn poll(from: &str, at: Moment, facts: Vec<Fact>) -> Poll {
    let mut parts = from.splitn(3, '/');
    let [first, second, kind] = [parts.next(), parts.next(), parts.next()].map(Option::unwrap);
    let scope = match (first, second) {
        ("@product", product) => Scope::Product(product.into()),
        ("@fleet", _) => Scope::Fleet,
        (installation, "-") => Scope::Place(Place::whole(&installation.into())),
        (installation, environment) => Scope::Place(Place::new(&installation.into(), &environment.into())),
    };
    Poll {
        from: SourceId { scope, kind: kind.into(), name: None },
        at,
        took: std::time::Duration::from_millis(5),
        certificate_ends: None,
        brought: Ok(Heard { facts, gaps: Vec::new() }),
    }
}

/// A version seen running.
pub fn seen(product: &str, version: &str, evidence: Evidence) -> What {
    What::Sighting(Sighting { product: product.into(), version: Clean::line(version), evidence, part: None })
}

/// The example's releases, as a feed tells them.
pub fn feed(at: Moment) -> Poll {
    let release = |(version, published_on): (&str, &str)| {
        Fact::here(What::Release(Box::new(Release {
            product: "meshstack".into(),
            version: Clean::line(version),
            published: published(published_on),
            prerelease: false,
            chart: None,
            url: None,
            list: ListKind::Newest,
        })))
    };
    poll("@product/meshstack/feed", at, RELEASES.into_iter().map(release).collect())
}
