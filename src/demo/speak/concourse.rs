//! Concourse's API: one pipeline with a job that deploys to staging, one a person starts, and one that deploys.

use serde_json::{Value, json};

use super::place::Spot;
use super::train::{Car, Stage, cars};
use crate::demo::answer::Answer;
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::writes::Write;
use crate::domain::clock::Moment;

/// The version that answers.
const VERSION: &str = "8.2.5";
/// The one team.
const TEAM: &str = "main";
/// The one pipeline.
const PIPELINE: &str = "meshstack";
/// The job that deploys to staging.
const STAGING: &str = "deploy-staging";
/// The job a person starts.
const APPROVE: &str = "approve-production";
/// The job that deploys.
const DEPLOY: &str = "deploy-production";
/// The jobs, in the pipeline's order.
const JOBS: [&str; 3] = [STAGING, APPROVE, DEPLOY];

/// Answers what stands below the web address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    let get = question.method == "GET";
    match rest {
        ["api", "v1", "info"] => Answer::json(&json!({
            "version": VERSION,
            "worker_version": "2.5",
            "feature_flags": {"pipeline_instances": true, "redact_secrets": true},
            "external_url": format!("{}/{}/concourse", question.origin, spot.holder()),
            "cluster_name": spot.one.id,
        })),
        ["sky", "issuer", "token"] if !get => token(spot, question),
        ["api", "v1", rest @ ..] => {
            let all = Builds { spot, cars: cars(glance, spot.one, "production"), at: glance.at };
            // Without a token only what is public is listed, and nothing is.
            match (rest, question.header("authorization")) {
                (["teams", _, "pipelines"] | ["pipelines"], None) => Answer::json(&json!([])),
                (_, None) => Answer::text(401, "not authorized"),
                (_, Some(_)) => all.answer(rest, question),
            }
        }
        _ => Answer::nothing(),
    }
}

/// A local user's password is sold for a token.
fn token(spot: &Spot<'_>, question: &Question) -> Answer {
    if question.get("grant_type") != Some("password") || question.get("password").is_none_or(str::is_empty) {
        return Answer::json_with(400, &json!({"error": "invalid_grant"}));
    }
    let token = hex(&spot.holder(), 40);
    Answer::json(&json!({"access_token": token, "token_type": "bearer", "expires_in": 86_399, "id_token": token}))
}

struct Builds<'a> {
    spot: &'a Spot<'a>,
    cars: Vec<Car>,
    at: Moment,
}

/// One build.
struct Build<'a> {
    id: u64,
    job: &'static str,
    status: &'static str,
    started: Option<Moment>,
    ended: Option<Moment>,
    by: Option<String>,
    car: &'a Car,
}

