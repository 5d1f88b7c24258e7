//! The other signals: artifacts, configuration, evidence, findings, objectives, tickets, tunnels.

use chrono::TimeDelta;

use super::{Case, Signal};
use crate::domain::assurance::{ConfigState, Findings, Objective, Ticket, Tunnel};
use crate::domain::clock::{Moment, Tz, day_of, end_of};
use crate::domain::delivery::Artifact;
use crate::domain::fleet::Evidence;
use crate::domain::id::EnvironmentName;
use crate::domain::level::Level;
use crate::domain::planned::Stream;
use crate::domain::product::Product;
use crate::domain::version::Version;
use crate::rules::originals::is_named;
use crate::rules::turn::{has_come, is_older};
use crate::text::words;

/// How many days before its end a document needs somebody.
const EVIDENCE_DAYS: i64 = 30;
/// How old a scan may be.
const SCANNED: TimeDelta = TimeDelta::days(8);
/// Of an objective's budget, the share that may be used up before somebody should look.
const BUDGET: f64 = 0.75;

/// An artifact that matters: of a version that runs or should run, in an environment of the store's.
pub(super) fn artifact(one: &Artifact, environment: Option<&EnvironmentName>, case: &Case<'_>) -> Option<Signal> {
    let tag = one.tag.as_str();
    let same = |version: &Version| {
        version.text() == tag || version.precedence(&Version::read(version.scheme(), tag)).is_some_and(|o| o.is_eq())
    };
    let here = case.components.iter().filter(|part| environment.is_none_or(|name| *name == part.environment));
    let wanted = here
        .into_iter()
        .any(|part| part.drift.target.as_ref().is_some_and(same) || part.running.as_ref().is_some_and(same));
    let is_of = |product: &Product| product.artifacts.iter().any(|name| is_named(one.name.as_str(), name.as_str()));
    let originals = case.originals.iter().filter(|(product, _)| is_of(product));
    let original = originals.into_iter().find_map(|(product, originals)| originals.wanted(product, one));
    let differs = matches!((&one.digest, original), (Some(has), Some(wants)) if has != wants);
    if !wanted && !differs {
        return None;
    }
    let mut signal = Signal::new(Stream::Infrastructure, "artifact", format!("{}:{tag}", one.name));
    (signal.state, signal.value, signal.detail) = match (one.present, differs) {
        (true, true) => {
            (Level::Critical, Some("other content".to_owned()), "the vendor's digest of this tag is another".to_owned())
        }
        // A tag alone is not the content.
        (true, false) if one.digest.is_none() && original.is_some() => {
            (Level::Unknown, Some("delivered".to_owned()), "its digest is not known".to_owned())
        }
        (true, false) => {
            let digest = one.digest.as_ref().map(ToString::to_string).unwrap_or_default();
            (Level::Ok, Some("delivered".to_owned()), digest)
        }
        (false, _) => (Level::Warning, Some("missing".to_owned()), "the customer's store does not have it".to_owned()),
    };
    Some(signal)
}

pub(super) fn config(one: &ConfigState) -> Signal {
    let mut signal = Signal::new(Stream::Infrastructure, "config", one.name.to_string());
    signal.at = one.head_at;
    signal.limit = Some("applied is newest".to_owned());
    let applied = one.applied.as_ref().map(|applied| applied.as_str());
    let head = one.head.as_str();
    signal.value = applied.map(short);
    (signal.state, signal.detail) = match (applied, one.behind) {
        (_, Some(n)) if n > 0 => {
            let behind = words::plural(u64::from(n), "commit", "commits");
            (Level::Warning, format!("{behind} behind {}", short(head)))
        }
        (None, _) => (Level::Unknown, format!("newest is {}, nobody tells what is applied", short(head))),
        (Some(_), Some(_)) => (Level::Ok, one.subject.to_string()),
        (Some(applied), None) if same_commit(applied, head) => (Level::Ok, one.subject.to_string()),
        (Some(_), None) => (Level::Warning, format!("newest is {}", short(head))),
    };
    match one.signature.as_ref().map(|letter| letter.as_str()) {
        Some("B") => {
            (signal.state, signal.detail) = (Level::Critical, "the newest commit's signature is bad".to_owned())
        }
        Some("E") => signal.detail = format!("{} · nobody here can check the newest commit's signature", signal.detail),
        Some("X" | "Y" | "R") => {
            signal.state = signal.state.worst(Level::Warning);
            signal.detail = format!("{} · the newest commit's signature is not good any more", signal.detail);
        }
        _ => {}
    }
    if let Some(wants) = &one.wants {
        signal.detail = joined(&signal.detail, &format!("wants {wants}"));
    }
    if let Some(broken) = &one.broken {
        signal.state = signal.state.worst(Level::Warning);
        signal.detail = joined(broken.as_str(), &signal.detail);
    }
    if one.rewritten {
        (signal.state, signal.detail) = (Level::Critical, "its history was rewritten".to_owned());
    }
    signal
}

