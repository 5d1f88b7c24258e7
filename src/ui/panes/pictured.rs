//! A view with two looks: its table, and a picture of the same rows. What is chosen, filtered and sorted is the same in both.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::id::InstallationId;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Sieve, Took};
use crate::ui::panes::table::{Table, WITH_PICTURE};
use crate::views::asked::{News, Topic};
use crate::views::board::Board;
use crate::views::link::Link;
use crate::views::rows::View;

/// Another look at the rows of a table.
pub trait Picture<R: View>: Send {
    /// The actions it takes beside moving about.
    fn actions(&self) -> &'static [Action];

    /// What stands beside the view's name.
    fn says(&self, table: &Table<R>) -> String;

    /// Whether something is open that only this picture can show and close: the other look then waits.
    fn is_open(&self) -> bool {
        false
    }

    /// What it is.
    fn opened(&self, _table: &Table<R>) -> Option<String> {
        None
    }

    /// After news, another sieve or another order of the table.
    fn settle(&mut self, _table: &mut Table<R>, _board: &Board) {}

    /// Told the place it is drawn at.
    fn fits(&mut self, _area: Rect) {}

    /// Takes an action, or leaves it to the table.
    fn take(&mut self, _action: Action, _table: &mut Table<R>, _board: &Board) -> Took {
        Took::Passed
    }

    /// What it wants to be told from outside the board.
    fn asks(&self, _table: &Table<R>, _board: &Board) -> Vec<Topic> {
        Vec::new()
    }

    /// News about something it asks.
    fn hear(&mut self, _topic: &Topic, _news: News) {}

    /// A click, or a turn of the wheel.
    fn point(&mut self, at: Point, area: Rect, table: &mut Table<R>, board: &Board) -> Took;

    /// Draws at least one row; of a table that is not empty.
    fn draw(&self, table: &Table<R>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer);
}

/// Which of the two is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Rows and columns.
    Table,
    /// The other one.
    Picture,
}

/// A table with another look.
struct Pictured<R: View, P: Picture<R>> {
    table: Table<R>,
    picture: P,
    look: Look,
}

/// A picture, with its table behind `m`.
#[must_use]
pub fn over<R: View, P: Picture<R> + 'static>(table: Table<R>, picture: P) -> Box<dyn Pane> {
    Box::new(Pictured { table, picture, look: Look::Picture })
}

/// A table, with a picture of it behind `m`.
#[must_use]
pub fn behind<R: View, P: Picture<R> + 'static>(table: Table<R>, picture: P) -> Box<dyn Pane> {
    Box::new(Pictured { table, picture, look: Look::Table })
}

impl<R: View, P: Picture<R>> Pictured<R, P> {
    fn is_picture(&self) -> bool {
        self.look == Look::Picture && !self.table.is_empty()
    }
}

impl<R: View, P: Picture<R>> Pane for Pictured<R, P> {
    fn actions(&self) -> &'static [Action] {
        match self.look {
            Look::Picture => self.picture.actions(),
            Look::Table => &WITH_PICTURE,
        }
    }

    fn settle(&mut self, board: &Board, sieve: &Sieve) {
        self.table.settle(board, sieve);
        self.picture.settle(&mut self.table, board);
    }

    fn fits(&mut self, area: Rect) {
        self.table.fits(area);
        self.picture.fits(area);
    }

    fn take(&mut self, action: Action, board: &Board) -> Took {
        if matches!(action, Action::Map | Action::Group) && !self.picture.is_open() {
            self.table.keep_chosen();
        }
        if action == Action::Map && !self.picture.is_open() {
            self.look = match self.look {
                Look::Table => Look::Picture,
                Look::Picture => Look::Table,
            };
            if self.look == Look::Picture {
                // Groups are the table's.
                self.table.ungroup(board);
                self.picture.settle(&mut self.table, board);
            }
            return Took::Kept;
        }
        if self.is_picture() {
            let took = self.picture.take(action, &mut self.table, board);
            if took != Took::Passed {
                return took;
            }
        }
        if action == Action::Group && !self.picture.is_open() {
            self.look = Look::Table;
        }
        let took = self.table.take(action, board);
        if matches!(action, Action::Sort | Action::Reverse) {
            self.picture.settle(&mut self.table, board);
        }
        took
    }

    fn asks(&self, board: &Board) -> Vec<Topic> {
        if self.is_picture() { self.picture.asks(&self.table, board) } else { Vec::new() }
    }

    fn hear(&mut self, topic: &Topic, news: News) {
        self.picture.hear(topic, news);
    }

    fn choose(&mut self, key: &str, board: &Board) {
        self.table.choose(key, board);
        self.picture.settle(&mut self.table, board);
    }

    fn chosen(&self) -> Option<&str> {
        self.table.chosen()
    }

    fn marked(&self) -> Vec<String> {
        self.table.marked()
    }

    fn links(&self, board: &Board) -> Vec<Link> {
        self.table.links(board)
    }

    fn about(&self, board: &Board) -> Option<InstallationId> {
        self.table.about(board)
    }

    fn count(&self) -> (usize, usize) {
        self.table.count()
    }

    fn opened(&self) -> Option<String> {
        self.picture.opened(&self.table).filter(|_| self.is_picture())
    }

    fn says(&self) -> String {
        match self.look {
            Look::Picture if self.table.count().1 > 0 => self.picture.says(&self.table),
            Look::Table | Look::Picture => self.table.says(),
        }
    }

    fn rows(&self) -> [&'static str; 2] {
        R::ROWS
    }

    fn point(&mut self, at: Point, area: Rect, board: &Board) -> Took {
        if self.is_picture() {
            self.picture.point(at, area, &mut self.table, board)
        } else {
            self.table.point(at, area, board)
        }
    }

    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        if self.is_picture() && !area.is_empty() {
            self.picture.draw(&self.table, scene, area, buf);
        } else {
            self.table.draw(scene, area, buf);
        }
    }
}
