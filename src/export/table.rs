//! A table for people at a prompt: as wide as the terminal, columns dropped in their declared order, never wrapped.

use crate::export::{Format, Sheet};
use crate::text::plain::ascii;
use crate::text::width;
use crate::views::Visit;
use crate::views::column::Column;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

/// For people at a prompt.
pub static FORMAT: Format =
    Format { name: "table", about: "for people at a prompt", only: None, write: |sheet| Ok(write(sheet)) };

/// How wide, and with which signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The width of the terminal; none for as wide as it takes.
    pub width: Option<usize>,
    /// Whether only ASCII may be written.
    pub ascii: bool,
}

/// What stands between two columns.
const GAP: usize = 2;

struct Write<'a, 'l> {
    lens: &'a Lens<'l>,
    style: Style,
}

impl Visit for Write<'_, '_> {
    type Out = String;

    fn see<R: View>(self, rows: &Rows<R>) -> String {
        if rows.is_empty() {
            return format!("nothing to show: {}\n", R::ABOUT);
        }
        let ordered = rows.ordered();
        let mut columns: Vec<Shown<'_, R>> = R::COLUMNS.iter().map(|column| self.shown(column, &ordered)).collect();
        if let Some(width) = self.style.width {
            fit(&mut columns, width);
        }
        let mut text = line(columns.iter().map(|shown| (shown.column.name.to_uppercase(), shown)), self.style);
        for n in 0..ordered.len() {
            text +=
                &line(columns.iter().map(|shown| (shown.cells.get(n).cloned().unwrap_or_default(), shown)), self.style);
        }
        text
    }
}

/// One column with its cells and the width it gets.
struct Shown<'c, R: 'static> {
    column: &'c Column<R>,
    cells: Vec<String>,
    width: usize,
}

impl Write<'_, '_> {
    fn shown<R: View>(&self, column: &'static Column<R>, rows: &[&R]) -> Shown<'static, R> {
        let cells: Vec<String> = rows
            .iter()
            .map(|row| {
                let cell = (column.cell)(row, self.lens);
                let cell = if self.style.ascii { ascii(&cell) } else { cell.into_owned() };
                if column.marked { format!("{} {cell}", (column.tone)(row).mark(self.style.ascii)) } else { cell }
            })
            .collect();
        let widest = cells.iter().map(|cell| width::width(cell)).max().unwrap_or(0);
        Shown { column, cells, width: widest.max(width::width(column.name)) }
    }
}

/// Leaves out what goes first until the rest fits; the widest of what must stay is shortened.
fn fit<R>(columns: &mut Vec<Shown<'_, R>>, width: usize) {
    let total = |columns: &[Shown<'_, R>]| {
        columns.iter().map(|shown| shown.width).sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    // A wide text is shortened a little before a column is given up for it.
    while total(columns) > width {
        let widest = columns.iter_mut().max_by_key(|shown| shown.width);
        match widest {
            Some(shown) if shown.width > 40 => shown.width -= 1,
            Some(_) | None => break,
        }
    }
    while total(columns) > width {
        let first = columns.iter().enumerate().rev().min_by_key(|(_, shown)| shown.column.keep);
        match first {
            Some((n, shown)) if shown.column.keep < 9 => {
                columns.remove(n);
            }
            Some(_) | None => break,
        }
    }
    while total(columns) > width {
        match columns.iter_mut().max_by_key(|shown| shown.width) {
            Some(shown) if shown.width > 4 => shown.width -= 1,
            Some(_) | None => break,
        }
    }
}

fn line<'c, 's: 'c, R: 'static>(cells: impl Iterator<Item = (String, &'c Shown<'s, R>)>, style: Style) -> String {
    let shorten = if style.ascii { width::shorten_ascii } else { width::shorten };
    let cells: Vec<String> =
        cells.map(|(cell, shown)| width::pad(&shorten(&cell, shown.width), shown.width, shown.column.align)).collect();
    let mut text = cells.join(&" ".repeat(GAP)).trim_end().to_owned();
    text.push('\n');
    text
}

/// A view as a table.
fn write(sheet: &Sheet<'_>) -> String {
    sheet.board.views.visit(sheet.view, Write { lens: sheet.lens, style: sheet.style })
}
