//! A train: the stations of one version together, and what they come to.

use chrono::TimeDelta;

use super::movement::{Movement, eta, loads};
use super::stations::{self, Trouble, station};
use super::versions::{Role, is_end_of_life, versions};
use super::{Case, Moved, Rollout, RolloutState, Station, StationName, StationState, same};
use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::domain::delivery::{Deployment, Gate, GateState, Pipeline, PipelineState};
use crate::domain::fact::What;
use crate::domain::id::EnvironmentName;
use crate::domain::version::Version;
use crate::rules::alert::Severity;
use crate::rules::calendar::EntryKind;
use crate::rules::hearing::Basis;
use crate::rules::turn::{has_come, is_older};
use crate::rules::windows::needs_window;
use crate::text::words;

/// For how long after its end a rollout is blamed for what begins to fire.
const AFTERMATH: TimeDelta = TimeDelta::minutes(30);
/// After so long a replica that went away is trouble of its own, not of the rollout that brought it.
const SETTLED: TimeDelta = TimeDelta::hours(24);
/// How far back a start outside every window is looked at: windows are at hand for a day.
const LOOK_BACK: TimeDelta = TimeDelta::hours(12);

/// The rollouts of one product into one environment, newest version first.
#[must_use]
pub fn rollouts(case: &Case<'_>) -> Vec<Rollout> {
    versions(case).into_iter().map(|(to, role)| Train::of(case, to, role).rollout()).collect()
}

/// The rollout of one version, whether it is on its way or not.
#[must_use]
pub fn towards(case: &Case<'_>, to: &Version) -> Rollout {
    Train::of(case, to.clone(), Role::Wanted).rollout()
}

struct Train<'c, 'a> {
    case: &'c Case<'a>,
    to: Version,
    role: Role,
    /// Whether the product reports it.
    runs: bool,
    movement: Movement<'a>,
    deployment: Option<&'a Deployment>,
    pipeline: Option<&'a Pipeline>,
    /// Whether what is known of it is too old to rest on.
    stale: bool,
}

impl<'c, 'a> Train<'c, 'a> {
    fn of(case: &'c Case<'a>, to: Version, role: Role) -> Self {
        let runs = case.component.running.as_ref().is_some_and(|running| same(running, &to));
        let seen = case.seen.of(&case.environment.name, &case.product.id, &to);
        let movement = Movement::of(case, &to, runs, seen);
        let stale = case.component.basis.stale || movement.basis.as_ref().is_some_and(|basis| basis.stale);
        let (deployment, pipeline) = (deployment(case, &to), pipeline(case, &to));
        Self { case, to, role, runs, movement, deployment, pipeline, stale }
    }

    fn rollout(self) -> Rollout {
        let case = self.case;
        let (begun, over) = (self.begun(), self.over());
        let passed = begun || over;
        let soak = soak(case, &self.to);
        // What was passed over by design did not fail.
        let passed_over = matches!(self.role, Role::Overtaken(_)) && !begun;
        let trouble = if passed_over { Trouble::None } else { self.trouble() };
        let rolling = stations::rolling(case, &self.movement, begun, over, &trouble);
        let before = [
            (StationName::Published, stations::published(case, &self.to, self.runs)),
            (StationName::Delivered, stations::delivered(case, &self.to, passed)),
            (StationName::Staging, stations::staging(case, &self.to, passed, soak)),
        ];
        let gates: Vec<Gate> =
            stations::gates(case, &self.to).into_iter().map(|gate| stations::offered(gate, &before)).collect();
        let gate = stations::gate_of(&gates);
        let started_at = self.started(&gates).filter(|_| passed);
        let after = [
            (StationName::Approved, stations::approved(case, gate, passed)),
            (StationName::Window, stations::window(case, started_at, passed)),
            (StationName::Rolling, rolling),
            (StationName::Verified, self.verified(over, started_at)),
        ];
        let gate = gate.cloned();
        let stations: Vec<Station> =
            before.into_iter().chain(after).map(|(name, stand)| station(name, stand)).collect();
        let (state, why) = self.state(&stations, begun, over, &trouble);
        let moves = begun && !over && !self.stale;
        let seen = case.seen.of(&case.environment.name, &case.product.id, &self.to);
        Rollout {
            environment: case.environment.name.clone(),
            product: case.product.id.clone(),
            from: self.from(),
            state,
            progress: self.movement.fraction(),
            stations,
            workloads: self
                .movement
                .loads
                .iter()
                .map(|(load, asked)| Moved { load: (*load).clone(), asked: *asked })
                .collect(),
            gate,
            pipeline: self.pipeline.cloned(),
            started_at,
            finished_at: (state == RolloutState::Succeeded).then(|| self.finished()).flatten(),
            eta: (state == RolloutState::Running).then(|| eta(seen, case.at)).flatten(),
            outside_window: moves && self.is_astray(started_at),
            in_freeze: moves && stations::under_way(case, EntryKind::Freeze, case.at).is_some(),
            end_of_life: is_end_of_life(case, &self.to),
            soak_seconds: soak,
            why,
            basis: self.basis(),
            to: self.to,
        }
    }

