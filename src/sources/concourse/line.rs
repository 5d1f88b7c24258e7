//! The jobs of one pipeline as the way into one environment: which deploys, which wait for a person before it, and what
//! their builds say about each version.

use std::collections::BTreeMap;

use super::gap;
use super::wire::{WireBuild, WireJob, WirePipeline};
use crate::domain::clock::Moment;
use crate::domain::delivery::{Approver, ApproverEvidence, Deployment, Gate, GateState, Job, Pipeline, PipelineState};
use crate::domain::fact::{Fact, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::sources::people::approver;
use crate::sources::reading::epoch;
use crate::text::clean::Clean;

/// Words in the name of a job that deploys.
const DEPLOYS: &[&str] = &["deploy", "rollout", "roll-out", "upgrade", "release", "apply", "install"];

/// How jobs are told to belong to an environment.
pub(super) struct Naming {
    environment: Option<String>,
    /// The other environments there are.
    others: Vec<String>,
    /// The job that deploys, where the fleet file names it.
    job: Option<String>,
}

impl Naming {
    pub fn new(environment: Option<String>, others: Vec<String>, job: Option<String>) -> Self {
        let environment = environment.map(|name| name.to_lowercase());
        let usual = ["production", "staging"].into_iter().map(str::to_owned);
        let others = others.into_iter().map(|name| name.to_lowercase()).chain(usual);
        let others = others.filter(|name| Some(name) != environment.as_ref()).collect();
        Self { environment, others, job }
    }

    fn names(&self, job: &str) -> bool {
        let job = job.to_lowercase();
        self.environment.as_deref().is_some_and(|name| job.contains(name))
    }

    /// Whether a job is about this environment: it says so, or it names no other.
    fn means(&self, job: &str) -> bool {
        let lower = job.to_lowercase();
        self.names(job) || !self.others.iter().any(|other| lower.contains(other.as_str()))
    }

    /// The job that deploys here: the one named for it, or the last of those named for this environment.
    fn deploys<'j>(&self, jobs: &'j [WireJob]) -> Option<&'j WireJob> {
        if let Some(name) = &self.job {
            return jobs.iter().find(|job| job.name == *name);
        }
        let feeds = |job: &WireJob, other: &WireJob| other.passed().any(|name| name == job.name);
        let named = jobs.iter().any(|job| self.names(&job.name));
        let rank = |job: &WireJob| {
            let lower = job.name.to_lowercase();
            let last = !jobs.iter().any(|other| self.means(&other.name) && feeds(job, other));
            (DEPLOYS.iter().any(|word| lower.contains(word)), last, !job.is_manual())
        };
        let candidates = jobs.iter().filter(|job| if named { self.names(&job.name) } else { self.means(&job.name) });
        // Of equals the first in the pipeline's own order.
        candidates.rev().max_by_key(|job| rank(job))
    }
}

type Builds = Vec<(WireBuild, Option<Clean>)>;

/// The way into one environment.
pub(super) struct Line {
    pipeline: WirePipeline,
    jobs: Vec<WireJob>,
    deploys: String,
    /// The jobs a person has to start, nearest to the deployment first.
    gates: Vec<String>,
    builds: BTreeMap<String, Builds>,
    /// Where people look at it.
    base: Option<String>,
}

impl Line {
    /// # Errors
    /// Where no job deploys here.
    pub fn of(pipeline: WirePipeline, jobs: Vec<WireJob>, naming: &Naming) -> Result<Self, Fault> {
        let Some(deploys) = naming.deploys(&jobs).map(|job| job.name.clone()) else {
            let job = naming.job.clone().unwrap_or_else(|| "that deploys here".to_owned());
            let path = Clean::line_within(&format!("job {job} of pipeline {}", pipeline.name), 200);
            return Err(Fault::Missing { path });
        };
        let mut gates = Vec::new();
        let mut before = vec![deploys.clone()];
        // Each job is met once: a pipeline has no circles, an answer may.
        let mut n = 0;
        while let Some(name) = before.get(n).cloned() {
            n += 1;
            let Some(job) = jobs.iter().find(|job| job.name == name) else { continue };
            if job.is_manual() && (naming.means(&name) || name == deploys) {
                gates.push(name);
            }
            for up in job.passed() {
                if !before.iter().any(|known| known == up) {
                    before.push(up.to_owned());
                }
            }
        }
        Ok(Self { pipeline, jobs, deploys, gates, builds: BTreeMap::new(), base: None })
    }

