//! Pure verdicts from a fleet, facts and a time.

pub mod agenda;
pub mod alert;
pub mod answers;
pub mod assurance;
pub mod attention;
pub mod cadence;
pub mod calendar;
pub mod case;
pub mod component;
pub mod drift;
#[cfg(test)]
mod example;
pub mod exposure;
#[cfg(test)]
mod fixture;
pub mod health;
pub mod hearing;
pub mod judge;
pub mod knowledge;
pub mod lifecycle;
pub mod may_roll;
pub mod notice;
pub mod originals;
pub mod planning;
pub mod plans;
pub mod pulse;
pub mod readiness;
pub mod releases;
pub mod rollout;
pub mod silence;
pub mod standing;
pub mod subject;
pub mod teller;
pub mod timetable;
mod turn;
pub mod watch;
pub mod wave;
pub mod windows;
