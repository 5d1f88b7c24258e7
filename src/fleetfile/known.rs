//! The installations and environments there are, for all that refers to them.

use std::collections::{BTreeMap, BTreeSet};

use super::section::Section;
use crate::diagnostic::{Span, did_you_mean};
use crate::domain::fleet::Installation;
use crate::domain::id::InstallationId;
use std::sync::Arc;

/// Which installations there are, and whether some may be missing because they could not be read.
#[derive(Debug, Default)]
pub(super) struct Known {
    installations: BTreeMap<InstallationId, BTreeSet<String>>,
    maybe_more: bool,
}

impl Known {
    /// These; `maybe_more` where something could not be read.
    pub(super) fn new(installations: &BTreeMap<InstallationId, Arc<Installation>>, maybe_more: bool) -> Self {
        let environments = |one: &Installation| one.environments.iter().map(|e| e.name.as_str().to_owned()).collect();
        Self {
            installations: installations.iter().map(|(id, one)| (id.clone(), environments(one))).collect(),
            maybe_more,
        }
    }

    /// Whether there is such an installation; notes it where there is none.
    pub(super) fn installation(&self, section: &Section<'_>, id: &str, at: Span) -> bool {
        let is_known = self.installations.contains_key(id);
        if !is_known && !self.maybe_more {
            let problem = section.problem(at, format!("there is no installation `{id}`"));
            section.note(problem.maybe_help(did_you_mean(id, self.installations.keys().map(InstallationId::as_str))));
        }
        is_known
    }

    /// Whether that installation has such an environment; notes it where it has none.
    pub(super) fn environment(&self, section: &Section<'_>, id: &str, name: &str, at: Span) -> bool {
        let Some(environments) = self.installations.get(id) else { return false };
        let is_known = environments.contains(name);
        if !is_known && !self.maybe_more {
            let problem = section.problem(at, format!("`{id}` has no environment `{name}`"));
            section.note(problem.maybe_help(did_you_mean(name, environments.iter().map(String::as_str))));
        }
        is_known
    }
}
