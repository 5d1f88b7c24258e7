use std::net::SocketAddr;

use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::*;
use crate::demo::clock::Simulated;
use crate::demo::scenario::Scenario;
use crate::demo::world::{Setup, World};
use crate::demo::writes::Write;

struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

struct Served {
    stage: Arc<Stage>,
    tls: SocketAddr,
    ca: String,
    folder: tempfile::TempDir,
}

/// The ports of a world whose time stands still.
async fn served() -> Served {
    let at: Moment = "2026-11-20T22:40:00Z".parse().unwrap();
    let setup = Setup { seed: 7, scenario: Scenario::Everyday, installations: 20, anchor: at };
    let stage = Arc::new(Stage::new(World::new(setup), Simulated::new(Arc::new(Still(at)), at, 1.0)));
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = listener.local_addr().unwrap();
    let ports = Ports::open(stage.clone(), folder.path(), vec![listener]).unwrap();
    let ca = ports.authority();
    tokio::spawn(ports.serve());
    Served { stage, tls, ca, folder }
}

impl Served {
    /// The day a host's certificate ends, to whoever trusts the authority and does not mind the day.
    async fn ends(&self, host: &str) -> io::Result<String> {
        let root = rustls::pki_types::CertificateDer::from_pem_slice(self.ca.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(root).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(Then))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let socket = TcpStream::connect(self.tls).await?;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        let chain = stream.get_ref().1.peer_certificates().unwrap();
        let (_, certificate) = X509Certificate::from_der(&chain[0]).unwrap();
        Ok(Moment::from_timestamp(certificate.validity().not_after.timestamp(), 0).unwrap().date_naive().to_string())
    }

    fn lay(&self, path: &str, fault: Option<Fault>) {
        self.stage.write(Write::Fault { path: path.to_owned(), fault }, self.stage.clock.now());
    }

    async fn vpn(&self) -> BufReader<UnixStream> {
        BufReader::new(UnixStream::connect(self.folder.path().join("initech.vpn")).await.unwrap())
    }
}

/// The day a client believes it is: a week before the world's, so that what just ended is looked at all the same.
#[derive(Debug)]
struct Then;

impl rustls::time_provider::TimeProvider for Then {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let then: Moment = "2026-11-13T22:40:00Z".parse().unwrap();
        let seconds = u64::try_from(then.timestamp()).unwrap();
        Some(rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

#[tokio::test]
async fn a_host_shows_its_certificate_to_whoever_asks_for_it_by_name() {
    let served = served().await;
    assert_eq!(served.ends("vpn.hooli.example").await.unwrap(), "2026-11-17");
    assert_eq!(served.ends("vpn.aperture.example").await.unwrap(), "2026-11-25");
    let before = served.ends("panel.acme.example").await.unwrap();
    served.lay("acme/production", Some(Fault::Expired));
    assert_eq!(served.ends("panel.acme.example").await.unwrap(), "2026-11-18");
    for fault in [Fault::Reset, Fault::Garbage, Fault::Broken] {
        served.lay("acme/production", Some(fault));
        assert!(served.ends("panel.acme.example").await.is_err(), "{fault:?}");
    }
    served.lay("acme/production", None);
    assert_eq!(served.ends("panel.acme.example").await.unwrap(), before);
    assert!(served.ends("panel.nobody.example").await.is_err());
}

/// Says a line and hears all until the words that end the answer.
async fn asked(talk: &mut BufReader<UnixStream>, line: &str, end: &str) -> String {
    talk.get_mut().write_all(format!("{line}\n").as_bytes()).await.unwrap();
    let mut told = String::new();
    while !told.ends_with(end) {
        let mut byte = [0];
        if talk.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        told.push(char::from(byte[0]));
    }
    told
}

#[tokio::test]
async fn an_openvpn_serves_one_after_the_other() {
    let served = served().await;
    let mut first = served.vpn().await;
    let welcome = asked(&mut first, openvpn::PASSWORD, "for more info\r\n").await;
    assert!(welcome.starts_with(openvpn::PROMPT) && welcome.contains("SUCCESS"), "{welcome}");
    let mut second = served.vpn().await;
    let mut byte = [0];
    let silence = tokio::time::timeout(Duration::from_millis(150), second.read(&mut byte)).await;
    assert!(silence.is_err(), "the second waits");
    assert!(asked(&mut first, "state", "END\r\n").await.contains(",CONNECTED,SUCCESS,"));
    assert_eq!(asked(&mut first, "quit", "\n").await, "");
    let welcome = asked(&mut second, openvpn::PASSWORD, "for more info\r\n").await;
    assert!(welcome.contains("SUCCESS"), "{welcome}");
}

#[tokio::test]
async fn a_fault_on_an_openvpn_is_suffered_until_it_is_lifted() {
    let served = served().await;
    served.lay("initech/production", Some(Fault::Garbage));
    let mut talk = served.vpn().await;
    let mut told = Vec::new();
    talk.read_to_end(&mut told).await.unwrap();
    assert!(!told.starts_with(openvpn::PROMPT.as_bytes()) && !told.is_empty());
    served.lay("initech/production", Some(Fault::Hang));
    let mut hangs = served.vpn().await;
    assert!(tokio::time::timeout(Duration::from_millis(300), hangs.read(&mut [0])).await.is_err());
    served.lay("initech/production", None);
    assert_eq!(hangs.read(&mut [0]).await.unwrap(), 0);
    assert!(asked(&mut served.vpn().await, openvpn::PASSWORD, "for more info\r\n").await.contains("SUCCESS"));
}
