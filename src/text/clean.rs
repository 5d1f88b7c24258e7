//! Text from outside, made harmless once and for all: no byte of a `Clean` can move a cursor, set a title, fill a
//! clipboard, turn the reading direction or leave its cell.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::harm::{Class, class, skip};

/// The most bytes [`Clean::line`] keeps.
pub const LINE_BYTES: usize = 4096;
/// The most graphemes any `Clean` has, whatever a caller allows.
pub const MOST_GRAPHEMES: usize = 65_536;
/// Marks that may stand on one letter; more climb into the lines above and below.
const MOST_MARKS: usize = 4;
/// Characters that may make up one grapheme: the longest emoji family has eleven.
const MOST_IN_GRAPHEME: usize = 16;

/// One line of text from outside that can be shown, copied, logged and exported as it stands.
///
/// Only this module makes one. It holds no control character, no escape sequence, no direction override, no invisible
/// character, no line break, no heap of accents, and is of bounded length. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Cleans one line of up to [`LINE_BYTES`] bytes. Line breaks inside become one blank; what is too long ends in `…`.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self::within(text, Bound { graphemes: LINE_BYTES, bytes: LINE_BYTES })
    }

    /// Cleans one line of up to `max_graphemes`; what is longer ends in `…`.
    #[must_use]
    pub fn line_within(text: &str, max_graphemes: usize) -> Self {
        let graphemes = max_graphemes.min(MOST_GRAPHEMES);
        Self::within(text, Bound { graphemes, bytes: graphemes.saturating_mul(MOST_IN_GRAPHEME) })
    }

    /// Cleans each line of a longer text; lines after the first `most` are left out.
    #[must_use]
    pub fn lines(text: &str, most: usize) -> Vec<Self> {
        text.lines().take(most).map(Self::line).collect()
    }

    /// Cleans bytes that claim to be text; what isn't UTF-8 becomes replacement characters.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::line(&String::from_utf8_lossy(bytes))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn within(text: &str, bound: Bound) -> Self {
        let plain = text.len() <= bound.graphemes.min(bound.bytes) && text.bytes().all(|b| matches!(b, b' '..=b'~'));
        Self(if plain { Arc::from(text) } else { Wash::new(bound).run(text).into() })
    }
}

/// What stands for a character where nothing may vanish and columns must be kept: itself, a blank for a blank, or a
/// replacement character for whatever [`Clean`] would have left out.
#[must_use]
pub fn visible(c: char) -> char {
    match class(c) {
        Class::Plain => c,
        Class::Blank => ' ',
        Class::Break | Class::Escape(_) | Class::Joiner | Class::Strange | Class::Harmful => '\u{fffd}',
    }
}

#[derive(Clone, Copy)]
struct Bound {
    graphemes: usize,
    bytes: usize,
}

/// The one pass from outside text to harmless text. Whether a character is kept depends only on what was kept before
/// it, so a second pass over the result keeps all of it.
struct Wash {
    out: String,
    bound: Bound,
    graphemes: usize,
    /// Where in `out` the last grapheme begins, and of how many characters it is.
    last: usize,
    n_last: usize,
    n_marks: usize,
    /// A line break was passed and nothing was written since.
    broken: bool,
    /// A joiner was passed; it is written only if it joins.
    joining: bool,
}

impl Wash {
    fn new(bound: Bound) -> Self {
        let out = String::new();
        Self { out, bound, graphemes: 0, last: 0, n_last: 0, n_marks: 0, broken: false, joining: false }
    }

    fn run(mut self, text: &str) -> String {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match class(c) {
                Class::Plain => self.offer(c),
                Class::Blank => self.offer(' '),
                Class::Strange => self.offer('\u{fffd}'),
                Class::Break => self.broken = true,
                Class::Joiner => self.joining = true,
                Class::Escape(start) => skip(start, &mut rest),
                Class::Harmful => {}
            }
            if self.is_over() {
                return self.cut();
            }
        }
        self.out
    }

    fn is_over(&self) -> bool {
        self.graphemes > self.bound.graphemes || self.out.len() > self.bound.bytes
    }

    fn offer(&mut self, c: char) {
        if std::mem::take(&mut self.broken) && !self.out.is_empty() {
            self.joining = false;
            self.put(' ');
        }
        if std::mem::take(&mut self.joining) && self.joins(c) {
            self.out.push('\u{200d}');
            self.out.push(c);
            self.n_last += 2;
            self.n_marks = 0;
            return;
        }
        self.put(c);
    }

    /// Whether a joiner before `c` makes one sign of two, and is needed for it.
    fn joins(&self, c: char) -> bool {
        self.n_last + 2 <= MOST_IN_GRAPHEME && !is_mark(c) && !self.continues(&[c]) && self.continues(&['\u{200d}', c])
    }

    fn put(&mut self, c: char) {
        if is_mark(c) {
            let bare = self.out.is_empty() || self.n_marks >= MOST_MARKS;
            let chooses = matches!(c, '\u{fe0e}' | '\u{fe0f}');
            if bare || (chooses && self.n_marks > 0) {
                return;
            }
        }
        let ascii = c.is_ascii() && self.out.as_bytes().last().is_none_or(u8::is_ascii);
        if !ascii && self.continues(&[c]) {
            if self.n_last >= MOST_IN_GRAPHEME {
                return;
            }
            self.n_last += 1;
        } else {
            self.graphemes += 1;
            self.last = self.out.len();
            self.n_last = 1;
        }
        self.n_marks = if is_mark(c) { self.n_marks + 1 } else { 0 };
        self.out.push(c);
    }

    /// Whether these characters belong to the grapheme written last.
    fn continues(&self, more: &[char]) -> bool {
        let last = self.out.get(self.last..).unwrap_or_default();
        if last.is_empty() {
            return false;
        }
        let probe: String = last.chars().chain(more.iter().copied()).collect();
        probe.graphemes(true).nth(1).is_none()
    }

    fn cut(mut self) -> String {
        let fits =
            |wash: &Self| wash.graphemes < wash.bound.graphemes && wash.out.len() + '…'.len_utf8() <= wash.bound.bytes;
        while !fits(&self) {
            let Some((last, _)) = self.out.grapheme_indices(true).next_back() else { return self.out };
            self.out.truncate(last);
            self.graphemes -= 1;
        }
        let (last, text) = self.out.grapheme_indices(true).next_back().unwrap_or((0, ""));
        (self.last, self.n_last, self.n_marks) = (last, text.chars().count(), 0);
        self.put('…');
        self.out
    }
}

/// A character without a width of its own: an accent, a vowel sign, a variation selector.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && c.width() == Some(0)
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Clean {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Clean {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Clean {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl From<Clean> for String {
    fn from(clean: Clean) -> Self {
        clean.0.as_ref().to_owned()
    }
}

impl<'a> From<&'a Clean> for Cow<'a, str> {
    fn from(clean: &'a Clean) -> Self {
        Cow::Borrowed(&clean.0)
    }
}

impl Serialize for Clean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Read back, it is cleaned again: a file or a socket is outside too.
impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::line_within(&text, MOST_GRAPHEMES))
    }
}
