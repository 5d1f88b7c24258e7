//! Lifecycle as time: what is supported until when, when it may be touched, and what ends before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::{Day, day_of};
use crate::domain::state::LifeState;
use crate::text::width::{Align, width};
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::axis::Axis;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::lines::{Line, Lines};
use crate::views::board::Board;
use crate::views::cell::fitted;
use crate::views::column::Tone;
use crate::views::lifecycle::Row;
use crate::views::rows::View;

/// The drawing of time.
#[derive(Default)]
pub struct Time {
    lines: Lines<Alike>,
    /// Whether those that are alike stand on lines of their own.
    apart: bool,
    /// By how many months the axis is moved.
    months: i32,
    exposed: usize,
    widths: Widths,
}

/// How many are alike on one line, beside the one that is named.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Alike(usize);

/// The widest texts of all rows, so that scrolling moves no column.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    component: usize,
    place: usize,
    running: usize,
    left: usize,
}

/// Where the columns are on a screen.
#[derive(Clone, Copy, Debug)]
struct Layout {
    component: usize,
    place: usize,
    running: usize,
    axis: usize,
    word: usize,
    left: usize,
}

impl Layout {
    fn of(room: u16, widths: Widths) -> Self {
        let room = usize::from(room);
        let wide = room >= 100;
        let component = widths.component.clamp(9, if wide { 16 } else { 11 });
        let place = widths.place.clamp(
            5,
            if wide {
                28
            } else if room >= 72 {
                20
            } else {
                16
            },
        );
        let running = if wide { widths.running.clamp(7, 12) + 2 } else { 0 };
        let (word, left) = (if wide { 10 } else { 0 }, widths.left.clamp(5, 11));
        let rest = component + place + running + word + left + 10;
        Self { component, place, running, axis: room.saturating_sub(rest), word, left }
    }
}

/// What makes two components alike: only then one line can stand for both.
type Kind<'r> = (&'r str, Option<&'r str>, LifeState, Option<Day>, Option<Day>, Option<Day>, Option<bool>, bool);

fn kind(row: &Row) -> Kind<'_> {
    (
        row.component.as_str(),
        row.running.as_deref(),
        row.state,
        row.eol_at,
        row.deadline,
        row.extended_until,
        row.exposed,
        row.basis.stale,
    )
}

fn place(row: &Row) -> String {
    format!("{}/{}", row.installation, row.environment)
}

/// What it is about without colour: what ends before it may be touched is as bad as what has ended.
fn tone(row: &Row) -> Tone {
    match (row.tone(), row.exposed) {
        (Tone::Stale, _) => Tone::Stale,
        (_, Some(true)) => Tone::Critical,
        (tone, Some(false) | None) => tone,
    }
}

impl Picture<Row> for Time {
    fn actions(&self) -> &'static [Action] {
        &[
            Action::Open,
            Action::Filter,
            Action::Map,
            Action::Group,
            Action::Left,
            Action::Right,
            Action::Focus,
            Action::Copy,
            Action::Export,
        ]
    }

    fn says(&self, table: &Table<Row>) -> String {
        let order = table.says();
        if self.exposed == 0 { order } else { format!("{order}, {} exposed", self.exposed) }
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        let mut known: HashMap<Kind<'_>, usize> = HashMap::new();
        let mut lines: Vec<Line<Alike>> = Vec::new();
        let mut of = Vec::with_capacity(table.len());
        self.exposed = 0;
        self.widths = Widths::default();
        for (at, row) in table.rows(board).enumerate() {
            self.exposed += usize::from(row.exposed == Some(true));
            self.widths.component = self.widths.component.max(width(row.component.as_str()));
            self.widths.place = self.widths.place.max(width(&place(row)) + 5);
            self.widths.running = self.widths.running.max(row.running.as_deref().map_or(1, width));
            self.widths.left = self.widths.left.max(width(&row.left()));
            let fresh = lines.len();
            let line = match (self.apart, known.entry(kind(row))) {
                (false, Entry::Occupied(known)) => *known.get(),
                (false, Entry::Vacant(free)) => *free.insert(fresh),
                (true, _) => fresh,
            };
            match lines.get_mut(line) {
                Some(line) => line.what.0 += 1,
                None => lines.push(Line { at: Some(at), what: Alike(0) }),
            }
            of.push(line);
        }
        self.lines.renew(lines, of, table.at());
    }

    fn fits(&mut self, area: Rect) {
        self.lines.fits(usize::from(body(area).height));
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        match action {
            Action::Group => {
                self.apart = !self.apart;
                self.settle(table, board);
                Took::Kept
            }
            Action::Left => {
                self.months = (self.months - 1).max(-24);
                Took::Kept
            }
            Action::Right => {
                self.months = (self.months + 1).min(60);
                Took::Kept
            }
            other => match self.lines.step(other, table.at()) {
                Some(at) => table.move_to(at, board),
                None => Took::Passed,
            },
        }
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        let to = match at {
            Point::WheelUp => self.lines.step(Action::Up, table.at()),
            Point::WheelDown => self.lines.step(Action::Down, table.at()),
            Point::Click(_, y) => {
                let body = body(area);
                let line = y.checked_sub(body.y).map(usize::from);
                line.and_then(|line| self.lines.pointed(table.at(), usize::from(body.height), line))
            }
        };
        to.map_or(Took::Kept, |to| table.move_to(to, board))
    }

    fn draw(&self, table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let layout = Layout::of(area.width, self.widths);
        let axis = Axis::around(scene.lens().today(), self.months, layout.axis);
        heads(layout, &axis, scene, area, buf);
        let body = body(area);
        let chosen = self.lines.line_of(table.at());
        let mut met = Vec::new();
        for (n, line) in self.lines.visible(table.at(), usize::from(body.height)).enumerate() {
            let Some(Line { at: Some(at), what }) = self.lines.get(line) else { continue };
            // The line of the chosen row names that row, not merely one that is alike.
            let at = if line == chosen { table.at() } else { *at };
            let Some(row) = table.row(scene.board, at) else { continue };
            let edge = Edge { chosen: line == chosen, marked: table.is_marked(row), focused: scene.focused };
            let mut pen = Pen::edged(buf, scene.theme, body, u16::try_from(n).unwrap_or(u16::MAX), edge);
            one(row, what.0, layout, &axis, scene, &mut pen);
            met.extend(spots(row, &axis, scene));
        }
        if area.height > body.height + 1 {
            legend(&met, scene, area, buf);
        }
    }
}

