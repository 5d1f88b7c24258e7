//! Faults on demand, as the program tells them: the reason, and what to do next.

use serde_json::Value;

use crate::served::{Served, run};

#[test]
fn a_fault_on_demand_is_said_with_its_next_step_and_gone_when_lifted() {
    let served = Served::friday_night();
    let sources = |served: &Served| -> Vec<Value> {
        let rows = served.rows("sources", "umbrella").into_iter();
        rows.filter(|row| row["id"].as_str().unwrap().starts_with("umbrella/production/")).collect()
    };
    let asked = sources(&served).iter().filter(|row| row["state"] == "ok").count();
    assert!(asked >= 3);
    for fault in ["500", "401", "login", "garbage", "reset"] {
        assert_eq!(served.post(&format!("/-/demo/fault?path=umbrella/production&is={fault}"), &[], "").status, 200);
        let failing: Vec<Value> = sources(&served).into_iter().filter(|row| row["state"] == "failing").collect();
        assert!(failing.len() >= 3, "{fault}: {failing:?}");
        for row in failing {
            assert!(row["error"].as_str().is_some_and(|error| error.len() > 10), "{fault}: {row}");
            assert!(row["hint"].as_str().is_some_and(|hint| hint.len() > 10), "{fault}: {row}");
        }
    }
    assert_eq!(served.post("/-/demo/fault?path=umbrella/production&is=none", &[], "").status, 200);
    assert_eq!(sources(&served).iter().filter(|row| row["state"] == "ok").count(), asked);
}

/// The sources of umbrella's production while a fault lies there, by the end of their ids.
fn suffering(served: &Served, fault: &str) -> Vec<(String, Value)> {
    assert_eq!(served.post(&format!("/-/demo/fault?path=umbrella/production&is={fault}"), &[], "").status, 200);
    let rows = served.rows("sources", "umbrella").into_iter();
    let here =
        |row: &Value| row["id"].as_str().and_then(|id| id.strip_prefix("umbrella/production/")).map(str::to_owned);
    rows.filter_map(|row| Some((here(&row)?, row))).collect()
}

#[test]
fn who_hangs_is_slow_and_costs_the_others_nothing() {
    let served = Served::friday_night();
    let hanging = suffering(&served, "hang");
    assert!(hanging.len() >= 7);
    for (id, row) in &hanging {
        let (error, hint) = (row["error"].as_str().unwrap(), row["hint"].as_str().unwrap());
        assert_eq!(row["state"], "failing", "{id}");
        assert!(error.contains("no answer within 4 s"), "{id}: {error}");
        let next = ["raise `timeout`", "`quarterdeck doctor` asks at once"];
        assert!(next.iter().any(|words| hint.contains(words)), "{id}: {hint}");
    }
    // Staging stands at the same customer, and everybody else has hosts of their own.
    for other in ["globex", "acme", "hooli"] {
        let rows = served.rows("sources", other);
        let own = rows.iter().filter(|row| row["installation"] == *other);
        assert!(own.clone().count() > 3 && own.clone().all(|row| row["state"] == "ok"), "{rows:?}");
    }
}

#[test]
fn each_fault_is_told_with_its_own_reason_and_next_step() {
    let served = Served::friday_night();
    for (fault, source, reason, next) in [
        ("500", "prometheus", "500", ""),
        ("401", "gitlab", "401", "token"),
        ("login", "alertmanager", "login page", ""),
        ("garbage", "kubernetes", "expected", ""),
        ("reset", "loki", "", ""),
    ] {
        let all = suffering(&served, fault);
        let (_, row) = all.iter().find(|(id, _)| id == source).unwrap();
        let (error, hint) = (row["error"].as_str().unwrap(), row["hint"].as_str().unwrap());
        println!("{fault}: {error} | {hint}");
        assert!(error.contains(reason) && hint.contains(next) && hint.len() > 10, "{fault}: {error} / {hint}");
        assert!(!error.chars().any(char::is_control), "{fault}: {error:?}");
    }
}

#[test]
fn an_expired_certificate_is_no_failing_source_and_needs_somebody() {
    let served = Served::friday_night();
    let all = suffering(&served, "expired");
    let (_, port) = all.iter().find(|(id, _)| id == "tls[panel]").unwrap();
    assert_eq!((&port["state"], &port["certificate_days"]), (&"ok".into(), &(-2).into()));
    let over = |row: &Value| row["what"].as_str().is_some_and(|what| what.ends_with("-tls has ended"));
    let needed = served.row("attention", "umbrella", over);
    assert_eq!(needed["severity"], "critical");
    let paper = served.row("assurance", "umbrella", |row| {
        row["signal"] == "certificate"
            && row["name"].as_str().is_some_and(|name| name.starts_with("panel.umbrella.example"))
    });
    assert_eq!(paper["state"], "critical");
}

/// Whoever lives half an hour in the past answers, and what is told there is older.
#[test]
fn a_clock_that_is_wrong_elsewhere_breaks_nothing_here() {
    let served = Served::friday_night();
    let all = suffering(&served, "skew");
    assert!(all.iter().all(|(_, row)| row["state"] == "ok"), "{all:?}");
    // Half an hour ago the rollout had not begun.
    let rollouts = served.rows("rollouts", "umbrella");
    assert!(rollouts.iter().all(|row| row["state"] != "stuck"), "{rollouts:?}");
}

#[test]
fn doctor_says_what_to_do_about_a_fault() {
    let served = Served::friday_night();
    suffering(&served, "401");
    let output = run(&["doctor", "--fleet", served.fleet.to_str().unwrap(), "--wait", "60s"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, about) = said.split_once("umbrella/production/gitlab").unwrap_or_else(|| panic!("{said}"));
    let about: String = about.lines().take(3).collect();
    assert!(about.contains("401") && about.contains("token"), "{about}");
}
