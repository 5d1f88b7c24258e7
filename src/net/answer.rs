//! What an answer says before anyone understands it: its status as a fault, its words shortened, its pages named.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use serde::de::DeserializeOwned;

use super::limits;
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// The graphemes of a server's words that are repeated.
const WORDS: usize = 200;

/// Reads a JSON answer.
///
/// # Errors
/// [`Fault::Garbled`] with what was found: a page is named by its title, a broken document by its place.
pub fn json<T: DeserializeOwned>(body: &[u8], expected: &'static str) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let why = match strange(body) {
            Some(what) => what,
            None if error.is_eof() => "a document that breaks off".to_owned(),
            None => format!("something else ({error})"),
        };
        Fault::Garbled { expected, why: Clean::line_within(&why, WORDS) }
    })
}

/// What a body is that isn't JSON: an HTML page with its title, nothing at all, another text. None where it may be JSON.
#[must_use]
pub fn strange(body: &[u8]) -> Option<String> {
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.first() {
        None => Some("an empty answer".to_owned()),
        Some(b'<') if is_html(text) => Some(page(text)),
        Some(b'<') => Some("XML".to_owned()),
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => None,
        Some(_) => Some(format!("text that begins `{}`", first_line(text, 40))),
    }
}

/// Whether it is a page for people.
#[must_use]
pub fn is_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.trim_ascii_start().iter().take(1024).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<!doctype html") || memchr::memmem::find(&start, b"<html").is_some()
}

fn page(body: &[u8]) -> String {
    match title(body) {
        Some(title) => format!("an HTML page titled `{title}`"),
        None => "an HTML page".to_owned(),
    }
}

fn title(body: &[u8]) -> Option<String> {
    let head: Vec<u8> = body.iter().take(16 << 10).copied().collect();
    let lower = head.to_ascii_lowercase();
    let open = memchr::memmem::find(&lower, b"<title")?;
    let start = open + memchr::memchr(b'>', lower.get(open..)?)? + 1;
    let end = start + memchr::memmem::find(lower.get(start..)?, b"</title")?;
    let title = first_line(head.get(start..end)?, 80);
    (!title.is_empty()).then_some(title)
}

fn first_line(bytes: &[u8], graphemes: usize) -> String {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default());
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    Clean::line_within(line, graphemes).as_str().to_owned()
}

/// The head of an answer, as far as a fault needs it.
pub struct Head<'a> {
    /// The status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// What is left of the questions that are allowed.
    pub quota: Quota<'a>,
    /// The path that was asked.
    pub path: Clean,
    /// The name of the credential that was shown.
    pub credential: Option<Clean>,
}

/// How many questions a server still allows, and from when on it allows more, where it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota<'a> {
    /// `X-RateLimit-Remaining` of GitHub, `RateLimit-Remaining` of GitLab.
    remaining: Option<&'a str>,
    /// `X-RateLimit-Reset`, `RateLimit-Reset`: seconds since 1970, or from now.
    reset: Option<&'a str>,
}

impl<'a> Quota<'a> {
    /// Reads it from the headers of an answer, by their names in lower case.
    #[must_use]
    pub fn read(header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let either = |end: &str| header(&format!("x-ratelimit-{end}")).or_else(|| header(&format!("ratelimit-{end}")));
        Self { remaining: either("remaining"), reset: either("reset") }
    }

    fn is_spent(self) -> bool {
        self.remaining.is_some_and(|text| text.trim() == "0")
    }

    /// When there will be more.
    fn until(self, now: Moment) -> Option<Moment> {
        let seconds: i64 = self.reset?.trim().parse().ok()?;
        // Nobody has to wait for thirty years: a number as large as that counts from 1970.
        let until = match seconds {
            1_000_000_000.. => DateTime::from_timestamp(seconds, 0)?,
            0.. => now.checked_add_signed(TimeDelta::try_seconds(seconds)?)?,
            ..0 => return None,
        };
        Some(soon(until, now))
    }
}

/// What a status means that is no success.
#[must_use]
pub fn fault(head: Head<'_>, body: &[u8], now: Moment) -> Fault {
    let why = || words(body);
    let until = || head.retry_after.and_then(|text| again(text, now)).or_else(|| head.quota.until(now));
    match head.status {
        401 => Fault::Unauthorised { credential: head.credential },
        // GitHub refuses so what comes too often: a right that is missing has no end in sight.
        403 if head.retry_after.is_some() || head.quota.is_spent() => Fault::Limited { until: until() },
        403 => Fault::Forbidden { why: why() },
        404 | 410 => Fault::Missing { path: head.path },
        407 => Fault::Proxy { why: Clean::line("it wants a credential") },
        429 => Fault::Limited { until: until() },
        503 if head.retry_after.is_some_and(|text| again(text, now).is_some()) => {
            Fault::Limited { until: head.retry_after.and_then(|text| again(text, now)) }
        }
        status => Fault::Refused { status, why: why() },
    }
}

