//! Log lines, asked for and shown, never kept.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::views::cell::or_none;
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// One log line. Its nanoseconds are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// When it was written.
    pub at: Moment,
    /// Its level, where it tells.
    pub level: Option<String>,
    /// The labels of its stream.
    pub labels: BTreeMap<String, String>,
    /// The line, made harmless.
    pub line: String,
}

impl Row {
    /// Where it was written, in a word.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.installation, self.environment.as_ref())
    }
}

/// A place in a word: `acme/production`.
#[must_use]
pub fn place(installation: &InstallationId, environment: Option<&EnvironmentName>) -> String {
    match environment {
        Some(environment) => format!("{installation}/{environment}"),
        None => installation.to_string(),
    }
}

/// How a level looks, by the words programs use for it.
#[must_use]
pub fn level_tone(level: Option<&str>) -> Tone {
    match level.map(str::to_ascii_lowercase).as_deref() {
        Some(
            "error" | "err" | "fatal" | "critical" | "crit" | "alert" | "emerg" | "emergency" | "panic" | "severe",
        ) => Tone::Critical,
        Some("warn" | "warning") => Tone::Warning,
        Some("debug" | "trace") => Tone::Muted,
        Some(_) | None => Tone::Plain,
    }
}

impl View for Row {
    const NAME: &'static str = "logs";
    const TITLE: &'static str = "Logs";
    const ABOUT: &'static str = "log lines of installations that consented, merged by time";
    const ROWS: [&'static str; 2] = ["line", "lines"];
    const NOTHING: [&'static str; 2] =
        ["nobody can be asked for logs", "sources of kind `loki` and clusters have them"];
    const ORDER: &'static str = "oldest first";
    const GROUPS: &'static [&'static str] = &["level"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "at",
            9,
            |row, lens| {
                row.at.with_timezone(&lens.zone_of(Some(&row.installation))).format("%H:%M:%S%.3f").to_string().into()
            },
            |a, b| a.at.cmp(&b.at),
        ),
        Column::<Self>::new("level", 8, |row, _| or_none(row.level.as_deref()), |a, b| a.level.cmp(&b.level))
            .toned(Self::tone),
        Column::<Self>::new(
            "where",
            7,
            |row, _| row.place().into(),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        ),
        Column::<Self>::new("line", 9, |row, _| row.line.as_str().into(), |a, b| a.line.cmp(&b.line)),
    ];

    /// Lines are no facts: they come from a query, never from the board.
    fn rows(_part: &Part<'_>) -> Vec<Self> {
        Vec::new()
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.installation, self.at.to_rfc3339(), self.line)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        level_tone(self.level.as_deref())
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }
}
