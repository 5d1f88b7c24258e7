//! The releases of one product that are known at a time: read under its scheme, each once, in their order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::domain::clock::{Dated, Moment, Tz};
use crate::domain::product::Product;
use crate::domain::scheme::Scheme;
use crate::domain::version::{CycleName, Version};
use crate::text::clean::Clean;

/// One announcement of a version, by a source or by the fleet file.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// The version, as text.
    pub version: &'a str,
    /// When it was published, where that is told.
    pub published: Option<Dated>,
    /// Whether the publisher marks it as a pre-release.
    pub prerelease: bool,
    /// The chart version that carries it.
    pub chart: Option<&'a Clean>,
}

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version.
    pub version: Version,
    /// When it was first published, where anybody tells.
    pub at: Option<Moment>,
    /// Whether a stable version of the official chart carries it.
    pub charted: bool,
}

/// Everything published of one product up to a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// Stable ones, oldest first, no two of equal precedence.
    stable: Vec<Published>,
    /// Per place in `stable`: the first publication among it and all higher ones.
    earliest: Vec<Option<Moment>>,
    /// What is announced for a later time.
    coming: Vec<(Version, Moment)>,
    /// The lowest version in the list, pre-releases included.
    lowest: Option<Version>,
    /// What the newest stable version of the official chart carries.
    of_chart: Option<Version>,
    /// For versions without an order: the one published last.
    last: Option<Version>,
    /// Whether anybody told a list at all.
    known: bool,
    /// Whether all who told it did so too long ago.
    pub stale: bool,
}

/// One version while announcements of it are put together.
struct Gathered {
    version: Version,
    at: Option<Moment>,
    told_plain: bool,
    told_pre: bool,
    stable_chart: bool,
}

