//! Log lines: the everyday ones, and those that tell the same story as the alerts and the rollouts.

use chrono::TimeDelta;

use super::cast::Installation;
use super::dice::{Dice, hex};
use super::glance::Glance;
use super::troubles::troubles;
use crate::domain::clock::Moment;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, to the nanosecond.
    pub at: Moment,
    /// Which program said it.
    pub app: String,
    /// How grave it is.
    pub level: &'static str,
    /// What was said.
    pub text: String,
}

/// A program says something about once in so many seconds.
const BEAT: i64 = 5;

/// Everyday lines are kept for so many beats before the end of a stretch, about six hours; what rollouts and troubles say stays.
const STEPS: i64 = 4320;

/// The everyday lines: who says them, how grave, what. `{}` is a number, `@` a word.
const EVERYDAY: [(&str, &str, &str); 16] = [
    ("meshfed-api", "info", "GET /api/meshobjects/@ 200 {} ms"),
    ("meshfed-api", "info", "POST /api/tenants 201 {} ms"),
    ("meshfed-api", "info", "GET /api/projects?page={} 200 41 ms"),
    ("meshfed-api", "debug", "cache hit for tenant @ after {} us"),
    ("meshpanel", "info", "GET /#/w/@/project 200 {} ms"),
    ("meshpanel", "info", "session @ renewed for {} min"),
    ("replicator", "info", "replicated tenant @ to AZURE in {} ms"),
    ("replicator", "info", "replicated tenant @ to AWS in {} ms"),
    ("replicator", "warn", "tenant @: quota differs from the wanted one by {}, will be corrected"),
    ("metering", "info", "collected {} usage reports of @"),
    ("metering", "info", "chargeback of @ computed over {} projects"),
    ("mongodb", "info", "WiredTiger checkpoint took {} ms"),
    ("mongodb", "info", "connection accepted from 10.8.3.{}:40112"),
    ("traefik", "info", "@ \"GET /health HTTP/1.1\" 200 {} us"),
    ("cert-manager", "info", "certificate is up to date and has not expired, @, {}"),
    ("keycloak", "info", "LOGIN realm=meshfed user=@ session={}"),
];

/// The lines of an environment in a stretch of time, oldest first; the end is not part of it.
#[must_use]
pub fn lines(glance: &Glance<'_>, one: &Installation, environment: &str, (from, until): (Moment, Moment)) -> Vec<Line> {
    let until = until.min(glance.at + TimeDelta::nanoseconds(1));
    let last = until.timestamp().div_euclid(BEAT);
    let first = from.timestamp().div_euclid(BEAT).max(last - STEPS);
    let key = [one.id.as_str(), environment];
    let mut found: Vec<Line> = (first..=last).filter_map(|beat| everyday(glance, key, beat)).collect();
    found.extend(of_rollouts(glance, one, environment));
    if environment == "production" {
        found.extend(of_troubles(glance, one, (from.max(until - TimeDelta::days(1)), until)));
    }
    found.retain(|line| line.at >= from && line.at < until);
    found.sort_by(|a, b| (a.at, &a.app, &a.text).cmp(&(b.at, &b.app, &b.text)));
    found
}

fn everyday(glance: &Glance<'_>, [id, environment]: [&str; 2], beat: i64) -> Option<Line> {
    let mut dice = glance.dice(&["log", id, environment], beat);
    let (app, level, text) = *dice.pick(&EVERYDAY)?;
    // Staging talks less.
    if environment != "production" && dice.chance(700) {
        return None;
    }
    let at = moment(beat * BEAT, &mut dice)?;
    let text = text.replace("{}", &dice.within(1, 240).to_string()).replace('@', &dice.hex(6));
    Some(Line { at, app: app.to_owned(), level, text })
}

fn moment(seconds: i64, dice: &mut Dice) -> Option<Moment> {
    let nanos = u32::try_from(dice.within(0, 999_999_999)).unwrap_or_default();
    Moment::from_timestamp(seconds + dice.within(0, BEAT - 1), nanos)
}

