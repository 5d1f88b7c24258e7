//! Events of a calendar, and the times they fall on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};

use super::lines::{Component, Line};
use super::zones::{Zone, known, of_windows, wall};
use crate::domain::clock::{Day, Moment, Tz, start_of};
use crate::domain::fact::{Gap, GapKind};
use crate::domain::recurrence::{Rule, Until};
use crate::text::clean::Clean;

/// Times of one event that are told. A daily one fills the time looked at twice over.
const MOST: usize = 1_000;

/// A calendar, understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    events: Vec<Event>,
    /// What in it could not be used as it is written.
    pub gaps: Vec<Gap>,
}

/// One event, perhaps one that comes again.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    uid: String,
    said: Said,
    start: When,
    length: Length,
    rules: Vec<Rule>,
    also: Vec<(When, Option<Length>)>,
    except: Vec<When>,
    /// Which time of a recurring event this one stands for.
    replaces: Option<When>,
    rank: (i64, Option<Moment>),
}

/// What an event says beside its times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Its title.
    pub title: String,
    /// Its categories, in small letters.
    pub categories: Vec<String>,
    /// Where to read about it.
    pub url: Option<String>,
    /// `CONFIRMED` or `TENTATIVE`, in small letters.
    pub status: Option<String>,
    /// When it was put into the calendar.
    pub created: Option<Moment>,
}

/// One time an event falls on.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The event's id, with the time where it comes again.
    pub id: String,
    /// What it says.
    pub said: Said,
    /// From when.
    pub start: Moment,
    /// Until when.
    pub end: Moment,
}

/// A date or a time of a calendar.
#[derive(Clone, Debug, PartialEq)]
enum When {
    Day(Day),
    Wall(NaiveDateTime, Zone),
    At(Moment),
}

/// How long an event lasts. Days are those of the wall clock, the rest is time as it passes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Length {
    days: u32,
    exact: TimeDelta,
}

impl Calendar {
    /// Understands the events of calendars. Times that name no zone hang on the wall of `zone`.
    #[must_use]
    pub fn of(calendars: &[Component], zone: Tz) -> Self {
        let mut calendar = Self::default();
        for component in calendars {
            let described = component.inner.iter().filter(|inner| inner.name == "VTIMEZONE");
            let zones = described.filter_map(|one| Some((one.line("TZID")?.value.trim(), Zone::described(one)?)));
            let mut reader = Reader { zones: zones.collect(), zone, gaps: BTreeSet::new() };
            for event in component.inner.iter().filter(|inner| inner.name == "VEVENT") {
                calendar.events.extend(reader.event(event));
            }
            calendar.gaps.extend(reader.gaps.into_iter().map(|(place, why)| Gap {
                place: Clean::line(&place),
                why: Clean::line(&why),
                kind: GapKind::Odd,
            }));
        }
        calendar.settle();
        calendar
    }

    /// Of several tellings of one event the last one counts: by its sequence, then by its stamp.
    fn settle(&mut self) {
        let key = |event: &Event| (event.uid.clone(), event.replaces.as_ref().map(|when| format!("{when:?}")));
        let mut last: BTreeMap<_, Event> = BTreeMap::new();
        for event in self.events.drain(..) {
            let key = key(&event);
            match last.get(&key) {
                Some(known) if known.rank > event.rank => {}
                _ => drop(last.insert(key, event)),
            }
        }
        self.events = last.into_values().collect();
    }

