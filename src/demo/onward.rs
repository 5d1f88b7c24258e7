//! How the upstreams go on after the embedded lifecycle data ends: new cycles at each product's own pace,
//! so that a fleet of today has something to upgrade to.

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::dice::number;

/// How many cycles back a product's pace is read from.
const PACE_FROM: usize = 4;
/// Cycles are told ahead until this long after the data ends; simulated time seldom goes further.
const AHEAD: TimeDelta = TimeDelta::days(730);
/// GitLab's minors count to eleven, then the major rises.
const LAST_MINOR_OF_GITLAB: u32 = 11;

/// The cycles of a product, newest first, with those it goes on to have after the data ends.
#[must_use]
pub fn gone_on(product: &str, cycles: &[Value], ends: NaiveDate) -> Vec<Value> {
    let mut told: Vec<Value> = cycles.to_vec();
    let (Some(gap), Some(mut last)) = (pace(cycles), told.first().cloned()) else { return told };
    let lives = span(cycles, "eol");
    let supported = span(cycles, "support_until");
    let mut born = day(&last, "released").unwrap_or(ends);
    loop {
        let soonest = ends + TimeDelta::days(3 + i64::try_from(number(product, 12)).unwrap_or_default());
        born = (born + gap).max(soonest);
        if born > ends + AHEAD {
            return told;
        }
        let Some(name) = last.get("cycle").and_then(Value::as_str).and_then(|name| after(product, name)) else {
            return told;
        };
        let until = |span: Option<TimeDelta>, key: &str| match span {
            Some(span) => json!((born + span).to_string()),
            None => last.get(key).filter(|value| value.is_boolean()).cloned().unwrap_or_default(),
        };
        let next = json!({
            "cycle": name,
            "released": born.to_string(),
            "support_until": until(supported, "support_until"),
            "eol": until(lives, "eol"),
            "latest": format!("{name}.0{}", suffix(&last)),
            "latest_date": born.to_string(),
            "lts": false,
        });
        told.insert(0, next.clone());
        last = next;
    }
}

/// The usual time between two cycles.
fn pace(cycles: &[Value]) -> Option<TimeDelta> {
    let days: Vec<NaiveDate> = cycles.iter().take(PACE_FROM).filter_map(|cycle| day(cycle, "released")).collect();
    let steps = i32::try_from(days.len().checked_sub(1)?).ok().filter(|steps| *steps > 0)?;
    let all = *days.first()? - *days.last()?;
    Some((all / steps).max(TimeDelta::days(14)))
}

/// How long a cycle usually lasts until that date, by the newest one that tells.
fn span(cycles: &[Value], key: &str) -> Option<TimeDelta> {
    let usual = |cycle: &&Value| cycle.get("lts").and_then(Value::as_bool) != Some(true);
    cycles.iter().take(PACE_FROM).filter(usual).find_map(|cycle| Some(day(cycle, key)? - day(cycle, "released")?))
}

fn day(cycle: &Value, key: &str) -> Option<NaiveDate> {
    cycle.get(key).and_then(Value::as_str)?.parse().ok()
}

/// The name of the cycle after this one: `1.36` becomes `1.37`.
fn after(product: &str, name: &str) -> Option<String> {
    let (front, minor) = name.rsplit_once('.')?;
    let minor: u32 = minor.parse().ok()?;
    if product.starts_with("gitlab") && minor >= LAST_MINOR_OF_GITLAB {
        return Some(format!("{}.0", front.parse::<u32>().ok()? + 1));
    }
    Some(format!("{front}.{}", minor + 1))
}

/// What stands after the digits of the newest version, such as `-ee`.
fn suffix(cycle: &Value) -> &str {
    let latest = cycle.get("latest").and_then(Value::as_str).unwrap_or_default();
    latest.find('-').and_then(|at| latest.get(at..)).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cycle(name: &str, released: &str, eol: &Value) -> Value {
        json!({"cycle": name, "released": released, "eol": eol, "latest": format!("{name}.2"), "lts": false})
    }

    #[test]
    fn a_product_goes_on_at_its_own_pace_and_each_cycle_lives_as_long_as_the_last() {
        let told = [
            cycle("3.14", "2026-08-17", &json!("2026-09-30")),
            cycle("3.13", "2026-07-06", &json!("2026-08-19")),
            cycle("3.12", "2026-05-25", &json!("2026-07-08")),
        ];
        let all = gone_on("prometheus", &told, "2026-08-22".parse().unwrap());
        let next = &all[all.len() - 4];
        assert_eq!((next["cycle"].as_str(), next["released"].as_str()), (Some("3.15"), Some("2026-09-28")));
        assert_eq!(next["eol"].as_str(), Some("2026-11-11"));
        assert!(all.len() > 17, "two years at six weeks each");
        assert_eq!(all[all.len() - 3..], told);
    }

    #[test]
    fn names_follow_each_other_as_the_product_counts() {
        assert_eq!(after("gitlab", "19.11").as_deref(), Some("20.0"));
        assert_eq!(after("kubernetes", "1.36").as_deref(), Some("1.37"));
        assert_eq!(after("debian", "bookworm"), None);
    }

    #[test]
    fn a_product_without_dates_stays_as_it_is() {
        let told = [json!({"cycle": "3.2"}), json!({"cycle": "3.1"})];
        assert_eq!(gone_on("mimir", &told, "2026-08-22".parse().unwrap()), told);
    }
}
