//! Windows, quarterly upgrades with their notices, and freezes, on the wall clocks of those concerned.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};

use super::dice::Dice;
use super::scenario::HOME;
use crate::domain::clock::{Moment, Tz, day_of, local, start_of};

/// A recurring window.
#[derive(Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name in the fleet file.
    pub name: &'static str,
    /// Its rule, as the fleet file says it.
    pub rrule: &'static str,
    /// The day from which the rule counts.
    pub since: Option<&'static str>,
    /// The same rule, as the world computes it.
    rhythm: Rhythm,
    /// The hour it opens.
    pub hour: u32,
    /// How long it stays open.
    pub hours: u32,
    /// Whose wall clock.
    pub zone: Tz,
}

#[derive(Debug, PartialEq, Eq)]
enum Rhythm {
    Weekly(Weekday),
    /// The first such weekday of every third month, counted from this one.
    Quarterly(Weekday, u32),
}

/// One time a window is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When it opens.
    pub start: Moment,
    /// When it closes.
    pub end: Moment,
    /// Which one it is; the same for the same opening, whoever asks.
    pub number: i64,
}

const fn weekly(name: &'static str, rrule: &'static str, day: Weekday, (hour, hours): (u32, u32), zone: Tz) -> Slot {
    Slot { name, rrule, since: None, rhythm: Rhythm::Weekly(day), hour, hours, zone }
}

/// Mondays at the vendor.
pub static MONDAY: Slot = weekly("monday", "FREQ=WEEKLY;BYDAY=MO", Weekday::Mon, (17, 4), HOME);
/// Thursdays at the vendor.
pub static THURSDAY: Slot = weekly("thursday", "FREQ=WEEKLY;BYDAY=TH", Weekday::Thu, (17, 4), HOME);
/// Tuesday evenings in Zurich.
pub static ZURICH: Slot = weekly("tuesday-zurich", "FREQ=WEEKLY;BYDAY=TU", Weekday::Tue, (20, 3), Tz::Europe__Zurich);
/// Wednesday evenings in London.
pub static LONDON: Slot = weekly("wednesday-london", "FREQ=WEEKLY;BYDAY=WE", Weekday::Wed, (18, 4), Tz::Europe__London);
/// Saturday mornings in New York.
pub static NEW_YORK: Slot =
    weekly("saturday-new-york", "FREQ=WEEKLY;BYDAY=SA", Weekday::Sat, (6, 5), Tz::America__New_York);
/// The quarterly upgrade of the first group.
pub static QUARTERLY: Slot = Slot {
    name: "quarterly",
    rrule: "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU",
    since: Some("2025-02-04"),
    rhythm: Rhythm::Quarterly(Weekday::Tue, 2),
    hour: 20,
    hours: 3,
    zone: Tz::Europe__Rome,
};
/// The quarterly upgrade of the second group.
pub static QUARTERLY_LATE: Slot = Slot {
    name: "quarterly-late",
    rrule: "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TH",
    since: Some("2025-03-06"),
    rhythm: Rhythm::Quarterly(Weekday::Thu, 3),
    hour: 21,
    hours: 4,
    zone: HOME,
};

/// Every window there is.
pub static SLOTS: [&Slot; 7] = [&MONDAY, &THURSDAY, &ZURICH, &LONDON, &NEW_YORK, &QUARTERLY, &QUARTERLY_LATE];

impl Slot {
    /// The openings that end after `from` and start before `until`, in order.
    #[must_use]
    pub fn openings(&self, from: Moment, until: Moment) -> Vec<Opening> {
        let first = day_of(from, self.zone) - TimeDelta::days(1);
        let last = day_of(until, self.zone) + TimeDelta::days(1);
        self.days(first, last)
            .into_iter()
            .filter_map(|day| self.opening(day))
            .filter(|opening| opening.end > from && opening.start < until)
            .collect()
    }

    /// The opening at that moment, or else the next.
    #[must_use]
    pub fn next(&self, at: Moment) -> Option<Opening> {
        self.openings(at, at + TimeDelta::days(200)).into_iter().next()
    }

    /// Whether it comes once a quarter.
    #[must_use]
    pub fn is_quarterly(&self) -> bool {
        matches!(self.rhythm, Rhythm::Quarterly(..))
    }

    fn days(&self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        match self.rhythm {
            Rhythm::Weekly(weekday) => {
                let ahead = weekday.days_since(first.weekday());
                let start = first + TimeDelta::days(i64::from(ahead));
                start.iter_weeks().take_while(|day| *day <= last).collect()
            }
            Rhythm::Quarterly(weekday, month) => (first.year()..=last.year())
                .flat_map(|year| (1..=12).map(move |number| (year, number)))
                .filter(|(_, number)| number % 3 == month % 3)
                .filter_map(|(year, number)| NaiveDate::from_weekday_of_month_opt(year, number, weekday, 1))
                .filter(|day| (first..=last).contains(day))
                .collect(),
        }
    }

