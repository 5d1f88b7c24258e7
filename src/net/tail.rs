//! A websocket whose text messages are heard one by one, and which is asked now and then whether it still lives.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use tokio::time::Sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use url::Url;

use super::auth::{Errand, Ticket, credential};
use super::door::{Ask, Flow, Pending, Pieces};
use super::hosts::Pass;
use super::http::Way;
use super::route::{self, Line, Target};
use super::trouble::{self, Doing};
use super::{address, answer, limits};
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// How often the other side is asked whether it lives, where it says nothing by itself.
const PING: Duration = Duration::from_secs(30);

/// Opens a websocket. The time allowed by the question, where it names one, is for all of it.
///
/// # Errors
/// Every way a question can fail before its first message.
pub async fn open(way: Way<'_>, ask: &Ask) -> Result<Flow, Fault> {
    let url = address::of(way.base, ask)?;
    let mut pass = way.hosts.enter_flow(way.host, way.breaking).await?;
    let allowed = way.endpoint.timeout;
    let doing = Doing { allowed, proxied: way.endpoint.proxy.is_some() };
    let deadline = ask.timeout.map(|whole| Box::pin(tokio::time::sleep(whole)));
    let opened = tokio::time::timeout(allowed, shake(way, ask, &url, doing)).await;
    let (socket, headers, ticket) = match opened.unwrap_or(Err(Fault::Slow { allowed })) {
        Ok(opened) => opened,
        Err(fault) => {
            // A status is an answer; anything else says that there is none.
            pass.failed(&fault);
            return Err(fault);
        }
    };
    pass.answered();
    let limit = way.endpoint.limit.or(ask.limit).unwrap_or(limits::STREAM);
    let whole = ask.timeout.unwrap_or(allowed);
    let pieces =
        Messages { socket, deadline, whole, waits: Waits::ForAnything, left: limit, limit, ticket, _pass: pass };
    Ok(Flow { status: 101, headers, pieces: Box::new(pieces) })
}

type Socket = WebSocketStream<Box<dyn Line>>;

async fn shake(
    way: Way<'_>,
    ask: &Ask,
    url: &Url,
    doing: Doing,
) -> Result<(Socket, Vec<(String, String)>, Ticket), Fault> {
    let mut renewed = false;
    loop {
        let errand =
            Errand { endpoint: way.endpoint, base: way.base, scope: ask.scope.as_deref(), clients: way.clients, doing };
        let ticket = way.purse.ticket(&errand).await?;
        match dial(way, ask, url, &ticket).await? {
            Ok((socket, headers)) => return Ok((socket, named(&headers), ticket)),
            Err((401, ..)) if !renewed && way.purse.renew(&errand, &ticket, None).await? => renewed = true,
            Err((200..300, _, words)) => {
                let what = answer::strange(&words).unwrap_or_else(|| "an ordinary answer".to_owned());
                return Err(Fault::Garbled { expected: "a websocket", why: Clean::line(&what) });
            }
            Err((status, headers, words)) => {
                let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok());
                let credential = credential(&way.endpoint.auth);
                let head = answer::Head {
                    status,
                    retry_after,
                    quota: answer::Quota::default(),
                    path: address::shown(url),
                    credential,
                };
                return Err(ticket.purged(answer::fault(head, &words, way.clock.now())));
            }
        }
    }
}

type Refusal = (u16, HeaderMap, Vec<u8>);

