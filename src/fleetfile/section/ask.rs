//! How a key is asked for: known from then on, missed where it is required, and wrong values named in plain words.

use super::super::shape::{Item, Node};
use super::key::Key;
use super::reader::Section;
use super::wants::{Noted, Wants};
use super::words;

/// Why a value can't be read.
pub(super) enum Unfit {
    /// It isn't what is wanted: the sentence says what is.
    Other,
    /// It is, and there is something else about it: the words after `` `key` ``.
    Because(String),
}

impl<'a> Section<'a> {
    /// The item of a key, which is known from now on.
    pub(super) fn item(&mut self, key: Key, wants: &Wants) -> Option<&'a Item> {
        self.asked.insert(key.name);
        if let Some(notes) = &mut self.notes {
            // Asked twice, such as a default and then its override, it is one key.
            if !notes.iter().any(|noted| noted.key == key.name) {
                let (name, about) = (key.name.to_owned(), key.about.to_owned());
                notes.push(Noted { key: name, about, required: key.required, wants: wants.clone() });
            }
            return None;
        }
        let item = self.table.get(key.name);
        if item.is_none() && key.required && !self.desk.is_torn() {
            let problem = self.problem(self.span, format!("`{}` is missing in {}", key.name, self.what));
            self.note(problem.help(format!("it wants {}", wants.words())));
        }
        item
    }

    /// Reads the value of a key.
    pub(super) fn read<T>(
        &mut self,
        key: Key,
        wants: &Wants,
        read: impl FnOnce(&'a Node) -> Result<T, Unfit>,
    ) -> Option<T> {
        let node = &self.item(key, wants)?.node;
        match read(node) {
            Ok(value) => Some(value),
            Err(unfit) => {
                self.unfit(key.name, node, wants, unfit);
                None
            }
        }
    }

    /// Reads a list, each item of it by itself; none where there is no list.
    pub(super) fn read_list<T>(
        &mut self,
        key: Key,
        each: &Wants,
        mut read: impl FnMut(&'a Node) -> Result<T, Unfit>,
    ) -> Option<Vec<T>> {
        let wants = Wants::List(Box::new(each.clone()));
        let nodes = self.read(key, &wants, |node| node.list().ok_or(Unfit::Other))?;
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            match read(node) {
                Ok(value) => values.push(value),
                Err(unfit) => self.unfit(key.name, node, each, unfit),
            }
        }
        Some(values)
    }

    fn unfit(&self, key: &str, node: &Node, wants: &Wants, unfit: Unfit) {
        let what = match unfit {
            Unfit::Other => format!("`{key}` wants {}, found {}", wants.words(), words::found(key, node)),
            Unfit::Because(why) => format!("`{key}` {why}"),
        };
        self.complain(node.span, what);
    }
}
