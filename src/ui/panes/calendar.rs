//! The calendar: a quarter at a glance, what is on from the chosen day on, and how much of it at which hour.

mod agenda;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::{Day, Moment, day_of};
use crate::domain::id::InstallationId;
use crate::domain::state::{EntryKind, RolloutState};
use crate::text::width::Align;
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::bar;
use crate::ui::widgets::line::Pen;
use crate::views::board::Board;
use crate::views::calendar::Row;
use crate::views::column::Tone;

/// The quarter and its agenda.
#[derive(Default)]
pub struct Quarter {
    /// The chosen day; none before the first board.
    day: Option<Day>,
    /// The row that was chosen when last looked: another one brings its own day.
    key: Option<String>,
    /// What is on each day: what differs only in whose it is stands as one. Made once per board.
    days: BTreeMap<Day, Vec<Item>>,
    /// How much of each kind is on each day.
    marks: BTreeMap<Day, Marks>,
    /// The most windows on one day.
    most: usize,
    today: Option<Day>,
    /// Where it was drawn when last told.
    area: Rect,
    /// The day the agenda begins with: it stays while the chosen day is in sight.
    from: Option<Day>,
    /// Rollouts that wait for a window: how many, by installation and the beginning of its next one.
    waiting: BTreeMap<(InstallationId, Moment), u64>,
}

/// One thing on one day, for one or several installations.
#[derive(Clone, Debug)]
struct Item {
    /// The first of its rows, by its place in the table.
    at: usize,
    kind: EntryKind,
    /// The day it begins on.
    first: Day,
    start: Moment,
    end: Option<Moment>,
    title: String,
    /// What is wrong with it.
    wrong: Vec<String>,
    whose: String,
    count: usize,
    /// Rollouts that wait for it.
    expected: u64,
}

/// What makes rows one item.
type Alike<'r> = (Moment, Option<Moment>, EntryKind, &'r str, Option<String>, bool);

/// What is on one day, by kind.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    windows: usize,
    maintenances: usize,
    frozen: bool,
    due: usize,
}

/// The most days one row is spread over: no freeze or maintenance is longer.
const LONGEST: u64 = 400;
/// The cells of one day, and the lines of one month.
const DAY: usize = 5;
const MONTH: u16 = 8;
/// The width of the months.
const GRID: u16 = 40;
/// The lines of the load by the hour.
const LOAD: u16 = 4;
/// The lines the agenda has at least before the load takes some.
const AGENDA: u16 = 20;
/// The least width for months beside the agenda.
const WIDE: u16 = 96;

/// The kind's colour.
fn role(kind: EntryKind) -> Role {
    match kind {
        EntryKind::Window => Role::Window,
        EntryKind::Maintenance => Role::Maintenance,
        EntryKind::Freeze => Role::Freeze,
        EntryKind::AnnounceBy | EntryKind::Deadline => Role::Deadline,
    }
}

impl Marks {
    fn add(&mut self, kind: EntryKind, count: usize) {
        match kind {
            EntryKind::Window => self.windows += count,
            EntryKind::Maintenance => self.maintenances += count,
            EntryKind::Freeze => self.frozen = true,
            EntryKind::AnnounceBy | EntryKind::Deadline => self.due += count,
        }
    }

    /// The most telling sign: what must be done by then, what is planned, what forbids, what allows.
    fn sign(self, most: usize, signs: &Signs) -> (&'static str, Role) {
        if self.due > 0 {
            return (signs.mark(Tone::Warning), Role::Deadline);
        }
        if self.maintenances > 0 {
            return (signs.points[1], Role::Maintenance);
        }
        if self.frozen {
            return (signs.spans[3], Role::Freeze);
        }
        let height = bar::height(self.windows, most).and_then(|height| signs.heights.get(height));
        (height.copied().unwrap_or(" "), Role::Window)
    }
}

impl Quarter {
    fn chosen(&self, today: Day) -> Day {
        self.day.unwrap_or(today)
    }

    fn go(&mut self, to: Option<Day>, table: &mut Table<Row>, board: &Board) -> Took {
        let Some(to) = to else { return Took::Kept };
        self.day = Some(to);
        self.turn();
        if let Some(first) = self.days.get(&to).and_then(|items| items.first()) {
            table.move_to(first.at, board);
            self.key = table.chosen().map(str::to_owned);
        }
        Took::Kept
    }
}

