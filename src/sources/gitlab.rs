//! GitLab: its version, releases of a product, and for one environment the deployment that waits or runs, its pipeline
//! with the manual jobs, and freeze periods.

use serde::Deserialize;

use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{
    Approver, ApproverEvidence, Deployment, Gate, GateState, Job, ListKind, Pipeline, PipelineState, Release,
};
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::{ProductId, Scope};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::cron;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{items, json, moment, told};
use crate::text::clean::Clean;

/// GitLab.
pub static KIND: Kind = Kind {
    name: "gitlab",
    about: "deliveries with their manual jobs and approvals, freeze periods, its own version; releases of a product",
    example: r#"{ kind = "gitlab", url = "https://gitlab.example.test", project = "ops/rollout", environment = "production" }"#,
    stands: Stands::PlaceOrProduct,
    build,
};

struct GitLab {
    /// The project, encoded once for a path.
    project: Option<String>,
    environment: Option<Clean>,
    /// Whose releases are told, where it stands among them.
    product: Option<ProductId>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let project = section.optional(("project", "the project's path or number"));
    let environment = section.optional(("environment", "the environment's name there; this one's unless said"));
    let releases = matches!(setting.scope, Scope::Product(_));
    if releases && project.is_none() && !section.is_recording() {
        section.refuse("project", "`project` is missing: whose releases are meant?");
    }
    let own = match setting.scope {
        Scope::Place(place) => place.environment.as_ref().map(|name| Clean::line(name.as_str())),
        Scope::Product(_) | Scope::Fleet => None,
    };
    Some(Built::new(GitLab {
        project: project.map(|path| encoded(path.as_str())),
        environment: environment.or(own),
        product: setting.product.filter(|_| releases).cloned(),
    }))
}

/// A project's path as one segment of an address.
fn encoded(path: &str) -> String {
    path.trim_matches('/').replace('%', "%25").replace('/', "%2F").replace(' ', "%20")
}

/// How many releases are read: more than any feed carries, less than anybody waits for.
const PAGE: &str = "100";

