//! Gatus: its endpoints as components, its announcements as incidents.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::Incident;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::reading::{items, json, moment, part, raw_items};

/// Gatus.
pub static KIND: Kind = Kind {
    name: "gatus",
    about: "endpoints and announcements of a Gatus page",
    example: r#"{ kind = "gatus", name = "Edge", url = "https://gatus.example.test" }"#,
    stands: Stands::Page,
    build,
};

/// The page, with what was understood of it last.
#[derive(Default)]
pub struct Gatus {
    kept: Kept<Heard>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Gatus::default()))
}

impl Source for Gatus {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            // The page size counts results of each endpoint, not endpoints.
            let ask = Ask::get("api/v1/endpoints/statuses").with("page", "1").with("pageSize", "1");
            let mut heard = self.kept.ask(door, ask, read_statuses).await?;
            // Announcements came with 5.24; older ones answer without the list, or not at all.
            let config = self.kept.ask(door, Ask::get("api/v1/config"), read_config).await;
            let config = part(config, "announcements", &mut heard)?;
            heard.facts.extend(config.facts);
            heard.gaps.extend(config.gaps);
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireEndpoint {
    name: String,
    group: Option<String>,
    #[serde(default)]
    results: Vec<WireResult>,
}

#[derive(Deserialize)]
struct WireResult {
    success: bool,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct WireConfig<'a> {
    #[serde(borrow, default)]
    announcements: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct WireAnnouncement {
    timestamp: Option<String>,
    #[serde(default)]
    r#type: String,
    message: String,
    #[serde(default)]
    archived: bool,
}

fn read_statuses(body: &[u8]) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    items(body, "a list of endpoints", &mut heard, |one: WireEndpoint, heard| {
        let at = |result: &WireResult| result.timestamp.as_deref().and_then(moment);
        let last = one.results.iter().max_by_key(|result| at(result));
        let word = match last {
            Some(WireResult { success: true, .. }) => "up",
            Some(WireResult { success: false, .. }) => "down",
            None => "not checked yet",
        };
        heard.facts.push(page::component(&one.name, one.group.as_deref(), word, last.and_then(at)));
    })?;
    Ok(heard)
}

fn read_config(body: &[u8]) -> Result<Heard, Fault> {
    let config: WireConfig<'_> = json(body, "the public configuration of Gatus")?;
    let mut heard = Heard::default();
    let list = config.announcements.unwrap_or_default();
    raw_items(list, "announcement", &mut heard, |one: WireAnnouncement, heard| {
        let stands = match one.r#type.as_str() {
            "operational" => "resolved",
            _ if one.archived => "archived",
            _ => "announced",
        };
        let started = one.timestamp.as_deref().and_then(moment);
        let id = started.map_or_else(|| one.message.clone(), |at| at.timestamp().to_string());
        let incident = page::incident(&id, &one.message, stands, &one.r#type);
        heard.facts.push(Fact::here(What::Incident(Box::new(Incident {
            // What informs and what says all is well is no incident that is open.
            resolved: one.archived || matches!(one.r#type.as_str(), "operational" | "information" | "none"),
            started,
            updated: started,
            ..incident
        }))));
    });
    Ok(heard)
}
