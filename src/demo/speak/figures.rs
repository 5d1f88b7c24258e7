//! Key figures with a character: every customer's day has a shape of its own, and what goes wrong or rolls shows in it.

use std::f64::consts::PI;

use chrono::TimeDelta;

use super::place::Spot;
use super::selector::{Query, Sample};
use super::times::unix;
use crate::demo::course::Rollout;
use crate::demo::glance::Glance;
use crate::demo::troubles::{Trouble, troubles};

/// The names of all of them.
const NAMES: [&str; 8] = [
    "http_requests_total",
    "traefik_service_requests_total",
    "http_request_duration_seconds_p99",
    "node_cpu_seconds_total",
    "node_load5",
    "container_memory_working_set_bytes",
    "kubelet_volume_stats_used_bytes",
    "kubelet_volume_stats_capacity_bytes",
];

/// Requests, errors, latency, load, memory and disk of an environment.
pub(super) fn figures(glance: &Glance<'_>, spot: &Spot<'_>, query: &Query, found: &mut Vec<Sample>) {
    if !NAMES.iter().any(|name| query.wants(name)) {
        return;
    }
    let (seconds, habit, strain) = (unix(glance.at), Habit::of(glance, spot), Strain::of(glance, spot));
    let load = habit.load(glance, seconds) * strain.traffic;
    let share = (strain.errors * (1.0 + 0.3 * habit.wander(glance, "errors", 240.0, seconds))).clamp(0.0, 1.0);
    for (code, rate, part) in [("200", load * (1.0 - share), 0.998), ("500", load * share, 0.002)] {
        for name in ["http_requests_total", "traefik_service_requests_total"] {
            let count = (seconds - 1_750_000_000.0) * habit.size * part;
            let mut sample = Sample::gauge(name, &[("job", "meshfed-api"), ("code", code)], count);
            sample.rate = rate;
            found.push(sample);
        }
    }
    let busy = load / habit.size;
    let latency = (0.08 + 0.16 * busy) * strain.weight + strain.slow;
    found.push(Sample::gauge("http_request_duration_seconds_p99", &[("job", "meshfed-api")], latency));
    let jitter = 1.0 + habit.rough * habit.wander(glance, "cores", 200.0, seconds);
    let cores = habit.size * (0.012 + 0.03 * busy) * strain.weight * (1.0 + strain.work) * jitter;
    let labels = [("mode", "user"), ("job", "node-exporter")];
    let mut cpu = Sample::gauge("node_cpu_seconds_total", &labels, seconds * habit.size * 0.02);
    cpu.rate = cores;
    found.push(cpu);
    found.push(Sample::gauge("node_load5", &[("job", "node-exporter")], 0.4 + 1.6 * cores));
    // A heap fills until it is swept, each at its own pace, and a new version has its own appetite.
    let swept = (seconds / (600.0 + 1800.0 * habit.phase)).fract();
    let heap = habit.size * 60e6 * strain.weight * (0.8 + 0.12 * swept + 0.1 * busy);
    found.push(Sample::gauge("container_memory_working_set_bytes", &[("container", "meshfed-api")], heap));
    let labels = [("persistentvolumeclaim", "data-mongodb-0"), ("namespace", "mongodb")];
    let full = 0.35 + 0.3 * habit.phase;
    let used = 107_374_182_400.0 * (full + (0.96 - full) * strain.fill);
    found.push(Sample::gauge("kubelet_volume_stats_used_bytes", &labels, used));
    found.push(Sample::gauge("kubelet_volume_stats_capacity_bytes", &labels, 107_374_182_400.0));
}

/// How the days of a customer go.
#[derive(Clone, Copy)]
enum Rhythm {
    /// People at desks: a morning and an afternoon, and a lull over lunch.
    Office,
    /// People at home: little by day, most of it after dinner.
    Evening,
    /// Machines that come for their reports by night.
    Batch,
    /// Machines that never sleep.
    Steady,
}

/// What is always so with an environment.
struct Habit {
    id: String,
    rhythm: Rhythm,
    /// Requests a second in its busiest hours.
    size: f64,
    /// Where in a cycle of its own it stands, from 0 to 1.
    phase: f64,
    /// How much it is up and down from one minute to the next.
    rough: f64,
    /// A job that comes again after so many seconds, and by how much it lifts the load.
    beat: Option<(f64, f64)>,
}

