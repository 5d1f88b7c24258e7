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
