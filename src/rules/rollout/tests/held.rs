//! What does not move by design: held by persons, or passed over by a newer version.

use super::*;

#[test]
fn persons_and_newer_versions_hold_a_rollout() {
    let mut blocked = Scene::new();
    blocked.installation.terms.blocked = vec![version(V)];
    assert_eq!((blocked.line().1, blocked.line().2), (RolloutState::Held, "2026.41.0 is blocked".to_owned()));
    let mut pinned = Scene::new();
    pinned.component.pinned = true;
    pinned.component.drift.target = Some(version("2026.40.1"));
    assert_eq!((pinned.line().1, pinned.line().2), (RolloutState::Held, "pinned at 2026.40.1".to_owned()));

    let from_old = Scene::new().running("2026.38.1");
    let seen: Vec<(String, RolloutState)> =
        from_old.all().into_iter().map(|one| (one.to.text().to_owned(), one.state)).collect();
    // 2026.40.0 is older than a month, 2026.38.2 came after its successor: neither says anything any more.
    let expected = [(V, RolloutState::WaitingApproval), ("2026.40.1", RolloutState::Superseded)];
    assert_eq!(seen, expected.map(|(to, state)| (to.to_owned(), state)));
    assert_eq!(from_old.all()[1].why, "overtaken by 2026.41.0");
    assert!(from_old.all()[1].end_of_life && !from_old.all()[0].end_of_life);
    // What a delivery system cancelled because it was overtaken did not fail.
    let mut cancelled = Scene::new().running("2026.38.1");
    let What::Deployment(given_up) = deployment(PipelineState::Canceled, 600).what else { panic!("one") };
    let given_up = Deployment { version: Some(clean("2026.40.1")), ..*given_up };
    cancelled.spoken.push(said("gitlab", What::Deployment(Box::new(given_up))));
    let passed_over = cancelled.all().remove(1);
    assert_eq!(passed_over.state, RolloutState::Superseded);
    assert!(passed_over.stations.iter().all(|one| one.state != StationState::Failed), "{:?}", passed_over.stations);
    // One that moves nevertheless is not superseded: it is under way, of an end-of-life release.
    let mut nevertheless = Scene::new().running("2026.38.1");
    nevertheless.spoken.push(load("api", "2026.40.1", (1, 1, 4), 2));
    let moving = nevertheless.all().into_iter().find(|one| one.to.text() == "2026.40.1").unwrap();
    assert_eq!((moving.state, moving.end_of_life), (RolloutState::Running, true));
}
