//! Cadence: when a source is asked again. Pure: chance and time are arguments.

use std::time::Duration;

use crate::domain::clock::Moment;
use crate::domain::fault::Fault;

/// The longest a failing source waits for its next turn, however often it failed.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How many failures in a row are taken for a passing trouble: asked again at the usual pace.
const PATIENCE: u32 = 2;

/// How many first polls a second there may be: as many as one core can read without a queue.
const FIRST_PER_SECOND: u32 = 1_000;

/// How long to wait before the first poll, so that ten thousand sources don't begin in the same instant.
///
/// `chance` lies in `0.0..1.0`. The start is spread over a tenth of the interval, two seconds at most: the first board
/// shall be full soon. A crowd of sources takes longer, a second for every thousand.
#[must_use]
pub fn first(interval: Duration, n_sources: usize, chance: f64) -> Duration {
    let crowd = Duration::from_secs(u64::try_from(n_sources).unwrap_or(u64::MAX) / u64::from(FIRST_PER_SECOND));
    (interval / 10).min(Duration::from_secs(2)).max(crowd.min(interval)).mul_f64(chance.clamp(0.0, 1.0))
}

/// How long to wait after the first poll, where it went well: anywhere within the interval, so that those who began
/// together are spread over all of it from then on.
#[must_use]
pub fn second(interval: Duration, chance: f64) -> Duration {
    interval.mul_f64(chance.clamp(0.1, 1.0))
}

/// How long to wait after a poll that began `spent` ago.
///
/// The pace is kept: what the poll took is taken off the interval. A tenth of jitter keeps sources from marching in step.
/// From the third failure in a row on, the wait doubles up to five minutes; what a server says about when to come again
/// is obeyed.
#[must_use]
pub fn next(turn: &Turn<'_>, chance: f64) -> Duration {
    let jittered = turn.interval.mul_f64(0.95 + 0.1 * chance.clamp(0.0, 1.0));
    let told = turn.fault.and_then(told_until).and_then(|until| (until - turn.now).to_std().ok());
    if let Some(wait) = told {
        return wait.max(Duration::from_secs(1)).min(LONGEST_WAIT.max(turn.interval));
    }
    let doublings = turn.failures.saturating_sub(PATIENCE).min(16);
    if doublings == 0 {
        return jittered.saturating_sub(turn.spent).max(jittered / 10);
    }
    jittered.saturating_mul(1_u32 << doublings).min(LONGEST_WAIT.max(turn.interval))
}

/// How the last poll went.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// How often the source is asked.
    pub interval: Duration,
    /// How long ago the last poll began.
    pub spent: Duration,
    /// How many polls failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub fault: Option<&'a Fault>,
    /// What time it is.
    pub now: Moment,
}

fn told_until(fault: &Fault) -> Option<Moment> {
    match fault {
        Fault::Limited { until } => *until,
        Fault::Resting { until, .. } => Some(*until),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::clean::Clean;

    const HALF_A_MINUTE: Duration = Duration::from_secs(30);

    fn turn(failures: u32, fault: Option<&Fault>) -> Turn<'_> {
        Turn { interval: HALF_A_MINUTE, spent: Duration::from_secs(2), failures, fault, now: Moment::UNIX_EPOCH }
    }

    #[test]
    fn few_sources_begin_at_once_and_a_crowd_one_after_another() {
        for (n_sources, seconds) in [(1, 2), (1_000, 2), (10_000, 10), (1_000_000, 30)] {
            assert_eq!(first(HALF_A_MINUTE, n_sources, 1.0).as_secs(), seconds);
        }
        assert_eq!(second(HALF_A_MINUTE, 0.5), Duration::from_secs(15));
    }

    #[test]
    fn the_pace_is_kept_whatever_the_poll_took() {
        assert_eq!(next(&turn(0, None), 0.5), Duration::from_secs(28));
    }

    #[test]
    fn two_failures_change_nothing_then_the_wait_doubles_to_five_minutes() {
        let fault = Fault::Missing { path: Clean::line("/") };
        let waits: Vec<u64> = (1..8).map(|n| next(&turn(n, Some(&fault)), 0.5).as_secs()).collect();
        assert_eq!(waits, [28, 28, 60, 120, 240, 300, 300]);
    }

    #[test]
    fn what_a_server_says_about_when_to_come_again_is_obeyed_within_reason() {
        let at = |second| Moment::from_timestamp(second, 0);
        for (second, wait) in [(90, 90), (0, 1), (100_000, 300)] {
            let fault = Fault::Limited { until: at(second) };
            assert_eq!(next(&turn(1, Some(&fault)), 0.5).as_secs(), wait);
        }
    }

    proptest! {
        #[test]
        fn no_source_is_ever_asked_without_a_pause_or_left_alone_for_long(
            interval in 1_u64..3600, spent in 0_u64..10_000, failures in 0_u32..100, chance in 0.0..1.0_f64
        ) {
            let interval = Duration::from_secs(interval);
            let turn = Turn {
                interval,
                spent: Duration::from_secs(spent),
                failures,
                fault: None,
                now: Moment::UNIX_EPOCH,
            };
            let wait = next(&turn, chance);
            prop_assert!(wait >= interval / 20);
            prop_assert!(wait <= LONGEST_WAIT.max(interval).mul_f64(1.06));
            for n_sources in [1, 100, 10_000, 1_000_000] {
                prop_assert!(first(interval, n_sources, chance) <= interval);
            }
            prop_assert!(second(interval, chance) <= interval && second(interval, chance) >= interval / 20);
        }
    }
}
