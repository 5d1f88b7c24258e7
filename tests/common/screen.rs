//! The cockpit driven without a terminal: boards and keys in, pictures out.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use quarterdeck::app::draw::draw;
use quarterdeck::app::held::Held;
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::settings::Settings;
use quarterdeck::app::state::State;
use quarterdeck::app::update::update;
use quarterdeck::domain::clock::{Moment, Tz};
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::board::Board;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A cockpit at a time, of a size, with the usual settings.
pub fn cockpit(now: Moment, size: (u16, u16), theme: Theme) -> State {
    let settings = Settings { local: Tz::Europe__Berlin, ..Settings::usual(theme) };
    State::new(settings, now, size)
}

/// Tells the cockpit something.
pub fn tell(state: &mut State, what: Happening) {
    let now = state.now;
    update(state, Message { now, what });
}

/// Gives it a board, with nobody at the keys.
pub fn news(state: &mut State, board: Board) {
    state.held = Held::default();
    tell(state, Happening::News(Arc::new(board)));
}

/// Presses keys, by their names: `"2 j j enter"`.
pub fn press(state: &mut State, keys: &str) {
    for key in keys.split_whitespace() {
        let code = match key {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "tab" => KeyCode::Tab,
            "backtab" => KeyCode::BackTab,
            "space" => KeyCode::Char(' '),
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            "backspace" => KeyCode::Backspace,
            other => KeyCode::Char(other.chars().next().unwrap()),
        };
        tell(state, Happening::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

/// What is on screen.
pub fn picture(state: &State) -> Buffer {
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buf = Buffer::empty(screen);
    draw(state, screen, &mut buf);
    buf
}

/// A picture as text, without its colours.
pub fn text(buf: &Buffer) -> String {
    let mut all = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            let symbol = buf.cell((x, y)).unwrap().symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = quarterdeck::text::width::width(symbol).max(1);
            }
            skip -= 1;
        }
        all.push_str(line.trim_end());
        all.push('\n');
    }
    all
}
