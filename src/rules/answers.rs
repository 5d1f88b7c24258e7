//! What facts say to each question of `may it roll`, environment by environment, and the answers.

use std::cmp::Ordering;

use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::domain::fact::{Level, What};
use crate::domain::fleet::Environment;
use crate::domain::product::Product;
use crate::domain::version::Version;
use crate::rules::alert::{AlertInContext, Severity, is_for_people};
use crate::rules::case::Case;
use crate::rules::component::Component;
use crate::rules::drift::DriftKind;
use crate::rules::hearing::Basis;
use crate::rules::may_roll::{self, Objection, Report, Said, may_roll};
use crate::rules::plans::Plans;
use crate::rules::readiness::{Readiness, Who};
use crate::rules::rollout::{Rollout, Station, StationName, StationState, keeper};
use crate::rules::windows::Windows;

/// What was concluded before the question is put.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The installation, and what was told about it.
    pub case: &'a Case<'a>,
    /// What is planned for it.
    pub plans: &'a Plans,
    /// When windows open.
    pub windows: &'a Windows,
    /// Its components.
    pub components: &'a [Component],
    /// Per environment with a product of its own: the way to its target, begun or not.
    pub ways: &'a [Rollout],
    /// Its alerts.
    pub alerts: &'a [AlertInContext],
    /// How each environment feels, in the installation's order.
    pub health: &'a [Level],
}

/// Whether each environment's own product may roll to its target; where an environment has no product of
/// its own, whether each of its components that is behind may go to its target.
#[must_use]
pub fn answers(ground: &Ground<'_>) -> Vec<Readiness> {
    let mut answers = Vec::new();
    for environment in &ground.case.installation.environments {
        let Some(id) = &environment.product else {
            let behind =
                |one: &&Component| matches!(one.drift.kind, DriftKind::Patch | DriftKind::Minor | DriftKind::Major);
            let parts = ground.components.iter().filter(|one| one.environment == environment.name).filter(behind);
            answers.extend(parts.filter_map(|part| ground.of_part(environment, part)));
            continue;
        };
        let Some(lore) = ground.case.knowledge.product(id) else { continue };
        let way = ground.ways.iter().find(|way| way.environment == environment.name && way.product == *id);
        answers.push(ground.of_way(environment, &lore.product, way));
    }
    answers
}

