//! Loki: its version and readiness, and the reading of log lines. Lines are asked for by a person's query, never polled.

pub mod ask;
mod level;
pub mod query;
mod volume;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, part, raw_items};
use crate::text::clean::Clean;

/// Loki.
pub static KIND: Kind = Kind {
    name: "loki",
    about: "version and readiness; log lines where the customer consents",
    example: r#"{ kind = "loki", url = "https://loki.example.test", tenant = "acme" }"#,
    stands: Stands::Place,
    build,
};

struct Loki;

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Loki))
}

impl Source for Loki {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let build = door.ask(Ask::get("loki/api/v1/status/buildinfo")).await?;
            heard.facts.push(read_version(&build.body)?);
            // Often only reachable from inside: then nothing is known of it.
            let ready = door.ask(Ask::get("ready").even(503)).await;
            let ready = ready.map(|reply| Some(read_ready(reply.status, &reply.body)));
            let ready = part(ready, "ready", &mut heard)?;
            heard.facts.extend(ready);
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireBuild {
    version: String,
}

/// Understands the build: flat, without the envelope of the other answers.
fn read_version(body: &[u8]) -> Result<Fact, Fault> {
    let build: WireBuild = json(body, "the build of a Loki")?;
    Ok(Fact::here(What::Sighting(Sighting {
        product: "loki".into(),
        version: Clean::line(&build.version),
        evidence: Evidence::Answered,
        part: None,
    })))
}

/// Understands readiness: 200 `ready`, or 503 with the reason.
fn read_ready(status: u16, body: &[u8]) -> Fact {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let (level, detail) = match (status, text.trim()) {
        (200, "ready") => (Level::Ok, Clean::line("ready")),
        (200, _) => (Level::Unknown, Clean::line("an answer nobody knows")),
        (_, why) => (Level::Critical, Clean::line_within(why, 120)),
    };
    Fact::here(What::Health(Health { product: Some("loki".into()), what: Clean::line("ready"), level, detail }))
}

/// One log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, to the nanosecond. The next question starts one nanosecond later.
    pub nanoseconds: i64,
    /// The same as a moment.
    pub at: Moment,
    /// The labels of its stream, and its own structured metadata.
    pub labels: BTreeMap<Clean, Clean>,
    /// Its level, where a label tells.
    pub level: Option<Clean>,
    /// The line, made harmless.
    pub text: Clean,
}

#[derive(Deserialize)]
struct WireAnswer<'a> {
    status: String,
    #[serde(borrow)]
    data: Option<WireData<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireData<'a> {
    result_type: String,
    #[serde(borrow)]
    result: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireStream<'a> {
    stream: BTreeMap<String, String>,
    #[serde(borrow)]
    values: Vec<&'a RawValue>,
}

/// Time, line, and what belongs to this line alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireEntry {
    Plain(String, String),
    Rich(String, String, WireExtra),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireExtra {
    #[serde(default)]
    structured_metadata: BTreeMap<String, String>,
}

/// Understands the answer to a range query: all streams merged, newest first. One odd entry is a gap.
///
/// # Errors
/// When it is no answer with streams.
pub fn read_lines(body: &[u8]) -> Result<(Vec<LogLine>, Vec<Gap>), Fault> {
    const EXPECTED: &str = "log lines";
    let answer: WireAnswer<'_> = json(body, EXPECTED)?;
    let data = match (answer.status.as_str(), answer.data) {
        ("success", Some(data)) if data.result_type == "streams" => data,
        ("success", Some(data)) => {
            let why = Clean::line(&format!("a {}: the query counts lines, it does not show them", data.result_type));
            return Err(Fault::Garbled { expected: EXPECTED, why });
        }
        ("success", None) => return Ok((Vec::new(), Vec::new())),
        (status, _) => return Err(Fault::Garbled { expected: EXPECTED, why: Clean::line(status) }),
    };
    Ok(merge(data.result))
}

#[derive(Deserialize)]
struct WireFrame<'a> {
    #[serde(borrow, default)]
    streams: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    dropped_entries: Option<Vec<serde::de::IgnoredAny>>,
}

/// One message of a tail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its lines, newest first.
    pub lines: Vec<LogLine>,
    /// Spots that could not be used.
    pub gaps: Vec<Gap>,
    /// How many lines the server left out because this end was too slow: that must be shown.
    pub dropped: usize,
}

/// Understands one message of a tail.
///
/// # Errors
/// When it is no message of a tail.
pub fn read_frame(message: &[u8]) -> Result<Frame, Fault> {
    let frame: WireFrame<'_> = json(message, "a message of log lines")?;
    let (lines, gaps) = merge(frame.streams.unwrap_or_default());
    let dropped = frame.dropped_entries.map_or(0, |entries| entries.len());
    Ok(Frame { lines, gaps, dropped })
}

