//! Assurance: signals of the five streams, each with its limit.

mod register;
mod safety;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(crate) mod tests;

pub use safety::ends_soon;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Level, What};
use crate::domain::fleet::Installation;
use crate::domain::id::EnvironmentName;
use crate::domain::planned::Stream;
use crate::domain::product::Product;
use crate::rules::component::Component;
use crate::rules::hearing::{Basis, Told};
use crate::rules::originals::Originals;
use crate::rules::teller::Teller;

/// One signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Where; none for the installation as a whole.
    pub environment: Option<EnvironmentName>,
    /// Which stream it belongs to.
    pub stream: Stream,
    /// What it is: `certificate`, `backup`, `artifact`, `config`, `evidence`, `vulnerabilities`, `slo`, `ticket`.
    pub signal: &'static str,
    /// Which one.
    pub name: String,
    /// How good.
    pub state: Level,
    /// Its value, in words.
    pub value: Option<String>,
    /// The limit it is held against, in words.
    pub limit: Option<String>,
    /// The time it is about, such as a certificate's end.
    pub at: Option<Moment>,
    /// Anything else worth saying.
    pub detail: String,
    /// Who told.
    pub basis: Basis,
}

/// What the signals of one installation rest on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Whose.
    pub installation: &'a Installation,
    /// The fleet's zone, in which days begin and end.
    pub zone: Tz,
    /// Everything told about it.
    pub told: &'a [Told<'a>],
    /// Its sources.
    pub tellers: &'a [Teller<'a>],
    /// Its components: which versions' artifacts matter.
    pub components: &'a [Component],
    /// Products with what the vendor's own stores hold of them.
    pub originals: &'a [(&'a Product, &'a Originals)],
    /// The time it is judged at.
    pub at: Moment,
}

/// Every signal of one installation, once, in a stable order.
///
/// Of two sources that tell the same signal the fresher counts; findings in one image are counted once.
#[must_use]
pub fn signals(case: &Case<'_>) -> Vec<Signal> {
    let mut newest: BTreeMap<Key, (Reverse<bool>, Moment, Signal)> = BTreeMap::new();
    let mut told: Vec<&Told<'_>> = case.told.iter().collect();
    told.sort_by_key(|told| told.source);
    for told in told {
        let Some(signal) = read(case, told) else { continue };
        let key = (signal.environment.clone(), signal.stream, signal.signal, signal.name.clone());
        let rank = (Reverse(told.stale), told.at);
        match newest.entry(key) {
            Entry::Vacant(free) => {
                free.insert((rank.0, rank.1, signal));
            }
            Entry::Occupied(mut held) => {
                let (stale, at, old) = held.get();
                // Two scanners, or two workloads of one image, at the same time: the worse word counts.
                if rank > (*stale, *at) || rank == (*stale, *at) && signal.state > old.state {
                    held.insert((rank.0, rank.1, signal));
                }
            }
        }
    }
    let mut signals: Vec<Signal> = newest.into_values().map(|(.., signal)| signal).collect();
    signals.extend(case.installation.evidence.iter().map(|one| register::evidence(one, case)));
    signals.extend(case.tellers.iter().filter_map(|teller| safety::connection(teller, case.at)));
    signals.sort_by(|a, b| {
        (&a.environment, a.stream, a.signal, &a.name).cmp(&(&b.environment, b.stream, b.signal, &b.name))
    });
    signals
}

type Key = (Option<EnvironmentName>, Stream, &'static str, String);

fn read(case: &Case<'_>, told: &Told<'_>) -> Option<Signal> {
    let at = case.at;
    let mut signal = match told.what {
        What::Certificate(one) => safety::certificate(one, at),
        What::Backup(one) => safety::backup(one, at),
        What::Findings(one) => register::findings(one, at),
        What::Objective(one) => register::objective(one),
        What::Ticket(one) => register::ticket(one, at, case.zone)?,
        What::Config(one) => register::config(one),
        What::Tunnel(one) => register::tunnel(one),
        What::Artifact(one) => register::artifact(one, told.environment, case)?,
        _ => return None,
    };
    signal.environment = told.environment.cloned();
    signal.basis = Basis::of(told);
    signal.state = rested(signal.state, told.stale);
    Some(signal)
}

/// A level that rests on something old: what was bad stays bad, what was good is unknown.
#[must_use]
pub fn rested(level: Level, stale: bool) -> Level {
    if stale { level.worst(Level::Unknown) } else { level }
}

impl Signal {
    fn new(stream: Stream, signal: &'static str, name: String) -> Self {
        Self {
            environment: None,
            stream,
            signal,
            name,
            state: Level::Unknown,
            value: None,
            limit: None,
            at: None,
            detail: String::new(),
            basis: Basis::default(),
        }
    }
}
