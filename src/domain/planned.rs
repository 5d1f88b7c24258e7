//! What is planned or announced: maintenances, freezes, incidents and the parts of status pages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::clock::{Dated, Moment};
use super::id::{EnvironmentName, InstallationId};
use super::level::Level;
use crate::text::clean::Clean;

/// One of the five maintenance streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Clusters, machines, networks.
    Infrastructure,
    /// Vulnerabilities, certificates, access.
    Security,
    /// Load and latency.
    Performance,
    /// Backups and restores.
    Backup,
    /// Tickets of people.
    Helpdesk,
}

impl Stream {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Infrastructure, Self::Security, Self::Performance, Self::Backup, Self::Helpdesk];

    /// The name in rows and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::Security => "security",
            Self::Performance => "performance",
            Self::Backup => "backup",
            Self::Helpdesk => "helpdesk",
        }
    }

    /// The stream of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.word() == word)
    }
}

/// Whom something planned is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Everybody.
    Fleet,
    /// These installations, each as a whole or in one environment.
    Only(BTreeSet<(InstallationId, Option<EnvironmentName>)>),
}

impl Reach {
    /// Whether an installation is meant, in any of its environments.
    #[must_use]
    pub fn includes(&self, installation: &InstallationId) -> bool {
        match self {
            Self::Fleet => true,
            Self::Only(these) => these.iter().any(|(id, _)| id == installation),
        }
    }

    /// Whether one environment is meant.
    #[must_use]
    pub fn includes_environment(&self, installation: &InstallationId, environment: &EnvironmentName) -> bool {
        match self {
            Self::Fleet => true,
            Self::Only(these) => these
                .iter()
                .any(|(id, only)| id == installation && only.as_ref().is_none_or(|only| only == environment)),
        }
    }
}

/// A dated, announced piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Stable across polls, for calendars and comparison.
    pub id: Clean,
    /// What is done.
    pub title: Clean,
    /// Its stream; none where the announcement does not tell.
    pub stream: Option<Stream>,
    /// Planned, or pressing.
    pub kind: MaintenanceKind,
    /// From when.
    pub start: Moment,
    /// Until when; none where the announcement does not tell.
    pub end: Option<Moment>,
    /// When customers were told.
    pub announced: Option<Dated>,
    /// Whom it touches.
    pub reach: Reach,
    /// Where to read about it.
    pub url: Option<Clean>,
    /// Where it stands, in the system's own word: `scheduled`, `in_progress`, `completed`.
    pub said: Option<Clean>,
    /// The parts of the page that announces it which it touches, where it names any.
    #[serde(default)]
    pub components: Vec<Clean>,
}

/// Whether a maintenance follows the rules of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaintenanceKind {
    /// Announced in time.
    Regular,
    /// At short notice, because it presses.
    Emergency,
}

/// A dated time in which nothing may roll out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Why.
    pub title: Clean,
    /// From when.
    pub start: Moment,
    /// Until when.
    pub end: Moment,
    /// Whom it holds.
    pub reach: Reach,
}

/// An incident on a status page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id there.
    pub id: Clean,
    /// Its title.
    pub name: Clean,
    /// Where it stands, in the page's own word.
    pub said: Clean,
    /// Whether it is over.
    pub resolved: bool,
    /// How bad, translated; `Unknown` for words nobody knows.
    pub level: Level,
    /// How bad, in the page's own word.
    pub impact: Clean,
    /// Since when.
    pub started: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// When the page last said something.
    pub updated: Option<Moment>,
    /// The parts of the page it touches.
    pub components: Vec<Clean>,
    /// Where to read about it.
    pub url: Option<Clean>,
}

/// A part of a status page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageComponent {
    /// Its name, with its group before it.
    pub name: Clean,
    /// How it is, translated.
    pub level: Level,
    /// How it is, in the page's own word.
    pub said: Clean,
    /// When that changed.
    pub updated: Option<Moment>,
}
