//! A token server as registries trust one: it sells tokens for a name and a password, each signed, each with its end, and
//! keeps a list of who asked for what. It owes nothing to the code under test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::crypto::ring::{default_provider, sign};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use rustls::{ServerConfig, ServerConnection, SignatureScheme, StreamOwned};
use serde_json::json;

use super::certificates::{Ends, Pki};

/// What registry and token server have agreed on.
pub const SERVICE: &str = "registry.example.test";
pub const ISSUER: &str = "tokens.example.test";

/// What one question for a token was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// The repository and what is allowed there: `repository:platform/shop:pull`.
    pub scope: String,
    /// The name in its credential.
    pub who: Option<String>,
    /// The token; none where the credential was wrong.
    pub token: Option<String>,
}

/// Sells tokens over TLS to `pull` and `push`, whose password is `secret`. It ends with the test's process.
pub struct TokenServer {
    pub pki: Pki,
    port: u16,
    counter: Arc<Counter>,
    _folder: tempfile::TempDir,
}

struct Counter {
    key: Arc<dyn SigningKey>,
    certificate: String,
    /// How many seconds a token is good. What the buyer is told is always an hour.
    life: AtomicI64,
    bought: Mutex<Vec<Bought>>,
    /// Where everybody is sent instead of being served.
    elsewhere: Mutex<Option<String>>,
}

pub fn token_server() -> Option<TokenServer> {
    let folder = tempfile::TempDir::with_prefix("quarterdeck-").unwrap();
    let pki = Pki::new(folder.path())?;
    pki.server("tokens", Ends::InDays(30));
    pki.client("signer");
    let (chain, key) = pair(&pki, "tokens");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let (chain, key) = pair(&pki, "signer");
    let counter = Arc::new(Counter {
        key: sign::any_supported_type(&key).unwrap(),
        certificate: STANDARD.encode(&chain[0]),
        life: AtomicI64::new(3_600),
        bought: Mutex::default(),
        elsewhere: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (config, serving) = (Arc::new(config), Arc::clone(&counter));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, counter) = (Arc::clone(&config), Arc::clone(&serving));
            std::thread::spawn(move || counter.serve(config, stream));
        }
    });
    Some(TokenServer { pki, port, counter, _folder: folder })
}

fn pair(pki: &Pki, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let (chain, key) = (pki.read(&format!("{name}.pem")), pki.read(&format!("{name}.key")));
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).map(Result::unwrap).collect();
    (chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap())
}

impl TokenServer {
    /// Where a registry sends those without a token.
    pub fn realm(&self) -> String {
        format!("https://127.0.0.1:{}/token", self.port)
    }

    /// The authority whose signatures a registry takes for good.
    pub fn authority(&self) -> std::path::PathBuf {
        self.pki.path("ca.pem")
    }

    /// From now on a token is good for so many seconds only, whatever is told about it.
    pub fn sells_for(&self, seconds: i64) {
        self.counter.life.store(seconds, Ordering::SeqCst);
    }

    /// From now on everybody is sent there.
    pub fn sends_to(&self, address: &str) {
        *self.counter.elsewhere.lock().unwrap() = Some(address.to_owned());
    }

    /// Everything that was asked for so far.
    pub fn bought(&self) -> Vec<Bought> {
        self.counter.bought.lock().unwrap().clone()
    }

    /// A token as somebody who may push has it.
    pub fn token(&self, repository: &str) -> String {
        self.counter.token("push", &format!("repository:{repository}:pull,push"))
    }
}

impl Counter {
    fn serve(&self, config: Arc<ServerConfig>, stream: TcpStream) {
        let Ok(connection) = ServerConnection::new(config) else { return };
        let mut stream = StreamOwned::new(connection, stream);
        // One question a connection: whoever asks again connects again.
        let Some(head) = head(&mut stream) else { return };
        let answer = self.answer(&head);
        let _ = stream.write_all(answer.as_bytes());
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }

    fn answer(&self, head: &str) -> String {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let url = url::Url::parse("https://here").unwrap().join(path).unwrap();
        let value =
            |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
        let scope = value("scope").unwrap_or_default();
        let shown = head.lines().filter_map(|line| line.split_once(": "));
        let shown =
            shown.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value);
        let pair = shown.and_then(|shown| STANDARD.decode(shown.strip_prefix("Basic ")?).ok());
        let pair = pair.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let known = pair.as_deref().is_some_and(|pair| matches!(pair, "pull:secret" | "push:secret"));
        let who = pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(name, _)| name.to_owned());
        let right = known && value("service").as_deref() == Some(SERVICE) && url.path() == "/token";
        let elsewhere = self.elsewhere.lock().unwrap().clone();
        let token = (right && elsewhere.is_none()).then(|| self.token(who.as_deref().unwrap_or_default(), &scope));
        self.bought.lock().unwrap().push(Bought { scope, who, token: token.clone() });
        let (status, more, body) = match (elsewhere, token) {
            (Some(to), _) => ("302 Found", format!("location: {to}\r\n"), String::new()),
            (None, Some(token)) => {
                ("200 OK", String::new(), json!({ "token": token, "expires_in": 3_600 }).to_string())
            }
            (None, None) => ("401 Unauthorized", String::new(), json!({ "details": "who are you" }).to_string()),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    }

    /// A token in the form of RFC 7519, with the certificate of its signer. `pull` may see `platform/` alone.
    fn token(&self, who: &str, scope: &str) -> String {
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let granted: Vec<serde_json::Value> = scope
            .split(' ')
            .filter_map(|scope| scope.strip_prefix("repository:")?.rsplit_once(':'))
            .filter(|(name, _)| who == "push" || name.starts_with("platform/"))
            .map(|(name, actions)| json!({ "type": "repository", "name": name, "actions": actions.split(',').collect::<Vec<_>>() }))
            .collect();
        let life = self.life.load(Ordering::SeqCst);
        let head = json!({ "typ": "JWT", "alg": "ES256", "x5c": [self.certificate] });
        let claims = json!({
            "iss": ISSUER, "sub": who, "aud": SERVICE, "exp": now + life, "nbf": now - 600, "iat": now - 600,
            "jti": format!("{now}-{}", self.bought.lock().unwrap().len()), "access": granted,
        });
        let signed = format!("{}.{}", packed(head.to_string()), packed(claims.to_string()));
        let signer = self.key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).unwrap();
        let signature = plain(&signer.sign(signed.as_bytes()).unwrap());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn packed(text: String) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The two numbers of a signature one after the other, as tokens have them, out of the ASN.1 that TLS has.
fn plain(signature: &[u8]) -> Vec<u8> {
    // SEQUENCE, its length, INTEGER, its length, the first number; INTEGER, its length, the second.
    let n = usize::from(signature[3]);
    let numbers = [&signature[4..4 + n], &signature[6 + n..]];
    let wide = numbers.map(|number| {
        let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        [vec![0; 32 - digits.len()], digits].concat()
    });
    wide.concat()
}

fn head(stream: &mut impl Read) -> Option<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4_096]);
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
    }
    String::from_utf8(bytes).ok()
}

/// What a registry's configuration says of it.
pub fn trusting(realm: &str, authority: &Path) -> String {
    let bundle = authority.display();
    format!(
        "auth: {{ token: {{ realm: '{realm}', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: '{bundle}' }} }}\n"
    )
}
