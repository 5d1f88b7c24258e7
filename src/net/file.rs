//! A file on this machine, read as if it were an answer.

use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::door::{Flow, Pending, Pieces, Reply};
use super::system::system;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// Reads a plain file up to a limit.
///
/// # Errors
/// [`Fault::Missing`], [`Fault::TooLarge`], or why it can't be read.
pub async fn read(path: &Path, limit: u64) -> Result<Reply, Fault> {
    let (file, shown) = opened(path).await?;
    let mut body = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut body).await.map_err(|error| unreadable(&shown, &error))?;
    if u64::try_from(body.len()).unwrap_or(u64::MAX) > limit {
        return Err(Fault::TooLarge { limit });
    }
    Ok(Reply { status: 200, body, ..Reply::default() })
}

/// Reads a plain file piece by piece.
///
/// # Errors
/// The same as [`read`], the size as soon as it is passed.
pub async fn open(path: &Path, limit: u64) -> Result<Flow, Fault> {
    let (file, shown) = opened(path).await?;
    let pieces = Box::new(InPieces { file, shown, left: limit, limit });
    Ok(Flow { status: 200, headers: Vec::new(), pieces })
}

/// What one piece of a file holds.
const PIECE: usize = 64 << 10;

struct InPieces {
    file: File,
    shown: Clean,
    left: u64,
    limit: u64,
}

impl Pieces for InPieces {
    fn next(&mut self) -> Pending<'_, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(async move {
            let mut piece = vec![0; PIECE];
            let n = self.file.read(&mut piece).await.map_err(|error| unreadable(&self.shown, &error))?;
            piece.truncate(n);
            let read = u64::try_from(n).unwrap_or(u64::MAX);
            self.left = self.left.checked_sub(read).ok_or(Fault::TooLarge { limit: self.limit })?;
            Ok((n > 0).then_some(piece))
        })
    }
}

async fn opened(path: &Path) -> Result<(File, Clean), Fault> {
    let shown = Clean::line_within(&path.display().to_string(), 200);
    let said = |error: std::io::Error| unreadable(&shown, &error);
    // Looked at first: opening a pipe would wait for someone to write.
    let metadata = tokio::fs::metadata(path).await.map_err(said)?;
    if !metadata.is_file() {
        return Err(Fault::Garbled { expected: "a plain file", why: Clean::line("something else") });
    }
    let file = File::open(path).await.map_err(said)?;
    Ok((file, shown))
}

fn unreadable(shown: &Clean, error: &std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing { path: shown.clone() },
        _ => Fault::Unreachable { why: Clean::line(&format!("{shown}: {}", system(error))) },
    }
}