/// When to ask again: `Retry-After` in seconds or as a date, never more than an hour away.
fn again(text: &str, now: Moment) -> Option<Moment> {
    let text = text.trim();
    let until = match text.parse::<u32>() {
        Ok(seconds) => now + TimeDelta::from_std(Duration::from_secs(seconds.into())).ok()?,
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.to_utc(),
    };
    Some(soon(until, now))
}

/// Not before now, and no longer from now than anybody waits.
fn soon(until: Moment, now: Moment) -> Moment {
    let latest = now + TimeDelta::from_std(limits::LONGEST_WAIT).unwrap_or_default();
    until.clamp(now, latest)
}

/// `Retry-After` as it is meant: a date is one of the server's clock, which may be another than ours, so it is read as the
/// seconds from the date the answer bears.
#[must_use]
pub fn by_its_clock<'a>(again: &'a str, date: Option<&str>) -> Cow<'a, str> {
    let read = |text: &str| DateTime::parse_from_rfc2822(text.trim()).ok();
    match (read(again), date.and_then(read)) {
        (Some(again), Some(date)) => (again - date).num_seconds().max(0).to_string().into(),
        _ => again.into(),
    }
}

/// How far the clock of the one who answered is ahead of ours, by the date the answer bears; none where a cache had it lying.
#[must_use]
pub fn ahead<'a>(header: impl Fn(&str) -> Option<&'a str>, now: Moment) -> Option<TimeDelta> {
    let date = header("date").filter(|_| header("age").is_none())?;
    Some(DateTime::parse_from_rfc2822(date.trim()).ok()?.to_utc() - now)
}

/// The server's own words: the message of a JSON error, the title of a page, or the first line.
#[must_use]
pub fn words(body: &[u8]) -> Clean {
    let text = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(value) => message(&value, 0).unwrap_or_default(),
        Err(_) if is_html(body) => page(body),
        Err(_) => first_line(body, WORDS),
    };
    Clean::line_within(&text, WORDS)
}

