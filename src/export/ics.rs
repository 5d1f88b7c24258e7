//! iCalendar (RFC 5545): what is planned, in the calendars people already look at. What many installations share is one
//! event, and keeps its UID from one writing to the next, so that subscribing never doubles anything.

mod zone;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::domain::clock::{Moment, Tz, day_of};
use crate::domain::state::EntryKind;
use crate::export::{Format, Sheet, Written};
use crate::text::words::plural;
use crate::views::ViewName;
use crate::views::calendar::Row;

/// The calendar for calendars.
pub static FORMAT: Format =
    Format { name: "ics", about: "an iCalendar file to subscribe to", only: Some(ViewName::Calendar), write };

/// The longest line, in bytes, that every reader takes.
const LONGEST: usize = 75;

fn write(sheet: &Sheet<'_>) -> Written {
    let head = &sheet.board.header;
    let events = events(sheet.board.views.calendar.ordered());
    let mut lines = Lines::default();
    lines.put("BEGIN", "VCALENDAR");
    lines.put("VERSION", "2.0");
    lines.put("PRODID", &format!("-//Quarterdeck//Quarterdeck {}//EN", env!("CARGO_PKG_VERSION")));
    lines.put("CALSCALE", "GREGORIAN");
    lines.put("METHOD", "PUBLISH");
    lines.put("X-WR-CALNAME", &text(&format!("{} operations", head.fleet)));
    lines.put("X-WR-TIMEZONE", head.zone().name());
    let mut spans: BTreeMap<&'static str, (Tz, Moment, Moment)> = BTreeMap::new();
    for event in events.values().filter(|event| event.timed()) {
        let (start, end) = (event.row.start, event.row.end.unwrap_or(event.row.start));
        let span = spans.entry(event.zone.name()).or_insert((event.zone, start, end));
        (span.1, span.2) = (span.1.min(start), span.2.max(end));
    }
    for (zone, from, to) in spans.into_values().filter(|(zone, _, _)| *zone != Tz::UTC) {
        zone::write(zone, from, to, &mut lines);
    }
    for (uid, event) in &events {
        event.write(uid, sheet.lens.now, &mut lines);
    }
    lines.put("END", "VCALENDAR");
    Ok(lines.0)
}

/// One thing in the calendar, and whose it is.
struct Event<'r> {
    row: &'r Row,
    zone: Tz,
    whose: BTreeSet<String>,
    whole_fleet: bool,
}

/// What makes rows of several installations one event: kind, title, zone, start and end.
type Same<'r> = (EntryKind, &'r str, &'r str, Moment, Option<Moment>);

/// What everybody shares is one event. The UID holds what stays while dates move – and the date, where the thing is one
/// of many, as the occurrences of a window are.
fn events(rows: Vec<&Row>) -> BTreeMap<String, Event<'_>> {
    let mut shared: BTreeMap<Same<'_>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        shared.entry((row.kind, &row.title, &row.zone, row.start, row.end)).or_default().push(row);
    }
    let mut namesakes: BTreeMap<(EntryKind, &str), usize> = BTreeMap::new();
    for (kind, title, ..) in shared.keys() {
        *namesakes.entry((*kind, title)).or_default() += 1;
    }
    let mut events = BTreeMap::new();
    for ((kind, title, zone, start, end), rows) in &shared {
        let Some(row) = rows.first() else { continue };
        let alone = *kind != EntryKind::Window && namesakes.get(&(*kind, title)) == Some(&1);
        let mut named = format!("{}|{title}|{}", kind.word(), row.origin);
        if !alone {
            named += &format!("|{zone}|{}|{}", start.timestamp(), end.map_or(0, |end| end.timestamp()));
        }
        let whose = rows.iter().filter_map(|row| {
            let environment = row.environment.as_ref().map_or(String::new(), |name| format!("/{name}"));
            row.installation.as_ref().map(|id| format!("{id}{environment}"))
        });
        let event = Event {
            row,
            zone: zone.parse().unwrap_or(Tz::UTC),
            whose: whose.collect(),
            whole_fleet: rows.iter().any(|row| row.installation.is_none()),
        };
        events.insert(uid(&named), event);
    }
    events
}

