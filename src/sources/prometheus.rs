//! Prometheus and what speaks its API (Mimir, Thanos, VictoriaMetrics, Cortex): versions by build-info metrics, alerts,
//! targets, its own version, and a few key figures over time.

pub mod range;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::alert::{Alert, AlertOrigin, AlertState};
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::product::Catalog;
use crate::fleetfile::section::Section;
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
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let figures = section.labels(("figures", "key figures by name: PromQL that yields one series each"));
    let versions = format!("{{__name__=~\"{}\"}}", setting.catalog.metric_names().join("|"));
    Some(Built::new(Prometheus {
        catalog: Arc::clone(setting.catalog),
        versions,
        figures: figures.unwrap_or_default().into_iter().collect(),
    }))
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
struct Envelope<'a> {
    status: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

/// Opens the envelope every answer comes in. Warnings mean that the answer is partial.
fn open<'b, T: Deserialize<'b>>(body: &'b [u8], expected: &'static str, heard: &mut Heard) -> Result<T, Fault> {
    let envelope: Envelope<'b> = json(body, expected)?;
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
    serde_json::from_str(data.get())
        .map_err(|error| Fault::Garbled { expected, why: Clean::line(&format!("another document ({error})")) })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResult<'a> {
    result_type: String,
    #[serde(borrow)]
    result: &'a RawValue,
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
    let result: WireResult<'_> = open(body, expected, heard)?;
    if result.result_type != "vector" {
        return Err(Fault::Garbled { expected, why: Clean::line(&format!("a {}", result.result_type)) });
    }
    let series: Vec<&RawValue> = json(result.result.get().as_bytes(), "a list of series")?;
    let mut samples = Vec::with_capacity(series.len());
    raw_items(series, "series", heard, |one: WireSeries, _| samples.push(one.metric));
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
