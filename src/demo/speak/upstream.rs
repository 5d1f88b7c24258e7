//! What the vendor and its upstreams publish: chart indexes, lifecycle data, and the vendor's registry.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::times;
use crate::demo::answer::Answer;
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::parts::PARTS;

/// The index of a chart repository: every chart that lives there, newest first, a pre-release among them.
#[must_use]
pub fn charts(glance: &Glance<'_>, repository: &str) -> Answer {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    let mut any = false;
    for part in &PARTS {
        let Some((chart, _)) = part.chart.filter(|(_, at)| *at == repository) else { continue };
        any = true;
        let _ = writeln!(text, "  {chart}:");
        let known = glance.world.parts.known(part.id, glance.at);
        if let Some(newest) = glance.world.parts.newest(part.id, glance.at) {
            let _ = writeln!(
                text,
                "  - apiVersion: v2\n    appVersion: {}{}.99.0-rc.1\n    created: \"{}\"\n    name: {chart}\n    urls:\n    - charts/{chart}-999.0.0-rc.1.tgz\n    version: 999.0.0-rc.1",
                if part.prefix == "v" { "v" } else { "" },
                newest.cycle.split('.').next().unwrap_or("1"),
                times::nanos(newest.at)
            );
        }
        for issue in known.iter().rev().take(120) {
            let prefix = if part.prefix == "v" { "v" } else { "" };
            let _ = writeln!(
                text,
                "  - apiVersion: v2\n    appVersion: \"{prefix}{}\"\n    created: \"{}\"\n    digest: {}\n    name: {chart}\n    urls:\n    - charts/{chart}-{}.tgz\n    version: {}",
                issue.version,
                times::nanos(issue.at),
                hex(&format!("{chart}{}", issue.chart), 64),
                issue.chart,
                issue.chart
            );
        }
    }
    let _ = writeln!(text, "generated: \"{}\"", times::nanos(glance.at));
    if any { Answer::bytes("text/yaml", text.into_bytes()) } else { Answer::nothing() }
}

/// Lifecycle data of a product, as endoflife.date's API tells it.
#[must_use]
pub fn lifecycle(glance: &Glance<'_>, rest: &[&str]) -> Answer {
    let ["api", "v1", "products", name] = rest else { return not_found() };
    let Some(data) = glance.world.parts.lifecycle(name) else { return not_found() };
    let part = PARTS.iter().find(|part| part.lifecycle == *name);
    let empty = Vec::new();
    let cycles = data.get("cycles").and_then(Value::as_array).unwrap_or(&empty);
    let releases: Vec<Value> =
        cycles.iter().filter_map(|cycle| release(glance, part.map(|part| part.id), cycle)).collect();
    let today = glance.at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    Answer::json(&json!({
        "schema_version": "1.2.1",
        "generated_at": today.to_rfc3339(),
        "last_modified": today.to_rfc3339(),
        "result": {
            "name": name,
            "aliases": data.get("aliases").cloned().unwrap_or_else(|| json!([])),
            "label": data.get("label"),
            "category": "server-app",
            "tags": [],
            "versionCommand": null,
            "identifiers": [],
            "labels": {"eoas": "Active Support", "discontinued": null, "eol": "Security Support", "eoes": null},
            "links": {"icon": null, "html": format!("https://endoflife.date/{name}"), "releasePolicy": data.get("policy")},
            "releases": releases,
        },
    }))
}

fn not_found() -> Answer {
    let page = "<!DOCTYPE html>\n<html><head><title>Page not found</title></head><body>404</body></html>\n";
    Answer { status: 404, ..Answer::bytes("text/html; charset=utf-8", page.as_bytes().to_vec()) }
}

fn release(glance: &Glance<'_>, part: Option<&str>, cycle: &Value) -> Option<Value> {
    let name = cycle.get("cycle").and_then(Value::as_str)?;
    let today = glance.at.date_naive();
    let date =
        |key: &str| cycle.get(key).and_then(Value::as_str).and_then(|text| text.parse::<chrono::NaiveDate>().ok());
    if date("released").is_some_and(|day| day > today) {
        return None;
    }
    let over = |key: &str| match cycle.get(key) {
        Some(Value::Bool(over)) => *over,
        _ => date(key).is_some_and(|day| day < today),
    };
    let latest = part.and_then(|part| glance.world.parts.newest_of(part, name, glance.at));
    let latest = match latest {
        Some(issue) => json!({"name": issue.version, "date": issue.at.date_naive().to_string(), "link": null}),
        None => match cycle.get("latest").and_then(Value::as_str) {
            Some(version) => json!({"name": version, "date": cycle.get("latest_date"), "link": null}),
            None => Value::Null,
        },
    };
    let is_lts = cycle.get("lts").and_then(Value::as_bool).unwrap_or(false);
    Some(json!({
        "name": name,
        "codename": null,
        "label": name,
        "releaseDate": date("released").map(|day| day.to_string()),
        "isLts": is_lts,
        "ltsFrom": null,
        "isEoas": over("support_until"),
        "eoasFrom": date("support_until").map(|day| day.to_string()),
        "isEol": over("eol"),
        "eolFrom": date("eol").map(|day| day.to_string()),
        "isMaintained": !over("eol"),
        "latest": latest,
        "custom": null,
    }))
}
