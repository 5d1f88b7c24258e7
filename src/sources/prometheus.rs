//! Prometheus and what speaks its API (Mimir, Thanos, VictoriaMetrics, Cortex): versions by build-info metrics, alerts,
//! targets, its own version, and a few key figures over time.

pub mod range;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::domain::alert::{Alert, AlertOrigin, AlertState};
use crate::domain::assurance::Objective;
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::product::Catalog;
use crate::fleetfile::section::{Section, need};
use crate::net::door::{Ask, Door, Pending};
use crate::sources::alertmanager::clean_map;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, moment, raw_items};
use crate::text::clean::Clean;

/// Prometheus.
pub static KIND: Kind = Kind {
    name: "prometheus",
    about: "versions by build-info metrics, alerts, targets and key figures; also Mimir, Thanos, VictoriaMetrics, Cortex",
    example: r#"{ kind = "prometheus", url = "https://prometheus.example.test" }"#,
    stands: Stands::Place,
    build,
};

struct Prometheus {
    catalog: Arc<Catalog>,
    /// Every build-info metric of the catalog, in one question.
    versions: String,
    /// Key figures by name, of this place alone: asked while somebody looks at them.
    figures: Vec<(Clean, Clean)>,
    objectives: Vec<Promise>,
}

/// What was promised, and how it is measured.
struct Promise {
    name: Clean,
    query: Clean,
    promised: f64,
    over: Clean,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let figures = section.labels(("figures", "key figures by name: PromQL that yields one series each"));
    let objectives = section.map(("objectives", "what was promised, by name"), "the objective", |name, inner| {
        let query = inner.required(("query", "PromQL that yields the share that was reached, such as `0.9995`"));
        let promised =
            inner.spelt(need(("promised", "the share that was promised")), "a share such as `99.9 %`", share);
        let over = inner.optional(("over", "over which time, such as `30d`; for people to read"));
        let over = over.unwrap_or_else(|| Clean::line("the time it is measured over"));
        Some(Promise { name: name.value.clone(), query: query?, promised: promised?, over })
    });
    let versions = format!("{{__name__=~\"{}\"}}", setting.catalog.metric_names().join("|"));
    Some(Built::new(Prometheus {
        catalog: Arc::clone(setting.catalog),
        versions,
        figures: figures.unwrap_or_default().into_iter().collect(),
        objectives: objectives.unwrap_or_default().into_iter().flatten().collect(),
    }))
}

/// A share between nothing and all: `99.9 %`, `0.999`.
fn share(text: &str) -> Option<f64> {
    let (number, of) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text, 1.0),
    };
    // To the billionth: what is written as 99.9 % is 0.999.
    number
        .parse::<f64>()
        .ok()
        .map(|number| (number / of * 1e9).round() / 1e9)
        .filter(|share| *share > 0.0 && *share <= 1.0)
}

impl Source for Prometheus {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let versions = door.ask(Ask::get("api/v1/query").with("query", &self.versions)).await?;
            read_versions(&versions.body, &self.catalog, &mut heard)?;
            // Not every engine has these: Mimir knows no targets, a plain store no alerts.
            part(door, Ask::get("api/v1/alerts"), "alerts", &mut heard, read_alerts).await?;
            let targets = Ask::get("api/v1/targets").with("state", "active");
            part(door, targets, "targets", &mut heard, read_targets).await?;
            part(door, Ask::get("api/v1/status/buildinfo"), "its own version", &mut heard, read_own_version).await?;
            for promise in &self.objectives {
                let ask = Ask::get("api/v1/query").with("query", promise.query.as_str());
                let place = format!("the objective `{}`", promise.name);
                part(door, ask, &place, &mut heard, |body, heard| read_objective(body, promise, heard)).await?;
            }
            Ok(heard)
        })
    }

    fn figures(&self) -> &[(Clean, Clean)] {
        &self.figures
    }
}

