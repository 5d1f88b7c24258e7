//! The Kubernetes API, as far as a reader with few rights needs it: version, nodes, workloads, and the objects of others.

use serde_json::{Value, json};

use super::objects;
use super::place::Spot;
use crate::demo::answer::{Answer, Body};
use crate::demo::cast::Plan;
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::question::Question;

/// Answers what stands below the API server's address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    match rest {
        ["version"] => return version(glance, spot),
        ["readyz" | "livez" | "healthz"] => return ready(question),
        _ => {}
    }
    if question.header("authorization").is_none() {
        return status(401, "Unauthorized", "Unauthorized");
    }
    match rest {
        ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => review(spot, question),
        ["apis"] => groups(spot),
        ["apis", group] => discovery(spot, group),
        ["api", "v1", resource] => listed(glance, spot, ("", resource, None), question),
        ["api", "v1", "namespaces", namespace, resource] => {
            listed(glance, spot, ("", resource, Some(namespace)), question)
        }
        ["apis", group, "v1" | "v1beta1" | "v1beta2", resource] => {
            listed(glance, spot, (group, resource, None), question)
        }
        ["apis", group, "v1" | "v1beta1" | "v1beta2", "namespaces", namespace, resource] => {
            listed(glance, spot, (group, resource, Some(namespace)), question)
        }
        _ => missing(),
    }
}

fn status(code: u16, reason: &str, message: &str) -> Answer {
    Answer::json_with(
        code,
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code}),
    )
}

fn missing() -> Answer {
    status(404, "NotFound", "the server could not find the requested resource")
}

fn forbidden(resource: &str, group: &str) -> Answer {
    let message = format!(
        "{resource} is forbidden: User \"system:serviceaccount:ops:quarterdeck\" cannot list resource \"{resource}\" in API group \"{group}\" at the cluster scope"
    );
    status(403, "Forbidden", &message)
}

fn version(glance: &Glance<'_>, spot: &Spot<'_>) -> Answer {
    let Some(runs) = glance.kubernetes(spot.one) else { return missing() };
    let minor = runs.version.split('.').nth(1).unwrap_or_default();
    Answer::json(&json!({
        "major": "1",
        "minor": minor,
        "gitVersion": runs.version,
        "gitCommit": hex(&runs.version, 40),
        "gitTreeState": "clean",
        "buildDate": "2026-06-18T04:21:07Z",
        "goVersion": "go1.25.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    }))
}

fn ready(question: &Question) -> Answer {
    if question.query.iter().any(|(key, _)| key == "verbose") {
        let names = ["ping", "log", "etcd", "etcd-readiness", "informer-sync", "shutdown"];
        let lines: String = names.iter().map(|name| format!("[+]{name} ok\n")).collect();
        return Answer::text(200, format!("{lines}readyz check passed\n"));
    }
    Answer::text(200, "ok")
}

/// What is asked for with a review is allowed, but for machines and secrets of a shared cluster.
fn review(spot: &Spot<'_>, question: &Question) -> Answer {
    let asked: Value = serde_json::from_slice(&question.body).unwrap_or_default();
    let resource = asked.pointer("/spec/resourceAttributes/resource").and_then(Value::as_str).unwrap_or_default();
    let allowed = spot.one.plan != Plan::Saas || !matches!(resource, "nodes" | "secrets" | "namespaces");
    let mut state = json!({"allowed": allowed});
    if let Some(state) = state.as_object_mut().filter(|_| allowed) {
        state.insert("reason".to_owned(), "RBAC: allowed by ClusterRoleBinding \"quarterdeck\"".into());
    }
    Answer::json_with(
        201,
        &json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {"creationTimestamp": null},
                "spec": asked.get("spec"), "status": state}),
    )
}

/// The groups that are installed, each with its version.
const GROUPS: [(&str, &str); 4] =
    [("apps", "v1"), ("cert-manager.io", "v1"), ("velero.io", "v1"), ("kafka.strimzi.io", "v1")];

fn is_installed(spot: &Spot<'_>, group: &str) -> bool {
    match group {
        "" | "apps" | "cert-manager.io" | "velero.io" => true,
        "kafka.strimzi.io" => spot.one.plan == Plan::Paas,
        _ => false,
    }
}

fn discovery(spot: &Spot<'_>, group: &str) -> Answer {
    let known = GROUPS.iter().find(|(name, _)| *name == group && is_installed(spot, group));
    let Some((name, version)) = known else { return missing() };
    let mut told = group_of(name, version);
    told = objects::with(told, "kind", "APIGroup".into());
    Answer::json(&objects::with(told, "apiVersion", "v1".into()))
}

fn group_of(name: &str, version: &str) -> Value {
    let one = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [one], "preferredVersion": one})
}

