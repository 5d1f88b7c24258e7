//! What went wrong on the way, from the errors of many layers to one fault in plain words.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::AlertDescription;

use super::system::system;
use super::tls::Distrust;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// What a question was doing when it failed.
#[derive(Clone, Copy, Debug)]
pub struct Doing {
    /// The time it was allowed.
    pub allowed: Duration,
    /// Whether a proxy stands in between.
    pub proxied: bool,
}

/// The fault behind an error of the HTTP client.
#[must_use]
pub fn of_request(error: &reqwest::Error, doing: Doing) -> Fault {
    let chain = Chain::of(error);
    if let Some(why) = chain.distrust() {
        return Fault::Untrusted { why: Clean::line(&why) };
    }
    if error.is_connect() {
        let why = Clean::line(&chain.connecting());
        return if doing.proxied { Fault::Proxy { why } } else { Fault::Unreachable { why } };
    }
    if error.is_timeout() {
        return Fault::Slow { allowed: doing.allowed };
    }
    if error.is_builder() {
        return Fault::Garbled {
            expected: "an address that can be asked",
            why: Clean::line("one that cannot be put into a request"),
        };
    }
    if error.is_decode() && chain.find::<hyper::Error>().is_none() {
        return Fault::Garbled { expected: "a packed answer", why: Clean::line("one that does not unpack") };
    }
    Fault::Cut { why: Clean::line(&chain.cut()) }
}

/// Whether the connection broke before any byte of the answer: the question may be put once more.
#[must_use]
pub fn is_worth_a_retry(error: &reqwest::Error) -> bool {
    if error.is_connect() || error.is_timeout() || error.is_builder() {
        return false;
    }
    let chain = Chain::of(error);
    let reset = chain.io().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        )
    });
    chain.distrust().is_none()
        && (reset || chain.find::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message))
}

/// The fault behind an error of a plain or TLS connection.
#[must_use]
pub fn of_io(error: &io::Error) -> Fault {
    let chain = Chain::of(error);
    match chain.distrust() {
        Some(why) => Fault::Untrusted { why: Clean::line(&why) },
        None => Fault::Unreachable { why: Clean::line(&chain.connecting()) },
    }
}

/// An error and all it stands on.
struct Chain<'a>(Vec<&'a (dyn Error + 'static)>);

impl<'a> Chain<'a> {
    fn of(error: &'a (dyn Error + 'static)) -> Self {
        let mut links = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next.take() {
            links.push(error);
            // An I/O error speaks of what it holds only when asked.
            let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match held {
                Some(inner) => Some(inner),
                None => error.source(),
            };
            if links.len() > 24 {
                break;
            }
        }
        Self(links)
    }

    fn find<E: Error + 'static>(&self) -> Option<&'a E> {
        self.0.iter().find_map(|error| error.downcast_ref())
    }

    /// The innermost I/O error.
    fn io(&self) -> Option<&'a io::Error> {
        self.0.iter().rev().find_map(|error| error.downcast_ref())
    }

    fn says(&self, words: &str) -> bool {
        self.0.iter().any(|error| error.to_string().contains(words))
    }

    fn distrust(&self) -> Option<String> {
        use rustls::Error as Tls;
        Some(match self.find::<Tls>()? {
            Tls::InvalidCertificate(rustls::CertificateError::Other(other)) => match other.0.downcast_ref::<Distrust>()
            {
                Some(why) => why.to_string(),
                None => "the certificate is not acceptable".to_owned(),
            },
            Tls::InvalidCertificate(other) => format!("the certificate is not acceptable: {other}"),
            Tls::AlertReceived(alert) => alerted(*alert),
            Tls::InvalidMessage(_) => "the server does not speak TLS here: is it `http://`?".to_owned(),
            Tls::PeerIncompatible(_) => "the server offers only protocols too old to be safe".to_owned(),
            Tls::NoApplicationProtocol => "the server speaks another protocol".to_owned(),
            other => format!("the TLS handshake failed: {other}"),
        })
    }

    fn connecting(&self) -> String {
        if self.says("proxy authorization required") {
            return "it wants a credential".to_owned();
        }
        if self.says("unsuccessful") && self.says("tunnel") {
            return "it refused to open a tunnel".to_owned();
        }
        if self.says("SOCKS error: failed to create underlying connection") {
            return "no connection to it".to_owned();
        }
        if self.says("dns error") || self.says("failed to lookup address") {
            return "the name does not resolve".to_owned();
        }
        match self.io() {
            Some(error) => system(error),
            None => match self.0.last() {
                Some(last) if self.0.len() > 1 => last.to_string(),
                _ => "no connection".to_owned(),
            },
        }
    }

    fn cut(&self) -> String {
        if let Some(error) = self.find::<hyper::Error>() {
            if error.is_incomplete_message() {
                return "the other side closed the connection".to_owned();
            }
            if error.is_parse() {
                return "this is not HTTP".to_owned();
            }
        }
        match self.io() {
            Some(error) => system(error),
            None => self.0.last().map_or_else(String::new, ToString::to_string),
        }
    }
}

fn alerted(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "the server wants a client certificate: set `cert` and `key`".to_owned()
        }
        AlertDescription::UnknownCA | AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
            "the server does not accept our certificate".to_owned()
        }
        AlertDescription::CertificateExpired => "the server says our certificate has expired".to_owned(),
        AlertDescription::UnrecognisedName => "the server does not know this name".to_owned(),
        AlertDescription::ProtocolVersion => "the server offers only protocols too old to be safe".to_owned(),
        other => format!("the server refused the handshake ({other:?})"),
    }
}
