//! A source's section, kept until its kind reads it. What every source may say is read by then.

use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use super::super::endpoint::Endpoint;
use super::super::shape::Table;
use super::desk::Desk;
use super::reach::Reached;
use super::reader::Section;
use super::shelf::Shelf;
use crate::diagnostic::Span;
use crate::domain::id::{ProductId, SourceId};
use crate::text::clean::Clean;

/// One source as the fleet file has it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id; holds its kind.
    pub id: SourceId,
    /// Where it stands.
    pub shelf: Shelf,
    /// What its usual keys say.
    pub reached: Reached,
    /// The environment's own product, or the product whose releases it tells.
    pub product: Option<ProductId>,
    /// The namespace of the environment's own product.
    pub namespace: Option<Clean>,
    /// Where its kind is named.
    pub kind_span: Span,
    pub(super) what: String,
    pub(super) file: Arc<str>,
    pub(super) folder: PathBuf,
    pub(super) table: Table,
    pub(super) span: Span,
    pub(super) asked: Vec<&'static str>,
}

impl Entry {
    /// The endpoint, where the usual keys say where it is.
    #[must_use]
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.reached.address.clone().map(|address| self.reached.reach.to(address))
    }

    /// A number that stays while the section says the same, wherever in its file it stands.
    #[must_use]
    pub fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.id, &self.product, &self.namespace, &self.folder).hash(&mut hasher);
        self.table.hash_words(&mut hasher);
        // What the usual keys came to, the fleet's defaults and the environment's ways among them.
        let _ = write!(Hashing(&mut hasher), "{:?}", self.reached);
        hasher.finish()
    }

    /// A desk for reading it on.
    #[must_use]
    pub fn desk(&self) -> Desk {
        Desk::new(Arc::clone(&self.file), self.folder.clone())
    }

    /// Its section, for its kind to read on. Whoever opens it finishes it.
    #[must_use]
    pub fn open<'a>(&'a self, desk: &'a Desk) -> Section<'a> {
        let Reached { reach, address } = &self.reached;
        Section::new(desk, self.what.clone(), &self.table, self.span).resume(&self.asked, reach, address.as_ref())
    }
}

impl Section<'_> {
    /// Keeps this section as a source of this id, to be read on by its kind.
    #[must_use]
    pub fn keep(&self, id: SourceId, shelf: Shelf, reached: Reached) -> Entry {
        Entry {
            id,
            shelf,
            reached,
            product: None,
            namespace: None,
            kind_span: self.spot("kind"),
            what: self.what.clone(),
            file: Arc::clone(self.desk().file()),
            folder: self.desk().folder().to_owned(),
            table: self.table.clone(),
            span: self.span,
            asked: self.asked(),
        }
    }
}

/// Hashes what is written to it.
struct Hashing<'h>(&'h mut DefaultHasher);

impl fmt::Write for Hashing<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
