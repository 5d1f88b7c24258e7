//! What is asked for: a key, whether it must be there, and what it means.

use crate::diagnostic::Span;

/// A key as it is asked for. A bare text is a key that may be missing; a pair adds what it means, for the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it means, in a few words.
    pub about: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// A key that must be there.
#[must_use]
pub fn need(key: impl Into<Key>) -> Key {
    Key { required: true, ..key.into() }
}

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self { name, about: "", required: false }
    }
}

impl From<(&'static str, &'static str)> for Key {
    fn from((name, about): (&'static str, &'static str)) -> Self {
        Self { name, about, required: false }
    }
}

/// A value with the place it was read from, for what can only be judged later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}
