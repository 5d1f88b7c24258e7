//! From the path of a fleet file to everything it says, includes and other forms worked in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use super::dhall::Imports;
use super::include;
use super::loaded::{Draft, Loaded};
use super::section::{Desk, Placed, Section};
use super::shape::{self, Form, Node, Table};
use super::whole::{self, Head};
use super::{dhall, spell, veil};
use crate::diagnostic::{Problem, Problems, Span, Texts};
use crate::domain::cycles::Cycles;
use crate::text::clean::Clean;

/// The largest file that is read. A fleet of ten thousand installations in one file has half of it.
const LARGEST: u64 = 32 << 20;

/// What is known beside the fleet file.
#[derive(Clone, Debug)]
pub struct Options {
    /// Lifecycle data.
    pub cycles: Arc<Cycles>,
    /// Whether Dhall files may import.
    pub imports: Imports,
}

impl Default for Options {
    /// The lifecycle data that is built in, and no imports.
    fn default() -> Self {
        Self { cycles: Cycles::embedded(), imports: Imports::Refused }
    }
}

/// Where a fleet file is looked for, in this order: `./fleet.toml`, the user's configuration, the machine's.
#[must_use]
pub fn usual_places() -> Vec<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    let mut places = vec![PathBuf::from("fleet.toml")];
    places.extend(config.map(|config| config.join("quarterdeck/fleet.toml")));
    places.push(PathBuf::from("/etc/quarterdeck/fleet.toml"));
    places
}

/// Reads a fleet file with everything it includes. All problems of all files come back at once.
#[must_use]
pub fn load(path: &Path, options: &Options) -> Draft {
    let name: Arc<str> = path.display().to_string().into();
    read_all(File::open(path, name, options.imports), options, Some(path))
}

/// Reads the text of a fleet file that has no includes and needs no file: for tests, and for editors.
#[must_use]
pub fn load_text(name: &str, text: &str, form: Form, options: &Options) -> Draft {
    read_all(File::parse(name.into(), Path::new(""), text.to_owned(), form), options, None)
}

/// One file, parsed.
struct File {
    desk: Desk,
    text: String,
    root: Node,
}

impl File {
    fn open(path: &Path, name: Arc<str>, imports: Imports) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        let text = match contents(path, &name) {
            Ok(text) => text,
            Err(problem) => return Self::unreadable(name, folder, *problem),
        };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Self::parse(name, folder, text, Form::Json),
            Some("dhall") => match dhall::to_json(path, &text, imports) {
                Ok(json) => Self::parse(format!("{name} (as JSON)").into(), folder, json, Form::Json),
                Err(failed) => {
                    let problem = Problem::error(Arc::clone(&name), failed.what).maybe_help(failed.help);
                    Self::unreadable(name, folder, problem)
                }
            },
            _ => Self::parse(name, folder, text, Form::Toml),
        }
    }

    fn unreadable(name: Arc<str>, folder: &Path, problem: Problem) -> Self {
        let desk = Desk::new(name, folder);
        desk.tear([problem]);
        let span = Span { start: 0, end: 0 };
        Self { desk, text: String::new(), root: Node { span, value: shape::Value::Table(Table::default()) } }
    }

    fn parse(name: Arc<str>, folder: &Path, text: String, form: Form) -> Self {
        // The mark some editors put first is no part of the text.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.trim().is_empty() {
            let problem =
                Problem::error(Arc::clone(&name), "the file is empty").help("`quarterdeck init` writes a first one");
            return Self::unreadable(name, folder, problem);
        }
        let mut mistakes = Vec::new();
        let root = shape::read(form, &name, &text, &mut mistakes);
        let desk = Desk::new(name, folder);
        desk.tear(mistakes);
        if root.table().is_none() {
            desk.tear([desk.problem(root.span, format!("a fleet file is a table, found {}", root.value.word()))]);
        }
        Self { desk, text, root }
    }

    fn table(&self) -> &Table {
        self.root.table().unwrap_or(Table::empty())
    }

    fn section(&self, what: &str) -> Section<'_> {
        Section::new(&self.desk, what, self.table(), Span { start: 0, end: 0 })
    }
}

