//! Drift: a running version against its target.

use serde::{Deserialize, Serialize};

use crate::domain::version::Version;

/// How far a running version is from where it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The kind.
    pub kind: DriftKind,
    /// Where it should be: the pin, the supported line's newest, or the newest release.
    pub target: Option<Version>,
    /// The newest known release that is not a pre-release.
    pub latest: Option<Version>,
    /// Releases between running and target; none where the list is unknown or does not reach back so far.
    pub releases_behind: Option<u32>,
    /// Days since the first of those releases was published.
    pub days_behind: Option<i64>,
    /// For production: how many releases staging is ahead; none without staging.
    pub skew: Option<i64>,
}

/// Kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// At its target.
    Current,
    /// The same line, an older patch or build.
    Patch,
    /// An older line of the same major version or year.
    Minor,
    /// An older major version or year.
    Major,
    /// Higher than anything known.
    Ahead,
    /// Either side is missing, or they cannot be compared.
    Unknown,
}

impl DriftKind {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Ahead => "ahead",
            Self::Unknown => "unknown",
        }
    }
}
