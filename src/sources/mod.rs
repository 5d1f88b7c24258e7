//! One file an integration.

pub mod alertmanager;
pub mod auto;
pub mod betterstack;
pub mod build;
pub mod cachet;
pub mod chart;
pub mod concourse;
pub mod config;
pub mod cron;
pub mod cstate;
pub mod dhall;
pub mod distribution;
pub mod endoflife;
pub mod feed;
pub mod gate;
pub mod gatus;
pub mod github;
pub mod gitlab;
pub mod grafana;
pub mod http;
pub mod hub;
pub mod ics;
pub mod instatus;
pub mod kind;
pub mod kubernetes;
pub mod loki;
pub mod metrics;
pub mod nexus;
pub mod oci;
pub mod openvpn;
pub mod page;
pub mod paging;
pub mod people;
pub mod posts;
pub mod prometheus;
pub mod reading;
pub mod repository;
pub mod rss;
pub mod statuspage;
pub mod tls;
pub mod traefik;
pub mod uptime_kuma;

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
    &github::KIND,
    &concourse::KIND,
    &gate::KIND,
    &config::KIND,
    &statuspage::KIND,
    &instatus::KIND,
    &cstate::KIND,
    &cachet::KIND,
    &betterstack::KIND,
    &uptime_kuma::KIND,
    &gatus::KIND,
    &rss::KIND,
    &auto::KIND,
    &ics::KIND,
    &hub::MIMIR,
    &hub::PROMETHEUS,
    &kubernetes::KIND,
    &grafana::KIND,
    &loki::KIND,
    &metrics::KIND,
    &traefik::KIND,
    &tls::KIND,
    &openvpn::KIND,
    &oci::KIND,
    &nexus::KIND,
];
