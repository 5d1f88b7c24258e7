//! Cachet, 3 and 2: components, incidents and schedules. Its times hang on the wall of the application's zone.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::{Incident, Maintenance};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page::{self, on_the_wall};
use crate::sources::reading::{json, part, raw_items};
use crate::text::clean::Clean;

/// Cachet.
pub static KIND: Kind = Kind {
    name: "cachet",
    about: "incidents, components and schedules of a Cachet page, 3 and 2",
    example: r#"{ kind = "cachet", name = "Umbrella", url = "https://status.umbrella.example.test", zone = "Europe/Berlin" }"#,
    stands: Stands::Page,
    build,
};

/// Items of one answer: as many as it gives.
const PAGE: &str = "100";

/// Pages of one list. Newest come first; who has more than this asks about the past.
const MOST_PAGES: usize = 10;

/// The page.
#[derive(Default)]
pub struct Cachet {
    /// The zone its times are in; none where nobody said.
    zone: Option<Tz>,
}

/// Its interface, by the version of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    Three,
    Two,
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let zone = section.zone(("zone", "the zone its application runs in; `UTC` unless said"));
    Some(Built::new(Cachet { zone }))
}

impl Source for Cachet {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let api = match door.ask(Ask::get("api/status")).await.and_then(|reply| read_status(&reply.body)) {
                Ok(()) => Api::Three,
                // The older one has no `status` there; some pages answer with the page itself.
                Err(three @ (Fault::Missing { .. } | Fault::Garbled { .. })) => {
                    let pong = door.ask(Ask::get("api/v1/ping")).await.and_then(|reply| read_ping(&reply.body));
                    pong.map_err(|two| if matches!(two, Fault::Missing { .. }) { three } else { two })?;
                    Api::Two
                }
                Err(fault) => return Err(fault),
            };
            let mut reader = Reader { zone: self.zone.unwrap_or(Tz::UTC), names: BTreeMap::new() };
            for (list, read) in LISTS {
                let told = all(door, api, list).await;
                let told = part(told, list, &mut heard)?;
                for body in &told {
                    reader.list(body, list, read, &mut heard)?;
                }
            }
            let is_dated = heard.facts.iter().any(|fact| !matches!(fact.what, What::PageComponent(_)));
            if self.zone.is_none() && is_dated {
                heard.gaps.push(Gap {
                    place: Clean::line("zone"),
                    why: Clean::line("its times tell no zone and are read as UTC: say `zone` if it is another"),
                    kind: GapKind::Partial,
                });
            }
            Ok(heard)
        })
    }
}

type Read = fn(&mut Reader, WireItem) -> Option<Fact>;

/// The lists of a page, and what their items become. Components come first: what follows says which of them it touches.
const LISTS: [(&str, Read); 3] =
    [("components", Reader::component), ("incidents", Reader::incident), ("schedules", Reader::schedule)];

/// All pages of one list.
async fn all(door: &dyn Door, api: Api, list: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let first = match api {
        Api::Three if list == "components" => Ask::get(format!("api/{list}")).with("per_page", PAGE),
        Api::Three => Ask::get(format!("api/{list}")).with("per_page", PAGE).with("include", "components"),
        Api::Two => Ask::get(format!("api/v1/{list}")).with("per_page", PAGE),
    };
    let mut bodies = vec![door.ask(first).await?.body];
    while bodies.len() < MOST_PAGES {
        let Some(next) = bodies.last().and_then(|body| next_page(body)) else { break };
        bodies.push(door.ask(Ask::get(next)).await?.body);
    }
    Ok(bodies)
}

#[derive(Deserialize)]
struct WirePing {
    data: String,
}

#[derive(Deserialize)]
struct WireList<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    /// The components its items touch, whole, where they were asked for.
    #[serde(borrow, default)]
    included: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireNext {
    #[serde(default)]
    links: Value,
    #[serde(default)]
    meta: Value,
}

/// An item of either version: with its fields under `attributes`, or flat.
#[derive(Deserialize)]
struct WireItem {
    #[serde(default)]
    id: Value,
    attributes: Option<WireFields>,
    #[serde(default)]
    relationships: Value,
    #[serde(flatten)]
    flat: WireFields,
}

#[derive(Default, Deserialize)]
struct WireFields {
    #[serde(default)]
    name: Value,
    /// The one it touches, as 2 tells it.
    #[serde(default)]
    component_id: Value,
    #[serde(default)]
    status: Value,
    #[serde(default)]
    scheduled: Value,
    #[serde(default)]
    completed: Value,
    #[serde(default)]
    occurred: Value,
    #[serde(default)]
    created: Value,
    #[serde(default)]
    updated: Value,
    #[serde(default)]
    scheduled_at: Value,
    #[serde(default)]
    completed_at: Value,
    #[serde(default)]
    occurred_at: Value,
    #[serde(default)]
    created_at: Value,
    #[serde(default)]
    updated_at: Value,
}

fn read_status(body: &[u8]) -> Result<(), Fault> {
    let expected = "the status of a Cachet page";
    let status: Value = json(body, expected)?;
    match status.pointer("/data/status").is_some_and(Value::is_string) {
        true => Ok(()),
        false => Err(Fault::Garbled { expected, why: Clean::line("another document") }),
    }
}

