//! Gates kept in git: a folder per gate, a file per item that passed, `.autoclose` files for items that wait for others.
//!
//! What passed is told by the tree and when by the history; commit messages are never read for it.

use std::collections::BTreeMap;

use crate::domain::clock::Moment;
use crate::domain::delivery::{Approver, ApproverEvidence, Gate, GateState};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::fleetfile::section::{Section, need};
use crate::net::door::{Door, GitCommit, GitReply, Pending, SshWay};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::people::approver;
use crate::sources::repository;
use crate::text::clean::Clean;

/// A gate repository.
pub static KIND: Kind = Kind {
    name: "gate",
    about: "what passed a gate that is kept in git, who let it through, and what it waits for",
    example: r#"{ kind = "gate", repository = "https://git.example.test/gates.git", gate = "production" }"#,
    stands: Stands::Place,
    build,
};

/// How an item is named that passes by itself once others have.
const AUTOCLOSE: &str = ".autoclose";
/// How far back it is looked when an item passed.
const DEPTH: u32 = 5000;
/// The largest item that is read.
const ITEM: u64 = 64 << 10;
/// How many items that passed are told, the newest of them.
const TOLD: usize = 300;
/// How many missing prerequisites are named.
const NAMED: usize = 20;
/// How far prerequisites of prerequisites are followed to a person.
const FOLLOWED: usize = 4;
/// Under which names an item says who let it through.
const NAMES: &[&str] = &["approved-by", "approved_by", "approved by", "approver", "by", "who"];

struct Ledger {
    gate: String,
    /// The repository, as people call it.
    place: Option<Clean>,
    branch: Option<String>,
    ssh: SshWay,
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let gate = section.required(need(("gate", "the folder of the gate, from the repository's root")));
    let branch = section.optional(("branch", "the branch the gates are on; the repository's own unless said"));
    let ssh = repository::ssh(section, "where are the gates kept?");
    let place = repository::called(section);
    let gate = gate?.as_str().trim_matches('/').to_owned();
    Some(Built::new(Ledger { gate, place, branch: branch.map(|name| name.as_str().to_owned()), ssh }))
}

impl Source for Ledger {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            // Everything is read: items wait for items of other gates.
            let reply = door.git(repository::whole(self.branch.as_ref(), DEPTH, ITEM, &self.ssh)).await?;
            let mut heard = read_ledger(&reply, &self.gate);
            for fact in &mut heard.facts {
                if let What::Gate(gate) = &mut fact.what {
                    gate.place.clone_from(&self.place);
                }
            }
            Ok(heard)
        })
    }
}

/// Understands the tree and the history of a gate repository.
fn read_ledger(reply: &GitReply, gate: &str) -> Heard {
    let book = Book::open(reply);
    let mut heard = Heard::default();
    let mut passed = Vec::new();
    let mut waiting = Vec::new();
    for (path, text) in &book.files {
        let Some(item) = item_of(path, gate) else { continue };
        match item.strip_suffix(AUTOCLOSE) {
            // What passed is there under its own name; the waiting one beside it was left behind.
            Some(name) if book.files.contains_key(&*format!("{gate}/{name}")) => {}
            Some(name) => {
                if text.is_none() {
                    heard.gaps.push(odd(path, "what it waits for is no text"));
                }
                waiting.push(book.waiting(gate, name, path));
            }
            None => passed.push((book.turn(path), book.passed(gate, item, path))),
        }
    }
    if !book.files.keys().any(|path| path.strip_prefix(gate).is_some_and(|rest| rest.starts_with('/'))) {
        heard.gaps.push(odd(gate, &format!("no such gate yet: there are {}", book.gates())));
    }
    if reply.rewritten {
        heard.gaps.push(odd("history", "it was rewritten: a ledger only grows"));
    }
    // The order of commits, not of names; those from before the history we have come last.
    passed.sort_by_key(|(turn, _)| turn.unwrap_or(usize::MAX));
    passed.truncate(TOLD);
    let any = book.anything_else(gate);
    let gates = std::iter::once(any).chain(waiting).chain(passed.into_iter().map(|(_, gate)| gate));
    heard.facts.extend(gates.map(|gate| Fact::here(What::Gate(Box::new(gate)))));
    heard
}

/// The item a path is, where it lies in a gate's folder. Names that begin with a dot only keep a folder alive.
fn item_of<'p>(path: &'p str, gate: &str) -> Option<&'p str> {
    let item = path.strip_prefix(gate)?.strip_prefix('/')?;
    (!item.is_empty() && !item.contains('/') && !item.starts_with('.')).then_some(item)
}

fn odd(place: &str, why: &str) -> Gap {
    Gap { place: Clean::line_within(place, 120), why: Clean::line_within(why, 300), kind: GapKind::Odd }
}

/// A repository with its ways to look things up.
struct Book<'r> {
    files: BTreeMap<&'r str, Option<&'r str>>,
    /// For each path the newest commit that brought it there, and its turn: 0 is the newest of all.
    brought: BTreeMap<&'r str, (usize, &'r GitCommit)>,
}

