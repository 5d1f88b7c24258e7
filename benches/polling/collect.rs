//! The collector as the cockpit runs it, without a screen.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use quarterdeck::domain::access::Access;
use quarterdeck::domain::clock::Clock;
use quarterdeck::domain::cycles::Cycles;
use quarterdeck::domain::facts::Facts;
use quarterdeck::fleetfile::load::Options;
use quarterdeck::fleetfile::loaded::Loaded;
use quarterdeck::net::roads::Roads;
use quarterdeck::runtime::clock::MachineClock;
use quarterdeck::runtime::collector::{self, Setup};
use quarterdeck::runtime::fleet::open;
use quarterdeck::runtime::machine;

use super::child::Child;

/// Starts it on a fleet file.
pub fn start(fleet: &Path) -> Child {
    let mut child = Child::ourselves(&["collect", fleet.to_str().unwrap()]);
    let said = child.hear();
    assert_eq!(said, "ready");
    child
}

/// Collects until nobody listens any more. To every line it answers how many HTTP clients it holds.
pub fn run(fleet: &Path) {
    let opened = open(fleet, &Options { cycles: Cycles::embedded(), ..Options::default() });
    assert!(!opened.problems.has_errors(), "{}", opened.problems.summary());
    let Ok((Loaded { fleet, .. }, asked)) = opened.sound() else { return };
    let _ = machine::many_files(asked.len());
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let runtime = machine::threads().unwrap();
    let _inside = runtime.enter();
    let roads = Roads::new(Arc::clone(&clock), std::env::temp_dir());
    let collector = collector::start(Setup {
        fleet,
        access: Access::operator(),
        asked,
        facts: Facts::new(),
        courses: std::collections::BTreeMap::new(),
        roads: Arc::clone(&roads),
        clock,
    });
    println!("ready");
    for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
        println!("{}", roads.clients());
    }
    drop(collector);
}