    /// Whether every workload is there, or was once and is only ill now, and the product reports it.
    fn over(&self) -> bool {
        let settled = self.movement.lacking.is_none_or(|last| is_older(last, SETTLED, self.case.at));
        let arrived = self.movement.complete
            || self.movement.count.is_none()
            || self.movement.updated && settled && !self.movement.paused && !self.failed_load();
        self.runs && arrived && !self.deploys()
    }

    fn failed_load(&self) -> bool {
        self.movement.loads.iter().any(|(load, _)| load.state == crate::domain::workload::WorkloadState::Failed)
    }

    /// Whether a delivery system is at work on it.
    fn deploys(&self) -> bool {
        self.deployment.is_some_and(|one| one.state == PipelineState::Running)
    }

    fn begun(&self) -> bool {
        self.movement.asked || self.deploys() || self.runs
    }

    /// When it began: by who delivers it, else by its workloads. Nothing moves before its gate opened or its release was
    /// out: where a workload's condition is older, it tells of another rollout.
    fn started(&self, gates: &[Gate]) -> Option<Moment> {
        let deployed = self.deployment.and_then(|one| one.at);
        let run = self.pipeline.filter(|_| self.movement.asked || self.runs).and_then(|one| one.started);
        let began = deployed.or(run).or(self.movement.progressed.map(|(first, _)| first))?;
        let opened = gates.iter().filter(|gate| gate.state == GateState::Passed).filter_map(|gate| gate.since).max();
        let published = self.case.releases.find(&self.to).and_then(|release| release.at);
        Some([opened, published].into_iter().flatten().fold(began, Moment::max).min(self.case.at))
    }

    fn finished(&self) -> Option<Moment> {
        let deployed = self.deployment.and_then(|one| one.finished);
        self.movement.progressed.map(|(_, last)| last).into_iter().chain(deployed).max()
    }

    fn from(&self) -> Option<Version> {
        let older = |version: &Version| version.precedence(&self.to).is_none_or(|order| order.is_lt());
        let running = self.case.component.running.as_ref().filter(|running| !same(running, &self.to));
        let left = self.movement.loads.iter().filter_map(|(load, _)| load.version.as_ref());
        let left =
            left.map(|text| self.case.read(text.as_str())).filter(|version| !same(version, &self.to) && older(version));
        running.cloned().or_else(|| left.min())
    }

    fn trouble(&self) -> Trouble {
        // What was overtaken before it began was called off, and did not fail.
        let called_off = matches!(self.role, Role::Overtaken(_)) && !self.begun();
        let ended_badly = |state| state == PipelineState::Failed || (state == PipelineState::Canceled && !called_off);
        if let Some(one) = self.deployment.filter(|one| ended_badly(one.state)) {
            let when = one.finished.or(one.at).map(|at| format!(" {}", words::ago(self.case.at - at)));
            return Trouble::Failed(format!("its deployment ended badly{}", when.unwrap_or_default()));
        }
        let retried = self.deployment.is_some() || self.movement.complete;
        if let Some(one) = self.pipeline.filter(|one| one.state == PipelineState::Failed && !retried) {
            let job = one.jobs.iter().find(|job| job.state == PipelineState::Failed);
            let job = job.map(|job| format!(", job {}", job.name)).unwrap_or_default();
            return Trouble::Failed(format!("pipeline {} failed{job}", one.id));
        }
        match self.movement.stuck_since {
            Some(since) => Trouble::Stuck(since),
            None if self.movement.paused => Trouble::Paused,
            None => Trouble::None,
        }
    }