/// The text of a file, if it is one that can be a fleet file's.
fn contents(path: &Path, name: &Arc<str>) -> Result<String, Box<Problem>> {
    let wrong = |what: String| Box::new(Problem::error(Arc::clone(name), what));
    let unread = |error: std::io::Error| wrong(format!("can't be read: {}", spell::io(&error)));
    let about = std::fs::metadata(path).map_err(unread)?;
    if about.is_dir() {
        return Err(wrong("is a folder, not a fleet file".to_owned()));
    }
    if !about.is_file() {
        return Err(wrong("is no ordinary file".to_owned()));
    }
    if about.len() > LARGEST {
        let (size, most) = (crate::text::words::bytes(about.len()), crate::text::words::bytes(LARGEST));
        return Err(wrong(format!("{size} is too large for a fleet file: {most} at most")));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|b| **b == b'\n').count() + 1;
        Box::new(wrong(format!("is no UTF-8 text: the first stray byte is on line {line}")).help("save it as UTF-8"))
    })
}

fn read_all(root: File, options: &Options, path: Option<&Path>) -> Draft {
    let mut section = root.section("the fleet file");
    let head = whole::head(&mut section);
    let mut watched: Vec<PathBuf> = path.map(Path::to_owned).into_iter().collect();
    let files = match path {
        Some(path) => included(&section, &head, path, options.imports, &mut watched),
        None => Vec::new(),
    };
    let mut sections: Vec<Section<'_>> = files
        .iter()
        .map(|file| {
            let mut section = file.section("an included file");
            // One installation by itself, or a list of them.
            section.call_it(if section.has("id") { "an installation" } else { "an included file" });
            section
        })
        .collect();
    let whole = whole::body(&mut section, &head, Arc::clone(&options.cycles), &mut sections);
    let n_files = 1 + files.len();
    let mut problems = Problems::new();
    let mut texts = Texts::new();
    for File { desk, text, .. } in std::iter::once(root).chain(files) {
        let found = desk.take();
        if !found.is_empty() {
            problems.extend(veil::lay(found, &text));
        }
        texts.add(Arc::clone(desk.file()), text);
    }
    let loaded = Loaded {
        fleet: whole.fleet,
        entries: whole.entries.into_kept(),
        access: whole.access,
        history: head.history,
        soc: whole.soc,
        files: watched,
        n_files,
    };
    Draft { loaded, problems, texts }
}

/// The files `[fleet]` includes, each once.
fn included(
    section: &Section<'_>,
    head: &Head,
    root: &Path,
    imports: Imports,
    watched: &mut Vec<PathBuf>,
) -> Vec<File> {
    let folder = root.parent().unwrap_or(Path::new(""));
    let own = std::fs::canonicalize(root).ok();
    let mut seen = std::collections::BTreeSet::new();
    let mut files = Vec::new();
    for Placed { value, span } in &head.include {
        let pattern = value.as_str();
        let found = match include::matched(pattern, folder) {
            Ok(found) => found,
            Err(why) => {
                section.complain(*span, format!("the pattern `{value}` {why}"));
                continue;
            }
        };
        watched.extend(found.folders);
        if found.files.is_empty() {
            nothing(section, value, *span, folder);
        }
        for path in found.files {
            let canonical = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if Some(&canonical) == own.as_ref() {
                section.note(
                    section
                        .problem(*span, format!("`{value}` includes the fleet file itself"))
                        .help("put installations into a folder of their own, as in `installations/*.toml`"),
                );
            } else if seen.insert(canonical) {
                let name: Arc<str> = path.display().to_string().into();
                files.push(File::open(&path, name, imports));
                watched.push(path);
            }
        }
    }
    files
}

/// Says that a pattern named nothing: a file that is missing is a mistake, an empty folder may be meant.
fn nothing(section: &Section<'_>, pattern: &Clean, span: Span, folder: &Path) {
    let text = pattern.as_str();
    if text.contains(['*', '?']) {
        section.note(section.warning(span, format!("`{pattern}` matches no file")));
    } else if folder.join(text).is_dir() {
        section.note(
            section.problem(span, format!("`{pattern}` is a folder")).help(format!("name its files: `{text}/*.toml`")),
        );
    } else {
        section.complain(span, format!("there is no file `{pattern}`"));
    }
}
