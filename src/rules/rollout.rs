//! Rollouts: one version on its way into one environment, station by station.

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::delivery::{Gate, Pipeline};
use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::version::Version;
use crate::domain::workload::Workload;
use crate::rules::hearing::Basis;
use crate::rules::readiness::Who;

/// One version on its way into one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Where.
    pub environment: EnvironmentName,
    /// What.
    pub product: ProductId,
    /// From which version; none where nothing was known to run.
    pub from: Option<Version>,
    /// To which.
    pub to: Version,
    /// Where it stands as a whole.
    pub state: RolloutState,
    /// How far the workloads are, 0 to 1; none where no workload is known.
    pub progress: Option<f64>,
    /// All seven stations, in order.
    pub stations: Vec<Station>,
    /// The workloads it moves.
    pub workloads: Vec<Workload>,
    /// The gate it waits at or passed.
    pub gate: Option<Gate>,
    /// The pipeline that carries it.
    pub pipeline: Option<Pipeline>,
    /// When the first workload moved.
    pub started_at: Option<Moment>,
    /// When the last station was done.
    pub finished_at: Option<Moment>,
    /// When it will be through, from the observed rate.
    pub eta: Option<Moment>,
    /// Whether it moves outside every window, where it needs one.
    pub outside_window: bool,
    /// Whether it moves inside a freeze.
    pub in_freeze: bool,
    /// Whether the version is end-of-life already.
    pub end_of_life: bool,
    /// For how long staging has run it healthily, in seconds.
    pub soak_seconds: Option<i64>,
    /// Why it stands where it stands, in one sentence.
    pub why: String,
    /// Who told.
    pub basis: Basis,
}

/// The stations every version passes, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StationName {
    /// The release exists.
    Published,
    /// The customer's store holds its artifacts.
    Delivered,
    /// Staging runs it.
    Staging,
    /// The gate is open.
    Approved,
    /// A window is open, or none is needed.
    Window,
    /// Workloads move.
    Rolling,
    /// All done, and well.
    Verified,
}

impl StationName {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Published, Self::Delivered, Self::Staging, Self::Approved, Self::Window, Self::Rolling, Self::Verified];

    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Staging => "staging",
            Self::Approved => "approved",
            Self::Window => "window",
            Self::Rolling => "rolling",
            Self::Verified => "verified",
        }
    }
}

/// One station of one rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Which.
    pub name: StationName,
    /// Where it stands.
    pub state: StationState,
    /// When it was reached.
    pub at: Option<Moment>,
    /// Why, or with whom it is.
    pub detail: String,
}

/// Where a station stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StationState {
    /// Passed.
    Done,
    /// Under way.
    Active,
    /// Waits for somebody or some time.
    Waiting,
    /// Went wrong.
    Failed,
    /// Not reached yet.
    Ahead,
    /// The plan does not have it.
    Skipped,
}

impl StationState {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Ahead => "ahead",
            Self::Skipped => "skipped",
        }
    }
}

/// Where a rollout stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutState {
    /// Something before the gate is missing.
    Pending,
    /// The gate is closed.
    WaitingApproval,
    /// No window is open.
    WaitingWindow,
    /// Workloads move.
    Running,
    /// They stopped moving.
    Stuck,
    /// It went wrong.
    Failed,
    /// A person holds it: a pin, a block, a paused workload.
    Held,
    /// A newer version overtook it before its window opened.
    Superseded,
    /// Through.
    Succeeded,
}

impl RolloutState {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingApproval => "waiting-approval",
            Self::WaitingWindow => "waiting-window",
            Self::Running => "running",
            Self::Stuck => "stuck",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Succeeded => "succeeded",
        }
    }
}

/// Who can open a gate. Most stand at the customer's; one that names us is ours.
#[must_use]
pub fn keeper(gate: &Gate) -> Who {
    let ours = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["vendor", "internal", "ours", "release-manager"].iter().any(|word| text.contains(word))
    };
    if ours(gate.name.as_str()) || gate.waits_for.iter().any(|name| ours(name.as_str())) {
        Who::Us
    } else {
        Who::Customer
    }
}
