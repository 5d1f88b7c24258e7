//! A fleet by hand: rows as they would be judged on Saturday 21 November 2026, 02:17 in Berlin.

use std::sync::Arc;

use chrono::{Days, TimeDelta};
use quarterdeck::domain::alert::AlertState;
use quarterdeck::domain::clock::{Day, Moment, Tz};
use quarterdeck::domain::delivery::{Job, PipelineState};
use quarterdeck::domain::id::InstallationId;
use quarterdeck::domain::level::Level;
use quarterdeck::domain::planned::Stream;
use quarterdeck::domain::scheme::Scheme;
use quarterdeck::domain::workload::WorkloadState;
use quarterdeck::rules::alert::{AlertCount, Severity};
use quarterdeck::rules::calendar::{EntryKind, Notice, Span};
use quarterdeck::rules::drift::DriftKind;
use quarterdeck::rules::hearing::Basis;
use quarterdeck::rules::lifecycle::LifeState;
use quarterdeck::rules::rollout::{RolloutState, StationName, StationState};
use quarterdeck::rules::standing::Standing;
use quarterdeck::text::clean::Clean;
use quarterdeck::views::board::{Board, Header, SourceCount};
use quarterdeck::views::lens::Zones;
use quarterdeck::views::rows::{Rows, View};
use quarterdeck::views::{
    Views, alerts, assurance, attention, calendar, drift, fleet, lifecycle, logs, readiness, rollouts, silences,
    sources, status,
};

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
        Mood::Failing => SourceCount { failing: 60, ..SourceCount::default() },
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
        calendar: rows(calendar_rows(n)),
        rollouts: rows(each(n).map(|(k, id)| rollout_row(k, id, stale)).collect()),
        readiness: rows(each(n).map(|(k, id)| readiness_row(k, id)).collect()),
        alerts: rows(each(n).flat_map(|(k, id)| alert_rows(k, &id, stale)).collect()),
        silences: rows(each(n.min(3)).map(|(k, id)| silence_row(k, id)).collect()),
        logs: rows((0..n * 4).map(|k| log_row(k, id(k % n.max(1)))).collect()),
        status: rows(if n == 0 { Vec::new() } else { status_rows() }),
        assurance: rows(each(n).flat_map(|(k, id)| assurance_rows(k, &id, stale)).collect()),
        sources: rows(each(n).flat_map(|(k, id)| source_rows(k, &id, stale)).collect()),
    };
    Board::with(header, views)
}

