//! The series a Prometheus holds about an environment: who runs in which version, what works, and a few key figures.

use super::figures::figures;
use super::place::Spot;
use super::selector::{Query, Sample};
use super::times::unix;
use crate::demo::alerts::alerts;
use crate::demo::assurance::{backups, certificates, last_good};
use crate::demo::cast::Plan;
use crate::demo::glance::Glance;
use crate::demo::workloads::workloads;

/// Every series of an environment that a query may want. What nobody asks for is not computed.
#[must_use]
pub fn series(glance: &Glance<'_>, spot: &Spot<'_>, query: &Query) -> Vec<Sample> {
    let mut found = Vec::new();
    let any = |names: &[&str]| names.iter().any(|name| query.wants(name));
    versions(glance, spot, query, &mut found);
    if query.wants("up") {
        targets(glance, spot, &mut found);
    }
    if any(&WORKLOADS) {
        moving(glance, spot, &mut found);
    }
    if any(&["kube_node_info", "kube_node_status_condition"]) && spot.owns_parts() {
        nodes(glance, spot, &mut found);
    }
    if query.wants("ALERTS") {
        raised(glance, spot, &mut found);
    }
    if any(&PAPERS) {
        papers(glance, spot, &mut found);
    }
    figures(glance, spot, query, &mut found);
    found
}

const WORKLOADS: [&str; 4] = [
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_updated",
    "kube_deployment_status_replicas_available",
    "kube_pod_container_info",
];

const PAPERS: [&str; 5] = [
    "certmanager_certificate_expiration_timestamp_seconds",
    "certmanager_certificate_not_after_timestamp_seconds",
    "velero_backup_last_successful_timestamp",
    "velero_backup_last_status",
    "trivy_image_vulnerabilities",
];

/// Metric, part, label of the version, job, port.
const BUILDS: [(&str, &str, &str, &str, u32); 13] = [
    ("prometheus_build_info", "prometheus", "version", "prometheus", 9090),
    ("alertmanager_build_info", "alertmanager", "version", "alertmanager", 9093),
    ("mimir_build_info", "mimir", "version", "mimir", 8080),
    ("cortex_build_info", "mimir", "version", "mimir", 8080),
    ("loki_build_info", "loki", "version", "loki", 3100),
    ("grafana_build_info", "grafana", "version", "grafana", 3000),
    ("kubernetes_build_info", "kubernetes", "git_version", "apiserver", 443),
    ("cilium_version", "cilium", "version", "cilium-agent", 9962),
    ("mongodb_version_info", "mongodb", "mongodb", "mongodb-exporter", 9216),
    ("kafka_server_app_info_version", "kafka", "version", "kafka", 9404),
    ("gitlab_build_info", "gitlab", "version", "gitaly", 9236),
    ("gitlab_runner_version_info", "gitlab-runner", "version", "gitlab-runner", 9252),
    ("openvpn_build_info", "openvpn", "version", "openvpn", 9176),
];

fn versions(glance: &Glance<'_>, spot: &Spot<'_>, query: &Query, found: &mut Vec<Sample>) {
    let owned = crate::demo::workloads::parts_of(spot.one);
    for (metric, part, label, job, port) in BUILDS {
        if !query.wants(metric) || !owned.iter().any(|one| one.id == part) {
            continue;
        }
        let version = match part {
            "kubernetes" => glance.kubernetes(spot.one).map(|runs| runs.version).unwrap_or_default(),
            _ => spot.part(glance, part),
        };
        let instance = spot.instance(job, port);
        let value = if metric == "cilium_version" { 0.0 } else { 1.0 };
        let labels =
            [(label, version.as_str()), ("job", job), ("instance", instance.as_str()), ("goversion", "go1.24.6")];
        found.push(Sample::gauge(metric, &labels, value));
    }
    if query.wants("meshstack_build_info") {
        // While it rolls, replicas of both versions answer.
        let mut seen: Vec<String> = workloads(glance, spot.one, spot.environment)
            .into_iter()
            .filter(|load| load.product == crate::demo::vendor::PLATFORM)
            .map(|load| load.answers)
            .collect();
        seen.sort();
        seen.dedup();
        for version in seen {
            let instance = spot.instance(&version, 8080);
            let labels = [("version", version.as_str()), ("job", "meshfed-api"), ("instance", instance.as_str())];
            found.push(Sample::gauge("meshstack_build_info", &labels, 1.0));
        }
    }
}

