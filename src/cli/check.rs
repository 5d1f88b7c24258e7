//! `quarterdeck check`: everything that is wrong in a fleet file, without any network.

use std::io::{self, IsTerminal};
use std::path::Path;

use serde::Serialize;

use crate::cli::args::{Check, Common, ReportFormat};
use crate::cli::ending::{Ending, print, say};
use crate::cli::{fleet, settings};
use crate::diagnostic::{Colour, Entry, Look, Problems, Texts, entries, show_all};
use crate::fleetfile::schema::schema;
use crate::runtime::fleet::{Opened, open};
use crate::sources::build::definitions;
use crate::text::clean::Clean;
use crate::text::words::plural;
use crate::ui::choices::Choices;

/// Checks, and says what was found.
///
/// # Errors
/// Whatever goes wrong with standard output.
pub fn run(words: &Check, common: &Common) -> io::Result<Ending> {
    if words.schema {
        print(&format!("{:#}\n", schema(definitions())))?;
        return Ok(Ending::Done);
    }
    let chosen =
        words.file.as_deref().filter(|path| settings::text_of(path).is_ok_and(|text| Choices::looks_like(&text)));
    if let Some(path) = chosen.or(common.config.as_deref().filter(|_| words.file.is_none())) {
        return own(path, words.format);
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

/// Checks a person's own file: keys, theme, zone, start view, bell.
fn own(path: &Path, format: ReportFormat) -> io::Result<Ending> {
    let chosen = settings::read(path);
    let (file, ok) = (path.display().to_string(), !chosen.problems.has_errors());
    match format {
        ReportFormat::Text => {
            tell_problems(&chosen.problems, &chosen.texts);
            if ok {
                let n = u64::try_from(chosen.choices.keys.len()).unwrap_or(u64::MAX);
                print(&format!(
                    "ok: settings, {}\n",
                    plural(n, "action with keys of its own", "actions with keys of their own")
                ))?;
            } else {
                say(&format!("{}: {}", Clean::line(&file), chosen.problems.summary()));
            }
        }
        ReportFormat::Json => {
            let counts = Counts { files: chosen.n_files, ..Counts::default() };
            let (summary, problems) = (chosen.problems.summary(), entries(&chosen.problems, &chosen.texts));
            let report = Report { schema: SCHEMA, file: &file, ok, summary, counts, problems };
            print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
        }
    }
    Ok(if ok { Ending::Done } else { Ending::Wrong })
}

fn tell_problems(problems: &Problems, texts: &Texts) {
    if !problems.is_empty() {
        let colourful = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colour = if colourful { Colour::Ansi } else { Colour::Without };
        say(&show_all(problems, texts, Look { colour, ..Look::default() }));
    }
}

fn tell(file: &str, opened: &Opened) -> io::Result<()> {
    tell_problems(&opened.problems, &opened.texts);
    if opened.problems.has_errors() {
        say(&format!("{}: {}", Clean::line(file), opened.problems.summary()));
        return Ok(());
    }
    print(&format!("ok: {}\n", Counts::of(opened).words()))
}

/// The shape of a check as JSON.
const SCHEMA: &str = "quarterdeck/check/v1";

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
            schema: SCHEMA,
            file,
            ok: !opened.problems.has_errors(),
            summary: opened.problems.summary(),
            counts: Counts::of(opened),
            problems: entries(&opened.problems, &opened.texts),
        }
    }
}

/// How much there is.
#[derive(Default, Serialize)]
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
