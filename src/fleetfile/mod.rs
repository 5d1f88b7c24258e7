//! From the text of a fleet file to a fleet, or to every problem in it.

mod around;
mod built_in;
mod dhall;
pub mod endpoint;
mod entries;
mod environments;
mod ground;
mod include;
mod installations;
mod known;
pub mod load;
pub mod loaded;
mod planned;
mod plans;
mod products;
pub mod schema;
pub mod secret;
pub mod section;
pub mod shape;
mod spell;
mod terms;
mod veil;
mod whole;
mod windows;
