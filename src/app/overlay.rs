//! Keys while something lies on top, and how it is drawn.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::effect::Effect;
use crate::app::layer::Layer;
use crate::app::palette::found;
use crate::app::prompt::{Prompt, Typed};
use crate::app::state::State;
use crate::app::tour;
use crate::app::travel;
use crate::app::update::act;
use crate::text::width::{Align, width};
use crate::ui::action::Action;
use crate::ui::keymap::Chord;
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::page::page;

/// Gives a key to what lies on top. None where nothing does.
pub fn key(state: &mut State, event: &KeyEvent) -> Option<Vec<Effect>> {
    let mut layer = state.layers.pop()?;
    let action = Chord::pressed(event).and_then(|chord| state.settings.keys.action(&chord));
    match &mut layer {
        Layer::Filter { prompt, before } => match prompt.key(event) {
            Typed::Entered => return Some(Vec::new()),
            Typed::Left => {
                state.place.filter.clone_from(before);
                state.settle();
                return Some(Vec::new());
            }
            Typed::Changed => {
                state.place.filter = prompt.text();
                state.settle();
            }
            // Up and down choose rows while the filter is still being typed.
            Typed::Passed => {
                state.layers.push(layer);
                return Some(action.map_or_else(Vec::new, |action| act(state, action)));
            }
        },
        Layer::Palette { prompt, chosen } => match (event.code, prompt.key(event)) {
            (KeyCode::Up, _) => *chosen = chosen.saturating_sub(1),
            (KeyCode::Down, _) => *chosen = (*chosen + 1).min(found(&prompt.text()).len().saturating_sub(1)),
            (_, Typed::Entered) => {
                let action = found(&prompt.text()).get(*chosen).copied();
                return Some(action.map_or_else(Vec::new, |action| act(state, action)));
            }
            (_, Typed::Left) => return Some(Vec::new()),
            (_, Typed::Changed) => *chosen = 0,
            (_, Typed::Passed) => {}
        },
        Layer::Travel { prompt, wrong } => match prompt.key(event) {
            Typed::Entered => match travel::read(&prompt.text(), state) {
                Ok(at) => {
                    state.travel = at;
                    return Some(vec![Effect::Travel(at)]);
                }
                Err(why) => *wrong = Some(why),
            },
            Typed::Left => return Some(Vec::new()),
            Typed::Changed => *wrong = None,
            Typed::Passed => {}
        },
        Layer::Help { first } | Layer::Detail { first } => match action {
            Some(Action::Up) => *first = first.saturating_sub(1),
            Some(Action::Down) => *first = first.saturating_add(1),
            Some(Action::PageUp) => *first = first.saturating_sub(10),
            Some(Action::PageDown) => *first = first.saturating_add(10),
            Some(Action::Copy | Action::Link) => {
                state.layers.push(layer);
                return action.map(|action| act(state, action));
            }
            Some(Action::Quit | Action::Back | Action::Help | Action::Open) | None => return Some(Vec::new()),
            Some(other) => return Some(act(state, other)),
        },
        Layer::Tour { step } => match (event.code, action) {
            (KeyCode::Enter | KeyCode::Right | KeyCode::Char(' '), _) if *step + 1 < tour::STEPS.len() => *step += 1,
            (KeyCode::Left, _) => *step = step.saturating_sub(1),
            _ => return Some(Vec::new()),
        },
    }
    state.layers.push(layer);
    Some(Vec::new())
}

/// Gives pasted text to what is being typed.
pub fn paste(state: &mut State, text: &str) {
    match state.layers.last_mut() {
        Some(Layer::Filter { prompt, .. }) => {
            prompt.paste(text);
            state.place.filter = prompt.text();
            state.settle();
        }
        Some(Layer::Palette { prompt, .. } | Layer::Travel { prompt, .. }) => prompt.paste(text),
        Some(Layer::Help { .. } | Layer::Tour { .. } | Layer::Detail { .. }) | None => {}
    }
}

/// Draws what lies on top.
pub fn draw(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    for layer in &state.layers {
        match layer {
            Layer::Filter { .. } => {}
            Layer::Palette { prompt, chosen } => palette(prompt, *chosen, state, screen, buf),
            Layer::Help { first } => help(*first, state, screen, buf),
            Layer::Tour { step } => tour::draw(*step, theme, screen, buf),
            Layer::Travel { prompt, wrong } => travel::draw(prompt, wrong.as_deref(), theme, screen, buf),
            Layer::Detail { first } => super::detail::draw(*first, state, screen, buf),
        }
    }
}

