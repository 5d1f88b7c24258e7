//! An authority of the simulated world's own: issues a certificate for any host and any time, the same bytes for the same
//! seed. X.509 written by hand: a dozen fields do not need a library.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{Error, SignatureScheme};

use super::dice::Dice;
use crate::domain::clock::Moment;

/// Issues certificates.
#[derive(Clone)]
pub struct Authority {
    key: Arc<dyn SigningKey>,
    root: Vec<u8>,
}

/// Between which moments a certificate is good.
pub type Span = (Moment, Moment);

const NAME: &str = "Northwind Demo Root";
/// Ed25519, as an algorithm of a signature.
const ALGORITHM: [u8; 7] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl Authority {
    /// The authority of a seed.
    ///
    /// # Errors
    /// When the key is refused.
    pub fn new(seed: u64) -> Result<Self, Error> {
        let key = key(seed, "authority")?;
        let mut authority = Self { key, root: Vec::new() };
        let (from, until) = ("2020-01-01T00:00:00Z".parse(), "2049-12-31T23:59:59Z".parse());
        let (Ok(from), Ok(until)) = (from, until) else { return Err(Error::General("a day".to_owned())) };
        // It may sign others, and that is all it may do.
        let extensions = [
            extension(&[0x55, 0x1d, 0x13], true, &tagged(0x30, &tagged(0x01, &[0xff]))),
            extension(&[0x55, 0x1d, 0x0f], true, &tagged(0x03, &[0x02, 0x04])),
        ];
        authority.root = authority.sign(NAME, (from, until), &authority.key, &extensions.concat())?;
        Ok(authority)
    }

    /// Its own certificate, in PEM form.
    #[must_use]
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(&self.root);
        let mut out = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for (n, letter) in text.chars().enumerate() {
            if n > 0 && n % 64 == 0 {
                out.push('\n');
            }
            out.push(letter);
        }
        out + "\n-----END CERTIFICATE-----\n"
    }

    /// A certificate for a host, with its key.
    ///
    /// # Errors
    /// When the key is refused.
    pub fn issue(&self, host: &str, span: Span) -> Result<CertifiedKey, Error> {
        let key = key(0, host)?;
        let names = tagged(0x30, &tagged(0x82, host.as_bytes()));
        let serves = tagged(0x30, &tagged(0x06, &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]));
        let extensions =
            [extension(&[0x55, 0x1d, 0x11], false, &names), extension(&[0x55, 0x1d, 0x25], false, &serves)].concat();
        let der = self.sign(host, span, &key, &extensions)?;
        Ok(CertifiedKey::new(vec![CertificateDer::from(der)], key))
    }

    fn sign(
        &self,
        subject: &str,
        (from, until): Span,
        key: &Arc<dyn SigningKey>,
        extensions: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let public = key.public_key().ok_or_else(|| Error::General("a key without its public half".to_owned()))?;
        let serial = Dice::of(0, &["serial", subject], from.timestamp()).within(1, i64::MAX / 2).to_be_bytes();
        let body = [
            tagged(0xa0, &tagged(0x02, &[2])),
            tagged(0x02, &serial),
            ALGORITHM.to_vec(),
            name(NAME),
            tagged(0x30, &[time(from), time(until)].concat()),
            name(subject),
            public.as_ref().to_vec(),
            tagged(0xa3, &tagged(0x30, extensions)),
        ];
        let body = tagged(0x30, &body.concat());
        let signer = self.key.choose_scheme(&[SignatureScheme::ED25519]);
        let signature = signer.ok_or_else(|| Error::General("no such signature".to_owned()))?.sign(&body)?;
        let signature = tagged(0x03, &[vec![0], signature].concat());
        Ok(tagged(0x30, &[body, ALGORITHM.to_vec(), signature].concat()))
    }
}

/// The key of a name: made from dice, so that it protects nothing and is always the same.
fn key(seed: u64, name: &str) -> Result<Arc<dyn SigningKey>, Error> {
    let mut dice = Dice::of(seed, &["key", name], 0);
    let bytes = (0..32).map(|_| u8::try_from(dice.within(0, 255)).unwrap_or_default());
    let der: Vec<u8> = PKCS8.into_iter().chain(bytes).collect();
    rustls::crypto::ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(der))
}

/// A value with its tag and length.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let length: Vec<u8> = value.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
            out.extend(length);
        }
    }
    out.extend_from_slice(value);
    out
}

/// A name that is a common name alone.
fn name(text: &str) -> Vec<u8> {
    let pair = [tagged(0x06, &[0x55, 0x04, 0x03]), tagged(0x0c, text.as_bytes())].concat();
    tagged(0x30, &tagged(0x31, &tagged(0x30, &pair)))
}

/// A time until 2049, as certificates write it.
fn time(at: Moment) -> Vec<u8> {
    tagged(0x17, at.format("%y%m%d%H%M%SZ").to_string().as_bytes())
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tagged(0x01, &[0xff]) } else { Vec::new() };
    tagged(0x30, &[tagged(0x06, id), critical, tagged(0x04, value)].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    #[test]
    fn what_it_issues_is_trusted_by_those_who_trust_it_for_its_host_and_its_time() {
        let authority = Authority::new(7).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let at = |text: &str| -> Moment { text.parse().unwrap() };
        let span = (at("2026-11-01T00:00:00Z"), at("2027-01-30T00:00:00Z"));
        let long = format!("{}.acme.example", "panel".repeat(12));
        for host in ["panel.acme.example", &long] {
            let issued = authority.issue(host, span).unwrap();
            let good = |name: &str, moment: &str| {
                let seconds = u64::try_from(at(moment).timestamp()).unwrap();
                let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
                let name = ServerName::try_from(name.to_owned()).unwrap();
                verifier.verify_server_cert(&issued.cert[0], &[], &name, &[], time).is_ok()
            };
            assert!(good(host, "2026-11-20T00:00:00Z"));
            assert!(!good("api.acme.example", "2026-11-20T00:00:00Z"));
            assert!(!good(host, "2026-10-31T23:59:59Z") && !good(host, "2027-01-30T00:00:01Z"));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let span = ("2026-11-01T00:00:00Z".parse().unwrap(), "2027-01-30T00:00:00Z".parse().unwrap());
        let issue = |seed| Authority::new(seed).unwrap().issue("panel.acme.example", span).unwrap().cert;
        assert_eq!(issue(7), issue(7));
        assert_ne!(issue(7), issue(8));
    }
}
