//! Standing: how one source does, from its last answer and its last try.

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::facts::{Feed, Seen};
use crate::domain::fleet::SourceCard;

/// How one source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It answered, recently.
    Ok,
    /// It answered, too long ago; nothing failed since.
    Stale,
    /// The last try failed.
    Failing,
    /// It never answered, and was not refused either: nobody asked yet.
    Never,
}

impl Standing {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Failing => "failing",
            Self::Never => "never",
        }
    }
}

/// How a source does at a time.
#[must_use]
pub fn standing(card: &SourceCard, feed: Option<&Feed>, at: Moment) -> Standing {
    let Some(feed) = feed else { return Standing::Never };
    if feed.fault.is_some() {
        return Standing::Failing;
    }
    match feed.seen(at, card.stale_after) {
        Seen::Never => Standing::Never,
        Seen::Stale { .. } => Standing::Stale,
        Seen::Fresh { .. } => Standing::Ok,
    }
}
