//! A small file a person wrote, being read: every problem is noted with its place, and reading goes on.

use std::borrow::Cow;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Problem, Problems, did_you_mean};

/// A key as the parser gives it.
pub type Name<'i> = Spanned<Cow<'i, str>>;

/// A value as the parser gives it.
pub type Value<'i> = Spanned<DeValue<'i>>;

/// A file being read.
pub struct Sheet {
    file: Arc<str>,
    /// What was wrong so far.
    pub problems: Problems,
}

impl Sheet {
    /// The file as a tree, with what the parser found wrong noted already.
    #[must_use]
    pub fn open<'t>(file: &str, text: &'t str) -> (Self, Spanned<DeTable<'t>>) {
        let mut sheet = Self { file: file.into(), problems: Problems::new() };
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let problem = Problem::error(Arc::clone(&sheet.file), error.message().to_owned());
            sheet.problems.push(match error.span() {
                Some(span) => problem.at(span),
                None => problem,
            });
        }
        (sheet, tree)
    }

    /// The text of a value.
    pub fn text<'v>(&mut self, key: &str, value: &'v Value<'_>) -> Option<&'v str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            _ => {
                self.wrong(value, &format!("`{key}` wants a text in quotes"), None);
                None
            }
        }
    }

    /// The yes or no of a value.
    pub fn truth(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            _ => {
                self.wrong(value, &format!("`{key}` wants `true` or `false`"), None);
                None
            }
        }
    }

    /// The entries of a value that is a table.
    pub fn table<'v, 'i>(&mut self, key: &str, value: &'v Value<'i>) -> Vec<(&'v Name<'i>, &'v Value<'i>)> {
        match value.get_ref() {
            DeValue::Table(table) => table.iter().collect(),
            _ => {
                self.wrong(value, &format!("`{key}` wants a table"), None);
                Vec::new()
            }
        }
    }

    /// A value is wrong.
    pub fn wrong(&mut self, value: &Value<'_>, what: &str, help: Option<String>) {
        let problem = Problem::error(Arc::clone(&self.file), what).at(value.span()).maybe_help(help);
        self.problems.push(problem);
    }

    /// A value works, and does something its writer may not have meant.
    pub fn odd(&mut self, value: &Value<'_>, what: &str, help: Option<String>) {
        let problem = Problem::warning(Arc::clone(&self.file), what).at(value.span()).maybe_help(help);
        self.problems.push(problem);
    }

    /// A key is not known: the nearest known one is named.
    pub fn unknown<'n>(&mut self, key: &Name<'_>, of: &str, known: impl IntoIterator<Item = &'n str>) {
        let word = key.get_ref().as_ref();
        let what = format!("unknown {of} `{word}`");
        let help = did_you_mean(word, known);
        let problem = Problem::error(Arc::clone(&self.file), what).at(key.span()).maybe_help(help);
        self.problems.push(problem);
    }
}
