//! Workloads: how far each one's rollout is, exactly as `kubectl rollout status` tells it.

use super::products::{Naming, Told};
use super::wire::{WireAspect, WireCondition, WireReason, WireStatus, WireWorkload};
use crate::domain::fact::{Fact, What};
use crate::domain::workload::{Workload, WorkloadKind, WorkloadState};
use crate::sources::reading::moment;
use crate::text::clean::Clean;

/// How long without progress counts as stuck where a workload does not say.
const DEADLINE: u32 = 600;

/// Where a rollout stands, and the sentence for it.
type Progress = (WorkloadState, String);

impl WireWorkload {
    /// The facts: what runs in it, and how far it is. One that is nobody's has no facts.
    pub(super) fn facts(&self, kind: WorkloadKind, naming: &Naming<'_>) -> Vec<Fact> {
        let Told { product, version, sightings } = naming.tell(self);
        let mut facts: Vec<Fact> = sightings.into_iter().map(|one| Fact::here(What::Sighting(one))).collect();
        if product.is_some() {
            facts.push(Fact::here(What::Workload(Box::new(Workload { product, version, ..self.workload(kind) }))));
        }
        facts
    }

    fn workload(&self, kind: WorkloadKind) -> Workload {
        let (desired, updated, available) = self.counts(kind);
        let (state, message) = match kind {
            WorkloadKind::Deployment => self.deployment(),
            WorkloadKind::StatefulSet => self.stateful_set(),
            WorkloadKind::DaemonSet => self.daemon_set(),
        };
        Workload {
            kind,
            namespace: Clean::line(&self.metadata.namespace),
            name: Clean::line(&self.metadata.name),
            product: None,
            version: None,
            desired: whole(desired),
            updated: whole(updated),
            available: whole(available),
            state,
            message: Clean::line(&message),
            progressed: self.progressing().and_then(|condition| moment(condition.last_update_time.as_deref()?)),
            deadline_seconds: self.spec.progress_deadline_seconds.map_or(DEADLINE, whole),
        }
    }

    /// Desired, updated and available replicas.
    fn counts(&self, kind: WorkloadKind) -> (i64, i64, i64) {
        let status = &self.status;
        // The server writes 1 where a person wrote nothing.
        let replicas = self.spec.replicas.unwrap_or(1);
        match kind {
            WorkloadKind::Deployment => (replicas, status.updated_replicas, status.available_replicas),
            WorkloadKind::StatefulSet => (replicas, status.updated_replicas, status.ready_replicas),
            WorkloadKind::DaemonSet => {
                (status.desired_number_scheduled, status.updated_number_scheduled, status.number_available)
            }
        }
    }

