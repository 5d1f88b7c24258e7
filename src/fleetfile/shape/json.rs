//! JSON to a tree with places, which the usual readers do not keep.

use super::{DEEPEST, Item, Mistakes, Node, Table, Value};
use crate::diagnostic::Span;

pub(super) fn read(text: &str, mistakes: &mut Mistakes<'_>) -> Node {
    let mut reader = Reader { text, at: 0, repeated: Vec::new() };
    let read = reader.document();
    for span in std::mem::take(&mut reader.repeated) {
        mistakes.note(span, "this key stands here twice", Some("the first one counts: remove one of them"));
    }
    read.unwrap_or_else(|wrong| {
        mistakes.note(wrong.span, wrong.what, None);
        Node { span: Span { start: 0, end: 0 }, value: Value::Table(Table::default()) }
    })
}

/// Why reading can't go on.
struct Wrong {
    span: Span,
    what: String,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    repeated: Vec<Span>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Wrong> {
        let node = self.value(0)?;
        self.blanks();
        match self.peek() {
            None => node.ok_or_else(|| self.wrong("nothing stands here")),
            Some(_) => Err(self.wrong("something follows after the end of the JSON document")),
        }
    }

    /// One value; none for `null`, which says as much as leaving the key out.
    fn value(&mut self, depth: usize) -> Result<Option<Node>, Wrong> {
        self.blanks();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => Value::Table(self.table(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::Text(self.text()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't' | b'f' | b'n') => match self.word() {
                "true" => Value::Flag(true),
                "false" => Value::Flag(false),
                "null" => return Ok(None),
                _ => {
                    self.at = start;
                    return Err(
                        self.wrong("expected a value: a text, a number, `true`, `false`, `null`, a list or a table")
                    );
                }
            },
            Some(_) => return Err(self.wrong("expected a value, such as a text in double quotes")),
            None => return Err(self.wrong("the document ends where a value is due")),
        };
        Ok(Some(Node { span: Span { start, end: self.at }, value }))
    }

    fn enter(&mut self, depth: usize) -> Result<(), Wrong> {
        if depth < DEEPEST {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(format!("more than {DEEPEST} levels deep")))
    }

    fn table(&mut self, depth: usize) -> Result<Table, Wrong> {
        self.enter(depth)?;
        let mut items: Vec<Item> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') if items.is_empty() && seen.is_empty() => break,
                Some(b'"') => {}
                _ => return Err(self.wrong("expected a key in double quotes")),
            }
            let start = self.at;
            let key = self.text()?;
            let span = Span { start, end: self.at };
            self.blanks();
            self.expect(b':', "expected `:` after a key")?;
            let node = self.value(depth + 1)?;
            if !seen.insert(key.clone()) {
                self.repeated.push(span);
            } else if let Some(node) = node {
                items.push(Item { key: key.into(), span, node });
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("expected `,` or `}`")),
            }
        }
        self.at += 1;
        Ok(Table::new(items))
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Wrong> {
        self.enter(depth)?;
        let mut nodes = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(nodes);
        }
        loop {
            nodes.extend(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("expected `,` or `]`")),
            }
        }
        self.at += 1;
        Ok(nodes)
    }

    /// A text in double quotes. The tested reader of the JSON library unescapes it; here only its end is found.
    fn text(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(b'\n') | None => {
                    self.at = self.at.min(self.text.len());
                    return Err(Wrong { span: Span { start, end: self.at }, what: "this text has no end".to_owned() });
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let span = Span { start, end: self.at };
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|_| Wrong {
            span,
            what: "this text holds a bare control character or an unknown escape".to_owned(),
        })
    }

    fn number(&mut self) -> Result<Value, Wrong> {
        let start = self.at;
        while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E') = self.peek() {
            self.at += 1;
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        let broken = || serde_json::from_str(digits).map(Value::Broken);
        serde_json::from_str(digits)
            .map(Value::Whole)
            .or_else(|_| broken())
            .map_err(|_| Wrong { span: Span { start, end: self.at }, what: "this is no number".to_owned() })
    }

    fn word(&mut self) -> &str {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, sign: u8, what: &str) -> Result<(), Wrong> {
        if self.peek() == Some(sign) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(what))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, what: impl Into<String>) -> Wrong {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Wrong { span: Span { start: self.at, end: self.at + width }, what: what.into() }
    }
}