    /// `verified`: all complete, the product reports it, and nothing critical fires since.
    fn verified(&self, over: bool, started: Option<Moment>) -> stations::Stand {
        if !over {
            let complete = self.movement.complete;
            let detail = match &self.case.component.running {
                _ if !complete => String::new(),
                Some(running) => format!("the product still reports {running}"),
                None => "nobody tells which version answers".to_owned(),
            };
            return (if complete { StationState::Active } else { StationState::Ahead }, None, detail);
        }
        if self.stale {
            let heard = self.basis().observed_at.map(|at| words::ago(self.case.at - at));
            return (StationState::Waiting, None, format!("last heard {}", heard.unwrap_or("too long ago".to_owned())));
        }
        if let Some(alert) = started.and_then(|started| self.fires_since(started)) {
            return (StationState::Waiting, None, format!("{alert} fires since the start"));
        }
        (StationState::Done, self.finished(), String::new())
    }

    /// A critical alert that began between the start and shortly after the end.
    fn fires_since(&self, started: Moment) -> Option<&'a str> {
        let until = self.finished().unwrap_or(self.case.at) + AFTERMATH;
        let watchdog = self.case.installation.terms.watchdog.as_ref().map(|name| name.as_str());
        let new = self.case.alerts.iter().filter(|one| {
            one.state == AlertState::Firing
                && one.environment.as_ref().is_none_or(|name| *name == self.case.environment.name)
                && crate::rules::alert::is_for_people(&one.alert, watchdog)
                && Severity::of_label(one.alert.label("severity")) == Severity::Critical
                && one.alert.since.is_some_and(|since| since >= started && since <= until)
        });
        new.map(|one| one.alert.name()).min()
    }

    fn is_astray(&self, started: Option<Moment>) -> bool {
        let at = self.case.at;
        let began_astray = started.is_some_and(|start| {
            has_come(start, at) && !is_older(start, LOOK_BACK, at) && !stations::is_open(self.case, start)
        });
        needs_window(self.case.environment) && (began_astray || !stations::is_open(self.case, at))
    }

    fn basis(&self) -> Basis {
        let own = self.case.component.basis.clone();
        let newest = self.movement.basis.clone().filter(|basis| basis.observed_at >= own.observed_at);
        Basis { stale: self.stale, ..newest.unwrap_or(own) }
    }

    /// A person who holds it back, in words.
    fn held(&self) -> Option<String> {
        if let Role::Beyond(pin) = &self.role {
            return Some(format!("pinned at {pin}"));
        }
        let terms = &self.case.installation.terms;
        let scheme = self.to.scheme();
        let blocked = |list: &[Version]| list.iter().any(|one| one.scheme() == scheme && same(one, &self.to));
        (blocked(&terms.blocked) || blocked(&self.case.product.blocked)).then(|| format!("{} is blocked", self.to))
    }

    /// Why nothing moves that is free to: a pipeline that is at work, or waits for a machine to work on, says so.
    fn idle(&self) -> String {
        let works = |state| matches!(state, PipelineState::Pending | PipelineState::Running | PipelineState::Unknown);
        match self.pipeline.filter(|one| works(one.state)) {
            Some(one) => {
                let since =
                    one.started.map(|at| format!(" for {}", words::span(self.case.at - at))).unwrap_or_default();
                format!("pipeline {} is at it{since}: {}", one.id, one.said)
            }
            None => "free to roll, nothing moves yet".to_owned(),
        }
    }

    fn state(&self, stations: &[Station], begun: bool, over: bool, trouble: &Trouble) -> (RolloutState, String) {
        let detail = |name: StationName| {
            stations.iter().find(|one| one.name == name).map(|one| one.detail.clone()).unwrap_or_default()
        };
        if over {
            let verified = detail(StationName::Verified);
            // What was through when it was last heard stays through, marked as old.
            let open = !self.stale && !verified.is_empty();
            return (if open { RolloutState::Running } else { RolloutState::Succeeded }, verified);
        }
        if let (Role::Overtaken(newer), false) = (&self.role, begun) {
            return (RolloutState::Superseded, format!("overtaken by {newer}"));
        }
        if let Trouble::Failed(why) = trouble {
            return (RolloutState::Failed, why.clone());
        }
        if let Some(why) = self.held() {
            return (RolloutState::Held, why);
        }
        if begun {
            let rolling = detail(StationName::Rolling);
            return match trouble {
                Trouble::Stuck(_) => (RolloutState::Stuck, rolling),
                Trouble::Paused => (RolloutState::Held, "a workload is paused".to_owned()),
                Trouble::Failed(_) | Trouble::None if self.movement.complete => {
                    (RolloutState::Running, detail(StationName::Verified))
                }
                Trouble::Failed(_) | Trouble::None => (RolloutState::Running, rolling),
            };
        }
        let open = |one: &&Station| {
            one.name < StationName::Rolling && !matches!(one.state, StationState::Done | StationState::Skipped)
        };
        let Some(first) = stations.iter().find(open) else {
            return (RolloutState::Pending, self.idle());
        };
        let why = if first.detail.is_empty() { first.state.word() } else { &first.detail };
        let why = format!("{}: {why}", first.name.word());
        let state = match (first.name, first.state) {
            (StationName::Approved, StationState::Failed) => RolloutState::Held,
            (StationName::Approved, _) => RolloutState::WaitingApproval,
            (StationName::Window, _) => RolloutState::WaitingWindow,
            _ => RolloutState::Pending,
        };
        (state, why)
    }
}

