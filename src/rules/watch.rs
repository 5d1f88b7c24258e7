//! The watch: what keeps an installation running, in the order in which one thing explains the next. Rollouts explain
//! alerts, alerts make health, and everything together asks for attention.

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::sync::Arc;

use crate::domain::clock::Moment;
use crate::domain::facts::Facts;
use crate::domain::fleet::{Environment, Fleet};
use crate::domain::id::EnvironmentName;
use crate::domain::level::Level;
use crate::rules::alert::context::{Around, in_context};
use crate::rules::alert::course::AlertCourse;
use crate::rules::alert::merge::{Merged, merged};
use crate::rules::alert::turns::AlertMemory;
use crate::rules::alert::{AlertCount, AlertInContext, SilenceInContext, count};
use crate::rules::assurance::{self, Signal};
use crate::rules::attention::{self, Item, OpenIncident};
use crate::rules::calendar::{Cadence, Entry, Span};
use crate::rules::case::Case;
use crate::rules::component::Component;
use crate::rules::health;
use crate::rules::hearing::Told;
use crate::rules::knowledge::Knowledge;
use crate::rules::pulse::{Pulse, pulse};
use crate::rules::rollout::{self, ProgressLog, Rollout};
use crate::rules::silence;
use crate::rules::teller::{Teller, fleet_tellers, tellers};
use crate::rules::windows::Windows;

/// What was concluded before the watch begins.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The installation, and what was told about it.
    pub case: &'a Case<'a>,
    /// The fleet's windows, from a day back.
    pub windows: &'a Windows,
    /// Its dated things, from a day back to some weeks ahead.
    pub calendar: &'a [Entry],
    /// The rhythm of its maintenances.
    pub cadence: Option<&'a Cadence>,
    /// Per environment: the window that is open or comes next.
    pub next_windows: &'a [Option<Span>],
    /// Its components.
    pub components: &'a [Component],
    /// What earlier judgings saw.
    pub memory: &'a Memory,
}

/// What only several judgings in a row can tell: rates, and restlessness.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    at: Option<Moment>,
    progress: ProgressLog,
    alerts: AlertMemory,
    course: AlertCourse,
}

impl Memory {
    /// What is left of judgings by a program that ended: the course of the alerts.
    #[must_use]
    pub fn of(course: AlertCourse) -> Self {
        Self { course, ..Self::default() }
    }

    /// What may be remembered at a time: who travels back knows nothing of what is then still to come.
    #[must_use]
    pub fn at(self, at: Moment) -> Self {
        if self.at.is_some_and(|last| last > at) { Self::default() } else { self }
    }

    fn after(&self, rollouts: &[Rollout], alerts: AlertMemory, course: AlertCourse, at: Moment) -> Self {
        Self { at: Some(at), progress: self.progress.after(rollouts, at), alerts, course }
    }
}

/// What the watch concludes.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its rollouts.
    pub rollouts: Vec<Rollout>,
    /// Per environment with a product of its own: the way to its target.
    pub ways: Vec<Rollout>,
    /// Its alerts.
    pub alerts: Vec<AlertInContext>,
    /// How many of them.
    pub alert_count: AlertCount,
    /// How many there were before.
    pub alert_course: AlertCourse,
    /// Its silences.
    pub silences: Vec<SilenceInContext>,
    /// Its signals.
    pub assurance: Vec<Signal>,
    /// How it feels.
    pub health: Level,
    /// Why.
    pub why: String,
    /// How each environment feels.
    pub environment_health: Vec<Level>,
    /// What needs somebody.
    pub attention: Vec<Item>,
    /// What the next judging should know.
    pub memory: Memory,
}

