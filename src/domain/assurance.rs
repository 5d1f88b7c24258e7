//! The signals of assurance: certificates, backups, findings, objectives, tickets, configuration, tunnels.

use serde::{Deserialize, Serialize};

use super::clock::{Dated, Moment};
use super::level::Level;
use crate::text::clean::Clean;

/// A certificate and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The name it is known by: host, or namespace and secret.
    pub name: Clean,
    /// When it ends; none where there is no certificate yet.
    pub ends: Option<Moment>,
    /// When it is to be renewed, where somebody renews it.
    pub renews: Option<Moment>,
    /// Renewals that failed in a row.
    pub failures: u32,
    /// Who issued it.
    pub issuer: Option<Clean>,
    /// Why whoever connects does not trust it: another name, an unknown authority.
    #[serde(default)]
    pub distrust: Option<Clean>,
    /// Anything else worth saying.
    pub detail: Clean,
}

/// A backup, a restore test or a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The schedule's or the job's name.
    pub name: Clean,
    /// What it is.
    pub kind: BackupKind,
    /// When the last one succeeded. None is not "never mind".
    pub succeeded: Option<Moment>,
    /// When the last one began.
    pub started: Option<Moment>,
    /// When the next one is due after the last success, by its schedule.
    pub due: Option<Moment>,
    /// How the newest one went.
    pub last: BackupOutcome,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The system's own words, such as a failure reason.
    pub detail: Clean,
}

/// What kind of safety a backup fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupKind {
    /// Data was copied.
    Backup,
    /// A copy was brought back to life, as a test.
    RestoreTest,
    /// A volume was frozen in place.
    Snapshot,
    /// The place where copies lie.
    Store,
}

/// How the newest backup went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupOutcome {
    /// Whole.
    Succeeded,
    /// With holes: not a success.
    Partial,
    /// Not at all.
    Failed,
    /// Under way.
    Running,
    /// Nobody says.
    Unknown,
}

/// Vulnerabilities found, counted once per image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// What was looked at: an image, a namespace.
    pub subject: Clean,
    /// Critical ones.
    pub critical: u32,
    /// High ones.
    pub high: u32,
    /// Medium ones.
    pub medium: u32,
    /// Low ones.
    pub low: u32,
    /// Those without a severity.
    pub unknown: u32,
    /// When it was looked at.
    pub scanned: Option<Moment>,
}

/// A service level objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Its name.
    pub name: Clean,
    /// What was reached, as a fraction.
    pub reached: f64,
    /// What was promised, as a fraction.
    pub promised: f64,
    /// Over which time, in words such as `30d`.
    pub over: Clean,
}

/// A ticket at the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The number people use.
    pub id: Clean,
    /// Its title.
    pub title: Clean,
    /// How bad, from its labels.
    pub level: Level,
    /// Whether somebody still waits.
    pub open: bool,
    /// When it was opened.
    pub opened: Option<Moment>,
    /// When something last happened.
    pub updated: Option<Moment>,
    /// When it is due.
    pub due: Option<Dated>,
    /// Who has it.
    pub assignee: Option<Clean>,
    /// Where to read it.
    pub url: Option<Clean>,
}

/// The configuration applied, and the one wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigState {
    /// The repository or path, without credentials.
    pub name: Clean,
    /// The newest revision.
    pub head: Clean,
    /// When it was made, by the committer's clock.
    pub head_at: Option<Moment>,
    /// By whom.
    pub author: Option<Clean>,
    /// Its subject line.
    pub subject: Clean,
    /// The revision in force, where something tells.
    pub applied: Option<Clean>,
    /// How many commits the applied one is behind.
    pub behind: Option<u32>,
    /// Whether history was rewritten since it was last read.
    pub rewritten: bool,
    /// How the newest commit's signature stands, in git's letter (`G`, `U`, `B`, `N`, ...).
    pub signature: Option<Clean>,
    /// The version it wants here, where it says so in a form that is read.
    pub wants: Option<Clean>,
    /// A file of it that no reader could take, and why.
    pub broken: Option<Clean>,
}

/// A VPN and who is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tunnel {
    /// Its name.
    pub name: Clean,
    /// Its state, in its own word, such as `CONNECTED`.
    pub said: Clean,
    /// How good that is.
    pub level: Level,
    /// Clients connected; none where it does not tell.
    pub clients: Option<u32>,
    /// Bytes received since its start.
    pub received: Option<u64>,
    /// Bytes sent since its start.
    pub sent: Option<u64>,
    /// Since when it is up.
    pub since: Option<Moment>,
}
