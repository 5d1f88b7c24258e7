//! The page of one installation: everything about it on one screen, each line a way to its view.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::alert::AlertState;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::domain::planned::Stream;
use crate::domain::state::{EntryKind, RolloutState, Standing};
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::{Pane, Point, Scene, Sieve, Took, Want};
use crate::ui::panes::figures;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::page::page;
use crate::ui::widgets::paper::{At, Paper, Piece, piece};
use crate::ui::widgets::state::{self, Nothing};
use crate::views::asked::{Figure, News, Topic};
use crate::views::board::Board;
use crate::views::column::Tone;
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
    ["nothing is known of this installation", "the fleet file may name it no longer; 1 shows those it names"];

/// The least width for two sheets beside each other.
const TWO: u16 = 104;

/// Lines above the sheets.
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
        let making = Making { own: &self.own, board, lens, signs };
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
        heading(row, scene, &mut top);
        top.draw(0, None, false, At { theme, area }, buf);
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

fn heading(row: &fleet::Row, scene: &Scene<'_>, into: &mut Paper<Spot>) {
    let tone = row.tone();
    let role = Role::toned(tone);
    let lens = scene.lens();
    let health = if row.stale { "stale" } else { row.health.word() };
    into.line([
        piece(scene.theme.signs.mark(tone), role),
        piece(format!(" {}", row.name), Role::Title),
        piece(format!("  {} · {}", row.customer, row.plan), Role::Muted),
        piece(format!("  {health}"), role),
        piece(if row.why.is_empty() { String::new() } else { format!("  {}", row.why) }, Role::Text),
    ]);
    let environments = row.environments.iter().map(|copy| format!("{} {}", copy.name, row.runs(copy.name.as_str())));
    let mut told: Vec<String> = environments.collect();
    if row.parts.exposed > 0 {
        told.push(format!("{} exposed", row.parts.exposed));
    }
    if let Some(span) = &row.next_window {
        told.push(if span.start <= lens.now {
            format!("window open, {}", words::left(span.end - lens.now))
        } else {
            format!("next window {}", lens.when(span.start, Some(&row.installation)))
        });
    }
    told.push(row.observed_at.map_or("never heard".to_owned(), |at| format!("heard {}", words::ago(lens.now - at))));
    into.line([piece(told.join("  ·  "), Role::Muted)]);
}

/// What sheets are made from.
struct Making<'a> {
    own: &'a Own,
    board: &'a Board,
    lens: &'a Lens<'a>,
    signs: &'a Signs,
}

