//! The pictures in `assets/` are what the program draws: stills of the demo's tour, the same for the same seed and time.
//! `UPDATE=1 cargo test --test pictures` takes them anew; look at them before they are committed.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The tours by their scenarios, and the theme their pictures are in.
const TOURS: &[(&str, &str)] = &[("friday-night", "dark"), ("big-upgrade", "dark")];

/// Plays the tours without a screen; gives the pictures by their names.
fn taken() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, theme) in TOURS {
        let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
            .args(["demo", "--tour", "--scenario", scenario, "--theme", theme, "--pictures"])
            .arg(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
    }
    pictures(folder.path())
}

/// The same, played once for all tests.
fn taken_once() -> &'static BTreeMap<String, String> {
    static TAKEN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    TAKEN.get_or_init(taken)
}

fn pictures(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pictures = files.filter(|path| path.extension().is_some_and(|ending| ending == "svg"));
    pictures
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The first line in which two pictures differ.
fn first_difference(kept: &str, taken: &str) -> String {
    let differing = kept.lines().zip(taken.lines()).enumerate().find(|(_, (kept, taken))| kept != taken);
    differing.map_or("one is longer".to_owned(), |(n, (kept, taken))| {
        format!("line {}:\n  kept  {kept}\n  taken {taken}", n + 1)
    })
}

#[test]
fn the_pictures_are_what_the_program_draws() {
    let (taken, folder) = (taken_once(), Path::new("assets/pictures"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(folder).unwrap();
        for (name, picture) in taken {
            std::fs::write(folder.join(name), picture).unwrap();
        }
        for name in pictures(folder).keys().filter(|name| !taken.contains_key(*name)) {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
        return;
    }
    let kept = pictures(folder);
    let names = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(taken), "UPDATE=1 takes them anew");
    for (name, picture) in taken {
        let kept = &kept[name];
        assert!(kept == picture, "{name} is not what the program draws; UPDATE=1 takes it anew\n{}", {
            first_difference(kept, picture)
        });
    }
}

/// Two plays of the same tour give the same bytes: the world, its answers, the verdicts and the drawing.
#[test]
fn the_same_seed_and_time_give_the_same_pictures_byte_for_byte() {
    let (first, second) = (taken_once(), taken());
    assert!(first.len() >= 10, "{:?}", first.keys());
    for (name, picture) in first {
        assert!(picture == &second[name], "{name}: {}", first_difference(picture, &second[name]));
    }
}

#[test]
fn every_picture_the_papers_name_is_there_and_the_readme_opens_with_one() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let named: Vec<&str> =
        readme.split("](assets/pictures/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(!named.is_empty());
    for name in named {
        assert!(Path::new("assets/pictures").join(name).is_file(), "{name}");
    }
    let opening: Vec<&str> = readme.lines().filter(|line| !line.is_empty()).take(4).collect();
    assert!(opening.iter().any(|line| line.contains("](assets/pictures/")), "{opening:?}");
}
