//! Rollouts: every release is a train on its line.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::delivery::{Gate, Job, Pipeline, PipelineState};
use crate::domain::id::{EnvironmentName, InstallationId, ProductId};
use crate::domain::state::{RolloutState, StationName, StationState};
use crate::domain::workload::WorkloadState;
use crate::rules::hearing::Basis;
use crate::rules::rollout::{Moved, Rollout};
use crate::views::cell::{NONE, UNKNOWN, known_first, or_unknown, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, Topic, View};

/// One version on its way into one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: EnvironmentName,
    /// What.
    pub product: ProductId,
    /// From which version.
    pub from: Option<String>,
    /// To which.
    pub to: String,
    /// Where it stands as a whole.
    pub state: RolloutState,
    /// How far the workloads are.
    pub progress: Option<f64>,
    /// The stations, in order.
    pub stations: Vec<Stop>,
    /// The workloads it moves.
    pub workloads: Vec<Load>,
    /// The gate.
    pub gate: Option<GateCell>,
    /// The pipeline.
    pub pipeline: Option<PipelineCell>,
    /// When the first workload moved.
    pub started_at: Option<Moment>,
    /// When the last station was done.
    pub finished_at: Option<Moment>,
    /// When it will be through.
    pub eta: Option<Moment>,
    /// Whether it moves outside every window.
    pub outside_window: bool,
    /// Whether it moves inside a freeze.
    pub in_freeze: bool,
    /// Whether the version is end-of-life already.
    pub end_of_life: bool,
    /// For how long staging has run it healthily.
    pub soak_seconds: Option<i64>,
    /// Why it stands where it stands.
    pub why: String,
    /// Who told.
    #[serde(flatten)]
    pub basis: Basis,
}

/// One station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Which.
    pub name: StationName,
    /// Where it stands.
    pub state: StationState,
    /// When it was reached.
    pub at: Option<Moment>,
    /// Why, or with whom.
    pub detail: String,
}

/// One workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// `deployment`, `statefulset`, `daemonset`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Replicas wanted.
    pub desired: u32,
    /// Replicas of the new revision.
    pub updated: u32,
    /// Replicas available.
    pub available: u32,
    /// Where it stands.
    pub state: WorkloadState,
    /// The sentence of `kubectl rollout status`.
    pub message: String,
    /// The version it asks for, where it names one.
    pub version: Option<String>,
    /// Whether that is the version that rolls out. One that asks for another is still to move, whole as it may be.
    pub asked: bool,
}

impl Load {
    /// Replicas that are up on the version that rolls out.
    #[must_use]
    pub fn there(&self) -> u32 {
        if self.asked { self.updated.min(self.available).min(self.desired) } else { 0 }
    }
}

/// A gate, in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateCell {
    /// What kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it stands, such as the repository or the pipeline.
    pub place: Option<String>,
    /// Who it is with, or who opened it, with the class of evidence.
    pub who: Option<String>,
    /// Since when.
    pub since: Option<Moment>,
    /// Where to open it.
    pub url: Option<String>,
}

/// A pipeline, in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineCell {
    /// What kind.
    pub kind: String,
    /// Its number.
    pub id: String,
    /// Where to look at it.
    pub url: Option<String>,
    /// Where it stands.
    pub state: PipelineState,
    /// Its jobs.
    pub jobs: Vec<Job>,
}

impl From<&Moved> for Load {
    fn from(moved: &Moved) -> Self {
        let one = &moved.load;
        Self {
            kind: one.kind.word().to_owned(),
            name: one.name.to_string(),
            desired: one.desired,
            updated: one.updated,
            available: one.available,
            state: one.state,
            message: one.message.to_string(),
            version: one.version.as_ref().map(ToString::to_string),
            asked: moved.asked,
        }
    }
}

