//! The road against real listeners that behave and misbehave. No test waits for a wall clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, clippy::as_conversions)]

#[path = "net/ground.rs"]
mod ground;
#[path = "net/rude.rs"]
mod rude;

#[path = "net/answers.rs"]
mod answers;
#[path = "net/lines.rs"]
mod lines;
#[path = "net/rest.rs"]
mod rest;
#[path = "net/shown.rs"]
mod shown;
#[path = "net/trust.rs"]
mod trust;

mod real;
#[path = "net/repositories.rs"]
mod repositories;
