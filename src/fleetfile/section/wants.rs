//! What a key wants: in words for a sentence, and as JSON Schema for editors.

use serde_json::{Map, Value as Json, json};

use super::shelf::Shelf;

/// A key that was asked for while recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// The key.
    pub key: String,
    /// What it means.
    pub about: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it wants.
    pub wants: Wants,
}

/// What may stand under a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// Any text.
    Text,
    /// A length of time.
    Duration,
    /// A length of time in whole days.
    Days,
    /// A time of day.
    Time,
    /// A date.
    Day,
    /// A date or a moment.
    Dated,
    /// An IANA zone.
    Zone,
    /// An address.
    Url,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Whole,
    /// One of these.
    OneOf(Vec<String>),
    /// A reference to a credential.
    Secret,
    /// A version, or a range of them, in this word's form.
    Version(&'static str),
    /// A recurrence rule.
    Rule,
    /// A regular expression.
    Pattern,
    /// Something the sentence names, a text in the file.
    Called(&'static str),
    /// A list of such.
    List(Box<Wants>),
    /// A table with these keys.
    Table(Vec<Noted>),
    /// A table of such, by names a person chooses.
    Map(Box<Wants>),
    /// A source that stands here.
    Source(Shelf),
    /// One or the other.
    Either(Vec<Wants>),
}

impl Wants {
    /// In words: `` a time like `17:00` ``.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Duration => "a duration like `30s`, `3m`, `48h` or `30d`".to_owned(),
            Self::Days => "a number of whole days like `30d`".to_owned(),
            Self::Time => "a time like `17:00`".to_owned(),
            Self::Day => "a date like `2026-11-21`".to_owned(),
            Self::Dated => "a date like `2026-11-21` or a moment like `2026-11-21T20:00:00+01:00`".to_owned(),
            Self::Zone => "a zone like `Europe/Berlin`".to_owned(),
            Self::Url => "an address like `https://host.example.test`".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Whole => "a whole number".to_owned(),
            Self::OneOf(names) => crate::diagnostic::one_of(names.iter().map(String::as_str)),
            Self::Secret => {
                "a reference to a credential: `{ env = \"NAME\" }`, `{ file = \"PATH\" }` or `{ command = [\"...\"] }`"
                    .to_owned()
            }
            Self::Version(form) => format!("a version like `{form}`"),
            Self::Rule => "a recurrence rule like `FREQ=WEEKLY;BYDAY=MO`".to_owned(),
            Self::Pattern => "a regular expression".to_owned(),
            Self::Called(what) => (*what).to_owned(),
            Self::List(item) => match &**item {
                Self::Text => "a list of texts".to_owned(),
                Self::Table(_) | Self::Source(_) => "a list of tables".to_owned(),
                other => format!("a list, each {}", other.words()),
            },
            Self::Table(_) | Self::Map(_) | Self::Source(_) => "a table".to_owned(),
            Self::Either(ways) => ways.iter().map(Self::words).collect::<Vec<_>>().join(", or "),
        }
    }

    /// As JSON Schema.
    #[must_use]
    pub fn schema(&self) -> Json {
        let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match self {
            Self::Text | Self::Version(_) | Self::Called(_) => json!({ "type": "string" }),
            Self::Duration => text("^([0-9]+(ms|s|m|h|d|w))+$"),
            Self::Days => text("^([0-9]+[hdw])+$"),
            Self::Time => text("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
            Self::Day => text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
            Self::Dated => text("^[0-9]{4}-[0-9]{2}-[0-9]{2}"),
            Self::Zone => json!({ "type": "string", "description": "an IANA zone" }),
            Self::Url => json!({ "type": "string", "format": "uri" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Whole => json!({ "type": "integer", "minimum": 0 }),
            Self::OneOf(names) => json!({ "enum": names }),
            Self::Secret => json!({ "$ref": "#/$defs/secret" }),
            Self::Rule => text("^(RRULE:)?FREQ="),
            Self::Pattern => json!({ "type": "string", "format": "regex" }),
            Self::List(item) => json!({ "type": "array", "items": item.schema() }),
            Self::Table(keys) => table(keys),
            Self::Map(value) => json!({ "type": "object", "additionalProperties": value.schema() }),
            Self::Source(shelf) => json!({ "$ref": format!("#/$defs/{}", shelf.definition()) }),
            Self::Either(ways) => json!({ "anyOf": ways.iter().map(Self::schema).collect::<Vec<_>>() }),
        }
    }
}

/// A table of these keys and no others.
fn table(keys: &[Noted]) -> Json {
    let mut properties = Map::new();
    for noted in keys {
        let mut schema = noted.wants.schema();
        if let (Json::Object(fields), false) = (&mut schema, noted.about.is_empty()) {
            fields.insert("description".to_owned(), Json::String(noted.about.clone()));
        }
        properties.insert(noted.key.clone(), schema);
    }
    let required: Vec<&str> = keys.iter().filter(|noted| noted.required).map(|noted| noted.key.as_str()).collect();
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("object"));
    out.insert("additionalProperties".to_owned(), json!(false));
    out.insert("properties".to_owned(), Json::Object(properties));
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
    Json::Object(out)
}
