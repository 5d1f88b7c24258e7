//! Where artifacts and pictures live: OCI registries, Nexus, and Grafana's health and marks.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::place::Spot;
use super::times;
use crate::demo::answer::Answer;
use crate::demo::course::delivered;
use crate::demo::dice::{hex, number};
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::vendor::{ARTIFACTS, Release};
use crate::demo::writes::Write;
use crate::domain::clock::Moment;

/// The releases a store holds: the vendor's at once, a customer's once they are delivered. Oldest first.
fn held<'w>(glance: &Glance<'w>, spot: Option<&Spot<'_>>) -> Vec<(&'w Release, Moment)> {
    let seed = glance.world.setup.seed;
    let since = glance.at - TimeDelta::days(240);
    let recent = glance.world.vendor.known(glance.at).iter().filter(|release| release.at > since);
    let dated = recent.map(|release| (release, spot.map_or(release.at, |spot| delivered(seed, spot.one, release))));
    dated.filter(|(_, at)| *at <= glance.at).collect()
}

/// An OCI registry, below its address: the vendor's where no spot is given.
#[must_use]
pub fn registry(glance: &Glance<'_>, spot: Option<&Spot<'_>>, rest: &[&str], question: &Question) -> Answer {
    let answer = match rest {
        ["v2"] => Answer::json(&json!({})),
        ["v2", name @ .., "tags", "list"] => tags(glance, spot, &name.join("/"), question),
        ["v2", name @ .., "manifests", reference] => manifest(glance, spot, (&name.join("/"), reference), question),
        _ => Answer::nothing(),
    };
    answer.with("docker-distribution-api-version", "registry/2.0")
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    Answer::json_with(status, &json!({"errors": [{"code": code, "message": message}]}))
}

