//! Alertmanager's API v2: alerts, groups, status, and silences that silence.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::place::Spot;
use super::{prometheus::resolves, times};
use crate::demo::alerts::{Firing, alerts, silences};
use crate::demo::answer::Answer;
use crate::demo::dice::{hex, uuid};
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::writes::{Matcher, SilenceWritten, Write};
use crate::domain::clock::Moment;

/// Answers what stands below the Alertmanager's address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    match (question.method.as_str(), rest) {
        ("GET", ["-", "healthy" | "ready"]) => Answer::text(200, "OK"),
        ("GET", ["api", "v2", "status"]) => Answer::json(&status(glance, spot)),
        ("GET", ["api", "v2", "alerts"]) => told(glance, spot, question),
        ("GET", ["api", "v2", "alerts", "groups"]) => Answer::json(&groups(glance, spot)),
        ("GET", ["api", "v2", "receivers"]) => Answer::json(&json!([{"name": "oncall"}])),
        ("GET", ["api", "v2", "silences"]) => Answer::json(&inventory(glance, spot)),
        ("POST", ["api", "v2", "silences"]) => create(glance, spot, question),
        ("GET", ["api", "v2", "silence", id]) => one(glance, spot, id),
        ("DELETE", ["api", "v2", "silence", id]) => expire(glance, spot, id),
        (_, rest) => {
            let path = rest.join("/");
            Answer::json_with(404, &json!({"code": 404, "message": format!("path /{path} was not found")}))
        }
    }
}

