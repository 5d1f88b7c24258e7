//! What drift and lifecycle are asked about: one version of one product, under one installation's terms.

use crate::domain::clock::{Day, Moment, Tz, day_of};
use crate::domain::fleet::ExtendedSupport;
use crate::domain::version::Version;
use crate::rules::knowledge::Lore;

/// One version of one product at a time, with the terms it is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What is known of the product.
    pub lore: &'a Lore,
    /// What runs; none where nobody told.
    pub running: Option<&'a Version>,
    /// The version a person holds it at.
    pub pin: Option<&'a Version>,
    /// The release lines under extended support, of any product.
    pub support: &'a [ExtendedSupport],
    /// How long an end-of-life version is still operated, in days.
    pub upgrade_window: u32,
    /// The time.
    pub at: Moment,
    /// The fleet's zone, in which days are counted.
    pub zone: Tz,
}

impl<'a> Subject<'a> {
    /// The day it is judged on.
    #[must_use]
    pub fn today(&self) -> Day {
        day_of(self.at, self.zone)
    }

    /// The extended support of the running version's line that ends last, ended or not.
    #[must_use]
    pub fn supported_line(&self) -> Option<&'a ExtendedSupport> {
        let running = self.running?;
        self.support
            .iter()
            .filter(|one| one.product == self.lore.product.id)
            .filter(|one| running.line_among([one.line.as_str()]).is_some())
            .max_by_key(|one| one.until)
    }

    /// The cycle or release line of the running version.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let running = self.running?;
        let cycle = self.lore.cycles.as_ref().and_then(|cycles| cycles.cycle_of(running));
        cycle.map(|cycle| cycle.name.to_string()).or_else(|| running.line().map(|line| line.to_string()))
    }
}
