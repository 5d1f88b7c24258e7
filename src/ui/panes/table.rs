//! The table: any view as rows and columns. Sorted, filtered, grouped; only the rows on screen are ever built.

mod group;
mod paint;
mod place;
mod tail;

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::id::InstallationId;
use crate::text::Clean;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Sieve, Took, Want};
use crate::ui::widgets::page::page;
use crate::ui::widgets::state::{self, Nothing};
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::lens::{Lens, Zone};
use crate::views::link::{Link, links};
use crate::views::rows::{Handle, Rows, View};

use group::Groups;
use paint::{Line, Widths};
use place::Shown;
pub use tail::{GAUGE, Tail};

/// How to find the rows of a view on a board.
type Find<R> = for<'b> fn(&'b Board) -> &'b Rows<R>;

/// What a table does beside moving about.
const ACTIONS: [Action; 9] = [
    Action::Open,
    Action::Filter,
    Action::Sort,
    Action::Group,
    Action::Focus,
    Action::Mark,
    Action::Copy,
    Action::Link,
    Action::Export,
];

/// The same of a table that has another look, told right behind the filter.
pub const WITH_PICTURE: [Action; ACTIONS.len() + 1] = {
    let mut all = [Action::Map; ACTIONS.len() + 1];
    let mut n = 0;
    while n < ACTIONS.len() {
        all[if n < 2 { n } else { n + 1 }] = ACTIONS[n];
        n += 1;
    }
    all
};

/// A table over the rows of one view.
pub struct Table<R: View> {
    find: Find<R>,
    /// The rows shown, in order: handles into the board that was last settled on.
    shown: Vec<Handle>,
    /// Their keys' chosen one, and where it stood: the item is kept, not the index.
    chosen: Option<String>,
    /// Whether a person chose it. Until then it is the first row, whichever that is.
    touched: bool,
    at: usize,
    first: usize,
    /// How many rows were on screen when last told.
    height: usize,
    all: usize,
    tails: Vec<(&'static str, Tail<R>)>,
    sort: Option<usize>,
    reversed: bool,
    groups: Groups,
    marked: BTreeSet<String>,
    sieve: Sieve,
    /// How wide the texts of each column were so far: columns grow where a wider one comes, and never jump back.
    seen: Vec<Widths>,
}

impl<R: View> Table<R> {
    /// A table of a view.
    #[must_use]
    pub fn new(find: Find<R>) -> Self {
        Self {
            find,
            shown: Vec::new(),
            chosen: None,
            touched: false,
            at: 0,
            first: 0,
            height: PAGE,
            all: 0,
            tails: Vec::new(),
            sort: None,
            reversed: false,
            groups: Groups::default(),
            marked: BTreeSet::new(),
            sieve: Sieve::default(),
            seen: Vec::new(),
        }
    }

    /// With something drawn behind the texts of one column.
    #[must_use]
    pub fn with(mut self, column: &'static str, tail: Tail<R>) -> Self {
        self.tails.push((column, tail));
        self
    }

    /// How many rows are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Which of them is chosen.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The one installation that is looked at.
    #[must_use]
    pub fn narrowed(&self) -> Option<&InstallationId> {
        self.sieve.installation.as_ref()
    }

    /// No longer grouped.
    pub fn ungroup(&mut self, board: &Board) {
        if self.groups.by().is_some() {
            self.groups.clear();
            self.sift(board);
        }
    }

    /// Whether a row is marked.
    #[must_use]
    pub fn is_marked(&self, row: &R) -> bool {
        !self.marked.is_empty() && self.marked.contains(&row.key())
    }