fn read_ping(body: &[u8]) -> Result<(), Fault> {
    let ping: WirePing = json(body, "a Cachet page's `Pong!`")?;
    match ping.data.starts_with("Pong") {
        true => Ok(()),
        false => Err(Fault::Garbled { expected: "a Cachet page's `Pong!`", why: Clean::line("another word") }),
    }
}

fn next_page(body: &[u8]) -> Option<String> {
    let next: WireNext = serde_json::from_slice(body).ok()?;
    let link = next.links.get("next").or_else(|| next.meta.pointer("/pagination/links/next_page"));
    link.and_then(Value::as_str).map(str::to_owned)
}

/// Reads items with the zone of their times and the names of the components they touch.
struct Reader {
    zone: Tz,
    names: BTreeMap<String, Clean>,
}

impl Reader {
    fn list(&mut self, body: &[u8], what: &str, read: Read, heard: &mut Heard) -> Result<(), Fault> {
        let list: WireList<'_> = json(body, "a list of a Cachet page")?;
        let included = list.included.into_iter().filter_map(|one| serde_json::from_str(one.get()).ok());
        included.for_each(|one: WireItem| self.name(&one));
        raw_items(list.data, what, heard, |one: WireItem, heard| heard.facts.extend(read(self, one)));
        Ok(())
    }

    /// Notes what a component is called.
    fn name(&mut self, item: &WireItem) {
        let fields = item.attributes.as_ref().unwrap_or(&item.flat);
        if let Some(name) = fields.name.as_str() {
            self.names.insert(page::id(&item.id), Clean::line(name));
        }
    }

    /// The components an item touches, by name: 3 points at several, 2 at one.
    fn touched(&self, item: &WireItem) -> Vec<Clean> {
        let fields = item.attributes.as_ref().unwrap_or(&item.flat);
        let several = item.relationships.pointer("/components/data").and_then(Value::as_array).into_iter().flatten();
        let ids = several.filter_map(|one| one.get("id")).chain([&fields.component_id]);
        let mut names: Vec<Clean> = ids.filter_map(|id| self.names.get(&page::id(id)).cloned()).collect();
        names.dedup();
        names
    }

    fn component(&mut self, item: WireItem) -> Option<Fact> {
        self.name(&item);
        let (_, fields) = item.parts();
        let word = match number(&fields.status) {
            Some(1) => "operational",
            Some(2) => "performance issues",
            Some(3) => "partial outage",
            Some(4) => "major outage",
            Some(6) => "under maintenance",
            Some(_) | None => "unknown",
        };
        Some(page::component(fields.name.as_str()?, None, word, self.at(&fields.updated, &fields.updated_at)))
    }

    fn incident(&mut self, item: WireItem) -> Option<Fact> {
        let components = self.touched(&item);
        let (id, fields) = item.parts();
        let stands = match number(&fields.status) {
            // Planned work, as the oldest ones kept it.
            Some(0) if !fields.scheduled_at.is_null() => {
                return self.schedule_of(&id, &fields, "scheduled", components);
            }
            Some(1) => "investigating",
            Some(2) => "identified",
            Some(3) => "monitoring",
            Some(4) => "resolved",
            Some(_) | None => "unknown",
        };
        let created = self.at(&fields.created, &fields.created_at);
        let updated = self.at(&fields.updated, &fields.updated_at);
        // How bad it is, the components alone say.
        let incident = page::incident(&id, fields.name.as_str()?, stands, "");
        Some(Fact::here(What::Incident(Box::new(Incident {
            started: self.at(&fields.occurred, &fields.occurred_at).or(created),
            ended: updated.filter(|_| incident.resolved),
            updated,
            components,
            ..incident
        }))))
    }

    fn schedule(&mut self, item: WireItem) -> Option<Fact> {
        let components = self.touched(&item);
        let (id, fields) = item.parts();
        let stands = match number(&fields.status) {
            Some(0) => "scheduled",
            Some(1) => "in_progress",
            Some(2) => "completed",
            Some(_) | None => "unknown",
        };
        self.schedule_of(&id, &fields, stands, components)
    }

    fn schedule_of(&self, id: &str, fields: &WireFields, stands: &str, components: Vec<Clean>) -> Option<Fact> {
        let start = self.at(&fields.scheduled, &fields.scheduled_at)?;
        let end = self.at(&fields.completed, &fields.completed_at);
        let announced = self.at(&fields.created, &fields.created_at);
        let maintenance = Maintenance { components, ..page::maintenance(id, fields.name.as_str()?, start) };
        Some(page::announced(maintenance, stands, end, announced, None))
    }

    /// `{human, string}` in 3, of which the first is words in somebody's language; a bare text in 2.
    fn at(&self, three: &Value, two: &Value) -> Option<Moment> {
        let text = three.get("string").and_then(Value::as_str).or_else(|| two.as_str())?;
        on_the_wall(text, self.zone)
    }
}

impl WireItem {
    fn parts(self) -> (String, WireFields) {
        (page::id(&self.id), self.attributes.unwrap_or(self.flat))
    }
}

/// `{human, value}` in 3, a number or its text in 2.
fn number(status: &Value) -> Option<i64> {
    let value = status.get("value").unwrap_or(status);
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}
