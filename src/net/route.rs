//! A plain connection over the endpoint's route: direct, through an HTTP proxy, or through SOCKS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use super::system::system;
use super::tls::{self, Papers};
use super::trouble;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// What bytes go over, whatever it is made of.
pub trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// Where a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host: a name or an address, IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// Reads `host:port`, with IPv6 in brackets.
    ///
    /// # Errors
    /// [`Fault::Garbled`] where it is something else.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::Garbled { expected: "an address like `host:port`", why: Clean::line_within(text, 80) };
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match bare {
            Some(inside) => inside,
            None if host.contains(':') => return Err(wrong()),
            None => host,
        };
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        if host.is_empty() { Err(wrong()) } else { Ok(Self { host: host.to_owned(), port }) }
    }

    /// The target of a URL.
    ///
    /// # Errors
    /// [`Fault::Garbled`] where it has no host.
    pub fn of(url: &Url) -> Result<Self, Fault> {
        let wrong = || Fault::Garbled { expected: "an address with a host", why: Clean::line("another one") };
        let host = url.host_str().ok_or_else(wrong)?.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: url.port_or_known_default().ok_or_else(wrong)? })
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Connects, through the proxy where there is one.
///
/// # Errors
/// [`Fault::Unreachable`] or [`Fault::Proxy`].
pub async fn connect(target: &Target, proxy: Option<&Clean>) -> Result<Box<dyn Line>, Fault> {
    let Some(proxy) = proxy else { return Ok(Box::new(plain(target).await.map_err(|e| trouble::of_io(&e))?)) };
    let failed = |why: &str| Fault::Proxy { why: Clean::line_within(why, 200) };
    let url = Url::parse(proxy.as_str()).map_err(|_| failed("its address cannot be read"))?;
    let usual = if matches!(url.scheme(), "http" | "https") { url.port_or_known_default() } else { Some(1080) };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let at = Target { host, port: url.port().or(usual).unwrap_or(1080) };
    let stream = plain(&at).await.map_err(|error| failed(&system(&error)))?;
    match url.scheme() {
        "socks5" | "socks5h" => {
            let resolve = url.scheme() == "socks5";
            let mut stream = stream;
            socks(&mut stream, target, resolve).await.map_err(|why| failed(&why))?;
            Ok(Box::new(stream))
        }
        "http" => tunnel(Box::new(stream), target).await.map_err(|why| failed(&why)),
        "https" => {
            let secured = secure(Box::new(stream), &at.host, &Papers::default())
                .await
                .map_err(|fault| failed(&fault.to_string()))?;
            tunnel(Box::new(secured), target).await.map_err(|why| failed(&why))
        }
        _ => Err(failed("it is of no kind we know")),
    }
}

/// Shakes hands by TLS over a connection that stands.
///
/// # Errors
/// [`Fault::Untrusted`], and whatever breaks the connection.
pub async fn secure(line: Box<dyn Line>, host: &str, papers: &Papers) -> Result<TlsStream<Box<dyn Line>>, Fault> {
    let config = tls::configure(papers, &[]).map_err(|why| Fault::Untrusted { why: Clean::line(&why) })?;
    let name = name(papers.server_name.as_deref().unwrap_or(host))?;
    TlsConnector::from(Arc::new(config)).connect(name, line).await.map_err(|error| trouble::of_io(&error))
}

/// A host as the TLS handshake names it.
///
/// # Errors
/// [`Fault::Garbled`] where no certificate could carry it.
pub fn name(host: &str) -> Result<ServerName<'static>, Fault> {
    ServerName::try_from(host.to_owned())
        .map_err(|_| Fault::Garbled { expected: "a host's name", why: Clean::line_within(host, 80) })
}

