//! Gates and configuration out of real repositories, over HTTP and over SSH.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::real::{Commit, GitHost};
use quarterdeck::domain::assurance::ConfigState;
use quarterdeck::domain::delivery::{Approver, ApproverEvidence, Gate, GateState};
use quarterdeck::text::clean::Clean;

const CI: &str = "git <ci@example.test>";

fn put(host: &GitHost, repository: &str, author: &str, at: &str, files: &[(&str, Option<&str>)]) -> String {
    host.commit(repository, &Commit { author, at, message: "put", files })
}

/// A repository with an item that waits at `production` for a person.
fn gates(host: &GitHost) {
    let waits = "staging/2026.41.0\nchange-board/2026.41.0\n# for acme\n";
    put(host, "gates", CI, "2026-11-20T13:30:00Z", &[("production/2026.41.0.autoclose", Some(waits))]);
    put(host, "gates", CI, "2026-11-20T13:45:00Z", &[("staging/2026.41.0", Some(""))]);
}

fn gate(heard: &Heard, version: &str) -> Gate {
    let mut gates = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Gate(gate) if gate.version.as_ref().is_some_and(|told| told.as_str() == version) => Some(&**gate),
        _ => None,
    });
    gates.next_back().unwrap_or_else(|| panic!("{heard:?}")).clone()
}

fn config(heard: &Heard) -> ConfigState {
    let mut configs = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Config(config) => Some(&**config),
        _ => None,
    });
    configs.next_back().unwrap_or_else(|| panic!("{heard:?}")).clone()
}

fn at_gate(repository: &str, more: &str) -> Asking {
    let comma = if more.is_empty() { "" } else { ", " };
    Asking::source(&format!(
        "{{ kind = \"gate\", repository = \"{repository}\", gate = \"production\", timeout = \"2s\"{comma}{more} }}"
    ))
}

#[test]
fn a_gate_waits_for_a_person_and_opens_for_everybody_who_asks_over_http() {
    let Some(host) = real::git_host() else { return };
    gates(&host);
    let mut asking = at_gate(&host.url("gates"), "");
    let waits = gate(&asking.hear(), "2026.41.0");
    assert_eq!(
        (waits.state, waits.waits_for.len(), waits.waits_for[0].as_str()),
        (GateState::Waiting, 1, "change-board/2026.41.0")
    );
    assert_eq!(waits.since.unwrap().to_rfc3339(), "2026-11-20T13:30:00+00:00");

    let note = "approved-by: ada@acme.test\n";
    put(&host, "gates", CI, "2026-11-21T08:00:00Z", &[("change-board/2026.41.0", Some(note))]);
    let waits = "staging/2026.41.0\nchange-board/2026.41.0\n# for acme\n";
    let closed = [("production/2026.41.0.autoclose", None), ("production/2026.41.0", Some(waits))];
    put(&host, "gates", CI, "2026-11-21T08:00:10Z", &closed);
    let open = gate(&asking.hear(), "2026.41.0");
    assert!(
        open.place.as_ref().is_some_and(|place| host.url("gates").trim_end_matches(".git").ends_with(place.as_str()))
    );
    assert_eq!(
        (open.state, open.since.unwrap().to_rfc3339().as_str()),
        (GateState::Passed, "2026-11-21T08:00:10+00:00")
    );
    assert_eq!(
        open.who,
        Some(Approver { name: Clean::line("ada@acme.test"), evidence: ApproverEvidence::ItemMetadata }),
        "the person behind what it waited for, not the machine that renamed it"
    );

    let refused = |fault: Fault, wanted: &str| {
        assert_eq!(fault.to_string(), wanted);
        assert!(!fault.hint().is_empty());
    };
    refused(at_gate(&host.url("other"), "").fault(), "nothing at `the repository` (404)");
    refused(at_gate(&host.url("gates"), "branch = \"gone\"").fault(), "nothing at `branch gone` (404)");
    refused(at_gate(&host.closed_url("gates"), "").fault(), "not authorised (401), no credential is configured");
    let password = host.path("gates").join("password");
    std::fs::write(&password, "wrong").unwrap();
    private(&password);
    let basic = format!("username = \"anna\", password = {{ file = \"{}\" }}", password.display());
    assert!(matches!(at_gate(&host.closed_url("gates"), &basic).fault(), Fault::Unauthorised { credential: Some(_) }));
    std::fs::write(&password, "secret").unwrap();
    assert_eq!(gate(&at_gate(&host.closed_url("gates"), &basic).hear(), "2026.41.0").state, GateState::Passed);
}

#[test]
fn plain_files_behind_a_web_server_are_a_repository_too() {
    let (Some(host), Some(nginx)) = (real::git_host(), real::nginx()) else { return };
    gates(&host);
    let site = nginx.folder().join("site/gates.git");
    copied(&host.path("gates"), &site);
    assert!(Command::new("git").arg("--git-dir").arg(&site).arg("update-server-info").status().unwrap().success());
    let mut asking = at_gate(&format!("{}/gates.git", plain(&nginx)), "");
    assert_eq!(gate(&asking.hear(), "2026.41.0").state, GateState::Waiting);
    let fault = at_gate(&format!("{}/login", plain(&nginx)), "").fault();
    assert!(matches!(fault, Fault::Missing { .. } | Fault::Garbled { .. }), "{fault}");
}

