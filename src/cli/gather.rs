//! Asks every source once, all at the same time, and shows how far it is on standard error.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::cli::ending::say;
use crate::domain::clock::Clock;
use crate::domain::facts::{Facts, Poll};
use crate::domain::id::SourceId;
use crate::net::roads::Roads;
use crate::runtime::clock::{MachineClock, instant};
use crate::runtime::machine;
use crate::runtime::poller::{Ground, Patience, once, rights};
use crate::sources::build::Asked;
use crate::sources::kind::Right;

/// Asks once. What has not answered when the time is up stays unheard.
///
/// # Errors
/// When no thread can be started.
pub fn gather(asked: Vec<Asked>, wait: Duration) -> std::io::Result<Facts> {
    let asked: Vec<Arc<Asked>> = asked.into_iter().map(Arc::new).collect();
    let polls = runtime(asked.len())?
        .block_on(async { ask_all(&asked, &ground(Arc::new(MachineClock), cache()), wait, Patience::Usual).await });
    Ok(polls.into_iter().fold(Facts::new(), Facts::absorb))
}

/// What asking every source brought.
pub struct Found {
    /// Every poll that ended in time.
    pub polls: Vec<Poll>,
    /// What the credentials of sources that answered may do, where the other side tells.
    pub rights: BTreeMap<SourceId, Vec<Right>>,
}

/// Asks once, and who answered also for what its credential may do there.
///
/// # Errors
/// When no thread can be started.
pub fn examine(asked: Vec<Asked>, wait: Duration) -> std::io::Result<Found> {
    let runtime = runtime(asked.len())?;
    let asked: Vec<Arc<Asked>> = asked.into_iter().map(Arc::new).collect();
    Ok(runtime.block_on(async {
        let ground = ground(Arc::new(MachineClock), cache());
        let polls = ask_all(&asked, &ground, wait, Patience::None).await;
        let mut tasks = JoinSet::new();
        let answered = |id: &SourceId| polls.iter().any(|poll| poll.from == *id && poll.brought.is_ok());
        for one in asked.iter().filter(|one| answered(&one.id)) {
            let (one, ground) = (Arc::clone(one), ground.clone());
            tasks.spawn(async move { (one.id.clone(), rights(&one, &ground).await) });
        }
        let all = timeout(wait, tasks.join_all()).await.unwrap_or_default();
        Found { polls, rights: all.into_iter().collect() }
    }))
}

/// Threads to ask so many sources on. Says so where the system allows too few connections for them.
fn runtime(n_sources: usize) -> std::io::Result<Runtime> {
    if let Some(warning) = machine::many_files(n_sources) {
        say(&warning);
    }
    machine::threads()
}

/// What asking once stands on: a clock, and where git repositories are kept.
#[must_use]
pub fn ground(clock: Arc<dyn Clock>, cache: PathBuf) -> Ground {
    let (polls, _unused) = mpsc::channel(1);
    let (_never, paused) = watch::channel(false);
    Ground { roads: Roads::new(clock.clone(), cache), clock, polls, paused }
}

/// Asks once, and brings every poll that ended in time.
pub async fn ask_all(asked: &[Arc<Asked>], ground: &Ground, wait: Duration, patience: Patience) -> Vec<Poll> {
    let until = instant() + wait;
    let mut bar = Bar::new(asked.len());
    let mut tasks = JoinSet::new();
    for one in asked {
        let (one, ground) = (Arc::clone(one), ground.clone());
        tasks.spawn(async move { once(&one, &ground, patience).await });
    }
    let mut brought = Vec::new();
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(Ok(poll)) => {
                    bar.step(&poll);
                    brought.push(poll);
                }
                Some(Err(_)) => {}
                None => break,
            },
            () = sleep_until(until) => break,
        }
    }
    bar.clear();
    brought
}

/// Where git repositories are kept between runs.
#[must_use]
pub fn cache() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
    base.unwrap_or_else(std::env::temp_dir).join("quarterdeck")
}

/// A bar on standard error, where a person looks at it.
struct Bar {
    all: usize,
    done: usize,
    failed: usize,
    shown: bool,
}

impl Bar {
    fn new(all: usize) -> Self {
        Self { all, done: 0, failed: 0, shown: std::io::stderr().is_terminal() }
    }

    fn step(&mut self, poll: &Poll) {
        self.done += 1;
        self.failed += usize::from(poll.brought.is_err());
        if self.shown {
            let full = 24 * self.done / self.all.max(1);
            let bar = "█".repeat(full) + &"░".repeat(24 - full);
            let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
            let _ = write!(std::io::stderr(), "\r\x1b[K{bar} {} of {} asked{failed}", self.done, self.all);
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
