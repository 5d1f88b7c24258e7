//! The page of one installation: everything about it on one screen, each line a way to its view.

mod making;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::making::Making;
use crate::domain::id::InstallationId;
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Sieve, Took, Want};
use crate::ui::panes::figures;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::page::page;
use crate::ui::widgets::paper::{At, Paper, piece};
use crate::ui::widgets::state::{self, Nothing};
use crate::views::asked::{Figure, News, Topic};
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};
use crate::views::rows::{Handle, Rows, View};
use crate::views::{ViewName, fleet};

/// The page.
#[derive(Default)]
pub struct Page {
    installation: Option<InstallationId>,
    /// Its rows in each view: found once per board, not once per frame.
    own: Own,
    chosen: Option<Spot>,
    /// Its key figures, as they were told last.
    figures: Vec<Figure>,
    /// How wide it is drawn, as it was told with the last key.
    width: u16,
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    view: ViewName,
    key: Option<String>,
}

#[derive(Default)]
struct Own {
    fleet: Option<Handle>,
    drift: Vec<Handle>,
    lifecycle: Vec<Handle>,
    alerts: Vec<Handle>,
    rollouts: Vec<Handle>,
    calendar: Vec<Handle>,
    assurance: Vec<Handle>,
    sources: Vec<Handle>,
}

/// The rows of one installation, most pressing first.
fn own<R: View>(rows: &Rows<R>, id: &InstallationId) -> Vec<Handle> {
    let mut these: Vec<(Handle, &R)> = rows.handles().filter(|(_, row)| row.installation() == Some(id)).collect();
    these.sort_by(|(_, a), (_, b)| b.tone().cmp(&a.tone()).then_with(|| a.order(b)));
    these.into_iter().map(|(handle, _)| handle).collect()
}

fn these<'b, R: View>(rows: &'b Rows<R>, handles: &'b [Handle]) -> impl Iterator<Item = &'b R> {
    handles.iter().filter_map(|handle| rows.get(*handle))
}

/// What it means that there is no row of it.
const NOTHING: [&str; 2] =
    ["nothing is known of this installation", "the fleet file may name it no longer; {view-1} shows those it names"];

/// The least width for two sheets beside each other.
const TWO: u16 = 104;

/// Lines above the sheets: who it is, what it runs, and an empty one where that takes one line.
const ABOVE: u16 = 3;

/// The cells of a line of a sheet, beside the edge and the gap between two.
fn room(width: u16) -> usize {
    usize::from(if width >= TWO { width / 2 } else { width }).saturating_sub(3)
}

impl Page {
    /// Whether there is room for two sheets.
    fn is_wide(&self) -> bool {
        self.width >= TWO
    }

    fn sheets(&self, board: &Board, lens: &Lens<'_>, signs: &Signs, width: u16) -> [Paper<Spot>; 2] {
        let making = Making { own: &self.own, board, lens, signs, room: room(width) };
        let mut left = Paper::default();
        let mut right = Paper::default();
        making.components(&mut left);
        making.rollouts(&mut right);
        making.alerts(&mut right);
        figures::add(&self.figures, &signs.heights, room(width), &mut right);
        making.calendar(&mut right);
        making.assurance(&mut right);
        making.sources(&mut right);
        [left, right]
    }

    /// The spots in the order of the page, with the sheet of each.
    fn spots(&self, board: &Board) -> Vec<(usize, Spot)> {
        // Which lines there are does not depend on whose clock they are read by.
        let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones: &board.header.zones };
        let sheets = self.sheets(board, &lens, Signs::ascii(), self.width);
        let order = if self.is_wide() { [0, 1] } else { [1, 0] };
        let sheets = order.into_iter().filter_map(|n| Some((n, sheets.get(n)?)));
        sheets.flat_map(|(n, sheet)| sheet.keys().map(move |(_, spot)| (n, spot.clone()))).collect()
    }
}

