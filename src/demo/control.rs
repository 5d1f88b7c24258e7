//! The levers of the simulation, under `/-/demo/`: time runs, stands and jumps; faults are laid and lifted.

use serde_json::json;

use super::answer::Answer;
use super::question::Question;
use super::scenario::Scenario;
use super::speak::times;
use super::stage::Stage;
use super::writes::{Fault, Write};
use crate::domain::clock::Clock;

/// Answers what stands below `/-/demo`.
#[must_use]
pub fn answer(stage: &Stage, question: &Question) -> Answer {
    let path: Vec<&str> = question.path.iter().map(String::as_str).collect();
    let is_post = question.method == "POST";
    match path.as_slice() {
        ["-", "healthy" | "ready"] => Answer::text(200, "ok\n"),
        ["-", "demo"] => told(stage),
        ["-", "demo", "scenarios"] => Answer::text(200, scenarios()),
        ["-", "demo", ..] if !is_post => Answer::text(405, "ask with POST\n"),
        ["-", "demo", "pause"] => {
            stage.clock.set_paused(true);
            told(stage)
        }
        ["-", "demo", "go"] => {
            stage.clock.set_paused(false);
            told(stage)
        }
        ["-", "demo", "speed"] => match question.get("to").and_then(|text| text.parse::<f64>().ok()) {
            Some(speed) if speed.is_finite() && speed >= 0.0 => {
                stage.clock.set_speed(speed);
                told(stage)
            }
            _ => Answer::text(400, "`to` wants a number, such as `?to=60`\n"),
        },
        ["-", "demo", "jump"] => jump(stage, question),
        ["-", "demo", "fault"] => fault(stage, question),
        _ => Answer::nothing(),
    }
}

fn told(stage: &Stage) -> Answer {
    let setup = stage.world.setup;
    let faults: Vec<_> =
        stage.writes().faults.iter().map(|(path, fault)| json!({"path": path, "fault": fault.name()})).collect();
    Answer::json(&json!({
        "now": times::millis(stage.clock.now()),
        "speed": stage.clock.speed(),
        "scenario": setup.scenario.name(),
        "seed": setup.seed,
        "installations": stage.world.cast.len(),
        "faults": faults,
        "asked": stage.asked(),
    }))
}

/// The scenarios, a line each.
#[must_use]
pub fn scenarios() -> String {
    let width = Scenario::ALL.iter().map(|one| one.name().len()).max().unwrap_or_default();
    Scenario::ALL.iter().map(|one| format!("{:width$}  {}\n", one.name(), one.about())).collect()
}

fn jump(stage: &Stage, question: &Question) -> Answer {
    let now = stage.clock.now();
    let by = question.get("by").and_then(times::duration).map(|span| now + span);
    match question.get("to").and_then(times::parse).or(by) {
        Some(moment) => {
            stage.clock.jump(moment);
            told(stage)
        }
        None => Answer::text(400, "`to` wants a time in RFC 3339, or `by` a span such as `2h`\n"),
    }
}

fn fault(stage: &Stage, question: &Question) -> Answer {
    let Some(path) = question.get("path").map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty())
    else {
        return Answer::text(400, "`path` wants the begin of an address, such as `acme/production`\n");
    };
    let fault = match question.get("is").unwrap_or("none") {
        "none" => None,
        name => match Fault::named(name) {
            Some(fault) => Some(fault),
            None => {
                let names: Vec<_> = Fault::ALL.iter().map(|one| one.name()).collect();
                return Answer::text(400, format!("`is` wants one of {}, none\n", names.join(", ")));
            }
        },
    };
    stage.write(Write::Fault { path, fault }, stage.clock.now());
    told(stage)
}
