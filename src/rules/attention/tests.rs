//! Every sentence of the list, and its order.

mod plan;
mod service;

use proptest::prelude::*;

use super::service::OpenIncident;
use super::*;
use crate::domain::alert::AlertState;
use crate::domain::clock::Day;
use crate::domain::delivery::{Gate, GateState};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::planned::{Incident, Stream};
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::domain::workload::WorkloadState;
use crate::rules::alert::tests::entry;
use crate::rules::assurance::tests::component;
use crate::rules::calendar::{EntryKind, Notice};
use crate::rules::fixture::{Did, Sources, acme, ago, alert, at, clean, now, unreachable, workload};
use crate::rules::hearing::Basis;
use crate::rules::lifecycle::LifeState;
use crate::rules::rollout::{RolloutState, Station, StationName, StationState};

/// Everything an installation's list may rest on, empty until a test says something.
#[derive(Default)]
struct Scene {
    pulses: Vec<Pulse>,
    components: Vec<Component>,
    calendar: Vec<Entry>,
    cadence: Option<Cadence>,
    next_windows: Vec<Option<Span>>,
    rollouts: Vec<Rollout>,
    alerts: Vec<AlertInContext>,
    assurance: Vec<Signal>,
}

impl Scene {
    fn items(&self, sources: &Sources) -> Vec<Item> {
        let acme = acme();
        of_installation(&Case {
            installation: &acme,
            zone: Tz::Europe__Berlin,
            at: now(),
            tellers: &sources.tellers(),
            pulses: &self.pulses,
            components: &self.components,
            calendar: &self.calendar,
            cadence: self.cadence.as_ref(),
            next_windows: &self.next_windows,
            rollouts: &self.rollouts,
            alerts: &self.alerts,
            assurance: &self.assurance,
        })
    }

    fn said(&self) -> Vec<String> {
        self.items(&Sources::new([])).iter().map(show).collect()
    }
}

/// An item in one line: severity, what, why, who, view.
fn show(item: &Item) -> String {
    format!("{}: {} ({}) {} {}", item.severity.word(), item.what, item.why, item.who.word(), item.view)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn life(product: &str, running: &str, state: LifeState, deadline: Option<&str>) -> Component {
    let mut one = component(product, running, "2026.41.0");
    one.life.state = state;
    one.life.deadline = deadline.map(day);
    one
}

fn firing(name: &str, pod: &str, severity: Severity) -> AlertInContext {
    let mut alert = alert(name, &[("pod", pod)], AlertState::Firing);
    alert.annotations.insert(clean("summary"), clean("data-mongodb-0 96 %"));
    AlertInContext {
        environment: Some("production".into()),
        alert: alert.into(),
        state: AlertState::Firing,
        severity,
        stream: None,
        silenced_until: None,
        context: Vec::new(),
        unannounced: false,
        basis: Basis::default(),
    }
}

fn some_item(n: usize) -> Item {
    let acme = acme();
    let severity = [Severity::Info, Severity::Warning, Severity::Critical][n % 3];
    let since = [None, Some(ago(10)), Some(ago(20))][n / 3 % 3];
    let deadline = [None, Some(ago(-10)), Some(ago(-20))][n / 9 % 3];
    Item {
        severity,
        installation: Some(acme.id),
        environment: None,
        what: format!("thing {n}"),
        why: String::new(),
        since,
        deadline,
        who: Who::Us,
        view: "drift",
        subject: String::new(),
        cause: format!("cause {}", n % 20),
    }
}

proptest! {
    #[test]
    fn the_list_is_ranked_and_names_each_cause_once(picks in prop::collection::vec(0usize..27, 0..30), seed in any::<u64>()) {
        let mut items: Vec<Item> = picks.into_iter().map(some_item).collect();
        let list = ranked(items.clone());
        for pair in list.windows(2) {
            let rank = |item: &Item| (std::cmp::Reverse(item.severity), item.deadline.is_none(), item.deadline);
            prop_assert!(rank(&pair[0]) <= rank(&pair[1]));
        }
        let mut causes: Vec<&str> = list.iter().map(|item| item.cause.as_str()).collect();
        causes.sort_unstable();
        causes.dedup();
        prop_assert_eq!(causes.len(), list.len());
        prop_assert_eq!(&list, &ranked(list.clone()));
        fastrand::Rng::with_seed(seed).shuffle(&mut items);
        prop_assert_eq!(list, ranked(items));
    }

    #[test]
    fn a_silence_never_adds_attention(hidden in prop::collection::vec(any::<bool>(), 1..8)) {
        let firing: Vec<AlertInContext> =
            (0..hidden.len()).map(|n| firing(["A", "B", "C"][n % 3], &n.to_string(), Severity::Critical)).collect();
        let mut silenced = firing.clone();
        for (one, hidden) in silenced.iter_mut().zip(&hidden) {
            if *hidden {
                one.state = AlertState::Silenced;
            }
        }
        let count = |alerts| Scene { alerts, ..Scene::default() }.said().len();
        prop_assert!(count(silenced) <= count(firing));
    }
}
