//! Periods told as two cron expressions and a zone, as dated freezes.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta};
use croner::Cron;

use crate::domain::clock::{Moment, Tz};
use crate::domain::planned::{Freeze, Reach};
use crate::text::clean::Clean;

/// How far ahead freezes are told.
const AHEAD: TimeDelta = TimeDelta::days(120);

/// How many of one rule: a weekly one fills four months.
const MOST: usize = 20;

/// The freezes of a rule: the one that holds now, and those that begin in the next months.
///
/// # Errors
/// Says which part cannot be read.
pub fn freezes(start: &str, end: &str, zone: &str, now: Moment) -> Result<Vec<Freeze>, String> {
    let zone = zone_of(zone).ok_or_else(|| format!("`{zone}` is no known zone"))?;
    let read = |text: &str| Cron::from_str(text).map_err(|error| format!("`{text}` is no cron expression: {error}"));
    let (starts, ends) = (read(start)?, read(end)?);
    let next = |cron: &Cron, at: DateTime<Tz>| cron.find_next_occurrence(&at, false).ok();
    let mut freezes = Vec::new();
    // The period that holds now began at the last start, if no end came after it.
    let local = now.with_timezone(&zone);
    let mut from = starts.find_previous_occurrence(&local, true).ok().or_else(|| next(&starts, local));
    while let Some(begin) = from {
        if begin.to_utc() > now + AHEAD || freezes.len() >= MOST {
            break;
        }
        let Some(finish) = next(&ends, begin) else { break };
        if finish.to_utc() > now {
            freezes.push(Freeze {
                // When, stands beside it; how GitLab writes that down, nobody reads at night.
                title: Clean::line("freeze period"),
                start: begin.to_utc(),
                end: finish.to_utc(),
                reach: Reach::Fleet,
            });
        }
        from = next(&starts, begin);
    }
    Ok(freezes)
}

/// The last time an expression came before a moment, that one included.
#[must_use]
pub fn last(cron: &str, zone: Tz, now: Moment) -> Option<Moment> {
    let cron = Cron::from_str(cron).ok()?;
    cron.find_previous_occurrence(&now.with_timezone(&zone), true).ok().map(|at| at.to_utc())
}

/// A zone by its IANA name, or by the city Rails calls it by.
fn zone_of(name: &str) -> Option<Tz> {
    let city = name.replace(' ', "_");
    name.parse().ok().or_else(|| {
        let known = [
            ("Eastern_Time_(US_&_Canada)", Tz::America__New_York),
            ("Central_Time_(US_&_Canada)", Tz::America__Chicago),
            ("Mountain_Time_(US_&_Canada)", Tz::America__Denver),
            ("Pacific_Time_(US_&_Canada)", Tz::America__Los_Angeles),
            ("Bern", Tz::Europe__Zurich),
            ("Edinburgh", Tz::Europe__London),
            ("International_Date_Line_West", Tz::Etc__GMTPlus12),
        ];
        let by_table = known.iter().find(|(rails, _)| *rails == city).map(|(_, zone)| *zone);
        by_table.or_else(|| {
            let mut zones = chrono_tz::TZ_VARIANTS.iter();
            zones.find(|zone| zone.name().rsplit('/').next() == Some(city.as_str())).copied()
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn a_weekend_freeze_holds_from_friday_evening_to_monday_morning() {
        // Saturday: inside the one that began on Friday 18:00 in Berlin.
        let freezes = freezes("0 18 * * 5", "0 7 * * 1", "Berlin", at("2026-11-21T01:17:00Z")).unwrap();
        assert_eq!(freezes[0].start, at("2026-11-20T17:00:00Z"));
        assert_eq!(freezes[0].end, at("2026-11-23T06:00:00Z"));
        assert_eq!(freezes[1].start, at("2026-11-27T17:00:00Z"));
        assert!(freezes.len() > 10);
    }

    #[test]
    fn a_yearly_freeze_is_told_before_it_begins() {
        let freezes = freezes("0 0 18 12 *", "0 6 7 1 *", "UTC", at("2026-11-21T01:17:00Z")).unwrap();
        let expected = [(at("2026-12-18T00:00:00Z"), at("2027-01-07T06:00:00Z"))];
        let told: Vec<_> = freezes.iter().map(|freeze| (freeze.start, freeze.end)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_cannot_be_read_says_which_part() {
        for (start, zone) in [("every friday", "UTC"), ("0 18 * * 5", "Middle Earth"), ("", "UTC")] {
            assert!(freezes(start, "0 7 * * 1", zone, at("2026-11-21T01:17:00Z")).is_err(), "{start} {zone}");
        }
    }
}