    fn opening(&self, day: NaiveDate) -> Option<Opening> {
        let start = local(day.and_time(NaiveTime::from_hms_opt(self.hour, 0, 0)?), self.zone);
        let end = start + TimeDelta::hours(i64::from(self.hours));
        Some(Opening { start, end, number: i64::from(day.num_days_from_ce()) })
    }
}

/// A dated time in which nothing may roll out anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its title.
    pub title: String,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// The freezes of the whole fleet in the years around a moment.
#[must_use]
pub fn freezes(at: Moment) -> Vec<Closed> {
    let year = day_of(at, HOME).year();
    (year - 1..=year + 1)
        .filter_map(|year| {
            let first = NaiveDate::from_ymd_opt(year, 12, 19)?;
            let last = NaiveDate::from_ymd_opt(year + 1, 1, 6)?;
            Some(Closed { title: format!("Year-end freeze {year}"), first, last })
        })
        .collect()
}

/// Whether the whole fleet is frozen at that moment.
#[must_use]
pub fn is_frozen(at: Moment) -> bool {
    let day = day_of(at, HOME);
    matches!((day.month(), day.day()), (12, 19..) | (1, ..=6))
}

/// Whether a bank that closes its books is frozen: from the 28th until the 2nd.
#[must_use]
pub fn is_month_end(at: Moment) -> bool {
    let day = at.day();
    day >= 28 || day == 1 || (day == 2 && at < start_of(at.date_naive(), Tz::UTC) + TimeDelta::hours(6))
}

/// A quarterly upgrade, with its notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The window it takes place in.
    pub slot: &'static str,
    /// Its title.
    pub title: String,
    /// The opening.
    pub opening: Opening,
    /// When it is announced.
    pub announced: Moment,
}

/// The quarterly upgrades around a moment: the last two and the next two of each group.
#[must_use]
pub fn upgrades(seed: u64, at: Moment) -> Vec<Upgrade> {
    let mut found = Vec::new();
    for slot in [&QUARTERLY, &QUARTERLY_LATE] {
        for opening in slot.openings(at - TimeDelta::days(200), at + TimeDelta::days(190)) {
            let mut dice = Dice::of(seed, &["notice", slot.name], opening.number);
            // One notice in six goes out too late: the cockpit has to see it.
            let days = if dice.chance(170) { dice.within(6, 12) } else { dice.within(16, 38) };
            let announced = opening.start - TimeDelta::days(days) - TimeDelta::minutes(dice.within(300, 700));
            let day = day_of(opening.start, slot.zone);
            let title = format!("Q{} {} platform upgrade", day.month0() / 3 + 1, day.year());
            found.push(Upgrade { slot: slot.name, title, opening, announced });
        }
    }
    found.sort_by_key(|upgrade| (upgrade.opening.start, upgrade.slot));
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn windows_keep_their_wall_clock_hour() {
        for (slot, from, start) in [
            (&MONDAY, "2026-10-20T00:00:00Z", "2026-10-26T16:00:00Z"),
            (&MONDAY, "2026-10-13T00:00:00Z", "2026-10-19T15:00:00Z"),
            (&THURSDAY, "2026-11-21T00:00:00Z", "2026-11-26T16:00:00Z"),
            (&NEW_YORK, "2026-11-21T00:00:00Z", "2026-11-21T11:00:00Z"),
            (&QUARTERLY, "2026-11-21T00:00:00Z", "2027-02-02T19:00:00Z"),
            (&QUARTERLY_LATE, "2026-11-21T00:00:00Z", "2026-12-03T20:00:00Z"),
        ] {
            assert_eq!(slot.next(at(from)).unwrap().start, at(start), "{} after {from}", slot.name);
        }
    }

    #[test]
    fn an_open_window_is_the_next_one() {
        let open = MONDAY.next(at("2026-11-23T18:00:00Z")).unwrap();
        assert_eq!((open.start, open.end), (at("2026-11-23T16:00:00Z"), at("2026-11-23T20:00:00Z")));
    }

    #[test]
    fn freezes_hold_around_the_turn_of_the_year_and_of_a_banks_month() {
        for (moment, fleet, bank) in [
            ("2026-11-21T08:00:00Z", false, false),
            ("2026-12-18T22:59:59Z", false, false),
            ("2026-12-18T23:00:00Z", true, false),
            ("2027-01-06T22:59:00Z", true, false),
            ("2027-01-06T23:00:00Z", false, false),
            ("2026-11-28T00:00:00Z", false, true),
            ("2026-12-02T05:59:00Z", false, true),
            ("2026-12-02T06:00:00Z", false, false),
        ] {
            assert_eq!((is_frozen(at(moment)), is_month_end(at(moment))), (fleet, bank), "{moment}");
        }
    }

    #[test]
    fn an_upgrade_is_the_same_whenever_one_looks() {
        let (early, late) = (upgrades(7, at("2026-10-01T00:00:00Z")), upgrades(7, at("2026-11-21T00:00:00Z")));
        let both: Vec<_> = early.iter().filter(|one| late.iter().any(|two| two.title == one.title)).collect();
        assert!(both.len() >= 4);
        assert!(both.iter().all(|one| late.contains(one)));
    }
}
