//! Numbers, durations and times as people say them. Pure: the time it is now is an argument, already in the zone in
//! which it shall be shown.

use std::fmt::Display;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Timelike};

use super::lasting::note_words;

const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;
const YEAR: i128 = 365 * DAY;

/// A length of time that grows or shrinks, its direction aside: `< 1 s`, `42 s`, `18 min`, `3 h 10`, `17 h`, `5 d`, `2 y`.
/// It notes when its words change.
#[must_use]
pub fn span(length: TimeDelta) -> String {
    note_words(next_change(length).min(next_change_left(length)));
    fixed(length)
}

/// The same of a length that stays as it is.
#[must_use]
pub fn fixed(length: TimeDelta) -> String {
    let nanos = nanos(length).abs();
    match nanos {
        n if n < SECOND => "< 1 s".to_owned(),
        n if n < MINUTE => format!("{} s", n / SECOND),
        n if n < HOUR => format!("{} min", n / MINUTE),
        n if n < 10 * HOUR => match n / MINUTE % 60 {
            0 => format!("{} h", n / HOUR),
            minutes => format!("{} h {minutes:02}", n / HOUR),
        },
        n if n < 2 * DAY => format!("{} h", n / HOUR),
        n if n < 2 * YEAR => format!("{} d", n / DAY),
        n => format!("{} y", n / YEAR),
    }
}

/// How old something is that is told every minute or so: `< 1 min`, `18 min`. Seconds would be a tick on every row, and
/// nobody's concern.
#[must_use]
pub fn rough(age: TimeDelta) -> String {
    let left = MINUTE - nanos(age);
    if left <= 0 {
        return span(age);
    }
    note_words(duration(left));
    "< 1 min".to_owned()
}

/// How long ago something was: `18 min ago`; of what is still to come: `in 18 min`.
#[must_use]
pub fn ago(age: TimeDelta) -> String {
    if nanos(age) < 0 { format!("in {}", span(age)) } else { format!("{} ago", span(age)) }
}

/// How long until something is: `in 42 min`; of what is past: `18 min ago`.
#[must_use]
pub fn until(left: TimeDelta) -> String {
    if nanos(left) < 0 { format!("{} ago", span(left)) } else { format!("in {}", span(left)) }
}

/// What is left of a time one has: `42 min left`; when it is used up: `18 min over`.
#[must_use]
pub fn left(left: TimeDelta) -> String {
    if nanos(left) < 0 { format!("{} over", span(left)) } else { format!("{} left", span(left)) }
}

/// After how long the words for a growing age become others. A screen needs no tick before.
#[must_use]
pub fn next_change(age: TimeDelta) -> Duration {
    let nanos = nanos(age);
    let size = nanos.abs();
    let step = step(size);
    // A negative age shrinks on its way to zero: its words change just below the start of their range, at zero itself
    // because it isn't negative any more.
    duration(match size {
        _ if nanos >= 0 => step - size % step,
        size if size < step => size,
        size => size % step + 1,
    })
}

/// After how long the words for a shrinking rest become others: [`next_change`] for countdowns.
#[must_use]
pub fn next_change_left(left: TimeDelta) -> Duration {
    let nanos = nanos(left);
    let step = step(nanos.abs());
    duration(if nanos < 0 { step - nanos.abs() % step } else { nanos % step + 1 })
}

/// Of how long a stretch the words at this length stay the same.
fn step(size: i128) -> i128 {
    match size {
        n if n < MINUTE => SECOND,
        n if n < 10 * HOUR => MINUTE,
        n if n < 2 * DAY => HOUR,
        n if n < 2 * YEAR => DAY,
        _ => YEAR,
    }
}

fn nanos(length: TimeDelta) -> i128 {
    i128::from(length.num_seconds()) * SECOND + i128::from(length.subsec_nanos())
}

fn duration(nanos: i128) -> Duration {
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

/// A size: `512 B`, `1.4 MB`, `62 kB`. A thousand bytes are a kilobyte.
#[must_use]
pub fn bytes(n: u64) -> String {
    if n < 1000 {
        return format!("{n} B");
    }
    let mut unit = 1000u64;
    for name in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        // Rounded to the digits shown, so that 999,999 B is 1.0 MB and not 1000 kB.
        let tenths = (u128::from(n) * 10 + u128::from(unit) / 2) / u128::from(unit);
        let whole = (u128::from(n) + u128::from(unit) / 2) / u128::from(unit);
        if tenths < 100 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        if whole < 1000 || name == "EB" {
            return format!("{whole} {name}");
        }
        unit = unit.saturating_mul(1000);
    }
    format!("{n} B")
}

