//! Velero: when a schedule's last backup really succeeded, how the newest one went, and whether its store is there.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::TimeDelta;
use croner::Cron;
use serde::Deserialize;

use super::wire::WireMeta;
use crate::domain::assurance::{Backup, BackupKind, BackupOutcome};
use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Fact, What};
use crate::sources::reading::moment;
use crate::text::clean::Clean;

/// One backup.
#[derive(Deserialize)]
pub(super) struct WireBackup {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireBackupSpec,
    #[serde(default)]
    status: WireBackupStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireBackupSpec {
    included_namespaces: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireBackupStatus {
    phase: String,
    start_timestamp: Option<String>,
    completion_timestamp: Option<String>,
    errors: u64,
    failure_reason: String,
    validation_errors: Option<Vec<String>>,
}

/// One schedule.
#[derive(Deserialize)]
pub(super) struct WireSchedule {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireScheduleSpec,
    #[serde(default)]
    status: WirePhase,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireScheduleSpec {
    schedule: String,
    paused: bool,
    template: WireBackupSpec,
}

/// One place where backups lie.
#[derive(Deserialize)]
pub(super) struct WireStore {
    metadata: WireMeta,
    #[serde(default)]
    status: WirePhase,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WirePhase {
    phase: String,
    last_validation_time: Option<String>,
    message: String,
}

impl WireBackupSpec {
    /// Whether it holds a namespace; where nobody asks for one, it does.
    fn covers(&self, namespace: Option<&str>) -> bool {
        let Some(namespace) = namespace else { return true };
        let included = self.included_namespaces.as_deref().unwrap_or_default();
        included.is_empty() || included.iter().any(|one| one == "*" || one == namespace)
    }
}

impl WireBackup {
    fn outcome(&self) -> BackupOutcome {
        match self.status.phase.as_str() {
            // Nothing but this is a success; an end is also written on failures.
            "Completed" => BackupOutcome::Succeeded,
            "PartiallyFailed" | "FinalizingPartiallyFailed" | "WaitingForPluginOperationsPartiallyFailed" => {
                BackupOutcome::Partial
            }
            "Failed" | "FailedValidation" => BackupOutcome::Failed,
            "" | "New" | "Queued" | "ReadyToStart" | "InProgress" | "WaitingForPluginOperations" | "Finalizing" => {
                BackupOutcome::Running
            }
            _ => BackupOutcome::Unknown,
        }
    }

    fn detail(&self) -> String {
        let status = &self.status;
        let reason = Some(&status.failure_reason).filter(|reason| !reason.is_empty());
        match (reason.or(status.validation_errors.iter().flatten().next()), status.errors) {
            (Some(reason), _) => reason.clone(),
            (None, 0) => String::new(),
            (None, n) => format!("{n} errors"),
        }
    }
}

/// One fact for each schedule, and one for each store. With a namespace, only what covers it.
pub(super) fn facts(
    schedules: &[WireSchedule],
    backups: &[WireBackup],
    stores: &[WireStore],
    namespace: Option<&str>,
) -> Vec<Fact> {
    let mut by_schedule: BTreeMap<&str, (Option<&WireSchedule>, Vec<&WireBackup>)> = BTreeMap::new();
    for schedule in schedules.iter().filter(|schedule| schedule.spec.template.covers(namespace)) {
        by_schedule.entry(&schedule.metadata.name).or_default().0 = Some(schedule);
    }
    for backup in backups.iter().filter(|backup| backup.spec.covers(namespace)) {
        let schedule = backup.metadata.label("velero.io/schedule-name").unwrap_or("without schedule");
        by_schedule.entry(schedule).or_default().1.push(backup);
    }
    let of_schedules = by_schedule.into_iter().map(|(name, (schedule, backups))| scheduled(name, schedule, &backups));
    of_schedules.chain(stores.iter().map(store)).map(|backup| Fact::here(What::Backup(Box::new(backup)))).collect()
}

fn scheduled(name: &str, schedule: Option<&WireSchedule>, backups: &[&WireBackup]) -> Backup {
    let started = |backup: &WireBackup| backup.status.start_timestamp.as_deref().and_then(moment);
    let succeeded = backups
        .iter()
        .filter(|backup| backup.outcome() == BackupOutcome::Succeeded)
        .filter_map(|backup| moment(backup.status.completion_timestamp.as_deref()?))
        .max();
    let newest = backups.iter().max_by_key(|backup| (started(backup), &backup.metadata.name));
    let trouble = schedule.and_then(|schedule| match (schedule.spec.paused, schedule.status.phase.as_str()) {
        (true, _) => Some("its schedule is paused".to_owned()),
        (_, "FailedValidation") => Some("its schedule is not valid".to_owned()),
        _ => None,
    });
    let detail = trouble.unwrap_or_else(|| newest.map_or_else(|| "no backup yet".to_owned(), |backup| backup.detail()));
    Backup {
        name: Clean::line(name),
        kind: BackupKind::Backup,
        succeeded,
        started: newest.and_then(|backup| started(backup)),
        due: schedule.zip(succeeded).and_then(|(schedule, after)| due(&schedule.spec.schedule, after)),
        last: newest.map_or(BackupOutcome::Unknown, |backup| backup.outcome()),
        size: None,
        detail: Clean::line_within(&detail, 200),
    }
}

fn store(store: &WireStore) -> Backup {
    let checked = store.status.last_validation_time.as_deref().and_then(moment);
    let last = match store.status.phase.as_str() {
        "Available" => BackupOutcome::Succeeded,
        "Unavailable" => BackupOutcome::Failed,
        _ => BackupOutcome::Unknown,
    };
    Backup {
        name: Clean::line(&store.metadata.name),
        kind: BackupKind::Store,
        succeeded: checked.filter(|_| last == BackupOutcome::Succeeded),
        started: checked,
        due: None,
        last,
        size: None,
        detail: Clean::line_within(&store.status.message, 200),
    }
}

/// When a schedule is next due after a moment: cron in the server's zone or its own, or `@every`.
pub(super) fn due(schedule: &str, after: Moment) -> Option<Moment> {
    if let Some(every) = schedule.trim().strip_prefix("@every ") {
        return after.checked_add_signed(go_duration(every)?);
    }
    let zoned = schedule.strip_prefix("CRON_TZ=").or_else(|| schedule.strip_prefix("TZ="));
    let (zone, cron) = match zoned.and_then(|rest| rest.split_once(' ')) {
        Some((zone, cron)) => (zone.parse::<Tz>().ok()?, cron),
        None => (Tz::UTC, schedule),
    };
    let next = Cron::from_str(cron.trim()).ok()?.find_next_occurrence(&after.with_timezone(&zone), false).ok()?;
    Some(next.to_utc())
}

/// `6h`, `1h30m`, as Go writes durations. Zero is none.
fn go_duration(text: &str) -> Option<TimeDelta> {
    let mut seconds = 0_i64;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(end)?;
        let unit = tail.chars().next()?;
        let each = match unit {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(each)?)?;
        rest = tail.get(unit.len_utf8()..)?;
    }
    TimeDelta::try_seconds(seconds).filter(|delta| *delta > TimeDelta::zero())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::sources::kubernetes::pages::Page;

    fn backups() -> Vec<WireBackup> {
        let body = include_bytes!("../../../tests/samples/kubernetes/1.33/with-operators/backups.json");
        Page::read(body, "backups").unwrap().items
    }

    fn schedule(text: &str) -> WireSchedule {
        serde_json::from_str(text).unwrap()
    }

    fn told(schedules: &[WireSchedule], namespace: Option<&str>) -> Vec<Backup> {
        let backup = |fact: Fact| match fact.what {
            What::Backup(backup) => *backup,
            other => panic!("{other:?}"),
        };
        facts(schedules, &backups(), &[], namespace).into_iter().map(backup).collect()
    }

    #[test]
    fn only_a_completed_backup_is_a_success_and_the_newest_one_says_how_it_goes() {
        let daily =
            schedule(r#"{"metadata":{"name":"daily"},"spec":{"schedule":"0 1 * * *"},"status":{"phase":"Enabled"}}"#);
        let [backup] = &told(&[daily], Some("meshstack"))[..] else { panic!("one schedule") };
        assert_eq!(backup.succeeded, moment("2026-11-20T01:06:40Z"));
        assert_eq!(backup.due, moment("2026-11-21T01:00:00Z"));
        assert_eq!((backup.last, backup.started), (BackupOutcome::Running, moment("2026-11-21T01:00:02Z")));
    }

    #[test]
    fn a_schedule_without_backups_is_told_and_others_namespaces_are_not() {
        let weekly = schedule(r#"{"metadata":{"name":"weekly"},"spec":{"schedule":"@weekly","paused":true}}"#);
        let told = told(&[weekly], Some("elsewhere"));
        let [backup] = &told[..] else { panic!("{told:?}") };
        assert_eq!((backup.last, backup.succeeded), (BackupOutcome::Unknown, None));
        assert_eq!(backup.detail.as_str(), "its schedule is paused");
    }

    #[test]
    fn a_schedule_says_when_it_is_due() {
        let after = moment("2026-11-20T01:06:40Z").unwrap();
        for (text, expected) in [
            ("0 1 * * *", moment("2026-11-21T01:00:00Z")),
            ("CRON_TZ=Europe/Berlin 0 1 * * *", moment("2026-11-21T00:00:00Z")),
            ("@every 6h", moment("2026-11-20T07:06:40Z")),
            ("@every 1h30m", moment("2026-11-20T02:36:40Z")),
            ("@every 0h", None),
            ("@every 99999999999999999999h", None),
            ("@every 9223372036854775807h", None),
            ("every day", None),
            ("CRON_TZ=Mars/Base 0 1 * * *", None),
        ] {
            assert_eq!(due(text, after), expected, "{text}");
        }
    }
}
