//! GitLab's REST API v4: what was delivered, what waits for an approval, when nothing may move, and tickets.

use serde_json::{Value, json};

use super::place::Spot;
use super::times::millis;
use super::train::{Car, cars};
use crate::demo::answer::Answer;
use crate::demo::dice::{hex, number};
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::writes::Write;

/// Answers what stands below `/api/v4`.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    let ["api", "v4", rest @ ..] = rest else { return missing("Page") };
    if question.header("private-token").is_none() && question.header("authorization").is_none() {
        return Answer::json_with(401, &json!({"message": "401 Unauthorized"}));
    }
    let get = question.method == "GET";
    match rest {
        ["version"] => {
            Answer::json(&json!({"version": version(glance, spot), "revision": hex(&version(glance, spot), 11)}))
        }
        ["metadata"] => {
            let version = version(glance, spot);
            let kas = json!({"enabled": true, "externalUrl": "wss://kas.example", "version": version.trim_end_matches("-ee")});
            Answer::json(&json!({"version": version, "revision": hex(&version, 11), "kas": kas, "enterprise": true}))
        }
        ["runners", id, "managers"] => managers(glance, spot, id),
        ["projects", _, "runners"] | ["runners", "all"] => Answer::json(&runners(spot)),
        ["projects", _, "freeze_periods"] => Answer::json(&freezes(spot)),
        ["projects", _, "environments"] => Answer::json(&environments(spot)),
        ["projects", _, "protected_environments"] => Answer::json(&json!([])),
        ["projects", _, "releases"] => paged(releases(glance, &question.origin), question),
        ["projects", _, "pipelines"] => paged(pipelines(glance, spot, question), question),
        ["projects", _, "pipelines", id] => found(
            cars_of(glance, spot, question),
            |car| (car.pipeline.to_string() == *id).then(|| pipeline(spot, car, question)),
            "Not Found",
        ),
        ["projects", _, "pipelines", id, "jobs"] => jobs(glance, spot, id, question),
        ["projects", _, "pipelines", _, "bridges"] => Answer::json(&json!([])),
        ["projects", _, "deployments"] => paged(deployments(glance, spot, question), question),
        ["projects", _, "deployments", id] => found(
            cars_of(glance, spot, question),
            |car| (car.deployment.to_string() == *id).then(|| deployment(spot, car, question)),
            "Deployment Not Found",
        ),
        ["projects", _, "deployments", id, "approval"] if !get => approve(glance, spot, id, question),
        ["projects", _, "jobs", id, "play"] if !get => play(glance, spot, id, question),
        ["projects", _, "issues"] if get => paged(issues(glance, spot), question),
        ["projects", _, "issues"] => ticket(glance, spot, question),
        ["projects", _] => {
            Answer::json(&json!({"id": 5, "path_with_namespace": "ops/rollout", "default_branch": "main"}))
        }
        _ => missing("Not Found"),
    }
}

fn missing(what: &str) -> Answer {
    Answer::json_with(404, &json!({"message": format!("404 {what}")}))
}

fn found(cars: Vec<Car>, shape: impl Fn(&Car) -> Option<Value>, what: &str) -> Answer {
    cars.iter().find_map(shape).map_or_else(|| missing(what), |value| Answer::json(&value))
}

/// A page of a list, with GitLab's headers.
fn paged(all: Vec<Value>, question: &Question) -> Answer {
    let number = |name: &str, usual: usize| {
        question.number(name).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(usual)
    };
    let (page, size) = (number("page", 1), number("per_page", 20).min(100));
    let total = all.len();
    let pages = total.div_ceil(size).max(1);
    let items: Vec<Value> = all.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    let next = if page < pages { (page + 1).to_string() } else { String::new() };
    let path = question.path.iter().map(|part| part.replace('/', "%2F")).collect::<Vec<_>>().join("/");
    let mut answer = Answer::json(&items.into())
        .with("x-page", page.to_string())
        .with("x-per-page", size.to_string())
        .with("x-next-page", next.clone())
        .with("x-total", total.to_string())
        .with("x-total-pages", pages.to_string())
        .with("ratelimit-limit", "2000")
        .with("ratelimit-remaining", "1986");
    if !next.is_empty() {
        let others = question.query.iter().filter(|(key, _)| !matches!(key.as_str(), "page" | "per_page"));
        let kept: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
        let kept = if kept.is_empty() { kept } else { format!("{kept}&") };
        let link = format!("<{}/{path}?{kept}page={next}&per_page={size}>; rel=\"next\"", question.origin);
        answer = answer.with("link", link);
    }
    answer
}

