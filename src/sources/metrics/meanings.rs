//! What well-known metrics mean beyond a version: ends of certificates, ages of backups, findings, a product's own health.

use std::collections::BTreeMap;

use super::exposition::Sample;
use crate::domain::assurance::{Backup, BackupKind, BackupOutcome, Certificate, Findings};
use crate::domain::fact::{Fact, Health, What};
use crate::domain::level::Level;
use crate::sources::reading::epoch;
use crate::text::clean::Clean;

/// The metrics this file knows.
pub(super) const NAMES: &[&str] = &[
    "traefik_tls_certs_not_after",
    "certmanager_certificate_expiration_timestamp_seconds",
    "certmanager_certificate_renewal_timestamp_seconds",
    "strimzi_certificate_expiration_timestamp_ms",
    "velero_backup_last_successful_timestamp",
    "velero_backup_last_status",
    "velero_backup_location_status_gauge",
    "backup_time_seconds",
    "kube_cronjob_status_last_successful_time",
    "mongodb_pbm_backup_last_transition_ts",
    "trivy_image_vulnerabilities",
    "mongodb_up",
    "cilium_unreachable_nodes",
    "logging_resource_state",
];

/// Values above are seconds since 1970, not a length of time: September 2001.
const A_TIME: f64 = 1e9;

/// How many certificates, backups or images one exposition may tell about.
const MOST: usize = 5_000;

/// What was told so far, by name.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    certificates: BTreeMap<String, Certificate>,
    backups: BTreeMap<String, Backup>,
    findings: BTreeMap<String, Findings>,
    healths: BTreeMap<String, Health>,
}

impl Meanings {
    /// Takes one sample, if it means something.
    pub(super) fn take(&mut self, sample: &Sample<'_>) {
        let text = |label: &str| sample.label(label).unwrap_or_default().to_owned();
        match &*sample.name {
            "traefik_tls_certs_not_after" => {
                let name = sample.label("cn").or_else(|| sample.label("sans")?.split(',').next());
                let Some(name) = name.or_else(|| sample.label("serial")) else { return };
                // One name may have an old and a new certificate: the one that ends last is served.
                if let Some(certificate) = self.certificate(name.to_owned(), "Traefik") {
                    certificate.ends = certificate.ends.max(epoch(sample.value));
                }
            }
            "certmanager_certificate_expiration_timestamp_seconds" => {
                if let Some(certificate) = self.certificate(place(sample), &text("issuer_name")) {
                    certificate.ends = epoch(sample.value);
                }
            }
            "certmanager_certificate_renewal_timestamp_seconds" => {
                if let Some(certificate) = self.certificate(place(sample), &text("issuer_name")) {
                    certificate.renews = epoch(sample.value);
                }
            }
            "strimzi_certificate_expiration_timestamp_ms" => {
                let name = format!("{}/{} {}", text("resource_namespace"), text("cluster"), text("type"));
                if let Some(certificate) = self.certificate(name, "Strimzi") {
                    certificate.ends = epoch(sample.value / 1000.0);
                }
            }
            "velero_backup_last_successful_timestamp" => {
                if let Some(backup) = self.backup(text("schedule"), BackupKind::Backup) {
                    backup.succeeded = epoch(sample.value);
                }
            }
            "velero_backup_last_status" => {
                if let Some(backup) = self.backup(text("schedule"), BackupKind::Backup) {
                    backup.last = outcome(sample.value);
                }
            }
            "velero_backup_location_status_gauge" => {
                if let Some(backup) = self.backup(text("backup_location_name"), BackupKind::Store) {
                    backup.last = outcome(sample.value);
                }
            }
            // Some exporters write how long a backup took under this name: only a time of day can be one.
            "backup_time_seconds" if sample.value > A_TIME => {
                let name = ["backup", "name", "database", "job"].iter().find_map(|label| sample.label(label));
                let name = name.unwrap_or_default().to_owned();
                self.succeeded((name, BackupKind::Backup), sample.value, "by `backup_time_seconds`");
            }
            "kube_cronjob_status_last_successful_time" => {
                let name = sample.label("cronjob").unwrap_or_default();
                let lower = name.to_ascii_lowercase();
                let kind = match () {
                    () if lower.contains("restore") => BackupKind::RestoreTest,
                    () if lower.contains("backup") || lower.contains("dump") => BackupKind::Backup,
                    () => return,
                };
                let namespace = sample.label("exported_namespace").or_else(|| sample.label("namespace"));
                let name = namespace.map_or(name.to_owned(), |namespace| format!("{namespace}/{name}"));
                self.succeeded((name, kind), sample.value, "by a CronJob");
            }
            "mongodb_pbm_backup_last_transition_ts" => self.percona(sample),
            "trivy_image_vulnerabilities" => self.finding(sample),
            "mongodb_up" | "cilium_unreachable_nodes" | "logging_resource_state" => self.health(sample),
            _ => {}
        }
    }

