//! The JSON Schema of the fleet file, as its own readers tell it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::products;
use super::section::{Desk, Section, Shelf, Wants};
use super::whole;
use crate::domain::cycles::Cycles;

/// The schema. `definitions` say what may stand on each [`Shelf`], as its kinds tell it.
#[must_use]
pub fn schema(mut definitions: Map<String, Value>) -> Value {
    let desk = Desk::new("", "");
    let mut section = Section::recording(&desk);
    let head = whole::head(&mut section);
    whole::body(&mut section, &head, Arc::new(Cycles::default()), &mut []);
    let mut schema = Wants::Table(section.into_notes()).schema();
    if let Some(Value::Object(shelf)) = definitions.get_mut(Shelf::Product.definition())
        && let Some(Value::Array(kinds)) = shelf.get_mut("anyOf")
    {
        kinds.push(listed());
    }
    definitions.insert("secret".to_owned(), secret());
    if let Value::Object(fields) = &mut schema {
        fields.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        fields.insert("title".to_owned(), json!("Quarterdeck fleet file"));
        fields.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

/// Releases written in the file.
fn listed() -> Value {
    let desk = Desk::new("", "");
    let mut section = Section::recording(&desk);
    products::record_list(&mut section);
    let mut schema = Wants::Table(section.into_notes()).schema();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("kind".to_owned(), json!({ "const": "list", "description": "releases written in the file" }));
    }
    schema
}

fn secret() -> Value {
    let one = |name: &str, value: Value| json!({ "type": "object", "additionalProperties": false, "required": [name], "properties": { name: value } });
    json!({
        "description": "a reference to a credential, never the credential itself",
        "anyOf": [
            one("env", json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })),
            one("file", json!({ "type": "string" })),
            one("command", json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })),
        ],
    })
}
