//! A bare git repository, made from its commits, and the smart HTTP protocol by which git fetches it.
//!
//! The same commits make the same objects, byte for byte, so that a copy stays a copy whoever asks and however often.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};

use crate::demo::answer::Answer;
use crate::demo::question::Question;
use crate::domain::clock::Moment;

/// The largest question that is unpacked.
const LARGEST: u64 = 1 << 20;

/// One commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// When.
    pub at: Moment,
    /// By whom.
    pub author: String,
    /// Their mail address.
    pub mail: String,
    /// Its subject.
    pub subject: String,
    /// Files as `folder/name` with their new text; none takes one away.
    pub files: Vec<(String, Option<String>)>,
}

/// A name of an object.
type Id = [u8; 20];

struct Object {
    kind: u8,
    data: Vec<u8>,
}

/// A repository: its objects in the order in which its commits brought them.
#[derive(Default)]
pub struct Repository {
    objects: Vec<Object>,
    known: BTreeSet<Id>,
    /// Each commit, with how many objects there were after it.
    commits: Vec<(Id, usize)>,
}

impl Repository {
    /// The repository these commits make, oldest first.
    #[must_use]
    pub fn of(commits: &[Commit]) -> Self {
        let mut made = Self::default();
        let mut folders: BTreeMap<String, BTreeMap<String, Id>> = BTreeMap::new();
        let mut trees: BTreeMap<String, Id> = BTreeMap::new();
        for commit in commits {
            let mut changed = BTreeSet::new();
            for (path, text) in &commit.files {
                let Some((folder, name)) = path.split_once('/') else { continue };
                let files = folders.entry(folder.to_owned()).or_default();
                match text {
                    Some(text) => {
                        let blob = made.add(3, "blob", text.as_bytes().to_vec());
                        files.insert(name.to_owned(), blob);
                    }
                    None => {
                        files.remove(name);
                    }
                }
                changed.insert(folder.to_owned());
            }
            for folder in changed {
                let files = folders.get(&folder).map(|files| files.iter().map(|(name, id)| ("100644", name, id)));
                let data = tree(files.into_iter().flatten());
                let id = made.add(2, "tree", data);
                trees.insert(folder, id);
            }
            let root = made.add(2, "tree", tree(trees.iter().map(|(name, id)| ("40000", name, id))));
            let mut text = format!("tree {}\n", hex(&root));
            if let Some((parent, _)) = made.commits.last() {
                let _ = writeln!(text, "parent {}", hex(parent));
            }
            let Commit { at, author, mail, subject, .. } = commit;
            let who = format!("{author} <{mail}> {} +0000", at.timestamp());
            let _ = write!(text, "author {who}\ncommitter {who}\n\n{subject}\n");
            let id = made.add(1, "commit", text.into_bytes());
            made.commits.push((id, made.objects.len()));
        }
        made
    }

    fn add(&mut self, kind: u8, word: &str, data: Vec<u8>) -> Id {
        let mut sum = Sha1::new();
        sum.update(format!("{word} {}\0", data.len()));
        sum.update(&data);
        let id: Id = sum.finalize().into();
        if self.known.insert(id) {
            self.objects.push(Object { kind, data });
        }
        id
    }

    /// The newest commit.
    #[must_use]
    pub fn tip(&self) -> Option<String> {
        self.commits.last().map(|(id, _)| hex(id))
    }

    /// Answers what stands below the repository's address.
    #[must_use]
    pub fn answer(&self, rest: &[&str], question: &Question) -> Answer {
        match (question.method.as_str(), rest) {
            ("GET", ["info", "refs"]) if question.get("service") == Some("git-upload-pack") => self.advertised(),
            ("POST", ["git-upload-pack"]) => self.fetched(question),
            ("GET", ["info", "refs"]) => Answer::text(403, "dumb clients are not served\n"),
            _ => Answer::nothing(),
        }
    }

    /// What there is to fetch.
    fn advertised(&self) -> Answer {
        let mut body = line("# service=git-upload-pack\n");
        body.push_str("0000");
        match self.tip() {
            Some(tip) => {
                body.push_str(&line(&format!(
                    "{tip} HEAD\0multi_ack_detailed symref=HEAD:refs/heads/main agent=northwind-git/1\n"
                )));
                body.push_str(&line(&format!("{tip} refs/heads/main\n")));
            }
            None => body.push_str(&line(&format!("{} capabilities^{{}}\0agent=northwind-git/1\n", "0".repeat(40)))),
        }
        body.push_str("0000");
        Answer::bytes("application/x-git-upload-pack-advertisement", body.into_bytes())
            .with("cache-control", "no-cache")
    }

