//! Asks every source once, all at the same time, and shows how far it is on standard error.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::domain::clock::Clock;
use crate::domain::facts::{Facts, Poll};
use crate::net::roads::Roads;
use crate::runtime::clock::{MachineClock, instant};
use crate::runtime::poller::{Ground, Patience, once};
use crate::sources::build::Asked;

/// Asks once. What has not answered when the time is up stays unheard.
///
/// # Errors
/// When no thread can be started.
pub fn gather(asked: Vec<Asked>, wait: Duration) -> std::io::Result<Facts> {
    let polls = run(asked, wait, Patience::Usual)?;
    Ok(polls.into_iter().fold(Facts::new(), Facts::absorb))
}

/// Asks once and brings every poll that ended in time.
///
/// # Errors
/// When no thread can be started.
pub fn run(asked: Vec<Asked>, wait: Duration, patience: Patience) -> std::io::Result<Vec<Poll>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let asked: Vec<Arc<Asked>> = asked.into_iter().map(Arc::new).collect();
    Ok(runtime.block_on(ask_all(&asked, Arc::new(MachineClock), wait, patience)))
}

/// Asks once, by a clock, and brings every poll that ended in time.
pub async fn ask_all(asked: &[Arc<Asked>], clock: Arc<dyn Clock>, wait: Duration, patience: Patience) -> Vec<Poll> {
    let (polls, _unused) = mpsc::channel(1);
    let (_never, paused) = watch::channel(false);
    let ground = Ground { roads: Roads::new(clock.clone(), cache()), clock, polls, paused };
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
