//! From what a file says to the module it means: imports, aliases and re-exports followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Import, Source};
use crate::tree::Tree;

/// A tree, read.
pub struct House {
    pub tree: Tree,
    /// By module path; the program's own file is `main`.
    pub sources: BTreeMap<Vec<String>, Source>,
    /// Modules that are only built for tests.
    test_modules: BTreeSet<Vec<String>>,
}

/// A file names something of this crate.
pub struct Mention<'a> {
    pub from: &'a Source,
    pub at: usize,
    /// Only built for tests?
    pub test: bool,
    /// The path from the crate's root, as written.
    pub written: Vec<String>,
    /// The same after re-exports.
    pub meant: Vec<String>,
}

impl House {
    pub fn of(tree: &Tree) -> House {
        let sources: BTreeMap<Vec<String>, Source> = tree
            .files("src/", ".rs")
            .map(|(path, text)| Source::read(path, text))
            .map(|source| (source.module.clone(), source))
            .collect();
        let test_modules = sources
            .values()
            .flat_map(|source| source.declared().filter(|(_, test)| *test).map(|(name, _)| below(&source.module, name)))
            .collect();
        House { tree: tree.clone(), sources, test_modules }
    }

    /// Is this token only built for tests?
    pub fn is_test(&self, source: &Source, at: usize) -> bool {
        source.test[at] || self.test_modules.iter().any(|module| source.module.starts_with(module))
    }

    pub fn mentions(&self) -> Vec<Mention<'_>> {
        let mut found = Vec::new();
        for from in self.sources.values() {
            let imports = from.imports.iter().map(|import| (import.at, self.import_target(from, import)));
            let inline = from
                .inline_paths()
                .into_iter()
                .map(|(at, path)| (at, self.absolute(from, at, &path).or_else(|| self.by_alias(from, &path))));
            for (at, path) in imports.chain(inline) {
                let Some(written) = path else { continue };
                let meant = self.follow(&written, 8);
                found.push(Mention { from, at, test: self.is_test(from, at), written, meant });
            }
        }
        found
    }

    /// The file a path from the root leads to.
    pub fn owner(&self, path: &[String]) -> Option<&Source> {
        (0..=path.len()).rev().find_map(|n| self.sources.get(&path[..n]))
    }

    fn import_target(&self, from: &Source, import: &Import) -> Option<Vec<String>> {
        self.absolute(from, import.at, &import.path)
    }

    fn absolute(&self, from: &Source, at: usize, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let mut here = from.module_at(at);
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "quarterdeck" if from.path == "src/main.rs" => Some(rest.to_vec()),
            "self" => Some([here, rest.to_vec()].concat()),
            "super" => {
                here.pop();
                let ups = rest.iter().take_while(|word| *word == "super").count();
                here.truncate(here.len().saturating_sub(ups));
                Some([here, rest[ups..].to_vec()].concat())
            }
            _ if self.sources.contains_key(&below(&here, first)) => Some([here, path.to_vec()].concat()),
            _ => None,
        }
    }

    /// `use crate::rules;` makes `rules::drift::kind` mean what stands there.
    fn by_alias(&self, from: &Source, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let import = from.imports.iter().find(|import| import.name.as_ref() == Some(first))?;
        Some([self.import_target(from, import)?, rest.to_vec()].concat())
    }

    /// Follows re-exports to where the thing is made.
    fn follow(&self, path: &[String], patience: usize) -> Vec<String> {
        let Some(owner) = self.owner(path) else { return path.to_vec() };
        let Some((name, rest)) = path[owner.module.len()..].split_first() else { return path.to_vec() };
        if patience == 0 || owner.defines(name) {
            return path.to_vec();
        }
        for import in &owner.imports {
            let Some(target) = self.import_target(owner, import) else { continue };
            match &import.name {
                Some(known) if known == name && target != path => {
                    return self.follow(&[target, rest.to_vec()].concat(), patience - 1);
                }
                None if !target.is_empty() => {
                    let guess = self.follow(&[target, path[owner.module.len()..].to_vec()].concat(), patience - 1);
                    let made_by = self.owner(&guess);
                    if made_by.is_some_and(|s| guess.get(s.module.len()).is_none_or(|item| s.defines(item))) {
                        return guess;
                    }
                }
                _ => {}
            }
        }
        path.to_vec()
    }
}

pub fn below(module: &[String], name: &str) -> Vec<String> {
    [module.to_vec(), vec![name.to_owned()]].concat()
}
