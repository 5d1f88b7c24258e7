//! Atlassian Statuspage, and the many that imitate its shape: components, open incidents, scheduled maintenances.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::{Incident, Maintenance};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::reading::{json, moment, raw_items, told};
use crate::text::clean::Clean;

/// Atlassian Statuspage.
pub static KIND: Kind = Kind {
    name: "statuspage",
    about: "incidents, components and scheduled maintenances of an Atlassian Statuspage",
    example: r#"{ kind = "statuspage", name = "Northwind", url = "https://status.example.test" }"#,
    stands: Stands::Page,
    build,
};

/// The page, with what was understood of it last.
#[derive(Default)]
pub struct Statuspage {
    kept: Kept<Heard>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Statuspage::default()))
}

impl Source for Statuspage {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(self.kept.ask(door, Ask::get("api/v2/summary.json"), read_summary))
    }
}

#[derive(Deserialize)]
struct WireSummary<'a> {
    #[serde(borrow)]
    components: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    incidents: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    scheduled_maintenances: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireComponent {
    id: String,
    name: String,
    status: String,
    updated_at: Option<String>,
    #[serde(default)]
    group: bool,
    group_id: Option<String>,
}

#[derive(Deserialize)]
struct WireIncident {
    id: String,
    name: String,
    status: String,
    #[serde(default)]
    impact: String,
    created_at: Option<String>,
    updated_at: Option<String>,
    started_at: Option<String>,
    resolved_at: Option<String>,
    shortlink: Option<String>,
    scheduled_for: Option<String>,
    scheduled_until: Option<String>,
    #[serde(default)]
    components: Vec<WireNamed>,
    #[serde(default)]
    incident_updates: Vec<WireUpdate>,
}

#[derive(Deserialize)]
struct WireNamed {
    id: Option<String>,
    name: String,
    group_id: Option<String>,
}

#[derive(Deserialize)]
struct WireUpdate {
    status: String,
    created_at: Option<String>,
}

/// Understands the summary of a page.
fn read_summary(body: &[u8]) -> Result<Heard, Fault> {
    let summary: WireSummary<'_> = json(body, "the summary of a status page")?;
    let mut heard = Heard::default();
    let mut components = Vec::new();
    raw_items(summary.components, "component", &mut heard, |one: WireComponent, _| components.push(one));
    let groups = Groups(&components);
    for one in components.iter().filter(|one| !one.group) {
        let group = groups.of(one.group_id.as_ref());
        let updated = one.updated_at.as_deref().and_then(moment);
        heard.facts.push(page::component(&one.name, group, &one.status, updated));
    }
    raw_items(summary.incidents, "incident", &mut heard, |one: WireIncident, heard| {
        heard.facts.push(Fact::here(What::Incident(Box::new(one.incident(&groups)))));
    });
    raw_items(summary.scheduled_maintenances, "maintenance", &mut heard, |one: WireIncident, heard| {
        page::dated(heard, &one.name.clone(), one.maintenance(&groups));
    });
    Ok(heard)
}

/// The groups that parts of a page stand in.
struct Groups<'c>(&'c [WireComponent]);

impl Groups<'_> {
    fn of(&self, id: Option<&String>) -> Option<&str> {
        self.0.iter().find(|group| Some(&group.id) == id).map(|group| group.name.as_str())
    }

    /// A part an incident names, as the page itself lists it.
    fn full_name(&self, one: &WireNamed) -> Clean {
        let listed = self.0.iter().find(|known| Some(&known.id) == one.id.as_ref());
        let group = one.group_id.as_ref().or_else(|| listed.and_then(|known| known.group_id.as_ref()));
        page::full_name(&one.name, self.of(group))
    }
}

impl WireIncident {
    fn incident(self, groups: &Groups<'_>) -> Incident {
        Incident {
            started: self.started_at.or(self.created_at).as_deref().and_then(moment),
            ended: self.resolved_at.as_deref().and_then(moment),
            updated: self.updated_at.as_deref().and_then(moment),
            components: self.components.iter().map(|one| groups.full_name(one)).collect(),
            url: told(self.shortlink.as_deref()),
            ..page::incident(&self.id, &self.name, &self.status, &self.impact)
        }
    }

    /// The notice is the first update that says `scheduled`; drafts may be older than what customers saw.
    fn maintenance(self, groups: &Groups<'_>) -> Option<Fact> {
        let start = self.scheduled_for.as_deref().and_then(moment)?;
        let end = self.scheduled_until.as_deref().and_then(moment);
        let notices = self.incident_updates.iter().filter(|update| update.status == "scheduled");
        let noticed = notices.filter_map(|update| update.created_at.as_deref().and_then(moment)).min();
        let at = noticed.or_else(|| self.created_at.as_deref().and_then(moment));
        let components = self.components.iter().map(|one| groups.full_name(one)).collect();
        let maintenance = Maintenance { components, ..page::maintenance(&self.id, &self.name, start) };
        Some(page::announced(maintenance, &self.status, end, at, self.shortlink.as_deref()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::clock::Dated;

    #[test]
    fn a_maintenance_is_announced_when_customers_first_saw_it() {
        let body = r#"{"components":[],"scheduled_maintenances":[{"id":"m","name":"Q1","status":"scheduled",
            "impact":"maintenance","created_at":"2026-10-01T00:00:00Z",
            "scheduled_for":"2026-10-24T23:00:00.000+02:00","scheduled_until":"2026-10-25T03:00:00.000+01:00",
            "incident_updates":[{"status":"scheduled","created_at":"2026-10-10T08:00:00Z"},
            {"status":"in_progress","created_at":"2026-10-02T08:00:00Z"}]}]}"#;
        let heard = read_summary(body.as_bytes()).unwrap();
        let What::Maintenance(one) = &heard.facts[0].what else { panic!("{heard:?}") };
        assert_eq!(one.announced, Some(Dated::At("2026-10-10T08:00:00Z".parse().unwrap())));
        // Across the clock change: five hours, not four.
        assert_eq!((one.end.unwrap() - one.start).num_hours(), 5);
    }
}
