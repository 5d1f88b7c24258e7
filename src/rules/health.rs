//! Health: how an environment and an installation feel, and why. What nobody can say is unknown, and unknown is no kind
//! of good.

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::domain::fleet::Environment;
use crate::domain::level::Level;
use crate::domain::workload::{Workload, WorkloadState};
use crate::rules::alert::{AlertInContext, Severity};
use crate::rules::assurance::rested;
use crate::rules::hearing::Told;
use crate::rules::pulse::Pulse;
use crate::rules::rollout::{Rollout, RolloutState};
use crate::rules::teller::Teller;
use crate::text::words;

/// A level, and why it is not better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Felt {
    /// How good.
    pub level: Level,
    /// Why; empty where it is ok.
    pub why: String,
}

/// What an environment's health rests on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Which.
    pub environment: &'a Environment,
    /// Whether its monitoring lives.
    pub pulse: Pulse,
    /// The alert that always fires, where the agreement has one.
    pub watchdog: Option<&'a str>,
    /// The installation's sources.
    pub tellers: &'a [Teller<'a>],
    /// What was told about the installation.
    pub told: &'a [Told<'a>],
    /// The installation's alerts.
    pub alerts: &'a [AlertInContext],
    /// The installation's rollouts.
    pub rollouts: &'a [Rollout],
    /// The time it is judged at.
    pub at: Moment,
}

/// How one environment feels.
#[must_use]
pub fn of_environment(case: &Case<'_>) -> Felt {
    let mut reasons = of_sources(case);
    // That monitoring was not heard yet either goes without saying.
    let silent = case.pulse == Pulse::Unheard && reasons.iter().any(|(_, why)| why == UNHEARD);
    reasons.extend(of_pulse(case).filter(|_| !silent));
    reasons.extend(of_alerts(case));
    reasons.extend(of_rollouts(case));
    reasons.extend(of_told(case));
    felt(reasons)
}

/// How an installation feels: like its worst environment.
#[must_use]
pub fn of_installation<'a>(environments: impl IntoIterator<Item = (&'a Environment, &'a Felt)>) -> Felt {
    let mut reasons: Vec<(Level, String)> = environments
        .into_iter()
        .map(|(environment, felt)| (felt.level, format!("{}: {}", environment.name, felt.why)))
        .collect();
    if reasons.is_empty() {
        reasons.push((Level::Unknown, "it has no environment".to_owned()));
    }
    felt(reasons)
}

/// While no source of an environment has answered.
const UNHEARD: &str = "nothing was heard yet";

/// The worst of all reasons, in the words of the worst ones.
fn felt(mut reasons: Vec<(Level, String)>) -> Felt {
    let level = reasons.iter().map(|(level, _)| *level).max().unwrap_or(Level::Unknown);
    if level == Level::Ok {
        return Felt { level, why: String::new() };
    }
    reasons.retain(|(of, _)| *of == level);
    let mut why: Vec<String> = reasons.into_iter().map(|(_, why)| why).collect();
    why.sort();
    why.dedup();
    let more = why.len().saturating_sub(2);
    why.truncate(2);
    let mut why = why.join(", ");
    if more > 0 {
        why.push_str(&format!(" and {more} more"));
    }
    Felt { level, why }
}

fn of_sources(case: &Case<'_>) -> Vec<(Level, String)> {
    let ours: Vec<&Teller<'_>> = case
        .tellers
        .iter()
        .filter(|teller| teller.speaks_of(&case.environment.name) && teller.bears_health())
        .collect();
    let here = |told: &&Told<'_>| !told.stale && told.environment.is_none_or(|name| *name == case.environment.name);
    let bears = |told: &Told<'_>| matches!(told.what, What::Health(_) | What::Alert(_) | What::Workload(_));
    if ours.is_empty() {
        // A hub may speak for a place that has no source of its own.
        let spoken_for = case.told.iter().filter(here).any(bears);
        let why = if spoken_for { String::new() } else { "nobody tells".to_owned() };
        return vec![(if spoken_for { Level::Ok } else { Level::Unknown }, why)];
    }
    let silent: Vec<&&Teller<'_>> = ours.iter().filter(|teller| teller.is_silent()).collect();
    if !silent.is_empty() && silent.len() == ours.len() {
        let heard = silent.iter().filter_map(|teller| teller.heard_at()).max();
        let why = match heard {
            Some(at) => format!("last heard {}", words::ago(case.at - at)),
            None => "never answered".to_owned(),
        };
        return vec![(Level::Unknown, why)];
    }
    if !ours.iter().any(|teller| teller.answers()) {
        return vec![(Level::Unknown, UNHEARD.to_owned())];
    }
    let mut reasons = vec![(Level::Ok, String::new())];
    reasons.extend(silent.iter().map(|teller| (Level::Unknown, format!("{} does not answer", teller.name()))));
    reasons
}

