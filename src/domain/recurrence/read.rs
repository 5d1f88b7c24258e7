//! A rule from its text, and what is wrong with one, said so that a person can mend it.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, Weekday};

use super::rule::{Every, Rule, Until};
use crate::domain::clock::Day;

/// How long a rule may be written. The longest honest one names every day of a year.
const LONGEST: usize = 2_000;

/// What is wrong with a rule that days are to be counted from `since` by; nothing where it is fit for a window.
///
/// # Errors
///
/// A sentence for the person who wrote it.
pub fn check(rrule: &str, since: Option<Day>) -> Result<(), String> {
    let rule = Rule::read(rrule)?;
    if since.is_none() {
        if rule.interval > 1 {
            return Err(format!("`INTERVAL={}` needs `since`, the day it counts from", rule.interval));
        }
        if rule.count.is_some() {
            return Err("`COUNT` needs `since`, the day it counts from".to_owned());
        }
        if !rule.names_days() {
            return Err(match rule.every {
                Every::Week => "the rule names no day: add `BYDAY` such as `BYDAY=MO`, or `since`",
                Every::Day | Every::Month => "the rule names no day: add `BYMONTHDAY` or `BYDAY`, or `since`",
                Every::Year => "the rule names no day: add `BYMONTH` with `BYMONTHDAY` or `BYDAY`, or `since`",
            }
            .to_owned());
        }
    }
    // A rule may have ended long ago, and that is no fault; one that never fell on any day is.
    let begin = since.unwrap_or(match rule.until {
        None => Day::from_ymd_opt(2001, 1, 1).unwrap_or_default(),
        Some(Until::Day(day)) => years_before(day),
        Some(Until::Moment(moment)) => years_before(moment.date_naive()),
        Some(Until::Wall(wall)) => years_before(wall.date()),
    });
    match (rule.first(since, begin), rule.until, since) {
        (Some(_), _, _) => Ok(()),
        (None, Some(_), Some(_)) => Err("no day lies between `since` and `UNTIL` on which the rule falls".to_owned()),
        (None, _, _) => Err("the rule falls on no day at all".to_owned()),
    }
}

fn years_before(day: Day) -> Day {
    day.checked_sub_months(chrono::Months::new(12 * 45)).unwrap_or(Day::MIN)
}

impl Rule {
    /// Reads a rule such as `FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU`. The time of day has no place in it.
    ///
    /// # Errors
    ///
    /// A sentence for the person who wrote it.
    pub fn read(rrule: &str) -> Result<Self, String> {
        if rrule.len() > LONGEST {
            return Err(format!("a rule longer than {LONGEST} characters is none anybody meant"));
        }
        let text = rrule.trim().to_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if !text.is_ascii() {
            return Err("a rule is written in plain letters, like `FREQ=WEEKLY;BYDAY=MO`".to_owned());
        }
        let mut every = None;
        let mut rule = Self {
            every: Every::Day,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Mon,
            months: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            weeks: Vec::new(),
            weekdays: Vec::new(),
            positions: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((key, value)) = part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
                return Err(format!("`{part}` is no part of a rule: they look like `BYDAY=MO`"));
            };
            if !seen.insert(key) {
                return Err(format!("`{key}` is given twice"));
            }
            match key {
                "FREQ" => every = Some(frequency(value)?),
                "INTERVAL" => rule.interval = positive(key, value)?,
                "COUNT" => rule.count = Some(usize::try_from(positive(key, value)?).unwrap_or(usize::MAX)),
                "UNTIL" => rule.until = Some(until(value)?),
                "WKST" => {
                    rule.week_start =
                        weekday(value).ok_or_else(|| format!("`WKST` wants a day like `MO`, found `{value}`"))?;
                }
                "BYMONTH" => rule.months = numbers(key, value, Signs::Plain, 12)?,
                "BYMONTHDAY" => rule.month_days = numbers(key, value, Signs::Both, 31)?,
                "BYYEARDAY" => rule.year_days = numbers(key, value, Signs::Both, 366)?,
                "BYWEEKNO" => rule.weeks = numbers(key, value, Signs::Both, 53)?,
                "BYSETPOS" => rule.positions = numbers(key, value, Signs::Both, 366)?,
                "BYDAY" => rule.weekdays = value.split(',').map(nth_weekday).collect::<Result<_, _>>()?,
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
                    return Err(format!("`{key}` has no place here: the time of day is given apart, as `start`"));
                }
                _ => return Err(format!("`{key}` is no part of a rule that is known here")),
            }
        }
        rule.every = every.ok_or("`FREQ` is missing: a rule begins like `FREQ=WEEKLY;BYDAY=MO`")?;
        rule.agrees()?;
        Ok(rule)
    }

    /// What RFC 5545 forbids together.
    fn agrees(&self) -> Result<(), String> {
        let numbered = self.weekdays.iter().any(|(nth, _)| nth.is_some());
        let alone = [&self.months, &self.month_days, &self.year_days, &self.weeks].iter().all(|list| list.is_empty())
            && self.weekdays.is_empty();
        let wrong = if self.count.is_some() && self.until.is_some() {
            "`COUNT` and `UNTIL` exclude each other"
        } else if !self.weeks.is_empty() && self.every != Every::Year {
            "`BYWEEKNO` goes with `FREQ=YEARLY` only"
        } else if !self.year_days.is_empty() && self.every != Every::Year {
            "`BYYEARDAY` goes with `FREQ=YEARLY` only"
        } else if !self.month_days.is_empty() && self.every == Every::Week {
            "`BYMONTHDAY` does not go with `FREQ=WEEKLY`"
        } else if numbered && matches!(self.every, Every::Day | Every::Week) {
            "a numbered day such as `1TU` goes with `FREQ=MONTHLY` or `FREQ=YEARLY` only"
        } else if numbered && !self.weeks.is_empty() {
            "a numbered day such as `1TU` does not go with `BYWEEKNO`"
        } else if alone && !self.positions.is_empty() {
            "`BYSETPOS` chooses among the days of other parts: add one such as `BYDAY`"
        } else {
            return Ok(());
        };
        Err(wrong.to_owned())
    }
}

