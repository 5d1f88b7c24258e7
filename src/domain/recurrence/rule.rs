//! A rule and the days it falls on.
//!
//! A rule is looked at as a filter: a period (day, week, month, year) counts when its distance from the anchor's
//! period is a multiple of the interval, and of the days in it those count that every `BY...` part lets through. So the
//! days between two dates cost the days between them, wherever the rule began, and a rule that falls on no day ends.

use chrono::{Datelike, Days, Months, Weekday};

use crate::domain::clock::{Day, Moment};

/// What a rule counts from where nobody says since when: a Monday, the first of a month and of a year.
const ANCHOR: Day = match Day::from_ymd_opt(2001, 1, 1) {
    Some(day) => day,
    None => Day::MIN,
};

/// How far ahead a next day is looked for. A 29 February on a given weekday may keep people waiting for forty years.
const PATIENCE: Days = Days::new(366 * 57);

/// A recurrence rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) every: Every,
    pub(super) interval: i64,
    pub(super) count: Option<usize>,
    pub(super) until: Option<Until>,
    pub(super) week_start: Weekday,
    pub(super) months: Vec<i64>,
    pub(super) month_days: Vec<i64>,
    pub(super) year_days: Vec<i64>,
    pub(super) weeks: Vec<i64>,
    pub(super) weekdays: Vec<(Option<i64>, Weekday)>,
    pub(super) positions: Vec<i64>,
}

/// The period a rule repeats by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// The end of a rule; what falls on it still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This day is the last.
    Day(Day),
    /// What begins at this moment, or before, counts.
    Moment(Moment),
    /// The same on the wall clock of whoever follows the rule.
    Wall(chrono::NaiveDateTime),
}

impl Rule {
    /// When the rule ends, where it does. [`Rule::days`] honours it to the day; the time of day is the caller's.
    #[must_use]
    pub fn until(&self) -> Option<Until> {
        self.until
    }

    /// The days from one to another, both included, on which the rule falls, in order.
    ///
    /// `since` is the first day that may count, and what intervals and counts are counted from.
    #[must_use]
    pub fn days(&self, since: Option<Day>, from: Day, to: Day) -> Vec<Day> {
        let anchor = since.unwrap_or(ANCHOR);
        let rule = self.settled(anchor);
        // Only a count looks back: how many there were before decides how many are left.
        let begin = match self.count {
            Some(_) => anchor,
            None => since.map_or(from, |since| from.max(since)),
        };
        let last = to.min(self.last_day().unwrap_or(Day::MAX));
        let mut left = self.count.unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut period = rule.period_of(begin);
        while let Some((start, next)) = period {
            if start > last || left == 0 {
                break;
            }
            if rule.counts(start, anchor) {
                for day in rule.days_within(start, next) {
                    if day < begin || day > last || left == 0 {
                        continue;
                    }
                    left -= 1;
                    if day >= from {
                        found.push(day);
                    }
                }
            }
            period = (next > start).then(|| rule.period_of(next)).flatten();
        }
        found
    }

    /// The first day from this one on, itself included; none where none comes in half a century.
    #[must_use]
    pub fn first(&self, since: Option<Day>, from: Day) -> Option<Day> {
        let end = from.checked_add_days(PATIENCE).unwrap_or(Day::MAX);
        let mut begin = from;
        let mut reach = 40;
        while begin <= end {
            let to = begin.checked_add_days(Days::new(reach)).unwrap_or(Day::MAX).min(end);
            if let Some(day) = self.days(since, begin, to).first() {
                return Some(*day);
            }
            begin = to.succ_opt()?;
            reach *= 4;
        }
        None
    }

    /// The last day the rule can fall on, generously where its end has a time: a zone may be a day ahead.
    fn last_day(&self) -> Option<Day> {
        self.until.map(|until| match until {
            Until::Day(day) => day,
            Until::Moment(moment) => moment.date_naive().succ_opt().unwrap_or(Day::MAX),
            Until::Wall(wall) => wall.date(),
        })
    }

    /// Whether the rule itself names the days; else it takes them from the day it counts from.
    pub(super) fn names_days(&self) -> bool {
        self.every == Every::Day
            || !(self.month_days.is_empty()
                && self.year_days.is_empty()
                && self.weeks.is_empty()
                && self.weekdays.is_empty())
    }

    /// The same with what it takes from the day it counts from.
    fn settled(&self, anchor: Day) -> Self {
        let mut rule = self.clone();
        if !self.names_days() {
            match self.every {
                Every::Day => {}
                Every::Week => rule.weekdays.push((None, anchor.weekday())),
                Every::Month => rule.month_days.push(anchor.day().into()),
                Every::Year => {
                    rule.month_days.push(anchor.day().into());
                    if rule.months.is_empty() {
                        rule.months.push(anchor.month().into());
                    }
                }
            }
        }
        rule
    }

