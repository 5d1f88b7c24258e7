//! One file an integration.

pub mod alertmanager;
pub mod build;
pub mod chart;
pub mod cron;
pub mod endoflife;
pub mod feed;
pub mod gitlab;
pub mod grafana;
pub mod http;
pub mod hub;
pub mod kind;
pub mod kubernetes;
pub mod loki;
pub mod metrics;
pub mod openvpn;
pub mod prometheus;
pub mod reading;
pub mod statuspage;
pub mod tls;
pub mod traefik;

use self::kind::Kind;

/// Every kind of integration.
pub static KINDS: &[&Kind] = &[
    &prometheus::KIND,
    &alertmanager::KIND,
    &http::KIND,
    &feed::KIND,
    &chart::KIND,
    &endoflife::KIND,
    &gitlab::KIND,
    &statuspage::KIND,
    &hub::MIMIR,
    &hub::PROMETHEUS,
    &kubernetes::KIND,
    &grafana::KIND,
    &loki::KIND,
    &metrics::KIND,
    &traefik::KIND,
    &tls::KIND,
    &openvpn::KIND,
];