    /// The shown rows, in order.
    pub fn rows<'b>(&self, board: &'b Board) -> impl Iterator<Item = &'b R> {
        let rows = (self.find)(board);
        self.shown.iter().filter_map(|handle| rows.get(*handle))
    }

    /// The shown row at a place in the order.
    #[must_use]
    pub fn row<'b>(&self, board: &'b Board, at: usize) -> Option<&'b R> {
        (self.find)(board).get(*self.shown.get(at)?)
    }

    /// Chooses the shown row at a place in the order, or the last one.
    pub fn move_to(&mut self, at: usize, board: &Board) -> Took {
        let at = at.min(self.shown.len().saturating_sub(1));
        if let Some(row) = self.row(board, at) {
            self.chosen = Some(row.key());
            self.touched = true;
            self.at = at;
            let shown = page(self.first, at, self.shown.len(), self.height);
            self.groups.follow(at);
            // What comes onto the screen may be wider than what was there.
            let new = (shown.start != self.first).then(|| shown.clone());
            self.first = shown.start;
            self.measure(new.into_iter().flatten(), board);
        }
        Took::Kept
    }

    /// The row that is chosen as long as nobody chose one, where a picture begins with another than the table.
    pub fn begin_at(&mut self, at: usize, board: &Board) {
        if !self.touched {
            self.at = at.min(self.shown.len().saturating_sub(1));
            self.chosen = self.row(board, self.at).map(View::key);
        }
    }

    /// What was shown as chosen is what a person means when they look at it another way.
    pub fn keep_chosen(&mut self) {
        self.touched = true;
    }

    /// The order and the choice of rows, anew.
    fn sift(&mut self, board: &Board) {
        let rows = (self.find)(board);
        self.all = match &self.sieve.installation {
            Some(id) => rows.iter().filter(|row| row.installation() == Some(id)).count(),
            None => rows.len(),
        };
        let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
        let filter = self.sieve.query.over(&names);
        let zones = &board.header.zones;
        // A filter compares what is written; times are written as they were at the board's own moment.
        let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones };
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
        self.groups.sort(&mut shown, board, &lens);
        let chosen = self.chosen.as_ref().filter(|_| self.touched);
        let place = chosen.and_then(|key| shown.iter().position(|(_, row)| row.key() == *key));
        // What was chosen and is gone leaves its neighbour chosen.
        self.at = place.unwrap_or(self.at).min(shown.len().saturating_sub(1));
        self.chosen = shown.get(self.at).map(|(_, row)| row.key());
        self.groups.lay(shown.iter().map(|(_, row)| row.tone()), self.at);
        self.shown = shown.into_iter().map(|(handle, _)| handle).collect();
        let visible = page(self.first, self.at, self.shown.len(), self.height);
        self.first = visible.start;
        // The rows on screen, and some of all others: most widths are met before one scrolls to them.
        let some = (0..self.shown.len()).step_by(self.shown.len() / SAMPLE + 1);
        self.measure(visible.chain(some), board);
    }

    /// The marked rows, else the chosen one, as lines for the clipboard: each cell, between tabs, as spreadsheets take it.
    fn told(&self, board: &Board) -> Vec<String> {
        let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones: &board.header.zones };
        let chosen = self.chosen.iter().filter(|_| self.marked.is_empty());
        let wanted: BTreeSet<&String> = self.marked.iter().chain(chosen).collect();
        let rows = (self.find)(board).iter().filter(|row| wanted.contains(&row.key()));
        let line = |row: &R| {
            let cells = R::COLUMNS.iter().map(|column| Clean::line(&(column.cell)(row, &lens)).to_string());
            cells.collect::<Vec<_>>().join("\t")
        };
        rows.map(line).collect()
    }

    /// Takes note of how wide the texts of these rows are.
    fn measure(&mut self, which: impl Iterator<Item = usize>, board: &Board) {
        let rows = (self.find)(board);
        let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones: &board.header.zones };
        let shown: Vec<&R> = which.filter_map(|at| rows.get(*self.shown.get(at)?)).collect();
        let mut seen = std::mem::take(&mut self.seen);
        seen.resize(R::COLUMNS.len(), Widths::default());
        for (column, seen) in R::COLUMNS.iter().zip(&mut seen) {
            *seen = Widths::of(column, self.tail(column, &shown), &shown, &lens).max(*seen);
        }
        self.seen = seen;
    }

    /// Sorts by a column; once more, the other way round.
    fn sort_by(&mut self, column: usize, board: &Board) -> Took {
        if self.sort == Some(column) {
            self.reversed = !self.reversed;
        } else {
            self.sort = Some(column);
            self.reversed = false;
        }
        self.sift(board);
        Took::Kept
    }

    fn wants_open(&self, board: &Board) -> Took {
        let Some(row) = self.row(board, self.at) else { return Took::Passed };
        if let Some((view, subject)) = row.leads() {
            let key = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
            return Took::Wants(Want::Go { view, installation: row.installation().cloned(), key });
        }
        // A row of the fleet is an installation: it opens as its page. Every other row opens as what it is.
        match row.installation() {
            Some(id) if R::NAME == "fleet" => Took::Wants(Want::Page(id.clone())),
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
        &ACTIONS
    }

    fn settle(&mut self, board: &Board, sieve: &Sieve) {
        if self.sieve != *sieve {
            self.seen.clear();
        }
        self.sieve = sieve.clone();
        self.sift(board);
    }

    fn fits(&mut self, area: Rect) {
        self.height = usize::from(area.height.saturating_sub(1)).max(1);
        self.groups.fits(self.height);
    }

    fn take(&mut self, action: Action, board: &Board) -> Took {
        if let Some(at) = self.groups.step(action, self.at) {
            return self.move_to(at, board);
        }
        match action {
            Action::Up => self.move_to(self.at.saturating_sub(1), board),
            Action::Down => self.move_to(self.at.saturating_add(1), board),
            Action::PageUp => self.move_to(self.at.saturating_sub(self.height), board),
            Action::PageDown => self.move_to(self.at.saturating_add(self.height), board),
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
            Action::Group => {
                let is_owned = (self.find)(board).iter().any(|row| row.installation().is_some());
                self.groups.turn::<R>(is_owned);
                self.groups.fits(self.height);
                self.sift(board);
                Took::Kept
            }
            Action::Left if self.groups.by().is_some() => self.fold(self.at, true, board),
            Action::Right if self.groups.by().is_some() => self.fold(self.at, false, board),
            Action::Open if self.groups.chosen(self.at).is_some() => self.fold(self.at, false, board),
            Action::Mark => self.mark(board),
            Action::Copy => {
                let lines = self.told(board);
                if lines.is_empty() { Took::Passed } else { Took::Wants(Want::Copy(lines.join("\n"))) }
            }
            // What is marked goes first, as the uppermost thing that lies on the view.
            Action::Back if !self.marked.is_empty() => {
                self.marked.clear();
                Took::Kept
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
        let exact = self.rows(board).any(|row| row.key() == key);
        // Who sends one here may know a part of the key only: a name, a fingerprint.
        let near = || self.rows(board).map(View::key).find(|of| !key.is_empty() && of.contains(key));
        let key = if exact { Some(key.to_owned()) } else { near() };
        if key.is_some() {
            self.chosen = key;
            self.touched = true;
        }
        self.sift(board);
    }

    fn marked(&self) -> Vec<String> {
        self.marked.iter().cloned().collect()
    }

    fn links(&self, board: &Board) -> Vec<Link> {
        self.row(board, self.at).map(|row| links(row, board)).unwrap_or_default()
    }

    fn about(&self, board: &Board) -> Option<InstallationId> {
        self.row(board, self.at)?.installation().cloned()
    }

    fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    fn count(&self) -> (usize, usize) {
        (self.shown.len(), self.all)
    }

    fn says(&self) -> String {
        // What there is none of is in no order.
        if self.all == 0 {
            return String::new();
        }
        let order = match self.sort.and_then(|n| R::COLUMNS.get(n)) {
            Some(column) => format!("by {}", column.name),
            None => R::ORDER.to_owned(),
        };
        let marked = if self.marked.is_empty() { String::new() } else { format!(", {} marked", self.marked.len()) };
        let grouped = self.groups.by().map_or(String::new(), |field| format!(", grouped by {field}"));
        format!("{order}{}{grouped}{marked}", if self.reversed { ", reversed" } else { "" })
    }

    fn rows(&self) -> [&'static str; 2] {
        R::ROWS
    }

    fn point(&mut self, at: Point, area: Rect, board: &Board) -> Took {
        match at {
            Point::WheelUp => self.move_to(self.at.saturating_sub(3), board),
            Point::WheelDown => self.move_to(self.at.saturating_add(3), board),
            Point::Click(x, y) if y == area.y => {
                let columns = self.layout_at(board, area);
                let from = area.x.saturating_add(2);
                let mut left = usize::from(x.saturating_sub(from));
                for one in &columns {
                    if left < one.width + 2 {
                        return self.sort_by(one.n, board);
                    }
                    left -= one.width + 2;
                }
                Took::Passed
            }
            Point::Click(_, y) => {
                let height = usize::from(area.height.saturating_sub(1));
                let Some(line) = usize::from(y.saturating_sub(area.y)).checked_sub(1) else { return Took::Passed };
                if let Some((at, folded)) = self.groups.heading(self.at, height, line) {
                    return self.fold(at, !folded, board);
                }
                match self.row_at(height, line) {
                    // A click on what is chosen opens it.
                    Some(row) if row == self.at && self.touched => Took::Wants(Want::Open),
                    Some(row) => self.move_to(row, board),
                    None => Took::Passed,
                }
            }
        }
    }

    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        if self.shown.is_empty() {
            let nothing =
                if self.all > 0 { Nothing::Filtered { hidden: self.all } } else { Nothing::Empty { says: R::NOTHING } };
            return state::draw(nothing, self.narrowed(), scene, area, buf);
        }
        let lines = self.lines(scene.board, usize::from(area.height.saturating_sub(1)));
        let on_screen: Vec<&R> = lines.iter().filter_map(Shown::row).collect();
        let lens = scene.lens();
        let columns = self.layout(&on_screen, &lens, usize::from(area.width));
        self.heads(&columns, scene, area, buf);
        for (n, line) in lines.iter().enumerate() {
            match line {
                Shown::Row { row, chosen } => {
                    self.line(&Line { row, n, chosen: *chosen, columns: &columns, lens: &lens }, scene, area, buf);
                }
                Shown::Head { head, chosen } => paint::heading(head, n, *chosen, scene, area, buf),
            }
        }
    }
}

/// How many rows are taken to be on screen as long as nobody told.
const PAGE: usize = 20;

/// Of how many rows beyond the screen the widths are looked at.
const SAMPLE: usize = 200;