fn id(n: usize) -> InstallationId {
    NAMES.get(n).map_or_else(|| format!("customer-{n:03}").into(), |(name, _)| (*name).into())
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
        alerts: AlertCount {
            critical: u32::from(health == Level::Critical),
            warning: u32::try_from(n % 4).unwrap(),
            info: 0,
            silenced: 1,
        },
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

fn calendar_rows(n: usize) -> Vec<calendar::Row> {
    let row = |kind, installation: Option<InstallationId>, title: &str, start: Moment, hours: i64| calendar::Row {
        kind,
        installation,
        environment: None,
        title: title.to_owned(),
        stream: None,
        maintenance_kind: None,
        start,
        end: (hours > 0).then(|| start + TimeDelta::hours(hours)),
        zone: "Europe/Berlin".into(),
        announced_at: None,
        notice_days: None,
        notice_required: None,
        notice: None,
        announce_by: None,
        in_freeze: false,
        origin: "fleet file".into(),
        basis: Basis::default(),
    };
    if n == 0 {
        return Vec::new();
    }
    let mut all = Vec::new();
    let monday = at("2026-11-02T16:00:00Z");
    for week in 0..12 {
        for k in 0..n {
            let (title, offset) = if k % 2 == 0 { ("monday", 0) } else { ("thursday", 3) };
            let start = monday + Days::new(week * 7 + offset);
            let mut one = row(EntryKind::Window, Some(id(k)), title, start, 4);
            one.in_freeze = (day("2026-12-19")..=day("2027-01-06")).contains(&start.date_naive());
            all.push(one);
        }
    }
    all.push(row(EntryKind::Freeze, None, "end of the year", at("2026-12-18T23:00:00Z"), 19 * 24));
    let mut q1 = row(EntryKind::Maintenance, Some(id(4)), "Q1 platform upgrade", at("2026-12-08T19:00:00Z"), 4);
    q1.notice = Some(Notice::NotAnnounced);
    q1.announce_by = Some(day("2026-11-24"));
    all.push(q1);
    let mut told = row(EntryKind::Maintenance, Some(id(2)), "Ingress certificates", at("2026-11-25T06:00:00Z"), 2);
    told.notice = Some(Notice::Violation);
    told.notice_days = Some(9);
    told.notice_required = Some(14);
    all.push(told);
    all.push(row(EntryKind::AnnounceBy, Some(id(4)), "Q1 platform upgrade, last day", at("2026-11-23T23:00:00Z"), 0));
    all.push(row(EntryKind::Deadline, Some(id(3)), "meshstack 2026.40.1", at("2026-12-10T22:59:59Z"), 0));
    all
}

fn rollout_row(n: usize, id: InstallationId, stale: bool) -> rollouts::Row {
    use StationState::{Active, Ahead, Done, Failed, Skipped, Waiting};
    let (state, states, why) = match n {
        0 => (
            RolloutState::Stuck,
            [Done, Done, Done, Done, Done, Active, Ahead],
            "deploy/meshfed-api 2 of 3 ready for 18 min",
        ),
        3 => (
            RolloutState::WaitingApproval,
            [Done, Done, Done, Waiting, Ahead, Ahead, Ahead],
            "with the customer for 5 d",
        ),
        7 => (RolloutState::Failed, [Done, Done, Skipped, Skipped, Done, Failed, Ahead], "job migrate failed"),
        9 => (
            RolloutState::Held,
            [Done, Done, Done, Waiting, Ahead, Ahead, Ahead],
            "pinned to 2026.40.1 by the customer",
        ),
        4 => (RolloutState::Running, [Done, Done, Skipped, Skipped, Done, Active, Ahead], ""),
        _ if n % 3 == 0 => (RolloutState::WaitingWindow, [Done, Done, Done, Done, Waiting, Ahead, Ahead], "Mon 17:00"),
        _ => (RolloutState::Succeeded, [Done, Done, Skipped, Skipped, Done, Done, Done], ""),
    };
    let names = [
        StationName::Published,
        StationName::Delivered,
        StationName::Staging,
        StationName::Approved,
        StationName::Window,
        StationName::Rolling,
        StationName::Verified,
    ];
    let stations = names.into_iter().zip(states).enumerate().map(|(k, (name, state))| rollouts::Stop {
        name,
        state,
        at: (state == Done).then(|| ago(9000 - 1400 * i64::try_from(k).unwrap())),
        detail: if state == Waiting { why.to_owned() } else { String::new() },
    });
    let load = |k: usize, name: &str| {
        let updated = match state {
            RolloutState::Succeeded => 3,
            RolloutState::Stuck | RolloutState::Running | RolloutState::Failed => 3 - u32::try_from(k % 3).unwrap(),
            _ => 0,
        };
        rollouts::Load {
            kind: "deployment".into(),
            name: name.into(),
            desired: 3,
            updated,
            available: updated,
            state: if updated == 3 { WorkloadState::Done } else { WorkloadState::Waiting },
            message: if updated == 3 {
                "successfully rolled out".into()
            } else {
                format!("Waiting for rollout to finish: {updated} of 3 updated replicas are available...")
            },
        }
    };
    let names = ["meshfed-api", "panel-backend", "panel-frontend", "replicator", "unipipe"];
    let job = |name: &str, state| Job { name: Clean::line(name), stage: Clean::line("deploy"), state, url: None };
    rollouts::Row {
        installation: id,
        environment: "production".into(),
        product: "meshstack".into(),
        from: Some("2026.40.1".into()),
        to: if n % 8 == 5 { "2026.40.2" } else { "2026.41.0" }.into(),
        state,
        progress: Some(match state {
            RolloutState::Succeeded => 1.0,
            RolloutState::Stuck => 0.6,
            RolloutState::Running => 0.45,
            RolloutState::Failed => 0.2,
            _ => 0.0,
        }),
        stations: stations.collect(),
        workloads: names.into_iter().enumerate().map(|(k, name)| load(k, name)).collect(),
        gate: (n == 3).then(|| rollouts::GateCell {
            kind: "ticket".into(),
            name: "CHG-4711 approval of 2026.41.0".into(),
            who: Some("the customer".into()),
            since: Some(ago(5 * 1440)),
            url: Some("https://tickets.umbrella.example.test/CHG-4711".into()),
        }),
        pipeline: (n % 3 == 0).then(|| rollouts::PipelineCell {
            kind: "gitlab".into(),
            id: "88123".into(),
            url: Some("https://git.example.test/acme/deploy/-/pipelines/88123".into()),
            state: PipelineState::Running,
            jobs: vec![
                job("render", PipelineState::Succeeded),
                job("diff", PipelineState::Succeeded),
                job("apply", PipelineState::Running),
                job("verify", PipelineState::Pending),
            ],
        }),
        started_at: matches!(state, RolloutState::Stuck | RolloutState::Running | RolloutState::Succeeded)
            .then(|| ago(31)),
        finished_at: (state == RolloutState::Succeeded).then(|| ago(25)),
        eta: (state == RolloutState::Running).then(|| ago(-6)),
        outside_window: n == 4,
        in_freeze: false,
        end_of_life: false,
        soak_seconds: Some(3 * 86_400),
        why: why.to_owned(),
        basis: basis(stale),
    }
}

fn readiness_row(n: usize, id: InstallationId) -> readiness::Row {
    readiness::Row {
        installation: id,
        environment: "production".into(),
        product: "meshstack".into(),
        to: Some("2026.41.0".into()),
        may: n % 3 == 1,
        earliest: Some(at("2026-11-23T16:00:00Z")),
        blockers: Vec::new(),
        hints: Vec::new(),
        basis: basis(false),
    }
}

fn alert_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<alerts::Row> {
    let row = |name: &str, severity, summary: &str, state, minutes: i64| alerts::Row {
        installation: id.clone(),
        environment: Some("production".into()),
        name: name.to_owned(),
        severity,
        stream: Some("infrastructure".into()),
        summary: summary.to_owned(),
        labels: Default::default(),
        state,
        since: Some(ago(minutes)),
        silenced_until: None,
        context: Vec::new(),
        fingerprint: format!("{name}{id}"),
        url: None,
        basis: basis(stale),
    };
    let mut all = Vec::new();
    if n == 1 {
        all.push(row(
            "KubePersistentVolumeFillingUp",
            Severity::Critical,
            "data-mongodb-0 96 %",
            AlertState::Firing,
            11,
        ));
    }
    if n % 37 == 0 {
        all.push(row(
            "KubeDeploymentReplicasMismatch",
            Severity::Critical,
            "meshfed-api 2 of 3",
            AlertState::Firing,
            18,
        ));
    }
    if n % 4 == 1 {
        all.push(row("NodeClockSkew", Severity::Warning, "node-3 is 0.2 s off", AlertState::Firing, 190));
    }
    if n % 2 == 0 {
        all.push(row("CPUThrottlingHigh", Severity::Info, "panel-backend 31 %", AlertState::Firing, 2000));
    }
    if n % 6 == 3 {
        all.push(row("Watchdog", Severity::Warning, "under planned work", AlertState::Silenced, 60));
    }
    all
}

fn silence_row(n: usize, id: InstallationId) -> silences::Row {
    silences::Row {
        installation: id,
        id: format!("5d1c{n}"),
        matchers: vec!["alertname=\"Watchdog\"".into()],
        created_by: "oncall".into(),
        comment: "planned work".into(),
        starts: ago(60),
        ends: ago(-120),
        matches: 1,
        remarks: Vec::new(),
        basis: basis(false),
    }
}

fn log_row(n: usize, id: InstallationId) -> logs::Row {
    let levels = [Some("info"), Some("info"), Some("warn"), Some("debug"), Some("error"), None, Some("info")];
    logs::Row {
        installation: id,
        environment: Some("production".into()),
        at: now() - TimeDelta::seconds(i64::try_from((n * n * 7) % 3600).unwrap()),
        level: levels[n % levels.len()].map(str::to_owned),
        labels: Default::default(),
        line: format!("request {n} handled by meshfed-api in {} ms", n * 13 % 400),
    }
}

fn status_rows() -> Vec<status::Row> {
    let row = |page: &str, kind: &str, name: &str, state: &str, level, minutes: i64| status::Row {
        page: page.into(),
        kind: kind.into(),
        name: name.into(),
        state: state.into(),
        impact: None,
        level,
        started_at: Some(ago(minutes)),
        ends_at: None,
        updated_at: Some(ago(7)),
        url: Some("https://status.example.test/incidents/1".into()),
        affects: vec!["acme".into(), "globex".into()],
        basis: basis(false),
    };
    vec![
        row(
            "Cloud provider",
            "incident",
            "Elevated errors of block storage in eu-west",
            "identified",
            Level::Critical,
            52,
        ),
        row("Cloud provider", "maintenance", "Network maintenance eu-west", "scheduled", Level::Ok, -4000),
        row("Code forge", "component", "Container registry", "operational", Level::Ok, 0),
        row("Code forge", "component", "Pages", "degraded", Level::Warning, 300),
    ]
}

fn assurance_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<assurance::Row> {
    let row = |stream, signal: &str, name: &str, state, value: &str, limit: &str| assurance::Row {
        installation: id.clone(),
        environment: Some("production".into()),
        stream,
        signal: signal.into(),
        name: name.into(),
        state,
        value: Some(value.into()),
        limit: Some(limit.into()),
        at: None,
        detail: String::new(),
        basis: basis(stale),
    };
    let level = |k: usize| match (n + k) % 9 {
        8 => Level::Critical,
        6 => Level::Warning,
        4 => Level::Unknown,
        _ => Level::Ok,
    };
    let mut all = vec![
        row(Stream::Infrastructure, "config", "cluster", level(0), "in sync", "in sync"),
        row(Stream::Security, "certificate", "panel.example.test", level(1), "41 d", "21 d"),
        row(Stream::Security, "vulnerabilities", "images", level(3), "2 high", "0 critical"),
        row(Stream::Backup, "backup", "mongodb", level(5), "3 h old", "26 h"),
    ];
    if n % 2 == 0 {
        all.push(row(Stream::Performance, "slo", "api latency", level(2), "99.93 %", "99.9 %"));
        all.push(row(Stream::Helpdesk, "ticket", "INC-1182", level(4), "answered", "4 h"));
    }
    all
}

fn source_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<sources::Row> {
    let row = |kind: &str, state| sources::Row {
        id: format!("{id}/production:{kind}"),
        installation: Some(id.clone()),
        environment: Some("production".into()),
        kind: kind.into(),
        url: format!("https://{kind}.{id}.example.test"),
        state,
        error: (state == Standing::Failing).then(|| "answers 401: not allowed".into()),
        hint: (state == Standing::Failing).then(|| format!("is the token still good? `quarterdeck doctor {id}`")),
        last_ok: Some(ago(if state == Standing::Ok { 1 } else { 47 })),
        last_try: Some(ago(1)),
        latency_ms: Some(u64::try_from(20 + n * 7 % 300).unwrap()),
        interval_s: 60,
        certificate_days: (kind == "prometheus").then_some(41),
        insecure: false,
        gaps: Vec::new(),
    };
    let state = if stale { Standing::Stale } else { Standing::Ok };
    ["prometheus", "alertmanager", "kubernetes"]
        .into_iter()
        .map(|kind| row(kind, if n == 5 && kind == "prometheus" { Standing::Failing } else { state }))
        .collect()
}
