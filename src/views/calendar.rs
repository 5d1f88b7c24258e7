//! The calendar: windows, maintenances, freezes, last days to announce, deadlines.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::{Day, Moment, day_of};
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::calendar::{Entry, EntryKind, Notice};
use crate::rules::hearing::Basis;
use crate::views::cell::{NONE, known_first, or_none};
use crate::views::column::{Column, Tone};
use crate::views::lens::Lens;
use crate::views::rows::{Part, View};

/// One dated thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub kind: EntryKind,
    /// Whose; none for the whole fleet.
    pub installation: Option<InstallationId>,
    /// In which environment; none for all of them.
    pub environment: Option<EnvironmentName>,
    /// Its title.
    pub title: String,
    /// Its stream.
    pub stream: Option<String>,
    /// `regular` or `emergency`.
    pub maintenance_kind: Option<String>,
    /// From when.
    pub start: Moment,
    /// Until when.
    pub end: Option<Moment>,
    /// Whose wall clock it is planned by.
    pub zone: String,
    /// The day customers were told.
    pub announced_at: Option<Day>,
    /// The notice given, in days.
    pub notice_days: Option<i64>,
    /// The notice owed, in days.
    pub notice_required: Option<u32>,
    /// What follows from the two.
    pub notice: Option<Notice>,
    /// The last day on which an announcement would be in time.
    pub announce_by: Option<Day>,
    /// Whether it touches a freeze.
    pub in_freeze: bool,
    /// Where it comes from.
    pub origin: String,
    /// Who said it, where somebody did.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    /// A row of a calendar entry.
    #[must_use]
    pub fn of(installation: Option<&InstallationId>, entry: &Entry) -> Self {
        Self {
            kind: entry.kind,
            installation: installation.cloned(),
            environment: entry.environment.clone(),
            title: entry.title.clone(),
            stream: entry.stream.map(|stream| stream.word().to_owned()),
            maintenance_kind: entry.maintenance_kind.map(|kind| {
                match kind {
                    crate::domain::planned::MaintenanceKind::Regular => "regular",
                    crate::domain::planned::MaintenanceKind::Emergency => "emergency",
                }
                .to_owned()
            }),
            start: entry.start,
            end: entry.end,
            zone: entry.zone.name().to_owned(),
            announced_at: entry.announced_on,
            notice_days: entry.notice_days,
            notice_required: entry.notice_required,
            notice: entry.notice,
            announce_by: entry.announce_by,
            in_freeze: entry.in_freeze,
            origin: entry.origin.clone(),
            basis: entry.basis.clone(),
        }
    }
}

/// A kind for who reads it.
#[must_use]
pub fn said(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::AnnounceBy => "announce",
        EntryKind::Window | EntryKind::Maintenance | EntryKind::Freeze | EntryKind::Deadline => kind.word(),
    }
}

impl Row {
    /// When it begins; of a last day, the day.
    #[must_use]
    pub fn when(&self, lens: &Lens<'_>) -> String {
        match self.kind {
            EntryKind::Deadline | EntryKind::AnnounceBy => lens.day(day_of(self.start, lens.zones.fleet)),
            EntryKind::Window | EntryKind::Maintenance | EntryKind::Freeze => {
                lens.when(self.start, self.installation.as_ref())
            }
        }
    }

