//! Alerts, signals, sources, incidents.

use super::*;

#[test]
fn alerts_press_by_severity_and_by_the_work_around_them() {
    let full = firing("Filling", "a", Severity::Critical);
    let worked = |context: &str, unannounced, severity| AlertInContext {
        context: vec![context.to_owned()],
        unannounced,
        ..firing("Filling", "a", severity)
    };
    for (alerts, says) in [
        (vec![full.clone()], Some("critical: Filling · data-mongodb-0 96 % () us alerts")),
        (
            vec![full.clone(), firing("Filling", "b", Severity::Warning)],
            Some("critical: Filling ×2 · data-mongodb-0 96 % () us alerts"),
        ),
        (
            vec![worked("in maintenance Q4", false, Severity::Critical)],
            Some("warning: Filling · data-mongodb-0 96 % (in maintenance Q4) us alerts"),
        ),
        (
            vec![worked("maintenance Q4 was not announced", true, Severity::Warning)],
            Some("critical: Filling · data-mongodb-0 96 % (maintenance Q4 was not announced) us alerts"),
        ),
        (vec![AlertInContext { state: AlertState::Silenced, ..full.clone() }], None),
        (vec![AlertInContext { state: AlertState::Inhibited, ..full.clone() }], None),
        (vec![AlertInContext { state: AlertState::Pending, ..full }], None),
        (vec![firing("Watchdog", "a", Severity::Info)], None),
    ] {
        let said = Scene { alerts, ..Scene::default() }.said();
        assert_eq!(said.first().map(String::as_str), says);
        assert!(said.len() < 2);
    }
}

#[test]
fn signals_that_break_a_promise_are_said() {
    let signal = |signal, state, value: Option<&str>| Signal {
        environment: None,
        stream: Stream::Security,
        signal,
        name: "panel".to_owned(),
        state,
        value: value.map(str::to_owned),
        limit: None,
        at: None,
        detail: "why".to_owned(),
        basis: Basis::default(),
    };
    let ending =
        |state, minutes: i64| Signal { at: Some(ago(-minutes)), ..signal("certificate", state, Some("its rest")) };
    for (signal, says) in [
        (ending(Level::Critical, -24 * 60), Some("critical: certificate panel has ended")),
        (ending(Level::Critical, 6 * 24 * 60), Some("critical: certificate panel ends")),
        (ending(Level::Warning, 20 * 24 * 60), Some("warning: certificate panel ends")),
        // Nobody trusts it, or it is not renewed: that is for the reason to say.
        (ending(Level::Warning, 60 * 24 * 60), Some("warning: certificate panel")),
        (signal("backup", Level::Warning, Some("2 d ago")), Some("warning: backup panel: last good one 2 d ago")),
        (signal("backup", Level::Critical, None), Some("critical: backup panel: no good one")),
        (signal("config", Level::Critical, Some("abc")), Some("critical: config panel: abc")),
        (signal("slo", Level::Critical, Some("99 %")), Some("warning: slo panel: 99 %")),
        (signal("vulnerabilities", Level::Critical, Some("3 critical")), None),
        (ending(Level::Ok, 60 * 24 * 60), None),
        (signal("backup", Level::Unknown, None), None),
    ] {
        let said = Scene { assurance: vec![signal], ..Scene::default() }.said();
        assert_eq!(said.first().cloned(), says.map(|says| format!("{says} (why) us assurance")));
    }
}

#[test]
fn one_certificate_that_many_tell_is_one_item() {
    let ends = |name: &str, at: &str| Signal {
        environment: None,
        stream: Stream::Security,
        signal: "certificate",
        name: name.to_owned(),
        state: Level::Critical,
        value: Some("6 d left".to_owned()),
        limit: None,
        at: Some(at.parse().unwrap()),
        detail: String::new(),
        basis: Basis::default(),
    };
    let assurance = vec![
        ends("meshstack/panel-tls", "2026-11-27T10:00:00Z"),
        ends("panel.acme.example:443", "2026-11-27T10:00:00Z"),
        ends("vpn.acme.example:443", "2026-11-27T11:00:00Z"),
    ];
    let said = Scene { assurance, ..Scene::default() }.said();
    assert_eq!(
        said,
        [
            "critical: certificate meshstack/panel-tls ends (certificate panel.acme.example:443 ends) us assurance",
            "critical: certificate vpn.acme.example:443 ends () us assurance",
        ]
    );
}

