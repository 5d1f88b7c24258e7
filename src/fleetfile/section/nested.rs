//! Tables within a table.

use super::super::shape::{Node, Table, Value};
use super::ask::Unfit;
use super::key::{Key, Placed};
use super::reader::Section;
use super::shelf::Shelf;
use super::wants::Wants;
use super::words;
use crate::text::clean::Clean;

impl<'a> Section<'a> {
    /// Reads the table under a key. Keys that `read` doesn't ask for become problems.
    pub fn table<T>(
        &mut self,
        key: impl Into<Key>,
        what: impl Into<String>,
        read: impl FnOnce(&mut Section<'a>) -> T,
    ) -> Option<T> {
        let key = key.into();
        if self.is_recording() {
            let mut inner = Section::recording(self.desk());
            read(&mut inner);
            self.item(key, &Wants::Table(inner.into_notes()));
            return None;
        }
        let node = self.node(key, &Wants::Table(Vec::new()))?;
        Some(self.inner(what.into(), node.1, node.0, read))
    }

    /// Reads a list of tables; none where the key is missing.
    pub fn tables<T>(
        &mut self,
        key: impl Into<Key>,
        what: &str,
        mut read: impl FnMut(&mut Section<'a>) -> T,
    ) -> Option<Vec<T>> {
        let key = key.into();
        if self.is_recording() {
            let mut inner = Section::recording(self.desk());
            read(&mut inner);
            self.item(key, &Wants::List(Box::new(Wants::Table(inner.into_notes()))));
            return None;
        }
        let nodes = self.list_of_tables(key)?;
        Some(nodes.map(|(node, table)| self.inner(what.to_owned(), table, node, &mut read)).collect())
    }

    /// Opens each of a list of sources. They are left unfinished: their kinds read on.
    pub fn sources<T>(
        &mut self,
        key: impl Into<Key>,
        shelf: Shelf,
        what: &str,
        mut read: impl FnMut(&mut Section<'a>) -> T,
    ) -> Vec<T> {
        let key = key.into();
        if self.is_recording() {
            self.item(key, &Wants::List(Box::new(Wants::Source(shelf))));
            return Vec::new();
        }
        let Some(nodes) = self.list_of_tables(key) else { return Vec::new() };
        nodes.map(|(node, table)| read(&mut Section::new(self.desk(), what, table, node.span))).collect()
    }

    fn list_of_tables(&mut self, key: Key) -> Option<impl Iterator<Item = (&'a Node, &'a Table)> + use<'a>> {
        let wants = Wants::List(Box::new(Wants::Table(Vec::new())));
        let nodes = self.read(key, &wants, |node| match &node.value {
            Value::List(nodes) => Ok(nodes),
            Value::Table(_) => {
                Err(Unfit::Because(format!("wants a list of tables, found one table: write `[[{}]]`", key.name)))
            }
            _ => Err(Unfit::Other),
        })?;
        for node in nodes.iter().filter(|node| node.table().is_none()) {
            let found = words::found(key.name, node);
            self.complain(node.span, format!("`{}` wants a list of tables, found {found} in it", key.name));
        }
        Some(nodes.iter().filter_map(|node| Some((node, node.table()?))))
    }

    /// Reads a table of tables by names a person chose; `what` is put before each name.
    pub fn map<T>(
        &mut self,
        key: impl Into<Key>,
        what: &str,
        mut read: impl FnMut(&Placed<Clean>, &mut Section<'a>) -> T,
    ) -> Option<Vec<T>> {
        let key = key.into();
        if self.is_recording() {
            let mut inner = Section::recording(self.desk());
            read(&Placed { value: Clean::line("name"), span: self.span() }, &mut inner);
            self.item(key, &Wants::Map(Box::new(Wants::Table(inner.into_notes()))));
            return None;
        }
        let (_, table) = self.node(key, &Wants::Map(Box::new(Wants::Table(Vec::new()))))?;
        let mut values = Vec::new();
        for item in table.iter() {
            let name = Placed { value: Clean::line(&item.key), span: item.span };
            if words::plain(&item.key).is_none() {
                self.complain(item.span, format!("a name in `{}` holds characters that can't be shown", key.name));
            }
            match &item.node.value {
                Value::Table(table) => {
                    let what = format!("{what} {}", words::quoted(&item.key));
                    values.push(self.inner(what, table, &item.node, |inner| read(&name, inner)));
                }
                _ => {
                    let found = words::found(&item.key, &item.node);
                    let name = words::quoted(&item.key);
                    self.complain(item.node.span, format!("{name} in `{}` wants a table, found {found}", key.name));
                }
            }
        }
        Some(values)
    }

    /// Reads a key under which a word or a table may stand.
    pub fn word_or_table<T>(
        &mut self,
        key: impl Into<Key>,
        what: &str,
        choices: &[(&str, T)],
        read: impl FnOnce(&mut Section<'a>) -> Option<T>,
    ) -> Option<T>
    where
        T: Clone,
    {
        let key = key.into();
        let one_of = Wants::OneOf(choices.iter().map(|(word, _)| (*word).to_owned()).collect());
        if self.is_recording() {
            let mut inner = Section::recording(self.desk());
            read(&mut inner);
            self.item(key, &Wants::Either(vec![one_of, Wants::Table(inner.into_notes())]));
            return None;
        }
        if let Some(Value::Table(_)) = self.value(key.name) {
            return self.table(key, what, read)?;
        }
        let at: Vec<(&str, usize)> = choices.iter().enumerate().map(|(n, (word, _))| (*word, n)).collect();
        let chosen = self.choice(key, &at)?;
        choices.get(chosen).map(|(_, value)| value.clone())
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key).map(|item| &item.node.value)
    }

    fn node(&mut self, key: Key, wants: &Wants) -> Option<(&'a Node, &'a Table)> {
        self.read(key, wants, |node| node.table().map(|table| (node, table)).ok_or(Unfit::Other))
    }

    fn inner<T>(&self, what: String, table: &'a Table, node: &Node, read: impl FnOnce(&mut Section<'a>) -> T) -> T {
        let mut inner = Section::new(self.desk(), what, table, node.span);
        let value = read(&mut inner);
        inner.finish();
        value
    }
}
