//! A small installation and voices about it, for the tests of the rules.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::{Alert, AlertOrigin, AlertState};
use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Heard, What};
use crate::domain::facts::Feed;
use crate::domain::fault::Fault;
use crate::domain::fleet::{Environment, Installation, LogConsent, RolloutMode, SourceCard, Terms};
use crate::domain::id::{EnvironmentName, Place, Scope, SourceId};
use crate::domain::workload::{Workload, WorkloadKind, WorkloadState};
use crate::rules::hearing::Told;
use crate::rules::teller::Teller;
use crate::text::clean::Clean;

/// A moment, as it is written.
pub fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// The day all examples are judged on.
pub fn now() -> Moment {
    at("2026-11-21T01:17:00Z")
}

/// So many minutes before [`now`].
pub fn ago(minutes: i64) -> Moment {
    now() - chrono::TimeDelta::minutes(minutes)
}

pub fn clean(text: &str) -> Clean {
    Clean::line(text)
}

/// `acme`, with production behind an approval and a staging that rolls by itself.
pub fn acme() -> Installation {
    Installation {
        id: "acme".into(),
        name: clean("ACME"),
        customer: "acme".into(),
        plan: "on-prem".into(),
        infrastructure: clean("bare metal"),
        zone: Tz::Europe__Berlin,
        terms: Terms {
            upgrade_window: None,
            notice: 14,
            cadence: None,
            soak: None,
            extended_support: Vec::new(),
            blocked: Vec::new(),
            logs: LogConsent::None,
            log_reason: false,
            watchdog: Some(clean("Watchdog")),
            frameworks: Vec::new(),
        },
        environments: vec![
            environment("production", RolloutMode::Approval),
            environment("staging", RolloutMode::Automatic),
        ],
        evidence: Vec::new(),
    }
}

pub fn environment(name: &str, rollout: RolloutMode) -> Environment {
    Environment {
        name: name.into(),
        product: Some("meshstack".into()),
        rollout,
        windows: if rollout == RolloutMode::Automatic { Vec::new() } else { vec!["thursday".into()] },
        pins: BTreeMap::new(),
        declared: BTreeMap::new(),
        namespace: Some(clean("meshstack")),
        sources: Vec::new(),
    }
}

/// `acme/production/KIND[NAME]` for `KIND[NAME]`, another environment for `staging/KIND`, none for `-/KIND`.
pub fn source(text: &str) -> SourceId {
    let (place, rest) = text.split_once('/').unwrap_or(("production", text));
    let (kind, name) =
        rest.split_once('[').map_or((rest, None), |(kind, name)| (kind, Some(name.trim_end_matches(']'))));
    let place = match place {
        "-" => Place::whole(&"acme".into()),
        place => Place::new(&"acme".into(), &place.into()),
    };
    SourceId { scope: Scope::Place(place), kind: kind.into(), name: name.map(Into::into) }
}

/// Something said, kept so that it can be lent as [`Told`].
#[derive(Clone, Debug)]
pub struct Spoken {
    pub source: SourceId,
    pub at: Moment,
    pub stale: bool,
    pub environment: Option<EnvironmentName>,
    pub what: What,
}

/// Said just now by a source of [`source`]'s notation, about that source's own place.
pub fn said(by: &str, what: What) -> Spoken {
    let source = source(by);
    let Scope::Place(place) = &source.scope else { panic!("{by} is no place") };
    Spoken { environment: place.environment.clone(), source, at: ago(1), stale: false, what }
}

impl Spoken {
    /// The same, said an hour ago and stale since.
    pub fn stale(mut self) -> Self {
        (self.at, self.stale) = (ago(60), true);
        self
    }
}

pub fn told(spoken: &[Spoken]) -> Vec<Told<'_>> {
    let mut told = Vec::new();
    for Spoken { source, at, stale, environment, what } in spoken {
        told.push(Told { source, at: *at, stale: *stale, environment: environment.as_ref(), what });
    }
    told
}

/// An alert of an Alertmanager; the fingerprint is made of name and labels, so equal ones are the same.
pub fn alert(name: &str, labels: &[(&str, &str)], state: AlertState) -> Alert {
    let all: BTreeMap<Clean, Clean> = std::iter::once(("alertname", name))
        .chain(labels.iter().copied())
        .map(|(name, value)| (clean(name), clean(value)))
        .collect();
    Alert {
        fingerprint: clean(&format!("{all:?}")),
        labels: all,
        annotations: BTreeMap::new(),
        state,
        since: Some(ago(11)),
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
        origin: AlertOrigin::Alertmanager,
        url: None,
    }
}

pub fn fires(by: &str, name: &str, labels: &[(&str, &str)]) -> Spoken {
    said(by, What::Alert(Arc::new(alert(name, labels, AlertState::Firing))))
}

/// The same as a Prometheus tells it.
pub fn evaluates(by: &str, name: &str, labels: &[(&str, &str)], state: AlertState) -> Spoken {
    let alert = Alert { origin: AlertOrigin::Prometheus, ..alert(name, labels, state) };
    said(by, What::Alert(Arc::new(alert)))
}

pub fn workload(name: &str, version: &str, (updated, available, desired): (u32, u32, u32)) -> Workload {
    let done = updated >= desired && available >= desired;
    Workload {
        kind: WorkloadKind::Deployment,
        namespace: clean("meshstack"),
        name: clean(name),
        product: Some("meshstack".into()),
        version: Some(clean(version)),
        desired,
        updated,
        available,
        state: if done { WorkloadState::Done } else { WorkloadState::Waiting },
        message: clean("as told"),
        progressed: Some(ago(2)),
        deadline_seconds: 600,
    }
}

pub fn card(by: &str) -> SourceCard {
    SourceCard {
        id: source(by),
        url: clean("https://source.example.test"),
        interval: Duration::from_secs(30),
        timeout: Duration::from_secs(10),
        stale_after: Duration::from_secs(180),
        insecure: false,
    }
}

/// How a source did at its last try.
pub enum Did {
    Answered,
    /// Answered so many minutes ago, and nothing since.
    FellSilent(i64),
    Failed(Fault),
    Nothing,
}

/// Sources of an installation with how they do; lends [`Teller`]s.
pub struct Sources(Vec<(SourceCard, Option<Feed>)>);

impl Sources {
    pub fn new<const N: usize>(these: [(&str, Did); N]) -> Self {
        let feed = |did| {
            let heard = |at| Some((at, Arc::new(Heard::default())));
            match did {
                Did::Answered => Some(Feed { heard: heard(ago(1)), tried: Some(ago(1)), ..Feed::default() }),
                Did::FellSilent(minutes) => Some(Feed { heard: heard(ago(minutes)), ..Feed::default() }),
                Did::Failed(fault) => Some(Feed { heard: heard(ago(6)), fault: Some(fault), ..Feed::default() }),
                Did::Nothing => None,
            }
        };
        Self(these.into_iter().map(|(by, did)| (card(by), feed(did))).collect())
    }

    pub fn tellers(&self) -> Vec<Teller<'_>> {
        self.0.iter().map(|(card, feed)| Teller::at(card, feed.as_ref(), now())).collect()
    }
}

pub fn unreachable() -> Fault {
    Fault::Unreachable { why: clean("connection refused") }
}

impl Sources {
    /// When the certificate of a source's connection ends.
    pub fn ends(&mut self, by: &str, at: Moment) {
        for (card, feed) in &mut self.0 {
            if card.id == source(by) {
                feed.as_mut().unwrap().certificate_ends = Some(at);
            }
        }
    }
}
