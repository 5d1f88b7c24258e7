//! The file of the last known facts: one line a source, replaced as a whole, nobody else's to read.
//!
//! Credentials are in no fact. What is read back is cleaned
//! like everything else from outside, and used only for a source that is still asked at the same address.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::clock::Moment;
use crate::domain::fact::Heard;
use crate::domain::facts::{Facts, Poll};
use crate::domain::fleet::Fleet;
use crate::domain::id::SourceId;
use crate::history::file::{self, Why};

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
        let Some(file) = file::open(&self.path, MOST)? else { return Ok(Kept::default()) };
        let mut lines = BufReader::with_capacity(1 << 18, file.take(MOST));
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line)?;
        let head: Head = serde_json::from_slice(&line).map_err(|_| Why::Other)?;
        match head {
            Head { is, .. } if is != MARK => return Err(Why::Other),
            Head { version, .. } if version != VERSION => return Err(Why::Version { is: version, wanted: VERSION }),
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
        Ok(file::replace(&self.path, |out| write_all(out, fleet, facts))?)
    }
}

fn write_all(out: &mut impl Write, fleet: &Fleet, facts: &Facts) -> io::Result<()> {
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
    Ok(())
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
