//! In which form the view is written to a file: chosen from a list.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::effect::Effect;
use crate::app::state::State;
use crate::app::window::window;
use crate::export::Format;
use crate::text::width::Align;
use crate::ui::action::Action;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::views::ViewName;

/// What became of a key in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// Another one is chosen.
    At(usize),
    /// This is to be done.
    Asked(Effect),
    /// None is wanted.
    Left,
}

/// The forms of a view.
fn forms(view: ViewName) -> Vec<&'static Format> {
    Format::of(view).collect()
}

/// Gives a key to the list.
#[must_use]
pub fn key(state: &State, chosen: usize, event: &KeyEvent, action: Option<Action>) -> Picked {
    let forms = forms(state.place.view);
    let pick = |n: usize| match forms.get(n) {
        Some(format) => Picked::Asked(Effect::Export {
            view: state.place.view,
            format: format.name,
            zone: state.settings.zone,
            only: state.pane().map(|pane| pane.marked()).unwrap_or_default(),
        }),
        None => Picked::At(chosen),
    };
    match (event.code, action) {
        (KeyCode::Enter, _) => pick(chosen),
        (KeyCode::Char(digit @ '1'..='9'), _) => {
            let n = digit.to_digit(10).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            pick(n.saturating_sub(1))
        }
        (_, Some(Action::Down)) => Picked::At((chosen + 1).min(forms.len().saturating_sub(1))),
        (_, Some(Action::Up)) => Picked::At(chosen.saturating_sub(1)),
        _ => Picked::Left,
    }
}

/// Draws the list.
pub fn draw(chosen: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let forms = forms(state.place.view);
    let high = u16::try_from(forms.len()).unwrap_or(u16::MAX).saturating_add(2);
    let what = match state.pane().map_or(0, |pane| pane.marked().len()) {
        0 => state.place.view.title().to_owned(),
        marked => format!("{marked} marked of {}", state.place.view.title()),
    };
    let title = format!("Write {what} as");
    let inside = window(&title, (70, high), theme, screen, buf);
    for (n, format) in forms.iter().enumerate() {
        let mut pen = Pen::new(buf, theme, inside, u16::try_from(n).unwrap_or(u16::MAX));
        if n == chosen {
            pen = pen.on(Role::Selected);
        }
        let number = (n + 1).to_string();
        pen.cell(&number, Role::Key, 3, Align::Left).cell(format.name, Role::Text, 12, Align::Left);
        pen.write(format.about, Role::Muted);
    }
}