    fn progressing(&self) -> Option<&WireCondition> {
        self.status.conditions.iter().flatten().find(|condition| condition.r#type == WireAspect::Progressing)
    }

    fn is_unobserved(&self) -> bool {
        self.metadata.generation > self.status.observed_generation
    }

    fn deployment(&self) -> Progress {
        let name = &self.metadata.name;
        let WireStatus { replicas, updated_replicas: updated, available_replicas: available, .. } = self.status;
        let waiting = |why: String| {
            // A paused one never finishes and never times out.
            let state = if self.spec.paused { WorkloadState::Paused } else { WorkloadState::Waiting };
            (state, format!("Waiting for deployment \"{name}\" rollout to finish: {why}..."))
        };
        if self.is_unobserved() {
            return (WorkloadState::Waiting, "Waiting for deployment spec update to be observed...".to_owned());
        }
        if self.progressing().is_some_and(|condition| condition.reason == WireReason::ProgressDeadlineExceeded) {
            return (WorkloadState::Failed, format!("deployment \"{name}\" exceeded its progress deadline"));
        }
        if let Some(wanted) = self.spec.replicas.filter(|wanted| updated < *wanted) {
            return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
        }
        if replicas > updated {
            return waiting(format!("{} old replicas are pending termination", replicas.saturating_sub(updated)));
        }
        if available < updated {
            return waiting(format!("{available} of {updated} updated replicas are available"));
        }
        (WorkloadState::Done, format!("deployment \"{name}\" successfully rolled out"))
    }

    fn stateful_set(&self) -> Progress {
        let status = &self.status;
        let waiting = |why: String| (WorkloadState::Waiting, why);
        let done = |how: String| (WorkloadState::Done, how);
        if let Some(untold) = self.untold() {
            return untold;
        }
        if status.observed_generation == 0 || self.is_unobserved() {
            return waiting("Waiting for statefulset spec update to be observed...".to_owned());
        }
        if let Some(wanted) = self.spec.replicas.filter(|wanted| status.ready_replicas < *wanted) {
            return waiting(format!(
                "Waiting for {} pods to be ready...",
                wanted.saturating_sub(status.ready_replicas)
            ));
        }
        let updated = status.updated_replicas;
        if let Some(rolling) = &self.spec.update_strategy.rolling_update {
            if let (Some(wanted), Some(partition)) = (self.spec.replicas, rolling.partition) {
                let due = wanted.saturating_sub(partition);
                if updated < due {
                    let rest = format!("{updated} out of {due} new pods have been updated...");
                    return waiting(format!("Waiting for partitioned roll out to finish: {rest}"));
                }
            }
            return done(format!("partitioned roll out complete: {updated} new pods have been updated..."));
        }
        if status.update_revision != status.current_revision {
            let rest = format!("{updated} pods at revision {}...", status.update_revision);
            return waiting(format!("waiting for statefulset rolling update to complete {rest}"));
        }
        let rest = format!("{} pods at revision {}...", status.current_replicas, status.current_revision);
        done(format!("statefulset rolling update complete {rest}"))
    }

    fn daemon_set(&self) -> Progress {
        let name = &self.metadata.name;
        let WireStatus { desired_number_scheduled: desired, updated_number_scheduled: updated, .. } = self.status;
        let available = self.status.number_available;
        let waiting = |why: String| {
            (WorkloadState::Waiting, format!("Waiting for daemon set \"{name}\" rollout to finish: {why}..."))
        };
        if let Some(untold) = self.untold() {
            return untold;
        }
        if self.is_unobserved() {
            return (WorkloadState::Waiting, "Waiting for daemon set spec update to be observed...".to_owned());
        }
        if updated < desired {
            return waiting(format!("{updated} out of {desired} new pods have been updated"));
        }
        if available < desired {
            return waiting(format!("{available} of {desired} updated pods are available"));
        }
        (WorkloadState::Done, format!("daemon set \"{name}\" successfully rolled out"))
    }

    /// Only rolling updates can be followed. The server writes the strategy always.
    fn untold(&self) -> Option<Progress> {
        let rolls = self.spec.update_strategy.r#type == "RollingUpdate";
        let words = "rollout status is only available for RollingUpdate strategy type";
        (!rolls).then(|| (WorkloadState::Untold, words.to_owned()))
    }
}

/// A count that should never be negative or huge.
fn whole(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::sources::kubernetes::pages::Page;

    fn states(kind: WorkloadKind, body: &str) -> Vec<(String, WorkloadState, String)> {
        let page: Page<WireWorkload> = Page::read(body.as_bytes(), "workloads").unwrap();
        assert_eq!(page.gaps, []);
        let told = |one: &WireWorkload| {
            let workload = one.workload(kind);
            (workload.name.to_string(), workload.state, workload.message.to_string())
        };
        page.items.iter().map(told).collect()
    }

    fn check(kind: WorkloadKind, body: &str, expected: &[(&str, WorkloadState, &str)]) {
        let expected = expected.iter().map(|(name, state, said)| ((*name).to_owned(), *state, (*said).to_owned()));
        assert_eq!(states(kind, body), expected.collect::<Vec<_>>());
    }

    #[test]
    fn deployments_stand_where_kubectl_says() {
        use WorkloadState::{Done, Failed, Waiting};
        let body = include_str!("../../../tests/samples/kubernetes/1.33/whole-cluster/deployments.json");
        check(
            WorkloadKind::Deployment,
            body,
            &[
                ("done", Done, "deployment \"done\" successfully rolled out"),
                (
                    "rolling",
                    Waiting,
                    "Waiting for deployment \"rolling\" rollout to finish: 1 out of 3 new replicas have been updated...",
                ),
                (
                    "old-left",
                    Waiting,
                    "Waiting for deployment \"old-left\" rollout to finish: 1 old replicas are pending termination...",
                ),
                (
                    "not-available",
                    Waiting,
                    "Waiting for deployment \"not-available\" rollout to finish: 2 of 3 updated replicas are available...",
                ),
                ("unobserved", Waiting, "Waiting for deployment spec update to be observed..."),
                ("stuck", Failed, "deployment \"stuck\" exceeded its progress deadline"),
                ("scaled-to-zero", Done, "deployment \"scaled-to-zero\" successfully rolled out"),
            ],
        );
    }

    #[test]
    fn stateful_sets_stand_where_kubectl_says() {
        use WorkloadState::{Done, Untold, Waiting};
        let body = include_str!("../../../tests/samples/kubernetes/1.33/whole-cluster/statefulsets.json");
        check(
            WorkloadKind::StatefulSet,
            body,
            &[
                ("complete", Done, "partitioned roll out complete: 3 new pods have been updated..."),
                (
                    "updating",
                    Waiting,
                    "Waiting for partitioned roll out to finish: 1 out of 3 new pods have been updated...",
                ),
                ("partitioned", Done, "partitioned roll out complete: 1 new pods have been updated..."),
                ("not-ready", Waiting, "Waiting for 2 pods to be ready..."),
                ("ondelete", Untold, "rollout status is only available for RollingUpdate strategy type"),
            ],
        );
    }

    #[test]
    fn daemon_sets_stand_where_kubectl_says() {
        use WorkloadState::{Done, Waiting};
        let body = include_str!("../../../tests/samples/kubernetes/1.33/whole-cluster/daemonsets.json");
        check(
            WorkloadKind::DaemonSet,
            body,
            &[
                ("cilium", Done, "daemon set \"cilium\" successfully rolled out"),
                (
                    "fluentbit",
                    Waiting,
                    "Waiting for daemon set \"fluentbit\" rollout to finish: 2 out of 5 new pods have been updated...",
                ),
                (
                    "node-exporter",
                    Waiting,
                    "Waiting for daemon set \"node-exporter\" rollout to finish: 4 of 5 updated pods are available...",
                ),
            ],
        );
    }

    fn one(kind: WorkloadKind, generation: i64, spec: &str, status: &str) -> (WorkloadState, String) {
        let item =
            format!(r#"{{"metadata":{{"name":"x","generation":{generation}}},"spec":{spec},"status":{status}}}"#);
        let workload = serde_json::from_str::<WireWorkload>(&item).unwrap().workload(kind);
        (workload.state, workload.message.to_string())
    }

    #[test]
    fn the_order_of_the_questions_decides() {
        use WorkloadKind::{DaemonSet, Deployment, StatefulSet};
        use WorkloadState::{Done, Paused, Untold, Waiting};
        let late = r#""conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]"#;
        let rolls = r#""updateStrategy":{"type":"RollingUpdate"}"#;
        for (kind, generation, spec, status, state) in [
            // A missed deadline counts only once the new generation was seen.
            (Deployment, 2, r#"{"replicas":1}"#.to_owned(), format!(r#"{{"observedGeneration":1,{late}}}"#), Waiting),
            (
                Deployment,
                1,
                r#"{"replicas":3,"paused":true}"#.to_owned(),
                r#"{"observedGeneration":1,"updatedReplicas":1,"replicas":3}"#.to_owned(),
                Paused,
            ),
            (Deployment, 1, "{}".to_owned(), r#"{"observedGeneration":1}"#.to_owned(), Done),
            (StatefulSet, 0, format!(r#"{{"replicas":0,{rolls}}}"#), "{}".to_owned(), Waiting),
            (
                StatefulSet,
                1,
                format!(r#"{{"replicas":1,{rolls}}}"#),
                r#"{"observedGeneration":1,"readyReplicas":1,"updateRevision":"b","currentRevision":"a"}"#.to_owned(),
                Waiting,
            ),
            (
                StatefulSet,
                1,
                format!(r#"{{"replicas":1,{rolls}}}"#),
                r#"{"observedGeneration":1,"readyReplicas":1,"updateRevision":"a","currentRevision":"a"}"#.to_owned(),
                Done,
            ),
            // More held back than there are: nothing is due.
            (
                StatefulSet,
                1,
                r#"{"replicas":1,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":9}}}"#
                    .to_owned(),
                r#"{"observedGeneration":1,"readyReplicas":1}"#.to_owned(),
                Done,
            ),
            (DaemonSet, 1, format!("{{{rolls}}}"), r#"{"observedGeneration":1}"#.to_owned(), Done),
            (DaemonSet, 1, r#"{"updateStrategy":{"type":"OnDelete"}}"#.to_owned(), "{}".to_owned(), Untold),
        ] {
            assert_eq!(one(kind, generation, &spec, &status).0, state, "{spec} {status}");
        }
    }

    #[test]
    fn hostile_numbers_are_clamped_not_believed() {
        let item = format!(
            r#"{{"metadata":{{"name":"\u001b[2Jx"}},"spec":{{"replicas":{},"progressDeadlineSeconds":-5}},"status":{{"updatedReplicas":{},"availableReplicas":-1}}}}"#,
            i64::MAX,
            i64::MIN
        );
        let workload = serde_json::from_str::<WireWorkload>(&item).unwrap().workload(WorkloadKind::Deployment);
        assert_eq!((workload.desired, workload.updated, workload.available), (u32::MAX, 0, 0));
        assert_eq!(workload.deadline_seconds, 0);
        assert!(!workload.message.as_str().contains('\u{1b}'));
        let body = r#"{"kind":"DeploymentList","items":[{"metadata":{"name":"a"},"spec":{"replicas":1e99}},{"metadata":{"name":"b"}}]}"#;
        let page: Page<WireWorkload> = Page::read(body.as_bytes(), "deployments").unwrap();
        assert_eq!((page.items.len(), page.gaps.len()), (1, 1));
    }
}