    fn certificate(&mut self, name: String, issuer: &str) -> Option<&mut Certificate> {
        bounded(&mut self.certificates, name, |name| Certificate {
            name: Clean::line(name),
            ends: None,
            renews: None,
            failures: 0,
            issuer: Some(Clean::line(issuer)).filter(|issuer| !issuer.is_empty()),
            distrust: None,
            detail: Clean::line(""),
        })
    }

    fn backup(&mut self, name: String, kind: BackupKind) -> Option<&mut Backup> {
        let key = format!("{kind:?} {name}");
        let name = if name.is_empty() { "without schedule".to_owned() } else { name };
        bounded(&mut self.backups, key, |_| Backup {
            name: Clean::line(&name),
            kind,
            succeeded: None,
            started: None,
            due: None,
            last: BackupOutcome::Unknown,
            size: None,
            detail: Clean::line("by Velero's metrics"),
        })
    }

    /// A copy that succeeded at that time; the newest of several counts.
    fn succeeded(&mut self, (name, kind): (String, BackupKind), at: f64, by: &str) {
        let Some(backup) = self.backup(name, kind) else { return };
        if epoch(at) > backup.succeeded {
            (backup.succeeded, backup.last) = (epoch(at), BackupOutcome::Succeeded);
        }
        backup.detail = Clean::line(by);
    }

    /// Percona's backups of MongoDB: a series for each, with how it stands and since when.
    fn percona(&mut self, sample: &Sample<'_>) {
        let (at, status) = (epoch(sample.value), sample.label("status").unwrap_or_default());
        let Some(backup) = self.backup("MongoDB".to_owned(), BackupKind::Backup) else { return };
        backup.detail = Clean::line("by Percona's backup metrics");
        let outcome = match status {
            "done" => BackupOutcome::Succeeded,
            "error" | "down" => BackupOutcome::Failed,
            "running" | "starting" | "dumpDone" => BackupOutcome::Running,
            _ => BackupOutcome::Unknown,
        };
        if outcome == BackupOutcome::Succeeded {
            backup.succeeded = backup.succeeded.max(at);
        }
        // `started` is when the newest of them last moved.
        if at >= backup.started {
            (backup.started, backup.last) = (at, outcome);
        }
    }

    /// The same image counts once, however many containers run it.
    fn finding(&mut self, sample: &Sample<'_>) {
        let text = |label: &str| sample.label(label).unwrap_or_default();
        let mark = if text("image_tag").is_empty() {
            format!("@{}", text("image_digest"))
        } else {
            format!(":{}", text("image_tag"))
        };
        let registry = match text("image_registry") {
            "" => String::new(),
            registry => format!("{registry}/"),
        };
        let subject = format!("{registry}{}{mark}", text("image_repository"));
        let made = bounded(&mut self.findings, subject, |subject| Findings {
            subject: Clean::line(subject),
            critical: 0,
            high: 0,
            medium: 0,
            low: 0,
            unknown: 0,
            scanned: None,
        });
        let Some(findings) = made else { return };
        let count = match text("severity").to_ascii_lowercase().as_str() {
            "critical" => &mut findings.critical,
            "high" => &mut findings.high,
            "medium" => &mut findings.medium,
            "low" => &mut findings.low,
            _ => &mut findings.unknown,
        };
        *count = (*count).max(whole(sample.value));
    }

