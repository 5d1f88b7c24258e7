//! Rollouts as trains: a wave for each version, a line for each rollout, a stop for each station.

use std::borrow::Cow;
use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::Moment;
use crate::domain::state::{RolloutState, StationName, StationState};
use crate::text::plain::ascii;
use crate::text::width::{Align, width};
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Took, Want};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::story::{self, Story};
use crate::ui::panes::table::Table;
use crate::ui::panes::train::{self, replicas, sign, why};
use crate::ui::role::Role;
use crate::ui::widgets::bar;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::lines::{Line, Lines};
use crate::views::ViewName;
use crate::views::asked::{News, Topic};
use crate::views::board::Board;
use crate::views::cell::{self, brief, fitted};
use crate::views::column::Tone;
use crate::views::rollouts::{Row, Stop};
use crate::views::rows::View;

/// The drawing of trains.
#[derive(Default)]
pub struct Trains {
    lines: Lines<What>,
    waves: Vec<Wave>,
    place: (usize, usize),
    /// Whether one rollout is shown in full, and from which line on.
    open: Option<usize>,
    /// What was said about the one that is open.
    story: Story,
}

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// A version: how far it is over the fleet.
    Wave(usize),
    /// The names of its stations, with how many trains stand at each.
    Stations(usize),
    /// One rollout.
    Train,
    /// Nothing, between two waves.
    Gap,
}

/// One version on its way through the fleet.
#[derive(Clone, Debug, Default)]
struct Wave {
    product: String,
    to: String,
    published: Option<Moment>,
    all: usize,
    through: usize,
    urgent: usize,
    /// How many trains stand at each station, in the order of [`STOPS`].
    standing: [usize; 6],
    /// When all under way will be through, when the first of their windows closes, and whether that fits.
    outlook: Option<(Option<Moment>, Option<Moment>, Option<bool>)>,
}

impl Wave {
    /// Whether what is under way will be through in time, in words.
    fn outlook(&self, scene: &Scene<'_>) -> Option<(String, Role)> {
        let hour = |at: Moment| scene.lens().when(at, None);
        Some(match self.outlook? {
            (_, Some(closes), Some(false)) => {
                (format!("not before its window closes, {}", hour(closes)), Role::Warning)
            }
            (Some(through), Some(closes), _) => {
                (format!("through {}, window until {}", hour(through), hour(closes)), Role::Muted)
            }
            (Some(through), None, _) => (format!("through {}", hour(through)), Role::Muted),
            (None, Some(closes), _) => (format!("window until {}", hour(closes)), Role::Muted),
            (None, None, _) => return None,
        })
    }
}

/// The stations of a line: the first one is the wave's own.
const STOPS: [(StationName, &str, &str); 6] = [
    (StationName::Delivered, "delivered", "store"),
    (StationName::Staging, "staging", "stage"),
    (StationName::Approved, "approved", "gate"),
    (StationName::Window, "window", "win"),
    (StationName::Rolling, "rolling", "roll"),
    (StationName::Verified, "verified", "ok"),
];

/// Where the columns are on a screen.
#[derive(Clone, Copy, Debug)]
struct Layout {
    place: usize,
    /// From one station to the next.
    slot: usize,
    bar: usize,
    count: usize,
    long: bool,
}

impl Layout {
    /// `places` are as long as that, whole and where production goes without saying.
    fn of(room: u16, places: (usize, usize)) -> Self {
        let room = usize::from(room);
        let long = room >= 110;
        let slot = if long {
            (room / 11).clamp(11, 13)
        } else if room >= 72 {
            6
        } else {
            4
        };
        let bar = if long { (room / 12).min(20) } else { 6 };
        Self {
            place: match room {
                110.. => places.0.clamp(8, 28),
                72.. => places.1.clamp(8, 20),
                _ => places.1.clamp(8, 14),
            },
            slot,
            bar,
            count: 7,
            long,
        }
    }

    fn rolling(self) -> usize {
        2 + self.bar + self.count
    }
}

fn stop(row: &Row, name: StationName) -> Option<&Stop> {
    row.stations.iter().find(|stop| stop.name == name)
}

fn place(row: &Row) -> Cow<'_, str> {
    cell::place(&row.installation, Some(&row.environment))
}

