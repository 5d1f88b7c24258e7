//! Standing: how one source does, from its last answer and its last try.

use crate::domain::clock::Moment;
use crate::domain::facts::{Feed, Seen};
use crate::domain::fleet::SourceCard;
pub use crate::domain::state::Standing;

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
