//! The calendar: a quarter at a glance, what is on from the chosen day on, and how much of it at which hour.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, Timelike};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::{Day, Moment, day_of, end_of, start_of};
use crate::domain::id::InstallationId;
use crate::domain::state::{EntryKind, RolloutState};
use crate::text::plain::ascii;
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
    /// Rollouts that wait for a window: how many, by installation and the beginning of its next one.
    waiting: BTreeMap<(InstallationId, Moment), u64>,
}

/// One thing on one day, for one or several installations.
#[derive(Clone, Debug)]
struct Item {
    /// The first of its rows, by its place in the table.
    at: usize,
    kind: EntryKind,
    start: Moment,
    end: Option<Moment>,
    title: String,
    /// What is wrong with it.
    wrong: Vec<&'static str>,
    whose: String,
    count: usize,
    /// Rollouts that wait for it.
    expected: u64,
}

/// What makes rows one item.
type Alike<'r> = (Moment, Option<Moment>, EntryKind, &'r str, Option<&'static str>, bool);

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
            let notice = row.notice.map(|notice| notice.word()).filter(|word| !matches!(*word, "ok" | "exempt"));
            let kind = (row.start, row.end, row.kind, row.title.as_str(), notice, row.in_freeze);
            let (_, count, whom) = alike.entry(kind).or_insert_with(|| (at, 0, BTreeSet::new()));
            *count += 1;
            whom.extend(row.installation.as_ref());
        }
        for ((start, end, kind, title, notice, in_freeze), (at, count, whom)) in alike {
            let first = day_of(start, zone);
            let last = end.map_or(first, |end| day_of(end - chrono::TimeDelta::seconds(1), zone)).max(first);
            let frozen = in_freeze.then_some("in a freeze");
            let expected = if kind == EntryKind::Window { self.expected(start, &whom) } else { 0 };
            let item = Item {
                at,
                kind,
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
        let wide = area.width >= WIDE && area.height > MONTH;
        let (grid, rest) = if wide { (GRID, area.width - GRID) } else { (0, area.width) };
        let right = Rect { x: area.x + grid, width: rest, ..area };
        let right = if wide {
            self.months(today, day, scene, Rect { width: grid, ..area }, buf);
            right
        } else {
            self.week(today, day, scene, area, buf);
            Rect { y: area.y.saturating_add(2), height: area.height.saturating_sub(2), ..right }
        };
        let load = if right.height >= LOAD + 6 { LOAD } else { 0 };
        self.agenda(day, scene, Rect { height: right.height - load, ..right }, buf);
        if load > 0 {
            let area = Rect { y: right.y + right.height - load, height: load, ..right };
            self.load(day, scene, area, buf);
        }
    }
}

/// How many months fit below each other.
fn shown(area: Rect) -> u16 {
    (area.height.saturating_sub(1) / MONTH).clamp(1, 3)
}

/// The first day of the first month shown: this month's, as long as the chosen day is in sight then.
fn first_month(today: Day, day: Day, months: u16) -> Day {
    let number = |day: Day| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let ahead = number(day) - number(today);
    let month = if (0..i32::from(months)).contains(&ahead) { today } else { day };
    month.with_day(1).unwrap_or(month)
}

/// One installation by its name, several by their number.
fn whose(these: &BTreeSet<&InstallationId>) -> String {
    match (these.first(), these.len()) {
        (None, _) => "whole fleet".to_owned(),
        (Some(one), 1) => one.to_string(),
        (Some(_), n) => format!("{n} installations"),
    }
}

