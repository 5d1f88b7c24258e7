//! Everything that waits.

pub mod cadence;
pub mod clock;
pub mod cockpit;
pub mod collector;
pub mod fleet;
pub mod input;
pub mod order;
pub mod perform;
pub mod poller;
pub mod terminal;
