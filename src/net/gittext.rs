//! What git prints, read: listings, logs, files, complaints. Everything in it was written by strangers.

use std::time::Duration;

use chrono::DateTime;

use super::door::{GitCommit, GitFile};
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// The hash of its content, where it is a plain file.
    pub blob: Option<String>,
    /// Its size, where it has one.
    pub size: u64,
}

/// Reads `ls-tree -r -l -z`. Links and submodules are listed, and have no content.
#[must_use]
pub fn tree(bytes: &[u8]) -> Vec<Entry> {
    let entry = |record: &[u8]| {
        let text = String::from_utf8_lossy(record);
        let (about, path) = text.split_once('\t')?;
        let mut words = about.split_ascii_whitespace();
        let (mode, _kind, hash, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let plain = matches!(mode, "100644" | "100755") && is_hash(hash);
        Some(Entry { path: path.to_owned(), blob: plain.then(|| hash.to_owned()), size: size.parse().unwrap_or(0) })
    };
    bytes.split(|byte| *byte == 0).filter_map(entry).collect()
}

/// Reads `cat-file --batch`: the contents in the order they were asked for, none where there is none.
#[must_use]
pub fn contents(mut bytes: &[u8], count: usize) -> Vec<Option<Vec<u8>>> {
    let mut found = Vec::new();
    while found.len() < count {
        let Some(end) = memchr::memchr(b'\n', bytes) else { break };
        let (head, rest) = bytes.split_at(end);
        bytes = rest.get(1..).unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.split(' ').collect();
        let [_, "blob", size] = words.as_slice() else {
            found.push(None);
            continue;
        };
        let Some(body) = size.parse().ok().and_then(|size: usize| bytes.get(..size)) else { break };
        found.push(Some(body.to_vec()));
        bytes = bytes.get(body.len() + 1..).unwrap_or_default();
    }
    found.resize(count, None);
    found
}

/// A file with its text, where it is text.
#[must_use]
pub fn file(path: String, content: Option<Vec<u8>>) -> GitFile {
    let text = content.filter(|content| !content.contains(&0)).and_then(|content| String::from_utf8(content).ok());
    GitFile { path, text }
}

/// The fields of a commit as [`commits`] wants them.
pub const FORMAT: &str = "%x00%H%x00%an%x00%ae%x00%ct%x00%G?%x00%s%x00";

/// Reads `log -z --name-status` in [`FORMAT`]. Fields and paths are taken by their place, so none of them can pretend
/// to be another.
#[must_use]
pub fn commits(bytes: &[u8]) -> Vec<GitCommit> {
    let mut words = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut found: Vec<GitCommit> = Vec::new();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('\n');
        if is_hash(word) {
            let mut field = || words.next().map(std::borrow::Cow::into_owned).unwrap_or_default();
            found.push(GitCommit {
                hash: word.to_owned(),
                author: field(),
                mail: field(),
                committed: moment(&field()),
                signature: field(),
                subject: field(),
                touched: Vec::new(),
            });
        } else if let Some(how) = word.chars().next().filter(char::is_ascii_uppercase) {
            let first = words.next();
            let path = if matches!(how, 'R' | 'C') { words.next() } else { first };
            if let (Some(path), Some(commit)) = (path, found.last_mut()) {
                commit.touched.push((how, path.into_owned()));
            }
        }
    }
    found
}

fn moment(seconds: &str) -> Moment {
    seconds.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default()
}

/// Whether it is a hash, SHA-1 or SHA-256.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a branch may be named so in a command: nothing git would read as anything but a name.
#[must_use]
pub fn is_branch(name: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let odd_ends = name.starts_with(['-', '/']) || name.ends_with(['/', '.']);
    let odd_inside = ["..", "@{"].iter().any(|mark| name.contains(mark)) || name.contains(odd);
    !name.is_empty() && !odd_ends && !odd_inside
}

/// What can be done about a complaint without telling anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The other side has no way to cut a history.
    NeedsWhole,
    /// The copy is not in order.
    BrokenCopy,
}

