//! What was known last, kept on disk: a cockpit that starts again shows it before anybody has answered.

pub mod board;
pub mod file;
pub mod store;
