//! One HTTP client for all endpoints with the same trust and the same proxy.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::{Client, Proxy};
use url::Url;

use super::limits;
use super::secrets::{Hidden, Secrets, Stamp};
use super::system::system;
use super::tls::{self, Papers};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Endpoint, Material, Trust};
use crate::text::clean::Clean;

/// The clients built so far.
pub struct Clients {
    secrets: Arc<Secrets>,
    built: Mutex<BTreeMap<Key, (Papered, Client)>>,
}

/// By what a client is shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    trust: Trust,
    proxy: Option<Clean>,
    /// A client that shows another name to the server is bound to one host.
    host: Option<String>,
    /// A certificate a plugin brought is its own.
    plugin: Option<String>,
}

/// What the papers looked like when the client was built: a renewed certificate makes a new client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Papered {
    files: Vec<Option<Stamp>>,
    key: Option<Hidden>,
    brought: Option<Pair>,
}

/// A client certificate with its key, as a plugin prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Whose it is.
    pub owner: String,
    /// The certificate; PEM.
    pub certificate: String,
    /// Its key; PEM.
    pub key: Hidden,
}

impl Clients {
    /// None built yet.
    #[must_use]
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets, built: Mutex::default() }
    }

    /// How many were built and are still held.
    #[must_use]
    pub fn count(&self) -> usize {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The client for an endpoint.
    ///
    /// # Errors
    /// [`Fault::Secret`] where papers cannot be read, [`Fault::Untrusted`] where they are no use.
    pub async fn of(&self, endpoint: &Endpoint, url: &Url, brought: Option<&Pair>) -> Result<Client, Fault> {
        let trust = &endpoint.trust;
        let key = Key {
            trust: trust.clone(),
            proxy: endpoint.proxy.clone(),
            host: trust.server_name.as_ref().and_then(|_| url.host_str()).map(str::to_owned),
            plugin: brought.map(|pair| pair.owner.clone()),
        };
        let papered = self.papered(trust, brought).await?;
        if let Some((known, client)) = self.built.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
            && *known == papered
        {
            return Ok(client.clone());
        }
        let client = build(&papers(trust, &papered)?, endpoint.proxy.as_ref(), key.host.as_deref())?;
        self.built.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (papered, client.clone()));
        Ok(client)
    }

    async fn papered(&self, trust: &Trust, brought: Option<&Pair>) -> Result<Papered, Fault> {
        let certificate = trust.identity.as_ref().map(|identity| &identity.certificate);
        let files = [trust.ca.as_ref(), certificate].into_iter().map(|material| material.and_then(stamp)).collect();
        let key = match &trust.identity {
            Some(identity) => Some(self.secrets.get(&identity.key).await?),
            None => None,
        };
        Ok(Papered { files, key, brought: brought.cloned() })
    }

    /// What a bare TLS connection to this endpoint is made with.
    ///
    /// # Errors
    /// [`Fault::Secret`] where papers cannot be read.
    pub async fn papers(&self, trust: &Trust) -> Result<Papers, Fault> {
        papers(trust, &self.papered(trust, None).await?)
    }
}

fn stamp(material: &Material) -> Option<Stamp> {
    match material {
        Material::File(path) => std::fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata)),
        Material::Pem(_) => None,
    }
}

fn papers(trust: &Trust, papered: &Papered) -> Result<Papers, Fault> {
    let ca = trust.ca.as_ref().map(pem).transpose()?;
    let identity = match (&papered.brought, &trust.identity, &papered.key) {
        (Some(pair), _, _) => Some((pair.certificate.clone().into_bytes(), pair.key.clone())),
        (None, Some(identity), Some(key)) => Some((pem(&identity.certificate)?, key.clone())),
        (None, _, _) => None,
    };
    let server_name = trust.server_name.as_ref().map(|name| name.as_str().to_owned());
    Ok(Papers { ca, identity, insecure: trust.insecure, server_name })
}

fn pem(material: &Material) -> Result<Vec<u8>, Fault> {
    match material {
        Material::Pem(text) => Ok(text.clone().into_bytes()),
        Material::File(path) => read(path).map_err(|why| Fault::Secret {
            why: Clean::line(&format!("the certificate file {} {why}", path.display())),
        }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|e| format!("cannot be read: {}", system(&e)))?;
    if !metadata.is_file() || metadata.len() > limits::PEM {
        return Err("is no PEM file".to_owned());
    }
    std::fs::read(path).map_err(|e| format!("cannot be read: {}", system(&e)))
}

fn build(papers: &Papers, proxy: Option<&Clean>, host: Option<&str>) -> Result<Client, Fault> {
    let untrusted = |why: String| Fault::Untrusted { why: Clean::line(&why) };
    // Over HTTP/2 the name shown to the server would be the only one; over 1.1 the host's own stays in the request.
    let protocols: &[&str] = if host.is_some() { &["http/1.1"] } else { &["h2", "http/1.1"] };
    let config = tls::configure(papers, protocols).map_err(untrusted)?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .tls_info(true)
        .user_agent(concat!("quarterdeck/", env!("CARGO_PKG_VERSION")))
        // What the process inherits must not decide how a customer is reached.
        .no_proxy()
        // Every step of a redirect is looked at by us.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(limits::CONNECT)
        .pool_max_idle_per_host(limits::KEPT_PER_HOST)
        .pool_idle_timeout(limits::KEPT_IDLE)
        .tcp_nodelay(true)
        .tcp_keepalive(std::time::Duration::from_secs(30))
        .http1_max_headers(limits::HEADERS)
        .http2_max_header_list_size(limits::HEADER_BYTES)
        .http2_initial_stream_window_size(256 << 10)
        .http2_initial_connection_window_size(1 << 20);
    if let Some(proxy) = proxy {
        let proxy =
            Proxy::all(proxy.as_str()).map_err(|_| Fault::Proxy { why: Clean::line("its address cannot be read") })?;
        builder = builder.proxy(proxy);
    } else if let (Some(host), Some(name)) = (host, &papers.server_name) {
        builder = builder.dns_resolver(Arc::new(Alias { name: name.clone(), host: host.to_owned() }));
    }
    builder.build().map_err(|error| untrusted(error.to_string()))
}

/// Resolves the name shown to the server to where the endpoint really is.
struct Alias {
    name: String,
    host: String,
}

impl reqwest::dns::Resolve for Alias {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let host = if name.as_str().eq_ignore_ascii_case(&self.name) { &self.host } else { name.as_str() };
        // An IPv6 address stands in brackets in a URL, and without them here.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let found: reqwest::dns::Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
