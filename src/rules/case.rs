//! One installation's case: everything its verdict may rest on, and nothing else.

use std::sync::Arc;

use crate::domain::clock::{Day, Moment, day_of};
use crate::domain::facts::Feeds;
use crate::domain::fleet::{Fleet, Installation};
use crate::rules::hearing::Hearing;
use crate::rules::knowledge::Knowledge;

/// What every rule about one installation is given.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The fleet it belongs to: catalog, windows, zone. Of its installations only this one may count.
    pub fleet: &'a Fleet,
    /// What is known beyond single installations.
    pub knowledge: &'a Knowledge,
    /// The installation.
    pub installation: &'a Arc<Installation>,
    /// Its sources' feeds: what was heard, and how asking went.
    pub feeds: Option<&'a Arc<Feeds>>,
    /// Everything told about it.
    pub hearing: &'a Hearing<'a>,
    /// The time it is judged at.
    pub at: Moment,
}

impl Case<'_> {
    /// The day it is judged on, in the fleet's zone.
    #[must_use]
    pub fn today(&self) -> Day {
        day_of(self.at, self.fleet.zone)
    }
}
