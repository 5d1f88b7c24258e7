//! The keys any source may have beside its kind's own: where it is, how it is reached, trusted and convinced, how often.

use std::time::Duration;

use super::super::endpoint::{Address, Auth, HeaderValue, Identity, Material, Reach, Trust};
use super::super::spell;
use super::ask::Unfit;
use super::key::{Key, need};
use super::reader::Section;
use super::shelf::Shelf;
use super::wants::Wants;
use super::{credential, words};
use crate::text::clean::Clean;

/// What a proxy's address may begin with.
const PROXIES: &[&str] = &["http", "https", "socks5", "socks5h"];
/// The keys of which at most one says where a source is.
const ADDRESSES: [&str; 4] = ["url", "address", "repository", "file"];

/// What holds where a source says nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// How often it is asked.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// After how long an answer is stale.
    pub stale_after: Duration,
    /// The proxy on the way.
    pub proxy: Option<Clean>,
}

impl Default for Defaults {
    fn default() -> Self {
        let Reach { interval, timeout, stale_after, proxy, .. } = Reach::default();
        Self { interval, timeout, stale_after, proxy }
    }
}

impl Defaults {
    /// For what changes a few times a day: asked every quarter of an hour at most.
    #[must_use]
    pub fn slow(usual: &Self) -> Self {
        let quarter = Duration::from_secs(15 * 60);
        let interval = usual.interval.max(quarter);
        let stale_after = usual.stale_after.max(quarter.saturating_mul(12));
        Self { interval, stale_after, timeout: usual.timeout, proxy: None }
    }
}

/// What the usual keys of a source say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Where it is, where they say so.
    pub address: Option<Address>,
    /// The way there.
    pub reach: Reach,
}

/// What a source says whatever its kind is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Its kind.
    pub kind: Option<Clean>,
    /// What tells it from another of its kind.
    pub name: Option<Clean>,
    /// Where it is, and how it is reached.
    pub reached: Reached,
}

impl<'a> Section<'a> {
    /// Reads the parts of a status page: their names are asked for here, who feels each by the caller.
    pub fn page_parts<T>(&mut self, mut read: impl FnMut(&mut Section<'a>) -> T) -> Vec<(Option<Clean>, T)> {
        let part = |inner: &mut Section<'a>| {
            let name = inner.required(("name", "its name on the page, with or without its group; or a group's"));
            if inner.is_recording() {
                inner.names(need(("affects", "the installations that feel it; an empty list for nobody")));
            }
            (name, read(inner))
        };
        let key = ("components", "parts of the page that only some feel; what names another part is felt by all");
        self.tables(key, "a component of a status page", part).into_iter().flatten().collect()
    }
}

