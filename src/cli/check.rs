//! `quarterdeck check`: everything that is wrong in a fleet file, without any network.

use std::io::{self, IsTerminal};

use serde::Serialize;

use crate::cli::args::{Check, Common, ReportFormat};
use crate::cli::ending::{Ending, print, say};
use crate::cli::fleet;
use crate::diagnostic::{Colour, Entry, Look, entries, show_all};
use crate::fleetfile::schema::schema;
use crate::runtime::fleet::{Opened, open};
use crate::sources::build::definitions;
use crate::text::words::plural;

/// Checks, and says what was found.
///
/// # Errors
/// Whatever goes wrong with standard output.
pub fn run(words: &Check, common: &Common) -> io::Result<Ending> {
    if words.schema {
        print(&format!("{:#}\n", schema(definitions())))?;
        return Ok(Ending::Done);
    }
    let named = words.file.as_deref().or(common.fleet.as_deref());
    let found = fleet::find(named).and_then(|path| Ok((path, fleet::options(common)?)));
    let (path, options) = match found {
        Ok(found) => found,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let opened = open(&path, &options);
    let file = path.display().to_string();
    match words.format {
        ReportFormat::Text => tell(&file, &opened)?,
        ReportFormat::Json => print(&format!("{}\n", serde_json::to_string_pretty(&Report::of(&file, &opened))?))?,
    }
    Ok(if opened.problems.has_errors() { Ending::Wrong } else { Ending::Done })
}

fn tell(file: &str, opened: &Opened) -> io::Result<()> {
    if !opened.problems.is_empty() {
        let colourful = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colour = if colourful { Colour::Ansi } else { Colour::Without };
        say(&show_all(&opened.problems, &opened.texts, Look { colour, ..Look::default() }));
    }
    if opened.problems.has_errors() {
        say(&format!("{file}: {}", opened.problems.summary()));
        return Ok(());
    }
    print(&format!("ok: {}\n", Counts::of(opened).words()))
}

/// A check as JSON.
#[derive(Serialize)]
struct Report<'r> {
    schema: &'static str,
    file: &'r str,
    ok: bool,
    summary: String,
    counts: Counts,
    problems: Vec<Entry>,
}

impl<'r> Report<'r> {
    fn of(file: &'r str, opened: &Opened) -> Self {
        Self {
            schema: "quarterdeck/check/v1",
            file,
            ok: !opened.problems.has_errors(),
            summary: opened.problems.summary(),
            counts: Counts::of(opened),
            problems: entries(&opened.problems, &opened.texts),
        }
    }
}

/// How much there is.
#[derive(Serialize)]
struct Counts {
    installations: usize,
    environments: usize,
    sources: usize,
    files: usize,
}

impl Counts {
    fn of(opened: &Opened) -> Self {
        let fleet = &opened.loaded.fleet;
        Self {
            installations: fleet.installations.len(),
            environments: fleet.environments().count(),
            sources: fleet.sources.len(),
            files: opened.loaded.n_files,
        }
    }

    fn words(&self) -> String {
        let n = |n: usize, one: &str, many: &str| plural(u64::try_from(n).unwrap_or(u64::MAX), one, many);
        format!(
            "{}, {}, {} in {}",
            n(self.installations, "installation", "installations"),
            n(self.environments, "environment", "environments"),
            n(self.sources, "source", "sources"),
            n(self.files, "file", "files"),
        )
    }
}
