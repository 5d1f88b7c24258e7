use std::sync::Arc;

use proptest::prelude::*;

use super::context::{Around, in_context};
use super::merge::{Merged, merged};
use super::*;
use crate::domain::alert::AlertState::{Firing, Inhibited, Pending, Silenced};
use crate::domain::clock::Tz;
use crate::domain::fact::What;
use crate::domain::planned::MaintenanceKind;
use crate::domain::product::Catalog;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::rules::calendar::{Entry, EntryKind};
use crate::rules::fixture::{Spoken, acme, ago, alert, clean, evaluates, fires, now, said, told};

pub(crate) fn entry(kind: EntryKind, title: &str, start: Moment, end: Moment) -> Entry {
    Entry {
        kind,
        environment: None,
        whole_fleet: false,
        title: title.to_owned(),
        window: None,
        stream: None,
        maintenance_kind: (kind == EntryKind::Maintenance).then_some(MaintenanceKind::Regular),
        start,
        end: Some(end),
        zone: Tz::Europe__Berlin,
        announced_on: None,
        notice_days: None,
        notice_required: None,
        notice: None,
        announce_by: None,
        in_freeze: false,
        origin: "fleet file".to_owned(),
        basis: Basis::default(),
    }
}

fn merge(spoken: &[Spoken]) -> Vec<(String, AlertState, bool)> {
    let summary = |one: &Merged| (one.alert.name().to_owned(), one.state, one.basis.stale);
    merged(&acme(), &told(spoken)).iter().map(summary).collect()
}

fn in_state(by: &str, state: AlertState) -> Spoken {
    said(by, What::Alert(Arc::new(alert("Full", &[("pod", "a")], state))))
}

#[test]
fn the_same_alert_from_both_members_of_a_pair_is_one_and_active_wins() {
    let (a, b) = ("alertmanager[a]", "alertmanager[b]");
    for (one, other, state) in [
        (in_state(a, Firing), in_state(b, Firing), Firing),
        (in_state(a, Silenced), in_state(b, Firing), Firing),
        (in_state(a, Inhibited), in_state(b, Silenced), Silenced),
        (in_state(a, Firing).stale(), in_state(b, Silenced), Silenced), // who fell silent has no say
        (in_state(a, Inhibited), in_state("-/alertmanager", Firing), Firing), // one speaks for the whole installation
    ] {
        assert_eq!(merge(&[one, other]), [("Full".to_owned(), state, false)]);
    }
    assert_eq!(merge(&[in_state(a, Firing).stale()]), [("Full".to_owned(), Firing, true)]);
}

#[test]
fn equal_alerts_of_two_environments_are_two() {
    assert_eq!(merge(&[in_state("alertmanager", Firing), in_state("staging/alertmanager", Silenced)]).len(), 2);
}

#[test]
fn what_a_prometheus_says_is_known_by_the_labels_it_shows() {
    let managed = fires("alertmanager", "Full", &[("pod", "a"), ("cluster", "acme"), ("replica", "0")]);
    for (own, count) in [
        (evaluates("prometheus", "Full", &[("pod", "a")], Firing), 1),
        (evaluates("prometheus", "Full", &[("pod", "b")], Firing), 2),
        (evaluates("prometheus", "Full", &[("pod", "a"), ("zone", "1")], Firing), 2),
        (evaluates("staging/prometheus", "Full", &[("pod", "a")], Firing), 2),
        (evaluates("prometheus", "Slow", &[("pod", "a")], Pending), 2),
    ] {
        assert_eq!(merge(&[managed.clone(), own.clone()]).len(), count, "{own:?}");
    }
    // Both members of a pair of Prometheis are one as well, and pending is theirs alone to say.
    let twins = ["prometheus[a]", "prometheus[b]"].map(|by| evaluates(by, "Slow", &[], Pending));
    assert_eq!(merge(&twins), [("Slow".to_owned(), Pending, false)]);
}

#[test]
fn a_fresh_prometheus_vouches_for_what_a_silent_alertmanager_said_last() {
    let managed = fires("alertmanager", "Full", &[("pod", "a"), ("cluster", "acme")]).stale();
    let own = evaluates("prometheus", "Full", &[("pod", "a")], Firing);
    assert_eq!(merge(&[managed, own]), [("Full".to_owned(), Firing, false)]);
}

