//! What is watched: alerts, logs, pages, signals, sources.

use chrono::TimeDelta;
use quarterdeck::domain::alert::AlertState;
use quarterdeck::domain::id::InstallationId;
use quarterdeck::domain::level::Level;
use quarterdeck::domain::planned::Stream;
use quarterdeck::domain::state::Standing;
use quarterdeck::rules::alert::Severity;
use quarterdeck::views::{alerts, assurance, logs, silences, sources, status};

use super::{ago, basis, now};

pub(super) fn alert_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<alerts::Row> {
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

/// What silences the watchdogs above; one matches nothing any more, and one is yet to come.
pub(super) fn silence_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<silences::Row> {
    let row = |name: &str, starts: i64, ends: i64, matches, remarks: &[&str]| silences::Row {
        installation: id.clone(),
        environment: Some("production".into()),
        id: format!("5d1c{n}"),
        matchers: vec![format!("alertname=\"{name}\"")],
        created_by: "oncall".into(),
        comment: "planned work".into(),
        begun: starts >= 0,
        starts: ago(starts),
        ends: ago(-ends),
        matches,
        remarks: remarks.iter().map(|remark| (*remark).to_owned()).collect(),
        basis: basis(stale),
    };
    match n % 24 {
        2 => vec![row("NodeClockSkew", 600, 2880, 0, &["unmatched"])],
        3 => vec![row("Watchdog", 60, 20, 1, &["expiring"])],
        9 | 15 | 21 => vec![row("Watchdog", 60, 120, 1, &[])],
        4 => vec![row("BackupTooOld", -3000, 3240, 0, &["maintenance:Q4 platform upgrade"])],
        _ => Vec::new(),
    }
}

pub(super) fn log_row(n: usize, id: InstallationId) -> logs::Row {
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

pub(super) fn status_rows(stale: bool) -> Vec<status::Row> {
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
        basis: basis(stale),
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

pub(super) fn assurance_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<assurance::Row> {
    let row = |stream, signal: &str, name: &str, state, values: [&str; 3], limit: &str| assurance::Row {
        installation: id.clone(),
        environment: Some("production".into()),
        stream,
        signal: signal.into(),
        name: name.into(),
        state,
        value: match state {
            Level::Ok => Some(values[0].into()),
            Level::Warning => Some(values[1].into()),
            Level::Critical => Some(values[2].into()),
            Level::Unknown => None,
        },
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
        row(Stream::Infrastructure, "config", "cluster", level(0), ["in sync", "1 d behind", "9 d behind"], "in sync"),
        row(
            Stream::Security,
            "certificate",
            "panel.example.test",
            level(1),
            ["41 d left", "19 d left", "3 d over"],
            "21 d",
        ),
        row(Stream::Security, "vulnerabilities", "images", level(3), ["none", "2 high", "1 critical"], "0 critical"),
        row(Stream::Backup, "backup", "mongodb", level(5), ["3 h ago", "27 h ago", "6 d ago"], "26 h"),
    ];
    if n % 2 == 0 {
        all.push(row(Stream::Performance, "slo", "api latency", level(2), ["99.93 %", "99.90 %", "98.70 %"], "99.9 %"));
        all.push(row(Stream::Helpdesk, "ticket", "INC-1182", level(4), ["answered", "3 h open", "2 d open"], "4 h"));
    }
    all
}

pub(super) fn source_rows(n: usize, id: &InstallationId, stale: bool) -> Vec<sources::Row> {
    let row = |kind: &str, state| sources::Row {
        id: format!("{id}/production/{kind}"),
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

/// Sixty sources nobody heard of, for this reason and with this to do; without a reason they were not asked yet.
pub(super) fn silent_rows([error, hint]: &[&str; 2]) -> Vec<sources::Row> {
    let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let state = if error.is_empty() { Standing::Never } else { Standing::Failing };
    let kinds = ["prometheus", "alertmanager", "kubernetes"];
    let row = |n: usize| {
        let id = super::id(n / 3);
        let like = source_rows(n, &id, false).swap_remove(n % 3);
        sources::Row {
            state,
            error: told(error),
            hint: told(hint),
            last_ok: None,
            latency_ms: None,
            kind: kinds[n % 3].into(),
            ..like
        }
    };
    (0..60).map(row).collect()
}
