//! The server: one loopback port for the whole fleet, real HTTP, and the levers of the simulation.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::answer::{Answer, Body};
use super::control;
use super::faults;
use super::flow::Flow;
use super::live;
use super::question::Question;
use super::speak::times;
use super::stage::Stage;
use crate::domain::clock::{Clock, Moment};

/// No more connections to one address than this at a time; others wait in the backlog.
const CONNECTIONS: usize = 4_096;

/// The largest body that is read.
const LARGEST: usize = 1 << 20;

/// Serves until the future is dropped.
///
/// # Errors
/// When the listener is gone.
pub async fn serve(stage: Arc<Stage>, listener: TcpListener) -> std::io::Result<()> {
    let origin: Arc<str> = origin(&listener)?.into();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return Ok(()) };
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            // Out of file descriptors: those who are there will leave.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (stage, origin) = (stage.clone(), origin.clone());
        tokio::spawn(async move {
            connection(stage, origin, socket).await;
            drop(place);
        });
    }
}

/// How it is addressed, such as `http://127.0.0.1:41234`.
///
/// # Errors
/// When the port is lost.
pub fn origin(listener: &TcpListener) -> std::io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Opens the loopback port; 0 lets the system choose.
///
/// # Errors
/// When the port is taken.
pub async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await
}

async fn connection(stage: Arc<Stage>, origin: Arc<str>, socket: TcpStream) {
    let _ = socket.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| {
        let (stage, origin) = (stage.clone(), origin.clone());
        async move { respond(&stage, &origin, request).await }
    });
    // How a connection ends is the client's business: it may leave at any time.
    let _ = Builder::new(TokioExecutor::new()).serve_connection_with_upgrades(TokioIo::new(socket), service).await;
}

async fn respond(
    stage: &Arc<Stage>,
    origin: &str,
    mut request: Request<Incoming>,
) -> Result<Response<Flow>, faults::Broken> {
    let now = stage.clock.now();
    let mut question = asked(&request, origin);
    if question.path.first().is_some_and(|first| first == "-") {
        question.body = collected(&mut request).await;
        return Ok(sent(control::answer(stage, &question), now));
    }
    stage.count(&question);
    let fault = faults::of(&stage.world, &stage.writes(), &question, now);
    let mut at = now;
    if let Some(fault) = fault {
        match faults::suffer(fault, now).await? {
            faults::Suffered::Answered(answer) => return Ok(sent(answer, now)),
            faults::Suffered::At(moment) => at = moment,
        }
    }
    question.body = collected(&mut request).await;
    question.read_form();
    let answer = stage.answer(&question, at);
    Ok(match answer.body {
        Body::Whole(_) => sent(fresh(answer, &question), at),
        Body::Watch { since } => {
            let pieces = Flow::Pieces(live::watch(stage.clone(), question, since));
            dressed(200, &[("content-type", "application/json".to_owned())], pieces, at)
        }
        Body::Tail => live::tail(stage.clone(), question, request),
    })
}

fn asked(request: &Request<Incoming>, origin: &str) -> Question {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut question = Question::new(request.method().as_str(), target);
    origin.clone_into(&mut question.origin);
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        question.headers.insert(name.as_str().to_owned(), value);
    }
    question
}

async fn collected(request: &mut Request<Incoming>) -> Vec<u8> {
    let body = Limited::new(request.body_mut(), LARGEST).collect().await;
    body.map(|body| body.to_bytes().to_vec()).unwrap_or_default()
}

/// An answer the client already has is not sent again.
fn fresh(answer: Answer, question: &Question) -> Answer {
    if answer.status != 200 || question.method != "GET" {
        return answer;
    }
    let tag = format!("\"{}\"", super::dice::hex(&String::from_utf8_lossy(answer.whole()), 16));
    if question.header("if-none-match").is_some_and(|known| known.contains(&tag)) {
        return Answer::empty(304).with("etag", tag);
    }
    answer.with("etag", tag)
}

fn sent(answer: Answer, at: Moment) -> Response<Flow> {
    let body = Flow::Once(Some(Bytes::copy_from_slice(answer.whole())));
    dressed(answer.status, &answer.headers, body, at)
}

/// A response with its headers; the date is the world's.
fn dressed(status: u16, headers: &[(&'static str, String)], body: Flow, at: Moment) -> Response<Flow> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let date = [("date", times::http(at))];
    for (name, value) in headers.iter().chain(&date) {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
