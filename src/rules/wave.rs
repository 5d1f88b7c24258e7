//! Waves: one version on its way into the whole fleet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{InstallationId, ProductId};
use crate::domain::version::Version;
use crate::rules::calendar::Span;
use crate::rules::rollout::{Rollout, RolloutState, StationName, StationState};

/// One rollout of a wave, with whose it is and the window that is open for it or comes next.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Whose.
    pub installation: &'a InstallationId,
    /// The rollout.
    pub rollout: &'a Rollout,
    /// Its window.
    pub window: Option<&'a Span>,
}

/// One version on its way into the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// What.
    pub product: ProductId,
    /// Which version.
    pub to: Version,
    /// When it was published.
    pub published: Option<Moment>,
    /// How the rollouts stand.
    pub count: Count,
    /// How they stand at each station, in order.
    pub stations: Vec<(StationName, Count)>,
    /// How far the fleet is, 0 to 1: superseded ones left out, unknown ones counted as nothing.
    pub progress: Option<f64>,
    /// Rollouts that do not go on by themselves.
    pub needs_somebody: u32,
    /// When the last one under way will be through; none where nobody can say.
    pub projected: Option<Moment>,
    /// When the first window that is open for one under way closes.
    pub window_ends: Option<Moment>,
    /// Whether all under way will be through before their windows close; none where nobody can say.
    pub fits: Option<bool>,
}

/// How many rollouts stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Through.
    pub done: u32,
    /// Under way.
    pub running: u32,
    /// Stuck, failed or refused.
    pub failed: u32,
    /// Waiting, or not there yet.
    pub waiting: u32,
    /// Overtaken by a newer version.
    pub superseded: u32,
    /// Without this station.
    pub skipped: u32,
    /// Through when last heard, which is too long ago.
    pub unknown: u32,
}

impl Count {
    /// All that the wave is for: overtaken ones are not.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        self.done + self.running + self.failed + self.waiting + self.unknown
    }

    fn add(&mut self, state: RolloutState, stale: bool) {
        let slot = match state {
            RolloutState::Succeeded if stale => &mut self.unknown,
            RolloutState::Succeeded => &mut self.done,
            RolloutState::Running => &mut self.running,
            RolloutState::Stuck | RolloutState::Failed => &mut self.failed,
            RolloutState::Pending
            | RolloutState::WaitingApproval
            | RolloutState::WaitingWindow
            | RolloutState::Held => &mut self.waiting,
            RolloutState::Superseded => &mut self.superseded,
        };
        *slot += 1;
    }

    fn add_station(&mut self, state: StationState, rollout: &Rollout) {
        let overtaken = rollout.state == RolloutState::Superseded;
        let slot = match state {
            StationState::Done if rollout.basis.stale => &mut self.unknown,
            StationState::Done => &mut self.done,
            StationState::Skipped => &mut self.skipped,
            StationState::Active | StationState::Failed | StationState::Waiting | StationState::Ahead if overtaken => {
                &mut self.superseded
            }
            StationState::Active => &mut self.running,
            StationState::Failed => &mut self.failed,
            StationState::Waiting | StationState::Ahead => &mut self.waiting,
        };
        *slot += 1;
    }
}

/// The waves of a fleet: every version that has a rollout somewhere, newest first within its product.
#[must_use]
pub fn waves<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Wave> {
    let mut by_version: BTreeMap<(&ProductId, std::cmp::Reverse<&Version>), Vec<Part<'a>>> = BTreeMap::new();
    for part in parts {
        by_version.entry((&part.rollout.product, std::cmp::Reverse(&part.rollout.to))).or_default().push(part);
    }
    by_version.into_iter().map(|((product, to), parts)| wave(product, to.0, &parts)).collect()
}

fn wave(product: &ProductId, to: &Version, parts: &[Part<'_>]) -> Wave {
    let mut count = Count::default();
    let mut stations: Vec<(StationName, Count)> = StationName::ALL.map(|name| (name, Count::default())).to_vec();
    let mut sum = 0.0;
    for part in parts {
        let rollout = part.rollout;
        count.add(rollout.state, rollout.basis.stale);
        sum += match rollout.state {
            _ if rollout.basis.stale => 0.0,
            RolloutState::Succeeded => 1.0,
            RolloutState::Superseded => 0.0,
            _ => rollout.progress.unwrap_or(0.0).clamp(0.0, 1.0),
        };
        for (name, count) in &mut stations {
            if let Some(station) = rollout.stations.iter().find(|station| station.name == *name) {
                count.add_station(station.state, rollout);
            }
        }
    }
    let under_way = || parts.iter().filter(|part| is_under_way(part.rollout.state));
    let ends: Vec<(Option<Moment>, Option<Moment>)> =
        under_way().map(|part| (part.rollout.eta, open_until(part))).collect();
    let known = !ends.is_empty() && ends.iter().all(|(eta, _)| eta.is_some());
    let late = ends.iter().any(|(eta, end)| matches!((eta, end), (Some(eta), Some(end)) if eta > end));
    let published = parts.iter().flat_map(|part| &part.rollout.stations);
    Wave {
        product: product.clone(),
        to: to.clone(),
        published: published.filter(|one| one.name == StationName::Published).filter_map(|one| one.at).min(),
        count,
        stations,
        progress: (count.wanted() > 0).then(|| sum / f64::from(count.wanted())),
        needs_somebody: count.failed,
        projected: ends.iter().filter_map(|(eta, _)| *eta).max().filter(|_| known),
        window_ends: ends.iter().filter_map(|(_, end)| *end).min(),
        fits: match (late, known) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        },
    }
}