impl Section<'_> {
    /// Reads the keys every source on a shelf may have.
    pub fn usual_keys(&mut self, shelf: Shelf, defaults: &Defaults) -> Usual {
        let kind = match shelf {
            Shelf::Place | Shelf::Product | Shelf::Hub => self.required(("kind", "what it is")),
            Shelf::Page => Some(self.optional(("kind", "what it is")).unwrap_or_else(|| Clean::line("auto"))),
            Shelf::Calendar => Some(self.optional(("kind", "what it is")).unwrap_or_else(|| Clean::line("ics"))),
        };
        let name = if shelf == Shelf::Page {
            self.flag(("own", "whether it is our own: what is announced there is notice to customers"));
            self.names(("affects", "the installations that feel it; all where none is named"));
            if self.is_recording() {
                self.page_parts(|_| ());
            }
            self.required(("name", "its name"))
        } else {
            if shelf == Shelf::Calendar {
                self.names(("installations", "the installations it is for; all where none is named"));
            }
            self.optional(("name", "tells it from another of its kind"))
        };
        // A chart may lie in a registry; everything else is asked by HTTP.
        let may_be_in_a_registry = kind.as_ref().is_some_and(|kind| kind.as_str() == "chart");
        let schemes: &[&str] = if may_be_in_a_registry { &["https", "http", "oci"] } else { &["https", "http"] };
        Usual { kind, name, reached: self.reached(defaults, schemes) }
    }

    /// Reads the keys any source may have. `schemes` are those its `url` may have.
    fn reached(&mut self, defaults: &Defaults, schemes: &[&str]) -> Reached {
        let address = self.address(schemes);
        let patience = self.patience(defaults);
        let proxy = self.proxy().or_else(|| defaults.proxy.clone());
        let reach = Reach {
            trust: self.trust(),
            proxy: proxy.filter(|proxy| proxy.as_str() != "none"),
            auth: self.auth(),
            headers: self.headers(),
            limit: self.whole(("max_megabytes", "the largest unpacked answer")).map(|n| u64::from(n) * 1_000_000),
            interval: patience.interval,
            timeout: patience.timeout,
            stale_after: patience.stale_after,
        };
        Reached { address, reach }
    }

    /// Reads how often and how long is asked: `interval`, `timeout`, `stale_after`.
    pub fn patience(&mut self, defaults: &Defaults) -> Defaults {
        let interval = self.duration(("interval", "how often it is asked"));
        let timeout = self.duration(("timeout", "how long an answer may take"));
        let stale_after = self.duration(("stale_after", "after how long an answer is stale"));
        for (key, value) in [("interval", interval), ("timeout", timeout), ("stale_after", stale_after)] {
            if value.is_some_and(|value| value < Duration::from_millis(100)) {
                self.refuse(key, format!("`{key}` is too short: at least `100ms`"));
            }
        }
        let every = interval.unwrap_or(defaults.interval);
        if let Some(stale) = stale_after.filter(|stale| *stale < every && !stale.is_zero()) {
            let (stale, every) = (spell::told(stale), spell::told(every));
            let what = format!("an answer is stale after {stale} and asked for again only after {every}");
            self.note(self.warning(self.spot("stale_after"), what));
        }
        Defaults {
            interval: every,
            timeout: timeout.unwrap_or(defaults.timeout),
            // Who asks less often than usual does not mean its answers to be stale most of the time.
            stale_after: stale_after.unwrap_or_else(|| defaults.stale_after.max(every.saturating_mul(3))),
            proxy: defaults.proxy.clone(),
        }
    }

    /// Reads `proxy`, the way to where a source is; `none` means there is none, whatever the default says.
    pub fn proxy(&mut self) -> Option<Clean> {
        let wants = Wants::Called("the address of a proxy like `socks5h://127.0.0.1:1080`, or `none`");
        self.read(("proxy", "how it is reached").into(), &wants, |node| match node.text() {
            Some("none") => Ok(Clean::line("none")),
            Some(text) => spell::url(text, PROXIES).map(|_| Clean::line(text)).map_err(Unfit::Because),
            None => Err(Unfit::Other),
        })
    }

    fn address(&mut self, schemes: &[&str]) -> Option<Address> {
        let url = self.url(("url", "its address"), schemes).map(|url| Address::Url(Clean::line(url.as_str())));
        let socket = self
            .checked(
                ("address", "`host:port` or `unix:/path`"),
                "an address like `host.example.test:7505` or `unix:/path`",
                spell::socket,
            )
            .map(Address::Socket);
        let repository = self
            .checked(
                ("repository", "a git repository"),
                "a git repository like `https://host.example.test/name.git`",
                spell::repository,
            )
            .map(Address::Repository);
        let file = self.path(("file", "a file on this machine")).map(Address::File);
        let given: Vec<&str> = ADDRESSES.into_iter().filter(|key| self.has(key)).collect();
        if let [first, second, ..] = given.as_slice() {
            self.refuse(second, format!("`{second}` and `{first}` both say where it is: keep one"));
        }
        url.or(socket).or(repository).or(file)
    }

    fn checked(
        &mut self,
        key: impl Into<Key>,
        wants: &'static str,
        check: impl FnOnce(&str) -> Result<(), Option<String>>,
    ) -> Option<Clean> {
        self.read(key.into(), &Wants::Called(wants), |node| {
            let text = node.text().ok_or(Unfit::Other)?;
            check(text).map(|()| Clean::line(text)).map_err(|why| why.map_or(Unfit::Other, Unfit::Because))
        })
    }

    fn trust(&mut self) -> Trust {
        let ca = self.path(("ca", "a private authority's certificate, PEM")).map(Material::File);
        let certificate = self.path(("client_certificate", "our own certificate, PEM"));
        let key = self.secret(("client_key", "its key"));
        for (one, other) in [("client_certificate", "client_key"), ("client_key", "client_certificate")] {
            if self.has(one) && !self.has(other) {
                self.refuse(one, format!("`{one}` is of no use without `{other}`"));
            }
        }
        let insecure = self.flag(("insecure", "whether no certificate is checked; always shown on screen"));
        Trust {
            ca,
            identity: certificate
                .zip(key)
                .map(|(certificate, key)| Identity { certificate: Material::File(certificate), key }),
            insecure: insecure.unwrap_or(false),
            server_name: self.optional(("server_name", "the name its certificate carries")),
        }
    }

    fn auth(&mut self) -> Auth {
        let token = self.secret(("token", "sent as a bearer token"));
        let header = self.optional(("token_header", "the header the token is sent in, such as `PRIVATE-TOKEN`"));
        let username = self.optional(("username", "a name, with `password`"));
        let password = self.secret(("password", "its password"));
        let oauth = self.table(("oauth", "client credentials"), "`oauth`", |inner| {
            let token_url = inner.url(need(("token_url", "where tokens are had")), &["http", "https"]);
            let client = inner.required(("client_id", "the client"));
            let secret = inner.secret(need(("client_secret", "its secret")));
            let scope = inner.optional(("scope", "what is asked for"));
            let token_url = Clean::line(token_url?.as_str());
            Some(Auth::OAuth { token_url, client: client?, secret: secret?, scope })
        });
        let ways: Vec<&str> = ["token", "password", "oauth"].into_iter().filter(|key| self.has(key)).collect();
        if let [first, second, ..] = ways.as_slice() {
            self.refuse(second, format!("`{second}` beside `{first}`: one way to be let in is enough"));
        }
        if self.has("username") && !self.has("password") {
            self.refuse("username", "`username` is of no use without `password`");
        }
        if self.has("token_header") && !self.has("token") {
            self.refuse("token_header", "`token_header` is of no use without `token`");
        }
        match (oauth.flatten(), token, password) {
            (Some(oauth), ..) => oauth,
            (None, Some(token), _) => match header {
                Some(header) => Auth::Header(header, token),
                None => Auth::Bearer(token),
            },
            // Line protocols ask for a password alone.
            (None, None, Some(password)) => Auth::Basic(username.unwrap_or_else(|| Clean::line("")), password),
            (None, None, None) => Auth::None,
        }
    }

    fn headers(&mut self) -> Vec<(Clean, HeaderValue)> {
        let mut headers = Vec::new();
        if let Some(tenant) = self.optional(("tenant", "sent as `X-Scope-OrgID`")) {
            headers.push((Clean::line("X-Scope-OrgID"), HeaderValue::Plain(tenant)));
        }
        let either = Wants::Map(Box::new(Wants::Either(vec![Wants::Text, Wants::Secret])));
        let key = Key::from(("headers", "headers sent with every question"));
        let Some(item) = self.item(key, &either) else { return headers };
        let Some(table) = item.node.table() else {
            self.refuse("headers", "`headers` wants a table like `{ \"X-Name\" = \"value\" }`");
            return headers;
        };
        for item in table.iter() {
            let name = Clean::line(&item.key);
            if !spell::is_header(&item.key) {
                self.complain(item.span, format!("{} is no name of a header", words::quoted(&item.key)));
                continue;
            }
            let lower = item.key.to_ascii_lowercase();
            let lets_in = words::names_a_credential(&lower)
                || ["authorization", "cookie", "key", "auth"].iter().any(|part| lower.contains(part));
            match item.node.text() {
                Some(text) if !lets_in => headers.push((name, HeaderValue::Plain(Clean::line(text)))),
                Some(_) | None => {
                    let secret = credential::read(self, name.as_str(), &item.node);
                    headers.extend(secret.map(|secret| (name, HeaderValue::Secret(secret))));
                }
            }
        }
        headers
    }
}