/// Between the months above and the legend below.
fn body(area: Rect) -> Rect {
    let legend = if area.height >= 6 { 1 } else { 0 };
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1 + legend), ..area }
}

fn heads(layout: Layout, axis: &Axis, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(buf, scene.theme, area, 0);
    pen.skip(4).cell("component", Role::Muted, layout.component, Align::Left).skip(2);
    pen.cell("where", Role::Muted, layout.place, Align::Left).skip(1);
    if layout.running > 0 {
        pen.cell("running", Role::Muted, layout.running, Align::Left);
    }
    pen.skip(1);
    let today = axis.cell(scene.lens().today());
    let mut months = axis.months().into_iter().peekable();
    let mut cell = 0;
    while cell < axis.cells() {
        match months.peek() {
            Some((at, name)) if *at == cell => {
                // Today's line stands before the name of a month that begins where it is.
                pen.write(name, Role::Muted);
                cell += name.len();
                months.next();
            }
            Some(_) | None if today == Some(cell) => {
                pen.write(scene.theme.signs.points[2], Role::Accent);
                cell += 1;
            }
            Some(_) | None => {
                pen.skip(1);
                cell += 1;
            }
        }
    }
    pen.skip(1).skip(layout.word).cell("left", Role::Muted, layout.left, Align::Right);
}

/// One line: what, where, which version, its time, and what is left of it.
fn one(row: &Row, more: usize, layout: Layout, axis: &Axis, scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let signs = scene.theme.signs;
    let tone = tone(row);
    let role = Role::toned(tone);
    pen.name(1 + layout.component + 2 + layout.place, |pen| {
        pen.write(signs.mark(tone), role).skip(1);
        pen.cell(row.component.as_str(), Role::Text, layout.component, Align::Left).skip(2);
        let more = if more == 0 { String::new() } else { format!(" +{more}") };
        let whole = place(row);
        let place = fitted(&whole, layout.place.saturating_sub(width(&more)));
        let taken = width(place).min(layout.place.saturating_sub(width(&more)));
        pen.cell(place, Role::Text, taken, Align::Left).write(&more, Role::Accent);
        pen.skip(layout.place.saturating_sub(taken + width(&more)));
    });
    pen.skip(1);
    if layout.running > 0 {
        let running = row.running.as_deref().unwrap_or("?");
        pen.cell(running, Role::Text, layout.running.saturating_sub(2), Align::Left).skip(2);
    }
    pen.skip(1);
    time(row, axis, scene, pen);
    pen.skip(1);
    if layout.word > 0 {
        let word = match (row.exposed, row.state) {
            // What has ended says so; that it could not be touched in time goes without saying then.
            (Some(true), state) if state != LifeState::Expired => "exposed",
            (_, LifeState::Supported) => "",
            (_, LifeState::SecurityOnly) => "security",
            (_, state) => state.word(),
        };
        pen.cell(word, role, layout.word.saturating_sub(1), Align::Left).skip(1);
    }
    let left = if signs.ascii { crate::text::plain::ascii(&row.left()) } else { row.left() };
    pen.cell(&left, role, layout.left, Align::Right);
}