    /// Everything that touches the time from one moment up to another, by start; `zone` is that of bare days.
    #[must_use]
    pub fn between(&self, from: Moment, to: Moment, zone: Tz) -> Vec<Occurrence> {
        let standing_for = |event: &Event| Some((event.replaces.as_ref()?.moment(zone), event.uid.clone()));
        let replaced: BTreeSet<(Moment, String)> = self.events.iter().filter_map(standing_for).collect();
        let mut found = Vec::new();
        for event in self.events.iter().filter(|event| !event.is_cancelled()) {
            match &event.replaces {
                None => found.extend(
                    event
                        .between(from, to, zone)
                        .into_iter()
                        .filter_map(|(at, one)| (!replaced.contains(&(at, event.uid.clone()))).then_some(one)),
                ),
                Some(when) => {
                    let one = event.occurrence(&event.start, event.length, Some(when.moment(zone)), zone);
                    found.extend(one.filter(|one| one.end >= from && one.start < to));
                }
            }
        }
        found.sort_by(|a, b| (a.start, a.end, &a.id).cmp(&(b.start, b.end, &b.id)));
        found
    }
}

impl Event {
    fn is_cancelled(&self) -> bool {
        self.said.status.as_deref() == Some("cancelled")
    }

    fn between(&self, from: Moment, to: Moment, zone: Tz) -> Vec<(Moment, Occurrence)> {
        let again = !self.rules.is_empty() || !self.also.is_empty();
        let first = std::iter::once((self.start.clone(), None));
        let ruled = self.rules.iter().flat_map(|rule| self.ruled(rule, from, to, zone)).map(|when| (when, None));
        let all = first.chain(ruled).chain(self.also.iter().cloned());
        let mut found: BTreeMap<Moment, Occurrence> = BTreeMap::new();
        for (when, length) in all {
            let at = when.moment(zone);
            if found.contains_key(&at) || self.except.iter().any(|except| except.excepts(&when, zone)) {
                continue;
            }
            let one = self.occurrence(&when, length.unwrap_or(self.length), again.then_some(at), zone);
            let Some(one) = one.filter(|one| one.end >= from && one.start < to) else { continue };
            found.insert(at, one);
            if found.len() >= MOST {
                break;
            }
        }
        found.into_iter().collect()
    }

    /// The times a rule gives, with the first one's time of day.
    fn ruled(&self, rule: &Rule, from: Moment, to: Moment, zone: Tz) -> Vec<When> {
        let since = self.start.day(zone);
        // Two days more: the longest way between a zone's day and another's.
        let back =
            Days::new(u64::from(self.length.days) + u64::try_from(self.length.exact.num_days()).unwrap_or(0) + 2);
        let begin = from.date_naive().checked_sub_days(back).unwrap_or(Day::MIN);
        let end = to.date_naive().checked_add_days(Days::new(2)).unwrap_or(Day::MAX);
        let days = rule.days(Some(since), begin, end);
        let fits = |when: &When| match rule.until() {
            None => true,
            Some(Until::Day(day)) => when.day(zone) <= day,
            Some(Until::Moment(last)) => when.moment(zone) <= last,
            Some(Until::Wall(last)) => match when {
                When::Wall(at, _) => *at <= last,
                When::Day(day) => *day <= last.date(),
                When::At(at) => at.naive_utc() <= last,
            },
        };
        days.into_iter().map(|day| self.start.on(day)).filter(fits).collect()
    }

    fn occurrence(&self, when: &When, length: Length, again: Option<Moment>, zone: Tz) -> Option<Occurrence> {
        let start = when.moment(zone);
        let end = when.later(length.days)?.moment(zone).checked_add_signed(length.exact)?;
        let id = match again {
            Some(at) => format!("{}@{}", self.uid, at.format("%Y%m%dT%H%M%SZ")),
            None => self.uid.clone(),
        };
        Some(Occurrence { id, said: self.said.clone(), start, end: end.max(start) })
    }
}

impl When {
    fn moment(&self, zone: Tz) -> Moment {
        match self {
            Self::Day(day) => start_of(*day, zone),
            Self::Wall(wall, own) => own.moment(*wall),
            Self::At(at) => *at,
        }
    }

    fn day(&self, _zone: Tz) -> Day {
        match self {
            Self::Day(day) => *day,
            Self::Wall(wall, _) => wall.date(),
            Self::At(at) => at.date_naive(),
        }
    }

