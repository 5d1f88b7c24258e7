//! Taking a version's text apart: which of it counts, and in which order.
//!
//! A text is `[v]NUMBER[.NUMBER...]TAIL[@DIGEST]`. The tail is walked word by word; a word decides what the
//! numbers after it are: part of a pre-release (`rc.1`), a build (`gke.1043002`), or part of a flavour (`debian-12-r3`).

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease};

use crate::domain::scheme::Scheme;

/// No registry allows a tag of more than 128 bytes; twice that is no version.
const LONGEST: usize = 256;

/// Words that lower a version. They order among themselves as semver orders them: by their letters.
const LOWERING: &[&str] = &[
    "alpha",
    "beta",
    "canary",
    "candidate",
    "dev",
    "devel",
    "develop",
    "ea",
    "eap",
    "experimental",
    "milestone",
    "nightly",
    "pre",
    "prerelease",
    "preview",
    "rc",
    "snapshot",
    "unstable",
];

/// Distributions of Kubernetes: what follows is their build, even after a pre-release or a flavour.
const VENDORS: &[&str] = &["eks", "gke", "k0s", "k3s", "rke2"];

/// Words whose number counts as a build. After `+`, and under `kubernetes`, any word but a flavour does that.
const BUILDS: &[&str] = &[
    "b", "build", "fix", "hf", "hotfix", "p", "patch", "post", "r", "rev", "revision", "security", "sp", "u", "update",
];

/// Editions, bases and platforms of images and packages: neither they nor their numbers ever count.
const FLAVOURS: &[&str] = &[
    "alpine",
    "amazonlinux",
    "amd",
    "amzn",
    "arm",
    "bci",
    "boringcrypto",
    "bookworm",
    "bullseye",
    "buster",
    "ce",
    "centos",
    "chainguard",
    "community",
    "cuda",
    "deb",
    "debian",
    "debug",
    "dfsg",
    "distroless",
    "ds",
    "ee",
    "el",
    "ent",
    "enterprise",
    "fc",
    "final",
    "fips",
    "focal",
    "full",
    "ga",
    "glibc",
    "gpu",
    "hardened",
    "java",
    "jammy",
    "jdk",
    "jre",
    "leap",
    "linux",
    "lts",
    "minimal",
    "multiarch",
    "musl",
    "noble",
    "nonroot",
    "openjdk",
    "oss",
    "photon",
    "pro",
    "release",
    "rhel",
    "rocky",
    "rootless",
    "scratch",
    "slim",
    "stable",
    "static",
    "stretch",
    "trixie",
    "ubi",
    "ubuntu",
    "windows",
    "wolfi",
];

/// What counts of a version. Ordered by precedence: numbers, pre-release, numeric build.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The dotted numbers at the front, as many as are written; at least one.
    pub(super) numbers: Vec<u64>,
    pub(super) pre: Prerelease,
    /// Only the numbers of the build, so that a commit never decides an order.
    pub(super) build: BuildMetadata,
}

impl Parts {
    pub(super) fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    pub(super) fn number(&self, n: usize) -> u64 {
        self.numbers.get(n).copied().unwrap_or(0)
    }