fn groups(spot: &Spot<'_>) -> Answer {
    let here = GROUPS.iter().filter(|(name, _)| is_installed(spot, name));
    let groups: Vec<Value> = here.map(|(name, version)| group_of(name, version)).collect();
    Answer::json(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

fn listed(
    glance: &Glance<'_>,
    spot: &Spot<'_>,
    (group, resource, namespace): (&str, &str, Option<&str>),
    question: &Question,
) -> Answer {
    if !is_installed(spot, group) {
        return missing();
    }
    // A tenant of the shared cluster sees its own namespace and nothing of the cluster.
    if spot.one.plan == Plan::Saas && namespace.is_none_or(|name| name != spot.one.namespace()) {
        return forbidden(resource, group);
    }
    let (kind, items): (&str, Vec<Value>) = match (group, resource) {
        ("", "nodes") => ("Node", objects::nodes(glance, spot)),
        ("", "namespaces") => ("Namespace", objects::namespaces(glance, spot)),
        ("", "secrets") => ("Secret", objects::secrets(glance, spot, question)),
        ("apps", "deployments") => ("Deployment", objects::deployments(glance, spot)),
        ("apps", "statefulsets") => ("StatefulSet", objects::statefulsets(glance, spot)),
        ("apps", "daemonsets") => ("DaemonSet", objects::daemonsets(glance, spot)),
        ("cert-manager.io", "certificates") => ("Certificate", objects::certificates(glance, spot)),
        ("velero.io", "backups") => ("Backup", objects::backups(glance, spot)),
        ("velero.io", "schedules") => ("Schedule", objects::schedules(glance, spot)),
        ("velero.io", "backupstoragelocations") => ("BackupStorageLocation", objects::storage(glance)),
        ("kafka.strimzi.io", "kafkas") => ("Kafka", objects::kafkas(glance, spot)),
        _ => return missing(),
    };
    let items = items.into_iter().filter(|item| {
        namespace.is_none_or(|name| item.pointer("/metadata/namespace").and_then(Value::as_str) == Some(name))
    });
    page(glance, (group, kind), items.collect(), question)
}

/// A list, a page of it, or the begin of a watch.
fn page(glance: &Glance<'_>, (group, kind): (&str, &str), mut items: Vec<Value>, question: &Question) -> Answer {
    let version = glance.at.timestamp();
    if matches!(question.get("watch"), Some("1" | "true")) {
        let since = question.number("resourceVersion").unwrap_or(0);
        let mut answer = Answer::json(&Value::Null);
        answer.body = Body::Watch { since };
        return answer;
    }
    let mut metadata = json!({"resourceVersion": version.to_string()});
    let limit = question.number("limit").and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let from = question.get("continue").and_then(|token| token.strip_prefix("after-")).and_then(|n| n.parse().ok());
    let from: usize = from.unwrap_or(0).min(items.len());
    items.drain(..from);
    if let Some(limit) = limit.filter(|limit| *limit < items.len()) {
        let left = items.len() - limit;
        items.truncate(limit);
        metadata = json!({
            "resourceVersion": version.to_string(),
            "continue": format!("after-{}", from + limit),
            "remainingItemCount": left,
        });
    }
    let api = match group {
        "" => "v1".to_owned(),
        group => format!("{group}/v1"),
    };
    let partial = question.header("accept").is_some_and(|accept| accept.contains("as=PartialObjectMetadataList"));
    if partial {
        let items: Vec<Value> = items.iter().map(|item| json!({"metadata": item.get("metadata")})).collect();
        return Answer::json(
            &json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items}),
        );
    }
    Answer::json(&json!({"kind": format!("{kind}List"), "apiVersion": api, "metadata": metadata, "items": items}))
}