    /// The same time on another day.
    fn on(&self, day: Day) -> Self {
        match self {
            Self::Day(_) => Self::Day(day),
            Self::Wall(wall, zone) => Self::Wall(day.and_time(wall.time()), zone.clone()),
            Self::At(at) => Self::At(day.and_time(at.time()).and_utc()),
        }
    }

    fn later(&self, days: u32) -> Option<Self> {
        Some(self.on(self.day(Tz::UTC).checked_add_days(Days::new(days.into()))?))
    }

    /// Whether this takes a time out. A bare day takes out all of that day: many write it so.
    fn excepts(&self, when: &Self, zone: Tz) -> bool {
        match self {
            Self::Day(day) => when.day(zone) == *day,
            Self::Wall(..) | Self::At(_) => self.moment(zone) == when.moment(zone),
        }
    }
}

/// Reads the events of one calendar.
struct Reader<'a> {
    zones: BTreeMap<&'a str, Zone>,
    zone: Tz,
    gaps: BTreeSet<(String, String)>,
}

impl Reader<'_> {
    fn event(&mut self, event: &Component) -> Option<Event> {
        let text = |name: &str| event.line(name).map(Line::text).filter(|text| !text.trim().is_empty());
        let title = text("SUMMARY").unwrap_or_else(|| "untitled".to_owned());
        let place = format!("event `{}`", title.chars().take(60).collect::<String>());
        let mut odd = Vec::new();
        let start = event.line("DTSTART").and_then(|line| self.when(line, &line.value, &mut odd));
        let Some(start) = start else {
            self.gaps.insert((place, "it has no start that can be read".to_owned()));
            return None;
        };
        let length = self.length(event, &start, &mut odd);
        let mut rules = Vec::new();
        for line in event.all("RRULE") {
            match Rule::read(&of_days(&line.value, &start)) {
                Ok(rule) => rules.push(rule),
                Err(why) => odd.push(format!("its rule is not followed: {why}")),
            }
        }
        let mut also = Vec::new();
        for line in event.all("RDATE") {
            for value in line.value.split(',') {
                let (begin, end) = value.split_once('/').map_or((value, None), |(begin, end)| (begin, Some(end)));
                let Some(when) = self.when(line, begin, &mut odd) else { continue };
                let length = end.and_then(|end| match duration(end) {
                    Some(length) => Some(length),
                    None => self.when(line, end, &mut odd).map(|end| when_to(&when, &end, self.zone)),
                });
                also.push((when, length));
            }
        }
        let mut except = Vec::new();
        for line in event.all("EXDATE") {
            except.extend(line.value.split(',').filter_map(|value| self.when(line, value, &mut odd)));
        }
        let replaces = event.line("RECURRENCE-ID").and_then(|line| {
            if line.parameter("RANGE").is_some() {
                odd.push("it changes all times from one on: only that one is changed".to_owned());
            }
            self.when(line, &line.value, &mut odd)
        });
        let stamped = |name: &str| event.line(name).and_then(|line| utc(&line.value));
        let categories = event.all("CATEGORIES").flat_map(|line| line.value.split(','));
        self.gaps.extend(odd.into_iter().map(|why| (place.clone(), why)));
        Some(Event {
            uid: text("UID").unwrap_or_else(|| title.clone()),
            said: Said {
                title,
                categories: categories.map(|word| word.trim().to_lowercase()).collect(),
                url: text("URL"),
                status: text("STATUS").map(|status| status.trim().to_lowercase()),
                created: stamped("CREATED"),
            },
            start,
            length,
            rules,
            also,
            except,
            replaces,
            rank: (
                event.line("SEQUENCE").and_then(|line| line.value.trim().parse().ok()).unwrap_or(0),
                stamped("DTSTAMP"),
            ),
        })
    }

    /// An end is exact; a duration's days are days of the wall clock. A day lasts a day, a time alone no time at all.
    fn length(&self, event: &Component, start: &When, odd: &mut Vec<String>) -> Length {
        let usual = Length { days: u32::from(matches!(start, When::Day(_))), exact: TimeDelta::zero() };
        let end = event.line("DTEND").and_then(|line| self.when(line, &line.value, odd));
        let length = end.map(|end| when_to(start, &end, self.zone));
        let length = length.or_else(|| duration(&event.line("DURATION")?.value)).unwrap_or(usual);
        if length.exact < TimeDelta::zero() || (length.days == 0 && usual.days > 0 && length.exact.is_zero()) {
            odd.push("it ends before it begins".to_owned());
            return usual;
        }
        length
    }

    fn when(&self, line: &Line, value: &str, odd: &mut Vec<String>) -> Option<When> {
        let value = value.trim();
        if let Ok(day) = Day::parse_from_str(value, "%Y%m%d") {
            return Some(When::Day(day));
        }
        if let Some(at) = utc(value) {
            return Some(When::At(at));
        }
        let wall = wall(value)?;
        let name = line.parameter("TZID");
        let zone = name.map(|name| {
            let own = || self.zones.get(name.trim()).cloned();
            known(name).map(Zone::Known).or_else(own).or_else(|| of_windows(name).map(Zone::Known)).ok_or(name)
        });
        Some(When::Wall(
            wall,
            match zone {
                Some(Ok(zone)) => zone,
                Some(Err(name)) => {
                    odd.push(format!("nobody knows its zone `{name}`: it is read in {}", self.zone.name()));
                    Zone::Known(self.zone)
                }
                None => Zone::Known(self.zone),
            },
        ))
    }
}

