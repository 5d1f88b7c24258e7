//! Copies of data that are no Velero backups: dumps by a CronJob, snapshots of volumes, MongoDB backups and restores of
//! Percona's operator, and what Velero brought back to life.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::resources::place;
use super::velero::due;
use super::wire::WireMeta;
use crate::domain::assurance::{Backup, BackupKind, BackupOutcome};
use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, What};
use crate::sources::reading::moment;
use crate::text::clean::Clean;

/// A job that runs by the clock.
#[derive(Deserialize)]
pub(super) struct WireCronJob {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireCronSpec,
    #[serde(default)]
    status: WireCronStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireCronSpec {
    schedule: String,
    time_zone: Option<String>,
    suspend: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireCronStatus {
    last_schedule_time: Option<String>,
    last_successful_time: Option<String>,
}

impl WireCronJob {
    /// What it copies or tries, by its name or because the fleet file names it. Others are nobody's business.
    pub(super) fn fact(&self, named: &[Clean]) -> Option<Fact> {
        let name = self.metadata.name.to_ascii_lowercase();
        let is_named = named.iter().any(|one| one.as_str() == self.metadata.name);
        let kind = match () {
            () if name.contains("restore") => BackupKind::RestoreTest,
            () if is_named || ["backup", "dump"].iter().any(|word| name.contains(word)) => BackupKind::Backup,
            () => return None,
        };
        let succeeded = self.status.last_successful_time.as_deref().and_then(moment);
        let started = self.status.last_schedule_time.as_deref().and_then(moment);
        let schedule = match &self.spec.time_zone {
            Some(zone) => format!("CRON_TZ={zone} {}", self.spec.schedule),
            None => self.spec.schedule.clone(),
        };
        // It tells when it last succeeded, and of the newest run only when it began.
        let last = match (succeeded, started) {
            (Some(succeeded), Some(started)) if succeeded >= started => BackupOutcome::Succeeded,
            _ => BackupOutcome::Unknown,
        };
        let detail = match (self.spec.suspend, started) {
            (true, _) => "its schedule is suspended",
            (false, None) => "never ran",
            (false, Some(_)) => "by a CronJob",
        };
        Some(Fact::here(What::Backup(Box::new(Backup {
            name: place(&self.metadata),
            kind,
            succeeded,
            started,
            due: succeeded.and_then(|after| due(&schedule, after)),
            last,
            size: None,
            detail: Clean::line(detail),
        }))))
    }
}

/// One attempt at a copy, whatever kind of object tells of it.
struct Attempt {
    /// What it is a copy of.
    of: String,
    name: String,
    outcome: BackupOutcome,
    started: Option<Moment>,
    ended: Option<Moment>,
    detail: String,
}

/// One fact for whatever is copied: its last success, and how the newest attempt went.
fn told(kind: BackupKind, attempts: impl Iterator<Item = Attempt>) -> Vec<Fact> {
    let mut by_subject: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
    for attempt in attempts {
        by_subject.entry(attempt.of.clone()).or_default().push(attempt);
    }
    let backup = |(of, attempts): (String, Vec<Attempt>)| {
        let good = attempts.iter().filter(|one| one.outcome == BackupOutcome::Succeeded);
        let newest = attempts.iter().max_by_key(|one| (one.started.or(one.ended), &one.name));
        Fact::here(What::Backup(Box::new(Backup {
            name: Clean::line(&of),
            kind,
            succeeded: good.filter_map(|one| one.ended).max(),
            started: newest.and_then(|one| one.started),
            due: None,
            last: newest.map_or(BackupOutcome::Unknown, |one| one.outcome),
            size: None,
            detail: Clean::line_within(newest.map_or("", |one| &one.detail), 200),
        })))
    };
    by_subject.into_iter().map(backup).collect()
}

/// A snapshot of a volume.
#[derive(Deserialize)]
pub(super) struct WireSnapshot {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireSnapshotSpec,
    #[serde(default)]
    status: WireSnapshotStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSnapshotSpec {
    source: WireSnapshotSource,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSnapshotSource {
    persistent_volume_claim_name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSnapshotStatus {
    ready_to_use: Option<bool>,
    creation_time: Option<String>,
    error: Option<WireSnapshotError>,
}

#[derive(Deserialize)]
struct WireSnapshotError {
    #[serde(default)]
    message: String,
}

/// Snapshots, by the volume they are of.
pub(super) fn snapshots(snapshots: &[WireSnapshot]) -> Vec<Fact> {
    let attempt = |one: &WireSnapshot| {
        let claim = one.spec.source.persistent_volume_claim_name.as_str();
        let claim = if claim.is_empty() { one.metadata.name.as_str() } else { claim };
        let taken = one.status.creation_time.as_deref().and_then(moment);
        let outcome = match (&one.status.error, one.status.ready_to_use) {
            (Some(_), _) => BackupOutcome::Failed,
            (None, Some(true)) => BackupOutcome::Succeeded,
            (None, _) => BackupOutcome::Running,
        };
        Attempt {
            of: format!("{}/{claim}", one.metadata.namespace),
            name: one.metadata.name.clone(),
            outcome,
            started: taken,
            ended: taken,
            detail: one.status.error.as_ref().map(|error| error.message.clone()).unwrap_or_default(),
        }
    };
    told(BackupKind::Snapshot, snapshots.iter().map(attempt))
}

/// A backup or a restore of Percona's operator for MongoDB.
#[derive(Deserialize)]
pub(super) struct WirePercona {
    metadata: WireMeta,
    #[serde(default)]
    spec: WirePerconaSpec,
    #[serde(default)]
    status: WirePerconaStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WirePerconaSpec {
    cluster_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePerconaStatus {
    state: String,
    start: Option<String>,
    completed: Option<String>,
    error: String,
}

/// Backups or restores of databases, by the database they are of.
pub(super) fn percona(kind: BackupKind, copies: &[WirePercona]) -> Vec<Fact> {
    let attempt = |one: &WirePercona| {
        let status = &one.status;
        Attempt {
            of: format!("{}/{}", one.metadata.namespace, one.spec.cluster_name),
            name: one.metadata.name.clone(),
            outcome: match status.state.as_str() {
                "ready" => BackupOutcome::Succeeded,
                "error" | "rejected" => BackupOutcome::Failed,
                "" | "waiting" | "requested" | "running" => BackupOutcome::Running,
                _ => BackupOutcome::Unknown,
            },
            started: status.start.as_deref().and_then(moment),
            ended: status.completed.as_deref().and_then(moment),
            detail: status.error.clone(),
        }
    };
    told(kind, copies.iter().map(attempt))
}

/// A restore of Velero's.
#[derive(Deserialize)]
pub(super) struct WireRestore {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireRestoreSpec,
    #[serde(default)]
    status: WireRestoreStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireRestoreSpec {
    schedule_name: String,
    backup_name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireRestoreStatus {
    phase: String,
    start_timestamp: Option<String>,
    completion_timestamp: Option<String>,
    failure_reason: String,
}

/// What was brought back to life, by the schedule its backup came from: `daily-20261121010002` came from `daily`.
pub(super) fn restores(restores: &[WireRestore]) -> Vec<Fact> {
    let attempt = |one: &WireRestore| {
        let (spec, status) = (&one.spec, &one.status);
        let stem = spec.backup_name.rsplit_once('-').filter(|(_, tail)| tail.bytes().all(|b| b.is_ascii_digit()));
        let of = match (spec.schedule_name.as_str(), stem) {
            ("", Some((stem, _))) => stem.to_owned(),
            ("", None) => spec.backup_name.clone(),
            (schedule, _) => schedule.to_owned(),
        };
        Attempt {
            of,
            name: one.metadata.name.clone(),
            outcome: match status.phase.as_str() {
                "Completed" => BackupOutcome::Succeeded,
                phase if phase.contains("PartiallyFailed") => BackupOutcome::Partial,
                "Failed" | "FailedValidation" => BackupOutcome::Failed,
                "" | "New" | "InProgress" | "WaitingForPluginOperations" | "Finalizing" => BackupOutcome::Running,
                _ => BackupOutcome::Unknown,
            },
            started: status.start_timestamp.as_deref().and_then(moment),
            ended: status.completion_timestamp.as_deref().and_then(moment),
            detail: status.failure_reason.clone(),
        }
    };
    told(BackupKind::RestoreTest, restores.iter().map(attempt))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn backup(fact: Fact) -> Backup {
        match fact.what {
            What::Backup(backup) => *backup,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_job_is_a_copy_by_its_name_or_because_somebody_says_so() {
        let named = [Clean::line("nightly")];
        for (name, kind) in [
            ("mongo-backup", Some(BackupKind::Backup)),
            ("pg-dump", Some(BackupKind::Backup)),
            ("nightly", Some(BackupKind::Backup)),
            ("restore-drill", Some(BackupKind::RestoreTest)),
            ("backup-restore-test", Some(BackupKind::RestoreTest)),
            ("report", None),
        ] {
            let job: WireCronJob = serde_json::from_value(serde_json::json!({ "metadata": { "name": name } })).unwrap();
            assert_eq!(job.fact(&named).map(|fact| backup(fact).kind), kind, "{name}");
        }
    }

    #[test]
    fn a_job_says_when_it_succeeded_and_by_its_zone_when_it_is_due() {
        let job = serde_json::json!({
            "metadata": { "name": "pg-dump", "namespace": "db" },
            "spec": { "schedule": "30 2 * * *", "timeZone": "Europe/Berlin" },
            "status": { "lastScheduleTime": "2026-11-21T01:30:00Z", "lastSuccessfulTime": "2026-11-20T01:41:12Z" },
        });
        let told = backup(serde_json::from_value::<WireCronJob>(job).unwrap().fact(&[]).unwrap());
        assert_eq!((told.name.as_str(), told.last), ("db/pg-dump", BackupOutcome::Unknown));
        assert_eq!((told.succeeded, told.due), (moment("2026-11-20T01:41:12Z"), moment("2026-11-21T01:30:00Z")));
    }

    #[test]
    fn the_last_good_copy_counts_and_the_newest_one_says_how_it_goes() {
        let one = |name: &str, state: &str, start: &str, completed: &str| {
            let text = serde_json::json!({
                "metadata": { "name": name, "namespace": "mongodb" },
                "spec": { "clusterName": "main" },
                "status": { "state": state, "start": start, "completed": completed, "error": "" },
            });
            serde_json::from_value::<WirePercona>(text).unwrap()
        };
        let copies = [
            one("b", "error", "2026-11-21T00:00:00Z", "2026-11-21T00:10:00Z"),
            one("a", "ready", "2026-11-20T00:00:00Z", "2026-11-20T00:10:00Z"),
        ];
        let told: Vec<Backup> = percona(BackupKind::Backup, &copies).into_iter().map(backup).collect();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].succeeded, told[0].last), (moment("2026-11-20T00:10:00Z"), BackupOutcome::Failed));
    }
}