/// Asks for a part that an engine may not have or not allow: that is a gap, no failure of the whole.
async fn part(
    door: &dyn Door,
    ask: Ask,
    name: &str,
    heard: &mut Heard,
    read: impl FnOnce(&[u8], &mut Heard) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let outcome = match door.ask(ask).await {
        Ok(reply) => read(&reply.body, heard),
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(()) | Err(Fault::Missing { .. }) => Ok(()),
        Err(fault @ Fault::Forbidden { .. }) => {
            heard.gaps.push(Gap {
                place: Clean::line(name),
                why: Clean::line(&fault.to_string()),
                kind: GapKind::Forbidden,
            });
            Ok(())
        }
        Err(fault @ (Fault::Refused { .. } | Fault::Garbled { .. } | Fault::TooLarge { .. })) => {
            heard.gaps.push(Gap { place: Clean::line(name), why: Clean::line(&fault.to_string()), kind: GapKind::Odd });
            Ok(())
        }
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    error: Option<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

/// Opens the envelope every answer comes in, in one go with what is in it. Warnings mean that the answer is partial.
fn open<'b, T: Deserialize<'b>>(body: &'b [u8], expected: &'static str, heard: &mut Heard) -> Result<T, Fault> {
    let envelope = match serde_json::from_slice::<Envelope<T>>(body) {
        Ok(envelope) => envelope,
        // The words of a refusal count even where its data is nothing that was expected.
        Err(error) => match json::<Envelope<IgnoredAny>>(body, expected)? {
            Envelope { status, error: Some(why), .. } if status != "success" => {
                return Err(Fault::Garbled { expected, why: Clean::line(&why) });
            }
            Envelope { .. } => {
                let why = Clean::line(&format!("another document ({error})"));
                return Err(Fault::Garbled { expected, why });
            }
        },
    };
    let data = match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => data,
        _ => {
            let why = envelope.error.as_deref().unwrap_or("an answer without data");
            return Err(Fault::Garbled { expected, why: Clean::line(why) });
        }
    };
    for warning in envelope.warnings.into_iter().flatten() {
        heard.gaps.push(Gap { place: Clean::line(expected), why: Clean::line(&warning), kind: GapKind::Partial });
    }
    Ok(data)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResult<T> {
    result_type: String,
    result: T,
}

#[derive(Deserialize)]
struct WireSeries {
    metric: BTreeMap<String, String>,
}

/// The labels of one series.
pub type Sample = BTreeMap<String, String>;

/// Understands an instant vector: the labels of its series. A series counts by existing, whatever its value.
///
/// # Errors
/// When the answer is no vector.
pub fn read_samples(body: &[u8], expected: &'static str, heard: &mut Heard) -> Result<Vec<Sample>, Fault> {
    let result: WireResult<Vec<&RawValue>> = open(body, expected, heard)?;
    if result.result_type != "vector" {
        return Err(Fault::Garbled { expected, why: Clean::line(&format!("a {}", result.result_type)) });
    }
    let mut samples = Vec::with_capacity(result.result.len());
    raw_items(result.result, "series", heard, |one: WireSeries, _| samples.push(one.metric));
    Ok(samples)
}

/// Understands the answer about build-info metrics: their values may be 0 or a start time.
fn read_versions(body: &[u8], catalog: &Catalog, heard: &mut Heard) -> Result<(), Fault> {
    for sample in read_samples(body, "a vector of build-info metrics", heard)? {
        let Some((product, metric)) = sample.get("__name__").and_then(|name| catalog.metric(name)) else { continue };
        let excluded = metric
            .only
            .iter()
            .any(|(label, wanted)| sample.get(label.as_str()).is_some_and(|value| value != wanted.as_str()));
        let version = sample.get(metric.label.as_str()).filter(|version| !version.is_empty());
        if let Some(version) = version
            && !excluded
        {
            heard.facts.push(Fact::here(What::Sighting(Sighting {
                product: product.id.clone(),
                version: Clean::line(version),
                evidence: Evidence::Measured,
                part: sample.get("instance").map(|instance| Clean::line(instance)),
            })));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct WireAlerts<'a> {
    #[serde(borrow)]
    alerts: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAlert {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    state: String,
    active_at: Option<String>,
}

/// Understands the alerts, pending ones among them.
fn read_alerts(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let alerts: WireAlerts<'_> = open(body, "the alerts of a Prometheus", heard)?;
    raw_items(alerts.alerts.unwrap_or_default(), "alert", heard, |alert: WireAlert, heard| {
        // Prometheus has no fingerprints; labels tell its alerts apart.
        let mut hasher = DefaultHasher::new();
        alert.labels.hash(&mut hasher);
        heard.facts.push(Fact::here(What::Alert(Arc::new(Alert {
            labels: clean_map(&alert.labels),
            annotations: clean_map(&alert.annotations),
            state: if alert.state == "pending" { AlertState::Pending } else { AlertState::Firing },
            since: alert.active_at.as_deref().and_then(moment),
            silenced_by: Vec::new(),
            inhibited_by: Vec::new(),
            fingerprint: Clean::line(&format!("labels-{:016x}", hasher.finish())),
            origin: AlertOrigin::Prometheus,
            url: None,
        }))));
    });
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTargets<'a> {
    #[serde(borrow)]
    active_targets: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTarget {
    scrape_pool: String,
    scrape_url: String,
    health: String,
    #[serde(default)]
    last_error: String,
}

/// Understands the targets: one fact in all, with the reason of the first that is down.
fn read_targets(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let targets: WireTargets<'_> = open(body, "the targets of a Prometheus", heard)?;
    let (mut up, mut all, mut down) = (0_usize, 0_usize, Vec::new());
    raw_items(targets.active_targets.unwrap_or_default(), "target", heard, |target: WireTarget, _| {
        all += 1;
        match target.health.as_str() {
            "up" => up += 1,
            "down" => down.push(format!("{} ({}): {}", target.scrape_pool, target.scrape_url, target.last_error)),
            _ => {}
        }
    });
    let (level, detail) = match (all, down.first()) {
        (0, _) => (Level::Unknown, "no target is scraped".to_owned()),
        (_, Some(first)) => (Level::Warning, format!("{} of {all} targets down, {first}", down.len())),
        (_, None) if up == all => (Level::Ok, format!("{up} targets up")),
        (_, None) => (Level::Unknown, format!("{} of {all} targets not scraped yet", all - up)),
    };
    heard.facts.push(Fact::here(What::Health(Health {
        product: Some("prometheus".into()),
        what: Clean::line("targets"),
        level,
        detail: Clean::line(&detail),
    })));
    Ok(())
}

#[derive(Deserialize)]
struct WireBuild {
    version: Option<String>,
    application: Option<String>,
}

/// Understands who answers, and in which version. VictoriaMetrics and others answer without one.
fn read_own_version(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let build: WireBuild = open(body, "the build of a Prometheus", heard)?;
    let product = match build.application.as_deref() {
        Some(application) if application.contains("Mimir") => "mimir",
        Some(_) => return Ok(()),
        None => "prometheus",
    };
    if let Some(version) = build.version.filter(|version| !version.is_empty()) {
        heard.facts.push(Fact::here(What::Sighting(Sighting {
            product: product.into(),
            version: Clean::line(&version),
            evidence: Evidence::Answered,
            part: None,
        })));
    }
    Ok(())
}

#[derive(Deserialize)]
struct WireValue {
    value: (f64, String),
}

/// Understands how much of an objective was reached: one series, or one number. No series is no number, never a good one.
fn read_objective(body: &[u8], promise: &Promise, heard: &mut Heard) -> Result<(), Fault> {
    const EXPECTED: &str = "one number";
    let result: WireResult<&RawValue> = open(body, EXPECTED, heard)?;
    let values: Vec<(f64, String)> = match result.result_type.as_str() {
        "scalar" => vec![json(result.result.get().as_bytes(), EXPECTED)?],
        "vector" => {
            let series: Vec<WireValue> = json(result.result.get().as_bytes(), EXPECTED)?;
            series.into_iter().map(|one| one.value).collect()
        }
        other => return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line(&format!("a {other}")) }),
    };
    if values.len() > 1 {
        let why = Clean::line(&format!("{} series: wrap the query in `min(...)` or `avg(...)`", values.len()));
        return Err(Fault::Garbled { expected: EXPECTED, why });
    }
    let reached = values.first().and_then(|(_, value)| value.parse().ok()).unwrap_or(f64::NAN);
    if !reached.is_finite() {
        return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line("no number") });
    }
    let Promise { name, promised, over, .. } = promise;
    heard.facts.push(Fact::here(What::Objective(Objective {
        name: name.clone(),
        reached,
        promised: *promised,
        over: over.clone(),
    })));
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_as_people_write_it() {
        for (text, read) in [
            ("99.9 %", Some(0.999)),
            ("100%", Some(1.0)),
            ("0.995", Some(0.995)),
            ("0", None),
            ("99.9", None),
            ("all", None),
            ("nan", None),
        ] {
            assert_eq!(share(text), read, "{text}");
        }
    }

    #[test]
    fn an_objective_is_one_number_and_nothing_else() {
        let promise =
            Promise { name: Clean::line("panel"), query: Clean::line("x"), promised: 0.999, over: Clean::line("30d") };
        for (data, reached) in [
            (r#"{"resultType":"scalar","result":[1795223820.781,"0.9995"]}"#, Some(0.9995)),
            (r#"{"resultType":"vector","result":[{"metric":{},"value":[1795223820,"0.998"]}]}"#, Some(0.998)),
            (r#"{"resultType":"vector","result":[]}"#, None),
            (r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}"#, None),
            (
                r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]},{"metric":{"a":"b"},"value":[1,"1"]}]}"#,
                None,
            ),
            (r#"{"resultType":"matrix","result":[]}"#, None),
        ] {
            let body = format!(r#"{{"status":"success","data":{data}}}"#);
            let mut heard = Heard::default();
            let outcome = read_objective(body.as_bytes(), &promise, &mut heard);
            let told = heard.facts.first().map(|fact| match &fact.what {
                What::Objective(objective) => objective.reached,
                _ => f64::NAN,
            });
            assert_eq!((told, outcome.is_ok()), (reached, reached.is_some()), "{data}");
        }
    }
}