fn frequency(value: &str) -> Result<Every, String> {
    match value {
        "DAILY" => Ok(Every::Day),
        "WEEKLY" => Ok(Every::Week),
        "MONTHLY" => Ok(Every::Month),
        "YEARLY" => Ok(Every::Year),
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            Err(format!("`FREQ={value}` is finer than a day: use `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`"))
        }
        _ => Err(format!("`FREQ` wants `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`, found `{value}`")),
    }
}

fn positive(key: &str, value: &str) -> Result<i64, String> {
    match value.parse::<u32>() {
        Ok(number) if (1..=10_000).contains(&number) => Ok(number.into()),
        Ok(_) | Err(_) => Err(format!("`{key}` wants a whole number from 1 to 10000, found `{value}`")),
    }
}

/// A day, a moment, or a time on the wall: `20270131`, `20270131T160000Z`, `20270131T170000`.
fn until(value: &str) -> Result<Until, String> {
    let wall = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let read = match value.strip_suffix('Z') {
        Some(utc) => wall(utc).map(|wall| Until::Moment(wall.and_utc())),
        None => match Day::parse_from_str(value, "%Y%m%d") {
            Ok(day) => Some(Until::Day(day)),
            Err(_) => wall(value).map(Until::Wall),
        },
    };
    read.ok_or_else(|| {
        format!("`UNTIL` wants a day like `20270131` or a time like `20270131T160000Z`, found `{value}`")
    })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// `MO`, `1TU` or `-1FR`.
fn nth_weekday(text: &str) -> Result<(Option<i64>, Weekday), String> {
    let text = text.trim();
    let wrong = || format!("`BYDAY` wants days like `MO`, `1TU` or `-1FR`, found `{text}`");
    let (number, day) = text.split_at_checked(text.len().saturating_sub(2)).ok_or_else(wrong)?;
    let day = weekday(day).ok_or_else(wrong)?;
    if number.is_empty() {
        return Ok((None, day));
    }
    match number.parse::<i64>() {
        Ok(nth) if nth != 0 && nth.abs() <= 53 => Ok((Some(nth), day)),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

/// Whether a number may count from the back.
#[derive(Clone, Copy, PartialEq)]
enum Signs {
    Plain,
    Both,
}

fn numbers(key: &str, value: &str, signs: Signs, most: i64) -> Result<Vec<i64>, String> {
    let one = |text: &str| match text.trim().parse::<i64>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        Ok(number) if signs == Signs::Both && (-most..=-1).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(match signs {
            Signs::Plain => format!("`{key}` wants numbers from 1 to {most}, found `{text}`"),
            Signs::Both => {
                format!("`{key}` wants numbers from 1 to {most}, or below zero from the end, found `{text}`")
            }
        }),
    };
    value.split(',').map(one).collect()
}
