//! What goes on after the first answer: a watch tells changes as they happen, a tail tells log lines.
//!
//! Both ask the same question again and again and tell what is new, so that they can't say anything a plain question
//! would not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::flow::Flow;
use super::question::Question;
use super::speak::times;
use super::stage::Stage;
use crate::domain::clock::{Clock, Moment};

/// How often the world is looked at again.
const PULSE: Duration = Duration::from_millis(700);

/// How much of the world's time a watch may begin in the past.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A watch ends by itself after so many looks; every client must be able to begin anew.
const LOOKS: u32 = 2400;

/// The changes of a list since a moment, as Kubernetes tells them, with a bookmark now and then.
#[must_use]
pub fn watch(stage: Arc<Stage>, question: Question, since: i64) -> mpsc::Receiver<Bytes> {
    let (pieces, told) = mpsc::channel(16);
    tokio::spawn(async move {
        let begin = Moment::from_timestamp(since, 0).filter(|_| since > 0).map(|at| at.min(stage.clock.now()));
        if let Some(old) = begin.filter(|at| stage.clock.now() - *at > KEPT) {
            let _ = pieces.send(Bytes::from(format!("{}\n", expired(old, stage.clock.now())))).await;
            return;
        }
        let with_bookmarks = matches!(question.get("allowWatchBookmarks"), Some("1" | "true"));
        let asked_for = question.number("timeoutSeconds").and_then(|seconds| u32::try_from(seconds).ok());
        let looks = asked_for.map_or(LOOKS, |seconds| (seconds.saturating_mul(10) / 7).clamp(1, LOOKS));
        let mut known = begin.map(|at| listed(&stage, &question, at).items).unwrap_or_default();
        let mut last = stage.clock.now();
        for look in 0..looks {
            let now = stage.clock.now();
            // Time that jumped so far has forgotten what lies in between.
            if now - last > KEPT {
                let _ = pieces.send(Bytes::from(format!("{}\n", expired(last, now)))).await;
                return;
            }
            last = now;
            let List { items: fresh, kind, api } = listed(&stage, &question, now);
            let mut lines = changes(&known, &fresh);
            if with_bookmarks && look % 20 == 19 {
                // Of a bookmark only the version counts: what an object must have is there, and empty.
                let metadata = json!({"resourceVersion": now.timestamp().to_string(), "creationTimestamp": null});
                let object = json!({"kind": kind, "apiVersion": api, "metadata": metadata,
                    "spec": {"selector": null, "template": {"metadata": {"creationTimestamp": null}, "spec": {"containers": null}}},
                    "status": {}});
                lines.push(json!({"type": "BOOKMARK", "object": object}));
            }
            known = fresh;
            for line in lines {
                if pieces.send(Bytes::from(format!("{line}\n"))).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(PULSE) => {}
                () = pieces.closed() => return,
            }
        }
    });
    told
}

type Items = BTreeMap<String, Value>;

/// A list by the names of its items.
struct List {
    items: Items,
    kind: String,
    api: Value,
}

/// How it is told that a version is no longer known: inside an answer that began well.
fn expired(old: Moment, now: Moment) -> Value {
    let message = format!("too old resource version: {} ({})", old.timestamp(), now.timestamp());
    json!({"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": "Expired", "code": 410}})
}

/// The list as it is at a moment, by the names of its items.
fn listed(stage: &Stage, question: &Question, at: Moment) -> List {
    let mut question = question.clone();
    question.query.retain(|(key, _)| {
        !matches!(key.as_str(), "watch" | "limit" | "continue" | "resourceVersion" | "timeoutSeconds")
    });
    let answer = stage.answer(&question, at);
    let mut list: Value = serde_json::from_slice(answer.whole()).unwrap_or_default();
    let kind = list
        .get("kind")
        .and_then(Value::as_str)
        .and_then(|kind| kind.strip_suffix("List"))
        .unwrap_or_default()
        .to_owned();
    let api = list.get("apiVersion").cloned().unwrap_or_default();
    let version = at.timestamp().to_string();
    let items = list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let items = items
        .into_iter()
        .map(|mut item| {
            let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            let name = format!("{}/{}", text("/metadata/namespace"), text("/metadata/name"));
            if let Some(item) = item.as_object_mut() {
                item.insert("kind".to_owned(), kind.clone().into());
                item.insert("apiVersion".to_owned(), api.clone());
            }
            if let Some(place) = item.pointer_mut("/metadata/resourceVersion") {
                *place = version.clone().into();
            }
            (name, item)
        })
        .collect();
    List { items, kind, api }
}

