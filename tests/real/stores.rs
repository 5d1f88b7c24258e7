//! An OCI registry with what a test puts into it.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::http::{Answer, Request};
use super::server::{Plan, Server, put};
use super::tokens::{TokenServer, trusting};

/// The distribution registry, empty at first.
pub struct Registry {
    server: Server,
    /// Who sells the tokens it wants to see.
    tokens: Option<Rc<TokenServer>>,
}

pub fn registry() -> Option<Registry> {
    started("", Some("/v2/")).map(|server| Registry { server, tokens: None })
}

/// A registry that serves only those with a token of this server, and sends all others to this address.
pub fn registry_behind(tokens: &Rc<TokenServer>, realm: &str) -> Option<Registry> {
    let server = started(&trusting(realm, &tokens.authority()), None)?;
    Some(Registry { server, tokens: Some(Rc::clone(tokens)) })
}

fn started(more: &str, ready: Option<&'static str>) -> Option<Server> {
    Server::start(&Plan {
        program: "docker-registry",
        n_ports: 1,
        arguments: &|folder, ports| {
            let config = format!(
                "version: 0.1
log: {{ level: warn }}
storage: {{ filesystem: {{ rootdirectory: {}/store }}, delete: {{ enabled: true }} }}
http: {{ addr: '127.0.0.1:{}' }}
{more}",
                folder.display(),
                ports[0]
            );
            put(folder, "registry.yml", &config);
            vec!["serve".into(), "registry.yml".into()]
        },
        ready,
    })
}

impl Registry {
    /// Stores an artifact of one layer under a tag and returns the digest of its manifest.
    pub fn push(&self, repository: &str, tag: &str, layer: &[u8]) -> String {
        let config = self.blob(repository, b"{}");
        let layer_digest = self.blob(repository, layer);
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}","size":2}},
"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer_digest}","size":{}}}]}}"#,
            layer.len()
        );
        let path = format!("/v2/{repository}/manifests/{tag}");
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let answer = self.send(repository, "PUT", &path, kind, manifest.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
        digest(manifest.as_bytes())
    }

    /// Stores a Helm chart under its version.
    pub fn push_chart(&self, repository: &str, version: &str, app_version: &str) {
        let chart =
            format!(r#"{{"apiVersion":"v2","name":"shop","version":"{version}","appVersion":"{app_version}"}}"#);
        let config = self.blob(repository, chart.as_bytes());
        let layer = self.blob(repository, b"not unpacked by anybody here");
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{config}","size":{}}},
"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{layer}","size":28}}]}}"#,
            chart.len()
        );
        let path = format!("/v2/{repository}/manifests/{version}");
        let answer =
            self.send(repository, "PUT", &path, "application/vnd.oci.image.manifest.v1+json", manifest.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    fn blob(&self, repository: &str, bytes: &[u8]) -> String {
        let opened =
            self.send(repository, "POST", &format!("/v2/{repository}/blobs/uploads/"), "application/octet-stream", b"");
        let place = opened.header("location").unwrap();
        // The place is told as a whole address: what counts here is its path.
        let path = place.find("/v2/").map_or(place, |at| place.split_at(at).1);
        let mark = if path.contains('?') { '&' } else { '?' };
        let digest = digest(bytes);
        let path = format!("{path}{mark}digest={digest}");
        let stored = self.send(repository, "PUT", &path, "application/octet-stream", bytes);
        assert_eq!(stored.status, 201, "{}", stored.text());
        digest
    }

    fn send(&self, repository: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let token = self.tokens.as_ref().map(|tokens| format!("Bearer {}", tokens.token(repository)));
        let mut headers = vec![("content-type", kind)];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        Request { method, path, headers: &headers, body }.send(self.port()).unwrap()
    }

    /// Whether it still takes a token for good.
    pub fn takes(&self, token: &str, repository: &str) -> bool {
        let (path, token) = (format!("/v2/{repository}/tags/list"), format!("Bearer {token}"));
        let request = Request { method: "GET", path: &path, headers: &[("authorization", &token)], body: b"" };
        request.send(self.port()).unwrap().status == 200
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

impl Deref for Registry {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Registry {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}
