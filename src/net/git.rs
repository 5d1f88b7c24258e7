//! Git repositories, by the `git` program, kept as bare copies: no hooks, no questions, no configuration but ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::door::{GitAsk, GitReply};
use super::gitrun;
pub use super::gitrun::Errand;
use super::gittext::{self, Entry, Mishap};
use super::program::{self, Failure, Output};
use super::system::system;
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// The most a copy may weigh on disk.
const LARGEST: u64 = 2 << 30;
/// The most git may print in one answer.
const PRINTED: u64 = 64 << 20;
/// The most text of one answer.
const TEXT: u64 = 48 << 20;
/// The most commits of one answer.
const COMMITS: u32 = 5000;
/// How long the first copy may take, where the endpoint allows less.
const FIRST: Duration = Duration::from_secs(180);
/// For how long a copy nobody asks for is kept.
const UNASKED: TimeDelta = TimeDelta::days(30);
/// The file by which programs on this machine take turns; its time tells when a copy was last asked for.
const LOCK: &str = "quarterdeck-lock";
/// How often it is looked whether another program is done with a copy.
const TURN: Duration = Duration::from_millis(50);
/// The most text that is kept in memory of one copy.
const KEPT: usize = 4 << 20;
/// Where the tip is kept in a copy.
const TIP: &str = "refs/quarterdeck/tip";
/// For how long it is told that a history was rewritten: over a weekend.
const REWRITTEN: TimeDelta = TimeDelta::days(3);

/// The copies of this machine.
pub struct Copies {
    folder: PathBuf,
    busy: Mutex<BTreeMap<PathBuf, Arc<tokio::sync::Mutex<Option<Last>>>>>,
    cleared: AtomicBool,
}

/// What was read last from a copy, and by which question: a tip that stands where it stood says the same again.
struct Last {
    ask: GitAsk,
    reply: GitReply,
}

impl Copies {
    /// The copies in a folder, made when the first is needed.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, busy: Mutex::default(), cleared: AtomicBool::new(false) }
    }

    /// Brings the copy up to date and reads from it. One at a time for each repository.
    ///
    /// # Errors
    /// What git complains of, as a fault.
    pub async fn read(&self, errand: &Errand<'_>) -> Result<GitReply, Fault> {
        let GitAsk { branch, mark, depth, .. } = errand.ask;
        if branch.iter().chain(mark).any(|name| !gittext::is_branch(name)) {
            return Err(Fault::Garbled { expected: "the name of a branch", why: Clean::line("another text") });
        }
        if errand.address.starts_with('-') {
            return Err(Fault::Garbled { expected: "the address of a repository", why: Clean::line("an option") });
        }
        // Whoever wants more of a history keeps a copy of its own: one that was cut does not grow backwards.
        let depth = depth.map_or(String::new(), |depth| format!(" {depth}"));
        let name = format!("{} {}{depth}", errand.address, branch.as_deref().unwrap_or("HEAD"));
        let copy = self.folder.join("git").join(format!("{}.git", hex(&Sha256::digest(name.as_bytes()))));
        let busy = {
            let mut all = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(copy.clone()).or_default())
        };
        if !self.cleared.swap(true, Ordering::Relaxed) {
            clear_away(&self.folder.join("git"), errand.now);
        }
        let mut last = busy.lock().await;
        let reply = Copy { path: copy, errand, last: last.as_ref() }.read().await?;
        let weight: usize = reply.files.iter().filter_map(|file| file.text.as_ref()).map(String::len).sum();
        *last = (weight < KEPT).then(|| Last { ask: errand.ask.clone(), reply: reply.clone() });
        Ok(reply)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Why a fetch brought nothing.
enum Fetched {
    /// It is told.
    Fault(Fault),
    /// The copy is not in order.
    Broken,
    /// The other side has no way to cut a history.
    WantsWhole,
}

impl Fetched {
    fn fault(self) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            Self::Broken | Self::WantsWhole => {
                Fault::Program { why: Clean::line("git: the copy can't be put in order") }
            }
        }
    }
}

struct Copy<'a> {
    path: PathBuf,
    errand: &'a Errand<'a>,
    last: Option<&'a Last>,
}