/// Watches one installation.
#[must_use]
pub fn watch(ground: &Ground<'_>) -> Watch {
    let Ground { case, memory, calendar, components, .. } = *ground;
    let (installation, at) = (&**case.installation, case.at);
    let told: Vec<Told<'_>> = case.hearing.all().copied().collect();
    let told = told.as_slice();
    let watchdog = installation.terms.watchdog.as_ref().map(|name| name.as_str());
    let tellers = tellers(case.fleet, case.feeds, &installation.id, at);
    let alerts = merged(installation, told);
    let mut rollouts = Vec::new();
    let mut ways = Vec::new();
    for case in installation.environments.iter().filter_map(|one| train_case(ground, one, told, &alerts)) {
        let trains = rollout::rollouts(&case);
        ways.extend(way(&case, &trains));
        rollouts.extend(trains);
    }
    let restless = memory.alerts.after(&alerts, at);
    let silences = silence::inventory(told, &alerts, calendar, at);
    let starts: Vec<_> =
        rollouts.iter().filter_map(|one| Some((one.environment.clone(), one.to.clone(), one.started_at?))).collect();
    let around = Around {
        at,
        calendar,
        starts: &starts,
        incidents: &incidents(case),
        silences: &silence::live(&silences),
        turns: Some(restless.turns()),
        catalog: &case.fleet.catalog,
        managed: tellers.iter().any(|teller| &*teller.card.id.kind == "alertmanager" && teller.answers()),
    };
    let alerts = in_context(alerts, &around);
    let lores = case.knowledge.products.values();
    let originals: Vec<_> = lores.map(|lore| (&*lore.product, &lore.originals)).collect();
    let assurance = assurance::signals(&assurance::Case {
        originals: &originals,
        installation,
        zone: case.fleet.zone,
        told,
        tellers: &tellers,
        components,
        at,
    });
    let pulses: Vec<Pulse> =
        installation.environments.iter().map(|one| pulse(&one.name, watchdog, &tellers, told)).collect();
    let felt: Vec<health::Felt> = installation
        .environments
        .iter()
        .zip(&pulses)
        .map(|(environment, pulse)| {
            let (pulse, tellers, alerts, rollouts) =
                (*pulse, tellers.as_slice(), alerts.as_slice(), rollouts.as_slice());
            health::of_environment(&health::Case { environment, pulse, watchdog, tellers, told, alerts, rollouts, at })
        })
        .collect();
    let whole = health::of_installation(installation.environments.iter().zip(&felt));
    let attention = attention::of_installation(&attention::Case {
        installation,
        zone: case.fleet.zone,
        at,
        tellers: &tellers,
        pulses: &pulses,
        components,
        calendar,
        cadence: ground.cadence,
        next_windows: ground.next_windows,
        rollouts: &rollouts,
        alerts: &alerts,
        assurance: &assurance,
    });
    let alert_count = count(&alerts, watchdog);
    let knows = around.managed || alerts.iter().any(|one| !one.basis.stale);
    let firing = knows.then_some(alert_count.critical.saturating_add(alert_count.warning));
    let alert_course = memory.course.after(firing, at);
    Watch {
        memory: memory.after(&rollouts, restless, alert_course.clone(), at),
        alert_count,
        alert_course,
        rollouts,
        ways,
        alerts,
        silences,
        assurance,
        health: whole.level,
        why: whole.why,
        environment_health: felt.iter().map(|felt| felt.level).collect(),
        attention,
    }
}

/// What the rollouts of an environment's own product are read from.
fn train_case<'a>(
    ground: &Ground<'a>,
    environment: &'a Environment,
    told: &'a [Told<'a>],
    alerts: &'a [Merged],
) -> Option<rollout::Case<'a>> {
    let case = ground.case;
    let lore = environment.product.as_ref().and_then(|id| case.knowledge.product(id))?;
    let part = |name: &EnvironmentName| {
        ground.components.iter().find(|part| part.environment == *name && part.product == lore.product.id)
    };
    let staging = case.installation.staging().filter(|staging| staging.name != environment.name);
    Some(rollout::Case {
        installation: case.installation,
        environment,
        product: &lore.product,
        zone: case.fleet.zone,
        at: case.at,
        told,
        component: part(&environment.name)?,
        staging: staging.and_then(|staging| part(&staging.name)),
        releases: &lore.releases,
        originals: &lore.originals,
        cycles: lore.cycles.as_ref(),
        windows: ground.windows,
        calendar: ground.calendar,
        alerts,
        seen: &ground.memory.progress,
    })
}

/// The way to the target: a rollout, even where there is nothing to see of it.
fn way(case: &rollout::Case<'_>, trains: &[Rollout]) -> Option<Rollout> {
    let to = case.component.drift.target.as_ref()?;
    let known = trains.iter().find(|train| train.to.precedence(to).is_some_and(std::cmp::Ordering::is_eq));
    Some(known.cloned().unwrap_or_else(|| rollout::towards(case, to)))
}

/// The incidents that are open on the pages whose installations feel them, this one among them.
fn incidents(case: &Case<'_>) -> Vec<String> {
    let open = case.knowledge.incidents.iter().filter(|one| !one.what.resolved && one.concerns(&case.installation.id));
    open.map(|one| format!("{}: {}", one.origin, one.what.name)).collect()
}

/// What needs somebody in the fleet as a whole.
#[must_use]
pub fn of_fleet(fleet: &Fleet, facts: &Facts, knowledge: &Knowledge, at: Moment) -> Vec<Item> {
    let feeds = Arc::clone(facts.fleet());
    let tellers: Vec<Teller<'_>> = fleet_tellers(fleet, &feeds, at);
    let incidents: Vec<OpenIncident<'_>> = knowledge
        .incidents
        .iter()
        // What nobody of ours feels needs nobody, unless it stands on our own page.
        .filter(|one| one.own || one.affects.as_ref().is_none_or(|these| !these.is_empty()))
        .map(|one| OpenIncident { page: &one.origin, own: one.own, incident: &one.what, basis: one.basis.clone() })
        .collect();
    attention::of_fleet(&tellers, &incidents, at)
}
