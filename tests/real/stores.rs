//! An OCI registry with what a test puts into it.

use std::ops::{Deref, DerefMut};

use sha2::{Digest, Sha256};

use super::http::{Answer, Request};
use super::server::{Plan, Server, put};

/// The distribution registry, empty at first.
pub struct Registry(Server);

pub fn registry() -> Option<Registry> {
    Server::start(&Plan {
        program: "docker-registry",
        n_ports: 1,
        arguments: &|folder, ports| {
            let config = format!(
                "version: 0.1
log: {{ level: warn }}
storage: {{ filesystem: {{ rootdirectory: {}/store }}, delete: {{ enabled: true }} }}
http: {{ addr: '127.0.0.1:{}' }}
",
                folder.display(),
                ports[0]
            );
            put(folder, "registry.yml", &config);
            vec!["serve".into(), "registry.yml".into()]
        },
        ready: Some("/v2/"),
    })
    .map(Registry)
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
        let answer = self.send("PUT", &path, kind, manifest.as_bytes());
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
        let answer = self.send("PUT", &path, "application/vnd.oci.image.manifest.v1+json", manifest.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    fn blob(&self, repository: &str, bytes: &[u8]) -> String {
        let opened = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), "application/octet-stream", b"");
        let place = opened.header("location").unwrap();
        // The place is told as a whole address: what counts here is its path.
        let path = place.find("/v2/").map_or(place, |at| place.split_at(at).1);
        let mark = if path.contains('?') { '&' } else { '?' };
        let digest = digest(bytes);
        let stored = self.send("PUT", &format!("{path}{mark}digest={digest}"), "application/octet-stream", bytes);
        assert_eq!(stored.status, 201, "{}", stored.text());
        digest
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        Request { method, path, headers: &[("content-type", kind)], body }.send(self.port()).unwrap()
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

impl Deref for Registry {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.0
    }
}

impl DerefMut for Registry {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.0
    }
}
