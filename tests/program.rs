//! The program as a person and a script meet it: what it prints, how it ends, and the terminal it leaves behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod real;
#[path = "program/terminal.rs"]
mod terminal;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use terminal::Terminal;

/// What is asked, by the name of the file that holds what is answered.
const ASKED: &[(&str, &[&str])] = &[
    ("help", &["--help"]),
    ("unknown-view", &["show", "nothing"]),
    ("check-good", &["check", "fleet.toml"]),
    ("check-bad", &["check", "bad.toml"]),
    ("check-bad-json", &["check", "bad.toml", "--format", "json"]),
    ("check-settings", &["check", "settings.toml"]),
    ("check-bad-settings", &["check", "--config", "bad-settings.toml"]),
    ("check-missing", &["check", "missing.toml"]),
];

const VIEWS: &[&str] = &["fleet", "calendar", "lifecycle"];
const FORMATS: &[&str] = &["table", "json", "csv", "markdown"];

/// Both outputs and the exit code, of a program that sees no fleet, colour or home but what it is given.
fn said(words: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(words)
        .current_dir("tests/program")
        .env_clear()
        .env("HOME", home.path())
        .env("TZ", "UTC")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    format!("$ quarterdeck {}\n-- stdout\n{out}-- stderr\n{err}-- exit {:?}\n", words.join(" "), output.status.code())
}

#[test]
fn what_is_printed_is_what_the_files_say() {
    let mut all: Vec<(String, Vec<&str>)> =
        ASKED.iter().map(|(name, words)| ((*name).to_owned(), words.to_vec())).collect();
    for view in VIEWS {
        for format in FORMATS {
            let words =
                vec!["show", view, "--offline", "--at", "2026-11-21", "--fleet", "fleet.toml", "--format", format];
            all.push((format!("show-{view}-{format}"), words));
        }
    }
    let mut differing = Vec::new();
    for (name, words) in all {
        let (said, file) = (said(&words), Path::new("tests/program").join(format!("{name}.out")));
        assert!(!said.contains('\u{1b}'), "no terminal, no escape: {said:?}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, said).unwrap();
        } else if std::fs::read_to_string(&file).unwrap_or_default() != said {
            differing.push(format!("== {}\n{said}", file.display()));
        }
    }
    assert!(differing.is_empty(), "said otherwise than expected:\n{}", differing.join("\n"));
}

/// A name is outside text too, and what only begins when somebody writes into it is not waited for.
#[test]
fn a_strange_fleet_file_ends_it_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let strange = folder.path().join("a\u{1b}[31m\nb.toml");
    std::fs::write(&strange, "colour = 1").unwrap();
    for (words, path, why) in [
        (&["check"][..], &pipe, "no ordinary file"),
        (&["show", "fleet", "--fleet"], &pipe, "no ordinary file"),
        (&["check", "--config"], &pipe, "no ordinary file"),
        (&["check"], &strange, "unknown key"),
        (&["show", "fleet", "--fleet"], &strange, "unknown key"),
    ] {
        let program = env!("CARGO_BIN_EXE_quarterdeck");
        let told = Command::new("timeout").args(["20", program]).args(words).arg(path).output().unwrap();
        let said = String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned();
        assert_eq!(told.status.code(), Some(2), "{words:?} {path:?}: {said}");
        assert!(said.contains(why) && !said.contains('\u{1b}'), "{words:?} {path:?}: {said:?}");
    }
}

#[test]
fn keys_sizes_and_stops_leave_the_terminal_as_it_was() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    terminal.key_for("2", |screen| screen.contains("Drift ──"));
    terminal.key_for("3", |screen| screen.contains("Lifecycle ──"));
    for (key, sign) in [("/", "/_"), (":", "Do what?"), ("?", "Keys of Lifecycle")] {
        terminal.key_for(key, |screen| screen.contains(sign));
        terminal.key_for("Escape", |screen| !screen.contains(sign));
    }
    for (width, height) in [(1, 1), (60, 16), (200, 50), (3, 2), (10, 1), (120, 36)] {
        terminal.resize(width, height);
    }
    terminal.until("the fleet at the last size", |screen| screen.contains("northwind") && screen.contains("Lifecycle"));
    terminal.key("C-z");
    terminal.is_as_it_was("stopped");
    terminal.line("fg");
    terminal.is_taken();
    terminal.key("q");
    terminal.is_as_it_was("ended");
    terminal.nothing_runs();
}

#[test]
fn signals_end_it_and_leave_the_terminal_as_it_was() {
    let Some(terminal) = Terminal::open() else { return };
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        terminal.demo();
        terminal.kill(signal);
        terminal.until("the exit code", |screen| screen.contains(&format!("ended {code}")));
        terminal.is_as_it_was(signal);
        terminal.nothing_runs();
    }
}

/// What it says then stands on the screen of the shell, and tells what to do.
#[test]
fn a_panic_gives_the_terminal_back_and_says_what_to_do() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo_with("RUST_BACKTRACE=0 QUARTERDECK_TRIP=1");
    terminal.key("C-l");
    terminal.until("what happened, what to do and the exit code", |screen| {
        ["tripped on purpose", "perform.rs", "start it again", "its makers", "ended 101"]
            .iter()
            .all(|words| screen.contains(words))
    });
    terminal.is_as_it_was("panicked");
    terminal.nothing_runs();
}

