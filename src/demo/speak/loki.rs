//! Loki: lines by selector and filter, labels, and a tail.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::place::Spot;
use super::{selector, times};
use crate::demo::answer::{Answer, Body};
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::logs::{Line, lines};
use crate::demo::question::Question;
use crate::demo::writes::Matcher;
use crate::domain::clock::Moment;

/// Answers what stands below Loki's address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    match rest {
        ["ready"] => Answer::text(200, "ready\n"),
        ["loki", "api", "v1", "status", "buildinfo"] => build(glance, spot),
        ["loki", "api", "v1", "query_range"] => range(glance, spot, question),
        ["loki", "api", "v1", "query"] => Answer::text(
            400,
            "log queries are not supported as an instant query type, please change your query to a range query type",
        ),
        ["loki", "api", "v1", "tail"] => Answer { body: Body::Tail, ..Answer::empty(200) },
        ["loki", "api", "v1", "labels"] => {
            success(&json!(["app", "environment", "installation", "level", "namespace"]))
        }
        ["loki", "api", "v1", "label", name, "values"] => values(glance, spot, name),
        ["loki", "api", "v1", "series"] => series(glance, spot),
        ["loki", "api", "v1", "index", "stats"] => {
            Answer::json(&json!({"streams": 12, "chunks": 80, "entries": 720, "bytes": 96_000}))
        }
        _ => Answer::nothing(),
    }
}

fn success(data: &Value) -> Answer {
    Answer::json(&json!({"status": "success", "data": data}))
}

fn build(glance: &Glance<'_>, spot: &Spot<'_>) -> Answer {
    let version = spot.part(glance, "loki");
    let revision = hex(&version, 8);
    Answer::json(
        &json!({"version": version, "revision": revision, "branch": "HEAD", "buildUser": "root@buildkitsandbox",
                         "buildDate": "2026-03-26T17:53:14Z", "goVersion": "go1.25.6"}),
    )
}

/// What is asked of lines: matchers over labels, then filters over the text.
struct Wanted {
    matchers: Vec<Matcher>,
    filters: Vec<Filter>,
}

/// A filter over the text, its pattern made once: a stretch of time has thousands of lines.
struct Filter {
    value: String,
    pattern: Option<regex::Regex>,
    is_regex: bool,
    is_equal: bool,
}

fn read(query: &str) -> Result<Wanted, String> {
    let wrong = |text: &str| format!("parse error at line 1, col 1: {text}");
    if !query.trim_start().starts_with('{') {
        return Err(wrong("syntax error: unexpected IDENTIFIER"));
    }
    let (matchers, mut rest) =
        selector::matchers(query.trim_start()).map_err(|_| wrong("syntax error: unexpected end of input"))?;
    let mut filters = Vec::new();
    loop {
        rest = rest.trim_start();
        let operators = [("|=", false, true), ("!=", false, false), ("|~", true, true), ("!~", true, false)];
        let found =
            operators.into_iter().find_map(|(sign, regex, equal)| Some((regex, equal, rest.strip_prefix(sign)?)));
        let Some((is_regex, is_equal, after)) = found else { break };
        let (value, after) =
            selector::quoted(after.trim_start()).map_err(|_| wrong("syntax error: unexpected end of input"))?;
        let pattern = if is_regex { regex::Regex::new(&value).ok() } else { None };
        filters.push(Filter { value, pattern, is_regex, is_equal });
        rest = after;
    }
    // Further stages, such as `| json`, change nothing about which lines there are.
    Ok(Wanted { matchers, filters })
}

impl Wanted {
    /// Keeps the lines that are wanted. Labels are looked at once for each program and level.
    fn sift(&self, spot: &Spot<'_>, found: &mut Vec<Line>) {
        let mut known: BTreeMap<(String, &'static str), bool> = BTreeMap::new();
        found.retain(|line| {
            let key = (line.app.clone(), line.level);
            let labelled = *known.entry(key).or_insert_with(|| {
                let labels = labels(spot, line);
                let value = |name: &str| labels.get(name).map(String::as_str).unwrap_or_default().to_owned();
                self.matchers.iter().all(|one| one.holds(&value(&one.name)))
            });
            labelled && self.filters.iter().all(|one| one.passes(&line.text))
        });
    }
}

impl Filter {
    fn passes(&self, text: &str) -> bool {
        let meets = match &self.pattern {
            Some(pattern) => pattern.is_match(text),
            None => !self.is_regex && text.contains(&self.value),
        };
        meets == self.is_equal
    }
}

fn labels(spot: &Spot<'_>, line: &Line) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("app", line.app.clone()),
        ("environment", spot.environment.to_owned()),
        ("installation", spot.one.id.clone()),
        ("level", line.level.to_owned()),
        ("namespace", spot.one.namespace()),
    ])
}

/// Loki keeps a limit of its own.
const MOST: usize = 5000;

