//! A conversation in lines with a socket: bounded in time, line length and count of lines.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::Sleep;

use super::door::{Conversation, Pending};
use super::hosts::Pass;
use super::limits;
use super::route::{self, Line, Target};
use super::secrets::Hidden;
use super::system::system;
use super::trouble;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// What a conversation is opened with.
pub struct Opening<'a> {
    /// `host:port` or `unix:/path`.
    pub address: &'a str,
    /// The proxy on the way.
    pub proxy: Option<&'a Clean>,
    /// The time for all of it.
    pub allowed: Duration,
    /// What is said where a password is asked for, and what it is called.
    pub password: Option<(Hidden, Clean)>,
    /// The slot it holds.
    pub pass: Pass,
}

/// Opens a conversation.
///
/// # Errors
/// Where there is no connection in time.
pub async fn open(opening: Opening<'_>) -> Result<Box<dyn Conversation>, Fault> {
    let Opening { address, proxy, allowed, password, mut pass } = opening;
    let mut deadline: Pin<Box<Sleep>> = Box::pin(tokio::time::sleep(allowed));
    let connecting = async {
        match address.strip_prefix("unix:") {
            Some(path) => {
                let stream = UnixStream::connect(path).await.map_err(|error| trouble::of_io(&error))?;
                let line: Box<dyn Line> = Box::new(stream);
                Ok(line)
            }
            None => route::connect(&Target::read(address)?, proxy).await,
        }
    };
    let connected = tokio::select! {
        biased;
        () = &mut deadline => Err(Fault::Slow { allowed }),
        connected = connecting => connected,
    };
    let line = connected.inspect_err(|fault| pass.failed(fault))?;
    Ok(Box::new(Talk { line, heard: Vec::new(), lines: 0, deadline, allowed, password, pass }))
}

struct Talk {
    line: Box<dyn Line>,
    heard: Vec<u8>,
    lines: usize,
    deadline: Pin<Box<Sleep>>,
    allowed: Duration,
    password: Option<(Hidden, Clean)>,
    pass: Pass,
}

impl Talk {
    async fn say_bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let slow = Fault::Slow { allowed: self.allowed };
        tokio::select! {
            biased;
            () = &mut self.deadline => Err(slow),
            said = self.line.write_all(bytes) => said.map_err(|error| cut(&error)),
        }
    }

    async fn hear_line(&mut self, prompt: Option<&str>) -> Result<Option<String>, Fault> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.heard) {
                self.lines += 1;
                if self.lines > limits::LINES {
                    return Err(Fault::TooLarge { limit: u64::try_from(limits::LINES).unwrap_or(u64::MAX) });
                }
                let rest = self.heard.split_off(end + 1);
                let line = std::mem::replace(&mut self.heard, rest);
                return Ok(Some(text(line.strip_suffix(b"\n").unwrap_or(&line))));
            }
            if prompt.is_some_and(|prompt| self.heard == prompt.as_bytes()) {
                return Ok(Some(text(&std::mem::take(&mut self.heard))));
            }
            if self.heard.len() > limits::LINE {
                return Err(Fault::TooLarge { limit: u64::try_from(limits::LINE).unwrap_or(u64::MAX) });
            }
            let mut piece = [0; 4096];
            let n = tokio::select! {
                biased;
                () = &mut self.deadline => {
                    let fault = Fault::Slow { allowed: self.allowed };
                    self.pass.failed(&fault);
                    return Err(fault);
                }
                read = self.line.read(&mut piece) => read.map_err(|error| cut(&error))?,
            };
            if n == 0 {
                let rest = std::mem::take(&mut self.heard);
                return Ok((!rest.is_empty()).then(|| text(&rest)));
            }
            self.pass.answered();
            self.heard.extend_from_slice(piece.get(..n).unwrap_or_default());
        }
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

fn cut(error: &std::io::Error) -> Fault {
    Fault::Cut { why: Clean::line(&system(error)) }
}

impl Conversation for Talk {
    fn say(&mut self, line: &'static str) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async move { self.say_bytes(format!("{line}\n").as_bytes()).await })
    }

    fn say_password(&mut self) -> Pending<'_, Result<Clean, Fault>> {
        Box::pin(async move {
            let Some((password, name)) = self.password.clone() else {
                return Err(Fault::Unauthorised { credential: None });
            };
            // A line break inside would be a word of its own.
            if password.reveal().contains(['\n', '\r']) {
                return Err(Fault::Secret { why: Clean::line("the password holds a line break") });
            }
            self.say_bytes(format!("{}\n", password.reveal()).as_bytes()).await?;
            Ok(name)
        })
    }

    fn hear<'a>(&'a mut self, prompt: Option<&'a str>) -> Pending<'a, Result<Option<String>, Fault>> {
        Box::pin(self.hear_line(prompt))
    }
}