    /// What is wrong with its notice, in words.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        match (self.notice?, self.notice_days, self.notice_required) {
            (Notice::Ok | Notice::Exempt, _, _) => None,
            (Notice::NotAnnounced, _, _) => Some("not announced".to_owned()),
            (Notice::Violation, Some(given), Some(owed)) => Some(format!("notice {given} of {owed} d")),
            (Notice::Violation, _, _) => Some("notice too short".to_owned()),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "calendar";
    const TITLE: &'static str = "Calendar";
    const ABOUT: &'static str = "windows, maintenances, freezes, last days to announce, deadlines";
    const ROWS: [&'static str; 2] = ["entry", "entries"];
    const NOTHING: [&'static str; 2] =
        ["nothing is dated", "windows, maintenances and freezes stand in the fleet file, or in calendars it names"];
    const ORDER: &'static str = "soonest first";
    const GROUPS: &'static [&'static str] = &["kind", "stream", "notice"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new("when", 9, |row, lens| row.when(lens).into(), |a, b| a.start.cmp(&b.start)),
        Column::<Self>::new(
            "until",
            7,
            |row, lens| match (row.kind, row.end) {
                // A last day is a day, not an hour.
                (EntryKind::Deadline | EntryKind::AnnounceBy, _) | (_, None) => NONE.into(),
                (_, Some(end)) => lens.when(end, row.installation.as_ref()).into(),
            },
            |a, b| known_first(&a.end, &b.end),
        ),
        Column::<Self>::new("kind", 9, |row, _| said(row.kind).into(), |a, b| a.kind.cmp(&b.kind)).toned(Self::tone),
        Column::<Self>::new(
            "installation",
            8,
            |row, _| row.installation.as_ref().map_or("whole fleet", |id| id.as_str()).into(),
            |a, b| a.installation.cmp(&b.installation),
        ),
        Column::<Self>::new(
            "environment",
            4,
            |row, _| or_none(row.environment.as_ref().map(|name| name.as_str())),
            |a, b| a.environment.cmp(&b.environment),
        ),
        Column::<Self>::new("title", 9, |row, _| row.title.as_str().into(), |a, b| a.title.cmp(&b.title)),
        Column::<Self>::new("stream", 3, |row, _| or_none(row.stream.as_deref()), |a, b| a.stream.cmp(&b.stream)),
        Column::<Self>::new(
            "notice",
            7,
            |row, _| match (row.notice, row.notice_days, row.notice_required) {
                (Some(Notice::Violation), Some(given), Some(owed)) => format!("{given} of {owed} d").into(),
                (Some(Notice::NotAnnounced), _, _) => "not announced".into(),
                (Some(notice), _, _) => notice.word().into(),
                (None, _, _) => NONE.into(),
            },
            |a, b| a.notice.cmp(&b.notice),
        )
        .toned(|row| match row.notice {
            Some(Notice::Violation) => Tone::Critical,
            Some(Notice::NotAnnounced) => Tone::Warning,
            Some(Notice::Ok) => Tone::Ok,
            Some(Notice::Exempt) | None => Tone::Muted,
        }),
        Column::<Self>::new(
            "freeze",
            5,
            |row, _| if row.in_freeze { "in freeze".into() } else { "".into() },
            |a, b| b.in_freeze.cmp(&a.in_freeze),
        )
        .toned(|_| Tone::Warning),
        Column::<Self>::new("zone", 2, |row, _| row.zone.as_str().into(), |a, b| a.zone.cmp(&b.zone)),
        Column::<Self>::new("origin", 2, |row, _| row.origin.as_str().into(), |a, b| a.origin.cmp(&b.origin)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(judged) => judged.calendar.iter().map(|entry| Self::of(None, entry)).collect(),
            Part::One(_, verdict) => verdict
                .calendar
                .iter()
                .filter(|entry| !entry.whole_fleet)
                .map(|entry| Self::of(Some(&verdict.installation.id), entry))
                .collect(),
        }
    }

    fn key(&self) -> String {
        let place = self.installation.as_ref().map_or("", |id| id.as_str());
        let environment = self.environment.as_ref().map_or("", |name| name.as_str());
        format!("{}|{place}|{environment}|{}|{}", self.kind.word(), self.title, self.start.timestamp())
    }

    fn order(&self, other: &Self) -> Ordering {
        self.start.cmp(&other.start).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        match (self.kind, self.notice) {
            (_, Some(Notice::Violation)) => Tone::Critical,
            (EntryKind::AnnounceBy, _) | (_, Some(Notice::NotAnnounced)) => Tone::Warning,
            (EntryKind::Window, _) => Tone::Ok,
            (EntryKind::Maintenance, _) => Tone::Waiting,
            (EntryKind::Freeze, _) => Tone::Ahead,
            (EntryKind::Deadline, _) => Tone::Warning,
        }
    }

    fn installation(&self) -> Option<&InstallationId> {
        self.installation.as_ref()
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }
}
