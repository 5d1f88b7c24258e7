//! Finding by a few letters, and which letters were found.

use std::cell::RefCell;

use nucleo_matcher::chars::{normalize, to_lower_case};
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use unicode_segmentation::UnicodeSegmentation;

/// Letters of a searched word that are looked at.
const LONGEST: usize = 100;
/// A longer text is prose, not a name: in it any few letters can be found apart, so they must stand together.
const NAME: usize = 64;
/// What a letter found is worth, and one at the start of a word: the matcher's own measures, so that scores compare.
const LETTER: u32 = 16;
const WORD_START: u32 = 8;

/// One word to be found. Neither case nor accents count.
#[derive(Clone, Debug, PartialEq)]
pub struct Needle {
    manner: Manner,
    /// The word, folded, a character for each grapheme.
    letters: Vec<char>,
    /// The word as the matcher wants it, where letters may stand apart.
    loose: Atom,
}

/// How the letters of a word must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Loose,
    LooseInNames,
    Tight,
    Whole,
}

impl Needle {
    /// Found where its letters stand in this order; in a very long text only side by side.
    #[must_use]
    pub fn loose(word: &str) -> Self {
        Self::new(word, Manner::Loose)
    }

    /// Found in a name where its letters stand in this order; in a text of several words only side by side.
    #[must_use]
    pub fn loose_in_names(word: &str) -> Self {
        Self::new(word, Manner::LooseInNames)
    }

    /// Found where its letters stand side by side.
    #[must_use]
    pub fn tight(word: &str) -> Self {
        Self::new(word, Manner::Tight)
    }

    /// Found where nothing else stands.
    #[must_use]
    pub fn whole(word: &str) -> Self {
        Self::new(word, Manner::Whole)
    }

    fn new(word: &str, manner: Manner) -> Self {
        let word: String = word.graphemes(true).take(LONGEST).filter_map(|g| g.chars().next()).collect();
        let loose = Atom::new(&word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        Self { manner, letters: word.chars().map(fold).collect(), loose }
    }

    /// How well it is found in a text; none if not at all.
    #[must_use]
    pub fn score(&self, text: &str) -> Option<u32> {
        with_scratch(|scratch| {
            let Scratch { matcher, chars, .. } = scratch;
            let hay = hay(text, chars);
            if self.is_loose_in(text, hay) {
                return self.loose.score(hay, matcher).map(u32::from);
            }
            let at = self.place(hay)?;
            let length = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
            let first = at.checked_sub(1).is_none_or(|before| !letter(hay, before).is_some_and(char::is_alphanumeric));
            Some(length.saturating_mul(LETTER).saturating_add(if first { WORD_START } else { 0 }))
        })
    }

    /// Which graphemes of a text it is found in, in order; none if it isn't.
    #[must_use]
    pub fn spots(&self, text: &str) -> Option<Vec<usize>> {
        with_scratch(|scratch| {
            let Scratch { matcher, chars, spots } = scratch;
            let hay = hay(text, chars);
            if !self.is_loose_in(text, hay) {
                return self.place(hay).map(|at| (at..at + self.letters.len()).collect());
            }
            spots.clear();
            self.loose.indices(hay, matcher, spots)?;
            let mut found: Vec<usize> = spots.iter().filter_map(|at| usize::try_from(*at).ok()).collect();
            found.sort_unstable();
            found.dedup();
            Some(found)
        })
    }

    fn is_loose_in(&self, text: &str, hay: Utf32Str<'_>) -> bool {
        match self.manner {
            Manner::Loose => hay.len() <= NAME,
            Manner::LooseInNames => hay.len() <= NAME && !text.contains(' '),
            Manner::Tight | Manner::Whole => false,
        }
    }

    /// Where it begins in a text, side by side. (The matcher's own search misses some places in texts beyond ASCII.)
    fn place(&self, hay: Utf32Str<'_>) -> Option<usize> {
        let (n, length) = (hay.len(), self.letters.len());
        let last = n.checked_sub(length)?;
        let is_at =
            |at: usize| (at..).zip(&self.letters).all(|(at, letter)| self::letter(hay, at).map(fold) == Some(*letter));
        match self.manner {
            Manner::Whole => (last == 0 && is_at(0)).then_some(0),
            Manner::Loose | Manner::LooseInNames | Manner::Tight => (0..=last).find(|at| is_at(*at)),
        }
    }
}

/// Several words, all of which must be found: for palettes and pickers, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fuzzy(Vec<Needle>);

impl Fuzzy {
    /// The words of what was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(typed.split_whitespace().take(16).map(Needle::loose).collect())
    }

    /// How well all of them are found; none if one isn't. No word is found everywhere.
    #[must_use]
    pub fn score(&self, text: &str) -> Option<u32> {
        self.0.iter().try_fold(0u32, |sum, needle| Some(sum.saturating_add(needle.score(text)?)))
    }

