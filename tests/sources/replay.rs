//! A door that answers from a sample folder, as recorded or mangled.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use quarterdeck::domain::fault::Fault;
use quarterdeck::net::door::{
    Ask, Conversation, Door, Flow, GitAsk, GitReply, Pending, Pieces, Presented, Reply, Verb,
};
use quarterdeck::text::Clean;

/// One recorded answer.
#[derive(Clone, Debug)]
pub struct Answer {
    verb: String,
    path: String,
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

/// The answers of one sample, in order. `exchange.txt` has a line for each: verb, path, status, content type, file.
pub struct Exchange(Vec<Answer>);

impl Exchange {
    pub fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("exchange.txt")).unwrap();
        let line = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [verb, path, status, content_type, file] = words[..] else { panic!("{}: {line}", folder.display()) };
            Answer {
                verb: verb.to_owned(),
                path: if path == "-" { String::new() } else { path.to_owned() },
                status: status.parse().unwrap(),
                content_type: content_type.to_owned(),
                body: if file == "-" { Vec::new() } else { std::fs::read(folder.join(file)).unwrap() },
            }
        };
        Self(text.lines().filter(|text| !text.trim().is_empty() && !text.starts_with('#')).map(line).collect())
    }
}

/// What is done to every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mangle {
    Empty,
    Html,
    Cut,
    OtherType,
    Flip(u64),
    Slow,
}

/// The door.
pub struct Replay {
    left: Mutex<VecDeque<Answer>>,
    mangle: Option<Mangle>,
}

impl Replay {
    pub fn new(exchange: Exchange, mangle: Option<Mangle>) -> Self {
        Self { left: Mutex::new(exchange.0.into()), mangle }
    }

    pub fn all_asked(&self, folder: &Path) {
        let left = self.left.lock().unwrap();
        assert!(left.is_empty(), "{}: never asked for {left:?}", folder.display());
    }

    fn next(&self, ask: &Ask) -> Result<Answer, Fault> {
        if self.mangle == Some(Mangle::Slow) {
            return Err(Fault::Slow { allowed: Duration::from_secs(10) });
        }
        let mut left = self.left.lock().unwrap();
        let verb = match ask.verb {
            Verb::Get => "GET",
            Verb::Head => "HEAD",
            Verb::Query(_) | Verb::Review(_) => "POST",
        };
        // Sources may ask in any order; answers to one path come in the order they were recorded.
        let place = left.iter().position(|answer| answer.verb == verb && answer.path == ask.path);
        let answer = place.and_then(|place| left.remove(place));
        let mut answer = match answer {
            Some(answer) => answer,
            None if self.mangle.is_some() => return Err(Fault::Missing { path: Clean::line(&ask.path) }),
            None => panic!("nobody recorded {verb} {}", ask.path),
        };
        match self.mangle {
            None | Some(Mangle::Slow) => {}
            Some(Mangle::Empty) => answer.body.clear(),
            Some(Mangle::Html) => answer.body = b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec(),
            Some(Mangle::Cut) => answer.body.truncate(answer.body.len() / 2),
            Some(Mangle::OtherType) => answer.body = b"{\"unexpected\":[1,2,3]}".to_vec(),
            Some(Mangle::Flip(seed)) => {
                let mut dice = fastrand::Rng::with_seed(seed);
                for _ in 0..1 + answer.body.len() / 50 {
                    if let Some(byte) = (!answer.body.is_empty()).then(|| dice.usize(..answer.body.len())) {
                        answer.body[byte] = dice.u8(..);
                    }
                }
            }
        }
        Ok(answer)
    }

    fn reply(&self, ask: &Ask) -> Result<Reply, Fault> {
        let answer = self.next(ask)?;
        let headers = vec![("content-type".to_owned(), answer.content_type)];
        match answer.status {
            200..300 => Ok(Reply { status: answer.status, headers, body: answer.body, certificate_ends: None }),
            status if ask.accepts.contains(&status) => {
                Ok(Reply { status, headers, body: answer.body, certificate_ends: None })
            }
            401 => Err(Fault::Unauthorised { credential: None }),
            403 => Err(Fault::Forbidden { why: Clean::from_bytes(&answer.body) }),
            404 | 410 => Err(Fault::Missing { path: Clean::line(&ask.path) }),
            429 => Err(Fault::Limited { until: None }),
            status => Err(Fault::Refused { status, why: Clean::from_bytes(&answer.body) }),
        }
    }
}

/// A recorded body in small pieces, so that readers of streams meet every cut.
struct InPieces(VecDeque<Vec<u8>>);

impl Pieces for InPieces {
    fn next(&mut self) -> Pending<'_, Result<Option<Vec<u8>>, Fault>> {
        let piece = self.0.pop_front();
        Box::pin(async move { Ok(piece) })
    }
}

impl Door for Replay {
    fn ask(&self, ask: Ask) -> Pending<'_, Result<Reply, Fault>> {
        Box::pin(async move { self.reply(&ask) })
    }

    fn stream(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async move {
            let reply = self.reply(&ask)?;
            let pieces = InPieces(reply.body.chunks(7).map(<[u8]>::to_vec).collect());
            Ok(Flow { status: reply.status, headers: reply.headers, pieces: Box::new(pieces) })
        })
    }

    fn tail(&self, _ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async { panic!("samples hold no websocket") })
    }

    fn talk(&self) -> Pending<'_, Result<Box<dyn Conversation>, Fault>> {
        Box::pin(async { panic!("samples hold no conversation") })
    }

    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>> {
        Box::pin(async { panic!("samples hold no certificate") })
    }

    fn git(&self, _ask: GitAsk) -> Pending<'_, Result<GitReply, Fault>> {
        Box::pin(async { panic!("samples hold no repository") })
    }
}
