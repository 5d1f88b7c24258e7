//! The vendor's own product: what was published when. Several releases a week, features and patches, in calendar versions.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::dice::Dice;
use crate::domain::clock::Moment;

/// The vendor's platform, as the fleet file calls it.
pub const PLATFORM: &str = "meshstack";

/// The images a release consists of.
pub const ARTIFACTS: [&str; 4] =
    ["meshstack/meshfed-api", "meshstack/meshpanel", "meshstack/replicator", "meshstack/metering"];

/// The first year the world remembers.
const FIRST_YEAR: i32 = 2025;

/// The last year it can be moved to.
const LAST_YEAR: i32 = 2030;

/// One published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its text, such as `2026.41.0`.
    pub version: String,
    /// Year, feature release within the year, patch.
    pub triple: (i32, i64, i64),
    /// When it was published.
    pub at: Moment,
    /// Whether it mends a hole that is being talked about.
    pub security: bool,
}

impl Release {
    /// Its line, such as `2026.41`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}.{}", self.triple.0, self.triple.1)
    }
}

/// Everything the vendor publishes, by publication.
#[derive(Clone, Debug)]
pub struct Vendor {
    releases: Vec<Release>,
    /// Which release was the highest once so many were out: it is asked for everywhere.
    highest: Vec<usize>,
}

impl Vendor {
    /// The vendor's years; `security` adds a patch that mends a hole at that moment.
    #[must_use]
    pub fn new(seed: u64, security: Option<Moment>) -> Self {
        let mut releases: Vec<Release> = (FIRST_YEAR..=LAST_YEAR).flat_map(|year| year_of(seed, year)).collect();
        releases.sort_by_key(|release| (release.at, release.triple));
        let mut vendor = Self { releases, highest: Vec::new() };
        vendor.rank();
        if let Some(at) = security {
            vendor.mend(at);
            vendor.rank();
        }
        vendor
    }

    /// Everything published until that moment, oldest first.
    #[must_use]
    pub fn known(&self, at: Moment) -> &[Release] {
        let count = self.releases.partition_point(|release| release.at <= at);
        self.releases.get(..count).unwrap_or_default()
    }

    /// The highest version published until that moment.
    #[must_use]
    pub fn newest(&self, at: Moment) -> Option<&Release> {
        let last = self.known(at).len().checked_sub(1)?;
        self.releases.get(*self.highest.get(last)?)
    }

    fn rank(&mut self) {
        let mut best = 0;
        let triple = |n: usize| self.releases.get(n).map(|release| release.triple);
        let ranked = (0..self.releases.len()).map(|n| {
            if triple(n) > triple(best) {
                best = n;
            }
            best
        });
        self.highest = ranked.collect();
    }

    /// The highest version of a line published until that moment.
    #[must_use]
    pub fn newest_of(&self, line: &str, at: Moment) -> Option<&Release> {
        self.known(at).iter().filter(|release| release.line() == line).max_by_key(|release| release.triple)
    }

    /// The line that gets patches for half a year, as of that moment: every thirteenth feature release.
    #[must_use]
    pub fn long_line(&self, at: Moment) -> Option<String> {
        let settled = at - TimeDelta::days(45);
        self.known(settled).iter().rev().find(|release| is_long(release.triple.1)).map(Release::line)
    }

    /// A patch of the newest line, in a hurry. Later patches of that line move up by one.
    fn mend(&mut self, at: Moment) {
        let Some((year, minor, patch)) = self.newest(at).map(|release| release.triple) else { return };
        for release in &mut self.releases {
            if release.at > at && (release.triple.0, release.triple.1) == (year, minor) {
                *release = named(year, minor, release.triple.2 + 1, release.at);
            }
        }
        let place = self.releases.partition_point(|release| release.at <= at);
        self.releases.insert(place, Release { security: true, ..named(year, minor, patch + 1, at) });
    }
}

fn year_of(seed: u64, year: i32) -> Vec<Release> {
    let mut found = Vec::new();
    let Some(mut day) = NaiveDate::from_ymd_opt(year, 1, 5) else { return found };
    for minor in 1.. {
        let mut dice = Dice::of(seed, &["feature", &year.to_string()], minor);
        let at = workday(day, &mut dice);
        if at.year() != year {
            break;
        }
        found.push(named(year, minor, 0, at));
        let mut patch_day = at.date_naive();
        let count = dice.within(1, 4);
        for patch in 1..=count {
            patch_day += TimeDelta::days(dice.within(1, 4));
            found.push(named(year, minor, patch, workday(patch_day, &mut dice)));
        }
        if is_long(minor) {
            let mut late = at.date_naive() + TimeDelta::days(24);
            for patch in count + 1..=count + 8 {
                late += TimeDelta::days(dice.within(16, 24));
                found.push(named(year, minor, patch, workday(late, &mut dice)));
            }
        }
        day += TimeDelta::days(dice.within(6, 10));
    }
    found
}

fn named(year: i32, minor: i64, patch: i64, at: Moment) -> Release {
    Release { version: format!("{year}.{minor}.{patch}"), triple: (year, minor, patch), at, security: false }
}

fn is_long(minor: i64) -> bool {
    minor % 13 == 12
}

/// A moment within working hours of that day, or of the Monday after a weekend.
fn workday(day: NaiveDate, dice: &mut Dice) -> Moment {
    let moved = match day.weekday() {
        Weekday::Sat => day + TimeDelta::days(2),
        Weekday::Sun => day + TimeDelta::days(1),
        _ => day,
    };
    moved.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(dice.within(7 * 60, 14 * 60 + 30))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn releases_come_several_a_week_and_only_on_working_days() {
        let vendor = Vendor::new(7, None);
        let year = vendor.known(at("2026-11-21T00:00:00Z"));
        let recent: Vec<_> = year.iter().filter(|one| one.at > at("2026-08-21T00:00:00Z")).collect();
        assert!((26..=70).contains(&recent.len()), "{} in thirteen weeks", recent.len());
        assert!(recent.iter().all(|one| one.at.weekday().num_days_from_monday() < 5));
        let minor = vendor.newest(at("2026-11-21T00:00:00Z")).unwrap().triple.1;
        assert!((36..=46).contains(&minor), "the {minor}th feature release of the year");
    }

    #[test]
    fn a_seed_gives_its_own_past_and_always_the_same() {
        let texts = |seed| Vendor::new(seed, None).releases;
        assert_eq!(texts(7), texts(7));
        assert_ne!(texts(7), texts(8));
    }

    #[test]
    fn versions_are_unique_even_with_a_patch_in_between() {
        let hurry = at("2026-11-20T22:00:00Z");
        let vendor = Vendor::new(7, Some(hurry));
        let mut triples: Vec<_> = vendor.releases.iter().map(|one| one.triple).collect();
        triples.sort_unstable();
        triples.dedup();
        assert_eq!(triples.len(), vendor.releases.len());
        assert!(vendor.newest(hurry).unwrap().security);
    }

    #[test]
    fn a_long_line_still_gets_patches_after_newer_lines_are_out() {
        let vendor = Vendor::new(7, None);
        let today = at("2026-11-21T00:00:00Z");
        let line = vendor.long_line(today).unwrap();
        let patch = vendor.newest_of(&line, today).unwrap();
        assert!(patch.triple.2 > 1 && patch.triple < vendor.newest(today).unwrap().triple);
    }
}
