//! The file of the last known facts: one line a source, replaced as a whole, nobody else's to read.
//!
//! Credentials are in no fact. What is read back is cleaned
//! like everything else from outside, and used only for a source that is still asked at the same address.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::clock::Moment;
use crate::domain::fact::Heard;
use crate::domain::facts::{Facts, Poll};
use crate::domain::fleet::Fleet;
use crate::domain::id::SourceId;

/// The version of the file's form. A file of another version is not read.
pub const VERSION: u32 = 1;

/// No file is larger: what does not fit is left out, source by source.
pub const MOST: u64 = 128 << 20;

/// What the first line says the file is.
const MARK: &str = "last known facts of quarterdeck";

#[derive(Serialize, Deserialize)]
struct Head {
    is: String,
    version: u32,
    fleet: String,
}

/// One source's last good answer.
#[derive(Serialize, Deserialize)]
struct Line {
    source: SourceId,
    url: String,
    at: Moment,
    certificate_ends: Option<Moment>,
    heard: Heard,
}

/// Where the last known facts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    path: PathBuf,
}

/// What was read back.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The facts of sources the fleet still has.
    pub facts: Facts,
    /// How many lines could not be read.
    pub lost: usize,
}

/// Why nothing was read or written.
#[derive(Debug)]
pub enum Why {
    /// The file is another person's, or others may write it: it could say anything.
    Foreign,
    /// It is some other file.
    Other,
    /// It has a form of another version.
    Version(u32),
    /// It is larger than any of ours.
    Large,
    /// It is about another fleet.
    Fleet(String),
    /// The system says no.
    System(io::Error),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("it belongs to somebody else, or others may write to it"),
            Self::Other => f.write_str("it is no file of last known facts"),
            Self::Version(version) => write!(f, "it is of version {version}, and this program reads {VERSION}"),
            Self::Large => write!(f, "it is larger than {} MiB", MOST >> 20),
            Self::Fleet(name) => write!(f, "it is about the fleet `{name}`"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Store {
    /// The facts kept in this file.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what was kept of a fleet. No file is nothing kept; a line that makes no sense is lost, the others stand.
    ///
    /// # Errors
    /// Where the file is not to be trusted, or not ours to understand. Nothing of it was used then.
    pub fn read(&self, fleet: &Fleet) -> Result<Kept, Why> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(error.into()),
        };
        let about = file.metadata()?;
        if about.uid() != rustix::process::geteuid().as_raw() || about.mode() & 0o022 != 0 {
            return Err(Why::Foreign);
        }
        if !about.is_file() {
            return Err(Why::Other);
        }
        if about.len() > MOST {
            return Err(Why::Large);
        }
        let mut lines = BufReader::with_capacity(1 << 18, file.take(MOST));
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line)?;
        let head: Head = serde_json::from_slice(&line).map_err(|_| Why::Other)?;
        match head {
            Head { is, .. } if is != MARK => return Err(Why::Other),
            Head { version, .. } if version != VERSION => return Err(Why::Version(version)),
            Head { fleet: of, .. } if of != fleet.name.as_str() => return Err(Why::Fleet(of)),
            Head { .. } => {}
        }
        let mut kept = Kept::default();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(kept);
            }
            match serde_json::from_slice::<Line>(&line) {
                Ok(line) => kept.facts = absorbed(kept.facts, line, fleet),
                Err(_) => kept.lost += 1,
            }
        }
    }

    /// Replaces the file where the facts say something else than what `last` is the digest of; gives what they say.
    ///
    /// # Errors
    /// What the system says; the old file still stands then.
    pub fn renew(&self, fleet: &Fleet, facts: &Facts, last: Option<[u8; 32]>) -> Result<[u8; 32], Why> {
        let sum = digest(fleet, facts)?;
        if Some(sum) != last {
            self.write(fleet, facts)?;
        }
        Ok(sum)
    }

    /// Replaces the file by these facts, whole or not at all.
    ///
    /// # Errors
    /// What the system says; the old file still stands then.
    pub fn write(&self, fleet: &Fleet, facts: &Facts) -> Result<(), Why> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let new = folder.join(format!(".{name}.{}", std::process::id()));
        // What an earlier process of this number left behind is no longer wanted.
        let _ = fs::remove_file(&new);
        let written = write_new(&new, fleet, facts).and_then(|()| fs::rename(&new, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        Ok(written?)
    }
}

fn write_new(path: &Path, fleet: &Fleet, facts: &Facts) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    let head = Head { is: MARK.to_owned(), version: VERSION, fleet: fleet.name.to_string() };
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    out.write_all(&line)?;
    let mut size = u64::try_from(line.len()).unwrap_or(u64::MAX);
    for one in lines(fleet, facts) {
        let mut line = serde_json::to_vec(&one)?;
        line.push(b'\n');
        let with = size.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        if with <= MOST {
            out.write_all(&line)?;
            size = with;
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// What would be kept: of sources the fleet has.
fn lines<'a>(fleet: &'a Fleet, facts: &'a Facts) -> impl Iterator<Item = Line> + 'a {
    facts.iter().filter_map(|(source, feed)| {
        let (at, heard) = feed.heard.as_ref()?;
        let url = fleet.sources.get(source)?.url.to_string();
        let heard = Heard::clone(heard);
        Some(Line { source: source.clone(), url, at: *at, certificate_ends: feed.certificate_ends, heard })
    })
}

/// What the kept facts say, whenever it was said: equal where nothing changed.
///
/// # Errors
/// Where a fact has no form in JSON; none of ours is like that.
pub fn digest(fleet: &Fleet, facts: &Facts) -> io::Result<[u8; 32]> {
    let mut sum = Sha256::new();
    for line in lines(fleet, facts) {
        sum.update(serde_json::to_vec(&(&line.source, &line.heard))?);
    }
    Ok(sum.finalize().into())
}

/// The facts with one more line, unless the source is gone or asked elsewhere now.
fn absorbed(facts: Facts, line: Line, fleet: &Fleet) -> Facts {
    let Line { source, url, at, certificate_ends, heard } = line;
    if fleet.sources.get(&source).is_none_or(|card| card.url.as_str() != url) {
        return facts;
    }
    facts.absorb(Poll { from: source, at, took: Duration::ZERO, certificate_ends, brought: Ok(heard) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
