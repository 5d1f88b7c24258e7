//! A recorded conversation in lines, as it was or mangled.

use std::collections::VecDeque;
use std::time::Duration;

use quarterdeck::domain::fault::Fault;
use quarterdeck::net::door::{Conversation, Pending};
use quarterdeck::text::Clean;

use super::Mangle;

/// What is said by whom, in order.
enum Turn {
    Server(Vec<u8>),
    Client(String),
}

/// The other side of a conversation, which says what was recorded, and only once it has heard what it had heard then.
pub struct Script {
    turns: VecDeque<Turn>,
    mangled: bool,
}

impl Script {
    /// Reads a file of lines that begin with `S:` or `C:`.
    pub fn read(text: &[u8], mangle: Option<Mangle>) -> Self {
        let turn = |line: &str| match line.split_once(": ") {
            Some(("S", words)) => Turn::Server(words.as_bytes().to_vec()),
            Some(("C", words)) => Turn::Client(words.to_owned()),
            _ => panic!("a line is the server's or the client's: {line}"),
        };
        let mut turns: VecDeque<Turn> = std::str::from_utf8(text).unwrap().lines().map(turn).collect();
        let whole = turns.len();
        let instead = |turns: &mut VecDeque<Turn>, words: &[u8]| {
            for turn in turns {
                if let Turn::Server(said) = turn {
                    *said = words.to_vec();
                }
            }
        };
        match mangle {
            None | Some(Mangle::Slow) => {}
            Some(Mangle::Empty) => turns.clear(),
            Some(Mangle::Html) => instead(&mut turns, b"<!DOCTYPE html><html><title>Sign in</title></html>"),
            Some(Mangle::Cut) => turns.truncate(whole / 2),
            Some(Mangle::OtherType) => instead(&mut turns, b"{\"unexpected\":[1,2,3]}"),
            Some(Mangle::Flip(seed)) => {
                let mut dice = fastrand::Rng::with_seed(seed);
                for turn in &mut turns {
                    if let Turn::Server(said) = turn
                        && !said.is_empty()
                        && dice.u8(..) < 40
                    {
                        let place = dice.usize(..said.len());
                        said[place] = dice.u8(..);
                    }
                }
            }
        }
        Self { turns, mangled: mangle.is_some() }
    }

    /// Lines the server had said already may still be under way.
    fn heard(&mut self, words: &str) {
        let next = self.turns.iter().position(|turn| matches!(turn, Turn::Client(_)));
        match next.map(|next| (next, &self.turns[next])) {
            Some((next, Turn::Client(recorded))) if recorded == words => {
                self.turns.remove(next);
            }
            _ if self.mangled => {}
            _ => panic!("nobody recorded that `{words}` is said here"),
        }
    }
}

impl Conversation for Script {
    fn say(&mut self, line: &'static str) -> Pending<'_, Result<(), Fault>> {
        self.heard(line);
        Box::pin(async { Ok(()) })
    }

    fn say_password(&mut self) -> Pending<'_, Result<Clean, Fault>> {
        self.heard("(password)");
        Box::pin(async { Ok(Clean::line("env ACME_VPN")) })
    }

    fn hear<'a>(&'a mut self, _prompt: Option<&'a str>) -> Pending<'a, Result<Option<String>, Fault>> {
        let line = match self.turns.front() {
            Some(Turn::Server(_)) => match self.turns.pop_front() {
                Some(Turn::Server(said)) => Ok(Some(String::from_utf8_lossy(&said).into_owned())),
                _ => Ok(None),
            },
            // It waits for us, and we for it.
            Some(Turn::Client(_)) => Err(Fault::Slow { allowed: Duration::from_secs(10) }),
            None => Ok(None),
        };
        Box::pin(async { line })
    }
}
