//! Outside text made harmless, measured, shortened and spoken.

pub mod clean;
mod harm;
pub mod width;

pub use clean::Clean;
