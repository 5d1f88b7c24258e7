//! A door that answers from a sample folder, as recorded or mangled.

#[path = "conversation.rs"]
mod conversation;
#[path = "repository.rs"]
mod repository;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use quarterdeck::domain::clock::Moment;
use quarterdeck::domain::fault::Fault;
use quarterdeck::net::answer::{self, Head, Quota};
use quarterdeck::net::door::{
    Ask, Conversation, Door, Flow, GitAsk, GitReply, Pending, Pieces, Presented, Reply, Verb,
};
use quarterdeck::net::handshake;
use quarterdeck::net::route::Target;
use quarterdeck::net::tls::{self, Papers};
use quarterdeck::text::Clean;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use conversation::Script;

/// One recorded answer.
#[derive(Clone, Debug)]
pub struct Answer {
    verb: String,
    path: String,
    status: u16,
    content_type: String,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Answer {
    pub fn verb(&self) -> &str {
        &self.verb
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// The answers of one sample, in order. `exchange.txt` has a line for each: verb, path, status, content type, file, and
/// any headers beside, as `name:value` without blanks.
///
/// A conversation is `TALK - 0 text/plain FILE`, its lines marked `S:` and `C:`; a handshake is `TLS HOST:PORT 0 PROTOCOL
/// FILE`, the chain in PEM form, trusted where `ca.pem` beside it says so; a repository is `GIT - 0 - FILE`.
pub struct Exchange {
    answers: Vec<Answer>,
    folder: PathBuf,
}

impl Exchange {
    pub fn read(folder: &Path) -> Self {
        Self::read_from(folder, "exchange.txt")
    }

    /// An exchange that stands in another file; `again.txt` is that of a second poll.
    pub fn read_from(folder: &Path, name: &str) -> Self {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let line = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [verb, path, status, content_type, file, headers @ ..] = &words[..] else {
                panic!("{}: {line}", folder.display())
            };
            let header = |text: &&str| {
                let (name, value) = text.split_once(':').unwrap_or_else(|| panic!("{}: {text}", folder.display()));
                (name.to_owned(), value.to_owned())
            };
            Answer {
                verb: (*verb).to_owned(),
                path: if *path == "-" { String::new() } else { (*path).to_owned() },
                status: status.parse().unwrap(),
                content_type: (*content_type).to_owned(),
                body: if *file == "-" { Vec::new() } else { std::fs::read(folder.join(file)).unwrap() },
                headers: headers.iter().map(header).collect(),
            }
        };
        let answers = text.lines().filter(|text| !text.trim().is_empty() && !text.starts_with('#')).map(line).collect();
        Self { answers, folder: folder.to_owned() }
    }

    /// Whether all of it is HTTP.
    pub fn is_http(&self) -> bool {
        self.answers.iter().all(|answer| matches!(answer.verb.as_str(), "GET" | "HEAD" | "POST"))
    }

    pub fn into_answers(self) -> Vec<Answer> {
        self.answers
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
    folder: PathBuf,
    now: Moment,
}

impl Replay {
    pub fn new(exchange: Exchange, mangle: Option<Mangle>, now: Moment) -> Self {
        Self { left: Mutex::new(exchange.answers.into()), mangle, folder: exchange.folder, now }
    }

    pub fn all_asked(&self, folder: &Path) {
        let left = self.left.lock().unwrap();
        assert!(left.is_empty(), "{}: never asked for {left:?}", folder.display());
    }

    /// What was recorded of another way than HTTP.
    fn other(&self, verb: &str) -> Result<Answer, Fault> {
        if self.mangle == Some(Mangle::Slow) {
            return Err(Fault::Slow { allowed: Duration::from_secs(10) });
        }
        let mut left = self.left.lock().unwrap();
        let place = left.iter().position(|answer| answer.verb == verb);
        let place = place.unwrap_or_else(|| panic!("{}: nobody recorded a {verb}", self.folder.display()));
        Ok(left.remove(place).unwrap())
    }

    fn presented(&self) -> Result<Presented, Fault> {
        let answer = self.mangled(self.other("TLS")?);
        let garbled = || Fault::Garbled { expected: "a certificate", why: Clean::line("something else") };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&answer.body).collect();
        let ca = std::fs::read(self.folder.join("ca.pem")).ok();
        let (_, checking) = tls::configure_open(&Papers { ca, ..Papers::default() }).unwrap();
        let target = Target::read(&answer.path).unwrap();
        let presented = handshake::understand(&chain.map_err(|_| garbled())?, &target, &checking, self.now)?;
        Ok(Presented { protocol: answer.content_type, ..presented })
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
        match answer {
            Some(answer) => Ok(self.mangled(answer)),
            None if self.mangle.is_some() => Err(Fault::Missing { path: Clean::line(&ask.path) }),
            None => panic!("nobody recorded {verb} {}", ask.path),
        }
    }

    fn mangled(&self, mut answer: Answer) -> Answer {
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
        answer
    }

    fn reply(&self, ask: &Ask) -> Result<Reply, Fault> {
        let answer = self.next(ask)?;
        let mut headers = vec![("content-type".to_owned(), answer.content_type)];
        headers.extend(answer.headers);
        let reply = Reply { status: answer.status, headers, body: answer.body, certificate_ends: None };
        if (200..300).contains(&reply.status) || ask.accepts.contains(&reply.status) {
            return Ok(reply);
        }
        // As the real door has it.
        let head = Head {
            status: reply.status,
            retry_after: reply.header("retry-after"),
            quota: Quota::read(|name| reply.header(name)),
            path: Clean::line(&ask.path),
            credential: None,
        };
        Err(answer::fault(head, &reply.body, self.now))
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
        Box::pin(async {
            let script = Script::read(&self.other("TALK")?.body, self.mangle);
            let talk: Box<dyn Conversation> = Box::new(script);
            Ok(talk)
        })
    }

    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>> {
        Box::pin(async { self.presented() })
    }

    fn git(&self, ask: GitAsk) -> Pending<'_, Result<GitReply, Fault>> {
        Box::pin(async move { repository::told(&self.other("GIT")?.body, &ask, self.mangle).await })
    }
}
