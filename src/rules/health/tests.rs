use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::alert::AlertState;
use crate::domain::fact::Health;
use crate::domain::workload::Node;
use crate::rules::alert::AlertTurns;
use crate::rules::alert::context::{Around, in_context};
use crate::rules::alert::merge::merged;
use crate::rules::fixture::{Did, Sources, Spoken, acme, alert, clean, fires, now, said, told, unreachable, workload};
use crate::rules::pulse::pulse;

fn feel(sources: &Sources, spoken: &[Spoken]) -> Felt {
    let acme = acme();
    let (tellers, told) = (sources.tellers(), told(spoken));
    let catalog = crate::domain::product::Catalog::default();
    let around = Around {
        at: now(),
        calendar: &[],
        starts: &[],
        incidents: &[],
        silences: &[],
        turns: None::<&AlertTurns>,
        catalog: &catalog,
        managed: true,
    };
    let alerts = in_context(merged(&acme, &told), &around);
    let environment = &acme.environments[0];
    of_environment(&Case {
        environment,
        pulse: pulse(&environment.name, Some("Watchdog"), &tellers, &told),
        watchdog: Some("Watchdog"),
        tellers: &tellers,
        told: &told,
        alerts: &alerts,
        rollouts: &[],
        at: now(),
    })
}

fn watched() -> Sources {
    Sources::new([("prometheus", Did::Answered), ("alertmanager", Did::Answered)])
}

fn beat() -> Spoken {
    fires("alertmanager", "Watchdog", &[("severity", "none")])
}

fn health(level: Level) -> Spoken {
    said("http", What::Health(Health { product: None, what: clean("panel"), level, detail: clean("") }))
}

#[test]
fn health_in_every_sentence() {
    let crash = |severity| fires("alertmanager", "Crash", &[("severity", severity)]);
    let silenced = said("alertmanager", What::Alert(Arc::new(alert("Crash", &[], AlertState::Silenced))));
    let node = |ready| {
        said(
            "kubernetes",
            What::Node(Node { name: clean("n1"), kubelet: None, system: None, ready, schedulable: true }),
        )
    };
    let load = |numbers| said("kubernetes", What::Workload(Box::new(workload("api", "2026.41.0", numbers))));
    for (spoken, level, why) in [
        (vec![beat()], Level::Ok, ""),
        (vec![], Level::Unknown, "Watchdog is missing"),
        (vec![beat().stale()], Level::Unknown, "Watchdog is missing"),
        (vec![beat(), crash("critical")], Level::Critical, "Crash"),
        (vec![beat(), crash("warning")], Level::Warning, "Crash"),
        (vec![beat(), crash("info")], Level::Ok, ""),
        (vec![beat(), silenced], Level::Ok, ""),
        (vec![beat(), health(Level::Ok)], Level::Ok, ""),
        (vec![beat(), health(Level::Unknown)], Level::Unknown, "panel: unknown"),
        (vec![beat(), health(Level::Ok).stale()], Level::Unknown, "panel: ok"),
        (vec![beat(), health(Level::Critical).stale()], Level::Critical, "panel: critical"),
        (vec![beat(), node(Some(true))], Level::Ok, ""),
        (vec![beat(), node(Some(false))], Level::Warning, "node n1 is not ready"),
        (vec![beat(), node(None)], Level::Warning, "node n1 is lost"),
        (vec![beat(), load((3, 3, 3))], Level::Ok, ""),
        (vec![beat(), load((1, 3, 3))], Level::Ok, ""), // it rolls
        (vec![beat(), load((1, 0, 3))], Level::Critical, "deploy/api has nothing ready"),
    ] {
        let felt = feel(&watched(), &spoken);
        assert_eq!((felt.level, felt.why.as_str()), (level, why), "{spoken:?}");
    }
}

#[test]
fn silence_is_not_health() {
    let prometheus = |did| Sources::new([("prometheus", did), ("gitlab", Did::Answered)]);
    for (sources, why) in [
        (Sources::new([]), "nobody tells"),
        (prometheus(Did::Nothing), "nothing was heard yet"),
        (prometheus(Did::FellSilent(6)), "last heard 6 min ago, monitoring does not answer"),
        (prometheus(Did::Failed(unreachable())), "last heard 6 min ago, monitoring does not answer"),
        (
            Sources::new([("prometheus", Did::Answered), ("loki", Did::Failed(unreachable()))]),
            "Watchdog is missing, loki does not answer",
        ),
    ] {
        assert_eq!(feel(&sources, &[]), Felt { level: Level::Unknown, why: why.to_owned() });
    }
    // Who only delivers may be away.
    let sources = Sources::new([("prometheus", Did::Answered), ("gitlab", Did::Failed(unreachable()))]);
    let beat = fires("prometheus", "Watchdog", &[]);
    assert_eq!(feel(&sources, &[beat]).level, Level::Ok);
}

#[test]
fn an_installation_feels_like_its_worst_environment() {
    let acme = acme();
    let ok = Felt { level: Level::Ok, why: String::new() };
    let bad = Felt { level: Level::Warning, why: "Crash".to_owned() };
    let pairs = |a, b| [(&acme.environments[0], a), (&acme.environments[1], b)];
    assert_eq!(of_installation(pairs(&ok, &ok)), ok);
    assert_eq!(of_installation(pairs(&ok, &bad)), Felt { why: "staging: Crash".to_owned(), ..bad.clone() });
    assert_eq!(of_installation([]).level, Level::Unknown);
}

proptest! {
    #[test]
    fn stale_facts_never_make_it_better(levels in prop::collection::vec(0usize..4, 1..5), which in 0usize..5) {
        let all = [Level::Ok, Level::Unknown, Level::Warning, Level::Critical];
        let mut spoken: Vec<Spoken> = levels.iter().map(|n| health(all[*n])).collect();
        spoken.push(beat());
        let fresh = feel(&watched(), &spoken);
        let which = which % spoken.len();
        spoken[which] = spoken[which].clone().stale();
        let stale = feel(&watched(), &spoken);
        prop_assert!(stale.level >= fresh.level);
        prop_assert!(stale.level != Level::Ok);
    }
}
