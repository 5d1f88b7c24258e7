//! Alerts: they follow from what happens. Rollouts that stand still, troubles, papers that end, backups that are missing.

use std::collections::BTreeMap;

use chrono::{DurationRound, TimeDelta};

use super::assurance::{backups, certificates, last_good};
use super::cast::Installation;
use super::course::DEADLINE;
use super::dice::hex;
use super::glance::Glance;
use super::writes::{Matcher, SilenceWritten};
use crate::domain::clock::Moment;

/// One alert, pending or firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Its labels, `alertname` among them.
    pub labels: BTreeMap<String, String>,
    /// Its summary.
    pub summary: String,
    /// Since when.
    pub since: Moment,
    /// Whether it has lasted long enough to be told.
    pub firing: bool,
}

impl Firing {
    /// A label's value.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The number Alertmanager knows it by.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        hex(&text.join(","), 16)
    }
}

/// An alert is pending for so long.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

struct Board<'g, 'a> {
    glance: &'g Glance<'a>,
    one: &'g Installation,
    environment: &'g str,
    found: Vec<Firing>,
}

impl Board<'_, '_> {
    fn raise(
        &mut self,
        name: &str,
        (severity, stream): (&str, &str),
        since: Moment,
        (labels, summary): (&[(&str, &str)], String),
    ) {
        let namespace = self.one.namespace();
        let fixed = [
            ("alertname", name),
            ("severity", severity),
            ("stream", stream),
            ("cluster", &self.one.id),
            ("installation", &self.one.id),
            ("environment", self.environment),
        ];
        let mut all: BTreeMap<String, String> =
            fixed.into_iter().chain(labels.iter().copied()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        all.entry("namespace".to_owned()).or_insert(namespace);
        let firing = name == "Watchdog" || self.glance.at - since >= PATIENCE;
        self.found.push(Firing { labels: all, summary, since, firing });
    }

    fn rollouts(&mut self) {
        let at = self.glance.at;
        let course = self.glance.course(self.one, self.environment);
        let Some(rollout) = course.current(at) else { return };
        let Some(since) = rollout.standing(at) else { return };
        let to = &rollout.to.version;
        let load = super::workloads::workloads(self.glance, self.one, self.environment)
            .into_iter()
            .find(|load| !load.is_done())
            .map_or_else(|| "meshfed-api".to_owned(), |load| load.name);
        if at - since >= DEADLINE {
            let summary = format!("rollout of {to} stands still at {load}");
            let severity = if self.environment == "production" { "critical" } else { "warning" };
            let labels = [("deployment", load.as_str()), ("version", to.as_str())];
            self.raise("KubeDeploymentRolloutStuck", (severity, "infrastructure"), since, (&labels, summary));
        }
        let pod = format!("{load}-{}-{}", hex(to, 5), hex(&load, 5));
        let summary = format!("{pod} does not become ready");
        let labels = [("pod", pod.as_str()), ("deployment", load.as_str())];
        self.raise("KubePodNotReady", ("warning", "infrastructure"), since + TimeDelta::minutes(2), (&labels, summary));
    }

    fn troubles(&mut self) {
        for trouble in self.glance.troubles(self.one) {
            let labels = [(trouble.kind.place.0, trouble.place.as_str()), ("part", trouble.kind.part)];
            let rank = (trouble.kind.severity, trouble.kind.stream);
            self.raise(trouble.kind.alert, rank, trouble.start, (&labels, trouble.summary()));
        }
    }

    fn papers(&mut self) {
        let at = self.glance.at;
        for paper in certificates(self.glance, self.one, self.environment) {
            let days = (paper.until - at).num_days();
            if days < 21 {
                let severity = if days < 7 { "critical" } else { "warning" };
                let since = paper.until - TimeDelta::days(if days < 7 { 7 } else { 21 });
                let when = if days < 0 { format!("ended {} days ago", -days) } else { format!("ends in {days} days") };
                let summary = format!("certificate of {} {when}", paper.host);
                let labels = [("certificate", paper.name), ("host", paper.host.as_str())];
                self.raise("CertificateExpiringSoon", (severity, "security"), since, (&labels, summary));
            }
        }
        let saved = backups(self.glance, self.one, self.environment);
        let last = last_good(&saved);
        let oldest = saved.first().map_or(at, |backup| backup.start);
        let late = last.unwrap_or(oldest) + TimeDelta::hours(26);
        if late <= at {
            let hours = (at - last.unwrap_or(oldest)).num_hours();
            let summary = format!("no good backup for {hours} hours");
            self.raise("BackupTooOld", ("warning", "backup"), late, (&[("schedule", "daily")], summary));
        }
    }
}

/// The alerts of an environment at this moment, in a fixed order.
#[must_use]
pub fn alerts(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Firing> {
    let mut board = Board { glance, one, environment, found: Vec::new() };
    // A moment that stays the same all day, to the last fraction of a second: it is what an alert is known by.
    let midnight = glance.at.duration_trunc(TimeDelta::days(1)).unwrap_or(glance.at);
    let since = midnight - TimeDelta::days(40);
    board.raise("Watchdog", ("none", "infrastructure"), since, (&[], "always firing".to_owned()));
    board.rollouts();
    if environment == "production" {
        board.troubles();
    }
    board.papers();
    // The same thing twice is one alert, as old as the older.
    let mut once: BTreeMap<String, Firing> = BTreeMap::new();
    for alert in board.found {
        let known = once.entry(alert.fingerprint()).or_insert_with(|| alert.clone());
        known.since = known.since.min(alert.since);
        known.firing |= alert.firing;
    }
    once.into_values().collect()
}

/// The silences of an installation: some of its own, and what was written. `holder` is how its Alertmanager is addressed.
#[must_use]
pub fn silences(glance: &Glance<'_>, one: &Installation, holder: &str) -> Vec<SilenceWritten> {
    let mut found = own_silences(glance, one, holder);
    found.extend(glance.writes.silences.iter().filter(|silence| silence.holder == holder).cloned());
    for silence in &mut found {
        if let Some(ended) = glance.writes.expired.get(&silence.id) {
            silence.ends = silence.ends.min(*ended);
            silence.updated = *ended;
        }
    }
    found
}

/// One installation in three has silences of its own: for the window, for a known nuisance, or forgotten.
fn own_silences(glance: &Glance<'_>, one: &Installation, holder: &str) -> Vec<SilenceWritten> {
    let mut dice = glance.dice(&["silences", &one.id], 0);
    let mut found = Vec::new();
    let mut add = |name: &str, value: &str, comment: String, (starts, ends): (Moment, Moment)| {
        let matchers = vec![
            Matcher { name: name.to_owned(), value: value.to_owned(), is_regex: false, is_equal: true },
            Matcher { name: "installation".to_owned(), value: one.id.clone(), is_regex: false, is_equal: true },
        ];
        let id = super::dice::uuid(&format!("{holder} {comment} {}", starts.timestamp()));
        let created_by = "j.doe@northwind.example".to_owned();
        found.push(SilenceWritten {
            id,
            holder: holder.to_owned(),
            matchers,
            created_by,
            comment,
            starts,
            ends,
            updated: starts,
        });
    };
    if let Some(opening) = one.slot.next(glance.at).filter(|_| dice.chance(260)) {
        let comment = format!("{} window", one.slot.name);
        if opening.start - glance.at < TimeDelta::days(6) {
            add("stream", "infrastructure", comment, (opening.start, opening.end));
        }
    }
    if dice.chance(180) {
        let week = glance.at.timestamp().div_euclid(7 * 86_400);
        if let Some(starts) = chrono::DateTime::from_timestamp(week * 7 * 86_400 + dice.within(0, 80_000), 0) {
            let comment = "known nuisance, ticket is open".to_owned();
            add("alertname", "CPUThrottlingHigh", comment, (starts, starts + TimeDelta::days(dice.within(2, 9))));
        }
    }
    found.retain(|silence| silence.updated <= glance.at || silence.starts > glance.at);
    found
}

impl SilenceWritten {
    /// `active`, `pending` or `expired`.
    #[must_use]
    pub fn state(&self, at: Moment) -> &'static str {
        if self.ends <= at {
            "expired"
        } else if self.starts > at {
            "pending"
        } else {
            "active"
        }
    }

    /// Whether it silences an alert now.
    #[must_use]
    pub fn holds(&self, alert: &Firing, at: Moment) -> bool {
        self.state(at) == "active" && self.matchers.iter().all(|matcher| matcher.holds(alert.label(&matcher.name)))
    }
}

impl Matcher {
    /// Whether a value meets it. Patterns are anchored.
    #[must_use]
    pub fn holds(&self, value: &str) -> bool {
        let meets = if self.is_regex {
            regex::Regex::new(&format!("^(?:{})$", self.value)).is_ok_and(|pattern| pattern.is_match(value))
        } else {
            self.value == value
        };
        meets == self.is_equal
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::scenario::Scenario;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::{Write, Writes};

    fn world(scenario: Scenario) -> World {
        let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
        World::new(Setup { seed: 7, scenario, installations: 40, anchor })
    }

    fn names(glance: &Glance<'_>, id: &str) -> Vec<String> {
        let one = glance.world.installation(id).unwrap();
        alerts(glance, one, "production").iter().map(|alert| alert.label("alertname").to_owned()).collect()
    }

    #[test]
    fn a_rollout_that_stands_still_raises_its_alerts_and_they_go_with_it() {
        let (world, writes) = (world(Scenario::FridayNight), Writes::default());
        let stuck = |minutes| {
            let glance = Glance::of(&world, world.setup.anchor + TimeDelta::minutes(minutes), &writes);
            names(&glance, "umbrella").contains(&"KubeDeploymentRolloutStuck".to_owned())
        };
        assert_eq!((stuck(-12), stuck(0), stuck(96)), (false, true, false));
    }

    #[test]
    fn the_watchdog_always_fires_and_a_quiet_world_has_nothing_else() {
        let (world, writes) = (world(Scenario::Quiet), Writes::default());
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        for one in &world.cast {
            assert_eq!(names(&glance, &one.id), ["Watchdog"], "{}", one.id);
        }
        let began = |millis| {
            let glance = Glance::of(&world, world.setup.anchor + TimeDelta::milliseconds(millis), &writes);
            let one = world.cast.first().unwrap();
            alerts(&glance, one, "production").iter().map(|alert| alert.since).collect::<Vec<_>>()
        };
        assert_eq!(began(0), began(1234), "an alert began when it began");
    }

    #[test]
    fn a_silence_that_is_written_silences_until_it_is_ended() {
        let world = world(Scenario::FridayNight);
        let at = world.setup.anchor;
        let mut writes = Writes::default();
        let equals = |name: &str, value: &str| Matcher {
            name: name.into(),
            value: value.into(),
            is_regex: false,
            is_equal: true,
        };
        writes.take(
            Write::Silence(SilenceWritten {
                id: "one".into(),
                holder: "globex/production".into(),
                matchers: vec![equals("alertname", "KubePersistentVolumeFillingUp")],
                created_by: "me".into(),
                comment: "looked at".into(),
                starts: at,
                ends: at + TimeDelta::hours(2),
                updated: at,
            }),
            at,
        );
        let silenced = |writes: &Writes, moment| {
            let glance = Glance::of(&world, moment, writes);
            let one = world.installation("globex").unwrap();
            let all = silences(&glance, one, "globex/production");
            alerts(&glance, one, "production")
                .iter()
                .filter(|alert| all.iter().any(|silence| silence.holds(alert, moment)))
                .count()
        };
        let soon = at + TimeDelta::minutes(5);
        assert!(silenced(&writes, soon) > 0);
        writes.take(Write::Expire { id: "one".into() }, soon);
        assert_eq!(silenced(&writes, soon + TimeDelta::minutes(1)), 0);
    }

    #[test]
    fn matchers_follow_their_operators() {
        for (is_regex, is_equal, value, holds) in [
            (false, true, "a", true),
            (false, false, "a", false),
            (true, true, "a|b", true),
            (true, false, "x.*", true),
            (true, true, "(", false),
        ] {
            assert_eq!(
                Matcher { name: "n".into(), value: value.into(), is_regex, is_equal }.holds("a"),
                holds,
                "{value}"
            );
        }
    }
}
