//! Ways in, from the fleet file on: proxies, tokens that are bought, plugins, HTTP/2; and what is on the other end.

use super::*;

fn shop(url: &str, more: &str) -> Asking {
    let version = "version = { product = \"shop\", json = \"/version\" }";
    Asking::source(&format!("{{ kind = \"http\", url = \"{url}\", {version}{more} }}"))
}

/// A secret in a file nobody else may read.
fn secret(folder: &std::path::Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    private(&path);
    format!("{{ file = \"{}\" }}", path.display())
}

#[test]
fn a_token_is_bought_with_client_credentials_and_opens_the_door() {
    let Some(nginx) = real::nginx() else { return };
    nginx.serve("version", "{\"version\":\"1.2.3\"}");
    let url = format!("{}/behind-bearer/version", plain(&nginx));
    let oauth = |word: &str| {
        let secret = secret(nginx.folder(), word, word);
        let token_url = format!("{}/token", plain(&nginx));
        format!(", oauth = {{ token_url = \"{token_url}\", client_id = \"anna\", client_secret = {secret} }}")
    };
    assert_eq!(version(&shop(&url, &oauth("secret")).hear(), "shop"), ["1.2.3"]);
    let fault = shop(&url, &oauth("another")).fault();
    assert!(matches!(fault, Fault::Unauthorised { .. }), "{fault}");
    assert!(!fault.hint().is_empty());
    assert!(matches!(shop(&url, "").fault(), Fault::Unauthorised { credential: None }));
}

#[test]
fn a_kubeconfigs_plugin_lets_us_into_the_cluster_it_names() {
    let Some(nginx) = real::nginx() else { return };
    nginx.serve("version", r#"{"major":"1","minor":"34","gitVersion":"v1.34.1"}"#);
    let (plugin, config) = (nginx.folder().join("plugin"), nginx.folder().join("kubeconfig"));
    let said =
        r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-1"}}"#;
    std::fs::write(&plugin, format!("#!/bin/sh\necho '{said}'\n")).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&plugin, std::fs::Permissions::from_mode(0o700)).unwrap();
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: acme\n\
         contexts: [ {{ name: acme, context: {{ cluster: acme, user: ops }} }} ]\n\
         clusters: [ {{ name: acme, cluster: {{ server: 'https://127.0.0.1:{}/behind-bearer', certificate-authority: '{}' }} }} ]\n\
         users: [ {{ name: ops, user: {{ exec: {{ apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never }} }} }} ]\n",
        nginx.tls(),
        nginx.pki.path("ca.pem").display(),
        plugin.display()
    );
    std::fs::write(&config, text).unwrap();
    private(&config);
    let mut asking = Asking::source(&format!("{{ kind = \"kubernetes\", kubeconfig = \"{}\" }}", config.display()));
    assert_eq!(version(&asking.hear(), "kubernetes"), ["v1.34.1"]);
    std::fs::write(&plugin, "#!/bin/sh\necho 'please log in' >&2\nexit 1\n").unwrap();
    let fault = Asking::source(&format!("{{ kind = \"kubernetes\", kubeconfig = \"{}\" }}", config.display())).fault();
    assert!(matches!(fault, Fault::Program { .. }), "{fault}");
}

#[test]
fn a_proxy_carries_plain_requests_and_tunnels_and_says_whom_it_does_not_know() {
    let Some(nginx) = real::nginx() else { return };
    let Some(proxy) = real::open_http_proxy() else { return };
    let Some(choosy) = real::http_proxy() else { return };
    nginx.serve("version", "{\"version\":\"1.2.3\"}");
    let by = |port: u16| format!(", proxy = \"http://127.0.0.1:{port}\"");
    let ca = format!(", ca = \"{}\"", nginx.pki.path("ca.pem").display());
    let tls = format!("https://127.0.0.1:{}/version", nginx.tls());
    let open = format!("{}/version", plain(&nginx));
    for (url, more) in [(&tls, ca.as_str()), (&open, "")] {
        let more = format!("{more}{}", by(proxy.port()));
        assert_eq!(version(&shop(url, &more).hear(), "shop"), ["1.2.3"], "{url}");
    }
    assert!(proxy.log().contains("CONNECT"), "a tunnel for TLS: {}", proxy.log());
    let fault = shop(&tls, &format!("{ca}{}", by(choosy.port()))).fault();
    assert!(matches!(fault, Fault::Proxy { .. }), "{fault}");
    let port = proxy.port();
    drop(proxy);
    let fault = shop(&tls, &format!("{ca}{}", by(port))).fault();
    assert!(matches!(fault, Fault::Proxy { .. }), "the proxy is gone, not the host behind it: {fault}");
}