impl Picture<Row> for Quarter {
    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Filter, Action::Map, Action::Zone, Action::Top, Action::Focus, Action::Export]
    }

    fn says(&self, _table: &Table<Row>) -> String {
        match (self.day, self.today) {
            (Some(day), Some(today)) => format!("{}, week {}", words::day(day, today), day.iso_week().week()),
            _ => "quarter".to_owned(),
        }
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        let zone = board.header.zone();
        let today = day_of(board.header.judged_at, zone);
        self.today = Some(today);
        self.days.clear();
        self.marks.clear();
        let next =
            board.views.fleet.iter().filter_map(|row| Some((&row.installation, row.next_window.as_ref()?.start)));
        let next: BTreeMap<&InstallationId, Moment> = next.collect();
        self.waiting.clear();
        for row in board.views.rollouts.iter().filter(|row| row.state == RolloutState::WaitingWindow) {
            if let Some(start) = next.get(&row.installation) {
                *self.waiting.entry((row.installation.clone(), *start)).or_default() += 1;
            }
        }
        let mut alike: BTreeMap<Alike<'_>, (usize, usize, BTreeSet<&InstallationId>)> = BTreeMap::new();
        for (at, row) in table.rows(board).enumerate() {
            let kind = (row.start, row.end, row.kind, row.title.as_str(), row.wrong(), row.in_freeze);
            let (_, count, whom) = alike.entry(kind).or_insert_with(|| (at, 0, BTreeSet::new()));
            *count += 1;
            whom.extend(row.installation.as_ref());
        }
        for ((start, end, kind, title, notice, in_freeze), (at, count, whom)) in alike {
            let first = day_of(start, zone);
            let last = end.map_or(first, |end| day_of(end - chrono::TimeDelta::seconds(1), zone)).max(first);
            let frozen = in_freeze.then(|| "in a freeze".to_owned());
            let expected = if kind == EntryKind::Window { self.expected(start, &whom) } else { 0 };
            let item = Item {
                at,
                kind,
                first,
                start,
                end,
                title: title.to_owned(),
                wrong: notice.into_iter().chain(frozen).collect(),
                whose: whose(&whom),
                count,
                expected,
            };
            let days = (0..LONGEST).map_while(|n| first.checked_add_days(Days::new(n)));
            for day in days.take_while(|day| *day <= last) {
                self.days.entry(day).or_default().push(item.clone());
                self.marks.entry(day).or_default().add(kind, count);
            }
        }
        self.most = self.marks.values().map(|marks| marks.windows).max().unwrap_or(0);
        let key = table.chosen().map(str::to_owned);
        match (&self.day, table.row(board, table.at())) {
            (None, _) | (_, None) => self.day = self.day.or(Some(today)),
            (Some(_), Some(row)) if key != self.key => self.day = Some(day_of(row.start, zone)),
            (Some(_), Some(_)) => {}
        }
        self.key = key;
        self.turn();
    }

    fn fits(&mut self, area: Rect) {
        self.area = area;
        self.turn();
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        let today = day_of(board.header.judged_at, board.header.zone());
        let day = self.chosen(today);
        let to = match action {
            Action::Left => day.checked_sub_days(Days::new(1)),
            Action::Right => day.checked_add_days(Days::new(1)),
            Action::Up => day.checked_sub_days(Days::new(7)),
            Action::Down => day.checked_add_days(Days::new(7)),
            Action::PageUp => day.checked_sub_months(Months::new(1)),
            Action::PageDown => day.checked_add_months(Months::new(1)),
            Action::Top => Some(today),
            Action::Bottom => self.days.keys().next_back().copied(),
            // An empty day has nothing to open.
            Action::Open if !self.days.contains_key(&day) => return Took::Kept,
            _ => return Took::Passed,
        };
        // The calendar ends where nobody plans any more.
        let near = to.filter(|to| (*to - today).num_days().abs() < 3660);
        self.go(near, table, board)
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        let today = day_of(board.header.judged_at, board.header.zone());
        match at {
            Point::WheelUp => self.take(Action::Up, table, board),
            Point::WheelDown => self.take(Action::Down, table, board),
            Point::Click(x, y) => {
                let (x, y) = (x.saturating_sub(area.x), y.saturating_sub(area.y));
                if area.width < WIDE || !(2..GRID).contains(&x) {
                    return Took::Passed;
                }
                let months = shown(area);
                let first = first_month(today, self.chosen(today), months);
                let Some(month) = first.checked_add_months(Months::new(u32::from(y / MONTH))) else {
                    return Took::Passed;
                };
                let week = u64::from((y % MONTH).saturating_sub(2));
                let column = u64::try_from(usize::from(x - 2) / DAY).unwrap_or(0);
                let before = u64::from(month.weekday().num_days_from_monday());
                let day = (week * 7 + column).checked_sub(before).and_then(|n| month.checked_add_days(Days::new(n)));
                let day = day.filter(|day| y % MONTH >= 2 && y / MONTH < months && day.month() == month.month());
                self.go(day, table, board)
            }
        }
    }

    fn draw(&self, _table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let today = scene.lens().today();
        let day = self.chosen(today);
        let Parts { months, agenda, load } = parts(area);
        if months.is_empty() {
            self.week(today, day, scene, area, buf);
        } else {
            self.months(today, day, scene, months, buf);
        }
        self.agenda(day, scene, agenda, buf);
        if !load.is_empty() {
            self.load(day, scene, load, buf);
        }
    }
}

/// How the screen is divided.
struct Parts {
    /// The months; none where there is room for a week only.
    months: Rect,
    agenda: Rect,
    load: Rect,
}