impl Copy<'_> {
    async fn read(&self) -> Result<GitReply, Fault> {
        let failed = |error: std::io::Error| Fault::Program {
            why: Clean::line(&format!("the cache folder {}: {}", self.path.display(), system(&error))),
        };
        tokio::fs::create_dir_all(&self.path).await.map_err(failed)?;
        let _alone = self.alone().await?;
        self.sweep();
        let known = match self.prepare().await {
            Ok(known) => known,
            Err(_) => self.anew().await?,
        };
        let known = match self.fetch(known.is_some()).await {
            Ok(()) => known,
            // What an earlier end in the middle left behind is no reason to fail for ever.
            Err(Fetched::Broken | Fetched::WantsWhole) => {
                self.anew().await?;
                self.fetch(false).await.map_err(|failed| failed.fault())?;
                None
            }
            Err(Fetched::Fault(fault)) => return Err(fault),
        };
        let tip = self.tip().await?.ok_or(Fault::Missing { path: Clean::line("the tip of the branch") })?;
        let rewritten = match &known {
            Some(known) if *known != tip => !self.is_ancestor(known, &tip).await?,
            Some(_) | None => false,
        };
        let rewritten = self.rewritten_lately(rewritten).map_err(failed)?;
        let mark = match &self.errand.ask.mark {
            Some(mark) => self.mark(mark).await?,
            None => None,
        };
        if let Some(last) = self.last.filter(|last| last.reply.tip == tip && last.ask == *self.errand.ask) {
            return Ok(GitReply { rewritten, mark, ..last.reply.clone() });
        }
        let files = self.files(&tip).await?;
        let commits = self.commits(&tip).await?;
        Ok(GitReply { tip, files, commits, rewritten, mark })
    }

    /// Waits for its turn among the programs on this machine that share the cache.
    async fn alone(&self) -> Result<std::fs::File, Fault> {
        let path = self.path.join(LOCK);
        let open = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let failed = |error: std::io::Error| Fault::Program {
            why: Clean::line(&format!("the cache folder {}: {}", path.display(), system(&error))),
        };
        let file = open.map_err(failed)?;
        let turn = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(std::fs::TryLockError::WouldBlock) => tokio::time::sleep(TURN).await,
                    // A file system without locks: then nobody else is minded.
                    Err(std::fs::TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                        return Ok(());
                    }
                    Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
                }
            }
        };
        let allowed = self.errand.allowed.max(FIRST);
        tokio::time::timeout(allowed, turn).await.unwrap_or(Err(Fault::Slow { allowed }))?;
        // A file system without times forgets when it was asked for, and the copy is made anew after a while.
        let _ = file.set_modified(self.errand.now.into());
        Ok(file)
    }

    /// Makes the copy where there is none; tells the last tip known.
    async fn prepare(&self) -> Result<Option<String>, Fault> {
        if self.path.join("HEAD").is_file() {
            return self.tip().await;
        }
        self.good(&["init", "--bare", "--quiet", "--template="], Vec::new(), self.errand.allowed).await?;
        Ok(None)
    }

    /// Throws the copy away and makes an empty one.
    async fn anew(&self) -> Result<Option<String>, Fault> {
        let kept = [LOCK, "quarterdeck-rewritten"];
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            let keep = entry.file_name().to_str().is_some_and(|name| kept.contains(&name));
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            // What cannot be removed makes `init` fail, and that is told.
            let _ = match (keep, is_folder) {
                (true, _) => Ok(()),
                (false, true) => std::fs::remove_dir_all(&path),
                (false, false) => std::fs::remove_file(&path),
            };
        }
        self.prepare().await
    }

    /// Clears away what a fetch that was ended leaves: halves of packs, and locks nobody holds any more.
    fn sweep(&self) {
        for folder in ["", "objects/pack", "refs/quarterdeck"] {
            let entries = std::fs::read_dir(self.path.join(folder)).into_iter().flatten().filter_map(Result::ok);
            let left = |name: &str| name.starts_with("tmp_") || name.ends_with(".lock");
            for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(left)) {
                // The next one tries again.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Whether it was rewritten now, or lately: one poll would be over before anybody looked.
    fn rewritten_lately(&self, now: bool) -> std::io::Result<bool> {
        let path = self.path.join("quarterdeck-rewritten");
        if now {
            std::fs::write(&path, self.errand.now.timestamp().to_string())?;
            return Ok(true);
        }
        let at = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
        let at = at.and_then(|seconds| Moment::from_timestamp(seconds, 0));
        Ok(at.is_some_and(|at| self.errand.now - at < REWRITTEN))
    }

    /// The commit of a branch or tag of the repository; a tag's own commit, not the tag.
    async fn mark(&self, name: &str) -> Result<Option<String>, Fault> {
        let [branch, tag] = [format!("refs/heads/{name}"), format!("refs/tags/{name}")];
        let peeled = format!("{tag}^{{}}");
        let words = ["ls-remote", "--quiet", "--", self.errand.address, &branch, &tag, &peeled];
        let listed = self.good(&words, Vec::new(), self.errand.allowed).await?;
        let listed = String::from_utf8_lossy(&listed);
        let named = |wanted: &str| {
            let mut refs = listed.lines().filter_map(|line| line.split_once('\t'));
            refs.find(|(hash, name)| *name == wanted && gittext::is_hash(hash)).map(|(hash, _)| hash.to_owned())
        };
        Ok(named(&peeled).or_else(|| named(&tag)).or_else(|| named(&branch)))
    }

    async fn tip(&self) -> Result<Option<String>, Fault> {
        let output = self.run(&["rev-parse", "--verify", "--quiet", TIP], Vec::new(), self.errand.allowed).await?;
        let hash = String::from_utf8_lossy(&output.out).trim().to_owned();
        Ok((output.good && gittext::is_hash(&hash)).then_some(hash))
    }

    async fn fetch(&self, known: bool) -> Result<(), Fetched> {
        match self.fetch_once(known, self.errand.ask.depth).await {
            // Plain files behind a web server: all of the history, or none.
            Err(Fetched::WantsWhole) => self.fetch_once(known, None).await,
            done => done,
        }
    }

    async fn fetch_once(&self, known: bool, depth: Option<u32>) -> Result<(), Fetched> {
        let Errand { address, ask, .. } = self.errand;
        let from = match &ask.branch {
            Some(branch) => format!("+refs/heads/{branch}:{TIP}"),
            None => format!("+HEAD:{TIP}"),
        };
        let depth = depth.map(|depth| format!("--depth={}", depth.max(1)));
        let mut words =
            vec!["fetch", "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--no-recurse-submodules"];
        // Later ones only add what is new, so that the last tip stays known and a rewritten history is noticed.
        if let (Some(depth), false) = (&depth, known) {
            words.push(depth);
        }
        words.extend(["--", address, &from]);
        let allowed = if known { self.errand.allowed } else { self.errand.allowed.max(FIRST) };
        let output = tokio::select! {
            output = self.run(&words, Vec::new(), allowed) => output.map_err(Fetched::Fault)?,
            () = grown_over(&self.path, LARGEST) => return Err(Fetched::Fault(Fault::TooLarge { limit: LARGEST })),
        };
        match gittext::mishap(&output.complaint) {
            _ if output.good => Ok(()),
            Some(Mishap::NeedsWhole) if depth.is_some() => Err(Fetched::WantsWhole),
            Some(Mishap::BrokenCopy) => Err(Fetched::Broken),
            Some(Mishap::NeedsWhole) | None if gittext::lacks_branch(&output.complaint) && !self.has_any().await => {
                Err(Fetched::Fault(gittext::nothing_there()))
            }
            Some(Mishap::NeedsWhole) | None => Err(Fetched::Fault(self.fault(&output))),
        }
    }

    /// Whether there is any branch at all.
    async fn has_any(&self) -> bool {
        let listed =
            self.run(&["ls-remote", "--quiet", "--", self.errand.address], Vec::new(), self.errand.allowed).await;
        listed.is_ok_and(|output| !output.good || !output.out.is_empty())
    }

    async fn is_ancestor(&self, old: &str, new: &str) -> Result<bool, Fault> {
        let output = self.run(&["merge-base", "--is-ancestor", old, new], Vec::new(), self.errand.allowed).await?;
        Ok(output.good)
    }

    async fn files(&self, tip: &str) -> Result<Vec<super::door::GitFile>, Fault> {
        let mut words = vec!["ls-tree", "-r", "-l", "-z", "--full-tree", tip];
        if !self.errand.ask.below.is_empty() {
            words.push("--");
            words.extend(self.errand.ask.below.iter().map(String::as_str));
        }
        let entries = gittext::tree(&self.good(&words, Vec::new(), self.errand.allowed).await?);
        let mut left = TEXT;
        let wanted: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                let fits = entry.blob.is_some() && entry.size <= self.errand.ask.file_limit && entry.size <= left;
                left -= if fits { entry.size } else { 0 };
                fits
            })
            .collect();
        let asked: String =
            wanted.iter().filter_map(|entry| entry.blob.as_ref()).map(|hash| format!("{hash}\n")).collect();
        let mut contents = BTreeMap::new();
        if !wanted.is_empty() {
            let batch = self.good(&["cat-file", "--batch"], asked.into_bytes(), self.errand.allowed).await?;
            contents.extend(wanted.iter().map(|e| e.path.clone()).zip(gittext::contents(&batch, wanted.len())));
        }
        Ok(entries
            .into_iter()
            .map(|entry| {
                let content = contents.remove(&entry.path).flatten();
                gittext::file(entry.path, content)
            })
            .collect())
    }

    async fn commits(&self, tip: &str) -> Result<Vec<super::door::GitCommit>, Fault> {
        let most = format!("--max-count={}", self.errand.ask.depth.unwrap_or(COMMITS).min(COMMITS));
        let format = format!("--format={}", gittext::FORMAT);
        let mut words = vec![
            "log",
            "-z",
            "--first-parent",
            "--diff-merges=first-parent",
            "--name-status",
            "-M",
            &most,
            &format,
            tip,
            "--",
        ];
        words.extend(self.errand.ask.below.iter().map(String::as_str));
        let mut commits = gittext::commits(&self.good(&words, Vec::new(), self.errand.allowed).await?);
        // Where a history was cut, everything looks as if it had come with its oldest commit.
        let cut = std::fs::read_to_string(self.path.join("shallow")).unwrap_or_default();
        let cut: Vec<&str> = cut.lines().collect();
        for commit in commits.iter_mut().filter(|commit| cut.contains(&commit.hash.as_str())) {
            commit.touched.clear();
        }
        Ok(commits)
    }

    async fn good(&self, words: &[&str], input: Vec<u8>, allowed: Duration) -> Result<Vec<u8>, Fault> {
        let output = self.run(words, input, allowed).await?;
        if output.good { Ok(output.out) } else { Err(self.fault(&output)) }
    }

    fn fault(&self, output: &Output) -> Fault {
        let Errand { credential, ask, allowed, .. } = self.errand;
        let asked = gittext::Asked { credential: credential.clone(), branch: ask.branch.as_deref(), allowed: *allowed };
        self.errand.ticket.purged(gittext::fault(&output.complaint, asked))
    }

    async fn run(&self, words: &[&str], input: Vec<u8>, allowed: Duration) -> Result<Output, Fault> {
        let command = gitrun::command(&self.path, self.errand, words)?;
        program::run_on(command, input, allowed, PRINTED).await.map_err(|failure| match failure {
            Failure::Slow(allowed) => Fault::Slow { allowed },
            Failure::Flood(limit) => Fault::TooLarge { limit },
            other => Fault::Program { why: Clean::line(&format!("git {}", other.words())) },
        })
    }
}

/// Takes copies away that nobody asked for lately: of customers that left, of simulations on other ports.
fn clear_away(folder: &Path, now: Moment) {
    for copy in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let Ok(lock) = std::fs::File::open(copy.path().join(LOCK)) else { continue };
        let asked = lock.metadata().and_then(|about| about.modified()).map(Moment::from);
        if asked.is_ok_and(|asked| now - asked > UNASKED) && lock.try_lock().is_ok() {
            // What stays is tried again next time.
            let _ = std::fs::remove_dir_all(copy.path());
        }
    }
}

/// Ends when the copy weighs too much.
async fn grown_over(path: &Path, limit: u64) {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let path = path.to_owned();
        let weight = tokio::task::spawn_blocking(move || weight(&path, 0)).await.unwrap_or(0);
        if weight > limit {
            return;
        }
    }
}

fn weight(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let each = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() && depth < 8 => weight(&entry.path(), depth + 1),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(each).fold(0, u64::saturating_add)
}
