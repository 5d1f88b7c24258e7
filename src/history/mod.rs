//! What was heard last, kept on disk: a cockpit that starts again shows it before anybody has answered.

pub mod store;