/// A count with its thousands apart: `1,240`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 alert`, `2 alerts`, `0 alerts`.
#[must_use]
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A share as `96 %`. It is `100 %` only of all and `0 %` only of nothing; a share of nothing is unknown: `?`.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "?".to_owned();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    match (part * 200 + whole) / (2 * whole) {
        0 if part > 0 => "< 1 %".to_owned(),
        100 if part < whole => "99 %".to_owned(),
        n => format!("{n} %"),
    }
}

/// A day with its weekday: `Thu 3 Dec`. A day far from today says its year: `Wed 31 Mar 2027`.
#[must_use]
pub fn day(on: NaiveDate, today: NaiveDate) -> String {
    format!("{} {}", on.weekday(), short_day(on, today))
}

/// A day: `3 Dec`, or `3 Dec 2027` when it is far enough from today to be mistaken for another year's.
#[must_use]
pub fn short_day(on: NaiveDate, today: NaiveDate) -> String {
    let far = on.signed_duration_since(today).num_days().abs() > 270;
    on.format(if far { "%-d %b %Y" } else { "%-d %b" }).to_string()
}

/// A day seen from today: `today`, `tomorrow`, `yesterday`, `in 12 d`, `14 d ago`.
#[must_use]
pub fn relative_day(on: NaiveDate, today: NaiveDate) -> String {
    match on.signed_duration_since(today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        n if n > 0 => format!("in {n} d"),
        n => format!("{} d ago", n.unsigned_abs()),
    }
}

