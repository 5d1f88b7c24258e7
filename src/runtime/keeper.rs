//! Keeps the last known facts on disk: seldom, only when they say something new, and once more on leaving.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::history::store::{Store, digest};
use crate::runtime::collector::Known;

/// The shortest time between two writings.
const BETWEEN: Duration = Duration::from_secs(60);

/// Somebody who writes down what is known.
pub struct Keeper {
    store: Store,
    known: watch::Receiver<Known>,
    work: JoinHandle<()>,
}

impl Keeper {
    /// Begins to keep what becomes known; what is known already is what the file says.
    #[must_use]
    pub fn start(store: Store, known: watch::Receiver<Known>) -> Self {
        let work = tokio::spawn(keep(store.clone(), known.clone()));
        Self { store, known, work }
    }

    /// Writes once more, with the times at which everything was heard last, and ends.
    pub async fn finish(self) {
        self.work.abort();
        let (fleet, facts) = self.known.borrow().clone();
        if facts.iter().any(|(_, feed)| feed.heard.is_some()) {
            let store = self.store;
            // Who leaves is not told that a disk is full: the cockpit works without the file.
            let _ = tokio::task::spawn_blocking(move || store.write(&fleet, &facts)).await;
        }
    }
}

async fn keep(store: Store, mut known: watch::Receiver<Known>) {
    let (fleet, facts) = known.borrow_and_update().clone();
    let mut last = digest(&fleet, &facts).ok();
    while known.changed().await.is_ok() {
        sleep(BETWEEN).await;
        let (fleet, facts) = known.borrow_and_update().clone();
        let store = store.clone();
        // A disk that takes nothing now may take something later.
        if let Ok(Ok(sum)) = tokio::task::spawn_blocking(move || store.renew(&fleet, &facts, last)).await {
            last = Some(sum);
        }
    }
}
