//! Pure verdicts from a fleet, facts and a time.

pub mod alert;
pub mod assurance;
pub mod attention;
pub mod calendar;
pub mod component;
pub mod drift;
pub mod hearing;
pub mod judge;
pub mod lifecycle;
pub mod readiness;
pub mod rollout;
pub mod standing;
pub mod windows;
