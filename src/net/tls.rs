//! Whom we trust: the system's authorities, a private one beside them, or nobody checked at all.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::secrets::Hidden;
use crate::domain::clock::Moment;

/// What a certificate is distrusted for, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust(pub String);

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Distrust {}

/// What a configuration is made from: everything read, nothing to be fetched.
#[derive(Clone, Debug, Default)]
pub struct Papers {
    /// A private authority; PEM.
    pub ca: Option<Vec<u8>>,
    /// Our certificate and its key; PEM.
    pub identity: Option<(Vec<u8>, Hidden)>,
    /// Whether nothing is checked.
    pub insecure: bool,
    /// The name the certificate must carry.
    pub server_name: Option<String>,
}

/// The one provider of the program, put in place before the first client is built.
pub fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| {
        let ring = rustls::crypto::ring::default_provider();
        // Only the first one can be installed; a second is the same.
        let _ = ring.clone().install_default();
        Arc::new(ring)
    }))
}

/// The system's authorities, read once and shared by all. A machine may have none.
fn system() -> Option<Arc<WebPkiServerVerifier>> {
    static SYSTEM: OnceLock<Option<Arc<WebPkiServerVerifier>>> = OnceLock::new();
    SYSTEM
        .get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            checking(roots).ok()
        })
        .clone()
}

fn checking(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().map_err(|e| e.to_string())
}

/// The configuration of a client.
///
/// # Errors
/// What is wrong with the papers, in words.
pub fn configure(papers: &Papers, protocols: &[&str]) -> Result<ClientConfig, String> {
    let (verifier, _) = verifier(papers)?;
    finish(papers, verifier, protocols)
}

/// A configuration that shakes hands with anyone, and the check that would have decided.
///
/// # Errors
/// What is wrong with the papers, in words.
pub fn configure_open(papers: &Papers) -> Result<(ClientConfig, Arc<Checking>), String> {
    let (_, checking) = verifier(&Papers { insecure: false, ..papers.clone() })?;
    Ok((finish(papers, Arc::new(Unchecked), &[])?, checking))
}

fn verifier(papers: &Papers) -> Result<(Arc<dyn ServerCertVerifier>, Arc<Checking>), String> {
    let private = match &papers.ca {
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(pem, "the authority")? {
                roots.add(certificate).map_err(|e| format!("the authority in `ca` is not usable: {e}"))?;
            }
            Some(checking(roots)?)
        }
        None => None,
    };
    let name = match &papers.server_name {
        Some(name) => {
            Some(ServerName::try_from(name.clone()).map_err(|_| format!("`{name}` is no name for a server"))?)
        }
        None => None,
    };
    let checking = Arc::new(Checking { private, system: system(), name });
    let verifier: Arc<dyn ServerCertVerifier> =
        if papers.insecure { Arc::new(Unchecked) } else { Arc::<Checking>::clone(&checking) };
    Ok((verifier, checking))
}

fn finish(papers: &Papers, verifier: Arc<dyn ServerCertVerifier>, protocols: &[&str]) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &papers.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate, "our own certificate")?;
            let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes())
                .map_err(|_| "our own key is no key in PEM form".to_owned())?;
            builder.with_client_auth_cert(chain, key).map_err(|e| format!("our own certificate is not usable: {e}"))?
        }
    };
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}

fn certificates(pem: &[u8], whose: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(format!("{whose} holds no certificate in PEM form")),
        Ok(found) => Ok(found),
        Err(_) => Err(format!("{whose} is damaged PEM")),
    }
}

/// When a certificate ends.
#[must_use]
pub fn ends(der: &[u8]) -> Option<Moment> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Moment::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}

/// Checks a server's certificate: the private authority first, the system's after it.
#[derive(Debug)]
pub struct Checking {
    private: Option<Arc<WebPkiServerVerifier>>,
    system: Option<Arc<WebPkiServerVerifier>>,
    name: Option<ServerName<'static>>,
}

