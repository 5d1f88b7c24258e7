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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, clean: &str) {
        assert_eq!(Clean::line(text).as_str(), clean, "from {text:?}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays_as_it_is() {
        let texts = "plain|  indented  |naïve café|re\u{301}sume\u{301}|日本語　テスト|한국어|שלום|नमस्ते|ไทยที่|👍|👍🏽|❤️|1️⃣|🇩🇪🇫🇷|👩‍👩‍👧‍👦|\
                     👩🏽‍❤️‍💋‍👨🏿|🏳️‍🌈|a→b…“c”|▂▄▇ ●▲✖|";
        for text in texts.split('|') {
            check(text, text);
        }
    }

    #[test]
    fn escape_sequences_vanish_whole() {
        for (text, clean) in [
            ("a\x1b[31mred\x1b[0mb", "aredb"),
            ("\x1b[38;2;1;2;3mx\x1b[?25l\x1b[2J\x1b[1 qy", "xy"),
            ("\x1b]0;title\x07x", "x"),
            ("\x1b]52;c;aGVsbG8=\x1b\\x", "x"),
            ("\x1b]8;;https://evil.example.test\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1bPq#0;2;0;0;0\x1b\\x", "x"),
            ("\x1b_Gf=100;AAAA\x1b\\x\x1b^pm\x1b\\y\x1bXsos\x1b\\z", "xyz"),
            ("\u{9b}31mx\u{9d}0;t\u{9c}y\u{90}q\u{9c}z\u{9e}a\u{9c}\u{9f}b\u{9c}\u{98}c\u{9c}!", "xyz!"),
            ("\x1b(Bx\x1b#8y\x1bcz\x1b7", "xyz"),
            ("\x1bPtmux;\x1b\x1b]52;c;QUJD\x07\x1b\\x", "x"),
        ] {
            check(text, clean);
        }
    }

    #[test]
    fn a_sequence_cut_off_takes_nothing_with_it_beyond_its_line() {
        for (text, clean) in [
            ("x\x1b", "x"),
            ("x\x1b[", "x"),
            ("x\x1b[31", "x"),
            ("x\x1b[31äy", "xäy"),
            ("x\x1b]52;c;aGVs", "x"),
            ("x\x1b]0;title\ny", "x y"),
            ("x\x1b]0;ti\x1b[31my", "xy"),
            ("x\x1b]0;t\x1b", "x"),
            ("x\x1bé", "xé"),
            ("x\u{9d}0;t\u{9b}1my", "xy"),
        ] {
            check(text, clean);
        }
    }

    #[test]
    fn what_is_invisible_or_turns_the_direction_vanishes() {
        for (text, clean) in [
            ("a\0b\x07c\x08d\x7fe\u{80}f", "abcdef"),
            ("a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{61c}f", "abcdef"),
            ("a\u{200b}b\u{200c}c\u{200d}d\u{feff}e\u{2060}f\u{ad}g", "abcdefg"),
            ("a\u{e0001}\u{e0041}b", "ab"),
            ("a\u{fff9}b\u{fdd0}c\u{1ffff}d", "abcd"),
            ("a\tb\u{a0}c", "a b c"),
            ("a\nb\r\nc\rd\u{2028}e\u{85}f\n\n", "a b c d e f"),
            ("\n\na\u{e000}b\u{10fffd}", "a\u{fffd}b\u{fffd}"),
            ("\u{301}a", "a"),
            ("😀\u{200d}", "😀"),
            ("😀\u{200d}a", "😀a"),
            ("👩\u{200d}\n👧", "👩 👧"),
            ("z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}a", "z\u{301}\u{302}\u{303}\u{304}a"),
        ] {
            check(text, clean);
        }
    }

    #[test]
    fn what_is_too_long_ends_in_a_mark() {
        for (text, most, clean) in [
            ("hello", 5, "hello"),
            ("hello!", 5, "hell…"),
            ("hello", 1, "…"),
            ("hello", 0, ""),
            ("", 0, ""),
            ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}e\u{301}e\u{301}"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("ab\u{200b}\n", 2, "ab"),
            ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 1, "…"),
        ] {
            assert_eq!(Clean::line_within(text, most).as_str(), clean, "{text:?} within {most}");
        }
        let long = Clean::line(&"日".repeat(10_000));
        assert!(long.as_str().len() <= LINE_BYTES && long.as_str().ends_with('…'));
    }

    #[test]
    fn bytes_that_are_no_text_are_told_so() {
        assert_eq!(Clean::from_bytes(b"a\xff\x1b[1mb\xc3"), "a\u{fffd}b\u{fffd}");
        assert_eq!(Clean::lines("a\r\nb\n\nc", 3), ["a", "b", ""]);
    }

    #[test]
    fn a_megabyte_of_nastiness_is_one_pass() {
        for part in ["\x1b]0;", "\x1b[", "\u{301}", "\u{200d}", "\u{d4e}", "\u{1100}", "👩\u{200d}", "🇩", "\u{9d}x"]
        {
            let text = part.repeat(1_000_000 / part.len());
            assert!(Clean::line(&text).as_str().len() <= LINE_BYTES);
        }
    }

    #[test]
    fn it_is_cleaned_again_when_read_back() {
        let back: Clean = serde_json::from_str(r#""a\u001b[31mb\u202e""#).unwrap();
        assert_eq!(back, "ab");
        assert_eq!(serde_json::to_string(&back).unwrap(), r#""ab""#);
    }

    const PARTS: &str = "\x1b|\x1b[|\x1b]|\x1bP|\x1b\\|\u{9b}|\u{9d}|\u{9c}|\x07|\n|\r|\t|\0|31m|;|a|B| |é|\u{301}|\u{20dd}|\u{200d}|\
        \u{fe0f}|\u{202e}|👩|🏽|🇩|❤|1|\u{20e3}|日|\u{1100}|\u{1161}|\u{11a8}|क|\u{94d}|\u{903}|\u{d4e}|\u{600}|\u{e000}|\
        \u{200b}|\u{2028}|…|\u{111c2}";

    /// Texts made of what hurts, mixed with what doesn't.
    fn nasty() -> impl Strategy<Value = String> {
        let parts = prop_oneof![
            prop::sample::select(PARTS.split('|').collect::<Vec<_>>()).prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(parts, 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn cleaning_twice_is_cleaning_once(text in nasty(), most in 0usize..30) {
            let once = Clean::line(&text);
            prop_assert_eq!(&Clean::line(once.as_str()), &once);
            let short = Clean::line_within(&text, most);
            prop_assert_eq!(&Clean::line_within(short.as_str(), most), &short);
            prop_assert!(short.as_str().graphemes(true).count() <= most);
        }

        #[test]
        fn nothing_harmful_is_left(text in nasty()) {
            let clean = Clean::line(&text);
            for c in clean.as_str().chars() {
                prop_assert!(matches!(class(c), Class::Plain | Class::Joiner), "{:?} in {:?}", c, clean);
                prop_assert!(!c.is_control());
            }
            for grapheme in clean.as_str().graphemes(true) {
                prop_assert!(grapheme.chars().count() <= MOST_IN_GRAPHEME);
            }
        }

        #[test]
        fn plain_text_is_kept_to_the_letter(text in "[ -~äöü日本語👍]{0,80}") {
            prop_assert_eq!(Clean::line(&text), text.as_str());
        }
    }
}