/// What became different. The resource version alone is no difference.
fn changes(before: &Items, after: &Items) -> Vec<Value> {
    let bare = |item: &Value| {
        let mut item = item.clone();
        if let Some(place) = item.pointer_mut("/metadata/resourceVersion") {
            *place = Value::Null;
        }
        item
    };
    let mut found = Vec::new();
    for (name, item) in after {
        match before.get(name) {
            None => found.push(json!({"type": "ADDED", "object": item})),
            Some(old) if bare(old) != bare(item) => found.push(json!({"type": "MODIFIED", "object": item})),
            Some(_) => {}
        }
    }
    for (name, item) in before {
        if !after.contains_key(name) {
            found.push(json!({"type": "DELETED", "object": item}));
        }
    }
    found
}

/// Log lines over a websocket, from now on.
#[must_use]
pub fn tail(stage: Arc<Stage>, question: Question, request: Request<Incoming>) -> Response<Flow> {
    let mut response = Response::new(Flow::Once(Some(Bytes::from_static(b"Bad Request\n"))));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let Some(key) = question.header("sec-websocket-key") else { return response };
    let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) else { return response };
    tokio::spawn(async move {
        // The client may be gone before it is upgraded.
        if let Ok(upgraded) = hyper::upgrade::on(request).await {
            let (mut reader, mut writer) = tokio::io::split(TokioIo::new(upgraded));
            let mut sink = [0; 256];
            let listening = async { while matches!(reader.read(&mut sink).await, Ok(1..)) {} };
            tokio::select! {
                () = listening => {}
                () = speak(&stage, &question, &mut writer) => {}
            }
        }
    });
    let mut response = Response::new(Flow::Once(None));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// Tells every line once, and says each second that it is still there.
async fn speak(stage: &Stage, question: &Question, writer: &mut (impl AsyncWriteExt + Unpin)) {
    let mut from = question.get("start").and_then(times::parse).unwrap_or_else(|| stage.clock.now());
    loop {
        let now = stage.clock.now();
        let mut asked = question.clone();
        asked.path = question
            .path
            .iter()
            .map(|part| if part == "tail" { "query_range".to_owned() } else { part.clone() })
            .collect();
        asked.query.retain(|(key, _)| !matches!(key.as_str(), "start" | "end" | "limit" | "direction"));
        for (key, at) in [("start", from), ("end", now)] {
            asked.query.push((key.to_owned(), at.timestamp_nanos_opt().unwrap_or_default().to_string()));
        }
        asked.query.extend([("limit".to_owned(), "500".to_owned()), ("direction".to_owned(), "forward".to_owned())]);
        let answer: Value = serde_json::from_slice(stage.answer(&asked, now).whole()).unwrap_or_default();
        let streams = answer.pointer("/data/result").cloned().unwrap_or_default();
        from = now;
        let empty = streams.as_array().is_none_or(Vec::is_empty);
        let said =
            if empty { frame(0x89, b"") } else { frame(0x81, json!({"streams": streams}).to_string().as_bytes()) };
        if writer.write_all(&said).await.is_err() || writer.flush().await.is_err() {
            return;
        }
        tokio::time::sleep(PULSE).await;
    }
}

/// One websocket frame from a server: never masked, always whole.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut out = vec![opcode];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(short),
        (_, Ok(medium)) => {
            out.push(126);
            out.extend(medium.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend(u64::try_from(length).unwrap_or_default().to_be_bytes());
        }
    }
    out.extend(payload);
    out
}
