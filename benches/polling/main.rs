//! What polling costs, against Prometheus scraping the same targets in the same run; whether a big fleet is asked on
//! time, in bounded memory, over a bounded number of connections; and that hanging endpoints cost the others nothing.
//!
//! `cargo bench --bench polling` prints it all in about six minutes. `cargo bench --bench polling -- peer` (or `fleet`,
//! `hanging`, `growth`, `kept`) prints a part. Servers, Prometheus and the collector are processes of their own, so
//! that what each of them spends can be told apart.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::as_conversions, clippy::print_stdout, clippy::panic)]

mod child;
mod collect;
mod serve;

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use child::{Child, Spent};
use serve::Told;

/// As in the program.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The names Prometheus keeps, and the collector knows the meaning of.
const WANTED: [&str; 10] = [
    "grafana_build_info",
    "prometheus_build_info",
    "alertmanager_build_info",
    "mimir_build_info",
    "loki_build_info",
    "gitlab_build_info",
    "cilium_version",
    "mongodb_up",
    "cilium_unreachable_nodes",
    "traefik_tls_certs_not_after",
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => return serve::run(false),
        ["serve", "closing"] => return serve::run(true),
        ["collect", fleet] => return collect::run(Path::new(fleet)),
        _ => {}
    }
    let _ = quarterdeck::runtime::machine::many_files(20_000);
    let parts = ["peer", "fleet", "growth", "hanging", "kept"];
    for part in parts.into_iter().filter(|part| words.is_empty() || words.contains(part)) {
        match part {
            "peer" => peer(),
            "fleet" => drop(fleet(1_000, Duration::from_secs(30), 0)),
            "growth" => growth(),
            "hanging" => hanging(),
            _ => kept(),
        }
    }
}

fn say(what: &str, figure: String) {
    println!("{what:<64} {figure}");
}

/// The address of a target: every one is a host of its own. Those from `127.128.0.0` on accept and never answer.
fn host(n: usize, hangs: bool) -> Ipv4Addr {
    let [_, high, middle, low] = (n as u32 + 1).to_be_bytes();
    Ipv4Addr::new(127, high + if hangs { 128 } else { 1 }, middle, low)
}

