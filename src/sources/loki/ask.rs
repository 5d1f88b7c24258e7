//! Asking a Loki for lines: paged back by time, counted, and as they are written. Nobody asks without a [`Leave`].

use std::time::Duration;

use serde::Deserialize;

pub use super::volume::Counted;
use super::volume::read_volume;
use super::{Frame, LogLine, query, read_frame, read_lines};
use crate::domain::clock::Moment;
use crate::domain::consent::Leave;
use crate::domain::fact::{Gap, GapKind};
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door, Pieces};
use crate::sources::reading::json;
use crate::text::clean::Clean;

/// Lines asked for at once. A Loki gives no more than 5,000, and gives few faster.
const PAGE: usize = 1000;

/// The most that one tail may bring in all: each message is bounded by itself, and a tail may live for days.
const ENDLESS: u64 = 1 << 60;

/// How long a Loki may think about counts.
const COUNTING: Duration = Duration::from_secs(30);

/// Which lines are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The query.
    pub query: &'a str,
    /// From when on.
    pub from: Moment,
    /// Until when; that moment is not part of it.
    pub until: Moment,
    /// How many at most: the newest.
    pub limit: usize,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The lines, newest first.
    pub lines: Vec<LogLine>,
    /// Spots that could not be used.
    pub gaps: Vec<Gap>,
    /// Whether there may be more in the time asked for.
    pub cut: bool,
}

/// The lines of a stretch of time, newest first, page by page. Lines of one nanosecond are asked for again at the edge of
/// a page, and told once.
///
/// # Errors
/// Why a page did not come.
pub async fn lines(door: &dyn Door, _leave: &Leave, wanted: &Wanted<'_>) -> Result<Found, Fault> {
    let mut found = Found::default();
    let mut end = nanoseconds(wanted.until);
    while found.lines.len() < wanted.limit {
        // One more than wanted, for the line at the edge that is told already.
        let page = (wanted.limit - found.lines.len()).saturating_add(1).min(PAGE);
        let ask = range(wanted.query, nanoseconds(wanted.from), end, page).with("direction", "backward");
        let (mut lines, gaps) = read_lines(&door.ask(ask).await?.body)?;
        found.gaps.extend(gaps);
        let last = lines.len() < page;
        let oldest = lines.last().map(|line| line.nanoseconds);
        let at_edge = |line: &&LogLine| line.nanoseconds.saturating_add(1) == end;
        let told: Vec<LogLine> = found.lines.iter().rev().take_while(at_edge).cloned().collect();
        lines.retain(|line| line.nanoseconds < end && !told.contains(line));
        let new = lines.len();
        found.lines.extend(lines);
        let Some(oldest) = oldest.filter(|_| !last) else {
            found.cut = found.lines.len() > wanted.limit;
            found.lines.truncate(wanted.limit);
            return Ok(found);
        };
        end = if new > 0 {
            oldest.saturating_add(1)
        } else {
            // A page of lines of one nanosecond, all told: what else that nanosecond holds can't be asked for.
            found.gaps.push(Gap {
                place: Clean::line("log lines"),
                why: Clean::line("more lines of one nanosecond than fit a page"),
                kind: GapKind::Partial,
            });
            oldest
        };
    }
    found.cut = true;
    found.lines.truncate(wanted.limit);
    Ok(found)
}

/// The lines from a nanosecond on, oldest first: how one follows where there is no tail.
///
/// # Errors
/// Why they did not come.
pub async fn since(door: &dyn Door, _leave: &Leave, query: &str, from: i64, until: Moment) -> Result<Found, Fault> {
    let until = nanoseconds(until).max(from.saturating_add(1));
    let ask = range(query, from, until, PAGE).with("direction", "forward");
    let (mut lines, gaps) = read_lines(&door.ask(ask).await?.body)?;
    let cut = lines.len() >= PAGE;
    lines.reverse();
    Ok(Found { lines, gaps, cut })
}

fn range(query: &str, from: i64, end: i64, limit: usize) -> Ask {
    Ask::get("loki/api/v1/query_range")
        .with("query", query)
        .with("start", from.to_string())
        .with("end", end.to_string())
        .with("limit", limit.to_string())
}

/// A moment as Loki counts time.
#[must_use]
pub fn nanoseconds(at: Moment) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

/// How many lines a query finds when, by level.
///
/// # Errors
/// Why nobody counted.
pub async fn volume(
    door: &dyn Door,
    _leave: &Leave,
    wanted: &Wanted<'_>,
    step: Duration,
) -> Result<Vec<Counted>, Fault> {
    let seconds = step.as_secs().max(1);
    let ask = Ask::get("loki/api/v1/query_range")
        .with("query", query::volume(wanted.query, seconds))
        .with("start", nanoseconds(wanted.from).to_string())
        .with("end", nanoseconds(wanted.until).to_string())
        .with("step", seconds.to_string())
        .within(COUNTING);
    read_volume(&door.ask(ask).await?.body)
}

#[derive(Deserialize)]
struct WireNames {
    /// Left out where there is none.
    #[serde(default)]
    data: Vec<String>,
}

/// The names of the labels that stand on lines of a stretch of time.
///
/// # Errors
/// Why nobody told them.
pub async fn labels(door: &dyn Door, _leave: &Leave, from: Moment, until: Moment) -> Result<Vec<String>, Fault> {
    let ask = Ask::get("loki/api/v1/labels")
        .with("start", nanoseconds(from).to_string())
        .with("end", nanoseconds(until).to_string());
    read_names(&door.ask(ask).await?.body)
}

fn read_names(body: &[u8]) -> Result<Vec<String>, Fault> {
    let names: WireNames = json(body, "a list of labels")?;
    Ok(names.data.iter().map(|name| Clean::line_within(name, 200).as_str().to_owned()).collect())
}

/// Lines as they are written.
pub struct Tail {
    pieces: Box<dyn Pieces>,
}

/// Follows what is written from a nanosecond on.
///
/// # Errors
/// Why there is no tail.
pub async fn tail(door: &dyn Door, _leave: &Leave, query: &str, from: i64) -> Result<Tail, Fault> {
    let ask = Ask::get("loki/api/v1/tail")
        .with("query", query)
        .with("start", from.to_string())
        .with("limit", PAGE.to_string())
        .at_most(ENDLESS);
    Ok(Tail { pieces: door.tail(ask).await?.pieces })
}

impl Tail {
    /// The next lines; none where the other side closed.
    ///
    /// # Errors
    /// Why the tail broke.
    pub async fn next(&mut self) -> Result<Option<Frame>, Fault> {
        match self.pieces.next().await? {
            Some(message) => read_frame(&message).map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_missing_where_there_is_none() {
        assert_eq!(
            read_names(include_bytes!("../../../tests/samples/loki/3.5/usual/labels-empty.json")).unwrap().len(),
            0
        );
        assert!(!read_names(include_bytes!("../../../tests/samples/loki/3.5/usual/labels.json")).unwrap().is_empty());
        assert!(read_names(b"<html>").is_err());
    }
}
