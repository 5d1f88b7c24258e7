//! The collector as it runs: a server that goes and comes back, a fleet file that changes.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::Duration;

use quarterdeck::domain::access::Access;
use quarterdeck::domain::facts::Facts;
use quarterdeck::runtime::collector::{self, Collector, Fresh, Setup};
use quarterdeck::views::board::{Board, SourceCount};

use super::*;

/// A fleet file with these sources, written into a folder and opened.
fn opened(folder: &TempDir, sources: &str) -> Fresh {
    let path = folder.path().join("fleet.toml");
    let text = format!(
        "[fleet]\nname = \"tests\"\ntimezone = \"Europe/Berlin\"\n[products.shop]\nscheme = \"semver\"\nlifecycle = \"rolling\"\n\
         [[installations]]\nid = \"acme\"\nplan = \"saas\"\n[[installations.environments]]\nname = \"production\"\nproduct = \"shop\"\n\
         sources = [{sources}]\n"
    );
    std::fs::write(&path, text).unwrap();
    let (loaded, asked) =
        open(&path, &Options::default()).sound().unwrap_or_else(|(problems, _)| panic!("{problems:?}"));
    Fresh { fleet: loaded.fleet, asked }
}

fn collect(fresh: Fresh, folder: &TempDir) -> Collector {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    collector::start(Setup {
        fleet: fresh.fleet,
        access: Access::operator(),
        asked: fresh.asked,
        facts: Facts::new(),
        courses: std::collections::BTreeMap::new(),
        roads: Roads::new(Arc::clone(&clock), folder.path().join("cache")),
        clock,
    })
}

/// Waits for a board that is so.
fn until(runtime: &Runtime, collector: &Collector, what: &str, so: impl Fn(&Board) -> bool) {
    let mut boards = collector.boards.clone();
    let waiting = boards.wait_for(|board| board.as_deref().is_some_and(&so));
    let done = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(90), waiting).await.map(drop) });
    assert!(done.is_ok(), "waited in vain for {what}");
}

fn running(board: &Board) -> Vec<(Option<String>, bool)> {
    board.views.drift.iter().map(|row| (row.running.clone(), row.basis.stale)).collect()
}

#[test]
fn a_server_that_goes_is_failing_then_stale_and_sound_again_when_it_comes_back() {
    let Some(mut exporter) = real::node_exporter() else { return };
    exporter.tell("grafana", "grafana_build_info{version=\"11.2.3\"} 1\n");
    let source = format!(
        "{{ kind = \"metrics\", url = \"{}/metrics\", interval = \"2s\", stale_after = \"3s\" }}",
        exporter.url()
    );
    let folder = tempfile::tempdir().unwrap();
    let fresh = opened(&folder, &source);
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let collector = collect(fresh, &folder);
    let told = |stale: bool| move |board: &Board| running(board).contains(&(Some("11.2.3".to_owned()), stale));
    let count = |board: &Board| board.header.sources;
    let sound = SourceCount { ok: 1, ..SourceCount::default() };
    until(&runtime, &collector, "its version", |board| count(board) == sound && told(false)(board));
    exporter.stop();
    until(&runtime, &collector, "its failing", |board| count(board).failing == 1 && count(board).ok == 0);
    until(&runtime, &collector, "what it said last, marked as old", told(true));
    exporter.restart();
    until(&runtime, &collector, "its coming back", |board| count(board) == sound && told(false)(board));
}

/// A server that says its version and counts who asked.
fn counting(version: &str) -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, body) = (Arc::new(Mutex::new(0)), format!("{{\"version\":\"{version}\"}}"));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            *counted.lock().unwrap() += 1;
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (url, asked)
}

#[test]
fn a_changed_fleet_file_asks_who_changed_and_leaves_the_others_with_what_they_said() {
    let source = |name: &str, url: &str, product: &str| {
        let version = format!("version = {{ product = \"{product}\", json = \"/version\" }}");
        format!("{{ kind = \"http\", name = \"{name}\", url = \"{url}\", interval = \"1h\", {version} }}")
    };
    let [(one, one_asked), (two, two_asked), (three, _)] = ["1.0.0", "2.0.0", "3.0.0"].map(counting);
    let folder = tempfile::tempdir().unwrap();
    let fresh = opened(&folder, &format!("{}, {}", source("a", &one, "shop"), source("b", &two, "grafana")));
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let collector = collect(fresh, &folder);
    let runs = |versions: &'static [&'static str]| {
        move |board: &Board| {
            let mut told: Vec<String> = running(board).into_iter().filter_map(|(running, _)| running).collect();
            told.sort();
            told == versions
        }
    };
    until(&runtime, &collector, "both", runs(&["1.0.0", "2.0.0"]));
    // Another line above, and another address for the second: the first one said the same before.
    let fresh = opened(&folder, &format!("\n\n {}, {}", source("a", &one, "shop"), source("b", &three, "grafana")));
    runtime.block_on(collector.fleets.send(fresh)).ok().unwrap();
    until(&runtime, &collector, "the third in place of the second", runs(&["1.0.0", "3.0.0"]));
    assert_eq!((*one_asked.lock().unwrap(), *two_asked.lock().unwrap()), (1, 1), "nobody was asked for nothing");
    let fresh = opened(&folder, &source("a", &one, "shop"));
    runtime.block_on(collector.fleets.send(fresh)).ok().unwrap();
    until(&runtime, &collector, "the first alone", runs(&["1.0.0"]));
}
