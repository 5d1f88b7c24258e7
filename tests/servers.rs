//! The real servers other tests lean on: each starts, answers, shows what a test makes it show, and is gone when dropped.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod real;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;

use real::{Answer, Commit, PrometheusSetup, Request};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

fn is_gone(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err()
}

#[test]
fn prometheus_watches_itself_and_a_target_that_does_not_answer() {
    let Some(prometheus) = real::prometheus() else { return };
    assert!(prometheus.get("/api/v1/status/buildinfo").text().contains("\"version\""));
    prometheus.until("/api/v1/targets?state=active", |body| {
        body.contains("\"health\":\"up\"") && body.contains("\"health\":\"down\"")
    });
    let alerts = prometheus.until("/api/v1/alerts", |body| {
        ["Watchdog", "TargetDown", "\"firing\"", "\"pending\""].iter().all(|word| body.contains(word))
    });
    assert!(alerts.contains("gone does not answer"), "{alerts}");
    let port = prometheus.port();
    drop(prometheus);
    assert!(is_gone(port));
}

#[test]
fn prometheus_takes_other_rules_while_it_runs() {
    let Some(prometheus) = real::prometheus() else { return };
    prometheus.rules("groups: [ { name: other, rules: [ { alert: Other, expr: vector(1) } ] } ]");
    prometheus.until("/api/v1/alerts", |body| body.contains("Other") && !body.contains("Watchdog"));
}