impl Habit {
    fn of(glance: &Glance<'_>, spot: &Spot<'_>) -> Self {
        let id = spot.one.id.clone();
        let mut dice = glance.dice(&["figures", &id, spot.environment], 0);
        let rhythms = [Rhythm::Office, Rhythm::Office, Rhythm::Evening, Rhythm::Batch, Rhythm::Steady];
        let rhythm = dice.pick(&rhythms).copied().unwrap_or(Rhythm::Steady);
        let people = if spot.environment == "production" { 1.0 } else { 0.1 };
        // Most are small, a few are twenty times as large.
        let size = 6.0 * 20.0_f64.powf(dice.unit().powi(2)) * people;
        let beat = dice.pick(&[None, Some(300.0), Some(900.0), Some(1800.0)]).copied().flatten();
        let beat = beat.map(|every: f64| (every, 0.15 + 0.5 * dice.unit()));
        Self { id, rhythm, size, phase: dice.unit(), rough: 0.04 + 0.22 * dice.unit(), beat }
    }

    /// Requests a second.
    fn load(&self, glance: &Glance<'_>, seconds: f64) -> f64 {
        let hour = (seconds / 3600.0 + self.phase).rem_euclid(24.0);
        let bump = |around: f64, wide: f64| {
            let away = (hour - around).abs().min(24.0 - (hour - around).abs());
            (-(away / wide).powi(2)).exp()
        };
        let day = match self.rhythm {
            Rhythm::Office => 0.12 + 0.8 * bump(9.5, 2.2) + 0.75 * bump(14.5, 2.4),
            Rhythm::Evening => 0.2 + 0.25 * bump(12.0, 3.0) + 0.75 * bump(20.0, 2.5),
            Rhythm::Batch => 0.25 + 0.75 * bump(2.0, 1.5) + 0.2 * bump(13.0, 4.0),
            Rhythm::Steady => 0.75,
        };
        let beat = self.beat.map_or(0.0, |(every, lift)| {
            let since = (seconds + self.phase * every).rem_euclid(every);
            lift * (-since / 120.0).exp()
        });
        let drift = self.wander(glance, "drift", 1500.0, seconds);
        let noise = 1.0 + self.rough * (0.6 * self.wander(glance, "noise", 150.0, seconds) + 0.8 * drift);
        self.size * (day + beat) * noise
    }

    /// A number between -1 and 1 that goes its own way, and is somewhere else after so many seconds.
    fn wander(&self, glance: &Glance<'_>, what: &str, pace: f64, seconds: f64) -> f64 {
        let step = (seconds / pace).floor();
        let way = (1.0 - (PI * (seconds / pace - step)).cos()) / 2.0;
        let at = |n: f64| 2.0 * glance.dice(&["wander", what, &self.id, &format!("{n}")], 0).unit() - 1.0;
        at(step) * (1.0 - way) + at(step + 1.0) * way
    }
}

/// What goes on at the moment.
struct Strain {
    /// The share of answers that are errors.
    errors: f64,
    /// How much of the usual traffic comes.
    traffic: f64,
    /// Seconds that everything takes longer.
    slow: f64,
    /// How much more there is to compute than usual.
    work: f64,
    /// How far a disk is on its way from as usual to full.
    fill: f64,
    /// What the version that runs costs, against the usual one.
    weight: f64,
}

/// How long before its alert a trouble begins to show, and for how long after it.
const BEFORE: TimeDelta = TimeDelta::minutes(6);
const AFTER: TimeDelta = TimeDelta::minutes(4);

impl Strain {
    fn of(glance: &Glance<'_>, spot: &Spot<'_>) -> Self {
        let mut strain = Self { errors: 0.002, traffic: 1.0, slow: 0.0, work: 0.0, fill: 0.0, weight: 1.0 };
        // Troubles are those of the production.
        if spot.environment == "production" {
            for trouble in troubles(glance.world, spot.one, glance.at - AFTER, glance.at + BEFORE) {
                strain.suffer(&trouble, swell(glance, &trouble));
            }
        }
        let course = glance.course(spot.one, spot.environment);
        for rollout in course.rollouts.iter().rev().take(1) {
            strain.roll(glance, rollout);
        }
        strain
    }

    fn suffer(&mut self, trouble: &Trouble, how: f64) {
        match trouble.kind.alert {
            "IngressErrorRate" => (self.errors, self.traffic) = (self.errors + 0.11 * how, 1.0 + 0.25 * how),
            "HighRequestLatency" => (self.slow, self.work) = (self.slow + 2.9 * how, self.work + 0.4 * how),
            "FailedLoginSpike" => self.traffic += 0.9 * how,
            "KubeNodeNotReady" => (self.traffic, self.work) = (self.traffic - 0.3 * how, self.work + 0.8 * how),
            "KubePodCrashLooping" => (self.errors, self.work) = (self.errors + 0.02 * how, self.work + 0.5 * how),
            "KubePersistentVolumeFillingUp" => self.fill = self.fill.max(how),
            "MongoReplicationLag" | "KafkaUnderReplicatedPartitions" => self.slow += 0.3 * how,
            "CPUThrottlingHigh" => self.work += 1.2 * how,
            _ => {}
        }
    }

