//! Alerts by what they are: one line for the same alert of many installations, with who has it and since when.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::domain::id::EnvironmentName;
use crate::text::plain::ascii;
use crate::text::width::{Align, width, wrap};
use crate::text::words::plural;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::lines::{Line, Lines};
use crate::views::alerts::Row;
use crate::views::board::Board;
use crate::views::cell::{self, brief, fitted};
use crate::views::column::Tone;
use crate::views::rows::View;
use crate::views::silences;

/// The groups.
#[derive(Default)]
pub struct Groups {
    lines: Lines<Group>,
    /// Whether every alert stands on a line of its own.
    apart: bool,
    firing: usize,
    /// Those that fire to tell something, and ask for nobody.
    told: usize,
    /// How many silences there are, and how many of them ask to be looked at.
    silences: (usize, usize),
    name: usize,
    /// How wide the longest place is, whole and where production goes without saying.
    place: (usize, usize),
}

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Group {
    /// How many alerts.
    count: usize,
    /// Since when the oldest of them, which speaks for all.
    since: Option<Moment>,
}

/// The line of headings.
const ABOVE: u16 = 1;

/// The cells of how many more have it.
const MORE: usize = 4;

/// Below this many columns production goes without saying: what is the matter needs the room more.
const NARROW: usize = 100;

fn place(row: &Row) -> Cow<'_, str> {
    cell::place(&row.installation, row.environment.as_ref())
}

/// Everything about the chosen alert, at the foot, where the lines leave room for it: what a line has to cut off is not lost.
fn whole(row: &Row, used: u16, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let room = usize::from(area.width).saturating_sub(4).max(1);
    let labels: Vec<String> = row.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let silenced =
        row.silenced_until.map(|at| format!("silenced until {}", scene.lens().when(at, Some(&row.installation))));
    let context = Some(row.context.join(", ")).filter(|context| !context.is_empty());
    let parts = [
        (Some(row.summary.clone()).filter(|summary| !summary.is_empty()), Role::Text),
        (context, Role::Accent),
        (silenced, Role::Muted),
        (Some(labels.join("  ")).filter(|labels| !labels.is_empty()), Role::Muted),
    ];
    let lines = parts.into_iter().filter_map(|(text, role)| Some((text?, role)));
    let lines = lines.map(|(text, role)| (if signs.ascii { ascii(&text) } else { text }, role));
    let lines: Vec<(String, Role)> =
        lines.flat_map(|(text, role)| wrap(&text, room).into_iter().take(3).map(move |line| (line, role))).collect();
    // A blank, its name, and a line of it at least.
    let left = usize::from(area.height.saturating_sub(used));
    let shown = lines.len().min(left.saturating_sub(2));
    if shown == 0 {
        return;
    }
    let first = area.height.saturating_sub(u16::try_from(shown + 1).unwrap_or(u16::MAX));
    let mut pen = Pen::new(buf, scene.theme, area, first);
    pen.skip(2).write(&row.name, Role::Title).skip(2).write(&place(row), Role::Muted).skip(1).rule(Role::Border);
    for (below, (line, role)) in (first.saturating_add(1)..).zip(lines.iter().take(shown)) {
        Pen::new(buf, scene.theme, area, below).skip(4).write(line, *role);
    }
}

