//! Alerts in context: once each, with what explains them and what hides them.

pub mod context;
pub mod course;
pub mod merge;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(crate) mod tests;
pub mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::alert::{Alert, AlertState, Silence};
use crate::domain::clock::Moment;
use crate::domain::id::EnvironmentName;
use crate::domain::planned::Stream;
use crate::rules::hearing::Basis;

/// One alert of one installation, however many told it.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertInContext {
    /// In which environment, where it is known.
    pub environment: Option<EnvironmentName>,
    /// The alert.
    pub alert: Arc<Alert>,
    /// Where it stands, all tellers together.
    pub state: AlertState,
    /// Its severity, translated: `critical`, `warning`, `info`.
    pub severity: Severity,
    /// Its stream.
    pub stream: Option<Stream>,
    /// When the last silence on it ends.
    pub silenced_until: Option<Moment>,
    /// What explains it, in words: in a window, after a rollout, flapping, under an incident.
    pub context: Vec<String>,
    /// Whether it fires inside work that nobody announced.
    pub unannounced: bool,
    /// Who told it.
    pub basis: Basis,
}

/// How much an item presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Needs somebody, not at once.
    Warning,
    /// Needs somebody now.
    Critical,
}

impl Severity {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One silence, with what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct SilenceInContext {
    /// The silence.
    pub silence: Arc<Silence>,
    /// The environment it is for; none for the installation as a whole.
    pub environment: Option<EnvironmentName>,
    /// Whether it holds already.
    pub begun: bool,
    /// How many alerts it matches now.
    pub matches: u32,
    /// `expiring`, `unmatched`, `matches-all`, `maintenance:TITLE`.
    pub remarks: Vec<String>,
    /// Who told it.
    pub basis: Basis,
}

/// How many alerts there are, by what they ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AlertCount {
    /// Firing and critical.
    pub critical: u32,
    /// Firing warnings.
    pub warning: u32,
    /// Firing, good to know.
    pub info: u32,
    /// Silenced or inhibited.
    pub silenced: u32,
}

/// Changes of alert states over time, by fingerprint: what flapping is read from.
pub type AlertTurns = BTreeMap<String, Vec<Moment>>;

impl Severity {
    /// A `severity` label, translated. What nobody knows presses like a warning: unknown is not harmless.
    #[must_use]
    pub fn of_label(label: Option<&str>) -> Self {
        match label.map(str::to_ascii_lowercase).as_deref() {
            Some("critical" | "crit" | "fatal" | "page" | "emergency" | "disaster" | "p1" | "sev1") => Self::Critical,
            Some("info" | "informational" | "information" | "notice" | "none" | "debug" | "ok" | "low") => Self::Info,
            _ => Self::Warning,
        }
    }

    /// One step more.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Warning,
            Self::Warning | Self::Critical => Self::Critical,
        }
    }

    /// One step less.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::Warning,
            Self::Warning | Self::Info => Self::Info,
        }
    }
}

impl AlertInContext {
    /// Whether it fires for people: a watchdog, and what its author gave no severity, are for machines.
    #[must_use]
    pub fn presses(&self, watchdog: Option<&str>) -> bool {
        self.state == AlertState::Firing && is_for_people(&self.alert, watchdog)
    }
}

/// Whether an alert is meant for people at all.
#[must_use]
pub fn is_for_people(alert: &Alert, watchdog: Option<&str>) -> bool {
    Some(alert.name()) != watchdog && alert.label("severity") != Some("none")
}

/// How many alerts there are, by what they ask for.
#[must_use]
pub fn count(alerts: &[AlertInContext], watchdog: Option<&str>) -> AlertCount {
    let mut count = AlertCount::default();
    for one in alerts.iter().filter(|one| is_for_people(&one.alert, watchdog)) {
        match (one.state, one.severity) {
            (AlertState::Firing, Severity::Critical) => count.critical += 1,
            (AlertState::Firing, Severity::Warning) => count.warning += 1,
            (AlertState::Firing, Severity::Info) => count.info += 1,
            (AlertState::Silenced | AlertState::Inhibited, _) => count.silenced += 1,
            (AlertState::Pending, _) => {}
        }
    }
    count
}