#[test]
fn a_rule_fires_through_to_alertmanager_and_is_silenced() {
    let Some(alertmanager) = real::alertmanager() else { return };
    let setup = PrometheusSetup { alertmanager: Some(alertmanager.port()), ..PrometheusSetup::default() };
    let Some(_prometheus) = real::prometheus_with(&setup) else { return };
    alertmanager.until("/api/v2/alerts", |body| body.contains("TargetDown") && body.contains("generatorURL"));
    let id = alertmanager.silence("alertname", "TargetDown", "the cable is known");
    alertmanager.until("/api/v2/alerts?silenced=true", |body| body.contains(&format!("\"silencedBy\":[\"{id}\"]")));
    alertmanager.raise(r#"{"alertname":"Loose","severity":"critical"}"#);
    alertmanager.until("/api/v2/alerts", |body| body.contains("Loose"));
}

#[test]
fn a_changed_version_is_seen_from_exporter_to_prometheus() {
    let Some(exporter) = real::node_exporter() else { return };
    let setup = PrometheusSetup { targets: &[("shop", exporter.port())], ..PrometheusSetup::default() };
    let Some(prometheus) = real::prometheus_with(&setup) else { return };
    for version in ["1.2.3", "1.3.0"] {
        exporter.tell("shop", &format!("# TYPE shop_build_info gauge\nshop_build_info{{version=\"{version}\"}} 1\n"));
        prometheus.until("/api/v1/query?query=shop_build_info", |body| {
            body.contains(&format!("\"version\":\"{version}\"")) && body.matches("\"version\":").count() == 1
        });
    }
}

#[test]
fn a_server_comes_back_on_the_same_port_after_a_restart() {
    let Some(mut prometheus) = real::prometheus() else { return };
    let started = |body: &str| {
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        value["data"]["startTime"].as_str().unwrap().to_owned()
    };
    let (port, before) = (prometheus.port(), started(&prometheus.get("/api/v1/status/runtimeinfo").text()));
    prometheus.stop();
    assert!(is_gone(port));
    prometheus.restart();
    assert_eq!(prometheus.port(), port);
    assert_ne!(started(&prometheus.get("/api/v1/status/runtimeinfo").text()), before);
}

#[test]
fn blackbox_exporter_probes_what_it_is_told_to() {
    let Some(blackbox) = real::blackbox_exporter() else { return };
    let probe = |target: u16| blackbox.get(&format!("/probe?module=tcp&target=127.0.0.1:{target}")).text();
    assert!(probe(blackbox.port()).contains("probe_success 1"));
    assert!(probe(1).contains("probe_success 0"));
}

#[test]
fn victoria_metrics_answers_like_a_hub() {
    let Some(hub) = real::victoria_metrics() else { return };
    let fleet = "up{cluster=\"acme\"} 1\nup{cluster=\"globex\"} 0\n";
    assert_eq!(hub.post("/api/v1/import/prometheus", fleet).status, 204);
    let body = hub.until("/api/v1/query?query=up", |body| body.contains("acme") && body.contains("globex"));
    assert!(body.contains("\"status\":\"success\""), "{body}");
}

/// Speaks TLS with these roots and this client, and says what was agreed as the application's protocol.
fn over_tls(port: u16, root: &str, client: Option<(&str, &str)>, path: &str) -> Result<(Answer, String), String> {
    let mut stream = shake_hands(port, root, client, b"http/1.1");
    let answer = Request::get(path).speak(&mut stream).map_err(|e| e.to_string())?;
    let agreed = stream.conn.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    Ok((answer, agreed.unwrap_or_default()))
}

fn shake_hands(
    port: u16,
    root: &str,
    client: Option<(&str, &str)>,
    protocol: &[u8],
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(root.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match client {
        Some((chain, key)) => builder
            .with_client_auth_cert(
                CertificateDer::pem_slice_iter(chain.as_bytes()).map(Result::unwrap).collect(),
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port)).unwrap())
}

#[test]
fn nginx_wears_six_dresses() {
    let Some(nginx) = real::nginx() else { return };
    let ca = nginx.pki.read("ca.pem");
    let (answer, agreed) = over_tls(nginx.tls(), &ca, None, "/index.txt").unwrap();
    assert_eq!((answer.status, answer.text().as_str(), agreed.as_str()), (200, "welcome\n", "http/1.1"));
    let mut second = shake_hands(nginx.tls(), &ca, None, b"h2");
    second.flush().unwrap();
    assert_eq!(
        second.conn.complete_io(&mut second.sock).map(|_| second.conn.alpn_protocol()).unwrap(),
        Some(&b"h2"[..])
    );

    let without = over_tls(nginx.wants_client(), &ca, None, "/echo").unwrap().0;
    assert_eq!(without.status, 400);
    let (chain, key) = (nginx.pki.read("anna.pem"), nginx.pki.read("anna.key"));
    let with = over_tls(nginx.wants_client(), &ca, Some((&chain, &key)), "/echo").unwrap().0;
    assert!(with.text().contains("\"client\":\"CN=anna\""), "{}", with.text());

    for (port, why) in
        [(nginx.expired(), "expired"), (nginx.misnamed(), "not valid for name"), (nginx.stranger(), "UnknownIssuer")]
    {
        let refused = over_tls(port, &ca, None, "/echo").unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn nginx_guards_redirects_and_refuses() {
    let Some(nginx) = real::nginx() else { return };
    let ask = |path: &str, headers: &[(&str, &str)]| {
        Request { method: "GET", path, headers, body: b"" }.send(nginx.port()).unwrap()
    };
    assert_eq!(ask("/behind-basic/index.txt", &[]).status, 401);
    // `anna:secret` in base64.
    assert_eq!(ask("/behind-basic/index.txt", &[("authorization", "Basic YW5uYTpzZWNyZXQ=")]).status, 200);
    assert_eq!(ask("/behind-bearer/index.txt", &[]).status, 401);
    assert_eq!(ask("/behind-bearer/index.txt", &[("authorization", "Bearer token-1")]).status, 200);
    assert!(ask("/elsewhere", &[]).header("location").unwrap().starts_with("http://localhost:"));
    assert_eq!((ask("/busy", &[]).status, ask("/busy", &[]).header("retry-after")), (429, Some("1")));
    assert_eq!((ask("/broken", &[]).status, ask("/gone", &[]).status), (503, 404));
    nginx.serve("big.json", &format!("[{}0]", "1,".repeat(1_000)));
    let small = ask("/big.json", &[("accept-encoding", "gzip")]);
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    assert!(nginx.asked().contains(&"GET /big.json 200".to_owned()), "{:?}", nginx.asked());
}

#[test]
fn traefik_knows_its_routes() {
    let Some(traefik) = real::traefik() else { return };
    let routers = traefik.until("/api/http/routers", |body| body.contains("shop@file"));
    assert!(routers.contains("lost@file"), "{routers}");
    assert!(traefik.get("/api/version").text().contains("\"Version\""));
    traefik.until("/api/http/services/gone@file", |body| body.contains("\"DOWN\""));
    let routed = Request::get("/ping").send(traefik.web()).unwrap();
    assert_eq!((routed.status, routed.text().as_str()), (200, "OK"));
    assert_eq!(Request::get("/nowhere").send(traefik.web()).unwrap().status, 404);
    assert!(traefik.get("/metrics").text().contains("traefik_config_reloads_total"));
}

#[test]
fn registry_holds_what_was_pushed() {
    let Some(registry) = real::registry() else { return };
    let digest = registry.push("platform/shop", "2026.41.0", b"a layer");
    let request = Request {
        method: "HEAD",
        path: "/v2/platform/shop/manifests/2026.41.0",
        headers: &[("accept", "application/vnd.oci.image.manifest.v1+json")],
        body: b"",
    };
    let answer = request.send(registry.port()).unwrap();
    assert_eq!((answer.status, answer.header("docker-content-digest")), (200, Some(digest.as_str())));
    assert!(registry.get("/v2/platform/shop/tags/list").text().contains("2026.41.0"));
}

#[test]
fn openvpn_lists_the_clients_that_are_there() {
    let Some(mut vpn) = real::openvpn() else { return };
    assert!(vpn.status().contains("HEADER\tCLIENT_LIST"), "{}", vpn.status());
    vpn.connect("laptop-anna");
    assert!(vpn.status().contains("CLIENT_LIST\tlaptop-anna\t127.0.0.1:"), "{}", vpn.status());
    vpn.leave();
    real::until("the client to be gone", || !vpn.status().contains("CLIENT_LIST\tlaptop-anna"));
}

#[test]
fn sshd_lets_the_key_in_and_forwards() {
    let Some(sshd) = real::sshd() else { return };
    let said = sshd.ssh(&[]).arg("echo through").stdin(Stdio::null()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "through\n", "{}", String::from_utf8_lossy(&said.stderr));
    let stranger = sshd.ssh(&["-o", "IdentityAgent=none"]).env("HOME", "/nonexistent").arg("true").status().unwrap();
    assert!(stranger.success(), "the key alone opens");
    // `-W` joins standard input and output to a port on the other side: the way of a forward.
    let mut tunnel = sshd
        .ssh(&["-W", &format!("127.0.0.1:{}", sshd.port())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut greeting = [0; 8];
    tunnel.stdout.as_mut().unwrap().read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"SSH-2.0-");
    tunnel.stdin.as_mut().unwrap().write_all(b"bye\r\n").unwrap();
    let _ = tunnel.kill();
    let _ = tunnel.wait();
}

#[test]
fn socks_leads_through_ssh() {
    let Some(sshd) = real::sshd() else { return };
    let Some(nginx) = real::nginx() else { return };
    let socks = sshd.socks();
    let mut stream = real::connect(socks.port()).unwrap();
    // RFC 1928: version 5, one method: none; then CONNECT by name, which the far side resolves.
    stream.write_all(&[5, 1, 0]).unwrap();
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).unwrap();
    assert_eq!(chosen, [5, 0]);
    let mut ask = vec![5, 1, 0, 3, 9];
    ask.extend_from_slice(b"localhost");
    ask.extend_from_slice(&nginx.port().to_be_bytes());
    stream.write_all(&ask).unwrap();
    let mut reply = [0; 10];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(reply[..2], [5, 0]);
    let answer = Request::get("/index.txt").speak(stream).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "welcome\n"));
}

#[test]
fn an_http_proxy_carries_those_it_knows() {
    let Some(proxy) = real::http_proxy() else { return };
    let Some(nginx) = real::nginx() else { return };
    let path = format!("http://127.0.0.1:{}/index.txt", nginx.port());
    assert_eq!(Request::get(&path).send(proxy.port()).unwrap().status, 407);
    // `anna:secret` in base64.
    let headers: &[(&str, &str)] = &[("proxy-authorization", "Basic YW5uYTpzZWNyZXQ=")];
    let answer = Request { headers, ..Request::get(&path) }.send(proxy.port()).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "welcome\n"));
}

