//! Custom resources that tell about themselves: cert-manager's Certificates, Strimzi's Kafkas, the Logging Operator's
//! Loggings, Trivy's reports.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wire::WireMeta;
use crate::domain::assurance::{Certificate, Findings};
use crate::domain::fact::{Evidence, Fact, Health, Sighting, What};
use crate::domain::level::Level;
use crate::sources::reading::{moment, told};
use crate::text::clean::Clean;

/// A condition as every operator writes it.
#[derive(Deserialize)]
pub(super) struct WireCondition {
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) message: String,
}

/// The condition of a type, if it is true.
pub(super) fn holds<'c>(conditions: Option<&'c Vec<WireCondition>>, r#type: &str) -> Option<&'c WireCondition> {
    conditions.into_iter().flatten().find(|condition| condition.r#type == r#type && condition.status == "True")
}

/// `namespace/name`, or the name of what has no namespace.
pub(super) fn place(meta: &WireMeta) -> Clean {
    named(&meta.namespace, &meta.name)
}

/// The same for what has another head.
pub(super) fn named(namespace: &str, name: &str) -> Clean {
    if namespace.is_empty() { Clean::line(name) } else { Clean::line(&format!("{namespace}/{name}")) }
}

pub(super) fn health(product: &str, what: &str, level: Level, detail: &str) -> Fact {
    let (what, detail) = (Clean::line(what), Clean::line_within(detail, 200));
    Fact::here(What::Health(Health { product: Some(product.into()), what, level, detail }))
}