#[test]
fn who_speaks_http_2_is_spoken_to_in_it_and_others_in_1_1() {
    let Some(nginx) = real::nginx() else { return };
    let ca = format!(", ca = \"{}\"", nginx.pki.path("ca.pem").display());
    for (url, more, protocol) in [
        (format!("https://127.0.0.1:{}/echo", nginx.tls()), ca.as_str(), "HTTP/2.0"),
        (format!("{}/echo", plain(&nginx)), "", "HTTP/1.1"),
    ] {
        let version_of = "version = { product = \"shop\", json = \"/protocol\" }";
        let mut asking = Asking::source(&format!("{{ kind = \"http\", url = \"{url}\", {version_of}{more} }}"));
        assert_eq!(version(&asking.hear(), "shop"), [protocol]);
    }
}

#[test]
fn a_traefik_tells_its_version_and_which_service_is_down() {
    let Some(traefik) = real::traefik() else { return };
    let mut asking = Asking::source(&format!("{{ kind = \"traefik\", url = \"{}\" }}", traefik.url()));
    asking.until("its version", |heard| version(heard, "traefik").iter().any(|told| told.starts_with("3.")));
    let heard = asking.hear();
    assert!(heard.gaps.is_empty(), "{heard:?}");
    assert!(heard.facts.iter().any(|fact| matches!(&fact.what, What::Health(_))), "{heard:?}");
}

#[test]
fn every_real_exposition_is_read_without_a_gap() {
    let prometheus = real::prometheus();
    let alertmanager = real::alertmanager();
    let (node, blackbox, hub) = (real::node_exporter(), real::blackbox_exporter(), real::victoria_metrics());
    let traefik = real::traefik();
    let urls = [
        (prometheus.as_ref().map(|server| server.url()), Some("prometheus")),
        (alertmanager.as_ref().map(|server| server.url()), Some("alertmanager")),
        (node.as_ref().map(|server| server.url()), None),
        (blackbox.as_ref().map(|server| server.url()), None),
        (hub.as_ref().map(|server| server.url()), None),
        (traefik.as_ref().map(|server| server.url()), None),
    ];
    for (url, product) in urls.into_iter().filter_map(|(url, product)| Some((url?, product))) {
        let mut asking = Asking::source(&format!("{{ kind = \"metrics\", url = \"{url}/metrics\" }}"));
        let heard = asking.hear();
        assert!(heard.gaps.is_empty(), "{url}: {:?}", heard.gaps);
        if let Some(product) = product {
            assert_eq!(version(&heard, product).len(), 1, "{heard:?}");
        }
    }
    let (Some(blackbox), Some(node)) = (blackbox, node) else { return };
    let probe = format!("{}/probe?module=http&target={}", blackbox.url(), node.url());
    let mut asking = Asking::source(&format!("{{ kind = \"metrics\", url = \"{probe}\" }}"));
    assert!(asking.hear().gaps.is_empty());
}

/// Answers as an Alertmanager whose clock is so many minutes ahead of the machine's, until the test's process ends.
fn alertmanager_ahead(minutes: i64) -> u16 {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4_096];
            let n = stream.read(&mut head).unwrap_or_default();
            let there = MachineClock.now() + chrono::TimeDelta::minutes(minutes);
            let began = (there - chrono::TimeDelta::minutes(5)).to_rfc3339();
            let body = match String::from_utf8_lossy(&head[..n]).split(' ').nth(1).unwrap_or_default() {
                path if path.starts_with("/api/v2/alerts") => format!(
                    r#"[{{"labels":{{"alertname":"Loose"}},"annotations":{{}},"startsAt":"{began}","endsAt":"{began}","updatedAt":"{began}",
                       "fingerprint":"a1","status":{{"state":"active","silencedBy":[],"inhibitedBy":[]}},"receivers":[],"generatorURL":""}}]"#
                ),
                path if path.starts_with("/api/v2/silences") => "[]".to_owned(),
                _ => r#"{"versionInfo":{"version":"0.28.0"},"cluster":{"status":"ready","peers":[]}}"#.to_owned(),
            };
            let date = there.format("%a, %d %b %Y %H:%M:%S GMT");
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: {date}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    port
}

#[test]
fn what_a_server_with_a_wrong_clock_tells_happened_when_it_did_and_its_clock_is_told() {
    for (minutes, told) in [(0, None), (34, Some("34 min ahead of ours")), (-600, Some("10 h behind ours"))] {
        let port = alertmanager_ahead(minutes);
        let mut asking = Asking::source(&format!("{{ kind = \"alertmanager\", url = \"http://127.0.0.1:{port}\" }}"));
        let heard = asking.hear();
        let since = heard.facts.iter().find_map(|fact| match &fact.what {
            What::Alert(alert) => alert.since,
            _ => None,
        });
        let age = (MachineClock.now() - since.unwrap()).num_seconds();
        assert!((4 * 60..7 * 60).contains(&age), "{minutes}: began {age} s ago");
        let why: Vec<&str> = heard.gaps.iter().map(|gap| gap.why.as_str()).collect();
        assert_eq!(why.len(), usize::from(told.is_some()), "{why:?}");
        assert!(why.iter().all(|why| why.contains(told.unwrap_or_default())), "{why:?}");
    }
}
