//! What a running service asks for: silent sources, silent monitoring, alerts, signals, incidents.

use std::collections::BTreeMap;

use super::{Case, Item, ranked};
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::planned::Incident;
use crate::rules::alert::{AlertInContext, Severity};
use crate::rules::assurance::ends_soon;
use crate::rules::hearing::Basis;
use crate::rules::pulse::Pulse;
use crate::rules::readiness::Who;
use crate::rules::teller::Teller;
use crate::rules::turn::has_come;
use crate::text::words;

/// One incident that is open on a page.
#[derive(Clone, Debug)]
pub struct OpenIncident<'a> {
    /// The page's name.
    pub page: &'a str,
    /// Whether the page is our own: then the incident is ours as well.
    pub own: bool,
    /// The incident.
    pub incident: &'a Incident,
    /// Who told it, and when.
    pub basis: Basis,
}

/// What needs somebody in the fleet as a whole: its own sources, and incidents on the pages it watches, each once
/// however many installations feel it.
#[must_use]
pub fn of_fleet(tellers: &[Teller<'_>], incidents: &[OpenIncident<'_>], at: Moment) -> Vec<Item> {
    let mut items: Vec<Item> = silent(tellers, at).into_iter().collect();
    for item in &mut items {
        item.severity = Severity::Warning;
    }
    items.extend(incidents.iter().filter(|one| !one.incident.resolved).map(|one| incident(one, at)));
    ranked(items)
}

fn incident(one: &OpenIncident<'_>, at: Moment) -> Item {
    let incident = one.incident;
    let age = one.basis.observed_at.filter(|_| one.basis.stale).map(|told| format!("told {}", words::ago(at - told)));
    let parts: Vec<&str> = incident.components.iter().map(|part| part.as_str()).collect();
    let why = [Some(incident.said.to_string()), Some(parts.join(", ")), age];
    Item {
        severity: match incident.level {
            Level::Critical => Severity::Critical,
            Level::Warning | Level::Unknown => Severity::Warning,
            Level::Ok => Severity::Info,
        },
        installation: None,
        environment: None,
        what: format!("{}: {}", one.page, incident.name),
        why: why.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        since: incident.started,
        deadline: None,
        who: if one.own { Who::Us } else { Who::Upstream },
        view: "status",
        subject: incident.name.to_string(),
        cause: format!("incident/{}/{}", one.page, incident.id),
    }
}

pub(super) fn silent_sources(case: &Case<'_>) -> Option<Item> {
    let mut item = silent(case.tellers, case.at)?;
    item.installation = Some(case.installation.id.clone());
    // Silence from monitoring is not health, even where nobody can say that it was asked.
    if case.pulses.contains(&Pulse::Deaf) && was_tried(case.tellers) {
        item.severity = Severity::Critical;
        item.what = format!("monitoring does not answer · {}", item.what);
    }
    Some(item)
}

