//! All roads of the program: what is shared by every endpoint, and the door to each of them.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::auth::Purse;
use super::clients::Clients;
use super::door::{Ask, Conversation, Door, Flow, GitAsk, GitReply, Pending, Presented, Reply};
use super::hosts::{Breaking, Host, Hosts};
use super::http::{self, LastCertificate, Way};
use super::secrets::Secrets;
use super::{address, tls};
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Address, Endpoint};
use crate::text::clean::Clean;

/// What all doors share: clients, credentials, slots, breakers. One for the whole program.
pub struct Roads {
    clock: Arc<dyn Clock>,
    clients: Clients,
    purse: Purse,
    hosts: Arc<Hosts>,
}

impl Roads {
    /// No way built yet. Git repositories are kept in the folder `cache`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, _cache: PathBuf) -> Arc<Self> {
        // Before the first client: a library that finds no provider panics.
        tls::provider();
        let secrets = Arc::new(Secrets::new(Arc::clone(&clock)));
        Arc::new(Self {
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

    fn way(&self) -> Result<Way<'_>, Fault> {
        let base = match &self.base {
            Some(Ok(base)) => base,
            Some(Err(fault)) => return Err(fault.clone()),
            None => return Err(Fault::Garbled { expected: "an HTTP address", why: Clean::line("another one") }),
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
        Box::pin(async move { http::ask(self.way()?, &ask).await })
    }

    fn stream(&self, ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async move { http::open(self.way()?, &ask).await })
    }

    fn tail(&self, _ask: Ask) -> Pending<'_, Result<Flow, Fault>> {
        Box::pin(async move { Err(Fault::Denied { why: Clean::line("not here") }) })
    }

    fn talk(&self) -> Pending<'_, Result<Box<dyn Conversation>, Fault>> {
        Box::pin(async move { Err(Fault::Denied { why: Clean::line("not here") }) })
    }

    fn certificate(&self) -> Pending<'_, Result<Presented, Fault>> {
        Box::pin(async move { Err(Fault::Denied { why: Clean::line("not here") }) })
    }

    fn git(&self, _ask: GitAsk) -> Pending<'_, Result<GitReply, Fault>> {
        Box::pin(async move { Err(Fault::Denied { why: Clean::line("not here") }) })
    }
}
