//! Movement: what the workloads of one environment say about one version on its way in.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Case;
use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::version::Version;
use crate::domain::workload::{Workload, WorkloadState};
use crate::rules::hearing::{Basis, Told};
use crate::rules::turn::is_older;
use crate::text::lasting::note_words;

/// Observed fractions of one rollout, oldest first: each the first time its value was seen.
pub type Observations = [(Moment, f64)];

/// What workloads say about one version.
pub(super) struct Movement<'a> {
    /// The workloads of the product, each once, and whether it asks for the version.
    pub loads: Vec<(&'a Workload, bool)>,
    /// Updated and available of desired; none where no workload is known.
    pub count: Option<(u64, u64)>,
    /// Whether any workload asks for the version.
    pub asked: bool,
    /// Whether every workload is on the version and complete.
    pub complete: bool,
    /// Whether all ask for it and all replicas are of it, though some may not be available.
    pub updated: bool,
    /// Since when a workload makes no progress, where one is past its deadline.
    pub stuck_since: Option<Option<Moment>>,
    /// Whether a person paused one.
    pub paused: bool,
    /// The first and the last progress of the workloads that ask for the version.
    pub progressed: Option<(Moment, Moment)>,
    /// The last progress of those that are not complete.
    pub lacking: Option<Moment>,
    /// Who told, where anybody did.
    pub basis: Option<Basis>,
}

/// The workloads of a product in one environment, each as its freshest teller says it.
pub(super) fn loads<'a>(
    told: &[Told<'a>],
    environment: &EnvironmentName,
    product: &ProductId,
    namespace: Option<&str>,
) -> Vec<(Told<'a>, &'a Workload)> {
    let mut newest: BTreeMap<_, (Told<'a>, &'a Workload)> = BTreeMap::new();
    for told in told {
        let What::Workload(load) = told.what else { continue };
        let ours = match &load.product {
            Some(name) => name == product,
            None => namespace.is_some_and(|namespace| namespace == load.namespace.as_str()),
        };
        if told.environment != Some(environment) || !ours {
            continue;
        }
        let slot = newest.entry((load.kind, &load.namespace, &load.name)).or_insert((*told, load));
        if (told.at, std::cmp::Reverse(told.source)) > (slot.0.at, std::cmp::Reverse(slot.0.source)) {
            *slot = (*told, load);
        }
    }
    newest.into_values().collect()
}

impl<'a> Movement<'a> {
    /// What the workloads say about `to`. `runs` tells whether the product reports it already.
    pub fn of(case: &Case<'a>, to: &Version, runs: bool, seen: &Observations) -> Self {
        let namespace = case.environment.namespace.as_ref().map(|name| name.as_str());
        let told = loads(case.told, &case.environment.name, &case.product.id, namespace);
        let asks = |load: &Workload| load.version.as_ref().map(|text| super::same(&case.read(text.as_str()), to));
        let asked = told.iter().any(|(_, load)| asks(load) == Some(true));
        // A workload that names no version moves with the others.
        let is_of = |load: &Workload| asks(load).unwrap_or(asked || runs);
        let mut movement = Self {
            count: counted(&told, &is_of),
            asked,
            complete: !told.is_empty() && told.iter().all(|(_, load)| is_of(load) && is_complete(load)),
            updated: !told.is_empty() && told.iter().all(|(_, load)| is_of(load) && load.updated >= load.desired),
            stuck_since: None,
            paused: told.iter().any(|(_, load)| is_of(load) && load.state == WorkloadState::Paused),
            progressed: None,
            lacking: told.iter().filter(|(_, load)| !is_complete(load)).filter_map(|(_, load)| load.progressed).max(),
            basis: told.iter().max_by_key(|(told, _)| (told.at, told.source)).map(|(told, _)| Basis::of(told)),
            loads: told.iter().map(|(_, load)| (*load, is_of(load))).collect(),
        };
        let moved = || told.iter().filter(|(_, load)| is_of(load)).filter_map(|(_, load)| load.progressed);
        movement.progressed = moved().min().zip(moved().max());
        movement.stuck_since = told
            .iter()
            .filter(|(_, load)| is_of(load))
            .filter_map(|(told, load)| stuck(load, until(told, case.at), seen))
            .max();
        movement
    }

    /// How far it is, 0 to 1. Scaled to nothing is done, if it is of this version.
    pub fn fraction(&self) -> Option<f64> {
        let (there, desired) = self.count?;
        match (u32::try_from(there).ok()?, u32::try_from(desired).ok()?) {
            (_, 0) => Some(if self.updated { 1.0 } else { 0.0 }),
            (there, desired) => Some(f64::from(there) / f64::from(desired)),
        }
    }
}

