//! What is written lets the world move, and what moves arrives: by approvals, by a watch.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::demo::clock::Simulated;
use quarterdeck::demo::scenario::Scenario;
use quarterdeck::demo::stage::Stage;
use quarterdeck::demo::start::{Demo, Wish};
use quarterdeck::domain::access::Access;
use quarterdeck::domain::clock::Clock;
use quarterdeck::domain::facts::Facts;
use quarterdeck::net::roads::Roads;
use quarterdeck::runtime::clock::MachineClock;
use quarterdeck::runtime::collector::{self, Collector, Setup};
use quarterdeck::runtime::fleet::open;
use quarterdeck::views::board::Board;
use serde_json::Value;

use crate::real::Request;
use crate::served::Served;

/// The rollout of a version into a customer's production.
fn train(served: &Served, installation: &str, version: &Value) -> Value {
    served.row("rollouts", installation, |row| row["environment"] == "production" && row["to"] == *version)
}

fn station<'r>(row: &'r Value, name: &str) -> &'r Value {
    row["stations"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

/// A person approves what waits, in the system in which this customer gives approvals.
fn approve(served: &Served, installation: &str) {
    let base = format!("/{installation}/production");
    let headers = [("authorization", "Bearer token"), ("private-token", "token")];
    if installation == "gringotts" {
        let job = format!("{base}/concourse/api/v1/teams/main/pipelines/meshstack/jobs/approve-production/builds");
        assert_eq!(served.post(&job, &headers, "").status, 200);
        return;
    }
    let all = format!("{base}/gitlab/api/v4/projects/ops%2Frollout/deployments");
    let path = format!("{all}?environment=production&status=blocked");
    let ask = Request { method: "GET", path: &path, headers: &headers, body: b"" };
    let waiting: Vec<Value> = serde_json::from_slice(&ask.send(served.port).unwrap().body).unwrap();
    let newest = waiting.iter().max_by_key(|one| one["id"].as_u64()).unwrap();
    let approval = format!("{all}/{}/approval?status=approved", newest["id"]);
    assert_eq!(served.post(&approval, &headers, "").status, 201);
}

/// Both wait for their customer on Friday night, and both have a window on Wednesday evening.
#[test]
fn an_approval_that_is_given_lets_the_train_move_in_its_window_and_none_keeps_it_waiting() {
    let served = Served::friday_night_of("32");
    for installation in ["gringotts", "luxrail"] {
        let waits = served.row("rollouts", installation, |row| row["state"] == "waiting-approval");
        let version = &waits["to"];
        assert_eq!(station(&waits, "approved")["state"], "waiting", "{waits}");
        approve(&served, installation);
        // The pipeline takes a while to notice, and closes the gate's item.
        served.jump("20s");
        let approved = train(&served, installation, version);
        assert_eq!(approved["state"], "waiting-window", "{approved}");
        assert_eq!(station(&approved, "approved")["state"], "done");
        assert!(approved["gate"]["who"].as_str().unwrap().starts_with("operator"), "{approved}");
    }
    // The window opens; the workloads move, and in the end the new version answers.
    let version = train_of(&served, "luxrail");
    served.jump("115h19m");
    let mut seen = Vec::new();
    for _ in 0..40 {
        let rows = served.rows("rollouts", "luxrail");
        let Some(row) = rows.iter().find(|row| row["to"] == version) else { break };
        seen.push((row["state"].as_str().unwrap().to_owned(), row["progress"].as_f64()));
        if row["state"] == "succeeded" {
            break;
        }
        served.jump("3m");
    }
    let moved = |(state, progress): &(String, Option<f64>)| {
        state == "running" && progress.is_some_and(|share| 0.0 < share && share < 1.0)
    };
    assert!(seen.iter().any(moved), "{seen:?}");
    let running = |row: &Value| row["environment"] == "production" && row["component"] == "meshstack";
    assert_eq!(served.row("drift", "luxrail", running)["running"], version, "{seen:?}");
}

fn train_of(served: &Served, installation: &str) -> Value {
    served.row("rollouts", installation, |row| row["state"] == "waiting-window")["to"].clone()
}

/// A demo in this process, whose fleet is collected by the program's own pollers. Kubernetes is asked once an hour: what
/// comes in between comes over a watch.
struct Collected {
    stage: Arc<Stage>,
    collector: Collector,
    _cache: tempfile::TempDir,
}

async fn collected(start: &str, installation: &str) -> Collected {
    let wish = Wish {
        scenario: Scenario::BigUpgrade,
        installations: Some(12),
        speed: Some(90.0),
        start: Some(start.parse().unwrap()),
        ..Wish::default()
    };
    let demo = Demo::start(Arc::new(MachineClock), wish).await.unwrap();
    demo.stage.clock.set_paused(true);
    let stage = Arc::clone(&demo.stage);
    let home = format!("/{installation}/production/kubernetes/apis/apps/v1/namespaces/mesh-{installation}");
    // Before anybody is asked: who finds everything at rest has nothing to follow.
    moving_at(&stage.clock, &stage, &format!("{home}/deployments"));
    let path = demo.fleet_file();
    let text = std::fs::read_to_string(&path).unwrap();
    tokio::spawn(demo.serve());
    let seldom = text.replace("kind = \"kubernetes\",", "kind = \"kubernetes\", interval = \"1h\",");
    std::fs::write(&path, seldom).unwrap();
    let (loaded, asked) = open(&path, &quarterdeck::fleetfile::load::Options::default())
        .sound()
        .unwrap_or_else(|(problems, _)| panic!("{problems:?}"));
    let cluster = format!("{installation}/production/kubernetes");
    let asked = asked.into_iter().filter(|one| one.id.to_string() == cluster).collect();
    let cache = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(stage.clock.clone());
    let collector = collector::start(Setup {
        fleet: loaded.fleet,
        access: Access::operator(),
        asked,
        facts: Facts::new(),
        courses: std::collections::BTreeMap::new(),
        roads: Roads::new(Arc::clone(&clock), cache.path().to_owned()),
        clock,
    });
    Collected { stage, collector, _cache: cache }
}

impl Collected {
    /// Waits until a board is so.
    async fn until(&self, what: &str, mut so: impl FnMut(&Board) -> bool) {
        let mut boards = self.collector.boards.clone();
        let waiting = boards.wait_for(|board| board.as_deref().is_some_and(&mut so));
        let came = tokio::time::timeout(Duration::from_secs(90), waiting).await;
        assert!(came.is_ok(), "waited in vain for {what}; asked: {:?}", self.stage.asked());
    }

    fn lists(&self) -> u64 {
        self.stage.asked().get("kubernetes workloads").copied().unwrap_or(0)
    }
}

/// How many replicas of the product are new and work, as the board has it.
fn arrived(board: &Board, installation: &str) -> u32 {
    let rows = board.views.rollouts.iter().filter(|row| row.installation.to_string() == installation);
    rows.flat_map(|row| &row.workloads).map(|load| load.updated.min(load.available)).sum()
}

/// Looks for the minute in which a rollout is on its way.
fn moving_at(clock: &Simulated, stage: &Stage, path: &str) {
    use quarterdeck::demo::question::Question;
    let mut question = Question::new("GET", path);
    question.headers.insert("authorization".into(), "Bearer x".into());
    for _ in 0..120 {
        let listed: Value = serde_json::from_slice(stage.answer(&question, clock.now()).whole()).unwrap();
        let partly = |item: &Value| item["status"]["updatedReplicas"] != item["spec"]["replicas"];
        if listed["items"].as_array().unwrap().iter().any(partly) {
            return;
        }
        clock.jump(clock.now() + chrono::TimeDelta::minutes(1));
    }
    panic!("nothing moved within two hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_in_a_cluster_arrives_over_the_watch_and_what_was_missed_is_listed_anew() {
    let installation = "globex";
    let world = collected("2026-11-16T16:58:00+01:00", installation).await;
    world.until("the first list", |board| board.header.sources.ok == 1).await;
    let first = world.lists();
    assert_eq!(first, 3, "a list of each kind of workload");
    world.stage.clock.set_paused(false);
    let mut seen = Vec::new();
    world
        .until("three changes", |board| {
            let now = arrived(board, installation);
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            seen.len() > 3
        })
        .await;
    assert_eq!(world.lists(), first, "nothing was listed again: {seen:?}");
    assert!(world.stage.asked()["kubernetes watch"] >= 3);
    // A day is missed: the watch is told that its version is too old, and the lists are asked for once more.
    world.stage.clock.jump(world.stage.clock.now() + chrono::TimeDelta::hours(25));
    let lists = || world.lists();
    world.until("a list anew", |_| lists() > first).await;
}
