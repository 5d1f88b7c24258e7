use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::demo::clock::Simulated;
use crate::demo::fleet::{Places, Wanted, fleet_file};
use crate::demo::scenario::Scenario;
use crate::demo::world::{Setup, World};
use crate::domain::clock::{Clock, Moment};

struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

/// A served world whose time stands still, and where it is.
async fn served(scenario: Scenario, installations: usize) -> (Arc<Stage>, SocketAddr) {
    served_at(scenario, installations, "2026-11-20T22:40:00Z".parse().unwrap()).await
}

async fn served_at(scenario: Scenario, installations: usize, at: Moment) -> (Arc<Stage>, SocketAddr) {
    let setup = Setup { seed: 7, scenario, installations, anchor: at };
    let stage = Arc::new(Stage::new(World::new(setup), Simulated::new(Arc::new(Still(at)), at, 1.0)));
    let listener = listen(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(stage.clone(), listener));
    (stage, address)
}

/// Asks over a connection of its own and gives the whole answer.
async fn ask(address: SocketAddr, head: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let (first, rest) = head.split_once('\n').unwrap_or((head, ""));
    let rest: String = rest.lines().map(|line| format!("{line}\r\n")).collect();
    let request = format!(
        "{first} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{rest}\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn json(address: SocketAddr, target: &str) -> Value {
    let answer = ask(address, &format!("GET {target}"), "").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{target}: {head}");
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{target}: {e}: {body}"))
}

#[tokio::test]
async fn prometheus_and_alertmanager_tell_the_same_story() {
    let (_, address) = served(Scenario::FridayNight, 12).await;
    let firing = json(address, "/umbrella/production/prometheus/api/v1/alerts").await;
    let names: Vec<&str> = firing["data"]["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|alert| alert["state"] == "firing")
        .map(|alert| alert["labels"]["alertname"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"KubeDeploymentRolloutStuck") && names.contains(&"Watchdog"), "{names:?}");
    let told = json(address, "/umbrella/production/alertmanager/api/v2/alerts").await;
    assert_eq!(told.as_array().unwrap().len(), names.len());
    let up = json(address, "/umbrella/production/prometheus/api/v1/query?query=up").await;
    assert!(up["data"]["result"].as_array().unwrap().len() > 4);
    let range = "query=node_load5&start=1795210000&end=1795213600&step=300";
    let matrix = json(address, &format!("/umbrella/production/prometheus/api/v1/query_range?{range}")).await;
    assert_eq!(matrix["data"]["result"][0]["values"].as_array().unwrap().len(), 13);
}

#[tokio::test]
async fn tenants_are_told_apart_by_a_header() {
    let (_, address) = served(Scenario::Everyday, 12).await;
    let target = "GET /shared/mimir/prometheus/api/v1/query?query=meshstack_build_info";
    assert!(ask(address, target, "").await.starts_with("HTTP/1.1 401"));
    let one = ask(address, &format!("{target}\nx-scope-orgid: globex"), "").await;
    assert!(one.contains("\"version\":\"2026.") && !one.contains("__tenant_id__"), "{one}");
    let two = ask(address, &format!("{target}\nx-scope-orgid: globex|vehement"), "").await;
    assert!(two.contains("\"__tenant_id__\":\"globex\"") && two.contains("\"__tenant_id__\":\"vehement\""));
    let rules = "GET /shared/mimir/prometheus/api/v1/rules\nx-scope-orgid: globex|vehement";
    assert!(ask(address, rules, "").await.starts_with("HTTP/1.1 500"));
}

#[tokio::test]
async fn a_silence_that_is_posted_silences_and_is_gone_when_deleted() {
    let (_, address) = served(Scenario::FridayNight, 12).await;
    let body = r#"{"matchers":[{"name":"alertname","value":"KubeDeploymentRolloutStuck","isRegex":false}],
        "startsAt":"2026-11-20T22:40:00Z","endsAt":"2026-11-21T06:00:00Z","createdBy":"me","comment":"seen"}"#;
    let target = "/umbrella/production/alertmanager/api/v2";
    let answer = ask(address, &format!("POST {target}/silences\ncontent-type: application/json"), body).await;
    let id = answer.split("\"silenceID\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let state = |told: Value| {
        let all = told.as_array().unwrap().clone();
        let one = all.iter().find(|one| one["labels"]["alertname"] == "KubeDeploymentRolloutStuck").unwrap().clone();
        one["status"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(json(address, &format!("{target}/alerts")).await), "suppressed");
    assert!(ask(address, &format!("DELETE {target}/silence/{id}"), "").await.starts_with("HTTP/1.1 200"));
    assert_eq!(state(json(address, &format!("{target}/alerts")).await), "active");
    assert!(ask(address, &format!("POST {target}/silences"), body).await.starts_with("HTTP/1.1 415"));
    assert!(ask(address, &format!("DELETE {target}/silence/abc"), "").await.starts_with("HTTP/1.1 422"));
}

#[tokio::test]
async fn faults_are_laid_and_lifted() {
    let (_, address) = served(Scenario::Everyday, 12).await;
    let target = "GET /acme/production/product/version";
    for (fault, found) in [("500", "HTTP/1.1 500"), ("login", "HTTP/1.1 200"), ("401", "HTTP/1.1 401"), ("reset", "")] {
        let laid = ask(address, &format!("POST /-/demo/fault?path=acme/production&is={fault}"), "").await;
        assert!(laid.contains(&format!("\"fault\":\"{fault}\"")), "{laid}");
        let answer = ask(address, target, "").await;
        assert!(answer.starts_with(found) && (fault != "reset" || answer.is_empty()), "{fault}: {answer}");
    }
    ask(address, "POST /-/demo/fault?path=acme/production&is=none", "").await;
    assert!(ask(address, target, "").await.contains("\"version\":\"2026."));
}

#[tokio::test]
async fn time_jumps_when_told_to_and_the_world_with_it() {
    let (stage, address) = served(Scenario::FridayNight, 12).await;
    let before = json(address, "/globex/production/product/mesh/info").await;
    assert!(ask(address, "POST /-/demo/jump?by=10d", "").await.contains("2026-11-30T22:40:00.000Z"));
    assert_ne!(json(address, "/globex/production/product/mesh/info").await, before);
    assert!(ask(address, "POST /-/demo/jump?to=tomorrow", "").await.starts_with("HTTP/1.1 400"));
    assert!(ask(address, "POST /-/demo/pause", "").await.contains("\"speed\":0.0"));
    assert_eq!(stage.clock.now(), "2026-11-30T22:40:00Z".parse::<Moment>().unwrap());
}

#[tokio::test]
async fn what_the_client_already_has_is_not_sent_again() {
    let (_, address) = served(Scenario::Everyday, 3).await;
    let answer = ask(address, "GET /vendor/blog/rss.xml", "").await;
    let tag = answer.split("etag: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(answer.matches("<item>").count(), 20);
    let again = ask(address, &format!("GET /vendor/blog/rss.xml\nif-none-match: {tag}"), "").await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
}

#[test]
fn the_same_seed_and_moment_give_the_same_bytes() {
    let at: Moment = "2026-11-23T17:20:00Z".parse().unwrap();
    let build = |seed| {
        let setup = Setup { seed, scenario: Scenario::Everyday, installations: 20, anchor: at };
        Stage::new(World::new(setup), Simulated::new(Arc::new(Still(at)), at, 1.0))
    };
    let (a, b, other) = (build(7), build(7), build(8));
    let places = Places {
        usual: ("http://127.0.0.1:1".to_owned(), "127.0.0.1:2".to_owned()),
        hosts: Vec::new(),
        folder: "/tmp/demo".into(),
    };
    let wanted = Wanted { places, interval: 5, stale_after: 180 };
    let file = |stage: &Stage| fleet_file(&stage.world, &wanted, at);
    assert_eq!(file(&a), file(&b));
    let mut differs = false;
    for target in crate::demo::fleet::addresses(&file(&a)) {
        let question = Question::new("GET", &target.replace("http://127.0.0.1:1", ""));
        assert_eq!(a.answer(&question, at), b.answer(&question, at), "{target}");
        differs |= a.answer(&question, at) != other.answer(&question, at);
    }
    assert!(differs);
}

#[tokio::test]
async fn a_watch_tells_changes_as_they_happen_and_a_tail_tells_lines() {
    let (stage, address) = served(Scenario::FridayNight, 12).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let target = "/umbrella/production/kubernetes/apis/apps/v1/namespaces/meshstack/deployments";
    let since = stage.clock.now().timestamp();
    let head = format!(
        "GET {target}?watch=1&allowWatchBookmarks=true&resourceVersion={since} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    stage.clock.jump(stage.clock.now() + chrono::TimeDelta::hours(3));
    let told = until(&mut socket, "\"type\":\"MODIFIED\"").await;
    assert!(told.contains("HTTP/1.1 200") && told.contains("\"kind\":\"Deployment\""), "{told}");
    // A version from before the last day is not known any more, which is told inside an answer that began well.
    let old = stage.clock.now().timestamp() - 90_000;
    let head = head.replace(&format!("resourceVersion={since}"), &format!("resourceVersion={old}"));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let told = until(&mut socket, "\"code\":410").await;
    assert!(told.contains("HTTP/1.1 200") && told.contains("\"type\":\"ERROR\""), "{told}");

    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = "GET /umbrella/production/loki/loki/api/v1/tail?query=%7Bapp%3D~%22.%2B%22%7D&start=1795210000 HTTP/1.1\r\nhost: x\r\n\
                connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let told = until(&mut socket, "\"values\":[[").await;
    assert!(told.contains("101 Switching Protocols") && told.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{told}");
}

/// Reads until a text has come, for at most ten seconds.
async fn until(socket: &mut TcpStream, wanted: &str) -> String {
    let mut told = Vec::new();
    let reading = async {
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&told).contains(wanted) {
            match socket.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(length) => told.extend(piece.iter().take(length)),
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(10), reading).await;
    String::from_utf8_lossy(&told).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_into_the_gate_repository_lets_the_train_move_and_takes_nothing_back() {
    let waits = async |address| {
        let jobs = "/stark/production/concourse/api/v1/teams/main/pipelines/meshstack/jobs";
        let answer = ask(address, &format!("GET {jobs}\nauthorization: Bearer x"), "").await;
        let jobs: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        jobs[1]["has_new_inputs"] == true
    };
    // Nobody may have been asked lately: then an earlier moment has a version that waits.
    let mut at: Moment = "2026-11-20T22:40:00Z".parse().unwrap();
    let (stage, address) = loop {
        let (stage, address) = served_at(Scenario::Everyday, 12, at).await;
        if waits(address).await {
            break (stage, address);
        }
        at -= chrono::TimeDelta::hours(7);
    };
    let folder = tempfile::tempdir().unwrap();
    let git = |below: &str, args: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        git.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0")]);
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@stark.example"]).args(args);
        let done = git.current_dir(folder.path().join(below)).output().unwrap();
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).trim().to_owned();
        (done.status.success(), said)
    };
    let well = |below: &str, args: &[&str]| {
        let (good, said) = git(below, args);
        assert!(good, "git {args:?}: {said}");
        said
    };
    let url = format!("http://{address}/stark/production/gates.git");
    well("", &["clone", "--quiet", &url, "ours"]);
    well("", &["clone", "--quiet", &url, "late"]);
    let newest_first = ["log", "--format=", "--name-only", "--diff-filter=A", "--", "production/*.autoclose"];
    let offered = well("ours", &newest_first);
    let version = offered.lines().next().unwrap().trim_start_matches("production/").trim_end_matches(".autoclose");
    let item = format!("change-board/{version}");
    for copy in ["ours", "late"] {
        std::fs::write(folder.path().join(copy).join(&item), "approved-by: tony@stark.example\n").unwrap();
        well(copy, &["add", "."]);
        well(copy, &["commit", "--quiet", "--message", &format!("put: {item} by {copy}")]);
    }
    assert!(git("ours", &["push", "origin", "HEAD:elsewhere"]).1.contains("only main is kept here"));
    well("ours", &["push", "--quiet", "origin", "HEAD:main"]);
    let (good, said) = git("late", &["push", "origin", "HEAD:main"]);
    assert!(!good && said.contains("fetch first"), "{said}");
    let approval = stage.writes().approvals.get(&("stark".to_owned(), version.to_owned())).cloned();
    assert_eq!(approval, Some((at, "tony@stark.example".to_owned())));
    assert!(!waits(address).await, "it was taken");
    // What was pushed is there as it was pushed, and the pipeline goes on from it.
    let pushed = well("ours", &["rev-parse", "HEAD"]);
    stage.clock.jump(at + chrono::TimeDelta::minutes(1));
    well("ours", &["pull", "--quiet", "--ff-only"]);
    assert_eq!(well("ours", &["rev-parse", "HEAD~1"]), pushed);
    well("ours", &["ls-files", "--error-unmatch", &format!("production/{version}")]);
    // A ledger only grows.
    well("ours", &["reset", "--quiet", "--hard", "HEAD~2"]);
    well("ours", &["commit", "--quiet", "--allow-empty", "--message", "none of it happened"]);
    let (good, said) = git("ours", &["push", "--force", "origin", "HEAD:main"]);
    assert!(!good && said.contains("non-fast-forward"), "{said}");
}