/// Whether any of them was asked and failed. Where none was, all there is to say is for how long nothing was heard: while the
/// program was closed, suspended or told to pause nobody asked, and they may answer at once.
fn was_tried(tellers: &[Teller<'_>]) -> bool {
    tellers.iter().any(Teller::does_not_answer)
}

/// One item for all sources of one owner that do not answer.
fn silent(tellers: &[Teller<'_>], at: Moment) -> Option<Item> {
    let silent: Vec<&Teller<'_>> = tellers.iter().filter(|teller| teller.is_silent()).collect();
    let worst =
        silent.iter().max_by_key(|teller| (rank(teller.feed.and_then(|feed| feed.fault.as_ref())), teller.name()))?;
    let all = silent.len() == tellers.len();
    let tried = was_tried(tellers);
    let what = match (silent.as_slice(), all) {
        ([one], _) if !tried => format!("{} was not heard from lately", one.name()),
        (some, _) if !tried => format!("{} of {} sources were not heard from lately", some.len(), tellers.len()),
        ([one], false) => format!("{} does not answer", one.name()),
        ([one], true) => format!("not reachable: {}, its only source, does not answer", one.name()),
        (_, true) => format!("not reachable: none of {} sources answers", tellers.len()),
        (some, false) => format!("{} of {} sources do not answer", some.len(), tellers.len()),
    };
    let heard = silent.iter().filter_map(|teller| teller.heard_at()).min();
    let reason = match worst.feed.and_then(|feed| feed.fault.as_ref()) {
        Some(fault) => fault.to_string(),
        None => "no new answer".to_owned(),
    };
    let reason = if silent.len() > 1 { format!("{}: {reason}", worst.name()) } else { reason };
    let why = match worst.heard_at() {
        Some(told) => format!("{reason}; last good answer {}", words::ago(at - told)),
        None => reason,
    };
    Some(Item {
        severity: if all && tried { Severity::Critical } else { Severity::Warning },
        installation: None,
        environment: None,
        what,
        why,
        since: heard,
        deadline: None,
        who: Who::Us,
        view: "sources",
        subject: worst.card.id.to_string(),
        cause: "sources".to_owned(),
    })
}

/// Which of several faults to name: what cuts off a whole place before what cuts off one system, and what a person
/// must mend before what mends itself.
fn rank(fault: Option<&Fault>) -> u8 {
    match fault {
        Some(Fault::Resting { after, .. }) => rank(Some(after)),
        Some(Fault::Proxy { .. }) => 8,
        Some(Fault::Unreachable { .. }) => 7,
        Some(Fault::Untrusted { .. } | Fault::Secret { .. } | Fault::Unauthorised { .. }) => 6,
        Some(Fault::Forbidden { .. } | Fault::Program { .. } | Fault::Denied { .. }) => 5,
        Some(Fault::Garbled { .. } | Fault::Missing { .. } | Fault::Astray { .. } | Fault::TooLarge { .. }) => 4,
        Some(Fault::Refused { .. }) => 3,
        Some(Fault::Slow { .. } | Fault::Occupied { .. } | Fault::Cut { .. }) => 2,
        Some(Fault::Limited { .. }) => 1,
        None => 0,
    }
}

pub(super) fn pulses(case: &Case<'_>) -> Vec<Item> {
    let missing = case.installation.environments.iter().zip(case.pulses).filter(|(_, pulse)| **pulse == Pulse::Missing);
    let watchdog = case.installation.terms.watchdog.as_ref().map_or("the watchdog", |name| name.as_str());
    missing
        .map(|(environment, _)| Item {
            environment: Some(environment.name.clone()),
            what: format!("{watchdog} is missing"),
            why: "the alert that always fires does not: silence from monitoring is not health".to_owned(),
            subject: watchdog.to_owned(),
            cause: format!("watchdog/{}", environment.name),
            ..Item::new(case, Severity::Critical, "alerts")
        })
        .collect()
}

/// Firing alerts, one item per name and environment: twenty pods in one trouble are one trouble.
pub(super) fn alerts(case: &Case<'_>) -> Vec<Item> {
    let watchdog = case.installation.terms.watchdog.as_ref().map(|name| name.as_str());
    let mut by_name: BTreeMap<_, Vec<&AlertInContext>> = BTreeMap::new();
    for one in case.alerts.iter().filter(|one| one.presses(watchdog)) {
        by_name.entry((one.environment.as_ref(), one.alert.name())).or_default().push(one);
    }
    by_name.into_values().filter_map(|these| of_alerts(case, &these)).collect()
}

fn of_alerts(case: &Case<'_>, these: &[&AlertInContext]) -> Option<Item> {
    let first = these.iter().max_by_key(|one| {
        (pressure(one), one.alert.since.map(std::cmp::Reverse), std::cmp::Reverse(&one.alert.fingerprint))
    })?;
    let summary = ["summary", "message", "description"].into_iter().find_map(|name| {
        first
            .alert
            .annotations
            .iter()
            .find(|(key, text)| key.as_str() == name && !text.is_empty())
            .map(|(_, text)| text)
    });
    let mut what = first.alert.name().to_owned();
    if these.len() > 1 {
        what.push_str(&format!(" ×{}", these.len()));
    }
    if let Some(summary) = summary {
        what.push_str(&format!(" · {summary}"));
    }
    let mut why = first.context.clone();
    if let Some(told) = first.basis.observed_at.filter(|_| first.basis.stale) {
        why.push(format!("last heard {}", words::ago(case.at - told)));
    }
    Some(Item {
        environment: first.environment.clone(),
        what,
        why: why.join(" · "),
        since: these.iter().filter_map(|one| one.alert.since).min(),
        subject: first.alert.fingerprint.to_string(),
        cause: format!("alert/{}/{}", first.environment.as_ref().map_or("", |name| name.as_str()), first.alert.name()),
        ..Item::new(case, pressure(first), "alerts")
    })
}

/// Announced work explains an alert, unannounced work makes it worse.
fn pressure(one: &AlertInContext) -> Severity {
    if one.unannounced {
        one.severity.raised()
    } else if one.context.iter().any(|why| why.starts_with("in maintenance ")) {
        one.severity.lowered()
    } else {
        one.severity
    }
}

pub(super) fn assurance(case: &Case<'_>) -> Vec<Item> {
    let items = case.assurance.iter().filter_map(|signal| {
        // What merely grows old in a register is for its view; what breaks a promise needs somebody.
        let severity = match (signal.state, signal.signal) {
            (Level::Critical, "certificate" | "backup" | "artifact" | "config" | "tunnel") => Severity::Critical,
            (Level::Critical, "evidence" | "slo" | "ticket") | (Level::Warning, "certificate" | "backup") => {
                Severity::Warning
            }
            _ => return None,
        };
        let value = signal.value.as_deref();
        let what = match (signal.signal, value) {
            // How long one has is the deadline's to say.
            ("certificate", _) => match signal.at {
                Some(ends) if has_come(ends, case.at) => format!("certificate {} has ended", signal.name),
                Some(ends) if ends_soon(ends, case.at) => format!("certificate {} ends", signal.name),
                _ => format!("certificate {}", signal.name),
            },
            ("backup", Some(age)) => format!("backup {}: last good one {age}", signal.name),
            ("backup", None) => format!("backup {}: no good one", signal.name),
            (kind, Some(value)) => format!("{kind} {}: {value}", signal.name),
            (kind, None) => format!("{kind} {}", signal.name),
        };
        let place = signal.environment.as_ref().map_or("", |name| name.as_str());
        // One certificate is told by the cluster that keeps it and by every port that shows it: its end gives it away.
        let cause = match (signal.signal, signal.at) {
            ("certificate", Some(ends)) => format!("certificate/ends {ends}"),
            (kind, _) => format!("{kind}/{place}/{}", signal.name),
        };
        Some(Item {
            environment: signal.environment.clone(),
            what,
            why: signal.detail.clone(),
            since: signal.at.filter(|at| *at <= case.at),
            deadline: signal.at.filter(|_| matches!(signal.signal, "certificate" | "evidence")),
            subject: signal.name.clone(),
            cause,
            ..Item::new(case, severity, "assurance")
        })
    });
    items.collect()
}
