//! All roads of the program: what is shared by every endpoint, and the door to each of them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use url::Url;

use super::auth::{Errand, Purse, Ticket, credential};
use super::clients::Clients;
use super::door::{Ask, Conversation, Door, Flow, GitAsk, GitReply, Pending, Presented, Reply};
use super::git::{self, Copies};
use super::hosts::{Breaking, Host, Hosts};
use super::http::{self, LastCertificate, Way};
use super::route::Target;
use super::secrets::Secrets;
use super::talk::{self, Opening};
use super::trouble::Doing;
use super::{address, answer, file, handshake, limits, tail, tls};
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Address, Auth, Endpoint};
use crate::text::clean::Clean;

/// What all doors share: clients, credentials, slots, breakers. One for the whole program.
pub struct Roads {
    clock: Arc<dyn Clock>,
    secrets: Arc<Secrets>,
    copies: Copies,
    clients: Clients,
    purse: Purse,
    hosts: Arc<Hosts>,
}

impl Roads {
    /// No way built yet. Git repositories are kept in the folder `cache`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, cache: PathBuf) -> Arc<Self> {
        // Before the first client: a library that finds no provider panics.
        tls::provider();
        let secrets = Arc::new(Secrets::new(Arc::clone(&clock)));
        Arc::new(Self {
            secrets: Arc::clone(&secrets),
            copies: Copies::new(cache),
            clients: Clients::new(Arc::clone(&secrets)),
            purse: Purse::new(Arc::clone(&clock), secrets),
            hosts: Arc::new(Hosts::new(Arc::clone(&clock))),
            clock,
        })
    }

    /// The door to an endpoint. Cheap: nothing is opened before something is asked.
    #[must_use]
    pub fn door(self: &Arc<Self>, endpoint: &Endpoint) -> BoundDoor {
        let base = match &endpoint.address {
            Address::Url(text) => Some(address::base(text.as_str())),
            Address::Socket(_) | Address::Repository(_) | Address::File(_) => None,
        };
        let place = match &base {
            Some(Ok(url)) => address::authority(url),
            _ => endpoint.address.shown().as_str().to_owned(),
        };
        // The same host behind another proxy is another host: what is unreachable is the road.
        let name = match &endpoint.proxy {
            Some(proxy) => format!("{place} by {proxy}"),
            None => place,
        };
        BoundDoor {
            host: self.hosts.host(&name),
            roads: Arc::clone(self),
            endpoint: endpoint.clone(),
            base,
            breaking: Breaking::Minded,
            certificate: LastCertificate::default(),
            ahead: Mutex::default(),
        }
    }

    /// How many HTTP clients are held.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.count()
    }
}

/// The door to one endpoint.
pub struct BoundDoor {
    roads: Arc<Roads>,
    host: Arc<Host>,
    endpoint: Endpoint,
    base: Option<Result<Url, Fault>>,
    breaking: Breaking,
    certificate: LastCertificate,
    ahead: Mutex<Option<TimeDelta>>,
}

impl BoundDoor {
    /// Asking even where the host rests: for a person who wants to know now.
    #[must_use]
    pub fn around_the_breaker(mut self) -> Self {
        self.breaking = Breaking::Ignored;
        self
    }

    /// When the certificate of the last connection ends, where there was one.
    #[must_use]
    pub fn certificate_ends(&self) -> Option<Moment> {
        self.certificate.ends()
    }

    /// How far the clock on the other side is ahead of ours, by the last answer that told its time.
    #[must_use]
    pub fn ahead(&self) -> Option<TimeDelta> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw<'h>(&self, header: impl Fn(&str) -> Option<&'h str>) {
        if let Some(ahead) = answer::ahead(header, self.roads.clock.now()) {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }

    fn way(&self) -> Result<Way<'_>, Fault> {
        let base = match &self.base {
            Some(Ok(base)) => base,
            Some(Err(fault)) => return Err(fault.clone()),
            None => return Err(unfit("an HTTP address")),
        };
        Ok(Way {
            endpoint: &self.endpoint,
            base,
            clock: &*self.roads.clock,
            clients: &self.roads.clients,
            purse: &self.roads.purse,
            hosts: &self.roads.hosts,
            host: &self.host,
            breaking: self.breaking,
            certificate: &self.certificate,
        })
    }
}