impl Ground<'_> {
    fn of_way(&self, environment: &Environment, product: &Product, way: Option<&Rollout>) -> Readiness {
        let part = self.part(environment, product);
        let mut report = self.report(environment, part);
        let mut basis = part.map(|part| part.basis.clone()).unwrap_or_default();
        if let Some(way) = way {
            report.gate = self.gate(environment, way);
            report.delivered = self.delivered(environment, way);
            (report.staging, report.healthy_since) = self.staging(product, way);
            basis = oldest(basis, &way.basis);
        }
        let mut answer = self.ask(environment, product, way.map(|way| &way.to), (report, basis));
        let running = part.and_then(|part| part.running.as_ref());
        if running.zip(answer.to.as_ref()).is_some_and(|(running, to)| same(running, to)) {
            answer.hints.insert(0, "it runs already".to_owned());
        }
        answer
    }

    fn of_part(&self, environment: &Environment, part: &Component) -> Option<Readiness> {
        let lore = self.case.knowledge.product(&part.product)?;
        let report = self.report(environment, Some(part));
        Some(self.ask(environment, &lore.product, part.drift.target.as_ref(), (report, part.basis.clone())))
    }

    fn ask(
        &self,
        environment: &Environment,
        product: &Product,
        to: Option<&Version>,
        (report, basis): (Report, Basis),
    ) -> Readiness {
        may_roll(&may_roll::Case {
            installation: self.case.installation,
            environment,
            product,
            to,
            at: self.case.at,
            zone: self.case.fleet.zone,
            windows: self.windows,
            plans: self.plans,
            report,
            basis,
        })
    }

    fn part(&self, environment: &Environment, product: &Product) -> Option<&Component> {
        self.components.iter().find(|part| part.environment == environment.name && part.product == product.id)
    }

    /// What is asked about every environment: does anything critical fire, is anything upstream broken, do we know.
    fn report(&self, environment: &Environment, part: Option<&Component>) -> Report {
        let watchdog = self.case.installation.terms.watchdog.as_ref().map(|name| name.as_str());
        let fires = self.alerts.iter().filter(|one| {
            one.state == AlertState::Firing
                && one.severity == Severity::Critical
                && is_for_people(&one.alert, watchdog)
                && one.environment.as_ref().is_none_or(|name| *name == environment.name)
        });
        let alerts = fires.map(|one| objection(format!("{} fires", one.alert.name()), Who::Us, &one.basis));
        let open = self.case.knowledge.incidents.iter().filter(|one| {
            !one.what.resolved && one.what.level != Level::Ok && one.concerns(&self.case.installation.id)
        });
        let incidents = open.map(|one| {
            let who = if one.own { Who::Us } else { Who::Upstream };
            objection(format!("{}: {}", one.origin, one.what.name), who, &one.basis)
        });
        let mut stale = Vec::new();
        if part.is_none_or(|part| part.running.is_none()) {
            stale.push(objection("nobody tells what runs here".to_owned(), Who::Us, &Basis::default()));
        }
        if self.health_of(environment) == Level::Unknown {
            let detail = format!("nobody can say how {} feels", environment.name);
            stale.push(objection(detail, Who::Us, &Basis::default()));
        }
        Report { alerts: alerts.collect(), incidents: incidents.collect(), stale, ..Report::default() }
    }

    fn health_of(&self, environment: &Environment) -> Level {
        let mut all = self.case.installation.environments.iter().zip(self.health);
        all.find(|(one, _)| one.name == environment.name).map_or(Level::Unknown, |(_, level)| *level)
    }

    fn gate(&self, environment: &Environment, way: &Rollout) -> Said {
        let station = station(way, StationName::Approved);
        let Some(station) = station.filter(|station| station.state != StationState::Skipped) else {
            return Said::NotAsked;
        };
        let named = way.gate.as_ref();
        let told = self.case.hearing.about(&environment.name).find(|told| match told.what {
            What::Gate(gate) => named.is_some_and(|named| named.name == gate.name && named.kind == gate.kind),
            _ => false,
        });
        let basis = told.map(Basis::of).unwrap_or_default();
        let name = named.map_or("the gate", |gate| gate.name.as_str());
        let objection = objection(format!("{name}: {}", station.detail), named.map_or(Who::Us, keeper), &basis);
        match station.state {
            _ if named.is_none() || basis.stale => Said::Unknown(objection),
            StationState::Done => Said::Yes,
            _ => Said::No(objection),
        }
    }

    fn delivered(&self, environment: &Environment, way: &Rollout) -> Said {
        let Some(station) = station(way, StationName::Delivered) else { return Said::NotAsked };
        let stores: Vec<_> =
            environment.sources.iter().filter(|source| matches!(&*source.kind, "oci" | "nexus")).collect();
        let artifacts: Vec<_> = self
            .case
            .hearing
            .about(&environment.name)
            .filter(|told| matches!(told.what, What::Artifact(_)))
            .map(Basis::of)
            .collect();
        let basis = artifacts.first().cloned().unwrap_or_default();
        let who = Who::Us;
        let objection = Objection {
            source: basis.source.clone().or_else(|| stores.first().map(ToString::to_string)),
            ..objection(station.detail.clone(), who, &basis)
        };
        let feeds = self.case.feeds;
        let answered = |source| feeds.and_then(|feeds| feeds.get(source)).is_some_and(|feed| feed.heard.is_some());
        match station.state {
            StationState::Skipped => Said::NotAsked,
            StationState::Done => Said::Yes,
            _ if artifacts.iter().any(|basis| basis.stale) => Said::Unknown(Objection {
                detail: "what the store holds was heard too long ago".to_owned(),
                ..objection
            }),
            _ if artifacts.is_empty() && !stores.iter().any(|source| answered(*source)) => {
                Said::Unknown(Objection { detail: "the customer's store has not answered yet".to_owned(), ..objection })
            }
            _ => Said::No(objection),
        }
    }

    /// Whether staging runs it, and well; and since when.
    fn staging(&self, product: &Product, way: &Rollout) -> (Said, Option<Moment>) {
        let station = station(way, StationName::Staging);
        let staging = self.case.installation.staging().filter(|staging| staging.name != way.environment);
        let (Some(station), Some(staging)) = (station, staging) else { return (Said::NotAsked, None) };
        if staging.product.as_ref() != Some(&product.id) {
            return (Said::NotAsked, None);
        }
        let part = self.part(staging, product);
        let basis = part.map(|part| part.basis.clone()).unwrap_or_default();
        let no = |detail: String| objection(detail, Who::Us, &basis);
        let running = part.and_then(|part| part.running.as_ref());
        let said = match running.map(|running| running.precedence(&way.to)) {
            _ if basis.stale => Said::Unknown(no("what staging runs was heard too long ago".to_owned())),
            None | Some(None) => Said::Unknown(no("nobody tells what staging runs".to_owned())),
            Some(Some(Ordering::Less)) => Said::No(no(station.detail.clone())),
            Some(Some(Ordering::Equal | Ordering::Greater)) => match self.health_of(staging) {
                Level::Critical => Said::No(no("staging is not well".to_owned())),
                Level::Unknown => Said::Unknown(no("nobody can say how staging feels".to_owned())),
                Level::Ok | Level::Warning => Said::Yes,
            },
        };
        let since = way.soak_seconds.and_then(chrono::TimeDelta::try_seconds).map(|length| self.case.at - length);
        (said, since)
    }
}

fn station(way: &Rollout, name: StationName) -> Option<&Station> {
    way.stations.iter().find(|station| station.name == name)
}

fn objection(detail: String, who: Who, basis: &Basis) -> Objection {
    Objection { detail, until: None, who, source: basis.source.clone() }
}

/// The older of two, stale where either is.
fn oldest(one: Basis, other: &Basis) -> Basis {
    let stale = one.stale || other.stale;
    let first = match (one.observed_at, other.observed_at) {
        (Some(a), Some(b)) if b < a => other.clone(),
        (None, Some(_)) => other.clone(),
        _ => one,
    };
    Basis { stale, ..first }
}

fn same(one: &Version, other: &Version) -> bool {
    one.precedence(other).is_some_and(Ordering::is_eq)
}

#[cfg(test)]
mod tests;