/// The message in an error document, whatever its dialect.
fn message(value: &serde_json::Value, depth: usize) -> Option<String> {
    use serde_json::Value;
    const KEYS: [&str; 9] = [
        "message",
        "error_description",
        "errorMessages",
        "errors",
        "error",
        "detail",
        "description",
        "title",
        "reason",
    ];
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(items) if depth < 4 => items.iter().find_map(|item| message(item, depth + 1)),
        Value::Object(fields) if depth < 4 => {
            KEYS.iter().find_map(|key| fields.get(*key).and_then(|field| message(field, depth + 1)))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn now() -> Moment {
        "2026-11-21T01:17:00Z".parse().unwrap()
    }

    #[test]
    fn a_server_whose_clock_is_wrong_is_left_alone_for_as_long_as_it_means() {
        let again = "Sat, 21 Nov 2026 02:00:30 GMT";
        for (told, date, expected) in [
            (again, Some("Sat, 21 Nov 2026 02:00:00 GMT"), "30"),
            (again, Some("Sat, 21 Nov 2026 03:00:00 GMT"), "0"),
            (again, Some("today"), again),
            (again, None, again),
            ("120", Some("Sat, 21 Nov 2026 02:00:00 GMT"), "120"),
        ] {
            assert_eq!(by_its_clock(told, date), expected, "{told} at {date:?}");
        }
    }

    #[test]
    fn what_is_no_json_is_named() {
        for (body, expected) in [
            ("", Some("an empty answer")),
            (" \r\n", Some("an empty answer")),
            (
                "<!DOCTYPE html><html><head><TITLE lang=en>\n Sign in \u{1b}[2J· Corp </TITLE>",
                Some("an HTML page titled `Sign in · Corp`"),
            ),
            ("<html><body>hello", Some("an HTML page")),
            ("<?xml version=\"1.0\"?><rss>", Some("XML")),
            ("404 page not found", None), // starts like a number: the reader's own words say more
            ("upstream connect error", Some("text that begins `upstream connect error`")),
            ("{\"a\":1}", None),
            ("\u{feff}[]", None),
        ] {
            assert_eq!(strange(body.as_bytes()).as_deref(), expected, "{body}");
        }
        let fault = json::<Vec<u8>>(b"<html><title>Login</title>", "a list of alerts").unwrap_err();
        assert_eq!(fault.to_string(), "expected a list of alerts, got an HTML page titled `Login`");
        let fault = json::<Vec<u8>>(b"[1,2", "a list of alerts").unwrap_err();
        assert_eq!(fault.to_string(), "expected a list of alerts, got a document that breaks off");
    }

    fn head(status: u16, retry_after: Option<&str>) -> Head<'_> {
        let (path, credential) = (Clean::line("/x"), Some(Clean::line("env T")));
        Head { status, retry_after, quota: Quota::default(), path, credential }
    }

    #[test]
    fn a_spent_quota_is_no_missing_right() {
        let at = |seconds: i64| Fault::Limited { until: Some(now() + TimeDelta::seconds(seconds)) };
        let (later, past) = ((now().timestamp() + 90).to_string(), (now().timestamp() - 90).to_string());
        let denied = Fault::Forbidden { why: Clean::line("") };
        for (status, retry_after, remaining, reset, expected) in [
            (403, None, Some("0"), Some(later.as_str()), at(90)),
            (429, None, Some("0"), Some(later.as_str()), at(90)),
            (429, None, None, Some("30"), at(30)),
            (403, None, Some("0"), Some(past.as_str()), at(0)),
            (403, None, Some("0"), Some("99999999999"), at(3600)),
            (403, Some("60"), Some("4000"), Some(later.as_str()), at(60)),
            (403, None, Some("0"), Some("-5"), Fault::Limited { until: None }),
            (403, None, Some("0"), Some("9223372036854775807"), Fault::Limited { until: None }),
            (403, None, Some("12"), Some(later.as_str()), denied.clone()),
            (403, None, None, None, denied),
        ] {
            let head = Head { quota: Quota { remaining, reset }, ..head(status, retry_after) };
            assert_eq!(fault(head, b"", now()), expected, "{status} {retry_after:?} {remaining:?} {reset:?}");
        }
    }

    #[test]
    fn a_status_becomes_a_fault_that_says_what_to_do() {
        let clean = Clean::line;
        for (status, retry_after, body, expected) in [
            (401, None, "", Fault::Unauthorised { credential: Some(clean("env T")) }),
            (403, None, r#"{"message":"no right"}"#, Fault::Forbidden { why: clean("no right") }),
            (404, None, "", Fault::Missing { path: clean("/x") }),
            (410, None, "", Fault::Missing { path: clean("/x") }),
            (429, None, "", Fault::Limited { until: None }),
            (429, Some("60"), "", Fault::Limited { until: Some(now() + TimeDelta::seconds(60)) }),
            (
                429,
                Some("Sat, 21 Nov 2026 01:20:00 GMT"),
                "",
                Fault::Limited { until: Some(now() + TimeDelta::minutes(3)) },
            ),
            (429, Some("Fri, 20 Nov 2026 01:20:00 GMT"), "", Fault::Limited { until: Some(now()) }),
            (429, Some("99999999"), "", Fault::Limited { until: Some(now() + TimeDelta::hours(1)) }),
            (429, Some("soon"), "", Fault::Limited { until: None }),
            (503, Some("5"), "", Fault::Limited { until: Some(now() + TimeDelta::seconds(5)) }),
            (503, None, "no endpoints", Fault::Refused { status: 503, why: clean("no endpoints") }),
            (
                502,
                None,
                "<html><title>502 Bad Gateway</title>",
                Fault::Refused { status: 502, why: clean("an HTML page titled `502 Bad Gateway`") },
            ),
            (
                400,
                None,
                r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
                Fault::Refused { status: 400, why: clean("parse error") },
            ),
            (
                400,
                None,
                r#"{"errors":[{"code":"DENIED","message":"no"}]}"#,
                Fault::Refused { status: 400, why: clean("no") },
            ),
            (304, None, "", Fault::Refused { status: 304, why: clean("") }),
        ] {
            assert_eq!(
                fault(head(status, retry_after), body.as_bytes(), now()),
                expected,
                "{status} {retry_after:?} {body}"
            );
        }
    }

    #[test]
    fn a_deep_or_long_error_stays_short() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(words(deep.as_bytes()), Clean::line(""));
        assert!(words("x".repeat(100_000).as_bytes()).as_str().len() < 250);
    }

    proptest::proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = (words(&body), strange(&body), title(&body));
        }
    }
}
