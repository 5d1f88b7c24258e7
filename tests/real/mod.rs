//! Real servers for tests, each on free ports of 127.0.0.1, in a folder of its own, gone when dropped.
//!
//! ```ignore
//! let Some(prometheus) = real::prometheus() else { return };
//! prometheus.until("/api/v1/alerts", |body| body.contains("firing"));
//! let url = prometheus.url();
//! ```
//!
//! `None` means that the test is left out, and the reason has been printed. `tests/run` installs the servers and
//! says so in `QUARTERDECK_REAL`: with `1` a program that is not there is a failure, with `found` it is left out.
//!
//! No test here depends on how long something takes: whatever is waited for has a generous bound and is asked for again
//! until it is there.
#![allow(dead_code, unused_imports, reason = "every suite uses other servers")]

mod certificates;
mod git;
mod http;
mod monitoring;
mod reach;
mod server;
mod stores;
mod tokens;
mod web;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use certificates::{Ends, Pki};
pub use git::{Commit, GitHost, git_host};
pub use http::{Answer, Request, connect};
pub use monitoring::{
    Alertmanager, NodeExporter, Prometheus, PrometheusSetup, alertmanager, blackbox_exporter, node_exporter,
    prometheus, prometheus_with, victoria_metrics,
};
pub use reach::{OpenVpn, Sshd, http_proxy, open_http_proxy, openvpn, openvpn_behind, sshd};
pub use server::Server;
pub use stores::{Registry, registry, registry_behind};
pub use tokens::{TokenServer, token_server};
pub use web::{Nginx, Traefik, nginx, traefik};

/// Where a program lies, or nothing where the test is to be left out; then the reason has been printed.
///
/// # Panics
/// When the machine was said to be complete and this program is missing.
fn program(name: &str) -> Option<PathBuf> {
    let Some(asked) = std::env::var_os("QUARTERDECK_REAL") else {
        left_out(name, "QUARTERDECK_REAL is not set");
        return None;
    };
    let found = find(name);
    if found.is_none() {
        assert!(asked != "1", "{name} is not installed; run tests/run, which installs it");
        left_out(name, "this machine has no such program");
    }
    found
}

/// The program that reads Dhall. No Debian release has it, so a complete machine may lack it.
pub fn dhall_to_json() -> Option<PathBuf> {
    let found = find("dhall-to-json");
    if found.is_none() {
        left_out("dhall-to-json", "this machine has no such program");
    }
    found
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/real");
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into(), ours.join("venv/bin"), ours.join("bin")])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Says once what is left out, past the test harness, which keeps the words of a passing test to itself.
fn left_out(name: &str, why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap().insert(name.to_owned()) {
        let line = format!("\nleft out: every test that needs a real {name}, because {why}; run tests/run\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
}

/// Asks again until it is so. The bound is there for a server that never gets there, not to measure one that does.
///
/// # Panics
/// When it is not so after more than a minute.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("waited in vain for {what}");
}
