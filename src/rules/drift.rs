//! Drift: a running version against its target.

use crate::domain::clock::days_between;
pub use crate::domain::state::DriftKind;
use crate::domain::version::{CycleName, Difference, Version};
use crate::rules::releases::{Published, Releases};
use crate::rules::subject::Subject;

/// How far a running version is from where it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The kind.
    pub kind: DriftKind,
    /// Where it should be: the pin, the supported line's newest, or the newest release.
    pub target: Option<Version>,
    /// The newest known release that is not a pre-release.
    pub latest: Option<Version>,
    /// Releases between running and target; none where the list is unknown or does not reach back so far.
    pub releases_behind: Option<u32>,
    /// Days since the first of those releases was published.
    pub days_behind: Option<i64>,
    /// For production: how many releases staging is ahead; none without staging.
    pub skew: Option<i64>,
}

/// Lifecycle data older than this does not tell whether a version is the newest: too much may have come out since.
const DATA_FRESH_DAYS: i64 = 14;

/// What a running version is held against.
struct Target {
    version: Version,
    /// Only releases of this line count.
    line: Option<String>,
    /// Whether nothing newer can have come out unnoticed.
    sure: bool,
}

/// The drift of one version. `skew` is left open: it takes two environments.
///
/// The target is the pin; or else, while its line is under extended support, the newest release of that line; or else the
/// newest release. Where nobody told releases, the newest version in the lifecycle data stands in for that; a running
/// version that is no older than data of two weeks ago is then neither current nor ahead but unknown.
#[must_use]
pub fn drift(subject: &Subject<'_>) -> Drift {
    let (scheme, releases) = (subject.lore.product.scheme, &subject.lore.releases);
    let noted = || subject.lore.cycles.as_ref().filter(|_| !releases.is_known()).and_then(|cycles| cycles.newest());
    let latest = releases.newest(scheme).or_else(noted).cloned();
    let target = target(subject, latest.as_ref());
    let mut drift = Drift {
        kind: DriftKind::Unknown,
        target: target.as_ref().map(|target| target.version.clone()),
        latest,
        releases_behind: None,
        days_behind: None,
        skew: None,
    };
    let (Some(running), Some(target)) = (subject.running, target) else { return drift };
    drift.kind = match running.difference(&target.version) {
        Difference::Same if target.sure => DriftKind::Current,
        Difference::Ahead if target.sure => DriftKind::Ahead,
        Difference::Build | Difference::Patch => DriftKind::Patch,
        Difference::Minor => DriftKind::Minor,
        Difference::Major => DriftKind::Major,
        Difference::Same | Difference::Ahead | Difference::Incomparable => DriftKind::Unknown,
    };
    if let Some(between) = behind(releases, running, &target) {
        drift.releases_behind = u32::try_from(between.len()).ok();
        // One release of unknown date may have been the first.
        let first = between.iter().map(|one| one.at).collect::<Option<Vec<_>>>().map(|all| all.into_iter().min());
        drift.days_behind = first.map(|first| first.map_or(0, |first| days_between(first, subject.at, subject.zone)));
    }
    drift
}

/// How many releases staging is ahead of production; none where the list does not tell.
#[must_use]
pub fn skew(releases: &Releases, production: &Version, staging: &Version) -> Option<i64> {
    if production.difference(staging) == Difference::Same {
        return Some(0);
    }
    production.precedence(staging)?;
    let (lower, higher, sign) = if production < staging { (production, staging, 1) } else { (staging, production, -1) };
    if !releases.reaches(lower) {
        return None;
    }
    i64::try_from(releases.between(lower, higher).len()).ok().map(|n| n * sign)
}

fn target(subject: &Subject<'_>, latest: Option<&Version>) -> Option<Target> {
    let releases = &subject.lore.releases;
    if let Some(pin) = subject.pin {
        return Some(Target { version: pin.clone(), line: None, sure: true });
    }
    if let Some(support) = subject.supported_line().filter(|support| support.until >= subject.today()) {
        let line = support.line.as_str();
        let version = releases.newest_of_line(line)?.clone();
        return Some(Target { version, line: Some(line.to_owned()), sure: true });
    }
    let taken = subject.lore.cycles.as_ref().and_then(|cycles| cycles.taken());
    let young = taken.is_none_or(|taken| (subject.today() - taken).num_days() <= DATA_FRESH_DAYS);
    Some(Target { version: latest?.clone(), line: None, sure: releases.is_known() || young })
}

/// The releases between; none where the list is not known, or does not reach back to the running version.
fn behind<'a>(releases: &'a Releases, running: &Version, target: &Target) -> Option<Vec<&'a Published>> {
    if !releases.is_known() {
        return None;
    }
    match running.difference(&target.version) {
        Difference::Same | Difference::Ahead => Some(Vec::new()),
        Difference::Incomparable => None,
        Difference::Build | Difference::Patch | Difference::Minor | Difference::Major => {
            let line = target.line.as_deref().map(CycleName::read);
            let counts = |one: &&Published| line.as_ref().is_none_or(|line| line.covers(&one.version));
            let between = || releases.between(running, &target.version).iter().filter(counts).collect();
            releases.reaches(running).then(between)
        }
    }
}

#[cfg(test)]
mod tests;
