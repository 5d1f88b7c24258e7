//! CSV: the columns of the JSON, flattened with dots. RFC 4180, and harmless to a spreadsheet.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::export::{Format, Sheet, Written};
use crate::text::clean::Clean;
use crate::views::Visit;
use crate::views::rows::{Rows, View};

/// For spreadsheets.
pub static FORMAT: Format = Format { name: "csv", about: "for spreadsheets", only: None, write };

struct Write;

impl Visit for Write {
    type Out = serde_json::Result<String>;

    fn see<R: View>(self, rows: &Rows<R>) -> Self::Out {
        let mut heads: Vec<String> = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut lines = Vec::new();
        for row in rows.ordered() {
            let mut cells = Vec::new();
            flatten(String::new(), &serde_json::to_value(row)?, &mut cells);
            for (head, _) in &cells {
                if known.insert(head.clone()) {
                    heads.push(head.clone());
                }
            }
            lines.push(cells);
        }
        let mut text = record(heads.iter().map(String::as_str));
        for cells in lines {
            let cell = |head: &String| cells.iter().find(|(name, _)| name == head).map_or("", |(_, cell)| cell);
            text += &record(heads.iter().map(cell));
        }
        Ok(text)
    }
}

/// A view as CSV with one line of headings.
fn write(sheet: &Sheet<'_>) -> Written {
    sheet.board.views.visit(sheet.view, Write).map_err(|error| Clean::line(&error.to_string()))
}

/// Objects become dotted names; lists of plain values one cell joined by `; `; lists of objects a cell of JSON.
fn flatten(name: String, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, inner) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                flatten(name, inner, into);
            }
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let texts: Vec<String> = items.iter().map(plain).collect();
            into.push((name, texts.join("; ")));
        }
        Value::Array(_) => into.push((name, value.to_string())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => into.push((name, plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn record<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(quoted).collect();
    cells.join(",") + "\r\n"
}

/// Quoted where needed. A text a spreadsheet would take for a formula gets an apostrophe: outside text must not compute.
fn quoted(cell: &str) -> String {
    let number = cell.parse::<f64>().is_ok();
    let formula = !number && cell.starts_with(['=', '+', '-', '@']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_computes() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("@sum", "'@sum"),
            ("-14", "-14"),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }

    #[test]
    fn objects_become_dotted_names() {
        let mut cells = Vec::new();
        flatten(String::new(), &serde_json::json!({"a": {"b": 1, "c": null}, "d": ["x", "y"]}), &mut cells);
        let expected = [("a.b", "1"), ("a.c", ""), ("d", "x; y")];
        assert_eq!(cells, expected.map(|(name, cell)| (name.to_owned(), cell.to_owned())));
    }
}
