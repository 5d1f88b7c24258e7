//! What time and plans ask for: rollouts and their gates, versions that end, notices that are due.

use chrono::TimeDelta;

use super::{Case, Item};
use crate::domain::clock::{Day, day_of, end_of, start_of};
use crate::domain::workload::{Workload, WorkloadState};
use crate::rules::alert::Severity;
use crate::rules::calendar::{Entry, EntryKind, Notice, Span};
use crate::rules::component::Component;
use crate::rules::health::short_name;
use crate::rules::lifecycle::LifeState;
use crate::rules::readiness::Who;
use crate::rules::rollout::{Rollout, RolloutState, StationName, StationState};
use crate::rules::turn::{has_come, is_older};
use crate::text::words;

/// Within how many days a contract's clock needs somebody.
const DUE_SOON: i64 = 7;
/// For how long less than which a customer may leave a gate closed before it is called waiting.
const PATIENT: TimeDelta = TimeDelta::nanoseconds(86_400_000_000_000 - 1);
/// From how many days before its last day an announcement is spoken of.
const ANNOUNCE_SOON: i64 = 14;

pub(super) fn rollouts(case: &Case<'_>) -> Vec<Item> {
    case.rollouts.iter().flat_map(|one| of_rollout(case, one)).collect()
}

fn of_rollout(case: &Case<'_>, one: &Rollout) -> Vec<Item> {
    let item = |severity| Item {
        environment: Some(one.environment.clone()),
        subject: format!("{}/{}", one.product, one.to),
        cause: upgrade(one.environment.as_str(), one.product.as_str()),
        ..Item::new(case, severity, "rollouts")
    };
    let window = open_window(case, one);
    let mut items = Vec::new();
    match one.state {
        RolloutState::Stuck => {
            let here = || one.workloads.iter().filter(|moved| moved.asked).map(|moved| &moved.load);
            let since = here().filter(|load| moves(load)).filter_map(|load| load.progressed).max();
            let age = since.map(|since| format!(" for {}", words::span(case.at - since))).unwrap_or_default();
            let load = here().find(|load| load.state == WorkloadState::Failed);
            let load = load.or_else(|| here().find(|load| moves(load)));
            let load = load.map(|load| {
                let ready = load.updated.min(load.available);
                format!(" · {} {ready} of {} ready", short_name(load), load.desired)
            });
            items.push(Item {
                what: format!("{} stuck{age}{}", one.to, load.unwrap_or_default()),
                why: window.map(|span| closes(case, span)).unwrap_or_default(),
                since: since.or(one.started_at),
                deadline: window.map(|span| span.end),
                ..item(Severity::Critical)
            });
        }
        RolloutState::Failed => items.push(Item {
            what: format!("{} failed", one.to),
            why: format!("{}; the remedy is the next patch or a retry", one.why),
            since: one.started_at,
            deadline: window.map(|span| span.end),
            ..item(Severity::Critical)
        }),
        RolloutState::Running => {}
        RolloutState::Pending
        | RolloutState::WaitingApproval
        | RolloutState::WaitingWindow
        | RolloutState::Held
        | RolloutState::Superseded
        | RolloutState::Succeeded => {}
    }
    let astray = match (one.outside_window, one.in_freeze) {
        (_, true) => Some("rolls inside a freeze"),
        (true, false) => Some("rolls outside its window"),
        (false, false) => None,
    };
    if let Some(astray) = astray {
        let what = format!("{} {astray}", one.to);
        items.push(Item { what, why: one.why.clone(), since: one.started_at, ..item(Severity::Warning) });
    }
    items.extend(gate(case, one, item(Severity::Warning)));
    items
}

/// A gate that waits. Ours needs us at once; a customer gets a day before it is called waiting.
fn gate(case: &Case<'_>, one: &Rollout, item: Item) -> Option<Item> {
    let waits = |station: &&crate::rules::rollout::Station| {
        station.name == StationName::Approved && station.state == StationState::Waiting
    };
    let over = matches!(one.state, RolloutState::Superseded | RolloutState::Succeeded | RolloutState::Held);
    one.stations.iter().find(waits).filter(|_| !over)?;
    let gate = one.gate.as_ref()?;
    let who = crate::rules::rollout::keeper(gate);
    let with = if who == Who::Customer { "with the customer" } else { "with us" };
    let waited = gate.since.map(|since| case.at - since);
    let for_how_long = waited.map(|waited| format!(" for {}", words::span(waited))).unwrap_or_default();
    let lately = gate.since.is_some_and(|since| !is_older(since, PATIENT, case.at));
    let patient = who == Who::Customer && lately;
    Some(Item {
        severity: if patient { Severity::Info } else { Severity::Warning },
        what: format!("approval for {} is {with}{for_how_long}", one.to),
        why: crate::rules::rollout::called(gate),
        since: gate.since,
        who,
        ..item
    })
}

