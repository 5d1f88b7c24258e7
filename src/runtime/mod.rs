//! Everything that waits.

pub mod cadence;
pub mod clock;