/// A Certificate of cert-manager.
#[derive(Deserialize)]
pub(super) struct WireCertificate {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireCertificateSpec,
    #[serde(default)]
    status: WireCertificateStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireCertificateSpec {
    secret_name: String,
    dns_names: Option<Vec<String>>,
    issuer_ref: WireIssuer,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireIssuer {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireCertificateStatus {
    conditions: Option<Vec<WireCondition>>,
    not_after: Option<String>,
    renewal_time: Option<String>,
    failed_issuance_attempts: Option<u32>,
}

impl WireCertificate {
    /// Its end and its renewal. `Ready` stays true through failed renewals and is only told as words.
    pub(super) fn into_fact(self) -> Fact {
        let status = self.status;
        let ready = status.conditions.iter().flatten().find(|condition| condition.r#type == "Ready");
        let unready = ready.filter(|condition| condition.status != "True").map(|condition| condition.message.as_str());
        let host = self.spec.dns_names.iter().flatten().next().map(String::as_str);
        let secret = match self.spec.secret_name.as_str() {
            "" => self.metadata.name.as_str(),
            name => name,
        };
        Fact::here(What::Certificate(Box::new(Certificate {
            name: Clean::line(&format!("{}/{secret}", self.metadata.namespace)),
            ends: status.not_after.as_deref().and_then(moment),
            renews: status.renewal_time.as_deref().and_then(moment),
            failures: status.failed_issuance_attempts.unwrap_or(0),
            issuer: told(Some(&self.spec.issuer_ref.name)),
            distrust: None,
            detail: Clean::line(unready.or(host).unwrap_or_default()),
        })))
    }
}

/// A Kafka of Strimzi.
#[derive(Deserialize)]
pub(super) struct WireKafka {
    metadata: WireMeta,
    #[serde(default)]
    status: WireKafkaStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireKafkaStatus {
    conditions: Option<Vec<WireCondition>>,
    kafka_version: Option<String>,
}

impl WireKafka {
    /// What runs, by the operator's word: it changes only after the roll. There is no `Ready` that is false.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let conditions = self.status.conditions.as_ref();
        let (level, detail) = if let Some(paused) = holds(conditions, "ReconciliationPaused") {
            (Level::Warning, format!("reconciliation is paused {}", paused.message))
        } else if let Some(unready) = holds(conditions, "NotReady") {
            (Level::Critical, format!("{}: {}", unready.reason, unready.message))
        } else if let Some(warning) = holds(conditions, "Warning") {
            (Level::Warning, format!("{}: {}", warning.reason, warning.message))
        } else if holds(conditions, "Ready").is_some() {
            (Level::Ok, "ready".to_owned())
        } else {
            (Level::Unknown, "not judged yet".to_owned())
        };
        let place = place(&self.metadata);
        let sighting = told(self.status.kafka_version.as_deref()).map(|version| {
            let part = Some(place.clone());
            What::Sighting(Sighting { product: "kafka".into(), version, evidence: Evidence::Reported, part })
        });
        let mut facts: Vec<Fact> = sighting.map(Fact::here).into_iter().collect();
        facts.push(health("kafka", place.as_str(), level, detail.trim()));
        facts
    }
}

/// A Logging or FluentdConfig of the Logging Operator.
#[derive(Deserialize)]
pub(super) struct WireLogging {
    metadata: WireMeta,
    #[serde(default)]
    status: WireLoggingStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireLoggingStatus {
    config_check_results: Option<BTreeMap<String, bool>>,
    active: Option<bool>,
    problems: Option<Vec<String>>,
}

impl WireLogging {
    /// Whether its configuration was taken. `kind` is what it is called.
    pub(super) fn into_fact(self, kind: &str) -> Fact {
        let status = self.status;
        let checks = status.config_check_results.unwrap_or_default();
        let problems = status.problems.unwrap_or_default();
        let (level, detail) = if checks.values().any(|taken| !taken) {
            let why = problems.first().map_or(String::new(), |first| format!(": {first}"));
            (Level::Critical, format!("its configuration was refused, the old one keeps running{why}"))
        } else if let Some(first) = problems.first() {
            (Level::Warning, format!("{} problems, first: {first}", problems.len()))
        } else if status.active == Some(false) {
            (Level::Warning, "not active".to_owned())
        } else if checks.len() > 1 {
            (Level::Ok, "a new configuration is being checked".to_owned())
        } else if checks.is_empty() && status.active.is_none() {
            (Level::Unknown, "not judged yet".to_owned())
        } else {
            (Level::Ok, "its configuration is in force".to_owned())
        };
        health("logging-operator", &format!("{kind} {}", place(&self.metadata)), level, &detail)
    }
}

/// A VulnerabilityReport of Trivy. Its list of vulnerabilities is passed over.
#[derive(Deserialize)]
pub(super) struct WireReport {
    report: WireReportBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReportBody {
    artifact: WireArtifact,
    #[serde(default)]
    registry: WireRegistry,
    summary: WireSummary,
    update_timestamp: Option<String>,
}

#[derive(Deserialize)]
struct WireArtifact {
    #[serde(default)]
    repository: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    digest: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRegistry {
    server: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct WireSummary {
    critical_count: u32,
    high_count: u32,
    medium_count: u32,
    low_count: u32,
    unknown_count: u32,
}

/// Findings by image: the same image counts once, however many workloads run it.
pub(super) fn findings(reports: Vec<WireReport>) -> Vec<Fact> {
    let mut by_image: BTreeMap<String, Findings> = BTreeMap::new();
    for WireReport { report } in reports {
        let WireArtifact { repository, tag, digest } = report.artifact;
        let mark = if tag.is_empty() { format!("@{digest}") } else { format!(":{tag}") };
        let registry = if report.registry.server.is_empty() { String::new() } else { report.registry.server + "/" };
        let subject = format!("{registry}{repository}{mark}");
        let summary = report.summary;
        let fresh = Findings {
            subject: Clean::line(&subject),
            critical: summary.critical_count,
            high: summary.high_count,
            medium: summary.medium_count,
            low: summary.low_count,
            unknown: summary.unknown_count,
            scanned: report.update_timestamp.as_deref().and_then(moment),
        };
        let held = by_image.entry(subject).or_insert_with(|| fresh.clone());
        if fresh.scanned > held.scanned {
            *held = fresh;
        }
    }
    by_image.into_values().map(|findings| Fact::here(What::Findings(Box::new(findings)))).collect()
}
