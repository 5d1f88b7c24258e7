//! Kubernetes: its version, nodes and workloads with their progress, and what runs in them.

mod delivery;
mod groups;
mod helm;
mod pages;
mod products;
mod reach;
mod resources;
mod velero;
mod wire;
mod workloads;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use self::delivery::{WireApplication, WireHelmRelease};
use self::groups::Groups;
use self::pages::{list, segment};
use self::products::Naming;
use self::resources::{WireCertificate, WireKafka, WireLogging, WireReport, findings};
use self::velero::{WireBackup, WireSchedule, WireStore};
use self::wire::{WireMeta, WireWorkload};
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::domain::level::Level;
use crate::domain::product::Catalog;
use crate::domain::workload::{Node, WorkloadKind};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending, Reply};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{json, part, told};
use crate::text::clean::Clean;

/// Kubernetes.
pub static KIND: Kind = Kind {
    name: "kubernetes",
    about: "version, nodes, workloads with their progress, what runs in them, and what operators tell",
    example: r#"{ kind = "kubernetes", url = "https://kubernetes.example.test:6443", token = { env = "ACME_KUBERNETES_TOKEN" } }"#,
    stands: Stands::Place,
    build,
};

struct Kubernetes {
    catalog: Arc<Catalog>,
    /// The environment's own product.
    own: Option<ProductId>,
    /// Where it lives.
    home: Option<Clean>,
    /// The only namespace asked for; none means all.
    only: Option<Clean>,
    /// Where Helm keeps its records, where they are to be read.
    helm: Option<helm::Store>,
    records: helm::Records,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let endpoint = reach::endpoint(section);
    let only = section.optional(("namespace", "the only namespace that is asked for workloads; all unless said"));
    let home = only.clone().or_else(|| setting.namespace.map(Clean::line));
    let helm = section.choice(
        ("helm", "where Helm's records are read; not at all unless said, for it takes the right to read every secret"),
        &[("secrets", helm::Store::Secrets), ("configmaps", helm::Store::ConfigMaps)],
    );
    let (catalog, own) = (Arc::clone(setting.catalog), setting.product.cloned());
    let source = Kubernetes { catalog, own, home, only, helm, records: helm::Records::default() };
    match endpoint {
        reach::Way::Usual => Some(Built::new(source)),
        reach::Way::Found(endpoint) => Some(Built { source: Box::new(source), endpoint: Some(*endpoint) }),
        reach::Way::Lost(endpoint, fault) => {
            Some(Built { source: Box::new(Unreachable(fault)), endpoint: Some(*endpoint) })
        }
        reach::Way::Wrong => None,
    }
}

/// A cluster whose kubeconfig can't be read on this machine.
struct Unreachable(Fault);

impl Source for Unreachable {
    fn poll<'a>(&'a self, _door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

impl Source for Kubernetes {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            // Hardened clusters hide their version; anything else here means that this is no Kubernetes.
            match door.ask(Ask::get("version")).await {
                Ok(reply) => heard.facts.push(read_version(&reply.body)?),
                Err(fault @ Fault::Forbidden { .. }) => part(Err(fault), "version", &mut heard)?,
                Err(fault) => return Err(fault),
            }
            // A server that is not ready says so with a 500, and why.
            let ready = door.ask(Ask::get("readyz").even(500)).await.map(|reply| vec![read_ready(&reply)]);
            let ready = part(ready, "readyz", &mut heard)?;
            heard.facts.extend(ready);
            let nodes = list::<WireNode>(door, Ask::get("api/v1/nodes"), "nodes", &mut heard).await;
            let nodes = part(nodes, "nodes", &mut heard)?;
            heard.facts.extend(nodes.into_iter().map(|node| Fact::here(What::Node(node.into_node()))));
            for (kind, plural) in [
                (WorkloadKind::Deployment, "deployments"),
                (WorkloadKind::StatefulSet, "statefulsets"),
                (WorkloadKind::DaemonSet, "daemonsets"),
            ] {
                let workloads: Vec<WireWorkload> = self.at_home(door, "apis/apps/v1", plural, &mut heard).await?;
                let naming = self.naming();
                heard.facts.extend(workloads.iter().flat_map(|workload| workload.facts(kind, &naming)));
            }
            self.operators(door, &mut heard).await?;
            if let Some(store) = self.helm {
                helm::facts(door, store, self.only.as_ref(), &self.records, &self.naming(), &mut heard).await?;
            }
            Ok(heard)
        })
    }
}