impl Releases {
    /// Puts announcements together. Those of a time after `at` do not exist yet; the second value is when the next will.
    #[must_use]
    pub fn of<'a>(
        product: &Product,
        said: impl IntoIterator<Item = Announcement<'a>>,
        at: Moment,
        zone: Tz,
    ) -> (Self, Option<Moment>) {
        let (mut gathered, mut coming) = (Vec::new(), Vec::new());
        let mut charts: BTreeMap<Version, Version> = BTreeMap::new();
        for one in said {
            let begins = one.published.map(|published| published.begins(zone));
            if let Some(begins) = begins.filter(|begins| *begins > at) {
                coming.push((Version::read(product.scheme, one.version), begins));
                continue;
            }
            let version = Version::read(product.scheme, one.version);
            if let Some(chart) = one.chart.filter(|_| !one.prerelease) {
                let chart = Version::read(Scheme::Semver, chart.as_str());
                if chart.is_ordered() && !chart.is_prerelease() {
                    charts.insert(chart, version.clone());
                }
            }
            gathered.push(Gathered {
                version,
                at: begins,
                told_plain: one.chart.is_none() && !one.prerelease,
                told_pre: one.chart.is_none() && one.prerelease,
                stable_chart: one.chart.is_some() && !one.prerelease,
            });
        }
        gathered.sort_by(|one, two| one.version.cmp(&two.version).then_with(|| one.at.cmp(&two.at)));
        // What is announced twice was published when it was first announced; under an opaque scheme only equal texts are one.
        gathered.dedup_by(|later, first| {
            let same = first.version.precedence(&later.version) == Some(Ordering::Equal);
            if same {
                first.absorb(later);
            }
            same
        });
        let of_chart = charts.into_iter().next_back().map(|(_, carried)| carried);
        let last = gathered
            .iter()
            .filter(|one| one.is_stable())
            .max_by(|one, two| (one.at, &one.version).cmp(&(two.at, &two.version)));
        let last = last.map(|one| one.version.clone());
        let lowest = gathered.iter().map(|one| &one.version).find(|version| version.is_ordered()).cloned();
        let stable = gathered.into_iter().filter(|one| one.version.is_ordered() && one.is_stable());
        let stable: Vec<Published> =
            stable.map(|one| Published { version: one.version, at: one.at, charted: one.stable_chart }).collect();
        coming.sort_by(|one, two| one.1.cmp(&two.1).then_with(|| one.0.cmp(&two.0)));
        let next = coming.first().map(|(_, begins)| *begins);
        let mut releases = Self { stable, coming, lowest, of_chart, last, known: true, ..Self::default() };
        releases.index();
        (releases, next)
    }

    fn index(&mut self) {
        let mut first = None::<Moment>;
        self.earliest = self
            .stable
            .iter()
            .rev()
            .map(|one| {
                first = [first, one.at].into_iter().flatten().min();
                first
            })
            .collect();
        self.earliest.reverse();
    }

    /// Whether anybody told a list.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// The newest release that is not a pre-release: for chart-managed products what the newest stable chart carries.
    #[must_use]
    pub fn newest(&self, scheme: Scheme) -> Option<&Version> {
        match scheme {
            Scheme::Opaque => self.of_chart.as_ref().or(self.last.as_ref()),
            Scheme::Calver | Scheme::Semver | Scheme::Kubernetes => {
                self.of_chart.as_ref().or_else(|| self.stable.last().map(|one| &one.version))
            }
        }
    }

    /// The newest stable release of a line.
    #[must_use]
    pub fn newest_of_line(&self, line: &str) -> Option<&Version> {
        let line = CycleName::read(line);
        self.stable.iter().rev().map(|one| &one.version).find(|version| line.covers(version))
    }

    /// Whether the list reaches back to a version: one older than all of it is at an unknown distance.
    #[must_use]
    pub fn reaches(&self, version: &Version) -> bool {
        self.lowest.as_ref().is_some_and(|lowest| lowest.precedence(version).is_some_and(Ordering::is_le))
    }

    /// Stable releases above one version, up to another.
    #[must_use]
    pub fn between(&self, above: &Version, up_to: &Version) -> &[Published] {
        let (from, to) = (self.place_above(above), self.place_above(up_to));
        self.stable.get(from..to).unwrap_or_default()
    }

    /// When a version was published, or will be: what runs already may be announced later.
    #[must_use]
    pub fn published(&self, version: &Version) -> Option<Moment> {
        let coming = || self.coming.iter().find(|(one, _)| one.precedence(version) == Some(Ordering::Equal));
        self.find(version).and_then(|one| one.at).or_else(|| coming().map(|(_, begins)| *begins))
    }

    /// The version itself, where it is among the stable ones.
    #[must_use]
    pub fn find(&self, version: &Version) -> Option<&Published> {
        let one = self.stable.get(self.place_above(version).checked_sub(1)?)?;
        (one.version.precedence(version) == Some(Ordering::Equal)).then_some(one)
    }

    /// Whether and since when a higher version than this one is published.
    #[must_use]
    pub fn overtaken(&self, version: &Version) -> Overtaken {
        match self.earliest.get(self.place_above(version)) {
            None => Overtaken::Never,
            Some(first) => first.map_or(Overtaken::Sometime, Overtaken::At),
        }
    }

    /// The same, counting only what a stable version of the official chart carries, where there is a chart.
    #[must_use]
    pub fn overtaken_in_chart(&self, version: &Version) -> Overtaken {
        if self.of_chart.is_none() {
            return self.overtaken(version);
        }
        let above = self.stable.get(self.place_above(version)..).unwrap_or_default();
        let mut charted = above.iter().filter(|one| one.charted).peekable();
        if charted.peek().is_none() {
            return Overtaken::Never;
        }
        charted.filter_map(|one| one.at).min().map_or(Overtaken::Sometime, Overtaken::At)
    }

    /// The place of the first stable release above a version.
    fn place_above(&self, version: &Version) -> usize {
        self.stable
            .partition_point(|one| one.version < *version || one.version.precedence(version) == Some(Ordering::Equal))
    }
}

/// Whether and when a version was overtaken by a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overtaken {
    /// It is the highest.
    Never,
    /// A higher one exists; nobody tells since when.
    Sometime,
    /// The first of the higher ones was published then.
    At(Moment),
}

impl Gathered {
    fn absorb(&mut self, other: &Self) {
        self.at = [self.at, other.at].into_iter().flatten().min();
        self.told_plain |= other.told_plain;
        self.told_pre |= other.told_pre;
        self.stable_chart |= other.stable_chart;
    }

    /// Whether it is a release. Who publishes it knows best; a pre-release of the chart makes none of what it carries
    /// as long as a stable chart carries it too.
    fn is_stable(&self) -> bool {
        !self.version.is_prerelease() && !self.told_pre && (self.told_plain || self.stable_chart)
    }
}

#[cfg(test)]
mod tests;
