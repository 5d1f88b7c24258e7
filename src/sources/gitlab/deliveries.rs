//! What is deployed by a GitLab: the newest deployments, the approvals they need, and the jobs of the pipeline.

use serde::Deserialize;

use crate::domain::delivery::{Approver, ApproverEvidence, Deployment, Gate, GateState, Job, Pipeline, PipelineState};
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
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
}

#[derive(Deserialize)]
struct WireUser {
    username: String,
}

#[derive(Deserialize)]
struct WireApproval {
    user: WireUser,
    status: String,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct WireJob {
    name: String,
    #[serde(default)]
    stage: String,
    status: String,
    #[serde(default)]
    tag: bool,
    web_url: Option<String>,
    created_at: Option<String>,
    finished_at: Option<String>,
    started_at: Option<String>,
    user: Option<WireUser>,
    pipeline: Option<WirePipeline>,
}

#[derive(Clone, Deserialize)]
pub(super) struct WirePipeline {
    pub id: u64,
    #[serde(rename = "ref")]
    version: String,
    status: String,
    web_url: Option<String>,
}

impl WireDeployment {
    pub(super) fn pipeline(&self) -> Option<&WirePipeline> {
        self.deployable.as_ref()?.pipeline.as_ref()
    }
}

/// Understands the newest deployments; the newest one's approvals become a gate.
pub(super) fn read_deployments(body: &[u8], heard: &mut Heard) -> Result<Vec<WireDeployment>, Fault> {
    let mut all = Vec::new();
    items(body, "a list of deployments", heard, |one: WireDeployment, _| all.push(one))?;
    for (n, one) in all.iter().enumerate() {
        // A branch is no version: only what was deployed from a tag names one.
        let tagged = one.deployable.as_ref().is_some_and(|job| job.tag);
        let version = tagged.then(|| Clean::line_within(&one.version, 100));
        let state = state(&one.status);
        heard.facts.push(Fact::here(What::Deployment(Deployment {
            product: None,
            version: version.clone(),
            state,
            at: one.created_at.as_deref().and_then(moment),
            finished: one
                .deployable
                .as_ref()
                .and_then(|job| job.finished_at.as_deref())
                .or(one.updated_at.as_deref().filter(|_| state == PipelineState::Succeeded))
                .and_then(moment),
            by: one.user.as_ref().map(|user| Clean::line(&user.username)),
            url: one.deployable.as_ref().and_then(|job| told(job.web_url.as_deref())),
        })));
        if n == 0
            && let Some(pending) = one.pending_approval_count
        {
            heard.facts.push(Fact::here(What::Gate(approval(one, pending, version))));
        }
    }
    Ok(all)
}

/// The gate of a deployment that needs approvals: refused by one, open when none is pending.
fn approval(one: &WireDeployment, pending: u32, version: Option<Clean>) -> Gate {
    let approvals = one.approvals.as_deref().unwrap_or_default();
    let refused = approvals.iter().any(|approval| approval.status == "rejected");
    let last = approvals.iter().max_by_key(|approval| approval.created_at.as_deref().and_then(moment));
    let state = match (refused, pending) {
        (true, _) => GateState::Rejected,
        (false, 0) => GateState::Passed,
        (false, _) => GateState::Waiting,
    };
    let since = match state {
        GateState::Waiting => one.created_at.as_deref(),
        _ => last.and_then(|approval| approval.created_at.as_deref()),
    };
    Gate {
        kind: Clean::line("gitlab-approval"),
        name: Clean::line("deployment approval"),
        version,
        state,
        since: since.and_then(moment),
        who: last.map(|approval| approver(&approval.user)),
        waits_for: if pending > 0 { vec![Clean::line(&format!("{pending} more approvals"))] } else { Vec::new() },
        url: one.deployable.as_ref().and_then(|job| told(job.web_url.as_deref())),
    }
}

/// Who did it. The system authenticated the person; a machine's name is never shown as one.
fn approver(user: &WireUser) -> Approver {
    let machine = ["bot", "ci", "token", "ghost"]
        .iter()
        .any(|word| user.username.split(['-', '_', '.']).any(|part| part.eq_ignore_ascii_case(word)));
    Approver {
        name: Clean::line(&user.username),
        evidence: if machine { ApproverEvidence::Unknown } else { ApproverEvidence::ItemMetadata },
    }
}

/// Understands the jobs of a pipeline: a manual one is a gate, whatever the pipeline's own status says.
pub(super) fn read_jobs(
    pages: &[Vec<u8>],
    pipeline: &WirePipeline,
    environment: &Clean,
    heard: &mut Heard,
) -> Result<(), Fault> {
    let mut jobs = Vec::new();
    for body in pages {
        items(body, "the jobs of a pipeline", heard, |one: WireJob, _| jobs.push(one))?;
    }
    // Newest first on the wire; a pipeline is read from its beginning.
    jobs.reverse();
    let version = Clean::line_within(&pipeline.version, 100);
    for job in jobs.iter().filter(|job| job.status == "manual" && meant_for(job, environment)) {
        heard.facts.push(Fact::here(What::Gate(Gate {
            kind: Clean::line("gitlab-job"),
            name: Clean::line(&job.name),
            version: Some(version.clone()),
            state: GateState::Waiting,
            since: job.created_at.as_deref().and_then(moment),
            who: None,
            waits_for: Vec::new(),
            url: told(job.web_url.as_deref()),
        })));
    }
    for job in
        jobs.iter().filter(|job| job.started_at.is_some() && meant_for(job, environment) && job.stage == "deploy")
    {
        heard.facts.push(Fact::here(What::Gate(Gate {
            kind: Clean::line("gitlab-job"),
            name: Clean::line(&job.name),
            version: Some(version.clone()),
            state: GateState::Passed,
            since: job.started_at.as_deref().and_then(moment),
            who: job.user.as_ref().map(approver),
            waits_for: Vec::new(),
            url: told(job.web_url.as_deref()),
        })));
    }
    heard.facts.push(Fact::here(What::Pipeline(Pipeline {
        kind: Clean::line("gitlab"),
        id: Clean::line(&pipeline.id.to_string()),
        version: Some(version),
        state: state(&pipeline.status),
        said: Clean::line(&pipeline.status),
        started: jobs.iter().filter_map(|job| job.started_at.as_deref().and_then(moment)).min(),
        finished: jobs.iter().filter_map(|job| job.finished_at.as_deref().and_then(moment)).max(),
        jobs: jobs.iter().map(WireJob::job).collect(),
        url: told(pipeline.web_url.as_deref()),
    })));
    Ok(())
}

/// Whether a job belongs to an environment: its name or stage says so, or it names none at all.
fn meant_for(job: &WireJob, environment: &Clean) -> bool {
    let name = job.name.to_lowercase();
    let of = |environment: &str| name.contains(environment);
    let named = ["production", "staging"].into_iter().any(of);
    of(&environment.as_str().to_lowercase()) || !named
}

impl WireJob {
    fn job(&self) -> Job {
        Job {
            name: Clean::line(&self.name),
            stage: Clean::line(&self.stage),
            state: state(&self.status),
            url: told(self.web_url.as_deref()),
        }
    }
}

/// A status of a pipeline, job or deployment.
fn state(word: &str) -> PipelineState {
    match word {
        "created" | "waiting_for_resource" | "preparing" | "waiting_for_callback" | "pending" | "scheduled" => {
            PipelineState::Pending
        }
        "running" | "canceling" => PipelineState::Running,
        "manual" | "blocked" => PipelineState::Manual,
        "success" => PipelineState::Succeeded,
        "failed" => PipelineState::Failed,
        "canceled" => PipelineState::Canceled,
        "skipped" => PipelineState::Skipped,
        _ => PipelineState::Unknown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_never_shown_as_a_person() {
        for (name, evidence) in [
            ("anna.smith", ApproverEvidence::ItemMetadata),
            ("release-bot", ApproverEvidence::Unknown),
            ("project_5_bot_ab12", ApproverEvidence::Unknown),
            ("cindy", ApproverEvidence::ItemMetadata),
        ] {
            assert_eq!(approver(&WireUser { username: name.to_owned() }).evidence, evidence, "{name}");
        }
    }

    #[test]
    fn a_strange_status_is_unknown_and_keeps_the_list() {
        assert_eq!(state("glorious"), PipelineState::Unknown);
        let body = br#"[{"ref":"1.0.0","status":"glorious"},{"ref":3}]"#;
        let mut heard = Heard::default();
        assert_eq!(read_deployments(body, &mut heard).unwrap().len(), 1);
        assert_eq!((heard.facts.len(), heard.gaps.len()), (1, 1));
    }
}