/// A box in the middle of the screen, cleared and framed. Gives its inside.
pub fn window(title: &str, size: (u16, u16), theme: &Theme, screen: Rect, buf: &mut Buffer) -> Rect {
    let width = size.0.min(screen.width);
    let height = size.1.min(screen.height);
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 3, width, height };
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
            cell.set_style(theme.style(Role::Text));
        }
    }
    let [left_above, right_above, left_below, right_below] = theme.signs.corners;
    let across = usize::from(width.saturating_sub(2));
    let title = format!(" {title} ");
    let rest = across.saturating_sub(crate::text::width::width(&title) + 1);
    let mut pen = Pen::new(buf, theme, area, 0);
    pen.write(left_above, Role::Border).write(theme.signs.line, Role::Border).write(&title, Role::Title);
    pen.write(&theme.signs.line.repeat(rest), Role::Border).right(1).write(right_above, Role::Border);
    for row in 1..height.saturating_sub(1) {
        let mut pen = Pen::new(buf, theme, area, row);
        pen.write(theme.signs.bar, Role::Border).right(1).write(theme.signs.bar, Role::Border);
    }
    if height > 1 {
        let mut pen = Pen::new(buf, theme, area, height - 1);
        pen.write(left_below, Role::Border).write(&theme.signs.line.repeat(across), Role::Border);
        pen.right(1).write(right_below, Role::Border);
    }
    Rect {
        x: area.x + 2.min(width),
        y: area.y + 1.min(height),
        width: width.saturating_sub(4),
        height: height.saturating_sub(2),
    }
}

/// A line being typed, with its cursor.
pub fn typed(prompt: &Prompt, sign: &str, pen: &mut Pen<'_>) {
    let (before, after) = prompt.parts();
    pen.write(sign, Role::Accent).write(&before, Role::Text);
    let mut rest = after.chars();
    let under = rest.next().map_or(" ".to_owned(), |c| c.to_string());
    pen.write(&under, Role::Today).write(rest.as_str(), Role::Text);
}

fn palette(prompt: &Prompt, chosen: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let found = found(&prompt.text());
    let inside = window("Do what?", (64, 16), theme, screen, buf);
    typed(prompt, ": ", &mut Pen::new(buf, theme, inside, 0));
    let height = usize::from(inside.height.saturating_sub(2));
    let shown = page(0, chosen, found.len(), height);
    for (n, action) in found.get(shown.clone()).unwrap_or_default().iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(2);
        let mut pen = Pen::new(buf, theme, inside, row);
        if shown.start + n == chosen {
            pen = pen.on(Role::Selected);
        }
        let key = state.settings.keys.key(*action).map(ToString::to_string).unwrap_or_default();
        pen.cell(action.word(), Role::Text, 14, Align::Left).cell(action.says(), Role::Muted, 36, Align::Left);
        pen.right(width(&key)).write(&key, Role::Key);
    }
    if found.is_empty() {
        Pen::new(buf, theme, inside, 2).write("nothing is called that", Role::Muted);
    }
}

fn help(first: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let view = state.place.view;
    let inside = window(&format!("Keys of {}", view.title()), (74, 30), theme, screen, buf);
    let here = state.pane().map(|pane| pane.actions()).unwrap_or_default();
    let rest = Action::ALL.iter().filter(|action| !here.contains(action));
    let mut lines: Vec<(Option<Action>, &str)> = vec![(None, view.about())];
    lines.extend(here.iter().map(|action| (Some(*action), action.says())));
    lines.push((None, "everywhere"));
    lines.extend(rest.map(|action| (Some(*action), action.says())));
    let height = usize::from(inside.height.saturating_sub(1));
    let first = first.min(lines.len().saturating_sub(height));
    for (n, (action, says)) in lines.iter().skip(first).take(height).enumerate() {
        let mut pen = Pen::new(buf, theme, inside, u16::try_from(n).unwrap_or(u16::MAX));
        match action {
            Some(action) => {
                let keys: Vec<String> = state.settings.keys.keys(*action).map(ToString::to_string).collect();
                pen.cell(&keys.join(" "), Role::Key, 16, Align::Left).skip(1).write(says, Role::Text);
            }
            None => drop(pen.write(says, Role::Muted)),
        }
    }
    let more = lines.len().saturating_sub(first + height);
    if more > 0 {
        let below = inside.height.saturating_sub(1);
        Pen::new(buf, theme, inside, below).write(&format!("{more} more, go down"), Role::Muted);
    }
}
