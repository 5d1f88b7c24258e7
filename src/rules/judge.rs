//! Runs every rule. What views are computed from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::clock::Moment;
use crate::domain::fact::Level;
use crate::domain::facts::Facts;
use crate::domain::fleet::{Fleet, Installation};
use crate::domain::id::InstallationId;
use crate::rules::alert::{AlertCount, AlertInContext, SilenceInContext};
use crate::rules::assurance::Signal;
use crate::rules::attention::Item;
use crate::rules::calendar::{Cadence, Entry, Span};
use crate::rules::component::Component;
use crate::rules::readiness::Readiness;
use crate::rules::rollout::Rollout;

/// A fleet judged at a time.
pub struct Judged<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// What was heard.
    pub facts: &'a Facts,
    /// The time it is judged at.
    pub at: Moment,
    /// Per installation, everything concluded about it.
    pub verdicts: BTreeMap<InstallationId, Arc<Verdict>>,
    /// What needs somebody in the fleet as a whole.
    pub attention: Vec<Item>,
}

/// Everything concluded about one installation. A new rule adds one field, and one line in the judge.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The installation.
    pub installation: Arc<Installation>,
    /// How it feels as a whole.
    pub health: Level,
    /// Why, where it is not ok.
    pub why: String,
    /// Each environment's health, in the installation's order.
    pub environment_health: Vec<Level>,
    /// Its components, by environment and product.
    pub components: Vec<Component>,
    /// Its dated things, by time, from one day back to the horizon.
    pub calendar: Vec<Entry>,
    /// The rhythm of its maintenances, where its plan has one.
    pub cadence: Option<Cadence>,
    /// Per environment, in the installation's order: the window that is open or comes next.
    pub next_windows: Vec<Option<Span>>,
    /// Its rollouts.
    pub rollouts: Vec<Rollout>,
    /// Whether each environment's product may roll to its target.
    pub readiness: Vec<Readiness>,
    /// Its alerts.
    pub alerts: Vec<AlertInContext>,
    /// How many of them.
    pub alert_count: AlertCount,
    /// Its silences.
    pub silences: Vec<SilenceInContext>,
    /// Its signals.
    pub assurance: Vec<Signal>,
    /// What needs somebody.
    pub attention: Vec<Item>,
    /// The first moment at which this may be another without any new fact.
    pub holds_until: Moment,
}
