//! Who is in the play: customers with their plans, places, windows and habits. Some by hand, as many more as are wanted.

use std::collections::BTreeSet;

use super::calendar::{LONDON, MONDAY, NEW_YORK, QUARTERLY, QUARTERLY_LATE, Slot, THURSDAY, ZURICH};
use super::dice::Dice;
use super::scenario::Scenario;

/// What was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Shared cluster, newest release in a weekly window.
    Saas,
    /// The customer's own place, with approvals.
    OnPrem,
    /// Vendor-run platform components, upgraded quarterly.
    Paas,
}

impl Plan {
    /// Its name in the fleet file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Saas => "saas",
            Self::OnPrem => "on-prem",
            Self::Paas => "paas",
        }
    }
}

/// Which system a customer's approvals live in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gatekeeper {
    /// A manual job in GitLab.
    GitLab,
    /// A job in Concourse with a gate repository.
    Concourse,
}

/// How a customer behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habit {
    /// The quickest and the slowest approval, in hours.
    pub approval: (i64, i64),
    /// How many of a thousand releases it passes over.
    pub skips: i64,
    /// How many of a thousand rollouts go wrong here.
    pub clumsy: i64,
    /// How many of a thousand three-hour spans bring some trouble.
    pub trouble: i64,
    /// Whether its books close at the end of the month and nothing may move.
    pub month_end: bool,
    /// Whether it pays for the long line.
    pub extended: bool,
    /// How many of a thousand of its parts are kept behind.
    pub lag: i64,
}

/// One customer's managed instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What was sold.
    pub plan: Plan,
    /// Where it runs.
    pub infrastructure: &'static str,
    /// Its zone.
    pub zone: &'static str,
    /// Its window.
    pub slot: &'static Slot,
    /// How it behaves.
    pub habit: Habit,
    /// Where approvals are given, on plans that have them.
    pub gatekeeper: Gatekeeper,
    /// Whether there is a staging environment.
    pub staging: bool,
    /// Whether and how its logs may be read.
    pub logs: &'static str,
}

impl Installation {
    /// The namespace the product lives in.
    #[must_use]
    pub fn namespace(&self) -> String {
        match self.plan {
            Plan::Saas => format!("mesh-{}", self.id),
            Plan::OnPrem | Plan::Paas => "meshstack".to_owned(),
        }
    }

    /// Its environments, production first.
    #[must_use]
    pub fn environments(&self) -> &'static [&'static str] {
        if self.staging { &["production", "staging"] } else { &["production"] }
    }
}

const EVEN: Habit =
    Habit { approval: (20, 90), skips: 250, clumsy: 50, trouble: 40, month_end: false, extended: false, lag: 120 };

