//! Which versions are on their way into an environment, have just arrived, or were overtaken.

use chrono::TimeDelta;

use super::{Case, same};
use crate::domain::clock::{day_of, end_of};
use crate::domain::cycles::Ending;
use crate::domain::fact::What;
use crate::domain::product::Lifecycle;
use crate::domain::version::Version;
use crate::domain::workload::WorkloadState;
use crate::rules::releases::{Overtaken, Published};
use crate::rules::turn::is_older;

/// For how long a version that was overtaken is still shown, and how many of them.
const OVERTAKEN_FOR: TimeDelta = TimeDelta::days(30);
/// See [`OVERTAKEN_FOR`].
const OVERTAKEN: usize = 3;
/// For how long the last move of a workload counts as a rollout.
const LATELY: TimeDelta = TimeDelta::hours(24);

/// Why a version is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It runs.
    Runs,
    /// It should run.
    Wanted,
    /// Workloads or a delivery system move to it, though it is not the target.
    Moves,
    /// This newer one overtook it.
    Overtaken(Version),
    /// A pin holds the environment below it.
    Beyond(Version),
}

/// The versions of one product that have a train in this environment, newest first.
pub(super) fn versions(case: &Case<'_>) -> Vec<(Version, Role)> {
    let running = case.component.running.as_ref();
    let target = case.component.drift.target.as_ref();
    let mut found: Vec<(Version, Role)> = Vec::new();
    let mut add = |version: &Version, role: Role| {
        if !found.iter().any(|(other, _)| same(other, version)) {
            found.push((version.clone(), role));
        }
    };
    let wanted = target.filter(|target| is_ahead(case, target));
    if let Some(running) = running {
        // What runs below its target arrived long ago: the train that matters is the next one.
        if wanted.is_none() || arrives(case, running) {
            add(running, Role::Runs);
        }
    }
    if let Some(target) = wanted {
        add(target, Role::Wanted);
    }
    for version in moving(case) {
        add(&version, Role::Moves);
    }
    if let (Some(target), Some(latest), true) = (target, &case.component.drift.latest, case.component.pinned)
        && latest.precedence(target).is_some_and(|order| order.is_gt())
        && running.is_none_or(|one| !same(one, latest))
    {
        add(latest, Role::Beyond(target.clone()));
    }
    for release in overtaken(case) {
        if let Some(target) = target {
            add(&release.version, Role::Overtaken(target.clone()));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0));
    found
}

/// Whether a target lies ahead of what runs. Where nothing is known to run, somebody must be at work on it.
fn is_ahead(case: &Case<'_>, target: &Version) -> bool {
    match &case.component.running {
        // An order between the two is no question for products whose versions have none.
        Some(running) => running.precedence(target).is_none_or(|order| order.is_lt()) && running != target,
        None => case.told.iter().any(|told| {
            told.environment == Some(&case.environment.name)
                && matches!(told.what, What::Workload(_) | What::Deployment(_) | What::Gate(_) | What::Sighting(_))
        }),
    }
}

/// Whether what runs is itself still arriving. A replica that went away long after is no rollout.
fn arrives(case: &Case<'_>, running: &Version) -> bool {
    let namespace = case.environment.namespace.as_ref().map(|name| name.as_str());
    let loads = super::movement::loads(case.told, &case.environment.name, &case.product.id, namespace);
    loads.iter().any(|(_, load)| {
        let of_it = load.version.as_ref().is_some_and(|text| same(&case.read(text.as_str()), running));
        let lately = load.progressed.is_some_and(|last| !is_older(last, LATELY, case.at));
        let rolls = match load.state {
            WorkloadState::Failed => true,
            WorkloadState::Waiting | WorkloadState::Paused => lately || load.updated < load.desired,
            WorkloadState::Done | WorkloadState::Untold => false,
        };
        of_it && rolls
    })
}

