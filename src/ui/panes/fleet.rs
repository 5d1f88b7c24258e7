//! The fleet as a map: one cell an installation, marked and coloured by the worst thing about it.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::width::{Align, shorten_middle, shorten_middle_ascii, width};
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::{Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::{GAUGE, Table, Tail};
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::fleet::Row;
use crate::views::rows::View;

/// The fleet's table: the contract's clock is drawn beside its words, and the course of the alerts beside their number.
#[must_use]
pub fn table() -> Table<Row> {
    Table::new(|board| &board.views.fleet).with("lifecycle", Tail::Gauge(clock)).with("alerts", Tail::Course(course))
}

/// How many alerts fired over the last hours, where it is known.
fn course(row: &Row) -> Option<&[Option<u32>]> {
    Some(row.alert_course.as_slice()).filter(|course| !course.is_empty())
}

/// The contract's clock in five steps of six days: what a usual upgrade window of thirty has left.
fn clock(row: &Row) -> Option<usize> {
    let days = usize::try_from(row.days_left?.max(0)).unwrap_or(usize::MAX);
    Some(days.div_ceil(30 / GAUGE).min(GAUGE))
}

/// The map.
#[derive(Debug, Default)]
pub struct Map {
    /// Where it was drawn when last told.
    area: Rect,
    /// The widest name.
    name: usize,
    /// The widest reason for not being well.
    why: usize,
    /// How many installations are in each state.
    tally: BTreeMap<Tone, usize>,
}

/// How the map divides its place: pure, so that drawing, moving and the mouse agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    /// The cells of one installation.
    wide: usize,
    /// The cells of its name, where it is told.
    name: usize,
    /// Installations beside each other.
    across: usize,
    /// Rows of them.
    down: usize,
    /// The first row of the map on screen.
    first: usize,
}

/// The most cells of a reason.
const WHY: usize = 40;
/// The rows above the map, and below it.
const ABOVE: u16 = 2;
const BELOW: u16 = 3;

impl Grid {
    /// The widest cells with which all find room: with names and why they are not well, with names, with the beginnings of
    /// names, or marks alone.
    fn of(map: &Map, area: Rect, rows: usize, at: usize) -> Self {
        let down = usize::from(area.height.saturating_sub(ABOVE + BELOW)).max(1);
        let room = usize::from(area.width.saturating_sub(2)).max(1);
        let full = map.name.clamp(4, 24) + 4;
        let told = |most: usize| if map.why == 0 { full } else { full + map.why.min(most) + 2 };
        let widths = [told(WHY), told(WHY / 2), full, full.min(16), full.min(11), 2, 1];
        let across = |wide: usize| (room / wide).max(1);
        let wide = widths.into_iter().find(|wide| across(*wide) * down >= rows).unwrap_or(1);
        let across = across(wide);
        // Reasons take what room is left.
        let wide = if wide > full { (room / across).min(told(WHY)) } else { wide };
        let all = rows.div_ceil(across);
        let first = (at / across).saturating_sub(down / 2).min(all.saturating_sub(down));
        Self { wide, name: wide.min(full).saturating_sub(4), across, down, first }
    }
}

impl Map {
    fn step(&self, table: &mut Table<Row>, board: &Board, action: Action) -> Took {
        let grid = Grid::of(self, self.area, table.len(), table.at());
        let (at, last) = (table.at(), table.len().saturating_sub(1));
        let to = match action {
            Action::Left => at.checked_sub(1),
            Action::Right => Some(at + 1),
            Action::Up => at.checked_sub(grid.across),
            Action::Down => Some(at + grid.across),
            Action::PageUp => Some(at.saturating_sub(grid.across * grid.down)),
            Action::PageDown => Some((at + grid.across * grid.down).min(last)),
            _ => return Took::Passed,
        };
        match to {
            // Downwards out of the last full row one comes to the last installation, once.
            Some(to) if to > last && at / grid.across < last / grid.across => table.move_to(last, board),
            Some(to) if to <= last => table.move_to(to, board),
            Some(_) | None => Took::Kept,
        }
    }

    fn legend(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let mut pen = Pen::new(buf, scene.theme, area, 0);
        pen.skip(2);
        let words = [
            (Tone::Critical, "critical"),
            (Tone::Warning, "warning"),
            (Tone::Unknown, "unknown"),
            (Tone::Stale, "stale"),
            (Tone::Ok, "ok"),
        ];
        for (tone, word) in words {
            let n = self.tally.get(&tone).copied().unwrap_or(0);
            let role = if n == 0 { Role::Muted } else { Role::toned(tone) };
            pen.write(scene.theme.signs.mark(tone), role).skip(1).write(&format!("{n} {word}"), role).skip(3);
        }
    }
}

