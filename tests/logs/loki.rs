//! A Loki, as far as asking for lines needs one: real HTTP, real websockets, one store for each path below its address.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{SinkExt, StreamExt};
use quarterdeck::sources::loki::ask::nanoseconds;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::noon;

/// A line: its nanoseconds and its text.
pub type Line = (i64, String);

/// A line so many seconds from noon.
pub fn line(second: i64, text: &str) -> Line {
    (nanoseconds(noon() + TimeDelta::seconds(second)), text.to_owned())
}

#[derive(Default)]
struct Store {
    lines: BTreeMap<String, Vec<Line>>,
    asked: usize,
    tails: usize,
    refused: Option<(u16, String)>,
    failed: Option<(u16, String)>,
}

/// The server.
pub struct Loki {
    pub address: String,
    store: Arc<Mutex<Store>>,
    /// Counts up with every writing; even its own counting ends a tail when `cut` changes.
    written: watch::Sender<u64>,
    cut: watch::Sender<u64>,
}

impl Loki {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let store = Arc::new(Mutex::new(Store::default()));
        let (written, _) = watch::channel(0);
        let (cut, _) = watch::channel(0);
        let loki = Self { address, store: Arc::clone(&store), written: written.clone(), cut: cut.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (store, written, cut) = (Arc::clone(&store), written.subscribe(), cut.subscribe());
                tokio::spawn(async move { connection(stream, store, written, cut).await });
            }
        });
        loki
    }

    pub fn write(&self, place: &str, lines: &[Line]) {
        self.store.lock().unwrap().lines.entry(place.to_owned()).or_default().extend_from_slice(lines);
        self.written.send_modify(|n| *n += 1);
    }

    pub fn asked(&self) -> usize {
        self.store.lock().unwrap().asked
    }

    pub fn tails(&self) -> usize {
        self.store.lock().unwrap().tails
    }

    pub fn cut_tails(&self) {
        self.cut.send_modify(|n| *n += 1);
    }

    pub fn refuse_tails(&self, status: u16, words: &str) {
        self.store.lock().unwrap().refused = Some((status, words.to_owned()));
    }

    pub fn fail(&self, status: u16, words: &str) {
        self.store.lock().unwrap().failed = Some((status, words.to_owned()));
    }
}

/// What was asked, taken apart.
struct Question {
    place: String,
    what: String,
    pairs: BTreeMap<String, String>,
    key: Option<String>,
}

async fn question(stream: &mut BufReader<TcpStream>) -> Option<Question> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|n| *n > 0)?;
    let mut key = None;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok().filter(|n| *n > 0)?;
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        if name.eq_ignore_ascii_case("sec-websocket-key") {
            key = Some(value.trim().to_owned());
        }
    }
    let target = url::Url::parse(&format!("http://x{}", first.split(' ').nth(1)?)).ok()?;
    let mut path = target.path().trim_start_matches('/').splitn(2, '/');
    let place = path.next()?.to_owned();
    let what = path.next()?.rsplit('/').next()?.to_owned();
    Some(Question { place, what, pairs: target.query_pairs().into_owned().collect(), key })
}

async fn connection(
    stream: TcpStream,
    store: Arc<Mutex<Store>>,
    mut written: watch::Receiver<u64>,
    mut cut: watch::Receiver<u64>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(question) = question(&mut stream).await {
        let (refused, failed) = {
            let mut store = store.lock().unwrap();
            store.asked += 1;
            (store.refused.clone(), store.failed.clone())
        };
        if let Some((status, words)) = failed {
            answer(&mut stream, status, &words).await;
            continue;
        }
        if question.what != "tail" {
            let body = told(&store, &question);
            answer(&mut stream, 200, &body).await;
            continue;
        }
        if let Some((status, words)) = refused {
            answer(&mut stream, status, &words).await;
            continue;
        }
        let accept = derive_accept_key(question.key.as_deref().unwrap().as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut socket = WebSocketStream::from_raw_socket(stream.into_inner(), Role::Server, None).await;
        store.lock().unwrap().tails += 1;
        cut.mark_unchanged();
        let mut told = 0;
        loop {
            let start = number(&question, "start");
            let fresh: Vec<Line> = {
                let store = store.lock().unwrap();
                let all = store.lines.get(&question.place).map(Vec::as_slice).unwrap_or_default();
                let all: Vec<&Line> = all.iter().filter(|(at, _)| *at >= start).collect();
                all.into_iter().skip(told).cloned().collect()
            };
            told += fresh.len();
            for piece in fresh.chunks(500) {
                let values: Vec<_> = piece.iter().map(|(at, text)| json!([at.to_string(), text])).collect();
                let frame = json!({"streams": [{"stream": {"app": "api"}, "values": values}]});
                if socket.send(Message::text(frame.to_string())).await.is_err() {
                    break;
                }
            }
            tokio::select! {
                _ = written.changed() => {}
                _ = cut.changed() => break,
                message = socket.next() => if !matches!(message, Some(Ok(_))) { break },
            }
        }
        store.lock().unwrap().tails -= 1;
        return;
    }
}

fn number(question: &Question, name: &str) -> i64 {
    question.pairs.get(name).and_then(|text| text.parse().ok()).unwrap()
}

fn told(store: &Mutex<Store>, question: &Question) -> String {
    let success = |data: serde_json::Value| json!({"status": "success", "data": data}).to_string();
    match question.what.as_str() {
        "labels" => success(json!(["app", "level"])),
        "query_range" if question.pairs["query"].starts_with("sum by") => {
            success(json!({"resultType": "matrix", "result": []}))
        }
        "query_range" => {
            let (start, end, limit) = (number(question, "start"), number(question, "end"), number(question, "limit"));
            let store = store.lock().unwrap();
            let all = store.lines.get(&question.place).map(Vec::as_slice).unwrap_or_default();
            let mut these: Vec<&Line> = all.iter().filter(|(at, _)| (start..end).contains(at)).collect();
            // A text in the query is looked for; nothing else of it is understood.
            if let Some((_, text)) = question.pairs["query"].split_once("(?i)") {
                let text = text.trim_end_matches('"').replace("\\\"", "\"");
                these.retain(|(_, line)| line.contains(&text));
            }
            these.sort_by_key(|(at, _)| *at);
            if question.pairs["direction"] == "backward" {
                these.reverse();
            }
            these.truncate(usize::try_from(limit).unwrap());
            let values: Vec<_> = these.iter().map(|(at, text)| json!([at.to_string(), text])).collect();
            success(json!({"resultType": "streams", "result": [{"stream": {"app": "api"}, "values": values}]}))
        }
        _ => json!({"version": "3.5.7"}).to_string(),
    }
}

async fn answer(stream: &mut BufReader<TcpStream>, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.flush()).await;
}