impl Wave {
    fn add(&mut self, row: &Row) {
        self.all += 1;
        self.through += usize::from(row.state == RolloutState::Succeeded);
        self.urgent += usize::from(matches!(row.tone(), Tone::Critical | Tone::Warning));
        let published = stop(row, StationName::Published).and_then(|stop| stop.at);
        self.published = match (self.published, published) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let here = STOPS.iter().position(|(name, ..)| {
            stop(row, *name).is_some_and(|stop| !matches!(stop.state, StationState::Done | StationState::Skipped))
        });
        let last = STOPS.len() - 1;
        if let Some(n) = self.standing.get_mut(here.unwrap_or(last)) {
            *n += 1;
        }
    }
}

impl Picture<Row> for Trains {
    fn actions(&self) -> &'static [Action] {
        if self.is_open() {
            &[Action::Back, Action::Left, Action::Right, Action::Open, Action::Link, Action::Copy]
        } else {
            &[Action::Open, Action::Filter, Action::Map, Action::Sort, Action::Focus, Action::Copy, Action::Export]
        }
    }

    fn says(&self, table: &Table<Row>) -> String {
        table.says()
    }

    fn is_open(&self) -> bool {
        self.open.is_some()
    }

    fn opened(&self, table: &Table<Row>) -> Option<String> {
        // The first two of what names a rollout say where it is: the version stands in full below.
        let key = table.chosen().filter(|_| self.is_open())?;
        Some(key.split('/').take(2).collect::<Vec<_>>().join("/"))
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        let mut known: HashMap<(&str, &str), usize> = HashMap::new();
        let mut waves: Vec<(Wave, Vec<usize>)> = Vec::new();
        self.place = (0, 0);
        for (at, row) in table.rows(board).enumerate() {
            let place = place(row);
            self.place = (self.place.0.max(width(&place)), self.place.1.max(width(brief(&place))));
            let n = *known.entry((row.product.as_str(), &row.to)).or_insert(waves.len());
            if n == waves.len() {
                let (product, to) = (row.product.to_string(), row.to.clone());
                waves.push((Wave { product, to, ..Wave::default() }, Vec::new()));
            }
            if let Some((wave, trains)) = waves.get_mut(n) {
                wave.add(row);
                trains.push(at);
            }
        }
        let mut lines = Vec::new();
        let mut of = vec![0; table.len()];
        for (n, (_, trains)) in waves.iter().enumerate() {
            if n > 0 {
                lines.push(Line { at: None, what: What::Gap });
            }
            lines.push(Line { at: None, what: What::Wave(n) });
            lines.push(Line { at: None, what: What::Stations(n) });
            for at in trains {
                if let Some(line) = of.get_mut(*at) {
                    *line = lines.len();
                }
                lines.push(Line { at: Some(*at), what: What::Train });
            }
        }
        let told = board.waves();
        let known = |wave: &Wave| told.iter().find(|one| one.product.as_str() == wave.product && one.to == wave.to);
        self.waves = waves.into_iter().map(|(wave, _)| wave).collect();
        for wave in &mut self.waves {
            wave.outlook = known(wave).map(|one| (one.projected, one.window_ends, one.fits));
        }
        self.lines.renew(lines, of, table.at());
        if table.is_empty() {
            self.open = None;
        }
    }

    fn fits(&mut self, area: Rect) {
        self.lines.fits(usize::from(area.height));
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        if let Some(first) = &mut self.open {
            let sideways = match action {
                Action::Back => {
                    self.open = None;
                    return Took::Kept;
                }
                Action::Up | Action::PageUp => {
                    *first = first.saturating_sub(if action == Action::Up { 1 } else { 10 });
                    return Took::Kept;
                }
                Action::Down | Action::PageDown => {
                    *first = first.saturating_add(if action == Action::Down { 1 } else { 10 }).min(train::LONGEST);
                    return Took::Kept;
                }
                Action::Link => {
                    let link = table.row(board, table.at()).and_then(train::link);
                    return link.map_or(Took::Passed, |url| Took::Wants(Want::Link(url)));
                }
                // A picture of it would hold log lines: those are not written to disk.
                Action::Export if self.story.tells() => {
                    return Took::Wants(Want::Say("log lines are not written to a file".to_owned()));
                }
                // The logs of all of this installation.
                Action::View7 => {
                    let installation = table.row(board, table.at()).map(|row| row.installation.clone());
                    return Took::Wants(Want::Go { view: ViewName::Logs, installation, key: None });
                }
                Action::Left => Action::Up,
                Action::Right => Action::Down,
                _ => return Took::Passed,
            };
            *first = 0;
            return self.lines.step(sideways, table.at()).map_or(Took::Kept, |at| table.move_to(at, board));
        }
        if action == Action::Open {
            self.open = Some(0);
            return Took::Kept;
        }
        self.lines.step(action, table.at()).map_or(Took::Passed, |at| table.move_to(at, board))
    }

    fn asks(&self, table: &Table<Row>, board: &Board) -> Vec<Topic> {
        let row = table.row(board, table.at()).filter(|_| self.is_open());
        row.and_then(story::topic).into_iter().collect()
    }

    fn hear(&mut self, topic: &Topic, news: News) {
        self.story.hear(topic, news);
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        match at {
            Point::WheelUp => self.take(Action::Up, table, board),
            Point::WheelDown => self.take(Action::Down, table, board),
            Point::Click(_, y) if self.open.is_none() => {
                let line = usize::from(y.saturating_sub(area.y));
                let to = self.lines.pointed(table.at(), usize::from(area.height), line);
                to.map_or(Took::Kept, |to| table.move_to(to, board))
            }
            Point::Click(..) => Took::Passed,
        }
    }

    fn draw(&self, table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        if let (Some(first), Some(row)) = (self.open, table.row(scene.board, table.at())) {
            return train::draw(&train::Open { row, first, story: &self.story }, scene, area, buf);
        }
        let layout = Layout::of(area.width, self.place);
        let chosen = self.lines.line_of(table.at());
        for (n, line) in self.lines.visible(table.at(), usize::from(area.height)).enumerate() {
            let Some(Line { at, what }) = self.lines.get(line) else { continue };
            let below = u16::try_from(n).unwrap_or(u16::MAX);
            let wave = |n: &usize| self.waves.get(*n);
            match what {
                What::Wave(n) => {
                    if let Some(wave) = wave(n) {
                        heading(wave, layout, scene, Pen::new(buf, scene.theme, area, below));
                    }
                }
                What::Stations(n) => {
                    if let Some(wave) = wave(n) {
                        stations(wave, layout, Pen::new(buf, scene.theme, area, below));
                    }
                }
                What::Gap => {}
                What::Train => {
                    let Some(row) = at.and_then(|at| table.row(scene.board, at)) else { continue };
                    let edge = Edge { chosen: line == chosen, marked: table.is_marked(row), focused: scene.focused };
                    one(row, layout, scene, Pen::edged(buf, scene.theme, area, below, edge));
                }
            }
        }
    }
}

