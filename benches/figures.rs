//! The figures of the budgets, as counts and as ratios within one run: absolute times depend on the machine.
//!
//! `cargo bench --bench figures` prints them all.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::as_conversions, clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quarterdeck::domain::access::Access;
use quarterdeck::domain::clock::{Clock, Moment};
use quarterdeck::domain::cycles::Cycles;
use quarterdeck::domain::fact::{Evidence, Fact, Heard, Sighting, What};
use quarterdeck::domain::facts::{Facts, Poll};
use quarterdeck::domain::fleet::Fleet;
use quarterdeck::domain::id::{Place, Scope, SourceId};
use quarterdeck::domain::scheme::Scheme;
use quarterdeck::domain::version::Version;
use quarterdeck::fleetfile::load::Options;
use quarterdeck::net::roads::Roads;
use quarterdeck::rules::judge::Judge;
use quarterdeck::runtime::clock::MachineClock;
use quarterdeck::runtime::fleet::open;
use quarterdeck::runtime::poller::{Ground, Patience, once};
use quarterdeck::text::Clean;
use quarterdeck::views::board::Board;

/// The median time of a few runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..7)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[3]
}

fn say(what: &str, figure: String) {
    println!("{what:<64} {figure}");
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    // First, while nothing that was freed lies about.
    chart_index(folder.path());
    let fleet = check(folder.path());
    versions();
    judging(&fleet);
}

/// A figure of this process, in kilobytes.
fn kilobytes(name: &str) -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// One chart out of a chart index of twenty megabytes, over the whole way from its file.
fn chart_index(folder: &Path) {
    let mut index = String::from("apiVersion: v1\nentries:\n");
    for chart in 0..200 {
        writeln!(index, "  chart-{chart}:").unwrap();
        for version in 0..150 {
            let words = "words about it ".repeat(40);
            let pre = if version % 3 == 0 { "-rc.1" } else { "" };
            writeln!(
                index,
                "  - apiVersion: v2\n    appVersion: 3.{version}.0\n    created: \"2026-11-01T08:00:00.123456789Z\"\n    \
                 description: {words}\n    digest: {version:064x}\n    name: chart-{chart}\n    urls:\n    - c-{version}.tgz\n    \
                 version: 1.{version}.0{pre}"
            )
            .unwrap();
        }
    }
    index.push_str("generated: \"2026-11-20T08:00:00Z\"\n");
    let n_bytes = index.len();
    std::fs::write(folder.join("index.yaml"), index).unwrap();
    let fleet = "[fleet]\nname = \"f\"\n[products.shop]\nscheme = \"semver\"\nlifecycle = \"rolling\"\n\
        releases = [{ kind = \"chart\", file = \"index.yaml\", chart = \"chart-100\" }]\n\
        [[installations]]\nid = \"acme\"\nplan = \"saas\"\n[[installations.environments]]\nname = \"production\"\n";
    std::fs::write(folder.join("shop.toml"), fleet).unwrap();
    let asked = Arc::new(open(&folder.join("shop.toml"), &Options::default()).asked.remove(0));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let (polls, _unused) = tokio::sync::mpsc::channel(1);
    let (_never, paused) = tokio::sync::watch::channel(false);
    let ground = Ground { roads: Roads::new(Arc::clone(&clock), folder.join("cache")), clock, polls, paused };
    let before = kilobytes("VmRSS");
    // Linux forgets the peak so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let began = Instant::now();
    let heard = runtime.block_on(once(&asked, &ground, Patience::None)).brought.unwrap();
    let took = began.elapsed();
    let more = kilobytes("VmHWM") - before;
    let stable = heard.facts.iter().filter(|fact| matches!(&fact.what, What::Release(one) if !one.prerelease)).count();
    say(
        "chart index: bytes, and stable releases of one chart",
        format!("{n_bytes}, {stable} of {}", heard.facts.len()),
    );
    say("chart index: time, and memory above rest at its peak", format!("{took:.0?}, {more} kB"));
}

