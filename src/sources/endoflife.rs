//! endoflife.date: lifecycle data newer than the embedded one, and the newest release of each cycle.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

use crate::domain::clock::{Day, Moment};
use crate::domain::cycles::{Cycle, CycleSet, Ending};
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, moment, raw_items};
use crate::text::clean::Clean;

/// endoflife.date, or a mirror of it.
pub static KIND: Kind = Kind {
    name: "endoflife",
    about: "lifecycle data from endoflife.date or a mirror of it",
    example: r#"{ kind = "endoflife", url = "https://endoflife.example.test", product = "kubernetes" }"#,
    stands: Stands::Product,
    build,
};

struct EndOfLife {
    path: String,
    kept: Kept<Heard>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let name = section.optional(("product", "the product's name there; this product's id unless said"));
    let name = name.map(|name| name.to_string()).or_else(|| setting.product.map(ToString::to_string))?;
    if name.contains(['/', '?', '#']) {
        section.refuse("product", format!("`{name}` is no name of a product there"));
    }
    Some(Built::new(EndOfLife { path: format!("api/v1/products/{name}"), kept: Kept::default() }))
}

impl Source for EndOfLife {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(self.kept.ask(door, Ask::get(&self.path), read_product))
    }
}

#[derive(Deserialize)]
struct WireAnswer<'a> {
    generated_at: Option<String>,
    #[serde(borrow)]
    result: WireProduct<'a>,
}

#[derive(Deserialize)]
struct WireProduct<'a> {
    name: String,
    #[serde(borrow)]
    releases: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCycle {
    name: String,
    release_date: Option<Day>,
    #[serde(default)]
    is_lts: bool,
    lts_from: Option<Day>,
    is_eoas: Option<bool>,
    eoas_from: Option<Day>,
    is_eol: Option<bool>,
    eol_from: Option<Day>,
    is_eoes: Option<bool>,
    eoes_from: Option<Day>,
    latest: Option<WireLatest>,
}

#[derive(Deserialize)]
struct WireLatest {
    name: String,
    date: Option<Day>,
}

/// Understands one product. What the page computed for the day it was built is never taken where there is a date.
fn read_product(body: &[u8]) -> Result<Heard, Fault> {
    let answer: WireAnswer<'_> = json(body, "lifecycle data of one product")?;
    let mut heard = Heard::default();
    let mut cycles = Vec::new();
    raw_items(answer.result.releases, "cycle", &mut heard, |one: WireCycle, _| cycles.push(one.cycle()));
    heard.facts.push(Fact::here(What::Cycles(Arc::new(CycleSet {
        key: Clean::line(&answer.result.name),
        taken: answer.generated_at.as_deref().and_then(moment).map(|at| at.date_naive()),
        origin: Clean::line("endoflife.date"),
        cycles,
    }))));
    Ok(heard)
}

/// A phase: its last day, or whether it is over, or nothing where the product has no such phase.
fn phase(over: Option<bool>, from: Option<Day>) -> Option<Ending> {
    match (over, from) {
        (_, Some(day)) => Some(Ending::On(day)),
        (Some(true), None) => Some(Ending::Over),
        (Some(false), None) => Some(Ending::Open),
        (None, None) => None,
    }
}

impl WireCycle {
    fn cycle(self) -> Cycle {
        Cycle {
            name: Clean::line(&self.name),
            released: self.release_date,
            active_until: phase(self.is_eoas, self.eoas_from),
            eol: phase(self.is_eol, self.eol_from),
            latest_on: self.latest.as_ref().and_then(|latest| latest.date),
            latest: self.latest.map(|latest| Clean::line(&latest.name)),
            // `isLts` was true or false on the day the page was built; a later day is told beside it.
            lts: self.is_lts || self.lts_from.is_some(),
            lts_from: self.lts_from,
            extended_until: phase(self.is_eoes, self.eoes_from),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_date_counts_more_than_what_the_page_once_computed() {
        let day: Day = "2026-10-27".parse().unwrap();
        for (over, from, ending) in [
            (Some(false), Some(day), Some(Ending::On(day))),
            (Some(true), Some(day), Some(Ending::On(day))),
            (Some(true), None, Some(Ending::Over)),
            (Some(false), None, Some(Ending::Open)),
            (None, None, None),
        ] {
            assert_eq!(phase(over, from), ending);
        }
    }
}
