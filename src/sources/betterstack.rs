//! Better Stack: one JSON:API document with resources, reports and their updates.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::{Incident, Maintenance};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::reading::{json, moment, raw_items};
use crate::text::clean::Clean;

/// Better Stack.
pub static KIND: Kind = Kind {
    name: "betterstack",
    about: "reports, resources and maintenances of a Better Stack page",
    example: r#"{ kind = "betterstack", name = "Hooli", url = "https://status.hooli.example.test" }"#,
    stands: Stands::Page,
    build,
};

/// The page, with what was understood of it last.
#[derive(Default)]
pub struct BetterStack {
    kept: Kept<Heard>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(BetterStack::default()))
}

impl Source for BetterStack {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(self.kept.ask(door, Ask::get("index.json"), read_index))
    }
}

#[derive(Deserialize)]
struct WireIndex<'a> {
    data: WirePage,
    #[serde(borrow, default)]
    included: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WirePage {
    r#type: String,
}

#[derive(Deserialize)]
struct WireItem<'a> {
    #[serde(default)]
    id: Value,
    r#type: String,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(default)]
    relationships: Value,
}

#[derive(Deserialize)]
struct WireSection {
    name: Option<String>,
}

#[derive(Deserialize)]
struct WireResource {
    public_name: String,
    status: String,
    #[serde(default)]
    status_page_section_id: Value,
}

#[derive(Deserialize)]
struct WireReport {
    title: String,
    #[serde(default)]
    report_type: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    #[serde(default)]
    aggregate_state: String,
    #[serde(default)]
    affected_resources: Vec<WireAffected>,
}

#[derive(Deserialize)]
struct WireAffected {
    #[serde(default)]
    status_page_resource_id: Value,
}

#[derive(Deserialize)]
struct WireUpdate {
    published_at: Option<String>,
    #[serde(default)]
    status_report_id: Value,
}

/// What a document holds, by its ids.
#[derive(Default)]
struct Parts {
    sections: BTreeMap<String, String>,
    resources: Vec<(String, WireResource)>,
    reports: Vec<(String, WireReport, Vec<String>)>,
    /// When each update was published, by its id, and of which report it is where it says so.
    updates: BTreeMap<String, (Option<String>, Moment)>,
}

fn read_index(body: &[u8]) -> Result<Heard, Fault> {
    let expected = "the index of a Better Stack page";
    let index: WireIndex<'_> = json(body, expected)?;
    if index.data.r#type != "status_page" {
        let why = Clean::line_within(&format!("a document of type `{}`", index.data.r#type), 60);
        return Err(Fault::Garbled { expected, why });
    }
    let mut heard = Heard::default();
    let mut parts = Parts::default();
    raw_items(index.included, "included", &mut heard, |item: WireItem<'_>, heard| parts.take(item, heard));
    for (_, resource) in &parts.resources {
        let section = parts.sections.get(&page::id(&resource.status_page_section_id)).map(String::as_str);
        heard.facts.push(page::component(&resource.public_name, section, &resource.status, None));
    }
    heard.facts.extend(parts.reports.iter().filter_map(|(id, report, updates)| parts.report(id, report, updates)));
    Ok(heard)
}

impl Parts {
    fn take(&mut self, item: WireItem<'_>, heard: &mut Heard) {
        let id = page::id(&item.id);
        let text = item.attributes.map_or("null", RawValue::get);
        let done = match item.r#type.as_str() {
            "status_page_section" => serde_json::from_str(text).map(|section: WireSection| {
                self.sections.extend(section.name.map(|name| (id.clone(), name)));
            }),
            "status_page_resource" => serde_json::from_str(text).map(|one| self.resources.push((id.clone(), one))),
            "status_report" => {
                let updates = item.relationships.pointer("/status_updates/data").and_then(Value::as_array);
                let updates = updates.into_iter().flatten().map(|one| page::id(&one["id"])).collect();
                serde_json::from_str(text).map(|one| self.reports.push((id.clone(), one, updates)))
            }
            "status_update" => serde_json::from_str(text).map(|one: WireUpdate| {
                let report = Some(page::id(&one.status_report_id)).filter(|id| !id.is_empty());
                let at = one.published_at.as_deref().and_then(moment);
                self.updates.extend(at.map(|at| (id.clone(), (report, at))));
            }),
            // Whatever else belongs to a page is none of ours.
            _ => Ok(()),
        };
        if let Err(error) = done {
            let place = Clean::line(&format!("{} {id}", item.r#type));
            heard.gaps.push(Gap { place, why: Clean::line(&error.to_string()), kind: GapKind::Odd });
        }
    }

    fn full_name(&self, resource: &WireResource) -> Clean {
        let section = self.sections.get(&page::id(&resource.status_page_section_id)).map(String::as_str);
        page::full_name(&resource.public_name, section)
    }

    fn report(&self, id: &str, report: &WireReport, updates: &[String]) -> Option<Fact> {
        let told =
            self.updates.iter().filter(|(update, (of, _))| of.as_deref() == Some(id) || updates.contains(update));
        let told: Vec<Moment> = told.map(|(_, (_, at))| *at).collect();
        let start = report.starts_at.as_deref().and_then(moment);
        let end = report.ends_at.as_deref().and_then(moment);
        let affected = report.affected_resources.iter().map(|one| page::id(&one.status_page_resource_id));
        let named = affected.filter_map(|id| self.resources.iter().find(|(known, _)| *known == id));
        let components = named.map(|(_, one)| self.full_name(one)).collect();
        if report.report_type.eq_ignore_ascii_case("maintenance") {
            // It is announced by its first update.
            let announced = told.iter().min().copied();
            let maintenance = Maintenance { components, ..page::maintenance(id, &report.title, start?) };
            return Some(page::announced(maintenance, "", end, announced, None));
        }
        // An incident has an end once it is over; nobody plans one.
        let stands = if end.is_some() { "resolved" } else { "unresolved" };
        Some(Fact::here(What::Incident(Box::new(Incident {
            started: start,
            ended: end,
            updated: told.iter().max().copied(),
            components,
            ..page::incident(id, &report.title, stands, &report.aggregate_state)
        }))))
    }
}