/// A name that is the same wherever and whenever the same thing is written.
fn uid(named: &str) -> String {
    let digest = Sha256::digest(named.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    hex + "@quarterdeck"
}

impl Event<'_> {
    /// Whether it has an hour. Last days are days.
    fn timed(&self) -> bool {
        match self.row.kind {
            EntryKind::Window | EntryKind::Maintenance | EntryKind::Freeze => true,
            EntryKind::AnnounceBy | EntryKind::Deadline => false,
        }
    }

    fn write(&self, uid: &str, now: Moment, lines: &mut Lines) {
        let row = self.row;
        lines.put("BEGIN", "VEVENT");
        lines.put("UID", uid);
        lines.put("DTSTAMP", &utc(now));
        // Which of two writings is newer says the stamp: nobody here remembers how often a plan was changed before.
        lines.put("SEQUENCE", "0");
        match (self.timed(), row.end) {
            (true, end) => {
                self.moment("DTSTART", row.start, lines);
                if let Some(end) = end.filter(|end| *end > row.start) {
                    self.moment("DTEND", end, lines);
                }
            }
            (false, _) => {
                let day = day_of(row.start, self.zone);
                lines.put("DTSTART;VALUE=DATE", &day.format("%Y%m%d").to_string());
                lines.put("DTEND;VALUE=DATE", &day.succ_opt().unwrap_or(day).format("%Y%m%d").to_string());
            }
        }
        lines.put("SUMMARY", &text(&self.summary()));
        lines.put("DESCRIPTION", &text(&self.description()));
        let categories: Vec<String> =
            [Some(row.kind.word()), row.stream.as_deref()].into_iter().flatten().map(text).collect();
        lines.put("CATEGORIES", &categories.join(","));
        // Only what keeps somebody busy makes their time look taken.
        lines.put("TRANSP", if row.kind == EntryKind::Maintenance { "OPAQUE" } else { "TRANSPARENT" });
        lines.put("END", "VEVENT");
    }

    fn moment(&self, name: &str, at: Moment, lines: &mut Lines) {
        if self.zone == Tz::UTC {
            lines.put(name, &utc(at));
        } else {
            let wall = at.with_timezone(&self.zone).format("%Y%m%dT%H%M%S").to_string();
            lines.put(&format!("{name};TZID={}", self.zone.name()), &wall);
        }
    }

    fn summary(&self) -> String {
        let whose = match (self.whole_fleet, self.whose.len()) {
            (true, _) => "whole fleet".to_owned(),
            (false, 1..=3) => self.whose.iter().cloned().collect::<Vec<_>>().join(", "),
            (false, n) => plural(u64::try_from(n).unwrap_or(u64::MAX), "environment", "environments"),
        };
        let word = match self.row.kind {
            EntryKind::Window => "window ",
            EntryKind::Maintenance | EntryKind::Freeze | EntryKind::AnnounceBy | EntryKind::Deadline => "",
        };
        format!("{word}{} · {whose}", self.row.title)
    }

    fn description(&self) -> String {
        let row = self.row;
        let mut said = vec![format!("{}, from {}", row.kind.word(), row.origin)];
        said.extend(row.maintenance_kind.as_ref().map(|kind| format!("{kind} maintenance")));
        said.extend(row.announced_at.map(|day| format!("announced on {day}")));
        said.extend(row.announce_by.map(|day| format!("to be announced by {day}")));
        said.extend(row.notice.map(|notice| format!("notice: {}", notice.word())));
        if row.in_freeze {
            said.push("lies in a freeze".to_owned());
        }
        if self.whole_fleet {
            said.push("the whole fleet".to_owned());
        }
        said.extend(self.whose.iter().cloned());
        said.join("\n")
    }
}

fn utc(at: Moment) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A value of type TEXT: what would end it or start something else is escaped.
fn text(value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => safe.push_str("\\\\"),
            ';' => safe.push_str("\\;"),
            ',' => safe.push_str("\\,"),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Content lines, folded.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// One content line. A long one goes on in the next after a blank; no character is cut in two.
    fn put(&mut self, name: &str, value: &str) {
        let mut used = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if used + c.len_utf8() > LONGEST {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
