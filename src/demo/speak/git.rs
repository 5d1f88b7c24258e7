//! A bare git repository, made from its commits, and the smart HTTP protocol by which git fetches it and pushes into it.
//!
//! The same commits make the same objects, byte for byte, so that a copy stays a copy whoever asks and however often.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;

use flate2::read::GzDecoder;

use super::packs::{self, Id, LARGEST, Object, Push, Pushed, hex, line, lines, pack};
use crate::demo::answer::Answer;
use crate::demo::question::Question;
use crate::domain::clock::Moment;

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

/// A repository: its objects in the order in which its commits brought them.
#[derive(Default)]
pub struct Repository {
    objects: Vec<Object>,
    /// Where each of them stands.
    known: BTreeMap<Id, usize>,
    /// Each commit, with how many objects there were after it.
    commits: Vec<(Id, usize)>,
    /// The files of each folder.
    folders: Folders,
    /// Each folder as it stands.
    trees: BTreeMap<String, Id>,
}

type Folders = BTreeMap<String, BTreeMap<String, Id>>;

impl Repository {
    /// The repository these commits make, oldest first.
    #[must_use]
    pub fn of<'c>(commits: impl IntoIterator<Item = &'c Commit>) -> Self {
        let mut made = Self::default();
        commits.into_iter().for_each(|commit| made.commit(commit));
        made
    }

    /// One commit more.
    pub fn commit(&mut self, commit: &Commit) {
        let mut changed = BTreeSet::new();
        for (path, text) in &commit.files {
            let Some((folder, name)) = path.split_once('/') else { continue };
            let blob = text.as_ref().map(|text| self.add(3, text.as_bytes().to_vec()));
            let files = self.folders.entry(folder.to_owned()).or_default();
            match blob {
                Some(blob) => files.insert(name.to_owned(), blob),
                None => files.remove(name),
            };
            changed.insert(folder);
        }
        for folder in changed {
            let files = self.folders.get(folder).into_iter().flatten();
            let data = tree(files.map(|(name, id)| ("100644", name, id)));
            let id = self.add(2, data);
            self.trees.insert(folder.to_owned(), id);
        }
        let trees = std::mem::take(&mut self.trees);
        let root = self.add(2, tree(trees.iter().map(|(name, id)| ("40000", name, id))));
        self.trees = trees;
        let mut text = format!("tree {}\n", hex(&root));
        if let Some((parent, _)) = self.commits.last() {
            let _ = writeln!(text, "parent {}", hex(parent));
        }
        let Commit { at, author, mail, subject, .. } = commit;
        let who = format!("{author} <{mail}> {} +0000", at.timestamp());
        let _ = write!(text, "author {who}\ncommitter {who}\n\n{subject}\n");
        let id = self.add(1, text.into_bytes());
        self.commits.push((id, self.objects.len()));
    }

    /// What was pushed more.
    pub fn take(&mut self, pushed: &Pushed) {
        for object in &pushed.objects {
            self.add(object.kind, object.data.clone());
        }
        if let Some((folders, trees)) = self.folders_of(&pushed.tip) {
            (self.folders, self.trees) = (folders, trees);
        }
        self.commits.push((pushed.tip, self.objects.len()));
    }

    fn add(&mut self, kind: u8, data: Vec<u8>) -> Id {
        let object = Object { kind, data };
        let id = object.id();
        if let Entry::Vacant(place) = self.known.entry(id) {
            place.insert(self.objects.len());
            self.objects.push(object);
        }
        id
    }

    fn get(&self, id: &Id) -> Option<&Object> {
        self.objects.get(*self.known.get(id)?)
    }

    /// The files of every folder of a commit; none where there is anything else in it, or something is missing.
    fn folders_of(&self, commit: &Id) -> Option<(Folders, BTreeMap<String, Id>)> {
        let (root, ..) = packs::commit(&self.get(commit)?.data)?;
        let (mut folders, mut trees) = (Folders::new(), BTreeMap::new());
        for (mode, folder, tree) in packs::entries(&self.get(&root)?.data)? {
            let mut files = BTreeMap::new();
            for (mode, name, blob) in packs::entries(&self.get(&tree)?.data)? {
                (mode == "100644" && self.get(&blob)?.kind == 3).then(|| files.insert(name, blob))?;
            }
            (mode == "40000").then(|| folders.insert(folder.clone(), files))?;
            trees.insert(folder, tree);
        }
        Some((folders, trees))
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
            ("GET", ["info", "refs"]) if question.get("service") == Some("git-upload-pack") => self.advertised(
                "git-upload-pack",
                &["HEAD", "refs/heads/main"],
                "multi_ack_detailed symref=HEAD:refs/heads/main",
            ),
            ("GET", ["info", "refs"]) if question.get("service") == Some("git-receive-pack") => {
                self.advertised("git-receive-pack", &["refs/heads/main"], "report-status no-thin")
            }
            ("POST", ["git-upload-pack"]) => self.fetched(question),
            ("GET", ["info", "refs"]) => Answer::text(403, "dumb clients are not served\n"),
            _ => Answer::nothing(),
        }
    }

    /// What there is to fetch, or to push to.
    fn advertised(&self, service: &str, names: &[&str], can: &str) -> Answer {
        let mut body = line(&format!("# service={service}\n"));
        body.push_str("0000");
        let mut can = format!("\0{can} agent=northwind-git/1");
        match self.tip() {
            Some(tip) => {
                for name in names {
                    body.push_str(&line(&format!("{tip} {name}{can}\n")));
                    can.clear();
                }
            }
            None => body.push_str(&line(&format!("{} capabilities^{{}}{can}\n", "0".repeat(40)))),
        }
        body.push_str("0000");
        let kind = match service {
            "git-receive-pack" => "application/x-git-receive-pack-advertisement",
            _ => "application/x-git-upload-pack-advertisement",
        };
        Answer::bytes(kind, body.into_bytes()).with("cache-control", "no-cache")
    }

    /// Takes a push in, and says what it brought; nothing where it is refused, and why. A client probes the way with an
    /// empty push first.
    #[must_use]
    pub fn pushed(&mut self, question: &Question) -> (Answer, Option<Pushed>) {
        let said = |text: String| {
            let kind = "application/x-git-receive-pack-result";
            Answer::bytes(kind, text.into_bytes()).with("cache-control", "no-cache")
        };
        let Some(push) = packs::wish(&question.body) else { return (said("0000".to_owned()), None) };
        let (unpack, branch, pushed) = match self.accepted(&push) {
            Ok(pushed) => ("unpack ok\n".to_owned(), format!("ok {}\n", push.branch), Some(pushed)),
            Err(why) => ("unpack ok\n".to_owned(), format!("ng {} {why}\n", push.branch), None),
        };
        (said(format!("{}{}0000", line(&unpack), line(&branch))), pushed)
    }

    fn accepted(&mut self, push: &Push) -> Result<Pushed, &'static str> {
        if push.branch != "refs/heads/main" {
            return Err("only main is kept here");
        }
        if self.commits.last().is_some_and(|(tip, _)| *tip != push.old) {
            return Err("fetch first");
        }
        let objects = packs::unpacked(&push.pack, |id| self.get(id).cloned()).ok_or("the pack is torn")?;
        let before = self.folders.clone();
        for object in &objects {
            self.add(object.kind, object.data.clone());
        }
        // A ledger only grows: what was there is found again behind what is new.
        let (mut at, mut author) = (push.new, None);
        while at != push.old {
            let found = self.get(&at).and_then(|object| packs::commit(&object.data));
            let (_, parents, who) = found.ok_or("non-fast-forward")?;
            author.get_or_insert(who);
            at = *parents.first().ok_or("non-fast-forward")?;
        }
        let (after, _) = self.folders_of(&push.new).ok_or("a gate is a folder of files")?;
        let files = after.iter().flat_map(|(folder, files)| files.iter().map(move |(name, id)| (folder, name, id)));
        let is_new = |folder: &str, name: &str| before.get(folder).is_none_or(|files| !files.contains_key(name));
        let files = files.filter(|(folder, name, _)| is_new(folder, name)).map(|(folder, name, id)| {
            let text = self.get(id).map(|blob| String::from_utf8_lossy(&blob.data).into_owned());
            (format!("{folder}/{name}"), text.unwrap_or_default())
        });
        Ok(Pushed { files: files.collect(), objects, tip: push.new, author: author.unwrap_or_default() })
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

/// What follows a word that begins a line, up to the next blank.
fn after<'l>(told: &'l [String], word: &str) -> Vec<&'l str> {
    let named = told.iter().filter_map(|line| line.strip_prefix(word));
    named.filter_map(|line| line.split([' ', '\n']).next()).collect()
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
        assert!(repository.known.keys().any(|id| hex(id) == "5626abf0f72e58d7a153368ba57db4c673c0e171"));
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