impl<'r> Book<'r> {
    fn open(reply: &'r GitReply) -> Self {
        let files = reply.files.iter().map(|file| (file.path.as_str(), file.text.as_deref())).collect();
        let mut brought = BTreeMap::new();
        for (turn, commit) in reply.commits.iter().enumerate() {
            for (_, path) in commit.touched.iter().filter(|(how, _)| matches!(how, 'A' | 'R' | 'C')) {
                brought.entry(path.as_str()).or_insert((turn, commit));
            }
        }
        Self { files, brought }
    }

    fn turn(&self, path: &str) -> Option<usize> {
        self.brought.get(path).map(|(turn, _)| *turn)
    }

    fn since(&self, path: &str) -> Option<Moment> {
        self.brought.get(path).map(|(_, commit)| commit.committed)
    }

    /// Whether an item waited for others before it passed. A closed one looks like any other apart from its history.
    fn was_automatic(&self, path: &str) -> bool {
        self.brought.contains_key(&*format!("{path}{AUTOCLOSE}"))
    }

    fn passed(&self, gate: &str, item: &str, path: &str) -> Gate {
        told(gate, Some(item), GateState::Passed, self.since(path), self.who(path, FOLLOWED))
    }

    fn waiting(&self, gate: &str, name: &str, path: &str) -> Gate {
        let text = self.files.get(path).copied().flatten();
        let missing: Vec<&str> =
            text.map(|text| prerequisites(text).filter(|line| !self.is_there(line)).collect()).unwrap_or_default();
        let mut waits_for: Vec<Clean> = missing.iter().take(NAMED).map(|line| Clean::line_within(line, 120)).collect();
        if missing.len() > NAMED {
            waits_for.push(Clean::line(&format!("{} more", missing.len() - NAMED)));
        }
        if text.is_some() && missing.is_empty() {
            waits_for.push(Clean::line("its closing, all it waited for is there"));
        }
        Gate { waits_for, ..told(gate, Some(name), GateState::Waiting, self.since(path), None) }
    }

    /// Whatever has no file in the gate: it waits at a simple one, and has yet to come to one that closes by itself.
    fn anything_else(&self, gate: &str) -> Gate {
        let mut paths = self.files.keys().chain(self.brought.keys());
        let automatic = paths.any(|path| item_of(path, gate).is_some_and(|item| item.ends_with(AUTOCLOSE)));
        let state = if automatic { GateState::Ahead } else { GateState::Waiting };
        told(gate, None, state, None, None)
    }

    /// Whether a prerequisite is met, by the letter: an empty line is the root, which is there, and so is any folder.
    fn is_there(&self, line: &str) -> bool {
        let folder =
            |path: &&str| path.strip_prefix(line.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        line.is_empty() || self.files.contains_key(line) || self.files.keys().any(folder)
    }

    /// Who let an item through: the item says so, or those it waited for do, or the author of the commit.
    fn who(&self, path: &str, left: usize) -> Option<Approver> {
        let text = self.files.get(path).copied().flatten().unwrap_or_default();
        if let Some(name) = signed(text, self.was_automatic(path)) {
            return Some(approver(name, "", ApproverEvidence::ItemMetadata));
        }
        if left > 0 && self.was_automatic(path) {
            // The last of them that a person let through opened it.
            let mut before: Vec<&str> = prerequisites(text).filter(|line| self.files.contains_key(line)).collect();
            before.sort_by_key(|line| self.turn(line).unwrap_or(usize::MAX));
            let people = before.into_iter().filter_map(|line| self.who(line, left - 1));
            if let Some(who) = people.into_iter().find(|who| who.evidence != ApproverEvidence::Unknown) {
                return Some(who);
            }
        }
        let (_, commit) = self.brought.get(path)?;
        Some(approver(&commit.author, &commit.mail, ApproverEvidence::CommitAuthor))
    }

    /// The gates there are, for the one who wrote another name.
    fn gates(&self) -> String {
        let mut folders: Vec<&str> = self.files.keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
        folders.dedup();
        let some: Vec<String> = folders.iter().take(8).map(|name| format!("`{name}`")).collect();
        if some.is_empty() { "none".to_owned() } else { some.join(", ") }
    }
}

fn told(gate: &str, item: Option<&str>, state: GateState, since: Option<Moment>, who: Option<Approver>) -> Gate {
    Gate {
        kind: Clean::line("gate"),
        name: Clean::line_within(gate, 80),
        place: None,
        version: item.map(|item| Clean::line_within(item, 100)),
        state,
        since,
        who,
        waits_for: Vec::new(),
        url: None,
    }
}

/// What an item waits for: its lines as they are, up to the first that begins with `#`.
fn prerequisites(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').take_while(|line| !line.starts_with('#'))
}

/// The person an item names, if it names one. In one that waited for others only what follows the `#` is free text.
fn signed(text: &str, automatic: bool) -> Option<&str> {
    let from = if automatic { prerequisites(text).count() } else { 0 };
    let named = |line: &'_ str| -> bool {
        let key = line.trim_start_matches(['#', ' ']).split_once(':').map(|(key, _)| key.trim().to_lowercase());
        key.is_some_and(|key| NAMES.contains(&key.as_str()))
    };
    let values = text.lines().skip(from).filter(|line| named(line)).filter_map(|line| line.split_once(':'));
    values.map(|(_, value)| value.trim()).find(|value| !value.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests;