fn version(glance: &Glance<'_>, spot: &Spot<'_>) -> String {
    let version = if crate::demo::workloads::parts_of(spot.one).iter().any(|part| part.id == "gitlab") {
        spot.part(glance, "gitlab")
    } else {
        glance.world.parts.behind("gitlab", 1, glance.at).map(|issue| issue.version.clone()).unwrap_or_default()
    };
    format!("{version}-ee")
}

fn user(name: &str) -> Value {
    json!({"id": number(name, 900) + 10, "username": name, "name": name, "state": "active", "locked": false, "avatar_url": null, "web_url": null})
}

fn base(spot: &Spot<'_>, question: &Question) -> String {
    format!("{}/{}/gitlab/ops/rollout/-", question.origin, spot.holder())
}

/// The environment asked for; this one's unless said.
fn cars_of(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Vec<Car> {
    let environment = question.get("environment").unwrap_or(spot.environment);
    let known = spot.one.environments().iter().find(|name| **name == environment);
    known.map(|name| cars(glance, spot.one, name)).unwrap_or_default()
}

fn short(spot: &Spot<'_>, car: &Car, question: &Question) -> Value {
    json!({
        "id": car.pipeline,
        "iid": car.pipeline % 1000,
        "project_id": 5,
        "sha": hex(&car.version, 40),
        "ref": car.version,
        "status": car.pipeline_status(),
        "source": "push",
        "created_at": millis(car.created),
        "updated_at": millis(car.updated),
        "web_url": format!("{}/pipelines/{}", base(spot, question), car.pipeline),
    })
}

fn pipeline(spot: &Spot<'_>, car: &Car, question: &Question) -> Value {
    let mut all = short(spot, car, question);
    if let Some(all) = all.as_object_mut() {
        all.insert("tag".to_owned(), true.into());
        all.insert("started_at".to_owned(), millis(car.created).into());
        all.insert("finished_at".to_owned(), car.finished.map(millis).into());
        all.insert("user".to_owned(), user("release-bot"));
    }
    all
}

fn pipelines(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Vec<Value> {
    let cars = cars_of(glance, spot, question);
    let wanted = |car: &&Car| {
        question.get("status").is_none_or(|status| status == car.pipeline_status())
            && question.get("ref").is_none_or(|version| version == car.version)
    };
    cars.iter().rev().filter(wanted).map(|car| short(spot, car, question)).collect()
}

fn job(spot: &Spot<'_>, car: &Car, name: &str, question: &Question) -> Value {
    let Some(job) = car.jobs().into_iter().find(|job| job.name == name) else { return Value::Null };
    json!({
        "id": job.id,
        "status": job.status,
        "stage": job.stage,
        "name": job.name,
        "ref": car.version,
        "tag": true,
        "coverage": null,
        "allow_failure": false,
        "created_at": millis(car.created),
        "started_at": job.started.map(millis),
        "finished_at": job.finished.map(millis),
        "duration": job.started.zip(job.finished).map(|(from, until)| (until - from).as_seconds_f64()),
        "queued_duration": null,
        "failure_reason": (job.status == "failed").then_some("script_failure"),
        "web_url": format!("{}/jobs/{}", base(spot, question), job.id),
        "pipeline": short(spot, car, question),
        "runner": job.started.map(|_| json!({"id": 1, "description": "rollout", "runner_type": "project_type"})),
        "user": user(job.user.as_deref().unwrap_or("release-bot")),
        "tag_list": [spot.one.id],
    })
}

fn jobs(glance: &Glance<'_>, spot: &Spot<'_>, id: &str, question: &Question) -> Answer {
    let all = cars_everywhere(glance, spot);
    let Some(car) = all.iter().find(|car| car.pipeline.to_string() == id) else { return missing("Not found") };
    let wanted: Vec<&str> = question.all("scope").collect();
    let shown: Vec<Value> = car
        .jobs()
        .iter()
        .rev()
        .filter(|one| wanted.is_empty() || wanted.contains(&one.status))
        .map(|one| job(spot, car, one.name, question))
        .collect();
    paged(shown, question)
}

fn cars_everywhere(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Car> {
    spot.one.environments().iter().flat_map(|environment| cars(glance, spot.one, environment)).collect()
}

fn deployment(spot: &Spot<'_>, car: &Car, question: &Question) -> Value {
    let deploy = format!("deploy:{}", car.environment);
    let approvals: Vec<Value> = car
        .approval
        .iter()
        .map(|(when, who)| json!({"user": user(who), "status": "approved", "created_at": millis(*when), "comment": ""}))
        .collect();
    json!({
        "id": car.deployment,
        "iid": car.deployment % 1000,
        "ref": car.version,
        "sha": hex(&car.version, 40),
        "created_at": millis(car.created),
        "updated_at": millis(car.updated),
        "status": car.deployment_status(),
        "user": user("release-bot"),
        "environment": {"id": 9, "name": car.environment, "slug": car.environment, "external_url": null, "tier": car.environment},
        "deployable": job(spot, car, &deploy, question),
        "pending_approval_count": u32::from(car.waits()),
        "approvals": approvals,
        "approval_summary": {"rules": []},
    })
}

fn deployments(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Vec<Value> {
    let mut cars = cars_of(glance, spot, question);
    // Sorted the other way round unless asked: whoever forgets `desc` reads the oldest.
    if question.get("sort") == Some("desc") {
        cars.reverse();
    }
    let wanted = |car: &&Car| question.get("status").is_none_or(|status| status == car.deployment_status());
    cars.iter().filter(wanted).map(|car| deployment(spot, car, question)).collect()
}

fn approve(glance: &Glance<'_>, spot: &Spot<'_>, id: &str, question: &Question) -> Answer {
    let all = cars_everywhere(glance, spot);
    let Some(car) = all.iter().find(|car| car.deployment.to_string() == id) else {
        return missing("Deployment Not Found");
    };
    let body: Value = serde_json::from_slice(&question.body).unwrap_or_default();
    let status = body.get("status").and_then(Value::as_str).or_else(|| question.get("status"));
    match (status, car.waits()) {
        (Some("approved"), true) => {
            let told = json!({"user": user("operator"), "status": "approved", "created_at": millis(glance.at), "comment": body.get("comment")});
            Answer::json_with(201, &told).writing(approval(spot, car))
        }
        (Some("approved"), false) => {
            Answer::json_with(400, &json!({"message": "This deployment is not waiting for approvals."}))
        }
        _ => Answer::json_with(400, &json!({"error": "status does not have a valid value"})),
    }
}

fn approval(spot: &Spot<'_>, car: &Car) -> Write {
    Write::Approve { installation: spot.one.id.clone(), version: car.version.clone(), who: "operator".to_owned() }
}

fn play(glance: &Glance<'_>, spot: &Spot<'_>, id: &str, question: &Question) -> Answer {
    let all = cars_everywhere(glance, spot);
    let hit =
        all.iter().find_map(|car| car.jobs().into_iter().find(|job| job.id.to_string() == id).map(|job| (car, job)));
    match hit {
        Some((car, one)) if one.status == "manual" => {
            let mut told = job(spot, car, one.name, question);
            if let Some(status) = told.get_mut("status") {
                *status = "pending".into();
            }
            Answer::json(&told).writing(approval(spot, car))
        }
        Some(_) => Answer::json_with(400, &json!({"message": "400 Bad request - Unplayable Job"})),
        None => missing("Not Found"),
    }
}

fn environments(spot: &Spot<'_>) -> Value {
    (9..)
        .zip(spot.one.environments())
        .map(|(id, name)| json!({"id": id, "name": name, "slug": name, "external_url": null, "state": "available", "tier": name}))
        .collect()
}

fn freezes(spot: &Spot<'_>) -> Value {
    if !spot.one.habit.month_end {
        return json!([]);
    }
    json!([{
        "id": 3, "freeze_start": "0 0 28 * *", "freeze_end": "0 6 2 * *", "cron_timezone": "UTC",
        "created_at": "2025-01-08T09:11:00.000Z", "updated_at": "2025-01-08T09:11:00.000Z",
    }])
}

/// The vendor's releases, newest first.
#[must_use]
pub fn releases(glance: &Glance<'_>, origin: &str) -> Vec<Value> {
    let known = glance.world.vendor.known(glance.at);
    known
        .iter()
        .rev()
        .take(300)
        .map(|release| {
            let version = &release.version;
            json!({
                "tag_name": version,
                "name": format!("Release {version}"),
                "description": "See release notes.",
                "created_at": millis(release.at),
                "released_at": millis(release.at),
                "upcoming_release": false,
                "commit": {"id": hex(version, 40), "short_id": hex(version, 8), "title": format!("release {version}")},
                "assets": {"count": 0, "sources": [], "links": []},
                "evidences": [],
                "_links": {"self": format!("{origin}/vendor/gitlab/northwind/meshstack/-/releases/{version}")},
            })
        })
        .collect()
}

fn runners(spot: &Spot<'_>) -> Value {
    json!([{"id": 1, "description": format!("rollout of {}", spot.one.id), "paused": false, "active": true, "is_shared": false,
            "runner_type": "project_type", "online": true, "status": "online"}])
}

fn managers(glance: &Glance<'_>, spot: &Spot<'_>, id: &str) -> Answer {
    if id != "1" {
        return missing("Not found");
    }
    let version = spot.part(glance, "gitlab-runner");
    Answer::json(&json!([{
        "id": 1, "system_id": format!("s_{}", hex(&spot.one.id, 12)), "version": version, "revision": hex(&version, 8),
        "platform": "linux", "architecture": "amd64", "created_at": "2026-06-09T11:12:02.507Z",
        "contacted_at": millis(glance.at - chrono::TimeDelta::seconds(9)), "ip_address": "10.20.0.4",
        "status": "online", "job_execution_status": "idle",
    }]))
}

const COMPLAINTS: [&str; 6] = [
    "Panel login loops after update",
    "Metering report shows yesterday's numbers",
    "Tenant creation hangs at replication",
    "Invoice export misses two projects",
    "Cannot restore a deleted workspace",
    "Single sign-on refuses new colleagues",
];

fn issues(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let week = glance.at.timestamp().div_euclid(604_800);
    let mut found = Vec::new();
    for back in 0..4 {
        let mut dice = glance.dice(&["ticket", &spot.one.id], week - back);
        let opened = chrono::DateTime::from_timestamp((week - back) * 604_800 + dice.within(100_000, 500_000), 0);
        let lasts = chrono::TimeDelta::hours(dice.within(10, 400));
        let title = dice.pick(&COMPLAINTS).copied().unwrap_or_default();
        let severity = dice.within(1, 4);
        let Some(opened) = opened.filter(|at| *at <= glance.at && *at + lasts > glance.at && dice.chance(350)) else {
            continue;
        };
        found.push(issue(spot, (week - back) % 1000, title, (opened, severity)));
    }
    for (n, (whose, title, at)) in (1..).zip(&glance.writes.tickets) {
        if *whose == spot.one.id {
            found.push(issue(spot, 5000 + n, title, (*at, 3)));
        }
    }
    found
}

fn issue(spot: &Spot<'_>, iid: i64, title: &str, (at, severity): (crate::domain::clock::Moment, i64)) -> Value {
    json!({
        "id": 9000 + iid, "iid": iid, "project_id": 40, "title": title, "state": "opened",
        "created_at": millis(at), "updated_at": millis(at), "closed_at": null,
        "labels": [format!("customer::{}", spot.one.id), format!("severity::{severity}")],
        "due_date": null, "confidential": false, "assignees": [], "author": user("support-bot"),
        "web_url": format!("https://helpdesk.northwind.example/-/issues/{iid}"),
    })
}

fn ticket(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Answer {
    let body: Value = serde_json::from_slice(&question.body).unwrap_or_default();
    match body.get("title").and_then(Value::as_str).or_else(|| question.get("title")) {
        Some(title) if !title.is_empty() => {
            let iid = 5001 + i64::try_from(glance.writes.tickets.len()).unwrap_or_default();
            let write = Write::Ticket { installation: spot.one.id.clone(), title: title.to_owned() };
            Answer::json_with(201, &issue(spot, iid, title, (glance.at, 3))).writing(write)
        }
        _ => Answer::json_with(400, &json!({"message": {"title": ["can't be blank"]}})),
    }
}
