//! Prometheus, its Alertmanager, two of its exporters, and VictoriaMetrics as a hub.

use std::ops::{Deref, DerefMut};

use super::server::{Plan, Server, put};

/// A rule that always fires, one that fires for targets that do not answer, and a recorded one.
const RULES: &str = r#"groups:
  - name: house
    interval: 1s
    rules:
      - alert: Watchdog
        expr: vector(1)
        labels: { severity: none }
        annotations: { summary: "alerting works" }
      - alert: TargetDown
        expr: up == 0
        labels: { severity: warning, stream: infrastructure }
        annotations: { summary: "{{ $labels.job }} does not answer" }
      - alert: NotYet
        expr: vector(1)
        for: 1d
        labels: { severity: critical }
      - record: house:up:sum
        expr: sum(up)
"#;

/// What a Prometheus watches.
pub struct PrometheusSetup<'a> {
    /// Jobs and the port each is scraped on, beside Prometheus itself.
    pub targets: &'a [(&'a str, u16)],
    pub alertmanager: Option<u16>,
    pub rules: &'a str,
}

impl Default for PrometheusSetup<'_> {
    fn default() -> Self {
        Self { targets: &[], alertmanager: None, rules: RULES }
    }
}

/// A Prometheus.
pub struct Prometheus(Server);

/// A Prometheus that watches itself and a target that does not answer, with rules that fire.
pub fn prometheus() -> Option<Prometheus> {
    prometheus_with(&PrometheusSetup::default())
}

pub fn prometheus_with(setup: &PrometheusSetup<'_>) -> Option<Prometheus> {
    Server::start(&Plan {
        program: "prometheus",
        n_ports: 1,
        arguments: &|folder, ports| {
            let mut config = format!(
                "global: {{ scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{ cluster: tests }} }}
rule_files: [ rules.yml ]
scrape_configs:
  - {{ job_name: itself, static_configs: [ {{ targets: [ '127.0.0.1:{}' ] }} ] }}
  - {{ job_name: gone, static_configs: [ {{ targets: [ '127.0.0.1:1' ] }} ] }}
",
                ports[0]
            );
            for (job, port) in setup.targets {
                config.push_str(&format!(
                    "  - {{ job_name: {job}, static_configs: [ {{ targets: [ '127.0.0.1:{port}' ] }} ] }}\n"
                ));
            }
            if let Some(port) = setup.alertmanager {
                config.push_str(&format!(
                    "alerting: {{ alertmanagers: [ {{ static_configs: [ {{ targets: [ '127.0.0.1:{port}' ] }} ] }} ] }}\n"
                ));
            }
            put(folder, "prometheus.yml", &config);
            put(folder, "rules.yml", setup.rules);
            vec![
                "--config.file=prometheus.yml".into(),
                "--storage.tsdb.path=data".into(),
                "--web.enable-lifecycle".into(),
                format!("--web.listen-address=127.0.0.1:{}", ports[0]),
            ]
        },
        ready: Some("/-/ready"),
    })
    .map(Prometheus)
}

impl Prometheus {
    /// Other rules from now on.
    pub fn rules(&self, rules: &str) {
        self.put("rules.yml", rules);
        assert_eq!(self.post("/-/reload", "").status, 200);
    }
}

/// An Alertmanager.
pub struct Alertmanager(Server);

pub fn alertmanager() -> Option<Alertmanager> {
    const CONFIG: &str = "route: { receiver: nobody, group_by: [ alertname ], group_wait: 1s }
receivers: [ { name: nobody } ]
inhibit_rules:
  - source_matchers: [ severity = critical ]
    target_matchers: [ severity = warning ]
    equal: [ cluster ]
";
    Server::start(&Plan {
        program: "prometheus-alertmanager",
        n_ports: 1,
        arguments: &|folder, ports| {
            put(folder, "alertmanager.yml", CONFIG);
            vec![
                "--config.file=alertmanager.yml".into(),
                "--storage.path=data".into(),
                "--cluster.listen-address=".into(),
                format!("--web.listen-address=127.0.0.1:{}", ports[0]),
            ]
        },
        ready: Some("/-/ready"),
    })
    .map(Alertmanager)
}

impl Alertmanager {
    /// Raises an alert with these labels (`{"alertname": ..}`).
    pub fn raise(&self, labels: &str) {
        let answer = self.post("/api/v2/alerts", &format!("[{{\"labels\":{labels}}}]"));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Silences what has this label, until 2099, and returns the silence's id.
    pub fn silence(&self, label: &str, value: &str, comment: &str) -> String {
        let silence = format!(
            r#"{{"matchers":[{{"name":"{label}","value":"{value}","isRegex":false,"isEqual":true}}],
                "startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"tests","comment":"{comment}"}}"#
        );
        let answer = self.post("/api/v2/silences", &silence);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        id["silenceID"].as_str().unwrap().to_owned()
    }
}

/// A node exporter that also tells what a test writes.
pub struct NodeExporter(Server);

pub fn node_exporter() -> Option<NodeExporter> {
    Server::start(&Plan {
        program: "prometheus-node-exporter",
        n_ports: 1,
        arguments: &|folder, ports| {
            std::fs::create_dir_all(folder.join("told")).unwrap();
            vec!["--collector.textfile.directory=told".into(), format!("--web.listen-address=127.0.0.1:{}", ports[0])]
        },
        ready: Some("/metrics"),
    })
    .map(NodeExporter)
}

impl NodeExporter {
    /// Tells these metrics from now on, in place of what was told under the same name.
    pub fn tell(&self, name: &str, exposition: &str) {
        self.put(&format!("told/{name}.prom"), exposition);
    }
}

/// A blackbox exporter: `/probe?module=http&target=..`, modules `http` and `tcp`.
pub fn blackbox_exporter() -> Option<Server> {
    const CONFIG: &str = "modules:
  http: { prober: http, timeout: 5s, http: { preferred_ip_protocol: ip4, tls_config: { insecure_skip_verify: true } } }
  tcp: { prober: tcp, timeout: 5s }
";
    Server::start(&Plan {
        program: "prometheus-blackbox-exporter",
        n_ports: 1,
        arguments: &|folder, ports| {
            put(folder, "blackbox.yml", CONFIG);
            vec!["--config.file=blackbox.yml".into(), format!("--web.listen-address=127.0.0.1:{}", ports[0])]
        },
        ready: Some("/-/healthy"),
    })
}

/// A VictoriaMetrics; `post("/api/v1/import/prometheus", exposition)` fills it.
pub fn victoria_metrics() -> Option<Server> {
    Server::start(&Plan {
        program: "victoria-metrics",
        n_ports: 1,
        arguments: &|_, ports| {
            vec![
                "-storageDataPath=data".into(),
                "-search.latencyOffset=0s".into(),
                "-memory.allowedBytes=64MB".into(),
                format!("-httpListenAddr=127.0.0.1:{}", ports[0]),
            ]
        },
        ready: Some("/health"),
    })
}

macro_rules! is_a_server {
    ($($name:ident)*) => { $(
        impl Deref for $name {
            type Target = Server;
            fn deref(&self) -> &Server { &self.0 }
        }
        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut Server { &mut self.0 }
        }
    )* };
}
is_a_server! { Prometheus Alertmanager NodeExporter }
