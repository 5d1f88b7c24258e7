//! Words for what stands in a file, with nothing in them that should not be repeated.

use super::super::shape::{Node, Value};
use crate::text::clean::Clean;

/// A text that is quoted at most this long.
const LONGEST: usize = 48;

/// A name in backticks.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", Clean::line_within(name, LONGEST))
}

/// A text as one line; none where something in it would have to vanish, so that nobody's name is taken for another's.
pub(super) fn plain(text: &str) -> Option<Clean> {
    let value = Clean::line(text);
    let is_whole = value.as_str() == text || text.contains(['\n', '\t']) || text.len() > value.as_str().len() + 1_024;
    is_whole.then_some(value)
}

/// What stands there: `` `5pm` ``, `a list`. A text under a key that names a credential, or with one in it, isn't repeated.
pub(super) fn found(key: &str, node: &Node) -> String {
    if names_a_credential(key) {
        return node.value.word().to_owned();
    }
    match &node.value {
        Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Text(text) if text.contains('@') && text.contains(':') => node.value.word().to_owned(),
        Value::Text(text) => quoted(text),
        Value::Whole(number) => format!("`{number}`"),
        Value::Broken(number) => format!("`{number}`"),
        Value::Flag(flag) => format!("`{flag}`"),
        Value::Dated(text) => quoted(text),
        Value::List(_) | Value::Table(_) => node.value.word().to_owned(),
    }
}

/// Whether a key by its name holds a credential.
pub(super) fn names_a_credential(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["token", "passw", "secret", "credential", "api_key", "apikey", "private_key"].iter().any(|part| key.contains(part))
        && !["token_url", "secret_name"].contains(&key.as_str())
}
