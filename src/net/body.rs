//! The body of an answer, unpacked and counted as it arrives.

use std::pin::Pin;
use std::time::Duration;

use reqwest::Response;
use tokio::time::Sleep;

use super::door::{Pending, Pieces};
use super::hosts::Pass;
use super::trouble::{self, Doing};
use crate::domain::fault::Fault;

/// Reads a body whole, up to a limit of unpacked bytes: a bomb is noticed while it goes off.
///
/// # Errors
/// [`Fault::TooLarge`], and whatever ends the answer early.
pub async fn whole(response: &mut Response, limit: u64, doing: Doing) -> Result<Vec<u8>, Fault> {
    let told = response.content_length().unwrap_or(0);
    if told > limit {
        return Err(Fault::TooLarge { limit });
    }
    // What the server announces is a wish: only a modest one is believed beforehand.
    let mut body = Vec::with_capacity(usize::try_from(told.min(256 << 10)).unwrap_or(0));
    let mut count = Count { read: 0, limit };
    while let Some(piece) = response.chunk().await.map_err(|error| trouble::of_request(&error, doing))? {
        count.add(piece.len())?;
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The first bytes of a body that is only looked at.
pub async fn start(response: &mut Response, most: u64) -> Vec<u8> {
    let mut body = Vec::new();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    while body.len() < most {
        let Ok(Some(piece)) = response.chunk().await else { break };
        body.extend_from_slice(piece.get(..piece.len().min(most - body.len())).unwrap_or_default());
    }
    body
}

/// Unpacked bytes against their limit.
struct Count {
    read: u64,
    limit: u64,
}

impl Count {
    fn add(&mut self, bytes: usize) -> Result<(), Fault> {
        self.read = self.read.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.read > self.limit { Err(Fault::TooLarge { limit: self.limit }) } else { Ok(()) }
    }
}

/// The pieces of a streamed body. Holds its slot until it is dropped.
pub struct Stream {
    response: Response,
    count: Count,
    deadline: Pin<Box<Sleep>>,
    doing: Doing,
    _pass: Pass,
}

impl Stream {
    /// The rest of an answer whose head has come. `deadline` is the end of the whole time allowed.
    #[must_use]
    pub fn new(response: Response, limit: u64, deadline: Pin<Box<Sleep>>, doing: Doing, pass: Pass) -> Self {
        Self { response, count: Count { read: 0, limit }, deadline, doing, _pass: pass }
    }
}

impl Pieces for Stream {
    fn next(&mut self) -> Pending<'_, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(async move {
            let allowed: Duration = self.doing.allowed;
            let piece = tokio::select! {
                biased;
                () = &mut self.deadline => return Err(Fault::Slow { allowed }),
                piece = self.response.chunk() => piece.map_err(|error| trouble::of_request(&error, self.doing))?,
            };
            match piece {
                Some(piece) => {
                    self.count.add(piece.len())?;
                    Ok(Some(piece.into()))
                }
                None => Ok(None),
            }
        })
    }
}
