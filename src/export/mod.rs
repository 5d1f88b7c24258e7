//! A board as text: one file a format, and the list of them.

pub mod csv;
pub mod html;
pub mod ics;
pub mod json;
pub mod markdown;
pub mod svg;
pub mod table;

use ratatui::buffer::Buffer;

use crate::export::table::Style;
use crate::text::clean::Clean;
use crate::text::width::Align;
use crate::views::ViewName;
use crate::views::board::Board;
use crate::views::column::Column;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

/// Every format, in the order in which they are offered.
pub static FORMATS: &[&Format] =
    &[&table::FORMAT, &json::FORMAT, &csv::FORMAT, &markdown::FORMAT, &html::FORMAT, &svg::FORMAT, &ics::FORMAT];

/// A text, or why there is none.
pub type Written = Result<String, Clean>;

/// One way to write a view.
pub struct Format {
    /// Its name, which also ends the names of its files.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The one view it is for, where it is not for all.
    pub only: Option<ViewName>,
    /// Writes a view.
    pub write: fn(&Sheet<'_>) -> Written,
}

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }

    /// The formats a view can be written in.
    pub fn of(view: ViewName) -> impl Iterator<Item = &'static Self> {
        FORMATS.iter().copied().filter(move |format| format.only.is_none_or(|only| only == view))
    }

    /// What the names of its files end in.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        match self.name {
            "table" => "txt",
            "markdown" => "md",
            name => name,
        }
    }
}

/// What is written: one view of a board, as somebody looks at it.
pub struct Sheet<'a> {
    /// Everything there is to show.
    pub board: &'a Board,
    /// What of it.
    pub view: ViewName,
    /// What time it is, and whose wall clock counts.
    pub lens: &'a Lens<'a>,
    /// How a table looks.
    pub style: Style,
    /// The screen that shows it, its colours all known; drawn only where a picture is wanted.
    pub draw: &'a dyn Fn() -> Option<Buffer>,
}

impl Sheet<'_> {
    /// The screen.
    ///
    /// # Errors
    /// Where nobody can draw it.
    pub fn drawn(&self) -> Result<Buffer, Clean> {
        (self.draw)().ok_or_else(|| Clean::line("there is no picture of this view"))
    }
}

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