/// What the rollouts of the last days say.
fn of_rollouts(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Line> {
    let course = glance.course(one, environment);
    let mut found = Vec::new();
    for rollout in course.rollouts.iter().rev().take(8) {
        let (from, to) = (&rollout.from.version, &rollout.to.version);
        let mut say = |at: Moment, app: &str, level: &'static str, text: String| {
            found.push(Line { at: at + TimeDelta::nanoseconds(7), app: app.to_owned(), level, text });
        };
        say(rollout.start, "deployer", "info", format!("rolling out {to} over {from}"));
        let artifacts = ["meshfed-api", "meshpanel", "replicator", "metering"];
        for (n, app) in (0..).zip(artifacts) {
            let at = rollout.start + (rollout.end - rollout.start) * n / 5;
            if rollout.standing(at).is_none() {
                say(at + TimeDelta::seconds(20), app, "info", format!("starting {app} {to}"));
                say(at + TimeDelta::seconds(31), app, "info", format!("started {app} {to} in 11.{n} seconds"));
            }
        }
        if let Some(since) =
            rollout.standing(rollout.end - TimeDelta::seconds(1)).or_else(|| rollout.standing(glance.at))
        {
            // Where a rollout stands still, the new program does not come up, and says why.
            for n in 0..40 {
                let at = since + TimeDelta::seconds(25 + n * 50);
                if rollout.standing(at).is_none() || (at > rollout.end && rollout.failed(glance.at)) {
                    break;
                }
                let pod = format!("meshfed-api-{}-{}", hex(to, 5), hex("pod", 5));
                say(
                    at,
                    "meshfed-api",
                    "error",
                    format!("migration of {to} failed: Lock wait timeout exceeded; try restarting transaction"),
                );
                say(
                    at + TimeDelta::seconds(2),
                    "kubelet",
                    "warn",
                    format!("Readiness probe failed for {pod}: HTTP probe failed with statuscode: 503"),
                );
                say(
                    at + TimeDelta::seconds(9),
                    "kubelet",
                    "warn",
                    format!("Back-off restarting failed container meshfed-api in pod {pod}"),
                );
            }
        }
        if rollout.end <= glance.at {
            let (level, text) = if rollout.failed(glance.at) {
                (
                    "error",
                    format!(
                        "rollout of {to} given up: deployment exceeded its progress deadline; {from} keeps running"
                    ),
                )
            } else {
                ("info", format!("rollout of {to} complete"))
            };
            say(rollout.end, "deployer", level, text);
        }
    }
    found
}

/// What troubles say while they last, every twenty seconds or so.
fn of_troubles(glance: &Glance<'_>, one: &Installation, (from, until): (Moment, Moment)) -> Vec<Line> {
    let mut found = Vec::new();
    for trouble in troubles(glance.world, one, from, until) {
        let begin = from.max(trouble.start).timestamp().div_euclid(20);
        let end = until.min(trouble.end).timestamp().div_euclid(20);
        for beat in begin..=end {
            let mut dice = glance.dice(&["trouble line", &one.id, trouble.kind.alert], beat);
            let Some((level, text)) = dice.pick(trouble.kind.lines).copied() else { continue };
            let Some(at) = moment(beat * 20, &mut dice).filter(|at| *at >= trouble.start && *at < trouble.end) else {
                continue;
            };
            let text = text.replace("{}", &trouble.place);
            found.push(Line { at, app: trouble.kind.part.to_owned(), level, text });
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::scenario::Scenario;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::Writes;

    #[test]
    fn lines_are_the_same_however_they_are_cut_and_tell_what_happens() {
        let anchor: Moment = "2026-11-20T22:40:00Z".parse().unwrap();
        let world = World::new(Setup { seed: 7, scenario: Scenario::FridayNight, installations: 12, anchor });
        let writes = Writes::default();
        let glance = Glance::of(&world, anchor, &writes);
        let one = world.installation("umbrella").unwrap();
        let (from, middle) = (anchor - TimeDelta::minutes(40), anchor - TimeDelta::minutes(11));
        let whole = lines(&glance, one, "production", (from, anchor));
        let mut cut = lines(&glance, one, "production", (from, middle));
        cut.extend(lines(&glance, one, "production", (middle, anchor)));
        assert_eq!(whole, cut);
        assert!(whole.len() > 200, "{} lines", whole.len());
        let failed = whole.iter().filter(|line| line.level == "error" && line.text.contains("migration")).count();
        assert!(failed > 10, "{failed} lines about the migration");
    }
}