/// A fleet of which every installation has ten endpoints in two environments; the last ones hang.
fn fleet_file(folder: &Path, n_installations: usize, n_hanging: usize, port: u16, interval: Duration) -> PathBuf {
    let per_installation = 10;
    let mut text = format!(
        "[fleet]\nname = \"bench\"\ntimezone = \"Europe/Berlin\"\n[defaults]\ninterval = \"{}s\"\ntimeout = \"10s\"\n",
        interval.as_secs()
    );
    for n in 0..n_installations {
        let _ = write!(text, "[[installations]]\nid = \"i{n:04}\"\ncustomer = \"c{n}\"\nplan = \"on-prem\"\n");
        for (e, environment) in ["production", "staging"].into_iter().enumerate() {
            let sources: Vec<String> = (0..per_installation / 2)
                .map(|s| {
                    let target = n * per_installation + e * per_installation / 2 + s;
                    // Spread over all installations: three of ten endpoints hang everywhere.
                    let host = host(target, target % per_installation < n_hanging);
                    format!("{{ kind = \"metrics\", name = \"m{s}\", url = \"http://{host}:{port}/metrics\" }}")
                })
                .collect();
            let _ = write!(
                text,
                "[[installations.environments]]\nname = \"{environment}\"\nproduct = \"grafana\"\nsources = [{}]\n",
                sources.join(",\n ")
            );
        }
    }
    let path = folder.join("fleet.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The same targets for both, at the same time.
fn peer() {
    let (n_targets, interval, seconds) = (1_000, Duration::from_secs(5), 40);
    let folder = tempfile::tempdir().unwrap();
    let mut server = serve::start();
    let port = server.port;
    let ours = collect::start(&fleet_file(folder.path(), n_targets / 10, 0, port, interval));
    let Some(prometheus) = prometheus(folder.path(), n_targets, port, interval) else {
        return say("polling against Prometheus", "left out: there is no prometheus here".to_owned());
    };
    std::thread::sleep(Duration::from_secs(15));
    let before = (ours.spent(), prometheus.spent());
    server.mark();
    std::thread::sleep(Duration::from_secs(seconds));
    let told = server.tell();
    let after = (ours.spent(), prometheus.spent());
    let per_thousand =
        |spent: Spent, before: Spent, n: usize| (spent.cpu - before.cpu).as_secs_f64() * 1000.0 / n.max(1) as f64;
    let we = per_thousand(after.0, before.0, told.ours.requests);
    let they = per_thousand(after.1, before.1, told.others.requests);
    let line = |cpu: f64, told: &Told, spent: Spent| {
        format!("{cpu:.3} s, {} polls, {} MB, {} connections", told.requests, spent.memory >> 20, told.open)
    };
    say("CPU per 1,000 polls, collector with facts and board", line(we, &told.ours, after.0));
    say("CPU per 1,000 scrapes, Prometheus keeping 10 metrics", line(they, &told.others, after.1));
    say("a poll against a scrape", format!("{:.2} x (budget 0.6 x)", we / they));
}

fn prometheus(folder: &Path, n_targets: usize, port: u16, interval: Duration) -> Option<Child> {
    let targets: Vec<String> = (0..n_targets).map(|n| format!("'{}:{port}'", host(n, false))).collect();
    let config = format!(
        "global: {{ scrape_interval: {}s, scrape_timeout: {}s }}\nscrape_configs:\n  - job_name: all\n    static_configs: [ {{ targets: [ {} ] }} ]\n    \
         metric_relabel_configs: [ {{ source_labels: [ __name__ ], regex: '{}', action: keep }} ]\n",
        interval.as_secs(),
        interval.as_secs(),
        targets.join(", "),
        WANTED.join("|")
    );
    std::fs::write(folder.join("prometheus.yml"), config).unwrap();
    let mut command = std::process::Command::new("prometheus");
    command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"]);
    command.current_dir(folder);
    Child::start(command).ok()
}

/// A whole fleet, asked for three rounds. Says how it went and returns the memory after it.
fn fleet(n_installations: usize, interval: Duration, n_hanging: usize) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let mut server = serve::start();
    let file = fleet_file(folder.path(), n_installations, n_hanging, server.port, interval);
    let mut ours = collect::start(&file);
    // Some rounds to begin with: every host known, every breaker settled.
    std::thread::sleep(interval.mul_f64(if n_hanging == 0 { 1.5 } else { 4.0 }));
    let before = ours.spent();
    server.mark();
    std::thread::sleep(interval.mul_f64(3.2));
    let told = server.tell().ours;
    let after = ours.spent();
    let n_endpoints = n_installations * (10 - n_hanging);
    let kind = if n_hanging == 0 { String::new() } else { format!(", {n_hanging}0 % of all hanging") };
    say(
        &format!("{n_installations} installations, {n_endpoints} endpoints every {} s{kind}", interval.as_secs()),
        format!("{} MB, before {} MB", after.memory >> 20, before.memory >> 20),
    );
    let late = told.late(interval.mul_f64(1.1));
    let on_time = 100.0 * n_endpoints.saturating_sub(late) as f64 / n_endpoints as f64;
    say("  endpoints asked on time", format!("{on_time:.2} %, longest pause {:.1} s", told.longest().as_secs_f64()));
    let cpu = (after.cpu - before.cpu).as_secs_f64();
    let seconds = interval.as_secs_f64() * 3.2;
    say(
        "  CPU, and per 1,000 polls",
        format!("{:.0} % of a core, {:.3} s", 100.0 * cpu / seconds, cpu * 1000.0 / told.requests.max(1) as f64),
    );
    say("  connections open, and at most", format!("{}, {}", told.open, told.most_open));
    say("  threads, open files, HTTP clients", format!("{}, {}, {}", after.threads, after.files, ours.ask("clients")));
    after.memory
}

/// What an installation more costs.
fn growth() {
    let interval = Duration::from_secs(20);
    let sizes = [100, 300, 600];
    let memory: Vec<u64> = sizes.iter().map(|n| fleet(*n, interval, 0)).collect();
    for (n, pair) in memory.windows(2).enumerate() {
        let more = (sizes[n + 1] - sizes[n]) as u64;
        let grown = pair[1].saturating_sub(pair[0]) / 1024 / more;
        say("growth per installation of ten endpoints", format!("{grown} kB, from {} to {}", sizes[n], sizes[n + 1]));
    }
}

fn hanging() {
    fleet(1_000, Duration::from_secs(30), 3);
}

/// What a kept idle connection costs after a body of 62 kB: as many endpoints asked once, of servers that keep the
/// connection and of servers that close it.
fn kept() {
    let interval = Duration::from_secs(3600);
    let memory = [serve::start(), serve::start_closing()].map(|mut server| {
        let folder = tempfile::tempdir().unwrap();
        let ours = collect::start(&fleet_file(folder.path(), 100, 0, server.port, interval));
        std::thread::sleep(Duration::from_secs(20));
        (ours.spent().memory, server.tell().ours.open)
    });
    let [(keeping, open), (closing, none)] = memory;
    assert_eq!(none, 0);
    let each = keeping.saturating_sub(closing) as f64 / open.max(1) as f64 / 1024.0;
    say("a kept idle connection after a body of 62 kB", format!("{each:.1} kB, {open} of them (budget 27 kB)"));
}
