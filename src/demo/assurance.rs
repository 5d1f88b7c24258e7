//! Certificates and backups: they age, are renewed and taken again, and sometimes they are not.

use chrono::{TimeDelta, TimeZone, Utc};

use super::cast::{Installation, Plan};
use super::glance::Glance;
use super::scenario::Scenario;
use super::world::World;
use super::writes::Fault;
use crate::domain::clock::Moment;

/// A certificate in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its name.
    pub name: &'static str,
    /// The host it is for.
    pub host: String,
    /// From when it is valid.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// When it is to be renewed.
    pub renewal: Moment,
    /// Since when renewing it fails.
    pub failing: Option<Moment>,
    /// How often it was issued.
    pub revision: i64,
}

/// The hosts of an environment.
const HOSTS: [&str; 3] = ["panel", "api", "registry"];
/// The gateway into a platform we run: its certificate is renewed by hand, and nobody's calendar has it.
const GATEWAY: &str = "vpn";

/// The certificates of an environment: ninety days, renewed after sixty, unless renewing fails.
#[must_use]
pub fn certificates(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Paper> {
    HOSTS
        .into_iter()
        .filter_map(|name| {
            let mut dice = glance.dice(&["certificate", &one.id, environment, name], 0);
            let stubborn = dice.chance(70) && glance.world.setup.scenario != Scenario::Quiet;
            let round = if stubborn { 91 } else { 60 };
            let seconds = round * 86_400;
            let shift = dice.within(0, seconds - 1);
            let number = (glance.at.timestamp() + shift).div_euclid(seconds);
            let from = Utc.timestamp_opt(number * seconds - shift, 0).single()?;
            let renewal = from + TimeDelta::days(60);
            let paper = Paper {
                name,
                host: host(one, environment, name),
                from,
                until: from + TimeDelta::days(90),
                renewal,
                failing: (stubborn && renewal <= glance.at).then_some(renewal),
                revision: number.rem_euclid(40) + 1,
            };
            Some(paper.laid_fault(glance, one, environment))
        })
        .collect()
}

impl Paper {
    /// Ended two days ago, where that is the fault that was laid on it.
    fn laid_fault(self, glance: &Glance<'_>, one: &Installation, environment: &str) -> Self {
        let path = format!("{}/{environment}/tls/{}", one.id, self.name);
        if glance.writes.fault(&path) != Some(Fault::Expired) {
            return self;
        }
        let until = glance.at - TimeDelta::days(2);
        let renewal = until - TimeDelta::days(30);
        Self { from: until - TimeDelta::days(90), until, renewal, failing: Some(renewal), ..self }
    }
}

/// What the hosts of an environment show to whoever connects.
#[must_use]
pub fn shown(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Paper> {
    let mut papers = certificates(glance, one, environment);
    if one.plan == Plan::Paas && environment == "production" {
        papers.extend(gateway(glance, one).map(|paper| paper.laid_fault(glance, one, environment)));
    }
    papers
}

/// A year and a few days, renewed once a year; where the fleet has a troubled one, it was forgotten.
fn gateway(glance: &Glance<'_>, one: &Installation) -> Option<Paper> {
    let World { setup, .. } = glance.world;
    let forgotten = match one.id.as_str() {
        _ if setup.scenario == Scenario::Quiet => None,
        "hooli" => Some(setup.anchor - TimeDelta::days(3)),
        "aperture" => Some(setup.anchor + TimeDelta::days(5)),
        _ => None,
    };
    let days = 400;
    let until = match forgotten {
        Some(until) => until,
        None => {
            let year = 365 * 86_400;
            let shift = glance.dice(&["gateway", &one.id], 0).within(0, year - 1);
            let number = (glance.at.timestamp() + shift).div_euclid(year);
            Utc.timestamp_opt(number * year - shift, 0).single()? + TimeDelta::days(days)
        }
    };
    let from = until - TimeDelta::days(days);
    Some(Paper {
        name: GATEWAY,
        host: host(one, "production", GATEWAY),
        from,
        until,
        renewal: until,
        failing: None,
        revision: 1,
    })
}

/// The name a host is asked for by.
#[must_use]
pub fn host(one: &Installation, environment: &str, name: &str) -> String {
    let prefix = if environment == "production" { String::new() } else { format!("{environment}.") };
    format!("{name}.{prefix}{}.example", one.id)
}

/// Whose host it is: the installation, the environment, and its name there.
#[must_use]
pub fn whose<'w>(world: &'w World, host: &str) -> Option<(&'w Installation, &'static str, &'static str)> {
    let parts: Vec<&str> = host.strip_suffix(".example")?.split('.').collect();
    let (name, environment, id) = match parts.as_slice() {
        [name, id] => (*name, "production", *id),
        [name, environment, id] => (*name, *environment, *id),
        _ => return None,
    };
    let one = world.installation(id)?;
    let environment = one.environments().iter().copied().find(|known| *known == environment)?;
    let name = HOSTS.into_iter().chain([GATEWAY]).find(|known| *known == name)?;
    Some((one, environment, name))
}

/// One backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its name.
    pub name: String,
    /// When it began.
    pub start: Moment,
    /// When it ended.
    pub end: Option<Moment>,
    /// `Completed`, `PartiallyFailed`, `Failed` or `InProgress`.
    pub phase: &'static str,
    /// How many things it holds.
    pub items: i64,
}

