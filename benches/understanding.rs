//! What reading answers costs, against peers on the same bytes in the same run. Every figure is the best of several, in
//! turns: whatever else the machine does disturbs both alike, and neither at its best.
//!
//! `cargo bench --bench understanding` prints them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::as_conversions, clippy::print_stdout, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use quarterdeck::domain::clock::Moment;
use quarterdeck::domain::cycles::Cycles;
use quarterdeck::domain::fact::Heard;
use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::load::Options;
use quarterdeck::net::door::{Ask, Conversation, Door, Flow, GitAsk, GitReply, Pending, Presented, Reply};
use quarterdeck::runtime::fleet::open;
use quarterdeck::sources::build::Asked;
use quarterdeck::sources::metrics::exposition::{Dialect, Sample, Scanner, Wanted};
use serde::Deserialize;

fn main() {
    exposition();
    prometheus();
    kubernetes();
}

fn say(what: &str, figure: String) {
    println!("{what:<64} {figure}");
}

/// The best time of either, in turns.
fn best(runs: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> (Duration, Duration) {
    let timed = |run: &mut dyn FnMut()| {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    let turns: Vec<(Duration, Duration)> = (0..runs).map(|_| (timed(&mut ours), timed(&mut theirs))).collect();
    (turns.iter().map(|turn| turn.0).min().unwrap(), turns.iter().map(|turn| turn.1).min().unwrap())
}

/// Ten wanted names out of a 50 MB exposition, against prometheus-parse on the same bytes. All names begin alike and are
/// equally long, which is the scanner's worst case.
fn exposition() {
    let mut body = String::new();
    for n in 0.. {
        if body.len() > 50_000_000 {
            break;
        }
        let labels = format!("namespace=\"mesh-acme-{}\",pod=\"api-7d9c8b6f5d-{n:05}\",container=\"api\"", n % 97);
        writeln!(body, "kube_pod_container_status_{:03}_total{{{labels},image=\"r/x:1\"}} {n}", n % 100).unwrap();
    }
    let names: Vec<String> = (0..10).map(|n| format!("kube_pod_container_status_{:03}_total", n * 10)).collect();
    let wanted = Wanted::new(names.iter().map(String::as_str));
    let scan = |wanted: &Wanted, each: &mut dyn FnMut(&Sample<'_>)| {
        let mut scanner = Scanner::new(wanted, Dialect::Text);
        let mut each = |sample: &Sample<'_>| each(sample);
        for piece in body.as_bytes().chunks(16 << 10) {
            scanner.feed(piece, &mut each).unwrap();
        }
        scanner.finish(&mut each).unwrap();
    };
    let mut all = 0;
    let (ours, theirs) = best(
        4,
        || {
            scan(&wanted, &mut |sample| {
                black_box(sample.labels.len());
            })
        },
        || {
            let lines = body.lines().map(|line| Ok(line.to_owned()));
            all = prometheus_parse::Scrape::parse(lines).unwrap().samples.len();
        },
    );
    // Every wanted sample, right to the last label: line n is known by its number.
    let mut told = Vec::new();
    scan(&wanted, &mut |sample| {
        let n = sample.value as usize;
        let right = sample.name == format!("kube_pod_container_status_{:03}_total", n % 100)
            && sample.label("namespace") == Some(&format!("mesh-acme-{}", n % 97))
            && sample.label("pod") == Some(&format!("api-7d9c8b6f5d-{n:05}"))
            && sample.label("container") == Some("api")
            && sample.label("image") == Some("r/x:1")
            && sample.labels.len() == 4;
        told.push((n, right));
    });
    assert!(told.iter().all(|(_, right)| *right));
    assert!(told.iter().map(|(n, _)| *n).eq((0..all).filter(|n| n % 10 == 0)));
    say("exposition of 50 MB: samples wanted, and in all", format!("{} of {all}", told.len()));
    let speed = body.len() as f64 / 1e6 / ours.as_secs_f64();
    say("exposition of 50 MB: ours", format!("{speed:.0} MB/s, {:.1} ms", ours.as_secs_f64() * 1e3));
    let times = theirs.as_secs_f64() / ours.as_secs_f64();
    say("exposition of 50 MB, against prometheus-parse", format!("{times:.0} x faster (budget 40 x)"));
    let none = Wanted::new(["nothing_of_the_kind"]);
    let (pass, find) = best(
        8,
        || scan(&none, &mut |_| {}),
        || {
            black_box(memchr::memchr_iter(b'\n', body.as_bytes()).count());
        },
    );
    let times = pass.as_secs_f64() / find.as_secs_f64();
    say("  passing over all of it, against finding its line ends", format!("{times:.1} x"));
}

/// A door that answers from memory.
struct Canned(Vec<(&'static str, Vec<u8>)>);

impl Door for Canned {
    fn ask(&self, ask: Ask) -> Pending<'_, Result<Reply, Fault>> {
        let found = self.0.iter().find(|(path, _)| *path == ask.path);
        let reply = match found {
            Some((_, body)) => Ok(Reply { status: 200, body: body.clone(), ..Reply::default() }),
            None => Err(Fault::Missing { path: quarterdeck::text::Clean::line(&ask.path) }),
        };
        Box::pin(std::future::ready(reply))
    }

    fn stream(&self, _: Ask) -> Pending<'_, Result<Flow, Fault>> {
        panic!("nobody streams here")
    }

    fn tail(&self, _: Ask) -> Pending<'_, Result<Flow, Fault>> {
        panic!("nobody tails here")
    }

    fn talk(&self) -> Pending<'_, Result<Box<dyn Conversation>, Fault>> {
        panic!("nobody talks here")
    }

    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>> {
        panic!("no certificates here")
    }

    fn git(&self, _: GitAsk) -> Pending<'_, Result<GitReply, Fault>> {
        panic!("no repositories here")
    }
}