/// What is scraped here, and whether it answers.
#[must_use]
pub fn jobs(glance: &Glance<'_>, spot: &Spot<'_>) -> Vec<(String, String, bool)> {
    let troubles = glance.troubles(spot.one);
    let down = |job: &str| troubles.iter().any(|one| one.kind.alert == "TargetDown" && one.place == job);
    let mut names = vec!["meshfed-api", "node-exporter", "kube-state-metrics", "mongodb-exporter"];
    if spot.owns_parts() {
        names.extend(["prometheus", "alertmanager", "loki", "grafana", "apiserver"]);
    }
    if spot.one.plan == Plan::Paas {
        names.extend(["mimir", "kafka", "cilium-agent", "gitlab-runner"]);
    }
    names.into_iter().map(|job| (job.to_owned(), spot.instance(job, 9100), !down(job))).collect()
}

fn targets(glance: &Glance<'_>, spot: &Spot<'_>, found: &mut Vec<Sample>) {
    for (job, instance, is_up) in jobs(glance, spot) {
        let labels = [("job", job.as_str()), ("instance", instance.as_str())];
        found.push(Sample::gauge("up", &labels, f64::from(u8::from(is_up))));
    }
}

fn moving(glance: &Glance<'_>, spot: &Spot<'_>, found: &mut Vec<Sample>) {
    for load in workloads(glance, spot.one, spot.environment) {
        let labels = [(load.kind, load.name.as_str()), ("namespace", load.namespace.as_str())];
        let counts = [
            ("spec_replicas", load.desired),
            ("status_replicas_updated", load.updated),
            ("status_replicas_available", load.available),
        ];
        if load.kind == "deployment" {
            for (what, count) in counts {
                found.push(Sample::gauge(&format!("kube_deployment_{what}"), &labels, f64::from(count)));
            }
        }
        let pod = format!("{}-{}", load.name, crate::demo::dice::hex(&load.image, 5));
        let labels = [
            ("namespace", load.namespace.as_str()),
            ("pod", pod.as_str()),
            ("container", load.name.as_str()),
            ("image", load.image.as_str()),
            ("image_spec", load.image.as_str()),
        ];
        found.push(Sample::gauge("kube_pod_container_info", &labels, 1.0));
    }
}

fn nodes(glance: &Glance<'_>, spot: &Spot<'_>, found: &mut Vec<Sample>) {
    let Some(runs) = glance.kubernetes(spot.one) else { return };
    let lost = glance.troubles(spot.one).into_iter().find(|one| one.kind.alert == "KubeNodeNotReady");
    for n in 1..=glance.nodes(spot.one) {
        let node = format!("node-{n}");
        let ready = lost.as_ref().is_none_or(|trouble| trouble.place != node);
        let labels = [("node", node.as_str()), ("kubelet_version", runs.version.as_str())];
        found.push(Sample::gauge("kube_node_info", &labels, 1.0));
        let labels = [("node", node.as_str()), ("condition", "Ready"), ("status", "true")];
        found.push(Sample::gauge("kube_node_status_condition", &labels, f64::from(u8::from(ready))));
    }
}

fn raised(glance: &Glance<'_>, spot: &Spot<'_>, found: &mut Vec<Sample>) {
    for alert in alerts(glance, spot.one, spot.environment) {
        let mut labels: Vec<(&str, &str)> = alert.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        labels.push(("alertstate", if alert.firing { "firing" } else { "pending" }));
        found.push(Sample::gauge("ALERTS", &labels, 1.0));
    }
}

fn papers(glance: &Glance<'_>, spot: &Spot<'_>, found: &mut Vec<Sample>) {
    let namespace = spot.one.namespace();
    for paper in certificates(glance, spot.one, spot.environment) {
        let labels = [
            ("name", paper.name),
            ("namespace", namespace.as_str()),
            ("issuer_name", "letsencrypt"),
            ("issuer_kind", "ClusterIssuer"),
        ];
        for metric in PAPERS.into_iter().take(2) {
            found.push(Sample::gauge(metric, &labels, unix(paper.until)));
        }
    }
    let saved = backups(glance, spot.one, spot.environment);
    if let Some(last) = last_good(&saved) {
        found.push(Sample::gauge("velero_backup_last_successful_timestamp", &[("schedule", "daily")], unix(last)));
    }
    let good = saved.iter().rev().find(|one| one.end.is_some()).is_none_or(|one| one.phase == "Completed");
    found.push(Sample::gauge("velero_backup_last_status", &[("schedule", "daily")], f64::from(u8::from(good))));
    let version = glance.product(spot.one, spot.environment).unwrap_or_default();
    let holed = glance
        .world
        .vendor
        .known(glance.at)
        .iter()
        .find(|one| one.security)
        .is_some_and(|patch| patch.version != version);
    for (severity, count) in
        [("Critical", if holed { 1.0 } else { 0.0 }), ("High", 3.0), ("Medium", 14.0), ("Low", 31.0)]
    {
        let labels = [
            ("image_repository", "meshstack/meshfed-api"),
            ("image_tag", version.as_str()),
            ("severity", severity),
            ("namespace", namespace.as_str()),
        ];
        found.push(Sample::gauge("trivy_image_vulnerabilities", &labels, count));
    }
}
