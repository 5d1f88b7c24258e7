//! How an endpoint is convinced: from the fleet file's references to headers, and anew when they are refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use url::Url;

use super::clients::{Clients, Pair};
use super::secrets::{Hidden, Secrets};
use super::tokens::{self, Challenge, Counter, Token};
use super::trouble::Doing;
use super::{address, plugin};
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;
use crate::fleetfile::endpoint::{Auth, Endpoint, HeaderValue as Configured};
use crate::fleetfile::secret::Secret;
use crate::text::clean::Clean;

/// What is shown to an endpoint with one question.
#[derive(Clone, Debug, Default)]
pub struct Ticket {
    /// Headers, marked as never to be shown.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// A certificate a plugin brought.
    pub pair: Option<Pair>,
    /// Every credential in it, to be taken out of whatever the server repeats.
    hidden: Vec<Hidden>,
}

impl Ticket {
    /// The text without any credential of this ticket in it.
    #[must_use]
    pub fn without_secrets(&self, text: &Clean) -> Clean {
        let mut shown = text.as_str().to_owned();
        for hidden in self.hidden.iter().filter(|hidden| hidden.reveal().len() >= 4) {
            shown = shown.replace(hidden.reveal(), "[hidden]");
        }
        Clean::line(&shown)
    }

    /// The fault without any credential of this ticket in the words of the server.
    #[must_use]
    pub fn purged(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Forbidden { why } => Fault::Forbidden { why: self.without_secrets(&why) },
            Fault::Refused { status, why } => Fault::Refused { status, why: self.without_secrets(&why) },
            Fault::Missing { path } => Fault::Missing { path: self.without_secrets(&path) },
            Fault::Program { why } => Fault::Program { why: self.without_secrets(&why) },
            Fault::Unreachable { why } => Fault::Unreachable { why: self.without_secrets(&why) },
            Fault::Astray { to } => Fault::Astray { to: self.without_secrets(&to) },
            other => other,
        }
    }

    fn show(&mut self, name: HeaderName, value: HeaderValue, hidden: &Hidden) {
        let text = value.to_str().unwrap_or_default();
        // The second half of `Basic ...`, too, is a credential.
        let packed = text.rsplit(' ').next().unwrap_or_default();
        self.hidden.extend([hidden.clone(), Hidden::new(packed)]);
        self.headers.push((name, value));
    }
}

/// The credentials of the whole program, and the tokens bought with them.
pub struct Purse {
    clock: Arc<dyn Clock>,
    secrets: Arc<Secrets>,
    tokens: Mutex<BTreeMap<String, Slot>>,
}

/// Held while a token is bought, so that a hundred sources buy it once.
type Slot = Arc<tokio::sync::Mutex<Option<plugin::Brought>>>;

/// One question's way through the purse.
pub struct Errand<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Its address.
    pub base: &'a Url,
    /// The scope the question needs.
    pub scope: Option<&'a str>,
    /// Where clients are had for token servers.
    pub clients: &'a Clients,
    /// The time allowed.
    pub doing: Doing,
}

impl Errand<'_> {
    async fn client(&self) -> Result<Client, Fault> {
        self.clients.of(self.endpoint, self.base, None).await
    }

    /// By what a token is shared: whoever shows the same credential to the same place for the same scope.
    fn key(&self, what: &str) -> String {
        let Endpoint { auth, trust, .. } = self.endpoint;
        format!("{what} {} {auth:?} {trust:?}", address::authority(self.base))
    }

    fn registry_key(&self) -> String {
        self.key(&format!("registry {}", self.scope.unwrap_or_default()))
    }
}

