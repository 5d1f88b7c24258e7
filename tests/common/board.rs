//! A fleet by hand: rows as they would be judged on Saturday 21 November 2026, 02:17 in Berlin.

mod watch;
mod way;

use std::sync::Arc;

use chrono::TimeDelta;
use quarterdeck::domain::clock::{Day, Moment, Tz};
use quarterdeck::domain::id::InstallationId;
use quarterdeck::domain::level::Level;
use quarterdeck::domain::scheme::Scheme;
use quarterdeck::rules::alert::{AlertCount, Severity};
use quarterdeck::rules::calendar::Span;
use quarterdeck::rules::drift::DriftKind;
use quarterdeck::rules::hearing::Basis;
use quarterdeck::rules::lifecycle::LifeState;
use quarterdeck::rules::rollout::RolloutState;
use quarterdeck::views::board::{Board, Header, SourceCount};
use quarterdeck::views::lens::Zones;
use quarterdeck::views::rows::{Rows, View};
use quarterdeck::views::{Views, attention, drift, fleet, lifecycle};

/// The names of the first installations; more are numbered.
const NAMES: &[(&str, &str)] = &[
    ("acme", "on-prem"),
    ("globex", "saas"),
    ("initech", "paas"),
    ("umbrella", "on-prem"),
    ("hooli", "saas"),
    ("vehement", "saas"),
    ("stark-industries", "on-prem"),
    ("wayne", "paas"),
    ("tyrell", "saas"),
    ("cyberdyne", "on-prem"),
    ("soylent", "saas"),
    ("massive-dynamic", "paas"),
];

/// The time of all verdicts.
pub fn now() -> Moment {
    "2026-11-21T01:17:00Z".parse().unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn ago(minutes: i64) -> Moment {
    now() - TimeDelta::minutes(minutes)
}

fn basis(stale: bool) -> Basis {
    Basis {
        observed_at: Some(ago(if stale { 47 } else { 1 })),
        stale,
        source: Some("acme/production:prometheus".into()),
    }
}

fn rows<R: View>(all: Vec<R>) -> Rows<R> {
    Rows::new([Arc::new(all)])
}

/// How the board's sources do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// All is heard.
    Full,
    /// Nobody was asked yet.
    Loading,
    /// Nobody answers.
    Failing,
    /// Everybody answers that we may not know.
    Forbidden,
    /// All that was heard is old.
    Stale,
    /// There is nothing.
    Empty,
}

/// A board of so many installations.
pub fn board(mood: Mood, installations: usize) -> Board {
    let n = if matches!(mood, Mood::Full | Mood::Stale) { installations } else { 0 };
    let stale = mood == Mood::Stale;
    let sources = match mood {
        Mood::Full => SourceCount { ok: 5 * n.saturating_sub(1), stale: 1, failing: 4, never: 0 },
        Mood::Loading => SourceCount { never: 60, ..SourceCount::default() },
        Mood::Failing | Mood::Forbidden => SourceCount { failing: 60, ..SourceCount::default() },
        Mood::Stale => SourceCount { stale: 5 * n, ..SourceCount::default() },
        Mood::Empty => SourceCount::default(),
    };
    let header = Header {
        fleet: "northwind".to_owned(),
        access: "read-only".to_owned(),
        visible: None,
        judged_at: now(),
        zones: Arc::new(Zones { fleet: Tz::Europe__Berlin, installations: Default::default() }),
        sources,
        installations,
        environments: 2 * installations,
    };
    let each = |n| (0..n).map(|k| (k, id(k)));
    let views = Views {
        attention: rows(if n == 0 { Vec::new() } else { attention_rows() }),
        fleet: rows(each(n).map(|(k, id)| fleet_row(k, id, stale)).collect()),
        drift: rows(each(n).flat_map(|(k, id)| drift_rows(k, &id, stale)).collect()),
        lifecycle: rows(each(n).flat_map(|(k, id)| life_rows(k, &id, stale)).collect()),
        calendar: rows(way::calendar_rows(n)),
        rollouts: rows(each(n).map(|(k, id)| way::rollout_row(k, id, stale)).collect()),
        readiness: rows(each(n).map(|(k, id)| way::readiness_row(k, id)).collect()),
        alerts: rows(each(n).flat_map(|(k, id)| watch::alert_rows(k, &id, stale)).collect()),
        silences: rows(each(n).flat_map(|(k, id)| watch::silence_rows(k, &id, stale)).collect()),
        logs: rows((0..n * 4).map(|k| watch::log_row(k, id(k % n.max(1)))).collect()),
        status: rows(if n == 0 { Vec::new() } else { watch::status_rows(stale) }),
        assurance: rows(each(n).flat_map(|(k, id)| watch::assurance_rows(k, &id, stale)).collect()),
        sources: rows(match mood {
            Mood::Full | Mood::Stale => each(n).flat_map(|(k, id)| watch::source_rows(k, &id, stale)).collect(),
            Mood::Loading => watch::silent_rows(&["", ""]),
            Mood::Failing => watch::silent_rows(&[
                "unreachable: connection refused",
                "is the address right, and the VPN or tunnel to this customer up?",
            ]),
            Mood::Forbidden => watch::silent_rows(&[
                "forbidden (403): alerts is forbidden: User \"viewer\" cannot list resource \"pods\"",
                "grant this credential the right to read",
            ]),
            Mood::Empty => Vec::new(),
        }),
    };
    Board::with(header, views)
}

