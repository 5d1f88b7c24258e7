//! The protocols, one file each. Every answer is computed from a glance at the world; none waits and none reads a clock.

pub mod alertmanager;
pub mod concourse;
pub mod feed;
mod figures;
pub mod gates;
pub mod git;
pub mod gitlab;
pub mod kubernetes;
pub mod loki;
pub mod objects;
pub mod openvpn;
pub mod packs;
pub mod place;
pub mod product;
pub mod prometheus;
pub mod routes;
pub mod selector;
pub mod series;
pub mod statuspage;
pub mod stores;
pub mod times;
pub mod train;
pub mod upstream;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