async fn plain(target: &Target) -> std::io::Result<TcpStream> {
    let stream = match target.host.parse::<IpAddr>() {
        Ok(ip) => TcpStream::connect(SocketAddr::new(ip, target.port)).await?,
        Err(_) => TcpStream::connect((target.host.as_str(), target.port)).await?,
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The longest head of a proxy's answer.
const HEAD: usize = 16 << 10;

async fn tunnel(mut line: Box<dyn Line>, target: &Target) -> Result<Box<dyn Line>, String> {
    let place = target.bracketed();
    let ask = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n");
    line.write_all(ask.as_bytes()).await.map_err(|e| system(&e))?;
    let mut head = Vec::new();
    // Byte by byte: what follows the head belongs to the conversation.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > HEAD {
            return Err("it answers no HTTP".to_owned());
        }
        head.push(line.read_u8().await.map_err(|e| system(&e))?);
    }
    let text = String::from_utf8_lossy(&head);
    let status = text.split_whitespace().nth(1).unwrap_or_default();
    match status {
        _ if !text.starts_with("HTTP/1.") => Err("it answers no HTTP".to_owned()),
        status if status.len() == 3 && status.starts_with('2') => Ok(line),
        "407" => Err("it wants a credential".to_owned()),
        status => Err(format!("it refused to open a tunnel ({})", Clean::line_within(status, 10))),
    }
}

/// SOCKS 5 without credentials (RFC 1928).
async fn socks(stream: &mut TcpStream, target: &Target, resolve: bool) -> Result<(), String> {
    let said = |error: std::io::Error| system(&error);
    stream.write_all(&[5, 1, 0]).await.map_err(said)?;
    let mut method = [0; 2];
    stream.read_exact(&mut method).await.map_err(said)?;
    match method {
        [5, 0] => {}
        [5, 0xff] => return Err("it wants a credential".to_owned()),
        _ => return Err("it speaks no SOCKS 5".to_owned()),
    }
    let ip = match target.host.parse::<IpAddr>() {
        Ok(ip) => Some(ip),
        Err(_) if resolve => {
            let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
            let first = found.ok().and_then(|mut found| found.next());
            Some(first.ok_or("the name does not resolve here: `socks5h://` lets it resolve there")?.ip())
        }
        Err(_) => None,
    };
    let mut ask = vec![5, 1, 0];
    match ip {
        Some(IpAddr::V4(ip)) => {
            ask.push(1);
            ask.extend_from_slice(&ip.octets());
        }
        Some(IpAddr::V6(ip)) => {
            ask.push(4);
            ask.extend_from_slice(&ip.octets());
        }
        None => {
            ask.extend_from_slice(&[3, u8::try_from(target.host.len()).map_err(|_| "the name is too long")?]);
            ask.extend_from_slice(target.host.as_bytes());
        }
    }
    ask.extend_from_slice(&target.port.to_be_bytes());
    stream.write_all(&ask).await.map_err(said)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.map_err(said)?;
    let [5, code, _, kind] = answer else { return Err("it speaks no SOCKS 5".to_owned()) };
    if code != 0 {
        return Err(refusal(code).to_owned());
    }
    let rest = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(stream.read_u8().await.map_err(said)?),
        _ => return Err("it speaks no SOCKS 5".to_owned()),
    };
    let mut bound = vec![0; rest + 2];
    stream.read_exact(&mut bound).await.map_err(said)?;
    Ok(())
}

fn refusal(code: u8) -> &'static str {
    match code {
        2 => "its rules do not allow this connection",
        3 => "no route to the network from there",
        4 => "no route to the host from there",
        5 => "connection refused behind it",
        6 => "no connection in time behind it",
        7 | 8 => "it cannot connect to such an address",
        _ => "it failed to connect",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_host_and_a_port() {
        for (text, expected) in [
            ("a.test:443", Some(("a.test", 443))),
            ("10.0.0.1:80", Some(("10.0.0.1", 80))),
            ("[2001:db8::1]:443", Some(("2001:db8::1", 443))),
            ("2001:db8::1:443", None),
            ("a.test", None),
            ("a.test:0", None),
            ("a.test:70000", None),
            (":80", None),
        ] {
            let read = Target::read(text).ok();
            assert_eq!(read.as_ref().map(|t| (t.host.as_str(), t.port)), expected, "{text}");
        }
    }
}
