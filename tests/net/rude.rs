//! A server that answers in raw bytes, and in every way a server should not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What happens to one question.
#[derive(Clone)]
pub enum Act {
    /// These bytes are sent, and the connection kept.
    Say(Vec<u8>),
    /// These bytes are sent, and the connection closed.
    Last(Vec<u8>),
    /// Nothing, for ever.
    Hang,
    /// One byte each ten seconds.
    Trickle(Vec<u8>),
    /// These bytes again and again, as fast as they are taken.
    Flood(Vec<u8>, Vec<u8>),
    /// The connection is reset.
    Reset,
}

/// One question as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /path HTTP/1.1`
    pub line: String,
    /// Everything up to the body, and the body.
    pub text: String,
    /// How many questions came before.
    pub n: usize,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).take_while(|line| !line.is_empty()).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").unwrap().1
    }
}

/// The server.
pub struct Rude {
    pub port: u16,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Rude {
    pub async fn new(act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let rude = Self { port, asked: Arc::default(), connections: Arc::default() };
        let (asked, connections, act) = (rude.asked.clone(), rude.connections.clone(), Arc::new(act));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (asked, act) = (asked.clone(), act.clone());
                tokio::spawn(async move {
                    if serve(&mut stream, &asked, &*act).await == End::Reset {
                        stream.set_zero_linger().unwrap();
                    }
                });
            }
        });
        rude
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
    }
}

#[derive(PartialEq)]
enum End {
    Closed,
    Reset,
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    asked: &Mutex<Vec<Asked>>,
    act: &(dyn Fn(&Asked) -> Act + Send + Sync),
) -> End {
    loop {
        let Some(text) = question(stream).await else { return End::Closed };
        let question = {
            let mut asked = asked.lock().unwrap();
            let line = text.lines().next().unwrap_or_default().to_owned();
            let question = Asked { line, text, n: asked.len() };
            asked.push(question.clone());
            question
        };
        match act(&question) {
            Act::Say(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return End::Closed;
                }
            }
            Act::Last(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return End::Closed;
            }
            Act::Hang => std::future::pending().await,
            Act::Trickle(bytes) => {
                for byte in bytes {
                    if stream.write_all(&[byte]).await.is_err() {
                        return End::Closed;
                    }
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
            }
            Act::Flood(head, piece) => {
                let _ = stream.write_all(&head).await;
                while stream.write_all(&piece).await.is_ok() {}
                return End::Closed;
            }
            Act::Reset => return End::Reset,
        }
    }
}

/// Reads one question with its body; none at the end of the connection.
async fn question(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&piece[..n]),
            _ => return None,
        }
    }
}

/// A whole answer with its length.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A good answer.
pub fn fine(body: &str) -> Act {
    Act::Say(answer("200 OK", &[], body.as_bytes()))
}

/// A redirect.
pub fn redirect(to: &str) -> Act {
    Act::Say(answer("302 Found", &[&format!("location: {to}")], b"moved"))
}