/// A time of day: `17:00`.
#[must_use]
pub fn hour<Z: TimeZone>(at: &DateTime<Z>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// A stretch within a day or over midnight: `17:00–21:00`.
#[must_use]
pub fn hours<Z: TimeZone>(start: &DateTime<Z>, end: &DateTime<Z>) -> String {
    format!("{}–{}", hour(start), hour(end))
}

/// A moment in full, with its zone: `Sat 21 Nov 02:17 CET`.
#[must_use]
pub fn stamp<Z: TimeZone>(at: &DateTime<Z>) -> String
where
    Z::Offset: Display,
{
    at.format("%a %-d %b %H:%M %Z").to_string()
}

/// A moment as short as it can be without doubt: today `17:00`, in the next six days `Mon 17:00`, else `2 Feb 20:00`,
/// with the year where it is far.
#[must_use]
pub fn when<Z: TimeZone>(at: &DateTime<Z>, now: &DateTime<Z>) -> String {
    let (on, today) = (at.date_naive(), now.date_naive());
    match on.signed_duration_since(today).num_days() {
        0 => hour(at),
        1..=6 => format!("{} {}", on.weekday(), hour(at)),
        _ => format!("{} {}", short_day(on, today), hour(at)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (seconds, words) in [
            (0, "< 1 s"),
            (1, "1 s"),
            (59, "59 s"),
            (60, "1 min"),
            (18 * 60 + 59, "18 min"),
            (3600, "1 h"),
            (3600 + 5 * 60, "1 h 05"),
            (3 * 3600 + 10 * 60, "3 h 10"),
            (10 * 3600 - 1, "9 h 59"),
            (10 * 3600 + 1800, "10 h"),
            (47 * 3600, "47 h"),
            (48 * 3600, "2 d"),
            (5 * 86_400 + 3600, "5 d"),
            (729 * 86_400, "729 d"),
            (730 * 86_400, "2 y"),
            (-18 * 60, "18 min"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), words, "{seconds} s");
        }
    }

    #[test]
    fn what_is_told_every_minute_has_no_seconds() {
        for (seconds, words, lasts) in [(0, "< 1 min", Some(60)), (59, "< 1 min", Some(1)), (60, "1 min", None)] {
            let (said, noted) = super::super::lasting::listen(|| rough(TimeDelta::seconds(seconds)));
            assert_eq!(said, words, "{seconds}");
            assert!(lasts.is_none_or(|lasts| noted.words.as_secs() == lasts), "{seconds}: {noted:?}");
        }
        assert_eq!(rough(TimeDelta::hours(30)), "30 h");
    }

    #[test]
    fn past_and_future_are_told_apart() {
        let (past, future) = (TimeDelta::minutes(-18), TimeDelta::minutes(42));
        assert_eq!((ago(-past), ago(-future)), ("18 min ago".to_owned(), "in 42 min".to_owned()));
        assert_eq!((until(future), until(past)), ("in 42 min".to_owned(), "18 min ago".to_owned()));
        assert_eq!((left(future), left(past)), ("42 min left".to_owned(), "18 min over".to_owned()));
        for extreme in [TimeDelta::MIN, TimeDelta::MAX] {
            assert!(ago(extreme).ends_with(" y ago") || ago(extreme).starts_with("in "));
            assert!(next_change(extreme) > Duration::ZERO && next_change_left(extreme) > Duration::ZERO);
        }
    }

    #[test]
    fn sizes_and_counts_are_short_and_grouped() {
        for (n, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1440, "1.4 kB"),
            (9_949, "9.9 kB"),
            (9_951, "10 kB"),
            (62_000, "62 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (1_400_000, "1.4 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(bytes(n), words);
        }
        for (n, words) in [(0, "0"), (999, "999"), (1240, "1,240"), (123_456, "123,456"), (1_000_000, "1,000,000")] {
            assert_eq!(count(n), words);
        }
        for (n, words) in [(0, "0 alerts"), (1, "1 alert"), (2, "2 alerts"), (1240, "1,240 alerts")] {
            assert_eq!(plural(n, "alert", "alerts"), words);
        }
        for (part, whole, words) in [
            (0, 3, "0 %"),
            (1, 1000, "< 1 %"),
            (96, 100, "96 %"),
            (999, 1000, "99 %"),
            (3, 3, "100 %"),
            (0, 0, "?"),
            (u64::MAX, u64::MAX, "100 %"),
        ] {
            assert_eq!(percent(part, whole), words);
        }
    }

    #[test]
    fn days_are_short_and_say_their_year_only_when_in_doubt() {
        let today = date("2026-11-21");
        for (on, long, short, relative) in [
            ("2026-11-21", "Sat 21 Nov", "21 Nov", "today"),
            ("2026-11-22", "Sun 22 Nov", "22 Nov", "tomorrow"),
            ("2026-11-20", "Fri 20 Nov", "20 Nov", "yesterday"),
            ("2026-12-03", "Thu 3 Dec", "3 Dec", "in 12 d"),
            ("2026-11-07", "Sat 7 Nov", "7 Nov", "14 d ago"),
            ("2027-02-02", "Tue 2 Feb", "2 Feb", "in 73 d"),
            ("2027-11-21", "Sun 21 Nov 2027", "21 Nov 2027", "in 365 d"),
        ] {
            assert_eq!(day(date(on), today), long);
            assert_eq!(short_day(date(on), today), short);
            assert_eq!(relative_day(date(on), today), relative);
        }
        assert!(!day(NaiveDate::MIN, NaiveDate::MAX).is_empty());
    }

    #[test]
    fn moments_are_as_short_as_can_be_without_doubt() {
        let at = |y, m, d, h, min| Berlin.with_ymd_and_hms(y, m, d, h, min, 0).unwrap();
        let now = at(2026, 11, 21, 2, 17);
        assert_eq!(stamp(&now), "Sat 21 Nov 02:17 CET");
        assert_eq!(stamp(&at(2026, 7, 1, 9, 5)), "Wed 1 Jul 09:05 CEST");
        assert_eq!(hours(&at(2026, 11, 23, 17, 0), &at(2026, 11, 23, 21, 0)), "17:00–21:00");
        for (moment, words) in [
            (at(2026, 11, 21, 17, 0), "17:00"),
            (at(2026, 11, 23, 17, 0), "Mon 17:00"),
            (at(2026, 11, 27, 17, 0), "Fri 17:00"),
            (at(2026, 11, 28, 17, 0), "28 Nov 17:00"),
            (at(2026, 11, 20, 17, 0), "20 Nov 17:00"),
            (at(2027, 2, 2, 20, 0), "2 Feb 20:00"),
            (at(2028, 2, 2, 20, 0), "2 Feb 2028 20:00"),
        ] {
            assert_eq!(when(&moment, &now), words);
        }
    }

    /// Lengths of all magnitudes, on and beside the places where the words change.
    fn length() -> impl Strategy<Value = TimeDelta> {
        let round =
            prop::sample::select(vec![0i64, 1, 59, 60, 3599, 3600, 35_999, 36_000, 172_800, 63_072_000, 94_608_000]);
        let seconds = prop_oneof![round, 0i64..200, 0i64..200_000, 0i64..200_000_000];
        let nanos = prop_oneof![Just(0i64), Just(1), Just(999_999_999), 0i64..1_000_000_000];
        (seconds, nanos, any::<bool>()).prop_map(|(seconds, nanos, past)| {
            let length = TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanos);
            if past { -length } else { length }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_words_change_exactly_when_foretold(age in length()) {
            let change = TimeDelta::from_std(next_change(age)).unwrap();
            let nano = TimeDelta::nanoseconds(1);
            prop_assert_ne!(ago(age), ago(age + change));
            prop_assert_eq!(ago(age), ago(age + change - nano));
            let change = TimeDelta::from_std(next_change_left(age)).unwrap();
            for say in [left, until] {
                prop_assert_ne!(say(age), say(age - change));
                prop_assert_eq!(say(age), say(age - change + nano));
            }
        }
    }
}
