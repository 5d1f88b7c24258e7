//! Where the sections of one file lie while they are read: its name, and what was found wrong in it.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Problem, Span};

/// One file while its sections are read.
#[derive(Debug)]
pub struct Desk {
    file: Arc<str>,
    folder: PathBuf,
    problems: RefCell<Vec<Problem>>,
    torn: Cell<bool>,
}

impl Desk {
    /// For a file, by the name problems call it, and the folder its relative paths start from.
    #[must_use]
    pub fn new(file: impl Into<Arc<str>>, folder: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), folder: folder.into(), problems: RefCell::default(), torn: Cell::new(false) }
    }

    /// The name problems call the file.
    #[must_use]
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The folder relative paths start from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A problem at a place, not noted yet.
    #[must_use]
    pub fn problem(&self, at: Span, what: impl Into<String>) -> Problem {
        Problem::error(Arc::clone(&self.file), what).at(at)
    }

    /// A warning at a place, not noted yet.
    #[must_use]
    pub fn warning(&self, at: Span, what: impl Into<String>) -> Problem {
        Problem::warning(Arc::clone(&self.file), what).at(at)
    }

    /// Notes a problem.
    pub fn note(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Notes mistakes of form: from now on what is missing may only have been misread, and isn't missed.
    pub fn tear(&self, mistakes: impl IntoIterator<Item = Problem>) {
        for mistake in mistakes {
            self.torn.set(true);
            self.note(mistake);
        }
    }

    /// Whether the file has mistakes of form.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.torn.get()
    }

    /// Everything that was noted since this was last asked.
    #[must_use]
    pub fn take(&self) -> Vec<Problem> {
        self.problems.take()
    }
}