    /// The period a day lies in: its first day, and the next one's.
    fn period_of(&self, day: Day) -> Option<(Day, Day)> {
        let start = match self.every {
            Every::Day => day,
            Every::Week => self.week_of(day)?,
            Every::Month => day.with_day(1)?,
            Every::Year => day.with_ordinal(1)?,
        };
        let next = match self.every {
            Every::Day => start.checked_add_days(Days::new(1)),
            Every::Week => start.checked_add_days(Days::new(7)),
            Every::Month => start.checked_add_months(Months::new(1)),
            Every::Year => start.checked_add_months(Months::new(12)),
        }?;
        Some((start, next))
    }

    /// The first day of the week a day lies in.
    fn week_of(&self, day: Day) -> Option<Day> {
        day.checked_sub_days(Days::new(day.weekday().days_since(self.week_start).into()))
    }

    /// Whether the period that begins here is one of those the interval lets through.
    fn counts(&self, start: Day, anchor: Day) -> bool {
        let months = |day: Day| i64::from(day.year()) * 12 + i64::from(day.month0());
        let Some((begin, _)) = self.period_of(anchor) else { return false };
        let distance = match self.every {
            Every::Day => (start - begin).num_days(),
            Every::Week => (start - begin).num_days() / 7,
            Every::Month => months(start) - months(begin),
            Every::Year => i64::from(start.year()) - i64::from(begin.year()),
        };
        distance % self.interval == 0
    }

    /// The days of one period, after `BYSETPOS`.
    fn days_within(&self, start: Day, next: Day) -> Vec<Day> {
        let days: Vec<Day> = start.iter_days().take_while(|day| *day < next).filter(|day| self.matches(*day)).collect();
        if self.positions.is_empty() {
            return days;
        }
        let length = i64::try_from(days.len()).unwrap_or(i64::MAX);
        (1_i64..)
            .zip(days)
            .filter(|(position, _)| hits(&self.positions, *position, length))
            .map(|(_, day)| day)
            .collect()
    }

    fn matches(&self, day: Day) -> bool {
        let unless_empty = |list: &[i64], test: &dyn Fn() -> bool| list.is_empty() || test();
        unless_empty(&self.months, &|| self.months.contains(&day.month().into()))
            && unless_empty(&self.month_days, &|| hits(&self.month_days, day.day().into(), month_length(day)))
            && unless_empty(&self.year_days, &|| hits(&self.year_days, day.ordinal().into(), year_length(day)))
            && unless_empty(&self.weeks, &|| {
                self.week_number(day).is_some_and(|(week, weeks)| hits(&self.weeks, week, weeks))
            })
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|(nth, weekday)| self.is_nth(day, *nth, *weekday)))
    }

    /// Whether a day is the n-th such weekday of its month, or of its year where the rule speaks of years alone.
    fn is_nth(&self, day: Day, nth: Option<i64>, weekday: Weekday) -> bool {
        if day.weekday() != weekday {
            return false;
        }
        let Some(nth) = nth else { return true };
        let (place, length) = if self.every == Every::Year && self.months.is_empty() {
            (i64::from(day.ordinal()), year_length(day))
        } else {
            (i64::from(day.day()), month_length(day))
        };
        if nth > 0 { (place - 1) / 7 + 1 == nth } else { (length - place) / 7 + 1 == -nth }
    }

    /// The number of a day's week, and how many weeks that year has. The first week has four days of its year or more.
    fn week_number(&self, day: Day) -> Option<(i64, i64)> {
        let number = |day: Day| -> Option<(i32, i64)> {
            let middle = self.week_of(day)?.checked_add_days(Days::new(3))?;
            Some((middle.year(), i64::from(middle.ordinal0() / 7) + 1))
        };
        let (year, week) = number(day)?;
        // 28 December always lies in the last week.
        let (_, weeks) = number(Day::from_ymd_opt(year, 12, 28)?)?;
        Some((week, weeks))
    }
}

/// Whether a place in a row of that length is named, counted from the front or, below zero, from the back.
fn hits(named: &[i64], place: i64, length: i64) -> bool {
    named.contains(&place) || named.contains(&(place - length - 1))
}

fn month_length(day: Day) -> i64 {
    day.num_days_in_month().into()
}

fn year_length(day: Day) -> i64 {
    if day.leap_year() { 366 } else { 365 }
}