#[test]
fn over_ssh_the_right_key_at_the_right_host_opens_gates_and_configuration() {
    let (Some(host), Some(sshd)) = (real::git_host(), real::sshd()) else { return };
    gates(&host);
    let first =
        put(&host, "config", "Ada <ada@acme.test>", "2026-11-20T09:00:00Z", &[("config.dhall", Some("{ a = 1 }\n"))]);
    put(&host, "config", "Ben <ben@acme.test>", "2026-11-21T09:00:00Z", &[("config.dhall", Some("{ a = 2 }\n"))]);
    tag(&host.path("config"), "applied", &first);
    let address = |repository: &Path| format!("ssh://{}@127.0.0.1:{}{}", sshd.user, sshd.port(), repository.display());
    let way =
        |key: &Path, hosts: &Path| format!("ssh_key = \"{}\", known_hosts = \"{}\"", key.display(), hosts.display());
    let right = way(&sshd.key, &sshd.known_hosts);
    assert_eq!(gate(&at_gate(&address(&host.path("gates")), &right).hear(), "2026.41.0").state, GateState::Waiting);

    let source = format!(
        "{{ kind = \"config\", repository = \"{}\", applied = \"applied\", {right} }}",
        address(&host.path("config"))
    );
    let told = config(&Asking::source(&source).hear());
    assert_eq!((told.applied.as_ref().map(|hash| hash.as_str()), told.behind), (Some(first.as_str()), Some(1)));
    assert_eq!(told.author.unwrap().as_str(), "Ben");

    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    assert!(
        Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&other)
            .status()
            .unwrap()
            .success()
    );
    let (nobody, changed) = (folder.path().join("nobody"), folder.path().join("changed"));
    std::fs::write(&nobody, "").unwrap();
    let public = std::fs::read_to_string(other.with_extension("pub")).unwrap();
    std::fs::write(&changed, format!("[127.0.0.1]:{} {public}", sshd.port())).unwrap();
    let faults = |repository: PathBuf, more: String| at_gate(&address(&repository), &more).fault().to_string();
    let there = host.path("gates");
    assert_eq!(
        faults(there.clone(), way(&other, &sshd.known_hosts)),
        "not authorised (401), no credential is configured"
    );
    assert_eq!(faults(there.clone(), way(&sshd.key, &nobody)), "not trusted: nobody vouches for the server's host key");
    assert_eq!(
        faults(there, way(&sshd.key, &changed)),
        "not trusted: the server shows another host key than the one that is known"
    );
    assert_eq!(faults(host.path("gone"), right), "nothing at `the repository` (404)");
}

#[test]
fn a_server_that_takes_the_connection_and_says_nothing_is_slow_over_both() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    if real::git_host().is_none() {
        return;
    }
    for address in [format!("http://127.0.0.1:{port}/gates.git"), format!("ssh://git@127.0.0.1:{port}/gates.git")] {
        let fault = at_gate(&address, "").fault();
        assert!(matches!(fault, Fault::Slow { .. }), "{address}: {fault}");
    }
}

fn tag(repository: &Path, name: &str, commit: &str) {
    let done = Command::new("git").arg("--git-dir").arg(repository).args(["tag", name, commit]).status();
    assert!(done.unwrap().success());
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_gates_of_the_demo_are_fetched_by_git_like_anybodys_and_follow_an_approval() {
    use quarterdeck::demo::clock::Simulated;
    use quarterdeck::demo::scenario::Scenario;
    use quarterdeck::demo::server;
    use quarterdeck::demo::stage::Stage;
    use quarterdeck::demo::world::{Setup, World};
    use quarterdeck::demo::writes::Write;

    if real::git_host().is_none() {
        return;
    }
    let anchor = "2026-11-20T22:40:00Z".parse().unwrap();
    let world = World::new(Setup { seed: 7, scenario: Scenario::Everyday, installations: 12, anchor });
    let stage = Arc::new(Stage::new(world, Simulated::new(Arc::new(MachineClock), anchor, 1.0)));
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(server::listen(0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(server::serve(Arc::clone(&stage), listener));

    let mut asking = at_gate(&format!("{origin}/stark/production/gates.git"), "");
    let heard = asking.hear();
    let states = |heard: &Heard, wanted: GateState| -> Vec<Gate> {
        let gates = heard.facts.iter().filter_map(|fact| match &fact.what {
            What::Gate(gate) if gate.state == wanted && gate.version.is_some() => Some(Gate::clone(gate)),
            _ => None,
        });
        gates.collect()
    };
    assert!(heard.gaps.is_empty(), "{:?}", heard.gaps);
    let passed = states(&heard, GateState::Passed);
    assert!(
        passed.len() > 5
            && passed
                .iter()
                .all(|gate| gate.who.as_ref().is_some_and(|who| who.evidence == ApproverEvidence::ItemMetadata))
    );
    let waits = states(&heard, GateState::Waiting).pop().unwrap().version.unwrap();
    assert_eq!(gate(&heard, waits.as_str()).waits_for[0].as_str(), format!("change-board/{waits}"));

    let approve = Write::Approve { installation: "stark".into(), version: waits.to_string(), who: "operator".into() };
    stage.write(approve, stage.clock.now());
    stage.clock.jump(stage.clock.now() + chrono::TimeDelta::minutes(1));
    let open = gate(&asking.hear(), waits.as_str());
    assert_eq!((open.state, open.who.unwrap().name.as_str()), (GateState::Passed, "operator"));
}
