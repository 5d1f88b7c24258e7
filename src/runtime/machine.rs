//! What we take of the machine: threads, and how many files and connections may be open.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

use crate::net::limits;

/// Threads for what blocks: reading files, looking names up, judging. Tokio's own bound is 512, each with a stack.
const BLOCKING: usize = 64;

/// Files besides connections: the terminal, the fleet file, programs that bring credentials, name lookups.
const OTHERS: usize = 256;

/// The threads everything that waits runs on.
///
/// # Errors
/// When no thread can be started.
pub fn threads() -> io::Result<Runtime> {
    Builder::new_multi_thread().max_blocking_threads(BLOCKING).enable_all().build()
}

/// Allows as many open files as a fleet of so many sources may need, as far as the system lets us. Says so where it
/// does not.
#[must_use = "a person should know"]
pub fn many_files(n_sources: usize) -> Option<String> {
    let wanted = u64::try_from(files_for(n_sources)).unwrap_or(u64::MAX);
    let now = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    if enough(now.current) {
        return None;
    }
    let most = if enough(now.maximum) { Some(wanted) } else { now.maximum };
    let raised = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: now.maximum }).is_ok();
    let reached = if raised { most } else { now.current };
    if enough(reached) {
        return None;
    }
    let reached = reached.unwrap_or_default();
    Some(format!(
        "only {reached} files may be open, and {n_sources} sources may need {wanted}: some may not be reached at times; raise it with `ulimit -Hn {wanted}`"
    ))
}

/// As many as may be open at once: what is bounded for the whole fleet is bounded here too.
fn files_for(n_sources: usize) -> usize {
    let asked = n_sources.min(limits::ASKS_TO_PROVEN + limits::ASKS_TO_UNPROVEN);
    let kept = n_sources.min(limits::KEPT_HOSTS).saturating_mul(limits::KEPT_PER_HOST);
    let streams = n_sources.min(limits::FLOWS_OF_PROVEN + limits::FLOWS_OF_UNPROVEN);
    asked + kept + streams + OTHERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_grow_with_the_fleet_to_a_bound() {
        assert_eq!(files_for(0), OTHERS);
        assert_eq!(files_for(100), OTHERS + 400);
        assert_eq!(files_for(10_000), files_for(1_000_000));
        assert!(files_for(1_000_000) < 8_192);
    }

    #[test]
    fn a_few_sources_need_no_more_than_every_system_gives() {
        assert_eq!(many_files(10), None);
    }
}
