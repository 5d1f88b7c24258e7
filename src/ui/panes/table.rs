//! The table: any view as rows and columns. Sorted, filtered, grouped; only the rows on screen are ever built.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::level::Level;
use crate::text::width::{self, Align};
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Sieve, Took, Want};
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::page::page;
use crate::ui::widgets::state::{self, Nothing};
use crate::views::board::Board;
use crate::views::column::{Column, Tone};
use crate::views::lens::Lens;
use crate::views::rows::{Handle, Rows, View};

/// How to find the rows of a view on a board.
type Find<R> = for<'b> fn(&'b Board) -> &'b Rows<R>;

/// A table over the rows of one view.
pub struct Table<R: View> {
    find: Find<R>,
    /// The rows shown, in order: handles into the board that was last settled on.
    shown: Vec<Handle>,
    /// Their keys' chosen one, and where it stood: the item is kept, not the index.
    chosen: Option<String>,
    at: usize,
    first: usize,
    all: usize,
    sort: Option<usize>,
    reversed: bool,
    marked: BTreeSet<String>,
    sieve: Sieve,
}

impl<R: View> Table<R> {
    /// A table of a view.
    #[must_use]
    pub fn new(find: Find<R>) -> Self {
        Self {
            find,
            shown: Vec::new(),
            chosen: None,
            at: 0,
            first: 0,
            all: 0,
            sort: None,
            reversed: false,
            marked: BTreeSet::new(),
            sieve: Sieve::default(),
        }
    }

    fn row<'b>(&self, board: &'b Board, at: usize) -> Option<&'b R> {
        (self.find)(board).get(*self.shown.get(at)?)
    }

    fn move_to(&mut self, at: usize, board: &Board) -> Took {
        let at = at.min(self.shown.len().saturating_sub(1));
        if let Some(row) = self.row(board, at) {
            self.chosen = Some(row.key());
            self.at = at;
        }
        Took::Kept
    }

    /// The order and the choice of rows, anew.
    fn sift(&mut self, board: &Board) {
        let rows = (self.find)(board);
        self.all = rows.len();
        let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
        let filter = self.sieve.query.over(&names);
        let zones = &board.header.zones;
        // A filter compares what is written; times are written as they were at the board's own moment.
        let lens = Lens { now: board.header.judged_at, zone: crate::views::lens::Zone::Fleet, zones };
        let kept = |row: &R| {
            let of = self.sieve.installation.as_ref();
            of.is_none_or(|id| row.installation() == Some(id))
                && (!self.sieve.focus || needs_a_look(row.tone()))
                && (self.sieve.query.is_empty()
                    || filter.keeps(|n| R::COLUMNS.get(n).map_or("".into(), |column| (column.cell)(row, &lens))))
        };
        let mut shown: Vec<(Handle, &R)> = rows.handles().filter(|(_, row)| kept(row)).collect();
        match self.sort.and_then(|n| R::COLUMNS.get(n)) {
            Some(column) => shown.sort_by(|(_, a), (_, b)| (column.compare)(a, b).then_with(|| a.order(b))),
            None => shown.sort_by(|(_, a), (_, b)| a.order(b)),
        }
        if self.reversed {
            shown.reverse();
        }
        let place = self.chosen.as_ref().and_then(|key| shown.iter().position(|(_, row)| row.key() == *key));
        // What was chosen and is gone leaves its neighbour chosen.
        self.at = place.unwrap_or(self.at).min(shown.len().saturating_sub(1));
        self.chosen = shown.get(self.at).map(|(_, row)| row.key());
        self.shown = shown.into_iter().map(|(handle, _)| handle).collect();
        self.first = page(self.first, self.at, self.shown.len(), 1).start.min(self.first);
    }

    fn wants_open(&self, board: &Board) -> Took {
        let Some(row) = self.row(board, self.at) else { return Took::Passed };
        match row.installation() {
            Some(id) if self.sieve.installation.is_none() => Took::Wants(Want::Page(id.clone())),
            Some(_) | None => Took::Passed,
        }
    }
}