/// Whether a complaint is one we can do something about ourselves.
#[must_use]
pub fn mishap(complaint: &[u8]) -> Option<Mishap> {
    let text = String::from_utf8_lossy(complaint);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let broken = [
        ".lock': File exists",
        "not a git repository: '",
        "is corrupt",
        "bad object refs/",
        "bad tree object",
        "unable to read tree",
        "did not send all necessary objects",
        "invalid sha1 pointer",
        "shallow file has changed",
    ];
    if says(&["does not support shallow"]) {
        Some(Mishap::NeedsWhole)
    } else if says(&broken) && !says(&["remote: ", "does not appear to be"]) {
        Some(Mishap::BrokenCopy)
    } else {
        None
    }
}

/// Whether git found what it asked, and the branch not among it.
#[must_use]
pub fn lacks_branch(complaint: &[u8]) -> bool {
    String::from_utf8_lossy(complaint).contains("couldn't find remote ref")
}

/// Where there is no branch at all: to git a login page is a repository without any.
#[must_use]
pub fn nothing_there() -> Fault {
    Fault::Garbled {
        expected: "a git repository",
        why: Clean::line("one without any branch (a login page, a wrong address, or nothing in it yet)"),
    }
}

/// What was asked for when git complained.
pub struct Asked<'a> {
    /// The name of the credential.
    pub credential: Option<Clean>,
    /// The branch.
    pub branch: Option<&'a str>,
    /// The time allowed.
    pub allowed: Duration,
}

