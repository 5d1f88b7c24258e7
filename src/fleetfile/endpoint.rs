//! How one endpoint is reached: address, route, trust, credentials and patience.

use std::path::PathBuf;
use std::time::Duration;

use super::secret::Secret;
use crate::text::clean::Clean;

/// Everything the road to one endpoint needs. Two endpoints with equal [`Endpoint::trust`] and [`Endpoint::proxy`] can
/// share one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub address: Address,
    /// Who may be trusted, and who we say we are.
    pub trust: Trust,
    /// The proxy on the way, `http://`, `https://`, `socks5://` or `socks5h://`, without credentials in it.
    pub proxy: Option<Clean>,
    /// How it is convinced.
    pub auth: Auth,
    /// Headers sent with every question, such as `X-Scope-OrgID` for `tenant`. Values may be secrets.
    pub headers: Vec<(Clean, HeaderValue)>,
    /// How often it is asked.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// After how long an answer is stale.
    pub stale_after: Duration,
    /// The largest unpacked body; none for the usual limit.
    pub limit: Option<u64>,
}

/// The way to an endpoint without the endpoint: what stands beside its address, or would if it were not in a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// See [`Endpoint::trust`].
    pub trust: Trust,
    /// See [`Endpoint::proxy`].
    pub proxy: Option<Clean>,
    /// See [`Endpoint::auth`].
    pub auth: Auth,
    /// See [`Endpoint::headers`].
    pub headers: Vec<(Clean, HeaderValue)>,
    /// See [`Endpoint::interval`].
    pub interval: Duration,
    /// See [`Endpoint::timeout`].
    pub timeout: Duration,
    /// See [`Endpoint::stale_after`].
    pub stale_after: Duration,
    /// See [`Endpoint::limit`].
    pub limit: Option<u64>,
}

impl Reach {
    /// The endpoint at an address.
    #[must_use]
    pub fn to(&self, address: Address) -> Endpoint {
        let Self { trust, proxy, auth, headers, interval, timeout, stale_after, limit } = self.clone();
        Endpoint { address, trust, proxy, auth, headers, interval, timeout, stale_after, limit }
    }
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            proxy: None,
            auth: Auth::None,
            headers: Vec::new(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            stale_after: Duration::from_secs(180),
            limit: None,
        }
    }
}

/// Where an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An HTTP or HTTPS address without credentials; questions are asked below its path.
    Url(Clean),
    /// `host:port` or `unix:/path`, for line protocols and bare TLS.
    Socket(Clean),
    /// A git repository: `https://`, `ssh://`, `user@host:path`, `file://` or a path.
    Repository(Clean),
    /// A file on this machine, such as an .ics.
    File(PathBuf),
}

impl Address {
    /// As it is shown.
    #[must_use]
    pub fn shown(&self) -> Clean {
        match self {
            Self::Url(text) | Self::Socket(text) | Self::Repository(text) => text.clone(),
            Self::File(path) => Clean::line(&path.display().to_string()),
        }
    }
}

/// Who may be trusted, and who we say we are.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trust {
    /// A private authority beside the system's; PEM.
    pub ca: Option<Material>,
    /// Our own certificate with its key.
    pub identity: Option<Identity>,
    /// Whether nothing is checked at all. Always shown on screen.
    pub insecure: bool,
    /// The name the certificate must carry, where it differs from the address.
    pub server_name: Option<Clean>,
}

/// PEM text in a file, or given whole (a kubeconfig's `-data`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Material {
    /// In a file.
    File(PathBuf),
    /// Given whole. Only ever public material: certificates.
    Pem(String),
}

/// A client certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The certificate, and those above it.
    pub certificate: Material,
    /// Its key.
    pub key: Secret,
}

/// How an endpoint is convinced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer ...`
    Bearer(Secret),
    /// A header of its own, such as `PRIVATE-TOKEN`.
    Header(Clean, Secret),
    /// Name and password.
    Basic(Clean, Secret),
    /// OAuth client credentials.
    OAuth {
        /// Where tokens are had.
        token_url: Clean,
        /// The client's id.
        client: Clean,
        /// Its secret.
        secret: Secret,
        /// What is asked for.
        scope: Option<Clean>,
    },
    /// A kubeconfig's exec plugin: prints a token or a client certificate that ends some time.
    Exec(ExecPlugin),
    /// A Concourse local user: name and password bought into a bearer token.
    Concourse(Clean, Secret),
}

/// A program that prints an `ExecCredential`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecPlugin {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Variables it gets.
    pub env: Vec<(String, String)>,
    /// The API version it speaks.
    pub api_version: Clean,
    /// What to install where it is missing.
    pub install_hint: Option<Clean>,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// Written in the fleet file.
    Plain(Clean),
    /// A credential.
    Secret(Secret),
}
