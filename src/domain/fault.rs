//! Why a source did not answer, as a value: the sentence and the next step are made where they are shown.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::clock::Moment;
use crate::text::clean::Clean;

/// Why one poll of one source brought nothing. Holds no credential and no raw outside text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// No connection: the name does not resolve, nothing listens, the route is down.
    Unreachable {
        /// What the system said, without the address.
        why: Clean,
    },
    /// The proxy or tunnel on the way failed.
    Proxy {
        /// What it said.
        why: Clean,
    },
    /// No trusted connection: unknown authority, wrong name, expired certificate, refused identity.
    Untrusted {
        /// What is wrong with the certificate.
        why: Clean,
    },
    /// No complete answer within the time allowed.
    Slow {
        /// The time allowed.
        allowed: Duration,
    },
    /// Connected, and not a word: it serves somebody else, and one at a time.
    Occupied {
        /// The time it was waited for.
        waited: Duration,
    },
    /// The connection ended in the middle of an answer.
    Cut {
        /// Where it ended.
        why: Clean,
    },
    /// The credential is missing, wrong or expired (401).
    Unauthorised {
        /// Where the credential comes from, such as `env ACME_GITLAB`: its name, never its value.
        credential: Option<Clean>,
    },
    /// The credential is good, the right is missing (403).
    Forbidden {
        /// What the server says is missing.
        why: Clean,
    },
    /// Nothing lives at this address (404, 410).
    Missing {
        /// The path that was asked.
        path: Clean,
    },
    /// Asked too often (429).
    Limited {
        /// When to ask again, where the server said so.
        until: Option<Moment>,
    },
    /// The server failed or refused in another way.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's words, shortened.
        why: Clean,
    },
    /// A redirect that is not followed: to another host, in a circle, or downgraded to plain text.
    Astray {
        /// The host it pointed to.
        to: Clean,
    },
    /// More bytes than any honest answer has.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// An answer that is not what was asked for: a login page, another system, half a document.
    Garbled {
        /// What was expected, such as `a list of alerts`.
        expected: &'static str,
        /// What was found.
        why: Clean,
    },
    /// The credential itself could not be had: the variable is unset, the file unreadable, the command failed.
    Secret {
        /// What went wrong, with the credential's name.
        why: Clean,
    },
    /// Not asked: this host failed several times in a row and rests.
    Resting {
        /// When it is asked again.
        until: Moment,
        /// The fault that put it to rest.
        after: Box<Fault>,
    },
    /// A program this source needs is not installed or failed.
    Program {
        /// Which and how.
        why: Clean,
    },
    /// Not allowed here: logs without consent, writing while read-only.
    Denied {
        /// By what rule.
        why: Clean,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { why } => write!(f, "unreachable: {why}"),
            Self::Proxy { why } => write!(f, "the proxy on the way failed: {why}"),
            Self::Untrusted { why } => write!(f, "not trusted: {why}"),
            Self::Slow { allowed } => write!(f, "no answer within {} s", allowed.as_secs_f32()),
            Self::Occupied { waited } => write!(f, "connected, and not a word within {} s", waited.as_secs_f32()),
            Self::Cut { why } => write!(f, "the answer broke off: {why}"),
            Self::Unauthorised { credential: Some(name) } => write!(f, "not authorised (401) with {name}"),
            Self::Unauthorised { credential: None } => write!(f, "not authorised (401), no credential is configured"),
            Self::Forbidden { why } if why.as_str().is_empty() => write!(f, "forbidden (403)"),
            Self::Forbidden { why } => write!(f, "forbidden (403): {why}"),
            Self::Missing { path } => write!(f, "nothing at `{path}` (404)"),
            Self::Limited { .. } => write!(f, "asked too often (429)"),
            Self::Refused { status, why } if why.as_str().is_empty() => write!(f, "answered {status}"),
            Self::Refused { status, why } => write!(f, "answered {status}: {why}"),
            Self::Astray { to } => write!(f, "redirected to `{to}`, not followed"),
            Self::TooLarge { limit } => write!(f, "answer larger than {} MB", limit / 1_000_000),
            Self::Garbled { expected, why } => write!(f, "expected {expected}, got {why}"),
            Self::Secret { why } => write!(f, "credential not available: {why}"),
            Self::Resting { after, .. } => write!(f, "resting after repeated failures: {after}"),
            Self::Program { why } | Self::Denied { why } => write!(f, "{why}"),
        }
    }
}

impl Fault {
    /// What a person can do about it, in one line.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unreachable { .. } => "is the address right, and the VPN or tunnel to this customer up?".to_owned(),
            Self::Proxy { .. } => "is the proxy or SSH forward running?".to_owned(),
            Self::Untrusted { .. } => "check the server's certificate, and `ca` for a private authority".to_owned(),
            Self::Slow { .. } => "raise `timeout` if this is an honest answer, else look at the server".to_owned(),
            Self::Occupied { .. } => {
                "it serves one client at a time: close the other one, perhaps a forgotten telnet or a second collector"
                    .to_owned()
            }
            Self::Cut { .. } => "a proxy in between or a restart; it is asked again by itself".to_owned(),
            Self::Unauthorised { credential: Some(name) } => format!("has the credential in {name} expired?"),
            Self::Unauthorised { credential: None } => "set `token`, or `username` and `password`".to_owned(),
            Self::Forbidden { .. } => "grant this credential the right to read".to_owned(),
            Self::Missing { .. } => {
                "check `url`: a path prefix may be missing, or the object is hidden from this credential".to_owned()
            }
            Self::Limited { until: Some(until) } => format!("asked again at {}", until.format("%H:%M:%SZ")),
            Self::Limited { until: None } => "raise `interval`; it is asked again later".to_owned(),
            Self::Refused { status, .. } if *status >= 500 => "look at the server; it is asked again".to_owned(),
            Self::Refused { .. } => "check `url` and what stands in front of it".to_owned(),
            Self::Astray { .. } => {
                "set `url` to where it really lives; credentials never follow to another host".to_owned()
            }
            Self::TooLarge { .. } => "narrow what is asked, or raise `limit` for this source".to_owned(),
            Self::Garbled { .. } => {
                "is this a login page or another service? check `url` and the credential".to_owned()
            }
            Self::Secret { .. } => "set the variable, or mend the file or command".to_owned(),
            Self::Resting { until, .. } => {
                format!("asked again at {}; `quarterdeck doctor` asks at once", until.format("%H:%M:%SZ"))
            }
            Self::Program { .. } => "install it, or remove this source".to_owned(),
            Self::Denied { .. } => "change the agreement in the fleet file, or ask who may".to_owned(),
        }
    }
}
