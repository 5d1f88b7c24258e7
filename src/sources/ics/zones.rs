//! The zones of a calendar: by name where the world knows it, by their own rules where only the file does.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use super::lines::Component;
use crate::domain::clock::{Day, Moment, Tz, local};
use crate::domain::recurrence::Rule;

/// A zone of a calendar.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    /// One the world knows.
    Known(Tz),
    /// One that only this file describes: its changes, in their order.
    Own(Arc<[Change]>),
}

/// From when another offset counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// On the wall clock as it was before.
    at: NaiveDateTime,
    before: TimeDelta,
    after: TimeDelta,
}

/// How far a zone's own rules are followed: nobody plans beyond, and nobody asks before.
const YEARS: (i32, i32) = (1970, 2100);

impl Zone {
    /// A time on this zone's wall as a moment. One that does not exist moves forward by the gap; one that exists twice
    /// is the first.
    #[must_use]
    pub fn moment(&self, wall: NaiveDateTime) -> Moment {
        let changes = match self {
            Self::Known(zone) => return local(wall, *zone),
            Self::Own(changes) => changes,
        };
        let n_past = changes.partition_point(|change| change.at <= wall);
        let offset = match n_past.checked_sub(1).and_then(|last| changes.get(last)) {
            Some(change) if wall < change.at + (change.after - change.before) => change.before,
            Some(change) => change.after,
            // Before the first there is what was before it.
            None => changes.first().map_or(TimeDelta::zero(), |change| change.before),
        };
        (wall - offset).and_utc()
    }

    /// A zone out of a calendar's own description of it.
    #[must_use]
    pub fn described(component: &Component) -> Option<Self> {
        let location = component.line("X-LIC-LOCATION").and_then(|line| known(&line.value));
        if let Some(zone) = location {
            return Some(Self::Known(zone));
        }
        let mut changes: Vec<Change> = component.inner.iter().filter_map(changes).flatten().collect();
        changes.sort_unstable();
        changes.dedup();
        (!changes.is_empty()).then(|| Self::Own(changes.into()))
    }
}

/// When the offset of one part of a zone begins to count, again and again.
fn changes(component: &Component) -> Option<Vec<Change>> {
    let (before, after) =
        (offset(&component.line("TZOFFSETFROM")?.value)?, offset(&component.line("TZOFFSETTO")?.value)?);
    let first = wall(&component.line("DTSTART")?.value)?;
    let also = component.all("RDATE").flat_map(|line| line.value.split(',')).filter_map(wall);
    let rule = component.line("RRULE").and_then(|line| Rule::read(&line.value).ok());
    let from = Day::from_ymd_opt(YEARS.0, 1, 1)?.max(first.date());
    let days = rule.map(|rule| rule.days(Some(first.date()), from, Day::from_ymd_opt(YEARS.1, 1, 1).unwrap_or(from)));
    let again = days.into_iter().flatten().map(|day| day.and_time(first.time()));
    Some(std::iter::once(first).chain(also).chain(again).map(|at| Change { at, before, after }).collect())
}

/// `20261026T170000`, without a zone.
#[must_use]
pub fn wall(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.trim(), "%Y%m%dT%H%M%S").ok()
}

/// `+0100`, `-053000`.
fn offset(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse::<i64>().ok());
    let (hours, minutes, seconds) = (pair(0)?, pair(2)?, pair(4).unwrap_or(0));
    let in_all = hours * 3600 + minutes * 60 + seconds;
    (in_all < 86_400).then(|| TimeDelta::seconds(sign * in_all))
}

