//! The certificate a port presents: how long it lasts, by its chain too, for whom it is, and who trusts it.
//!
//! One that ended or that nobody trusts is a fact, and no failed source: the port was asked, and answered.

use crate::domain::assurance::Certificate;
use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::fleetfile::section::Section;
use crate::net::door::{Door, Pending, Presented};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::told;
use crate::text::clean::Clean;

/// A port that speaks TLS.
pub static KIND: Kind = Kind {
    name: "tls",
    about: "the certificate a port presents: days left, of its chain too, its names, and who trusts it",
    example: r#"{ kind = "tls", address = "panel.example.test:443" }"#,
    stands: Stands::Place,
    build,
};

/// The port that goes without saying.
const USUAL_PORT: u16 = 443;

struct Tls;

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Tls))
}

impl Source for Tls {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let presented = door.certificate().await?;
            Ok(Heard {
                facts: vec![Fact::here(What::Certificate(Box::new(certificate(&presented))))],
                gaps: Vec::new(),
            })
        })
    }
}

/// What is worth keeping of a certificate. Where one above it ends first, trust ends with that one.
fn certificate(presented: &Presented) -> Certificate {
    let name = match presented.port {
        USUAL_PORT => presented.host.clone(),
        port if presented.host.contains(':') => format!("[{}]:{port}", presented.host),
        port => format!("{}:{port}", presented.host),
    };
    let (ends, chain) = match &presented.above {
        Some(above) => (above.ends, format!("`{}` above it ends first", above.name)),
        None => (presented.ends, String::new()),
    };
    let parts = [chain.as_str(), presented.protocol.as_str()];
    let detail = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    Certificate {
        name: Clean::line_within(&name, 255),
        ends: Some(ends),
        renews: None,
        failures: 0,
        issuer: told(Some(&presented.issuer)),
        distrust: told(presented.distrust.as_deref()),
        detail: Clean::line(&detail),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::net::door::Above;

    fn presented(host: &str, port: u16, above: Option<&str>) -> Presented {
        Presented {
            host: host.to_owned(),
            port,
            begins: "2026-10-01T00:00:00Z".parse().unwrap(),
            ends: "2026-12-30T00:00:00Z".parse().unwrap(),
            issuer: String::new(),
            above: above.map(|ends| Above { name: "R3".to_owned(), ends: ends.parse().unwrap() }),
            distrust: None,
            protocol: "TLSv1.3".to_owned(),
        }
    }

    #[test]
    fn a_port_is_named_where_it_is_no_usual_one() {
        for (host, port, name) in
            [("a.test", 443, "a.test"), ("a.test", 8443, "a.test:8443"), ("2001:db8::1", 8443, "[2001:db8::1]:8443")]
        {
            assert_eq!(certificate(&presented(host, port, None)).name.as_str(), name);
        }
    }

    #[test]
    fn trust_ends_with_the_first_that_ends() {
        let alone = certificate(&presented("a.test", 443, None));
        assert_eq!(
            (alone.ends.unwrap().to_rfc3339(), alone.detail.as_str()),
            ("2026-12-30T00:00:00+00:00".to_owned(), "TLSv1.3")
        );
        let above = certificate(&presented("a.test", 443, Some("2026-12-01T00:00:00Z")));
        assert_eq!(above.ends.unwrap().to_rfc3339(), "2026-12-01T00:00:00+00:00");
        assert_eq!(above.detail.as_str(), "`R3` above it ends first · TLSv1.3");
    }
}
