//! A section: its table, what was asked of it, and how it ends.

use std::collections::BTreeSet;

use super::super::endpoint::{Address, Endpoint, Reach};
use super::super::shape::{Item, Table};
use super::desk::Desk;
use super::wants::Noted;
use super::words;
use crate::diagnostic::{Problem, Span, did_you_mean, nearest, one_of};

/// One table being read.
pub struct Section<'a> {
    pub(super) desk: &'a Desk,
    /// What it is, for sentences: `a source of acme/production`.
    pub(super) what: String,
    pub(super) table: &'a Table,
    pub(super) span: Span,
    pub(super) asked: BTreeSet<&'static str>,
    pub(super) notes: Option<Vec<Noted>>,
    reach: Option<&'a Reach>,
    address: Option<&'a Address>,
    kinds: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// Begins to read a table.
    #[must_use]
    pub fn new(desk: &'a Desk, what: impl Into<String>, table: &'a Table, span: Span) -> Self {
        Self {
            desk,
            what: what.into(),
            table,
            span,
            asked: BTreeSet::new(),
            notes: None,
            reach: None,
            address: None,
            kinds: Vec::new(),
        }
    }

    /// Goes on reading a table some keys of which are known already, and with them the way to its endpoint.
    #[must_use]
    pub fn resume(self, asked: &[&'static str], reach: &'a Reach, address: Option<&'a Address>) -> Self {
        Self { asked: asked.iter().copied().collect(), reach: Some(reach), address, ..self }
    }

    /// Where its usual keys say it is.
    #[must_use]
    pub fn known_address(&self) -> Option<&'a Address> {
        self.address
    }

    /// Hears what a table of this kind is asked for.
    #[must_use]
    pub fn recording(desk: &'a Desk) -> Self {
        Self { notes: Some(Vec::new()), ..Self::new(desk, "", Table::empty(), Span { start: 0, end: 0 }) }
    }

    /// What it is, for sentences.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The endpoint at an address of this kind's own finding, reached as the section's usual keys say.
    #[must_use]
    pub fn endpoint(&self, address: Address) -> Endpoint {
        self.reach.cloned().unwrap_or_default().to(address)
    }

    /// Names it otherwise in sentences.
    pub fn call_it(&mut self, what: &str) {
        what.clone_into(&mut self.what);
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The keys that were asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<&'static str> {
        self.asked.iter().copied().collect()
    }

    /// What was heard while recording.
    #[must_use]
    pub fn into_notes(self) -> Vec<Noted> {
        self.notes.unwrap_or_default()
    }

    /// Whether this section only hears what is asked.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.notes.is_some()
    }

    /// Whether a key is there. Makes it no more known than it is.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Whether a key says just this. Makes it no more known than it is.
    #[must_use]
    pub fn is(&self, key: &str, text: &str) -> bool {
        self.table.get(key).is_some_and(|item| item.node.text() == Some(text))
    }

    /// Where the value of a key stands; the whole table where there is none.
    #[must_use]
    pub fn spot(&self, key: &str) -> Span {
        self.table.get(key).map_or(self.span, |item| item.node.span)
    }

    /// Where a key stands in the table under another key.
    #[must_use]
    pub fn inner_spot(&self, key: &str, inner: &str) -> Option<Span> {
        Some(self.table.get(key)?.node.table()?.get(inner)?.span)
    }

    /// Notes that the value of a key is wrong, or the whole table where the key is missing.
    pub fn refuse(&self, key: &str, what: impl Into<String>) {
        self.complain(self.spot(key), what);
    }

    /// Notes that the value of a key is wrong, and what to do about it.
    pub fn refuse_with(&self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        self.note(self.problem(self.spot(key), what).help(help));
    }

    /// Notes that something is wrong at a place.
    pub fn complain(&self, at: Span, what: impl Into<String>) {
        self.note(self.problem(at, what));
    }

    /// A problem at a place of this file, not noted yet.
    #[must_use]
    pub fn problem(&self, at: Span, what: impl Into<String>) -> Problem {
        self.desk.problem(at, what)
    }

    /// A warning at a place of this file, not noted yet.
    #[must_use]
    pub fn warning(&self, at: Span, what: impl Into<String>) -> Problem {
        self.desk.warning(at, what)
    }

    /// Notes a problem.
    pub fn note(&self, problem: Problem) {
        if !self.is_recording() {
            self.desk.note(problem);
        }
    }

    /// The desk this section lies on.
    #[must_use]
    pub fn desk(&self) -> &'a Desk {
        self.desk
    }

    /// Tells the kinds there are, so that one that is written as a key can be recognised.
    pub fn know_kinds(&mut self, kinds: Vec<&'static str>) {
        self.kinds = kinds;
    }

    /// Ends reading: keys nobody asked for become problems, with the nearest known one.
    pub fn finish(&mut self) {
        for item in self.table.iter().filter(|item| !self.asked.contains(&*item.key)) {
            self.note(self.stranger(item));
        }
    }

    fn stranger(&self, item: &Item) -> Problem {
        let key = words::quoted(&item.key);
        let known = || self.asked.iter().copied().filter(|known| !self.has(known));
        let mut problem = self.problem(item.span, format!("unknown key {key} in {}", self.what));
        // What was meant to be a credential is one, whatever its key was spelt like.
        let meant = nearest(&item.key, self.asked.iter().copied());
        if meant.is_some_and(words::names_a_credential) || words::names_a_credential(&item.key) {
            problem = problem.redact(item.node.span);
        }
        match did_you_mean(&item.key, known()).or_else(|| did_you_mean(&item.key, self.asked.iter().copied())) {
            Some(question) => problem.help(question),
            None if let Some(kind) = nearest_or_same(&item.key, &self.kinds) => {
                problem.help(format!("did you mean `{kind}`? then `kind = \"{kind}\"`, and its address as `url`"))
            }
            None if self.asked.is_empty() => problem,
            None => problem.help(format!("it may hold {}", one_of(self.asked.iter().copied()))),
        }
    }
}

fn nearest_or_same(word: &str, names: &[&'static str]) -> Option<&'static str> {
    names.iter().copied().find(|name| *name == word).or_else(|| nearest(word, names.iter().copied()))
}