fn moves(load: &Workload) -> bool {
    matches!(load.state, WorkloadState::Waiting | WorkloadState::Failed)
}

fn open_window<'a>(case: &Case<'a>, one: &Rollout) -> Option<&'a Span> {
    let at = case.installation.environments.iter().position(|environment| environment.name == one.environment)?;
    let span = case.next_windows.get(at)?.as_ref()?;
    (span.start <= case.at && case.at < span.end).then_some(span)
}

fn closes(case: &Case<'_>, span: &Span) -> String {
    format!("window closes in {}", words::span(span.end - case.at))
}

fn upgrade(environment: &str, product: &str) -> String {
    format!("upgrade/{environment}/{product}")
}

pub(super) fn components(case: &Case<'_>) -> Vec<Item> {
    let lives = case.components.iter().filter_map(|one| of_life(case, one));
    let moving = |one: &Component| {
        case.rollouts.iter().any(|rollout| {
            rollout.environment == one.environment
                && rollout.product == one.product
                && matches!(rollout.state, RolloutState::Running | RolloutState::Stuck)
        })
    };
    // While it rolls, two versions are what one expects to hear.
    let torn = case.components.iter().filter(|one| !one.disagreement.is_empty() && !moving(one));
    lives.chain(torn.map(|one| disagreement(case, one))).collect()
}

fn disagreement(case: &Case<'_>, one: &Component) -> Item {
    let versions = one.running.iter().chain(&one.disagreement).map(|version| version.text());
    Item {
        environment: Some(one.environment.clone()),
        what: format!("{}: sources tell different versions", one.product),
        why: versions.collect::<Vec<_>>().join(" or "),
        subject: one.product.to_string(),
        cause: format!("disagreement/{}/{}", one.environment, one.product),
        ..Item::new(case, Severity::Warning, "drift")
    }
}

/// For how many days an expired component presses like a fire.
const EXPIRED_LATELY: i64 = 7;

fn of_life(case: &Case<'_>, one: &Component) -> Option<Item> {
    let life = &one.life;
    let version = one.running.as_ref()?.text();
    let line = if life.lifecycle == "dated" { life.line.as_deref().unwrap_or(version) } else { version };
    let name = format!("{} {line}", one.product);
    let last = life.deadline.or(life.eol_at);
    let days = last.map(|day| (day - day_of(case.at, case.zone)).num_days());
    let (severity, what) = match (life.state, life.exposed, days) {
        (LifeState::Expired, _, Some(days)) if days < 0 => {
            // What has been expired for long is bad, and no news: it must not stand before what burns tonight.
            let severity = if days < -EXPIRED_LATELY { Severity::Warning } else { Severity::Critical };
            (severity, format!("{name} expired {} d ago", -days))
        }
        (LifeState::Expired, ..) => (Severity::Warning, format!("{name} is not supported here")),
        (LifeState::Unknown, ..) => return None,
        (_, Some(true), _) => (Severity::Warning, exposed(case, one, &name, last)),
        (LifeState::Ahead, ..) => (Severity::Warning, format!("{name} is newer than what is supported here")),
        (LifeState::Due, _, Some(days)) if days <= DUE_SOON => (Severity::Warning, due(&name, days)),
        (LifeState::Due, _, Some(days)) => (Severity::Info, due(&name, days)),
        (LifeState::Extended, _, Some(days)) if days <= DUE_SOON => {
            (Severity::Warning, format!("extended support of {name} ends {}", in_days(days)))
        }
        (LifeState::Due | LifeState::Extended | LifeState::Supported | LifeState::SecurityOnly, ..) => return None,
    };
    let why = match (&life.reason, &life.next_window, life.state) {
        (Some(reason), _, LifeState::Expired | LifeState::Ahead) => reason.clone(),
        (_, Some(span), _) => window(case, span),
        (Some(reason), None, _) => reason.clone(),
        (None, None, _) => "no window planned".to_owned(),
    };
    let why = match &life.suggest {
        Some(suggest) if life.exposed == Some(true) => format!("{why} · {suggest} would outlive it"),
        _ => why,
    };
    Some(Item {
        environment: Some(one.environment.clone()),
        what,
        why,
        // A deadline that was missed long ago must not stand before one that can still be kept: it is said in words.
        deadline: last.map(|day| end_of(day, case.zone)).filter(|end| *end > case.at),
        subject: one.product.to_string(),
        cause: upgrade(one.environment.as_str(), one.product.as_str()),
        ..Item::new(case, severity, "lifecycle")
    })
}

