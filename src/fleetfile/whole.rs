//! The fleet file from its first table to its last, in the order in which one part stands on another.

use std::sync::Arc;

use super::around;
use super::built_in;
use super::entries::Entries;
use super::ground::Ground;
use super::installations::{self, Harvest};
use super::known::Known;
use super::loaded::{AccessRules, History, Soc};
use super::planned;
use super::plans::{self, Plans};
use super::products::{self, Products};
use super::section::{Defaults, Placed, Section, need};
use super::windows::{self, Windows};
use crate::domain::clock::Tz;
use crate::domain::cycles::Cycles;
use crate::domain::fleet::Fleet;
use crate::domain::product::{Catalog, Lifecycle};
use crate::text::clean::Clean;

/// What `[fleet]` says.
#[derive(Debug)]
pub(super) struct Head {
    pub name: Option<Clean>,
    pub zone: Tz,
    pub include: Vec<Placed<Clean>>,
    pub history: Option<History>,
}

/// What was read of a whole fleet file.
pub(super) struct Whole {
    pub fleet: Fleet,
    pub entries: Entries,
    pub access: Option<AccessRules>,
    pub soc: Vec<Soc>,
}

/// Reads `[fleet]`.
pub(super) fn head(section: &mut Section<'_>) -> Head {
    let head = section.table(need(("fleet", "the fleet as a whole")), "`fleet`", |inner| Head {
        name: inner.required(("name", "its name")),
        zone: inner.zone(("timezone", "the zone of its dates; UTC unless said")).unwrap_or(Tz::UTC),
        include: inner.names(("include", "more files with installations, by pattern")).unwrap_or_default(),
        history: around::history(inner),
    });
    head.unwrap_or(Head { name: None, zone: Tz::UTC, include: Vec::new(), history: None })
}

/// Reads everything else. `included` are the sections of the files that `[fleet]` includes.
pub(super) fn body(section: &mut Section<'_>, head: &Head, cycles: Arc<Cycles>, included: &mut [Section<'_>]) -> Whole {
    let mut harvest = Harvest::default();
    harvest.is_partial = section.desk().is_torn();
    let (mut products, mut windows, mut plans) = (Products::new(), Windows::new(), Plans::new());
    let defaults = section.table(("defaults", "what holds where a source says nothing else"), "`defaults`", |inner| {
        let proxy = inner.proxy();
        Defaults { proxy, ..inner.patience(&Defaults::default()) }
    });
    let defaults = defaults.unwrap_or_default();
    built_in::read(&defaults, &mut products, &mut windows, &mut plans, &mut harvest.entries);
    products::read(section, &mut products, &defaults, &mut harvest.entries);
    windows::read(section, head.zone, &mut windows);
    plans::read(section, &windows, &mut plans);
    let ground = Ground { zone: head.zone, defaults, products, windows, plans };
    installations::read(section, &ground, &mut harvest);
    for file in &mut *included {
        harvest.is_partial |= file.desk().is_torn();
        // A file may be one installation, or hold some.
        if file.has("id") && !file.has("installations") {
            installations::one(file, &ground, &mut harvest);
        } else {
            installations::read(file, &ground, &mut harvest);
        }
        file.finish();
    }
    let Ground { defaults, products, windows, .. } = ground;
    let Harvest { installations, mut entries, is_partial, .. } = harvest;
    let known = Known::new(&installations, is_partial);
    around::hubs(section, &defaults, &mut entries);
    let pages = around::pages(section, &defaults, &known, &mut entries);
    let calendars = around::calendars(section, &defaults, &known, &mut entries);
    let maintenances = planned::maintenances(section, &known, head.zone);
    let freezes = planned::freezes(section, &known, head.zone);
    let access = around::access(section, &known);
    let soc = around::soc(section, &known);
    section.finish();
    covered(section, &products, &cycles);
    let fleet = Fleet {
        name: head.name.clone().unwrap_or_else(|| Clean::line("?")),
        zone: head.zone,
        catalog: Arc::new(Catalog::new(products.into_values())),
        cycles,
        windows,
        installations,
        maintenances,
        freezes,
        pages,
        calendars,
        sources: entries.cards(),
    };
    Whole { fleet, entries, access, soc }
}

/// Warns of products of the file's own whose cycles nobody has.
fn covered(section: &Section<'_>, products: &Products, cycles: &Cycles) {
    for product in products.values() {
        let Lifecycle::Dated { cycles: key } = &product.lifecycle else { continue };
        let is_covered = cycles.get(key.as_str()).is_some() || product.cycles.is_some() || cycles.products.is_empty();
        let Some(at) = section.inner_spot("products", product.id.as_str()).filter(|_| !is_covered) else { continue };
        let problem = section.warning(at, format!("the lifecycle data has no cycles `{key}`"));
        let names = cycles.products.keys().chain(cycles.aliases.keys()).map(String::as_str);
        let near = crate::diagnostic::did_you_mean(key.as_str(), names);
        section.note(problem.help(near.unwrap_or_else(|| "write them as `cycles` of the product".to_owned())));
    }
}
