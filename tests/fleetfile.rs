//! Fleet files as people write them: the bad ones with exactly what is said about them, the good ones silent.
#![allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]

#[path = "fleetfile/fuzz.rs"]
mod fuzz;
#[path = "fleetfile/good.rs"]
mod good;

use std::path::{Path, PathBuf};

use quarterdeck::diagnostic::{Look, show_all};
use quarterdeck::fleetfile::load::Options;
use quarterdeck::runtime::fleet::open;

/// Everything that is said about a fleet file.
fn said(path: &Path) -> String {
    let opened = open(path, &Options::default());
    let mut said = show_all(&opened.problems, &opened.texts, Look::default());
    said.push_str(&format!("\n{}\n", opened.problems.summary()));
    said
}

/// The bad fleet files: single ones, and folders with a `fleet.toml`.
fn bad() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("tests/fleetfile/bad").unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            None => found.push(path.join("fleet.toml")),
            Some("out") => {}
            Some(_) => found.push(path),
        }
    }
    found.sort();
    found
}

/// `UPDATE=1 cargo test --test fleetfile` writes the outputs anew, to be read before they are kept.
#[test]
fn every_bad_file_is_told_exactly_what_is_wrong_with_it() {
    let files = bad();
    assert!(files.len() >= 40, "{} bad files", files.len());
    let mut differing = Vec::new();
    for path in files {
        let (said, out) = (said(&path), path.with_extension("out"));
        assert!(!said.contains("hunter2"), "a credential is repeated:\n{said}");
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "a terminal would be moved: {said:?}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&out, said).unwrap();
        } else if std::fs::read_to_string(&out).unwrap_or_default() != said {
            differing.push(format!("== {}\n{said}", path.display()));
        }
    }
    assert!(differing.is_empty(), "said otherwise than expected:\n{}", differing.join("\n"));
}

#[test]
fn no_output_is_left_without_its_file() {
    let files = bad();
    for entry in std::fs::read_dir("tests/fleetfile/bad").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "out") {
            assert!(files.iter().any(|file| file.with_extension("out") == path), "{} is of no file", path.display());
        }
    }
}

#[test]
fn what_is_no_fleet_file_says_so_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str| home.path().join(name);
    std::fs::create_dir(file("folder.toml")).unwrap();
    std::fs::File::create(file("huge.toml")).unwrap().set_len(33 << 20).unwrap();
    std::fs::write(file("utf16.toml"), [0xff, 0xfe, b'[', 0]).unwrap();
    for (name, expected) in [
        ("missing.toml", "can't be read: no such file or directory"),
        ("folder.toml", "is a folder, not a fleet file"),
        ("huge.toml", "35 MB is too large for a fleet file: 34 MB at most"),
        ("utf16.toml", "is no UTF-8 text: the first stray byte is on line 1"),
    ] {
        let said = said(&file(name));
        assert_eq!(said.lines().next().unwrap(), format!("{}: {expected}", file(name).display()));
        assert!(said.ends_with("\n1 error\n"), "{said}");
    }
}

#[test]
fn a_dhall_file_is_read_by_the_program_for_it_or_says_that_it_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("fleet.dhall");
    let text = "{ fleet = { name = \"t\", timezone = \"Europe/Berln\" } }";
    std::fs::write(&path, text).unwrap();
    let said = said(&path);
    if said.contains("not installed") {
        assert!(said.contains("a Dhall file needs the program `dhall-to-json`"), "{said}");
        eprintln!("left out: this machine has no `dhall-to-json`");
    } else {
        assert!(said.contains("(as JSON):"), "{said}");
        assert!(said.contains("did you mean `Europe/Berlin`?"), "{said}");
    }
}
