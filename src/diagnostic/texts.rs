//! The text of a file with an index of its lines, so that thousands of places in it are found at once.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters are counted beforehand up to every so many bytes: a file may be one line of megabytes.
const STRIDE: usize = 1024;

/// A place as people and editors count it: from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

/// One file's text.
#[derive(Clone, Debug)]
pub struct Text {
    text: Arc<str>,
    /// Where each line begins; never empty.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of `STRIDE` bytes.
    counts: Vec<usize>,
}

impl Text {
    /// Counts lines and characters once.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        let mut total = 0;
        let mut counts = vec![0];
        for part in text.as_bytes().chunks(STRIDE) {
            total += count_chars(part);
            counts.push(total);
        }
        Self { text, lines, counts }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte. Beyond the end is the end; within a character is its start.
    #[must_use]
    pub fn place(&self, at: usize) -> Place {
        let at = self.floor(at);
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Place { line, column: self.chars_before(at) - self.chars_before(start) + 1 }
    }

    /// The line a byte is in: where it begins and where its content ends, without the line break.
    pub(super) fn line_around(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= self.floor(at));
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let content = self.text.get(start..end).unwrap_or_default();
        (start, start + content.strip_suffix('\r').unwrap_or(content).len())
    }

    /// The nearest start of a character at or before a byte.
    pub(super) fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn chars_before(&self, at: usize) -> usize {
        let known = at / STRIDE;
        let rest = self.text.as_bytes().get(known * STRIDE..at).unwrap_or_default();
        self.counts.get(known).copied().unwrap_or_default() + count_chars(rest)
    }
}

/// How many characters begin in these bytes of a valid text.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b & 0xc0 != 0x80).count()
}

/// All files that were read, by the name problems call them.
#[derive(Clone, Debug, Default)]
pub struct Texts(BTreeMap<Arc<str>, Text>);

impl Texts {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of one file.
    #[must_use]
    pub fn of(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let mut texts = Self::new();
        texts.add(name, text);
        texts
    }

    /// Adds or replaces a file's text.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) {
        self.0.insert(name.into(), Text::new(text));
    }

    /// The text of one file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.0.get(name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used, clippy::string_slice)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_count_from_one_and_in_characters() {
        for (text, at, line, column) in [
            ("", 0, 1, 1),
            ("", 7, 1, 1),
            ("abc", 3, 1, 4),
            ("abc\n", 3, 1, 4),
            ("abc\n", 4, 2, 1),
            ("a\r\nb", 3, 2, 1),
            ("日本\nx", 3, 1, 2),
            ("日本\nx", 4, 1, 2),
            ("日本\nx", 7, 2, 1),
            ("\n\n\n", 2, 3, 1),
        ] {
            assert_eq!(Text::new(text).place(at), Place { line, column }, "{at} in {text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_index_says_what_counting_says(text in "[a日\n\r]{0,3000}", at in 0usize..6000) {
            let indexed = Text::new(text.as_str());
            let before = &text[..indexed.floor(at)];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            prop_assert_eq!(indexed.place(at), Place { line, column });
            let (start, end) = indexed.line_around(at);
            prop_assert_eq!(&text[start..end], text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).nth(line - 1).unwrap());
        }
    }
}