type Part = (&'static str, &'static str, Plan, &'static str, &'static str, &'static Slot);

/// Those everybody knows.
#[rustfmt::skip]
const KNOWN: [Part; 20] = [
    ("acme",      "ACME Bank",          Plan::OnPrem, "aws",        "Europe/Zurich",    &ZURICH),
    ("globex",    "Globex",             Plan::Saas,   "gke",        "Europe/Berlin",    &MONDAY),
    ("initech",   "Initech",            Plan::Paas,   "openstack",  "Europe/Rome",      &QUARTERLY),
    ("umbrella",  "Umbrella Health",    Plan::OnPrem, "bare metal", "Europe/London",    &LONDON),
    ("hooli",     "Hooli",              Plan::Paas,   "openstack",  "Europe/Berlin",    &QUARTERLY_LATE),
    ("vehement",  "Vehement Capital",   Plan::Saas,   "gke",        "America/New_York", &THURSDAY),
    ("wayne",     "Wayne Enterprises",  Plan::OnPrem, "azure",      "America/New_York", &NEW_YORK),
    ("tyrell",    "Tyrell",             Plan::Saas,   "gke",        "Europe/Berlin",    &THURSDAY),
    ("soylent",   "Soylent Foods",      Plan::Paas,   "openstack",  "Europe/Rome",      &QUARTERLY),
    ("wonka",     "Wonka Industries",   Plan::Saas,   "gke",        "Europe/Zurich",    &MONDAY),
    ("stark",     "Stark Energie",      Plan::OnPrem, "openstack",  "Europe/Berlin",    &THURSDAY),
    ("cyberdyne", "Cyberdyne Systems",  Plan::Saas,   "gke",        "Europe/London",    &MONDAY),
    ("aperture",  "Aperture Science",   Plan::Paas,   "bare metal", "Europe/Rome",      &QUARTERLY_LATE),
    ("duff",      "Duff Logistics",     Plan::Saas,   "gke",        "Europe/Berlin",    &THURSDAY),
    ("monarch",   "Monarch Rail",       Plan::OnPrem, "gcp",        "Europe/Zurich",    &ZURICH),
    ("oscorp",    "Oscorp",             Plan::Saas,   "gke",        "Europe/Berlin",    &MONDAY),
    ("nakatomi",  "Nakatomi Trading",   Plan::Saas,   "gke",        "Asia/Tokyo",       &THURSDAY),
    ("weyland",   "Weyland Werke",      Plan::OnPrem, "bare metal", "Europe/Berlin",    &MONDAY),
    ("gringotts", "Gringotts Bank",     Plan::OnPrem, "openstack",  "Europe/London",    &LONDON),
    ("piedpiper", "Pied Piper",         Plan::Saas,   "gke",        "America/New_York", &MONDAY),
];

/// Everybody: the known ones first, then as many others as are wanted.
#[must_use]
pub fn everybody(seed: u64, scenario: Scenario, count: usize) -> Vec<Installation> {
    let mut taken = BTreeSet::new();
    (0..count)
        .map(|n| {
            let mut one = match KNOWN.get(n) {
                Some(part) => known(part),
                None => stranger(seed, i64::try_from(n).unwrap_or(i64::MAX)),
            };
            while !taken.insert(one.id.clone()) {
                one.id = format!("{}-{}", one.id, n % 97);
                one.name = format!("{} {}", one.name, n % 97);
            }
            set_the_stage(&mut one, scenario);
            one
        })
        .collect()
}

fn known(&(id, name, plan, infrastructure, zone, slot): &Part) -> Installation {
    let mut one = Installation {
        id: id.to_owned(),
        name: name.to_owned(),
        plan,
        infrastructure,
        zone,
        slot,
        habit: EVEN,
        gatekeeper: Gatekeeper::GitLab,
        staging: plan == Plan::OnPrem,
        logs: "standing",
    };
    match id {
        // A bank: careful, closes its books, pays for the long line, lends its logs.
        "acme" => {
            one.habit = Habit { approval: (60, 150), skips: 550, month_end: true, extended: true, ..EVEN };
            one.logs = "granted";
        }
        // Approves when it feels like it.
        "umbrella" => one.habit = Habit { approval: (200, 420), skips: 350, ..EVEN },
        // Keeps old things, and nobody announces its upgrades in time.
        "hooli" => one.habit = Habit { lag: 420, trouble: 110, ..EVEN },
        "aperture" => one.habit = Habit { lag: 350, clumsy: 90, trouble: 130, ..EVEN },
        // Something is always wrong here.
        "weyland" => one.habit = Habit { clumsy: 260, trouble: 200, ..EVEN },
        "gringotts" => {
            one.habit = Habit { approval: (120, 300), month_end: true, ..EVEN };
            one.gatekeeper = Gatekeeper::Concourse;
            one.logs = "none";
        }
        "stark" | "monarch" => one.gatekeeper = Gatekeeper::Concourse,
        // Quick: approves within the day.
        "wayne" => one.habit = Habit { approval: (2, 20), skips: 80, ..EVEN },
        _ => {}
    }
    one
}

const FRONT: [&str; 24] = [
    "Nord", "Alpen", "Rhein", "Baltic", "Iber", "Helve", "Adria", "Lux", "Hansa", "Vesta", "Orion", "Terra", "Quanta",
    "Silva", "Argo", "Cobalt", "Delta", "Ember", "Ferro", "Gala", "Juno", "Kepler", "Lumen", "Meridian",
];
const MIDDLE: [&str; 20] = [
    "bank",
    "versicherung",
    "netz",
    "rail",
    "medica",
    "kraft",
    "logistik",
    "pharma",
    "telco",
    "post",
    "chem",
    "auto",
    "luft",
    "stahl",
    "energia",
    "data",
    "care",
    "invest",
    "hafen",
    "labs",
];
const BACK: [&str; 6] = ["AG", "GmbH", "SpA", "SE", "plc", "NV"];

fn stranger(seed: u64, n: i64) -> Installation {
    let mut dice = Dice::of(seed, &["customer"], n);
    let front = dice.pick(&FRONT).copied().unwrap_or("Nord");
    let middle = dice.pick(&MIDDLE).copied().unwrap_or("bank");
    let back = dice.pick(&BACK).copied().unwrap_or("AG");
    let (plan, slots): (Plan, &[&'static Slot]) = match dice.within(0, 99) {
        0..=54 => (Plan::Saas, &[&MONDAY, &THURSDAY]),
        55..=84 => (Plan::OnPrem, &[&MONDAY, &THURSDAY, &ZURICH, &LONDON, &NEW_YORK]),
        _ => (Plan::Paas, &[&QUARTERLY, &QUARTERLY_LATE]),
    };
    let slot = dice.pick(slots).copied().unwrap_or(&MONDAY);
    let places = ["aws", "azure", "gcp", "openstack", "bare metal"];
    let infrastructure = if plan == Plan::Saas { "gke" } else { dice.pick(&places).copied().unwrap_or("aws") };
    let quick = dice.within(4, 90);
    Installation {
        id: format!("{front}{middle}").to_lowercase(),
        name: format!("{front}{middle} {back}"),
        plan,
        infrastructure,
        zone: slot.zone.name(),
        slot,
        habit: Habit {
            approval: (quick, quick + dice.within(10, 200)),
            skips: dice.within(50, 500),
            clumsy: dice.within(20, 90),
            trouble: dice.within(10, 45),
            month_end: dice.chance(80),
            extended: false,
            lag: dice.within(40, 220),
        },
        // Those who came late were moved to GitLab; a program started for every gate of a large fleet is no good neighbour.
        gatekeeper: if dice.chance(300) && n < 100 { Gatekeeper::Concourse } else { Gatekeeper::GitLab },
        staging: plan == Plan::OnPrem && dice.chance(850),
        logs: if dice.chance(850) { "standing" } else { "none" },
    }
}

/// What a scenario asks of those who play in it.
fn set_the_stage(one: &mut Installation, scenario: Scenario) {
    match scenario {
        Scenario::Quiet => {
            one.habit = Habit { approval: (1, 6), skips: 0, clumsy: 0, trouble: 0, lag: 0, ..one.habit.clone() };
        }
        Scenario::BigUpgrade if one.plan != Plan::Paas => {
            one.slot = &MONDAY;
            one.habit = Habit { approval: (1, 8), skips: 0, ..one.habit.clone() };
        }
        Scenario::Everyday
        | Scenario::FridayNight
        | Scenario::BigUpgrade
        | Scenario::Cve
        | Scenario::NetworkDown
        | Scenario::TwoThousand => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_fit_for_an_address() {
        let all = everybody(7, Scenario::TwoThousand, 2000);
        let ids: BTreeSet<_> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), 2000);
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
    }

    #[test]
    fn a_larger_fleet_keeps_the_smaller_ones() {
        let (few, many) = (everybody(7, Scenario::Everyday, 40), everybody(7, Scenario::Everyday, 400));
        assert!(many.starts_with(&few));
    }

    #[test]
    fn every_plan_is_played() {
        let all = everybody(7, Scenario::Everyday, 32);
        for plan in [Plan::Saas, Plan::OnPrem, Plan::Paas] {
            assert!(all.iter().filter(|one| one.plan == plan).count() >= 4, "{}", plan.name());
        }
    }
}
