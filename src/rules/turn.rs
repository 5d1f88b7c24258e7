//! Turns: the moments at which time alone makes a verdict another. Asking here notes when, so that nobody judges again
//! before.

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::text::lasting::note_meaning;

/// Whether a moment has come.
#[must_use]
pub fn has_come(moment: Moment, at: Moment) -> bool {
    comes(moment, at);
    moment <= at
}

/// Notes that a moment makes a difference, if it is still to come.
pub fn comes(moment: Moment, at: Moment) {
    note(moment - at);
}

/// Whether something that began at a moment is older than this.
#[must_use]
pub fn is_older(began: Moment, age: TimeDelta, at: Moment) -> bool {
    let left = age.checked_sub(&(at - began)).unwrap_or(TimeDelta::MAX);
    note(left.checked_add(&TimeDelta::nanoseconds(1)).unwrap_or(left));
    left < TimeDelta::zero()
}

/// Whether less than this is left until a moment.
#[must_use]
pub fn is_nearer(moment: Moment, rest: TimeDelta, at: Moment) -> bool {
    let left = (moment - at).checked_sub(&rest).unwrap_or(TimeDelta::MAX);
    note(left.checked_add(&TimeDelta::nanoseconds(1)).unwrap_or(left));
    left < TimeDelta::zero()
}

/// Notes a turn that lies ahead.
fn note(left: TimeDelta) {
    if left > TimeDelta::zero() {
        note_meaning(left.to_std().unwrap_or_default());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::text::lasting::listen;

    /// At every turn the answer changes, and one before it does not.
    #[test]
    fn an_answer_holds_exactly_as_long_as_it_says() {
        let began: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let age = TimeDelta::minutes(30);
        let asked: [&dyn Fn(Moment) -> bool; 4] =
            [&|at| has_come(began, at), &|at| is_older(began, age, at), &|at| is_nearer(began, age, at), &|at| {
                is_nearer(began, TimeDelta::zero(), at)
            }];
        for (n, ask) in asked.into_iter().enumerate() {
            for minutes in [-300, -31, -30, -29, -1, 0, 1, 29, 30, 31, 300] {
                let at = began + TimeDelta::minutes(minutes);
                let (says, lasts) = listen(|| ask(at));
                let Ok(lasts) = TimeDelta::from_std(lasts.meaning) else { continue };
                assert_eq!(ask(at + lasts - TimeDelta::nanoseconds(1)), says, "{n} at {minutes}");
                assert_ne!(ask(at + lasts), says, "{n} at {minutes}");
            }
        }
        assert!(
            !is_older(Moment::MIN_UTC, TimeDelta::MAX, began) && !is_nearer(Moment::MAX_UTC, TimeDelta::MIN, began)
        );
    }
}
