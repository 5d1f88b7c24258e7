//! Prometheus' HTTP API, and Mimir's beside it: the same answers behind a prefix and a tenant.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::place::Spot;
use super::selector::{Query, Sample};
use super::series::{jobs, series};
use super::times;
use crate::demo::alerts::{Firing, alerts};
use crate::demo::answer::Answer;
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::domain::clock::Moment;

/// What it speaks for: one environment, or several tenants at once.
#[derive(Clone, Debug)]
pub struct Holder<'a> {
    /// The places.
    pub spots: Vec<Spot<'a>>,
    /// How each series says whose it is.
    pub told: Told,
}

/// How a series says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Not at all: it is somebody's own engine.
    Nothing,
    /// With several tenants, by the engine.
    Tenant,
    /// By the labels under which it was sent to the engine that holds everybody's.
    Place,
}

impl<'a> Holder<'a> {
    /// One place.
    #[must_use]
    pub fn one(spot: Spot<'a>) -> Self {
        Self { spots: vec![spot], told: Told::Nothing }
    }
}

/// Answers what stands below `/api/v1`, and the health pages.
#[must_use]
pub fn answer(glance: &Glance<'_>, holder: &Holder<'_>, rest: &[&str], question: &Question) -> Answer {
    match rest {
        ["-", "healthy"] => Answer::text(200, "Prometheus Server is Healthy.\n"),
        ["-", "ready"] => Answer::text(200, "Prometheus Server is Ready.\n"),
        ["metrics"] => exposition(glance, holder),
        ["api", "v1", "query"] => instant(glance, holder, question),
        ["api", "v1", "query_range"] => range(glance, holder, question),
        // The ruler answers for one tenant at a time.
        ["api", "v1", "alerts" | "rules"] if holder.told == Told::Tenant => Answer::json_with(
            500,
            &json!({"status": "error", "data": null, "errorType": "server_error", "error": "no valid org id found"}),
        ),
        ["api", "v1", "alerts"] => success(&json!({"alerts": raised(glance, holder)})),
        ["api", "v1", "rules"] => success(&rules(glance, holder)),
        ["api", "v1", "targets"] => success(&targets(glance, holder)),
        ["api", "v1", "status", "buildinfo"] => success(&build(glance, holder)),
        ["api", "v1", "status", "runtimeinfo"] => success(&json!({
            "startTime": times::nanos(glance.at - TimeDelta::days(17)),
            "CWD": "/prometheus",
            "serverTime": times::nanos(glance.at),
            "reloadConfigSuccess": true,
            "lastConfigTime": times::seconds(glance.at - TimeDelta::days(3)),
            "corruptionCount": 0,
            "goroutineCount": 148,
            "GOMAXPROCS": 4,
            "GOMEMLIMIT": i64::MAX,
            "GOGC": "75",
            "GODEBUG": "",
            "storageRetention": "15d",
        })),
        ["api", "v1", "alertmanagers"] => success(&json!({"activeAlertmanagers": [], "droppedAlertmanagers": []})),
        _ => Answer::nothing(),
    }
}

fn success(data: &Value) -> Answer {
    Answer::json(&json!({"status": "success", "data": data}))
}

fn bad(text: &str) -> Answer {
    Answer::json_with(400, &json!({"status": "error", "errorType": "bad_data", "error": text}))
}

fn asked(question: &Question) -> Result<Query, Answer> {
    let text = question.get("query").unwrap_or_default();
    Query::read(text).map_err(|error| bad(&format!("invalid parameter \"query\": {error}")))
}

/// The answer to a query at a moment, with the tenant on each series where there are several.
fn evaluated(glance: &Glance<'_>, holder: &Holder<'_>, query: &Query) -> Vec<Sample> {
    let mut all = Vec::new();
    for spot in &holder.spots {
        let mut found = series(glance, spot, query);
        for sample in &mut found {
            let own: &[(&str, &str)] = match holder.told {
                Told::Nothing => &[],
                Told::Tenant => &[("__tenant_id__", &spot.one.id)],
                Told::Place => &[("installation", &spot.one.id), ("environment", spot.environment)],
            };
            for (name, value) in own {
                if sample.label(name).is_empty() {
                    sample.labels.push(((*name).to_owned(), (*value).to_owned()));
                }
            }
            sample.labels.sort();
        }
        all.extend(found);
    }
    query.answer(all)
}