    fn health(&mut self, sample: &Sample<'_>) {
        let (product, what, level, detail) = match &*sample.name {
            "mongodb_up" if sample.value == 1.0 => {
                ("mongodb", "up".to_owned(), Level::Ok, "answers its exporter".to_owned())
            }
            "mongodb_up" => ("mongodb", "up".to_owned(), Level::Critical, "does not answer its exporter".to_owned()),
            "cilium_unreachable_nodes" if sample.value == 0.0 => {
                ("cilium", "nodes".to_owned(), Level::Ok, "all nodes reachable".to_owned())
            }
            "cilium_unreachable_nodes" => {
                ("cilium", "nodes".to_owned(), Level::Warning, format!("{} nodes unreachable", whole(sample.value)))
            }
            "logging_resource_state" => {
                // Two series for each resource; the one with 1 counts.
                if sample.value != 1.0 {
                    return;
                }
                let kind = sample.label("kind").unwrap_or("resource");
                let (level, word) = match sample.label("status") {
                    Some("active") => (Level::Ok, "active"),
                    _ => (Level::Warning, "not active"),
                };
                ("logging-operator", format!("{kind} {}", place(sample)), level, word.to_owned())
            }
            _ => return,
        };
        let fresh =
            Health { product: Some(product.into()), what: Clean::line(&what), level, detail: Clean::line(&detail) };
        // Several instances behind one address: the worst is told.
        if let Some(held) = bounded(&mut self.healths, format!("{product} {what}"), |_| fresh.clone())
            && fresh.level > held.level
        {
            *held = fresh;
        }
    }

    /// Everything as facts, in the order of names.
    pub(super) fn facts(self) -> impl Iterator<Item = Fact> {
        let certificates = self.certificates.into_values().map(Box::new).map(What::Certificate);
        let backups = self.backups.into_values().map(believed).map(Box::new).map(What::Backup);
        let findings = self.findings.into_values().map(Box::new).map(What::Findings);
        let healths = self.healths.into_values().map(What::Health);
        healths.chain(certificates).chain(backups).chain(findings).map(Fact::here)
    }
}

/// 1 is a success, 0 is none.
fn outcome(value: f64) -> BackupOutcome {
    match value {
        1.0 => BackupOutcome::Succeeded,
        0.0 => BackupOutcome::Failed,
        _ => BackupOutcome::Unknown,
    }
}

/// Velero says 1 before any run: a success without its time is none.
fn believed(backup: Backup) -> Backup {
    let by_its_word_alone = backup.kind == BackupKind::Backup && backup.succeeded.is_none();
    match backup.last {
        BackupOutcome::Succeeded if by_its_word_alone => Backup { last: BackupOutcome::Unknown, ..backup },
        _ => backup,
    }
}

fn place(sample: &Sample<'_>) -> String {
    let text = |label: &str| sample.label(label).unwrap_or_default();
    // A scraper that found a `namespace` of its own moves the exporter's aside.
    let namespace = sample.label("exported_namespace").unwrap_or_else(|| text("namespace"));
    if namespace.is_empty() { text("name").to_owned() } else { format!("{namespace}/{}", text("name")) }
}

fn bounded<T>(map: &mut BTreeMap<String, T>, key: String, make: impl FnOnce(&str) -> T) -> Option<&mut T> {
    if map.len() >= MOST && !map.contains_key(&key) {
        return None;
    }
    let made = make(&key);
    Some(map.entry(key).or_insert(made))
}