fn merge(streams: Vec<&RawValue>) -> (Vec<LogLine>, Vec<Gap>) {
    let mut heard = Heard::default();
    let mut lines = Vec::new();
    raw_items(streams, "stream", &mut heard, |stream: WireStream<'_>, heard| {
        raw_items(stream.values, "log line", heard, |entry: WireEntry, heard| {
            let (time, text, own) = match entry {
                WireEntry::Plain(time, text) => (time, text, BTreeMap::new()),
                WireEntry::Rich(time, text, extra) => (time, text, extra.structured_metadata),
            };
            match time.parse::<i64>() {
                Ok(nanoseconds) => lines.push(line(nanoseconds, &text, &stream.stream, &own)),
                Err(_) => heard.gaps.push(Gap {
                    place: Clean::line("log line"),
                    why: Clean::line(&format!("no time in nanoseconds: `{}`", Clean::line_within(&time, 30))),
                    kind: crate::domain::fact::GapKind::Odd,
                }),
            }
        });
    });
    // Stable: lines of one nanosecond stay in the order of their stream.
    lines.sort_by_key(|line: &LogLine| Reverse(line.nanoseconds));
    (lines, heard.gaps)
}

fn line(nanoseconds: i64, text: &str, stream: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> LogLine {
    let labels: BTreeMap<Clean, Clean> =
        stream.iter().chain(own).map(|(name, value)| (Clean::line(name), Clean::line(value))).collect();
    let told = ["level", "detected_level", "severity"].iter().find_map(|name| labels.get(&Clean::line(name)));
    // Loki's own guess where it could make none: ours is as good.
    let told = told.filter(|level| !level.is_empty() && level.as_str() != "unknown").cloned();
    let level = told.or_else(|| level::guessed(text).map(Clean::line));
    LogLine { nanoseconds, at: Moment::from_timestamp_nanos(nanoseconds), labels, level, text: Clean::line(text) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_merged_newest_first_to_the_nanosecond() {
        let body = include_bytes!("../../tests/samples/loki/3.5/usual/query-range-streams.json");
        let (lines, gaps) = read_lines(body).unwrap();
        let told: Vec<(i64, &str, Option<&str>)> = lines
            .iter()
            .map(|line| (line.nanoseconds, line.text.as_str(), line.level.as_ref().map(Clean::as_str)))
            .collect();
        assert_eq!(
            told,
            [
                (1_795_223_820_781_000_123, "level=error msg=\"boom\"", Some("error")),
                (1_795_223_820_781_000_122, "level=error msg=\"boom earlier\"", Some("error")),
                (1_795_223_820_500_000_000, "GET / 200", None),
            ]
        );
        assert_eq!(gaps, []);
    }

    #[test]
    fn entries_may_have_a_third_element() {
        let body = include_bytes!("../../tests/samples/loki/3.5/usual/query-range-categorized.json");
        let (lines, gaps) = read_lines(body).unwrap();
        assert_eq!((lines.len(), gaps.len()), (2, 0));
        assert_eq!(lines[0].labels.get(&Clean::line("trace_id")), Some(&Clean::line("0242ac12")));
    }

    #[test]
    fn what_holds_no_lines_says_so() {
        let matrix = include_bytes!("../../tests/samples/loki/3.5/usual/query-range-matrix.json");
        assert!(read_lines(matrix).unwrap_err().to_string().contains("counts lines"));
        for body in [&b"parse error at line 1, col 1"[..], b"<html>", b"", b"{\"status\":\"error\"}"] {
            assert!(matches!(read_lines(body), Err(Fault::Garbled { .. })));
        }
        assert_eq!(read_lines(b"{\"status\":\"success\"}").unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn one_odd_entry_is_a_gap_and_hostile_text_is_harmless() {
        let body =
            br#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"\u001b]52;c;x\u0007"},
            "values":[["1","\u001b[2Jgone"],["99999999999999999999","x"],[3,"x"],["-9223372036854775808","past"]]}]}}"#;
        let (lines, gaps) = read_lines(body).unwrap();
        assert_eq!((lines.len(), gaps.len()), (2, 2));
        assert_eq!(lines[0].text.as_str(), "gone");
    }

    #[test]
    fn a_tail_tells_what_it_dropped() {
        let frames = include_str!("../../tests/samples/loki/3.5/usual/tail-frames.jsonl");
        let read: Vec<_> = frames.lines().map(|frame| read_frame(frame.as_bytes()).unwrap()).collect();
        assert_eq!(read.iter().map(|frame| frame.lines.len()).sum::<usize>(), 2);
        assert_eq!(read.iter().map(|frame| frame.dropped).sum::<usize>(), 1);
    }

    #[test]
    fn readiness_keeps_the_reason() {
        for (status, body, level) in [
            (200, "ready\n", Level::Ok),
            (503, "Ingester not ready: waiting for 15s after being ready", Level::Critical),
            (200, "<html>", Level::Unknown),
        ] {
            let fact = read_ready(status, body.as_bytes());
            assert!(matches!(&fact.what, What::Health(health) if health.level == level), "{fact:?}");
        }
    }
}
