//! The objects of a cluster, in the shape its API tells them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::place::Spot;
use super::times::seconds;
use crate::demo::assurance;
use crate::demo::dice::{hex, uuid};
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::vendor::PLATFORM;
use crate::demo::workloads::{Load, parts_of, workloads};

/// The metadata every object has.
fn metadata(spot: &Spot<'_>, (namespace, name): (Option<&str>, &str), generation: i64) -> Value {
    let text = format!("{}{namespace:?}{name}", spot.holder());
    let mut all = json!({
        "name": name,
        "uid": uuid(&text),
        "resourceVersion": (100 + generation).to_string(),
        "generation": generation,
        "creationTimestamp": "2025-05-04T09:12:31Z",
    });
    if let (Some(all), Some(namespace)) = (all.as_object_mut(), namespace) {
        all.insert("namespace".to_owned(), namespace.into());
    }
    all
}

/// Puts a key into an object.
pub fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(all) = object.as_object_mut() {
        all.insert(key.to_owned(), value);
    }
    object
}

fn loads(glance: &Glance<'_>, spot: &Spot<'_>, kind: &str) -> Vec<Load> {
    workloads(glance, spot.one, spot.environment).into_iter().filter(|load| load.kind == kind).collect()
}

fn head(spot: &Spot<'_>, load: &Load) -> Value {
    let chart = if load.product == PLATFORM {
        format!("meshstack-12.{}", load.generation)
    } else {
        format!("{}-1.{}.0", load.name, load.generation)
    };
    let labels = json!({
        "app.kubernetes.io/name": load.name,
        "app.kubernetes.io/version": load.version,
        "app.kubernetes.io/managed-by": "Helm",
        "helm.sh/chart": chart,
    });
    // Every move of a replica is a change of the object.
    let moves = i64::from(load.updated) * 10 + i64::from(load.available) + i64::from(load.overdue);
    let all = metadata(spot, (Some(&load.namespace), &load.name), load.generation);
    let all = with(all, "resourceVersion", (load.generation * 1000 + moves).to_string().into());
    let all = with(all, "annotations", json!({"deployment.kubernetes.io/revision": load.generation.to_string()}));
    with(all, "labels", labels)
}

fn template(load: &Load) -> Value {
    json!({"metadata": {"labels": {"app": load.name}}, "spec": {"containers": [{"name": load.name, "image": load.image}]}})
}

/// Deployments, with what `kubectl rollout status` reads.
#[must_use]
pub fn deployments(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    loads(glance, spot, "deployment").iter().map(|load| deployment(spot, load)).collect()
}

