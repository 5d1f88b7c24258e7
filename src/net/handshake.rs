//! A bare TLS handshake, to read a certificate whether it is trusted or not.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::door::Presented;
use super::route::{self, Target};
use super::tls::{self, Papers};
use super::trouble;
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// Shakes hands and tells about the certificate.
///
/// # Errors
/// Where there is no connection, no TLS, or no certificate that can be read.
pub async fn read(target: &Target, proxy: Option<&Clean>, papers: &Papers, now: Moment) -> Result<Presented, Fault> {
    let (config, checking) = tls::configure_open(papers).map_err(|why| Fault::Untrusted { why: Clean::line(&why) })?;
    let host = papers.server_name.as_deref().unwrap_or(&target.host);
    let name = route::name(host)?;
    let line = route::connect(target, proxy).await?;
    let stream =
        TlsConnector::from(Arc::new(config)).connect(name.clone(), line).await.map_err(|e| trouble::of_io(&e))?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    let garbled = |why: &str| Fault::Garbled { expected: "a certificate", why: Clean::line(why) };
    let first = chain.first().ok_or_else(|| garbled("a handshake without one"))?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|_| garbled("one that cannot be read"))?;
    let moment = |seconds| Moment::from_timestamp(seconds, 0).ok_or_else(|| garbled("one with dates that cannot be"));
    let since = Duration::from_secs(u64::try_from(now.timestamp()).unwrap_or(0));
    Ok(Presented {
        host: host.to_owned(),
        begins: moment(certificate.validity().not_before.timestamp())?,
        ends: moment(certificate.validity().not_after.timestamp())?,
        issuer: Clean::line_within(&tls::common_name(certificate.issuer()), 120).as_str().to_owned(),
        distrust: checking
            .distrust(chain, &name, UnixTime::since_unix_epoch(since))
            .map(|why| Clean::line_within(&why, 300).as_str().to_owned()),
        protocol: session.protocol_version().and_then(|version| version.as_str()).map_or_else(String::new, spoken),
    })
}

/// `TLSv1_3` as people write it.
fn spoken(name: &str) -> String {
    name.replace('_', ".")
}
