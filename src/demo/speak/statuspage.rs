//! Status pages in Statuspage's shape: the vendor's own, with its announcements, and a cloud provider's.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::times::home;
use crate::demo::answer::Answer;
use crate::demo::calendar::upgrades;
use crate::demo::dice::{hex, uuid};
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::scenario::Scenario;
use crate::demo::writes::Write;
use crate::domain::clock::Moment;

/// Whose page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The vendor's.
    Own,
    /// The cloud provider's.
    Cloud,
}

impl Page {
    fn id(self) -> &'static str {
        match self {
            Self::Own => "kctbh9vrtdwd",
            Self::Cloud => "zq1cloud0001",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Own => "Northwind",
            Self::Cloud => "Skyline Cloud",
        }
    }

    fn components(self) -> &'static [&'static str] {
        match self {
            Self::Own => &["Panel", "API", "Registry", "Metering"],
            Self::Cloud => &["Compute", "Block storage", "Networking", "Container registry"],
        }
    }
}

/// Answers what stands below the page's address, and the write side below `v1`.
#[must_use]
pub fn answer(glance: &Glance<'_>, page: Page, rest: &[&str], question: &Question) -> Answer {
    let (incidents, works) = (incidents(glance, page), maintenances(glance, page));
    let open = |all: &[Value], states: &[&str]| -> Vec<Value> {
        let is = |one: &&Value| one.get("status").and_then(Value::as_str).is_some_and(|state| states.contains(&state));
        all.iter().filter(is).cloned().collect()
    };
    let unresolved = open(&incidents, &["investigating", "identified", "monitoring"]);
    let under_way = open(&works, &["in_progress", "verifying"]);
    let head = header(glance, page, &question.origin);
    match rest {
        ["api", "v2", "summary.json"] => Answer::json(&json!({
            "page": head,
            "components": components(glance, page, &unresolved, &under_way),
            "incidents": unresolved,
            "scheduled_maintenances": open(&works, &["scheduled", "in_progress", "verifying"]),
            "status": indicator(&unresolved),
        })),
        ["api", "v2", "status.json"] => Answer::json(&json!({"page": head, "status": indicator(&unresolved)})),
        ["api", "v2", "components.json"] => {
            Answer::json(&json!({"page": head, "components": components(glance, page, &unresolved, &under_way)}))
        }
        ["api", "v2", "incidents.json"] => Answer::json(&json!({"page": head, "incidents": incidents})),
        ["api", "v2", "incidents", "unresolved.json"] => Answer::json(&json!({"page": head, "incidents": unresolved})),
        ["api", "v2", "scheduled-maintenances.json"] => {
            Answer::json(&json!({"page": head, "scheduled_maintenances": works}))
        }
        ["api", "v2", "scheduled-maintenances", "upcoming.json"] => {
            Answer::json(&json!({"page": head, "scheduled_maintenances": open(&works, &["scheduled"])}))
        }
        ["api", "v2", "scheduled-maintenances", "active.json"] => {
            Answer::json(&json!({"page": head, "scheduled_maintenances": under_way}))
        }
        ["v1", "pages", _, "incidents"] if question.method == "POST" => announce(glance, question),
        ["v1", "pages", _, "incidents", ..] => Answer::json(&works.into()),
        _ => Answer::nothing(),
    }
}

fn header(glance: &Glance<'_>, page: Page, origin: &str) -> Value {
    json!({"id": page.id(), "name": page.name(), "url": origin, "time_zone": "Europe/Berlin",
           "updated_at": home(glance.at - TimeDelta::seconds(glance.at.timestamp().rem_euclid(300)))})
}

fn indicator(unresolved: &[Value]) -> Value {
    let worst = |impact: &str| unresolved.iter().any(|one| one.get("impact").and_then(Value::as_str) == Some(impact));
    let (indicator, description) = if worst("critical") {
        ("critical", "Major Service Outage")
    } else if worst("major") {
        ("major", "Partial System Outage")
    } else if worst("minor") {
        ("minor", "Minor Service Outage")
    } else {
        ("none", "All Systems Operational")
    };
    json!({"indicator": indicator, "description": description})
}

