//! Uptime Kuma: monitors as components, the pinned incident, and maintenances that are under way.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::Incident;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::cron;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page::{self, on_the_wall};
use crate::sources::reading::{json, part, raw_items};
use crate::text::clean::Clean;

/// Uptime Kuma.
pub static KIND: Kind = Kind {
    name: "uptime-kuma",
    about: "monitors, incidents and running maintenances of an Uptime Kuma page",
    example: r#"{ kind = "uptime-kuma", name = "Lab", url = "https://kuma.example.test", page = "default" }"#,
    stands: Stands::Page,
    build,
};

/// One page of an instance.
pub struct UptimeKuma {
    page: Clean,
}

impl UptimeKuma {
    /// The page of that name.
    #[must_use]
    pub fn of(page: &str) -> Self {
        Self { page: Clean::line(page) }
    }
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let page = section.optional(("page", "the page's name in its address, `default` unless said"));
    let page = page.unwrap_or_else(|| Clean::line("default"));
    if page.as_str().contains(['/', '?', '#', '%']) || page.is_empty() {
        section.refuse("page", format!("`{page}` is no name of a page: it is what stands behind `/status/`"));
    }
    Some(Built::new(UptimeKuma { page }))
}

impl Source for UptimeKuma {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let whole = door.ask(Ask::get(format!("api/status-page/{}", self.page))).await?;
            let (mut heard, monitors) = read_page(&whole.body, now)?;
            let beats = door.ask(Ask::get(format!("api/status-page/heartbeat/{}", self.page))).await;
            let beats = beats.and_then(|reply| read_beats(&reply.body));
            let beats = part(beats, "heartbeats", &mut heard)?;
            heard.facts.extend(monitors.iter().map(|one| one.component(&beats)));
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage<'a> {
    config: WireConfig,
    #[serde(borrow, default)]
    incident: Option<&'a RawValue>,
    #[serde(borrow, default)]
    incidents: Vec<&'a RawValue>,
    #[serde(borrow)]
    public_group_list: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    maintenance_list: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireConfig {
    slug: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIncident {
    #[serde(default)]
    id: Value,
    title: String,
    #[serde(default)]
    style: String,
    active: Option<bool>,
    created_date: Option<String>,
    last_updated_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroup<'a> {
    name: Option<String>,
    #[serde(borrow, default)]
    monitor_list: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireMonitor {
    id: Value,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMaintenance {
    #[serde(default)]
    id: Value,
    title: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    timeslot_list: Vec<WireSlot>,
    cron: Option<String>,
    #[serde(default)]
    duration: Value,
    timezone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSlot {
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBeats<'a> {
    #[serde(borrow)]
    heartbeat_list: BTreeMap<String, Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct WireBeat {
    status: i64,
    time: Option<String>,
}

/// A monitor of the page, in its group.
struct Monitor {
    id: String,
    name: String,
    group: Option<String>,
}

/// The last beat of every monitor: how it was, and when.
type Beats = BTreeMap<String, (i64, Option<Moment>)>;

fn read_page(body: &[u8], now: Moment) -> Result<(Heard, Vec<Monitor>), Fault> {
    let page: WirePage<'_> = json(body, "an Uptime Kuma page")?;
    let mut heard = Heard::default();
    if page.config.slug.is_empty() {
        return Err(Fault::Garbled { expected: "an Uptime Kuma page", why: Clean::line("a page without a name") });
    }
    let mut monitors = Vec::new();
    raw_items(page.public_group_list, "group", &mut heard, |group: WireGroup<'_>, heard| {
        raw_items(group.monitor_list, "monitor", heard, |one: WireMonitor, _| {
            monitors.push(Monitor { id: page::id(&one.id), name: one.name, group: group.name.clone() });
        });
    });
    // Up to 2.0 one incident can be pinned, later several.
    let incidents = page.incident.into_iter().filter(|one| one.get() != "null").chain(page.incidents).collect();
    raw_items(incidents, "incident", &mut heard, |one: WireIncident, heard| {
        heard.facts.push(Fact::here(What::Incident(Box::new(one.incident()))));
    });
    raw_items(page.maintenance_list, "maintenance", &mut heard, |one: WireMaintenance, heard| one.tell(now, heard));
    Ok((heard, monitors))
}

fn read_beats(body: &[u8]) -> Result<Beats, Fault> {
    let beats: WireBeats<'_> = json(body, "the heartbeats of an Uptime Kuma page")?;
    // They come oldest first, and only the last one counts.
    let last = |list: Vec<&RawValue>| serde_json::from_str::<WireBeat>(list.last()?.get()).ok();
    let told = beats.heartbeat_list.into_iter().filter_map(|(id, list)| Some((id, last(list)?)));
    // The times of heartbeats are UTC, whatever the page's zone.
    let at = |beat: &WireBeat| beat.time.as_deref().and_then(|text| on_the_wall(text, Tz::UTC));
    Ok(told.map(|(id, beat)| (id, (beat.status, at(&beat)))).collect())
}

impl Monitor {
    fn component(&self, beats: &Beats) -> Fact {
        let beat = beats.get(&self.id);
        let word = match beat.map(|(status, _)| status) {
            Some(0) => "down",
            Some(1) => "up",
            Some(2) => "pending",
            Some(3) => "maintenance",
            Some(_) => "unknown",
            None => "not checked yet",
        };
        page::component(&self.name, self.group.as_deref(), word, beat.and_then(|(_, at)| *at))
    }
}

impl WireIncident {
    /// `style` is a colour: only `danger`, `warning` and `info` say how bad it is.
    fn incident(self) -> Incident {
        let at = |text: &Option<String>| text.as_deref().and_then(|text| on_the_wall(text, Tz::UTC));
        let is_over = self.active == Some(false);
        let incident = page::incident(&page::id(&self.id), &self.title, "", &self.style);
        Incident {
            said: Clean::line(if is_over { "resolved" } else { "pinned" }),
            resolved: is_over,
            started: at(&self.created_date),
            updated: at(&self.last_updated_date).or_else(|| at(&self.created_date)),
            ..incident
        }
    }
}

impl WireMaintenance {
    /// The page shows those that are under way. It tells the times of a single one and the rule of a recurring one; one
    /// that was begun by hand has neither.
    fn tell(self, now: Moment, heard: &mut Heard) {
        let known = self.timezone.as_deref().and_then(|name| name.parse().ok());
        let zone = known.unwrap_or(Tz::UTC);
        let at = |text: &Option<String>| on_the_wall(text.as_deref()?, zone);
        let odd = |why: &str| Gap {
            place: Clean::line(&format!("maintenance `{}`", self.title)),
            why: Clean::line(why),
            kind: GapKind::Odd,
        };
        if known.is_none() && !self.timeslot_list.is_empty() {
            heard.gaps.push(odd("its zone is not known: its times are read as UTC"));
        }
        let before = heard.facts.len();
        for slot in &self.timeslot_list {
            let Some(start) = at(&slot.start_date) else { continue };
            let maintenance = page::maintenance(&page::id(&self.id), &self.title, start);
            heard.facts.push(page::announced(maintenance, &self.status, at(&slot.end_date), None, None));
        }
        if let Some((start, end)) = self.recurring(zone, now).filter(|_| heard.facts.len() == before) {
            let maintenance = page::maintenance(&page::id(&self.id), &self.title, start);
            heard.facts.push(page::announced(maintenance, &self.status, Some(end), None, None));
        }
        if heard.facts.len() == before {
            heard.gaps.push(odd("it is under way, and the page does not say since when"));
        }
    }
    /// The time of a recurring one that it is in now, by its rule and its length in seconds.
    fn recurring(&self, zone: Tz, now: Moment) -> Option<(Moment, Moment)> {
        let start = cron::last(self.cron.as_deref().filter(|cron| !cron.is_empty())?, zone, now)?;
        let end = start.checked_add_signed(TimeDelta::try_seconds(self.duration.as_i64()?)?)?;
        (now < end).then_some((start, end))
    }
}
