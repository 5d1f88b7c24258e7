//! Status pages: each with what is broken on it, what is announced, and whom it touches; what works is one line.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::Moment;
use crate::text::plain::ascii;
use crate::text::width::{Align, width};
use crate::text::words::{self, plural};
use crate::ui::action::Action;
use crate::ui::pane::{Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::lines::{Line, Lines};
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::lens::Lens;
use crate::views::rows::View;
use crate::views::status::Row;

/// The pages.
#[derive(Default)]
pub struct Pages {
    lines: Lines<What>,
    pages: Vec<Page>,
    name: usize,
    state: usize,
}

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// A page, as a whole.
    Page(usize),
    /// One incident, maintenance or component.
    One,
    /// So many components that are as they should be.
    Working(usize),
    /// Nothing, between two pages.
    Gap,
}

/// One page, as a whole.
#[derive(Clone, Debug, Default)]
struct Page {
    name: String,
    tone: Option<Tone>,
    incidents: usize,
    announced: usize,
    troubled: usize,
    affects: usize,
    /// Where what it says is too old to rest on: since when nothing was heard.
    heard: Option<Moment>,
}

/// What a row is, in the order in which a page tells.
fn rank(row: &Row) -> u8 {
    match (row.kind.as_str(), works(row)) {
        ("page", _) => 0,
        ("incident", false) => 1,
        ("component", false) => 2,
        ("maintenance", _) => 3,
        ("incident", true) => 4,
        (_, _) => 5,
    }
}

/// Whether there is nothing to tell about it by itself.
fn works(row: &Row) -> bool {
    matches!(row.tone(), Tone::Ok | Tone::Plain | Tone::Muted)
}

impl Page {
    fn add(&mut self, row: &Row) {
        let tone = row.tone();
        self.tone = Some(self.tone.map_or(tone, |worst| worst.max(tone)));
        match (row.kind.as_str(), works(row)) {
            ("incident", false) => self.incidents += 1,
            ("maintenance", _) => self.announced += 1,
            ("component", false) if tone != Tone::Stale => self.troubled += 1,
            (_, _) => {}
        }
        self.affects = self.affects.max(row.affects.len());
        if row.basis.stale {
            self.heard = self.heard.max(row.basis.observed_at);
        }
    }

    fn watched(&self) -> String {
        let n = u64::try_from(self.affects).unwrap_or(u64::MAX);
        format!("watched for {}", plural(n, "installation", "installations"))
    }

    fn words(&self, lens: &Lens<'_>) -> String {
        let n = |n: usize, one: &str, many: &str| plural(u64::try_from(n).unwrap_or(u64::MAX), one, many);
        let mut said = Vec::new();
        if self.incidents > 0 {
            said.push(n(self.incidents, "incident", "incidents"));
        }
        if self.troubled > 0 {
            said.push(format!("{} not as it should be", n(self.troubled, "component", "components")));
        }
        if self.announced > 0 {
            said.push(format!("{} announced", n(self.announced, "maintenance", "maintenances")));
        }
        if let Some(at) = self.heard {
            said.push(format!("last heard {} ago", lens.since(at)));
        }
        if said.is_empty() {
            said.push("nothing is reported".to_owned());
        }
        said.join(", ")
    }
}

