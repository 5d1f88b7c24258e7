//! Moments, days and zones. The time itself is always an argument; who reads it implements [`Clock`].

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

pub use chrono_tz::Tz;

/// A point in time.
pub type Moment = DateTime<Utc>;

/// A date on a calendar, without a zone.
pub type Day = NaiveDate;

/// Who tells the time. One implementation reads the machine's clock, others a simulated one.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// A date or a moment, as people write them. A bare date begins where something begins and ends where something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Dated {
    /// A moment, to the second.
    At(Moment),
    /// A whole day in the fleet's zone.
    On(Day),
}

impl Dated {
    /// The moment from which this holds.
    #[must_use]
    pub fn begins(self, zone: Tz) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::On(day) => start_of(day, zone),
        }
    }

    /// The first moment at which this no longer holds.
    #[must_use]
    pub fn ends(self, zone: Tz) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::On(day) => end_of(day, zone),
        }
    }

    /// The calendar day this falls on.
    #[must_use]
    pub fn day(self, zone: Tz) -> Day {
        match self {
            Self::At(moment) => day_of(moment, zone),
            Self::On(day) => day,
        }
    }
}

/// The calendar day a moment falls on in a zone.
#[must_use]
pub fn day_of(moment: Moment, zone: Tz) -> Day {
    moment.with_timezone(&zone).date_naive()
}

/// The first moment of a day in a zone. Where midnight does not exist, the moment the clocks move to.
#[must_use]
pub fn start_of(day: Day, zone: Tz) -> Moment {
    local(day.and_time(NaiveTime::MIN), zone)
}

/// The first moment after a day in a zone.
#[must_use]
pub fn end_of(day: Day, zone: Tz) -> Moment {
    start_of(day.checked_add_days(Days::new(1)).unwrap_or(Day::MAX), zone)
}

/// Calendar days from one moment to another in a zone: 0 on the same day, negative backwards.
#[must_use]
pub fn days_between(from: Moment, to: Moment, zone: Tz) -> i64 {
    (day_of(to, zone) - day_of(from, zone)).num_days()
}

/// A wall-clock time as a moment. A time that does not exist moves forward by the gap; one that exists twice is the first.
#[must_use]
pub fn local(wall: NaiveDateTime, zone: Tz) -> Moment {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.with_timezone(&Utc),
        LocalResult::None => {
            // The offset in force before the gap, read a day earlier (two where that day was left out whole, as in Samoa).
            let before = [1, 2].into_iter().find_map(|days| {
                zone.from_local_datetime(&(wall - TimeDelta::days(days))).earliest().map(|at| (at, days))
            });
            match before {
                Some((at, days)) => (at + TimeDelta::days(days)).with_timezone(&Utc),
                None => Utc.from_utc_datetime(&wall),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn wall_clock_times_survive_both_clock_changes() {
        for (zone, wall, moment) in [
            (Tz::Europe__Berlin, "2026-10-22T17:00:00", "2026-10-22T15:00:00Z"),
            (Tz::Europe__Berlin, "2026-10-26T17:00:00", "2026-10-26T16:00:00Z"),
            (Tz::Europe__Berlin, "2027-03-28T02:30:00", "2027-03-28T01:30:00Z"), // does not exist: 03:30 summer time
            (Tz::Europe__Berlin, "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"), // exists twice: the first
            (Tz::Australia__Sydney, "2026-10-04T02:30:00", "2026-10-03T16:30:00Z"),
            (Tz::Australia__Sydney, "2027-04-04T02:30:00", "2027-04-03T15:30:00Z"),
            (Tz::Australia__Lord_Howe, "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"), // a gap of half an hour
            (Tz::Pacific__Apia, "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"),        // the day that was left out
        ] {
            assert_eq!(local(wall.parse().unwrap(), zone), at(moment), "{wall} in {zone}");
        }
    }

    #[test]
    fn a_day_begins_where_something_begins_and_ends_where_something_ends() {
        let day = Dated::On("2026-10-25".parse().unwrap());
        assert_eq!(day.begins(Tz::Europe__Berlin), at("2026-10-24T22:00:00Z"));
        assert_eq!(day.ends(Tz::Europe__Berlin), at("2026-10-25T23:00:00Z"));
    }

    #[test]
    fn days_are_counted_on_the_calendar_of_the_zone() {
        let (late, early) = (at("2026-11-20T23:30:00Z"), at("2026-11-21T22:30:00Z"));
        assert_eq!(days_between(late, early, Tz::Europe__Berlin), 0);
        assert_eq!(days_between(late, early, Tz::UTC), 1);
        assert_eq!(days_between(early, late, Tz::UTC), -1);
    }
}
