//! From the sections of a fleet file to sources that can be asked.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::KINDS;
use super::kind::{Built, Kind, Setting, Source, Stands};
use crate::diagnostic::{Problem, did_you_mean, one_of};
use crate::domain::clock::Tz;
use crate::domain::fleet::Fleet;
use crate::domain::id::{EnvironmentName, InstallationId, Scope, SourceId};
use crate::domain::product::Catalog;
use crate::fleetfile::endpoint::Endpoint;
use crate::fleetfile::section::{Defaults, Desk, Entry, Section, Shelf, Wants};

/// A source with the way to it.
pub struct Asked {
    /// Its id.
    pub id: SourceId,
    /// Its kind.
    pub kind: &'static Kind,
    /// Where and how it is reached.
    pub endpoint: Endpoint,
    /// How it is asked and understood.
    pub source: Box<dyn Source>,
    /// Stays while the fleet file says the same of it, and of what its kind looks at beyond its own section.
    pub mark: u64,
}

/// Lets every entry's kind read it. All problems of all entries come back; a source with problems is left out.
#[must_use]
pub fn build_all(entries: &[Entry], fleet: &Fleet) -> (Vec<Asked>, Vec<Problem>) {
    let places: Vec<(InstallationId, EnvironmentName)> = fleet
        .environments()
        .map(|(installation, environment)| (installation.id.clone(), environment.name.clone()))
        .collect();
    let marks = Marks::of(fleet, &places);
    let mut asked = Vec::new();
    let mut problems = Vec::new();
    for entry in entries {
        let desk = entry.desk();
        if let Some(kind) = kind_of(entry, &desk) {
            let setting = Setting {
                scope: &entry.id.scope,
                catalog: &fleet.catalog,
                product: entry.product.as_ref(),
                namespace: entry.namespace.as_ref().map(|name| name.as_str()),
                places: &places,
                folder: desk.folder(),
                zone: fleet.zone,
            };
            asked.extend(build(entry, kind, &desk, &setting, &marks));
        }
        problems.extend(desk.take());
    }
    (asked, problems)
}

/// What a source is built from beside its own section.
struct Marks {
    fleet: u64,
    places: u64,
}

impl Marks {
    fn of(fleet: &Fleet, places: &[(InstallationId, EnvironmentName)]) -> Self {
        let mut whole = DefaultHasher::new();
        fleet.zone.name().hash(&mut whole);
        format!("{:?}", fleet.catalog).hash(&mut whole);
        let mut there = DefaultHasher::new();
        places.hash(&mut there);
        Self { fleet: whole.finish(), places: there.finish() }
    }
}

fn build(entry: &Entry, kind: &'static Kind, desk: &Desk, setting: &Setting<'_>, marks: &Marks) -> Option<Asked> {
    let mut section = entry.open(desk);
    let built = (kind.build)(&mut section, setting);
    section.know_kinds(names(entry.shelf));
    section.finish();
    let Built { source, endpoint } = built?;
    let Some(endpoint) = endpoint.or_else(|| entry.endpoint()) else {
        // A key that is there and wrong was told already.
        if !["url", "address", "repository", "file"].iter().any(|key| section.has(key)) {
            let problem = section.problem(entry.kind_span, format!("`url` is missing in {}", section.what()));
            section.note(problem.help(format!("say where this `{}` is", kind.name)));
        }
        return None;
    };
    let mark = entry.mark() ^ if kind.stands == Stands::Hub { marks.places } else { 0 } ^ marks.fleet;
    Some(Asked { id: entry.id.clone(), kind, endpoint, source, mark })
}

/// The kind an entry names, if it may stand where it does.
fn kind_of(entry: &Entry, desk: &Desk) -> Option<&'static Kind> {
    let name = &*entry.id.kind;
    let mut known = KINDS.iter().filter(|kind| kind.name == name).peekable();
    let is_known = known.peek().is_some();
    if let Some(kind) = known.find(|kind| fits(kind.stands, entry.shelf)) {
        return Some(kind);
    }
    let here = names(entry.shelf);
    let what = if is_known {
        format!("`{name}` does not stand among {}", entry.shelf.words())
    } else {
        format!("unknown kind `{name}` among {}", entry.shelf.words())
    };
    let near = did_you_mean(name, here.iter().copied());
    let help = near.unwrap_or_else(|| format!("here it is {}", one_of(here.iter().copied())));
    desk.note(desk.problem(entry.kind_span, what).help(help));
    None
}

fn fits(stands: Stands, shelf: Shelf) -> bool {
    match stands {
        Stands::Place => shelf == Shelf::Place,
        Stands::Product => shelf == Shelf::Product,
        Stands::PlaceOrProduct => matches!(shelf, Shelf::Place | Shelf::Product),
        Stands::Hub => shelf == Shelf::Hub,
        Stands::Page => shelf == Shelf::Page,
        Stands::Calendar => shelf == Shelf::Calendar,
    }
}

/// The names of all kinds that may stand there, sorted.
fn names(shelf: Shelf) -> Vec<&'static str> {
    let mut names: Vec<_> = KINDS.iter().filter(|kind| fits(kind.stands, shelf)).map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What may stand on each shelf, as definitions for the schema, told by the kinds' own readers.
#[must_use]
pub fn definitions() -> Map<String, Value> {
    Shelf::ALL.into_iter().map(|shelf| (shelf.definition().to_owned(), definition(shelf))).collect()
}

fn definition(shelf: Shelf) -> Value {
    let here = KINDS.iter().filter(|kind| fits(kind.stands, shelf));
    let branches: Vec<Value> = here.map(|kind| described(kind, shelf)).collect();
    json!({ "anyOf": branches })
}

/// The schema of one kind.
fn described(kind: &Kind, shelf: Shelf) -> Value {
    let desk = Desk::new("", "");
    let mut section = Section::recording(&desk);
    section.usual_keys(shelf, &Defaults::default());
    let scope = Scope::Fleet;
    let catalog = Arc::new(Catalog::default());
    let folder = std::path::Path::new("");
    let places = [];
    let setting = Setting {
        scope: &scope,
        catalog: &catalog,
        product: None,
        namespace: None,
        places: &places,
        folder,
        zone: Tz::UTC,
    };
    (kind.build)(&mut section, &setting);
    let mut schema = Wants::Table(section.into_notes()).schema();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("kind".to_owned(), json!({ "const": kind.name, "description": kind.about }));
    }
    schema
}
