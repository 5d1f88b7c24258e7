//! What is announced, by whom and in time or not: pages, calendars and the fleet file in one `show`.

use std::process::Command;

use chrono::{Days, NaiveDate};
use quarterdeck::domain::clock::Clock;
use quarterdeck::runtime::clock::MachineClock;
use serde_json::Value;

use super::real;

/// The rows of a view, as the program prints them.
pub fn rows(folder: &std::path::Path, arguments: &[&str]) -> Vec<Value> {
    let whole: Value = serde_json::from_slice(&printed(folder, "json", arguments)).unwrap();
    whole["rows"].as_array().unwrap().clone()
}

fn printed(folder: &std::path::Path, format: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["show", "--format", format, "--wait", "20s", "--fleet"])
        .arg(folder.join("fleet.toml"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn told(rows: &[Value], fields: &[&str]) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |row: &Value| fields.iter().map(|field| word(&row[*field])).collect::<Vec<_>>().join(" | ");
    rows.iter().map(line).collect()
}

#[test]
fn show_tells_what_pages_calendars_and_the_fleet_file_announce_with_origin_and_notice() {
    let Some(nginx) = real::nginx() else { return };
    let today = MachineClock.now().date_naive();
    let day = |n: u64| today.checked_add_days(Days::new(n)).unwrap();
    let compact = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let work = |id: &str, name: &str, on: NaiveDate, told: NaiveDate| {
        format!(
            r#"{{"id":"{id}","name":"{name}","status":"scheduled","impact":"maintenance","created_at":"{told}T08:00:00Z",
               "scheduled_for":"{on}T19:00:00Z","scheduled_until":"{on}T21:00:00Z","incident_updates":[]}}"#
        )
    };
    nginx.serve(
        "ours/api/v2/summary.json",
        &format!(
            r#"{{"components":[{{"id":"c","name":"Panel","status":"major_outage"}}],"incidents":[{{"id":"i","name":"Panel is down","status":"identified",
               "impact":"critical","created_at":"{today}T00:00:00Z"}}],"scheduled_maintenances":[{}, {}]}}"#,
            work("m1", "In time", day(20), day(0)),
            work("m2", "Too late", day(10), day(0)),
        ),
    );
    nginx.serve(
        "theirs/index.json",
        &format!(
            r#"{{"data":{{"type":"status_page"}},"included":[{{"id":"77","type":"status_report","attributes":{{"title":"Their network",
               "report_type":"maintenance","starts_at":"{0}T22:00:00Z","ends_at":"{0}T23:00:00Z"}}}}]}}"#,
            day(12)
        ),
    );
    nginx.serve(
        "freezes.ics",
        &format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:f\r\nDTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\nSUMMARY:Quiet days\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            compact(day(9)),
            compact(day(11))
        ),
    );
    let folder = tempfile::tempdir().unwrap();
    let calendar = format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:g\nDTSTART:{}T180000Z\nDURATION:PT2H\nSUMMARY:Only for globex\nCREATED:{}T080000Z\nEND:VEVENT\nEND:VCALENDAR\n",
        compact(day(30)),
        compact(day(0))
    );
    std::fs::write(folder.path().join("globex.ics"), calendar).unwrap();
    let url = nginx.url();
    let fleet = format!(
        r#"
[fleet]
name = "northwind"
timezone = "UTC"
[[installations]]
id = "acme"
plan = "on-prem"
[[installations.environments]]
name = "production"
[[installations]]
id = "globex"
plan = "on-prem"
[[installations.environments]]
name = "production"
[[status_pages]]
name = "Northwind"
kind = "statuspage"
url = "{url}/ours"
own = true
affects = ["acme"]
[[status_pages]]
name = "Upstream"
kind = "auto"
url = "{url}/theirs"
[[calendars]]
name = "quiet"
url = "{url}/freezes.ics"
as = "freeze"
[[calendars]]
name = "globex"
file = "globex.ics"
as = "maintenance"
own = true
installations = ["globex"]
[[maintenances]]
title = "Nobody told yet"
start = "{0}T19:00:00Z"
end = "{0}T21:00:00Z"
installations = ["acme"]
[[freezes]]
title = "Far away"
start = "{1}"
end = "{1}"
"#,
        day(40),
        day(60)
    );
    std::fs::write(folder.path().join("fleet.toml"), fleet).unwrap();

    let fields = ["kind", "installation", "title", "notice", "in_freeze", "origin", "source"];
    assert_eq!(
        told(&rows(folder.path(), &["calendar"]), &fields),
        [
            "freeze | null | Quiet days | null | false | @fleet/-/ics[quiet] | @fleet/-/ics[quiet]",
            "maintenance | acme | Too late | violation | true | Northwind | @fleet/-/statuspage[Northwind]",
            "maintenance | null | Their network | null | false | Upstream | @fleet/-/auto[Upstream]",
            "maintenance | acme | In time | ok | false | Northwind | @fleet/-/statuspage[Northwind]",
            "announce-by | acme | Nobody told yet | null | false | fleet file | null",
            "maintenance | globex | Only for globex | ok | false | @fleet/-/ics[globex] | @fleet/-/ics[globex]",
            "maintenance | acme | Nobody told yet | not-announced | false | fleet file | null",
            "freeze | null | Far away | null | false | fleet file | null",
        ]
    );
    // Globex sees what is everybody's and its own, and no word of acme's.
    let globex = rows(folder.path(), &["calendar", "--installation", "globex", "--read-only"]);
    assert_eq!(
        told(&globex, &["installation", "title"]),
        ["null | Quiet days", "null | Their network", "globex | Only for globex", "null | Far away"]
    );
    let acme = rows(folder.path(), &["calendar", "--installation", "acme"]);
    assert!(!format!("{acme:?}").contains("lobex"), "{acme:?}");

    let fields = ["page", "kind", "name", "state", "impact", "affects", "source"];
    assert_eq!(
        told(&rows(folder.path(), &["status"]), &fields),
        [
            r#"Northwind | incident | Panel is down | identified | critical | ["acme"] | @fleet/-/statuspage[Northwind]"#,
            r#"Northwind | component | Panel | major_outage | null | ["acme"] | @fleet/-/statuspage[Northwind]"#,
            r#"Northwind | maintenance | Too late | scheduled | null | ["acme"] | @fleet/-/statuspage[Northwind]"#,
            r#"Upstream | maintenance | Their network |  | null | ["acme","globex"] | @fleet/-/auto[Upstream]"#,
            r#"Northwind | maintenance | In time | scheduled | null | ["acme"] | @fleet/-/statuspage[Northwind]"#,
            r#"fleet file | maintenance | Nobody told yet | planned | null | ["acme"] | null"#,
        ]
    );
    let seen = rows(folder.path(), &["status", "--installation", "globex"]);
    assert_eq!(told(&seen, &["page", "affects"]), [r#"Upstream | ["globex"]"#]);
}

#[test]
fn an_incident_of_one_part_of_a_page_concerns_those_who_feel_that_part_and_is_nobody_elses_to_see() {
    let Some(nginx) = real::nginx() else { return };
    let part = |id: &str, name: &str, group: &str| {
        format!(r#"{{"id":"{id}","name":"{name}","status":"operational","group_id":{group}}}"#)
    };
    let broken = |id: &str, name: &str, parts: &str| {
        format!(
            r#"{{"id":"{id}","name":"{name}","status":"identified","impact":"critical","created_at":"2026-01-01T00:00:00Z","components":[{parts}]}}"#
        )
    };
    let (api, storage) = (part("c1", "API", "\"g\""), part("c2", "Storage", "\"g\""));
    let (billing, elsewhere) = (part("c3", "Billing", "null"), part("c4", "Asia", "null"));
    let group = r#"{"id":"g","name":"Europe","status":"operational","group":true}"#;
    let incidents = [
        broken("i1", "API is slow", &api),
        broken("i2", "Bills are late", &billing),
        broken("i3", "Asia is dark", &elsewhere),
        broken("i4", "All is odd", ""),
    ];
    nginx.serve(
        "api/v2/summary.json",
        &format!(
            r#"{{"components":[{group},{api},{storage},{billing},{elsewhere}],"incidents":[{}]}}"#,
            incidents.join(",")
        ),
    );
    let folder = tempfile::tempdir().unwrap();
    let url = nginx.url();
    let installation = |id: &str| {
        format!(
            "[[installations]]\nid = \"{id}\"\nplan = \"saas\"\n[[installations.environments]]\nname = \"production\"\n"
        )
    };
    let fleet = format!(
        "[fleet]\nname = \"northwind\"\n{}{}[[status_pages]]\nname = \"Cloud\"\nkind = \"statuspage\"\nurl = \"{url}\"\n\
         components = [\n  {{ name = \"Europe\", affects = [\"acme\", \"globex\"] }},\n  {{ name = \"Europe / API\", affects = [\"acme\"] }},\n  \
         {{ name = \"Asia\", affects = [] }},\n]\n",
        installation("acme"),
        installation("globex")
    );
    std::fs::write(folder.path().join("fleet.toml"), fleet).unwrap();
    let affects = |arguments: &[&str]| {
        let rows = rows(folder.path(), &[&["status"], arguments].concat());
        told(&rows, &["name", "affects"])
    };
    let expected = [
        r#"API is slow | ["acme"]"#,
        r#"All is odd | ["acme","globex"]"#,
        "Asia is dark | []",
        r#"Bills are late | ["acme","globex"]"#,
        "Asia | []",
        r#"Billing | ["acme","globex"]"#,
        r#"Europe / API | ["acme"]"#,
        r#"Europe / Storage | ["acme","globex"]"#,
    ];
    assert_eq!(affects(&[]), expected);
    // Acme's own part is no word of globex's.
    let seen = affects(&["--installation", "globex"]);
    assert_eq!(seen.len(), 6);
    assert!(!seen.iter().any(|row| row.contains("API") || row.contains("acme")), "{seen:?}");
    let asked = rows(folder.path(), &["attention"]);
    let whats: Vec<&str> = asked.iter().filter_map(|row| row["what"].as_str()).collect();
    for (name, needs) in [("API is slow", true), ("Asia is dark", false)] {
        assert_eq!(whats.iter().any(|what| what.contains(name)), needs, "{whats:?}");
    }
}

#[test]
fn a_calendar_we_write_is_read_back_as_what_it_was() {
    let today = MachineClock.now().date_naive();
    let day = |n: u64| today.checked_add_days(Days::new(n)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let head = "[fleet]\nname = \"northwind\"\ntimezone = \"Europe/Rome\"\n[[installations]]\nid = \"acme\"\nplan = \"saas\"\n\
        [[installations.environments]]\nname = \"production\"\nwindow = \"night\"\n\
        [windows.night]\nrrule = \"FREQ=WEEKLY;BYDAY=MO\"\nstart = \"17:00\"\nduration = \"4h\"\nzone = \"Europe/Rome\"\n";
    let planned = format!(
        "[[maintenances]]\ntitle = \"One, two; three\"\nstream = \"backup\"\nstart = \"{}T19:00:00Z\"\nend = \"{}T21:00:00Z\"\n\
         announced = \"{today}\"\n[[freezes]]\ntitle = \"Quiet\"\nstart = \"{}\"\nend = \"{}\"\n",
        day(20),
        day(20),
        day(30),
        day(33),
    );
    std::fs::write(folder.path().join("fleet.toml"), format!("{head}{planned}")).unwrap();
    let written = rows(folder.path(), &["calendar"]);
    let text = printed(folder.path(), "ics", &["calendar"]);
    std::fs::write(folder.path().join("ours.ics"), text).unwrap();
    let calendar = "[[calendars]]\nfile = \"ours.ics\"\nas = \"categories\"\n";
    std::fs::write(folder.path().join("fleet.toml"), format!("{head}{calendar}")).unwrap();
    let read = rows(folder.path(), &["calendar"]);
    let fields = ["kind", "start", "end", "stream"];
    // That somebody must be told is no date of the calendar itself.
    let dated: Vec<Value> = read.into_iter().filter(|row| row["kind"] != "announce-by").collect();
    assert_eq!(told(&dated, &fields), told(&written, &fields));
    assert!(dated.len() > 10, "{dated:?}");
}