/// The alerts, each with who silences it.
fn standing(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<(Firing, Vec<String>)> {
    let quiet = silences(glance, spot.one, &spot.holder());
    alerts(glance, spot.one, spot.environment)
        .into_iter()
        .filter(|alert| alert.firing)
        .map(|alert| {
            let by = quiet.iter().filter(|silence| silence.holds(&alert, glance.at)).map(|silence| silence.id.clone());
            let by = by.collect();
            (alert, by)
        })
        .collect()
}

/// What is inhibited by what: a pod's warning by its deployment's critical.
fn inhibitors(all: &[(Firing, Vec<String>)], alert: &Firing) -> Vec<String> {
    if alert.label("alertname") != "KubePodNotReady" {
        return Vec::new();
    }
    all.iter()
        .filter(|(other, _)| {
            other.label("alertname") == "KubeDeploymentRolloutStuck"
                && other.label("deployment") == alert.label("deployment")
        })
        .map(|(other, _)| other.fingerprint())
        .collect()
}

fn shape(glance: &Glance<'_>, all: &[(Firing, Vec<String>)], (alert, silenced): &(Firing, Vec<String>)) -> Value {
    let inhibited = inhibitors(all, alert);
    let suppressed = !silenced.is_empty() || !inhibited.is_empty();
    json!({
        "annotations": {"summary": alert.summary, "runbook_url": format!("https://runbooks.northwind.example/{}", alert.label("alertname"))},
        "endsAt": times::millis(resolves(glance.at)),
        "fingerprint": alert.fingerprint(),
        "receivers": [{"name": "oncall"}],
        "startsAt": times::millis(alert.since),
        "status": {
            "inhibitedBy": inhibited,
            "mutedBy": [],
            "silencedBy": silenced,
            "state": if suppressed { "suppressed" } else { "active" },
        },
        "updatedAt": times::millis(glance.at - TimeDelta::seconds(glance.at.timestamp().rem_euclid(60))),
        "labels": alert.labels,
        "generatorURL": format!("http://prometheus.{}.example/graph?g0.expr=northwind&g0.tab=1", alert.label("installation")),
    })
}

fn told(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Answer {
    let wants = |name: &str| question.get(name) != Some("false");
    let all = standing(glance, spot);
    let shown: Vec<Value> = all
        .iter()
        .map(|alert| shape(glance, &all, alert))
        .filter(|alert| {
            let empty = |key: &str| alert.pointer(key).and_then(Value::as_array).is_none_or(Vec::is_empty);
            let (silenced, inhibited) = (!empty("/status/silencedBy"), !empty("/status/inhibitedBy"));
            (wants("silenced") || !silenced)
                && (wants("inhibited") || !inhibited)
                && (wants("active") || silenced || inhibited)
        })
        .collect();
    Answer::json(&shown.into())
}

fn groups(glance: &Glance<'_>, spot: &Spot<'_>) -> Value {
    let all = standing(glance, spot);
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for alert in &all {
        groups.entry(alert.0.label("alertname")).or_default().push(shape(glance, &all, alert));
    }
    groups
        .into_iter()
        .map(|(name, alerts)| json!({"alerts": alerts, "labels": {"alertname": name}, "receiver": {"name": "oncall"}}))
        .collect()
}

fn status(glance: &Glance<'_>, spot: &Spot<'_>) -> Value {
    let version = spot.part(glance, "alertmanager");
    let name = hex(&spot.holder(), 26).to_uppercase();
    json!({
        "cluster": {"name": name, "status": "ready", "peers": [{"address": spot.instance("alertmanager", 9094), "name": name}]},
        "config": {"original": "route:\n  receiver: oncall\nreceivers:\n- name: oncall\n"},
        "uptime": times::millis(glance.at - TimeDelta::days(12)),
        "versionInfo": {
            "branch": "HEAD",
            "buildDate": "20260202-13:34:41",
            "buildUser": "root@a5bc5a6a1bbd",
            "goVersion": "go1.25.6",
            "revision": hex(&version, 40),
            "version": version,
        },
    })
}

fn written(silence: &SilenceWritten, at: Moment) -> Value {
    let matchers: Vec<Value> = silence
        .matchers
        .iter()
        .map(|one| json!({"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal}))
        .collect();
    json!({
        "id": silence.id,
        "status": {"state": silence.state(at)},
        "updatedAt": times::millis(silence.updated),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "startsAt": times::millis(silence.starts),
        "endsAt": times::millis(silence.ends),
        "matchers": matchers,
    })
}

/// Active ones first, then pending, then expired; those long gone are forgotten.
fn inventory(glance: &Glance<'_>, spot: &Spot<'_>) -> Value {
    let mut all = silences(glance, spot.one, &spot.holder());
    all.retain(|silence| glance.at - silence.ends < TimeDelta::hours(120));
    let rank = |silence: &SilenceWritten| match silence.state(glance.at) {
        "active" => 0,
        "pending" => 1,
        _ => 2,
    };
    all.sort_by(|a, b| (rank(a), a.ends, &a.id).cmp(&(rank(b), b.ends, &b.id)));
    all.iter().map(|silence| written(silence, glance.at)).collect()
}

fn one(glance: &Glance<'_>, spot: &Spot<'_>, id: &str) -> Answer {
    let all = silences(glance, spot.one, &spot.holder());
    match all.iter().find(|silence| silence.id == id) {
        Some(silence) => Answer::json(&written(silence, glance.at)),
        None => Answer::empty(404),
    }
}

fn expire(glance: &Glance<'_>, spot: &Spot<'_>, id: &str) -> Answer {
    if id.len() != 36 {
        let text = format!("silenceID in path must be of type uuid: \"{id}\"");
        return Answer::json_with(422, &json!({"code": 601, "message": text}));
    }
    let known = silences(glance, spot.one, &spot.holder()).iter().any(|silence| silence.id == id);
    if known { Answer::empty(200).writing(Write::Expire { id: id.to_owned() }) } else { Answer::empty(404) }
}

fn create(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Answer {
    if !question.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        let text = format!(
            "unsupported media type \"{}\", only [application/json] are allowed",
            question.header("content-type").unwrap_or_default()
        );
        return Answer::json_with(415, &json!({"code": 415, "message": text}));
    }
    let Ok(body) = serde_json::from_slice::<Value>(&question.body) else {
        return Answer::json_with(
            400,
            &json!({"code": 400, "message": "parsing silence body from \"\" failed, because invalid character"}),
        );
    };
    match read(glance, spot, &body) {
        Ok(silence) => Answer::json(&json!({"silenceID": silence.id})).writing(Write::Silence(silence)),
        Err(answer) => answer,
    }
}

fn read(glance: &Glance<'_>, spot: &Spot<'_>, body: &Value) -> Result<SilenceWritten, Answer> {
    let missing =
        |name: &str| Answer::json_with(422, &json!({"code": 602, "message": format!("{name} in body is required")}));
    let text = |name: &'static str| body.get(name).and_then(Value::as_str).ok_or_else(|| missing(name));
    let time = |name: &'static str| {
        let at = DateTime::parse_from_rfc3339(text(name)?).map_err(|_| missing(name))?;
        Ok::<Moment, Answer>(at.to_utc())
    };
    let matchers: Vec<Matcher> = body
        .get("matchers")
        .and_then(Value::as_array)
        .ok_or_else(|| missing("matchers"))?
        .iter()
        .map(|one| Matcher {
            name: one.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            value: one.get("value").and_then(Value::as_str).unwrap_or_default().to_owned(),
            is_regex: one.get("isRegex").and_then(Value::as_bool).unwrap_or(false),
            is_equal: one.get("isEqual").and_then(Value::as_bool).unwrap_or(true),
        })
        .collect();
    let (starts, ends) = (time("startsAt")?.max(glance.at), time("endsAt")?);
    let invalid = |why: &str| Answer::json_with(400, &Value::from(format!("silence invalid: {why}")));
    if matchers.iter().all(|one| one.holds("")) {
        return Err(invalid("at least one matcher must not match the empty string"));
    }
    if ends <= starts {
        return Err(invalid("end time must not be before start time"));
    }
    // A changed silence keeps its id where only its end or comment changed.
    let before = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let before = match before {
        Some(id) => {
            let all = silences(glance, spot.one, &spot.holder());
            Some(all.into_iter().find(|silence| silence.id == id).ok_or_else(|| Answer::empty(404))?)
        }
        None => None,
    };
    let id = match before.filter(|silence| silence.matchers == matchers && silence.state(glance.at) != "expired") {
        Some(silence) => silence.id,
        None => uuid(&format!("{}{body}{}", spot.holder(), glance.at.timestamp_millis())),
    };
    Ok(SilenceWritten {
        id,
        holder: spot.holder(),
        matchers,
        created_by: text("createdBy")?.to_owned(),
        comment: text("comment")?.to_owned(),
        starts,
        ends,
        updated: glance.at,
    })
}