    /// A new version costs what it costs; on the way to it replicas come and go, and one that stands still answers badly.
    fn roll(&mut self, glance: &Glance<'_>, rollout: &Rollout<'_>) {
        let weight = |version: &str| 0.8 + 0.45 * glance.dice(&["weight", version], 0).unit();
        let there = rollout.progress(glance.at);
        self.weight = weight(&rollout.from.version) * (1.0 - there) + weight(&rollout.to.version) * there;
        if rollout.end <= glance.at {
            return;
        }
        let stir = (PI * there).sin();
        (self.traffic, self.slow, self.work) = (self.traffic - 0.12 * stir, self.slow + 0.25 * stir, self.work + 0.3);
        if rollout.standing(glance.at).is_some() {
            self.errors += 0.03;
        }
    }
}

/// How much a trouble is felt, from 0 to 1: it comes up before its alert, and ebbs after it.
fn swell(glance: &Glance<'_>, trouble: &Trouble) -> f64 {
    let comes = (glance.at - (trouble.start - BEFORE)).as_seconds_f64() / BEFORE.as_seconds_f64();
    let goes = ((trouble.end + AFTER) - glance.at).as_seconds_f64() / AFTER.as_seconds_f64();
    comes.min(goes).clamp(0.0, 1.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::scenario::Scenario;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::Writes;
    use crate::domain::clock::Moment;

    fn world() -> World {
        let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
        World::new(Setup { seed: 7, scenario: Scenario::FridayNight, installations: 12, anchor })
    }

    /// One figure of one installation over an hour, every two minutes.
    fn hour(world: &World, id: &str, figure: &str, until: Moment) -> Vec<f64> {
        let (one, writes) = (world.installation(id).unwrap(), Writes::default());
        let query = Query::read(figure).unwrap();
        let at = |minute: i64| {
            let glance = Glance::of(world, until - TimeDelta::minutes(60 - minute), &writes);
            let mut found = Vec::new();
            figures(&glance, &Spot::production(one), &query, &mut found);
            query.answer(found).iter().map(|sample| sample.value).sum::<f64>()
        };
        (0..=30).map(|step| at(2 * step)).collect()
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
    }

    /// How alike two courses are, whatever their size: 1 for the same shape.
    fn alike(a: &[f64], b: &[f64]) -> f64 {
        let off = |values: &[f64]| values.iter().map(|value| value - mean(values)).collect::<Vec<f64>>();
        let (a, b) = (off(a), off(b));
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt().max(1e-12)
    }

    #[test]
    fn every_customer_has_a_course_of_their_own_and_always_the_same() {
        let world = world();
        let quiet: Moment = "2026-11-20T13:00:00Z".parse().unwrap();
        let all: Vec<Vec<f64>> =
            world.cast.iter().map(|one| hour(&world, &one.id, "sum(rate(http_requests_total[5m]))", quiet)).collect();
        let pairs = || (0..all.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let same = pairs().filter(|(a, b)| alike(&all[*a], &all[*b]) > 0.9).count();
        assert!(same * 10 < pairs().count(), "{same} of {} pairs look the same", pairs().count());
        assert_eq!(all[0], hour(&self::world(), &world.cast[0].id, "sum(rate(http_requests_total[5m]))", quiet));
        assert!(all.iter().flatten().all(|value| value.is_finite() && *value >= 0.0));
    }

    #[test]
    fn a_figure_rises_with_its_alert_and_comes_down_after_it() {
        let world = world();
        let anchor = world.setup.anchor;
        let errors = "sum(rate(http_requests_total{code=~\"5..\"}[5m]))";
        // Initech's ingress answers errors from four minutes after the beginning, for thirty-five minutes.
        let course = hour(&world, "initech", errors, anchor + TimeDelta::minutes(54));
        let (calm, bad, after) = (mean(&course[..3]), mean(&course[6..22]), mean(&course[26..]));
        assert!(bad > 10.0 * calm && bad > 10.0 * after, "{calm} {bad} {after}");
        let latency = |minutes: i64| {
            let until = anchor + TimeDelta::minutes(minutes);
            *hour(&world, "globex", "http_request_duration_seconds_p99", until).last().unwrap()
        };
        assert!(latency(20) > 2.5, "globex is slow: {}", latency(20));
    }

    #[test]
    fn a_rollout_is_a_step() {
        let world = world();
        let writes = Writes::default();
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        let steps = world.cast.iter().filter_map(|one| {
            let course = glance.course(one, "production");
            let rollout = course.rollouts.iter().rev().find(|rollout| rollout.succeeded(glance.at))?;
            let memory = |at: Moment| Strain::of(&Glance { at, ..glance }, &Spot::production(one)).weight;
            Some((memory(rollout.start) - memory(rollout.end)).abs())
        });
        let steps: Vec<f64> = steps.collect();
        assert!(steps.len() > 5 && steps.iter().filter(|step| **step > 0.02).count() * 2 > steps.len(), "{steps:?}");
    }
}