/// The newest deployment of a version here.
fn deployment<'a>(case: &Case<'a>, to: &Version) -> Option<&'a Deployment> {
    let ours = |one: &&Deployment| {
        let product = match &one.product {
            Some(product) => *product == case.product.id,
            None => case.environment.product.as_ref() == Some(&case.product.id),
        };
        product && one.version.as_ref().is_some_and(|version| same(&case.read(version.as_str()), to))
    };
    let here = case.told.iter().filter(|told| told.environment == Some(&case.environment.name));
    let deployments = here.filter_map(|told| match told.what {
        What::Deployment(one) => Some(&**one),
        _ => None,
    });
    deployments.filter(ours).max_by_key(|one| (one.at, one.finished, one.state))
}

/// The newest pipeline that carries a version here.
fn pipeline<'a>(case: &Case<'a>, to: &Version) -> Option<&'a Pipeline> {
    let here = case.told.iter().filter(|told| told.environment == Some(&case.environment.name));
    let pipelines = here.filter_map(|told| match told.what {
        What::Pipeline(one) => Some(&**one),
        _ => None,
    });
    let carries = |one: &&Pipeline| one.version.as_ref().is_some_and(|version| same(&case.read(version.as_str()), to));
    pipelines.filter(carries).max_by_key(|one| (one.started, &one.id))
}

/// For how long staging has run a version healthily, in seconds.
fn soak(case: &Case<'_>, to: &Version) -> Option<i64> {
    let environment = case.installation.staging().filter(|staging| staging.name != case.environment.name)?;
    let staging = case.staging?;
    staging.running.as_ref().filter(|running| same(running, to))?;
    let name: &EnvironmentName = &environment.name;
    let namespace = environment.namespace.as_ref().map(|name| name.as_str());
    let loads = loads(case.told, name, &case.product.id, namespace);
    let deployed = case.told.iter().filter(|told| told.environment == Some(name)).filter_map(|told| match told.what {
        What::Deployment(one) if one.version.as_ref().is_some_and(|text| same(&case.read(text.as_str()), to)) => {
            one.finished
        }
        _ => None,
    });
    let since = loads.iter().filter_map(|(_, load)| load.progressed).chain(deployed).max()?;
    let ill = loads.iter().any(|(_, load)| load.state != crate::domain::workload::WorkloadState::Done)
        || case.alerts.iter().any(|one| {
            one.environment.as_ref() == Some(name)
                && one.state == AlertState::Firing
                && Severity::of_label(one.alert.label("severity")) == Severity::Critical
                && Some(one.alert.name()) != case.installation.terms.watchdog.as_ref().map(|name| name.as_str())
        });
    // While it is old or ill, staging serves nothing; what is old counts up to when it was told.
    let until = if staging.basis.stale { staging.basis.observed_at? } else { case.at };
    Some(if ill { 0 } else { (until - since).num_seconds().max(0) })
}
