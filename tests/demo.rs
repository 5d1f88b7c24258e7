//! The demo as a stage for others: served without a screen, looked at by the program itself over real HTTP, and written to.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, missing_docs)]

#[path = "demo/faults.rs"]
mod faults;
#[path = "demo/moves.rs"]
mod moves;
mod real;
#[path = "demo/served.rs"]
mod served;

use real::Request;
use serde_json::Value;
use served::{Served, run};

#[test]
fn it_prints_the_fleet_file_serves_and_takes_it_away_with_it() {
    let served = Served::friday_night();
    let file = served.fleet.clone();
    let checked = run(&["check", file.to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let told: Value = serde_json::from_slice(&Request::get("/-/demo").send(served.port).unwrap().body).unwrap();
    assert_eq!((&told["now"], &told["seed"]), (&"2026-11-20T22:40:00.000Z".into(), &7.into()));
    assert_eq!(served.stop(), (Some(0), String::new()), "nothing but the path is printed");
    assert!(!file.exists());
}

#[test]
fn scenarios_are_listed_and_others_refused() {
    let listed = String::from_utf8(run(&["demo", "--list"]).stdout).unwrap();
    for name in ["friday-night", "big-upgrade", "quiet", "cve", "network-down", "2000"] {
        assert!(listed.lines().any(|line| line.starts_with(name)), "{name}: {listed}");
    }
    for wrong in [["demo", "--scenario", "weekend"], ["demo", "--speed", "-1"], ["demo", "--start", "soon"]] {
        assert_eq!(run(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    let near = String::from_utf8(run(&["demo", "--scenario", "fridaynight"]).stderr).unwrap();
    assert!(near.contains("did you mean `friday-night`?"), "{near}");
    assert_eq!(run(&["demo", "--tour", "--scenario", "quiet"]).status.code(), Some(2), "there is no tour through it");
}

/// A cause has its effects wherever one looks: the rollout, its workloads, its alert, what needs somebody.
#[test]
fn a_rollout_that_stands_still_is_told_by_every_system() {
    let served = Served::friday_night();
    let rollouts = served.rows("rollouts", "umbrella");
    let stuck = rollouts.iter().find(|row| row["state"] == "stuck").unwrap_or_else(|| panic!("{rollouts:?}"));
    let alerts = served.rows("alerts", "umbrella");
    let raised = alerts.iter().find(|row| row["name"] == "KubeDeploymentRolloutStuck").unwrap();
    assert_eq!(raised["state"], "firing");
    assert!(raised["summary"].as_str().unwrap().contains(stuck["to"].as_str().unwrap()), "{raised}");
    let needed = served.rows("attention", "umbrella");
    assert!(needed.iter().any(|row| row["view"] == "rollouts" && row["severity"] == "critical"), "{needed:?}");
    let workloads = stuck["workloads"].as_array().unwrap();
    let held =
        |row: &Value| row["message"].as_str().is_some_and(|text| text.contains("exceeded its progress deadline"));
    assert!(workloads.iter().any(held), "{stuck}");
}

#[test]
fn in_a_quiet_world_nothing_is_critical() {
    let served = Served::start(&["--scenario", "quiet", "--start", "2026-11-20T23:40:00+01:00"]);
    for installation in ["acme", "globex", "hooli", "initech"] {
        let needed = served.rows("attention", installation);
        assert!(needed.iter().all(|row| row["severity"] != "critical"), "{installation}: {needed:?}");
        let late = served.rows("lifecycle", installation).into_iter().filter(|row| row["state"] == "expired");
        assert_eq!(late.collect::<Vec<_>>(), Vec::<Value>::new(), "{installation}");
    }
}

#[test]
fn a_silence_that_is_written_silences_what_the_program_shows() {
    let served = Served::friday_night();
    let state = |served: &Served| {
        let alerts = served.rows("alerts", "umbrella");
        alerts.iter().find(|row| row["name"] == "KubeDeploymentRolloutStuck").unwrap()["state"].clone()
    };
    assert_eq!(state(&served), "firing");
    let body = r#"{"matchers":[{"name":"alertname","value":"KubeDeploymentRolloutStuck","isRegex":false}],
        "startsAt":"2026-11-20T22:40:00Z","endsAt":"2026-11-21T06:00:00Z","createdBy":"me","comment":"seen"}"#;
    let json = [("content-type", "application/json")];
    assert_eq!(served.post("/umbrella/production/alertmanager/api/v2/silences", &json, body).status, 200);
    assert_eq!(state(&served), "silenced");
    let inventory = served.rows("silences", "umbrella");
    assert!(inventory.iter().any(|row| row["comment"] == "seen" && row["matches"] == 1), "{inventory:?}");
}

#[test]
fn an_announcement_that_is_written_stands_in_the_calendar() {
    let served = Served::friday_night();
    let body = r#"{"incident":{"name":"Storage move","status":"scheduled","scheduled_for":"2026-12-10T19:00:00Z",
        "scheduled_until":"2026-12-10T21:00:00Z"}}"#;
    let key = [("authorization", "OAuth key"), ("content-type", "application/json")];
    assert_eq!(served.post("/status/v1/pages/kctbh9vrtdwd/incidents", &key, body).status, 201);
    let calendar = served.rows("calendar", "hooli");
    let announced =
        calendar.iter().find(|row| row["title"] == "Storage move").unwrap_or_else(|| panic!("{calendar:?}"));
    assert_eq!((&announced["kind"], &announced["notice"]), (&"maintenance".into(), &"ok".into()));
}
