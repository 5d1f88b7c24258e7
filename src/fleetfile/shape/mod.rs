//! What a file says, as a tree in which every part knows its place: the same for TOML, JSON and what Dhall becomes.

mod json;
mod toml;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::diagnostic::{Problem, Span};

/// Levels of tables and lists one may stand in another. A fleet file needs seven.
pub const DEEPEST: usize = 64;
/// Mistakes of form that are told of one file; the rest follows from them.
const MOST_MISTAKES: usize = 50;

/// One value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The stretch of the file it was read from.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

impl Node {
    /// The table that stands here.
    #[must_use]
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The list that stands here.
    #[must_use]
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The text that stands here.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What may stand in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(Box<str>),
    /// A whole number.
    Whole(i64),
    /// A number that is not whole, or too large.
    Broken(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A date or time that TOML knows as such, in its own spelling.
    Dated(Box<str>),
    /// Values in their order.
    List(Vec<Node>),
    /// Keys with values.
    Table(Table),
}

impl Value {
    /// What it is, in words for a sentence.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Whole(_) | Self::Broken(_) => "a number",
            Self::Flag(_) => "a flag",
            Self::Dated(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Value {
    fn hash_words(&self, hasher: &mut impl Hasher) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            Self::Text(text) | Self::Dated(text) => text.hash(hasher),
            Self::Whole(number) => number.hash(hasher),
            Self::Broken(number) => number.to_bits().hash(hasher),
            Self::Flag(flag) => flag.hash(hasher),
            Self::List(nodes) => {
                nodes.len().hash(hasher);
                nodes.iter().for_each(|node| node.value.hash_words(hasher));
            }
            Self::Table(table) => {
                table.0.len().hash(hasher);
                table.hash_words(hasher);
            }
        }
    }
}

/// Keys with values, each key once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(Vec<Item>);

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The key.
    pub key: Box<str>,
    /// Where the key stands.
    pub span: Span,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// A table without keys.
    #[must_use]
    pub fn empty() -> &'static Self {
        static EMPTY: Table = Table(Vec::new());
        &EMPTY
    }

    /// A table of these. Of equal keys the first counts.
    #[must_use]
    pub fn new(mut items: Vec<Item>) -> Self {
        items.sort_by(|a, b| a.key.cmp(&b.key));
        items.dedup_by(|later, first| later.key == first.key);
        Self(items)
    }

    /// The item of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Item> {
        let at = self.0.binary_search_by(|item| item.key.as_ref().cmp(key)).ok()?;
        self.0.get(at)
    }

    /// Hashes what it says, not where it stands.
    pub fn hash_words(&self, hasher: &mut impl Hasher) {
        for item in &self.0 {
            item.key.hash(hasher);
            item.node.value.hash_words(hasher);
        }
    }

    /// All items, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        self.0.iter()
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// Reads a text to a tree. What can't be understood is noted and left out; reading goes on where that is possible.
#[must_use]
pub fn read(form: Form, file: &Arc<str>, text: &str, problems: &mut Vec<Problem>) -> Node {
    let mut mistakes = Mistakes { file, end: text.len(), problems, n: 0 };
    match form {
        Form::Toml => toml::read(text, &mut mistakes),
        Form::Json => json::read(text, &mut mistakes),
    }
}

/// Where mistakes of form are noted.
struct Mistakes<'m> {
    file: &'m Arc<str>,
    end: usize,
    problems: &'m mut Vec<Problem>,
    n: usize,
}

impl Mistakes<'_> {
    fn note(&mut self, span: Span, what: impl Into<String>, help: Option<&str>) {
        self.n += 1;
        let problem = match self.n {
            ..=MOST_MISTAKES => Problem::error(Arc::clone(self.file), what).maybe_help(help.map(str::to_owned)),
            n if n == MOST_MISTAKES + 1 => Problem::error(Arc::clone(self.file), "more mistakes like these follow"),
            _ => return,
        };
        self.problems.push(problem.at(self.within(span)));
    }

    /// A span that surely lies in the file.
    fn within(&self, span: Span) -> Span {
        let start = span.start.min(self.end);
        Span { start, end: span.end.clamp(start, self.end) }
    }
}
