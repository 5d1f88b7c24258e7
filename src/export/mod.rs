//! A board as text.

pub mod csv;
pub mod json;
pub mod markdown;
pub mod table;

use crate::text::width::Align;
use crate::views::column::Column;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

/// The heads and cells of a view, in its own order: what every grid-shaped export starts from.
pub struct Grid {
    /// The headings, with the side each column lines up on.
    pub heads: Vec<(&'static str, Align)>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// The cells of some columns of a view.
    #[must_use]
    pub fn of<R: View>(rows: &Rows<R>, columns: &[&Column<R>], lens: &Lens<'_>) -> Self {
        Self {
            heads: columns.iter().map(|column| (column.name, column.align)).collect(),
            rows: rows
                .ordered()
                .into_iter()
                .map(|row| columns.iter().map(|column| (column.cell)(row, lens).into_owned()).collect())
                .collect(),
        }
    }
}