fn of_pulse(case: &Case<'_>) -> Option<(Level, String)> {
    match case.pulse {
        Pulse::Beating | Pulse::Unwatched => None,
        Pulse::Missing => Some((Level::Unknown, format!("{} is missing", case.watchdog.unwrap_or("the watchdog")))),
        Pulse::Deaf => Some((Level::Unknown, "monitoring does not answer".to_owned())),
        Pulse::Unheard => Some((Level::Unknown, "monitoring was not heard yet".to_owned())),
    }
}

fn of_alerts(case: &Case<'_>) -> Vec<(Level, String)> {
    let here = |one: &&AlertInContext| one.environment.as_ref().is_none_or(|name| *name == case.environment.name);
    let pressing = case.alerts.iter().filter(here).filter(|one| one.presses(case.watchdog));
    pressing
        .filter_map(|one| {
            let level = match one.severity {
                Severity::Critical => Level::Critical,
                Severity::Warning => Level::Warning,
                Severity::Info => return None,
            };
            Some((level, one.alert.name().to_owned()))
        })
        .collect()
}

fn of_rollouts(case: &Case<'_>) -> Vec<(Level, String)> {
    let here = case.rollouts.iter().filter(|one| one.environment == case.environment.name);
    here.filter_map(|one| match one.state {
        RolloutState::Stuck => Some((Level::Critical, format!("{} is stuck", one.to))),
        RolloutState::Failed => Some((Level::Critical, format!("{} failed", one.to))),
        RolloutState::Pending
        | RolloutState::WaitingApproval
        | RolloutState::WaitingWindow
        | RolloutState::Running
        | RolloutState::Held
        | RolloutState::Superseded
        | RolloutState::Succeeded => None,
    })
    .collect()
}

fn of_told(case: &Case<'_>) -> Vec<(Level, String)> {
    let here = |told: &&Told<'_>| told.environment.is_none_or(|name| *name == case.environment.name);
    let reasons = case.told.iter().filter(here).filter_map(|told| {
        let (level, why) = match told.what {
            What::Health(health) => {
                let subject = match &health.product {
                    Some(product) => format!("{product} {}", health.what),
                    None => health.what.to_string(),
                };
                (health.level, format!("{subject}: {}", said(health.detail.as_str(), health.level)))
            }
            What::Node(node) => match node.ready {
                Some(true) => (Level::Ok, String::new()),
                Some(false) => (Level::Warning, format!("node {} is not ready", node.name)),
                None => (Level::Warning, format!("node {} is lost", node.name)),
            },
            What::Workload(workload) => of_workload(workload)?,
            What::Tunnel(tunnel) => (tunnel.level, format!("tunnel {} is {}", tunnel.name, tunnel.said)),
            _ => return None,
        };
        let level = rested(level, told.stale);
        let why = if why.is_empty() { "what was told is old".to_owned() } else { why };
        Some((level, why))
    });
    reasons.collect()
}

fn of_workload(workload: &Workload) -> Option<(Level, String)> {
    let name = short_name(workload);
    match workload.state {
        WorkloadState::Failed => Some((Level::Critical, format!("{name} makes no progress"))),
        WorkloadState::Waiting if workload.desired > 0 && workload.available == 0 => {
            Some((Level::Critical, format!("{name} has nothing ready")))
        }
        WorkloadState::Done => Some((Level::Ok, String::new())),
        WorkloadState::Waiting | WorkloadState::Paused | WorkloadState::Untold => None,
    }
}

/// A workload's name as people say it: `deploy/meshfed-api`.
#[must_use]
pub fn short_name(workload: &Workload) -> String {
    use crate::domain::workload::WorkloadKind;
    let kind = match workload.kind {
        WorkloadKind::Deployment => "deploy",
        WorkloadKind::StatefulSet => "sts",
        WorkloadKind::DaemonSet => "ds",
    };
    format!("{kind}/{}", workload.name)
}

fn said(detail: &str, level: Level) -> &str {
    if detail.is_empty() { level.word() } else { detail }
}
