//! The pollers of a fleet: a task a source. Those of whom a fleet file read anew says the same go on undisturbed.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::domain::id::SourceId;
use crate::runtime::poller::{self, Ground};
use crate::sources::build::Asked;

/// The tasks. Dropped, they end.
pub struct Pollers {
    ground: Ground,
    running: BTreeMap<SourceId, Running>,
    n_heard: usize,
}

struct Running {
    mark: u64,
    poke: Arc<Notify>,
    task: AbortHandle,
    /// Whether it brought something yet.
    is_heard: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pollers {
    /// None yet.
    #[must_use]
    pub fn new(ground: Ground) -> Self {
        Self { ground, running: BTreeMap::new(), n_heard: 0 }
    }

    /// Asks these and nobody else from now on, and returns those who go on as before.
    pub fn ask(&mut self, these: Vec<Asked>) -> Vec<SourceId> {
        let mut before = std::mem::take(&mut self.running);
        let n_sources = these.len();
        let mut kept = Vec::new();
        for one in these {
            let id = one.id.clone();
            let running = match before.remove(&id) {
                Some(running) if running.mark == one.mark => {
                    kept.push(id.clone());
                    running
                }
                Some(_) | None => {
                    let (mark, poke) = (one.mark, Arc::new(Notify::new()));
                    let run = poller::run(Arc::new(one), n_sources, Arc::clone(&poke), self.ground.clone());
                    Running { mark, poke, task: tokio::spawn(run).abort_handle(), is_heard: false }
                }
            };
            self.running.insert(id, running);
        }
        self.n_heard = self.running.values().filter(|running| running.is_heard).count();
        kept
    }

    /// Notes that a source brought something. Says whether for the first time; none where it is not asked.
    pub fn heard(&mut self, source: &SourceId) -> Option<bool> {
        let running = self.running.get_mut(source)?;
        let is_first = !std::mem::replace(&mut running.is_heard, true);
        self.n_heard += usize::from(is_first);
        Some(is_first)
    }

    /// How many of those that are asked brought something.
    #[must_use]
    pub fn n_heard(&self) -> usize {
        self.n_heard
    }

    /// Lets those be asked at once.
    pub fn poke(&self, meant: impl Fn(&SourceId) -> bool) {
        for (_, running) in self.running.iter().filter(|(id, _)| meant(id)) {
            running.poke.notify_one();
        }
    }
}