impl Making<'_> {
    fn mark(&self, tone: Tone) -> Piece {
        piece(format!("{} ", self.signs.mark(tone)), Role::toned(tone))
    }

    /// By environment, the worst first in each.
    fn components(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.drift;
        into.title("Components", &format!("{}", self.own.drift.len()));
        let places: BTreeSet<_> = these(rows, &self.own.drift).map(|row| &row.environment).collect();
        let (first, rest): (Vec<&EnvironmentName>, Vec<&EnvironmentName>) =
            places.iter().copied().partition(|name| name.as_str() == "production");
        for place in first.into_iter().chain(rest) {
            if places.len() > 1 || place.as_str() != "production" {
                into.line([piece(place.to_string(), Role::Muted)]);
            }
            for row in these(rows, &self.own.drift).filter(|row| row.environment == *place) {
                self.component(row, into);
            }
        }
    }

    fn component(&self, row: &crate::views::drift::Row, into: &mut Paper<Spot>) {
        let same = |life: &&crate::views::lifecycle::Row| {
            life.component == row.component && life.environment == row.environment
        };
        let life = these(&self.board.views.lifecycle, &self.own.lifecycle).find(same);
        let tone = life.map_or(row.tone(), |life| life.tone().max(row.tone()));
        let (left, ends) = life.map_or((String::new(), Role::Muted), |life| match life.exposed {
            Some(true) => (format!("exposed {}", life.left()), Role::Critical),
            Some(false) | None => (life.left(), Role::toned(life.tone())),
        });
        let goal = row.goal().map_or(String::new(), |goal| format!("→ {goal}"));
        into.choice(
            Spot { view: ViewName::Drift, key: Some(row.key()) },
            [
                self.mark(tone),
                piece(row.component.as_str(), Role::Text).left(17),
                piece(row.running.as_deref().unwrap_or("?"), Role::Text).left(11),
                piece(" ", Role::Text),
                piece(goal, Role::toned(row.tone())).left(11),
                piece(left, ends),
            ],
        );
    }

    fn alerts(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.alerts;
        let firing = these(rows, &self.own.alerts).filter(|row| row.state == AlertState::Firing);
        let firing: Vec<_> = firing.collect();
        let quiet = self.own.alerts.len() - firing.len();
        // As in the view of alerts: what only tells that the watch is awake is no fire.
        let told = firing.iter().filter(|row| row.tone() == Tone::Ahead).count();
        let others = [(told, "info"), (quiet, "quiet")].into_iter().filter(|(n, _)| *n > 0);
        let others: String = others.map(|(n, word)| format!(", {n} {word}")).collect();
        into.title("Alerts", &format!("{} firing{others}", firing.len() - told));
        for row in firing {
            let tone = row.tone();
            let since = row.since.map(|at| self.lens.age(at)).unwrap_or_default();
            into.choice(
                Spot { view: ViewName::Alerts, key: Some(row.key()) },
                [
                    self.mark(tone),
                    piece(since, Role::Muted).left(8),
                    piece(row.name.as_str(), Role::toned(tone)),
                    piece(format!("  {}", row.summary), Role::Muted),
                ],
            );
        }
    }

    fn rollouts(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.rollouts;
        into.title("Rollouts", "");
        let over = |row: &&crate::views::rollouts::Row| row.state != RolloutState::Superseded;
        let shown: Vec<_> = these(rows, &self.own.rollouts).filter(over).take(4).collect();
        if shown.is_empty() {
            into.line([piece("none on its way", Role::Muted)]);
        }
        for row in shown {
            let tone = row.tone();
            into.choice(
                Spot { view: ViewName::Rollouts, key: Some(row.key()) },
                [
                    self.mark(tone),
                    piece(row.environment.as_str(), Role::Text).left(11),
                    piece(row.to.as_str(), Role::Text).left(11),
                    piece(row.line(), Role::toned(tone)).left(8),
                    piece(if row.why.is_empty() { row.state.word() } else { row.why.as_str() }, Role::toned(tone)),
                ],
            );
        }
    }

    fn calendar(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.calendar;
        let coming = |row: &&crate::views::calendar::Row| row.end.unwrap_or(row.start) >= self.lens.now;
        let mut next: Vec<_> = these(rows, &self.own.calendar).filter(coming).collect();
        next.sort_by(|a, b| a.order(b));
        into.title("Next", "");
        if next.is_empty() {
            into.line([piece("nothing is planned", Role::Muted)]);
        }
        for row in next.into_iter().take(5) {
            let role = match row.kind {
                EntryKind::Window => Role::Window,
                EntryKind::Maintenance => Role::Maintenance,
                EntryKind::Freeze => Role::Freeze,
                EntryKind::AnnounceBy | EntryKind::Deadline => Role::Deadline,
            };
            let when = self.lens.when(row.start, row.installation.as_ref());
            let notice = row.notice.filter(|_| row.tone() >= Tone::Warning).map_or("", |notice| notice.word());
            into.choice(
                Spot { view: ViewName::Calendar, key: Some(row.key()) },
                [
                    self.mark(row.tone()),
                    piece(when, Role::Text).left(15),
                    piece(row.kind.word(), role).left(12),
                    piece(row.title.as_str(), Role::Text),
                    piece(format!("  {notice}"), Role::toned(row.tone())),
                ],
            );
        }
    }

    fn assurance(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.assurance;
        into.title("Assurance", "");
        for stream in Stream::ALL {
            let mut signals = these(rows, &self.own.assurance).filter(|row| row.stream == stream);
            // They are in the order of pressure: the first is the worst.
            let Some(worst) = signals.next() else { continue };
            let tone = worst.tone();
            let more = signals.count();
            let what = format!("{} {} {}", worst.signal, worst.name, worst.value.as_deref().unwrap_or(""));
            into.choice(
                Spot { view: ViewName::Assurance, key: Some(worst.key()) },
                [
                    self.mark(tone),
                    piece(stream.word(), Role::Text).left(15),
                    piece(what, if tone == Tone::Ok { Role::Muted } else { Role::toned(tone) }),
                    piece(if more == 0 { String::new() } else { format!("  +{more}") }, Role::Muted),
                ],
            );
        }
        if self.own.assurance.is_empty() {
            into.line([piece("no signal is known", Role::Muted)]);
        }
    }

    fn sources(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.sources;
        let all = self.own.sources.len();
        let bad = |row: &&crate::views::sources::Row| row.state != Standing::Ok;
        let bad: Vec<_> = these(rows, &self.own.sources).filter(bad).collect();
        into.title("Sources", &format!("{} of {all} answer", all - bad.len()));
        for row in bad {
            let tone = row.tone();
            let why = row.error.as_deref().or(row.hint.as_deref()).unwrap_or(row.state.word());
            into.choice(
                Spot { view: ViewName::Sources, key: Some(row.key()) },
                [self.mark(tone), piece(row.kind.as_str(), Role::Text).left(15), piece(why, Role::toned(tone))],
            );
        }
    }
}
