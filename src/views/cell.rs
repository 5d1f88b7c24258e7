//! Small makers of cells, so that the same thing reads the same in every view.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::domain::id::{EnvironmentName, InstallationId};
use crate::domain::level::Level;
use crate::rules::alert::Severity;
use crate::rules::drift::DriftKind;
use crate::rules::lifecycle::LifeState;
use crate::text::width::width;
use crate::views::column::Tone;

/// What stands where nothing is known.
pub const UNKNOWN: &str = "?";
/// What stands where there is nothing to know.
pub const NONE: &str = "–";

/// A text, or the sign for what nobody knows.
#[must_use]
pub fn or_unknown(text: Option<&str>) -> Cow<'_, str> {
    Cow::Borrowed(text.unwrap_or(UNKNOWN))
}

/// A text, or the sign for nothing.
#[must_use]
pub fn or_none(text: Option<&str>) -> Cow<'_, str> {
    Cow::Borrowed(text.unwrap_or(NONE))
}

/// A place: an environment of an installation, or the installation as a whole.
#[must_use]
pub fn place<'r>(installation: &'r InstallationId, environment: Option<&EnvironmentName>) -> Cow<'r, str> {
    match environment {
        Some(environment) => Cow::Owned(format!("{installation}/{environment}")),
        None => Cow::Borrowed(installation.as_str()),
    }
}

/// A place on a narrow screen: production goes without saying.
#[must_use]
pub fn brief(place: &str) -> &str {
    place.strip_suffix("/production").unwrap_or(place)
}

/// A place in so many cells: where it would be cut, production goes without saying.
#[must_use]
pub fn fitted(place: &str, cells: usize) -> &str {
    if width(place) > cells { brief(place) } else { place }
}

/// A number, or the sign for what nobody knows.
#[must_use]
pub fn number<N: ToString>(n: Option<N>) -> Cow<'static, str> {
    n.map_or(Cow::Borrowed(UNKNOWN), |n| Cow::Owned(n.to_string()))
}

/// A count; zero is a quiet dot.
#[must_use]
pub fn quiet(n: u32) -> Cow<'static, str> {
    if n == 0 { Cow::Borrowed("·") } else { Cow::Owned(n.to_string()) }
}

/// What is known before what is not.
#[must_use]
pub fn known_first<T: Ord>(a: &Option<T>, b: &Option<T>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// How a level looks.
#[must_use]
pub fn level(level: Level) -> Tone {
    match level {
        Level::Ok => Tone::Ok,
        Level::Unknown => Tone::Unknown,
        Level::Warning => Tone::Warning,
        Level::Critical => Tone::Critical,
    }
}

/// How a severity looks.
#[must_use]
pub fn severity(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Ahead,
        Severity::Warning => Tone::Warning,
        Severity::Critical => Tone::Critical,
    }
}

/// How drift looks.
#[must_use]
pub fn drift(kind: DriftKind) -> Tone {
    match kind {
        DriftKind::Current => Tone::Ok,
        DriftKind::Patch | DriftKind::Minor => Tone::Waiting,
        DriftKind::Major => Tone::Warning,
        DriftKind::Ahead => Tone::Ahead,
        DriftKind::Unknown => Tone::Unknown,
    }
}

/// How a state of life looks.
#[must_use]
pub fn life(state: LifeState) -> Tone {
    match state {
        LifeState::Supported => Tone::Ok,
        LifeState::SecurityOnly | LifeState::Extended => Tone::Waiting,
        LifeState::Due => Tone::Warning,
        LifeState::Expired => Tone::Critical,
        LifeState::Ahead => Tone::Ahead,
        LifeState::Unknown => Tone::Unknown,
    }
}

/// A tone, unless what it rests on is stale.
#[must_use]
pub fn unless_stale(stale: bool, tone: Tone) -> Tone {
    if stale { Tone::Stale } else { tone }
}
