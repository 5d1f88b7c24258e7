//! The words of the trade: what is managed, what was heard, who may see it. No I/O, no clock.

pub mod access;
pub mod alert;
pub mod assurance;
pub mod clock;
pub mod consent;
pub mod cycles;
pub mod delivery;
pub mod fact;
pub mod facts;
pub mod fault;
pub mod fleet;
pub mod id;
pub mod level;
pub mod page;
pub mod planned;
pub mod product;
pub mod recurrence;
pub mod scheme;
pub mod skew;
pub mod state;
pub mod version;
pub mod workload;
