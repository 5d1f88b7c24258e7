use super::*;
use crate::demo::world::Setup;
use crate::demo::writes::Write;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn world(seed: u64, scenario: Scenario) -> World {
    World::new(Setup { seed, scenario, installations: 60, anchor: at("2026-11-20T22:40:00Z") })
}

fn everywhere(world: &World) -> impl Iterator<Item = (&Installation, &'static str)> {
    world.cast.iter().flat_map(|one| one.environments().iter().map(move |name| (one, *name)))
}

#[test]
fn versions_only_rise_and_rollouts_do_not_overlap() {
    let world = world(7, Scenario::Everyday);
    let now = at("2026-11-21T08:00:00Z");
    for (one, name) in everywhere(&world) {
        let course = course(&world, &Writes::default(), one, name, now);
        for pair in course.rollouts.windows(2) {
            let [a, b] = pair else { continue };
            assert!(a.end <= b.start, "{}/{name}: {} and {}", one.id, a.to.version, b.to.version);
            assert!(b.to.triple > b.from.triple, "{}/{name}", one.id);
        }
    }
}

#[test]
fn the_past_does_not_depend_on_when_one_looks() {
    let world = world(11, Scenario::Everyday);
    let (early, late) = (at("2026-11-19T16:30:00Z"), at("2026-12-10T12:00:00Z"));
    for (one, name) in everywhere(&world) {
        let then = course(&world, &Writes::default(), one, name, early);
        let now = course(&world, &Writes::default(), one, name, late);
        assert!(now.rollouts.starts_with(&then.rollouts), "{}/{name}", one.id);
        assert!(now.offers.starts_with(&then.offers), "{}/{name}", one.id);
    }
}

#[test]
fn shared_installations_move_only_in_their_windows() {
    let world = world(7, Scenario::Everyday);
    let now = at("2026-11-21T08:00:00Z");
    for one in world.cast.iter().filter(|one| one.plan == Plan::Saas) {
        for rollout in course(&world, &Writes::default(), one, "production", now).rollouts {
            let opening = one.slot.next(rollout.start).unwrap();
            assert!(opening.start <= rollout.start, "{} started {} outside", one.id, rollout.start);
        }
    }
}

#[test]
fn some_rollouts_succeed_some_stick_and_some_fail() {
    let world = world(7, Scenario::Everyday);
    let now = at("2026-11-21T08:00:00Z");
    let all: Vec<_> = everywhere(&world)
        .flat_map(|(one, name)| course(&world, &Writes::default(), one, name, now).rollouts)
        .map(|rollout| rollout.ending)
        .collect();
    let stuck = all.iter().filter(|ending| matches!(ending, Ending::Sticks { .. })).count();
    let failed = all.iter().filter(|ending| matches!(ending, Ending::Fails { .. })).count();
    assert!(stuck > 10 && failed > 10 && stuck + failed < all.len() / 5, "{stuck} {failed} of {}", all.len());
}

#[test]
fn an_approval_lets_the_train_move_in_the_next_window() {
    let world = world(7, Scenario::Everyday);
    let now = at("2026-11-21T08:00:00Z");
    let later = at("2026-12-20T00:00:00Z");
    let umbrella = world.installation("umbrella").unwrap();
    let before = course(&world, &Writes::default(), umbrella, "production", now);
    let running = before.running(now).unwrap();
    let waiting = before
        .offers
        .iter()
        .rev()
        .find(|offer| {
            offer.approval.as_ref().is_none_or(|(when, _)| *when > now) && offer.release.triple > running.triple
        })
        .unwrap();
    let mut writes = Writes::default();
    let version = waiting.release.version.clone();
    writes.take(Write::Approve { installation: "umbrella".into(), version: version.clone(), who: "me".into() }, now);
    let after = course(&world, &writes, umbrella, "production", later);
    let moved = after.rollouts.iter().find(|rollout| rollout.to.version == version).unwrap();
    assert_eq!(moved.approval, Some((now, "me".to_owned())));
    assert!(umbrella.slot.next(now).unwrap().start <= moved.start && moved.start < now + TimeDelta::days(8));
}

#[test]
fn friday_night_has_a_rollout_that_stands_still() {
    let world = world(7, Scenario::FridayNight);
    let anchor = world.setup.anchor;
    let umbrella = world.installation("umbrella").unwrap();
    let course = course(&world, &Writes::default(), umbrella, "production", anchor);
    let current = course.current(anchor).unwrap();
    assert_eq!(current.standing(anchor), Some(anchor - TimeDelta::minutes(18)));
    assert!(current.outside && (0.4..0.5).contains(&current.progress(anchor)));
}

#[test]
fn a_hole_is_mended_everywhere_within_hours_where_nobody_has_to_approve() {
    let world = world(7, Scenario::Cve);
    let later = world.setup.anchor + TimeDelta::hours(8);
    let patch = world.vendor.known(later).iter().find(|release| release.security).unwrap();
    for one in world.cast.iter().filter(|one| one.plan == Plan::Saas) {
        let course = course(&world, &Writes::default(), one, "production", later);
        assert!(course.running(later).unwrap().triple >= patch.triple, "{}", one.id);
    }
}
