//! Ranges of supported versions, such as `>=1.21, <=1.27`.
//!
//! A bound compares only what it writes: `<=1.27` holds all of line 1.27, and `<=1.27.3` any build of 1.27.3.

use std::cmp::Ordering;
use std::fmt;

use super::Version;
use super::read::Parts;
use crate::domain::scheme::Scheme;

/// A range of versions under one scheme: comparators joined by commas, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    scheme: Scheme,
    text: Box<str>,
    floors: Vec<Bound>,
    ceilings: Vec<Bound>,
}

/// Where a version stands to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Inside.
    Within,
    /// Too old.
    Below,
    /// Too new, which is as wrong as too old.
    Above,
    /// The version has no order under the range's scheme.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    at: Parts,
    included: bool,
}

impl VersionRange {
    /// Reads `>=`, `>`, `<=`, `<`, `=`, `^` and `~` comparators; a bare version, or `1.27.x`, means `=`.
    ///
    /// # Errors
    /// A sentence for the person who wrote the range.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, String> {
        if scheme == Scheme::Opaque {
            return Err("versions under `opaque` have no order: no range can hold them".to_owned());
        }
        let mut range = Self { scheme, text: text.trim().into(), floors: Vec::new(), ceilings: Vec::new() };
        for comparator in text.split(',') {
            range.narrow(comparator.trim())?;
        }
        let exclude = |floor: &Bound| range.ceilings.iter().any(|ceiling| floor.excludes(ceiling));
        if range.floors.iter().any(exclude) {
            return Err(format!("no version can be in `{}`: its bounds exclude each other", range.text));
        }
        Ok(range)
    }

    /// Where `version` stands.
    #[must_use]
    pub fn check(&self, version: &Version) -> Standing {
        match version.parts() {
            Some(parts) if version.scheme() == self.scheme => {
                if !self.floors.iter().all(|floor| floor.admits(parts, Ordering::Greater)) {
                    Standing::Below
                } else if !self.ceilings.iter().all(|ceiling| ceiling.admits(parts, Ordering::Less)) {
                    Standing::Above
                } else {
                    Standing::Within
                }
            }
            Some(_) | None => Standing::Unknown,
        }
    }

    /// The range, as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn narrow(&mut self, comparator: &str) -> Result<(), String> {
        const SIGNS: [&str; 8] = [">=", "<=", "==", ">", "<", "=", "^", "~"];
        let (sign, version) = SIGNS
            .into_iter()
            .find_map(|sign| Some((sign, comparator.strip_prefix(sign)?.trim_start())))
            .unwrap_or(("=", comparator));
        if version.contains(char::is_whitespace) {
            return Err(format!("`{comparator}` holds a blank: join comparators by commas, as in `>=1.21, <=1.27`"));
        }
        let bare = [".x", ".X", ".*"].into_iter().find_map(|any| version.strip_suffix(any)).unwrap_or(version);
        let at = super::read::parts(self.scheme, bare)
            .ok_or_else(|| format!("`{comparator}` names no {} version: write a bound like `>=1.21`", self.scheme))?;
        let included = |at: Parts| Bound { at, included: true };
        match sign {
            ">=" => self.floors.push(included(at)),
            "<=" => self.ceilings.push(included(at)),
            ">" => self.floors.push(Bound { at, included: false }),
            "<" => self.ceilings.push(Bound { at, included: false }),
            "^" => {
                // Below 1.0.0 the first number that is not 0 is the one that breaks.
                let n_zeros = at.numbers.iter().take_while(|number| **number == 0).count();
                self.ceilings.push(included(front(&at, n_zeros + 1)));
                self.floors.push(included(at));
            }
            "~" => {
                self.ceilings.push(included(front(&at, 2)));
                self.floors.push(included(at));
            }
            _ => {
                self.ceilings.push(included(at.clone()));
                self.floors.push(included(at));
            }
        }
        Ok(())
    }
}

/// The line that the first `n` numbers of a bound name.
fn front(at: &Parts, n: usize) -> Parts {
    Parts { numbers: at.numbers.iter().copied().take(n).collect(), pre: Default::default(), build: Default::default() }
}

impl Bound {
    /// Whether `version` lies on the `side` of this bound, or on it where it is included.
    fn admits(&self, version: &Parts, side: Ordering) -> bool {
        let order = self.order_of(version);
        order == side || (self.included && order.is_eq())
    }

    /// How `version` stands to this bound in what the bound writes.
    fn order_of(&self, version: &Parts) -> Ordering {
        let n = self.at.numbers.len();
        let mut order = version.numbers_cmp(&self.at, n);
        if n >= 3 || self.at.is_prerelease() {
            order = order.then_with(|| version.pre.cmp(&self.at.pre));
        }
        if !self.at.build.is_empty() {
            order = order.then_with(|| version.build.cmp(&self.at.build));
        }
        order
    }

    /// Whether nothing can lie above this floor and below `ceiling`.
    fn excludes(&self, ceiling: &Self) -> bool {
        let (mine, theirs) = (self.at.numbers.len(), ceiling.at.numbers.len());
        match self.at.numbers_cmp(&ceiling.at, mine.min(theirs)) {
            Ordering::Greater => true,
            Ordering::Less => false,
            // The shorter bound speaks of all that the longer one names.
            Ordering::Equal => (mine <= theirs && !self.included) || (theirs <= mine && !ceiling.included),
        }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
