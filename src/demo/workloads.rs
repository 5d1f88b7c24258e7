//! The workloads of an environment and how they move while a version rolls through them.

use chrono::TimeDelta;

use super::cast::{Installation, Plan};
use super::course::{Course, DEADLINE, Rollout};
use super::glance::Glance;
use super::parts::{PARTS, Part};
use super::vendor::ARTIFACTS;
use crate::domain::clock::Moment;

/// One workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// `deployment`, `statefulset` or `daemonset`.
    pub kind: &'static str,
    /// Where it lives.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The product it belongs to.
    pub product: &'static str,
    /// Its image, with the tag that is wanted.
    pub image: String,
    /// The version that is wanted.
    pub version: String,
    /// The version that answers: the old one until the first new replica is there.
    pub answers: String,
    /// How many replicas there should be.
    pub desired: u32,
    /// How many of them are new.
    pub updated: u32,
    /// How many of the new ones work.
    pub available: u32,
    /// How often its template was changed.
    pub generation: i64,
    /// When it last moved.
    pub moved: Moment,
    /// Whether it has not moved for too long.
    pub overdue: bool,
}

impl Load {
    /// Whether every replica is new and works.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.updated == self.desired && self.available == self.desired
    }
}

/// The images of a release in the order in which they roll, with their replicas.
const ORDER: [u32; 4] = [3, 2, 2, 1];

/// The workloads of one environment.
#[must_use]
pub fn workloads(glance: &Glance<'_>, one: &Installation, environment: &str) -> Vec<Load> {
    let mut found = Vec::new();
    if one.plan != Plan::Paas {
        found.extend(platform(&glance.course(one, environment), one, glance.at));
    }
    // A shared cluster's parts belong to nobody's namespace.
    if one.plan != Plan::Saas {
        found.extend(parts(glance, one));
    }
    found
}

fn platform(course: &Course<'_>, one: &Installation, at: Moment) -> Vec<Load> {
    let Some(running) = course.running(at) else { return Vec::new() };
    let current = course.current(at).filter(|rollout| rollout.to.version != running.version);
    let generation = i64::try_from(course.rollouts.len()).unwrap_or_default() + 1;
    let whole: u32 = ORDER.iter().sum();
    let mut passed = 0;
    let mut found = Vec::new();
    for (artifact, desired) in ARTIFACTS.iter().zip(ORDER) {
        let name = artifact.rsplit('/').next().unwrap_or(artifact).to_owned();
        let mut load = Load {
            kind: "deployment",
            namespace: one.namespace(),
            name,
            product: super::vendor::PLATFORM,
            image: format!("registry.northwind.example/{artifact}:{}", running.version),
            version: running.version.clone(),
            answers: running.version.clone(),
            desired,
            updated: desired,
            available: desired,
            generation,
            moved: course.rollouts.last().map_or(at - TimeDelta::days(30), |rollout| rollout.end.min(at)),
            overdue: false,
        };
        if let Some(rollout) = current {
            move_on(&mut load, rollout, (passed, whole), at);
        }
        load.image = format!("registry.northwind.example/{artifact}:{}", load.version);
        passed += desired;
        found.push(load);
    }
    found
}

/// Moves a workload as far as its rollout is. The replicas of all workloads move one after the other.
fn move_on(load: &mut Load, rollout: &Rollout<'_>, (passed, whole): (u32, u32), at: Moment) {
    let reached = rollout.progress(at) * f64::from(whole);
    let standing = rollout.standing(at);
    let new = (0..load.desired).filter(|n| f64::from(passed + n) < reached).count();
    let up = (0..load.desired).filter(|n| f64::from(passed + n) + 0.6 < reached).count();
    let (new, up) = (u32::try_from(new).unwrap_or_default(), u32::try_from(up).unwrap_or_default());
    if new == 0 {
        return;
    }
    load.version.clone_from(&rollout.to.version);
    load.updated = new;
    // Where it stands still, the newest replica is the one that does not come up.
    let stands_here = standing.is_some() && new < load.desired;
    load.available = if stands_here { up.min(new.saturating_sub(1)) } else { up };
    if up > 0 {
        load.answers.clone_from(&rollout.to.version);
    }
    load.moved = standing.unwrap_or(at - TimeDelta::seconds(40));
    load.overdue = load.available < load.desired && standing.is_some_and(|since| at - since >= DEADLINE);
}

