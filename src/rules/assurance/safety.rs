//! Certificates and backups: what ends by itself, and what must have happened lately.

use chrono::TimeDelta;

use super::Signal;
use crate::domain::assurance::{Backup, BackupKind, BackupOutcome, Certificate};
use crate::domain::clock::Moment;
use crate::domain::level::Level;
use crate::domain::planned::Stream;
use crate::rules::hearing::Basis;
use crate::rules::standing::Standing;
use crate::rules::teller::Teller;
use crate::rules::turn::{has_come, is_nearer, is_older};
use crate::text::clean::Clean;
use crate::text::words;

/// A certificate that ends within this is critical.
const CRITICAL: TimeDelta = TimeDelta::days(7);
/// A certificate that ends within this needs somebody.
const WARNING: TimeDelta = TimeDelta::days(21);
/// How old a copy may be where no schedule is told.
const DAILY: TimeDelta = TimeDelta::hours(25);
/// How long one copy may take before it counts as stuck.
const TOO_LONG: TimeDelta = TimeDelta::hours(6);
/// How old a restore test may be where no schedule is told.
const YEARLY: TimeDelta = TimeDelta::days(366);

pub(super) fn certificate(one: &Certificate, at: Moment) -> Signal {
    let mut signal = Signal::new(Stream::Security, "certificate", one.name.to_string());
    signal.limit = Some("21 d".to_owned());
    signal.at = one.ends;
    let Some(ends) = one.ends else {
        signal.detail = joined(&["no certificate yet", one.detail.as_str()]);
        return signal;
    };
    signal.value = Some(words::left(ends - at));
    let failing = one.failures > 0 && one.renews.is_none_or(|renews| has_come(renews, at));
    let trouble = failing || one.distrust.is_some();
    signal.state = by_rest(ends, at).worst(if trouble { Level::Warning } else { Level::Ok });
    let issuer = one.issuer.as_ref().map(|issuer| format!("issued by {issuer}")).unwrap_or_default();
    let renewal = if failing {
        format!("renewal fails, {}", words::plural(u64::from(one.failures), "try", "tries"))
    } else {
        String::new()
    };
    let distrust = one.distrust.as_ref().map_or("", Clean::as_str);
    signal.detail = joined(&[distrust, &renewal, one.detail.as_str(), &issuer]);
    signal
}

/// The certificate of the connection to a source, where it needs somebody.
pub(super) fn connection(teller: &Teller<'_>, at: Moment) -> Option<Signal> {
    let ends = teller.feed?.certificate_ends?;
    // A `tls` source tells its certificate as a fact.
    if by_rest(ends, at) == Level::Ok || &*teller.card.id.kind == "tls" {
        return None;
    }
    let source = teller.card.id.to_string();
    let mut signal = Signal::new(Stream::Security, "certificate", format!("connection to {source}"));
    signal.state = by_rest(ends, at);
    signal.value = Some(words::left(ends - at));
    signal.limit = Some("21 d".to_owned());
    signal.at = Some(ends);
    let stale = teller.standing != Standing::Ok;
    signal.basis = Basis { observed_at: teller.feed?.tried, stale, source: Some(source) };
    Some(signal)
}

/// Whether a certificate ends so soon that somebody is needed.
pub fn ends_soon(ends: Moment, at: Moment) -> bool {
    by_rest(ends, at) != Level::Ok
}

fn by_rest(ends: Moment, at: Moment) -> Level {
    // Every turn is asked for, so that the nearest is noted.
    match (is_nearer(ends, CRITICAL, at), is_nearer(ends, WARNING, at)) {
        (true, _) => Level::Critical,
        (false, true) => Level::Warning,
        (false, false) => Level::Ok,
    }
}

pub(super) fn backup(one: &Backup, at: Moment) -> Signal {
    let name = match one.kind {
        BackupKind::Backup => one.name.to_string(),
        BackupKind::RestoreTest => format!("restore test {}", one.name),
        BackupKind::Snapshot => format!("snapshot {}", one.name),
        BackupKind::Store => format!("store {}", one.name),
    };
    let mut signal = Signal::new(Stream::Backup, "backup", name);
    signal.at = one.succeeded;
    if one.kind == BackupKind::Store {
        signal.state = match one.last {
            BackupOutcome::Succeeded => Level::Ok,
            BackupOutcome::Failed => Level::Critical,
            BackupOutcome::Partial => Level::Warning,
            BackupOutcome::Running | BackupOutcome::Unknown => Level::Unknown,
        };
        signal.value = Some(if signal.state == Level::Ok { "available" } else { "not available" }.to_owned());
        signal.detail = one.detail.to_string();
        return signal;
    }
    let (last, why) = newest(one, at);
    let (age, limit, late) = age(one, at);
    signal.state = age.worst(last);
    signal.value = one.succeeded.map(|succeeded| words::ago(at - succeeded));
    signal.limit = limit;
    let size = one.size.map(words::bytes).unwrap_or_default();
    signal.detail = joined(&[&late, why, one.detail.as_str(), &size]);
    signal
}

/// What the newest copy says, whenever the last good one was.
fn newest(one: &Backup, at: Moment) -> (Level, &'static str) {
    let never = one.succeeded.is_none();
    match one.last {
        BackupOutcome::Failed if never => (Level::Critical, "the last one failed"),
        BackupOutcome::Failed => (Level::Warning, "the last one failed"),
        BackupOutcome::Partial if never => (Level::Critical, "the last one has holes"),
        BackupOutcome::Partial => (Level::Warning, "the last one has holes"),
        BackupOutcome::Running if one.started.is_some_and(|started| is_older(started, TOO_LONG, at)) => {
            (Level::Warning, "under way for too long")
        }
        BackupOutcome::Succeeded | BackupOutcome::Running => (Level::Ok, ""),
        BackupOutcome::Unknown => (Level::Ok, "nobody says how the last one went"),
    }
}

/// What the age of the last good copy says, with the limit and the words for being late.
fn age(one: &Backup, at: Moment) -> (Level, Option<String>, String) {
    let Some(succeeded) = one.succeeded else {
        return (Level::Unknown, None, "none succeeded yet, as far as is known".to_owned());
    };
    if !has_come(succeeded, at) {
        return (Level::Unknown, None, "the last one lies in the future: is a clock wrong?".to_owned());
    }
    let Some(due) = one.due else {
        let most = if one.kind == BackupKind::RestoreTest { YEARLY } else { DAILY };
        let young = !is_older(succeeded, most, at);
        let known = young || one.kind == BackupKind::RestoreTest;
        return match (young, known) {
            (true, _) => (Level::Ok, Some(words::fixed(most)), String::new()),
            (false, true) => (Level::Warning, Some(words::fixed(most)), "too long ago".to_owned()),
            (false, false) => (Level::Unknown, None, "no schedule to hold it against".to_owned()),
        };
    };
    let every = (due - succeeded).max(TimeDelta::zero());
    let grace = (every / 10).clamp(TimeDelta::minutes(30), TimeDelta::hours(6));
    let limit = Some(format!("every {}", words::fixed(every)));
    match at - due {
        _ if !is_older(due, grace, at) => (Level::Ok, limit, String::new()),
        // One run missed needs somebody; a second one missed needs somebody now.
        late if !is_older(due, every + grace, at) => (Level::Warning, limit, format!("late by {}", words::span(late))),
        late => (Level::Critical, limit, format!("late by {}", words::span(late))),
    }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}