    /// Where people look at it, by the address the server gives itself.
    pub fn seen_at(&mut self, external: Option<&str>, team: &str) {
        let below = |base: &str| {
            let name = super::encoded(&self.pipeline.name);
            format!("{}/teams/{}/pipelines/{name}", base.trim_end_matches('/'), super::encoded(team))
        };
        self.base = external.filter(|base| base.starts_with("http")).map(below);
    }

    /// The jobs whose builds matter: the one that deploys, the gates, and those a gate takes over from.
    pub fn to_read(&self) -> Vec<String> {
        let mut names = vec![self.deploys.clone()];
        let up = self.gates.iter().flat_map(|gate| {
            let job = self.jobs.iter().find(|job| job.name == *gate);
            std::iter::once(gate.as_str()).chain(job.into_iter().flat_map(WireJob::passed))
        });
        for name in up {
            let is_job = self.jobs.iter().any(|job| job.name == name);
            if is_job && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Takes the builds of a job, newest first, each with the version it carried.
    pub fn builds(&mut self, job: &str, builds: Builds) {
        self.builds.insert(job.to_owned(), builds);
    }

    fn of_job(&self, job: &str) -> &[(WireBuild, Option<Clean>)] {
        self.builds.get(job).map_or(&[], Vec::as_slice)
    }

    fn url(&self, job: &str, build: Option<&WireBuild>) -> Option<Clean> {
        let base = self.base.as_deref()?;
        let below = build.map(|build| format!("/builds/{}", super::encoded(&build.name))).unwrap_or_default();
        Some(Clean::line_within(&format!("{base}/jobs/{}{below}", super::encoded(job)), 500))
    }

    /// Everything it says.
    pub fn tell(&self, heard: &mut Heard) {
        if self.pipeline.archived {
            heard.gaps.push(gap(&self.pipeline.name, "the pipeline is archived: nothing rolls by it", GapKind::Odd));
        }
        let gates: Vec<Gate> = self.gates.iter().flat_map(|name| self.gate(name)).chain(self.pauses()).collect();
        let waiting: Vec<Clean> = gates
            .iter()
            .filter(|gate| gate.state == GateState::Waiting)
            .filter_map(|gate| gate.version.clone())
            .collect();
        let mut facts: Vec<What> = gates.into_iter().map(Box::new).map(What::Gate).collect();
        facts.extend(self.deployments().map(Box::new).map(What::Deployment));
        facts.extend(self.pipelines(&waiting).into_iter().map(Box::new).map(What::Pipeline));
        let n_builds = self.of_job(&self.deploys).len();
        if n_builds > 0 && self.of_job(&self.deploys).iter().all(|(_, version)| version.is_none()) {
            let why = "no build says which version it carried: name the input in `release`";
            heard.gaps.push(gap(&self.deploys, why, GapKind::Partial));
        }
        heard.facts.extend(facts.into_iter().map(Fact::here));
    }

    /// What a job a person has to start says about each version.
    fn gate(&self, name: &str) -> Vec<Gate> {
        let builds = self.of_job(name);
        let told = |version: Option<&Clean>, state: GateState, since: Option<Moment>| Gate {
            kind: Clean::line("concourse-job"),
            name: Clean::line_within(name, 80),
            place: Some(Clean::line_within(&format!("pipeline {}", self.pipeline.name), 80)),
            version: version.cloned(),
            state,
            since,
            who: None,
            waits_for: Vec::new(),
            url: self.url(name, None),
        };
        // Whatever has not come through the jobs before it has yet to reach it.
        let mut gates = vec![told(None, GateState::Ahead, None)];
        let mut seen: Vec<&Clean> = Vec::new();
        for (build, version) in builds {
            let Some(version) = version else { continue };
            if seen.contains(&version) {
                continue;
            }
            seen.push(version);
            let url = self.url(name, Some(build));
            gates.push(match build.status.as_str() {
                "succeeded" | "started" | "pending" => {
                    let since = build.start_time.and_then(epoch);
                    Gate { who: started_by(build), url, ..told(Some(version), GateState::Passed, since) }
                }
                // It was started and came to nothing: somebody has to start it again.
                other => {
                    let why = Clean::line_within(&format!("starting it again, build {} {other}", build.name), 120);
                    let since = build.end_time.and_then(epoch);
                    Gate { waits_for: vec![why], url, ..told(Some(version), GateState::Waiting, since) }
                }
            });
        }
        // Only the newest can be taken; those before it were passed over.
        if let Some((version, since)) = self.offered(name)
            && !seen.contains(&version)
        {
            gates.push(told(Some(version), GateState::Waiting, since));
        } else if self.jobs.iter().any(|job| job.name == name && job.has_new_inputs) && self.offered(name).is_none() {
            gates.push(told(None, GateState::Waiting, self.newest_before(name)));
        }
        gates
    }

    /// The newest version that came through every job a gate takes over from, and since when.
    fn offered(&self, gate: &str) -> Option<(&Clean, Option<Moment>)> {
        let job = self.jobs.iter().find(|job| job.name == gate)?;
        let mut before: Vec<&str> = job.passed().collect();
        before.sort_unstable();
        before.dedup();
        let came = |up: &str, wanted: &Clean| {
            let good = |(build, version): &&(WireBuild, Option<Clean>)| {
                build.status == "succeeded" && version.as_ref() == Some(wanted)
            };
            self.of_job(up).iter().rev().find(good).map(|(build, _)| build.end_time.and_then(epoch))
        };
        let first = before.first()?;
        let good = self.of_job(first).iter().filter(|(build, _)| build.status == "succeeded");
        good.filter_map(|(_, version)| version.as_ref()).find_map(|version| {
            let ends: Option<Vec<Option<Moment>>> = before.iter().map(|up| came(up, version)).collect();
            Some((version, ends?.into_iter().max().flatten()))
        })
    }

    /// When the last build before a gate ended well.
    fn newest_before(&self, gate: &str) -> Option<Moment> {
        let job = self.jobs.iter().find(|job| job.name == gate)?;
        let builds = job.passed().flat_map(|up| self.of_job(up)).filter(|(build, _)| build.status == "succeeded");
        builds.filter_map(|(build, _)| build.end_time.and_then(epoch)).max()
    }

    /// What a person stopped, and has to let go on: the pipeline, or the job that deploys.
    fn pauses(&self) -> Vec<Gate> {
        let job = self.jobs.iter().find(|job| job.name == self.deploys);
        let whole = (self.pipeline.paused, &self.pipeline.paused_by, self.pipeline.paused_at, &self.pipeline.name);
        let own = job.map(|job| (job.paused, &job.paused_by, job.paused_at, &job.name));
        let paused = std::iter::once(whole).chain(own).filter(|(paused, ..)| *paused);
        paused
            .map(|(_, by, at, name)| {
                let by = by.as_deref().map(|by| format!(", {} paused it", bare(by))).unwrap_or_default();
                Gate {
                    kind: Clean::line("concourse-pause"),
                    name: Clean::line_within(name, 80),
                    place: None,
                    version: None,
                    state: GateState::Waiting,
                    since: at.and_then(epoch),
                    who: None,
                    waits_for: vec![Clean::line_within(&format!("being let go on{by}"), 120)],
                    url: self.base.as_deref().map(|base| Clean::line_within(base, 500)),
                }
            })
            .collect()
    }

    fn deployments(&self) -> impl Iterator<Item = Deployment> {
        let known = self.of_job(&self.deploys).iter().filter(|(_, version)| version.is_some());
        known.map(|(build, version)| Deployment {
            product: None,
            version: version.clone(),
            state: state(&build.status),
            at: build.start_time.and_then(epoch),
            finished: build.end_time.and_then(epoch),
            by: build.created_by.as_deref().map(|by| Clean::line_within(bare(by), 80)),
            url: self.url(&self.deploys, Some(build)),
        })
    }

    /// The newest build of each version; and the versions that wait before it, which no build carries yet.
    fn pipelines(&self, waiting: &[Clean]) -> Vec<Pipeline> {
        let mut pipelines: Vec<Pipeline> = Vec::new();
        for (build, version) in self.of_job(&self.deploys) {
            let Some(version) = version else { continue };
            if pipelines.iter().any(|known| known.version.as_ref() == Some(version)) {
                continue;
            }
            let jobs = if pipelines.is_empty() { self.all_jobs() } else { Vec::new() };
            pipelines.push(Pipeline {
                kind: Clean::line("concourse"),
                id: Clean::line_within(&format!("{}/{} #{}", self.pipeline.name, self.deploys, build.name), 120),
                version: Some(version.clone()),
                state: state(&build.status),
                said: Clean::line_within(&build.status, 40),
                started: build.start_time.and_then(epoch),
                finished: build.end_time.and_then(epoch),
                jobs,
                url: self.url(&self.deploys, Some(build)),
            });
        }
        for version in waiting {
            if pipelines.iter().any(|known| known.version.as_ref() == Some(version)) {
                continue;
            }
            pipelines.push(Pipeline {
                kind: Clean::line("concourse"),
                id: Clean::line_within(&self.pipeline.name, 120),
                version: Some(version.clone()),
                state: PipelineState::Manual,
                said: Clean::line("waits for a person"),
                started: None,
                finished: None,
                jobs: self.all_jobs(),
                url: self.base.as_deref().map(|base| Clean::line_within(base, 500)),
            });
        }
        pipelines
    }

    fn all_jobs(&self) -> Vec<Job> {
        let each = |job: &WireJob| {
            let build = job.next_build.as_ref().or(job.finished_build.as_ref());
            let waits = job.is_manual() && job.has_new_inputs && job.next_build.is_none();
            Job {
                name: Clean::line_within(&job.name, 80),
                stage: job
                    .groups
                    .iter()
                    .flatten()
                    .next()
                    .map_or_else(|| Clean::line(""), |name| Clean::line_within(name, 80)),
                state: match build {
                    _ if waits => PipelineState::Manual,
                    Some(build) => state(&build.status),
                    None => PipelineState::Pending,
                },
                url: self.url(&job.name, build),
            }
        };
        self.jobs.iter().map(each).collect()
    }
}

/// Who started a build. Nobody did where something new started it.
fn started_by(build: &WireBuild) -> Option<Approver> {
    let by = build.created_by.as_deref()?;
    Some(approver(bare(by), "", ApproverEvidence::BuildCreator))
}

/// A user's name without the way they logged in by: `local:ada`.
fn bare(user: &str) -> &str {
    user.split_once(':').map_or(user, |(_, name)| name)
}

fn state(status: &str) -> PipelineState {
    match status {
        "pending" => PipelineState::Pending,
        "started" => PipelineState::Running,
        "succeeded" => PipelineState::Succeeded,
        "failed" | "errored" => PipelineState::Failed,
        "aborted" => PipelineState::Canceled,
        _ => PipelineState::Unknown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// What a build carried, how it ended, and who started it.
    type Told<'a> = (&'a str, &'a str, Option<&'a str>);

    /// A pipeline: jobs as `name`, whether a build starts it by itself, and what passes it on.
    fn line(jobs: &str, builds: &[(&str, &[Told<'_>])]) -> Line {
        let jobs: Vec<WireJob> = serde_json::from_str(jobs).unwrap();
        let pipeline = serde_json::from_str(r#"{"name":"p"}"#).unwrap();
        let naming = Naming::new(Some("production".to_owned()), vec!["qa".to_owned()], None);
        let mut line = Line::of(pipeline, jobs, &naming).unwrap();
        for (job, told) in builds {
            let n = told.len();
            let build = |(at, (version, status, by)): (usize, &Told<'_>)| {
                let n = n - at;
                let by = by.map_or("null".to_owned(), |by| format!("\"{by}\""));
                let text = format!(
                    r#"{{"id":{n},"name":"{n}","status":"{status}","start_time":{n}00,"end_time":{n}50,"created_by":{by}}}"#
                );
                (serde_json::from_str(&text).unwrap(), Some(Clean::line(version)).filter(|text| !text.is_empty()))
            };
            line.builds(job, told.iter().enumerate().map(build).collect());
        }
        line
    }

    fn gates(line: &Line) -> Vec<String> {
        let mut heard = Heard::default();
        line.tell(&mut heard);
        let told = heard.facts.iter().filter_map(|fact| match &fact.what {
            What::Gate(gate) => Some(gate),
            _ => None,
        });
        told.map(|gate| {
            let who = gate.who.as_ref().map(|who| format!(" {}({:?})", who.name, who.evidence)).unwrap_or_default();
            let since = gate.since.map(|since| format!(" {}", since.timestamp())).unwrap_or_default();
            let waits: String = gate.waits_for.iter().map(|text| format!(" [{text}]")).collect();
            format!(
                "{} {} {:?}{since}{who}{waits}",
                gate.name,
                gate.version.as_ref().map_or("*", Clean::as_str),
                gate.state
            )
        })
        .collect()
    }

    const JOBS: &str = r#"[
        {"name":"deploy-staging","inputs":[{"name":"release","resource":"r","trigger":true}]},
        {"name":"approve-staging","inputs":[{"name":"release","resource":"r","passed":["deploy-staging"]}]},
        {"name":"approve-production","inputs":[{"name":"release","resource":"r","passed":["deploy-staging"]}]},
        {"name":"deploy-production","inputs":[{"name":"release","resource":"r","trigger":true,"passed":["approve-production"]}]},
        {"name":"verify-qa","inputs":[{"name":"release","resource":"r","trigger":true,"passed":["deploy-production"]}]}
    ]"#;

    #[test]
    fn the_newest_that_came_through_waits_and_what_a_person_started_has_passed() {
        let staging: &[Told<'_>] = &[
            ("3.0", "failed", None),
            ("2.2", "succeeded", None),
            ("2.1", "succeeded", None),
            ("2.0", "succeeded", None),
        ];
        let all = line(
            JOBS,
            &[
                ("deploy-staging", staging),
                (
                    "approve-production",
                    &[("2.0", "succeeded", Some("local:ada")), ("1.0", "succeeded", Some("local:ci"))],
                ),
            ],
        );
        assert_eq!(all.to_read(), ["deploy-production", "approve-production", "deploy-staging"]);
        assert_eq!(
            gates(&all),
            [
                "approve-production * Ahead",
                "approve-production 2.0 Passed 200 ada(BuildCreator)",
                "approve-production 1.0 Passed 100 ci(Unknown)",
                "approve-production 2.2 Waiting 350",
            ]
        );
    }

    #[test]
    fn a_start_that_came_to_nothing_waits_again_and_a_second_one_passes() {
        let one = line(JOBS, &[("approve-production", &[("2.0", "aborted", Some("local:ada"))])]);
        assert_eq!(gates(&one)[1], "approve-production 2.0 Waiting 150 [starting it again, build 1 aborted]");
        let two = line(
            JOBS,
            &[("approve-production", &[("2.0", "started", Some("local:ben")), ("2.0", "failed", Some("local:ada"))])],
        );
        assert_eq!(gates(&two), ["approve-production * Ahead", "approve-production 2.0 Passed 200 ben(BuildCreator)"]);
    }

    #[test]
    fn a_job_that_deploys_when_a_person_starts_it_is_its_own_gate() {
        let jobs = r#"[{"name":"test","inputs":[{"name":"r","trigger":true}]},
            {"name":"production","inputs":[{"name":"r","passed":["test"]}]}]"#;
        let own = line(jobs, &[("test", &[("2.0", "succeeded", None)]), ("production", &[("1.0", "succeeded", None)])]);
        assert_eq!(gates(&own), ["production * Ahead", "production 1.0 Passed 100", "production 2.0 Waiting 150"]);
    }

    #[test]
    fn what_is_paused_waits_for_being_let_go_on() {
        let jobs = r#"[{"name":"deploy-production","paused":true,"paused_by":"local:jo","paused_at":7,"inputs":[]}]"#;
        assert_eq!(gates(&line(jobs, &[])), ["deploy-production * Waiting 7 [being let go on, jo paused it]"]);
    }

    #[test]
    fn the_job_that_deploys_is_found_by_name_and_place() {
        for (names, expected) in [
            (&["deploy-qa", "deploy-production", "smoke-production"][..], Some("deploy-production")),
            (&["build", "rollout"], Some("rollout")),
            (&["deploy-staging", "deploy-qa"], None),
            (&["Production"], Some("Production")),
            (&[], None),
        ] {
            let jobs: Vec<String> = names.iter().map(|name| format!("{{\"name\":\"{name}\"}}")).collect();
            let jobs: Vec<WireJob> = serde_json::from_str(&format!("[{}]", jobs.join(","))).unwrap();
            let naming =
                Naming::new(Some("production".to_owned()), vec!["qa".to_owned(), "production".to_owned()], None);
            assert_eq!(naming.deploys(&jobs).map(|job| job.name.as_str()), expected, "{names:?}");
        }
    }
}