/// The parts of the platform that run at an installation.
#[must_use]
pub fn parts_of(one: &Installation) -> Vec<&'static Part> {
    let few = ["kubernetes", "mongodb", "cert-manager", "traefik", "grafana", "prometheus", "alertmanager", "loki"];
    PARTS
        .iter()
        .filter(|part| match one.plan {
            Plan::Paas => true,
            Plan::OnPrem => few.contains(&part.id),
            Plan::Saas => part.id == "kubernetes",
        })
        .collect()
}

fn parts(glance: &Glance<'_>, one: &Installation) -> Vec<Load> {
    let mut found = Vec::new();
    for part in parts_of(one) {
        let Some(runs) = glance.part(one, part) else { continue };
        let desired = match (part.workload, part.id) {
            ("daemonset", _) => glance.nodes(one),
            ("statefulset", "nexus") => 1,
            ("statefulset", _) => 3,
            _ => 2,
        };
        let new = runs.moving.map_or(desired, |share| (0..desired).filter(|n| below(*n, desired, share)).count_u32());
        let version = if new > 0 { runs.version.clone() } else { runs.before.clone() };
        let answers = if new == desired { runs.version.clone() } else { runs.before.clone() };
        found.push(Load {
            kind: part.workload,
            namespace: part.namespace.to_owned(),
            name: if part.id == "kubernetes" { "kube-proxy".to_owned() } else { part.id.to_owned() },
            product: part.id,
            image: format!("{}:{}{version}", part.image, part.prefix),
            version,
            answers,
            desired,
            updated: if new == 0 { desired } else { new },
            available: if new == 0 { desired } else { new },
            generation: runs.generation,
            moved: runs.since,
            overdue: false,
        });
    }
    found
}

fn below(n: u32, of: u32, share: f64) -> bool {
    f64::from(n) < share * f64::from(of)
}

trait Counted: Iterator {
    fn count_u32(self) -> u32;
}

impl<I: Iterator> Counted for I {
    fn count_u32(self) -> u32 {
        u32::try_from(self.count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::scenario::Scenario;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::Writes;

    #[test]
    fn numbers_move_up_during_a_rollout_and_never_beyond() {
        let anchor = "2026-11-16T15:58:00Z".parse().unwrap();
        let world = World::new(Setup { seed: 7, scenario: Scenario::BigUpgrade, installations: 40, anchor });
        let writes = Writes::default();
        let mut moved = 0;
        for one in world.cast.iter().filter(|one| one.plan == Plan::Saas) {
            let mut seen = Vec::new();
            for minute in 0..240 {
                let glance = Glance::of(&world, anchor + TimeDelta::minutes(minute), &writes);
                let loads = workloads(&glance, one, "production");
                assert!(loads.iter().all(|load| load.available <= load.updated && load.updated <= load.desired));
                seen.push(loads.iter().filter(|load| !load.is_done()).count());
            }
            moved += usize::from(seen.iter().any(|unfinished| *unfinished > 0));
        }
        assert!(moved > 10, "{moved} installations moved");
    }

    #[test]
    fn what_stands_still_for_ten_minutes_has_exceeded_its_deadline() {
        let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
        let world = World::new(Setup { seed: 7, scenario: Scenario::FridayNight, installations: 20, anchor });
        let writes = Writes::default();
        let overdue = |minutes| {
            let glance = Glance::of(&world, anchor + TimeDelta::minutes(minutes), &writes);
            workloads(&glance, world.installation("umbrella").unwrap(), "production")
                .iter()
                .filter(|load| load.overdue)
                .count()
        };
        assert_eq!((overdue(-10), overdue(0), overdue(110)), (0, 1, 0));
    }
}