fn instant(glance: &Glance<'_>, holder: &Holder<'_>, question: &Question) -> Answer {
    let query = match asked(question) {
        Ok(query) => query,
        Err(answer) => return answer,
    };
    let at = question.get("time").and_then(times::parse).unwrap_or(glance.at).min(glance.at);
    let then = Glance { at, ..*glance };
    let result: Vec<Value> = evaluated(&then, holder, &query)
        .iter()
        .map(|sample| json!({"metric": metric(sample), "value": [times::unix(at), number(sample.value)]}))
        .collect();
    success(&json!({"resultType": "vector", "result": result}))
}

fn range(glance: &Glance<'_>, holder: &Holder<'_>, question: &Question) -> Answer {
    let query = match asked(question) {
        Ok(query) => query,
        Err(answer) => return answer,
    };
    let time = |name: &str| question.get(name).and_then(times::parse);
    let (Some(start), Some(end)) = (time("start"), time("end")) else {
        return bad("invalid parameter \"start\": cannot parse \"\" to a valid timestamp");
    };
    let Some(step) = question.get("step").and_then(times::duration).filter(|step| *step > TimeDelta::zero()) else {
        return bad("zero or negative query resolution step widths are not accepted. Try a positive integer");
    };
    if (end - start).num_milliseconds() / step.num_milliseconds().max(1) > 11_000 {
        return bad(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        );
    }
    let mut found: Vec<(Value, Vec<Value>)> = Vec::new();
    let mut at = start;
    while at <= end.min(glance.at) {
        for sample in evaluated(&Glance { at, ..*glance }, holder, &query) {
            let point = json!([times::unix(at), number(sample.value)]);
            let labels = metric(&sample);
            match found.iter_mut().find(|(known, _)| *known == labels) {
                Some((_, points)) => points.push(point),
                None => found.push((labels, vec![point])),
            }
        }
        at += step;
    }
    let result: Vec<Value> =
        found.into_iter().map(|(metric, values)| json!({"metric": metric, "values": values})).collect();
    success(&json!({"resultType": "matrix", "result": result}))
}

fn metric(sample: &Sample) -> Value {
    sample
        .labels
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A value as Prometheus writes it.
fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    }
}

fn raised(glance: &Glance<'_>, holder: &Holder<'_>) -> Vec<Value> {
    holder.spots.iter().flat_map(|spot| alerts(glance, spot.one, spot.environment)).map(|alert| told(&alert)).collect()
}

fn told(alert: &Firing) -> Value {
    json!({
        // What the scraping side adds is not shown here: external labels appear only at Alertmanager.
        "labels": alert.labels.iter().filter(|(key, _)| *key != "cluster").collect::<std::collections::BTreeMap<_, _>>(),
        "annotations": {"summary": alert.summary},
        "state": if alert.firing { "firing" } else { "pending" },
        "activeAt": times::nanos(alert.since),
        "value": "1e+00",
    })
}

fn rules(glance: &Glance<'_>, holder: &Holder<'_>) -> Value {
    let all: Vec<Firing> = holder.spots.iter().flat_map(|spot| alerts(glance, spot.one, spot.environment)).collect();
    let mut names: Vec<(&str, &str)> =
        crate::demo::troubles::KINDS.iter().map(|kind| (kind.alert, kind.severity)).collect();
    names.extend([
        ("Watchdog", "none"),
        ("KubeDeploymentRolloutStuck", "critical"),
        ("KubePodNotReady", "warning"),
        ("CertificateExpiringSoon", "warning"),
        ("BackupTooOld", "warning"),
    ]);
    let evaluated = glance.at - TimeDelta::seconds(glance.at.timestamp().rem_euclid(30));
    let rules: Vec<Value> = names
        .into_iter()
        .map(|(name, severity)| {
            let mine: Vec<&Firing> = all.iter().filter(|alert| alert.label("alertname") == name).collect();
            let state = match (mine.is_empty(), mine.iter().any(|alert| alert.firing)) {
                (true, _) => "inactive",
                (false, true) => "firing",
                (false, false) => "pending",
            };
            json!({
                "state": state,
                "name": name,
                "query": format!("northwind:{} > 0", name.to_lowercase()),
                "duration": 300,
                "keepFiringFor": 0,
                "labels": {"severity": severity},
                "annotations": {},
                "alerts": mine.iter().map(|alert| told(alert)).collect::<Vec<_>>(),
                "health": "ok",
                "evaluationTime": 0.000_389,
                "lastEvaluation": times::nanos(evaluated),
                "type": "alerting",
            })
        })
        .collect();
    json!({"groups": [{
        "name": "northwind",
        "file": "/etc/prometheus/rules/northwind.yaml",
        "rules": rules,
        "interval": 30,
        "limit": 0,
        "evaluationTime": 0.004,
        "lastEvaluation": times::nanos(evaluated),
    }]})
}

