//! The tour: five steps, skipped with Esc, called again by its key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::window::window;
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;

/// The steps: a title, and what there is to know.
pub const STEPS: [(&str, &str); 5] = [
    (
        "What needs you now",
        "The first screen answers one question: is anything burning, where, and how long have you got. \
         The list on top is ranked over everything that is watched; enter opens an item, esc brings you back.",
    ),
    (
        "Moving",
        "Arrows or hjkl move, 1 to 9 and tab change the view, enter opens, esc goes back. \
         : finds any action by its name, ? shows the keys of the view you are in.",
    ),
    (
        "Finding",
        "/ filters while you type: a few letters are enough. `plan:saas`, `health:critical` and `-staging` narrow it \
         down, f leaves only what is not as it should be.",
    ),
    (
        "Honest colours",
        "Every state has its mark beside its colour. ? is unknown and never healthy, ◔ is too old to rest on. \
         0 shows the sources: who does not answer, why, and what to do.",
    ),
    (
        "Time",
        "z changes whose wall clock you see, v judges at another time: tomorrow's window, or last night. \
         Nothing here changes anything outside: looking is always safe.",
    ),
];

/// Draws a step.
pub fn draw(step: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let Some((title, text)) = STEPS.get(step) else { return };
    let inside = window(&format!("Tour {} of {}: {title}", step + 1, STEPS.len()), (66, 11), theme, screen, buf);
    let lines = crate::text::width::wrap(text, usize::from(inside.width));
    for (n, line) in lines.iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1);
        Pen::new(buf, theme, inside, row).write(line, Role::Text);
    }
    let last = step + 1 == STEPS.len();
    let next = if last { "esc ends the tour; T calls it again" } else { "enter goes on, esc ends the tour" };
    Pen::new(buf, theme, inside, inside.height.saturating_sub(1)).write(next, Role::Muted);
}