impl Builds<'_> {
    fn answer(&self, rest: &[&str], question: &Question) -> Answer {
        let get = question.method == "GET";
        match rest {
            ["teams", TEAM, "pipelines"] | ["pipelines"] => Answer::json(&json!([self.pipeline()])),
            ["teams", TEAM, "pipelines", PIPELINE] => Answer::json(&self.pipeline()),
            ["teams", TEAM, "pipelines", PIPELINE, "jobs"] => {
                Answer::json(&JOBS.iter().map(|job| self.job(job)).collect())
            }
            ["teams", TEAM, "pipelines", PIPELINE, "jobs", job] if JOBS.contains(job) => Answer::json(&self.job(job)),
            ["teams", TEAM, "pipelines", PIPELINE, "jobs", job, "builds"] if get => self.page(job, question),
            ["teams", TEAM, "pipelines", PIPELINE, "jobs", job, "builds"] => self.start(job),
            ["builds", id] => self.one(id, |build| self.told(build)),
            ["builds", id, "resources"] => self.one(id, |build| {
                let version = json!({"tag": build.car.version});
                let input =
                    json!({"name": "release", "version": version, "pipeline_id": 14, "first_occurrence": false});
                let inputs = if build.status == "pending" { json!([]) } else { json!([input]) };
                json!({"inputs": inputs, "outputs": []})
            }),
            _ => Answer::empty(404),
        }
    }

    fn pipeline(&self) -> Value {
        let updated = self.cars.last().map_or(self.at, |car| car.created).timestamp();
        json!({
            "id": 14, "name": PIPELINE, "paused": false, "public": false, "archived": false, "team_name": TEAM,
            "last_updated": updated,
        })
    }

    /// The builds of a job, oldest first.
    fn of(&self, job: &str) -> Vec<Build<'_>> {
        let mut found = Vec::new();
        for car in &self.cars {
            let id = |n: u64| car.pipeline * 10 + n;
            match job {
                STAGING => {
                    let started = car.created - chrono::TimeDelta::minutes(10);
                    let (started, ended) = (Some(started), Some(car.created));
                    found.push(Build { id: id(1), job: STAGING, status: "succeeded", started, ended, by: None, car });
                }
                APPROVE => {
                    if let Some((when, who)) = &car.approval {
                        let name = who.split('@').next().unwrap_or(who);
                        let (by, ended) = (Some(format!("local:{name}")), Some(*when + chrono::TimeDelta::seconds(9)));
                        let started = Some(*when);
                        found.push(Build { id: id(2), job: APPROVE, status: "succeeded", started, ended, by, car });
                    }
                }
                DEPLOY => {
                    let status = match car.stage {
                        Stage::Waiting | Stage::Overtaken => continue,
                        Stage::Approved => "pending",
                        Stage::Rolling => "started",
                        Stage::Done => "succeeded",
                        Stage::Failed => "failed",
                    };
                    let (started, ended) = (car.started, car.finished);
                    found.push(Build { id: id(3), job: DEPLOY, status, started, ended, by: None, car });
                }
                _ => {}
            }
        }
        found
    }

    fn told(&self, build: &Build<'_>) -> Value {
        let mut told = json!({
            "id": build.id,
            "name": (build.car.pipeline % 1000).to_string(),
            "status": build.status,
            "team_name": TEAM,
            "job_name": build.job,
            "pipeline_id": 14,
            "pipeline_name": PIPELINE,
            "api_url": format!("/api/v1/builds/{}", build.id),
            "created_by": build.by,
        });
        let times = [("start_time", build.started), ("end_time", build.ended.filter(|end| *end <= self.at))];
        if let Some(told) = told.as_object_mut() {
            // Absent until they are known.
            told.extend(times.into_iter().filter_map(|(key, at)| Some((key.to_owned(), at?.timestamp().into()))));
        }
        told
    }

    fn job(&self, name: &str) -> Value {
        let builds = self.of(name);
        let ended = |build: &&Build<'_>| !matches!(build.status, "pending" | "started");
        let next = builds.iter().rev().find(|build| !ended(build)).map(|build| self.told(build));
        let finished = builds.iter().rev().find(ended).map(|build| self.told(build));
        let (trigger, passed) = match name {
            APPROVE => (false, Some([STAGING])),
            DEPLOY => (true, Some([APPROVE])),
            _ => (true, None),
        };
        let waits = name == APPROVE && self.cars.last().is_some_and(Car::waits);
        let id = JOBS.iter().position(|job| *job == name).unwrap_or_default() + 40;
        json!({
            "id": id, "name": name, "team_name": TEAM, "pipeline_id": 14, "pipeline_name": PIPELINE,
            "has_new_inputs": waits, "next_build": next, "finished_build": finished, "groups": ["delivery"],
            "inputs": [{"name": "release", "resource": "release", "trigger": trigger, "passed": passed}],
            "outputs": [],
        })
    }

    /// A page of builds, newest first, with the addresses of the next ones.
    fn page(&self, job: &str, question: &Question) -> Answer {
        if !JOBS.contains(&job) {
            return Answer::empty(404);
        }
        let limit = question.number("limit").and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(100);
        let to = question.number("to").and_then(|n| u64::try_from(n).ok()).unwrap_or(u64::MAX);
        let mut builds = self.of(job);
        builds.retain(|build| build.id <= to);
        builds.reverse();
        let older = builds.get(limit).map(|build| build.id);
        builds.truncate(limit);
        let answer = Answer::json(&builds.iter().map(|build| self.told(build)).collect());
        match older {
            Some(older) => {
                let base = format!("{}/{}/concourse/api/v1", question.origin, self.spot.holder());
                let next =
                    format!("{base}/teams/{TEAM}/pipelines/{PIPELINE}/jobs/{job}/builds?limit={limit}&to={older}");
                answer.with("link", format!("<{next}>; rel=\"next\""))
            }
            None => answer,
        }
    }

    /// A person starts a job: the newest version that waits may go on.
    fn start(&self, job: &str) -> Answer {
        let waiting = self.cars.last().filter(|car| car.waits());
        match (job, waiting) {
            (APPROVE, Some(car)) => {
                let (started, by) = (Some(self.at), Some("local:operator".to_owned()));
                let id = car.pipeline * 10 + 2;
                let build = Build { id, job: APPROVE, status: "pending", started, ended: None, by, car };
                let write = Write::Approve {
                    installation: self.spot.one.id.clone(),
                    version: car.version.clone(),
                    who: "operator".to_owned(),
                };
                Answer::json(&self.told(&build)).writing(write)
            }
            // Nothing new to take, or a job nobody starts by hand.
            (STAGING | APPROVE | DEPLOY, _) => Answer::empty(409),
            _ => Answer::empty(404),
        }
    }

    fn one(&self, id: &str, shape: impl Fn(&Build<'_>) -> Value) -> Answer {
        let found = JOBS.iter().flat_map(|job| self.of(job)).find(|build| build.id.to_string() == id);
        found.map_or_else(|| Answer::empty(404), |build| Answer::json(&shape(&build)))
    }
}
