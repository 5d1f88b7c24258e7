//! What explains an alert and what hides it: windows, rollouts, silences, incidents, and its own restlessness.

use std::sync::Arc;

use chrono::TimeDelta;

use super::merge::Merged;
use super::{AlertInContext, AlertTurns, Severity};
use crate::domain::alert::{Alert, AlertOrigin, AlertState, Silence};
use crate::domain::clock::Moment;
use crate::domain::id::EnvironmentName;
use crate::domain::planned::Stream;
use crate::domain::product::Catalog;
use crate::domain::version::Version;
use crate::rules::calendar::{Entry, EntryKind};
use crate::rules::turn::has_come;
use crate::text::words;

/// How long after its start a rollout explains what begins to fire.
const AFTER_ROLLOUT: TimeDelta = TimeDelta::minutes(30);
/// How many changes within [`RESTLESS_FOR`] make an alert flapping.
const RESTLESS: usize = 3;
/// See [`RESTLESS`].
const RESTLESS_FOR: TimeDelta = TimeDelta::hours(1);

/// Everything around the alerts of one installation that may explain them.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The time it is judged at.
    pub at: Moment,
    /// The installation's dated things.
    pub calendar: &'a [Entry],
    /// When which version began to roll where.
    pub starts: &'a [(EnvironmentName, Version, Moment)],
    /// The names of incidents that are open on the pages whose installations feel them.
    pub incidents: &'a [String],
    /// The installation's silences.
    pub silences: &'a [Arc<Silence>],
    /// Earlier changes of its alerts, where somebody kept them.
    pub turns: Option<&'a AlertTurns>,
    /// Products, for their streams.
    pub catalog: &'a Catalog,
    /// Whether an Alertmanager answers: what only a Prometheus says did not reach it.
    pub managed: bool,
}

/// The alerts with what explains them, those that press most first.
#[must_use]
pub fn in_context(merged: Vec<Merged>, around: &Around<'_>) -> Vec<AlertInContext> {
    let mut alerts: Vec<AlertInContext> = merged.into_iter().map(|one| around.explain(one)).collect();
    alerts.sort_by(|a, b| {
        (a.state, b.severity, &a.environment, &a.alert.fingerprint).cmp(&(
            b.state,
            a.severity,
            &b.environment,
            &b.alert.fingerprint,
        ))
    });
    alerts
}

impl Around<'_> {
    fn explain(&self, one: Merged) -> AlertInContext {
        let alert = &one.alert;
        let mut context = Vec::new();
        let mut unannounced = false;
        let here = |entry: &&Entry| is_here(entry, one.environment.as_ref()) && is_on(entry, self.at);
        for entry in self.calendar.iter().filter(here) {
            match (entry.kind, entry.announced_on) {
                (EntryKind::Window, _) => context.push(format!("in window {}", entry.title)),
                (EntryKind::Maintenance, Some(_)) => context.push(format!("in maintenance {}", entry.title)),
                (EntryKind::Maintenance, None) => {
                    unannounced = true;
                    context.push(format!("maintenance {} was not announced", entry.title));
                }
                (EntryKind::Freeze | EntryKind::AnnounceBy | EntryKind::Deadline, _) => {}
            }
        }
        context.extend(self.after_rollout(&one));
        let silenced_until = self.silenced_until(&one);
        match one.state {
            AlertState::Inhibited => context.push("inhibited by another alert".to_owned()),
            AlertState::Firing if alert.origin == AlertOrigin::Prometheus && self.managed => {
                context.push("not seen at an Alertmanager".to_owned());
            }
            AlertState::Silenced | AlertState::Firing | AlertState::Pending => {}
        }
        if let Some(end) = silenced_until {
            context.push(format!("silenced for {} more", words::span(end - self.at)));
        }
        let changes = self.changes(alert);
        if changes >= RESTLESS {
            context.push(format!("flapping: {changes} changes in an hour"));
        }
        context.extend(self.incidents.iter().map(|name| format!("upstream incident: {name}")));
        AlertInContext {
            severity: Severity::of_label(alert.label("severity")),
            stream: stream(alert, self.catalog),
            environment: one.environment,
            alert: one.alert,
            state: one.state,
            silenced_until,
            context,
            unannounced,
            basis: one.basis,
        }
    }

    fn after_rollout(&self, one: &Merged) -> Option<String> {
        let since = one.alert.since?;
        let explains = |(place, _, start): &&(EnvironmentName, Version, Moment)| {
            one.environment.as_ref().is_none_or(|name| name == place)
                && *start <= since
                && since - *start <= AFTER_ROLLOUT
        };
        let (_, version, start) = self.starts.iter().filter(explains).max_by_key(|(_, _, start)| *start)?;
        Some(format!("{} after {version} began to roll", words::fixed(since - *start)))
    }

    fn silenced_until(&self, one: &Merged) -> Option<Moment> {
        if one.state != AlertState::Silenced {
            return None;
        }
        let lies_on =
            |silence: &&Arc<Silence>| one.alert.silenced_by.contains(&silence.id) && !has_come(silence.ends, self.at);
        self.silences.iter().filter(lies_on).map(|silence| silence.ends).max()
    }

    fn changes(&self, alert: &Alert) -> usize {
        let recent = |at: &&Moment| **at <= self.at && !has_come(**at + RESTLESS_FOR, self.at);
        let turns = self.turns.and_then(|turns| turns.get(alert.fingerprint.as_str()));
        turns.map_or(0, |turns| turns.iter().filter(recent).count())
    }
}

/// Whether a dated thing concerns a place: one without an environment concerns all of them.
pub(super) fn is_here(entry: &Entry, environment: Option<&EnvironmentName>) -> bool {
    match (&entry.environment, environment) {
        (Some(planned), Some(here)) => planned == here,
        (None, _) | (_, None) => true,
    }
}

/// Whether a dated thing is under way. One without an end lasts until somebody says otherwise, but no longer than a day.
fn is_on(entry: &Entry, at: Moment) -> bool {
    has_come(entry.start, at) && !has_come(entry.end.unwrap_or(entry.start + TimeDelta::days(1)), at)
}

/// The stream an alert belongs to: its own label's, else that of the product it names.
fn stream(alert: &Alert, catalog: &Catalog) -> Option<Stream> {
    let told = alert.label("stream").and_then(Stream::of);
    let named = ["product", "component", "app_kubernetes_io_name", "app", "job"];
    let of_label = || named.into_iter().filter_map(|name| alert.label(name)).find_map(|id| catalog.get(id));
    let of_name = || {
        let name = alert.name().to_ascii_lowercase();
        let begins = |id: &str| name.starts_with(&id.replace('-', ""));
        catalog.iter().filter(|product| begins(product.id.as_str())).max_by_key(|product| product.id.as_str().len())
    };
    told.or_else(|| of_label().or_else(of_name).map(|product| product.stream)).or_else(|| {
        // The alerts that everybody's Kubernetes mixin brings: `KubePodCrashLooping` and its like.
        alert.name().starts_with("Kube").then_some(Stream::Infrastructure)
    })
}
