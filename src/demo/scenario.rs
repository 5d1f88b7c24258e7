//! Scenarios by name: what is made to happen around the moment the world is entered.

use chrono::{Datelike, NaiveTime, TimeDelta, Weekday};

use crate::domain::clock::{Moment, Tz, day_of, local};

/// The vendor's wall clock.
pub const HOME: Tz = Tz::Europe__Berlin;

/// What is made to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scenario {
    /// An ordinary day.
    #[default]
    Everyday,
    /// Friday, shortly before midnight.
    FridayNight,
    /// A window in which everybody moves.
    BigUpgrade,
    /// Nothing is wrong.
    Quiet,
    /// A hole in the product, and the patch.
    Cve,
    /// A third of the customers can't be reached.
    NetworkDown,
    /// Two thousand installations.
    TwoThousand,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Everyday,
        Self::FridayNight,
        Self::BigUpgrade,
        Self::Quiet,
        Self::Cve,
        Self::NetworkDown,
        Self::TwoThousand,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Everyday => "everyday",
            Self::FridayNight => "friday-night",
            Self::BigUpgrade => "big-upgrade",
            Self::Quiet => "quiet",
            Self::Cve => "cve",
            Self::NetworkDown => "network-down",
            Self::TwoThousand => "2000",
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Everyday => "an ordinary day, as it is now",
            Self::FridayNight => "Friday 23:40: a rollout outside its window is stuck, a disk fills up, approvals wait",
            Self::BigUpgrade => "Monday 16:58: the window opens in two minutes and everybody moves",
            Self::Quiet => "nothing fires, nothing waits, nothing is late",
            Self::Cve => "a hole is known, its patch is out, emergency maintenances are announced",
            Self::NetworkDown => "a third of the customers' networks can't be reached, by the ways networks fail",
            Self::TwoThousand => "two thousand installations",
        }
    }

    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// How many installations it has unless said otherwise.
    #[must_use]
    pub fn installations(self) -> usize {
        if self == Self::TwoThousand { 2000 } else { 32 }
    }

    /// How fast time runs unless said otherwise.
    #[must_use]
    pub fn speed(self) -> f64 {
        if self == Self::BigUpgrade { 60.0 } else { 1.0 }
    }

    /// The moment at which it is entered: the last one of its kind that is not after `now`.
    #[must_use]
    pub fn start(self, now: Moment) -> Moment {
        match self {
            Self::Everyday | Self::Quiet | Self::Cve | Self::NetworkDown | Self::TwoThousand => now,
            Self::FridayNight => last(Weekday::Fri, (23, 40), now),
            Self::BigUpgrade => last(Weekday::Mon, (16, 58), now),
        }
    }
}

/// The latest such wall-clock moment at home that is not after `now`.
fn last(weekday: Weekday, (hour, minute): (u32, u32), now: Moment) -> Moment {
    let today = day_of(now, HOME);
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    (0..8)
        .map(|back| today - TimeDelta::days(back))
        .filter(|day| day.weekday() == weekday)
        .map(|day| local(day.and_time(time), HOME))
        .find(|moment| *moment <= now)
        .unwrap_or(now)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_scenario() {
        for one in Scenario::ALL {
            assert_eq!(Scenario::named(one.name()), Some(one));
            assert!(!one.about().is_empty());
        }
        assert_eq!(Scenario::named("weekend"), None);
    }

    #[test]
    fn scenarios_with_an_hour_of_their_own_are_entered_at_it() {
        let now: Moment = "2026-11-21T08:00:00Z".parse().unwrap();
        for (scenario, start) in [
            (Scenario::Everyday, "2026-11-21T08:00:00Z"),
            (Scenario::FridayNight, "2026-11-20T22:40:00Z"),
            (Scenario::BigUpgrade, "2026-11-16T15:58:00Z"),
        ] {
            assert_eq!(scenario.start(now), start.parse::<Moment>().unwrap(), "{}", scenario.name());
        }
    }
}
