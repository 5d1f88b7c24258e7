//! One question over HTTP: sent with the endpoint's route and credentials, followed, repeated and refused by rule.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{CONNECTION, CONTENT_TYPE, DATE, HOST, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response};
use tokio::time::Sleep;
use url::Url;

use super::answer::Quota;
use super::auth::{Errand, Purse, Ticket, credential};
use super::clients::Clients;
use super::door::{Ask, Flow, Reply, Verb};
use super::hosts::{Breaking, Host, Hosts, Pass};
use super::tokens::Challenge;
use super::trouble::{self, Doing};
use super::{address, answer, body, limits, tls};
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Auth, Endpoint, Trust};
use crate::text::clean::Clean;

/// Everything a question needs on its way.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Its address.
    pub base: &'a Url,
    /// Who tells the time.
    pub clock: &'a dyn Clock,
    /// The clients.
    pub clients: &'a Clients,
    /// The credentials.
    pub purse: &'a Purse,
    /// The slots.
    pub hosts: &'a Arc<Hosts>,
    /// The host.
    pub host: &'a Arc<Host>,
    /// Whether its breaker is minded.
    pub breaking: Breaking,
    /// The last certificate seen.
    pub certificate: &'a LastCertificate,
}

/// The certificate of the last TLS connection, read once per certificate.
#[derive(Default)]
pub struct LastCertificate(Mutex<Option<(Vec<u8>, Option<Moment>)>>);

impl LastCertificate {
    /// When it ends.
    #[must_use]
    pub fn ends(&self) -> Option<Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|(_, ends)| *ends)
    }

    /// A handshake was made for its sake alone.
    pub fn is(&self, ends: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Vec::new(), Some(ends)));
    }

    fn saw(&self, response: &Response) -> Option<Moment> {
        let der = response.extensions().get::<reqwest::tls::TlsInfo>()?.peer_certificate()?;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match last.as_ref() {
            Some((known, ends)) if known == der => *ends,
            _ => {
                let ends = tls::ends(der);
                *last = Some((der.to_vec(), ends));
                ends
            }
        }
    }
}

/// Asks and reads the whole answer.
///
/// # Errors
/// Every way a question can fail.
pub async fn ask(way: Way<'_>, ask: &Ask) -> Result<Reply, Fault> {
    let url = checked(way, ask)?;
    let mut pass = way.hosts.enter(way.host, way.breaking).await?;
    let doing = way.doing(ask);
    let limit = way.endpoint.limit.or(ask.limit).unwrap_or(limits::BODY);
    let work = async {
        let mut response = exchange(way, ask, url, doing, &mut pass).await?;
        let certificate_ends = way.certificate.saw(&response);
        let body = body::whole(&mut response, limit, doing).await?;
        Ok(Reply { status: response.status().as_u16(), headers: headers(&response), body, certificate_ends })
    };
    let done = tokio::time::timeout(doing.allowed, work).await;
    told(done.unwrap_or(Err(Fault::Slow { allowed: doing.allowed })), &mut pass)
}

/// Asks and hands the answer over piece by piece. The time allowed is for the whole stream.
///
/// # Errors
/// Every way a question can fail before its first byte.
pub async fn open(way: Way<'_>, ask: &Ask) -> Result<Flow, Fault> {
    let url = checked(way, ask)?;
    let mut pass = way.hosts.enter_flow(way.host, way.breaking).await?;
    let doing = way.doing(ask);
    let limit = way.endpoint.limit.or(ask.limit).unwrap_or(limits::STREAM);
    let mut deadline: Pin<Box<Sleep>> = Box::pin(tokio::time::sleep(doing.allowed));
    // The head of an answer comes within the endpoint's own time, even where the stream may take longer.
    let head_within = doing.allowed.min(way.endpoint.timeout);
    let done = tokio::select! {
        biased;
        () = &mut deadline => Err(Fault::Slow { allowed: doing.allowed }),
        done = tokio::time::timeout(head_within, exchange(way, ask, url, doing, &mut pass)) => {
            done.unwrap_or(Err(Fault::Slow { allowed: head_within }))
        }
    };
    let response = told(done, &mut pass)?;
    way.certificate.saw(&response);
    if response.content_length().is_some_and(|told| told > limit) {
        return Err(Fault::TooLarge { limit });
    }
    let (status, headers) = (response.status().as_u16(), headers(&response));
    let pieces = Box::new(body::Stream::new(response, limit, deadline, doing, pass));
    Ok(Flow { status, headers, pieces })
}

impl Way<'_> {
    fn doing(&self, ask: &Ask) -> Doing {
        Doing { allowed: ask.timeout.unwrap_or(self.endpoint.timeout), proxied: self.endpoint.proxy.is_some() }
    }
}

fn checked(way: Way<'_>, ask: &Ask) -> Result<Url, Fault> {
    let url = address::of(way.base, ask)?;
    address::only_reads(&ask.verb, &url)?;
    Ok(url)
}

fn told<T>(done: Result<T, Fault>, pass: &mut Pass) -> Result<T, Fault> {
    if let Err(fault) = &done {
        pass.failed(fault);
    }
    done
}

