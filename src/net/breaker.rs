//! When a host that keeps failing is left alone, and when it is asked again.

use std::time::Duration;

use chrono::TimeDelta;

use super::limits::{FAILURES_TO_REST, LONGEST_REST, REST};
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;

/// What is known about one host's connections.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    failures: u32,
    rest: Option<(Moment, Fault)>,
    probing: bool,
    proven: bool,
}

/// Leave to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// As always.
    Usual,
    /// As the one question that finds out whether a resting host is back.
    Probe,
}

impl Breaker {
    /// Whether the host may be asked. After its rest one question goes through; the others wait for how it ends.
    ///
    /// # Errors
    /// [`Fault::Resting`], with the moment of the next try.
    pub fn ask(&mut self, now: Moment) -> Result<Leave, Fault> {
        match &self.rest {
            None => Ok(Leave::Usual),
            Some((until, _)) if now >= *until && !self.probing => {
                self.probing = true;
                Ok(Leave::Probe)
            }
            Some((until, after)) => Err(Fault::Resting { until: (*until).max(now), after: Box::new(after.clone()) }),
        }
    }

    /// The host answered, whatever it said.
    pub fn answered(&mut self) {
        *self = Self { proven: true, ..Self::default() };
    }

    /// No connection, or no answer. `dice` is between 0 and 1 and keeps a thousand hosts from coming back at once.
    pub fn failed(&mut self, fault: &Fault, now: Moment, dice: f64) {
        self.probing = false;
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES_TO_REST {
            let rest = jittered(doubled(REST, self.failures - FAILURES_TO_REST), dice);
            self.rest = Some((now + TimeDelta::from_std(rest).unwrap_or_default(), fault.clone()));
        }
    }

    /// The question was given up before it ended: nothing was learned.
    pub fn forgot(&mut self, leave: Leave) {
        if leave == Leave::Probe {
            self.probing = false;
        }
    }

    /// Whether it answered when it was last asked. A host never asked has proven nothing.
    #[must_use]
    pub fn proven(&self) -> bool {
        self.proven && self.failures == 0
    }
}

fn doubled(base: Duration, times: u32) -> Duration {
    base.saturating_mul(2_u32.saturating_pow(times.min(16))).min(LONGEST_REST)
}

/// A fifth more or less.
fn jittered(length: Duration, dice: f64) -> Duration {
    length.mul_f64(0.8 + 0.4 * dice.clamp(0.0, 1.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::text::clean::Clean;

    fn down() -> Fault {
        Fault::Unreachable { why: Clean::line("connection refused") }
    }

    fn at(seconds: i64) -> Moment {
        Moment::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_host_rests_after_three_failures_and_each_rest_is_longer() {
        let mut breaker = Breaker::default();
        for second in 0..2 {
            assert_eq!(breaker.ask(at(second)), Ok(Leave::Usual));
            breaker.failed(&down(), at(second), 0.5);
        }
        assert_eq!(breaker.ask(at(2)), Ok(Leave::Usual), "two failures are no pattern");
        let mut now = 2;
        for rest in [20, 40, 80, 160, 300, 300] {
            breaker.failed(&down(), at(now), 0.5);
            let resting = Fault::Resting { until: at(now + rest), after: Box::new(down()) };
            assert_eq!(breaker.ask(at(now + rest - 1)), Err(resting));
            assert_eq!(breaker.ask(at(now + rest)), Ok(Leave::Probe));
            now += rest;
        }
    }

    #[test]
    fn one_question_probes_and_its_answer_opens_the_way_for_all() {
        let mut breaker = Breaker::default();
        (0..3).for_each(|_| breaker.failed(&down(), at(0), 0.0));
        assert_eq!(breaker.ask(at(16)), Ok(Leave::Probe));
        assert!(breaker.ask(at(16)).is_err(), "the second one waits for the first");
        breaker.forgot(Leave::Probe);
        assert_eq!(breaker.ask(at(17)), Ok(Leave::Probe), "a probe given up is no probe");
        breaker.answered();
        assert_eq!(breaker.ask(at(17)), Ok(Leave::Usual));
        assert!(breaker.proven());
    }

    #[test]
    fn rests_spread_by_a_fifth() {
        for (dice, length) in [(0.0, 16), (0.5, 20), (1.0, 24), (7.0, 24)] {
            let mut breaker = Breaker::default();
            (0..3).for_each(|_| breaker.failed(&down(), at(0), dice));
            let Err(Fault::Resting { until, .. }) = breaker.ask(at(0)) else { unreachable!("it rests") };
            assert_eq!(until, at(length));
        }
    }
}