/// Two thousand installations in two thousand files.
fn check(folder: &Path) -> Fleet {
    std::fs::create_dir(folder.join("installations")).unwrap();
    for n in 0..2000 {
        let mut text = format!(
            "[[installations]]\nid = \"i{n:04}\"\nname = \"Number {n}\"\ncustomer = \"c{n}\"\nplan = \"on-prem\"\n"
        );
        for environment in ["production", "staging"] {
            let window = if environment == "production" { "window = \"monday\"\n" } else { "" };
            let _ = write!(
                text,
                "[[installations.environments]]\nname = \"{environment}\"\nproduct = \"meshstack\"\n{window}sources = [\
                 {{ kind = \"prometheus\", url = \"https://p{n}.{environment}.test\" }},\
                 {{ kind = \"alertmanager\", url = \"https://a{n}.{environment}.test\" }}]\n"
            );
        }
        std::fs::write(folder.join(format!("installations/{n:04}.toml")), text).unwrap();
    }
    let releases: Vec<String> = (1..=40)
        .map(|n| {
            format!("{{ version = \"2026.{n}.0\", published = \"2026-{:02}-{:02}\" }}", 1 + n / 4, 1 + (n * 7) % 27)
        })
        .collect();
    let head = format!(
        "[fleet]\nname = \"bench\"\ntimezone = \"Europe/Berlin\"\ninclude = [\"installations/*.toml\"]\n\
         [products.meshstack]\nscheme = \"calver\"\nlifecycle = \"rolling\"\n\
         releases = [{{ kind = \"list\", releases = [{}] }}]\n\
         [windows.monday]\nrrule = \"FREQ=WEEKLY;BYDAY=MO\"\nstart = \"17:00\"\nduration = \"4h\"\nzone = \"Europe/Berlin\"\n",
        releases.join(", ")
    );
    let path = folder.join("fleet.toml");
    std::fs::write(&path, head).unwrap();
    let options = Options { cycles: Cycles::embedded(), ..Options::default() };
    let time = median(|| drop(open(&path, &options)));
    say("check: 2,000 installations in 2,000 files", format!("{:.3} s (budget 0.5 s of CPU)", time.as_secs_f64()));
    let opened = open(&path, &options);
    assert!(!opened.problems.has_errors(), "{}", opened.problems.summary());
    opened.loaded.fleet
}

fn versions() {
    let texts: Vec<String> = (0..100_000).map(|n| format!("2026.{}.{}", n % 60, n % 97)).collect();
    let mut read = Vec::new();
    let reading = median(|| read = texts.iter().map(|text| Version::read(Scheme::Calver, text)).collect());
    let sorting = median(|| read.clone().sort());
    say(
        "versions: 100,000 read, sorted",
        format!("{:.0} ms, {:.0} ms", reading.as_secs_f64() * 1e3, sorting.as_secs_f64() * 1e3),
    );
}

fn source(installation: &str, environment: &str) -> SourceId {
    let scope = Scope::Place(Place::new(&installation.into(), &environment.into()));
    SourceId { scope, kind: "prometheus".into(), name: None }
}

/// One answer with the versions of fifteen components.
fn poll(from: SourceId, at: Moment, n: usize) -> Poll {
    let products =
        ["meshstack", "kubernetes", "mongodb", "kafka", "grafana", "prometheus", "loki", "cilium", "gitlab", "traefik"];
    let fact = |product: &&str| {
        let version =
            if *product == "meshstack" { format!("2026.{}.0", 30 + n % 10) } else { format!("1.{}.{}", n % 40, n % 9) };
        Fact::here(What::Sighting(Sighting {
            product: (*product).into(),
            version: Clean::line(&version),
            evidence: Evidence::Measured,
            part: None,
        }))
    };
    let heard = Heard { facts: products.iter().map(fact).collect(), gaps: Vec::new() };
    Poll { from, at, took: Duration::from_millis(3), certificate_ends: None, brought: Ok(heard) }
}

/// The whole fleet judged and made a board of, against one installation of which something new was heard.
fn judging(fleet: &Fleet) {
    let at: Moment = "2026-11-21T01:17:00Z".parse().unwrap();
    let mut facts = Facts::new();
    for (n, id) in fleet.installations.keys().enumerate() {
        for environment in ["production", "staging"] {
            facts = facts.absorb(poll(source(id.as_str(), environment), at, n));
        }
    }
    let access = Access::operator();
    let whole = median(|| {
        let judged = Judge::default();
        let mut judge = judged;
        drop(Board::of(&judge.judge(fleet, &facts, at), &access));
    });
    let mut judge = Judge::default();
    let mut board = Board::of(&judge.judge(fleet, &facts, at), &access);
    let mut n = 100;
    let one = median(|| {
        n += 1;
        let next = facts.clone().absorb(poll(source("i0007", "production"), at, n));
        board = board.renewed(&judge.judge(fleet, &next, at), &access);
        facts = next;
    });
    say(
        "judge and board: 2,000 installations, 40,000 components, whole",
        format!("{:.0} ms", whole.as_secs_f64() * 1e3),
    );
    say("judge and board: one fact changed", format!("{:.2} ms", one.as_secs_f64() * 1e3));
    say("one fact against the whole", format!("1/{:.0} (budget 1/50)", ratio(whole, one)));
}
