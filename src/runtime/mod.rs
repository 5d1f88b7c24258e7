//! Everything that waits.

pub mod bundle;
pub mod cadence;
pub mod clock;
pub mod cockpit;
pub mod collector;
pub mod errand;
pub mod figures;
pub mod fleet;
pub mod ground;
pub mod ink;
pub mod input;
pub mod inquiry;
pub mod keeper;
pub mod ledger;
pub mod logs;
pub mod logs_at;
pub mod machine;
pub mod order;
pub mod perform;
pub mod poller;
pub mod pollers;
pub mod reload;
pub mod screen;
pub mod shift;
pub mod terminal;
pub mod way;
