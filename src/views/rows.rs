//! What every view is: rows with columns, kept per installation so that a board is renewed piece by piece.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::judge::{Judged, Verdict};
use crate::views::ViewName;
use crate::views::column::{Column, Tone};

/// One kind of row: a view is a file with a `Row` that implements this.
pub trait View: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static {
    /// The view's name for people who script.
    const NAME: &'static str;
    /// Its title on screen.
    const TITLE: &'static str;
    /// What it answers, in a few words.
    const ABOUT: &'static str;
    /// Its columns, in order.
    const COLUMNS: &'static [Column<Self>];

    /// What a row is called, and what several are.
    const ROWS: [&'static str; 2];

    /// What it means that there are no rows, and what would make some.
    const NOTHING: [&'static str; 2];
    /// In which order its rows are shown unless somebody asks for another, in a few words.
    const ORDER: &'static str;
    /// The columns its rows may be put together by, the most telling first.
    const GROUPS: &'static [&'static str];

    /// The rows of one installation, or of the fleet as a whole.
    fn rows(part: &Part<'_>) -> Vec<Self>;

    /// What stays the same about a row while its values change.
    fn key(&self) -> String;

    /// The order in which rows are shown unless somebody asks for another.
    fn order(&self, other: &Self) -> Ordering;

    /// How the row as a whole feels.
    fn tone(&self) -> Tone;

    /// Whose row it is.
    fn installation(&self) -> Option<&InstallationId>;

    /// Which environment it is about.
    fn environment(&self) -> Option<&EnvironmentName>;

    /// Addresses it came with, each with what is there.
    fn urls(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    /// What its installation's tools are asked to show about it.
    fn topic(&self) -> Topic<'_> {
        Topic::default()
    }

    /// The view in which it stands in full, and what to choose there, where that is another one.
    fn leads(&self) -> Option<(ViewName, &str)> {
        None
    }
}

/// What a tool is asked to show about a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Topic<'r> {
    /// An alert by its name.
    pub alert: Option<&'r str>,
    /// A silence by its id.
    pub silence: Option<&'r str>,
    /// Since when it matters.
    pub since: Option<Moment>,
}

/// What rows are made from.
pub enum Part<'a> {
    /// What belongs to no installation.
    Fleet(&'a Judged<'a>),
    /// One installation.
    One(&'a Judged<'a>, &'a Verdict),
}

/// The rows of one view, installation by installation. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Rows<R> {
    parts: Arc<Vec<Arc<Vec<R>>>>,
    count: usize,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self { parts: Arc::default(), count: 0 }
    }
}

impl<R: View> Rows<R> {
    /// Rows in parts. Empty parts cost nothing.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = Arc<Vec<R>>>) -> Self {
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let count = parts.iter().map(|part| part.len()).sum();
        Self { parts: Arc::new(parts), count }
    }

    /// The rows of these keys.
    #[must_use]
    pub fn only(&self, keys: &[String]) -> Self {
        Self::new([Arc::new(self.iter().filter(|row| keys.contains(&row.key())).cloned().collect())])
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, installation by installation.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// All of them with a handle by which each is found again in this very set of rows.
    pub fn handles(&self) -> impl Iterator<Item = (Handle, &R)> {
        self.parts
            .iter()
            .enumerate()
            .flat_map(|(part, rows)| rows.iter().enumerate().map(move |(row, value)| (Handle { part, row }, value)))
    }

    /// The row of a handle.
    #[must_use]
    pub fn get(&self, handle: Handle) -> Option<&R> {
        self.parts.get(handle.part)?.get(handle.row)
    }

    /// All of them in the view's own order.
    #[must_use]
    pub fn ordered(&self) -> Vec<&R> {
        let mut rows: Vec<&R> = self.iter().collect();
        rows.sort_by(|a, b| a.order(b));
        rows
    }
}

/// Where a row stands in one set of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    part: usize,
    row: usize,
}
