//! The cockpit as a person meets it, in a real terminal: how long until the first picture and until the first real rows,
//! what it costs at rest and per key, how soon a key is answered with and without polling, and how much memory it holds.
//!
//! `cargo bench --bench cockpit` measures the demo as it is and with two thousand installations. Everything runs under
//! `script`, which gives each program a pseudo-terminal of 200 columns and 50 rows; times count from before it is started.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::as_conversions, clippy::print_stdout)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn say(what: &str, figure: String) {
    println!("{what:<64} {figure}");
}

/// A program in a terminal of its own.
struct Terminal {
    began: Instant,
    script: Child,
    keys: Arc<Mutex<ChildStdin>>,
    seen: Arc<Mutex<Seen>>,
}

/// Everything that was written to the terminal.
#[derive(Default)]
struct Seen {
    text: String,
    bytes: usize,
}

impl Terminal {
    fn open(words: &str, home: &std::path::Path) -> Self {
        let program = env!("CARGO_BIN_EXE_quarterdeck");
        let began = Instant::now();
        let mut script = Command::new("script")
            .args(["-qfec", &format!("stty cols 200 rows 50; exec {program} {words}"), "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env_remove("QUARTERDECK_FLEET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let keys = Arc::new(Mutex::new(script.stdin.take().unwrap()));
        let mut out = script.stdout.take().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (filled, answers) = (Arc::clone(&seen), Arc::clone(&keys));
        std::thread::spawn(move || {
            let mut piece = [0; 1 << 16];
            let mut told = false;
            while let Ok(n) = out.read(&mut piece) {
                if n == 0 {
                    return;
                }
                let mut seen = filled.lock().unwrap();
                seen.bytes += n;
                seen.text.push_str(&String::from_utf8_lossy(&piece[..n]));
                // Every terminal says who it is, and most of them the colour of their ground.
                if !told && seen.text.contains("\x1b[c") {
                    told = true;
                    answers.lock().unwrap().write_all(b"\x1b]11;rgb:1c1c/2121/2828\x1b\\\x1b[?62;c").unwrap();
                }
            }
        });
        Self { began, script, keys, seen }
    }

    /// How long from the start until this was written; none within a minute.
    fn until(&self, words: &str) -> Option<Duration> {
        while self.began.elapsed() < Duration::from_secs(60) {
            if self.seen.lock().unwrap().text.contains(words) {
                return Some(self.began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    fn bytes(&self) -> usize {
        self.seen.lock().unwrap().bytes
    }

    /// The program below `script`.
    fn process(&self) -> PathBuf {
        let script = self.script.id();
        let children = std::fs::read_to_string(format!("/proc/{script}/task/{script}/children")).unwrap();
        PathBuf::from("/proc").join(children.split_whitespace().next().unwrap())
    }

    /// Resident memory in MB: now, and at most so far.
    fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(self.process().join("status")).unwrap();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Processor time so far, in milliseconds. The kernel counts it in hundredths of a second.
    fn spent(&self) -> u64 {
        let stat = std::fs::read_to_string(self.process().join("stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
    }

    /// How long from a key to the row it chooses being drawn as such.
    fn answers(&mut self, key: &str) -> Duration {
        let before = self.seen.lock().unwrap().text.len();
        let began = Instant::now();
        self.press(key);
        while began.elapsed() < Duration::from_secs(5) {
            let seen = self.seen.lock().unwrap();
            if seen.text.get(before..).is_some_and(|new| new.contains('▌')) {
                break;
            }
            drop(seen);
            std::thread::sleep(Duration::from_micros(200));
        }
        began.elapsed()
    }

    fn press(&mut self, key: &str) {
        let mut keys = self.keys.lock().unwrap();
        keys.write_all(key.as_bytes()).unwrap();
        keys.flush().unwrap();
    }

    fn leave(mut self) {
        self.press("q");
        let _ = self.script.wait();
    }
}

/// The demo with these words, from its start to its end.
fn demo(name: &str, words: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(words, home.path());
    let millis = |time: Option<Duration>| time.map_or("never".to_owned(), |time| format!("{} ms", time.as_millis()));
    say(&format!("{name}: the first picture"), millis(terminal.until("northwind")));
    // A version that runs, or that is meant: no row says one before its source has answered.
    say(&format!("{name}: the first frame with real rows"), millis(terminal.until("2026.")));
    std::thread::sleep(Duration::from_secs(20));
    let (bytes, spent) = (terminal.bytes(), terminal.spent());
    std::thread::sleep(Duration::from_secs(10));
    let (rest, per_second) = (terminal.bytes() - bytes, (terminal.spent() - spent) / 10);
    say(&format!("{name}: asking everybody, a second"), format!("{per_second} ms of a core, {} bytes", rest / 10));
    say(&format!("{name}: from a key to the screen while everybody is asked"), keys(&mut terminal));
    // Nobody is asked while keys are counted.
    terminal.press("p");
    std::thread::sleep(Duration::from_secs(2));
    say(&format!("{name}: from a key to the screen at rest"), keys(&mut terminal));
    let (bytes, spent, n) = (terminal.bytes(), terminal.spent(), 200);
    for _ in 0..n {
        terminal.press("j");
        std::thread::sleep(Duration::from_millis(40));
    }
    let (bytes, spent) = (terminal.bytes() - bytes, terminal.spent() - spent);
    let each = spent as f64 / f64::from(n);
    say(&format!("{name}: one row down, with its scrolling"), format!("{each:.1} ms of a core, {} bytes", bytes / 200));
    let (now, most) = terminal.memory();
    say(&format!("{name}: memory, server and cockpit together"), format!("{now} MB, at most {most} MB"));
    terminal.leave();
}

/// The middle, the slowest in ten and the slowest of many keys.
fn keys(terminal: &mut Terminal) -> String {
    let mut times = Vec::new();
    for n in 0..100 {
        std::thread::sleep(Duration::from_millis(60));
        times.push(terminal.answers(if n % 2 == 0 { "j" } else { "k" }));
    }
    times.sort();
    let at = |n: usize| times.get(n).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    format!("{:.0} ms, one in ten {:.0} ms, at most {:.0} ms", at(50), at(90), at(99))
}

/// A fleet whose servers are gone: what was known stands there at once, and an idle cockpit costs next to nothing.
fn from_history(installations: u16) {
    let program = env!("CARGO_BIN_EXE_quarterdeck");
    let home = tempfile::tempdir().unwrap();
    let mut served = Command::new(program)
        .args(["demo", "--serve", "--speed", "1", "--installations", &installations.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    BufReader::new(served.stdout.take().unwrap()).read_line(&mut printed).unwrap();
    for file in std::fs::read_dir(Path::new(printed.trim_end()).parent().unwrap()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), home.path().join(file.file_name())).unwrap();
        }
    }
    let words = format!("--fleet {}", home.path().join("fleet.toml").display());
    let mut terminal = Terminal::open(&words, home.path());
    terminal.until("2026.");
    std::thread::sleep(Duration::from_secs(45));
    // The tour lies on top at the first start.
    terminal.press("\x1b");
    std::thread::sleep(Duration::from_millis(500));
    terminal.leave();
    served.kill().unwrap();
    served.wait().unwrap();
    let name = format!("{installations} installations out of history");
    let mut times = Vec::new();
    for _ in 0..7 {
        let terminal = Terminal::open(&words, home.path());
        // What was known last says so; the fleet that was read and judged anew is live.
        times.push(["last known", "live"].map(|said| terminal.until(said)));
        terminal.leave();
    }
    for (n, what, budget) in
        [(0, "the first frame with what was known", " (budget 100 ms)"), (1, "the same, read and judged anew", "")]
    {
        let mut these: Vec<_> = times.iter().map(|pair| pair[n]).collect();
        these.sort();
        let middle = these[3].map_or("never".to_owned(), |time| format!("{} ms", time.as_millis()));
        say(&format!("{name}: {what}"), format!("{middle}{budget}"));
    }
    let mut terminal = Terminal::open(&words, home.path());
    terminal.until("2026.");
    terminal.press("p");
    std::thread::sleep(Duration::from_secs(15));
    let (bytes, spent) = (terminal.bytes(), terminal.spent());
    std::thread::sleep(Duration::from_secs(60));
    let (bytes, spent) = (terminal.bytes() - bytes, terminal.spent() - spent);
    say(
        &format!("{name}: at rest, a second"),
        format!("{:.1} ms of a core (budget 2 ms), {} bytes", spent as f64 / 60.0, bytes / 60),
    );
    terminal.leave();
}

fn main() {
    from_history(1000);
    demo("demo of 32", "demo --scenario friday-night --speed 1");
    demo("demo of 2,000", "demo --scenario 2000 --speed 1");
}