#[test]
fn dhall_is_read_where_its_reader_is() {
    let Some(reader) = real::dhall_to_json() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fleet.dhall");
    std::fs::write(&file, "let plan = \"saas\" in { plan, days = 30 }").unwrap();
    let said = Command::new(reader).arg("--compact").arg("--file").arg(file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), r#"{"days":30,"plan":"saas"}"#);
}

#[test]
fn git_is_cloned_over_http_with_and_without_a_password() {
    let Some(host) = real::git_host() else { return };
    let first = Commit {
        author: "Anna Berg <anna@example.test>",
        at: "2026-11-01T10:00:00Z",
        message: "let 2026.40.0 pass",
        files: &[("staging/2026.40.0", Some("passed"))],
    };
    let id = host.commit("gates", &first);
    let second = Commit { at: "2026-11-02T10:00:00Z", files: &[("staging/2026.40.0", None)], ..first };
    assert_ne!(host.commit("gates", &second), id);
    let folder = tempfile::tempdir().unwrap();
    let clone = |url: &str, into: &str| {
        let mut git = Command::new("git");
        git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(folder.path());
        git.args(["clone", "-q", "--bare", "--filter=blob:none", url, into]).output().unwrap()
    };
    assert!(clone(&host.url("gates"), "open").status.success());
    let log = Command::new("git").args(["log", "--format=%H %an"]).current_dir(folder.path().join("open")).output();
    assert!(String::from_utf8_lossy(&log.unwrap().stdout).contains(&format!("{id} Anna Berg")));
    assert!(!clone(&host.closed_url("gates"), "refused").status.success());
    let with_password = host.closed_url("gates").replace("//", "//anna:secret@");
    assert!(clone(&with_password, "closed").status.success());
}
