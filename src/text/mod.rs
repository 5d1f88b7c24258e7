//! Outside text made harmless, measured, shortened and spoken.

pub mod clean;
mod harm;
pub mod width;
pub mod words;

pub use clean::Clean;
