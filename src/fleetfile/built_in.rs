//! What is known without a fleet file: the catalog of products, and the plans with their windows.
//!
//! Both are data in the form of a fleet file, and read by its readers.

use std::sync::{Arc, LazyLock};

use super::entries::Entries;
use super::plans::{self, Plans};
use super::products::{self, Products};
use super::section::{Defaults, Desk, Section};
use super::shape::{self, Form, Node, Table};
use super::windows::{self, Windows};
use crate::diagnostic::Problem;
use crate::domain::clock::Tz;

/// The catalog of products.
const CATALOG: &str = include_str!("../../assets/catalog.toml");
/// Plans and windows.
const PLANS: &str = include_str!("../../assets/plans.toml");

static FILES: LazyLock<[File; 2]> =
    LazyLock::new(|| [File::parse("catalog.toml", CATALOG), File::parse("plans.toml", PLANS)]);

struct File {
    name: Arc<str>,
    root: Node,
    mistakes: Vec<Problem>,
}

impl File {
    fn parse(name: &str, text: &str) -> Self {
        let name: Arc<str> = name.into();
        let mut mistakes = Vec::new();
        let root = shape::read(Form::Toml, &name, text, &mut mistakes);
        Self { name, root, mistakes }
    }
}

/// Adds what is built in. Answers with what is wrong in it: nothing, as a test makes sure.
pub(super) fn read(
    defaults: &Defaults,
    products: &mut Products,
    windows: &mut Windows,
    plans: &mut Plans,
    entries: &mut Entries,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in FILES.iter() {
        let desk = Desk::new(Arc::clone(&file.name), "");
        desk.tear(file.mistakes.iter().cloned());
        let table = file.root.table().unwrap_or(Table::empty());
        let mut section = Section::new(&desk, "the built-in data", table, file.root.span);
        products::read(&mut section, products, defaults, entries);
        windows::read(&mut section, Tz::UTC, windows);
        plans::read(&mut section, windows, plans);
        section.finish();
        problems.extend(desk.take());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_has_no_mistake() {
        let (mut products, mut windows, mut plans) = (Products::new(), Windows::new(), Plans::new());
        let mut entries = Entries::default();
        let problems = read(&Defaults::default(), &mut products, &mut windows, &mut plans, &mut entries);
        assert_eq!(problems, []);
        for plan in ["saas", "on-prem", "paas"] {
            assert!(plans.contains_key(plan), "{plan}");
        }
        for window in ["monday", "thursday"] {
            assert!(windows.contains_key(window), "{window}");
        }
        assert!(products.contains_key("kubernetes"));
    }
}