/// From one time to another: whole days between days, time as it passes between times.
fn when_to(start: &When, end: &When, zone: Tz) -> Length {
    match (start, end) {
        (When::Day(start), When::Day(end)) => {
            Length { days: u32::try_from((*end - *start).num_days()).unwrap_or(0), exact: TimeDelta::zero() }
        }
        _ => Length { days: 0, exact: end.moment(zone) - start.moment(zone) },
    }
}

/// A rule without a time of day that only repeats the start's own.
fn of_days(rule: &str, start: &When) -> String {
    use chrono::Timelike;
    let time = match start {
        When::Day(_) => NaiveTime::MIN,
        When::Wall(wall, _) => wall.time(),
        When::At(at) => at.time(),
    };
    let repeats = |part: &&str| {
        let upper = part.trim().to_ascii_uppercase();
        let own = match upper.split_once('=') {
            Some(("BYHOUR", value)) => value.parse() == Ok(time.hour()),
            Some(("BYMINUTE", value)) => value.parse() == Ok(time.minute()),
            Some(("BYSECOND", value)) => value.parse() == Ok(time.second()),
            _ => false,
        };
        !own
    };
    rule.split(';').filter(repeats).collect::<Vec<_>>().join(";")
}

fn utc(text: &str) -> Option<Moment> {
    wall(text.trim().strip_suffix('Z')?).map(|wall| wall.and_utc())
}

/// `P1W`, `P1DT2H`, `PT30M`. What counts backwards is no length of an event.
fn duration(text: &str) -> Option<Length> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
    let (dates, times) = text.split_once('T').map_or((text, ""), |(dates, times)| (dates, times));
    let number = |text: &str, unit: char| -> Option<u32> {
        let (before, _) = text.split_once(unit)?;
        let digits: Vec<char> = before.chars().rev().take_while(char::is_ascii_digit).collect();
        digits.into_iter().rev().collect::<String>().parse().ok().filter(|number| *number < 1_000_000)
    };
    let weeks = number(dates, 'W').unwrap_or(0);
    let days = number(dates, 'D').unwrap_or(0);
    let seconds = [('H', 3600), ('M', 60), ('S', 1)];
    let exact: i64 = seconds.iter().filter_map(|(unit, by)| Some(i64::from(number(times, *unit)?) * by)).sum();
    let any = dates.contains(['W', 'D']) || times.contains(['H', 'M', 'S']);
    any.then(|| Length { days: weeks * 7 + days, exact: TimeDelta::seconds(exact) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
