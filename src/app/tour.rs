//! The tour: five steps, skipped with Esc, called again by its key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::state::State;
use crate::app::window::window;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;

/// The steps: a title, and what there is to know, with actions in braces where their keys are told.
pub const STEPS: [(&str, &str); 5] = [
    (
        "What needs you now",
        "The first screen answers one question: is anything burning, where, and how long have you got. \
         The list on top is ranked over everything that is watched; {open} opens an item, {back} brings you back.",
    ),
    (
        "Moving",
        "Arrows move, {view-1} to {view-9} and {next-view} change the view, {open} opens, {back} goes back. \
         {palette} finds any action by its name, {help} shows the keys of the view you are in.",
    ),
    (
        "Finding",
        "{filter} filters while you type: a few letters are enough. `plan:saas`, `health:critical` and `-staging` narrow it \
         down, {focus} leaves only what is not as it should be.",
    ),
    (
        "Honest colours",
        "Every state has its mark beside its colour. ? is unknown and never healthy, ◔ is too old to rest on. \
         {sources} shows the sources: who does not answer, why, and what to do.",
    ),
    (
        "Time",
        "{zone} changes whose wall clock you see, {time-travel} judges at another time: tomorrow's window, or last night. \
         Nothing here changes anything outside: looking is always safe.",
    ),
];

/// Draws a step.
pub fn draw(step: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let Some((title, text)) = STEPS.get(step) else { return };
    let theme = &state.settings.theme;
    let told = |text: &str| state.settings.keys.told(text, theme.signs);
    let inside = window(&format!("Tour {} of {}: {title}", step + 1, STEPS.len()), (66, 11), theme, screen, buf);
    let lines = crate::text::width::wrap(&told(text), usize::from(inside.width));
    for (n, line) in lines.iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1);
        Pen::new(buf, theme, inside, row).write(line, Role::Text);
    }
    let last = step + 1 == STEPS.len();
    let next = if last { "esc ends the tour; {tour} calls it again" } else { "enter goes on, esc ends the tour" };
    Pen::new(buf, theme, inside, inside.height.saturating_sub(1)).write(&told(next), Role::Muted);
}
