//! Rules held against worked days, against a second implementation, and against themselves.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use chrono::{Days, TimeZone};
use proptest::prelude::*;

use super::{Rule, check};
use crate::domain::clock::Day;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn days(rule: &str, since: Option<&str>, from: &str, to: &str) -> String {
    let found = Rule::read(rule).unwrap().days(since.map(day), day(from), day(to));
    found.iter().map(Day::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn rules_fall_on_the_days_people_mean() {
    for (rule, since, from, to, expected) in [
        ("FREQ=WEEKLY;BYDAY=MO", None, "2026-10-19", "2026-11-02", "2026-10-19 2026-10-26 2026-11-02"),
        ("freq=weekly; byday=mo", None, "2026-10-20", "2026-10-26", "2026-10-26"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH", None, "2026-11-16", "2026-11-22", "2026-11-16 2026-11-19"),
        // Quarterly, counted from February.
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU",
            Some("2026-02-03"),
            "2026-01-01",
            "2027-03-01",
            "2026-02-03 2026-05-05 2026-08-04 2026-11-03 2027-02-02",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", None, "2028-01-01", "2028-04-01", "2028-01-31 2028-02-29 2028-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", None, "2026-01-01", "2026-05-30", "2026-01-31 2026-03-31"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", None, "2024-01-01", "2032-12-31", "2024-02-29 2028-02-29 2032-02-29"),
        ("FREQ=YEARLY", Some("2024-02-29"), "2024-01-01", "2032-12-31", "2024-02-29 2028-02-29 2032-02-29"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            None,
            "2026-10-01",
            "2026-12-31",
            "2026-10-30 2026-11-30 2026-12-31",
        ),
        // RFC 5545: how WKST changes every second week.
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            Some("1997-08-05"),
            "1997-01-01",
            "1998-01-01",
            "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            Some("1997-08-05"),
            "1997-01-01",
            "1998-01-01",
            "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
        ),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", None, "1997-01-01", "1999-12-31", "1997-05-12 1998-05-11 1999-05-17"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", None, "2024-12-01", "2026-01-31", "2024-12-30 2025-12-29"),
        // 2 January 2011 lies in week 52 of 2010, which has no 53; the `rrule` crate counts it all the same.
        ("FREQ=YEARLY;BYWEEKNO=53,-2;BYDAY=SU", None, "2009-12-01", "2011-02-01", "2009-12-27 2010-01-03 2010-12-26"),
        ("FREQ=YEARLY;BYDAY=20MO", None, "1997-01-01", "1998-12-31", "1997-05-19 1998-05-18"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", None, "2026-01-01", "2027-12-31", "2026-03-29 2027-03-28"),
        ("FREQ=YEARLY;BYYEARDAY=-1,100", None, "2028-01-01", "2028-12-31", "2028-04-09 2028-12-31"),
        ("FREQ=DAILY;INTERVAL=10", Some("2026-01-05"), "2026-01-20", "2026-02-05", "2026-01-25 2026-02-04"),
        (
            "FREQ=DAILY;BYMONTH=1;BYDAY=SU",
            None,
            "2026-01-01",
            "2026-03-01",
            "2026-01-04 2026-01-11 2026-01-18 2026-01-25",
        ),
        ("FREQ=DAILY;COUNT=3", Some("2026-01-05"), "2026-01-06", "2026-12-31", "2026-01-06 2026-01-07"),
        (
            "FREQ=DAILY;UNTIL=20260107",
            Some("2026-01-05"),
            "2026-01-01",
            "2026-12-31",
            "2026-01-05 2026-01-06 2026-01-07",
        ),
        // What a rule starts from is no day of its own.
        ("FREQ=WEEKLY;BYDAY=MO", Some("2026-11-18"), "2026-11-01", "2026-11-24", "2026-11-23"),
        // Numbered and plain days together are one set; the `rrule` crate finds none here.
        (
            "FREQ=MONTHLY;BYDAY=-2FR,MO",
            None,
            "2000-01-01",
            "2000-01-25",
            "2000-01-03 2000-01-10 2000-01-17 2000-01-21 2000-01-24",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", None, "2026-01-01", "2026-12-31", "2026-02-13 2026-03-13 2026-11-13"),
    ] {
        assert_eq!(days(rule, since, from, to), expected, "{rule} since {since:?}");
    }
}

#[test]
fn a_wrong_rule_is_told_in_a_sentence() {
    for (rule, since, words) in [
        ("", None, "`FREQ` is missing"),
        ("WEEKLY", None, "`WEEKLY` is no part of a rule"),
        ("FREQ=FORTNIGHTLY", None, "found `FORTNIGHTLY`"),
        ("FREQ=HOURLY", None, "finer than a day"),
        ("FREQ=WEEKLY;BYDAY=XX", None, "`1TU` or `-1FR`, found `XX`"),
        ("FREQ=WEEKLY;BYDAY=QMO", None, "found `QMO`"),
        ("FREQ=WEEKLY;BYDAY=1MO", None, "a numbered day"),
        ("FREQ=WEEKLY;BYDAY=M\u{e9}", None, "plain letters"),
        ("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", None, "`BYDAY` is given twice"),
        ("FREQ=WEEKLY;BYDAY=MO;BYHOUR=17", None, "as `start`"),
        ("FREQ=WEEKLY;BYDAY=MO;INTERVAL=0", None, "`INTERVAL` wants a whole number from 1"),
        ("FREQ=WEEKLY;BYDAY=MO;INTERVAL=2", None, "`INTERVAL=2` needs `since`"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", None, "`COUNT` needs `since`"),
        ("FREQ=WEEKLY", None, "names no day"),
        ("FREQ=YEARLY;BYMONTH=2", None, "names no day"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2;UNTIL=20270101", Some("2026-01-01"), "exclude each other"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=soon", None, "`UNTIL` wants a day"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260101", Some("2026-01-02"), "between `since` and `UNTIL`"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", None, "from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", None, "on no day at all"),
        ("FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2", None, "on no day at all"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYMONTHDAY=1", Some("2026-03-01"), "on no day at all"),
        ("FREQ=WEEKLY;BYSETPOS=1", None, "`BYSETPOS` chooses"),
        ("FREQ=WEEKLY;BYEASTER=1", None, "`BYEASTER` is no part"),
    ] {
        let told = check(rule, since.map(day)).unwrap_err();
        assert!(told.contains(words), "{rule:?}: {told}");
    }
    for (rule, since) in [
        ("FREQ=WEEKLY;BYDAY=MO", None),
        ("FREQ=WEEKLY", Some("2026-11-16")),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", None),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20200101", None), // over, but no fault
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101T160000Z", Some("2026-01-01")),
    ] {
        assert_eq!(check(rule, since.map(day)), Ok(()), "{rule}");
    }
}

fn anything() -> impl Strategy<Value = (String, Day)> {
    let extras = prop_oneof![
        Just(("WEEKLY", "BYDAY=MO,TH")),
        Just(("WEEKLY", "BYDAY=SU;WKST=SU")),
        Just(("WEEKLY", "")),
        Just(("DAILY", "")),
        Just(("DAILY", "BYDAY=TU,WE;BYMONTH=1,6,11")),
        Just(("MONTHLY", "")),
        Just(("MONTHLY", "BYDAY=1TU")),
        Just(("MONTHLY", "BYDAY=-2FR,1MO")),
        Just(("MONTHLY", "BYMONTHDAY=-1,15")),
        Just(("MONTHLY", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1")),
        Just(("YEARLY", "")),
        Just(("YEARLY", "BYMONTH=2;BYMONTHDAY=29")),
        Just(("YEARLY", "BYMONTH=3,10;BYDAY=-1SU")),
        Just(("YEARLY", "BYDAY=20MO,-1FR")),
        Just(("YEARLY", "BYWEEKNO=5,20,-3;BYDAY=MO,SU")),
        Just(("YEARLY", "BYYEARDAY=1,-1,200")),
        Just(("YEARLY", "BYMONTH=1;BYDAY=MO;BYSETPOS=2")),
    ];
    let end = prop_oneof![Just(String::new()), (1..40_u32).prop_map(|n| format!(";COUNT={n}"))];
    (extras, 1..5_u32, end, 0..14_000_u64).prop_map(|((freq, extra), interval, end, days)| {
        let extra = if extra.is_empty() { String::new() } else { format!(";{extra}") };
        (format!("FREQ={freq};INTERVAL={interval}{extra}{end}"), day("2000-01-01") + Days::new(days))
    })
}

/// What the `rrule` crate says, which walks from the beginning.
fn second_opinion(rule: &str, since: Day, to: Day) -> Vec<Day> {
    let start = rrule::Tz::UTC.from_utc_datetime(&since.and_hms_opt(0, 0, 0).unwrap());
    let rule: rrule::RRule<rrule::Unvalidated> = rule.parse().unwrap();
    let set = rule.build(start).unwrap().limit();
    set.into_iter().map(|at| at.date_naive()).take_while(|day| *day <= to).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_second_implementation_agrees((rule, since) in anything(), length in 1..1_500_u64) {
        let to = since + Days::new(length);
        prop_assert_eq!(
            Rule::read(&rule).unwrap().days(Some(since), since, to),
            second_opinion(&rule, since, to),
            "{} since {}", rule, since
        );
    }

    #[test]
    fn days_do_not_depend_on_where_one_looks_from(
        (rule, since) in anything(), anchored: bool, before in 0..900_u64, cut in 0..900_u64, after in 0..900_u64,
    ) {
        let rule = Rule::read(&rule).unwrap();
        let since = anchored.then_some(since);
        let from = day("2019-01-01") + Days::new(before);
        let (middle, to) = (from + Days::new(cut), from + Days::new(cut + after));
        let whole = rule.days(since, from, to);
        let mut parts = rule.days(since, from, middle);
        parts.extend(rule.days(since, middle + Days::new(1), to));
        prop_assert!(whole.windows(2).all(|pair| pair[0] < pair[1]));
        if let Some(first) = rule.first(since, from).filter(|day| *day <= to) {
            prop_assert_eq!(Some(&first), whole.first());
        } else {
            prop_assert!(whole.is_empty());
        }
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn no_text_panics_and_what_is_read_ends(text in "[A-Z=;,0-9+\u{e9}-]{0,60}", tail in "(;?(INTERVAL|BYDAY|COUNT|UNTIL|WKST|BYSETPOS)=[-0-9A-Z]{0,9}){0,4}") {
        let _ = check(&text, None);
        let _ = check(&format!("FREQ=YEARLY{tail}"), Some(day("2026-01-01")));
        let _ = check(&format!("FREQ=DAILY{tail}"), Some(Day::MAX));
        let _ = check(&format!("FREQ=WEEKLY{tail}"), Some(Day::MIN));
    }
}