impl Picture<Row> for Pages {
    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Link, Action::Filter, Action::Map, Action::Focus, Action::Copy, Action::Export]
    }

    fn says(&self, _table: &Table<Row>) -> String {
        let sum = |of: fn(&Page) -> usize| self.pages.iter().map(of).sum::<usize>();
        let n = |n: usize, one: &str, many: &str| plural(u64::try_from(n).unwrap_or(u64::MAX), one, many);
        let pages = n(self.pages.len(), "page", "pages");
        let incidents = n(sum(|page| page.incidents), "incident", "incidents");
        format!("{pages}, {incidents}, {} announced", sum(|page| page.announced))
    }

    fn settle(&mut self, table: &mut Table<Row>, board: &Board) {
        let mut by_page: BTreeMap<&str, Vec<(usize, &Row)>> = BTreeMap::new();
        for (at, row) in table.rows(board).enumerate() {
            by_page.entry(&row.page).or_default().push((at, row));
        }
        let (mut lines, mut of): (Vec<Line<What>>, Vec<usize>) = (Vec::new(), vec![0; table.len()]);
        self.pages.clear();
        (self.name, self.state) = (0, 0);
        let mut stand = |at: usize, line: usize| of.get_mut(at).into_iter().for_each(|of| *of = line);
        let mut pages: Vec<(Page, Vec<(usize, &Row)>)> = by_page
            .into_iter()
            .map(|(name, rows)| {
                let mut page = Page { name: name.to_owned(), ..Page::default() };
                rows.iter().for_each(|(_, row)| page.add(row));
                (page, rows)
            })
            .collect();
        // The page that burns comes first.
        pages.sort_by(|(one, _), (other, _)| other.tone.cmp(&one.tone).then_with(|| one.name.cmp(&other.name)));
        for (page, mut rows) in pages {
            if !lines.is_empty() {
                lines.push(Line { at: None, what: What::Gap });
            }
            lines.push(Line { at: None, what: What::Page(self.pages.len()) });
            rows.sort_by_key(|(at, row)| (rank(row), *at));
            let working = rows.iter().filter(|(_, row)| rank(row) == 5).count();
            for (at, row) in &rows {
                if rank(row) == 5 {
                    continue;
                }
                self.name = self.name.max(width(&row.name));
                self.state = self.state.max(width(&state(row)));
                stand(*at, lines.len());
                lines.push(Line { at: Some(*at), what: What::One });
            }
            if let Some((first, _)) = rows.iter().find(|(_, row)| rank(row) == 5) {
                rows.iter().filter(|(_, row)| rank(row) == 5).for_each(|(at, _)| stand(*at, lines.len()));
                lines.push(Line { at: Some(*first), what: What::Working(working) });
            }
            self.pages.push(page);
        }
        self.lines.renew(lines, of, table.at());
    }

    fn fits(&mut self, area: Rect) {
        self.lines.fits(usize::from(area.height));
    }

    fn take(&mut self, action: Action, table: &mut Table<Row>, board: &Board) -> Took {
        self.lines.step(action, table.at()).map_or(Took::Passed, |at| table.move_to(at, board))
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<Row>, board: &Board) -> Took {
        let to = match at {
            Point::WheelUp => self.lines.step(Action::Up, table.at()),
            Point::WheelDown => self.lines.step(Action::Down, table.at()),
            Point::Click(_, y) => {
                let line = y.checked_sub(area.y).map(usize::from);
                line.and_then(|line| self.lines.pointed(table.at(), usize::from(area.height), line))
            }
        };
        to.map_or(Took::Kept, |to| table.move_to(to, board))
    }

    fn draw(&self, table: &Table<Row>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let chosen = self.lines.line_of(table.at());
        let signs = scene.theme.signs;
        for (n, line) in self.lines.visible(table.at(), usize::from(area.height)).enumerate() {
            let Some(Line { at, what }) = self.lines.get(line) else { continue };
            let below = u16::try_from(n).unwrap_or(u16::MAX);
            let row = at.and_then(|at| table.row(scene.board, if line == chosen { table.at() } else { at }));
            match (what, row) {
                (What::Page(page), _) => {
                    let Some(page) = self.pages.get(*page) else { continue };
                    let tone = page.tone.unwrap_or(Tone::Unknown);
                    let mut pen = Pen::new(buf, scene.theme, area, below);
                    pen.skip(2).write(tone.mark(signs.ascii), Role::toned(tone)).skip(1).write(&page.name, Role::Title);
                    pen.skip(3).write(&page.words(&scene.lens()), Role::Muted);
                    let watched = page.watched();
                    if usize::from(pen.room()) > width(&watched) + 3 {
                        pen.right(width(&watched) + 1).write(&watched, Role::Muted);
                    }
                }
                (What::One, Some(row)) => {
                    let edge = Edge { chosen: line == chosen, marked: table.is_marked(row), focused: scene.focused };
                    self.one(row, scene, Pen::edged(buf, scene.theme, area, below, edge));
                }
                (What::Working(n), Some(_)) => {
                    let edge = Edge { chosen: line == chosen, marked: false, focused: scene.focused };
                    let n = u64::try_from(*n).unwrap_or(u64::MAX);
                    let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
                    let these = plural(n, "component as it should be", "components as they should be");
                    pen.name(4 + width(&these), |pen| {
                        pen.skip(2).write(Tone::Ok.mark(signs.ascii), Role::Ok).skip(1).write(&these, Role::Muted);
                    });
                }
                (What::One | What::Working(_) | What::Gap, _) => {}
            }
        }
    }
}

