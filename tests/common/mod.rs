//! Things several tests share.

pub mod board;
pub mod screen;
