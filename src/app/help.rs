//! The keys of the view one is in, and those that do the same everywhere: side by side as far as there is room, so that most
//! screens show all of them at once.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::drawer::Drawer;
use crate::app::state::State;
use crate::text::width::{Align, width};
use crate::ui::action::Action;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;

/// A heading, and what stands below it: keys, and what they do.
struct Part {
    head: &'static str,
    keys: Vec<(String, &'static str)>,
}

impl Part {
    fn of(head: &'static str, actions: impl Iterator<Item = Action>, state: &State) -> Self {
        let signs = state.settings.theme.signs;
        let keys = actions.map(|action| {
            let keys: Vec<&str> = state.settings.keys.keys(action).map(|chord| chord.shown(signs)).collect();
            (keys.join(" "), action.says())
        });
        Self { head, keys: keys.collect() }
    }

    fn height(&self) -> usize {
        1 + self.keys.len()
    }
}

/// Parts one below the other.
struct Column<'p> {
    parts: &'p [Part],
    /// The cells of its keys.
    keys: usize,
    across: usize,
}

/// The cells between two columns.
const BETWEEN: usize = 2;

impl<'p> Column<'p> {
    fn of(parts: &'p [Part]) -> Self {
        let all = || parts.iter().flat_map(|part| &part.keys);
        let keys = all().map(|(keys, _)| width(keys)).max().unwrap_or(0);
        let says = all().map(|(_, says)| width(says)).max().unwrap_or(0);
        let head = parts.iter().map(|part| width(part.head)).max().unwrap_or(0);
        Self { parts, keys, across: (keys + 2 + says).max(head) }
    }

    /// Its lines: a heading, keys with what they do, or nothing between two parts.
    fn lines(&self) -> Vec<(&'p str, &'p str)> {
        let mut lines = Vec::new();
        for part in self.parts {
            if !lines.is_empty() {
                lines.push(("", ""));
            }
            lines.push(("", part.head));
            lines.extend(part.keys.iter().map(|(keys, says)| (keys.as_str(), *says)));
        }
        lines
    }

    fn height(&self) -> usize {
        self.parts.iter().map(Part::height).sum::<usize>() + self.parts.len().saturating_sub(1)
    }
}

/// Of all ways to put the parts side by side the lowest that fits into the width; where none does, all in one.
fn columns(parts: &[Part], room: usize) -> Vec<Column<'_>> {
    let cuts = 1_usize << parts.len().saturating_sub(1);
    let ways = (0..cuts).map(|cuts| {
        let mut columns = Vec::new();
        let mut begins = 0;
        for end in 1..=parts.len() {
            if end == parts.len() || cuts >> (end - 1) & 1 == 1 {
                columns.push(Column::of(parts.get(begins..end).unwrap_or_default()));
                begins = end;
            }
        }
        columns
    });
    let across = |columns: &[Column<'_>]| columns.iter().map(|one| one.across + BETWEEN).sum::<usize>();
    let fits = |columns: &Vec<Column<'_>>| columns.len() == 1 || across(columns) <= room + BETWEEN;
    ways.filter(fits)
        .min_by_key(|columns| (columns.iter().map(Column::height).max(), columns.len()))
        .unwrap_or_default()
}

/// What moves about, and what opens a view; what of the rest works in every view.
const MOVING: std::ops::RangeInclusive<Action> = Action::Up..=Action::LastView;
const VIEWS: std::ops::RangeInclusive<Action> = Action::View1..=Action::Silences;
const EVERYWHERE: [Action; 14] = [
    Action::Filter,
    Action::Focus,
    Action::Palette,
    Action::Help,
    Action::Link,
    Action::Export,
    Action::Zone,
    Action::Theme,
    Action::TimeTravel,
    Action::Pause,
    Action::Refresh,
    Action::Tour,
    Action::Redraw,
    Action::Quit,
];

fn parts(state: &State) -> Vec<Part> {
    let here = state.pane().map(|pane| pane.actions()).unwrap_or_default();
    let rest = |actions: &mut dyn Iterator<Item = &Action>, head| {
        Part::of(head, actions.filter(|action| !here.contains(action)).copied(), state)
    };
    let all = Action::ALL;
    vec![
        Part::of("here", here.iter().copied(), state),
        rest(&mut all.iter().filter(|action| MOVING.contains(action)), "moving about"),
        rest(&mut all.iter().filter(|action| VIEWS.contains(action)), "the views"),
        rest(&mut EVERYWHERE.iter().chain(&[Action::Suspend]), "everywhere"),
    ]
}

/// How far it can be scrolled.
#[must_use]
pub fn last(state: &State) -> usize {
    let parts = parts(state);
    let tall = columns(&parts, Drawer::room(state.size.0)).iter().map(Column::height).max().unwrap_or(0);
    tall.saturating_sub(Drawer::rows(tall, state.size.1))
}

/// Draws it.
pub fn draw(first: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let parts = parts(state);
    let columns = columns(&parts, Drawer::room(screen.width));
    let tall = columns.iter().map(Column::height).max().unwrap_or(0);
    let view = state.place.view;
    let title = format!("Keys of {}: {}", view.title(), view.about());
    let drawer = Drawer::pull(&title, tall, theme, screen, buf);
    let inside = drawer.inside;
    let first = first.min(tall.saturating_sub(usize::from(inside.height)));
    let mut x = inside.x;
    for column in &columns {
        let room = Rect { x, width: inside.right().saturating_sub(x), ..inside };
        for (row, (keys, says)) in (0..inside.height).zip(column.lines().into_iter().skip(first)) {
            let mut pen = Pen::new(buf, theme, room, row);
            if keys.is_empty() {
                pen.write(says, Role::Title);
            } else {
                pen.cell(keys, Role::Key, column.keys, Align::Left).skip(2).write(says, Role::Text);
            }
        }
        x = x.saturating_add(u16::try_from(column.across + BETWEEN).unwrap_or(u16::MAX));
    }
    drawer.foot(&[(Action::Back, "close")], tall.saturating_sub(first), state, buf);
}