fn component(page: Page, name: &str, status: &str, since: Moment) -> Value {
    json!({"id": hex(name, 12), "name": name, "status": status, "created_at": "2024-01-02T10:00:00.000+01:00",
           "updated_at": home(since), "position": 1, "description": null, "showcase": true, "start_date": null,
           "group_id": null, "page_id": page.id(), "group": false, "only_show_if_degraded": false})
}

fn components(glance: &Glance<'_>, page: Page, unresolved: &[Value], under_way: &[Value]) -> Vec<Value> {
    let hit = |all: &[Value], name: &str| {
        all.iter().any(|one| {
            let parts = one.get("components").and_then(Value::as_array);
            parts.is_some_and(|parts| parts.iter().any(|part| part.get("name").and_then(Value::as_str) == Some(name)))
        })
    };
    page.components()
        .iter()
        .map(|name| {
            let status = if hit(unresolved, name) {
                "degraded_performance"
            } else if hit(under_way, name) {
                "under_maintenance"
            } else {
                "operational"
            };
            component(page, name, status, glance.at - TimeDelta::hours(3))
        })
        .collect()
}

/// One incident or maintenance, with one update per state it went through.
fn entry(
    page: Page,
    id: &str,
    (name, body): (&str, &str),
    impact: &str,
    steps: &[(&str, Moment)],
    parts: &[&str],
) -> Value {
    let updates: Vec<Value> = steps
        .iter()
        .rev()
        .map(|(status, at)| {
            json!({"id": hex(&format!("{id}{status}"), 12), "status": status, "body": body, "incident_id": id,
                   "created_at": home(*at), "updated_at": home(*at), "display_at": home(*at), "affected_components": []})
        })
        .collect();
    let (first, last) = (steps.first(), steps.last());
    let at = |step: Option<&(&str, Moment)>| step.map(|(_, at)| home(*at));
    let when = |state: &str| steps.iter().find(|(status, _)| *status == state).map(|(_, at)| home(*at));
    let components: Vec<Value> =
        parts.iter().filter_map(|name| Some(component(page, name, "operational", first?.1))).collect();
    json!({
        "id": id, "name": name, "status": last.map(|(status, _)| *status), "impact": impact, "page_id": page.id(),
        "created_at": at(first), "updated_at": at(last), "started_at": at(first), "monitoring_at": when("monitoring"),
        "resolved_at": when("resolved").or_else(|| when("completed")), "shortlink": format!("https://stspg.example/{id}"),
        "components": components, "incident_updates": updates,
    })
}

/// About one incident in nine days on each page, and what the scenario wants.
fn incidents(glance: &Glance<'_>, page: Page) -> Vec<Value> {
    let scenario = glance.world.setup.scenario;
    let today = glance.at.timestamp().div_euclid(86_400);
    let mut found = Vec::new();
    for day in (today - 14..=today).rev() {
        let mut dice = glance.dice(&["incident", page.id()], day);
        let drawn = dice.chance(110) && scenario != Scenario::Quiet;
        let Some(start) = Moment::from_timestamp(day * 86_400 + dice.within(0, 80_000), 0) else { continue };
        let Some(part) = dice.pick(page.components()) else { continue };
        let lasts = dice.within(40, 400);
        if drawn && start <= glance.at {
            let impact = if dice.chance(250) { "major" } else { "minor" };
            found.push(incident(glance, page, (part, impact), start, lasts));
        }
    }
    if scenario == Scenario::NetworkDown && page == Page::Cloud {
        found.insert(0, incident(glance, page, ("Networking", "critical"), glance.world.setup.anchor, 240));
    }
    found
}

