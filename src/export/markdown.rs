//! Markdown: the view's columns as a table that reads well unrendered too.

use crate::export::{Format, Grid, Sheet};
use crate::text::width::{self, Align};
use crate::views::Visit;
use crate::views::column::Column;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

/// For tickets and chats.
pub static FORMAT: Format =
    Format { name: "markdown", about: "for tickets and chats", only: None, write: |sheet| Ok(write(sheet)) };

struct Write<'a, 'l> {
    lens: &'a Lens<'l>,
}

impl Visit for Write<'_, '_> {
    type Out = String;

    fn see<R: View>(self, rows: &Rows<R>) -> String {
        let columns: Vec<&Column<R>> = R::COLUMNS.iter().collect();
        let grid = Grid::of(rows, &columns, self.lens);
        let cells: Vec<Vec<String>> =
            grid.rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
        let widths: Vec<usize> = grid
            .heads
            .iter()
            .enumerate()
            .map(|(n, (head, _))| {
                let widest = cells.iter().filter_map(|row| row.get(n)).map(|cell| width::width(cell)).max();
                widest.unwrap_or(0).max(width::width(head)).max(3)
            })
            .collect();
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let padded = |cell: &str, n: usize, align| width::pad(cell, widths.get(n).copied().unwrap_or(3), align);
        let mut text = format!("## {}\n\n", R::TITLE);
        text += &line(grid.heads.iter().enumerate().map(|(n, (head, align))| padded(head, n, *align)).collect());
        text += &line(grid.heads.iter().zip(&widths).map(|((_, align), width)| rule(*width, *align)).collect());
        for row in &cells {
            let aligned = grid.heads.iter().zip(row).enumerate();
            text += &line(aligned.map(|(n, ((_, align), cell))| padded(cell, n, *align)).collect());
        }
        text
    }
}

fn rule(width: usize, align: Align) -> String {
    match align {
        Align::Right => format!("{}:", "-".repeat(width.saturating_sub(1))),
        Align::Left | Align::Center => "-".repeat(width),
    }
}

/// Outside text stays text: no cell ends its column, starts a tag or a link.
fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for c in cell.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// A view as a Markdown table under its title.
fn write(sheet: &Sheet<'_>) -> String {
    sheet.board.views.visit(sheet.view, Write { lens: sheet.lens })
}
