use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::*;
use crate::domain::clock::Tz;
use crate::domain::cycles::Cycles;
use crate::domain::fact::{Evidence, Fact, Sighting, What};
use crate::domain::fleet::SourceCard;
use crate::domain::id::{Place, Scope};
use crate::domain::product::Catalog;
use crate::text::clean::Clean;

fn source(installation: &str) -> SourceId {
    let scope = Scope::Place(Place::new(&installation.into(), &"production".into()));
    SourceId { scope, kind: "prometheus".into(), name: None }
}

/// A fleet that asks these installations at this host.
fn fleet(installations: &[&str], host: &str) -> Fleet {
    let mut fleet = Fleet {
        name: Clean::line("northwind"),
        zone: Tz::UTC,
        catalog: Arc::new(Catalog::new([])),
        cycles: Cycles::embedded(),
        windows: BTreeMap::new(),
        installations: BTreeMap::new(),
        maintenances: Vec::new(),
        freezes: Vec::new(),
        pages: Vec::new(),
        calendars: Vec::new(),
        sources: BTreeMap::new(),
    };
    for one in installations {
        let card = SourceCard {
            id: source(one),
            url: Clean::line(&format!("https://{one}.{host}/")),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            stale_after: Duration::from_secs(90),
            insecure: false,
        };
        fleet.sources.insert(source(one), Arc::new(card));
    }
    fleet
}

fn at(second: i64) -> Moment {
    Moment::from_timestamp(second, 0).unwrap()
}

fn heard(version: &str) -> Heard {
    let sighting = What::Sighting(Sighting {
        product: "meshstack".into(),
        version: Clean::line(version),
        evidence: Evidence::Measured,
        part: None,
    });
    Heard { facts: vec![Fact::here(sighting)], gaps: Vec::new() }
}

fn facts(installations: &[&str], second: i64, version: &str) -> Facts {
    installations.iter().fold(Facts::new(), |facts, one| {
        let poll = Poll {
            from: source(one),
            at: at(second),
            took: Duration::from_millis(3),
            certificate_ends: None,
            brought: Ok(heard(version)),
        };
        facts.absorb(poll)
    })
}

struct Desk {
    folder: tempfile::TempDir,
    store: Store,
    fleet: Fleet,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("state/northwind.last"));
    Desk { folder, store, fleet: fleet(&["acme", "globex"], "example.test") }
}

