//! A simulated fleet over real HTTP. What is true at a moment follows from the seed, the scenario and what was written.

pub mod alerts;
pub mod answer;
pub mod assurance;
pub mod calendar;
pub mod cast;
pub mod clock;
pub mod control;
pub mod course;
pub mod dice;
pub mod faults;
pub mod fleet;
pub mod flow;
pub mod glance;
pub mod live;
pub mod parts;
pub mod question;
pub mod scenario;
pub mod server;
pub mod speak;
pub mod stage;
pub mod start;
pub mod troubles;
pub mod vendor;
pub mod workloads;
pub mod world;
pub mod writes;