fn tags(glance: &Glance<'_>, spot: Option<&Spot<'_>>, name: &str, question: &Question) -> Answer {
    if !ARTIFACTS.contains(&name) {
        return refused(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    let mut all: Vec<String> = held(glance, spot).into_iter().map(|(release, _)| release.version.clone()).collect();
    all.push("latest".to_owned());
    // Lexical, as registries have it, not by version.
    all.sort();
    if let Some(last) = question.get("last") {
        all.retain(|tag| tag.as_str() > last);
    }
    let limit = question.number("n").and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(100);
    let more = all.len() > limit;
    all.truncate(limit);
    let answer = Answer::json(&json!({"name": name, "tags": all}));
    match all.last().filter(|_| more) {
        Some(last) => {
            let before =
                question.path.iter().map(String::as_str).take_while(|part| *part != "v2").collect::<Vec<_>>().join("/");
            answer.with("link", format!("</{before}/v2/{name}/tags/list?last={last}&n={limit}>; rel=\"next\""))
        }
        None => answer,
    }
}

/// The digest of an artifact's index: the same in every store that holds it whole.
fn digest(name: &str, version: &str) -> String {
    format!("sha256:{}", hex(&format!("{name}:{version}"), 64))
}

fn manifest(
    glance: &Glance<'_>,
    spot: Option<&Spot<'_>>,
    (name, reference): (&str, &str),
    question: &Question,
) -> Answer {
    let all = held(glance, spot);
    let hit = match reference {
        "latest" => all.last(),
        _ => {
            all.iter().find(|(release, _)| release.version == reference || digest(name, &release.version) == reference)
        }
    };
    let Some((release, _)) = hit.filter(|_| ARTIFACTS.contains(&name)) else {
        return refused(404, "MANIFEST_UNKNOWN", "manifest unknown");
    };
    let kind = "application/vnd.oci.image.index.v1+json";
    let image = format!("sha256:{}", hex(&format!("{name}:{}:amd64", release.version), 64));
    let body = json!({"schemaVersion": 2, "mediaType": kind, "manifests": [
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": image, "size": 1609, "platform": {"os": "linux", "architecture": "amd64"}},
    ]})
    .to_string();
    let digest = digest(name, &release.version);
    let bytes = if question.method == "HEAD" { Vec::new() } else { body.into_bytes() };
    Answer::bytes(kind, bytes).with("docker-content-digest", digest)
}

/// Nexus, below its address.
#[must_use]
pub fn nexus(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    let answer = match rest {
        ["service", "rest", "v1", "status"] | ["service", "rest", "v1", "status", "writable"] => Answer::empty(200),
        ["service", "rest", "v1", "status", "check"] => Answer::json(&checks(glance)),
        ["service", "rest", "v1", "repositories"] => Answer::json(
            &json!([{"name": "vendor-docker", "format": "docker", "type": "hosted", "url": question.origin, "attributes": {}}]),
        ),
        ["service", "rest", "v1", "search" | "components"] => search(glance, spot, question),
        _ => Answer::empty(404),
    };
    answer.with("server", format!("Nexus/{} (COMMUNITY)", spot.part(glance, "nexus")))
}

fn checks(glance: &Glance<'_>) -> Value {
    let one = |message: &str| {
        json!({"healthy": true, "message": message, "error": null, "details": null, "time": glance.at.timestamp_millis(),
               "duration": 0, "timestamp": times::millis(glance.at)})
    };
    json!({"Available CPUs": one("The host system is allocating a maximum of 4 cores to the application."),
           "Blob Stores Ready": one("3/3 blob stores report they are ready"), "File Descriptors": one("")})
}

fn search(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Answer {
    let mut items = Vec::new();
    for (release, at) in held(glance, Some(spot)).into_iter().rev() {
        for name in ARTIFACTS {
            let wanted = question.get("name").is_none_or(|wanted| wanted == name)
                && question.get("version").is_none_or(|wanted| wanted == release.version);
            if wanted {
                items.push(component(name, release, at));
            }
        }
    }
    let from = question.get("continuationToken").and_then(|token| token.parse::<usize>().ok()).unwrap_or(0);
    let left = items.len().saturating_sub(from + 50);
    let token = if left > 0 { Value::from((from + 50).to_string()) } else { Value::Null };
    let items: Vec<Value> = items.into_iter().skip(from).take(50).collect();
    Answer::json(&json!({"items": items, "continuationToken": token}))
}

fn component(name: &str, release: &Release, at: Moment) -> Value {
    let version = &release.version;
    let path = format!("v2/{name}/manifests/{version}");
    let time = at.format("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string();
    let id = hex(&path, 22);
    let checksum = digest(name, version);
    json!({
        "id": id, "repository": "vendor-docker", "format": "docker", "group": null, "name": name, "version": version,
        "assets": [{
            "downloadUrl": format!("https://nexus.example/repository/vendor-docker/{path}"), "path": path, "id": id,
            "repository": "vendor-docker", "format": "docker", "checksum": {"sha256": checksum.trim_start_matches("sha256:")},
            "contentType": "application/vnd.oci.image.index.v1+json", "lastModified": time, "lastDownloaded": null,
            "uploader": "ci", "uploaderIp": "10.0.0.7", "fileSize": 1609, "blobCreated": time,
        }],
    })
}

/// Grafana, below its address.
#[must_use]
pub fn grafana(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    match (question.method.as_str(), rest) {
        (_, ["api", "health"]) => {
            let version = spot.part(glance, "grafana");
            Answer::json(&json!({"commit": hex(&version, 40), "database": "ok", "version": version}))
        }
        ("GET", ["api", "annotations"]) => Answer::json(&marks(glance, spot, question).into()),
        ("POST", ["api", "annotations"]) => {
            let Ok(body) = serde_json::from_slice::<Value>(&question.body) else {
                return Answer::json_with(400, &json!({"message": "bad request data"}));
            };
            if body.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
                return Answer::json_with(400, &json!({"message": "Failed to save annotation"}));
            }
            let id = number(&format!("{body}{}", glance.at.timestamp_millis()), 1_000_000) + 10_000;
            let write = Write::Mark { holder: spot.holder(), body, id };
            Answer::json(&json!({"message": "Annotation added", "id": id})).writing(write)
        }
        _ => Answer::json_with(404, &json!({"message": "Not found"})),
    }
}

fn mark(id: u64, (from, until): (i64, i64), text: &str, tags: &Value) -> Value {
    json!({"id": id, "alertId": 0, "alertName": "", "dashboardId": 0, "dashboardUID": null, "panelId": 0, "userId": 1,
           "newState": "", "prevState": "", "created": from, "updated": from, "time": from, "timeEnd": until, "text": text,
           "tags": tags, "login": "ops", "email": "", "avatarUrl": "", "data": {}})
}

/// Every rollout leaves a mark; what was written stands beside them.
fn marks(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Vec<Value> {
    let course = glance.course(spot.one, spot.environment);
    let mut found: Vec<Value> = course
        .rollouts
        .iter()
        .map(|rollout| {
            let span = (rollout.start.timestamp_millis(), rollout.end.min(glance.at).timestamp_millis());
            let id = number(&format!("{}{}", spot.holder(), rollout.start), 9_000);
            mark(id, span, &format!("Rollout {}", rollout.to.version), &json!(["deployment", rollout.to.version]))
        })
        .collect();
    for (holder, body, id, at) in &glance.writes.marks {
        if *holder == spot.holder() {
            let from = body.get("time").and_then(Value::as_i64).unwrap_or(at.timestamp_millis());
            let until = body.get("timeEnd").and_then(Value::as_i64).unwrap_or(from);
            let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
            found.push(mark(*id, (from, until), text, body.get("tags").unwrap_or(&Value::Null)));
        }
    }
    let time = |one: &Value, key: &str| one.get(key).and_then(Value::as_i64).unwrap_or_default();
    let (from, to) = (question.number("from").unwrap_or(0), question.number("to").unwrap_or(i64::MAX));
    let tags: Vec<&str> = question.all("tags").collect();
    found.retain(|one| {
        let has =
            |tag: &&str| one.get("tags").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == tag));
        time(one, "timeEnd") >= from && time(one, "time") <= to && tags.iter().all(has)
    });
    found.sort_by_key(|one| std::cmp::Reverse(time(one, "time")));
    found.truncate(question.number("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(100));
    found
}
