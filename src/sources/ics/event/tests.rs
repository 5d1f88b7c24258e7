//! What an event's lines mean, line by line.

use super::super::lines::read;
use super::*;

fn calendar(events: &str) -> Calendar {
    Calendar::of(&read(format!("BEGIN:VCALENDAR\n{events}\nEND:VCALENDAR\n").as_bytes()).unwrap(), Tz::Europe__Berlin)
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:u\nSUMMARY:x\n{lines}\nEND:VEVENT")
}

/// From when to when each time goes, in Berlin, of autumn 2026 and spring 2027.
fn times(events: &str) -> Vec<String> {
    let (from, to) = ("2026-10-01T00:00:00Z".parse().unwrap(), "2027-04-30T00:00:00Z".parse().unwrap());
    let zone = Tz::Europe__Berlin;
    let told = |at: Moment| at.with_timezone(&zone).format("%m-%d %H:%M").to_string();
    let found = calendar(events).between(from, to, zone);
    found.iter().map(|one| format!("{} to {}", told(one.start), told(one.end))).collect()
}

#[test]
fn every_form_of_an_event_falls_where_it_says() {
    const BERLIN: &str = "DTSTART;TZID=Europe/Berlin:20261019T170000";
    for (lines, expected) in [
        // All-day: the end is the day after the last.
        ("DTSTART;VALUE=DATE:20261219\nDTEND;VALUE=DATE:20270107".to_owned(), vec!["12-19 00:00 to 01-07 00:00"]),
        ("DTSTART;VALUE=DATE:20261224".to_owned(), vec!["12-24 00:00 to 12-25 00:00"]),
        // UTC, a floating time, a time alone.
        ("DTSTART:20261201T160000Z\nDTEND:20261201T180000Z".to_owned(), vec!["12-01 17:00 to 12-01 19:00"]),
        ("DTSTART:20261201T170000\nDURATION:PT90M".to_owned(), vec!["12-01 17:00 to 12-01 18:30"]),
        ("DTSTART:20261201T170000".to_owned(), vec!["12-01 17:00 to 12-01 17:00"]),
        // 17:00 stays 17:00 over the clock change of 25 October; an end is an exact length.
        (
            format!("{BERLIN}\nDTEND;TZID=Europe/Berlin:20261019T210000\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"),
            vec!["10-19 17:00 to 10-19 21:00", "10-26 17:00 to 10-26 21:00"],
        ),
        // A duration's days are days of the wall clock; its hours are hours.
        ("DTSTART;TZID=Europe/Berlin:20261024T170000\nDURATION:P1D".to_owned(), vec!["10-24 17:00 to 10-25 17:00"]),
        ("DTSTART;TZID=Europe/Berlin:20261024T170000\nDURATION:PT24H".to_owned(), vec!["10-24 17:00 to 10-25 16:00"]),
        // Exceptions by time and by day, additions with and without a length of their own.
        (
            format!(
                "{BERLIN}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20261026T170000\nEXDATE;VALUE=DATE:20261102"
            ),
            vec!["10-19 17:00 to 10-19 18:00", "11-09 17:00 to 11-09 18:00"],
        ),
        (
            format!(
                "{BERLIN}\nDURATION:PT1H\nRDATE;TZID=Europe/Berlin:20261021T100000,20261022T100000\nRDATE;VALUE=PERIOD:20261101T100000Z/PT3H"
            ),
            vec![
                "10-19 17:00 to 10-19 18:00",
                "10-21 10:00 to 10-21 11:00",
                "10-22 10:00 to 10-22 11:00",
                "11-01 11:00 to 11-01 14:00",
            ],
        ),
        // The last day counts, in the time it is written in.
        (
            format!("{BERLIN}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261026T160000Z"),
            vec!["10-19 17:00 to 10-19 18:00", "10-26 17:00 to 10-26 18:00"],
        ),
        (
            format!("{BERLIN}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261026T155959Z"),
            vec!["10-19 17:00 to 10-19 18:00"],
        ),
        // A start beside its own rule is a time all the same; the hour repeated in the rule is no hindrance.
        (
            format!("{BERLIN}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=TH;BYHOUR=17;BYMINUTE=0;UNTIL=20261023T000000Z"),
            vec!["10-19 17:00 to 10-19 18:00", "10-22 17:00 to 10-22 18:00"],
        ),
        // A time in the gap moves forward, a time in the fold is the first.
        ("DTSTART;TZID=Europe/Berlin:20270328T023000\nDURATION:PT1H".to_owned(), vec!["03-28 03:30 to 03-28 04:30"]),
        ("DTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT1H".to_owned(), vec!["10-25 02:30 to 10-25 02:30"]),
        // What began before and still lasts is told.
        ("DTSTART;VALUE=DATE:20260901\nDTEND;VALUE=DATE:20261002".to_owned(), vec!["09-01 00:00 to 10-02 00:00"]),
        ("DTSTART;VALUE=DATE:20260801\nDTEND;VALUE=DATE:20260901".to_owned(), vec![]),
        ("DTSTART:20261201T170000\nSTATUS:CANCELLED".to_owned(), vec![]),
        (
            "DTSTART;TZID=W. Europe Standard Time:20261201T170000\nDURATION:PT1H".to_owned(),
            vec!["12-01 17:00 to 12-01 18:00"],
        ),
        ("DTSTART;TZID=Customized:20261201T170000\nDURATION:PT1H".to_owned(), vec!["12-01 17:00 to 12-01 18:00"]),
    ] {
        assert_eq!(times(&event(&lines)), expected, "{lines}");
    }
}

