//! Git repositories, by the `git` program, kept as bare copies: no hooks, no questions, no configuration but ours.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::auth::Ticket;
use super::door::{GitAsk, GitReply};
use super::gittext::{self, Entry};
use super::program::{self, Failure, Output};
use super::system::system;
use super::tls::Papers;
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
/// Where the tip is kept in a copy.
const TIP: &str = "refs/quarterdeck/tip";

/// The copies of this machine.
pub struct Copies {
    folder: PathBuf,
    busy: Mutex<BTreeMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>,
}

/// One question to a repository.
pub struct Errand<'a> {
    /// Where the repository is.
    pub address: &'a str,
    /// What it is shown.
    pub ticket: &'a Ticket,
    /// The name of the credential.
    pub credential: Option<Clean>,
    /// Whom it is trusted by.
    pub papers: &'a Papers,
    /// The proxy on the way.
    pub proxy: Option<&'a Clean>,
    /// The time one command may take.
    pub allowed: Duration,
    /// What is wanted.
    pub ask: &'a GitAsk,
}

impl Copies {
    /// The copies in a folder, made when the first is needed.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, busy: Mutex::default() }
    }

    /// Brings the copy up to date and reads from it. One at a time for each repository.
    ///
    /// # Errors
    /// What git complains of, as a fault.
    pub async fn read(&self, errand: &Errand<'_>) -> Result<GitReply, Fault> {
        if errand.ask.branch.as_deref().is_some_and(|name| !gittext::is_branch(name)) {
            return Err(Fault::Garbled { expected: "the name of a branch", why: Clean::line("another text") });
        }
        if errand.address.starts_with('-') {
            return Err(Fault::Garbled { expected: "the address of a repository", why: Clean::line("an option") });
        }
        let name = format!("{} {}", errand.address, errand.ask.branch.as_deref().unwrap_or("HEAD"));
        let copy = self.folder.join("git").join(format!("{}.git", hex(&Sha256::digest(name.as_bytes()))));
        let busy = {
            let mut all = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(copy.clone()).or_default())
        };
        let _alone = busy.lock().await;
        Copy { path: copy, errand }.read().await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

struct Copy<'a> {
    path: PathBuf,
    errand: &'a Errand<'a>,
}

