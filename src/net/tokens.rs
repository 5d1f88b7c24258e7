//! Tokens bought with a credential: OAuth client credentials, Concourse's password grant, a registry's token server.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::secrets::Hidden;
use super::trouble::{self, Doing};
use super::{address, answer, limits};
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// A token with its end.
#[derive(Clone, Debug)]
pub struct Token {
    /// What is shown to the server.
    pub value: Hidden,
    /// When it ends; none where nobody said.
    pub ends: Option<Moment>,
}

impl Token {
    /// Whether it will still be good when the question arrives.
    #[must_use]
    pub fn lasts(&self, now: Moment) -> bool {
        let margin = TimeDelta::from_std(limits::TOKEN_MARGIN).unwrap_or_default();
        self.ends.is_none_or(|ends| now + margin < ends)
    }
}

/// How a token server is asked.
pub struct Counter<'a> {
    /// The client of the endpoint the token is for.
    pub client: &'a Client,
    /// The time allowed.
    pub doing: Doing,
    /// When it is asked.
    pub now: Moment,
    /// The name of the credential that is shown.
    pub credential: Option<Clean>,
}

#[derive(Deserialize)]
struct WireToken {
    access_token: Option<String>,
    token: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
}

/// Some servers write the number as a text.
fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Number(number) => number.as_u64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// OAuth client credentials (RFC 6749 4.4), name and password as Basic with both encoded as its section 2.3.1 wants.
///
/// # Errors
/// Whatever keeps the token away.
pub async fn client_credentials(
    counter: &Counter<'_>,
    url: &Url,
    (client, secret): (&str, &Hidden),
    scope: Option<&str>,
) -> Result<Token, Fault> {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pairs = [("grant_type", "client_credentials")].into_iter().chain(scope.map(|scope| ("scope", scope)));
    let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let basic = basic(&encoded(client), &encoded(secret.reveal()))?;
    counter.post(url, form, basic).await
}

/// A Concourse local user's password, by the public client `fly`.
///
/// # Errors
/// Whatever keeps the token away.
pub async fn concourse(counter: &Counter<'_>, base: &Url, user: &str, password: &Hidden) -> Result<Token, Fault> {
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "password")
        .append_pair("username", user)
        .append_pair("password", password.reveal())
        .append_pair("scope", "openid profile email federated:id groups")
        .finish();
    let mut url = base.clone();
    // The endpoint may be given with or without the path of its interface.
    let root = base.path().trim_end_matches('/').trim_end_matches("/api/v1");
    url.set_path(&format!("{root}/sky/issuer/token"));
    url.set_query(None);
    counter.post(&url, form, HeaderValue::from_static("Basic Zmx5OlpteDU=")).await
}

/// A registry's token server, asked with the credential or as anybody.
///
/// # Errors
/// Whatever keeps the token away; [`Fault::Astray`] where the registry names a token server that is neither its own
/// host nor reached safely.
pub async fn registry(
    counter: &Counter<'_>,
    base: &Url,
    challenge: &Challenge,
    scope: Option<&str>,
    credential: Option<HeaderValue>,
) -> Result<Token, Fault> {
    let mut url = address::base(&challenge.realm)?;
    let own = url.scheme() == base.scheme() && address::authority(&url) == address::authority(base);
    if !own && url.scheme() != "https" {
        return Err(Fault::Astray { to: Clean::line_within(&address::authority(&url), 200) });
    }
    if let Some(service) = &challenge.service {
        url.query_pairs_mut().append_pair("service", service);
    }
    for scope in scope.or(challenge.scope.as_deref()).into_iter().flat_map(|scopes| scopes.split(' ')) {
        url.query_pairs_mut().append_pair("scope", scope);
    }
    let mut request = counter.client.get(url).header(ACCEPT, "application/json");
    if let Some(credential) = credential {
        request = request.header(AUTHORIZATION, credential);
    }
    let mut token = counter.send(request).await?;
    // The specification's default where the server tells none.
    token.ends = token.ends.or(Some(counter.now + TimeDelta::seconds(60)));
    Ok(token)
}

