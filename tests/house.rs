//! The laws of the house. When one fails, move the code, not the law.
//!
//! Every law is a function from a tree of files to what is wrong in it. It is held against this
//! project, and against a small sound house into which a test plants a fault.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "house/laws.rs"]
mod laws;
#[path = "house/lexer.rs"]
mod lexer;
#[path = "house/paths.rs"]
mod paths;
#[path = "house/planted.rs"]
mod planted;
#[path = "house/registries.rs"]
mod registries;
#[path = "house/source.rs"]
mod source;
#[path = "house/tree.rs"]
mod tree;

use paths::House;
use tree::{Breach, Tree};

/// Every room on a lower floor.
const BELOW: &[&str] = &["*"];

/// Every room, its floor, and what it may use. `room::file` opens that file alone.
const ROOMS: &[(&str, u8, &[&str])] = &[
    ("text", 1, &[]),
    ("domain", 2, &["text"]),
    ("diagnostic", 2, &["text"]),
    ("rules", 3, &["domain", "text"]),
    ("fleetfile", 3, &["domain", "diagnostic", "text"]),
    ("history", 3, &["domain", "text"]),
    ("demo", 3, &["domain", "text"]),
    ("views", 4, &["rules", "domain", "text"]),
    ("net", 4, &["fleetfile::endpoint", "fleetfile::secret", "domain", "diagnostic", "text"]),
    ("sources", 5, &["net", "fleetfile::section", "fleetfile::endpoint", "domain", "diagnostic", "text"]),
    ("export", 5, &["views", "domain", "text"]),
    ("ui", 5, &["views", "domain", "diagnostic", "text"]),
    ("app", 6, &["ui", "export", "views", "domain", "diagnostic", "text"]),
    ("runtime", 7, BELOW),
    ("cli", 8, BELOW),
    ("main", 9, &["cli"]),
];

/// Rooms in which nothing waits, locks, or reaches the network.
const PURE: &[&str] = &["text", "domain", "diagnostic", "rules", "fleetfile", "views", "export", "ui", "app"];

/// Rooms that know of no screen.
const SCREENLESS: &[&str] =
    &["text", "domain", "diagnostic", "rules", "fleetfile", "history", "demo", "views", "net", "sources"];

/// The one file that reads the time.
const CLOCK: &str = "src/runtime/clock.rs";

/// The one file that may change anything anywhere.
const HAND: &str = "src/net/hand.rs";

type Law = fn(&House) -> Vec<Breach>;

/// All laws, by the sentence they stand for.
const LAWS: &[(&str, Law)] = &[
    ("an import points down", laws::floors),
    ("imports make no circle", laws::circles),
    ("a file fits in the head", laws::sizes),
    ("one file reads the time", laws::clock),
    ("nothing waits in a pure room", laws::purity),
    ("the screen sees boards", laws::screen_sees_boards),
    ("sources see no screen", laws::sources_see_no_screen),
    ("nothing is changed but by the hand", laws::reads_only),
    ("an exception and a dependency say why", laws::reasons),
    ("every file is listed where it stands", laws::lists),
    ("every kind is listed, sampled and told", registries::kinds),
    ("every view is listed", registries::views),
    ("every theme is built in", registries::themes),
    ("every pane is listed", registries::panes),
    ("every format is listed", registries::formats),
];

#[test]
fn this_house_keeps_its_laws() {
    let tree = Tree::real();
    assert!(tree.text("src/lib.rs").is_some(), "the project itself was not found");
    let house = House::of(&tree);
    let mut report = String::new();
    for (name, law) in LAWS {
        for breach in law(&house) {
            report.push_str(&format!("{name}: {breach}\n"));
        }
    }
    assert!(report.is_empty(), "the house breaks its laws:\n{report}");
}

#[test]
fn what_a_room_may_use_lies_on_a_lower_floor() {
    for (room, floor, may) in ROOMS {
        for door in may.iter().filter(|door| **door != "*") {
            let below = door.split("::").next().unwrap();
            let lower = ROOMS.iter().any(|(name, at, _)| *name == below && at < floor);
            assert!(lower, "{room} may not be given {door}");
        }
    }
}
