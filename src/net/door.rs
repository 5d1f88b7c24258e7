//! The door a source asks through: reads only, everything bounded, no credential in sight.
//!
//! A source names what it wants; route, TLS, credentials, limits and retries are the door's business.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// A future on the heap, so that doors and sources can be trait objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The way out to one endpoint. Nothing that passes it can change the world.
pub trait Door: Send + Sync {
    /// Asks once and waits for the whole, bounded answer.
    fn ask(&self, ask: Ask) -> Pending<'_, Result<Reply, Fault>>;

    /// Asks once and hands the answer over piece by piece, for bodies too large or too long to keep.
    fn stream(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>>;

    /// Opens a websocket and hands its text messages over one by one.
    fn tail(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>>;

    /// Opens a line conversation with the endpoint's own address.
    fn talk(&self) -> Pending<'_, Result<Box<dyn Conversation>, Fault>>;

    /// Shakes hands with the endpoint's own address by TLS and tells about the certificate, trusted or not.
    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>>;

    /// Brings a git repository up to date in a bare cache and reads from it.
    fn git(&self, ask: GitAsk) -> Pending<'_, Result<GitReply, Fault>>;
}

/// One question over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How it is put.
    pub verb: Verb,
    /// Below the endpoint's own path; from the host's root where it starts with `/`, as in a `Link` header; or a full
    /// address on the same host (a next page). Empty for the endpoint's address itself.
    pub path: String,
    /// Pairs for the query string, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Headers of its own. Credentials are not among them.
    pub headers: Vec<(&'static str, String)>,
    /// Statuses above 299 whose body is an answer all the same, such as 503 of a health endpoint.
    pub accepts: Vec<u16>,
    /// A limit for the unpacked body where the usual one does not fit.
    pub limit: Option<u64>,
    /// A time limit where the endpoint's own does not fit.
    pub timeout: Option<Duration>,
    /// A scope of OAuth or registry tokens this question needs, such as `repository:a/b:pull`.
    pub scope: Option<String>,
    /// Whether the answer may lie on another host, as the blobs of registries do. It is asked there without any
    /// credential of ours, and whoever asks must know the content by its digest.
    pub from_anywhere: bool,
}

/// How a question is put. All of them read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST of a form that only asks, as long Prometheus queries do.
    Query(Vec<(String, String)>),
    /// POST of a JSON document that only asks, as Kubernetes' access reviews do.
    Review(String),
}

impl Ask {
    /// A GET of a path below the endpoint's address.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            verb: Verb::Get,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            accepts: Vec::new(),
            limit: None,
            timeout: None,
            scope: None,
            from_anywhere: false,
        }
    }

    /// A HEAD of a path.
    #[must_use]
    pub fn head(path: impl Into<String>) -> Self {
        Self { verb: Verb::Head, ..Self::get(path) }
    }

    /// With one more pair in the query string.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Taking this status for an answer too.
    #[must_use]
    pub fn even(mut self, status: u16) -> Self {
        self.accepts.push(status);
        self
    }

    /// With another limit for the unpacked body.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// With another time limit.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Taking the answer from another host too, where a redirect leads there.
    #[must_use]
    pub fn from_anywhere(mut self) -> Self {
        self.from_anywhere = true;
        self
    }

    /// Needing a token of this scope.
    #[must_use]
    pub fn scoped(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The unpacked body.
    pub body: Vec<u8>,
    /// When the certificate of the connection ends, where there was one.
    pub certificate_ends: Option<Moment>,
}

impl Reply {
    /// The first header of that name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// An answer that arrives piece by piece.
pub struct Flow {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The pieces, unpacked.
    pub pieces: Box<dyn Pieces>,
}

/// The pieces of an answer.
pub trait Pieces: Send {
    /// The next piece; none at the end. A websocket's piece is one text message.
    fn next(&mut self) -> Pending<'_, Result<Option<Vec<u8>>, Fault>>;
}

/// A conversation in lines. Words are constants of the program: nothing read can be sent.
pub trait Conversation: Send {
    /// Says one line.
    fn say(&mut self, line: &'static str) -> Pending<'_, Result<(), Fault>>;

    /// Says the endpoint's password, for protocols that ask for it in the conversation. Tells what it is called where it
    /// came from, never what it is.
    fn say_password(&mut self) -> Pending<'_, Result<Clean, Fault>>;

    /// The next line without its end; none when the other side has closed. A prompt without line end is given when
    /// it equals `prompt`.
    fn hear<'a>(&'a mut self, prompt: Option<&'a str>) -> Pending<'a, Result<Option<String>, Fault>>;
}

/// A certificate as it was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The name it was asked for.
    pub host: String,
    /// The port it was presented at.
    pub port: u16,
    /// From when it is good.
    pub begins: Moment,
    /// Until when.
    pub ends: Moment,
    /// Who issued it, by common name or organisation.
    pub issuer: String,
    /// One of those above it that ends first, where nobody will trust it any more from then on.
    pub above: Option<Above>,
    /// Why it is not trusted; none where it is.
    pub distrust: Option<String>,
    /// The protocol spoken, such as `TLSv1.3`.
    pub protocol: String,
}

/// A certificate above another one, which ends before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Above {
    /// Its common name or organisation.
    pub name: String,
    /// When it ends.
    pub ends: Moment,
}

/// What is wanted from a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitAsk {
    /// The branch; the remote's own default where none is named.
    pub branch: Option<String>,
    /// How many commits back history is wanted; none for all of it.
    pub depth: Option<u32>,
    /// Only history and files below these folders; empty means all.
    pub below: Vec<String>,
    /// Files larger than this are listed without their text.
    pub file_limit: u64,
    /// A branch or tag whose commit is wanted beside the tip.
    pub mark: Option<String>,
    /// How an SSH server is met.
    pub ssh: SshWay,
}

/// Files an SSH client is given. Where there are none, the user's own hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshWay {
    /// The private key that is shown, and no other.
    pub key: Option<PathBuf>,
    /// The host keys that are trusted, and no others.
    pub known_hosts: Option<PathBuf>,
}

/// A git repository as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitReply {
    /// The tip's hash.
    pub tip: String,
    /// The files at the tip, by path.
    pub files: Vec<GitFile>,
    /// First-parent history, newest first.
    pub commits: Vec<GitCommit>,
    /// Whether history was rewritten lately: a tip that was read is no ancestor of the one read after it.
    pub rewritten: bool,
    /// The commit of the branch or tag asked for beside the tip; none where there is no such thing.
    pub mark: Option<String>,
}

/// A file at the tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitFile {
    /// Its path from the root.
    pub path: String,
    /// Its text; none where it is too large or not text.
    pub text: Option<String>,
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitCommit {
    /// Its hash.
    pub hash: String,
    /// Its author's name.
    pub author: String,
    /// Its author's mail address.
    pub mail: String,
    /// The committer's clock.
    pub committed: Moment,
    /// Its subject line.
    pub subject: String,
    /// How its signature stands, in git's letter.
    pub signature: String,
    /// The paths it touched: how, and which. A rename is an `R` with the new path. Empty for the oldest commit of a
    /// history that was cut: nobody here knows what was there before it.
    pub touched: Vec<(char, String)>,
}