async fn dial(
    way: Way<'_>,
    ask: &Ask,
    url: &Url,
    ticket: &Ticket,
) -> Result<Result<(Socket, HeaderMap), Refusal>, Fault> {
    let mut place = url.clone();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    let unfit = || Fault::Garbled { expected: "an address that can be asked", why: Clean::line("another one") };
    place.set_scheme(scheme).map_err(|()| unfit())?;
    let mut request = place.as_str().into_client_request().map_err(|_| unfit())?;
    for (name, value) in &ask.headers {
        let value = value.parse().map_err(|_| unfit())?;
        request.headers_mut().insert(*name, value);
    }
    for (name, value) in &ticket.headers {
        request.headers_mut().insert(name.clone(), value.clone());
    }
    let target = Target::of(url)?;
    let line = route::connect(&target, way.endpoint.proxy.as_ref()).await?;
    let line: Box<dyn Line> = if url.scheme() == "https" {
        let mut papers = way.clients.papers(&way.endpoint.trust).await?;
        if let Some(pair) = &ticket.pair {
            papers.identity = Some((pair.certificate.clone().into_bytes(), pair.key.clone()));
        }
        Box::new(route::secure(line, &target.host, &papers).await?)
    } else {
        line
    };
    let bounds = WebSocketConfig::default()
        .max_message_size(Some(limits::MESSAGE))
        .max_frame_size(Some(limits::MESSAGE))
        .read_buffer_size(16 << 10);
    match tokio_tungstenite::client_async_with_config(request, line, Some(bounds)).await {
        Ok((socket, response)) => Ok(Ok((socket, response.headers().clone()))),
        Err(Error::Http(response)) => {
            let words = response.body().clone().unwrap_or_default();
            Ok(Err((response.status().as_u16(), response.headers().clone(), words)))
        }
        Err(error) => Err(broken(error)),
    }
}

fn named(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn broken(error: Error) -> Fault {
    match error {
        Error::Io(error) => match trouble::of_io(&error) {
            Fault::Unreachable { why } => Fault::Cut { why },
            other => other,
        },
        Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            Fault::TooLarge { limit: u64::try_from(limits::MESSAGE).unwrap_or(u64::MAX) }
        }
        Error::ConnectionClosed | Error::AlreadyClosed => {
            Fault::Cut { why: Clean::line("the other side closed the connection") }
        }
        other => Fault::Garbled { expected: "a websocket", why: Clean::line_within(&other.to_string(), 120) },
    }
}

/// What is awaited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    ForAnything,
    ForLife,
}

struct Messages {
    socket: Socket,
    deadline: Option<Pin<Box<Sleep>>>,
    whole: Duration,
    waits: Waits,
    left: u64,
    limit: u64,
    ticket: Ticket,
    _pass: Pass,
}

impl Messages {
    async fn message(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            let over = async {
                match &mut self.deadline {
                    Some(deadline) => deadline.await,
                    None => std::future::pending().await,
                }
            };
            let message = tokio::select! {
                biased;
                () = over => return Err(Fault::Slow { allowed: self.whole }),
                message = self.socket.next() => message,
                () = tokio::time::sleep(PING) => {
                    if self.waits == Waits::ForLife {
                        return Err(Fault::Cut { why: Clean::line("the other side shows no sign of life") });
                    }
                    self.waits = Waits::ForLife;
                    self.socket.send(Message::Ping(Vec::new().into())).await.map_err(broken)?;
                    continue;
                }
            };
            self.waits = Waits::ForAnything;
            match message {
                None => return Err(Fault::Cut { why: Clean::line("the other side closed the connection") }),
                Some(Err(error)) => return Err(broken(error)),
                Some(Ok(Message::Text(text))) => return self.counted(text.as_str().as_bytes().to_vec()).map(Some),
                Some(Ok(Message::Binary(_))) => {
                    return Err(Fault::Garbled { expected: "text messages", why: Clean::line("other ones") });
                }
                Some(Ok(Message::Close(frame))) => {
                    let Some(frame) = frame else { return Ok(None) };
                    return match frame.code {
                        CloseCode::Normal | CloseCode::Away => Ok(None),
                        code => {
                            let why =
                                Clean::line_within(&format!("closed with {}: {}", u16::from(code), frame.reason), 200);
                            Err(Fault::Cut { why: self.ticket.without_secrets(&why) })
                        }
                    };
                }
                // A ping is answered by the library with the next reading.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            }
        }
    }

    fn counted(&mut self, message: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let bytes = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(bytes).ok_or(Fault::TooLarge { limit: self.limit })?;
        Ok(message)
    }
}

impl Pieces for Messages {
    fn next(&mut self) -> Pending<'_, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(self.message())
    }
}