fn deployment(spot: &Spot<'_>, load: &Load) -> Value {
    let moved = seconds(load.moved);
    let old = load.desired - load.updated;
    let surge = u32::from(load.available < load.updated);
    let available = old + load.available;
    let set = format!("{}-{}", load.name, hex(&load.image, 9));
    let (state, reason, message) = if load.overdue {
        ("False", "ProgressDeadlineExceeded", format!("ReplicaSet \"{set}\" has timed out progressing."))
    } else if load.is_done() {
        ("True", "NewReplicaSetAvailable", format!("ReplicaSet \"{set}\" has successfully progressed."))
    } else {
        ("True", "ReplicaSetUpdated", format!("ReplicaSet \"{set}\" is progressing."))
    };
    let mut status = json!({
        "observedGeneration": load.generation,
        "replicas": load.desired + surge,
        "updatedReplicas": load.updated,
        "readyReplicas": available,
        "availableReplicas": available,
        "conditions": [
            {"type": "Available", "status": "True", "lastUpdateTime": moved, "lastTransitionTime": moved,
             "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability."},
            {"type": "Progressing", "status": state, "lastUpdateTime": moved, "lastTransitionTime": moved,
             "reason": reason, "message": message},
        ],
    });
    if surge > 0 {
        status = with(status, "unavailableReplicas", surge.into());
    }
    json!({
        "metadata": head(spot, load),
        "spec": {
            "replicas": load.desired,
            "selector": {"matchLabels": {"app": load.name}},
            "template": template(load),
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        "status": status,
    })
}

/// StatefulSets.
#[must_use]
pub fn statefulsets(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    loads(glance, spot, "statefulset")
        .iter()
        .map(|load| {
            let revision = |text: &str| format!("{}-{}", load.name, hex(text, 9));
            let (update, current) =
                if load.is_done() { (&load.version, &load.version) } else { (&load.version, &load.answers) };
            json!({
                "metadata": head(spot, load),
                "spec": {
                    "replicas": load.desired,
                    "selector": {"matchLabels": {"app": load.name}},
                    "serviceName": load.name,
                    "template": template(load),
                    "podManagementPolicy": "OrderedReady",
                    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                },
                "status": {
                    "observedGeneration": load.generation,
                    "replicas": load.desired,
                    "readyReplicas": load.desired - (load.updated - load.available),
                    "currentReplicas": load.desired - load.updated,
                    "updatedReplicas": load.updated,
                    "availableReplicas": load.desired - (load.updated - load.available),
                    "currentRevision": revision(current),
                    "updateRevision": revision(update),
                    "collisionCount": 0,
                },
            })
        })
        .collect()
}

/// DaemonSets.
#[must_use]
pub fn daemonsets(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    loads(glance, spot, "daemonset")
        .iter()
        .map(|load| {
            json!({
                "metadata": head(spot, load),
                "spec": {
                    "selector": {"matchLabels": {"k8s-app": load.name}},
                    "template": template(load),
                    "updateStrategy": {"type": "RollingUpdate"},
                },
                "status": {
                    "observedGeneration": load.generation,
                    "currentNumberScheduled": load.desired,
                    "desiredNumberScheduled": load.desired,
                    "numberMisscheduled": 0,
                    "numberReady": load.desired,
                    "updatedNumberScheduled": load.updated,
                    "numberAvailable": load.desired,
                },
            })
        })
        .collect()
}

/// Machines; one of them may be lost.
#[must_use]
pub fn nodes(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let Some(runs) = glance.kubernetes(spot.one) else { return Vec::new() };
    let lost = glance.troubles(spot.one).into_iter().find(|one| one.kind.alert == "KubeNodeNotReady");
    let count = glance.nodes(spot.one);
    let new = runs.moving.map_or(f64::from(count), |share| share * f64::from(count));
    (1..=count)
        .map(|n| {
            let name = format!("node-{n}");
            let away = lost.as_ref().filter(|trouble| trouble.place == name);
            let kubelet = if f64::from(n) <= new { &runs.version } else { &runs.before };
            let (state, reason, message) = match away {
                Some(_) => ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
                None => ("True", "KubeletReady", "kubelet is posting ready status"),
            };
            let beat = away.map_or(glance.at - TimeDelta::seconds(20), |trouble| trouble.start);
            let since = away.map_or(runs.since, |trouble| trouble.start);
            json!({
                "metadata": with(metadata(spot, (None, &name), 1), "labels", json!({"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"})),
                "spec": {"podCIDR": format!("10.8.{n}.0/24")},
                "status": {
                    "capacity": {"cpu": "8", "memory": "32880852Ki", "pods": "110"},
                    "conditions": [
                        {"type": "MemoryPressure", "status": "False", "lastTransitionTime": seconds(runs.since),
                         "reason": "KubeletHasSufficientMemory", "message": "kubelet has sufficient memory available", "lastHeartbeatTime": seconds(beat)},
                        {"type": "Ready", "status": state, "lastTransitionTime": seconds(since), "reason": reason, "message": message, "lastHeartbeatTime": seconds(beat)},
                    ],
                    "nodeInfo": {"kernelVersion": "6.1.112+", "osImage": "Flatcar Container Linux", "containerRuntimeVersion": "containerd://2.1.4",
                                 "kubeletVersion": kubelet, "kubeProxyVersion": kubelet, "operatingSystem": "linux", "architecture": "amd64"},
                },
            })
        })
        .collect()
}

/// Namespaces.
#[must_use]
pub fn namespaces(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let mut names: Vec<String> =
        workloads(glance, spot.one, spot.environment).into_iter().map(|load| load.namespace).collect();
    names.sort();
    names.dedup();
    names
        .iter()
        .map(|name| json!({"metadata": metadata(spot, (None, name), 1), "status": {"phase": "Active"}}))
        .collect()
}

/// Helm's records: the metadata alone, as for readers who may not see what is inside.
#[must_use]
pub fn secrets(glance: &Glance<'_>, spot: &Spot<'_>, question: &Question) -> Vec<Value> {
    if !question.get("labelSelector").is_some_and(|selector| selector.contains("owner=helm")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut release = |name: &str, namespace: &str, revision: i64, state: &str, at: chrono::DateTime<chrono::Utc>| {
        let secret = format!("sh.helm.release.v1.{name}.v{revision}");
        let labels = json!({"name": name, "owner": "helm", "status": state, "version": revision.to_string(), "modifiedAt": at.timestamp().to_string()});
        let metadata = with(metadata(spot, (Some(namespace), &secret), 1), "labels", labels);
        found.push(json!({"metadata": metadata, "type": "helm.sh/release.v1"}));
    };
    let course = glance.course(spot.one, spot.environment);
    let namespace = spot.one.namespace();
    let count = i64::try_from(course.rollouts.len()).unwrap_or_default();
    for (back, rollout) in (0..).zip(course.rollouts.iter().rev().take(3)) {
        let state = match (rollout.failed(glance.at), rollout.succeeded(glance.at), back) {
            (true, ..) => "failed",
            (_, false, _) => "pending-upgrade",
            (_, _, 0) => "deployed",
            _ => "superseded",
        };
        release("meshstack", &namespace, count - back, state, rollout.start);
    }
    if spot.owns_parts() {
        for part in parts_of(spot.one).into_iter().filter(|part| part.chart.is_some()) {
            if let Some(runs) = glance.part(spot.one, part) {
                release(part.id, part.namespace, runs.generation, "deployed", runs.since);
            }
        }
    }
    found
}

/// Certificates as cert-manager keeps them.
#[must_use]
pub fn certificates(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let namespace = spot.one.namespace();
    assurance::certificates(glance, spot.one, spot.environment)
        .iter()
        .map(|paper| {
            let mut conditions = vec![json!({
                "type": "Ready", "status": "True", "lastTransitionTime": seconds(paper.from), "reason": "Ready",
                "message": "Certificate is up to date and has not expired", "observedGeneration": 1,
            })];
            if paper.until <= glance.at {
                conditions = vec![json!({
                    "type": "Ready", "status": "False", "lastTransitionTime": seconds(paper.until), "reason": "Expired",
                    "message": format!("Certificate expired on {}", seconds(paper.until)), "observedGeneration": 1,
                })];
            }
            let mut status = json!({
                "conditions": conditions,
                "notBefore": seconds(paper.from),
                "notAfter": seconds(paper.until),
                "renewalTime": seconds(paper.renewal),
                "revision": paper.revision,
            });
            if let Some(since) = paper.failing {
                let attempts = ((glance.at - since).num_hours().max(1)).ilog2() + 1;
                status = with(status, "failedIssuanceAttempts", attempts.into());
                status = with(status, "lastFailureTime", seconds(glance.at - TimeDelta::minutes(50)).into());
            }
            json!({
                "apiVersion": "cert-manager.io/v1",
                "kind": "Certificate",
                "metadata": metadata(spot, (Some(&namespace), paper.name), 1),
                "spec": {"secretName": format!("{}-tls", paper.name), "dnsNames": [paper.host],
                         "issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer", "group": "cert-manager.io"}},
                "status": status,
            })
        })
        .collect()
}

/// Where Velero keeps its objects: beside the product, so that a tenant of the shared cluster sees its own.
fn velero(spot: &Spot<'_>) -> String {
    if spot.owns_parts() { "velero".to_owned() } else { spot.one.namespace() }
}

/// Backups as Velero keeps them.
#[must_use]
pub fn backups(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    assurance::backups(glance, spot.one, spot.environment)
        .iter()
        .map(|backup| {
            let labels = json!({"velero.io/schedule-name": "daily", "velero.io/storage-location": "default"});
            let head = with(metadata(spot, (Some(&velero(spot)), &backup.name), 1), "labels", labels);
            let mut status = json!({
                "version": 1,
                "formatVersion": "1.1.0",
                "phase": backup.phase,
                "startTimestamp": seconds(backup.start),
                "expiration": seconds(backup.start + TimeDelta::days(30)),
                "progress": {"itemsBackedUp": backup.items, "totalItems": backup.items},
            });
            if let Some(end) = backup.end {
                status = with(status, "completionTimestamp", seconds(end).into());
            }
            match backup.phase {
                "PartiallyFailed" => status = with(status, "errors", 3.into()),
                "Failed" => status = with(status, "failureReason", "no space left in bucket".into()),
                _ => {}
            }
            json!({
                "apiVersion": "velero.io/v1",
                "kind": "Backup",
                "metadata": with(head, "creationTimestamp", seconds(backup.start).into()),
                "spec": {"ttl": "720h0m0s", "includedNamespaces": [spot.one.namespace()], "storageLocation": "default"},
                "status": status,
            })
        })
        .collect()
}

/// The schedule of the backups.
#[must_use]
pub fn schedules(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let last = assurance::backups(glance, spot.one, spot.environment).last().map(|backup| seconds(backup.start));
    vec![json!({
        "apiVersion": "velero.io/v1",
        "kind": "Schedule",
        "metadata": metadata(spot, (Some(&velero(spot)), "daily"), 1),
        "spec": {"schedule": "0 1 * * *", "template": {"ttl": "720h0m0s"}},
        "status": {"phase": "Enabled", "lastBackup": last},
    })]
}

/// Where backups go.
#[must_use]
pub fn storage(glance: &Glance<'_>) -> Vec<Value> {
    vec![json!({
        "apiVersion": "velero.io/v1",
        "kind": "BackupStorageLocation",
        "metadata": {"name": "default", "namespace": "velero"},
        "status": {"phase": "Available", "lastValidationTime": seconds(glance.at - TimeDelta::seconds(41))},
    })]
}

/// Kafka as Strimzi keeps it.
#[must_use]
pub fn kafkas(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<Value> {
    let Some(load) = loads(glance, spot, "statefulset").into_iter().find(|load| load.product == "kafka") else {
        return Vec::new();
    };
    let line = load.answers.rsplit_once('.').map_or(load.answers.as_str(), |(line, _)| line);
    vec![json!({
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "Kafka",
        "metadata": metadata(spot, (Some("kafka"), "main"), load.generation),
        "spec": {"kafka": {"version": load.version}},
        "status": {
            "conditions": [{"lastTransitionTime": seconds(load.moved), "status": "True", "type": "Ready"}],
            "observedGeneration": load.generation,
            "clusterId": hex(&spot.holder(), 22),
            "kafkaVersion": load.answers,
            "kafkaMetadataVersion": format!("{line}-IV1"),
            "operatorLastSuccessfulVersion": "1.1.0",
        },
    })]
}
