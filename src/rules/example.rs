//! The example of the domain page, and products to try rules on.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use crate::domain::clock::{Dated, Day, Moment, Tz};
use crate::domain::cycles::{Cycle, CycleSet, Cycles, Ending};
use crate::domain::fleet::ExtendedSupport;
use crate::domain::planned::Stream;
use crate::domain::product::{Lifecycle, Marks, Product, Step};
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::rules::knowledge::Lore;
use crate::rules::releases::{Announcement, Releases};
use crate::rules::subject::Subject;
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
    Lore { product: Arc::new(product), releases, cycles: None }
}

/// The example of the domain page on its day.
pub fn meshstack() -> Lore {
    rolling(Scheme::Calver, &RELEASES, on("2026-11-21"))
}

/// A dated product with the embedded data of that name.
pub fn embedded(scheme: Scheme, name: &str) -> Lore {
    let product = product(scheme, Lifecycle::Dated { cycles: Clean::line(name) });
    let cycles = Cycles::embedded().get(name).cloned().map(Arc::new);
    Lore { product: Arc::new(product), releases: Releases::default(), cycles }
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
    Lore { product: Arc::new(product), releases: Releases::default(), cycles: Some(Arc::new(set)) }
}

pub fn support(line: &str, until: &str) -> ExtendedSupport {
    ExtendedSupport { product: "x".into(), line: Clean::line(line), until: day(until) }
}

/// A version under terms, on the day of the example.
pub fn subject<'a>(lore: &'a Lore, running: &'a Version, support: &'a [ExtendedSupport]) -> Subject<'a> {
    Subject { lore, running: Some(running), pin: None, support, upgrade_window: 30, at: on("2026-11-21"), zone: ZONE }
}
