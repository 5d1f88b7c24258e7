//! Keeps what is known on disk: seldom, only when the facts say something new, and once more on leaving.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use crate::history::board::{Circumstances, Shelf};
use crate::history::store::{Store, digest};
use crate::runtime::collector::Known;
use crate::views::board::Board;
use crate::views::last::Last;

/// The shortest time between two writings.
const BETWEEN: Duration = Duration::from_secs(60);

/// Where what is known is kept.
pub struct Places {
    /// The facts.
    pub facts: Store,
    /// The board, where one may be kept.
    pub board: Option<BoardPlace>,
}

/// Where the board is kept, and what must be as it is now for it to be shown again.
pub type BoardPlace = (Shelf, Circumstances);

/// Somebody who writes down what is known.
pub struct Keeper {
    hand: Hand,
    work: JoinHandle<()>,
}

/// What a keeper looks at and writes to.
#[derive(Clone)]
struct Hand {
    facts: Store,
    board: Option<BoardPlace>,
    known: watch::Receiver<Known>,
    boards: watch::Receiver<Option<Arc<Board>>>,
}

impl Keeper {
    /// Begins to keep what becomes known; what is known already is what the files say.
    #[must_use]
    pub fn start(places: Places, known: watch::Receiver<Known>, boards: watch::Receiver<Option<Arc<Board>>>) -> Self {
        let hand = Hand { facts: places.facts, board: places.board, known, boards };
        Self { work: tokio::spawn(hand.clone().keep()), hand }
    }

    /// Writes once more, with the times at which everything was heard last, and ends.
    pub async fn finish(self) {
        self.work.abort();
        let Hand { facts: store, known, .. } = &self.hand;
        let (fleet, facts) = known.borrow().clone();
        if facts.iter().any(|(_, feed)| feed.heard.is_some()) {
            let store = store.clone();
            // Who leaves is not told that a disk is full: the cockpit works without the file.
            let _ = spawn_blocking(move || store.write(&fleet, &facts)).await;
            self.hand.keep_board().await;
        }
    }
}

impl Hand {
    async fn keep(mut self) {
        let (fleet, mut before) = self.known.borrow_and_update().clone();
        let mut last = digest(&fleet, &before).ok();
        while self.known.changed().await.is_ok() {
            sleep(BETWEEN).await;
            let (fleet, facts) = self.known.borrow_and_update().clone();
            // Nothing was heard, not even the same again: there is nothing to look through.
            if facts.is(&before) {
                continue;
            }
            before = facts.clone();
            let store = self.facts.clone();
            // A disk that takes nothing now may take something later.
            if let Ok(Ok(sum)) = spawn_blocking(move || store.renew(&fleet, &facts, last)).await
                && last.replace(sum) != Some(sum)
            {
                self.keep_board().await;
            }
        }
    }

    /// Writes the newest board, where it may be kept: of another fleet file, or of another time, there is none.
    async fn keep_board(&self) {
        let (Some((shelf, circumstances)), Some(board)) = (self.board.clone(), self.boards.borrow().clone()) else {
            return;
        };
        // As with the facts.
        let _ = spawn_blocking(move || shelf.write(&circumstances, &Last::of(&board))).await;
    }
}
