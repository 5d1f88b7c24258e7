//! Whom we trust over TLS, and what we say of those we do not. Against a real nginx.

use std::time::Duration;

use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Address, Endpoint, Identity, Material, Trust};
use quarterdeck::fleetfile::secret::Secret;
use quarterdeck::net::door::{Ask, Door};
use quarterdeck::text::clean::Clean;

use crate::ground::{endpoint, roads};
use crate::real::{self, Nginx};

fn at(port: u16, trust: &Trust) -> Endpoint {
    Endpoint { trust: trust.clone(), ..endpoint(&format!("https://127.0.0.1:{port}")) }
}

fn private(nginx: &Nginx) -> Trust {
    Trust { ca: Some(Material::File(nginx.pki.path("ca.pem"))), ..Trust::default() }
}

async fn says(endpoint: &Endpoint) -> String {
    match roads().1.door(endpoint).ask(Ask::get("index.txt")).await {
        Ok(reply) => String::from_utf8(reply.body).unwrap(),
        Err(fault) => fault.to_string(),
    }
}

#[tokio::test]
async fn each_certificate_is_trusted_or_refused_with_its_reason() {
    let Some(nginx) = real::nginx() else { return };
    let (ours, nobody) = (private(&nginx), Trust::default());
    let insecure = Trust { insecure: true, ..Trust::default() };
    let renamed = Trust { server_name: Some(Clean::line("elsewhere.example.test")), ..ours.clone() };
    let given = Trust { ca: Some(Material::Pem(nginx.pki.read("ca.pem"))), ..Trust::default() };
    let odd = Trust { ca: Some(Material::Pem("no certificate".to_owned())), ..Trust::default() };
    for (port, trust, expected) in [
        (nginx.tls(), &ours, "welcome\n"),
        (nginx.tls(), &given, "welcome\n"),
        (nginx.tls(), &nobody, "not trusted: signed by an unknown authority, `quarterdeck-tests`"),
        (nginx.tls(), &insecure, "welcome\n"),
        (nginx.tls(), &odd, "not trusted: the authority holds no certificate in PEM form"),
        (nginx.expired(), &ours, "not trusted: the certificate expired on 2020-02-01"),
        (nginx.expired(), &insecure, "welcome\n"),
        (nginx.misnamed(), &ours, "not trusted: the certificate is for `elsewhere.example.test`"),
        (nginx.misnamed(), &renamed, "welcome\n"),
        (nginx.tls(), &renamed, "not trusted: the certificate is for `127.0.0.1`, `localhost`"),
        (nginx.stranger(), &ours, "not trusted: the certificate is self-signed"),
        (nginx.port(), &ours, "not trusted: the server does not speak TLS here: is it `http://`?"),
    ] {
        assert_eq!(says(&at(port, trust)).await, expected, "{trust:?}");
    }
}

#[tokio::test]
async fn a_client_certificate_opens_what_wants_one() {
    let Some(nginx) = real::nginx() else { return };
    let (certificate, key) = (nginx.pki.path("anna.pem"), nginx.pki.path("anna.key"));
    private_mode(&key);
    let identity = Identity { certificate: Material::File(certificate), key: Secret::File(key) };
    let known = Trust { identity: Some(identity), ..private(&nginx) };
    assert_eq!(says(&at(nginx.wants_client(), &known)).await, "welcome\n");
    let unknown = says(&at(nginx.wants_client(), &private(&nginx))).await;
    assert!(unknown.starts_with("answered 400") && unknown.contains("No required SSL certificate"), "{unknown}");
}

#[tokio::test]
async fn a_renewed_authority_is_taken_up_without_a_restart() {
    let Some(nginx) = real::nginx() else { return };
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, nginx.pki.read("stranger.pem")).unwrap();
    let trust = Trust { ca: Some(Material::File(ca.clone())), ..Trust::default() };
    let (_, roads) = roads();
    let door = roads.door(&at(nginx.tls(), &trust));
    assert!(matches!(door.ask(Ask::get("index.txt")).await.unwrap_err(), Fault::Untrusted { .. }));
    std::fs::write(&ca, [nginx.pki.read("stranger.pem"), nginx.pki.read("ca.pem")].concat()).unwrap();
    assert!(door.ask(Ask::get("index.txt")).await.is_ok());
    assert_eq!(roads.clients(), 1, "the older client is gone");
}

#[tokio::test]
async fn the_end_of_the_certificate_is_told_with_the_answer() {
    let Some(nginx) = real::nginx() else { return };
    let (_, roads) = roads();
    let door = roads.door(&at(nginx.tls(), &private(&nginx)));
    assert_eq!(door.certificate_ends(), None);
    let reply = door.ask(Ask::get("index.txt")).await.unwrap();
    assert!(reply.certificate_ends.is_some());
    assert_eq!(door.certificate_ends(), reply.certificate_ends);
    let presented = door.certificate().await.unwrap();
    assert_eq!(Some(presented.ends), reply.certificate_ends);
}

#[tokio::test]
async fn a_certificate_is_read_whether_trusted_or_not() {
    let Some(nginx) = real::nginx() else { return };
    for (port, trust, distrust) in [
        (nginx.tls(), private(&nginx), None),
        (nginx.tls(), Trust::default(), Some("signed by an unknown authority, `quarterdeck-tests`")),
        (nginx.expired(), private(&nginx), Some("the certificate expired on 2020-02-01")),
        (nginx.misnamed(), private(&nginx), Some("the certificate is for `elsewhere.example.test`")),
        (nginx.stranger(), private(&nginx), Some("the certificate is self-signed")),
    ] {
        let mut socket = at(port, &trust);
        socket.address = Address::Socket(Clean::line(&format!("127.0.0.1:{port}")));
        // The set clock stands at the time all tests of the domain stand at, so a new certificate may begin later.
        let presented = roads_of_today().door(&socket).certificate().await.unwrap();
        assert_eq!(presented.distrust.as_deref(), distrust);
        assert!(["TLSv1.2", "TLSv1.3"].contains(&presented.protocol.as_str()), "{}", presented.protocol);
        let issuer = if port == nginx.stranger() { "stranger" } else { "quarterdeck-tests" };
        assert_eq!(presented.issuer, issuer);
    }
    let mut plain = at(nginx.port(), &Trust::default());
    plain.timeout = Duration::from_secs(30);
    plain.address = Address::Socket(Clean::line(&format!("127.0.0.1:{}", nginx.port())));
    assert!(matches!(roads().1.door(&plain).certificate().await.unwrap_err(), Fault::Untrusted { .. }));
}

/// Certificates are checked against the machine's time, as the ones made for a test are made at it.
fn roads_of_today() -> std::sync::Arc<quarterdeck::net::roads::Roads> {
    let clock = std::sync::Arc::new(quarterdeck::runtime::clock::MachineClock);
    quarterdeck::net::roads::Roads::new(clock, std::env::temp_dir())
}

fn private_mode(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
