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

    /// The course that was told in a judging at this time. One of another length was told by somebody else, and is none.
    #[must_use]
    pub fn again(told: &[Option<u32>], at: Moment) -> Self {
        let newest = at.timestamp().div_euclid(SLOT.num_seconds());
        told.try_into().map_or_else(|_| Self::default(), |most| Self { newest, most })
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
    use proptest::prelude::*;

    use super::*;

    fn start() -> Moment {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn run(mut course: AlertCourse, mut at: Moment, steps: &[(i64, Option<u32>)]) -> (AlertCourse, Moment) {
        for (minutes, firing) in steps {
            at += TimeDelta::minutes(*minutes);
            course = course.after(*firing, at);
        }
        (course, at)
    }

    proptest! {
        /// Whoever starts again goes on as if nothing had happened, but that of the time between nobody knows anything.
        #[test]
        fn a_course_told_again_goes_on_as_if_it_had_never_ended(
            before in prop::collection::vec((0_i64..40, prop::option::of(0_u32..9)), 1..20),
            after in prop::collection::vec((0_i64..40, prop::option::of(0_u32..9)), 1..20),
        ) {
            let (course, left) = run(AlertCourse::default(), start(), &before);
            // One count alone is no course, and is not told.
            prop_assume!(!course.told().is_empty());
            let again = AlertCourse::again(&course.told(), left);
            prop_assert_eq!(run(again, left, &after), run(course, left, &after));
        }

        #[test]
        fn what_was_told_by_somebody_else_is_no_course(
            told in prop::collection::vec(prop::option::of(any::<u32>()), 0..30),
            minutes in -9000_i64..9000,
        ) {
            let at = start() + TimeDelta::minutes(minutes);
            let course = AlertCourse::again(&told, at);
            if told.len() != SLOTS {
                prop_assert_eq!(&course, &AlertCourse::default());
            }
            let later = course.after(Some(1), at + TimeDelta::minutes(30)).told();
            // Of the quarter of an hour nobody asked in, nothing is known.
            prop_assert!(later.is_empty() || later[SLOTS - 2].is_none());
        }
    }

    #[test]
    fn the_most_of_a_quarter_of_an_hour_is_kept_for_three_hours() {
        let minutes = |n: i64| start() + TimeDelta::minutes(n);
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
