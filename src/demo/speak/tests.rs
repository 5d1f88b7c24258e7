use std::sync::Arc;

use serde_json::Value;

use crate::demo::answer::Answer;
use crate::demo::clock::Simulated;
use crate::demo::question::Question;
use crate::demo::scenario::Scenario;
use crate::demo::stage::Stage;
use crate::demo::world::{Setup, World};
use crate::domain::clock::{Clock, Moment};

struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// A stage on Friday night.
fn stage(scenario: Scenario) -> Stage {
    let anchor = at("2026-11-20T22:40:00Z");
    let world = World::new(Setup { seed: 7, scenario, installations: 32, anchor });
    Stage::new(world, Simulated::new(Arc::new(Still(anchor)), anchor, 1.0))
}

fn question(method: &str, target: &str) -> Question {
    let mut question = Question::new(method, target);
    question.headers.insert("authorization".to_owned(), "Bearer x".to_owned());
    question
}

fn ask(stage: &Stage, target: &str) -> Answer {
    stage.answer(&question("GET", target), stage.world.setup.anchor)
}

fn json(stage: &Stage, target: &str) -> Value {
    let answer = ask(stage, target);
    assert_eq!(answer.status, 200, "{target}: {}", String::from_utf8_lossy(answer.whole()));
    serde_json::from_slice(answer.whole()).unwrap()
}

#[test]
fn a_cluster_shows_the_rollout_that_stands_still() {
    let stage = stage(Scenario::FridayNight);
    let list = json(&stage, "/umbrella/production/kubernetes/apis/apps/v1/namespaces/meshstack/deployments");
    let reasons: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.pointer("/status/conditions/1/reason").unwrap().as_str().unwrap())
        .collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "ProgressDeadlineExceeded").count(), 1, "{reasons:?}");
}

#[test]
fn a_tenant_of_the_shared_cluster_sees_its_namespace_and_no_machine() {
    let stage = stage(Scenario::Everyday);
    let base = "/globex/production/kubernetes";
    assert_eq!(ask(&stage, &format!("{base}/api/v1/nodes")).status, 403);
    assert_eq!(ask(&stage, &format!("{base}/apis/apps/v1/deployments")).status, 403);
    let list = json(&stage, &format!("{base}/apis/apps/v1/namespaces/mesh-globex/deployments"));
    assert_eq!(list["items"].as_array().unwrap().len(), 4);
    let nobody = Question::new("GET", &format!("{base}/api/v1/nodes"));
    assert_eq!(stage.answer(&nobody, stage.world.setup.anchor).status, 401);
    assert_eq!(ask(&stage, &format!("{base}/apis/kafka.strimzi.io")).status, 404);
}