/// Whether focus mode keeps it.
fn needs_a_look(tone: Tone) -> bool {
    match tone {
        Tone::Plain | Tone::Muted | Tone::Ok | Tone::Ahead => false,
        Tone::Waiting | Tone::Stale | Tone::Unknown | Tone::Warning | Tone::Critical => true,
    }
}

impl<R: View> Pane for Table<R> {
    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Filter, Action::Sort, Action::Focus, Action::Mark, Action::Copy, Action::Export]
    }

    fn settle(&mut self, board: &Board, sieve: &Sieve) {
        self.sieve = sieve.clone();
        self.sift(board);
    }

    fn take(&mut self, action: Action, board: &Board) -> Took {
        match action {
            Action::Up => self.move_to(self.at.saturating_sub(1), board),
            Action::Down => self.move_to(self.at.saturating_add(1), board),
            Action::PageUp => self.move_to(self.at.saturating_sub(PAGE), board),
            Action::PageDown => self.move_to(self.at.saturating_add(PAGE), board),
            Action::Top => self.move_to(0, board),
            Action::Bottom => self.move_to(usize::MAX, board),
            Action::Sort => {
                self.sort = match self.sort {
                    None => Some(0),
                    Some(n) if n + 1 < R::COLUMNS.len() => Some(n + 1),
                    Some(_) => None,
                };
                self.sift(board);
                Took::Kept
            }
            Action::Reverse => {
                self.reversed = !self.reversed;
                self.sift(board);
                Took::Kept
            }
            Action::Mark => {
                if let Some(key) = self.chosen.clone()
                    && !self.marked.remove(&key)
                {
                    self.marked.insert(key);
                }
                self.move_to(self.at.saturating_add(1), board)
            }
            Action::Copy => {
                let marked = (self.find)(board).iter().map(View::key).filter(|key| self.marked.contains(key));
                let mut keys: Vec<String> = marked.collect();
                if keys.is_empty() {
                    keys.extend(self.chosen.clone());
                }
                if keys.is_empty() { Took::Passed } else { Took::Wants(Want::Copy(keys.join("\n"))) }
            }
            Action::Refresh => {
                let chosen = self.row(board, self.at).and_then(|row| row.installation().cloned());
                Took::Wants(Want::Refresh(chosen.into_iter().collect()))
            }
            Action::Open => self.wants_open(board),
            _ => Took::Passed,
        }
    }

    fn choose(&mut self, key: &str, board: &Board) {
        self.chosen = Some(key.to_owned());
        self.sift(board);
    }

    fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    fn count(&self) -> (usize, usize) {
        (self.shown.len(), self.all)
    }

    fn says(&self) -> String {
        let by = self.sort.and_then(|n| R::COLUMNS.get(n)).map_or("usual order", |column| column.name);
        format!("by {by}{}", if self.reversed { ", reversed" } else { "" })
    }

    fn point(&mut self, at: Point, area: Rect, board: &Board) -> Took {
        match at {
            Point::WheelUp => self.move_to(self.at.saturating_sub(3), board),
            Point::WheelDown => self.move_to(self.at.saturating_add(3), board),
            Point::Click(_, y) => {
                let height = usize::from(area.height.saturating_sub(1));
                let visible = page(self.first, self.at, self.shown.len(), height);
                let row = usize::from(y.saturating_sub(area.y)).checked_sub(1).map(|row| visible.start + row);
                match row {
                    Some(row) if row < visible.end => self.move_to(row, board),
                    Some(_) | None => Took::Passed,
                }
            }
        }
    }

    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        if self.shown.is_empty() {
            let nothing = if self.all > 0 { Nothing::Filtered { hidden: self.all } } else { Nothing::Empty };
            return state::draw(nothing, R::ABOUT, scene, area, buf);
        }
        let rows = (self.find)(scene.board);
        let height = usize::from(area.height.saturating_sub(1));
        let visible = page(self.first, self.at, self.shown.len(), height);
        let handles = self.shown.get(visible.clone()).unwrap_or_default();
        let on_screen: Vec<&R> = handles.iter().filter_map(|handle| rows.get(*handle)).collect();
        let lens = scene.lens();
        let columns = layout(&on_screen, &lens, usize::from(area.width));
        self.heads(&columns, scene, area, buf);
        for (n, row) in on_screen.iter().enumerate() {
            let chosen = visible.start + n == self.at;
            self.line(&Line { row, n, chosen, columns: &columns, lens: &lens }, scene, area, buf);
        }
    }
}