/// What git's complaint means.
#[must_use]
pub fn fault(complaint: &[u8], asked: Asked<'_>) -> Fault {
    let Asked { credential, branch, allowed } = asked;
    let text = String::from_utf8_lossy(complaint);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let line = || {
        let telling =
            |line: &&str| ["fatal:", "error:", "ERROR:", "remote:", "ssh:"].iter().any(|mark| line.starts_with(mark));
        let last = text.lines().rev().find(telling).or_else(|| text.lines().last()).unwrap_or("it said nothing");
        Clean::line_within(last.trim_start_matches("fatal: ").trim_start_matches("error: "), 200)
    };
    if says(&["Operation too slow", "during banner exchange", "Timeout, server", "Operation timed out"]) {
        Fault::Slow { allowed }
    } else if says(&["is this a git repository?", "not valid: ", "protocol error", "bad line length"]) {
        Fault::Garbled { expected: "a git repository", why: Clean::line("another answer") }
    } else if says(&["Host key verification failed"]) {
        // The line that tells which is wrong comes before the one that says so.
        let why = if says(&["REMOTE HOST IDENTIFICATION HAS CHANGED"]) {
            "the server shows another host key than the one that is known"
        } else {
            "nobody vouches for the server's host key"
        };
        Fault::Untrusted { why: Clean::line(why) }
    } else if says(&["couldn't find remote ref"]) {
        Fault::Missing { path: Clean::line(&format!("branch {}", branch.unwrap_or("HEAD"))) }
    } else if says(&["certificate", "SSL"]) && !says(&["client certificate"]) {
        Fault::Untrusted { why: line() }
    } else if says(&[
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied (",
        "error: 401",
    ]) {
        Fault::Unauthorised { credential }
    } else if let Some(status @ 500..) = refused(&text) {
        Fault::Refused { status, why: Clean::line("") }
    } else if says(&["error: 403"]) {
        Fault::Forbidden { why: Clean::line("") }
    } else if says(&["error: 429"]) {
        Fault::Limited { until: None }
    } else if says(&[
        "Could not resolve",
        "Failed to connect",
        "Couldn't connect",
        "Connection refused",
        "Connection timed out",
        "No route to host",
        "Network is unreachable",
    ]) {
        Fault::Unreachable { why: line() }
    } else if says(&["proxy", "SOCKS"]) {
        Fault::Proxy { why: line() }
    } else if says(&["unable to update url base from redirection"]) {
        Fault::Astray { to: Clean::line("another address") }
    } else if says(&["not found", "does not exist", "does not appear to be a git repository", "No such file"]) {
        Fault::Missing { path: Clean::line("the repository") }
    } else if says(&["early EOF", "hung up unexpectedly", "Connection reset"]) {
        Fault::Cut { why: line() }
    } else {
        Fault::Program { why: Clean::line(&format!("git: {}", line())) }
    }
}

/// The status a web server refused with.
fn refused(text: &str) -> Option<u16> {
    let (_, after) = text.split_once("returned error: ")?;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "43921cdc8d2e16a607f666027dc07722715ef5e4";
    const TWO: &str = "4113fe07a39ecefcf1f9dc86f71a8e2b4e993830";

    #[test]
    fn a_log_is_read_by_place() {
        let log = format!(
            "\0{ONE}\0A B\0a@b\01795223820\0N\0four\0\0\nA\0c\0R100\0a\0b\nd\0\0{TWO}\0{ONE}\0\01795223820\0G\0\0\0\0{ONE}\0\0\0odd\0N\0x\0"
        );
        let commits = commits(log.as_bytes());
        assert_eq!(commits.len(), 3);
        assert_eq!(commits[0].touched, [('A', "c".to_owned()), ('R', "b\nd".to_owned())]);
        assert_eq!(
            (commits[1].author.as_str(), commits[1].subject.as_str(), commits[1].signature.as_str()),
            (ONE, "", "G")
        );
        assert_eq!(commits[2].committed, Moment::default());
    }

    #[test]
    fn a_listing_knows_files_from_links() {
        let list = format!(
            "100644 blob {ONE}       2\ta b\0120000 blob {ONE}       9\tlink\0160000 commit {ONE}       -\tsub\0rubbish\0"
        );
        let entries = tree(list.as_bytes());
        let seen: Vec<_> = entries.iter().map(|e| (e.path.as_str(), e.blob.is_some(), e.size)).collect();
        assert_eq!(seen, [("a b", true, 2), ("link", false, 9), ("sub", false, 0)]);
    }

    #[test]
    fn contents_come_in_order_and_a_cut_one_is_none() {
        let text = format!("{ONE} blob 3\na\nb\n{TWO} missing\n{ONE} blob 0\n\n{ONE} blob 90\nshort");
        assert_eq!(contents(text.as_bytes(), 5), [Some(b"a\nb".to_vec()), None, Some(vec![]), None, None]);
    }

    #[test]
    fn a_branch_is_a_name_and_nothing_else() {
        for (name, fine) in [
            ("main", true),
            ("release/2026.41", true),
            ("--upload-pack=x", false),
            ("a:b", false),
            ("a..b", false),
            ("a b", false),
            ("*", false),
            ("", false),
            ("a@{1}", false),
        ] {
            assert_eq!(is_branch(name), fine, "{name}");
        }
    }

    #[test]
    fn a_complaint_says_what_to_do() {
        for (complaint, expected) in [
            ("fatal: Authentication failed for 'https://a.test/'", "not authorised (401) with env T"),
            (
                "git@a.test: Permission denied (publickey).\nfatal: Could not read from remote repository.",
                "not authorised (401) with env T",
            ),
            (
                "fatal: unable to access 'https://a.test/': Could not resolve host: a.test",
                "unreachable: unable to access 'https://a.test/': Could not resolve host: a.test",
            ),
            ("fatal: couldn't find remote ref refs/heads/x", "nothing at `branch x` (404)"),
            ("fatal: repository 'https://a.test/x/' not found", "nothing at `the repository` (404)"),
            (
                "Host key verification failed.\nfatal: Could not read",
                "not trusted: nobody vouches for the server's host key",
            ),
            (
                "fatal: unable to access 'https://a.test/': Operation too slow. Less than 1 bytes/sec transferred the last 10 seconds",
                "no answer within 10 s",
            ),
            (
                "fatal: https://a.test/info/refs not valid: could not determine hash algorithm; is this a git repository?",
                "expected a git repository, got another answer",
            ),
            ("fatal: something new", "git: something new"),
            ("", "git: it said nothing"),
        ] {
            let asked =
                Asked { credential: Some(Clean::line("env T")), branch: Some("x"), allowed: Duration::from_secs(10) };
            let fault = fault(complaint.as_bytes(), asked);
            assert_eq!(fault.to_string(), expected, "{complaint}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_git_prints_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), n in 0_usize..5) {
            let asked = Asked { credential: None, branch: None, allowed: Duration::ZERO };
            let _ = (tree(&bytes), contents(&bytes, n), commits(&bytes), mishap(&bytes), fault(&bytes, asked));
        }
    }
}
