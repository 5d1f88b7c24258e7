//! Outside text made harmless, measured, shortened and spoken.

pub mod clean;
pub mod fuzzy;
mod harm;
pub mod lasting;
pub mod plain;
pub mod query;
pub mod said;
pub mod width;
pub mod words;

pub use clean::Clean;
