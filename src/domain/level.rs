//! How good or bad something is.

use serde::{Deserialize, Serialize};

/// How good or bad something is. `Unknown` is no kind of good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Nobody could say.
    Unknown,
    /// Needs somebody, not at once.
    Warning,
    /// Needs somebody now.
    Critical,
}

impl Level {
    /// The name in rows and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The worse of two.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        self.max(other)
    }
}