impl Purse {
    /// Nothing bought yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, secrets: Arc<Secrets>) -> Self {
        Self { clock, secrets, tokens: Mutex::default() }
    }

    /// What is shown with a question.
    ///
    /// # Errors
    /// [`Fault::Secret`] where a credential cannot be had, and whatever keeps a token away.
    pub async fn ticket(&self, errand: &Errand<'_>) -> Result<Ticket, Fault> {
        let mut ticket = Ticket::default();
        for (name, value) in &errand.endpoint.headers {
            let name = header_name(name)?;
            match value {
                Configured::Plain(text) => ticket.headers.push((name, plain(text)?)),
                Configured::Secret(secret) => {
                    let hidden = self.secrets.get(secret).await?;
                    ticket.show(name, tokens::header(hidden.reveal())?, &hidden);
                }
            }
        }
        if errand.scope.is_some()
            && let Some(token) = self.held(&errand.registry_key()).await
        {
            let value = tokens::header(&format!("Bearer {}", token.value.reveal()))?;
            ticket.show(AUTHORIZATION, value, &token.value);
            return Ok(ticket);
        }
        self.convince(errand, &mut ticket).await?;
        Ok(ticket)
    }

    async fn convince(&self, errand: &Errand<'_>, ticket: &mut Ticket) -> Result<(), Fault> {
        match &errand.endpoint.auth {
            Auth::None => {}
            Auth::Bearer(secret) => {
                let hidden = self.secrets.get(secret).await?;
                ticket.show(AUTHORIZATION, tokens::header(&format!("Bearer {}", hidden.reveal()))?, &hidden);
            }
            Auth::Header(name, secret) => {
                let hidden = self.secrets.get(secret).await?;
                ticket.show(header_name(name)?, tokens::header(hidden.reveal())?, &hidden);
            }
            Auth::Basic(name, secret) => {
                let hidden = self.secrets.get(secret).await?;
                ticket.show(AUTHORIZATION, tokens::basic(name.as_str(), hidden.reveal())?, &hidden);
            }
            Auth::OAuth { .. } | Auth::Exec(_) | Auth::Concourse(..) => {
                let brought = self.bought(errand, ticket).await?;
                if !brought.token.value.reveal().is_empty() {
                    let value = tokens::header(&format!("Bearer {}", brought.token.value.reveal()))?;
                    ticket.show(AUTHORIZATION, value, &brought.token.value);
                }
                if let Some(pair) = brought.pair {
                    ticket.hidden.push(pair.key.clone());
                    ticket.pair = Some(pair);
                }
            }
        }
        Ok(())
    }

    async fn bought(&self, errand: &Errand<'_>, ticket: &mut Ticket) -> Result<plugin::Brought, Fault> {
        let key = errand.key("bought");
        let slot = self.slot(&key);
        let mut held = slot.lock().await;
        if let Some(brought) = held.as_ref().filter(|brought| brought.token.lasts(self.clock.now())) {
            return Ok(brought.clone());
        }
        let brought = match &errand.endpoint.auth {
            Auth::Exec(exec) => plugin::run(exec, &key).await?,
            Auth::OAuth { token_url, client, secret, scope } => {
                let hidden = self.secrets.get(secret).await?;
                ticket.hidden.push(hidden.clone());
                let web = errand.client().await?;
                let url = address::base(token_url.as_str())?;
                let pair = (client.as_str(), &hidden);
                let bought = tokens::client_credentials(
                    &self.counter(errand, &web),
                    &url,
                    pair,
                    scope.as_ref().map(Clean::as_str),
                )
                .await;
                self.or_forget(bought, secret, &hidden).await?
            }
            Auth::Concourse(user, secret) => {
                let hidden = self.secrets.get(secret).await?;
                ticket.hidden.push(hidden.clone());
                let web = errand.client().await?;
                let bought = tokens::concourse(&self.counter(errand, &web), errand.base, user.as_str(), &hidden).await;
                self.or_forget(bought, secret, &hidden).await?
            }
            Auth::None | Auth::Bearer(_) | Auth::Header(..) | Auth::Basic(..) => {
                return Err(Fault::Secret { why: Clean::line("nothing to buy a token with") });
            }
        };
        *held = Some(brought.clone());
        Ok(brought)
    }

    /// A credential the token server refused is fetched anew next time.
    async fn or_forget(
        &self,
        bought: Result<Token, Fault>,
        secret: &Secret,
        hidden: &Hidden,
    ) -> Result<plugin::Brought, Fault> {
        if matches!(bought, Err(Fault::Unauthorised { .. })) {
            self.secrets.forget(secret, hidden).await;
        }
        bought.map(|token| plugin::Brought { token, pair: None })
    }

    fn counter<'a>(&self, errand: &Errand<'_>, client: &'a Client) -> Counter<'a> {
        let credential = credential(&errand.endpoint.auth);
        Counter { client, doing: errand.doing, now: self.now(), credential }
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    /// After a 401: whether there is something new to show. A credential that comes back the same is no news.
    ///
    /// # Errors
    /// Whatever keeps the new one away.
    pub async fn renew(
        &self,
        errand: &Errand<'_>,
        refused: &Ticket,
        challenge: Option<&Challenge>,
    ) -> Result<bool, Fault> {
        if let (Some(challenge), Auth::None | Auth::Basic(..)) = (challenge, &errand.endpoint.auth) {
            return self.buy_from_registry(errand, refused, challenge).await;
        }
        match &errand.endpoint.auth {
            Auth::None => Ok(false),
            Auth::Bearer(secret) | Auth::Header(_, secret) | Auth::Basic(_, secret) => {
                let shown = |hidden: &Hidden| refused.hidden.contains(hidden);
                let stale = self.secrets.get(secret).await?;
                if shown(&stale) {
                    self.secrets.forget(secret, &stale).await;
                }
                Ok(!shown(&self.secrets.get(secret).await?))
            }
            Auth::OAuth { .. } | Auth::Exec(_) | Auth::Concourse(..) => {
                let slot = self.slot(&errand.key("bought"));
                let mut held = slot.lock().await;
                let same = held.as_ref().is_some_and(|brought| {
                    refused.hidden.contains(&brought.token.value)
                        || (brought.pair.is_some() && brought.pair == refused.pair)
                });
                if same {
                    *held = None;
                }
                Ok(true)
            }
        }
    }

    async fn buy_from_registry(
        &self,
        errand: &Errand<'_>,
        refused: &Ticket,
        challenge: &Challenge,
    ) -> Result<bool, Fault> {
        let slot = self.slot(&errand.registry_key());
        let mut held = slot.lock().await;
        if held.as_ref().is_some_and(|b| b.token.lasts(self.now()) && !refused.hidden.contains(&b.token.value)) {
            return Ok(true);
        }
        let own = match &errand.endpoint.auth {
            Auth::Basic(name, secret) => Some(tokens::basic(name.as_str(), self.secrets.get(secret).await?.reveal())?),
            _ => None,
        };
        let web = errand.client().await?;
        let token = tokens::registry(&self.counter(errand, &web), errand.base, challenge, errand.scope, own).await?;
        *held = Some(plugin::Brought { token, pair: None });
        Ok(true)
    }

    async fn held(&self, key: &str) -> Option<Token> {
        let held = self.slot(key).lock_owned().await;
        held.as_ref().filter(|brought| brought.token.lasts(self.now())).map(|brought| brought.token.clone())
    }

    fn slot(&self, key: &str) -> Slot {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tokens.entry(key.to_owned()).or_default())
    }
}

/// The name of the credential an endpoint is convinced with.
#[must_use]
pub fn credential(auth: &Auth) -> Option<Clean> {
    match auth {
        Auth::None => None,
        Auth::Bearer(secret)
        | Auth::Header(_, secret)
        | Auth::Basic(_, secret)
        | Auth::OAuth { secret, .. }
        | Auth::Concourse(_, secret) => Some(secret.name()),
        Auth::Exec(plugin) => {
            Some(Clean::line(&format!("plugin {}", plugin.command.first().map_or("", String::as_str))))
        }
    }
}

fn header_name(name: &Clean) -> Result<HeaderName, Fault> {
    HeaderName::from_bytes(name.as_str().as_bytes())
        .map_err(|_| Fault::Garbled { expected: "the name of a header", why: name.clone() })
}

fn plain(text: &Clean) -> Result<HeaderValue, Fault> {
    HeaderValue::from_str(text.as_str())
        .map_err(|_| Fault::Garbled { expected: "the value of a header", why: text.clone() })
}
