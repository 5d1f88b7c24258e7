//! nginx in every dress a customer's endpoint wears, and Traefik.

use std::ops::{Deref, DerefMut};
use std::process::Command;

use super::certificates::{Ends, Pki};
use super::program;
use super::server::{Plan, Server, put, run};

/// An nginx with one site behind six doors. All of them serve the folder `site`, and:
///
/// - `/health` says ok, `/echo` says what arrived, `/behind-basic/` wants `anna:secret`, `/behind-bearer/` wants `token-1`, which `/token` sells to anna
/// - `/moved` leads to `/health`, `/elsewhere` to the same on `localhost` (another host), `/round` to itself
/// - `/missing`, `/busy` and all below `/weary/` (429 with Retry-After), `/tired` (429 without), `/broken` (503) and `/login` (a page where data was due)
pub struct Nginx {
    server: Server,
    pub pki: Pki,
}

const SITE: &str = r#"
    root site;
    default_type application/octet-stream;
    location = /health { default_type text/plain; return 200 "ok\n"; }
    location = /echo {
      default_type application/json;
      return 200 '{"authorization":"$http_authorization","tenant":"$http_x_scope_orgid","agent":"$http_user_agent","protocol":"$server_protocol","tls":"$ssl_protocol","client":"$ssl_client_s_dn"}';
    }
    location /behind-basic/ { alias site/; auth_basic "customers only"; auth_basic_user_file users; }
    location /behind-bearer/ {
      if ($http_authorization != "Bearer token-1") { return 401; }
      alias site/;
    }
    location = /token {
      default_type application/json;
      if ($http_authorization != "Basic YW5uYTpzZWNyZXQ=") { return 401; }
      return 200 '{"access_token":"token-1","token_type":"Bearer","expires_in":3600}';
    }
    location = /moved { return 301 /health; }
    location = /elsewhere { return 302 http://localhost:HTTP/echo; }
    location = /round { return 302 /round; }
    location = /busy { add_header Retry-After 1 always; return 429; }
    location = /tired { return 429; }
    location /weary/ { add_header Retry-After 1 always; return 429; }
    location = /broken { return 503; }
    location = /login { default_type text/html; return 200 "<!doctype html><html><body>Please sign in</body></html>"; }
"#;

pub fn nginx() -> Option<Nginx> {
    let (_, _) = (program("nginx")?, program("openssl")?);
    let server = Server::start(&Plan {
        program: "nginx",
        n_ports: 6,
        arguments: &|folder, ports| {
            let pki = Pki::new(folder).unwrap();
            pki.server("good", Ends::InDays(60));
            pki.server("expired", Ends::LongAgo);
            pki.misnamed("misnamed");
            pki.stranger("stranger");
            pki.client("anna");
            put(folder, "site/index.txt", "welcome\n");
            put(folder, "users", &format!("anna:{}", run(Command::new("openssl").args(["passwd", "-apr1", "secret"]))));
            put(folder, "nginx.conf", &config(ports));
            let folder = folder.display();
            vec![
                "-p".into(),
                format!("{folder}"),
                "-c".into(),
                format!("{folder}/nginx.conf"),
                "-e".into(),
                "errors.log".into(),
            ]
        },
        ready: Some("/health"),
    })?;
    let pki = Pki::at(server.folder());
    Some(Nginx { server, pki })
}

fn config(ports: &[u16]) -> String {
    let [good, wants_client, expired, misnamed, stranger, http] = ports else { panic!("six ports") };
    let site = SITE.replace("HTTP", &http.to_string());
    let tls = |port: &u16, certificate: &str, more: &str| {
        format!(
            "  server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}.pem; ssl_certificate_key {certificate}.key; {more} {site} }}\n"
        )
    };
    let mut config = String::from(
        "daemon off; master_process off; pid nginx.pid; error_log stderr; worker_processes 1;
events { worker_connections 512; }
http {
  log_format asked '$request_method $request_uri $status';
  access_log asked.log asked;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  types { application/json json; text/plain txt; text/html html; }
  gzip on; gzip_types application/json text/plain; gzip_min_length 200;
",
    );
    config.push_str(&format!("  server {{ listen 127.0.0.1:{http}; {site} }}\n"));
    config.push_str(&tls(good, "good", ""));
    config.push_str(&tls(wants_client, "good", "ssl_client_certificate ca.pem; ssl_verify_client on;"));
    config.push_str(&tls(expired, "expired", ""));
    config.push_str(&tls(misnamed, "misnamed", ""));
    config.push_str(&tls(stranger, "stranger", ""));
    config.push_str("}\n");
    config
}

impl Nginx {
    /// TLS, signed by `pki`'s `ca.pem`; HTTP/1.1 and 2.
    pub fn tls(&self) -> u16 {
        self.ports[0]
    }

    /// The same, for clients with a certificate alone: `anna.pem`, `anna.key`, `anna.both.pem`.
    pub fn wants_client(&self) -> u16 {
        self.ports[1]
    }

    /// With a certificate that ended in 2020.
    pub fn expired(&self) -> u16 {
        self.ports[2]
    }

    /// With a certificate for another name.
    pub fn misnamed(&self) -> u16 {
        self.ports[3]
    }

    /// With a certificate nobody signed.
    pub fn stranger(&self) -> u16 {
        self.ports[4]
    }

    /// Puts a file where every door serves it.
    pub fn serve(&self, name: &str, text: &str) {
        self.put(&format!("site/{name}"), text);
    }

    /// What was asked so far, a line each: method, path, status.
    pub fn asked(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder().join("asked.log")).unwrap_or_default();
        log.lines().filter(|line| !line.starts_with("GET /health ")).map(str::to_owned).collect()
    }
}

impl Deref for Nginx {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Nginx {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

/// A Traefik with one router to a service that answers and one to a service that does not.
pub struct Traefik {
    server: Server,
}

const ROUTES: &str = "http:
  routers:
    shop: { rule: 'PathPrefix(`/ping`)', service: itself, entryPoints: [ web ] }
    lost: { rule: 'PathPrefix(`/lost`)', service: gone, entryPoints: [ web ] }
  services:
    itself: { loadBalancer: { servers: [ { url: 'http://127.0.0.1:API' } ] } }
    gone:
      loadBalancer:
        servers: [ { url: 'http://127.0.0.1:1' } ]
        healthCheck: { path: /, interval: 1s, timeout: 1s }
";

/// Its API, metrics and ping answer on `url()`, its routes on `web()`.
pub fn traefik() -> Option<Traefik> {
    let server = Server::start(&Plan {
        program: "traefik",
        n_ports: 2,
        arguments: &|folder, ports| {
            put(folder, "routes.yml", &ROUTES.replace("API", &ports[1].to_string()));
            vec![
                format!("--entrypoints.web.address=127.0.0.1:{}", ports[0]),
                format!("--entrypoints.traefik.address=127.0.0.1:{}", ports[1]),
                "--api.insecure=true".into(),
                "--ping=true".into(),
                "--metrics.prometheus=true".into(),
                "--providers.file.filename=routes.yml".into(),
                "--global.checknewversion=false".into(),
                "--global.sendanonymoususage=false".into(),
            ]
        },
        ready: Some("/ping"),
    })?;
    Some(Traefik { server })
}

impl Traefik {
    pub fn web(&self) -> u16 {
        self.ports[0]
    }
}

impl Deref for Traefik {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Traefik {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}