/// What names beyond those are made of: customers are called by names, not by numbers.
const BEGINNINGS: [&str; 20] = [
    "argo", "baltic", "cobalt", "delta", "ember", "fjord", "gamma", "hansa", "indigo", "juno", "kepler", "lux",
    "meridian", "nord", "orion", "polar", "quanta", "rhein", "silva", "terra",
];
const ENDS: [&str; 20] = [
    "bank", "logistik", "pharma", "stahl", "hafen", "kraft", "netz", "invest", "rail", "werke", "energie", "chem",
    "foods", "media", "bau", "glas", "air", "optik", "papier", "textil",
];

fn id(n: usize) -> InstallationId {
    let Some(n) = n.checked_sub(NAMES.len()) else { return NAMES[n].0.into() };
    let name = format!("{}{}", BEGINNINGS[n % 20], ENDS[(n * 3 + n / 20) % 20]);
    if n < 400 { name.into() } else { format!("{name}-{}", n / 400 + 1).into() }
}

fn plan(n: usize) -> &'static str {
    NAMES.get(n).map_or(["saas", "paas", "on-prem"][n % 3], |(_, plan)| plan)
}

fn attention_rows() -> Vec<attention::Row> {
    let row = |severity, place: &str, what: &str, why: &str, since, deadline, view: &str| {
        let (installation, environment) = place.split_once('/').unwrap_or((place, ""));
        attention::Row {
            severity,
            installation: Some(installation.into()),
            environment: (!environment.is_empty()).then(|| environment.into()),
            what: what.into(),
            why: why.into(),
            since,
            deadline,
            who: "us".into(),
            view: view.into(),
            subject: String::new(),
            cause: what.into(),
        }
    };
    vec![
        row(
            Severity::Critical,
            "acme/production",
            "2026.41.0 stuck for 18 min",
            "deploy/meshfed-api 2 of 3 ready",
            Some(ago(18)),
            Some(ago(-42)),
            "rollouts",
        ),
        row(
            Severity::Critical,
            "globex/production",
            "KubePersistentVolumeFillingUp",
            "data-mongodb-0 96 %",
            Some(ago(11)),
            None,
            "alerts",
        ),
        row(
            Severity::Warning,
            "initech/production",
            "kubernetes 1.31 dies 12 d before you may touch it",
            "next window 2 Feb",
            None,
            Some(at("2026-12-03T22:59:59Z")),
            "lifecycle",
        ),
        row(
            Severity::Warning,
            "umbrella/production",
            "approval for 2026.41.0 is with the customer for 5 d",
            "",
            Some(ago(5 * 1440)),
            Some(at("2026-12-03T22:59:59Z")),
            "rollouts",
        ),
        row(
            Severity::Warning,
            "hooli",
            "Q1 maintenance not announced",
            "",
            None,
            Some(at("2026-11-24T22:59:59Z")),
            "calendar",
        ),
    ]
}