impl Pane for Page {
    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Left, Action::Right, Action::Copy, Action::Refresh, Action::Back]
    }

    fn settle(&mut self, board: &Board, sieve: &Sieve) {
        if self.installation != sieve.installation {
            self.chosen = None;
            self.figures.clear();
        }
        self.installation.clone_from(&sieve.installation);
        self.own = Own::default();
        let Some(id) = &self.installation else { return };
        let views = &board.views;
        self.own = Own {
            fleet: own(&views.fleet, id).first().copied(),
            drift: own(&views.drift, id),
            lifecycle: own(&views.lifecycle, id),
            alerts: own(&views.alerts, id),
            rollouts: own(&views.rollouts, id),
            calendar: own(&views.calendar, id),
            assurance: own(&views.assurance, id),
            sources: own(&views.sources, id),
        };
        let spots = self.spots(board);
        if !spots.iter().any(|(_, spot)| Some(spot) == self.chosen.as_ref()) {
            self.chosen = spots.into_iter().next().map(|(_, spot)| spot);
        }
    }

    fn asks(&self, _board: &Board) -> Vec<Topic> {
        self.installation.iter().map(|id| Topic::Figures(id.clone(), None)).collect()
    }

    fn hear(&mut self, topic: &Topic, news: News) {
        if let (Topic::Figures(id, _), News::Figures(figures)) = (topic, news)
            && self.installation.as_ref() == Some(id)
        {
            self.figures = figures;
        }
    }

    fn fits(&mut self, area: Rect) {
        self.width = area.width;
    }

    fn take(&mut self, action: Action, board: &Board) -> Took {
        let spots = self.spots(board);
        let last = spots.len().saturating_sub(1);
        let Some(at) = spots.iter().position(|(_, spot)| Some(spot) == self.chosen.as_ref()) else {
            return Took::Passed;
        };
        let sheet = spots.get(at).map_or(0, |(sheet, _)| *sheet);
        // From one sheet to the other, to the line that is about as far down.
        let across = |to: usize| {
            let first = |sheet: usize| spots.iter().position(|(n, _)| *n == sheet);
            match (first(to), first(sheet)) {
                (Some(there), Some(here)) => {
                    let many = spots.iter().filter(|(n, _)| *n == to).count();
                    there + (at - here).min(many.saturating_sub(1))
                }
                _ => at,
            }
        };
        let to = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => (at + 1).min(last),
            Action::PageUp => at.saturating_sub(10),
            Action::PageDown => (at + 10).min(last),
            Action::Top => 0,
            Action::Bottom => last,
            Action::Left if self.is_wide() => across(0),
            Action::Right if self.is_wide() => across(1),
            Action::Open => {
                let Some((_, spot)) = spots.get(at).cloned() else { return Took::Passed };
                return Took::Wants(Want::Go {
                    view: spot.view,
                    installation: self.installation.clone(),
                    key: spot.key,
                });
            }
            Action::Copy => {
                let id = self.installation.as_ref();
                return id.map_or(Took::Passed, |id| Took::Wants(Want::Copy(id.to_string())));
            }
            Action::Refresh => return Took::Wants(Want::Refresh(self.installation.iter().cloned().collect())),
            _ => return Took::Passed,
        };
        self.chosen = spots.into_iter().nth(to).map(|(_, spot)| spot);
        Took::Kept
    }

    fn choose(&mut self, _key: &str, _board: &Board) {}

    fn chosen(&self) -> Option<&str> {
        self.installation.as_ref().map(|id| id.as_str())
    }

    fn count(&self) -> (usize, usize) {
        (self.own.drift.len(), self.own.drift.len())
    }

    fn opened(&self) -> Option<String> {
        self.installation.as_ref().map(ToString::to_string)
    }

    fn says(&self) -> String {
        "its page".to_owned()
    }

    fn point(&mut self, at: Point, area: Rect, board: &Board) -> Took {
        match at {
            Point::WheelUp => self.take(Action::Up, board),
            Point::WheelDown => self.take(Action::Down, board),
            Point::Click(x, y) => {
                let lens = Lens { now: board.header.judged_at, zone: Zone::Fleet, zones: &board.header.zones };
                let sheets = self.sheets(board, &lens, Signs::ascii(), area.width);
                let found = places(&sheets, self.chosen.as_ref(), area).into_iter().find_map(|place| {
                    let inside = place.area.contains((x, y).into());
                    let line = place.first + usize::from(y.saturating_sub(place.area.y));
                    if inside { sheets.get(place.sheet)?.key(line).cloned() } else { None }
                });
                if found.is_some() {
                    self.chosen = found;
                }
                Took::Kept
            }
        }
    }

    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let Some(row) = self.own.fleet.and_then(|handle| scene.board.views.fleet.get(handle)) else {
            return state::draw(Nothing::Empty { says: NOTHING }, None, scene, area, buf);
        };
        let theme = scene.theme;
        let mut top: Paper<Spot> = Paper::default();
        heading(row, scene, usize::from(area.width).saturating_sub(3), &mut top);
        let above = Rect { height: ABOVE.min(area.height), ..area };
        top.draw(0, None, false, At { theme, area: above }, buf);
        let sheets = self.sheets(scene.board, &scene.lens(), theme.signs, area.width);
        for place in places(&sheets, self.chosen.as_ref(), area) {
            if let Some(sheet) = sheets.get(place.sheet) {
                sheet.draw(place.first, self.chosen.as_ref(), scene.focused, At { theme, area: place.area }, buf);
            }
        }
    }
}