fn targets(glance: &Glance<'_>, holder: &Holder<'_>) -> Value {
    let scraped = glance.at - TimeDelta::seconds(glance.at.timestamp().rem_euclid(30));
    let active: Vec<Value> = holder
        .spots
        .iter()
        .flat_map(|spot| jobs(glance, spot))
        .map(|(job, instance, is_up)| {
            let url = format!("http://{instance}/metrics");
            let error = if is_up { String::new() } else { format!("Get \"{url}\": context deadline exceeded") };
            json!({
                "discoveredLabels": {"__address__": instance, "__metrics_path__": "/metrics", "__scheme__": "http", "job": job},
                "labels": {"instance": instance, "job": job},
                "scrapePool": job,
                "scrapeUrl": url,
                "globalUrl": url,
                "lastError": error,
                "lastScrape": times::nanos(scraped),
                "lastScrapeDuration": if is_up { 0.012 } else { 10.0 },
                "health": if is_up { "up" } else { "down" },
                "scrapeInterval": "30s",
                "scrapeTimeout": "10s",
            })
        })
        .collect();
    json!({"activeTargets": active, "droppedTargets": [], "droppedTargetCounts": {}})
}

fn build(glance: &Glance<'_>, holder: &Holder<'_>) -> Value {
    let shared = holder.spots.iter().any(|spot| !spot.owns_parts()) || holder.spots.is_empty();
    if shared {
        let version =
            glance.world.parts.newest("mimir", glance.at).map(|issue| issue.version.as_str()).unwrap_or_default();
        return json!({"application": "Grafana Mimir", "version": version, "revision": "91c1ca0", "branch": "HEAD", "goVersion": "go1.25.6", "features": null});
    }
    let version = holder.spots.first().map(|spot| spot.part(glance, "prometheus")).unwrap_or_default();
    json!({
        "version": version,
        "revision": crate::demo::dice::hex(&version, 40),
        "branch": "HEAD",
        "buildUser": "root@08c890a84441",
        "buildDate": "20260402-07:26:10",
        "goVersion": "go1.25.3",
    })
}

/// The same series as text, without timestamps.
fn exposition(glance: &Glance<'_>, holder: &Holder<'_>) -> Answer {
    let Ok(everything) = Query::read(r#"{__name__=~".+"}"#) else { return Answer::nothing() };
    let mut samples = evaluated(glance, holder, &everything);
    samples.retain(|sample| !matches!(sample.label("__name__"), "ALERTS" | "up"));
    samples.sort_by(|a, b| a.label("__name__").cmp(b.label("__name__")).then_with(|| a.labels.cmp(&b.labels)));
    let mut text = String::new();
    let mut last = String::new();
    for sample in &samples {
        let name = sample.label("__name__");
        if name != last {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            text.push_str(&format!("# TYPE {name} {kind}\n"));
            last = name.to_owned();
        }
        let labels: Vec<String> = sample
            .labels
            .iter()
            .filter(|(key, _)| key != "__name__")
            .map(|(key, value)| {
                format!("{key}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
            })
            .collect();
        text.push_str(&format!("{name}{{{}}} {}\n", labels.join(","), number(sample.value)));
    }
    Answer::bytes("text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
}

/// The moment until which a firing alert counts as firing without news.
#[must_use]
pub fn resolves(at: Moment) -> Moment {
    at + TimeDelta::minutes(4)
}
