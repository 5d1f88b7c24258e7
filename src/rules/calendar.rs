//! The calendar: windows, maintenances, freezes, last days to announce, and deadlines, as dated spans.

use serde::{Deserialize, Serialize};

use crate::domain::clock::{Day, Moment, Tz};
use crate::domain::id::{EnvironmentName, WindowName};
use crate::domain::planned::{MaintenanceKind, Stream};
pub use crate::domain::state::EntryKind;
use crate::rules::hearing::Basis;

/// A stretch of time with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The window's name or the maintenance's title.
    pub name: String,
    /// From when.
    pub start: Moment,
    /// Until when: the first moment outside.
    pub end: Moment,
}

/// One dated thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// In which environment; none for the installation, or the fleet, as a whole.
    pub environment: Option<EnvironmentName>,
    /// Whether it is the whole fleet's: it stands in everybody's calendar, and is shown once.
    pub whole_fleet: bool,
    /// Its title.
    pub title: String,
    /// The window it is an occurrence of.
    pub window: Option<WindowName>,
    /// Its stream.
    pub stream: Option<Stream>,
    /// For maintenances.
    pub maintenance_kind: Option<MaintenanceKind>,
    /// From when.
    pub start: Moment,
    /// Until when; none where nobody told.
    pub end: Option<Moment>,
    /// Whose wall clock it is planned by.
    pub zone: Tz,
    /// The day customers were told.
    pub announced_on: Option<Day>,
    /// The notice given, in calendar days.
    pub notice_days: Option<i64>,
    /// The notice owed, in calendar days.
    pub notice_required: Option<u32>,
    /// What follows from the two.
    pub notice: Option<Notice>,
    /// The last day on which an announcement would be in time, for what is not announced yet.
    pub announce_by: Option<Day>,
    /// Whether it touches a freeze: for a window, whether it lies wholly inside one.
    pub in_freeze: bool,
    /// Where it comes from: `fleet file`, a page, a calendar, a source.
    pub origin: String,
    /// Who said it, where somebody did.
    pub basis: Basis,
}

/// What follows from notice given and owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// Enough.
    Ok,
    /// Too little.
    Violation,
    /// An emergency needs none.
    Exempt,
    /// Nobody was told yet.
    NotAnnounced,
}

impl Notice {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Violation => "violation",
            Self::Exempt => "exempt",
            Self::NotAnnounced => "not-announced",
        }
    }
}

/// Whether the rhythm of regular maintenances is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Whether the next regular maintenance comes later than it must, or none is planned.
    pub overdue: bool,
    /// The last regular maintenance.
    pub last: Option<Moment>,
    /// The next one planned.
    pub next: Option<Moment>,
    /// The day by which the next must begin.
    pub due_by: Option<Day>,
    /// The last day on which a notice for that would still be in time.
    pub announce_by: Option<Day>,
}