impl Kubernetes {
    fn naming(&self) -> Naming<'_> {
        let namespace = self.home.as_ref().map(Clean::as_str);
        Naming { catalog: &self.catalog, own: self.own.as_ref(), namespace }
    }

    /// What operators tell, where they are installed.
    async fn operators(&self, door: &dyn Door, heard: &mut Heard) -> Result<(), Fault> {
        let groups = door.ask(Ask::get("apis")).await.and_then(|reply| Groups::read(&reply.body));
        let groups = part(groups, "api groups", heard)?;
        if let Some(base) = groups.path("cert-manager.io") {
            let certificates: Vec<WireCertificate> = self.at_home(door, &base, "certificates", heard).await?;
            heard.facts.extend(certificates.into_iter().map(WireCertificate::into_fact));
        }
        if let Some(base) = groups.path("kafka.strimzi.io") {
            let kafkas: Vec<WireKafka> = self.at_home(door, &base, "kafkas", heard).await?;
            heard.facts.extend(kafkas.iter().flat_map(WireKafka::facts));
        }
        if let Some(base) = groups.path("aquasecurity.github.io") {
            let reports: Vec<WireReport> = self.at_home(door, &base, "vulnerabilityreports", heard).await?;
            heard.facts.extend(findings(reports));
        }
        if let Some(base) = groups.path("logging.banzaicloud.io") {
            let loggings: Vec<WireLogging> = everywhere(door, &base, "loggings", heard).await?;
            heard.facts.extend(loggings.into_iter().map(|logging| logging.into_fact("logging")));
            let configs: Vec<WireLogging> = everywhere(door, &base, "fluentdconfigs", heard).await?;
            heard.facts.extend(configs.into_iter().map(|config| config.into_fact("fluentd")));
        }
        if let Some(base) = groups.path("velero.io") {
            let schedules: Vec<WireSchedule> = everywhere(door, &base, "schedules", heard).await?;
            let backups: Vec<WireBackup> = everywhere(door, &base, "backups", heard).await?;
            let stores: Vec<WireStore> = everywhere(door, &base, "backupstoragelocations", heard).await?;
            let only = self.only.as_ref().map(Clean::as_str);
            heard.facts.extend(velero::facts(&schedules, &backups, &stores, only));
        }
        if let Some(base) = groups.path("helm.toolkit.fluxcd.io") {
            let releases: Vec<WireHelmRelease> = everywhere(door, &base, "helmreleases", heard).await?;
            heard.facts.extend(releases.iter().flat_map(|release| release.facts(&self.naming())));
        }
        if let Some(base) = groups.path("argoproj.io") {
            let applications: Vec<WireApplication> = everywhere(door, &base, "applications", heard).await?;
            heard.facts.extend(applications.iter().flat_map(|application| application.facts(&self.naming())));
        }
        Ok(())
    }

    /// What lives in namespaces. Where not all of them may be seen, home is asked for alone.
    async fn at_home<T: DeserializeOwned>(
        &self,
        door: &dyn Door,
        base: &str,
        plural: &'static str,
        heard: &mut Heard,
    ) -> Result<Vec<T>, Fault> {
        let below = |only: Option<&Clean>| {
            let ask = match only {
                Some(namespace) => Ask::get(format!("{base}/namespaces/{}/{plural}", segment(namespace))),
                None => Ask::get(format!("{base}/{plural}")),
            };
            // Each report lists every vulnerability: small pages.
            if plural == "vulnerabilityreports" { ask.with("limit", "20") } else { ask }
        };
        let asked = list(door, below(self.only.as_ref()), plural, heard).await;
        match (asked, &self.only, &self.home) {
            (Err(Fault::Forbidden { why }), None, Some(home)) => {
                let place = Clean::line(&format!("{plural} of all namespaces but `{home}`"));
                heard.gaps.push(Gap { place, why, kind: GapKind::Forbidden });
                let at_home = list(door, below(Some(home)), plural, heard).await;
                part(at_home, plural, heard)
            }
            (asked, _, _) => part(asked, plural, heard),
        }
    }
}

/// What belongs to the cluster, or lives in namespaces of its own.
async fn everywhere<T: DeserializeOwned>(
    door: &dyn Door,
    base: &str,
    plural: &'static str,
    heard: &mut Heard,
) -> Result<Vec<T>, Fault> {
    let listed = list(door, Ask::get(format!("{base}/{plural}")), plural, heard).await;
    part(listed, plural, heard)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVersion {
    git_version: String,
}

/// Understands who answers. `minor` may be `29+`; only `gitVersion` is the version.
fn read_version(body: &[u8]) -> Result<Fact, Fault> {
    let version: WireVersion = json(body, "the version of a Kubernetes")?;
    Ok(Fact::here(What::Sighting(Sighting {
        product: "kubernetes".into(),
        version: Clean::line(&version.git_version),
        evidence: Evidence::Answered,
        part: None,
    })))
}

/// Understands the readiness text: `ok`, or a line a check with `[-]` before those that fail.
fn read_ready(reply: &Reply) -> Fact {
    let text = String::from_utf8_lossy(&reply.body);
    let failed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("[-]"))
        .map(|line| line.split(" failed").next().unwrap_or(line))
        .collect();
    let (level, detail) = match (reply.status, failed.is_empty()) {
        (200, true) if text.trim() == "ok" || text.contains("readyz check passed") => (Level::Ok, "ready".to_owned()),
        (200, true) => (Level::Unknown, "an answer nobody knows".to_owned()),
        (_, true) => (Level::Critical, "not ready".to_owned()),
        (_, false) => (Level::Critical, format!("not ready: {}", failed.join(", "))),
    };
    Fact::here(What::Health(Health {
        product: Some("kubernetes".into()),
        what: Clean::line("readyz"),
        level,
        detail: Clean::line(&detail),
    }))
}

#[derive(Deserialize)]
struct WireNode {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireNodeSpec,
    #[serde(default)]
    status: WireNodeStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireNodeSpec {
    unschedulable: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireNodeStatus {
    conditions: Option<Vec<WireNodeCondition>>,
    node_info: WireNodeInfo,
}

#[derive(Deserialize)]
struct WireNodeCondition {
    r#type: String,
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireNodeInfo {
    kubelet_version: Option<String>,
    os_image: Option<String>,
}

impl WireNode {
    fn into_node(self) -> Node {
        let ready = self.status.conditions.iter().flatten().find(|condition| condition.r#type == "Ready");
        Node {
            name: Clean::line(&self.metadata.name),
            kubelet: told(self.status.node_info.kubelet_version.as_deref()),
            system: told(self.status.node_info.os_image.as_deref()),
            // `Unknown`: its kubelet stopped reporting.
            ready: ready.and_then(|condition| match condition.status.as_str() {
                "True" => Some(true),
                "False" => Some(false),
                _ => None,
            }),
            schedulable: !self.spec.unschedulable,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