/// The source of a fleet file with one.
fn source(text: &str) -> Asked {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let text = format!(
        "[fleet]\nname = \"bench\"\ntimezone = \"Europe/Berlin\"\n[[installations]]\nid = \"acme\"\nplan = \"on-prem\"\n\
         [[installations.environments]]\nname = \"production\"\nproduct = \"grafana\"\nsources = [{text}]\n"
    );
    std::fs::write(&path, text).unwrap();
    let opened = open(&path, &Options { cycles: Cycles::embedded(), ..Options::default() });
    assert!(!opened.problems.has_errors(), "{}", opened.problems.summary());
    opened.sound().ok().unwrap().1.remove(0)
}

fn poll(asked: &Asked, door: &Canned) -> Heard {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let now: Moment = "2026-11-21T01:17:00Z".parse().unwrap();
    runtime.block_on(asked.source.poll(door, now)).unwrap()
}

/// A vector of 5 MB, against serde_json into the same structs without anything around it.
fn prometheus() {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(rename = "status")]
        _status: String,
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        result: Vec<Series>,
    }
    #[derive(Deserialize)]
    struct Series {
        metric: BTreeMap<String, String>,
    }
    let mut body = String::from("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[");
    let mut n = 0;
    while body.len() < 5_000_000 {
        let comma = if n == 0 { "" } else { "," };
        let labels = format!(
            "\"branch\":\"HEAD\",\"cluster\":\"mesh-{}\",\"goversion\":\"go1.22.1\",\"instance\":\"10.0.{}.{}:9090\",\"job\":\"j\",\"namespace\":\"monitoring\",\"pod\":\"p-{n}\",\"revision\":\"abcdef\",\"version\":\"3.{}.0\"",
            n % 97,
            n % 250,
            n % 199,
            n % 9
        );
        let _ = write!(
            body,
            "{comma}{{\"metric\":{{\"__name__\":\"grafana_build_info\",{labels}}},\"value\":[1763688000.123,\"1\"]}}"
        );
        n += 1;
    }
    body.push_str("]}}");
    let asked = source("{ kind = \"prometheus\", url = \"http://p.test\" }");
    let door = Canned(vec![("api/v1/query", body.clone().into_bytes())]);
    let mut n_facts = 0;
    let (ours, theirs) = best(
        8,
        || n_facts = poll(&asked, &door).facts.len(),
        || {
            let told: Envelope = serde_json::from_slice(body.as_bytes()).unwrap();
            assert_eq!(told.data.result.iter().filter(|one| !one.metric.is_empty()).count(), n);
        },
    );
    compare("Prometheus' JSON of 5 MB", n, n_facts, ours, theirs);
}