impl Copy<'_> {
    async fn read(&self) -> Result<GitReply, Fault> {
        let known = self.prepare().await?;
        self.fetch(known.is_some()).await?;
        let tip = self.tip().await?.ok_or(Fault::Missing { path: Clean::line("the tip of the branch") })?;
        let rewritten = match &known {
            Some(known) if *known != tip => !self.is_ancestor(known, &tip).await?,
            Some(_) | None => false,
        };
        let files = self.files(&tip).await?;
        let commits = self.commits(&tip).await?;
        Ok(GitReply { tip, files, commits, rewritten })
    }

    /// Makes the copy where there is none; tells the last tip known.
    async fn prepare(&self) -> Result<Option<String>, Fault> {
        if self.path.join("HEAD").is_file() {
            return self.tip().await;
        }
        let failed = |error: std::io::Error| Fault::Program {
            why: Clean::line(&format!("the cache folder {}: {}", self.path.display(), system(&error))),
        };
        tokio::fs::create_dir_all(&self.path).await.map_err(failed)?;
        self.good(&["init", "--bare", "--quiet", "--template="], Vec::new(), self.errand.allowed).await?;
        Ok(None)
    }

    async fn tip(&self) -> Result<Option<String>, Fault> {
        let output = self.run(&["rev-parse", "--verify", "--quiet", TIP], Vec::new(), self.errand.allowed).await?;
        let hash = String::from_utf8_lossy(&output.out).trim().to_owned();
        Ok((output.good && gittext::is_hash(&hash)).then_some(hash))
    }

    async fn fetch(&self, known: bool) -> Result<(), Fault> {
        let Errand { address, ask, .. } = self.errand;
        let from = match &ask.branch {
            Some(branch) => format!("+refs/heads/{branch}:{TIP}"),
            None => format!("+HEAD:{TIP}"),
        };
        let depth = ask.depth.map(|depth| format!("--depth={}", depth.max(1)));
        let mut words =
            vec!["fetch", "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--no-recurse-submodules"];
        // Later ones only add what is new, so that the last tip stays known and a rewritten history is noticed.
        if let (Some(depth), false) = (&depth, known) {
            words.push(depth);
        }
        words.extend(["--", address, &from]);
        let allowed = if known { self.errand.allowed } else { self.errand.allowed.max(FIRST) };
        tokio::select! {
            done = self.good(&words, Vec::new(), allowed) => done.map(|_| ()),
            () = grown_over(&self.path, LARGEST) => Err(Fault::TooLarge { limit: LARGEST }),
        }
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
        Ok(gittext::commits(&self.good(&words, Vec::new(), self.errand.allowed).await?))
    }

    async fn good(&self, words: &[&str], input: Vec<u8>, allowed: Duration) -> Result<Vec<u8>, Fault> {
        let output = self.run(words, input, allowed).await?;
        if output.good {
            return Ok(output.out);
        }
        let fault =
            gittext::fault(&output.complaint, self.errand.credential.clone(), self.errand.ask.branch.as_deref());
        Err(self.errand.ticket.purged(fault))
    }

    async fn run(&self, words: &[&str], input: Vec<u8>, allowed: Duration) -> Result<Output, Fault> {
        let command = self.command(words)?;
        program::run_on(command, input, allowed, PRINTED).await.map_err(|failure| match failure {
            Failure::Slow(allowed) => Fault::Slow { allowed },
            Failure::Flood(limit) => Fault::TooLarge { limit },
            other => Fault::Program { why: Clean::line(&format!("git {}", other.words())) },
        })
    }

    /// Credentials travel in the environment: arguments are read by everybody on the machine.
    fn command(&self, words: &[&str]) -> Result<Command, Fault> {
        let Errand { ticket, papers, proxy, address, .. } = self.errand;
        let mut settings: Vec<(String, String)> = [
            ("core.hooksPath", "/dev/null"),
            ("core.askPass", ""),
            ("credential.helper", ""),
            ("protocol.allow", "never"),
            ("protocol.https.allow", "always"),
            ("protocol.http.allow", "always"),
            ("protocol.ssh.allow", "always"),
            ("protocol.file.allow", "always"),
            ("http.followRedirects", "false"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("fetch.fsckObjects", "false"),
            ("core.fsmonitor", "false"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        // An empty one is "none", whatever the environment says.
        settings.push(("http.proxy".to_owned(), proxy.map_or("", |proxy| proxy.as_str()).to_owned()));
        for (name, value) in &ticket.headers {
            let value = value
                .to_str()
                .map_err(|_| Fault::Secret { why: Clean::line("it holds a character git cannot carry") })?;
            settings.push(("http.extraHeader".to_owned(), format!("{name}: {value}")));
        }
        if proxy.is_some() && is_ssh(address) {
            return Err(Fault::Proxy { why: Clean::line("git over ssh takes its proxy from `~/.ssh/config`") });
        }
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.path).args(words).current_dir(&self.path);
        // Nothing of the caller's own git counts here, and no proxy but the endpoint's.
        let ours = |name: &str| name.starts_with("GIT_") || name.to_ascii_lowercase().ends_with("_proxy");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
            command.env_remove(name);
        }
        command.env_remove("SSH_ASKPASS");
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (n, (name, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{n}"), name).env(format!("GIT_CONFIG_VALUE_{n}"), value);
        }
        if papers.insecure {
            command.env("GIT_SSL_NO_VERIFY", "1");
        }
        if let Some(path) = self.authority(papers.ca.as_deref())? {
            command.env("GIT_SSL_CAINFO", path);
        }
        if papers.identity.is_some() {
            return Err(Fault::Program {
                why: Clean::line("git is given no client certificate: use a token or a key"),
            });
        }
        Ok(command)
    }

    /// The private authority as a file git can read: it holds nothing but certificates.
    fn authority(&self, pem: Option<&[u8]>) -> Result<Option<OsString>, Fault> {
        let Some(pem) = pem else { return Ok(None) };
        let path = self.path.join("quarterdeck-ca.pem");
        if std::fs::read(&path).ok().as_deref() != Some(pem) {
            std::fs::write(&path, pem).map_err(|error| Fault::Program {
                why: Clean::line(&format!("the cache folder {}: {}", path.display(), system(&error))),
            })?;
        }
        Ok(Some(path.into_os_string()))
    }
}

fn is_ssh(address: &str) -> bool {
    address.starts_with("ssh://")
        || (!address.contains("://") && address.split(['/', ':']).next().is_some_and(|s| s.contains('@')))
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
