//! Pure verdicts from a fleet, facts and a time.

pub mod alert;
pub mod assurance;
pub mod attention;
pub mod calendar;
pub mod component;
pub mod drift;
#[cfg(test)]
mod fixture;
pub mod health;
pub mod hearing;
pub mod judge;
pub mod lifecycle;
pub mod pulse;
pub mod readiness;
pub mod rollout;
pub mod silence;
pub mod standing;
pub mod teller;
pub mod windows;
