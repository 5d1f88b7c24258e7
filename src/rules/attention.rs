//! Attention: one ranked list of what needs somebody now.

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::alert::Severity;
use crate::rules::readiness::Who;

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
