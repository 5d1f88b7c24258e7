//! The recorded answers over real connections: a listener that stands for every host, as a proxy does.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use quarterdeck::net::address;
use quarterdeck::net::door::Ask;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::replay::{Answer, Exchange};

/// How the listener answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// What was recorded, packed or in chunks, in turns.
    AsRecorded,
    /// The beginning of it, and no more.
    BrokenOff,
    /// With a step to another host.
    Elsewhere,
    /// More than anybody may send.
    Flood,
    /// Not at all.
    Silent,
}

/// A listener with the answers of one sample.
#[derive(Clone)]
pub struct Wire {
    /// What was recorded and not asked for yet, by verb and path as they stand on the wire.
    left: Arc<Mutex<VecDeque<(String, Answer)>>>,
    manner: Manner,
}

impl Wire {
    /// Listens for one sample and returns where.
    pub async fn listen(exchange: Exchange, base: &Url, manner: Manner) -> (Self, String) {
        let on_the_wire = |answer: Answer| {
            let url = address::of(base, &Ask::get(answer.path())).unwrap();
            (format!("{} {}", answer.verb(), whole(&url, answer.path().contains('?'))), answer)
        };
        let left = exchange.into_answers().into_iter().map(on_the_wire).collect();
        let wire = Self { left: Arc::new(Mutex::new(left)), manner };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let served = wire.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        (wire, proxy)
    }

    pub fn left(&self) -> Vec<String> {
        self.left.lock().unwrap().iter().map(|(asked, _)| asked.clone()).collect()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let mut turn = 0;
        while let Ok(1..) = stream.read_buf(&mut bytes).await {
            let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n").map(|at| at + 4) else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if bytes.len() < end + length {
                continue;
            }
            let line = String::from_utf8_lossy(&bytes[..end]).lines().next().unwrap_or_default().to_owned();
            bytes.drain(..end + length);
            turn += 1;
            let Some(answer) = self.answer(&line, turn) else { return };
            if stream.write_all(&answer).await.is_err() || self.manner == Manner::BrokenOff {
                return;
            }
        }
    }

    /// The whole answer to a request line; none where there is to be none.
    fn answer(&self, line: &str, turn: usize) -> Option<Vec<u8>> {
        let mut words = line.split(' ');
        let (verb, url) = (words.next()?, Url::parse(words.next()?).unwrap());
        match self.manner {
            Manner::Silent => return None,
            Manner::Elsewhere => return Some(head(302, "Location: http://elsewhere.test/\r\nContent-Length: 0\r\n")),
            Manner::Flood => {
                let flood = vec![b'1'; 64 << 10];
                return Some([head(200, &format!("Content-Length: {}\r\n", flood.len())), flood].concat());
            }
            Manner::AsRecorded | Manner::BrokenOff => {}
        }
        let mut left = self.left.lock().unwrap();
        let asked = [true, false].map(|query| format!("{verb} {}", whole(&url, query)));
        let Some(place) = left.iter().position(|(recorded, _)| asked.contains(recorded)) else {
            return Some(head(404, "Content-Length: 0\r\n"));
        };
        let (_, answer) = left.remove(place)?;
        let status = answer.status();
        let mut kind = format!("Content-Type: {}\r\n", answer.content_type());
        kind.extend(answer.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")));
        let body = answer.body();
        let (head, body) = match (self.manner, turn % 2) {
            (Manner::BrokenOff, _) => {
                (head(status, &format!("{kind}Content-Length: {}\r\n", body.len())), body[..body.len() / 2].to_vec())
            }
            (_, 0) => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::default());
                packed.write_all(body).unwrap();
                let packed = packed.finish().unwrap();
                let more = format!("{kind}Content-Encoding: gzip\r\nContent-Length: {}\r\n", packed.len());
                (head(status, &more), packed)
            }
            _ => {
                let mut chunks = Vec::new();
                for chunk in body.chunks(1000) {
                    chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                    chunks.extend(chunk);
                    chunks.extend(b"\r\n");
                }
                chunks.extend(b"0\r\n\r\n");
                (head(status, &format!("{kind}Transfer-Encoding: chunked\r\n")), chunks)
            }
        };
        Some([head, body].concat())
    }
}

fn head(status: u16, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} So\r\n{more}\r\n").into_bytes()
}

fn whole(url: &Url, with_query: bool) -> String {
    match url.query().filter(|_| with_query) {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
