//! The project as a map from path to text: read from disk, or planted by a test.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// Files by their path from the project's root, with `/` between folders.
#[derive(Clone, Default)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// The project this test belongs to. Only files a law reads are held with their text.
    pub fn real() -> Tree {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut tree = Tree::default();
        for folder in ["src", "themes", "tests", "benches"] {
            tree.gather(root, &root.join(folder));
        }
        for file in ["README.md", "Cargo.toml"] {
            tree.gather_file(root, &root.join(file));
        }
        tree
    }

    fn gather(&mut self, root: &Path, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { self.gather(root, &path) } else { self.gather_file(root, &path) }
        }
    }

    fn gather_file(&mut self, root: &Path, path: &Path) {
        let read = path.extension().is_some_and(|kind| ["rs", "md", "toml"].iter().any(|read| kind == *read));
        let text = if read { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
        let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        self.0.insert(name, text);
    }

    /// The same tree with one file more, or another text in it.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Tree {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// The same tree without the files whose path begins so.
    #[must_use]
    pub fn without(mut self, start: &str) -> Tree {
        self.0.retain(|path, _| !path.starts_with(start));
        self
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All files whose path begins and ends so.
    pub fn files<'a>(&'a self, start: &'a str, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(path, _)| path.starts_with(start) && path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// A law broken at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    pub place: String,
    pub words: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.words)
    }
}

pub fn breach(place: impl Into<String>, words: impl Into<String>) -> Breach {
    Breach { place: place.into(), words: words.into() }
}
