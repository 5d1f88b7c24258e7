//! Opens the fleet for the commands that need a sound one.

use std::path::PathBuf;

use tokio::sync::oneshot;

use crate::cli::args::Common;
use crate::cli::ending::{Ending, say};
use crate::cli::fleet;
use crate::diagnostic::{Look, show_all};
use crate::domain::clock::{Clock, Moment};
use crate::fleetfile::load::Options;
use crate::fleetfile::loaded::Loaded;
use crate::runtime::clock::MachineClock;
use crate::runtime::fleet::open as read;
use crate::runtime::reload::Watched;
use crate::sources::build::Asked;
use crate::text::clean::Clean;

/// A fleet that is ready to be asked.
pub struct Ready {
    /// What the file says.
    pub loaded: Loaded,
    /// Its sources.
    pub asked: Vec<Asked>,
    /// Where it came from, for reading it anew.
    pub watched: Watched,
}

/// A fleet file that was read.
pub struct Opened {
    /// The fleet, or in one line why nothing can be started with it.
    pub ready: Result<Ready, String>,
    /// Everything that is wrong with it, for a person; empty where nothing is.
    pub said: String,
    /// When its reading began.
    pub since: Moment,
}

impl Opened {
    /// Says what is wrong with it, and gives the fleet if nothing forbids using it.
    ///
    /// # Errors
    /// How the command ends.
    pub fn told(self) -> Result<Ready, Ending> {
        self.tell();
        self.ready.map_err(|_| Ending::Wrong)
    }

    /// Says on standard error what is wrong with it.
    pub fn tell(&self) {
        if !self.said.is_empty() {
            say(&self.said);
        }
        if let Err(why) = &self.ready {
            say(why);
        }
    }
}

/// Finds and reads the fleet file. What is wrong with it is said on standard error.
///
/// # Errors
/// How the command ends: there is no file, or it is invalid.
pub fn open(common: &Common) -> Result<Ready, Ending> {
    let (path, options) = find(common)?;
    opened(path, options).told()
}

/// Finds the fleet file, and what it is read with.
///
/// # Errors
/// How the command ends: there is no file, or no such data.
pub fn find(common: &Common) -> Result<(PathBuf, Options), Ending> {
    let wrong = |why: String| {
        say(&why);
        Ending::Wrong
    };
    Ok((fleet::find(common.fleet.as_deref()).map_err(wrong)?, fleet::options(common).map_err(wrong)?))
}

/// Reads the fleet file on a thread of its own.
#[must_use]
pub fn begin(path: PathBuf, options: Options) -> oneshot::Receiver<Opened> {
    let (tell, told) = oneshot::channel();
    // Whoever began it may have left.
    std::thread::spawn(move || drop(tell.send(opened(path, options))));
    told
}

fn opened(path: PathBuf, options: Options) -> Opened {
    let since = MachineClock.now();
    let opened = read(&path, &options);
    let said = if opened.problems.is_empty() {
        String::new()
    } else {
        show_all(&opened.problems, &opened.texts, Look::default()).trim_end().to_owned()
    };
    let summary = opened.problems.summary();
    let ready = match opened.sound() {
        Ok((loaded, asked)) => {
            let watched = Watched { path, options, files: loaded.files.clone() };
            Ok(Ready { loaded, asked, watched })
        }
        Err(_) => Err(format!("{}: {summary}; nothing was started", Clean::line(&path.display().to_string()))),
    };
    Opened { ready, said, since }
}