fn is_under_way(state: RolloutState) -> bool {
    matches!(state, RolloutState::Running | RolloutState::Stuck)
}

/// When the window that is open for a rollout closes. One that comes next says nothing about what moves now.
fn open_until(part: &Part<'_>) -> Option<Moment> {
    let began = part.rollout.started_at?;
    part.window
        .filter(|span| span.start <= began.max(part.rollout.basis.observed_at.unwrap_or(began)))
        .map(|one| one.end)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::scheme::Scheme;
    use crate::rules::fixture::{ago, now};
    use crate::rules::hearing::Basis;
    use crate::rules::rollout::Station;

    fn rollout(to: &str, state: RolloutState, progress: Option<f64>) -> Rollout {
        let station = |name| Station {
            name,
            state: match (name, state) {
                (StationName::Published, _) => StationState::Done,
                (StationName::Approved, _) => StationState::Skipped,
                (StationName::Rolling, RolloutState::Running) => StationState::Active,
                (StationName::Rolling, RolloutState::Stuck) => StationState::Failed,
                (_, RolloutState::Succeeded) => StationState::Done,
                _ => StationState::Ahead,
            },
            at: (name == StationName::Published).then(|| ago(9000)),
            detail: String::new(),
        };
        Rollout {
            environment: "production".into(),
            product: "meshstack".into(),
            from: None,
            to: Version::read(Scheme::Calver, to),
            state,
            progress,
            stations: StationName::ALL.map(station).to_vec(),
            workloads: Vec::new(),
            gate: None,
            pipeline: None,
            started_at: Some(ago(30)),
            finished_at: None,
            eta: None,
            outside_window: false,
            in_freeze: false,
            end_of_life: false,
            soak_seconds: None,
            why: String::new(),
            basis: Basis { observed_at: Some(now()), ..Basis::default() },
        }
    }

    fn of(rollouts: &[(Rollout, Option<Span>)]) -> Vec<Wave> {
        let installation = "acme".into();
        waves(rollouts.iter().map(|(rollout, window)| Part {
            installation: &installation,
            rollout,
            window: window.as_ref(),
        }))
    }

    #[test]
    fn a_wave_counts_each_rollout_once_and_leaves_out_the_overtaken() {
        use RolloutState::{Running, Stuck, Succeeded, Superseded, WaitingApproval};
        let mut silent = rollout("2026.41.0", Succeeded, Some(1.0));
        silent.basis.stale = true;
        let all = [
            rollout("2026.41.0", Succeeded, Some(1.0)),
            rollout("2026.41.0", Running, Some(0.5)),
            rollout("2026.41.0", Stuck, Some(0.25)),
            rollout("2026.41.0", WaitingApproval, None),
            rollout("2026.41.0", Superseded, None),
            silent,
            rollout("2026.40.1", Superseded, None),
        ];
        let waves = of(&all.map(|one| (one, None)));
        assert_eq!(waves.iter().map(|wave| wave.to.text()).collect::<Vec<_>>(), ["2026.41.0", "2026.40.1"]);
        let wave = &waves[0];
        let count = Count { done: 1, running: 1, failed: 1, waiting: 1, superseded: 1, skipped: 0, unknown: 1 };
        assert_eq!((wave.count, wave.count.wanted(), wave.needs_somebody), (count, 5, 1));
        assert_eq!(wave.progress, Some(1.75 / 5.0)); // what was heard too long ago counts as nothing
        assert_eq!(wave.published, Some(ago(9000)));
        let at = |name| wave.stations.iter().find(|(of, _)| *of == name).unwrap().1;
        assert_eq!(at(StationName::Approved), Count { skipped: 6, ..Count::default() });
        let rolling = Count { done: 1, running: 1, failed: 1, waiting: 1, superseded: 1, skipped: 0, unknown: 1 };
        assert_eq!(at(StationName::Rolling), rolling);
        assert_eq!(waves[1].progress, None);
    }

    #[test]
    fn the_projected_finish_is_held_against_the_end_of_the_window() {
        let until = |minutes: i64| Some(Span { name: "thursday".to_owned(), start: ago(60), end: ago(-minutes) });
        let running = |eta: Option<i64>| Rollout {
            eta: eta.map(|minutes| ago(-minutes)),
            ..rollout("2026.41.0", RolloutState::Running, Some(0.5))
        };
        let next = Some(Span { name: "thursday".to_owned(), start: ago(-60), end: ago(-300) });
        for (parts, projected, ends, fits) in [
            (vec![(running(Some(20)), until(40)), (running(Some(30)), until(50))], Some(30), Some(40), Some(true)),
            (vec![(running(Some(45)), until(40)), (running(Some(30)), until(50))], Some(45), Some(40), Some(false)),
            (vec![(running(Some(45)), until(50)), (running(None), until(50))], None, Some(50), None),
            (vec![(running(Some(60)), until(50)), (running(None), until(50))], None, Some(50), Some(false)),
            (vec![(running(Some(45)), None)], Some(45), None, Some(true)),
            (vec![(running(Some(45)), next)], Some(45), None, Some(true)),
            (vec![(rollout("2026.41.0", RolloutState::Succeeded, Some(1.0)), until(9))], None, None, None),
        ] {
            let wave = of(&parts).remove(0);
            let minutes = |at: Option<Moment>| at.map(|at| (at - now()).num_minutes());
            assert_eq!((minutes(wave.projected), minutes(wave.window_ends), wave.fits), (projected, ends, fits));
        }
    }
}
