//! The audit log: who asked what of whom, in a file of lines each of which carries the hash of the one before.
//!
//! Nothing that was read stands in it: a log line is never written down, only that, why and how many were read.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::clock::Moment;

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    pub at: Moment,
    /// Who: the name of the account.
    pub who: String,
    /// What that person may do.
    pub access: String,
    /// What was done, such as `logs-asked` and `logs-read`.
    pub what: String,
    /// Where: installation and environment.
    pub place: String,
    /// The query.
    pub query: String,
    /// From when.
    pub from: Option<Moment>,
    /// Until when; none where it went on.
    pub until: Option<Moment>,
    /// Why.
    pub reason: Option<String>,
    /// How many lines were read, once that is known.
    pub count: Option<u64>,
}

/// A record as it stands in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    n: u64,
    #[serde(flatten)]
    record: Record,
    before: String,
    hash: String,
}

impl Entry {
    fn chained(n: u64, before: &str, record: &Record) -> io::Result<Self> {
        let text = serde_json::to_string(record)?;
        let digest = Sha256::digest(format!("{n}\n{before}\n{text}"));
        let hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { n, record: record.clone(), before: before.to_owned(), hash })
    }
}

/// Where records are written.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
    who: String,
}

/// The longest line that is looked for at the end of the file.
const LONGEST: u64 = 64 << 10;

impl Ledger {
    /// A ledger in a file, which is made when the first record is written.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let who = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let who = who.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
        Self { path, who }
    }

    /// The usual place: `$XDG_STATE_HOME/quarterdeck/audit.jsonl`.
    #[must_use]
    pub fn usual_place() -> PathBuf {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let base =
            std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
        base.unwrap_or_else(std::env::temp_dir).join("quarterdeck/audit.jsonl")
    }

    /// Whose account it is.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Adds a record. Several programs may write at once: each waits for the file.
    ///
    /// # Errors
    /// When the file can't be written; then what should be recorded must not be done.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        file.lock()?;
        let (n, before) = match last(&mut file)? {
            Some(entry) => (entry.n.saturating_add(1), entry.hash),
            None => (1, String::new()),
        };
        let mut line = serde_json::to_string(&Entry::chained(n, &before, record)?)?;
        line.push('\n');
        file.write_all(line.as_bytes())
    }
}

fn last(file: &mut File) -> io::Result<Option<Entry>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    match tail.lines().next_back() {
        None => Ok(None),
        Some(line) => serde_json::from_str(line).map(Some).map_err(|_| {
            io::Error::other("the last line of the audit log is no record; `quarterdeck audit verify` says more")
        }),
    }
}

/// What was found wrong in an audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// In which line.
    pub line: usize,
    /// What.
    pub why: &'static str,
}

/// Checks the chain of an audit log: how many records it has, or the first line that does not hold.
///
/// # Errors
/// When the file can't be read.
pub fn verify(path: &Path) -> io::Result<Result<u64, Broken>> {
    let mut before = String::new();
    let mut count = 0_u64;
    for (n, line) in BufReader::new(File::open(path)?).lines().enumerate() {
        let broken = |why| Ok(Err(Broken { line: n + 1, why }));
        let Ok(entry) = serde_json::from_str::<Entry>(&line?) else { return broken("it is no record") };
        count += 1;
        if entry.n != count || entry.before != before {
            return broken("it does not follow the one before: something was taken out, put in or moved");
        }
        let again = Entry::chained(entry.n, &entry.before, &entry.record)?;
        if again.hash != entry.hash {
            return broken("it was changed after it was written");
        }
        before = entry.hash;
    }
    Ok(Ok(count))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/audit.jsonl");
        let ledger = Ledger::at(path.clone());
        for place in ["acme/production", "globex/production", "initech/production"] {
            let record = Record {
                what: "logs-asked".to_owned(),
                place: place.to_owned(),
                query: "{app=~\".+\"} |= \"ü\"".to_owned(),
                count: Some(3),
                ..Record::default()
            };
            ledger.write(&record).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn what_was_written_holds() {
        let (_folder, path) = written();
        assert_eq!(verify(&path).unwrap(), Ok(3));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_was_changed_taken_out_or_moved_is_found() {
        let (_folder, path) = written();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (changed, line) in [
            (text.replace("globex", "hooli"), 2),
            ([lines[0], lines[2]].join("\n"), 2),
            ([lines[1], lines[0], lines[2]].join("\n"), 1),
            ([lines[1], lines[2]].join("\n"), 1),
            (format!("{text}not a record\n"), 4),
        ] {
            std::fs::write(&path, changed).unwrap();
            assert_eq!(verify(&path).unwrap().unwrap_err().line, line);
        }
        assert!(
            Ledger::at(path).write(&Record::default()).is_err(),
            "behind a line that is no record nothing is written"
        );
    }
}
