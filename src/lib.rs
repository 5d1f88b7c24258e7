//! Quarterdeck: an operations cockpit for fleets of managed installations.
//!
//! The rooms stand on floors; an import only ever points down. `ARCHITECTURE.md` is the way in.

pub mod text;

pub mod diagnostic;
pub mod domain;

pub mod demo;
pub mod fleetfile;
pub mod history;
pub mod rules;

pub mod net;
pub mod views;

pub mod export;
pub mod sources;
pub mod ui;

pub mod app;

pub mod runtime;

pub mod cli;