/// A count that should be whole and never negative.
fn whole(value: f64) -> u32 {
    if value.is_finite() && value > 0.0 { format!("{:.0}", value.min(4e9)).parse().unwrap_or(u32::MAX) } else { 0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::exposition::{Dialect, Scanner, Wanted};
    use super::*;

    fn facts(body: &str) -> Vec<What> {
        let wanted = Wanted::new(NAMES.iter().copied());
        let mut meanings = Meanings::default();
        let mut scanner = Scanner::new(&wanted, Dialect::Text);
        scanner.feed(body.as_bytes(), &mut |sample| meanings.take(sample)).unwrap();
        scanner.finish(&mut |_| {}).unwrap();
        meanings.facts().map(|fact| fact.what).collect()
    }

    #[test]
    fn a_certificate_that_is_not_there_yet_has_no_end() {
        let body = "certmanager_certificate_expiration_timestamp_seconds{name=\"a\",namespace=\"n\",issuer_name=\"le\"} 0\n\
                    certmanager_certificate_renewal_timestamp_seconds{name=\"a\",namespace=\"n\"} 1.79e9\n";
        let [What::Certificate(certificate)] = &facts(body)[..] else { panic!("one certificate") };
        assert_eq!((certificate.name.as_str(), certificate.ends), ("n/a", None));
        assert_eq!(certificate.renews.unwrap().timestamp(), 1_790_000_000);
    }

    #[test]
    fn the_same_image_counts_once() {
        let line = |pod: &str, severity: &str, n: &str| {
            format!(
                "trivy_image_vulnerabilities{{image_repository=\"a/b\",image_tag=\"1\",name=\"{pod}\",severity=\"{severity}\"}} {n}\n"
            )
        };
        let body =
            [line("x", "Critical", "2"), line("y", "Critical", "2"), line("y", "High", "-1"), line("y", "Odd", "1e30")];
        let [What::Findings(findings)] = &facts(&body.concat())[..] else { panic!("one image") };
        assert_eq!((findings.critical, findings.high, findings.unknown), (2, 0, 4_000_000_000));
    }

    #[test]
    fn copies_of_every_kind_tell_when_they_last_succeeded() {
        let body = "backup_time_seconds{backup=\"gitlab\"} 1.7951368e9\nbackup_time_seconds{backup=\"slow\"} 431\n\
            kube_cronjob_status_last_successful_time{namespace=\"db\",cronjob=\"pg-dump\"} 1.795e9\n\
            kube_cronjob_status_last_successful_time{namespace=\"db\",cronjob=\"restore-drill\"} 1.79e9\n\
            kube_cronjob_status_last_successful_time{namespace=\"db\",cronjob=\"report\"} 1.79e9\n\
            mongodb_pbm_backup_last_transition_ts{name=\"b\",status=\"error\"} 1.7951e9\n\
            mongodb_pbm_backup_last_transition_ts{name=\"a\",status=\"done\"} 1.795e9\n";
        let told: Vec<String> = facts(body)
            .into_iter()
            .map(|what| match what {
                What::Backup(one) => {
                    format!(
                        "{:?} {} {:?} {}",
                        one.kind,
                        one.name,
                        one.last,
                        one.succeeded.map_or(0, |at| at.timestamp())
                    )
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                "Backup MongoDB Failed 1795000000",
                "Backup db/pg-dump Succeeded 1795000000",
                "Backup gitlab Succeeded 1795136800",
                "RestoreTest db/restore-drill Succeeded 1790000000",
            ]
        );
    }

    #[test]
    fn a_backup_status_alone_is_no_success() {
        let body = "velero_backup_last_status{schedule=\"weekly\"} 1\nvelero_backup_location_status_gauge{backup_location_name=\"d\"} 0\n";
        let told = facts(body);
        let [What::Backup(backup), What::Backup(store)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((backup.name.as_str(), backup.succeeded, backup.last), ("weekly", None, BackupOutcome::Unknown));
        assert_eq!((store.kind, store.last), (BackupKind::Store, BackupOutcome::Failed));
    }

    #[test]
    fn the_worst_of_several_instances_is_told() {
        let body = "mongodb_up{instance=\"a\"} 1\nmongodb_up{instance=\"b\"} 0\ncilium_unreachable_nodes NaN\n";
        let told = facts(body);
        let levels: Vec<Level> = told
            .iter()
            .map(|what| match what {
                What::Health(health) => health.level,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(levels, [Level::Warning, Level::Critical]);
    }
}