fn incident(glance: &Glance<'_>, page: Page, (part, impact): (&str, &str), start: Moment, lasts: i64) -> Value {
    let after = |share: i64| start + TimeDelta::minutes(lasts * share / 100);
    let steps =
        [("investigating", start), ("identified", after(30)), ("monitoring", after(70)), ("resolved", after(100))];
    let told: Vec<_> = steps.into_iter().filter(|(_, at)| *at <= glance.at).collect();
    let id = hex(&format!("{}{part}{start}", page.id()), 12);
    let name = format!("Elevated errors in {part}");
    entry(page, &id, (&name, "We are looking into it."), impact, &told, &[part])
}

/// What is announced: quarterly upgrades, emergencies, and what was written.
fn maintenances(glance: &Glance<'_>, page: Page) -> Vec<Value> {
    if page != Page::Own {
        return Vec::new();
    }
    let mut found: Vec<(Moment, Value)> = Vec::new();
    for upgrade in upgrades(glance.world.setup.seed, glance.at) {
        let (start, end) = (upgrade.opening.start, upgrade.opening.end);
        let name = format!("{} ({})", upgrade.title, upgrade.slot);
        let words = (name.as_str(), "We will upgrade <b>the platform components</b> to their latest stable versions.");
        found.extend(work(glance, &name, words, (upgrade.announced, start, end)).map(|one| (start, one)));
    }
    if glance.world.setup.scenario == Scenario::Cve {
        let at = glance.world.setup.anchor;
        let words = (
            "Emergency security fix",
            "A patch closes a hole. It rolls out at short notice, outside the usual windows.",
        );
        let dates = (at - TimeDelta::minutes(15), at + TimeDelta::minutes(45), at + TimeDelta::hours(10));
        found.extend(work(glance, "emergency", words, dates).map(|one| (at, one)));
    }
    for (body, id, at) in &glance.writes.announcements {
        found.extend(written(glance, body, id, *at));
    }
    found.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
    found.into_iter().map(|(_, one)| one).collect()
}

fn work(
    glance: &Glance<'_>,
    key: &str,
    words: (&str, &str),
    (announced, start, end): (Moment, Moment, Moment),
) -> Option<Value> {
    let steps = [
        ("scheduled", announced),
        ("in_progress", start),
        ("verifying", end - TimeDelta::minutes(10)),
        ("completed", end),
    ];
    let told: Vec<_> = steps.into_iter().filter(|(_, at)| *at <= glance.at).collect();
    told.first()?;
    let mut one = entry(Page::Own, &hex(key, 12), words, "maintenance", &told, &["Panel", "API"]);
    if let Some(all) = one.as_object_mut() {
        all.insert("scheduled_for".to_owned(), home(start).into());
        all.insert("scheduled_until".to_owned(), home(end).into());
        all.insert("started_at".to_owned(), home(start).into());
    }
    Some(one)
}

fn written(glance: &Glance<'_>, body: &Value, id: &str, at: Moment) -> Option<(Moment, Value)> {
    let text = |name: &str| body.pointer(&format!("/incident/{name}")).and_then(Value::as_str);
    let time = |name: &str| text(name).and_then(super::times::parse);
    let (start, end) = (time("scheduled_for")?, time("scheduled_until")?);
    let words = (text("name")?, text("body").unwrap_or_default());
    work(glance, id, words, (at, start, end)).map(|one| (start, one))
}

fn announce(glance: &Glance<'_>, question: &Question) -> Answer {
    if !question.header("authorization").is_some_and(|value| value.starts_with("OAuth ")) {
        return Answer::json_with(401, &json!({"error": "Could not authenticate"}));
    }
    let Ok(body) = serde_json::from_slice::<Value>(&question.body) else {
        return Answer::json_with(400, &json!({"error": "body is no JSON"}));
    };
    let id = uuid(&format!("{body}{}", glance.at.timestamp_millis()));
    match written(glance, &body, &id, glance.at) {
        Some((_, one)) => Answer::json_with(201, &one).writing(Write::Announce { body, id }),
        None => Answer::json_with(422, &json!({"error": ["Scheduled for is missing, or name is"]})),
    }
}
