//! Small things panes are put together from.

pub mod axis;
pub mod bar;
pub mod line;
pub mod lines;
pub mod page;
pub mod paper;
pub mod spark;
pub mod state;
