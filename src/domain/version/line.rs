//! Release lines, and the cycle of a lifecycle that a version belongs to.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use super::{Version, read};

/// A release line: `YEAR.MINOR` or `MAJOR.MINOR`.
///
/// Two lines are one when their numbers are: `2026.09` is `2026.9`. The text keeps the digits as written.
#[derive(Clone, Debug)]
pub struct Line {
    major: u64,
    minor: u64,
    text: Box<str>,
}

impl Line {
    /// The line that `text` names, or the line of the version that it names. `7` stands for `7.0`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (front, _) = read::split(text)?;
        let mut digits = front.split('.');
        let (major, minor) = (digits.next()?, digits.next().unwrap_or("0"));
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()?, text: format!("{major}.{minor}").into() })
    }

    /// The first number; under calver the year.
    #[must_use]
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The second number.
    #[must_use]
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// Whether `version` is of this line. What is unordered is of no line.
    #[must_use]
    pub fn holds(&self, version: &Version) -> bool {
        version.major() == Some(self.major) && version.minor() == Some(self.minor)
    }
}

/// The name of a cycle, read once: a dotted prefix of the versions that are of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleName {
    text: Box<str>,
    /// Its numbers; none where the name is anything but numbers.
    numbers: Option<Box<[u64]>>,
}

impl CycleName {
    /// Reads a name. One that is no numbers covers only the version of just that text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let front = read::split(text).filter(|(_, tail)| tail.is_empty()).map(|(front, _)| front);
        Self {
            text: text.into(),
            numbers: front.and_then(|front| front.split('.').map(|run| run.parse().ok()).collect()),
        }
    }

    /// Whether a version is of this cycle.
    #[must_use]
    pub fn covers(&self, version: &Version) -> bool {
        if *self.text == *version.text() {
            return true;
        }
        // Numbers, not letters: the cycle `24.04` holds `24.4.1`, and `1.3` does not hold `1.36`.
        let (Some(parts), Some(numbers)) = (version.parts(), &self.numbers) else { return false };
        numbers.iter().enumerate().all(|(n, number)| *number == parts.number(n))
    }

    /// Of several that cover a version, the one that ranks highest says most.
    #[must_use]
    pub fn rank(&self) -> (usize, usize) {
        (self.text.split('.').count(), self.text.len())
    }
}

/// The longest of `cycles` that is a dotted prefix of `version`.
pub(super) fn longest<'a>(version: &Version, cycles: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let named = cycles.into_iter().map(|cycle| (cycle, CycleName::read(cycle)));
    named.filter(|(_, name)| name.covers(version)).max_by_key(|(_, name)| name.rank()).map(|(cycle, _)| cycle)
}

impl Ord for Line {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor).cmp(&(other.major, other.minor))
    }
}

impl PartialOrd for Line {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Line {}

impl Hash for Line {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.major, self.minor).hash(state);
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
