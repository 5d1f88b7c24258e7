//! The lens rows are looked at through: what time it is, and whose wall clock counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::clock::{Day, Moment, Tz, day_of};
use crate::domain::id::InstallationId;
use crate::text::words;

/// Whose wall clock times are shown by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Zone {
    /// Each row's installation's own.
    Installation,
    /// The fleet's.
    Fleet,
    /// The viewer's own.
    Local(Tz),
    /// Coordinated universal time.
    Utc,
    /// A zone by name.
    Named(Tz),
}

impl Zone {
    /// The word for the header.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Fleet => "fleet",
            Self::Local(_) => "local",
            Self::Utc => "utc",
            Self::Named(zone) => zone.name(),
        }
    }
}

/// The zones of the fleet and of every installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zones {
    /// The fleet's.
    pub fleet: Tz,
    /// Those installations whose own differs.
    pub installations: BTreeMap<InstallationId, Tz>,
}

/// What rows are looked at through.
#[derive(Clone, Debug)]
pub struct Lens<'a> {
    /// What time it is.
    pub now: Moment,
    /// Whose wall clock.
    pub zone: Zone,
    /// The zones to choose from.
    pub zones: &'a Arc<Zones>,
}

impl Lens<'_> {
    /// The zone for something of an installation, or of the fleet as a whole.
    #[must_use]
    pub fn zone_of(&self, installation: Option<&InstallationId>) -> Tz {
        match self.zone {
            Zone::Installation => {
                installation.and_then(|id| self.zones.installations.get(id)).copied().unwrap_or(self.zones.fleet)
            }
            Zone::Fleet => self.zones.fleet,
            Zone::Local(zone) | Zone::Named(zone) => zone,
            Zone::Utc => Tz::UTC,
        }
    }

    /// A moment as it is said: `Mon 17:00`, `Thu 3 Dec 17:00`.
    #[must_use]
    pub fn when(&self, at: Moment, installation: Option<&InstallationId>) -> String {
        let zone = self.zone_of(installation);
        words::when(&at.with_timezone(&zone), &self.now.with_timezone(&zone))
    }

    /// From when to when.
    #[must_use]
    pub fn hours(&self, start: Moment, end: Moment, installation: Option<&InstallationId>) -> String {
        let zone = self.zone_of(installation);
        words::hours(&start.with_timezone(&zone), &end.with_timezone(&zone))
    }

    /// A day as it is said: `Thu 3 Dec`. Days are the fleet's, whatever the zone.
    #[must_use]
    pub fn day(&self, on: Day) -> String {
        words::day(on, self.today())
    }

    /// Today, on the fleet's calendar.
    #[must_use]
    pub fn today(&self) -> Day {
        day_of(self.now, self.zones.fleet)
    }

    /// How long ago something was: `18 min`.
    #[must_use]
    pub fn age(&self, at: Moment) -> String {
        words::span((self.now - at).max(chrono::TimeDelta::zero()))
    }

    /// How long ago somebody told something: `< 1 min`, `18 min`.
    #[must_use]
    pub fn since(&self, at: Moment) -> String {
        words::rough((self.now - at).max(chrono::TimeDelta::zero()))
    }

    /// How long until something is, or ago it was: `in 42 min`.
    #[must_use]
    pub fn until(&self, at: Moment) -> String {
        words::until(at - self.now)
    }
}
