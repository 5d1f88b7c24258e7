//! How single values are spelt: durations, times, dates, addresses. Each answers with the value or not at all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveTime};
use url::Url;

use crate::diagnostic::{did_you_mean, one_of};
use crate::domain::clock::{Dated, Day};
use crate::text::clean::Clean;

/// Nothing here lasts longer than a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);
/// The years a date may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// `30s`, `3m`, `48h`, `30d`, `1h30m`; `250ms`; weeks as `2w`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, more) = rest.split_at_checked(end)?;
        let unit = more.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(more.len());
        let (unit, more) = more.split_at_checked(unit)?;
        let n: u32 = digits.parse().ok()?;
        let one = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" | "min" => Duration::from_secs(60),
            "h" => Duration::from_secs(3_600),
            "d" => Duration::from_secs(86_400),
            "w" => Duration::from_secs(7 * 86_400),
            _ => return None,
        };
        total = total.checked_add(one.checked_mul(n)?)?;
        rest = more;
    }
    (total > Duration::ZERO || text.starts_with('0')).then_some(total).filter(|total| *total <= LONGEST)
}

/// A duration that is a whole number of days.
#[must_use]
pub fn days(text: &str) -> Option<u32> {
    let seconds = duration(text)?.as_secs();
    (seconds.is_multiple_of(86_400)).then(|| u32::try_from(seconds / 86_400).ok())?
}

/// `17:00`, and `17:00:30` as TOML writes a local time.
#[must_use]
pub fn time(text: &str) -> Option<NaiveTime> {
    let well_formed = text.bytes().enumerate().all(|(n, b)| if n % 3 == 2 { b == b':' } else { b.is_ascii_digit() });
    match text.len() {
        5 if well_formed => NaiveTime::parse_from_str(text, "%H:%M").ok(),
        8 if well_formed => NaiveTime::parse_from_str(text, "%H:%M:%S").ok().filter(|_| !text.ends_with(":60")),
        _ => None,
    }
}

/// `2026-11-21`.
#[must_use]
pub fn day(text: &str) -> Option<Day> {
    let well_formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day: Day = text.parse().ok().filter(|_| well_formed)?;
    YEARS.contains(&chrono::Datelike::year(&day)).then_some(day)
}

/// A date, or a moment with its offset.
#[must_use]
pub fn dated(text: &str) -> Option<Dated> {
    if let Some(day) = day(text) {
        return Some(Dated::On(day));
    }
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    YEARS.contains(&chrono::Datelike::year(&moment)).then(|| Dated::At(moment.to_utc()))
}

/// An address of one of these schemes. Why not, in words that follow the key.
///
/// # Errors
/// The words that follow the key; they hold no credential.
pub fn url(text: &str, schemes: &[&str]) -> Result<Url, String> {
    let wanted =
        || one_of(schemes.iter().map(|scheme| format!("{scheme}://")).collect::<Vec<_>>().iter().map(String::as_str));
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => format!("is no address: it begins with {}", wanted()),
        other => format!("is no address: {other}"),
    })?;
    if !schemes.contains(&url.scheme()) {
        let near = did_you_mean(url.scheme(), schemes.iter().copied());
        let scheme = Clean::line_within(url.scheme(), 24);
        return Err(match near {
            Some(question) => format!("is an address of `{scheme}`: {question}"),
            None => format!("is an address of `{scheme}`, not of {}", wanted()),
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a credential: use `username` and `password = { env = \"NAME\" }` beside it".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) && url.scheme() != "file" {
        return Err("names no host".to_owned());
    }
    Ok(url)
}

/// A path; a relative one from a folder, `~/` from home.
#[must_use]
pub fn path(text: &str, folder: &Path) -> Option<PathBuf> {
    if text.is_empty() || text.contains('\0') {
        return None;
    }
    if let Some(rest) = text.strip_prefix("~/") {
        return Some(PathBuf::from(std::env::var_os("HOME")?).join(rest));
    }
    Some(folder.join(text))
}

/// Whether a text may name an environment variable.
#[must_use]
pub fn is_variable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
        && text.len() <= 128
}

/// What went wrong with a file, without the system's number.
#[must_use]
pub fn io(error: &std::io::Error) -> String {
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or_default();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// `host:port`, `[::1]:port`, `tls://host:port` or `unix:/path`. Why not, where there is more to say than what is wanted.
///
/// # Errors
/// The words that follow the key, where the usual ones do not fit.
pub fn socket(text: &str) -> Result<(), Option<String>> {
    if let Some(path) = text.strip_prefix("unix:") {
        return if path.starts_with('/') {
            Ok(())
        } else {
            Err(Some("wants a path from the root after `unix:`".to_owned()))
        };
    }
    let (host, port) = text.rsplit_once(':').ok_or(None)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host_is_well_formed = if bare == host {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    } else {
        bare.parse::<std::net::Ipv6Addr>().is_ok()
    };
    match port.parse::<u16>() {
        Ok(1..) if host_is_well_formed && port.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        Ok(0) | Err(_) if host_is_well_formed => Err(Some("wants a port from 1 to 65535 after its colon".to_owned())),
        _ => Err(None),
    }
}

/// A git repository: `https://`, `ssh://`, `file://`, `user@host:path` or a path.
///
/// # Errors
/// The words that follow the key, where the usual ones do not fit.
pub fn repository(text: &str) -> Result<(), Option<String>> {
    if text.is_empty() || text.starts_with('-') || text.contains(char::is_control) {
        return Err(None);
    }
    // `ext::` and its like run programs.
    if text.contains("::") && !text.contains("://") {
        return Err(Some("names a helper program of git: use `https://`, `ssh://` or a path".to_owned()));
    }
    let Some((scheme, _)) = text.split_once("://") else { return Ok(()) };
    if scheme == "ssh" {
        // Its user is part of the address, and no credential.
        let url = Url::parse(text).map_err(|error| Some(format!("is no address: {error}")))?;
        return if url.password().is_none() { Ok(()) } else { Err(Some("holds a password: use a key".to_owned())) };
    }
    url(text, &["https", "http", "ssh", "file"]).map(|_| ()).map_err(Some)
}

/// Whether a text may name a header.
#[must_use]
pub fn is_header(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&b))
}

/// What an id has to be, after its name.
pub const ID_WORDS: &str = "is no id: use lower-case letters, digits, `-`, `_` and `.`, a letter or digit first";

/// Whether a text may be an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 128
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
}

/// A rhythm in whole months: `3 months`.
#[must_use]
pub fn months(text: &str) -> Option<u32> {
    let (n, unit) = text.split_once(' ')?;
    let n = n.parse().ok().filter(|n| (1..=120).contains(n))?;
    matches!(unit, "month" | "months").then_some(n)
}

/// A length of time as a person would write it: `4h`, `1d12h`.
#[must_use]
pub fn told(length: Duration) -> String {
    let mut rest = length.as_secs();
    let mut out = String::new();
    for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if rest >= seconds {
            out.push_str(&format!("{}{unit}", rest / seconds));
            rest %= seconds;
        }
    }
    if out.is_empty() { format!("{}ms", length.as_millis()) } else { out }
}
