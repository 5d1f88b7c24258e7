//! Workloads as they come over the wire: the fields we use, and no others.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A Deployment, StatefulSet or DaemonSet: the fields of all three, each absent where it has none.
#[derive(Deserialize)]
pub(super) struct WireWorkload {
    pub(super) metadata: WireHead,
    #[serde(default)]
    pub(super) spec: WireSpec,
    #[serde(default)]
    pub(super) status: WireStatus,
}

/// The head of a workload. A cluster has thousands of them: what nobody asks for is not kept.
#[derive(Deserialize)]
pub(super) struct WireHead {
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: String,
    #[serde(default)]
    pub(super) generation: i64,
    #[serde(default)]
    pub(super) labels: Option<WireLabels>,
}

/// The labels in which a workload tells its version, and Helm's charts their name and version.
#[derive(Deserialize)]
pub(super) struct WireLabels {
    #[serde(rename = "app.kubernetes.io/version")]
    pub(super) version: Option<String>,
    #[serde(rename = "helm.sh/chart")]
    pub(super) chart: Option<String>,
}

/// The head of any other object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMeta {
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: String,
    #[serde(default)]
    pub(super) generation: i64,
    #[serde(default)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) uid: String,
    /// Opaque: equal, or not.
    #[serde(default)]
    pub(super) resource_version: String,
}

impl WireMeta {
    /// A label that is there and not empty.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSpec {
    pub(super) replicas: Option<i64>,
    pub(super) paused: bool,
    pub(super) progress_deadline_seconds: Option<i64>,
    pub(super) update_strategy: WireStrategy,
    pub(super) template: WireTemplate,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireStrategy {
    pub(super) r#type: String,
    pub(super) rolling_update: Option<WireRolling>,
}

#[derive(Deserialize)]
pub(super) struct WireRolling {
    pub(super) partition: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireTemplate {
    pub(super) spec: WirePods,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WirePods {
    pub(super) containers: Option<Vec<WireContainer>>,
}

#[derive(Deserialize)]
pub(super) struct WireContainer {
    #[serde(default)]
    pub(super) image: String,
}

/// Servers leave out what is zero.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireStatus {
    pub(super) observed_generation: i64,
    pub(super) replicas: i64,
    pub(super) updated_replicas: i64,
    pub(super) ready_replicas: i64,
    pub(super) available_replicas: i64,
    pub(super) current_replicas: i64,
    pub(super) current_revision: String,
    pub(super) update_revision: String,
    pub(super) desired_number_scheduled: i64,
    pub(super) updated_number_scheduled: i64,
    pub(super) number_available: i64,
    pub(super) conditions: Option<Vec<WireCondition>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCondition {
    pub(super) r#type: WireAspect,
    #[serde(default)]
    pub(super) reason: WireReason,
    pub(super) last_update_time: Option<String>,
}

/// What a condition is about.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
pub(super) enum WireAspect {
    Progressing,
    #[serde(other)]
    Other,
}

/// Why it is as it is.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
pub(super) enum WireReason {
    ProgressDeadlineExceeded,
    #[default]
    #[serde(other)]
    Other,
}

impl WireWorkload {
    /// The images of its containers, the first one first.
    pub(super) fn images(&self) -> impl Iterator<Item = &str> {
        self.spec.template.spec.containers.iter().flatten().map(|container| container.image.as_str())
    }
}