/// A version, and how much of the fleet runs it.
fn heading(wave: &Wave, layout: Layout, scene: &Scene<'_>, mut pen: Pen<'_>) {
    let zone = scene.lens().zone_of(None);
    let published = wave.published.map(|at| format!("published {}", at.with_timezone(&zone).format("%a %-d %b %H:%M")));
    let count = format!("{} of {}", wave.through, wave.all);
    let urgent = match u64::try_from(wave.urgent).unwrap_or(u64::MAX) {
        0 => String::new(),
        n => words::plural(n, "needs you", "need you"),
    };
    pen.skip(2).write(&wave.to, Role::Title).skip(1).write(&wave.product, Role::Accent).skip(3);
    let ends = width(&count) + 2 + if urgent.is_empty() { 0 } else { width(&urgent) + 3 } + 1;
    if let Some(published) = published.filter(|text| usize::from(pen.room()) > width(text) + ends + 12) {
        pen.write(&published, Role::Muted).skip(3);
    }
    let room = usize::from(pen.room()).saturating_sub(ends);
    if room >= 4 {
        bar::progress(&mut pen, wave.through, wave.all, room.min(if layout.long { 40 } else { 16 }), Role::Full);
    }
    pen.skip(2).write(&count, Role::Text);
    if !urgent.is_empty() {
        pen.skip(3).write(&urgent, Role::Warning);
    }
    if let Some((outlook, role)) = wave.outlook(scene).filter(|(text, _)| usize::from(pen.room()) > width(text) + 4) {
        pen.right(width(&outlook) + 1).write(&outlook, role);
    }
}

