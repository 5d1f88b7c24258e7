//! Instatus: incidents and maintenances that are open, and components.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::Incident;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::reading::{json, moment, part, raw_items, told};

/// Instatus.
pub static KIND: Kind = Kind {
    name: "instatus",
    about: "incidents, components and maintenances of an Instatus page",
    example: r#"{ kind = "instatus", name = "Globex Cloud", url = "https://status.globex.example.test" }"#,
    stands: Stands::Page,
    build,
};

/// The page, with what was understood of it last.
#[derive(Default)]
pub struct Instatus {
    kept: Kept<Heard>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Instatus::default()))
}

impl Source for Instatus {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = self.kept.ask(door, Ask::get("summary.json"), read_summary).await?;
            let mut parts = self.kept.ask(door, Ask::get("v3/components.json"), read_components).await;
            if matches!(parts, Err(Fault::Missing { .. })) {
                parts = self.kept.ask(door, Ask::get("v2/components.json"), read_components).await;
            }
            let parts = part(parts, "components", &mut heard)?;
            if !parts.facts.is_empty() {
                // They say more than the page's one word.
                heard.facts.retain(|fact| !matches!(fact.what, What::PageComponent(_)));
            }
            heard.facts.extend(parts.facts);
            heard.gaps.extend(parts.gaps);
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireSummary<'a> {
    page: WirePage,
    // Lists are left out where they are empty.
    #[serde(borrow, default, rename = "activeIncidents")]
    incidents: Vec<&'a RawValue>,
    #[serde(borrow, default, rename = "activeMaintenances")]
    maintenances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WirePage {
    name: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIncident {
    #[serde(default)]
    id: String,
    name: String,
    status: String,
    #[serde(default)]
    impact: String,
    started: Option<String>,
    start: Option<String>,
    #[serde(default)]
    duration: Value,
    updated_at: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct WireComponents<'a> {
    #[serde(borrow)]
    components: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireComponent {
    name: String,
    status: String,
    #[serde(default)]
    group: Value,
}

fn read_summary(body: &[u8]) -> Result<Heard, Fault> {
    let summary: WireSummary<'_> = json(body, "the summary of an Instatus page")?;
    let mut heard = Heard::default();
    heard.facts.push(page::component(&summary.page.name, None, &summary.page.status, None));
    raw_items(summary.incidents, "incident", &mut heard, |one: WireIncident, heard| {
        heard.facts.push(Fact::here(What::Incident(Box::new(one.incident()))));
    });
    raw_items(summary.maintenances, "maintenance", &mut heard, |one: WireIncident, heard| {
        page::dated(heard, &one.name.clone(), one.maintenance());
    });
    Ok(heard)
}

fn read_components(body: &[u8]) -> Result<Heard, Fault> {
    let list: WireComponents<'_> = json(body, "the components of an Instatus page")?;
    let mut heard = Heard::default();
    raw_items(list.components, "component", &mut heard, |one: WireComponent, heard| {
        let group = one.group.as_str().or_else(|| one.group.get("name")?.as_str());
        heard.facts.push(page::component(&one.name, group, &one.status, None));
    });
    Ok(heard)
}

/// Minutes, as a number or as its text.
fn minutes(value: &Value) -> Option<TimeDelta> {
    let minutes = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    TimeDelta::try_minutes(minutes).filter(|length| *length > TimeDelta::zero())
}

impl WireIncident {
    fn incident(self) -> Incident {
        Incident {
            started: self.started.as_deref().and_then(moment),
            updated: self.updated_at.as_deref().and_then(moment),
            url: told(self.url.as_deref()),
            ..page::incident(&self.id, &self.name, &self.status, &self.impact)
        }
    }

    /// The page does not tell when it was announced. Before it begins, that was at its last update or earlier.
    fn maintenance(self) -> Option<Fact> {
        let start = self.start.as_deref().and_then(moment)?;
        let end = minutes(&self.duration).and_then(|length| start.checked_add_signed(length));
        let is_ahead = page::state(&self.status).as_str() == "scheduled";
        let at = self.updated_at.as_deref().and_then(moment).filter(|_| is_ahead);
        let maintenance = page::maintenance(&self.id, &self.name, start);
        Some(page::announced(maintenance, &self.status, end, at, self.url.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_read_as_a_number_or_as_its_text() {
        for (value, expected) in [
            (Value::from(60), Some(60)),
            (Value::from("120"), Some(120)),
            (Value::from("an hour"), None),
            (Value::from(0), None),
            (Value::from(i64::MAX), None),
            (Value::Null, None),
        ] {
            assert_eq!(minutes(&value).map(|length| length.num_minutes()), expected, "{value}");
        }
    }
}
