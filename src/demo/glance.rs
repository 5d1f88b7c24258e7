//! The world at one moment: what every protocol is answered from.

use chrono::TimeDelta;

use super::calendar::{Opening, QUARTERLY};
use super::cast::{Installation, Plan};
use super::course::{Course, beginning, course};
use super::dice::{Dice, share};
use super::parts::{Issue, Part};
use super::scenario::Scenario;
use super::troubles::{Trouble, troubles};
use super::world::World;
use super::writes::Writes;
use crate::domain::clock::Moment;

/// The world at one moment, with what was written until then.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    /// The world.
    pub world: &'a World,
    /// What was written.
    pub writes: &'a Writes,
    /// The moment.
    pub at: Moment,
}

/// A part as it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs {
    /// The version that is wanted.
    pub version: String,
    /// The version before.
    pub before: String,
    /// How far the way from one to the other is, while it is under way.
    pub moving: Option<f64>,
    /// Since when.
    pub since: Moment,
    /// How often it was changed.
    pub generation: i64,
    /// The chart that brought it.
    pub chart: String,
}

impl<'a> Glance<'a> {
    /// The world at a moment, with what was written until then.
    #[must_use]
    pub fn of(world: &'a World, at: Moment, writes: &'a Writes) -> Self {
        Self { world, writes, at }
    }

    /// How versions came into an environment.
    #[must_use]
    pub fn course(&self, one: &Installation, environment: &str) -> Course<'a> {
        course(self.world, self.writes, one, environment, self.at)
    }

    /// The troubles of an installation at this moment.
    #[must_use]
    pub fn troubles(&self, one: &Installation) -> Vec<Trouble> {
        troubles(self.world, one, self.at, self.at)
    }

    /// Dice for a thing of this world.
    #[must_use]
    pub fn dice(&self, words: &[&str], number: i64) -> Dice {
        Dice::of(self.world.setup.seed, words, number)
    }

    /// How many machines its cluster has.
    #[must_use]
    pub fn nodes(&self, one: &Installation) -> u32 {
        let many = self.dice(&["nodes", &one.id], 0).within(3, 7);
        u32::try_from(many).unwrap_or(3)
    }

    /// The version of the vendor's product that answers in an environment.
    #[must_use]
    pub fn product(&self, one: &Installation, environment: &str) -> Option<String> {
        let course = self.course(one, environment);
        course.running(self.at).map(|release| release.version.clone())
    }

    /// A part as it runs at an installation: upgraded in its windows, kept behind where that is the habit.
    #[must_use]
    pub fn part(&self, one: &Installation, part: &Part) -> Option<Runs> {
        let slot = if one.plan == Plan::Paas { one.slot } else { &QUARTERLY };
        let mut past: Vec<Opening> = slot.openings(beginning() - TimeDelta::days(120), self.at);
        past.retain(|opening| opening.start <= self.at && !self.skips(one, opening));
        let last = past.last()?;
        let order = super::parts::PARTS.iter().position(|other| other.id == part.id).unwrap_or_default();
        let order = i32::try_from(order).unwrap_or_default();
        // The parts go one after the other, each taking its sixteenth of the window.
        let step = (last.end - last.start) / 16;
        let (begins, ends) = (last.start + step * order, last.start + step * (order + 1));
        let now = self.issued(one, part, last)?;
        let before = past.iter().rev().nth(1).and_then(|earlier| self.issued(one, part, earlier)).unwrap_or(now);
        let chosen = if self.at < begins { before } else { now };
        let moving = (begins <= self.at && self.at < ends && before != now).then(|| share(begins, ends, self.at));
        Some(Runs {
            version: chosen.version.clone(),
            before: before.version.clone(),
            moving,
            since: if self.at < begins { begins - TimeDelta::days(91) } else { begins },
            generation: i64::try_from(past.len()).unwrap_or_default() + 1,
            chart: chosen.chart.clone(),
        })
    }

    /// Whether an installation let an opening pass unused.
    #[must_use]
    pub fn skips(&self, one: &Installation, opening: &Opening) -> bool {
        one.habit.lag > 300 && self.dice(&["unused", &one.id], opening.number).chance(400)
    }

    fn issued(&self, one: &Installation, part: &Part, opening: &Opening) -> Option<&'a Issue> {
        let parts = &self.world.parts;
        // Where nothing is late, nobody waited for a window with what came out since.
        if self.world.setup.scenario == Scenario::Quiet {
            return parts.newest(part.id, self.at - TimeDelta::hours(6));
        }
        let prepared = opening.start - TimeDelta::days(4);
        let mut dice = self.dice(&["lag", &one.id, part.id], 0);
        // The shared cluster is one cluster: no tenant of it lags alone.
        let lags = dice.chance(one.habit.lag) && one.plan != Plan::Saas;
        let usual = match (part.id, one.plan) {
            // Whoever runs Kubernetes stays a minor behind the newest; a customer's own cluster lags by what it likes.
            ("kubernetes", Plan::OnPrem) => usize::try_from(dice.within(1, 3)).unwrap_or(1),
            ("kubernetes", _) => 1,
            _ => 0,
        };
        let behind = if lags { usual + usize::try_from(dice.within(1, 3)).unwrap_or(1) } else { usual };
        if behind == 0 { parts.newest(part.id, prepared) } else { parts.behind(part.id, behind, prepared) }
    }

    /// The version of Kubernetes with its vendor's suffix.
    #[must_use]
    pub fn kubernetes(&self, one: &Installation) -> Option<Runs> {
        let mut runs = self.part(one, super::parts::part_named("kubernetes")?)?;
        for text in [&mut runs.version, &mut runs.before] {
            let build = super::dice::number(&format!("{text}{}", one.infrastructure), 900) + 1000;
            *text = match one.infrastructure {
                "gke" | "gcp" => format!("v{text}-gke.{build}000"),
                "aws" => format!("v{text}-eks-{}", super::dice::hex(text, 7)),
                "bare metal" => format!("v{text}+rke2r1"),
                _ => format!("v{text}"),
            };
        }
        Some(runs)
    }
}
