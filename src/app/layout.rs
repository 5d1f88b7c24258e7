//! How the screen is divided: pure, so that drawing and the mouse agree.

use ratatui::layout::Rect;

use crate::app::state::State;
use crate::text::width::width;
use crate::views::ViewName;

/// The least columns and rows the whole picture needs.
pub const LEAST: (u16, u16) = (60, 16);

/// The views that have a tab, in their order.
pub const TABS: &[ViewName] = &[
    ViewName::Fleet,
    ViewName::Drift,
    ViewName::Lifecycle,
    ViewName::Calendar,
    ViewName::Rollouts,
    ViewName::Alerts,
    ViewName::Logs,
    ViewName::Status,
    ViewName::Assurance,
    ViewName::Sources,
];

/// How the screen is divided.
pub struct Parts {
    /// What needs somebody now.
    pub urgent: Rect,
    /// The title of the view.
    pub title: Rect,
    /// The view itself.
    pub body: Rect,
}

impl Parts {
    /// The parts of a screen.
    #[must_use]
    pub fn of(state: &State, screen: Rect) -> Self {
        let below = |y: u16, height: u16| Rect { x: screen.x, y: screen.y + y, width: screen.width, height };
        // A third of the screen at most: the view below must stay of use.
        let most = (screen.height / 3).clamp(3, 9);
        let wanted = u16::try_from(state.urgent.len()).unwrap_or(u16::MAX).saturating_add(1).max(2);
        let first = state.place.view == ViewName::Fleet && state.place.installation.is_none();
        // Where a person drew the line themselves, it stays, as far as both sides keep a line or two.
        let most = state.split.map_or(most, |split| split.clamp(2, screen.height.saturating_sub(8).max(2)));
        let urgent = if first { wanted.min(most) } else { 0 };
        let body = screen.height.saturating_sub(4 + urgent);
        Self { urgent: below(2, urgent), title: below(2 + urgent, 1), body: below(3 + urgent, body) }
    }
}

/// Where the view itself is drawn; for the mouse.
#[must_use]
pub fn body(state: &State) -> Option<Rect> {
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    (screen.width >= LEAST.0 && screen.height >= LEAST.1).then(|| Parts::of(state, screen).body)
}

/// The view whose tab is at a spot; for the mouse.
#[must_use]
pub fn tab_at(state: &State, column: u16, row: u16) -> Option<ViewName> {
    let at = usize::from(column);
    let tabs = if row == 1 { tabs(state, usize::from(state.size.0)) } else { Vec::new() };
    tabs.into_iter().find(|tab| (tab.x..tab.x + tab.width()).contains(&at)).map(|tab| tab.view)
}

/// One tab, where it stands and what is written on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its view.
    pub view: ViewName,
    /// The first column.
    pub x: usize,
    /// Its number, and its name where there is room for it.
    pub name: String,
    /// How much in it asks to be looked at.
    pub asks: usize,
    named: bool,
}

impl Tab {
    /// The count behind the name; without a name only that there is one.
    #[must_use]
    pub fn badge(&self) -> String {
        match (self.asks, self.named) {
            (0, _) => String::new(),
            (asks, true) => format!(" {asks}"),
            (_, false) => "!".to_owned(),
        }
    }

    fn width(&self) -> usize {
        width(&self.name) + width(&self.badge())
    }
}

/// The tabs as they fit: names go from the last on, the open one's never. Beside a name there is room, so that its count is
/// not taken for the next one's number.
#[must_use]
pub fn tabs(state: &State, room: usize) -> Vec<Tab> {
    let number = |n: usize| (n + 1) % 10;
    let mut tabs: Vec<Tab> = TABS
        .iter()
        .enumerate()
        .map(|(n, view)| {
            let asks = state.board.as_ref().map_or(0, |board| board.critical(*view));
            Tab { view: *view, x: 0, name: format!("{} {}", number(n), view.title()), asks, named: true }
        })
        .collect();
    place(&mut tabs);
    for n in (0..tabs.len()).rev() {
        if tabs.last().is_none_or(|tab| tab.x + tab.width() <= room) {
            break;
        }
        if let Some(tab) = tabs.get_mut(n).filter(|tab| tab.view != state.place.view) {
            tab.name = number(n).to_string();
            tab.named = false;
        }
        place(&mut tabs);
    }
    tabs
}

/// Puts each tab behind the one before it.
fn place(tabs: &mut [Tab]) {
    let (mut x, mut named) = (1, false);
    for tab in tabs {
        let gap = if named || tab.named { 2 } else { 1 };
        tab.x = if x == 1 { x } else { x + gap };
        x = tab.x + tab.width();
        named = tab.named;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::app::settings::Settings;
    use crate::ui::theme::Theme;

    #[test]
    fn names_go_from_the_last_on_and_the_open_one_keeps_its_own() {
        let now = "2026-11-21T01:17:00Z".parse().unwrap();
        let mut state = State::new(Settings::usual(Theme::plain()), now, (80, 24));
        state.place.view = ViewName::Sources;
        for room in 20..140 {
            let tabs = tabs(&state, room);
            assert_eq!(tabs.last().unwrap().name, "0 Sources");
            let named: Vec<bool> = tabs.iter().take(9).map(|tab| tab.named).collect();
            assert!(named.is_sorted_by(|one, next| one >= next), "{room}: {named:?}");
            let end = tabs.last().map(|tab| tab.x + tab.width()).unwrap();
            assert!(end <= room.max(29), "{room}: {end}");
            for pair in tabs.windows(2) {
                let apart = pair[1].x - pair[0].x - pair[0].width();
                assert_eq!(apart, if pair.iter().any(|tab| tab.named) { 2 } else { 1 }, "{room}: {pair:?}");
            }
        }
    }
}