#[test]
fn an_alert_of_the_whole_installation_is_placed_by_its_labels() {
    for (labels, place) in [
        (vec![("environment", "staging")], Some("staging")),
        (vec![("env", "production")], Some("production")),
        (vec![("env", "elsewhere")], None),
        (vec![("namespace", "meshstack")], None), // both environments live in a namespace of that name
        (vec![], None),
    ] {
        let spoken = [fires("-/alertmanager", "Full", &labels)];
        let merged = merged(&acme(), &told(&spoken));
        assert_eq!(merged[0].environment.as_ref().map(EnvironmentName::as_str), place, "{labels:?}");
    }
}

#[test]
fn severities_are_translated_and_the_unknown_is_not_harmless() {
    for (label, severity) in [
        (Some("critical"), Severity::Critical),
        (Some("Page"), Severity::Critical),
        (Some("warning"), Severity::Warning),
        (Some("major"), Severity::Warning),
        (None, Severity::Warning),
        (Some("info"), Severity::Info),
        (Some("none"), Severity::Info),
    ] {
        assert_eq!(Severity::of_label(label), severity, "{label:?}");
    }
}

struct Scene {
    calendar: Vec<Entry>,
    starts: Vec<(EnvironmentName, Version, Moment)>,
    incidents: Vec<String>,
    silences: Vec<Arc<Silence>>,
    turns: AlertTurns,
    managed: bool,
}

impl Scene {
    fn empty() -> Self {
        Self {
            calendar: vec![],
            starts: vec![],
            incidents: vec![],
            silences: vec![],
            turns: AlertTurns::new(),
            managed: true,
        }
    }

    fn explain(&self, spoken: &Spoken) -> AlertInContext {
        let catalog = Catalog::default();
        let around = Around {
            at: now(),
            calendar: &self.calendar,
            starts: &self.starts,
            incidents: &self.incidents,
            silences: &self.silences,
            turns: Some(&self.turns),
            catalog: &catalog,
            managed: self.managed,
        };
        in_context(merged(&acme(), &told(std::slice::from_ref(spoken))), &around).remove(0)
    }
}

#[test]
fn work_explains_an_alert_and_unannounced_work_is_raised() {
    let full = fires("alertmanager", "Full", &[]);
    let mut scene = Scene::empty();
    assert!(scene.explain(&full).context.is_empty());
    let mut work = entry(EntryKind::Maintenance, "Q4", ago(30), ago(-30));
    scene.calendar = vec![work.clone()];
    let seen = scene.explain(&full);
    assert!(seen.unannounced);
    assert_eq!(seen.context, ["maintenance Q4 was not announced"]);
    work.announced_on = Some("2026-11-01".parse().unwrap());
    scene.calendar = vec![work.clone(), entry(EntryKind::Window, "thursday", ago(30), ago(-30))];
    let seen = scene.explain(&full);
    assert!(!seen.unannounced);
    assert_eq!(seen.context, ["in maintenance Q4", "in window thursday"]);
    // Over, ahead, or elsewhere, it explains nothing.
    let elsewhere = Entry { environment: Some("staging".into()), ..work.clone() };
    let over = entry(EntryKind::Maintenance, "Q3", ago(90), now());
    let ahead = entry(EntryKind::Maintenance, "Q1", ago(-1), ago(-90));
    scene.calendar = vec![elsewhere, over, ahead];
    assert!(scene.explain(&full).context.is_empty());
}

#[test]
fn a_rollout_explains_what_began_within_half_an_hour_of_its_start() {
    let full = fires("alertmanager", "Full", &[]); // since 11 minutes
    let version = Version::read(Scheme::Calver, "2026.41.0");
    for (place, start, words) in [
        ("production", 19, Some("8 min after 2026.41.0 began to roll")),
        ("production", 41, Some("30 min after 2026.41.0 began to roll")),
        ("production", 42, None),
        ("production", 10, None),
        ("staging", 19, None),
    ] {
        let scene = Scene { starts: vec![(place.into(), version.clone(), ago(start))], ..Scene::empty() };
        assert_eq!(scene.explain(&full).context.first().map(String::as_str), words, "{place} {start}");
    }
}

#[test]
fn flapping_is_three_changes_within_an_hour() {
    let full = fires("alertmanager", "Full", &[]);
    let What::Alert(alert) = &full.what else { unreachable!() };
    for (turns, flaps) in [(vec![59, 30, 1], true), (vec![60, 30, 1], false), (vec![30, 1], false)] {
        let turns = turns.into_iter().map(ago).collect();
        let scene = Scene { turns: AlertTurns::from([(alert.fingerprint.to_string(), turns)]), ..Scene::empty() };
        assert_eq!(!scene.explain(&full).context.is_empty(), flaps);
    }
}

