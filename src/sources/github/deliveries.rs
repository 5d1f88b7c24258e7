//! What is deployed from a repository, and what waits for a review.

use regex::Regex;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{asking, version_in};
use crate::domain::clock::Moment;
use crate::domain::delivery::{Approver, ApproverEvidence, Deployment, Gate, GateState, Pipeline, PipelineState};
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::net::door::{Door, Pending};
use crate::sources::kind::Source;
use crate::sources::reading::{items, json, moment, part, raw_items, told};
use crate::text::clean::Clean;

/// How many of the newest runs and deployments are looked at.
const RUNS: &str = "20";
const DEPLOYMENTS: &str = "5";

/// The deliveries of one environment.
pub(super) struct Deliveries {
    /// `repos/OWNER/NAME`.
    pub base: String,
    pub environment: Option<Clean>,
    pub workflow: Option<Clean>,
    pub pattern: Option<Regex>,
}

impl Source for Deliveries {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let ask = asking(format!("{}/actions/runs", self.base)).with("per_page", RUNS);
            let runs = self.read_runs(&door.ask(ask).await?.body, &mut heard)?;
            for run in runs.iter().filter(|run| run.status == "waiting") {
                let ask = asking(format!("{}/actions/runs/{}/pending_deployments", self.base, run.id));
                self.read_pending(&door.ask(ask).await?.body, run, &mut heard)?;
            }
            // Who let the newest one through is told by the run it let through.
            if let Some(run) = runs.iter().find(|run| run.status != "waiting") {
                let ask = asking(format!("{}/actions/runs/{}/approvals", self.base, run.id));
                let approvals = part(door.ask(ask).await.map(|reply| reply.body), "approvals", &mut heard)?;
                if !approvals.is_empty() {
                    self.read_approvals(&approvals, run, &mut heard)?;
                }
            }
            self.deployments(door, &mut heard).await?;
            Ok(heard)
        })
    }
}

impl Deliveries {
    async fn deployments(&self, door: &dyn Door, heard: &mut Heard) -> Result<(), Fault> {
        let Some(environment) = &self.environment else { return Ok(()) };
        let ask = asking(format!("{}/deployments", self.base))
            .with("environment", environment.as_str())
            .with("per_page", DEPLOYMENTS);
        let body = part(door.ask(ask).await.map(|reply| reply.body), "deployments", heard)?;
        if body.is_empty() {
            return Ok(());
        }
        let mut deployments = Vec::new();
        items(&body, "a list of deployments", heard, |one: WireDeployment, _| deployments.push(one))?;
        for one in deployments {
            // The state is another question; the newest answer comes first.
            let ask = asking(format!("{}/deployments/{}/statuses", self.base, one.id)).with("per_page", "1");
            let mut statuses = Vec::new();
            let reply = door.ask(ask).await?;
            items(&reply.body, "the states of a deployment", heard, |status: WireStatus, _| statuses.push(status))?;
            heard.facts.push(Fact::here(What::Deployment(Box::new(self.deployment(&one, statuses.first())))));
        }
        Ok(())
    }

    fn deployment(&self, one: &WireDeployment, status: Option<&WireStatus>) -> Deployment {
        let state = status.map_or(PipelineState::Pending, |status| deployment_state(&status.state));
        let ended = matches!(state, PipelineState::Succeeded | PipelineState::Failed | PipelineState::Skipped);
        let finished = status.filter(|_| ended).and_then(|status| status.created_at.as_deref()).and_then(moment);
        let url = status.and_then(|status| told(status.log_url.as_deref()));
        Deployment {
            product: None,
            // A branch is no version.
            version: version_in(self.pattern.as_ref(), &one.version).map(|version| Clean::line_within(version, 100)),
            state,
            at: one.created_at.as_deref().and_then(moment),
            finished,
            by: one.creator.as_ref().map(|user| Clean::line(&user.login)),
            url,
        }
    }

    /// Understands the newest runs of the workflow.
    fn read_runs(&self, body: &[u8], heard: &mut Heard) -> Result<Vec<WireRun>, Fault> {
        let page: WireRuns<'_> = json(body, "a list of workflow runs")?;
        let mut runs = Vec::new();
        raw_items(page.workflow_runs, "a list of workflow runs", heard, |run: WireRun, _| {
            if self.workflow.as_ref().is_none_or(|wanted| run.is_of(wanted.as_str())) {
                runs.push(run);
            }
        });
        for run in &runs {
            let (state, said) = run_state(&run.status, run.conclusion.as_deref());
            let finished = run.updated_at.as_deref().filter(|_| run.status == "completed").and_then(moment);
            heard.facts.push(Fact::here(What::Pipeline(Box::new(Pipeline {
                kind: Clean::line("github"),
                id: Clean::line(&run.id.to_string()),
                version: self.version(run),
                state,
                said: Clean::line(said),
                started: run.run_started_at.as_deref().and_then(moment),
                finished,
                jobs: Vec::new(),
                url: told(run.html_url.as_deref()),
            }))));
        }
        Ok(runs)
    }

    /// The version a run carries: by its title, or else by the tag it runs on.
    fn version(&self, run: &WireRun) -> Option<Clean> {
        let texts = [run.display_title.as_deref(), run.head_branch.as_deref()];
        let mut found = texts.into_iter().flatten().filter_map(|text| version_in(self.pattern.as_ref(), text));
        found.next().map(|version| Clean::line_within(version, 100))
    }

    fn concerns(&self, environment: &str) -> bool {
        self.environment.as_ref().is_none_or(|own| own.as_str().eq_ignore_ascii_case(environment))
    }

