//! What is wrong in a file a person wrote, and how it is said.

mod problem;
mod show;
mod suggest;
mod texts;

pub use problem::{Problem, Problems, Severity, Span};
pub use show::{Colour, Entry, Look, entries, show, show_all};
pub use suggest::{did_you_mean, nearest, one_of};
pub use texts::{Place, Text, Texts};