#[test]
fn silences_inhibitions_incidents_and_missing_alertmanagers_are_said() {
    let silence = |id: &str, ends| {
        let text = clean("for a while");
        Arc::new(Silence {
            id: clean(id),
            matchers: vec![],
            created_by: clean("ann"),
            comment: text,
            starts: ago(60),
            ends,
        })
    };
    let scene = Scene { silences: vec![silence("s1", ago(-90)), silence("s2", ago(-200))], ..Scene::empty() };
    let mut silenced = alert("Full", &[], Silenced);
    silenced.silenced_by = vec![clean("s1")];
    let seen = scene.explain(&said("alertmanager", What::Alert(Arc::new(silenced))));
    assert_eq!(seen.silenced_until, Some(ago(-90)));
    assert_eq!(seen.context, ["silenced for 1 h 30 more"]);
    assert_eq!(scene.explain(&in_state("alertmanager", Inhibited)).context, ["inhibited by another alert"]);
    let own = evaluates("prometheus", "Full", &[], Firing);
    assert_eq!(scene.explain(&own).context, ["not seen at an Alertmanager"]);
    assert!(Scene { managed: false, ..Scene::empty() }.explain(&own).context.is_empty());
    let scene = Scene { incidents: vec!["Quay: pulls fail".to_owned()], ..Scene::empty() };
    assert_eq!(scene.explain(&own).context[1], "upstream incident: Quay: pulls fail");
}

#[test]
fn the_count_knows_severities_and_leaves_out_the_watchdog_and_what_is_for_machines() {
    let spoken = [
        fires("alertmanager", "Watchdog", &[("severity", "critical")]),
        fires("alertmanager", "InfoInhibitor", &[("severity", "none")]),
        fires("alertmanager", "Full", &[("severity", "critical")]),
        fires("alertmanager", "Slow", &[]),
        fires("alertmanager", "Hint", &[("severity", "info")]),
        in_state("alertmanager", Silenced),
        evaluates("prometheus", "Soon", &[("severity", "critical")], Pending),
    ];
    let scene = Scene::empty();
    let alerts: Vec<AlertInContext> = spoken.iter().map(|one| scene.explain(one)).collect();
    let counted = AlertCount { critical: 1, warning: 1, info: 1, silenced: 1 };
    assert_eq!(count(&alerts, Some("Watchdog")), counted);
    assert_eq!(count(&alerts, None).critical, 2);
}

#[test]
fn the_stream_is_the_labels_own() {
    let of = |labels: &[(&str, &str)], name: &str| Scene::empty().explain(&fires("alertmanager", name, labels)).stream;
    assert_eq!(of(&[("stream", "backup")], "Full"), Some(Stream::Backup));
    assert_eq!(of(&[("stream", "nonsense")], "KubePodCrashLooping"), Some(Stream::Infrastructure));
    assert_eq!(of(&[], "Full"), None);
}

proptest! {
    #[test]
    fn the_order_in_which_alerts_are_told_does_not_matter(
        picks in prop::collection::vec((0usize..4, 0usize..3, 0usize..4, any::<bool>()), 0..12),
        seed in any::<u64>(),
    ) {
        let by = ["alertmanager[a]", "alertmanager[b]", "-/alertmanager", "staging/alertmanager"];
        let states = [Firing, Silenced, Inhibited, Pending];
        let mut spoken: Vec<Spoken> = picks
            .iter()
            .map(|(who, name, state, stale)| {
                let name = ["Full", "Slow", "Gone"][*name];
                let one = said(by[*who], What::Alert(Arc::new(alert(name, &[], states[*state]))));
                if *stale { one.stale() } else { one }
            })
            .collect();
        // One source says one thing about one alert.
        spoken.sort_by_key(|one| (one.source.clone(), format!("{:?}", one.what)));
        spoken.dedup_by_key(|one| {
            let What::Alert(alert) = &one.what else { unreachable!() };
            (one.source.clone(), alert.fingerprint.clone())
        });
        let straight = merged(&acme(), &told(&spoken));
        let mut rng = fastrand::Rng::with_seed(seed);
        rng.shuffle(&mut spoken);
        prop_assert_eq!(straight, merged(&acme(), &told(&spoken)));
    }
}
