//! What did not change is not read again: nginx marks its files, answers 304 to who knows them, and its log counts.

use quarterdeck::domain::fact::{Heard, What};
use quarterdeck::domain::fault::Fault;

use super::{Asking, real};

const FEED: &str = "<rss><channel><item><title>Release 1.1.0</title></item></channel></rss>";
const INDEX: &str = "apiVersion: v1\nentries:\n  shop:\n  - version: 1.0.0\n    appVersion: 1.1.0\ngenerated: \"2026-11-20T00:00:00Z\"\n";
const CYCLES: &str = r#"{"schema_version":"1.2.1","generated_at":"2026-11-20T00:00:00+00:00","result":{"name":"shop","releases":[{"name":"1.1","isEol":false,"eolFrom":null}]}}"#;
const SUMMARY: &str = r#"{"components":[{"id":"a","name":"Panel 1.1.0","status":"operational"}],"incidents":[]}"#;
const CALENDAR: &str = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20250101\nRRULE:FREQ=WEEKLY\nSUMMARY:1.1.0\nEND:VEVENT\nEND:VCALENDAR\n";

fn releases(heard: &Heard) -> usize {
    heard.facts.iter().filter(|fact| matches!(fact.what, What::Release(_))).count()
}

#[test]
fn a_304_keeps_what_was_understood_without_a_body_and_a_change_is_read() {
    let Some(nginx) = real::nginx() else { return };
    let url = nginx.url();
    let product = |kind: &str| format!("releases = [{{ {kind} }}]\n");
    for (path, text, newer, fleet) in [
        (
            "feed.xml",
            FEED,
            FEED.replace("1.1.0", "1.1.10"),
            product(&format!("kind = \"feed\", url = \"{url}/feed.xml\"")),
        ),
        (
            "charts/index.yaml",
            INDEX,
            INDEX.replace("1.1.0", "1.1.10"),
            product(&format!("kind = \"chart\", url = \"{url}/charts\", chart = \"shop\"")),
        ),
        (
            "api/v1/products/shop",
            CYCLES,
            CYCLES.replace("\"1.1\"", "\"1.10\""),
            product(&format!("kind = \"endoflife\", url = \"{url}\"")),
        ),
        (
            "api/v2/summary.json",
            SUMMARY,
            SUMMARY.replace("1.1.0", "1.1.10"),
            format!("[[status_pages]]\nkind = \"auto\"\nname = \"Upstream\"\nurl = \"{url}\"\n"),
        ),
        (
            "a.ics",
            CALENDAR,
            CALENDAR.replace("SUMMARY:1.1.0", "SUMMARY:1.1.10"),
            format!("[[calendars]]\nurl = \"{url}/a.ics\"\nas = \"freeze\"\n"),
        ),
    ] {
        nginx.serve(path, text);
        let mut asking = Asking::fleet(&fleet, "");
        // The log is written after the answer is sent.
        let check = |expected: &[&str]| {
            let asked = || {
                let lines = nginx.asked();
                let of_path = lines.iter().filter(|line| line.contains(&format!("/{path} ")));
                of_path.map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
            };
            real::until("nginx's log", || asked().len() >= expected.len());
            assert_eq!(asked(), expected, "{path}");
        };
        let first = asking.hear();
        assert_eq!((asking.hear(), asking.hear()), (first.clone(), first.clone()), "{path}");
        check(&["200", "304", "304"]);
        nginx.serve(path, &newer);
        let then = asking.hear();
        assert!(then != first, "{path}: {then:?}");
        check(&["200", "304", "304", "200"]);
        // What nobody can read is no answer, and is not taken for the last one either.
        nginx.serve(path, "<!doctype html><title>Sign in</title>");
        assert!(matches!(asking.fault(), Fault::Garbled { .. }), "{path}");
        assert!(matches!(asking.fault(), Fault::Garbled { .. }), "{path}");
        nginx.serve(path, text);
        assert_eq!(asking.hear(), first, "{path}");
        check(&["200", "304", "304", "200", "200", "200", "200"]);
        assert!(releases(&first) == usize::from(fleet.contains("feed") || fleet.contains("chart")), "{path}");
    }
}

#[test]
fn who_is_asked_too_often_is_left_alone_and_no_other_make_is_tried() {
    let Some(nginx) = real::nginx() else { return };
    let url = nginx.url();
    for (kind, path, tells_when) in
        [("rss", "busy", true), ("rss", "tired", false), ("auto", "weary", true), ("cachet", "weary", true)]
    {
        let page = format!("[[status_pages]]\nkind = \"{kind}\"\nname = \"Upstream\"\nurl = \"{url}/{path}\"\n");
        let fault = Asking::fleet(&page, "").fault();
        assert!(matches!(&fault, Fault::Limited { until } if until.is_some() == tells_when), "{kind} {path}: {fault}");
    }
    // The log is written in its order, after the answer is sent: once this stands in it, all before it does.
    nginx.get("/index.txt");
    real::until("nginx's log", || nginx.asked().last().is_some_and(|line| line.contains("/index.txt")));
    let asked = nginx.asked();
    let paths: Vec<&str> = asked.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(paths, ["/busy", "/tired", "/weary/api/v2/summary.json", "/weary/api/status", "/index.txt"]);
}
