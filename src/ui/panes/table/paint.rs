//! A table's rows as cells: which columns fit, how wide they are, and how a row is written.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::width::{self, Align};
use crate::ui::pane::Scene;
use crate::ui::panes::table::group::Head;
use crate::ui::panes::table::{Table, Tail};
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::views::column::{Column, Tone};
use crate::views::lens::Lens;
use crate::views::rows::View;

/// One column that fits, with its width.
pub(super) struct Fitting<R: 'static> {
    pub n: usize,
    column: &'static Column<R>,
    tail: Option<Tail<R>>,
    pub width: usize,
    /// How wide its widest text is.
    wanted: usize,
}

/// One row about to be drawn.
pub(super) struct Line<'a, R: 'static> {
    pub row: &'a R,
    pub n: usize,
    pub chosen: bool,
    pub columns: &'a [Fitting<R>],
    pub lens: &'a Lens<'a>,
}

impl<R: View> Table<R> {
    /// The columns that fit into a width: the lowest `keep` goes first, then the widest texts are shortened.
    pub(super) fn layout(&self, rows: &[&R], lens: &Lens<'_>, room: usize) -> Vec<Fitting<R>> {
        let mut columns: Vec<Fitting<R>> = R::COLUMNS
            .iter()
            .enumerate()
            .map(|(n, column)| {
                let tail = self.tail(column, rows);
                let beside = beside(column, tail);
                let widest = rows.iter().map(|row| width::width(&(column.cell)(row, lens)) + beside).max();
                let head = width::width(column.name) + usize::from(self.sort == Some(n));
                let wanted = widest.unwrap_or(0).max(head).max(self.seen.get(n).copied().unwrap_or(0));
                Fitting { n, column, tail, width: wanted, wanted }
            })
            .collect();
        let room = room.saturating_sub(2);
        let total = |columns: &[Fitting<R>]| columns.iter().map(|one| one.width + 2).sum::<usize>().saturating_sub(2);
        let shrink = |columns: &mut Vec<Fitting<R>>, least: usize| {
            while total(columns) > room {
                match columns.iter_mut().max_by_key(|one| one.width) {
                    Some(one) if one.width > least => one.width -= 1,
                    Some(_) | None => break,
                }
            }
        };
        shrink(&mut columns, 32);
        while total(&columns) > room {
            match columns.iter().enumerate().rev().min_by_key(|(_, one)| one.column.keep) {
                Some((n, one)) if one.column.keep < 9 => {
                    columns.remove(n);
                }
                Some(_) | None => break,
            }
        }
        shrink(&mut columns, 4);
        // What columns that had to go left behind is for the texts that were shortened for them.
        let mut spare = room.saturating_sub(total(&columns));
        for one in &mut columns {
            let more = spare.min(one.wanted - one.width);
            one.width += more;
            spare -= more;
        }
        columns
    }

    pub(super) fn heads(&self, columns: &[Fitting<R>], scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let signs = scene.theme.signs;
        let mut pen = Pen::new(buf, scene.theme, area, 0);
        pen.skip(2);
        for one in columns {
            let sorted = self.sort == Some(one.n);
            let sign = if self.reversed { signs.up } else { signs.down };
            let name = if sorted { format!("{}{sign}", one.column.name) } else { one.column.name.to_owned() };
            let role = if sorted { Role::Accent } else { Role::Muted };
            pen.cell(&name, role, one.width, one.column.align).skip(2);
        }
    }

    pub(super) fn line(&self, line: &Line<'_, R>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let signs = scene.theme.signs;
        let below = u16::try_from(line.n).unwrap_or(u16::MAX).saturating_add(1);
        let edge = Edge { chosen: line.chosen, marked: self.is_marked(line.row), focused: scene.focused };
        let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
        for (place, one) in line.columns.iter().enumerate() {
            let cell = (one.column.cell)(line.row, line.lens);
            let tone = (one.column.tone)(line.row);
            let role = Role::toned(tone);
            let cell = if signs.ascii { crate::text::plain::ascii(&cell).into() } else { cell };
            let write = |pen: &mut Pen<'_>| {
                let mut room = one.width;
                if one.column.marked {
                    pen.cell(signs.mark(tone), role, 2.min(room), Align::Left);
                    room = room.saturating_sub(2);
                }
                // What is drawn behind a text and has no room left is not drawn at all.
                let tail = one.tail.filter(|tail| room > tail.cells() + LEAST);
                room = room.saturating_sub(tail.map_or(0, |tail| tail.cells() + 1));
                pen.cell(&cell, role, room, one.column.align);
                if let Some(tail) = tail {
                    pen.skip(1);
                    tail.draw(line.row, role, pen);
                }
            };
            // The first column is what a row is called by.
            if place == 0 {
                pen.name(one.width, write);
            } else {
                write(&mut pen);
            }
            pen.skip(2);
        }
    }
}

/// The heading of a group: what its rows have in common, how many they are, and how many of them press.
pub(super) fn heading(head: &Head, n: usize, chosen: bool, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let below = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1);
    let edge = Edge { chosen, marked: false, focused: scene.focused };
    let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
    let name = if head.name.trim().is_empty() { "nothing told" } else { &head.name };
    let name = if signs.ascii { crate::text::plain::ascii(name) } else { name.to_owned() };
    pen.name(width::width(&name) + 2, |pen| {
        pen.write(if head.folded { signs.folded } else { signs.down }, Role::Accent).skip(1).write(&name, Role::Title);
    });
    pen.skip(2).write(&head.count.to_string(), Role::Muted);
    for (count, tone) in head.pressing.iter().zip([Tone::Critical, Tone::Warning]) {
        if *count > 0 {
            pen.skip(2).write(&format!("{} {count}", signs.mark(tone)), Role::toned(tone));
        }
    }
    pen.skip(1).rule(Role::Border);
}

/// The cells a column takes beside its texts.
pub(super) fn beside<R>(column: &Column<R>, tail: Option<Tail<R>>) -> usize {
    (if column.marked { 2 } else { 0 }) + tail.map_or(0, |tail| tail.cells() + 1)
}

/// The cells a text keeps before something drawn behind it goes.
const LEAST: usize = 1;