#[test]
fn lists_come_in_pages_that_add_up() {
    let stage = stage(Scenario::Everyday);
    let base = "/initech/production/kubernetes/apis/apps/v1/statefulsets";
    let whole = json(&stage, base)["items"].as_array().unwrap().len();
    let (mut seen, mut token) = (0, String::new());
    loop {
        let page = json(&stage, &format!("{base}?limit=3&continue={token}"));
        seen += page["items"].as_array().unwrap().len();
        match page["metadata"]["continue"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert!(whole > 3 && seen == whole, "{seen} of {whole}");
}

#[test]
fn playing_the_manual_job_approves_the_version_once() {
    let stage = stage(Scenario::Everyday);
    let base = "/umbrella/production/gitlab/api/v4/projects/ops%2Frollout";
    let listed = json(&stage, &format!("{base}/deployments?environment=production&order_by=id&sort=desc"));
    let waiting = listed.as_array().unwrap().iter().find(|one| one["status"] == "blocked").unwrap().clone();
    let pipeline = waiting["deployable"]["pipeline"]["id"].as_u64().unwrap();
    let jobs = json(&stage, &format!("{base}/pipelines/{pipeline}/jobs"));
    let manual = jobs.as_array().unwrap().iter().find(|job| job["status"] == "manual").unwrap()["id"].clone();
    let play = question("POST", &format!("{base}/jobs/{manual}/play"));
    assert_eq!(stage.answer(&play, stage.world.setup.anchor).status, 200);
    assert_eq!(stage.answer(&play, stage.world.setup.anchor).status, 400, "it is no longer manual");
    let after = json(&stage, &format!("{base}/deployments/{}", waiting["id"]));
    assert_eq!(after["pending_approval_count"], 0);
    assert_eq!(after["approvals"][0]["user"]["username"], "operator");
}

/// What the address of a repository advertises as its tip.
fn tip(stage: &Stage) -> String {
    let answer = ask(stage, "/stark/production/gates.git/info/refs?service=git-upload-pack");
    let text = String::from_utf8_lossy(answer.whole()).into_owned();
    text.split_once("0000").unwrap().1.chars().skip(4).take(40).collect()
}

#[test]
fn starting_the_job_in_concourse_approves_the_version_once_and_opens_its_gate() {
    let stage = stage(Scenario::Everyday);
    let base = "/stark/production/concourse/api/v1/teams/main/pipelines/meshstack";
    let job = |stage: &Stage| json(stage, &format!("{base}/jobs"))[1].clone();
    // Nobody may have been asked lately: then an earlier moment has a version that waits.
    let mut stage = stage;
    while job(&stage)["has_new_inputs"] == false {
        stage.world.setup.anchor -= chrono::TimeDelta::hours(7);
    }
    let now = stage.world.setup.anchor;
    let before = tip(&stage);
    let start = question("POST", &format!("{base}/jobs/approve-production/builds"));
    assert_eq!(stage.answer(&start, now).status, 200);
    assert_eq!(stage.answer(&start, now).status, 409, "it was taken");
    let builds = json(&stage, &format!("{base}/jobs/approve-production/builds?limit=1"));
    assert_eq!(builds[0]["created_by"], "local:operator");
    assert_eq!(job(&stage)["has_new_inputs"], false);
    assert_ne!(tip(&stage), before, "the change board's item is in the ledger");
    let deploy = json(&stage, &format!("{base}/jobs"))[2]["next_build"]["status"].clone();
    assert!(deploy == "pending" || deploy == "started", "{deploy}");
}

#[test]
fn gitlab_pages_name_the_next_one_until_there_is_none() {
    let stage = stage(Scenario::Everyday);
    let target = "/umbrella/production/gitlab/api/v4/projects/5/releases?per_page=100&page=";
    let next = |page: u32| {
        let answer = ask(&stage, &format!("{target}{page}"));
        answer.headers.iter().find(|(name, _)| *name == "x-next-page").unwrap().1.clone()
    };
    assert_eq!(next(1), "2");
    assert_eq!(next(50), "");
}

#[test]
fn an_announcement_appears_on_the_page() {
    let stage = stage(Scenario::Quiet);
    let mut post = Question::new("POST", "/status/v1/pages/kctbh9vrtdwd/incidents");
    post.body = br#"{"incident":{"name":"Storage move","status":"scheduled","scheduled_for":"2026-12-10T19:00:00Z","scheduled_until":"2026-12-10T21:00:00Z"}}"#.to_vec();
    assert_eq!(stage.answer(&post, stage.world.setup.anchor).status, 401);
    post.headers.insert("authorization".to_owned(), "OAuth key".to_owned());
    assert_eq!(stage.answer(&post, stage.world.setup.anchor).status, 201);
    let page = json(&stage, "/status/api/v2/scheduled-maintenances/upcoming.json");
    let names: Vec<&str> =
        page["scheduled_maintenances"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Storage move"), "{names:?}");
    post.body = b"{}".to_vec();
    assert_eq!(stage.answer(&post, stage.world.setup.anchor).status, 422);
}

#[test]
fn every_part_has_lifecycle_data_and_those_with_charts_an_index() {
    let stage = stage(Scenario::Everyday);
    for part in &crate::demo::parts::PARTS {
        let told = json(&stage, &format!("/vendor/endoflife/api/v1/products/{}", part.lifecycle));
        assert!(!told["result"]["releases"].as_array().unwrap().is_empty(), "{}", part.id);
        if let Some((chart, repository)) = part.chart {
            let index = ask(&stage, &format!("/vendor/charts/{repository}/index.yaml"));
            assert!(String::from_utf8_lossy(index.whole()).contains(&format!("\n  {chart}:\n")), "{chart}");
        }
    }
    assert_eq!(ask(&stage, "/vendor/endoflife/api/v1/products/nothing").status, 404);
}

#[test]
fn the_logs_tell_why_a_rollout_stands_still() {
    let stage = stage(Scenario::FridayNight);
    let query = "query=%7Bapp%3D%22meshfed-api%22%7D%20%7C%3D%20%22migration%22&limit=20&direction=backward";
    let told = json(&stage, &format!("/umbrella/production/loki/loki/api/v1/query_range?{query}"));
    let streams = told["data"]["result"].as_array().unwrap();
    let lines: Vec<&str> = streams
        .iter()
        .flat_map(|one| one["values"].as_array().unwrap())
        .map(|value| value[1].as_str().unwrap())
        .collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("migration of 2026.")), "{lines:?}");
    for (query, status) in [("app", 400), ("%7Bapp%3D%22a%22", 400), ("%7Bapp%3D%22a%22%7D&limit=9000", 400)] {
        assert_eq!(
            ask(&stage, &format!("/umbrella/production/loki/loki/api/v1/query_range?query={query}")).status,
            status
        );
    }
}

#[test]
fn a_release_is_delivered_when_the_customers_store_holds_the_vendors_digest() {
    let stage = stage(Scenario::Everyday);
    let header = |target: &str| {
        let answer = stage.answer(&question("HEAD", target), stage.world.setup.anchor);
        answer.headers.into_iter().find(|(name, _)| *name == "docker-content-digest").map(|(_, value)| value)
    };
    let running = json(&stage, "/acme/staging/product/version")["version"].as_str().unwrap().to_owned();
    let path = format!("v2/meshstack/meshfed-api/manifests/{running}");
    let (own, theirs) =
        (header(&format!("/vendor/registry/{path}")), header(&format!("/acme/production/registry/{path}")));
    assert!(own.is_some() && own == theirs);
    assert_eq!(header("/acme/production/registry/v2/meshstack/meshfed-api/manifests/1.2.3"), None);
    let found = json(
        &stage,
        &format!("/initech/production/nexus/service/rest/v1/search?name=meshstack/meshpanel&version={running}"),
    );
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[test]
fn every_rollout_leaves_a_mark_and_a_written_one_stands_beside_it() {
    let stage = stage(Scenario::Everyday);
    let before = json(&stage, "/wayne/production/grafana/api/annotations").as_array().unwrap().len();
    let mut post = question("POST", "/wayne/production/grafana/api/annotations");
    post.body = br#"{"time":1795200000000,"text":"looked at","tags":["maintenance"]}"#.to_vec();
    assert_eq!(stage.answer(&post, stage.world.setup.anchor).status, 200);
    let after = json(&stage, "/wayne/production/grafana/api/annotations?tags=maintenance");
    assert_eq!(after[0]["text"], "looked at");
    assert!(before > 5);
}

#[test]
fn a_loki_counts_the_lines_it_tells() {
    let stage = stage(Scenario::FridayNight);
    let anchor = stage.world.setup.anchor.timestamp();
    let base = "/umbrella/production/loki/loki/api/v1/query_range";
    let selector = "%7Bapp%3D~%22.%2B%22%7D%20%7C%3D%20%22migration%22";
    let (start, end) = (anchor - 1800, anchor);
    let lines = json(&stage, &format!("{base}?query={selector}&start={start}&end={end}&limit=5000"));
    let told: usize =
        lines["data"]["result"].as_array().unwrap().iter().map(|one| one["values"].as_array().unwrap().len()).sum();
    let counting = format!("sum%20by%20(level%2C%20detected_level)%20(count_over_time({selector}%20%5B60s%5D))");
    let counts = json(&stage, &format!("{base}?query={counting}&start={}&end={end}&step=60", start + 60));
    assert_eq!(counts["data"]["resultType"], "matrix");
    let series = counts["data"]["result"].as_array().unwrap();
    assert!(series.iter().all(|one| one["metric"]["level"] == "error"), "{counts}");
    let counted: usize = series
        .iter()
        .flat_map(|one| one["values"].as_array().unwrap())
        .map(|point| point[1].as_str().unwrap().parse::<usize>().unwrap())
        .sum();
    assert!(told > 5 && counted == told, "{counted} counted, {told} told");
}
