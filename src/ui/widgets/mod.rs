//! Small things panes are put together from.

pub mod line;
pub mod page;
pub mod state;