fn range(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Answer {
    if let Some(counting) = counting(question.get("query").unwrap_or_default()) {
        return counted(glance, spot, &counting, question);
    }
    let wanted = match read(question.get("query").unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(text) => return Answer::text(400, text),
    };
    let limit = question.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    if limit > MOST {
        let text =
            format!("max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {MOST})");
        return Answer::text(400, text);
    }
    let time = |name: &str| question.get(name).and_then(times::parse);
    let end = time("end").unwrap_or(glance.at);
    let since = question.get("since").and_then(times::duration).unwrap_or(TimeDelta::hours(1));
    let start = time("start").unwrap_or(end - since);
    if end - start > TimeDelta::days(30) + TimeDelta::hours(1) {
        return Answer::text(400, "the query time range exceeds the limit (query length: 721h0m0s, limit: 30d1h)");
    }
    let mut found = lines(glance, spot.one, spot.environment, (start, end));
    wanted.sift(spot, &mut found);
    let forward = question.get("direction") == Some("forward");
    if !forward {
        found.reverse();
    }
    found.truncate(limit);
    success(
        &json!({"resultType": "streams", "result": streams(spot, &found), "stats": {"summary": {"totalEntriesReturned": found.len()}}}),
    )
}

/// A query that counts lines by labels in stretches of time.
struct Counting<'q> {
    by: Vec<&'q str>,
    query: &'q str,
    stretch: TimeDelta,
}

fn counting(text: &str) -> Option<Counting<'_>> {
    let (by, rest) = text.trim().strip_prefix("sum by (")?.split_once(')')?;
    let inner = rest.trim().strip_prefix("(count_over_time(")?.strip_suffix("))")?;
    let (query, stretch) = inner.trim_end().strip_suffix(']')?.rsplit_once('[')?;
    let by = by.split(',').map(str::trim).collect();
    Some(Counting { by, query, stretch: times::duration(stretch)? })
}

fn counted(glance: &Glance<'_>, spot: &Spot<'_>, counting: &Counting<'_>, question: &Question) -> Answer {
    let wanted = match read(counting.query) {
        Ok(wanted) => wanted,
        Err(text) => return Answer::text(400, text),
    };
    let time = |name: &str| question.get(name).and_then(times::parse);
    let end = time("end").unwrap_or(glance.at);
    let start = time("start").unwrap_or(end - TimeDelta::hours(1));
    let step = question.get("step").and_then(times::duration).unwrap_or(TimeDelta::minutes(1));
    if step <= TimeDelta::zero() || (end - start).num_seconds() / step.num_seconds().max(1) > 11_000 {
        return Answer::text(400, "exceeded maximum resolution of 11,000 points per time series");
    }
    let mut found = lines(glance, spot.one, spot.environment, (start - counting.stretch, end));
    wanted.sift(spot, &mut found);
    let mut series: BTreeMap<BTreeMap<&str, String>, Vec<Value>> = BTreeMap::new();
    let mut at = start;
    while at <= end {
        // A stretch ends with its last moment, and begins behind its first.
        let stretch = found.iter().filter(|line| line.at > at - counting.stretch && line.at <= at);
        let mut sums: BTreeMap<BTreeMap<&str, String>, u64> = BTreeMap::new();
        for line in stretch {
            let mut all = labels(spot, line);
            let key = counting.by.iter().filter_map(|name| Some((*name, all.remove(*name)?))).collect();
            *sums.entry(key).or_default() += 1;
        }
        for (key, n) in sums {
            series.entry(key).or_default().push(json!([times::unix(at), n.to_string()]));
        }
        at += step;
    }
    let result: Vec<Value> =
        series.into_iter().map(|(metric, values)| json!({"metric": metric, "values": values})).collect();
    success(&json!({"resultType": "matrix", "result": result}))
}

fn streams(spot: &Spot<'_>, lines: &[Line]) -> Vec<Value> {
    let mut found: BTreeMap<BTreeMap<&'static str, String>, Vec<Value>> = BTreeMap::new();
    for line in lines {
        found.entry(labels(spot, line)).or_default().push(json!([nanos(line.at), said(line)]));
    }
    found.into_iter().map(|(stream, values)| json!({"stream": stream, "values": values})).collect()
}

fn nanos(at: Moment) -> String {
    at.timestamp_nanos_opt().unwrap_or_default().to_string()
}

fn said(line: &Line) -> String {
    format!("level={} msg={:?}", line.level, line.text)
}

fn values(glance: &Glance<'_>, spot: &Spot<'_>, name: &str) -> Answer {
    let recent = lines(glance, spot.one, spot.environment, (glance.at - TimeDelta::minutes(30), glance.at));
    let mut found: Vec<String> = recent.iter().filter_map(|line| labels(spot, line).remove(name)).collect();
    found.sort();
    found.dedup();
    // Loki leaves the list out where there is none.
    if found.is_empty() { Answer::json(&json!({"status": "success"})) } else { success(&found.into()) }
}

fn series(glance: &Glance<'_>, spot: &Spot<'_>) -> Answer {
    let recent = lines(glance, spot.one, spot.environment, (glance.at - TimeDelta::minutes(30), glance.at));
    let mut found: Vec<_> = recent.iter().map(|line| labels(spot, line)).collect();
    found.sort();
    found.dedup();
    success(&json!(found))
}