    /// Which graphemes they are found in, in order.
    #[must_use]
    pub fn spots(&self, text: &str) -> Vec<usize> {
        let mut all: Vec<usize> = self.0.iter().filter_map(|needle| needle.spots(text)).flatten().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The items in which all are found, the best first; equals stay in their order.
    #[must_use]
    pub fn pick<'i, T>(&self, items: &'i [T], text: impl Fn(&T) -> &str) -> Vec<&'i T> {
        let mut found: Vec<_> =
            items.iter().filter_map(|item| Some((std::cmp::Reverse(self.score(text(item))?), item))).collect();
        found.sort_by_key(|(score, _)| *score);
        found.into_iter().map(|(_, item)| item).collect()
    }
}

fn fold(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { to_lower_case(normalize(c)) }
}

/// The first character of each grapheme: what the matcher counts is what the screen draws.
fn hay<'h>(text: &'h str, chars: &'h mut Vec<char>) -> Utf32Str<'h> {
    if text.is_ascii() {
        return Utf32Str::Ascii(text.as_bytes());
    }
    chars.clear();
    chars.extend(text.graphemes(true).filter_map(|g| g.chars().next()));
    Utf32Str::Unicode(chars)
}

fn letter(hay: Utf32Str<'_>, at: usize) -> Option<char> {
    match hay {
        Utf32Str::Ascii(bytes) => bytes.get(at).copied().map(char::from),
        Utf32Str::Unicode(chars) => chars.get(at).copied(),
    }
}

/// What the matcher writes on: large, so there is one for each thread and not one for each word.
struct Scratch {
    matcher: Matcher,
    chars: Vec<char>,
    spots: Vec<u32>,
}

impl Scratch {
    fn new() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), chars: Vec::new(), spots: Vec::new() }
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => work(&mut scratch),
        Err(_) => work(&mut Scratch::new()),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_in_order_are_found_and_named() {
        for (word, text, spots) in [
            ("acme", "acme/production", Some(vec![0, 1, 2, 3])),
            ("prod", "acme/production", Some(vec![5, 6, 7, 8])),
            ("kpv", "KubePersistentVolumeFillingUp", Some(vec![0, 4, 14])),
            ("ACME", "acme", Some(vec![0, 1, 2, 3])),
            ("cafe", "Café", Some(vec![0, 1, 2, 3])),
            ("x", "日本e\u{301}x", Some(vec![3])),
            ("fx", "👩‍👩‍👧‍👦fx", Some(vec![1, 2])),
            ("日語", "日本語", Some(vec![0, 2])),
            ("emca", "acme", None),
            ("acme", "", None),
        ] {
            assert_eq!(Needle::loose(word).spots(text), spots, "{word} in {text}");
            assert_eq!(Needle::loose(word).score(text).is_some(), spots.is_some());
        }
    }

    #[test]
    fn in_prose_letters_must_stand_together() {
        let prose = "the persistent volume of the database fills up and will be full in about four hours";
        assert!(Needle::loose("pvdb").score(prose).is_none());
        assert!(Needle::loose("volume").score(prose).is_some());
        assert!(Needle::tight("pv").score("p-v").is_none());
        assert!(Needle::whole("acme").score("acme2").is_none() && Needle::whole("acme").score("Acme").is_some());
    }

    #[test]
    fn all_words_must_be_found_and_the_best_comes_first() {
        let names = ["copy link", "calendar", "open calendar", "cycle the zone"];
        let pick = |typed| Fuzzy::new(typed).pick(&names, |name| name);
        assert_eq!(pick("cal"), [&"calendar", &"open calendar"]);
        assert_eq!(pick("zone cyc"), [&"cycle the zone"]);
        assert_eq!(pick(" "), names.iter().collect::<Vec<_>>());
        assert!(pick("xyz").is_empty());
        assert_eq!(Fuzzy::new("zone cy").spots("cycle the zone"), [0, 1, 10, 11, 12, 13]);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_finds_itself_and_nothing_panics(word in "(\\PC|[a-z]|e\u{301}|日){1,200}", text in "(\\PC|[a-z]|日|é){0,300}") {
            for needle in [Needle::loose(&word), Needle::tight(&word), Needle::whole(&word)] {
                let n = text.graphemes(true).count();
                if let Some(spots) = needle.spots(&text) {
                    prop_assert!(spots.iter().all(|at| *at < n));
                }
                prop_assert_eq!(needle.score(&text).is_some(), needle.spots(&text).is_some());
            }
        }

        #[test]
        fn a_part_of_a_text_is_found_in_it(text in "[a-cÄé日/-]{1,80}", from in 0usize..80, len in 1usize..20) {
            let part: String = text.chars().skip(from).take(len).collect();
            for needle in [Needle::loose(&part), Needle::loose_in_names(&part), Needle::tight(&part.to_uppercase())] {
                prop_assert!(needle.score(&text).is_some(), "{:?} in {}", needle, text);
            }
        }
    }
}