/// The sentence this program exists for.
fn exposed(case: &Case<'_>, one: &Component, name: &str, last: Option<Day>) -> String {
    let Some(last) = last else { return format!("{name} can't be upgraded in time") };
    let left = (last - day_of(case.at, case.zone)).num_days();
    let Some(span) = &one.life.next_window else {
        return format!("{name} dies {}, and no window is planned", in_days(left));
    };
    match (day_of(span.start, case.zone) - last).num_days() {
        days if days > 0 => format!("{name} dies {days} d before you may touch it"),
        0 => format!("{name} dies on the day you may touch it"),
        _ => format!("{name} dies before its window is over"),
    }
}

fn due(name: &str, days: i64) -> String {
    format!("{name} must be upgraded {}", if days == 0 { "today".to_owned() } else { format!("within {days} d") })
}

fn in_days(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        days if days < 0 => format!("{} d ago", -days),
        days => format!("in {days} d"),
    }
}

/// When one may touch it next. How far away that is holds on whatever wall clock the reader looks at.
fn window(case: &Case<'_>, span: &Span) -> String {
    if has_come(span.start, case.at) {
        return format!("window open, {}", words::left(span.end - case.at));
    }
    let (on, today) = (day_of(span.start, case.zone), day_of(case.at, case.zone));
    if (on - today).num_days() < NEAR {
        format!("next window {}", words::until(span.start - case.at))
    } else {
        format!("next window {}", words::short_day(on, today))
    }
}

/// So many days ahead a date says more than how far away it is.
const NEAR: i64 = 14;

/// Maintenances ahead whose notice is missing or too short.
pub(super) fn notices(case: &Case<'_>) -> Vec<Item> {
    let ahead = case.calendar.iter().filter(|entry| entry.kind == EntryKind::Maintenance && entry.start > case.at);
    ahead.filter_map(|entry| notice(case, entry)).collect()
}

fn notice(case: &Case<'_>, entry: &Entry) -> Option<Item> {
    let today = day_of(case.at, case.zone);
    let (severity, what, why, deadline) = match entry.notice? {
        Notice::Ok | Notice::Exempt => return None,
        Notice::Violation => {
            let why = match (entry.notice_days, entry.notice_required) {
                (Some(given), Some(required)) => format!("{given} d given, {required} d owed"),
                _ => "less than what is owed".to_owned(),
            };
            (Severity::Warning, format!("{} was announced too late", entry.title), why, entry.start)
        }
        Notice::NotAnnounced => {
            let last = entry.announce_by?;
            let days = (last - today).num_days();
            let severity = match days {
                ..0 => Severity::Critical,
                0..=DUE_SOON => Severity::Warning,
                8..=ANNOUNCE_SOON => Severity::Info,
                _ => return None,
            };
            let why = if days < 0 {
                format!("the last day was {}", words::day(last, today))
            } else {
                format!("last day {}", words::day(last, today))
            };
            (severity, format!("{} not announced", entry.title), why, end_of(last, case.zone))
        }
    };
    Some(Item {
        environment: entry.environment.clone(),
        what,
        why,
        deadline: Some(deadline),
        subject: entry.title.clone(),
        cause: format!("notice/{}/{}", entry.title, entry.start),
        ..Item::new(case, severity, "calendar")
    })
}

pub(super) fn cadence(case: &Case<'_>) -> Option<Item> {
    let cadence = case.cadence.filter(|cadence| cadence.overdue)?;
    let today = day_of(case.at, case.zone);
    let why = match (cadence.next, cadence.due_by) {
        (Some(_), Some(due)) => format!("the next one comes after {}", words::day(due, today)),
        (None, Some(due)) => format!("none is planned, one is due by {}", words::day(due, today)),
        (_, None) => "none is planned".to_owned(),
    };
    let why = match cadence.announce_by {
        Some(last) => format!("{why} · last day to announce {}", words::day(last, today)),
        None => why,
    };
    Some(Item {
        what: "regular maintenance is overdue".to_owned(),
        why,
        since: cadence.due_by.filter(|due| *due < today).map(|due| start_of(due, case.zone)),
        deadline: cadence.announce_by.map(|last| end_of(last, case.zone)),
        cause: "cadence".to_owned(),
        ..Item::new(case, Severity::Warning, "calendar")
    })
}