/// The versions that workloads are on their way to, or that a delivery system is at work on.
fn moving(case: &Case<'_>) -> Vec<Version> {
    use crate::domain::delivery::PipelineState::{Failed, Running};
    let namespace = case.environment.namespace.as_ref().map(|name| name.as_str());
    let loads = super::movement::loads(case.told, &case.environment.name, &case.product.id, namespace);
    let of_loads = loads.iter().filter(|(_, load)| load.state != WorkloadState::Done || mixed(case, &loads));
    let mut found: Vec<Version> =
        of_loads.filter_map(|(_, load)| load.version.as_ref()).map(|text| case.read(text.as_str())).collect();
    for told in case.told.iter().filter(|told| told.environment == Some(&case.environment.name)) {
        let What::Deployment(one) = told.what else { continue };
        let ours = match &one.product {
            Some(product) => *product == case.product.id,
            None => case.environment.product.as_ref() == Some(&case.product.id),
        };
        if let (true, Some(version), Running | Failed) = (ours, &one.version, one.state) {
            found.push(case.read(version.as_str()));
        }
    }
    // There is no way back, and a word that is no version of this product is none that moves.
    let running = case.component.running.as_ref();
    found
        .retain(|version| running.is_none_or(|running| version.precedence(running).is_some_and(|order| order.is_gt())));
    found
}

/// Whether workloads ask for different versions: then the newer one is on its way, complete as each may be.
fn mixed(case: &Case<'_>, loads: &[(crate::rules::hearing::Told<'_>, &crate::domain::workload::Workload)]) -> bool {
    let mut versions = loads.iter().filter_map(|(_, load)| load.version.as_ref()).map(|text| case.read(text.as_str()));
    versions.next().is_some_and(|first| versions.any(|other| !same(&first, &other)))
}

/// Releases between what runs and its target that never got their window, the newest few.
fn overtaken<'a>(case: &Case<'a>) -> Vec<&'a Published> {
    let (Some(running), Some(target)) = (&case.component.running, &case.component.drift.target) else {
        return Vec::new();
    };
    let target_at = case.releases.find(target).and_then(|release| release.at);
    let line_only = case.installation.terms.extended_support.iter().any(|support| {
        support.product == case.product.id
            && support.until >= day_of(case.at, case.zone)
            && target.line_among([support.line.as_str()]).is_some()
    });
    let mut between: Vec<&Published> = case
        .releases
        .between(running, target)
        .iter()
        .filter(|release| release.version.precedence(target).is_some_and(|order| order.is_lt()))
        .filter(|release| release.at.is_some_and(|at| at <= case.at && !is_older(at, OVERTAKEN_FOR, case.at)))
        // A patch of an older line that came out later overtook nothing and was not overtaken.
        .filter(|release| target_at.is_none_or(|target| release.at.is_none_or(|at| at <= target)))
        .filter(|release| !line_only || release.version.line() == target.line())
        .collect();
    between.sort_by(|a, b| b.version.cmp(&a.version));
    between.truncate(OVERTAKEN);
    between
}

/// Whether a version is end-of-life already, by the product's clock.
pub(super) fn is_end_of_life(case: &Case<'_>, version: &Version) -> bool {
    match &case.product.lifecycle {
        Lifecycle::Rolling | Lifecycle::LatestStable => {
            let supported = case.installation.terms.extended_support.iter().any(|support| {
                support.product == case.product.id
                    && case.at < end_of(support.until, case.zone)
                    && version.line_among([support.line.as_str()]).is_some()
            });
            let overtaken = if case.product.lifecycle == Lifecycle::LatestStable {
                case.releases.overtaken_in_chart(version)
            } else {
                case.releases.overtaken(version)
            };
            !supported && overtaken != Overtaken::Never
        }
        Lifecycle::Dated { .. } => {
            let cycle = case.cycles.and_then(|cycles| cycles.cycle_of(version));
            match cycle.and_then(|cycle| cycle.eol) {
                Some(Ending::On(day)) => end_of(day, case.zone) <= case.at,
                Some(Ending::Over) => true,
                Some(Ending::Open) | None => false,
            }
        }
    }
}
