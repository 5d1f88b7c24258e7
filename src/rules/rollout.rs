//! Rollouts: one version on its way into one environment, station by station.

mod movement;
mod stations;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(crate) mod tests;
mod train;
mod versions;

use crate::domain::clock::{Moment, Tz};
use crate::domain::delivery::{Gate, Pipeline};
use crate::domain::fleet::{Environment, Installation};
use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::product::Product;
pub use crate::domain::state::{RolloutState, StationName, StationState};
use crate::domain::version::Version;
use crate::domain::workload::Workload;
use crate::rules::alert::merge::Merged;
use crate::rules::calendar::Entry;
use crate::rules::component::Component;
use crate::rules::hearing::{Basis, Told};
use crate::rules::originals::Originals;
use crate::rules::readiness::Who;
use crate::rules::releases::Releases;
use crate::rules::timetable::Timetable;
use crate::rules::windows::Windows;

pub use movement::{Observations, ProgressLog, eta};
pub(in crate::rules) use stations::called;
pub use train::{rollouts, towards};

/// A workload of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The workload.
    pub load: Workload,
    /// Whether it asks for the version that rolls out. One that does not, whole as it may be, is still on another.
    pub asked: bool,
}

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
    pub workloads: Vec<Moved>,
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

/// What the rollouts of one product into one environment rest on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Whose.
    pub installation: &'a Installation,
    /// Into which environment.
    pub environment: &'a Environment,
    /// Of what.
    pub product: &'a Product,
    /// The fleet's zone, in which days begin and end.
    pub zone: Tz,
    /// The time it is judged at.
    pub at: Moment,
    /// Everything told about the installation.
    pub told: &'a [Told<'a>],
    /// The product in this environment.
    pub component: &'a Component,
    /// The product in staging, where there is a staging and it is another environment.
    pub staging: Option<&'a Component>,
    /// The releases known.
    pub releases: &'a Releases,
    /// What the vendor's own store holds.
    pub originals: &'a Originals,
    /// Its cycles, for versions that are end-of-life by date.
    pub cycles: Option<&'a Timetable>,
    /// The fleet's windows.
    pub windows: &'a Windows,
    /// The installation's dated things, maintenances and freezes among them.
    pub calendar: &'a [Entry],
    /// The installation's alerts.
    pub alerts: &'a [Merged],
    /// What was seen of rollouts under way.
    pub seen: &'a ProgressLog,
}

impl Case<'_> {
    /// A text as a version of the product.
    fn read(&self, text: &str) -> Version {
        Version::read(self.product.scheme, text)
    }
}

/// Whether two versions are one, whatever their editions and flavours.
fn same(a: &Version, b: &Version) -> bool {
    a.precedence(b).is_some_and(std::cmp::Ordering::is_eq)
}

/// Who can open a gate. Most stand at the customer's; one that names us is ours, and so is one that waits for nobody but
/// those who look after the project it stands in.
#[must_use]
pub fn keeper(gate: &Gate) -> Who {
    let ours = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["vendor", "internal", "ours", "release-manager"].iter().any(|word| text.contains(word))
    };
    // GitLab's words for its roles, as many of them as must approve: `2 of Maintainers`.
    let role = |text: &str| {
        let text = text.split_once(" of ").map_or(text, |(_, role)| role);
        ["Maintainers", "Developers + Maintainers", "Owners", "Administrators"].contains(&text)
    };
    let roles = !gate.waits_for.is_empty() && gate.waits_for.iter().all(|name| role(name.as_str()));
    if roles || ours(gate.name.as_str()) || gate.waits_for.iter().any(|name| ours(name.as_str())) {
        Who::Us
    } else {
        Who::Customer
    }
}