impl Source for GitLab {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            if let (Some(product), Some(project)) = (&self.product, &self.project) {
                let path = format!("api/v4/projects/{project}/releases");
                let ask = Ask::get(path).with("order_by", "released_at").with("sort", "desc").with("per_page", PAGE);
                read_releases(&door.ask(ask).await?.body, product, &mut heard)?;
                return Ok(heard);
            }
            read_version(&door.ask(Ask::get("api/v4/version")).await?.body, &mut heard)?;
            let Some(project) = &self.project else { return Ok(heard) };
            let base = format!("api/v4/projects/{project}");
            if let Some(environment) = &self.environment {
                // Sorted the other way round unless asked: without `desc` the oldest would be read.
                let ask = Ask::get(format!("{base}/deployments"))
                    .with("environment", environment.as_str())
                    .with("order_by", "id")
                    .with("sort", "desc")
                    .with("per_page", "5");
                let deployments = read_deployments(&door.ask(ask).await?.body, &mut heard)?;
                if let Some(pipeline) = deployments.first().and_then(WireDeployment::pipeline) {
                    let jobs = Ask::get(format!("{base}/pipelines/{}/jobs", pipeline.id)).with("per_page", PAGE);
                    read_jobs(&door.ask(jobs).await?.body, pipeline, environment, &mut heard)?;
                }
            }
            match door.ask(Ask::get(format!("{base}/freeze_periods"))).await {
                Ok(reply) => read_freezes(&reply.body, now, &mut heard)?,
                Err(fault @ (Fault::Forbidden { .. } | Fault::Missing { .. })) => heard.gaps.push(Gap {
                    place: Clean::line("freeze periods"),
                    why: Clean::line(&fault.to_string()),
                    kind: GapKind::Forbidden,
                }),
                Err(other) => return Err(other),
            }
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireVersion {
    version: String,
}

fn read_version(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let version: WireVersion = json(body, "the version of a GitLab")?;
    heard.facts.push(Fact::here(What::Sighting(Sighting {
        product: "gitlab".into(),
        version: Clean::line(&version.version),
        evidence: Evidence::Answered,
        part: None,
    })));
    Ok(())
}

#[derive(Deserialize)]
struct WireRelease {
    tag_name: String,
    released_at: Option<String>,
    #[serde(default)]
    upcoming_release: bool,
    #[serde(rename = "_links")]
    links: Option<WireLinks>,
}

#[derive(Deserialize)]
struct WireLinks {
    #[serde(rename = "self")]
    own: Option<String>,
}

/// Understands the releases. One dated in the future is not published yet.
fn read_releases(body: &[u8], product: &ProductId, heard: &mut Heard) -> Result<(), Fault> {
    let mut count = 0_usize;
    let already = heard.facts.len();
    items(body, "a list of releases", heard, |one: WireRelease, heard| {
        count += 1;
        if !one.upcoming_release {
            heard.facts.push(Fact::here(What::Release(Release {
                product: product.clone(),
                version: Clean::line_within(&one.tag_name, 100),
                published: one.released_at.as_deref().and_then(moment).map(Dated::At),
                prerelease: false,
                chart: None,
                url: told(one.links.as_ref().and_then(|links| links.own.as_deref())),
                list: ListKind::Whole,
            })));
        }
    })?;
    if count >= 100 {
        for fact in heard.facts.iter_mut().skip(already) {
            if let What::Release(release) = &mut fact.what {
                release.list = ListKind::Newest;
            }
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct WireDeployment {
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
struct WirePipeline {
    id: u64,
    #[serde(rename = "ref")]
    version: String,
    status: String,
    web_url: Option<String>,
}

impl WireDeployment {
    fn pipeline(&self) -> Option<&WirePipeline> {
        self.deployable.as_ref()?.pipeline.as_ref()
    }
}

/// Understands the newest deployments; the newest one's approvals become a gate.
fn read_deployments(body: &[u8], heard: &mut Heard) -> Result<Vec<WireDeployment>, Fault> {
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
fn read_jobs(body: &[u8], pipeline: &WirePipeline, environment: &Clean, heard: &mut Heard) -> Result<(), Fault> {
    let mut jobs = Vec::new();
    items(body, "the jobs of a pipeline", heard, |one: WireJob, _| jobs.push(one))?;
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

#[derive(Deserialize)]
struct WireFreeze {
    freeze_start: String,
    freeze_end: String,
    cron_timezone: String,
}

/// Understands freeze periods: those that hold now and those to come.
fn read_freezes(body: &[u8], now: Moment, heard: &mut Heard) -> Result<(), Fault> {
    items(body, "a list of freeze periods", heard, |one: WireFreeze, heard| {
        match cron::freezes(&one.freeze_start, &one.freeze_end, &one.cron_timezone, now) {
            Ok(freezes) => heard.facts.extend(freezes.into_iter().map(|freeze| Fact::here(What::Freeze(freeze)))),
            Err(why) => {
                heard.gaps.push(Gap {
                    place: Clean::line("freeze period"),
                    why: Clean::line(&why),
                    kind: GapKind::Odd,
                });
            }
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_segment_encoded_once() {
        assert_eq!(encoded("ops/rollout"), "ops%2Frollout");
        assert_eq!(encoded("/42/"), "42");
    }

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

    #[test]
    fn a_release_of_tomorrow_is_not_published() {
        let body = br#"[{"tag_name":"2.0.0","released_at":"2027-01-01T00:00:00Z","upcoming_release":true},
            {"tag_name":"1.0.0","released_at":"2026-01-01T00:00:00Z"}]"#;
        let mut heard = Heard::default();
        read_releases(body, &"x".into(), &mut heard).unwrap();
        assert_eq!(heard.facts.len(), 1);
    }
}