/// How far a page key goes; the list turns by the screen only where the screen is known, and drawing knows it alone.
const PAGE: usize = 20;

/// One column that fits, with its width.
struct Fitting<R: 'static> {
    n: usize,
    column: &'static Column<R>,
    width: usize,
}

/// One row about to be drawn.
struct Line<'a, R: 'static> {
    row: &'a R,
    n: usize,
    chosen: bool,
    columns: &'a [Fitting<R>],
    lens: &'a Lens<'a>,
}

/// The columns that fit into a width: the lowest `keep` goes first, then the widest texts are shortened.
fn layout<R: View>(rows: &[&R], lens: &Lens<'_>, room: usize) -> Vec<Fitting<R>> {
    let marks = |column: &Column<R>| if column.marked { 2 } else { 0 };
    let mut columns: Vec<Fitting<R>> = R::COLUMNS
        .iter()
        .enumerate()
        .map(|(n, column)| {
            let widest = rows.iter().map(|row| width::width(&(column.cell)(row, lens)) + marks(column)).max();
            Fitting { n, column, width: widest.unwrap_or(0).max(width::width(column.name)) }
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
    columns
}

impl<R: View> Table<R> {
    fn heads(&self, columns: &[Fitting<R>], scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
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

    fn line(&self, line: &Line<'_, R>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let signs = scene.theme.signs;
        let below = u16::try_from(line.n).unwrap_or(u16::MAX).saturating_add(1);
        let mut pen = Pen::new(buf, scene.theme, area, below);
        if line.chosen && scene.focused {
            pen = pen.on(Role::Selected);
        }
        let marked = !self.marked.is_empty() && self.marked.contains(&line.row.key());
        let (edge, role) = match (line.chosen, marked) {
            (_, true) => (signs.marked, Role::Marked),
            (true, false) => (signs.chosen, Role::Accent),
            (false, false) => (" ", Role::Text),
        };
        pen.cell(edge, role, 2, Align::Left);
        for one in line.columns {
            let cell = (one.column.cell)(line.row, line.lens);
            let tone = (one.column.tone)(line.row);
            let cell = if signs.ascii { crate::ui::signs::plain(&cell).into() } else { cell };
            if one.column.marked {
                pen.cell(signs.mark(tone), Role::toned(tone), 2, Align::Left);
                pen.cell(&cell, Role::toned(tone), one.width.saturating_sub(2), one.column.align);
            } else {
                pen.cell(&cell, Role::toned(tone), one.width, one.column.align);
            }
            pen.skip(2);
        }
    }
}

/// The worst level among rows, for the count beside a tab.
#[must_use]
pub fn worst<R: View>(rows: &Rows<R>) -> Level {
    let level = |tone| match tone {
        Tone::Critical => Level::Critical,
        Tone::Warning => Level::Warning,
        Tone::Unknown | Tone::Stale => Level::Unknown,
        Tone::Plain | Tone::Muted | Tone::Ok | Tone::Ahead | Tone::Waiting => Level::Ok,
    };
    rows.iter().map(|row| level(row.tone())).max().unwrap_or(Level::Ok)
}
