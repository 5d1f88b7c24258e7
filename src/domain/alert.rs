//! Alerts and silences as every Alertmanager tells them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use crate::text::clean::Clean;

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its labels, `alertname` and `severity` among them.
    pub labels: BTreeMap<Clean, Clean>,
    /// Its annotations, such as `summary`.
    pub annotations: BTreeMap<Clean, Clean>,
    /// Where it stands.
    pub state: AlertState,
    /// Since when.
    pub since: Option<Moment>,
    /// The silences on it, by id.
    pub silenced_by: Vec<Clean>,
    /// The alerts that inhibit it, by fingerprint.
    pub inhibited_by: Vec<Clean>,
    /// Stable per alert. From Prometheus, which has none, a hash of the labels.
    pub fingerprint: Clean,
    /// Whether the fingerprint is an Alertmanager's. Prometheus does not show external labels, so its own differ.
    pub origin: AlertOrigin,
    /// Where to look at it.
    pub url: Option<Clean>,
}

impl Alert {
    /// A label's text.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(Clean::as_str)
    }

    /// The alert's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.label("alertname").unwrap_or("(unnamed)")
    }
}

/// Who told an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertOrigin {
    /// An Alertmanager, which knows silences and inhibitions.
    Alertmanager,
    /// A Prometheus, which knows pending alerts.
    Prometheus,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// It fires.
    Firing,
    /// Its condition holds, but not yet for long enough.
    Pending,
    /// A silence lies on it.
    Silenced,
    /// Another alert inhibits it.
    Inhibited,
}

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its id.
    pub id: Clean,
    /// What it matches; all must hold.
    pub matchers: Vec<Matcher>,
    /// Who made it.
    pub created_by: Clean,
    /// Why.
    pub comment: Clean,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
}

/// One condition of a silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Matcher {
    /// The label.
    pub name: Clean,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: Clean,
}

/// How a matcher compares. Expressions are anchored at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
        }
    }
}