#[test]
fn what_was_heard_is_read_back_with_its_time() {
    let Desk { store, fleet, folder } = desk();
    assert_eq!(store.read(&fleet).unwrap().facts.iter().count(), 0, "no file is nothing kept");
    store.write(&fleet, &facts(&["acme", "globex"], 100, "2026.41.0")).unwrap();
    let kept = store.read(&fleet).unwrap();
    let feed = kept.facts.feed(&source("acme")).unwrap();
    assert_eq!(feed.heard, Some((at(100), heard("2026.41.0").into())));
    assert_eq!(kept.lost, 0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.path()), 0o600, "nobody else may read it");
    assert_eq!(mode(&folder.path().join("state")), 0o700);
    assert_eq!(fs::read_dir(folder.path().join("state")).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn only_sources_that_are_still_asked_at_the_same_address_are_used() {
    let Desk { store, fleet: both, .. } = desk();
    store.write(&both, &facts(&["acme", "globex"], 100, "1.0")).unwrap();
    let read = |fleet: &Fleet| store.read(fleet).unwrap().facts.iter().count();
    assert_eq!(read(&both), 2);
    assert_eq!(read(&fleet(&["acme"], "example.test")), 1);
    assert_eq!(read(&fleet(&["acme", "globex"], "elsewhere.test")), 0);
    let other = Fleet { name: Clean::line("southwind"), ..both };
    assert!(matches!(store.read(&other), Err(Why::Fleet(name)) if name == "northwind"));
}

#[test]
fn a_spoiled_line_is_lost_and_the_others_stand() {
    let Desk { store, fleet, .. } = desk();
    store.write(&fleet, &facts(&["acme", "globex"], 100, "1.0")).unwrap();
    let text = fs::read_to_string(store.path()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for spoiled in ["", "{}", "{\"source\":3}", "\u{fffd}", "[[[[[[[["] {
        fs::write(store.path(), [lines[0], spoiled, lines[2]].join("\n")).unwrap();
        let kept = store.read(&fleet).unwrap();
        assert_eq!((kept.facts.iter().count(), kept.lost), (1, 1), "{spoiled:?}");
    }
    let mut cut = text.clone().into_bytes();
    cut.truncate(text.len() - 20);
    fs::write(store.path(), cut).unwrap();
    assert_eq!(store.read(&fleet).unwrap().facts.iter().count(), 1, "a file cut short");
}

#[test]
fn another_file_and_another_version_are_not_read() {
    let Desk { store, fleet, .. } = desk();
    store.write(&fleet, &Facts::new()).unwrap();
    for other in ["", "{}", "hello\n", "\u{0}\u{0}", "{\"is\":\"something\",\"version\":1,\"fleet\":\"northwind\"}\n"] {
        fs::write(store.path(), other).unwrap();
        assert!(matches!(store.read(&fleet), Err(Why::Other)), "{other:?}");
    }
    for version in [0, 2, 99] {
        let head = Head { is: MARK.to_owned(), version, fleet: "northwind".to_owned() };
        fs::write(store.path(), serde_json::to_string(&head).unwrap()).unwrap();
        assert!(matches!(store.read(&fleet), Err(Why::Version { is, .. }) if is == version));
    }
    fs::remove_file(store.path()).unwrap();
    fs::create_dir(store.path()).unwrap();
    assert!(store.read(&fleet).is_err(), "a folder");
}

#[test]
fn what_begins_only_when_somebody_writes_is_not_waited_for() {
    let Desk { store, fleet, folder: _folder } = desk();
    fs::create_dir_all(store.path().parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(store.path()).status();
    assert!(made.unwrap().success());
    assert!(matches!(store.read(&fleet), Err(Why::Other)));
}

#[test]
fn what_others_may_write_is_not_believed() {
    let Desk { store, fleet, .. } = desk();
    store.write(&fleet, &facts(&["acme"], 100, "1.0")).unwrap();
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(store.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(store.read(&fleet), Err(Why::Foreign)), "{mode:o}");
    }
    // Only root may give a file away.
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o600)).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(store.path(), Some(12_345), None).unwrap();
        assert!(matches!(store.read(&fleet), Err(Why::Foreign)));
    }
}

#[test]
fn where_nothing_can_be_written_the_old_file_stands() {
    let Desk { store, fleet, folder } = desk();
    store.write(&fleet, &facts(&["acme"], 100, "1.0")).unwrap();
    let lost = Store::at(folder.path().join("state/northwind.last/below"));
    assert!(lost.write(&fleet, &facts(&["acme"], 200, "2.0")).is_err(), "a file is no folder");
    let nowhere = Store::at(PathBuf::from("/proc/quarterdeck/last"));
    assert!(nowhere.write(&fleet, &Facts::new()).is_err(), "a disk that takes nothing");
    assert_eq!(store.read(&fleet).unwrap().facts.feed(&source("acme")).unwrap().heard.as_ref().unwrap().0, at(100));
}

#[test]
fn the_same_words_later_are_no_change() {
    let Desk { fleet, .. } = desk();
    let sum = |facts: &Facts| digest(&fleet, facts).unwrap();
    let first = facts(&["acme", "globex"], 100, "1.0");
    assert_eq!(sum(&first), sum(&facts(&["acme", "globex"], 900, "1.0")));
    assert_ne!(sum(&first), sum(&facts(&["acme", "globex"], 100, "1.1")));
}

#[test]
fn nothing_is_written_where_nothing_is_new() {
    let Desk { store, fleet, .. } = desk();
    let sum = store.renew(&fleet, &facts(&["acme"], 100, "1.0"), None).unwrap();
    fs::remove_file(store.path()).unwrap();
    assert_eq!(store.renew(&fleet, &facts(&["acme"], 200, "1.0"), Some(sum)).unwrap(), sum);
    assert!(!store.path().exists(), "the same words later are not written again");
    store.renew(&fleet, &facts(&["acme"], 300, "1.1"), Some(sum)).unwrap();
    assert!(store.path().is_file());
}