/// Until there is an answer to read: sends, follows redirects, shows a new credential once, tries once more after a
/// connection that broke before any byte.
async fn exchange(way: Way<'_>, ask: &Ask, mut url: Url, doing: Doing, pass: &mut Pass) -> Result<Response, Fault> {
    let mut scope = ask.scope.clone();
    let (mut steps, mut renewed, mut again) = (0, false, false);
    let mut abroad: Option<Endpoint> = None;
    loop {
        let way = abroad.as_ref().map_or(way, |bare| Way { endpoint: bare, base: &url, ..way });
        let errand =
            Errand { endpoint: way.endpoint, base: way.base, scope: scope.as_deref(), clients: way.clients, doing };
        let ticket = way.purse.ticket(&errand).await?;
        let client = way.clients.of(way.endpoint, way.base, ticket.pair.as_ref()).await?;
        let request = request(way, ask, &url, &ticket, &client)?;
        let mut response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) if !again && trouble::is_worth_a_retry(&error) => {
                again = true;
                tokio::time::sleep(Duration::from_millis(fastrand::u64(20..200))).await;
                continue;
            }
            Err(error) => return Err(trouble::of_request(&error, doing)),
        };
        pass.answered();
        let status = response.status().as_u16();
        if (200..300).contains(&status) || ask.accepts.contains(&status) {
            return Ok(response);
        }
        if let Some(to) = redirect(&response, ask, &url)? {
            steps += 1;
            if steps > limits::REDIRECTS {
                return Err(Fault::Astray { to: Clean::line(&format!("{} in a circle", address::authority(&to))) });
            }
            if address::authority(&to) != address::authority(&url) && ask.from_anywhere {
                // From here on nothing of ours is shown, nor bought.
                abroad = Some(bare(way.endpoint));
                (scope, renewed) = (None, true);
            }
            url = to;
            // Read to its end, so that the connection can be used again.
            body::start(&mut response, limits::ERROR_BODY).await;
            continue;
        }
        let challenge = Challenge::find(response.headers());
        let words = body::start(&mut response, limits::ERROR_BODY).await;
        if status == 401 && !renewed {
            renewed = true;
            if way.purse.renew(&errand, &ticket, challenge.as_ref()).await? {
                scope = scope.or_else(|| challenge.map(|challenge| challenge.scope.unwrap_or_default()));
                continue;
            }
        }
        return Err(refused(way, &response, &ticket, &words, &url));
    }
}

fn request(
    way: Way<'_>,
    ask: &Ask,
    url: &Url,
    ticket: &Ticket,
    client: &reqwest::Client,
) -> Result<reqwest::Request, Fault> {
    let mut target = url.clone();
    let shown_name = way.endpoint.trust.server_name.as_ref().filter(|_| way.endpoint.proxy.is_none());
    let aliased =
        url.scheme() == "https" && shown_name.is_some_and(|name| target.set_host(Some(name.as_str())).is_ok());
    let method = match &ask.verb {
        Verb::Get => Method::GET,
        Verb::Head => Method::HEAD,
        Verb::Query(_) | Verb::Review(_) => Method::POST,
    };
    let mut request = client.request(method, target);
    if aliased && let Ok(host) = HeaderValue::from_str(&address::authority(url)) {
        request = request.header(HOST, host);
    }
    if !way.hosts.keeps(way.host) {
        request = request.header(CONNECTION, "close");
    }
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    // After the question's own, so that none of them can stand in for a credential.
    let mut request = match &ask.verb {
        Verb::Get | Verb::Head => request,
        Verb::Query(form) => {
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
        }
        Verb::Review(document) => request.header(CONTENT_TYPE, "application/json").body(document.clone()),
    }
    .build()
    .map_err(|error| trouble::of_request(&error, way.doing(ask)))?;
    for (name, value) in &ticket.headers {
        request.headers_mut().insert(HeaderName::clone(name), value.clone());
    }
    Ok(request)
}

/// Where a redirect leads; none where the answer is none. A posted question follows only where it stays posted.
fn redirect(response: &Response, ask: &Ask, from: &Url) -> Result<Option<Url>, Fault> {
    let verb = &ask.verb;
    let status = response.status().as_u16();
    let Some(location) = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    let to = match (status, verb) {
        (301 | 302 | 303 | 307 | 308, Verb::Get) if ask.from_anywhere => address::redirected_anywhere(from, location)?,
        (301 | 302 | 303 | 307 | 308, Verb::Get | Verb::Head) | (307 | 308, Verb::Query(_) | Verb::Review(_)) => {
            address::redirected(from, location)?
        }
        (301..=303, Verb::Query(_) | Verb::Review(_)) => {
            let to = address::redirected(from, location)?;
            return Err(Fault::Astray { to: address::shown(&to) });
        }
        _ => return Ok(None),
    };
    address::only_reads(verb, &to)?;
    Ok(Some(to))
}

/// An endpoint without anything that would say who asks.
fn bare(endpoint: &Endpoint) -> Endpoint {
    let trust = Trust { identity: None, server_name: None, ..endpoint.trust.clone() };
    Endpoint { trust, auth: Auth::None, headers: Vec::new(), ..endpoint.clone() }
}

fn refused(way: Way<'_>, response: &Response, ticket: &Ticket, words: &[u8], url: &Url) -> Fault {
    let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).map(|again| answer::by_its_clock(again, header(DATE)));
    let head = answer::Head {
        status: response.status().as_u16(),
        retry_after: retry_after.as_deref(),
        quota: Quota::read(|name| response.headers().get(name).and_then(|value| value.to_str().ok())),
        path: address::shown(url),
        credential: credential(&way.endpoint.auth),
    };
    ticket.purged(answer::fault(head, words, way.clock.now()))
}

fn headers(response: &Response) -> Vec<(String, String)> {
    response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
