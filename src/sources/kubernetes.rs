//! Kubernetes: its version, nodes and workloads with their progress, and what runs in them.

mod copies;
mod delivery;
mod groups;
mod helm;
mod mongo;
mod operators;
mod pages;
mod products;
mod reach;
mod resources;
mod rights;
mod velero;
mod watch;
mod wire;
mod workloads;

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use self::pages::{Listed, list, segment};
use self::products::Naming;
use self::watch::{Following, Watched, moves};
use self::wire::WireMeta;
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::domain::level::Level;
use crate::domain::product::Catalog;
use crate::domain::workload::{Node, WorkloadKind};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending, Reply};
use crate::sources::kind::{Built, Kind, Right, Setting, Source, Stands};
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
    /// CronJobs that copy data, beyond those whose name says so.
    copying: Vec<Clean>,
    records: helm::Records,
    /// What is followed between two polls.
    following: Mutex<Option<Following>>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let endpoint = reach::endpoint(section);
    let only = section.optional(("namespace", "the only namespace that is asked for workloads; all unless said"));
    let home = only.clone().or_else(|| setting.namespace.map(Clean::line));
    let helm = section.choice(
        ("helm", "where Helm's records are read; not at all unless said, for it takes the right to read every secret"),
        &[("secrets", helm::Store::Secrets), ("configmaps", helm::Store::ConfigMaps)],
    );
    let copying =
        section.texts(("backup_jobs", "CronJobs that copy data, beyond those whose name says `backup` or `dump`"));
    let copying = copying.unwrap_or_default();
    let (catalog, own) = (Arc::clone(setting.catalog), setting.product.cloned());
    let (records, following) = (helm::Records::default(), Mutex::default());
    let source = Kubernetes { catalog, own, home, only, helm, copying, records, following };
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
            let nodes: Vec<WireNode> = everywhere(door, "api/v1", "nodes", &mut heard).await?;
            heard.facts.extend(nodes.into_iter().map(|node| Fact::here(What::Node(node.into_node()))));
            let before = std::mem::take(&mut heard.facts);
            let deployments = self.listed(door, APPS, "deployments", &mut heard).await?;
            let stateful_sets = self.listed(door, APPS, "statefulsets", &mut heard).await?;
            let daemon_sets = self.listed(door, APPS, "daemonsets", &mut heard).await?;
            let lists = [
                Watched::new(WorkloadKind::Deployment, deployments),
                Watched::new(WorkloadKind::StatefulSet, stateful_sets),
                Watched::new(WorkloadKind::DaemonSet, daemon_sets),
            ];
            self.operators(door, &mut heard).await?;
            if let Some(store) = self.helm {
                helm::facts(door, store, self.only.as_ref(), &self.records, &self.naming(), &mut heard).await?;
            }
            let following = Following { before, behind: heard.facts, gaps: heard.gaps, lists };
            let heard = following.heard(&self.naming());
            self.keep(Some(following).filter(|_| moves(&heard)));
            Ok(heard)
        })
    }

    fn follow<'a>(&'a self, door: &'a dyn Door) -> Option<Pending<'a, Result<Heard, Fault>>> {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Box::pin(async move {
            following.news(door).await?;
            let heard = following.heard(&self.naming());
            self.keep(Some(following));
            Ok(heard)
        }))
    }

    fn rights<'a>(&'a self, door: &'a dyn Door) -> Option<Pending<'a, Result<Vec<Right>, Fault>>> {
        Some(Box::pin(self.reviewed(door)))
    }
}

/// Where workloads live.
const APPS: &str = "apis/apps/v1";

impl Kubernetes {
    fn keep(&self, following: Option<Following>) {
        *self.following.lock().unwrap_or_else(PoisonError::into_inner) = following;
    }

    fn naming(&self) -> Naming<'_> {
        let namespace = self.home.as_ref().map(Clean::as_str);
        Naming { catalog: &self.catalog, own: self.own.as_ref(), namespace }
    }

    /// What lives in namespaces.
    async fn at_home<T: DeserializeOwned>(
        &self,
        door: &dyn Door,
        base: &str,
        plural: &'static str,
        heard: &mut Heard,
    ) -> Result<Vec<T>, Fault> {
        self.listed(door, base, plural, heard).await.map(|listed| listed.items)
    }

    /// What lives in namespaces, with what is needed to go on from it. Where not all of them may be seen, home is asked for
    /// alone.
    async fn listed<T: DeserializeOwned>(
        &self,
        door: &dyn Door,
        base: &str,
        plural: &'static str,
        heard: &mut Heard,
    ) -> Result<Listed<T>, Fault> {
        let path = |only: Option<&Clean>| match only {
            Some(namespace) => format!("{base}/namespaces/{}/{plural}", segment(namespace)),
            None => format!("{base}/{plural}"),
        };
        // Each report lists every vulnerability: small pages.
        let ask = |path: &str| {
            if plural == "vulnerabilityreports" { Ask::get(path).with("limit", "20") } else { Ask::get(path) }
        };
        let mut asked = path(self.only.as_ref());
        let mut outcome = list(door, ask(&asked), plural, heard).await;
        if let (Err(Fault::Forbidden { why }), None, Some(home)) = (&outcome, &self.only, &self.home) {
            let place = Clean::line(&format!("{plural} of all namespaces but `{home}`"));
            heard.gaps.push(Gap { place, why: why.clone(), kind: GapKind::Forbidden });
            asked = path(Some(home));
            outcome = list(door, ask(&asked), plural, heard).await;
        }
        let path = outcome.is_ok().then_some(asked);
        let (items, version) = part(outcome, plural, heard)?;
        Ok(Listed { items, version, path })
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
    part(listed.map(|(items, _)| items), plural, heard)
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
