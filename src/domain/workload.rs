//! What runs in a cluster: workloads with their progress, and nodes.

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::id::ProductId;
use crate::text::clean::Clean;

/// A Deployment, StatefulSet or DaemonSet, with exactly what `kubectl rollout status` would say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// What it is.
    pub kind: WorkloadKind,
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// The product it is part of, where the catalog knows its image or the environment names its own.
    pub product: Option<ProductId>,
    /// The version its images or labels ask for.
    pub version: Option<Clean>,
    /// Replicas wanted.
    pub desired: u32,
    /// Replicas of the new revision.
    pub updated: u32,
    /// Replicas that are available (for StatefulSets: ready).
    pub available: u32,
    /// Where its rollout stands.
    pub state: WorkloadState,
    /// The sentence of `kubectl rollout status`.
    pub message: Clean,
    /// When it last made progress, where the cluster tells.
    pub progressed: Option<Moment>,
    /// How long without progress counts as stuck, in seconds; 600 where the workload names none.
    pub deadline_seconds: u32,
}

/// Kinds of workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A StatefulSet.
    StatefulSet,
    /// A DaemonSet.
    DaemonSet,
}

impl WorkloadKind {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
        }
    }
}

/// Where a workload's rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadState {
    /// Every replica is updated and available.
    Done,
    /// On its way.
    Waiting,
    /// Past its progress deadline.
    Failed,
    /// Paused by a person: never finishes, never times out.
    Paused,
    /// Its update strategy leaves no way to tell.
    Untold,
}

/// A machine of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub name: Clean,
    /// Its kubelet's version; none where it never reported.
    pub kubelet: Option<Clean>,
    /// Its operating system, as it names itself.
    pub system: Option<Clean>,
    /// Whether it is ready; none where it stopped reporting.
    pub ready: Option<bool>,
    /// Whether new pods may land on it.
    pub schedulable: bool,
}
