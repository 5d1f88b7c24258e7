//! Kubernetes: its version, nodes and workloads with their progress, and what runs in them.

mod pages;
mod products;
mod reach;
mod wire;
mod workloads;

use std::sync::Arc;

use serde::Deserialize;

use self::pages::list;
use self::products::Naming;
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
    about: "version, nodes, workloads with their progress, and what runs in them",
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
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let endpoint = reach::endpoint(section);
    let only = section.optional(("namespace", "the only namespace that is asked for workloads; all unless said"));
    let home = only.clone().or_else(|| setting.namespace.map(Clean::line));
    let source = Kubernetes { catalog: Arc::clone(setting.catalog), own: setting.product.cloned(), home, only };
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
                let workloads = self.workloads(door, plural, &mut heard).await?;
                let naming = self.naming();
                heard.facts.extend(workloads.iter().flat_map(|workload| workload.facts(kind, &naming)));
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

    /// The workloads of one kind. Where not all namespaces may be seen, those at home are asked for alone.
    async fn workloads(
        &self,
        door: &dyn Door,
        plural: &'static str,
        heard: &mut Heard,
    ) -> Result<Vec<WireWorkload>, Fault> {
        let below = |only: Option<&Clean>| match only {
            Some(namespace) => Ask::get(format!("apis/apps/v1/namespaces/{}/{plural}", segment(namespace))),
            None => Ask::get(format!("apis/apps/v1/{plural}")),
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

/// A name as one step of a path. Names of namespaces need no encoding; anything else finds nothing.
fn segment(name: &Clean) -> String {
    name.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
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
