//! What stands where in a table: its lines on screen, rows and headings, and what is done to the one that is pointed at.

use ratatui::layout::Rect;

use crate::ui::pane::Took;
use crate::ui::panes::table::group::{Entry, Head};
use crate::ui::panes::table::{Table, paint};
use crate::ui::widgets::page::page;
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};
use crate::views::rows::View;

/// One line on screen.
pub(super) enum Shown<'b, R> {
    Row { row: &'b R, chosen: bool },
    Head { head: &'b Head, chosen: bool },
}

impl<'b, R> Shown<'b, R> {
    pub fn row(&self) -> Option<&'b R> {
        match self {
            Self::Row { row, .. } => Some(row),
            Self::Head { .. } => None,
        }
    }
}

impl<R: View> Table<R> {
    pub(super) fn layout_at(&self, board: &Board, area: Rect) -> Vec<paint::Fitting<R>> {
        let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones: &board.header.zones };
        let lines = self.lines(board, usize::from(area.height.saturating_sub(1)));
        let on_screen: Vec<&R> = lines.iter().filter_map(|line| line.row()).collect();
        self.layout(&on_screen, &lens, usize::from(area.width))
    }

    /// The lines on screen, of rows and of headings.
    pub(super) fn lines<'b>(&'b self, board: &'b Board, height: usize) -> Vec<Shown<'b, R>> {
        if self.groups.by().is_some() {
            let lines = self.groups.visible(self.at, height);
            let shown = lines.filter_map(|(line, chosen)| {
                Some(match &line.what {
                    Entry::Head(head) => Shown::Head { head, chosen },
                    Entry::Row => Shown::Row { row: self.row(board, line.at?)?, chosen },
                })
            });
            return shown.collect();
        }
        let visible = page(self.first, self.at, self.shown.len(), height);
        let row = |at: usize| Some(Shown::Row { row: self.row(board, at)?, chosen: at == self.at });
        visible.filter_map(row).collect()
    }

    /// The row at a line of the screen.
    pub(super) fn row_at(&self, height: usize, line: usize) -> Option<usize> {
        match self.groups.by() {
            Some(_) => self.groups.visible(self.at, height).nth(line)?.0.at,
            None => {
                let visible = page(self.first, self.at, self.shown.len(), height);
                Some(visible.start + line).filter(|row| *row < visible.end)
            }
        }
    }

    /// Folds the group of a row away, or opens it.
    pub(super) fn fold(&mut self, at: usize, folded: bool, board: &Board) -> Took {
        if !self.groups.fold(at, folded) {
            return Took::Passed;
        }
        self.sift(board);
        Took::Kept
    }

    /// Marks what is chosen, or takes the mark away: of a group that is folded, all of it.
    pub(super) fn mark(&mut self, board: &Board) -> Took {
        let rows = self.groups.chosen(self.at).unwrap_or(self.at..self.at + 1);
        let next = rows.end;
        let keys: Vec<String> = rows.filter_map(|at| Some(self.row(board, at)?.key())).collect();
        if keys.iter().all(|key| self.marked.contains(key)) {
            self.marked.retain(|key| !keys.contains(key));
        } else {
            self.marked.extend(keys);
        }
        self.move_to(next, board)
    }
}
