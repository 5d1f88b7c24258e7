//! A bare TLS handshake, to read a certificate whether it is trusted or not.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::door::{Above, Presented};
use super::route::{self, Target};
use super::tls::{self, Checking, Papers};
use super::trouble;
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// How many certificates of a chain are looked at; honest ones have four at most.
const CHAIN: usize = 10;

/// Shakes hands and tells about the certificate.
///
/// # Errors
/// Where there is no connection, no TLS, or no certificate that can be read.
pub async fn read(target: &Target, proxy: Option<&Clean>, papers: &Papers, now: Moment) -> Result<Presented, Fault> {
    let (config, checking) = tls::configure_open(papers).map_err(|why| Fault::Untrusted { why: Clean::line(&why) })?;
    let host = papers.server_name.as_ref().unwrap_or(&target.host).clone();
    let name = route::name(&host)?;
    let line = route::connect(target, proxy).await?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, line).await.map_err(|e| trouble::of_io(&e))?;
    let (_, session) = stream.get_ref();
    let protocol = session.protocol_version().and_then(|version| version.as_str()).map_or_else(String::new, spoken);
    let asked = Target { host, port: target.port };
    let presented = understand(session.peer_certificates().unwrap_or_default(), &asked, &checking, now)?;
    Ok(Presented { protocol, ..presented })
}

/// What a chain of certificates says, the server's own first, and whether it is trusted.
///
/// # Errors
/// Where there is none, or none that can be read.
pub fn understand(
    chain: &[CertificateDer<'_>],
    asked: &Target,
    checking: &Checking,
    now: Moment,
) -> Result<Presented, Fault> {
    let name = route::name(&asked.host)?;
    let first = chain.first().ok_or_else(|| garbled("a handshake without one"))?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|_| garbled("one that cannot be read"))?;
    let ends = moment(certificate.validity().not_after.timestamp())?;
    let distrust = checking.distrust(chain, &name, time(now));
    let above = if distrust.is_none() { above(chain, &name, checking, ends) } else { None };
    Ok(Presented {
        host: asked.host.clone(),
        port: asked.port,
        begins: moment(certificate.validity().not_before.timestamp())?,
        ends,
        issuer: short(&tls::common_name(certificate.issuer())),
        above,
        distrust: distrust.map(|why| Clean::line_within(&with_name(&why, first, &name), 300).as_str().to_owned()),
        protocol: String::new(),
    })
}

/// The reason for distrust, and that the name is another one too where it hides that.
fn with_name(why: &str, first: &CertificateDer<'_>, name: &ServerName<'_>) -> String {
    let is_for = tls::is_for(first);
    let named = ParsedCertificate::try_from(first).is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok());
    if named || why.contains(&is_for) { why.to_owned() } else { format!("{why}, and it is for {is_for}") }
}

/// One above that ends first, where trust ends with it: a spare one that ends, as authorities send them along for old
/// clients, is no matter.
fn above(chain: &[CertificateDer<'_>], name: &ServerName<'_>, checking: &Checking, ends: Moment) -> Option<Above> {
    let mut above: Vec<Above> = chain
        .iter()
        .take(CHAIN)
        .skip(1)
        .filter_map(|der| {
            let (_, certificate) = X509Certificate::from_der(der).ok()?;
            let ends = moment(certificate.validity().not_after.timestamp()).ok()?;
            Some(Above { name: short(&tls::common_name(certificate.subject())), ends })
        })
        .filter(|above| above.ends < ends)
        .collect();
    above.sort_by_key(|above| above.ends);
    above.into_iter().find(|above| {
        let after = above.ends.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(above.ends);
        checking.distrust(chain, name, time(after)).is_some()
    })
}

fn garbled(why: &str) -> Fault {
    Fault::Garbled { expected: "a certificate", why: Clean::line(why) }
}

fn moment(seconds: i64) -> Result<Moment, Fault> {
    Moment::from_timestamp(seconds, 0).ok_or_else(|| garbled("one with dates that cannot be"))
}

fn time(at: Moment) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.timestamp()).unwrap_or(0)))
}

fn short(text: &str) -> String {
    Clean::line_within(text, 120).as_str().to_owned()
}

/// `TLSv1_3` as people write it.
fn spoken(name: &str) -> String {
    name.replace('_', ".")
}