/// How it stands, with its impact where one is told.
fn state(row: &Row) -> String {
    match &row.impact {
        Some(impact) if !impact.is_empty() && impact != "none" => format!("{}, {impact}", row.state_words()),
        Some(_) | None => row.state_words(),
    }
}

/// When it is or was, in so many cells.
fn when(row: &Row, ahead: bool, cells: usize, lens: &Lens<'_>) -> String {
    match (row.started_at, row.ends_at) {
        (Some(start), _) if ahead => {
            let whole = format!("{}, {}", lens.when(start, None), lens.until(start));
            if width(&whole) > cells { lens.until(start) } else { whole }
        }
        (Some(_), Some(end)) if end > lens.now => format!("until {}", lens.when(end, None)),
        (Some(start), _) => format!("for {}", words::span(lens.now - start)),
        (None, _) => String::new(),
    }
}

/// The cells of whom it touches.
const WHOM: usize = 18;

impl Pages {
    /// One incident, maintenance or component on its line.
    fn one(&self, row: &Row, scene: &Scene<'_>, mut pen: Pen<'_>) {
        let lens = scene.lens();
        let (tone, signs) = (row.tone(), scene.theme.signs);
        let ahead = row.kind == "maintenance" && row.started_at.is_some_and(|at| at > lens.now);
        let (mark, role) =
            if ahead && tone != Tone::Stale { (Tone::Ahead, Role::Maintenance) } else { (tone, Role::toned(tone)) };
        let room = usize::from(pen.room());
        // When it is comes before what it is called by: a name is understood from its beginning.
        let (kind, most, soon, whom) = match room {
            101.. => (12, 26, 22, WHOM),
            75..=100 => (12, 16, 17, 0),
            _ => (0, 12, 10, 0),
        };
        let state_width = self.state.min(most);
        let name = self.name.clamp(8, room.saturating_sub(4 + kind + state_width + soon + 4 + whom).max(8));
        pen.name(4 + kind + name, |pen| {
            pen.skip(2).write(mark.mark(signs.ascii), role).skip(1);
            if kind > 0 {
                pen.cell(&row.kind, Role::Muted, kind - 1, Align::Left).skip(1);
            }
            pen.cell(&row.name, Role::Text, name, Align::Left);
        });
        pen.skip(2).cell(&state(row), role, state_width, Align::Left).skip(2);
        let when = when(row, ahead, soon, &lens);
        let when = if signs.ascii { ascii(&when) } else { when };
        pen.cell(&when, Role::Text, width(&when).min(usize::from(pen.room())), Align::Left);
        let these = match row.affects.as_slice() {
            [] => String::new(),
            some if some.len() <= 3 => some.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "),
            many => format!("{} installations", many.len()),
        };
        if usize::from(pen.room()) > width(&these) + 3 {
            pen.right(width(&these) + 1).write(&these, Role::Muted);
        }
    }
}