fn fleet_row(n: usize, id: InstallationId, stale: bool) -> fleet::Row {
    let health = match n {
        0 | 1 => Level::Critical,
        2 | 4 => Level::Warning,
        5 => Level::Unknown,
        _ if n % 37 == 36 => Level::Critical,
        _ if n % 11 == 10 => Level::Warning,
        _ => Level::Ok,
    };
    let behind = n % 3 == 0;
    let copy = |name: &str, running: &str, kind, life| fleet::Copy {
        name: name.into(),
        product: (plan(n) != "paas").then(|| "meshstack".into()),
        running: Some(running.to_owned()),
        target: Some("2026.41.0".to_owned()),
        drift: Some(kind),
        lifecycle: Some(life),
        health,
    };
    let production = if behind {
        copy("production", "2026.40.1", DriftKind::Minor, LifeState::Due)
    } else {
        copy("production", "2026.41.0", DriftKind::Current, LifeState::Supported)
    };
    let mut environments = vec![production];
    if n % 2 == 0 {
        environments.push(copy("staging", "2026.41.0", DriftKind::Current, LifeState::Supported));
    }
    let alerts = AlertCount {
        critical: u32::from(health == Level::Critical),
        warning: u32::try_from(n % 4).unwrap(),
        info: 0,
        silenced: 1,
    };
    fleet::Row {
        name: id.as_str().to_uppercase(),
        customer: id.as_str().into(),
        installation: id,
        plan: plan(n).into(),
        health,
        why: match n {
            0 => "2026.41.0 stuck for 18 min".into(),
            1 => "KubePersistentVolumeFillingUp".into(),
            2 => "kubernetes 1.31 ends before the next window".into(),
            4 => "Q1 maintenance not announced".into(),
            5 => "prometheus answers 401".into(),
            _ => String::new(),
        },
        alerts,
        alert_course: course(n, alerts),
        environments,
        parts: fleet::Parts { all: 17, behind: n % 5, exposed: usize::from(n == 2), unknown: 0 },
        next_window: match n {
            0 => Some(Span { name: "monday".into(), start: ago(90), end: ago(-42) }),
            3 => None,
            _ => {
                Some(Span { name: "monday".into(), start: at("2026-11-23T16:00:00Z"), end: at("2026-11-23T20:00:00Z") })
            }
        },
        rollout: Some(match n {
            0 => RolloutState::Stuck,
            3 => RolloutState::WaitingApproval,
            _ if behind => RolloutState::WaitingWindow,
            _ => RolloutState::Succeeded,
        }),
        rollout_progress: Some(0.6),
        days_left: behind.then(|| 12 - i64::try_from(n % 15).unwrap()),
        unreachable: usize::from(n == 5),
        observed_at: Some(ago(if stale { 47 } else { 1 })),
        stale,
    }
}

const PARTS: &[(&str, Scheme, &str, &str, DriftKind, u32)] = &[
    ("meshstack", Scheme::Calver, "2026.40.1", "2026.41.0", DriftKind::Minor, 1),
    ("kubernetes", Scheme::Kubernetes, "v1.31.4", "v1.33.2", DriftKind::Minor, 9),
    ("mongodb", Scheme::Semver, "6.0.19", "7.0.15", DriftKind::Major, 12),
    ("keycloak", Scheme::Semver, "26.0.7", "26.0.7", DriftKind::Current, 0),
    ("ingress-nginx", Scheme::Semver, "1.11.3", "1.11.3", DriftKind::Current, 0),
    ("rabbitmq", Scheme::Semver, "4.0.2", "4.0.4", DriftKind::Patch, 2),
    ("postgresql", Scheme::Semver, "18.0", "17.2", DriftKind::Ahead, 0),
    ("vault", Scheme::Semver, "", "1.18.3", DriftKind::Unknown, 0),
];

fn drift_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<drift::Row> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    PARTS
        .iter()
        .enumerate()
        .filter(|(k, _)| (n + k) % 7 != 6)
        .map(|(k, (component, scheme, running, target, kind, behind))| {
            let kept = (n + k) % 3 == 0 || *kind == DriftKind::Unknown;
            drift::Row {
                installation: id.clone(),
                environment: "production".into(),
                component: (*component).into(),
                scheme: *scheme,
                running: some(if kept { running } else { target }),
                target: some(target),
                latest: some(target),
                pinned: n % 9 == 8,
                drift: if kept { *kind } else { DriftKind::Current },
                releases_behind: Some(if kept { *behind } else { 0 }),
                days_behind: Some(if kept { i64::from(*behind) * 11 } else { 0 }),
                skew: (k == 0).then_some(1),
                disagreement: Vec::new(),
                basis: basis(stale),
            }
        })
        .collect()
}