/// A paste is text, never keys: into a filter it goes cleaned, and beside one it does nothing. Focus told is no key.
#[test]
fn what_is_pasted_and_where_the_focus_is_are_no_keys() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    terminal.key_for("3", |screen| screen.contains("Lifecycle ──"));
    // Were it keys, the first letter would leave.
    terminal.paste("q2q");
    terminal.focus();
    terminal.key_for("/", |screen| screen.contains("/_"));
    terminal.paste("meshstack\u{1b}[31m");
    terminal.until("what was pasted", |screen| screen.contains("/meshstack_") && screen.contains("Lifecycle ──"));
    terminal.key_for("Enter", |screen| !screen.contains("/meshstack_") && screen.contains("/meshstack"));
    terminal.key("q");
    terminal.is_as_it_was("ended");
}

/// Sizes that follow each other faster than anybody can draw.
#[test]
fn a_storm_of_sizes_ends_in_the_picture_of_the_last() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    for n in 0..60_u16 {
        terminal.resize_at_once(20 + n * 7 % 180, 5 + n * 11 % 60);
    }
    terminal.resize(100, 30);
    terminal.until("the picture at the last size", |screen| {
        screen.contains("northwind") && screen.contains("Needs you now") && screen.contains("quit")
    });
    terminal.key("q");
    terminal.is_as_it_was("ended");
}

/// A key that comes with a change of size takes it from nobody, and more than is read at once is all read.
#[test]
fn much_that_comes_at_once_is_taken_in_to_the_last_of_it() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    for width in 121..161_u16 {
        terminal.resize_with(width, 36, "Down");
        let is_as_wide = |line: &str| line.contains("Fleet ──") && line.chars().count() + 1 >= usize::from(width);
        terminal.until(&format!("the picture of {width} columns"), |screen| screen.lines().any(is_as_wide));
    }
    for _ in 0..5 {
        terminal.bytes(&[b"\x1b[<65;40;20M".repeat(120).as_slice(), b"?"].concat());
        terminal.until("the last key", |screen| screen.contains("Keys of"));
        terminal.key_for("Escape", |screen| !screen.contains("Keys of"));
    }
    terminal.key("q");
    terminal.is_as_it_was("ended");
}

#[test]
fn stopped_from_outside_it_gives_the_terminal_back_until_it_is_called_again() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    terminal.kill("TSTP");
    terminal.is_as_it_was("stopped from outside");
    terminal.resize(100, 30);
    terminal.line("fg");
    terminal.is_taken();
    terminal.until("the picture at the new size", |screen| {
        screen.contains("northwind") && screen.lines().all(|line| line.chars().count() <= 100)
    });
    terminal.key("q");
    terminal.is_as_it_was("ended");
}

#[test]
fn a_closed_terminal_ends_it() {
    let Some(terminal) = Terminal::open() else { return };
    terminal.demo();
    let process = terminal.process().expect("it runs");
    terminal.close();
    real::until("the program to be gone", || !Path::new("/proc").join(&process).exists());
}

/// The board that was known last stands there though nobody can answer any more, and says how old it is.
#[test]
fn a_cockpit_that_starts_again_shows_what_was_known_before_anybody_answers() {
    let Some(terminal) = Terminal::open() else { return };
    let program = env!("CARGO_BIN_EXE_quarterdeck");
    let mut served = Command::new(program)
        .args(["demo", "--serve", "--installations", "6"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    BufReader::new(served.stdout.take().unwrap()).read_line(&mut printed).unwrap();
    // The demo takes its folder away when it ends.
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(Path::new(printed.trim_end()).parent().unwrap()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let state = folder.path().join("state");
    let (fleet, home) = (folder.path().join("fleet.toml"), state.display());
    let open = format!("clear; XDG_STATE_HOME={home} {program} --fleet {}", fleet.display());
    // What a start writes to the terminal until the fleet that was judged anew stands there.
    let starts = |words: &str| {
        // A file that changed as it was read may have been read in another form: of such a fleet no board is kept.
        real::until("a fleet file that rests", || {
            let changed = std::fs::metadata(&fleet).unwrap().modified().unwrap();
            changed.elapsed().is_ok_and(|age| age.as_millis() > 500)
        });
        let before = terminal.written().len();
        terminal.line(&format!("{open} {words}"));
        terminal.until("versions", |screen| screen.contains("2026.") && screen.contains("live"));
        terminal.key("q");
        terminal.is_as_it_was("left");
        terminal.written().split_off(before)
    };
    assert!(!starts("").contains("last known"), "nothing was known");
    let kept = state.join("quarterdeck");
    let file = |ending: &str| {
        let files = std::fs::read_dir(&kept).into_iter().flatten().flatten();
        files.map(|file| file.path()).find(|path| path.extension().is_some_and(|found| found == ending))
    };
    real::until("what is known last", || file("last").is_some() && file("board").is_some());
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(starts("").contains("last known"), "before anything was read");
    // Another viewer sees none of it, and what they leave behind is theirs.
    assert!(!starts("--read-only").contains("last known"));
    assert!(starts("--read-only").contains("last known"));
    assert!(!starts("").contains("last known"));
    // A board that was touched is not believed, and neither is one of another fleet file.
    let board = file("board").unwrap();
    let mut bytes = std::fs::read(&board).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&board, bytes).unwrap();
    assert!(!starts("").contains("last known"));
    let text = std::fs::read_to_string(&fleet).unwrap();
    std::fs::write(&fleet, format!("{text}\n# changed\n")).unwrap();
    assert!(!starts("").contains("last known"));
    assert!(starts("").contains("last known"), "nothing else was wrong with it");
    std::fs::write(&fleet, "[fleet]\nname = \"northwind\"\nno end").unwrap();
    terminal.line(&format!("{open}; echo ended $?"));
    terminal.until("what is wrong, and the exit code", |screen| screen.contains("error") && screen.contains("ended 2"));
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 2, "nothing is left beside them");
}