impl Door for BoundDoor {
    fn ask(&self, ask: Ask) -> Pending<'_, Result<Reply, Fault>> {
        Box::pin(async move {
            match &self.endpoint.address {
                Address::File(path) => {
                    file::read(path, self.endpoint.limit.or(ask.limit).unwrap_or(limits::BODY)).await
                }
                Address::Url(_) | Address::Socket(_) | Address::Repository(_) => {
                    let reply = http::ask(self.way()?, &ask).await?;
                    self.saw(|name| reply.header(name));
                    Ok(reply)
                }
            }
        })
    }

    fn stream(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async move {
            match &self.endpoint.address {
                Address::File(path) => {
                    file::open(path, self.endpoint.limit.or(ask.limit).unwrap_or(limits::STREAM)).await
                }
                Address::Url(_) | Address::Socket(_) | Address::Repository(_) => {
                    let flow = http::open(self.way()?, &ask).await?;
                    let told = |wanted: &str| flow.headers.iter().find(|(name, _)| name == wanted);
                    self.saw(|name| told(name).map(|(_, value)| value.as_str()));
                    Ok(flow)
                }
            }
        })
    }

    fn tail(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async move { tail::open(self.way()?, &ask).await })
    }

    fn talk(&self) -> Pending<'_, Result<Box<dyn Conversation>, Fault>> {
        Box::pin(async move {
            let Address::Socket(address) = &self.endpoint.address else {
                return Err(unfit("`host:port` or `unix:/path`"));
            };
            let password = match &self.endpoint.auth {
                Auth::Bearer(secret) | Auth::Header(_, secret) | Auth::Basic(_, secret) => {
                    let named = credential(&self.endpoint.auth).unwrap_or_else(|| Clean::line("a password"));
                    Some((self.roads.secrets.get(secret).await?, named))
                }
                Auth::None | Auth::OAuth { .. } | Auth::Exec(_) | Auth::Concourse(..) => None,
            };
            let pass = self.roads.hosts.enter(&self.host, self.breaking).await?;
            let (proxy, allowed) = (self.endpoint.proxy.as_ref(), self.endpoint.timeout);
            talk::open(Opening { address: address.as_str(), proxy, allowed, password, pass }).await
        })
    }

    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>> {
        Box::pin(async move {
            let target = match (&self.endpoint.address, &self.base) {
                (Address::Socket(address), _) => Target::read(address.as_str())?,
                (_, Some(Ok(url))) => Target::of(url)?,
                (_, Some(Err(fault))) => return Err(fault.clone()),
                (_, None) => return Err(unfit("an address with a port")),
            };
            let papers = self.roads.clients.papers(&self.endpoint.trust).await?;
            let mut pass = self.roads.hosts.enter(&self.host, self.breaking).await?;
            let allowed = self.endpoint.timeout;
            let shaking = handshake::read(&target, self.endpoint.proxy.as_ref(), &papers, self.roads.clock.now());
            let done = tokio::time::timeout(allowed, shaking).await.unwrap_or(Err(Fault::Slow { allowed }));
            match &done {
                Ok(presented) => {
                    pass.answered();
                    self.certificate.is(presented.ends);
                }
                Err(fault) => pass.failed(fault),
            }
            done
        })
    }

    fn git(&self, ask: GitAsk) -> Pending<'_, Result<GitReply, Fault>> {
        Box::pin(async move {
            let Address::Repository(address) = &self.endpoint.address else { return Err(unfit("a git repository")) };
            let mut ticket = Ticket::default();
            if let Ok(base) = address::base(address.as_str()) {
                let doing = Doing { allowed: self.endpoint.timeout, proxied: self.endpoint.proxy.is_some() };
                let errand =
                    Errand { endpoint: &self.endpoint, base: &base, scope: None, clients: &self.roads.clients, doing };
                ticket = self.roads.purse.ticket(&errand).await?;
            }
            let papers = self.roads.clients.papers(&self.endpoint.trust).await?;
            let mut pass = self.roads.hosts.enter(&self.host, self.breaking).await?;
            let errand = git::Errand {
                address: address.as_str(),
                ticket: &ticket,
                credential: credential(&self.endpoint.auth),
                papers: &papers,
                proxy: self.endpoint.proxy.as_ref(),
                allowed: self.endpoint.timeout,
                now: self.roads.clock.now(),
                ask: &ask,
            };
            let done = self.roads.copies.read(&errand).await;
            match &done {
                Ok(_) => pass.answered(),
                Err(fault) => pass.failed(fault),
            }
            done
        })
    }
}

fn unfit(expected: &'static str) -> Fault {
    Fault::Garbled { expected, why: Clean::line("another address") }
}
