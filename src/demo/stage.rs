//! The stage: the world with its clock and what was written into it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use super::answer::Answer;
use super::clock::Simulated;
use super::glance::Glance;
use super::question::Question;
use super::speak::routes;
use super::world::World;
use super::writes::{Write, Writes};
use crate::domain::clock::Moment;

/// The world with its clock and what was written: everything a connection needs.
pub struct Stage {
    /// The world.
    pub world: World,
    /// Its time.
    pub clock: Simulated,
    writes: RwLock<Writes>,
    asked: Mutex<BTreeMap<&'static str, u64>>,
}

impl Stage {
    /// A stage on which nothing was written yet.
    #[must_use]
    pub fn new(world: World, clock: Simulated) -> Self {
        Self { world, clock, writes: RwLock::default(), asked: Mutex::default() }
    }

    /// What was written so far.
    pub fn writes(&self) -> RwLockReadGuard<'_, Writes> {
        self.writes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one more thing in.
    pub fn write(&self, write: Write, at: Moment) {
        self.writes.write().unwrap_or_else(PoisonError::into_inner).take(write, at);
    }

    /// Counts a question that came in.
    pub fn count(&self, question: &Question) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked.entry(sort(question)).or_default() += 1;
    }

    /// How many questions of each sort came in.
    #[must_use]
    pub fn asked(&self) -> BTreeMap<&'static str, u64> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a question at a moment, and takes in what it writes.
    #[must_use]
    pub fn answer(&self, question: &Question, at: Moment) -> Answer {
        let mut answer = {
            let writes = self.writes();
            routes::answer(&Glance::of(&self.world, at, &writes), question)
        };
        if let Some(write) = answer.write.take() {
            self.write(*write, at);
        }
        answer
    }
}

/// The systems that are told apart when questions are counted.
const SYSTEMS: [&str; 16] = [
    "alertmanager",
    "charts",
    "cloud",
    "concourse",
    "endoflife",
    "engine",
    "gates.git",
    "gitlab",
    "grafana",
    "loki",
    "nexus",
    "product",
    "prometheus",
    "registry",
    "status",
    "kubernetes",
];

/// What a question asks for. Of Kubernetes, lists and watches of workloads are told apart.
fn sort(question: &Question) -> &'static str {
    let path = || question.path.iter().map(String::as_str);
    let system = path().take(3).find_map(|part| SYSTEMS.iter().find(|system| **system == part));
    match system.copied() {
        Some("kubernetes") if matches!(question.get("watch"), Some("1" | "true")) => "kubernetes watch",
        Some("kubernetes") if path().any(|part| matches!(part, "deployments" | "statefulsets" | "daemonsets")) => {
            "kubernetes workloads"
        }
        found => found.unwrap_or("other"),
    }
}