fn parts(area: Rect) -> Parts {
    let wide = area.width >= WIDE && area.height > MONTH;
    let (grid, above) = if wide { (GRID, 0) } else { (0, 2) };
    let height = area.height.saturating_sub(above);
    let right = Rect { x: area.x + grid, y: area.y.saturating_add(above), width: area.width - grid, height };
    let load = if height >= LOAD + AGENDA { LOAD } else { 0 };
    Parts {
        months: Rect { width: grid, ..area },
        agenda: Rect { height: height - load, ..right },
        load: Rect { y: right.y + height - load, height: load, ..right },
    }
}

/// How many months fit below each other.
fn shown(area: Rect) -> u16 {
    (area.height.saturating_sub(1) / MONTH).clamp(1, 3)
}

/// The first day of the first month shown: this month's, as long as the chosen day is in sight then, and else the nearest
/// to it.
fn first_month(today: Day, day: Day, months: u16) -> Day {
    let number = |day: Day| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let last = u32::from(months.saturating_sub(1));
    let month = match u32::try_from(number(day) - number(today)) {
        Ok(ahead) if ahead <= last => Some(today),
        Ok(_) => day.checked_sub_months(Months::new(last)),
        Err(_) => Some(day),
    };
    month.and_then(|month| month.with_day(1)).unwrap_or(day)
}

/// What the signs behind the days say.
fn legend(mut pen: Pen<'_>) {
    let signs = pen.signs();
    let told = [
        (signs.heights[4], "window", Role::Window),
        (signs.points[1], "work", Role::Maintenance),
        (signs.spans[3], "freeze", Role::Freeze),
        (signs.mark(Tone::Warning), "due", Role::Deadline),
    ];
    pen.skip(2);
    for (sign, word, role) in told {
        pen.write(sign, role).skip(1).write(word, Role::Muted).skip(2);
    }
}

/// One installation by its name, several by their number.
fn whose(these: &BTreeSet<&InstallationId>) -> String {
    match (these.first(), these.len()) {
        (None, _) => "whole fleet".to_owned(),
        (Some(one), 1) => one.to_string(),
        (Some(_), n) => format!("{n} installations"),
    }
}

impl Quarter {
    fn months(&self, today: Day, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let months = shown(area);
        let first = first_month(today, day, months);
        for n in 0..months {
            let Some(month) = first.checked_add_months(Months::new(u32::from(n))) else { return };
            let top = n * MONTH;
            let title = month.format("%B %Y").to_string();
            Pen::new(buf, scene.theme, area, top).skip(2).cell(&title, Role::Title, DAY * 7, Align::Center);
            let mut pen = Pen::new(buf, scene.theme, area, top + 1);
            pen.skip(2);
            for name in ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] {
                pen.cell(name, Role::Muted, DAY - 2, Align::Right).skip(2);
            }
            let before = u64::from(month.weekday().num_days_from_monday());
            for week in 0..6_u16 {
                let mut pen = Pen::new(buf, scene.theme, area, top + 2 + week);
                pen.skip(2);
                for column in 0..7_u64 {
                    let nth = (u64::from(week) * 7 + column).checked_sub(before);
                    let date = nth.and_then(|n| month.checked_add_days(Days::new(n)));
                    match date.filter(|date| date.month() == month.month()) {
                        Some(date) => self.cell(date, today, day, &mut pen),
                        None => {
                            pen.skip(DAY);
                        }
                    }
                }
            }
        }
        if area.height > months * MONTH {
            legend(Pen::new(buf, scene.theme, area, area.height - 1));
        }
    }

    /// One day: its number, its mark, and whether it is today or chosen.
    fn cell(&self, date: Day, today: Day, day: Day, pen: &mut Pen<'_>) {
        let signs = pen.signs();
        let marks = self.marks.get(&date).copied().unwrap_or_default();
        let (sign, mark) = marks.sign(self.most, signs);
        let number = match date == today {
            true => Role::Today,
            false if date < today => Role::Muted,
            false => Role::Text,
        };
        let (open, close) = match (date == day, date == today) {
            (true, _) => ("[", "]"),
            (false, true) => ("(", ")"),
            (false, false) => (" ", " "),
        };
        let write = |pen: &mut Pen<'_>| {
            pen.write(open, Role::Accent).cell(&date.day().to_string(), number, 2, Align::Right);
            pen.write(sign, mark).write(close, Role::Accent);
        };
        if date == day {
            pen.chosen(DAY, write);
        } else {
            write(pen);
        }
    }

    /// The week of the chosen day as a strip.
    fn week(&self, today: Day, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        let mut pen = Pen::new(buf, scene.theme, area, 0);
        pen.skip(1);
        for n in 0..7 {
            let Some(date) = monday.checked_add_days(Days::new(n)) else { break };
            pen.cell(&date.format("%a").to_string(), Role::Muted, 3, Align::Left);
            self.cell(date, today, day, &mut pen);
        }
        legend(Pen::new(buf, scene.theme, area, 1));
    }

    /// Rollouts that wait for the window that begins then.
    fn expected(&self, start: Moment, whom: &BTreeSet<&InstallationId>) -> u64 {
        let waiting = |id: &&InstallationId| self.waiting.get(&((*id).clone(), start)).copied();
        whom.iter().filter_map(waiting).sum()
    }
}