impl From<&Gate> for GateCell {
    fn from(one: &Gate) -> Self {
        Self {
            kind: one.kind.to_string(),
            name: one.name.to_string(),
            place: one.place.as_ref().map(ToString::to_string),
            who: one.who.as_ref().map(|who| who.name.to_string()),
            since: one.since,
            url: one.url.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&Pipeline> for PipelineCell {
    fn from(one: &Pipeline) -> Self {
        Self {
            kind: one.kind.to_string(),
            id: one.id.to_string(),
            url: one.url.as_ref().map(ToString::to_string),
            state: one.state,
            jobs: one.jobs.clone(),
        }
    }
}

impl Row {
    fn of(installation: &InstallationId, one: &Rollout) -> Self {
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            product: one.product.clone(),
            from: one.from.as_ref().map(|version| version.text().to_owned()),
            to: one.to.text().to_owned(),
            state: one.state,
            progress: one.progress,
            stations: one
                .stations
                .iter()
                .map(|stop| Stop { name: stop.name, state: stop.state, at: stop.at, detail: stop.detail.clone() })
                .collect(),
            workloads: one.workloads.iter().map(Load::from).collect(),
            gate: one.gate.as_ref().map(GateCell::from),
            pipeline: one.pipeline.as_ref().map(PipelineCell::from),
            started_at: one.started_at,
            finished_at: one.finished_at,
            eta: one.eta,
            outside_window: one.outside_window,
            in_freeze: one.in_freeze,
            end_of_life: one.end_of_life,
            soak_seconds: one.soak_seconds,
            why: one.why.clone(),
            basis: one.basis.clone(),
        }
    }

    /// One sign a station, as a train line: `●●◐○`.
    #[must_use]
    pub fn line(&self) -> String {
        self.stations
            .iter()
            .map(|stop| match stop.state {
                StationState::Done => '●',
                StationState::Active => '◐',
                StationState::Waiting => '◌',
                StationState::Failed => '✖',
                StationState::Ahead => '○',
                StationState::Skipped => '╌',
            })
            .collect()
    }

    /// How much of it is done, in percent.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        let whole = self.progress?.clamp(0.0, 1.0) * 100.0;
        (0..=100).rev().find(|percent| f64::from(*percent) <= whole + 1e-9)
    }
}

/// A state of a rollout, for who reads it.
#[must_use]
pub fn said(state: RolloutState) -> &'static str {
    match state {
        RolloutState::WaitingApproval => "awaits approval",
        RolloutState::WaitingWindow => "awaits window",
        RolloutState::Pending
        | RolloutState::Running
        | RolloutState::Stuck
        | RolloutState::Failed
        | RolloutState::Held
        | RolloutState::Superseded
        | RolloutState::Succeeded => state.word(),
    }
}

/// How a state of a rollout looks.
#[must_use]
pub fn tone(state: RolloutState) -> Tone {
    match state {
        RolloutState::Failed | RolloutState::Stuck => Tone::Critical,
        RolloutState::Held => Tone::Warning,
        RolloutState::WaitingApproval | RolloutState::WaitingWindow | RolloutState::Pending => Tone::Waiting,
        RolloutState::Running => Tone::Ahead,
        RolloutState::Superseded => Tone::Muted,
        RolloutState::Succeeded => Tone::Ok,
    }
}

impl View for Row {
    const NAME: &'static str = "rollouts";
    const TITLE: &'static str = "Rollouts";
    const ABOUT: &'static str = "every version on its way, station by station";
    const ROWS: [&'static str; 2] = ["rollout", "rollouts"];
    const NOTHING: [&'static str; 2] =
        ["no version is on its way", "it shows here as soon as an environment is to run another version than it does"];
    const ORDER: &'static str = "most pressing first";
    const GROUPS: &'static [&'static str] = &["state", "product", "to"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "where",
            9,
            |row, _| format!("{}/{}", row.installation, row.environment).into(),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        ),
        Column::<Self>::new("product", 5, |row, _| row.product.as_str().into(), |a, b| a.product.cmp(&b.product)),
        Column::<Self>::new("from", 5, |row, _| or_unknown(row.from.as_deref()), |a, b| known_first(&a.from, &b.from)),
        Column::<Self>::new("to", 9, |row, _| row.to.as_str().into(), |a, b| a.to.cmp(&b.to)),
        Column::<Self>::new("state", 9, |row, _| said(row.state).into(), |a, b| a.state.cmp(&b.state))
            .marked(Self::tone),
        Column::<Self>::new("stations", 7, |row, _| row.line().into(), |a, b| a.line().cmp(&b.line())),
        Column::<Self>::new(
            "progress",
            7,
            |row, _| row.percent().map_or(UNKNOWN.into(), |n| format!("{n} %").into()),
            |a, b| known_first(&a.percent(), &b.percent()),
        )
        .right(),
        Column::<Self>::new("why", 6, |row, _| row.why.as_str().into(), |a, b| a.why.cmp(&b.why)),
        Column::<Self>::new(
            "started",
            3,
            |row, lens| row.started_at.map_or(NONE.into(), |at| lens.age(at).into()),
            |a, b| known_first(&a.started_at, &b.started_at),
        )
        .right(),
        Column::<Self>::new(
            "eta",
            4,
            |row, lens| row.eta.map_or(NONE.into(), |at| lens.until(at).into()),
            |a, b| known_first(&a.eta, &b.eta),
        )
        .right(),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => {
                verdict.rollouts.iter().map(|one| Self::of(&verdict.installation.id, one)).collect()
            }
        }
    }

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.installation, self.environment, self.product, self.to)
    }

    fn order(&self, other: &Self) -> Ordering {
        tone(other.state).cmp(&tone(self.state)).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        unless_stale(self.basis.stale, tone(self.state))
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        Some(&self.environment)
    }

    fn urls(&self) -> Vec<(&'static str, &str)> {
        let pipeline = self.pipeline.iter().filter_map(|one| Some(("pipeline", one.url.as_deref()?)));
        let gate = self.gate.iter().filter_map(|one| Some(("gate", one.url.as_deref()?)));
        pipeline.chain(gate).collect()
    }

    fn topic(&self) -> Topic<'_> {
        Topic { since: self.started_at, ..Topic::default() }
    }
}
