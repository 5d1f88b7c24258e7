//! Turns: how often alerts changed lately, remembered from one judging to the next.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::AlertTurns;
use super::merge::Merged;
use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::rules::turn::has_come;

/// For how long a change is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// Which alerts were active, and when each changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertMemory {
    /// Whether each alert was active; none before the first judging, when nothing is a change.
    active: Option<BTreeMap<String, bool>>,
    turns: AlertTurns,
}

impl AlertMemory {
    /// The changes remembered, by fingerprint.
    #[must_use]
    pub fn turns(&self) -> &AlertTurns {
        &self.turns
    }

    /// The memory after one more judging. Being silenced is no change of the alert itself.
    #[must_use]
    pub fn after(&self, alerts: &[Merged], at: Moment) -> Self {
        let active: BTreeMap<String, bool> =
            alerts.iter().map(|one| (one.alert.fingerprint.to_string(), one.state != AlertState::Pending)).collect();
        let mut turns = self.turns.clone();
        if let Some(before) = &self.active {
            for print in before.keys().chain(active.keys()) {
                let is = |of: &BTreeMap<String, bool>| of.get(print).copied().unwrap_or(false);
                let known = turns.get(print).and_then(|turns| turns.last()) == Some(&at);
                if is(before) != is(&active) && !known {
                    turns.entry(print.clone()).or_default().push(at);
                }
            }
        }
        for turns in turns.values_mut() {
            turns.retain(|turn| *turn <= at && !has_come(*turn + REMEMBERED, at));
        }
        turns.retain(|_, turns| !turns.is_empty());
        Self { active: Some(active), turns }
    }
}