impl Picture<Row> for Groups {
    fn actions(&self) -> &'static [Action] {
        &[
            Action::Open,
            Action::Filter,
            Action::Group,
            Action::Map,
            Action::Sort,
            Action::Focus,
            Action::Copy,
            Action::Silences,
        ]
    }

    fn says(&self, table: &Table<Row>) -> String {
        let apart = if self.apart { ", each by itself" } else { "" };
        let silences = |n: usize| plural(u64::try_from(n).unwrap_or(u64::MAX), "silence", "silences");
        let silences = match self.silences {
            (0, _) => String::new(),
            (all, 0) => format!(", {}", silences(all)),
            (all, odd) => format!(", {}, {odd} odd", silences(all)),
        };
        // What only tells that the watch is awake is no fire.
        let told = if self.told > 0 { format!(", {} info", self.told) } else { String::new() };
        format!("{} firing{told}, {}{apart}{silences}", self.firing, table.says())
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        let mut known: HashMap<(&str, Option<&EnvironmentName>, Tone, AlertState), usize> = HashMap::new();
        let mut lines: Vec<Line<Group>> = Vec::new();
        let mut of = Vec::with_capacity(table.len());
        (self.firing, self.told, self.name, self.place) = (0, 0, 0, (0, 0));
        let ours = |row: &&silences::Row| table.narrowed().is_none_or(|id| row.installation() == Some(id));
        let silences = || board.views.silences.iter().filter(ours);
        let odd = silences().filter(|row| matches!(row.tone(), Tone::Warning | Tone::Critical));
        self.silences = (silences().count(), odd.count());
        for (at, row) in table.rows(board).enumerate() {
            let firing = row.state == AlertState::Firing;
            let presses = row.tone() != Tone::Ahead;
            self.firing += usize::from(firing && presses);
            self.told += usize::from(firing && !presses);
            self.name = self.name.max(width(&row.name));
            let place = place(row);
            self.place.0 = self.place.0.max(width(&place) + MORE);
            self.place.1 = self.place.1.max(width(brief(&place)) + MORE);
            let fresh = lines.len();
            let line = match (self.apart, known.entry((&row.name, row.environment.as_ref(), row.tone(), row.state))) {
                (false, Entry::Occupied(known)) => *known.get(),
                (false, Entry::Vacant(free)) => *free.insert(fresh),
                (true, _) => fresh,
            };
            match lines.get_mut(line) {
                Some(line) => {
                    line.what.count += 1;
                    let older = match (line.what.since, row.since) {
                        (Some(known), Some(since)) => since < known,
                        (known, since) => known.is_none() && since.is_some(),
                    };
                    if older {
                        (line.at, line.what.since) = (Some(at), row.since);
                    }
                }
                None => lines.push(Line { at: Some(at), what: Group { count: 1, since: row.since } }),
            }
            of.push(line);
        }
        self.lines.renew(lines, of, table.at());
    }

    fn fits(&mut self, area: Rect) {
        self.lines.fits(usize::from(area.height.saturating_sub(ABOVE)));
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        if action == Action::Group {
            self.apart = !self.apart;
            self.settle(table, board);
            return Took::Kept;
        }
        self.lines.step(action, table.at()).map_or(Took::Passed, |at| table.move_to(at, board))
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        let height = usize::from(area.height.saturating_sub(ABOVE));
        let to = match at {
            Point::WheelUp => self.lines.step(Action::Up, table.at()),
            Point::WheelDown => self.lines.step(Action::Down, table.at()),
            Point::Click(_, y) => {
                let line = y.checked_sub(area.y.saturating_add(ABOVE)).map(usize::from);
                line.and_then(|line| self.lines.pointed(table.at(), height, line))
            }
        };
        to.map_or(Took::Kept, |to| table.move_to(to, board))
    }

    fn draw(&self, table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let room = usize::from(area.width);
        let name = self.name.clamp(5, (room / 3).max(5));
        let narrow = room < NARROW;
        let place_width = if narrow { self.place.1 } else { self.place.0 }.clamp(5, (room / 4).max(5));
        let mut pen = Pen::new(buf, scene.theme, area, 0);
        pen.skip(4).cell("alert", Role::Muted, name, Align::Left).cell("n", Role::Muted, 5, Align::Right).skip(2);
        pen.cell("where", Role::Muted, place_width, Align::Left).cell("since", Role::Muted, 8, Align::Right);
        pen.skip(2).write("what", Role::Muted);
        let body = Rect { y: area.y + ABOVE.min(area.height), height: area.height.saturating_sub(ABOVE), ..area };
        let chosen = self.lines.line_of(table.at());
        let signs = scene.theme.signs;
        for (n, line) in self.lines.visible(table.at(), usize::from(body.height)).enumerate() {
            let Some(Line { at: Some(at), what }) = self.lines.get(line) else { continue };
            let at = if line == chosen { table.at() } else { *at };
            let Some(row) = table.row(scene.board, at) else { continue };
            let edge = Edge { chosen: line == chosen, marked: table.is_marked(row), focused: scene.focused };
            let mut pen = Pen::edged(buf, scene.theme, body, u16::try_from(n).unwrap_or(u16::MAX), edge);
            let tone = row.tone();
            let role = Role::toned(tone);
            let more = if what.count > 1 { format!(" +{}", what.count - 1) } else { String::new() };
            let since = row.since.map(|at| scene.lens().age(at)).unwrap_or_default();
            let context = row.context.join(", ");
            let context = if context.is_empty() { String::new() } else { format!("  ({context})") };
            let state = match row.state {
                AlertState::Firing => "",
                AlertState::Pending => "pending",
                AlertState::Silenced => "silenced",
                AlertState::Inhibited => "inhibited",
            };
            let said = [state, &row.summary].into_iter().filter(|text| !text.is_empty());
            let said = format!("{}{context}", said.collect::<Vec<_>>().join(": "));
            let said = if signs.ascii { ascii(&said) } else { said };
            let whole = place(row);
            let shown = if narrow { brief(&whole) } else { fitted(&whole, place_width.saturating_sub(width(&more))) };
            let taken = width(shown).min(place_width.saturating_sub(width(&more)));
            pen.name(2 + name, |pen| {
                pen.write(signs.mark(tone), role).skip(1).cell(&row.name, role, name, Align::Left);
            });
            pen.cell(&what.count.to_string(), Role::Text, 5, Align::Right).skip(2);
            pen.cell(shown, Role::Text, taken, Align::Left).write(&more, Role::Accent);
            pen.skip(place_width.saturating_sub(taken + width(&more)));
            let left = usize::from(pen.room()).saturating_sub(10);
            pen.cell(&since, Role::Muted, 8, Align::Right).skip(2).cell(&said, Role::Muted, left, Align::Left);
        }
        if let Some(row) = table.row(scene.board, table.at()) {
            let used = ABOVE.saturating_add(u16::try_from(self.lines.iter().count()).unwrap_or(u16::MAX));
            whole(row, used, scene, area, buf);
        }
    }
}
