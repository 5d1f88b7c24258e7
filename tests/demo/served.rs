//! A served demo, and what the program shows of it.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

use crate::real::{Answer, Request};

pub fn quarterdeck(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(words).env_remove("QUARTERDECK_FLEET").env("TZ", "UTC").stdin(Stdio::null());
    command
}

pub fn run(words: &[&str]) -> Output {
    quarterdeck(words).output().unwrap()
}

/// A demo that serves until it is dropped. Its time stands still but where a test moves it.
pub struct Served {
    pub process: Child,
    out: BufReader<ChildStdout>,
    pub fleet: PathBuf,
    pub port: u16,
}

impl Served {
    pub fn start(words: &[&str]) -> Self {
        let many: &[&str] = if words.contains(&"--installations") { &[] } else { &["--installations", "12"] };
        let all = [&["demo", "--serve", "--speed", "0"], many, words].concat();
        let mut process = quarterdeck(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let (mut fleet, mut said) = (String::new(), String::new());
        out.read_line(&mut fleet).unwrap();
        BufReader::new(process.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let port = said.split("127.0.0.1:").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
        Self { process, out, fleet: PathBuf::from(fleet.trim_end()), port: port.parse().unwrap() }
    }

    pub fn friday_night() -> Self {
        Self::friday_night_of("12")
    }

    pub fn friday_night_of(n_installations: &str) -> Self {
        let start = "2026-11-20T23:40:00+01:00";
        Self::start(&["--scenario", "friday-night", "--start", start, "--installations", n_installations])
    }

    /// What the demo tells about itself.
    pub fn told(&self) -> Value {
        serde_json::from_slice(&Request::get("/-/demo").send(self.port).unwrap().body).unwrap()
    }

    /// Moves the demo's time.
    pub fn jump(&self, by: &str) {
        assert_eq!(self.post(&format!("/-/demo/jump?by={by}"), &[], "").status, 200);
    }

    /// A view of one customer, as the program shows it at the demo's time.
    pub fn rows(&self, view: &str, installation: &str) -> Vec<Value> {
        let (fleet, told) = (self.fleet.to_str().unwrap(), self.told());
        let judged = ["--at", told["now"].as_str().unwrap(), "--installation", installation];
        let words = [&["show", view, "--fleet", fleet, "--format", "json", "--wait", "60s"], &judged[..]].concat();
        let output = run(&words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        serde_json::from_value(shown["rows"].take()).unwrap()
    }

    /// The only row of a view that is so.
    pub fn row(&self, view: &str, installation: &str, is: impl Fn(&Value) -> bool) -> Value {
        let rows = self.rows(view, installation);
        rows.iter().find(|row| is(row)).unwrap_or_else(|| panic!("{rows:#?}")).clone()
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Request { method: "POST", path, headers, body: body.as_bytes() }.send(self.port).unwrap()
    }

    pub fn stop(mut self) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let ended = self.process.wait().unwrap().code();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (ended, rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
