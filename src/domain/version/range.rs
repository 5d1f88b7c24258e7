//! Ranges of supported versions, such as `>=1.21, <=1.27`.
//!
//! A bound compares only what it writes: `<=1.27` holds all of line 1.27, and `<=1.27.3` any build of 1.27.3.

use std::cmp::Ordering;
use std::fmt;

use super::parts::Parts;
use super::{Version, read};
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
        let at = read::parts(self.scheme, bare)
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
    Parts {
        numbers: at.numbers.iter().copied().take(n).collect(),
        pre: Default::default(),
        build: Default::default(),
        counts_line: false,
    }
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
        let order = match mine == theirs {
            true => self.at.release_cmp(&ceiling.at),
            false => self.at.numbers_cmp(&ceiling.at, mine.min(theirs)),
        };
        // Of two bounds that agree the shorter one speaks of all that the longer one names.
        let shut = |bound: &Self| !bound.included && bound.at.build.is_empty();
        order.is_gt() || (order.is_eq() && ((mine <= theirs && shut(self)) || (theirs <= mine && shut(ceiling))))
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(range: &str, version: &str) -> Standing {
        VersionRange::parse(Scheme::Semver, range).unwrap().check(&Version::read(Scheme::Semver, version))
    }

    #[test]
    fn a_bound_compares_only_what_it_writes() {
        use Standing::{Above, Below, Unknown, Within};
        for (range, version, standing) in [
            (">=1.21, <=1.27", "1.20.15", Below),
            (">=1.21, <=1.27", "v1.21.0", Within),
            (">=1.21, <=1.27", "1.21.0-rc.1", Within),
            (">=1.21, <=1.27", "1.27.9", Within),
            (">=1.21, <=1.27", "1.27.9-gke.1043002", Within),
            (">=1.21, <=1.27", "1.28.0", Above),
            (">=1.21,<1.27", "1.27.0", Above),
            (">=1.21,<1.27", "1.26.99", Within),
            (">1.21", "1.21.5", Below),
            (">1.21", "1.22", Within),
            (">1.21.4", "1.21.5", Within),
            ("<2", "2.0.0-rc1", Above),
            (">=3.0.0", "3.0.0-rc1", Below),
            (">=3.0.0-rc1", "3.0.0-rc1", Within),
            ("<=1.27.3", "1.27.3-8", Within),
            ("<=3.76.0-03", "3.76.0-04", Above),
            ("<=3.76.0-03", "3.76.0", Within),
            ("=1.27", "1.27.4", Within),
            ("1.27", "1.28", Above),
            ("1.27.x", "1.27.4", Within),
            ("1.27.*", "1.26.4", Below),
            ("= 7", "7.176.0", Within),
            ("^1.2.3", "1.2.2", Below),
            ("^1.2.3", "1.99.0", Within),
            ("^1.2.3", "2.0.0", Above),
            ("^0.2.3", "0.2.9", Within),
            ("^0.2.3", "0.3.0", Above),
            ("^0.0.3", "0.0.4", Above),
            ("^0", "0.9", Within),
            ("~1.2.3", "1.2.9", Within),
            ("~1.2.3", "1.3.0", Above),
            ("~1", "1.9", Within),
            ("~1", "2.0", Above),
            (">=1.21", "latest", Unknown),
            (">=1.21", "", Unknown),
        ] {
            assert_eq!(check(range, version), standing, "{version} in {range}");
        }
    }

    #[test]
    fn a_version_of_another_scheme_stands_nowhere() {
        let range = VersionRange::parse(Scheme::Semver, ">=1").unwrap();
        assert_eq!(range.check(&Version::read(Scheme::Calver, "2026.1.0")), Standing::Unknown);
    }

    #[test]
    fn a_range_that_cannot_be_meant_says_why() {
        for (range, why) in [
            ("", "`` names no semver version: write a bound like `>=1.21`"),
            (">=1.21,", "`` names no semver version: write a bound like `>=1.21`"),
            (">=latest", "`>=latest` names no semver version: write a bound like `>=1.21`"),
            ("*", "`*` names no semver version: write a bound like `>=1.21`"),
            (">=1.21 <=1.27", "`>=1.21 <=1.27` holds a blank: join comparators by commas, as in `>=1.21, <=1.27`"),
            (">=1.27, <=1.21", "no version can be in `>=1.27, <=1.21`: its bounds exclude each other"),
            (">=1.21.3, <1.21", "no version can be in `>=1.21.3, <1.21`: its bounds exclude each other"),
            (">1.21, <=1.21.5", "no version can be in `>1.21, <=1.21.5`: its bounds exclude each other"),
            ("<2, >=2.0.0", "no version can be in `<2, >=2.0.0`: its bounds exclude each other"),
        ] {
            assert_eq!(VersionRange::parse(Scheme::Semver, range).unwrap_err(), why);
        }
        assert!(VersionRange::parse(Scheme::Opaque, "=a").is_err());
        for sound in [">1.21.0, <=1.21", ">=3.0.0-rc1, <3.0.0", ">1.2.3-5, <=1.2.3", "=1.2.3-5", "^1.2, ~1.4"] {
            assert!(VersionRange::parse(Scheme::Semver, sound).is_ok(), "{sound}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_range_panic(range in "[<>=^~,. 0-9a-z*+-]{0,24}|.*", version in ".*") {
            if let Ok(range) = VersionRange::parse(Scheme::Semver, &range) {
                let _ = range.check(&Version::read(Scheme::Semver, &version));
            }
        }

        #[test]
        fn a_higher_version_never_stands_lower(
            (low, high) in ("[0-3]\\.[0-3](\\.[0-3])?", "[0-3]\\.[0-3](\\.[0-3])?"),
            a in "[0-3]\\.[0-3]\\.[0-3](-rc[0-3]|-[0-3])?", b in "[0-3]\\.[0-3]\\.[0-3](-rc[0-3]|-[0-3])?",
        ) {
            let place = |standing| match standing {
                Standing::Below => 0,
                Standing::Within => 1,
                Standing::Above | Standing::Unknown => 2,
            };
            if let Ok(range) = VersionRange::parse(Scheme::Semver, &format!(">={low}, <={high}")) {
                let [a, b] = [a, b].map(|text| Version::read(Scheme::Semver, &text));
                let (low, high) = if a <= b { (a, b) } else { (b, a) };
                proptest::prop_assert!(place(range.check(&low)) <= place(range.check(&high)), "{low} {high}");
            }
        }
    }
}
