//! What is said of a gate while it is waited for.

use super::*;

#[test]
fn a_waiting_station_says_at_which_gate_it_waits_and_with_whom() {
    for (kind, name, place, needs, says) in [
        ("gate", "approve", Some("acme/gates"), &[][..], "with the customer for 5 d at gate approve in acme/gates"),
        (
            "gitlab-job",
            "deploy:production",
            Some("ops/rollout"),
            &["Maintainers"],
            "with us for 5 d at job deploy:production in ops/rollout, needs Maintainers",
        ),
        (
            "gitlab-approval",
            "deployment approval",
            None,
            &["Change board", "2 of Maintainers"],
            "with the customer for 5 d at the deployment approval, needs Change board, 2 of Maintainers",
        ),
        (
            "gitlab-approval",
            "deployment approval",
            None,
            &["2 of Maintainers"],
            "with us for 5 d at the deployment approval, needs 2 of Maintainers",
        ),
        (
            "github-review",
            "production",
            Some("acme/shop"),
            &["vendor-ops"],
            "with us for 5 d at the review of production in acme/shop, needs vendor-ops",
        ),
        (
            "concourse-job",
            "approve",
            Some("pipeline rollout"),
            &[],
            "with the customer for 5 d at job approve in pipeline rollout",
        ),
    ] {
        let Spoken { what: What::Gate(gate), .. } = gate(name, GateState::Waiting) else { unreachable!() };
        let waits_for = needs.iter().copied().map(clean).collect();
        let gate = Gate { kind: clean(kind), place: place.map(clean), waits_for, ..*gate };
        let scene = Scene::new().with(delivered()).with([said("gate", What::Gate(Box::new(gate)))]);
        assert_eq!(scene.line().2, format!("approved: {says}"));
    }
}