    /// Understands what a run waits for: a review is a gate, a timer is none.
    fn read_pending(&self, body: &[u8], run: &WireRun, heard: &mut Heard) -> Result<(), Fault> {
        items(body, "the reviews a run waits for", heard, |one: WirePending, heard| {
            if !self.concerns(&one.environment.name) || one.reviewers.is_empty() {
                return;
            }
            let waits_for = one.reviewers.iter().filter_map(WireReviewer::name).collect();
            heard.facts.push(Fact::here(What::Gate(Box::new(Gate {
                waits_for,
                since: run.updated_at.as_deref().and_then(moment),
                ..self.gate(&one.environment, run, GateState::Waiting)
            }))));
        })
    }

    /// Understands who reviewed. The system authenticated the person.
    fn read_approvals(&self, body: &[u8], run: &WireRun, heard: &mut Heard) -> Result<(), Fault> {
        items(body, "the reviews of a run", heard, |one: WireApproval, heard| {
            let state = match one.state.as_str() {
                "approved" => GateState::Passed,
                "rejected" => GateState::Rejected,
                _ => return,
            };
            let evidence = match one.user.sort.as_deref() {
                Some("Bot") => ApproverEvidence::Unknown,
                _ => ApproverEvidence::ItemMetadata,
            };
            let who = Approver { name: Clean::line(&one.user.login), evidence };
            for environment in one.environments.iter().filter(|environment| self.concerns(&environment.name)) {
                heard.facts.push(Fact::here(What::Gate(Box::new(Gate {
                    who: Some(who.clone()),
                    since: run.run_started_at.as_deref().and_then(moment),
                    ..self.gate(environment, run, state)
                }))));
            }
        })
    }

    fn gate(&self, environment: &WireEnvironment, run: &WireRun, state: GateState) -> Gate {
        Gate {
            kind: Clean::line("github-review"),
            name: Clean::line(&environment.name),
            place: self.base.strip_prefix("repos/").map(Clean::line),
            version: self.version(run),
            state,
            since: None,
            who: None,
            waits_for: Vec::new(),
            url: told(run.html_url.as_deref()),
        }
    }
}

#[derive(Deserialize)]
struct WireRuns<'a> {
    #[serde(borrow)]
    workflow_runs: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireRun {
    id: u64,
    display_title: Option<String>,
    path: Option<String>,
    head_branch: Option<String>,
    status: String,
    conclusion: Option<String>,
    updated_at: Option<String>,
    run_started_at: Option<String>,
    html_url: Option<String>,
}

impl WireRun {
    /// Whether it ran a workflow, named by its file; the path may name the branch after an `@`.
    fn is_of(&self, workflow: &str) -> bool {
        let path = self.path.as_deref().unwrap_or_default();
        let path = path.split_once('@').map_or(path, |(path, _)| path);
        path == workflow || path.rsplit('/').next() == Some(workflow)
    }
}

#[derive(Deserialize)]
struct WirePending {
    environment: WireEnvironment,
    #[serde(default)]
    reviewers: Vec<WireReviewer>,
}

#[derive(Deserialize)]
struct WireEnvironment {
    name: String,
}

#[derive(Deserialize)]
struct WireReviewer {
    reviewer: Option<WireWho>,
}

#[derive(Deserialize)]
struct WireWho {
    name: Option<String>,
    login: Option<String>,
    slug: Option<String>,
}

impl WireReviewer {
    fn name(&self) -> Option<Clean> {
        let who = self.reviewer.as_ref()?;
        told(who.name.as_deref().or(who.login.as_deref()).or(who.slug.as_deref()))
    }
}

#[derive(Deserialize)]
struct WireApproval {
    state: String,
    user: WireUser,
    #[serde(default)]
    environments: Vec<WireEnvironment>,
}

#[derive(Deserialize)]
struct WireUser {
    login: String,
    #[serde(rename = "type")]
    sort: Option<String>,
}

#[derive(Deserialize)]
struct WireDeployment {
    id: u64,
    #[serde(rename = "ref")]
    version: String,
    created_at: Option<String>,
    creator: Option<WireUser>,
}

#[derive(Deserialize)]
struct WireStatus {
    state: String,
    created_at: Option<String>,
    log_url: Option<String>,
}

/// Where a run stands, and its own word for it.
fn run_state<'w>(status: &'w str, conclusion: Option<&'w str>) -> (PipelineState, &'w str) {
    let state = match (status, conclusion) {
        ("queued" | "requested" | "pending", _) => PipelineState::Pending,
        ("in_progress", _) => PipelineState::Running,
        ("waiting", _) => PipelineState::Manual,
        ("completed", Some("success" | "neutral")) => PipelineState::Succeeded,
        ("completed", Some("failure" | "timed_out" | "startup_failure")) => PipelineState::Failed,
        ("completed", Some("cancelled" | "stale")) => PipelineState::Canceled,
        ("completed", Some("skipped")) => PipelineState::Skipped,
        ("completed", Some("action_required")) => PipelineState::Manual,
        _ => PipelineState::Unknown,
    };
    (state, conclusion.unwrap_or(status))
}

/// Where a deployment stands. `inactive` was good, until another took its place.
fn deployment_state(word: &str) -> PipelineState {
    match word {
        "pending" | "queued" => PipelineState::Pending,
        "waiting" => PipelineState::Manual,
        "in_progress" => PipelineState::Running,
        "success" | "inactive" => PipelineState::Succeeded,
        "failure" | "error" => PipelineState::Failed,
        _ => PipelineState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_word_is_unknown_and_kept() {
        assert_eq!(run_state("completed", Some("glorious")), (PipelineState::Unknown, "glorious"));
        assert_eq!(run_state("dreaming", None), (PipelineState::Unknown, "dreaming"));
        assert_eq!(deployment_state("asleep"), PipelineState::Unknown);
    }
}
