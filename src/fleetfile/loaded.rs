//! What a fleet file was read to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::section::Entry;
use super::veil;
use crate::diagnostic::{Problem, Problems, Text, Texts};
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstallationId, SourceId};
use crate::text::clean::Clean;

/// A fleet file that was read, with whatever is wrong in it.
#[derive(Debug)]
pub struct Draft {
    /// What it says, as far as it could be understood. To be relied on only where `problems` holds no error.
    pub loaded: Loaded,
    /// Everything that is wrong.
    pub problems: Problems,
    /// The files, for showing problems.
    pub texts: Texts,
}

impl Draft {
    /// What it says, if nothing forbids using it.
    ///
    /// # Errors
    /// The problems and the texts to show them with, where there is an error among them.
    pub fn sound(self) -> Result<Loaded, (Problems, Texts)> {
        if self.problems.has_errors() { Err((self.problems, self.texts)) } else { Ok(self.loaded) }
    }

    /// Adds what the kinds of its sources found wrong; no credential on the lines they point at is shown.
    pub fn add(&mut self, found: Vec<Problem>) {
        let mut by_file: BTreeMap<Arc<str>, Vec<Problem>> = BTreeMap::new();
        for problem in found {
            by_file.entry(Arc::clone(&problem.file)).or_default().push(problem);
        }
        for (file, found) in by_file {
            let text = self.texts.get(&file).map_or("", Text::text);
            self.problems.extend(veil::lay(found, text));
        }
    }
}

/// Everything a fleet file says.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is managed.
    pub fleet: Fleet,
    /// Its sources, to be built by their kinds.
    pub entries: Vec<Entry>,
    /// Who may see what through `serve`; none where nothing is said.
    pub access: Option<AccessRules>,
    /// Where what was heard is kept.
    pub history: Option<History>,
    /// Where security events and audit records go.
    pub soc: Vec<Soc>,
    /// The files it was read from, and the folders its includes look into: what to watch for changes.
    pub files: Vec<PathBuf>,
    /// How many files it was read from.
    pub n_files: usize,
}

impl Loaded {
    /// Notes where a source really is, where its kind found that out.
    pub fn found(&mut self, id: &SourceId, endpoint: &Endpoint) {
        if let Some(card) = self.fleet.sources.get_mut(id) {
            let card = Arc::make_mut(card);
            card.url = endpoint.address.shown();
            (card.interval, card.timeout) = (endpoint.interval, endpoint.timeout);
            (card.stale_after, card.insecure) = (endpoint.stale_after, endpoint.trust.insecure);
        }
    }
}

/// Where what was heard is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The file.
    pub path: PathBuf,
    /// For how long.
    pub keep: Duration,
}

/// Who may see and do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessRules {
    /// Everything.
    pub operators: Who,
    /// See everything.
    pub readers: Who,
    /// See some.
    pub viewers: Vec<Viewer>,
}

/// People by unix user and group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// These users.
    pub users: Vec<Clean>,
    /// Whoever is in one of these groups.
    pub groups: Vec<Clean>,
}

/// Who may see some installations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// These people.
    pub who: Who,
    /// What they may see.
    pub installations: BTreeSet<InstallationId>,
}

/// A receiver of security events and audit records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soc {
    /// `tls://host:port`, `tcp://`, `udp://` or `unix:/path`.
    pub address: Clean,
    /// A private authority's certificate.
    pub ca: Option<PathBuf>,
    /// Only what concerns these; none means everything.
    pub only: Option<BTreeSet<InstallationId>>,
}
