//! YAML as a JSON tree, for documents a person or a tool keeps on this machine. Bounded: no depth, no size and no chain of
//! aliases grows without end.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// How deep a document may go.
const DEPTH: usize = 64;
/// How many values a document may have, aliases counted out.
const VALUES: usize = 100_000;

/// Reads the first document. Keys are texts; of two equal ones the later counts.
///
/// # Errors
/// What is wrong, with its line.
pub fn read(text: &str) -> Result<Value, String> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| format!("no YAML: {} in line {}", error.info(), error.marker().line()))?;
        match tree.take(event) {
            Ok(true) => break,
            Ok(false) => {}
            Err(why) => return Err(format!("{why} in line {}", span.start.line())),
        }
    }
    Ok(tree.whole.unwrap_or(Value::Null))
}

/// What is open, from the outside in.
enum Open {
    List(Vec<Value>, usize),
    Table { pairs: Map<String, Value>, key: Option<String>, anchor: usize },
}

#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Value, usize)>,
    n_values: usize,
    whole: Option<Value>,
}

impl Tree {
    /// Takes one event; true at the end of the document.
    fn take(&mut self, event: Event<'_>) -> Result<bool, String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = matches!(style, ScalarStyle::Plain) && tag.is_none();
                let value = if plain { scalar(&text) } else { Value::String(text.into_owned()) };
                self.place(value, anchor, 1)?;
            }
            Event::SequenceStart(anchor, _) => self.push(Open::List(Vec::new(), anchor))?,
            Event::MappingStart(anchor, _) => self.push(Open::Table { pairs: Map::new(), key: None, anchor })?,
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(items, anchor)) => self.place(Value::Array(items), anchor, 1)?,
                Some(Open::Table { pairs, anchor, .. }) => self.place(Value::Object(pairs), anchor, 1)?,
                None => return Err("an end without a beginning".to_owned()),
            },
            Event::Alias(anchor) => {
                let (value, size) = self.anchors.get(&anchor).cloned().ok_or("an alias of nothing")?;
                self.place(value, 0, size)?;
            }
            Event::DocumentEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn push(&mut self, open: Open) -> Result<(), String> {
        self.open.push(open);
        if self.open.len() > DEPTH { Err("too deep".to_owned()) } else { Ok(()) }
    }

    fn place(&mut self, value: Value, anchor: usize, size: usize) -> Result<(), String> {
        self.n_values = self.n_values.saturating_add(size);
        if self.n_values > VALUES {
            return Err("too many values".to_owned());
        }
        if anchor != 0 {
            let size = count(&value);
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            None => self.whole = Some(value),
            Some(Open::List(items, _)) => items.push(value),
            Some(Open::Table { pairs, key, .. }) => match key.take() {
                Some(key) => {
                    pairs.insert(key, value);
                }
                None => {
                    *key = Some(match value {
                        Value::String(text) => text,
                        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
                        Value::Array(_) | Value::Object(_) => return Err("a key that is no text".to_owned()),
                    });
                }
            },
        }
        Ok(())
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>().saturating_add(1),
        Value::Object(pairs) => pairs.values().map(count).sum::<usize>().saturating_add(1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// A scalar without quotes, by YAML's core rules as far as configuration needs them.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            // `007` and `+1` are names in the files we read.
            Ok(number) if number.to_string() == text => Value::from(number),
            Ok(_) | Err(_) => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_as_it_would_stand_in_json() {
        for (text, value) in [
            ("", Value::Null),
            ("a: 1\nb: [x, true, ~]\nc: {d: '1'}\n", json!({"a": 1, "b": ["x", true, null], "c": {"d": "1"}})),
            ("{\"a\": [1, \"2\"]}", json!({"a": [1, "2"]})),
            ("a: &x {b: 1}\nc: *x\n", json!({"a": {"b": 1}, "c": {"b": 1}})),
            ("a: |\n  one\n  two\n", json!({"a": "one\ntwo\n"})),
            ("1: a\n", json!({"1": "a"})),
            ("a: 007\n", json!({"a": "007"})),
            ("--- a\n--- b\n", json!("a")),
        ] {
            assert_eq!(read(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_or_grows_without_end_is_refused() {
        let deep = "[".repeat(5_000);
        let bomb = (0..30)
            .fold("a0: &a0 [x, x]\n".to_owned(), |text, n| format!("{text}a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1));
        for text in ["a: [", "a: *nothing", "? [a]\n: b\n", "a: b: c", &deep, &bomb] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
