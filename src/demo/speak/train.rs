//! A version on its way into an environment, as a delivery system keeps it: a pipeline with its jobs, and a deployment.

use chrono::TimeDelta;

use crate::demo::cast::{Installation, Plan};
use crate::demo::course::Rollout;
use crate::demo::dice::number;
use crate::demo::glance::Glance;
use crate::domain::clock::Moment;

/// One version in a delivery system.
#[derive(Clone, Debug, PartialEq)]
pub struct Car {
    /// Which.
    pub version: String,
    /// Where to.
    pub environment: &'static str,
    /// The pipeline's number.
    pub pipeline: u64,
    /// The deployment's number.
    pub deployment: u64,
    /// When it reached the gate.
    pub created: Moment,
    /// When it last moved.
    pub updated: Moment,
    /// When it ended.
    pub finished: Option<Moment>,
    /// Who approved it, and when.
    pub approval: Option<(Moment, String)>,
    /// Where it is.
    pub stage: Stage,
    /// When the workloads began to move.
    pub started: Option<Moment>,
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// At the gate.
    Waiting,
    /// Approved, before its window.
    Approved,
    /// Rolling.
    Rolling,
    /// Done.
    Done,
    /// Given up.
    Failed,
    /// Overtaken by a newer one.
    Overtaken,
}

/// One job of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// Its stage.
    pub stage: &'static str,
    /// Its status.
    pub status: &'static str,
    /// When it began.
    pub started: Option<Moment>,
    /// When it ended.
    pub finished: Option<Moment>,
    /// Who set it going.
    pub user: Option<String>,
}

/// No more than so many are remembered.
const REMEMBERED: usize = 40;

/// The versions a delivery system knows of an environment, oldest first.
#[must_use]
pub fn cars(glance: &Glance<'_>, one: &Installation, environment: &'static str) -> Vec<Car> {
    let course = glance.course(one, environment);
    let begin = if environment == "production" { 8_000 } else { 4_000 };
    let base = begin + number(&one.id, 900) * 10_000;
    let gated = one.plan == Plan::OnPrem && environment == "production";
    let mut found = Vec::new();
    if gated {
        let newest = course.offers.last().map(|offer| offer.release.triple);
        for offer in &course.offers {
            let rollout = course.rollouts.iter().rev().find(|rollout| rollout.to.triple == offer.release.triple);
            let given = offer.approval.clone().filter(|(when, _)| *when <= glance.at);
            let behind = course.running(glance.at).is_some_and(|running| running.triple >= offer.release.triple);
            let overtaken = behind || newest.is_some_and(|newest| newest > offer.release.triple);
            let stage = match (rollout, &given) {
                (Some(rollout), _) => stage_of(rollout, glance.at),
                (None, _) if overtaken => Stage::Overtaken,
                (None, Some(_)) => Stage::Approved,
                (None, None) => Stage::Waiting,
            };
            let moved = given.as_ref().map_or(offer.created, |(when, _)| *when);
            found.push(car(
                (offer.release.version.clone(), environment),
                offer.created,
                (stage, moved),
                (given, rollout),
                glance.at,
            ));
        }
    } else {
        for rollout in &course.rollouts {
            let stage = stage_of(rollout, glance.at);
            found.push(car(
                (rollout.to.version.clone(), environment),
                rollout.created,
                (stage, rollout.start),
                (None, Some(rollout)),
                glance.at,
            ));
        }
    }
    for (n, car) in (0..).zip(&mut found) {
        car.pipeline = base + n;
        car.deployment = base + 1_000 + n;
    }
    let surplus = found.len().saturating_sub(REMEMBERED);
    found.split_off(surplus)
}

fn stage_of(rollout: &Rollout<'_>, at: Moment) -> Stage {
    if rollout.failed(at) {
        Stage::Failed
    } else if rollout.succeeded(at) {
        Stage::Done
    } else {
        Stage::Rolling
    }
}

fn car(
    (version, environment): (String, &'static str),
    created: Moment,
    (stage, moved): (Stage, Moment),
    (approval, rollout): (Option<(Moment, String)>, Option<&Rollout<'_>>),
    at: Moment,
) -> Car {
    let finished = rollout.map(|rollout| rollout.end).filter(|end| *end <= at);
    let started = rollout.map(|rollout| rollout.start);
    let updated = finished.or(started).unwrap_or(moved);
    Car { version, environment, pipeline: 0, deployment: 0, created, updated, finished, approval, stage, started }
}

impl Car {
    /// Whether somebody has to approve it.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// The pipeline's status.
    #[must_use]
    pub fn pipeline_status(&self) -> &'static str {
        match self.stage {
            Stage::Waiting => "manual",
            Stage::Approved => "scheduled",
            Stage::Rolling => "running",
            Stage::Done => "success",
            Stage::Failed => "failed",
            Stage::Overtaken => "canceled",
        }
    }

    /// The deployment's status.
    #[must_use]
    pub fn deployment_status(&self) -> &'static str {
        match self.stage {
            Stage::Waiting => "blocked",
            Stage::Approved => "created",
            Stage::Rolling => "running",
            Stage::Done => "success",
            Stage::Failed => "failed",
            Stage::Overtaken => "canceled",
        }
    }

    /// The pipeline's jobs, in the order in which they run.
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        let before = self.created - TimeDelta::minutes(6);
        let done = |id, name, stage, from: i64| Job {
            id,
            name,
            stage,
            status: "success",
            started: Some(before + TimeDelta::minutes(from)),
            finished: Some(before + TimeDelta::minutes(from + 2)),
            user: None,
        };
        let base = self.pipeline * 10;
        let (deploy, verify) = match self.stage {
            Stage::Waiting => ("manual", "created"),
            Stage::Approved => ("scheduled", "created"),
            Stage::Rolling => ("running", "created"),
            Stage::Done => ("success", "success"),
            Stage::Failed => ("failed", "skipped"),
            Stage::Overtaken => ("canceled", "canceled"),
        };
        let (deploying, verifying) = match self.environment {
            "staging" => ("deploy:staging", "verify:staging"),
            _ => ("deploy:production", "verify:production"),
        };
        let verified = (self.stage == Stage::Done).then_some(self.finished).flatten();
        vec![
            done(base + 1, "fetch", "prepare", 0),
            done(base + 2, "render", "prepare", 3),
            Job {
                id: base + 3,
                name: deploying,
                stage: "deploy",
                status: deploy,
                started: self.started,
                finished: self.finished,
                user: self.approval.as_ref().map(|(_, who)| who.clone()),
            },
            Job {
                id: base + 4,
                name: verifying,
                stage: "verify",
                status: verify,
                started: verified,
                finished: verified,
                user: None,
            },
        ]
    }
}