/// What one cell of the drawing shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// A stretch: which of the four, in the signs' order.
    Span(usize),
    /// Past its end, and not yet touchable.
    Gap,
    End,
    Window,
    Today,
    Blank,
}

impl Spot {
    fn sign(self, signs: &Signs) -> &'static str {
        match self {
            Self::Span(n) => signs.spans.get(n).copied().unwrap_or(" "),
            Self::Gap => signs.track.1,
            Self::End => signs.points[0],
            Self::Window => signs.points[1],
            Self::Today => signs.points[2],
            Self::Blank => " ",
        }
    }

    fn role(self, row: &Row) -> Role {
        match self {
            Self::Span(_) if row.basis.stale => Role::Stale,
            Self::Span(0 | 1) => Role::Ok,
            Self::Span(2) => Role::Warning,
            Self::Span(_) => Role::Waiting,
            Self::Gap => Role::Critical,
            Self::End if row.exposed == Some(true) || row.state == LifeState::Expired => Role::Critical,
            Self::End => Role::Deadline,
            Self::Window => Role::Window,
            Self::Today => Role::Accent,
            Self::Blank => Role::Text,
        }
    }
}

fn time(row: &Row, axis: &Axis, scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let signs = scene.theme.signs;
    let lens = scene.lens();
    let today = axis.cell(lens.today());
    if row.state == LifeState::Unknown {
        let why = row.reason.as_deref().unwrap_or("nobody can say");
        let before = today.map_or(0, |cell| cell.saturating_add(2)).min(axis.cells());
        pen.skip(before.saturating_sub(2));
        pen.write(if today.is_some() { Spot::Today.sign(signs) } else { "" }, Role::Accent);
        pen.skip(before.min(1)).cell(why, Role::Muted, axis.cells().saturating_sub(before), Align::Left);
        return;
    }
    // Cells that look alike are written at once.
    let cells: Vec<Spot> = spots(row, axis, scene).collect();
    for run in cells.chunk_by(|one, next| one == next) {
        if let Some(one) = run.first() {
            pen.write(&one.sign(signs).repeat(run.len()), one.role(row));
        }
    }
}

/// The life of a component, cell by cell; none where nobody knows it.
fn spots(row: &Row, axis: &Axis, scene: &Scene<'_>) -> impl Iterator<Item = Spot> {
    let today = axis.cell(scene.lens().today());
    let window = row.next_window.as_ref().map(|span| day_of(span.start, scene.board.header.zone()));
    let cells = if row.state == LifeState::Unknown { 0 } else { axis.cells() };
    (0..cells).map(move |cell| {
        let (from, next) = (axis.day(cell), axis.day(cell + 1));
        let here = |day: Option<Day>| day.is_some_and(|day| from <= day && day < next);
        if here(row.end()) {
            Spot::End
        } else if here(window) {
            Spot::Window
        } else if today == Some(cell) {
            Spot::Today
        } else {
            span(row, from, window)
        }
    })
}

/// What a day is in the life of a component.
fn span(row: &Row, day: Day, window: Option<Day>) -> Spot {
    let before = |end: Option<Day>| end.is_some_and(|end| day <= end);
    if row.eol_at.is_none() && row.deadline.is_none() || before(row.eol_at) {
        return Spot::Span(if row.state == LifeState::SecurityOnly { 1 } else { 0 });
    }
    if before(row.extended_until) {
        return Spot::Span(3);
    }
    if before(row.deadline) {
        return Spot::Span(2);
    }
    if row.exposed == Some(true) && before(window) { Spot::Gap } else { Spot::Blank }
}

/// What the signs say. Where not all of them find room, those that are on screen.
fn legend(met: &[Spot], scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let mut pen = Pen::new(buf, scene.theme, area, area.height.saturating_sub(1));
    pen.skip(2);
    let all: usize = LEGEND.iter().map(|(_, word, _)| width(word) + 4).sum();
    let fits = all <= usize::from(pen.room());
    for (spot, word, role) in LEGEND.iter().filter(|(spot, ..)| fits || met.contains(spot)) {
        if usize::from(pen.room()) < width(word) + 4 {
            break;
        }
        pen.write(spot.sign(signs), *role).skip(1).write(word, Role::Muted).skip(2);
    }
}

/// The signs in the order of their worth.
const LEGEND: [(Spot, &str, Role); 8] = [
    (Spot::End, "end", Role::Deadline),
    (Spot::Window, "next window", Role::Window),
    (Spot::Gap, "no window yet", Role::Critical),
    (Spot::Span(2), "upgrade window", Role::Warning),
    (Spot::Span(3), "extended support", Role::Waiting),
    (Spot::Span(1), "security only", Role::Ok),
    (Spot::Span(0), "supported", Role::Ok),
    (Spot::Today, "today", Role::Accent),
];