/// Where a sheet is drawn, and from which of its lines on.
struct Place {
    sheet: usize,
    area: Rect,
    first: usize,
}

/// The places of both sheets: beside each other, or one below the other where the screen is narrow.
fn places(sheets: &[Paper<Spot>; 2], chosen: Option<&Spot>, area: Rect) -> Vec<Place> {
    let above = ABOVE.min(area.height);
    let area = Rect { y: area.y.saturating_add(above), height: area.height - above, ..area };
    let height = usize::from(area.height);
    let line = |sheet: &Paper<Spot>| sheet.keys().find(|(_, spot)| Some(*spot) == chosen).map(|(line, _)| line);
    let [left, right] = sheets;
    if area.width >= TWO {
        // The line above the first that can be chosen is a title: it stays in sight.
        let first = |sheet: &Paper<Spot>| {
            line(sheet).map_or(0, |line| page(0, if line < height { 0 } else { line }, sheet.len(), height).start)
        };
        let half = area.width / 2;
        return vec![
            Place { sheet: 0, area: Rect { width: half, ..area }, first: first(left) },
            Place { sheet: 1, area: Rect { x: area.x + half, width: area.width - half, ..area }, first: first(right) },
        ];
    }
    // What presses is on the second sheet: it comes first.
    let all = right.len() + 1 + left.len();
    let at = line(right).or_else(|| line(left).map(|line| line + right.len() + 1)).unwrap_or(0);
    let first = page(0, if at < height { 0 } else { at }, all, height).start;
    let drawn = right.len().saturating_add(1).saturating_sub(first).min(height);
    let rows = u16::try_from(drawn).unwrap_or(u16::MAX).min(area.height);
    vec![
        Place { sheet: 1, area: Rect { height: rows, ..area }, first },
        Place {
            sheet: 0,
            area: Rect { y: area.y.saturating_add(rows), height: area.height - rows, ..area },
            first: first.saturating_sub(right.len() + 1),
        },
    ]
}

fn heading(row: &fleet::Row, scene: &Scene<'_>, room: usize, into: &mut Paper<Spot>) {
    let tone = row.tone();
    let role = Role::toned(tone);
    let lens = scene.lens();
    let health = if row.stale { "stale" } else { row.health.word() };
    // A name that is the customer's own is said once.
    let customer = row.customer.as_str();
    let whose = if row.name.eq_ignore_ascii_case(customer) { String::new() } else { format!("{customer} · ") };
    into.line([
        piece(scene.theme.signs.mark(tone), role),
        piece(format!(" {}", row.name), Role::Title),
        piece(format!("  {whose}{}", row.plan), Role::Muted),
        piece(format!("  {health}"), role),
        piece(if row.why.is_empty() { String::new() } else { format!("  {}", row.why) }, Role::Text),
    ]);
    let environments = row.environments.iter().map(|copy| format!("{} {}", copy.name, row.runs(copy.name.as_str())));
    let mut told: Vec<String> = environments.collect();
    if row.parts.exposed > 0 {
        told.push(format!("{} exposed", row.parts.exposed));
    }
    match &row.next_window {
        // A door that stands open closes: that comes first.
        Some(span) if span.start <= lens.now => {
            told.insert(0, format!("window open, {}", words::left(span.end - lens.now)));
        }
        Some(span) => told.push(format!("next window {}", lens.when(span.start, Some(&row.installation)))),
        None => {}
    }
    told.push(row.observed_at.map_or("never heard".to_owned(), |at| format!("heard {}", words::ago(lens.now - at))));
    into.said(&told, Role::Muted, room);
}
