//! The whole world: vendor, parts and cast for one seed and scenario. It never changes; time and writes come beside it.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::cast::{Installation, everybody};
use super::parts::Parts;
use super::scenario::Scenario;
use super::vendor::Vendor;
use crate::domain::clock::Moment;

/// What a world is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The dice.
    pub seed: u64,
    /// What is made to happen.
    pub scenario: Scenario,
    /// How many installations.
    pub installations: usize,
    /// The moment around which the scenario happens.
    pub anchor: Moment,
}

/// The whole world.
#[derive(Debug)]
pub struct World {
    /// What it was made from.
    pub setup: Setup,
    /// The vendor's releases.
    pub vendor: Vendor,
    /// The parts of the platform.
    pub parts: Parts,
    /// Who is in it.
    pub cast: Vec<Installation>,
    by_id: HashMap<String, usize>,
}

impl World {
    /// Makes the world. Nothing is simulated yet: what is asked for is computed when it is asked for.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let security = (setup.scenario == Scenario::Cve).then(|| setup.anchor - TimeDelta::minutes(40));
        let cast = everybody(setup.seed, setup.scenario, setup.installations);
        let by_id = cast.iter().enumerate().map(|(n, one)| (one.id.clone(), n)).collect();
        Self { setup, vendor: Vendor::new(setup.seed, security), parts: Parts::new(), cast, by_id }
    }

    /// The installation of that id.
    #[must_use]
    pub fn installation(&self, id: &str) -> Option<&Installation> {
        self.by_id.get(id).and_then(|n| self.cast.get(*n))
    }
}