/// One line of the agenda.
fn one(item: &Item, scene: &Scene<'_>, mut pen: Pen<'_>) {
    let lens = scene.lens();
    let zone = lens.zone_of(None);
    let short = item.end.filter(|end| *end - item.start <= chrono::TimeDelta::hours(24));
    let hours = match (item.end, short) {
        // A last day is a day, not an hour.
        (_, Some(_)) if matches!(item.kind, EntryKind::Deadline | EntryKind::AnnounceBy) => String::new(),
        (_, Some(end)) => lens.hours(item.start, end, None),
        (Some(end), None) => format!("until {}", words::short_day(day_of(end, zone), lens.today())),
        (None, None) => String::new(),
    };
    let mut text = format!("{} · {}", item.title, item.whose);
    if item.expected > 0 {
        text.push_str(&format!(" · {}", words::plural(item.expected, "rollout expected", "rollouts expected")));
    }
    let signs = scene.theme.signs;
    let (hours, text) = if signs.ascii { (ascii(&hours), ascii(&text)) } else { (hours, text) };
    pen.skip(2).cell(&hours, Role::Muted, 13, Align::Left);
    pen.cell(item.kind.word(), role(item.kind), 12, Align::Left).write(&text, Role::Text);
    for word in &item.wrong {
        pen.skip(2).write(signs.mark(Tone::Warning), Role::Warning).skip(1).write(word, Role::Warning);
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
            let mut pen = Pen::new(buf, scene.theme, area, area.height - 1);
            let signs = scene.theme.signs;
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
    }

    /// One day: its number, its mark, and whether it is today or chosen.
    fn cell(&self, date: Day, today: Day, day: Day, pen: &mut Pen<'_>) {
        let signs = pen.signs();
        let marks = self.marks.get(&date).copied().unwrap_or_default();
        let (sign, mark) = marks.sign(self.most, signs);
        let number = match (date == today, date == day) {
            (true, _) => Role::Today,
            (false, true) => Role::Selected,
            (false, false) if date < today => Role::Muted,
            (false, false) => Role::Text,
        };
        let (open, close) = match (date == day, date == today) {
            (true, _) => ("[", "]"),
            (false, true) => ("(", ")"),
            (false, false) => (" ", " "),
        };
        pen.write(open, Role::Accent).cell(&date.day().to_string(), number, 2, Align::Right);
        pen.write(sign, mark).write(close, Role::Accent);
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
    }

    fn agenda(&self, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let lens = scene.lens();
        let zone = lens.zone_of(None);
        let mut below = 0;
        for (date, items) in self.days.range(day..) {
            // What goes on from an earlier day was told there, unless that is out of sight.
            let goes_on = |item: &&Item| *date > day && day_of(item.start, zone) < *date;
            let mut items = items.iter().filter(|item| !goes_on(item)).peekable();
            if below >= area.height {
                return;
            }
            if items.peek().is_none() {
                continue;
            }
            let mut pen = Pen::new(buf, scene.theme, area, below);
            let title = words::day(*date, lens.today());
            let near = words::relative_day(*date, lens.today());
            pen.skip(1).write(&title, if *date == day { Role::Accent } else { Role::Title });
            pen.skip(2).write(&near, Role::Muted);
            if below == 0 {
                pen.skip(2).write(zone.name(), Role::Muted);
            }
            below += 1;
            for item in items {
                if below >= area.height {
                    return;
                }
                one(item, scene, Pen::new(buf, scene.theme, area, below));
                below += 1;
            }
        }
        if below == 0 {
            Pen::new(buf, scene.theme, area, 0).skip(1).write("nothing is planned from this day on", Role::Muted);
        }
    }

    /// Rollouts that wait for the window that begins then.
    fn expected(&self, start: Moment, whom: &BTreeSet<&InstallationId>) -> u64 {
        let waiting = |id: &&InstallationId| self.waiting.get(&((*id).clone(), start)).copied();
        whom.iter().filter_map(waiting).sum()
    }

    /// How many windows and maintenances are open in each hour of the day: how many people it takes.
    fn load(&self, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let zone = scene.lens().zone_of(None);
        let (from, to) = (start_of(day, zone), end_of(day, zone));
        let mut hours = [0_usize; 24];
        let items = self.days.get(&day).into_iter().flatten();
        for row in items.filter(|item| matches!(item.kind, EntryKind::Window | EntryKind::Maintenance)) {
            let (start, end) = (row.start.max(from), row.end.unwrap_or(row.start).min(to));
            let hour = |at: Moment| usize::try_from(at.with_timezone(&zone).hour()).unwrap_or(0);
            let last = if end > start { hour(end - chrono::TimeDelta::seconds(1)) } else { hour(start) };
            for slot in hours.iter_mut().take(last + 1).skip(hour(start)) {
                *slot += row.count;
            }
        }
        let most = hours.iter().copied().max().unwrap_or(0);
        let signs = scene.theme.signs;
        let mut pen = Pen::new(buf, scene.theme, area, 1);
        pen.skip(1).write("Load by the hour", Role::Title).skip(2);
        if most == 0 {
            pen.write("nobody is needed on this day", Role::Muted);
            return;
        }
        let peak = hours.iter().position(|n| *n == most).unwrap_or(0);
        pen.write(&format!("most at {peak}:00: {most} open at once"), Role::Muted);
        let mut pen = Pen::new(buf, scene.theme, area, 2);
        pen.skip(1);
        for n in hours {
            let sign = bar::height(n, most).and_then(|height| signs.heights.get(height)).copied().unwrap_or(signs.dot);
            pen.write(&sign.repeat(2), if n == 0 { Role::Empty } else { Role::Full });
        }
        let mut pen = Pen::new(buf, scene.theme, area, 3);
        pen.skip(1);
        for hour in [0, 6, 12, 18] {
            pen.cell(&hour.to_string(), Role::Muted, 12, Align::Left);
        }
    }
}
