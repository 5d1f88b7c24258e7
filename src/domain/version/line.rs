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

/// The longest of `cycles` that is a dotted prefix of `version`.
pub(super) fn longest<'a>(version: &Version, cycles: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    cycles
        .into_iter()
        .filter(|cycle| covers(cycle, version))
        .max_by_key(|cycle| (cycle.split('.').count(), cycle.len()))
}

fn covers(cycle: &str, version: &Version) -> bool {
    if cycle == version.text() {
        return true;
    }
    let Some(parts) = version.parts() else { return false };
    match read::split(cycle) {
        // Numbers, not letters: the cycle `24.04` holds `24.4.1`, and `1.3` does not hold `1.36`.
        Some((front, "")) => front.split('.').enumerate().all(|(n, digits)| digits.parse() == Ok(parts.number(n))),
        _ => false,
    }
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