impl Picture<Row> for Map {
    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Filter, Action::Map, Action::Sort, Action::Focus, Action::Copy, Action::Export]
    }

    fn says(&self, table: &Table<Row>) -> String {
        use crate::ui::pane::Pane;
        format!("map, {}", table.says())
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        (self.name, self.why) = (0, 0);
        self.tally.clear();
        for row in table.rows(board) {
            self.name = self.name.max(width(row.installation.as_str()));
            self.why = self.why.max(width(reason(row)));
            *self.tally.entry(row.tone()).or_default() += 1;
        }
    }

    fn fits(&mut self, area: Rect) {
        self.area = area;
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        self.step(table, board, action)
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        let grid = Grid::of(self, area, table.len(), table.at());
        match at {
            Point::WheelUp => self.step(table, board, Action::Up),
            Point::WheelDown => self.step(table, board, Action::Down),
            Point::Click(x, y) => {
                let column = usize::from(x.saturating_sub(area.x)).checked_sub(2).map(|x| x / grid.wide);
                let row = usize::from(y.saturating_sub(area.y)).checked_sub(usize::from(ABOVE));
                match (column, row) {
                    (Some(column), Some(row)) if column < grid.across && row < grid.down => {
                        let to = (grid.first + row) * grid.across + column;
                        if to < table.len() { table.move_to(to, board) } else { Took::Kept }
                    }
                    _ => Took::Passed,
                }
            }
        }
    }

    fn draw(&self, table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        self.legend(scene, area, buf);
        let grid = Grid::of(self, area, table.len(), table.at());
        let from = grid.first * grid.across;
        for line in 0..grid.down {
            let below = u16::try_from(line).unwrap_or(u16::MAX).saturating_add(ABOVE);
            if below >= area.height.saturating_sub(BELOW).max(1) {
                break;
            }
            for column in 0..grid.across {
                let at = from + line * grid.across + column;
                let Some(row) = table.row(scene.board, at) else { break };
                let left = u16::try_from(2 + column * grid.wide).unwrap_or(u16::MAX);
                let width = u16::try_from(grid.wide).unwrap_or(u16::MAX).min(area.width.saturating_sub(left));
                let cell = Rect { x: area.x.saturating_add(left), y: area.y, width, height: area.height };
                one(row, at == table.at(), grid, scene, cell, below, buf);
            }
        }
        if let Some(row) = table.row(scene.board, table.at()) {
            chosen(row, scene, area, buf);
        }
    }
}

/// Why it is not well: that it is so in production goes without saying.
fn reason(row: &Row) -> &str {
    row.why.strip_prefix("production: ").unwrap_or(&row.why)
}

/// One installation in its cell.
fn one(row: &Row, is_chosen: bool, grid: Grid, scene: &Scene<'_>, cell: Rect, below: u16, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let tone = row.tone();
    let wide = grid.wide;
    let mut pen = Pen::new(buf, scene.theme, cell, below);
    if is_chosen {
        pen = pen.on(if wide == 1 { Role::Today } else { Role::Selected });
    }
    if wide > 1 {
        pen.write(if is_chosen { signs.chosen } else { " " }, Role::Accent);
    }
    pen.write(signs.mark(tone), Role::toned(tone));
    if wide > 2 {
        let role = if tone == Tone::Ok { Role::Text } else { Role::toned(tone) };
        let room = grid.name;
        // Numbered names differ at their ends.
        let shorten = if signs.ascii { shorten_middle_ascii } else { shorten_middle };
        pen.skip(1).cell(&shorten(row.installation.as_str(), room), role, room, Align::Left);
        let room = wide.saturating_sub(room + 6);
        if room > 0 {
            let why = reason(row);
            let why = if signs.ascii { crate::text::plain::ascii(why) } else { why.to_owned() };
            pen.skip(1).cell(&why, Role::Muted, room, Align::Left);
        }
    }
}

/// What is to know about the chosen one, below the map.
fn chosen(row: &Row, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let role = Role::toned(row.tone());
    let first = area.height.saturating_sub(2);
    let mut pen = Pen::new(buf, scene.theme, area, first);
    let health = if row.stale { "stale" } else { row.health.word() };
    pen.skip(2).write(signs.mark(row.tone()), role).skip(1).write(row.installation.as_str(), Role::Title);
    pen.skip(2).write(row.plan.as_str(), Role::Muted).skip(2).write(health, role);
    if !row.why.is_empty() {
        pen.skip(2).write(&row.why, Role::Text);
    }
    let mut pen = Pen::new(buf, scene.theme, area, first.saturating_add(1));
    pen.skip(4);
    let lens = scene.lens();
    let window = row.next_window.as_ref().map(|span| match span.start <= lens.now {
        true => format!("window open, {}", words::left(span.end - lens.now)),
        false => format!("next window {}", lens.when(span.start, Some(&row.installation))),
    });
    let told = [
        row.copy("production").map(|_| format!("production {}", row.runs("production"))),
        row.copy("staging").map(|_| format!("staging {}", row.runs("staging"))),
        row.days_left.map(|_| row.clock()),
        window,
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let told = told.join(&format!("  {}  ", signs.dot));
    let told = if signs.ascii { crate::text::plain::ascii(&told) } else { told };
    pen.write(&told, Role::Muted);
}
