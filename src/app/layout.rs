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

/// The number of the tab at a spot; for the mouse.
#[must_use]
pub fn tab_at(state: &State, column: u16, row: u16) -> Option<usize> {
    if row != 1 {
        return None;
    }
    let mut x = 1;
    for (n, view) in TABS.iter().enumerate().take(9) {
        let wide = width(&tab(state, n, *view));
        if (x..x + wide).contains(&usize::from(column)) {
            return Some(n + 1);
        }
        x += wide + 2;
    }
    None
}

/// A tab's text: its number, its name, and how much in it asks to be looked at.
#[must_use]
pub fn tab(state: &State, n: usize, view: ViewName) -> String {
    let number = (n + 1) % 10;
    let asks = state.board.as_ref().map_or(0, |board| board.critical(view));
    let name = view.title();
    if asks > 0 { format!("{number} {name} {asks}") } else { format!("{number} {name}") }
}