impl Counter<'_> {
    async fn post(&self, url: &Url, form: String, credential: HeaderValue) -> Result<Token, Fault> {
        let request = self
            .client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, credential)
            .body(form);
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Token, Fault> {
        let request = request.timeout(self.doing.allowed);
        let mut response = request.send().await.map_err(|error| trouble::of_request(&error, self.doing))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| trouble::of_request(&error, self.doing))? {
            body.extend_from_slice(&piece);
            if u64::try_from(body.len()).unwrap_or(u64::MAX) > limits::TOKEN_BODY {
                return Err(Fault::TooLarge { limit: limits::TOKEN_BODY });
            }
        }
        if status != 200 && status != 201 {
            return Err(self.refused(status, &response, &body));
        }
        // Its words aren't repeated: they hold the token.
        let wire: WireToken = serde_json::from_slice(&body).map_err(|_| Fault::Garbled {
            expected: "a token",
            why: Clean::line(&answer::strange(&body).unwrap_or_else(|| "another document".to_owned())),
        })?;
        let value = wire.access_token.or(wire.token).filter(|token| !token.is_empty());
        let Some(value) = value else {
            return Err(Fault::Garbled { expected: "a token", why: Clean::line("a document without one") });
        };
        let ends = wire.expires_in.and_then(|seconds| {
            let life = TimeDelta::from_std(Duration::from_secs(seconds)).ok()?;
            self.now.checked_add_signed(life)
        });
        Ok(Token { value: Hidden::new(&value), ends })
    }

    fn refused(&self, status: u16, response: &reqwest::Response, body: &[u8]) -> Fault {
        // A wrong password is a 400 or 401 with a code of RFC 6749; all of them mean the credential.
        let denied = [&b"invalid_grant"[..], b"invalid_client", b"unauthorized_client", b"access_denied"];
        if status == 401 || denied.iter().any(|code| memchr::memmem::find(body, code).is_some()) {
            return Fault::Unauthorised { credential: self.credential.clone() };
        }
        let head = answer::Head {
            status,
            retry_after: response.headers().get("retry-after").and_then(|value| value.to_str().ok()),
            quota: answer::Quota::default(),
            path: address::shown(response.url()),
            credential: self.credential.clone(),
        };
        // A token server may repeat what it was sent.
        answer::fault(head, b"", self.now)
    }
}

/// `Basic` with name and password.
///
/// # Errors
/// [`Fault::Secret`] never in practice: base64 fits any header.
pub fn basic(name: &str, password: &str) -> Result<HeaderValue, Fault> {
    header(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

/// A header's value that is never shown.
///
/// # Errors
/// [`Fault::Secret`] where the text holds what no header can.
pub fn header(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::Secret { why: Clean::line("it holds a character that no header can carry") })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a registry asks for with its 401.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Where tokens are had.
    pub realm: String,
    /// The service they are for.
    pub service: Option<String>,
    /// What they must allow.
    pub scope: Option<String>,
}

impl Challenge {
    /// Finds the `Bearer` challenge with a realm that is an address, among several and in any order (RFC 9110 11.6.1).
    #[must_use]
    pub fn find(headers: &reqwest::header::HeaderMap) -> Option<Self> {
        let all = headers.get_all(reqwest::header::WWW_AUTHENTICATE);
        all.iter().filter_map(|value| value.to_str().ok()).find_map(Self::read)
    }

    fn read(text: &str) -> Option<Self> {
        let mut bearer = false;
        let mut found = Self { realm: String::new(), service: None, scope: None };
        for part in parts(text) {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), unquoted(value)),
                None => (part.trim(), String::new()),
            };
            // `Bearer realm=...`: a blank before the name starts a new challenge.
            let name = match name.rsplit_once(char::is_whitespace) {
                Some((scheme, name)) => {
                    if bearer && !found.realm.is_empty() {
                        break;
                    }
                    bearer = scheme.trim().eq_ignore_ascii_case("bearer");
                    name
                }
                None => name,
            };
            match name.to_ascii_lowercase().as_str() {
                "realm" if bearer => found.realm = value,
                "service" if bearer => found.service = Some(value),
                "scope" if bearer => found.scope = Some(value),
                _ => {}
            }
        }
        found.realm.starts_with("http").then_some(found)
    }
}

/// Splits at commas outside quotes.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        match c {
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_found_among_others() {
        let full = Some(("https://auth.test/token", Some("r.test"), Some("repository:a/b:pull,push")));
        for (text, expected) in [
            (r#"Bearer realm="https://auth.test/token",service="r.test",scope="repository:a/b:pull,push""#, full),
            (r#"bearer SCOPE="repository:a/b:pull,push", Service=r.test , Realm="https://auth.test/token""#, full),
            (
                r#"Basic realm="x", Bearer realm="https://auth.test/token",service="r.test",scope="repository:a/b:pull,push""#,
                full,
            ),
            (
                r#"Bearer realm="https://auth.test/token",service="r.test",scope="repository:a/b:pull,push", Basic realm="x""#,
                full,
            ),
            (r#"Basic realm="https://auth.test/token""#, None),
            (r#"Bearer realm="Grafana""#, None),
            ("Bearer", None),
            ("", None),
            (r#"Bearer realm="https://auth.test/token"#, None),
        ] {
            let found = Challenge::read(text);
            let found = found.as_ref().map(|c| (c.realm.as_str(), c.service.as_deref(), c.scope.as_deref()));
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_challenge_panics(text in "\\PC{0,80}") {
            let _ = Challenge::read(&text);
        }
    }
}
