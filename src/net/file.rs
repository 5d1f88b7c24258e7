//! A file on this machine, read as if it were an answer.

use std::path::Path;

use tokio::io::AsyncReadExt;

use super::door::Reply;
use super::system::system;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// Reads a plain file up to a limit.
///
/// # Errors
/// [`Fault::Missing`], [`Fault::TooLarge`], or why it can't be read.
pub async fn read(path: &Path, limit: u64) -> Result<Reply, Fault> {
    let shown = Clean::line_within(&path.display().to_string(), 200);
    let said = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing { path: shown.clone() },
        _ => Fault::Unreachable { why: Clean::line(&format!("{shown}: {}", system(&error))) },
    };
    // Looked at first: opening a pipe would wait for someone to write.
    let metadata = tokio::fs::metadata(path).await.map_err(said)?;
    if !metadata.is_file() {
        return Err(Fault::Garbled { expected: "a plain file", why: Clean::line("something else") });
    }
    let file = tokio::fs::File::open(path).await.map_err(said)?;
    let mut body = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut body).await.map_err(said)?;
    if u64::try_from(body.len()).unwrap_or(u64::MAX) > limit {
        return Err(Fault::TooLarge { limit });
    }
    Ok(Reply { status: 200, body, ..Reply::default() })
}
