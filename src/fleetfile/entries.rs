//! The sources of a fleet file as they are found, each id once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::section::{Defaults, Entry, Section, Shelf, Usual};
use crate::domain::fleet::SourceCard;
use crate::domain::id::{Scope, SourceId};
use crate::text::clean::Clean;

/// Sources in the order they were found.
#[derive(Debug, Default)]
pub(super) struct Entries {
    kept: Vec<Entry>,
    at: BTreeMap<SourceId, usize>,
}

impl Entries {
    /// Reads what a source says whatever its kind is, and keeps it for its kind. `also` adds what only its place tells.
    pub(super) fn keep(
        &mut self,
        section: &mut Section<'_>,
        shelf: Shelf,
        scope: Scope,
        defaults: &Defaults,
        also: impl FnOnce(&mut Entry),
    ) -> Option<SourceId> {
        let Usual { kind, name, reached } = section.usual_keys(shelf, defaults);
        let kind = kind?;
        let id = SourceId { scope, kind: kind.as_str().into(), name: name.map(|name| name.as_str().into()) };
        let mut entry = section.keep(id.clone(), shelf, reached);
        also(&mut entry);
        match self.at.get(&id) {
            None => {
                self.at.insert(id.clone(), self.kept.len());
                self.kept.push(entry);
                Some(id)
            }
            Some(_) => {
                let (what, help) = match &id.name {
                    Some(name) => (
                        format!("a second `{kind}` named `{name}` here"),
                        "give one of the two another `name`".to_owned(),
                    ),
                    None => (format!("a second `{kind}` here"), "tell the two apart: give each a `name`".to_owned()),
                };
                section.note(section.problem(entry.kind_span, what).help(help));
                None
            }
        }
    }

    /// Forgets sources that others take the place of.
    pub(super) fn forget(&mut self, ids: &[SourceId]) {
        if ids.iter().any(|id| self.at.remove(id).is_some()) {
            self.kept.retain(|entry| !ids.contains(&entry.id));
            self.at = self.kept.iter().enumerate().map(|(n, entry)| (entry.id.clone(), n)).collect();
        }
    }

    /// What is known of each without asking it.
    pub(super) fn cards(&self) -> BTreeMap<SourceId, Arc<SourceCard>> {
        self.kept.iter().map(|entry| (entry.id.clone(), Arc::new(card(entry)))).collect()
    }

    /// All of them.
    pub(super) fn into_kept(self) -> Vec<Entry> {
        self.kept
    }
}

fn card(entry: &Entry) -> SourceCard {
    let reach = &entry.reached.reach;
    SourceCard {
        id: entry.id.clone(),
        url: entry.reached.address.as_ref().map_or_else(|| Clean::line(""), super::endpoint::Address::shown),
        interval: reach.interval,
        timeout: reach.timeout,
        stale_after: reach.stale_after,
        insecure: reach.trust.insecure,
    }
}