/// Until when a fact may be taken to hold: what is stale says nothing about the time after it was told.
fn until(told: &Told<'_>, at: Moment) -> Moment {
    if told.stale { told.at } else { at }
}

fn is_complete(load: &Workload) -> bool {
    match load.state {
        WorkloadState::Done => true,
        WorkloadState::Untold => load.updated >= load.desired && load.available >= load.desired,
        WorkloadState::Waiting | WorkloadState::Failed | WorkloadState::Paused => false,
    }
}

fn counted(told: &[(Told<'_>, &Workload)], is_of: &dyn Fn(&Workload) -> bool) -> Option<(u64, u64)> {
    let there = |load: &Workload| if is_of(load) { load.updated.min(load.available).min(load.desired) } else { 0 };
    let sum = |of: &dyn Fn(&Workload) -> u32| told.iter().map(|(_, load)| u64::from(of(load))).sum();
    (!told.is_empty()).then(|| (sum(&there), sum(&|load| load.desired)))
}

/// Since when a workload makes no progress, where that is too long; the moment is none where only its condition tells.
fn stuck(load: &Workload, at: Moment, seen: &Observations) -> Option<Option<Moment>> {
    let deadline = TimeDelta::seconds(i64::from(load.deadline_seconds));
    match load.state {
        WorkloadState::Failed => Some(load.progressed),
        WorkloadState::Waiting => {
            let last = load.progressed.or_else(|| seen.last().map(|(at, _)| *at))?;
            is_older(last, deadline, at).then_some(Some(last))
        }
        WorkloadState::Done | WorkloadState::Paused | WorkloadState::Untold => None,
    }
}

/// When a rollout will be through at the rate observed; none until two observations, and while nothing moves forward.
#[must_use]
pub fn eta(seen: &Observations, at: Moment) -> Option<Moment> {
    // What was lost on the way, such as a node, begins the count anew.
    let fell = seen.windows(2).rposition(|pair| matches!(pair, [(_, a), (_, b)] if b < a)).map_or(0, |n| n + 1);
    let since = seen.get(fell..)?;
    let ((began, first), (seen_at, last)) = (since.first()?, since.last()?);
    let (gained, left) = (last - first, 1.0 - last);
    let took = (at.max(*seen_at) - *began).num_milliseconds();
    if since.len() < 2 || gained <= 0.0 || took <= 0 || left < 0.0 {
        return None;
    }
    let took = TimeDelta::milliseconds(took).as_seconds_f64();
    let rest = std::time::Duration::try_from_secs_f64(took * left / gained).ok()?;
    // It moves on as long as nothing else is seen.
    note_words(std::time::Duration::ZERO);
    // A forecast beyond a week is none.
    let rest = TimeDelta::from_std(rest).ok().filter(|rest| *rest <= TimeDelta::days(7))?;
    at.max(*seen_at).checked_add_signed(TimeDelta::seconds(rest.num_seconds()))
}

/// Fractions of the rollouts under way in one installation, kept from one judging to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProgressLog {
    seen: BTreeMap<(EnvironmentName, ProductId, String), Vec<(Moment, f64)>>,
}

/// The most values kept of one rollout.
const MOST: usize = 64;

impl ProgressLog {
    /// What was seen of one rollout.
    #[must_use]
    pub fn of(&self, environment: &EnvironmentName, product: &ProductId, to: &Version) -> &Observations {
        let key = (environment.clone(), product.clone(), to.text().to_owned());
        self.seen.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The log after one more judging. Rollouts that ended are forgotten.
    #[must_use]
    pub fn after(&self, rollouts: &[super::Rollout], at: Moment) -> Self {
        use super::RolloutState::{Held, Running, Stuck};
        let moving = rollouts.iter().filter(|one| matches!(one.state, Running | Stuck | Held));
        let seen = moving.filter_map(|one| {
            let progress = one.progress?;
            let mut seen = self.of(&one.environment, &one.product, &one.to).to_vec();
            let at = one.basis.observed_at.unwrap_or(at);
            let newer = seen.last().is_none_or(|(last, value)| at > *last && (progress - value).abs() > f64::EPSILON);
            if newer {
                seen.push((at, progress));
            }
            if seen.len() > MOST {
                // The first stays: the rate is measured from it.
                seen.remove(1);
            }
            Some(((one.environment.clone(), one.product.clone(), one.to.text().to_owned()), seen))
        });
        Self { seen: seen.collect() }
    }
}