    /// Compares the first `n` numbers; those not written are 0.
    pub(super) fn numbers_cmp(&self, other: &Self, n: usize) -> Ordering {
        (0..n).map(|at| self.number(at).cmp(&other.number(at))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Compares all but the build.
    pub(super) fn release_cmp(&self, other: &Self) -> Ordering {
        self.numbers_cmp(other, self.numbers.len().max(other.numbers.len())).then_with(|| self.pre.cmp(&other.pre))
    }
}

impl Ord for Parts {
    fn cmp(&self, other: &Self) -> Ordering {
        self.release_cmp(other).then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Parts {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Parts {}

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
    let lowered = is_lowered(dashed, &words, glued);
    counted.walk(scheme, if lowered { Section::Lowered { glued } } else { Section::Dashed }, &words);
    counted.walk(scheme, Section::Plus, &tokens(plus));
    Some(Parts {
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Commit,
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '~')
}

/// Words and numbers between separators; `rc1` is a word and a number.
fn tokens(tail: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for segment in tail.split(|c| c == '+' || is_separator(c)) {
        if is_commit(segment) {
            tokens.push(Token::Commit);
            continue;
        }
        let mut rest = segment;
        // `k3s1` is the first build of `k3s`, whatever digits that name holds.
        if let Some((vendor, behind)) = VENDORS.iter().find_map(|v| Some((*v, segment.strip_prefix(v)?))) {
            tokens.push(Token::Word(vendor));
            rest = behind;
        }
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let Some((run, behind)) = rest.split_at_checked(end) else { break };
            tokens.push(if digits { Token::Number(run) } else { Token::Word(run) });
            rest = behind;
        }
    }
    tokens
}

/// Whether a segment is a commit: letters and digits of a hexadecimal number, as in `d8e449a`, `3f4e`, `gabc1234`.
fn is_commit(segment: &str) -> bool {
    let hex = segment.strip_prefix('g').unwrap_or(segment);
    let n_digits = hex.chars().filter(char::is_ascii_digit).count();
    hex.chars().all(|c| c.is_ascii_hexdigit())
        && n_digits > 0
        && n_digits < hex.len()
        && (hex.len() >= 6 || hex.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether the tail may stand at a number without a separator.
fn glues(words: &[Token<'_>]) -> bool {
    match words.first() {
        Some(Token::Word(word)) => lowers(words, 0, true) || BUILDS.contains(word) || FLAVOURS.contains(word),
        Some(Token::Number(_) | Token::Commit) | None => false,
    }
}

/// Whether the word at `n` makes what it stands in a pre-release. Single letters do only with a number.
fn lowers(words: &[Token<'_>], n: usize, glued: bool) -> bool {
    let numbered = || matches!(words.get(n + 1), Some(Token::Number(_)));
    match words.get(n) {
        Some(Token::Word("m" | "cr")) => numbered(),
        // Python writes `1.0b2`; with a dash, `-b12` is a build of Java.
        Some(Token::Word("a" | "b")) => n == 0 && glued && numbered(),
        Some(Token::Word(word)) => LOWERING.contains(word),
        Some(Token::Number(_) | Token::Commit) | None => false,
    }
}

/// Whether the part before `+` is a pre-release.
fn is_lowered(dashed: &str, words: &[Token<'_>], glued: bool) -> bool {
    let nightly = matches!(words.first(), Some(Token::Number(run)) if run.len() >= 8 && !is_date(run));
    // Nobody counts builds from `-0.`: it is the usual way to sort below every named pre-release.
    nightly || dashed.starts_with("-0.") || (0..words.len()).any(|n| lowers(words, n, glued))
}

/// Whether a long number starts with a day. Grafana's nightly `13.1.0-19843215` does not.
fn is_date(run: &str) -> bool {
    let two = |at: usize| run.get(at..at + 2).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    matches!(two(0), 19 | 20) && (1..=12).contains(&two(4)) && (1..=31).contains(&two(6))
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
    fn walk(&mut self, scheme: Scheme, section: Section, words: &[Token<'a>]) {
        let (mut mode, any_word_builds) = match section {
            Section::Dashed => (Mode::Build, scheme == Scheme::Kubernetes),
            Section::Lowered { .. } => (Mode::Pre, false),
            Section::Plus => (Mode::Build, true),
        };
        let mut last = "";
        for (n, token) in words.iter().enumerate() {
            match *token {
                // A commit says which build it is, but not whether it is the later one.
                Token::Commit => {}
                Token::Number(run) => match mode {
                    Mode::Pre => self.pre.push(plain(run)),
                    // Seven digits are how short commits look when they happen to hold no letter.
                    Mode::Build if run.len() == 7 && matches!(last, "" | "eks") => {}
                    Mode::Build => self.build.push(plain(run)),
                    Mode::Flavour => {}
                },
                Token::Word(word) => {
                    last = word;
                    let lowering = matches!(section, Section::Lowered { glued } if lowers(words, n, glued));
                    mode = match mode {
                        _ if lowering => Mode::Pre,
                        _ if VENDORS.contains(&word) => Mode::Build,
                        _ if FLAVOURS.contains(&word) => Mode::Flavour,
                        Mode::Build if !any_word_builds && !BUILDS.contains(&word) => Mode::Flavour,
                        same => same,
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
