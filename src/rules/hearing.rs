//! What was told about a place, by whom, when, and whether that is still fresh.

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::domain::id::{EnvironmentName, SourceId};

/// One thing that was told, with its circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// By whom.
    pub source: &'a SourceId,
    /// When.
    pub at: Moment,
    /// Whether that is too long ago to rest on.
    pub stale: bool,
    /// About which environment; none for the installation as a whole.
    pub environment: Option<&'a EnvironmentName>,
    /// What.
    pub what: &'a What,
}

/// Where a verdict comes from: every row that rests on a fact carries this.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// When the fact was observed.
    pub observed_at: Option<Moment>,
    /// Whether it is stale.
    pub stale: bool,
    /// Who said it; for what the fleet file alone says, none.
    pub source: Option<String>,
}

impl Basis {
    /// Resting on one thing that was told.
    #[must_use]
    pub fn of(told: &Told<'_>) -> Self {
        Self { observed_at: Some(told.at), stale: told.stale, source: Some(told.source.to_string()) }
    }
}
