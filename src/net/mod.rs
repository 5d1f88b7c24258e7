//! Every way out, bounded.

pub mod door;
