//! Taking a version's text apart.
//!
//! A text is `[v]NUMBER[.NUMBER...]TAIL[@DIGEST]`. The tail is walked word by word; a word decides what the
//! numbers after it are: part of a pre-release (`rc.1`), a build (`gke.1043002`), or part of a flavour (`debian-12-r3`).

use semver::{BuildMetadata, Prerelease};

use super::parts::Parts;
use super::words::{Kind, Token, is_separator, kind, lowers, starts_with_day, tokens};
use crate::domain::scheme::Scheme;

/// No registry allows a tag of more than 128 bytes; twice that is no version.
const LONGEST: usize = 256;

/// The parts of `text`, or nothing where it has no order under `scheme`.
pub(super) fn parts(scheme: Scheme, text: &str) -> Option<Parts> {
    if scheme == Scheme::Opaque {
        return None;
    }
    let (front, tail) = split(text)?;
    let numbers: Vec<u64> = front.split('.').map(|digits| digits.parse().ok()).collect::<Option<_>>()?;
    // A long number alone is a run number, a date or a commit without letters.
    if numbers.len() == 1 && front.len() > 6 {
        return None;
    }
    if !tail.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || is_separator(c)) {
        return None;
    }
    let tail = tail.to_ascii_lowercase();
    let (dashed, plus) = tail.split_once('+').unwrap_or((&tail, ""));
    let glued = dashed.starts_with(|c: char| c.is_ascii_alphabetic());
    let words = tokens(dashed);
    let sound = match dashed.strip_prefix('.') {
        // `12.x` is a wish and `1.2.` is torn; `1.0.0.Final` is a version.
        Some(after) => after.starts_with(|c: char| c.is_ascii_alphabetic()) && words.first() != Some(&Token::Word("x")),
        // `9a1c0a2e4a1f` is a commit and the letter of `1.1.1w` has an order we do not know; `3.0.0rc1` and `4.0r9` are clear.
        None => !glued || (numbers.len() > 1 && glues(&words)),
    };
    if !sound {
        return None;
    }
    let mut counted = Counted::default();
    let lowered = is_lowered(scheme, dashed, &words, glued);
    counted.walk(scheme, if lowered { Section::Lowered { glued } } else { Section::Dashed }, &words);
    counted.walk(scheme, Section::Plus, &tokens(plus));
    Some(Parts {
        counts_line: numbers.len() == 2 && matches!(words.as_slice(), [Token::Word("eks"), Token::Number(_), ..]),
        numbers,
        pre: Prerelease::new(&counted.pre.join(".")).ok()?,
        build: BuildMetadata::new(&counted.build.join(".")).ok()?,
    })
}

/// The dotted numbers at the front of `text`, and what follows them; without `v`, digest and outer blanks.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let tag = text.split('@').next().unwrap_or(text).trim();
    if tag.len() > LONGEST {
        return None;
    }
    let bare = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len());
    let (front, tail) = bare.split_at_checked(end)?;
    // A dot without a digit behind it belongs to the tail: `1.0.0.Final`.
    match front.strip_suffix('.') {
        Some(shorter) => bare.split_at_checked(shorter.len()),
        None => Some((front, tail)),
    }
}

/// Whether the tail may stand at a number without a separator.
fn glues(words: &[Token<'_>]) -> bool {
    match words.first() {
        Some(Token::Word(word)) => lowers(words, 0, true) || matches!(kind(word), Kind::Build | Kind::Flavour),
        Some(Token::Number(_) | Token::Commit) | None => false,
    }
}

/// Whether the part before `+` is a pre-release.
fn is_lowered(scheme: Scheme, dashed: &str, words: &[Token<'_>], glued: bool) -> bool {
    // Grafana's nightly `13.1.0-19843215` ends in the number of a run; a rebuild ends in a small number or a day.
    let run_number = matches!(words.first(), Some(Token::Number(run)) if run.len() >= 8 && !starts_with_day(run));
    // Nobody counts builds from `-0.`: it is the usual way to sort below every named pre-release.
    let below_all = dashed.starts_with("-0.");
    (scheme == Scheme::Semver && run_number) || below_all || (0..words.len()).any(|n| lowers(words, n, glued))
}

#[derive(Clone, Copy)]
enum Section {
    /// Before `+`, and nothing in it lowers.
    Dashed,
    /// Before `+`, and a pre-release.
    Lowered { glued: bool },
    /// After `+`: builds, whatever the words.
    Plus,
}

/// What the numbers that come next belong to.
#[derive(Clone, Copy)]
enum Mode {
    Pre,
    Build,
    Flavour,
}

/// The parts of a tail that count.
#[derive(Default)]
struct Counted<'a> {
    pre: Vec<&'a str>,
    build: Vec<&'a str>,
}

impl<'a> Counted<'a> {
    /// Adds what counts of one section of a tail.
    fn walk(&mut self, scheme: Scheme, section: Section, words: &[Token<'a>]) {
        let (mut mode, any_word_builds) = match section {
            Section::Dashed => (Mode::Build, scheme == Scheme::Kubernetes),
            Section::Lowered { .. } => (Mode::Pre, false),
            Section::Plus => (Mode::Build, true),
        };
        let plus = matches!(section, Section::Plus);
        let mut last = "";
        for (n, token) in words.iter().enumerate() {
            match *token {
                Token::Commit => {}
                Token::Number(run) => match mode {
                    Mode::Pre => self.pre.push(plain(run)),
                    // Where commits stand, seven digits are one that happens to hold no letter.
                    Mode::Build if run.len() == 7 && (last == "eks" || (last.is_empty() && plus)) => {}
                    Mode::Build => self.build.push(plain(run)),
                    Mode::Flavour => {}
                },
                Token::Word(word) => {
                    last = word;
                    let lowering = matches!(section, Section::Lowered { glued } if lowers(words, n, glued));
                    mode = match (mode, kind(word)) {
                        _ if lowering => Mode::Pre,
                        (_, Kind::Vendor) => Mode::Build,
                        (_, Kind::Flavour) => Mode::Flavour,
                        (Mode::Build, Kind::Unknown) if !any_word_builds => Mode::Flavour,
                        (same, Kind::Build | Kind::Unknown) => same,
                    };
                    if matches!(mode, Mode::Pre) {
                        self.pre.push(word);
                    }
                }
            }
        }
    }
}

/// Digits without leading zeros, as semver writes a number.
fn plain(run: &str) -> &str {
    let digits = run.trim_start_matches('0');
    if digits.is_empty() { "0" } else { digits }
}
