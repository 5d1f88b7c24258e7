//! Versions as vendors write them: read leniently, ordered strictly, shown as they were written.
//!
//! Two versions compare by their numbers (a missing one is 0), then by their pre-release as semver orders
//! it (none is highest), then by their numeric build (none is lowest). Editions, image flavours, commits, digests
//! and words we do not know never count. What cannot be read so is *unordered*: equal to its own text, to nothing else.

mod line;
mod parts;
mod range;
mod read;
#[cfg(test)]
mod tests;
mod words;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Serialize, Serializer};

pub use self::line::{CycleName, Line};
use self::parts::Parts;
pub use self::range::{Standing, VersionRange};

use super::scheme::Scheme;

/// One version under its product's scheme. Immutable; a clone copies a pointer.
///
/// Equality is that of scheme and text. `2.9.0` and `v2.9.0-alpine` are different texts of equal
/// [`precedence`](Self::precedence), and both are found in a map.
#[derive(Clone)]
pub struct Version(Arc<Reading>);

struct Reading {
    scheme: Scheme,
    text: Box<str>,
    parts: Option<Parts>,
}

/// How far a running version is from its target, in the largest part that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// Nothing that counts differs.
    Same,
    /// Only the build differs: in the words of drift this is `patch`.
    Build,
    /// The third or a later number, or the way from a pre-release to its release.
    Patch,
    /// The second number.
    Minor,
    /// The first number; under calver the year.
    Major,
    /// The running version is the higher one.
    Ahead,
    /// Different, and there is no order between them.
    Incomparable,
}

impl Version {
    /// Reads `text`. This never fails: what has no order under `scheme` is kept as text alone.
    ///
    /// A tag of more than 256 bytes, or with a number beyond 64 bits, is no version number.
    #[must_use]
    pub fn read(scheme: Scheme, text: &str) -> Self {
        Self(Arc::new(Reading { scheme, text: text.into(), parts: read::parts(scheme, text) }))
    }

    /// The text, as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The scheme it was read under.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// Whether it can be compared with others of its scheme.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.0.parts.is_some()
    }

    /// Whether it comes before the release it names. `false` for what is unordered: nothing is known of it.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.parts().is_some_and(Parts::is_prerelease)
    }

    /// The numbers as far as they are written: `v7.0-ee` has two. Empty when unordered.
    #[must_use]
    pub fn numbers(&self) -> &[u64] {
        self.parts().map_or(&[], |parts| &parts.numbers)
    }

    /// The first number; under calver the year.
    #[must_use]
    pub fn major(&self) -> Option<u64> {
        self.parts().map(|parts| parts.number(0))
    }

    /// The second number, 0 where it is not written.
    #[must_use]
    pub fn minor(&self) -> Option<u64> {
        self.parts().map(|parts| parts.number(1))
    }

    /// The third number, 0 where it is not written.
    #[must_use]
    pub fn patch(&self) -> Option<u64> {
        self.parts().map(|parts| parts.number(2))
    }

    /// The release line, `YEAR.MINOR` or `MAJOR.MINOR`, with its digits as written (`24.04`).
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        self.parts().and_then(|_| Line::read(self.text()))
    }

    /// The cycle this version belongs to: the longest name that is a dotted prefix of it.
    ///
    /// `13.6` is in `13`; `1.36.3` is in `1.36`, never in `1.3`.
    #[must_use]
    pub fn line_among<'a>(&self, cycles: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        line::longest(self, cycles)
    }

    /// Which of two versions counts as older.
    ///
    /// `None` where there is no order between them: one is unordered, the schemes differ, or one counts the
    /// whole line that the other is of (the EKS platform `1.36-eks-6` and the node `v1.36.1-eks-a737599`).
    /// `Equal` does not mean the same text: editions, flavours and commits do not count.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        match (self.parts(), other.parts()) {
            (Some(mine), Some(theirs)) if self.scheme() == other.scheme() && !mine.clashes(theirs) => {
                Some(mine.cmp(theirs))
            }
            _ => None,
        }
    }

    /// What lies between this running version and its `target`.
    #[must_use]
    pub fn difference(&self, target: &Self) -> Difference {
        match self.precedence(target) {
            None => Difference::Incomparable,
            Some(Ordering::Equal) => Difference::Same,
            Some(Ordering::Greater) => Difference::Ahead,
            Some(Ordering::Less) if self.major() != target.major() => Difference::Major,
            Some(Ordering::Less) if self.minor() != target.minor() => Difference::Minor,
            Some(Ordering::Less) if self.differs_in_build_alone(target) => Difference::Build,
            Some(Ordering::Less) => Difference::Patch,
        }
    }

    fn differs_in_build_alone(&self, other: &Self) -> bool {
        self.parts().zip(other.parts()).is_some_and(|(mine, theirs)| mine.release_cmp(theirs).is_eq())
    }

    fn parts(&self) -> Option<&Parts> {
        self.0.parts.as_ref()
    }
}

impl Ord for Version {
    /// A total order for maps and lists: by scheme, unordered ones first, then precedence, then text.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.scheme().cmp(&other.scheme()))
            .then_with(|| self.parts().cmp(&other.parts()))
            .then_with(|| self.text().cmp(other.text()))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.scheme() == other.scheme() && self.text() == other.text()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scheme().hash(state);
        self.text().hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.scheme(), self.text())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}
