//! One component: one product at one version in one environment, as all sources together tell it.

use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::version::Version;
use crate::rules::drift::Drift;
use crate::rules::hearing::Basis;
use crate::rules::lifecycle::Life;

/// Everything that is concluded about one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Where it runs.
    pub environment: EnvironmentName,
    /// What it is.
    pub product: ProductId,
    /// The version that counts: freshest and most direct first; none where nobody told one.
    pub running: Option<Version>,
    /// Other versions other sources, or other parts of it, tell.
    pub disagreement: Vec<Version>,
    /// Whether a person demanded this version.
    pub pinned: bool,
    /// The running version against its target.
    pub drift: Drift,
    /// How long it may still run.
    pub life: Life,
    /// Who told the running version.
    pub basis: Basis,
}
