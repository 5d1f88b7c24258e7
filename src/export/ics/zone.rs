//! VTIMEZONE: the clock changes a reader needs to understand wall-clock times, told one by one.

use chrono::{Offset, TimeDelta};

use super::Lines;
use crate::domain::clock::{Moment, Tz};

/// Writes the observances of a zone from the one in force at `from` to the last before `to`.
pub(super) fn write(zone: Tz, from: Moment, to: Moment, lines: &mut Lines) {
    lines.put("BEGIN", "VTIMEZONE");
    lines.put("TZID", zone.name());
    let turns = turns(zone, from - TimeDelta::days(366), to + TimeDelta::days(1));
    if turns.first().is_none_or(|first| *first > from) {
        // Nothing changed in the year before: what holds has held since long.
        let begin = from - TimeDelta::days(366);
        observance(zone, begin, seconds(zone, begin), lines);
    }
    for at in turns {
        observance(zone, at, seconds(zone, at - TimeDelta::seconds(1)), lines);
    }
    lines.put("END", "VTIMEZONE");
}

fn observance(zone: Tz, at: Moment, before: i32, lines: &mut Lines) {
    let after = seconds(zone, at);
    let kind = if after > before { "DAYLIGHT" } else { "STANDARD" };
    let wall = at + TimeDelta::seconds(i64::from(before));
    lines.put("BEGIN", kind);
    lines.put("DTSTART", &wall.format("%Y%m%dT%H%M%S").to_string());
    lines.put("TZOFFSETFROM", &offset(before));
    lines.put("TZOFFSETTO", &offset(after));
    lines.put("TZNAME", &at.with_timezone(&zone).format("%Z").to_string());
    lines.put("END", kind);
}

/// The moments at which the clocks of a zone change: the first ones of the new offset.
fn turns(zone: Tz, from: Moment, to: Moment) -> Vec<Moment> {
    let mut found = Vec::new();
    let mut day = from;
    while day < to {
        let next = day + TimeDelta::days(1);
        if seconds(zone, day) != seconds(zone, next) {
            let (mut old, mut new) = (day, next);
            while new - old > TimeDelta::seconds(1) {
                let middle = old + (new - old) / 2;
                if seconds(zone, middle) == seconds(zone, old) { old = middle } else { new = middle }
            }
            found.push(Moment::from_timestamp(new.timestamp(), 0).unwrap_or(new));
        }
        day = next;
    }
    found
}

/// How far a zone's wall clock is ahead of UTC.
fn seconds(zone: Tz, at: Moment) -> i32 {
    at.with_timezone(&zone).offset().fix().local_minus_utc()
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_changes_of_a_zone_are_found_to_the_second() {
        let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        for (zone, changes) in [
            (Tz::Europe__Berlin, vec!["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
            (Tz::Australia__Lord_Howe, vec!["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
            (Tz::Asia__Kolkata, vec![]),
        ] {
            let expected: Vec<Moment> = changes.iter().map(|at| at.parse().unwrap()).collect();
            assert_eq!(turns(zone, from, to), expected, "{zone}");
        }
    }

    #[test]
    fn offsets_are_written_with_their_sign() {
        for (seconds, said) in [(0, "+0000"), (3600, "+0100"), (-12_600, "-0330"), (20_700, "+0545"), (-75, "-000115")]
        {
            assert_eq!(offset(seconds), said);
        }
    }
}
