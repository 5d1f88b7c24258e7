//! The screen as a picture: what a terminal of a size would show, drawn by the same panes.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::draw::draw;
use crate::app::message::{Happening, Message};
use crate::app::settings::Settings;
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::clock::Moment;
use crate::ui::developed::develop;
use crate::views::ViewName;
use crate::views::board::Board;

/// The screen of a cockpit, with every colour settled.
#[must_use]
pub fn picture(state: &State) -> Buffer {
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buf = Buffer::empty(screen);
    draw(state, screen, &mut buf);
    develop(&mut buf, &state.settings.theme);
    buf
}

/// The screen a person would see who opened this view of this board.
#[must_use]
pub fn of_view(settings: Settings, board: Arc<Board>, view: ViewName, now: Moment, size: (u16, u16)) -> Buffer {
    let settings = Settings { start: view, tour: false, ..settings };
    let mut state = State::new(settings, now, size);
    update(&mut state, Message { now, what: Happening::News(board) });
    picture(&state)
}
