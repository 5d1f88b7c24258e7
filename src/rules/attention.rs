//! Attention: one ranked list of what needs somebody now.

mod plan;
mod service;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fleet::Installation;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::alert::{AlertInContext, Severity};
use crate::rules::assurance::Signal;
use crate::rules::calendar::{Cadence, Entry, Span};
use crate::rules::component::Component;
use crate::rules::pulse::Pulse;
use crate::rules::readiness::Who;
use crate::rules::rollout::Rollout;
use crate::rules::teller::Teller;

pub use service::{OpenIncident, of_fleet};

/// One thing that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How much it presses.
    pub severity: Severity,
    /// Whose; none for the fleet as a whole.
    pub installation: Option<InstallationId>,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// What.
    pub what: String,
    /// Why, or what to know about it.
    pub why: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Until when something must be done.
    pub deadline: Option<Moment>,
    /// Who must act.
    pub who: Who,
    /// The view it opens.
    pub view: &'static str,
    /// What it is about, for opening: a component, a fingerprint, a source id.
    pub subject: String,
    /// What causes it: items of one cause appear once.
    pub cause: String,
}

/// What one installation's list rests on: everything concluded about it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Whose.
    pub installation: &'a Installation,
    /// The fleet's zone, in which days begin and end.
    pub zone: Tz,
    /// The time it is judged at.
    pub at: Moment,
    /// Its sources.
    pub tellers: &'a [Teller<'a>],
    /// The pulse of its monitoring, per environment in the installation's order.
    pub pulses: &'a [Pulse],
    /// Its components.
    pub components: &'a [Component],
    /// Its dated things.
    pub calendar: &'a [Entry],
    /// The rhythm of its maintenances.
    pub cadence: Option<&'a Cadence>,
    /// Per environment, in the installation's order: the window that is open or comes next.
    pub next_windows: &'a [Option<Span>],
    /// Its rollouts.
    pub rollouts: &'a [Rollout],
    /// Its alerts.
    pub alerts: &'a [AlertInContext],
    /// Its signals.
    pub assurance: &'a [Signal],
}

/// What needs somebody in one installation, most pressing first, the same cause once.
#[must_use]
pub fn of_installation(case: &Case<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = service::silent_sources(case).into_iter().collect();
    items.extend(service::pulses(case));
    items.extend(service::alerts(case));
    items.extend(service::assurance(case));
    items.extend(plan::rollouts(case));
    items.extend(plan::components(case));
    items.extend(plan::notices(case));
    items.extend(plan::cadence(case));
    ranked(items)
}

/// Once per cause, in the order of pressure: severity, then the nearest deadline, then age.
#[must_use]
pub fn ranked(items: Vec<Item>) -> Vec<Item> {
    let mut by_cause: BTreeMap<(Option<InstallationId>, String), Vec<Item>> = BTreeMap::new();
    for item in items {
        by_cause.entry((item.installation.clone(), item.cause.clone())).or_default().push(item);
    }
    let mut items: Vec<Item> = by_cause.into_values().filter_map(once).collect();
    items.sort_by(order);
    items
}

/// The most pressing of several items of one cause; it takes over the nearest deadline and a word about the others.
fn once(mut items: Vec<Item>) -> Option<Item> {
    items.sort_by(order);
    let mut items = items.into_iter();
    let mut first = items.next()?;
    for other in items {
        first.deadline = first.deadline.into_iter().chain(other.deadline).min();
        if first.what != other.what && !first.why.contains(&other.what) {
            first.why = if first.why.is_empty() { other.what } else { format!("{} · {}", first.why, other.what) };
        }
    }
    Some(first)
}

/// The order of pressure.
fn order(a: &Item, b: &Item) -> Ordering {
    let known_first = |a: Option<Moment>, b: Option<Moment>| (a.is_none(), a).cmp(&(b.is_none(), b));
    (b.severity.cmp(&a.severity))
        .then_with(|| known_first(a.deadline, b.deadline))
        .then_with(|| known_first(a.since, b.since))
        .then_with(|| (&a.installation, &a.environment, &a.cause).cmp(&(&b.installation, &b.environment, &b.cause)))
        .then_with(|| (&a.what, &a.subject).cmp(&(&b.what, &b.subject)))
}

impl Item {
    fn new(case: &Case<'_>, severity: Severity, view: &'static str) -> Self {
        Self {
            severity,
            installation: Some(case.installation.id.clone()),
            environment: None,
            what: String::new(),
            why: String::new(),
            since: None,
            deadline: None,
            who: Who::Us,
            view,
            subject: String::new(),
            cause: String::new(),
        }
    }
}
