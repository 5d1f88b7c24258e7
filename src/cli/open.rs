//! Opens the fleet for the commands that need a sound one.

use std::path::PathBuf;

use crate::cli::args::Common;
use crate::cli::ending::{Ending, say};
use crate::cli::fleet;
use crate::diagnostic::{Look, show_all};
use crate::fleetfile::loaded::Loaded;
use crate::runtime::fleet::open as read;
use crate::sources::build::Asked;

/// A fleet that is ready to be asked.
pub struct Ready {
    /// What the file says.
    pub loaded: Loaded,
    /// Its sources.
    pub asked: Vec<Asked>,
    /// The file itself.
    pub path: PathBuf,
}

/// Finds and reads the fleet file. What is wrong with it is said on standard error.
///
/// # Errors
/// How the command ends: there is no file, or it is invalid.
pub fn open(common: &Common) -> Result<Ready, Ending> {
    let wrong = |why: String| {
        say(&why);
        Ending::Wrong
    };
    let path = fleet::find(common.fleet.as_deref()).map_err(wrong)?;
    let opened = read(&path, &fleet::options(common).map_err(wrong)?);
    if !opened.problems.is_empty() {
        say(show_all(&opened.problems, &opened.texts, Look::default()).trim_end());
    }
    let summary = opened.problems.summary();
    let sound = opened.sound().map_err(|_| wrong(format!("{}: {summary}; nothing was started", path.display())))?;
    Ok(Ready { loaded: sound.0, asked: sound.1, path })
}
