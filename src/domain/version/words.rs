//! The words vendors append to versions, and what they mean.

/// Words that lower a version. They order among themselves as semver orders them: by their letters.
#[rustfmt::skip]
const LOWERING: &[&str] = &[
    "alpha", "beta", "canary", "candidate", "daily", "dev", "devel", "develop", "ea", "eap", "edge", "experimental",
    "insiders", "main", "master", "milestone", "next", "nightly", "pr", "pre", "prerelease", "preview", "rc",
    "snapshot", "test", "trunk", "unstable", "weekly", "wip",
];

/// Distributions of Kubernetes: what follows is their build, even after a pre-release or a flavour.
const VENDORS: &[&str] = &["eks", "gke", "k0s", "k3s", "rke2"];

/// Words whose number counts as a build. After `+`, and under `kubernetes`, any word but a flavour does that.
#[rustfmt::skip]
const BUILDS: &[&str] = &[
    "b", "build", "fix", "hf", "hotfix", "p", "patch", "post", "r", "rev", "revision", "security", "sp", "u", "update",
];

/// Editions, bases and platforms of images and packages: neither they nor their numbers ever count.
#[rustfmt::skip]
const FLAVOURS: &[&str] = &[
    "alpine", "amazonlinux", "amd", "amzn", "arm", "bci", "boringcrypto", "bookworm", "bullseye", "buster", "ce",
    "centos", "chainguard", "community", "cuda", "deb", "debian", "debug", "dfsg", "distroless", "ds", "ee", "el",
    "ent", "enterprise", "fc", "final", "fips", "focal", "full", "ga", "glibc", "gpu", "hardened", "jammy", "java",
    "jdk", "jre", "leap", "linux", "lts", "minimal", "multiarch", "musl", "noble", "nonroot", "openjdk", "oss",
    "photon", "pro", "release", "rhel", "rocky", "rootless", "scratch", "slim", "stable", "static", "stretch",
    "trixie", "ubi", "ubuntu", "windows", "wolfi",
];

/// What a word says about the numbers after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// They are a vendor's build, whatever stands before.
    Vendor,
    /// They are a build.
    Build,
    /// They never count.
    Flavour,
    /// Nothing: what it means depends on where it stands.
    Unknown,
}

pub(super) fn kind(word: &str) -> Kind {
    match word {
        _ if VENDORS.contains(&word) => Kind::Vendor,
        _ if FLAVOURS.contains(&word) => Kind::Flavour,
        _ if BUILDS.contains(&word) => Kind::Build,
        _ => Kind::Unknown,
    }
}

/// A piece of a tail, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    /// A hexadecimal name of a commit: it says which build this is, but not whether it is the later one.
    Commit,
}

pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '~')
}

/// Words and numbers between separators; `rc1` is a word and a number.
pub(super) fn tokens(tail: &str) -> Vec<Token<'_>> {
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

/// Whether the word at `n` makes what it stands in a pre-release. Single letters do only with a number.
pub(super) fn lowers(words: &[Token<'_>], n: usize, glued: bool) -> bool {
    let numbered = || matches!(words.get(n + 1), Some(Token::Number(_)));
    match words.get(n) {
        Some(Token::Word("m" | "cr")) => numbered(),
        // Python writes `1.0b2`; with a dash, `-b12` is a build of Java.
        Some(Token::Word("a" | "b")) => n == 0 && glued && numbered(),
        Some(Token::Word(word)) => LOWERING.contains(word),
        Some(Token::Number(_) | Token::Commit) | None => false,
    }
}

/// Whether a long number starts with a day, as in `20260101` or `20260101123000`.
pub(super) fn starts_with_day(run: &str) -> bool {
    let two = |at: usize| run.get(at..at + 2).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    matches!(two(0), 19 | 20) && (1..=12).contains(&two(4)) && (1..=31).contains(&two(6))
}
