//! Windows across clock changes, midnight and leap days, and against themselves.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use chrono::{TimeDelta, Timelike};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn shown(spans: &[Span]) -> String {
    let short = |moment: Moment| moment.format("%dT%H:%M").to_string();
    spans.iter().map(|span| format!("{}-{}", short(span.start), short(span.end))).collect::<Vec<_>>().join(" ")
}

const MONDAYS: &str = "FREQ=WEEKLY;BYDAY=MO";
const DAILY: &str = "FREQ=DAILY";

#[test]
fn wall_clock_windows_stay_on_the_wall_in_both_hemispheres() {
    let (berlin, sydney, howe, apia) =
        (Tz::Europe__Berlin, Tz::Australia__Sydney, Tz::Australia__Lord_Howe, Tz::Pacific__Apia);
    for (rule, start, hours, zone, from, to, expected) in [
        // 17:00 is 15:00 UTC in summer and 16:00 in winter.
        (
            MONDAYS,
            "17:00",
            4,
            berlin,
            "2026-10-18T00:00:00Z",
            "2026-10-27T00:00:00Z",
            "19T15:00-19T19:00 26T16:00-26T20:00",
        ),
        (
            MONDAYS,
            "17:00",
            4,
            berlin,
            "2027-03-22T00:00:00Z",
            "2027-03-30T00:00:00Z",
            "22T16:00-22T20:00 29T15:00-29T19:00",
        ),
        // Across the change four hours are four hours: 23:00 summer time to 02:00 winter time, 23:00 to 04:00.
        (DAILY, "23:00", 4, berlin, "2026-10-24T20:00:00Z", "2026-10-25T12:00:00Z", "24T21:00-25T01:00"),
        (DAILY, "23:00", 4, berlin, "2027-03-27T20:00:00Z", "2027-03-28T12:00:00Z", "27T22:00-28T02:00"),
        // A start in the gap moves by the gap; one in the fold is the first.
        (DAILY, "02:30", 2, berlin, "2027-03-28T00:00:00Z", "2027-03-29T00:00:00Z", "28T01:30-28T03:30"),
        (DAILY, "02:30", 2, berlin, "2026-10-24T23:00:00Z", "2026-10-25T12:00:00Z", "25T00:30-25T02:30"),
        (
            DAILY,
            "17:00",
            1,
            sydney,
            "2026-10-03T00:00:00Z",
            "2026-10-05T00:00:00Z",
            "03T07:00-03T08:00 04T06:00-04T07:00",
        ),
        (
            DAILY,
            "17:00",
            1,
            sydney,
            "2027-04-03T00:00:00Z",
            "2027-04-05T00:00:00Z",
            "03T06:00-03T07:00 04T07:00-04T08:00",
        ),
        (DAILY, "02:15", 1, howe, "2026-10-03T00:00:00Z", "2026-10-04T12:00:00Z", "03T15:45-03T16:45"),
        (DAILY, "01:45", 1, howe, "2027-04-03T00:00:00Z", "2027-04-04T12:00:00Z", "03T14:45-03T15:45"),
        // Samoa left out 30 December 2011: that day's window and the next one's are one and the same.
        (
            DAILY,
            "12:00",
            1,
            apia,
            "2011-12-29T12:00:00Z",
            "2011-12-31T12:00:00Z",
            "29T22:00-29T23:00 30T22:00-30T23:00",
        ),
    ] {
        let window = window("w", rule, None, start, hours, zone);
        assert_eq!(shown(&between(&window, at(from), at(to))), expected, "{start} in {zone} from {from}");
    }
}

#[test]
fn a_window_open_now_counts_until_it_ends() {
    let window = window("monday", MONDAYS, None, "22:00", 4, Tz::Europe__Berlin);
    for (moment, open, next) in [
        ("2026-11-23T20:59:59Z", false, "2026-11-23T21:00:00Z"),
        ("2026-11-23T21:00:00Z", true, "2026-11-23T21:00:00Z"),
        ("2026-11-24T00:59:59Z", true, "2026-11-23T21:00:00Z"), // after midnight
        ("2026-11-24T01:00:00Z", false, "2026-11-30T21:00:00Z"),
    ] {
        assert_eq!(open_at(&window, at(moment)).is_some(), open, "{moment}");
        assert_eq!(next_after(&window, at(moment)).unwrap().start, at(next), "{moment}");
    }
}