/// The stations' names over their places, each with how many trains stand there.
fn stations(wave: &Wave, layout: Layout, mut pen: Pen<'_>) {
    pen.skip(4 + layout.place + 2);
    let wide = [layout.slot, layout.slot, layout.slot, layout.slot, layout.rolling(), layout.slot];
    for (n, (_, long, short)) in STOPS.iter().enumerate() {
        let word = if layout.long { long } else { short };
        let standing = wave.standing.get(n).copied().unwrap_or(0);
        let wide = wide.get(n).copied().unwrap_or(0);
        // A name that would be cut says less than none.
        let word = if width(word) < wide { word } else { "" };
        let counted = format!("{word} {standing}");
        let plain = standing == 0 || word.is_empty() || n + 1 == STOPS.len() || width(&counted) >= wide;
        pen.cell(if plain { word } else { &counted }, Role::Muted, wide, Align::Left);
    }
}

/// One train on its line.
fn one(row: &Row, layout: Layout, scene: &Scene<'_>, mut pen: Pen<'_>) {
    let signs = scene.theme.signs;
    let tone = row.tone();
    pen.name(2 + layout.place, |pen| {
        pen.write(signs.mark(tone), Role::toned(tone)).skip(1);
        let whole = place(row);
        let place = if layout.long { fitted(&whole, layout.place) } else { brief(&whole) };
        pen.cell(place, Role::Text, layout.place, Align::Left);
    });
    pen.skip(2);
    let (done, all) = replicas(row);
    let why = why(row, scene);
    let why = if signs.ascii { ascii(&why) } else { why };
    let urges = matches!(crate::views::rollouts::tone(row.state), Tone::Critical | Tone::Warning);
    // Where a train waits, the rest of its line is free to say for what.
    let waits = STOPS.iter().position(|(name, ..)| stop(row, *name).is_some_and(|s| s.state == StationState::Waiting));
    for (n, (name, ..)) in STOPS.iter().enumerate() {
        let state = stop(row, *name).map_or(StationState::Ahead, |stop| stop.state);
        let (mark, role) = sign(state, signs);
        if waits.is_some_and(|waits| waits < n) && *name != StationName::Verified {
            continue;
        }
        pen.write(mark, role);
        if waits == Some(n) && *name != StationName::Verified && *name != StationName::Rolling {
            let room = (4 - n) * layout.slot + layout.rolling() - 1;
            // The heading names the station.
            let why = why.strip_prefix(name.word()).and_then(|why| why.strip_prefix(": ")).unwrap_or(&why);
            pen.skip(1).cell(why, role, room.saturating_sub(2), Align::Left).skip(1);
            continue;
        }
        let passed = match state {
            StationState::Done => signs.track.0,
            StationState::Skipped => signs.track.1,
            StationState::Active | StationState::Waiting | StationState::Failed | StationState::Ahead => " ",
        };
        let count = if all == 0 { String::new() } else { format!("{done}/{all}") };
        match (name, state) {
            (StationName::Verified, _) => {
                pen.skip(2);
            }
            // Where room is short, why it does not move says more than a bar.
            (StationName::Rolling, StationState::Active | StationState::Failed) if !layout.long && urges => {
                let room = usize::from(pen.room());
                let told = if count.is_empty() { why } else { format!("{count}  {why}") };
                pen.skip(1).cell(&told, Role::toned(tone), room.saturating_sub(1), Align::Left);
                return;
            }
            (StationName::Rolling, StationState::Active | StationState::Failed) if all > 0 => {
                pen.skip(1);
                bar::progress(
                    &mut pen,
                    done,
                    all,
                    layout.bar,
                    if state == StationState::Failed { role } else { Role::Full },
                );
                pen.cell(&count, Role::Text, layout.count - 1, Align::Right).skip(1);
            }
            (StationName::Rolling, StationState::Done) => {
                let room = layout.rolling() - 2;
                let count = if count.is_empty() { String::new() } else { format!(" {count} ") };
                let track = room.saturating_sub(width(&count));
                pen.write(&count, Role::Muted).write(&passed.repeat(track), Role::Border).skip(1);
            }
            (StationName::Rolling, _) => {
                pen.skip(layout.rolling() - 1);
            }
            (_, _) => {
                pen.write(&passed.repeat(layout.slot - 1), Role::Border);
            }
        }
    }
    if waits.is_some() {
        return;
    }
    let role = if matches!(tone, Tone::Ok) { Role::Muted } else { Role::toned(tone) };
    let room = usize::from(pen.room());
    pen.cell(&why, role, room, Align::Left);
}