/// A zone by its name: as the world writes it, as some programs prefix it (`/mozilla.org/20050126_1/Europe/Berlin`).
#[must_use]
pub fn known(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    if let Ok(zone) = name.parse() {
        return Some(zone);
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    let tails = [3, 2, 1].into_iter().filter_map(|n| parts.len().checked_sub(n)).filter_map(|from| parts.get(from..));
    tails.map(|tail| tail.join("/")).find_map(|tail| tail.parse().ok())
}

/// The zones Windows knows by names of its own.
#[must_use]
pub fn of_windows(name: &str) -> Option<Tz> {
    let known = [
        ("Dateline Standard Time", Tz::Etc__GMTPlus12),
        ("Hawaiian Standard Time", Tz::Pacific__Honolulu),
        ("Alaskan Standard Time", Tz::America__Anchorage),
        ("Pacific Standard Time", Tz::America__Los_Angeles),
        ("US Mountain Standard Time", Tz::America__Phoenix),
        ("Mountain Standard Time", Tz::America__Denver),
        ("Central Standard Time", Tz::America__Chicago),
        ("Central America Standard Time", Tz::America__Guatemala),
        ("Central Standard Time (Mexico)", Tz::America__Mexico_City),
        ("Canada Central Standard Time", Tz::America__Regina),
        ("Eastern Standard Time", Tz::America__New_York),
        ("US Eastern Standard Time", Tz::America__Indiana__Indianapolis),
        ("SA Pacific Standard Time", Tz::America__Bogota),
        ("Atlantic Standard Time", Tz::America__Halifax),
        ("Newfoundland Standard Time", Tz::America__St_Johns),
        ("E. South America Standard Time", Tz::America__Sao_Paulo),
        ("Argentina Standard Time", Tz::America__Buenos_Aires),
        ("Pacific SA Standard Time", Tz::America__Santiago),
        ("Azores Standard Time", Tz::Atlantic__Azores),
        ("UTC", Tz::UTC),
        ("GMT Standard Time", Tz::Europe__London),
        ("Greenwich Standard Time", Tz::Atlantic__Reykjavik),
        ("W. Europe Standard Time", Tz::Europe__Berlin),
        ("Central Europe Standard Time", Tz::Europe__Budapest),
        ("Central European Standard Time", Tz::Europe__Warsaw),
        ("Romance Standard Time", Tz::Europe__Paris),
        ("E. Europe Standard Time", Tz::Europe__Chisinau),
        ("FLE Standard Time", Tz::Europe__Kiev),
        ("GTB Standard Time", Tz::Europe__Bucharest),
        ("Turkey Standard Time", Tz::Europe__Istanbul),
        ("Russian Standard Time", Tz::Europe__Moscow),
        ("Israel Standard Time", Tz::Asia__Jerusalem),
        ("Egypt Standard Time", Tz::Africa__Cairo),
        ("South Africa Standard Time", Tz::Africa__Johannesburg),
        ("W. Central Africa Standard Time", Tz::Africa__Lagos),
        ("Arab Standard Time", Tz::Asia__Riyadh),
        ("Arabian Standard Time", Tz::Asia__Dubai),
        ("Iran Standard Time", Tz::Asia__Tehran),
        ("Pakistan Standard Time", Tz::Asia__Karachi),
        ("India Standard Time", Tz::Asia__Calcutta),
        ("SE Asia Standard Time", Tz::Asia__Bangkok),
        ("China Standard Time", Tz::Asia__Shanghai),
        ("Singapore Standard Time", Tz::Asia__Singapore),
        ("W. Australia Standard Time", Tz::Australia__Perth),
        ("Tokyo Standard Time", Tz::Asia__Tokyo),
        ("Korea Standard Time", Tz::Asia__Seoul),
        ("AUS Central Standard Time", Tz::Australia__Darwin),
        ("Cen. Australia Standard Time", Tz::Australia__Adelaide),
        ("E. Australia Standard Time", Tz::Australia__Brisbane),
        ("AUS Eastern Standard Time", Tz::Australia__Sydney),
        ("New Zealand Standard Time", Tz::Pacific__Auckland),
    ];
    known.into_iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name.trim())).map(|(_, zone)| zone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::lines::read;
    use super::*;

    /// Berlin's rules under a name nobody knows.
    const OWN: &str = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Here\nBEGIN:DAYLIGHT\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
        DTSTART:19810329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nTZOFFSETFROM:+0200\n\
        TZOFFSETTO:+0100\nDTSTART:19961027T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n";

    #[test]
    fn a_zone_by_its_own_rules_agrees_with_the_one_the_world_knows() {
        let own = Zone::described(&read(OWN.as_bytes()).unwrap()[0].inner[0]).unwrap();
        assert!(matches!(own, Zone::Own(_)));
        let start = wall("20260101T003000").unwrap();
        // Every hour of a year and more, its gap and its fold among them.
        for hour in 0..24 * 430 {
            let at = start + TimeDelta::hours(hour);
            assert_eq!(own.moment(at), local(at, Tz::Europe__Berlin), "{at}");
        }
    }

    #[test]
    fn names_are_known_as_the_world_as_programs_and_as_windows_write_them() {
        for (name, expected) in [
            ("Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("\"Europe/Berlin\"", Some(Tz::Europe__Berlin)),
            ("/mozilla.org/20050126_1/Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("/freeassociation.sourceforge.net/America/Indiana/Indianapolis", Some(Tz::America__Indiana__Indianapolis)),
            ("Customized Time Zone", None),
        ] {
            assert_eq!(known(name), expected, "{name}");
        }
        assert_eq!(of_windows("W. Europe Standard Time"), Some(Tz::Europe__Berlin));
        assert_eq!(of_windows("Moon Standard Time"), None);
    }

    #[test]
    fn offsets_are_read_to_the_second_and_nonsense_is_none() {
        for (text, seconds) in [
            ("+0100", Some(3600)),
            ("-0330", Some(-12_600)),
            ("+005328", Some(3208)),
            ("0100", None),
            ("+9999", None),
            ("+", None),
            ("+é", None),
        ] {
            assert_eq!(offset(text).map(|offset| offset.num_seconds()), seconds, "{text}");
        }
    }
}
