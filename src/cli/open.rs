//! Opens the fleet for the commands that need a sound one.

use crate::cli::args::Common;
use crate::cli::ending::{Ending, say};
use crate::cli::fleet;
use crate::diagnostic::{Look, show_all};
use crate::fleetfile::loaded::Loaded;
use crate::runtime::fleet::open as read;
use crate::runtime::reload::Watched;
use crate::sources::build::Asked;

/// A fleet that is ready to be asked.
pub struct Ready {
    /// What the file says.
    pub loaded: Loaded,
    /// Its sources.
    pub asked: Vec<Asked>,
    /// Where it came from, for reading it anew.
    pub watched: Watched,
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
    let options = fleet::options(common).map_err(wrong)?;
    let opened = read(&path, &options);
    if !opened.problems.is_empty() {
        say(show_all(&opened.problems, &opened.texts, Look::default()).trim_end());
    }
    let summary = opened.problems.summary();
    let (loaded, asked) =
        opened.sound().map_err(|_| wrong(format!("{}: {summary}; nothing was started", path.display())))?;
    let watched = Watched { path, options, files: loaded.files.clone() };
    Ok(Ready { loaded, asked, watched })
}
