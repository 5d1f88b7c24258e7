//! Recurrence rules (RFC 5545) on plain days: no time of day, no zone. Whoever needs moments adds a wall clock.

mod read;
mod rule;
#[cfg(test)]
mod tests;

pub use read::check;
pub use rule::{Rule, Until};
