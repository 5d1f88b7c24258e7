//! Times as the protocols write them.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};

use crate::demo::scenario::HOME;
use crate::domain::clock::Moment;

/// RFC 3339 with milliseconds and `Z`.
#[must_use]
pub fn millis(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// RFC 3339 to the second, with `Z`.
#[must_use]
pub fn seconds(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 3339 with nanoseconds, as Go writes them.
#[must_use]
pub fn nanos(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// With milliseconds and the vendor's own offset, as its status page writes them.
#[must_use]
pub fn home(at: Moment) -> String {
    let local: DateTime<FixedOffset> = at.with_timezone(&HOME).fixed_offset();
    local.to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// As in HTTP headers and feeds.
#[must_use]
pub fn http(at: Moment) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Seconds since 1970 with milliseconds, as a JSON number.
#[must_use]
pub fn unix(at: Moment) -> f64 {
    (at - DateTime::<Utc>::UNIX_EPOCH).as_seconds_f64()
}

/// A time as Prometheus and Loki accept it: seconds with decimals, nanoseconds, or RFC 3339.
#[must_use]
pub fn parse(text: &str) -> Option<Moment> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let digits = text.trim_start_matches('-');
    if digits.len() > 10 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(DateTime::from_timestamp_nanos);
    }
    let seconds: f64 = text.parse().ok()?;
    span(seconds).and_then(|passed| DateTime::<Utc>::UNIX_EPOCH.checked_add_signed(passed))
}

/// A duration as the protocols accept it: seconds with decimals, or `5m`, `1h30m`.
#[must_use]
pub fn duration(text: &str) -> Option<TimeDelta> {
    if let Ok(seconds) = text.parse::<f64>() {
        return span(seconds);
    }
    let mut whole = TimeDelta::zero();
    let mut digits = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let number: i64 = digits.parse().ok()?;
        digits.clear();
        whole += match (letter, letters.peek()) {
            ('m', Some('s')) => {
                letters.next();
                TimeDelta::try_milliseconds(number)?
            }
            ('s', _) => TimeDelta::try_seconds(number)?,
            ('m', _) => TimeDelta::try_minutes(number)?,
            ('h', _) => TimeDelta::try_hours(number)?,
            ('d', _) => TimeDelta::try_days(number)?,
            ('w', _) => TimeDelta::try_weeks(number)?,
            _ => return None,
        };
    }
    (digits.is_empty() && whole > TimeDelta::zero()).then_some(whole)
}

fn span(seconds: f64) -> Option<TimeDelta> {
    // Half a millisecond on top: what was written with three decimals is read with the same three.
    let passed = std::time::Duration::try_from_secs_f64(seconds.abs() + 0.000_5).ok()?;
    let passed = TimeDelta::try_milliseconds(TimeDelta::from_std(passed).ok()?.num_milliseconds())?;
    Some(if seconds < 0.0 { -passed } else { passed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_every_form() {
        let wanted = "2026-11-21T01:17:00.781Z".parse::<Moment>().ok();
        for text in
            ["1795223820.781", "2026-11-21T01:17:00.781Z", "2026-11-21T02:17:00.781+01:00", "1795223820781000000"]
        {
            assert_eq!(parse(text).map(millis), wanted.map(millis), "{text}");
        }
        assert_eq!((parse("soon"), parse("1e400")), (None, None));
    }

    #[test]
    fn durations_come_in_every_form() {
        for (text, seconds) in [("15", 15), ("1.0", 1), ("5m", 300), ("1h30m", 5400), ("2d", 172_800), ("1500ms", 1)] {
            assert_eq!(duration(text).map(|passed| passed.num_seconds()), Some(seconds), "{text}");
        }
        assert_eq!((duration("m"), duration("5x"), duration("")), (None, None, None));
    }
}
