//! What is planned and on its way.

use chrono::{Days, TimeDelta};
use quarterdeck::domain::clock::Moment;
use quarterdeck::domain::delivery::{Job, PipelineState};
use quarterdeck::domain::id::InstallationId;
use quarterdeck::domain::state::{EntryKind, RolloutState, StationName, StationState};
use quarterdeck::domain::workload::WorkloadState;
use quarterdeck::rules::calendar::Notice;
use quarterdeck::rules::hearing::Basis;
use quarterdeck::text::clean::Clean;
use quarterdeck::views::{calendar, readiness, rollouts};

use super::{ago, at, basis, day, id};

pub(super) fn calendar_rows(n: usize) -> Vec<calendar::Row> {
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

pub(super) fn rollout_row(n: usize, id: InstallationId, stale: bool) -> rollouts::Row {
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
            RolloutState::Stuck => 3 - u32::try_from(k % 3).unwrap(),
            RolloutState::Running => u32::try_from((k + 1) % 3).unwrap(),
            RolloutState::Failed => u32::try_from(k % 2).unwrap(),
            _ => 0,
        };
        rollouts::Load {
            kind: "deployment".into(),
            name: name.into(),
            desired: 3,
            updated,
            available: updated,
            state: if updated == 3 { WorkloadState::Done } else { WorkloadState::Waiting },
            version: None,
            asked: true,
            message: if updated == 3 {
                "successfully rolled out".into()
            } else {
                format!("Waiting for rollout to finish: {updated} of 3 updated replicas are available...")
            },
        }
    };
    let names = ["meshfed-api", "panel-backend", "panel-frontend", "replicator", "unipipe"];
    let job = |name: &str, state| Job { name: Clean::line(name), stage: Clean::line("deploy"), state, url: None };
    let workloads: Vec<_> = names.into_iter().enumerate().map(|(k, name)| load(k, name)).collect();
    rollouts::Row {
        installation: id,
        environment: "production".into(),
        product: "meshstack".into(),
        from: Some("2026.40.1".into()),
        to: if n % 8 == 5 { "2026.40.2" } else { "2026.41.0" }.into(),
        state,
        progress: Some(workloads.iter().map(|one| f64::from(one.there())).sum::<f64>() / 15.0),
        stations: stations.collect(),
        workloads,
        gate: (n == 3).then(|| rollouts::GateCell {
            kind: "ticket".into(),
            name: "CHG-4711 approval of 2026.41.0".into(),
            place: None,
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

pub(super) fn readiness_row(n: usize, id: InstallationId) -> readiness::Row {
    readiness::Row {
        installation: id,
        environment: "production".into(),
        product: "meshstack".into(),
        to: Some("2026.41.0".into()),
        may: n % 3 == 1,
        earliest: if n % 5 == 0 { None } else { Some(at("2026-11-23T16:00:00Z")) },
        blockers: if n % 3 == 1 { Vec::new() } else { blockers(n) },
        hints: Vec::new(),
        basis: basis(false),
    }
}

/// What stands against it: the window, with others now and then.
fn blockers(n: usize) -> Vec<readiness::BlockerCell> {
    let one = |rule: &str, detail: &str, until: Option<&str>, who: &str| readiness::BlockerCell {
        rule: rule.into(),
        detail: detail.into(),
        until: until.map(at),
        who: who.into(),
        source: None,
    };
    let window = one("outside-window", "outside window, next: monday", Some("2026-11-23T16:00:00Z"), "time");
    let gate = "approve-production: with the customer for 5 d at job approve in pipeline rollout";
    let more = match n % 5 {
        0 => Some(one("gate", gate, None, "customer")),
        2 => Some(one("critical-alert", "KubePersistentVolumeFillingUp fires", None, "us")),
        _ => None,
    };
    std::iter::once(window).chain(more).collect()
}
