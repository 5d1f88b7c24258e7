//! What goes wrong apart from rollouts: a disk fills, a node goes, a queue lags. Each has its alert and its log lines.

use chrono::{TimeDelta, TimeZone, Utc};

use super::cast::{Installation, Plan};
use super::dice::Dice;
use super::scenario::Scenario;
use super::world::World;
use crate::domain::clock::Moment;

/// A kind of trouble.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The alert's name.
    pub alert: &'static str,
    /// How bad.
    pub severity: &'static str,
    /// Which stream it belongs to.
    pub stream: &'static str,
    /// The part it concerns.
    pub part: &'static str,
    /// The label that names the place, and the values it may have.
    pub place: (&'static str, &'static [&'static str]),
    /// The summary; `{}` is the place.
    pub summary: &'static str,
    /// What the logs say; `{}` is the place.
    pub lines: &'static [(&'static str, &'static str)],
    /// The shortest and the longest it lasts, in minutes.
    pub lasts: (i64, i64),
}

/// Every kind.
pub static KINDS: [Kind; 12] = [
    Kind {
        alert: "KubePersistentVolumeFillingUp",
        severity: "critical",
        stream: "infrastructure",
        part: "mongodb",
        place: ("persistentvolumeclaim", &["data-mongodb-0", "data-mongodb-1", "data-mongodb-2"]),
        summary: "{} is 96 % full",
        lines: &[
            ("error", "WiredTiger error: write failed on {}: No space left on device"),
            ("warn", "journal flush on {} took 2841 ms"),
        ],
        lasts: (40, 420),
    },
    Kind {
        alert: "KubePodCrashLooping",
        severity: "warning",
        stream: "infrastructure",
        part: "replicator",
        place: ("pod", &["replicator-7d9c5-x2x4k", "metering-5f7b8-q9wzt"]),
        summary: "{} restarts over and over",
        lines: &[("error", "{} exited with code 137"), ("warn", "back-off restarting failed container in {}")],
        lasts: (15, 180),
    },
    Kind {
        alert: "KubeNodeNotReady",
        severity: "critical",
        stream: "infrastructure",
        part: "kubernetes",
        place: ("node", &["node-2", "node-3", "node-4"]),
        summary: "{} has not reported for 15 min",
        lines: &[("error", "node {} is unreachable: NodeStatusUnknown"), ("warn", "evicting pods of {}")],
        lasts: (12, 90),
    },
    Kind {
        alert: "HighRequestLatency",
        severity: "warning",
        stream: "performance",
        part: "meshfed-api",
        place: ("route", &["/api/meshobjects", "/api/billing", "/api/tenants"]),
        summary: "99th percentile of {} above 2.5 s",
        lines: &[("warn", "slow request {} took 3120 ms"), ("warn", "connection pool exhausted, waiting for {}")],
        lasts: (15, 150),
    },
    Kind {
        alert: "MongoReplicationLag",
        severity: "warning",
        stream: "performance",
        part: "mongodb",
        place: ("member", &["mongodb-1", "mongodb-2"]),
        summary: "{} lags behind by more than 30 s",
        lines: &[("warn", "{} is too stale to keep up with the oplog window")],
        lasts: (20, 240),
    },
    Kind {
        alert: "KafkaUnderReplicatedPartitions",
        severity: "warning",
        stream: "infrastructure",
        part: "kafka",
        place: ("broker", &["kafka-0", "kafka-1", "kafka-2"]),
        summary: "{} has under-replicated partitions",
        lines: &[("warn", "[ReplicaManager broker={}] shrinking ISR from 0,1,2 to 0,2")],
        lasts: (15, 200),
    },
    Kind {
        alert: "TargetDown",
        severity: "warning",
        stream: "infrastructure",
        part: "prometheus",
        place: ("job", &["node-exporter", "kube-state-metrics", "mongodb-exporter"]),
        summary: "targets of {} are down",
        lines: &[("warn", "scrape of {} failed: context deadline exceeded")],
        lasts: (10, 120),
    },
    Kind {
        alert: "FailedLoginSpike",
        severity: "warning",
        stream: "security",
        part: "meshpanel",
        place: ("realm", &["meshfed", "partner"]),
        summary: "failed logins in realm {} ten times above usual",
        lines: &[("warn", "invalid user credentials in realm {} from 203.0.113.77")],
        lasts: (20, 180),
    },
    Kind {
        alert: "IngressErrorRate",
        severity: "critical",
        stream: "performance",
        part: "traefik",
        place: ("service", &["meshfed-api@kubernetes", "meshpanel@kubernetes"]),
        summary: "more than 5 % of answers of {} are errors",
        lines: &[
            ("error", "502 Bad Gateway from {}"),
            ("error", "dial tcp 10.12.3.4:8080: connect: connection refused ({})"),
        ],
        lasts: (8, 70),
    },
    Kind {
        alert: "LogForwardingStalled",
        severity: "info",
        stream: "infrastructure",
        part: "logging-operator",
        place: ("output", &["loki-main", "siem"]),
        summary: "buffer of output {} grows",
        lines: &[("warn", "[output:loki:{}] retrying in 8 s")],
        lasts: (30, 300),
    },
    Kind {
        alert: "VpnClientsDropped",
        severity: "warning",
        stream: "security",
        part: "openvpn",
        place: ("instance", &["openvpn-0"]),
        summary: "half of the clients of {} were dropped at once",
        lines: &[("warn", "{}: TLS Error: TLS key negotiation failed to occur within 60 seconds")],
        lasts: (10, 60),
    },
    Kind {
        alert: "CPUThrottlingHigh",
        severity: "info",
        stream: "performance",
        part: "metering",
        place: ("pod", &["metering-5f7b8-q9wzt"]),
        summary: "{} is throttled for 42 % of its time",
        lines: &[("info", "{} garbage collection took 812 ms")],
        lasts: (30, 500),
    },
];

/// One trouble, from its begin to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub kind: &'static Kind,
    /// The place, as the kind's label names it.
    pub place: String,
    /// When it began.
    pub start: Moment,
    /// When it is over.
    pub end: Moment,
}

