//! What is deployed by a GitLab: the newest deployments, and the approvals they need.

use serde::Deserialize;

use super::pipelines::{WireJob, WirePipeline, WireUser, state};
use super::protection::{Protection, Rule};
use crate::domain::delivery::{ApproverEvidence, Deployment, Gate, GateState, PipelineState};
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::sources::people::approver;
use crate::sources::reading::{items, moment, told};
use crate::text::clean::Clean;

#[derive(Deserialize)]
pub(super) struct WireDeployment {
    #[serde(rename = "ref")]
    version: String,
    status: String,
    created_at: Option<String>,
    updated_at: Option<String>,
    user: Option<WireUser>,
    deployable: Option<WireJob>,
    pending_approval_count: Option<u32>,
    #[serde(default)]
    approvals: Option<Vec<WireApproval>>,
    approval_summary: Option<WireSummary>,
}

#[derive(Deserialize)]
struct WireSummary {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct WireApproval {
    user: WireUser,
    status: String,
    created_at: Option<String>,
}

impl WireDeployment {
    pub(super) fn pipeline(&self) -> Option<&WirePipeline> {
        self.deployable.as_ref()?.pipeline.as_ref()
    }
}

/// Understands the newest deployments; the newest one's approvals become a gate.
pub(super) fn read_deployments(
    body: &[u8],
    protection: &Protection,
    heard: &mut Heard,
) -> Result<Vec<WireDeployment>, Fault> {
    let mut all = Vec::new();
    items(body, "a list of deployments", heard, |one: WireDeployment, _| all.push(one))?;
    for (n, one) in all.iter().enumerate() {
        // A branch is no version: only what was deployed from a tag names one.
        let tagged = one.deployable.as_ref().is_some_and(|job| job.tag);
        let version = tagged.then(|| Clean::line_within(&one.version, 100));
        let state = state(&one.status);
        heard.facts.push(Fact::here(What::Deployment(Box::new(Deployment {
            product: None,
            version: version.clone(),
            state,
            // A deployment is created with its pipeline, long before somebody lets it start.
            at: one
                .deployable
                .as_ref()
                .and_then(|job| job.started_at.as_deref())
                .or(one.created_at.as_deref())
                .and_then(moment),
            finished: one
                .deployable
                .as_ref()
                .and_then(|job| job.finished_at.as_deref())
                .or(one.updated_at.as_deref().filter(|_| state == PipelineState::Succeeded))
                .and_then(moment),
            by: one.user.as_ref().map(|user| Clean::line(&user.username)),
            url: one.deployable.as_ref().and_then(|job| told(job.web_url.as_deref())),
        }))));
        if n == 0
            && let Some(pending) = one.pending_approval_count
        {
            heard.facts.push(Fact::here(What::Gate(Box::new(approval(one, pending, protection, version)))));
        }
    }
    Ok(all)
}

/// The gate of a deployment that needs approvals: refused by one, open when none is pending.
fn approval(one: &WireDeployment, pending: u32, protection: &Protection, version: Option<Clean>) -> Gate {
    let approvals = one.approvals.as_deref().unwrap_or_default();
    let refused = approvals.iter().any(|approval| approval.status == "rejected");
    let last = approvals.iter().max_by_key(|approval| approval.created_at.as_deref().and_then(moment));
    let state = match (refused, pending) {
        (true, _) => GateState::Rejected,
        (false, 0) => GateState::Passed,
        (false, _) => GateState::Waiting,
    };
    let summary = one.approval_summary.as_ref().map(|summary| summary.rules.as_slice());
    let since = match state {
        GateState::Waiting => one.created_at.as_deref(),
        _ => last.and_then(|approval| approval.created_at.as_deref()),
    };
    Gate {
        kind: Clean::line("gitlab-approval"),
        name: Clean::line("deployment approval"),
        place: one.deployable.as_ref().and_then(|job| super::pipelines::project(job.web_url.as_deref()?)),
        version,
        state,
        since: since.and_then(moment),
        // The system authenticated the person.
        who: last.map(|approval| approver(&approval.user.username, "", ApproverEvidence::ItemMetadata)),
        waits_for: if pending > 0 { protection.lacking(summary, pending) } else { Vec::new() },
        url: one.deployable.as_ref().and_then(|job| told(job.web_url.as_deref())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_status_is_unknown_and_keeps_the_list() {
        assert_eq!(state("glorious"), PipelineState::Unknown);
        let body = br#"[{"ref":"1.0.0","status":"glorious"},{"ref":3}]"#;
        let mut heard = Heard::default();
        assert_eq!(read_deployments(body, &Protection::default(), &mut heard).unwrap().len(), 1);
        assert_eq!((heard.facts.len(), heard.gaps.len()), (1, 1));
    }
}
