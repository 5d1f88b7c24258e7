//! One table of a fleet file being read. Asking for a key makes it known; what is wrong is noted, and reading goes on.
//!
//! The same calls that read a table tell what it may hold: a section that records has no table, hears every question,
//! and gives the schema. So reader, schema and "did you mean" can't disagree.

mod ask;
mod credential;
mod desk;
mod entry;
mod key;
mod nested;
mod reach;
mod reader;
mod shelf;
mod values;
mod wants;
mod words;

pub use desk::Desk;
pub use entry::Entry;
pub use key::{Key, Placed, need};
pub use reach::{Defaults, Reached, Usual};
pub use reader::Section;
pub use shelf::Shelf;
pub use wants::{Noted, Wants};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests;
