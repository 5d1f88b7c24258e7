//! Alerts of every Alertmanager as one list, each in its context.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::alert::{AlertInContext, Severity};
use crate::rules::hearing::Basis;
use crate::views::cell::{NONE, brief, known_first, or_none, place, severity, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, Topic, View};

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// Its name.
    pub name: String,
    /// How much it presses.
    pub severity: Severity,
    /// Its stream.
    pub stream: Option<String>,
    /// What it says.
    pub summary: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Where it stands.
    pub state: AlertState,
    /// Since when.
    pub since: Option<Moment>,
    /// When the last silence on it ends.
    pub silenced_until: Option<Moment>,
    /// What explains it.
    pub context: Vec<String>,
    /// Stable per alert.
    pub fingerprint: String,
    /// Where to look at it.
    pub url: Option<String>,
    /// Who told it.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    fn of(installation: &InstallationId, one: &AlertInContext) -> Self {
        let alert = &one.alert;
        let says = ["summary", "description", "message"];
        let summary = says.into_iter().find_map(|name| {
            alert.annotations.iter().find(|(key, _)| key.as_str() == name).map(|(_, text)| text.to_string())
        });
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            name: alert.name().to_owned(),
            severity: one.severity,
            stream: one.stream.map(|stream| stream.word().to_owned()),
            summary: summary.unwrap_or_default(),
            labels: alert.labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            state: one.state,
            since: alert.since,
            silenced_until: one.silenced_until,
            context: one.context.clone(),
            fingerprint: alert.fingerprint.to_string(),
            url: alert.url.as_ref().map(ToString::to_string),
            basis: one.basis.clone(),
        }
    }

    /// The state's name.
    #[must_use]
    pub fn state_word(&self) -> &'static str {
        match self.state {
            AlertState::Firing => "firing",
            AlertState::Pending => "pending",
            AlertState::Silenced => "silenced",
            AlertState::Inhibited => "inhibited",
        }
    }
}

impl View for Row {
    const NAME: &'static str = "alerts";
    const TITLE: &'static str = "Alerts";
    const ABOUT: &'static str = "every alert once, in its context";
    const ROWS: [&'static str; 2] = ["alert", "alerts"];
    const ORDER: &'static str = "most pressing first";
    const NOTHING: [&'static str; 2] = ["no alert", "sources of kind `alertmanager` and `prometheus` tell them"];
    const GROUPS: &'static [&'static str] = &["severity", "state", "stream", "alert"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new("severity", 9, |row, _| row.severity.word().into(), |a, b| b.severity.cmp(&a.severity))
            .marked(Self::tone),
        Column::<Self>::new("state", 8, |row, _| row.state_word().into(), |a, b| a.state.cmp(&b.state)),
        Column::<Self>::new(
            "where",
            9,
            |row, _| place(&row.installation, row.environment.as_ref()),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        )
        .brief(4, |row, _| brief(&place(&row.installation, row.environment.as_ref())).to_owned().into()),
        Column::<Self>::new("alert", 9, |row, _| row.name.as_str().into(), |a, b| a.name.cmp(&b.name)),
        Column::<Self>::new("summary", 7, |row, _| row.summary.as_str().into(), |a, b| a.summary.cmp(&b.summary)),
        Column::<Self>::new(
            "since",
            8,
            |row, lens| row.since.map_or(NONE.into(), |at| lens.age(at).into()),
            |a, b| known_first(&a.since, &b.since),
        )
        .right(),
        Column::<Self>::new("context", 5, |row, _| row.context.join(", ").into(), |a, b| a.context.cmp(&b.context))
            .toned(|_| Tone::Muted),
        Column::<Self>::new("stream", 3, |row, _| or_none(row.stream.as_deref()), |a, b| a.stream.cmp(&b.stream)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => verdict.alerts.iter().map(|one| Self::of(&verdict.installation.id, one)).collect(),
        }
    }

    fn key(&self) -> String {
        // The same labels in two environments are two alerts.
        let environment = self.environment.as_ref().map_or("", |name| name.as_str());
        format!("{}/{environment}/{}", self.installation, self.fingerprint)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.state
            .cmp(&other.state)
            .then_with(|| Reverse(self.severity).cmp(&Reverse(other.severity)))
            .then_with(|| other.since.cmp(&self.since))
            .then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        match self.state {
            AlertState::Firing => unless_stale(self.basis.stale, severity(self.severity)),
            AlertState::Pending => Tone::Waiting,
            AlertState::Silenced | AlertState::Inhibited => Tone::Muted,
        }
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }

    fn urls(&self) -> Vec<(&'static str, &str)> {
        self.url.iter().map(|url| ("where it comes from", url.as_str())).collect()
    }

    fn topic(&self) -> Topic<'_> {
        Topic { alert: Some(&self.name), since: self.since, ..Topic::default() }
    }
}