/// The daily backups of the last ten days, oldest first.
#[must_use]
pub fn backups(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Backup> {
    let today = glance.at.timestamp().div_euclid(86_400);
    (today - 9..=today).filter_map(|day| backup(glance, one, environment, day)).collect()
}

fn backup(glance: &Glance<'_>, one: &Installation, environment: &str, day: i64) -> Option<Backup> {
    let mut dice = glance.dice(&["backup", &one.id, environment], day);
    let quiet = glance.world.setup.scenario == Scenario::Quiet;
    // Some weeks at some places nothing is saved at all: the storage is full, or a credential ran out.
    let week = day.div_euclid(6);
    let out = !quiet && glance.dice(&["backup week", &one.id, environment], week).chance(35);
    let start = Utc.timestamp_opt(day * 86_400 + 3600 + dice.within(0, 40), 0).single()?;
    if start > glance.at {
        return None;
    }
    let end = start + TimeDelta::minutes(dice.within(4, 38));
    let phase = if glance.at < end {
        "InProgress"
    } else if out {
        "Failed"
    } else if !quiet && dice.chance(25) {
        "PartiallyFailed"
    } else {
        "Completed"
    };
    Some(Backup {
        name: format!("daily-{}", start.format("%Y%m%d%H%M%S")),
        start,
        end: (glance.at >= end).then_some(end),
        phase,
        items: 700 + dice.within(0, 400),
    })
}

/// When the last good backup began.
#[must_use]
pub fn last_good(backups: &[Backup]) -> Option<Moment> {
    backups.iter().rev().find(|backup| backup.phase == "Completed").map(|backup| backup.start)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::{Write, Writes};

    fn world(scenario: Scenario) -> World {
        let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
        World::new(Setup { seed: 7, scenario, installations: 80, anchor })
    }

    #[test]
    fn certificates_age_and_some_are_not_renewed() {
        let (world, writes) = (world(Scenario::Everyday), Writes::default());
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        let all: Vec<_> = world.cast.iter().flat_map(|one| certificates(&glance, one, "production")).collect();
        assert!(all.iter().all(|paper| paper.from <= glance.at && paper.until > paper.from));
        let failing = all.iter().filter(|paper| paper.failing.is_some()).count();
        assert!(failing > 0 && failing < all.len() / 10, "{failing} of {}", all.len());
        assert!(
            all.iter()
                .filter(|paper| paper.failing.is_none())
                .all(|paper| paper.until > glance.at + TimeDelta::days(29))
        );
    }

    #[test]
    fn a_fault_on_demand_ends_certificates_for_all_who_ask_about_them() {
        let (world, mut writes) = (world(Scenario::Quiet), Writes::default());
        let fault = Some(Fault::Expired);
        writes.take(Write::Fault { path: "acme/production".into(), fault }, world.setup.anchor);
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        let over = |id: &str, environment: &str| {
            let one = world.installation(id).unwrap();
            shown(&glance, one, environment).iter().filter(|paper| paper.until < glance.at).count()
        };
        assert_eq!((over("acme", "production"), over("acme", "staging"), over("initech", "production")), (3, 0, 0));
    }

    #[test]
    fn a_forgotten_gateway_is_shown_by_its_host() {
        let (world, writes) = (world(Scenario::Everyday), Writes::default());
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        let left = |host: &str| {
            let (one, environment, name) = whose(&world, host).unwrap();
            let paper = shown(&glance, one, environment).into_iter().find(|paper| paper.name == name).unwrap();
            assert_eq!(paper.host, host);
            (paper.until - glance.at).num_days()
        };
        assert_eq!((left("vpn.hooli.example"), left("vpn.aperture.example")), (-3, 5));
        assert!(left("vpn.initech.example") >= 34 && left("panel.staging.acme.example") > -2);
        for stranger in
            ["panel.acme.example.test", "door.acme.example", "panel.nobody.example", "panel.dev.acme.example"]
        {
            assert!(whose(&world, stranger).is_none(), "{stranger}");
        }
    }

    #[test]
    fn backups_are_taken_every_night_and_some_are_not_good() {
        let (world, writes) = (world(Scenario::Everyday), Writes::default());
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        let good = |one: &Installation| last_good(&backups(&glance, one, "production"));
        let late =
            world.cast.iter().filter(|one| good(one).is_none_or(|at| glance.at - at > TimeDelta::hours(26))).count();
        assert!(late > 0 && late < 20, "{late} of 80 late");
    }

    #[test]
    fn a_quiet_world_keeps_its_papers_in_order() {
        let (world, writes) = (world(Scenario::Quiet), Writes::default());
        let glance = Glance::of(&world, world.setup.anchor, &writes);
        for one in &world.cast {
            assert!(certificates(&glance, one, "production").iter().all(|paper| paper.failing.is_none()));
            assert!(backups(&glance, one, "production").iter().all(|backup| backup.phase == "Completed"));
        }
    }
}
