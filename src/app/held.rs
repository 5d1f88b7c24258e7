//! News that wait: while the cursor is moved about, no row changes places under it.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::views::board::Board;

/// A board that waits while a person moves about, and until when.
#[derive(Clone, Debug, Default)]
pub struct Held {
    board: Option<Arc<Board>>,
    /// Until when nothing changes places.
    until: Option<Moment>,
    /// When it is shown at the latest.
    at_last: Option<Moment>,
}

impl Held {
    /// A key moved the cursor.
    pub fn moved(&mut self, now: Moment) {
        self.until = Some(now + STILL);
    }

    /// Takes a board in. Gives it back where there is nothing to wait for.
    #[must_use]
    pub fn take(&mut self, board: Arc<Board>, now: Moment) -> Option<Arc<Board>> {
        self.at_last.get_or_insert(now + AT_LAST);
        self.board = Some(board);
        self.due(now)
    }

    /// The board that waited long enough.
    #[must_use]
    pub fn due(&mut self, now: Moment) -> Option<Arc<Board>> {
        let rests = self.until.is_none_or(|until| until <= now);
        if !rests && self.at_last.is_none_or(|last| now < last) {
            return None;
        }
        self.at_last = None;
        self.board.take()
    }
}

/// How long after a key that moves the cursor the rows keep their places, and how long news wait at most.
const STILL: TimeDelta = TimeDelta::milliseconds(700);
const AT_LAST: TimeDelta = TimeDelta::seconds(3);