fn life_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<lifecycle::Row> {
    let row = |component: &str, running: &str, state, eol: Option<&str>, deadline: Option<&str>| lifecycle::Row {
        installation: id.clone(),
        environment: "production".into(),
        component: component.into(),
        running: Some(running.to_owned()),
        lifecycle: if component == "meshstack" { "rolling" } else { "dated" }.to_owned(),
        state,
        line: None,
        eol_at: eol.map(day),
        no_date: false,
        deadline: deadline.map(day),
        days_left: deadline.or(eol).map(|end| (day(end) - day("2026-11-21")).num_days()),
        extended_until: None,
        next_window: Some(Span {
            name: "q1".into(),
            start: at("2027-02-02T19:00:00Z"),
            end: at("2027-02-02T23:00:00Z"),
        }),
        exposed: Some(false),
        suggest: None,
        hops: None,
        hops_fit: None,
        reason: None,
        data_taken: Some(day("2026-11-20")),
        basis: basis(stale),
    };
    let own = match n {
        0 => lifecycle::Row {
            extended_until: Some(day("2027-03-31")),
            ..row("meshstack", "2026.38.1", LifeState::Extended, Some("2026-10-07"), Some("2027-03-31"))
        },
        2 => lifecycle::Row {
            exposed: Some(true),
            ..row("meshstack", "2026.38.2", LifeState::Due, Some("2026-11-03"), Some("2026-12-03"))
        },
        6 => row("meshstack", "2026.36.0", LifeState::Expired, Some("2026-10-01"), Some("2026-11-07")),
        _ if n % 3 == 0 => row("meshstack", "2026.40.1", LifeState::Due, Some("2026-11-10"), Some("2026-12-10")),
        _ => row("meshstack", "2026.41.0", LifeState::Supported, None, None),
    };
    let kubernetes = if n % 4 == 2 {
        lifecycle::Row {
            exposed: Some(true),
            ..row("kubernetes", "v1.31.4", LifeState::SecurityOnly, Some("2027-01-14"), None)
        }
    } else {
        row("kubernetes", "v1.33.2", LifeState::Supported, Some("2027-06-28"), None)
    };
    let mongodb = row("mongodb", "6.0.19", LifeState::Supported, Some("2027-03-31"), None);
    let vault = lifecycle::Row {
        running: None,
        reason: Some("no source tells its version".into()),
        exposed: None,
        ..row("vault", "", LifeState::Unknown, None, None)
    };
    let mut all = vec![own, kubernetes, mongodb];
    if n % 5 == 1 {
        all.push(vault);
    }
    all
}

/// The same board with this text wherever text comes from outside.
pub fn told(board: &Board, text: &str) -> Board {
    let told = |rows: serde_json::Value| replaced(rows, text);
    macro_rules! each {
        ($($view:ident),*) => {
            Views {
                $($view: rows(
                    board.views.$view.iter()
                        .map(|row| serde_json::from_value(told(serde_json::to_value(row).unwrap())).unwrap())
                        .collect(),
                ),)*
            }
        };
    }
    let views = each!(
        attention, fleet, drift, lifecycle, calendar, rollouts, readiness, alerts, silences, logs, status, assurance,
        sources
    );
    Board::with(board.header.clone(), views)
}

/// The fields that hold text from outside.
const OUTSIDE: &[&str] = &[
    "installation",
    "environment",
    "component",
    "name",
    "customer",
    "plan",
    "why",
    "what",
    "title",
    "summary",
    "line",
    "detail",
    "message",
    "running",
    "target",
    "to",
    "from",
    "value",
    "limit",
    "error",
    "hint",
    "reason",
    "comment",
];

fn replaced(value: serde_json::Value, text: &str) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let is_station = fields.contains_key("at") && fields.contains_key("state") && fields.len() == 4;
            let fields = fields.into_iter().map(|(name, inner)| match inner {
                Value::String(_) if OUTSIDE.contains(&name.as_str()) && !(is_station && name == "name") => {
                    (name, Value::String(text.to_owned()))
                }
                inner => (name, replaced(inner, text)),
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| replaced(item, text)).collect()),
        other => other,
    }
}

/// A course of alerts for some, up to what there is now, with a hole in one of them; for others none is known yet.
fn course(n: usize, alerts: AlertCount) -> Vec<Option<u32>> {
    let now = alerts.critical + alerts.warning;
    match n % 4 {
        0 => [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, now, now].map(Some).to_vec(),
        1 => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, now, now].map(Some).to_vec(),
        2 => vec![Some(2), Some(2), Some(1), None, None, None, None, Some(1), Some(0), Some(0), Some(now), Some(now)],
        _ => Vec::new(),
    }
}