#[test]
fn sources_of_one_installation_that_do_not_answer_are_one_item() {
    let all = |did: fn() -> Did| {
        Sources::new([("prometheus", did()), ("alertmanager", did()), ("loki", Did::Answered), ("oci", Did::Answered)])
    };
    let failed = || Did::Failed(unreachable());
    for (sources, pulse, says) in [
        (all(|| Did::Answered), Pulse::Beating, None),
        (all(|| Did::Nothing), Pulse::Unheard, None),
        (
            Sources::new([("prometheus", Did::Answered), ("loki", failed())]),
            Pulse::Beating,
            Some(
                "warning: loki does not answer (unreachable: connection refused; last good answer 6 min ago) us sources",
            ),
        ),
        (
            all(|| Did::Failed(unreachable())),
            Pulse::Deaf,
            Some(
                "critical: monitoring does not answer · 2 of 4 sources do not answer \
                 (prometheus: unreachable: connection refused; last good answer 6 min ago) us sources",
            ),
        ),
        (
            Sources::new([
                ("gitlab", Did::Failed(Fault::Limited { until: None })),
                ("loki", failed()),
                ("oci", Did::Answered),
            ]),
            Pulse::Unwatched,
            Some(
                "warning: 2 of 3 sources do not answer \
                 (loki: unreachable: connection refused; last good answer 6 min ago) us sources",
            ),
        ),
        (
            Sources::new([("gitlab", Did::FellSilent(7)), ("loki", Did::FellSilent(9))]),
            Pulse::Unwatched,
            // Nobody tried them since: they may answer at once.
            Some(
                "warning: 2 of 2 sources were not heard from lately (loki: no new answer; last good answer 9 min ago) us sources",
            ),
        ),
    ] {
        let scene = Scene { pulses: vec![pulse, Pulse::Unwatched], ..Scene::default() };
        let said: Vec<String> = scene.items(&sources).iter().map(show).collect();
        assert_eq!(said.first().map(String::as_str), says);
        assert!(said.len() < 2);
    }
}

#[test]
fn a_missing_watchdog_is_said_where_monitoring_answers() {
    let scene = Scene { pulses: vec![Pulse::Missing, Pulse::Unwatched], ..Scene::default() };
    let why = "the alert that always fires does not: silence from monitoring is not health";
    assert_eq!(scene.said(), [format!("critical: Watchdog is missing ({why}) us alerts")]);
}

#[test]
fn an_incident_is_said_once_for_the_whole_fleet() {
    let incident = |level, resolved| Incident {
        id: clean("i1"),
        name: clean("pulls fail"),
        said: clean("investigating"),
        resolved,
        level,
        impact: clean("major"),
        started: Some(ago(30)),
        ended: None,
        updated: None,
        components: vec![clean("Registry")],
        url: None,
    };
    for (level, resolved, own, says) in [
        (Level::Critical, false, false, Some("critical: Quay: pulls fail (investigating · Registry) upstream status")),
        (Level::Unknown, false, false, Some("warning: Quay: pulls fail (investigating · Registry) upstream status")),
        (Level::Warning, false, true, Some("warning: Quay: pulls fail (investigating · Registry) us status")),
        (Level::Critical, true, false, None),
    ] {
        let incident = incident(level, resolved);
        let open = OpenIncident { page: "Quay", own, incident: &incident, basis: Basis::default() };
        let items = of_fleet(&[], &[open.clone(), open], now());
        assert_eq!(items.iter().map(show).next().as_deref(), says);
        assert!(items.len() < 2);
    }
}