    /// What the client wants and has not.
    fn fetched(&self, question: &Question) -> Answer {
        let mut unpacked = Vec::new();
        let body = if question.header("content-encoding") == Some("gzip") {
            // What is cut off ends the lines early, and that is answered as such.
            let _ = GzDecoder::new(question.body.as_slice()).take(LARGEST).read_to_end(&mut unpacked);
            unpacked.as_slice()
        } else {
            question.body.as_slice()
        };
        let told = lines(body);
        let wants = after(&told, "want ");
        let of = |id: &str| self.commits.iter().find(|(known, _)| hex(known) == id);
        if wants.is_empty() || wants.iter().any(|id| of(id).is_none()) {
            let said = line("ERR upload-pack: not our ref\n");
            return Answer::bytes("application/x-git-upload-pack-result", said.into_bytes());
        }
        let common: Vec<&(Id, usize)> = after(&told, "have ").into_iter().filter_map(of).collect();
        let mut said: String = common.iter().map(|(id, _)| line(&format!("ACK {} common\n", hex(id)))).collect();
        let is_done = told.iter().any(|line| line.trim_end() == "done");
        match (common.last(), is_done) {
            (Some((id, _)), true) => said.push_str(&line(&format!("ACK {}\n", hex(id)))),
            (Some((id, _)), false) => {
                said.push_str(&line(&format!("ACK {} ready\n", hex(id))));
                said.push_str(&line("NAK\n"));
            }
            (None, _) => said.push_str(&line("NAK\n")),
        }
        let mut said = said.into_bytes();
        if is_done {
            let known = common.iter().map(|(_, count)| *count).max().unwrap_or_default();
            said.extend(pack(self.objects.get(known..).unwrap_or_default()));
        }
        Answer::bytes("application/x-git-upload-pack-result", said).with("cache-control", "no-cache")
    }
}

/// A folder as git keeps it.
fn tree<'e>(entries: impl Iterator<Item = (&'static str, &'e String, &'e Id)>) -> Vec<u8> {
    let mut data = Vec::new();
    for (mode, name, id) in entries {
        data.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        data.extend_from_slice(id);
    }
    data
}

/// A line with its length before it.
fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

/// The lines of a question, up to where it stops making sense.
fn lines(mut bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    while let Some((length, rest)) = bytes.split_at_checked(4) {
        let length = std::str::from_utf8(length).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        match length {
            Some(0..4) => bytes = rest,
            Some(length) => {
                let Some((text, rest)) = rest.split_at_checked(length - 4) else { break };
                found.push(String::from_utf8_lossy(text).into_owned());
                bytes = rest;
            }
            None => break,
        }
    }
    found
}

/// What follows a word that begins a line, up to the next blank.
fn after<'l>(told: &'l [String], word: &str) -> Vec<&'l str> {
    let named = told.iter().filter_map(|line| line.strip_prefix(word));
    named.filter_map(|line| line.split([' ', '\n']).next()).collect()
}

/// Objects as git sends them.
fn pack(objects: &[Object]) -> Vec<u8> {
    let mut data = b"PACK\0\0\0\x02".to_vec();
    data.extend(u32::try_from(objects.len()).unwrap_or(u32::MAX).to_be_bytes());
    for object in objects {
        let mut left = object.data.len();
        let low = |n: usize, bits: u32| u8::try_from(n & ((1 << bits) - 1)).unwrap_or_default();
        let mut byte = (object.kind << 4) | low(left, 4);
        left >>= 4;
        while left > 0 {
            data.push(byte | 0x80);
            byte = low(left, 7);
            left >>= 7;
        }
        data.push(byte);
        let mut zipped = ZlibEncoder::new(Vec::new(), Compression::fast());
        // Into memory: it has no way to fail.
        let _ = zipped.write_all(&object.data);
        data.extend(zipped.finish().unwrap_or_default());
    }
    let sum: Id = Sha1::digest(&data).into();
    data.extend(sum);
    data
}

fn hex(id: &Id) -> String {
    id.iter().fold(String::with_capacity(40), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn commits() -> Vec<Commit> {
        let commit = |at: &str, path: &str, text: Option<&str>| Commit {
            at: at.parse().unwrap(),
            author: "Ada".to_owned(),
            mail: "ada@acme.test".to_owned(),
            subject: format!("put: {path}"),
            files: vec![(path.to_owned(), text.map(str::to_owned))],
        };
        vec![commit("2026-11-20T10:00:00Z", "a/1", Some("one\n")), commit("2026-11-20T11:00:00Z", "b/2", Some(""))]
    }

    #[test]
    fn objects_are_named_as_git_names_them() {
        // What `git hash-object` says of the same text.
        let repository = Repository::of(&commits());
        assert!(repository.known.iter().any(|id| hex(id) == "5626abf0f72e58d7a153368ba57db4c673c0e171"));
        assert_eq!(Repository::of(&commits()).tip(), repository.tip());
        assert_ne!(Repository::of(&commits()[..1]).tip(), repository.tip());
    }

    #[test]
    fn lines_end_where_they_stop_making_sense() {
        assert_eq!(lines(b"0009want 0000000ahave x0008done"), ["want ", "have x", "done"]);
        assert_eq!(lines(b"zzzz"), Vec::<String>::new());
        assert_eq!(lines(b"ffffshort"), Vec::<String>::new());
        assert_eq!(lines(b"00"), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn no_question_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            let mut question = Question::new("POST", "/gates.git/git-upload-pack");
            question.body = body;
            let _ = Repository::of(&commits()).answer(&["git-upload-pack"], &question);
        }
    }
}