#[test]
fn one_time_of_many_may_be_moved_renamed_or_called_off() {
    let all = event("DTSTART:20261019T160000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3");
    let moved = event("RECURRENCE-ID:20261026T160000Z\nDTSTART:20261027T160000Z\nDURATION:PT2H");
    let off = event("RECURRENCE-ID:20261102T160000Z\nDTSTART:20261102T160000Z\nSTATUS:CANCELLED");
    let expected = ["10-19 18:00 to 10-19 19:00", "10-27 17:00 to 10-27 19:00"];
    assert_eq!(times(&format!("{all}\n{moved}\n{off}")), expected);
    // In any order, and with what was said before lying about.
    let older = event("SEQUENCE:0\nDTSTART:20260101T160000Z\nRRULE:FREQ=DAILY");
    let newer = all.replace("SUMMARY", "SEQUENCE:1\nSUMMARY");
    assert_eq!(times(&format!("{off}\n{newer}\n{moved}\n{older}")), expected);
}

#[test]
fn what_cannot_be_followed_is_told_and_the_rest_stands() {
    for (lines, n_times, why) in [
        ("DTSTART:20261201T170000\nRRULE:FREQ=HOURLY", 1, "finer than a day"),
        ("DTSTART:20261201T170000\nRRULE:FREQ=DAILY;BYHOUR=9,17;COUNT=2", 1, "`BYHOUR` has no place"),
        ("DTSTART:soon", 0, "no start that can be read"),
        ("DTSTART;TZID=Moon:20261201T170000", 1, "nobody knows its zone `Moon`"),
        ("DTSTART:20261201T170000Z\nDTEND:20261130T170000Z", 1, "ends before it begins"),
    ] {
        let calendar = calendar(&event(lines));
        assert_eq!(times(&event(lines)).len(), n_times, "{lines}");
        assert!(calendar.gaps.iter().any(|gap| gap.why.as_str().contains(why)), "{lines}: {:?}", calendar.gaps);
    }
}

#[test]
fn lengths_are_read_as_they_are_written() {
    for (text, expected) in [
        ("P1W", Some((7, 0))),
        ("P1DT2H30M5S", Some((1, 9005))),
        ("PT90M", Some((0, 5400))),
        ("+PT1H", Some((0, 3600))),
        ("-PT1H", None),
        ("P", None),
        ("1H", None),
    ] {
        let found = duration(text).map(|length| (length.days, length.exact.num_seconds()));
        assert_eq!(found, expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_calendar_makes_it_panic_and_all_it_tells_touches_what_was_asked_for(
        start in "(20[0-9]{6}T[0-9]{6}Z?|[0-9]{8}|[A-Z0-9]{0,12})",
        rule in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[0-9]{1,4})?(;COUNT=[0-9]{1,4})?(;BYDAY=-?[0-9]?(MO|SU))?",
        length in "(P[0-9]{1,3}[WD]|PT[0-9]{1,4}[HM]|[A-Z0-9]{0,6})",
    ) {
        let calendar = calendar(&event(&format!("DTSTART:{start}\nRRULE:{rule}\nDURATION:{length}")));
        let (from, to) = ("2026-10-01T00:00:00Z".parse().unwrap(), "2027-04-30T00:00:00Z".parse().unwrap());
        for one in calendar.between(from, to, Tz::Europe__Berlin) {
            proptest::prop_assert!(one.start <= one.end && one.end >= from && one.start < to);
        }
    }
}