impl Checking {
    /// Why a chain is not trusted; none where it is.
    #[must_use]
    pub fn distrust(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>, now: UnixTime) -> Option<String> {
        let (first, rest) = chain.split_first()?;
        self.check(first, rest, name, now).err()
    }

    fn check(
        &self,
        first: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), String> {
        let name = self.name.as_ref().unwrap_or(name);
        let mut why = None;
        for verifier in [&self.private, &self.system].into_iter().flatten() {
            match verifier.verify_server_cert(first, rest, name, &[], now) {
                Ok(_) => return Ok(()),
                // An authority that knows the certificate has the better objection.
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) if why.is_some() => {}
                Err(error) => match why {
                    None | Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => why = Some(error),
                    Some(_) => {}
                },
            }
        }
        Err(match why {
            Some(error) => objection(&error, first),
            None => "this machine has no authorities to check against: set `ca`".to_owned(),
        })
    }
}

impl ServerCertVerifier for Checking {
    fn verify_server_cert(
        &self,
        first: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.check(first, rest, name, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(why) => Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Distrust(why)))))),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Takes any certificate. Only for endpoints that say so, and for reading certificates.
#[derive(Debug)]
struct Unchecked;

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// What the check objects to, with the dates and names that help.
fn objection(error: &Error, der: &CertificateDer<'_>) -> String {
    let parsed = X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate);
    let day = |seconds: i64| {
        Moment::from_timestamp(seconds, 0).map_or_else(String::new, |at| format!(" {}", at.format("%Y-%m-%d")))
    };
    let Error::InvalidCertificate(error) = error else { return error.to_string() };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let on = parsed.map_or_else(String::new, |c| day(c.validity().not_after.timestamp()));
            format!("the certificate expired{}", if on.is_empty() { on } else { format!(" on{on}") })
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let on = parsed.map_or_else(String::new, |c| day(c.validity().not_before.timestamp()));
            format!("the certificate is not valid before{on}: is this machine's clock right?")
        }
        CertificateError::UnknownIssuer => match parsed {
            Some(c) if c.issuer() == c.subject() => "the certificate is self-signed".to_owned(),
            Some(c) => format!("signed by an unknown authority, `{}`", common_name(c.issuer())),
            None => "signed by an unknown authority".to_owned(),
        },
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => match parsed {
            Some(c) => format!("the certificate is for {}", names(&c)),
            None => "the certificate is for another name".to_owned(),
        },
        CertificateError::Revoked => "the certificate is revoked".to_owned(),
        CertificateError::BadSignature => "the certificate's signature is wrong".to_owned(),
        CertificateError::BadEncoding => "the certificate is damaged".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the certificate is not made for servers".to_owned()
        }
        other => format!("the certificate is not acceptable: {other}"),
    }
}

/// The name people know an authority by.
pub fn common_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let common = name.iter_common_name().chain(name.iter_organization()).find_map(|part| part.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

/// The names a certificate is for, in words.
pub fn is_for(der: &CertificateDer<'_>) -> String {
    X509Certificate::from_der(der).map_or_else(|_| "another name".to_owned(), |(_, certificate)| names(&certificate))
}

/// A few of the names a certificate is for.
fn names(certificate: &X509Certificate<'_>) -> String {
    use x509_parser::extensions::GeneralName;
    let listed = certificate.subject_alternative_name().ok().flatten();
    let names: Vec<String> = listed
        .iter()
        .flat_map(|extension| extension.value.general_names.iter())
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(format!("`{name}`")),
            GeneralName::IPAddress(bytes) => address(bytes).map(|ip| format!("`{ip}`")),
            _ => None,
        })
        .collect();
    match names.as_slice() {
        [] => format!("`{}`, which is named in no way that counts today", common_name(certificate.subject())),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} and {} more", many.iter().take(3).cloned().collect::<Vec<_>>().join(", "), many.len() - 3),
    }
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(Into::into),
        _ => <[u8; 16]>::try_from(bytes).ok().map(Into::into),
    }
}
