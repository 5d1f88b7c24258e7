//! Every way out, bounded.

pub mod address;
pub mod answer;
pub mod auth;
pub mod body;
pub mod breaker;
pub mod clients;
pub mod door;
pub mod file;
pub mod git;
pub mod gittext;
pub mod handshake;
pub mod hosts;
pub mod http;
pub mod limits;
pub mod plugin;
pub mod program;
pub mod roads;
pub mod route;
pub mod secrets;
pub mod system;
pub mod tail;
pub mod talk;
pub mod tls;
pub mod tokens;
pub mod trouble;
