//! The vendor's own product: its version, and how it feels.

use serde_json::json;

use super::place::Spot;
use crate::demo::answer::Answer;
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::vendor::PLATFORM;
use crate::demo::workloads::workloads;

/// Answers what stands below the product's address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str]) -> Answer {
    let loads = workloads(glance, spot.one, spot.environment);
    let answers = |name: &str| loads.iter().find(|load| load.product == PLATFORM && load.name == name);
    match rest {
        ["mesh", "info"] => match answers("meshfed-api") {
            Some(load) => Answer::json(&json!({"version": load.answers, "build": {"commit": hex(&load.answers, 8)}})),
            None => Answer::nothing(),
        },
        ["version"] => match answers("meshpanel") {
            Some(load) => Answer::json(&json!({"version": load.answers, "package": load.answers})),
            None => Answer::nothing(),
        },
        ["actuator", "health"] => {
            let down = glance.troubles(spot.one).iter().any(|one| one.kind.alert == "IngressErrorRate");
            let down = down && spot.environment == "production";
            let word = if down { "DOWN" } else { "UP" };
            let database = json!({"status": word, "details": {"database": "MariaDB"}});
            let body = json!({"status": word, "components": {"db": database, "ping": {"status": "UP"}}});
            Answer::json_with(if down { 503 } else { 200 }, &body)
        }
        _ => Answer::nothing(),
    }
}