/// A list of deployments of 5 MB, likewise.
fn kubernetes() {
    #[derive(Deserialize)]
    struct List {
        items: Vec<Workload>,
    }
    #[derive(Deserialize)]
    struct Workload {
        metadata: Meta,
        spec: Spec,
        status: Status,
    }
    #[derive(Deserialize)]
    struct Meta {
        name: String,
        namespace: String,
        generation: Option<i64>,
        labels: BTreeMap<String, String>,
        annotations: BTreeMap<String, String>,
    }
    #[derive(Deserialize)]
    struct Spec {
        replicas: Option<i64>,
        template: Template,
    }
    #[derive(Deserialize)]
    struct Template {
        spec: Pod,
    }
    #[derive(Deserialize)]
    struct Pod {
        containers: Vec<Container>,
    }
    #[derive(Deserialize)]
    struct Container {
        name: String,
        image: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        observed_generation: Option<i64>,
        replicas: Option<i64>,
        updated_replicas: Option<i64>,
        ready_replicas: Option<i64>,
        available_replicas: Option<i64>,
        conditions: Vec<Condition>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Condition {
        #[serde(rename = "type")]
        kind: String,
        status: String,
        reason: Option<String>,
        message: Option<String>,
    }
    let one = |n: usize| {
        serde_json::json!({
            "metadata": { "name": format!("api-{n}"), "namespace": format!("mesh-{}", n % 97), "uid": "0b0e8a3f-1111-2222-3333-444455556666",
                "resourceVersion": "123456", "generation": 4, "creationTimestamp": "2026-01-05T10:00:00Z",
                "labels": { "app.kubernetes.io/name": "grafana", "app.kubernetes.io/version": "12.1.0", "app.kubernetes.io/managed-by": "Helm" },
                "annotations": { "deployment.kubernetes.io/revision": "4", "meta.helm.sh/release-name": "api" },
                "managedFields": [ { "manager": "helm", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                    "fieldsV1": { "f:metadata": { "f:labels": { ".": {}, "f:app.kubernetes.io/name": {} } }, "f:spec": { "f:replicas": {}, "f:template": { "f:spec": { "f:containers": {} } } } } } ] },
            "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "api" } }, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
                "template": { "metadata": { "labels": { "app": "api" } }, "spec": { "containers": [ { "name": "api", "image": format!("docker.io/grafana/grafana:12.{}.0", n % 9),
                    "ports": [ { "containerPort": 8080, "protocol": "TCP" } ], "resources": { "limits": { "cpu": "1", "memory": "1Gi" } },
                    "env": [ { "name": "A", "value": "1" }, { "name": "B", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } } ] } ], "restartPolicy": "Always" } } },
            "status": { "observedGeneration": 4, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
                "conditions": [ { "type": "Progressing", "status": "True", "lastUpdateTime": "2026-01-05T10:00:00Z", "reason": "NewReplicaSetAvailable", "message": "ReplicaSet has successfully progressed." },
                    { "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability." } ] }
        })
        .to_string()
    };
    let mut body = String::from(
        "{\"kind\":\"DeploymentList\",\"apiVersion\":\"apps/v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[",
    );
    let mut n = 0;
    while body.len() < 5_000_000 {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(body, "{comma}{}", one(n));
        n += 1;
    }
    body.push_str("]}");
    let asked = source("{ kind = \"kubernetes\", url = \"http://k.test\" }");
    let version = br#"{"major":"1","minor":"34","gitVersion":"v1.34.1"}"#.to_vec();
    let door = Canned(vec![("version", version), ("apis/apps/v1/deployments", body.clone().into_bytes())]);
    let mut n_facts = 0;
    let (ours, theirs) = best(
        8,
        || n_facts = poll(&asked, &door).facts.len(),
        || {
            let told: List = serde_json::from_slice(body.as_bytes()).unwrap();
            assert_eq!(told.items.iter().map(seen).filter(|length| *length > 0).count(), n);
        },
    );
    compare("Kubernetes list of 5 MB", n, n_facts, ours, theirs);

    /// Looks at everything, so that nothing is read in vain.
    fn seen(one: &Workload) -> usize {
        let Workload { metadata, spec, status } = one;
        let texts = metadata.labels.iter().chain(&metadata.annotations).map(|(key, value)| key.len() + value.len());
        let containers =
            spec.template.spec.containers.iter().map(|one| one.name.len() + one.image.as_ref().map_or(0, String::len));
        let conditions = status.conditions.iter().map(|one| {
            one.kind.len()
                + one.status.len()
                + one.reason.as_ref().map_or(0, String::len)
                + one.message.as_ref().map_or(0, String::len)
        });
        let numbers = [
            metadata.generation,
            spec.replicas,
            status.observed_generation,
            status.replicas,
            status.updated_replicas,
            status.ready_replicas,
            status.available_replicas,
        ];
        metadata.name.len()
            + metadata.namespace.len()
            + texts.chain(containers).chain(conditions).sum::<usize>()
            + numbers.iter().flatten().count()
    }
}

fn compare(what: &str, n: usize, n_facts: usize, ours: Duration, theirs: Duration) {
    let times = ours.as_secs_f64() / theirs.as_secs_f64();
    say(
        &format!("{what}: {n} items, {n_facts} facts, against serde_json"),
        format!("{times:.2} x (budget 1.5 x), {:.1} ms", ours.as_secs_f64() * 1e3),
    );
}