#[test]
fn an_end_counts_by_day_by_moment_or_by_the_wall() {
    let all = (at("2026-11-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    for (end, count) in [
        ("", 9),
        (";UNTIL=20261116", 3),
        (";UNTIL=20261116T160000Z", 3), // 17:00 in Berlin: the one that begins then is the last
        (";UNTIL=20261116T155959Z", 2),
        (";UNTIL=20261116T170000", 3),
        (";UNTIL=20261116T165959", 2),
    ] {
        let window = window("w", &format!("{MONDAYS}{end}"), None, "17:00", 4, Tz::Europe__Berlin);
        assert_eq!(between(&window, all.0, all.1).len(), count, "{end}");
    }
}

#[test]
fn rules_that_never_come_and_windows_that_never_open_end_quickly() {
    for (rule, hours) in [("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", 4), (MONDAYS, 0), ("nonsense", 4)] {
        let window = window("w", rule, None, "17:00", hours, Tz::UTC);
        assert_eq!(next_after(&window, at("2026-11-21T00:00:00Z")), None);
        assert_eq!(between(&window, at("2026-11-21T00:00:00Z"), at("2036-11-21T00:00:00Z")), []);
    }
}

#[test]
fn the_shared_list_says_what_the_windows_say() {
    let quarterly =
        window("quarterly", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU", Some("2026-02-03"), "20:00", 3, Tz::Europe__Rome);
    let now = at("2026-11-21T00:00:00Z");
    let windows = Windows::from_list([&quarterly], now, at("2026-12-21T00:00:00Z"));
    let starts: Vec<Moment> = windows.all(&"quarterly".into()).iter().map(|span| span.start).collect();
    assert_eq!(starts, [at("2027-02-02T19:00:00Z"), at("2027-05-04T18:00:00Z"), at("2027-08-03T18:00:00Z")]);
    assert_eq!(windows.next(&["quarterly".into()], now).cloned(), next_after(&quarterly, now));
    assert_eq!(windows.open_at(&["quarterly".into()], now), None);
}

proptest! {
    #[test]
    fn functions_agree_and_ranges_add_up(
        rule in prop_oneof![Just(MONDAYS), Just(DAILY), Just("FREQ=MONTHLY;BYMONTHDAY=-1"), Just("FREQ=WEEKLY;BYDAY=SA,SU")],
        minute in 0..1440_u32, length in 1..40_u64,
        zone in prop_oneof![Just(Tz::Europe__Berlin), Just(Tz::Australia__Lord_Howe), Just(Tz::America__St_Johns), Just(Tz::UTC)],
        from in 1_700_000_000..1_900_000_000_i64, cut in 0..3_000_000_i64, more in 0..3_000_000_i64,
    ) {
        let mut window = window("w", rule, None, "00:00", length, zone);
        window.start = window.start.with_minute(minute % 60).unwrap().with_hour(minute / 60).unwrap();
        let from = Moment::from_timestamp(from, 0).unwrap();
        let (middle, to) = (from + TimeDelta::seconds(cut), from + TimeDelta::seconds(cut + more));
        let whole = between(&window, from, to);
        prop_assert!(whole.windows(2).all(|pair| pair[0].start < pair[1].start));
        prop_assert!(whole.iter().all(|span| span.end > from && span.start < to));
        let mut parts = between(&window, from, middle);
        parts.extend(between(&window, middle, to));
        parts.sort_by_key(|span| span.start);
        parts.dedup();
        prop_assert_eq!(&whole, &parts);

        let open = open_at(&window, from);
        let next = next_after(&window, from).unwrap();
        prop_assert!(next.end > from);
        prop_assert_eq!(open.is_some(), next.start <= from);
        if let Some(first) = whole.first() {
            prop_assert_eq!(first, &next);
        } else {
            prop_assert!(next.start >= to || cut + more == 0);
        }
        let shared = Windows::from_list([&window], from, to);
        let shared = shared.next(&["w".into()], from).cloned();
        prop_assert_eq!(shared, open.or(Some(next)));
    }
}
