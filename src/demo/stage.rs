//! The stage: the world with its clock and what was written into it.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

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
}

impl Stage {
    /// A stage on which nothing was written yet.
    #[must_use]
    pub fn new(world: World, clock: Simulated) -> Self {
        Self { world, clock, writes: RwLock::default() }
    }

    /// What was written so far.
    pub fn writes(&self) -> RwLockReadGuard<'_, Writes> {
        self.writes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one more thing in.
    pub fn write(&self, write: Write, at: Moment) {
        self.writes.write().unwrap_or_else(PoisonError::into_inner).take(write, at);
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