impl Trouble {
    /// Its summary.
    #[must_use]
    pub fn summary(&self) -> String {
        self.kind.summary.replace("{}", &self.place)
    }
}

const SPAN: i64 = 3 * 3600;

/// The troubles of an installation's production that touch a stretch of time, in order of their begin.
#[must_use]
pub fn troubles(world: &World, one: &Installation, from: Moment, until: Moment) -> Vec<Trouble> {
    let first = from.timestamp().div_euclid(SPAN) - 4;
    let last = until.timestamp().div_euclid(SPAN);
    let mut found: Vec<_> = (first..=last).filter_map(|span| of_span(world, one, span)).collect();
    found.extend(forced(world, one));
    found.retain(|trouble| trouble.end > from && trouble.start <= until);
    found.sort_by_key(|trouble| (trouble.start, trouble.kind.alert));
    found
}

fn of_span(world: &World, one: &Installation, span: i64) -> Option<Trouble> {
    let mut dice = Dice::of(world.setup.seed, &["trouble", &one.id], span);
    if !dice.chance(one.habit.trouble) {
        return None;
    }
    let kind = dice.pick(&KINDS)?;
    // Of a shared cluster's machines a tenant sees nothing.
    let kind = if one.plan == Plan::Saas && matches!(kind.part, "kubernetes" | "kafka" | "openvpn" | "prometheus") {
        KINDS.iter().find(|kind| kind.alert == "HighRequestLatency")?
    } else {
        kind
    };
    let start = Utc.timestamp_opt(span * SPAN + dice.within(0, SPAN - 1), 0).single()?;
    let lasts = TimeDelta::minutes(dice.within(kind.lasts.0, kind.lasts.1));
    Some(Trouble { kind, place: (*dice.pick(kind.place.1)?).to_owned(), start, end: start + lasts })
}

/// What the scenario makes go wrong.
fn forced(world: &World, one: &Installation) -> Vec<Trouble> {
    let anchor = world.setup.anchor;
    let plan: &[(&str, &str, i64, i64)] = match world.setup.scenario {
        Scenario::FridayNight => &[
            ("globex", "KubePersistentVolumeFillingUp", -11, 160),
            ("globex", "HighRequestLatency", -7, 120),
            ("weyland", "KubeNodeNotReady", -33, 90),
            ("weyland", "KubePodCrashLooping", -29, 200),
            ("initech", "IngressErrorRate", 4, 35),
            ("acme", "FailedLoginSpike", 9, 80),
        ],
        Scenario::BigUpgrade => &[("oscorp", "HighRequestLatency", 25, 40)],
        Scenario::Cve => &[("globex", "FailedLoginSpike", -55, 300), ("acme", "FailedLoginSpike", -20, 240)],
        Scenario::Everyday | Scenario::Quiet | Scenario::NetworkDown | Scenario::TwoThousand => &[],
    };
    plan.iter()
        .filter(|(id, ..)| *id == one.id)
        .filter_map(|(_, alert, begins, lasts)| {
            let kind = KINDS.iter().find(|kind| kind.alert == *alert)?;
            let start = anchor + TimeDelta::minutes(*begins);
            let place = (*kind.place.1.first()?).to_owned();
            Some(Trouble { kind, place, start, end: start + TimeDelta::minutes(*lasts) })
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::world::Setup;

    fn world(scenario: Scenario) -> World {
        let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
        World::new(Setup { seed: 7, scenario, installations: 60, anchor })
    }

    #[test]
    fn trouble_is_about_but_not_everywhere() {
        let world = world(Scenario::Everyday);
        let days: Vec<Moment> = (0..14).map(|day| world.setup.anchor + TimeDelta::days(day)).collect();
        let now = |at: &Moment| world.cast.iter().filter(|one| !troubles(&world, one, *at, *at).is_empty()).count();
        let average = days.iter().map(now).sum::<usize>() / days.len();
        assert!((1..=12).contains(&average), "{average} of 60 installations in trouble");
    }

    #[test]
    fn a_quiet_world_has_none() {
        let world = world(Scenario::Quiet);
        let (from, until) = (world.setup.anchor - TimeDelta::days(30), world.setup.anchor);
        assert!(world.cast.iter().all(|one| troubles(&world, one, from, until).is_empty()));
    }

    #[test]
    fn a_trouble_is_the_same_from_every_side() {
        let world = world(Scenario::FridayNight);
        let one = world.installation("weyland").unwrap();
        let at = world.setup.anchor;
        let wide = troubles(&world, one, at - TimeDelta::days(3), at);
        let narrow = troubles(&world, one, at, at);
        assert!(!narrow.is_empty() && narrow.iter().all(|trouble| wide.contains(trouble)));
    }
}
