//! From the text of a fleet file to a fleet, or to every problem in it.

pub mod endpoint;
pub mod secret;
pub mod section;
pub mod shape;
mod spell;
