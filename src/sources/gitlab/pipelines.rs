//! A pipeline of a GitLab with all it started: its jobs, and those of the pipelines its bridges lead to, here or in other
//! projects. A rollout that waits or failed down there says so up here.

use std::collections::VecDeque;

use serde::Deserialize;

use super::protection::Protection;
use super::{PAGE, gap, missing_or_hidden, pages};
use crate::domain::clock::Moment;
use crate::domain::delivery::{ApproverEvidence, Gate, GateState, Job, Pipeline, PipelineState};
use crate::domain::fact::{Fact, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::people::approver;
use crate::sources::reading::{items, moment, told};
use crate::text::clean::Clean;

/// How many pipelines below one are looked into. GitLab itself nests them twice.
const BELOW: usize = 8;

#[derive(Deserialize)]
pub(super) struct WireUser {
    pub username: String,
}

#[derive(Deserialize)]
pub(super) struct WireJob {
    #[serde(default)]
    id: u64,
    pub name: String,
    #[serde(default)]
    pub stage: String,
    pub status: String,
    #[serde(default)]
    pub tag: bool,
    #[serde(default)]
    allow_failure: bool,
    pub web_url: Option<String>,
    created_at: Option<String>,
    pub finished_at: Option<String>,
    pub started_at: Option<String>,
    user: Option<WireUser>,
    pub pipeline: Option<WirePipeline>,
    /// The pipeline a bridge started; none of other jobs, and of a bridge that was not reached yet.
    downstream_pipeline: Option<WireDownstream>,
}

#[derive(Clone, Deserialize)]
pub(super) struct WirePipeline {
    pub id: u64,
    #[serde(rename = "ref")]
    pub version: String,
    pub status: String,
    pub web_url: Option<String>,
}

#[derive(Clone, Deserialize)]
struct WireDownstream {
    id: u64,
    project_id: Option<u64>,
    status: String,
    web_url: Option<String>,
}

/// A job, with the bridges that lead to it before its name.
struct Step {
    name: String,
    job: WireJob,
    /// Whether nothing depends on how it ends: by itself, or by a bridge that leads to it.
    may_fail: bool,
}

/// Where jobs are asked for.
struct Branch {
    project: String,
    id: u64,
    /// The bridges that lead there, each with ` / ` behind it.
    under: String,
    may_fail: bool,
}

/// Asks for a pipeline's jobs, and for those of the pipelines it started.
pub(super) async fn ask(
    door: &dyn Door,
    project: &str,
    pipeline: &WirePipeline,
    environment: &Clean,
    protection: &Protection,
    heard: &mut Heard,
) -> Result<(), Fault> {
    let whole = Branch { project: project.to_owned(), id: pipeline.id, under: String::new(), may_fail: false };
    let mut branches = VecDeque::from([whole]);
    let (mut steps, mut met) = (Vec::new(), 1);
    while let Some(branch) = branches.pop_front() {
        let jobs = branch_jobs(door, &branch, heard).await?;
        for step in &jobs {
            let Some(below) = &step.job.downstream_pipeline else { continue };
            if met > BELOW {
                heard.gaps.push(gap("pipelines below", "more than are read", GapKind::Partial));
                break;
            }
            met += 1;
            let project = below.project_id.map_or_else(|| branch.project.clone(), |id| format!("api/v4/projects/{id}"));
            let under = format!("{} / ", step.name);
            branches.push_back(Branch { project, id: below.id, under, may_fail: step.may_fail });
        }
        steps.extend(jobs);
    }
    tell(&steps, pipeline, environment, protection, heard);
    Ok(())
}

/// The jobs of one pipeline, from its beginning, and the bridges among them, which another list has. A pipeline below may
/// lie where this token sees nothing: then its bridge alone says how it is.
async fn branch_jobs(door: &dyn Door, branch: &Branch, heard: &mut Heard) -> Result<Vec<Step>, Fault> {
    let base = format!("{}/pipelines/{}", branch.project, branch.id);
    let mut all = Vec::new();
    for list in ["jobs", "bridges"] {
        let asked = pages(door, Ask::get(format!("{base}/{list}")).with("per_page", PAGE)).await;
        let place = format!("{list} of {}pipeline {}", branch.under, branch.id);
        let Some((pages, whole)) = (if branch.under.is_empty() && list == "jobs" {
            Some(asked?)
        } else {
            missing_or_hidden(asked, &place, heard)?
        }) else {
            break;
        };
        if !whole {
            heard.gaps.push(gap(&place, "more than are read", GapKind::Partial));
        }
        for body in pages {
            items(&body, "the jobs of a pipeline", heard, |job: WireJob, _| all.push(job))?;
        }
    }
    // Newest first on the wire, and in two lists; a pipeline is read from its beginning.
    all.reverse();
    all.sort_by_key(|job| job.id);
    let step = |job: WireJob| Step {
        name: format!("{}{}", branch.under, job.name),
        may_fail: branch.may_fail || job.allow_failure,
        job,
    };
    Ok(all.into_iter().map(step).collect())
}

/// What the jobs say together: the gates among them, and the pipeline as a whole.
fn tell(steps: &[Step], pipeline: &WirePipeline, environment: &Clean, protection: &Protection, heard: &mut Heard) {
    let version = Clean::line_within(&pipeline.version, 100);
    for step in steps.iter().filter(|step| step.is_meant_for(environment)) {
        // A manual one is a gate, whatever the pipeline's own status says.
        let (state, since, who) = match (step.job.status.as_str(), &step.job.started_at) {
            ("manual", _) => (GateState::Waiting, &step.job.created_at, None),
            (_, Some(_)) if step.job.stage == "deploy" => {
                let who = step.job.user.as_ref();
                let who = who.map(|user| approver(&user.username, "", ApproverEvidence::ItemMetadata));
                (GateState::Passed, &step.job.started_at, who)
            }
            _ => continue,
        };
        heard.facts.push(Fact::here(What::Gate(Box::new(Gate {
            kind: Clean::line("gitlab-job"),
            name: Clean::line_within(&step.name, 120),
            place: step.job.web_url.as_deref().and_then(project),
            version: Some(version.clone()),
            state,
            since: since.as_deref().and_then(moment),
            who,
            waits_for: if state == GateState::Waiting { protection.deployers() } else { Vec::new() },
            url: told(step.job.web_url.as_deref()),
        }))));
    }
    let (state, said) = whole(pipeline, steps);
    let time = |of: fn(&WireJob) -> Option<&str>| steps.iter().filter_map(move |step| of(&step.job).and_then(moment));
    let finished: Option<Moment> = time(|job| job.finished_at.as_deref()).max();
    heard.facts.push(Fact::here(What::Pipeline(Box::new(Pipeline {
        kind: Clean::line("gitlab"),
        id: Clean::line(&pipeline.id.to_string()),
        version: Some(version),
        state,
        said: Clean::line_within(&said, 120),
        started: time(|job| job.started_at.as_deref()).min(),
        finished,
        jobs: steps.iter().filter(|step| !step.leads_to_any(steps)).map(Step::job).collect(),
        url: told(pipeline.web_url.as_deref()),
    }))));
}

/// Where a pipeline stands together with those it started. Unless a bridge waits for what it leads to, the pipeline above
/// has ended well long before.
fn whole(pipeline: &WirePipeline, steps: &[Step]) -> (PipelineState, String) {
    let own = state(&pipeline.status);
    if !matches!(own, PipelineState::Succeeded | PipelineState::Running) {
        return (own, pipeline.status.clone());
    }
    let below = steps.iter().filter(|step| !step.may_fail).filter_map(|step| {
        let below = step.job.downstream_pipeline.as_ref()?;
        let state = state(&below.status);
        let rank = match state {
            PipelineState::Failed => 5,
            PipelineState::Canceled => 4,
            PipelineState::Manual => 3,
            PipelineState::Unknown => 2,
            PipelineState::Running | PipelineState::Pending => 1,
            PipelineState::Succeeded | PipelineState::Tolerated | PipelineState::Skipped => return None,
        };
        Some((rank, state, format!("{}, {} {}", pipeline.status, step.name, below.status)))
    });
    // Of equals the deepest: that is where it happens.
    let worst = below.max_by_key(|(rank, ..)| *rank);
    worst.map_or_else(|| (own, pipeline.status.clone()), |(_, state, said)| (state, said))
}

impl Step {
    /// Whether it belongs to an environment: its name or a bridge before it says so, or none of them names any.
    fn is_meant_for(&self, environment: &Clean) -> bool {
        let name = self.name.to_lowercase();
        let of = |environment: &str| name.contains(environment);
        let named = ["production", "staging"].into_iter().any(of);
        of(&environment.as_str().to_lowercase()) || !named
    }

    /// Whether jobs below it are known: then these speak for it.
    fn leads_to_any(&self, steps: &[Step]) -> bool {
        let under = format!("{} / ", self.name);
        self.job.downstream_pipeline.is_some() && steps.iter().any(|step| step.name.starts_with(&under))
    }

    fn job(&self) -> Job {
        let below = self.job.downstream_pipeline.as_ref();
        let state = match state(below.map_or(&self.job.status, |below| &below.status)) {
            PipelineState::Failed if self.may_fail => PipelineState::Tolerated,
            state => state,
        };
        Job {
            name: Clean::line_within(&self.name, 120),
            stage: Clean::line(&self.job.stage),
            state,
            url: told(below.and_then(|below| below.web_url.as_deref()).or(self.job.web_url.as_deref())),
        }
    }
}

/// The project a page of GitLab's belongs to: `ops/rollout` for `https://gitlab.example.test/ops/rollout/-/jobs/1`.
pub(super) fn project(page: &str) -> Option<Clean> {
    let (_, path) = page.split_once("://")?.1.split_once('/')?;
    let (project, _) = path.split_once("/-/")?;
    Some(Clean::line_within(project, 120))
}

/// A status of a pipeline, job or deployment.
pub(super) fn state(word: &str) -> PipelineState {
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
    fn what_happens_below_counts_where_the_pipeline_above_goes_on_or_is_through() {
        use PipelineState::{Failed, Manual, Running, Succeeded, Unknown};
        for (own, below, expected, said) in [
            ("success", &[("success", false)][..], Succeeded, "success"),
            ("success", &[("manual", false)], Manual, "success, b0 manual"),
            ("running", &[("manual", false), ("failed", false)], Failed, "running, b1 failed"),
            ("success", &[("failed", true)], Succeeded, "success"),
            ("success", &[("pending", false)], PipelineState::Pending, "success, b0 pending"),
            ("success", &[("glorious", false), ("running", false)], Unknown, "success, b0 glorious"),
            ("failed", &[("running", false)], Failed, "failed"),
            ("running", &[], Running, "running"),
        ] {
            let pipeline = WirePipeline { id: 1, version: "1.0.0".to_owned(), status: own.to_owned(), web_url: None };
            let step = |(n, (status, forgiven)): (usize, &(&str, bool))| {
                let text = format!(
                    r#"{{"name":"b{n}","status":"success","allow_failure":{forgiven},"downstream_pipeline":{{"id":2,"status":"{status}"}}}}"#
                );
                Step { name: format!("b{n}"), job: serde_json::from_str(&text).unwrap(), may_fail: *forgiven }
            };
            let steps: Vec<Step> = below.iter().enumerate().map(step).collect();
            assert_eq!(whole(&pipeline, &steps), (expected, said.to_owned()), "{own} over {below:?}");
        }
    }

    #[test]
    fn a_job_means_the_environment_that_any_name_on_the_way_to_it_names() {
        let production = Clean::line("production");
        for (name, expected) in [
            ("deploy:production", true),
            ("deploy:staging / apply", false),
            ("rollout-production / apply", true),
            ("apply", true),
        ] {
            let job = serde_json::from_str(r#"{"name":"x","status":"manual"}"#).unwrap();
            let step = Step { name: name.to_owned(), job, may_fail: false };
            assert_eq!(step.is_meant_for(&production), expected, "{name}");
        }
    }

    #[test]
    fn what_may_fail_is_no_failure() {
        for (status, may_fail, expected) in [
            ("failed", true, PipelineState::Tolerated),
            ("failed", false, PipelineState::Failed),
            ("canceled", true, PipelineState::Canceled),
            ("success", true, PipelineState::Succeeded),
        ] {
            let job = serde_json::from_str(&format!(r#"{{"name":"scan","status":"{status}"}}"#)).unwrap();
            assert_eq!(Step { name: "scan".to_owned(), job, may_fail }.job().state, expected, "{status}");
        }
    }
}
