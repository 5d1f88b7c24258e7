//! The course of an installation's alerts: how many fired in every quarter of an hour of the last three hours.

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::rules::turn::comes;

/// How long one count stands for.
const SLOT: TimeDelta = TimeDelta::minutes(15);

/// How many counts are remembered.
pub const SLOTS: usize = 12;

/// How many alerts fired, remembered from one judging to the next. It never grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertCourse {
    /// The newest slot, counted from the beginning of time.
    newest: i64,
    /// The most that fired in each, the oldest first; none where nobody told.
    most: [Option<u32>; SLOTS],
}

impl AlertCourse {
    /// After one more judging. `firing` is none where nobody who knows alerts answers.
    #[must_use]
    pub fn after(&self, firing: Option<u32>, at: Moment) -> Self {
        let slot = at.timestamp().div_euclid(SLOT.num_seconds());
        let next = Moment::from_timestamp(slot.saturating_add(1).saturating_mul(SLOT.num_seconds()), 0);
        if let Some(next) = next {
            comes(next, at);
        }
        let mut most = self.most;
        match usize::try_from(slot.saturating_sub(self.newest)) {
            Ok(passed) if passed < SLOTS => {
                most.rotate_left(passed);
                most.iter_mut().rev().take(passed).for_each(|count| *count = None);
            }
            _ => most = [None; SLOTS],
        }
        if let Some(last) = most.last_mut() {
            *last = (*last).max(firing);
        }
        Self { newest: slot, most }
    }

    /// The counts, the oldest first. Of less than two nobody can tell a course: then there are none.
    #[must_use]
    pub fn told(&self) -> Vec<Option<u32>> {
        if self.most.iter().flatten().count() < 2 { Vec::new() } else { self.most.to_vec() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_a_quarter_of_an_hour_is_kept_for_three_hours() {
        let start: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let minutes = |n: i64| start + TimeDelta::minutes(n);
        let mut course = AlertCourse::default();
        for (at, firing) in [(0, Some(1)), (5, Some(4)), (14, Some(0))] {
            course = course.after(firing, minutes(at));
        }
        assert_eq!(course.told(), vec![], "one count is no course");
        for (at, firing) in [(15, None), (30, Some(2)), (61, Some(0))] {
            course = course.after(firing, minutes(at));
        }
        let told = course.told();
        assert_eq!(told.len(), SLOTS);
        // Nobody told anything between 00:15 and 00:30, nor between 00:45 and 01:00.
        assert_eq!(told[SLOTS - 5..], [Some(4), None, Some(2), None, Some(0)]);
        assert_eq!(course.after(Some(7), minutes(61 + 180)).told(), vec![], "three hours later it is forgotten");
        assert_eq!(course.after(Some(7), minutes(-600)).told(), vec![], "and before it began as well");
    }
}
