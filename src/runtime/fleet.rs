//! A fleet file opened: what it says, and its sources built by their kinds.

use std::path::Path;

use crate::diagnostic::{Problems, Texts};
use crate::fleetfile::load::{Options, load};
use crate::fleetfile::loaded::{Draft, Loaded};
use crate::sources::build::{Asked, build_all};

/// A fleet file that was read, with whatever is wrong in it.
pub struct Opened {
    /// What it says. To be relied on only where `problems` holds no error.
    pub loaded: Loaded,
    /// Its sources, ready to be asked.
    pub asked: Vec<Asked>,
    /// Everything that is wrong, in the file and in what its sources say.
    pub problems: Problems,
    /// The files, for showing problems.
    pub texts: Texts,
}

impl Opened {
    /// What it says and its sources, if nothing forbids using them.
    ///
    /// # Errors
    /// The problems and the texts to show them with, where there is an error among them.
    pub fn sound(self) -> Result<(Loaded, Vec<Asked>), (Problems, Texts)> {
        if self.problems.has_errors() { Err((self.problems, self.texts)) } else { Ok((self.loaded, self.asked)) }
    }
}

/// Reads a fleet file, everything it includes, and its sources. Nothing is asked, no credential is fetched.
///
/// It is read on a thread of its own: reading takes many times the memory of what remains, and the allocator gives what
/// such a thread leaves behind to the threads that come after it.
#[must_use]
pub fn open(path: &Path, options: &Options) -> Opened {
    std::thread::scope(|scope| match scope.spawn(|| read(path, options)).join() {
        Ok(opened) => opened,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn read(path: &Path, options: &Options) -> Opened {
    let mut draft = load(path, options);
    let (asked, found) = build_all(&draft.loaded.entries, &draft.loaded.fleet);
    draft.add(found);
    for one in &asked {
        draft.loaded.found(&one.id, &one.endpoint);
    }
    let Draft { loaded, problems, texts } = draft;
    Opened { loaded, asked, problems, texts }
}