/// Short and long names of one commit.
fn same_commit(a: &str, b: &str) -> bool {
    let enough = a.len().min(b.len()) >= 7;
    a == b || enough && (a.starts_with(b) || b.starts_with(a))
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

pub(super) fn evidence(one: &Evidence, case: &Case<'_>) -> Signal {
    let name = match &one.control {
        Some(control) => format!("{} {control}: {}", one.framework, one.title),
        None => format!("{}: {}", one.framework, one.title),
    };
    let mut signal = Signal::new(Stream::Security, "evidence", name);
    signal.limit = Some(format!("{EVIDENCE_DAYS} d"));
    let issued = one.issued.map(|day| format!("issued {day}")).unwrap_or_default();
    let Some(until) = one.valid_until else {
        signal.state = Level::Ok;
        signal.detail = joined("no end", &issued);
        return signal;
    };
    let days = (until - day_of(case.at, case.zone)).num_days();
    signal.at = Some(end_of(until, case.zone));
    signal.value = Some(if days < 0 { format!("{} d over", -days) } else { format!("{days} d left") });
    signal.state = match days {
        ..0 => Level::Critical,
        0..EVIDENCE_DAYS => Level::Warning,
        _ => Level::Ok,
    };
    signal.detail = joined(&format!("valid until {until}"), &issued);
    signal
}

pub(super) fn findings(one: &Findings, at: Moment) -> Signal {
    let mut signal = Signal::new(Stream::Security, "vulnerabilities", one.subject.to_string());
    signal.at = one.scanned;
    signal.limit = Some("no critical, no high".to_owned());
    let of_severity = [(one.critical, "critical"), (one.high, "high"), (one.medium, "medium"), (one.low, "low")];
    let told = of_severity.into_iter().chain([(one.unknown, "unrated")]).filter(|(n, _)| *n > 0);
    let told: Vec<String> = told.map(|(n, word)| format!("{n} {word}")).collect();
    signal.value = Some(if told.is_empty() { "none".to_owned() } else { told.join(", ") });
    signal.state = match one {
        Findings { critical: 1.., .. } => Level::Critical,
        Findings { high: 1.., .. } => Level::Warning,
        Findings { unknown: 1.., .. } => Level::Unknown,
        _ => Level::Ok,
    };
    if one.scanned.is_some_and(|scanned| is_older(scanned, SCANNED, at)) {
        signal.state = signal.state.worst(Level::Unknown);
        signal.detail = "looked at too long ago".to_owned();
    }
    signal
}

pub(super) fn objective(one: &Objective) -> Signal {
    let mut signal = Signal::new(Stream::Performance, "slo", one.name.to_string());
    signal.detail = format!("over {}", one.over);
    if !(one.reached.is_finite() && one.promised.is_finite()) {
        signal.detail = format!("{} · no number", signal.detail);
        return signal;
    }
    signal.value = Some(share(one.reached));
    signal.limit = Some(share(one.promised));
    let (used, budget) = (1.0 - one.reached, 1.0 - one.promised);
    signal.state = if one.reached < one.promised {
        Level::Critical
    } else if budget > 0.0 && used > budget * BUDGET {
        Level::Warning
    } else {
        Level::Ok
    };
    signal
}

fn share(fraction: f64) -> String {
    format!("{:.2} %", fraction * 100.0)
}

pub(super) fn ticket(one: &Ticket, at: Moment, zone: Tz) -> Option<Signal> {
    if !one.open {
        return None;
    }
    let mut signal = Signal::new(Stream::Helpdesk, "ticket", format!("{} {}", one.id, one.title));
    signal.state = one.level;
    signal.at = one.opened;
    signal.value = one.opened.map(|opened| format!("open for {}", words::span(at - opened)));
    signal.limit = one.due.map(|due| format!("due {}", due.day(zone)));
    let who = one.assignee.as_ref().map_or("nobody on it".to_owned(), |who| format!("with {who}"));
    if one.due.is_some_and(|due| has_come(due.ends(zone), at)) {
        signal.state = signal.state.worst(Level::Warning);
        signal.detail = joined("past its day", &who);
    } else {
        signal.detail = who;
    }
    Some(signal)
}

pub(super) fn tunnel(one: &Tunnel) -> Signal {
    let mut signal = Signal::new(Stream::Infrastructure, "tunnel", one.name.to_string());
    signal.state = one.level;
    signal.value = Some(one.said.to_string());
    signal.at = one.since;
    let clients = one.clients.map(|n| words::plural(u64::from(n), "client", "clients")).unwrap_or_default();
    let load = [(one.received, "in"), (one.sent, "out")];
    let load = load.into_iter().filter_map(|(n, way)| Some(format!("{} {way}", words::bytes(n?)))).collect::<Vec<_>>();
    signal.detail = match clients.is_empty() {
        true => load.join(", "),
        false => joined(&clients, &load.join(", ")),
    };
    signal
}

fn joined(a: &str, b: &str) -> String {
    if b.is_empty() { a.to_owned() } else { format!("{a} · {b}") }
}
