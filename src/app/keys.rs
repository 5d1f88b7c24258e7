//! Keys while something lies on top of the view.

use crossterm::event::{KeyCode, KeyEvent};

use crate::app::effect::Effect;
use crate::app::layer::Layer;
use crate::app::palette::Found;
use crate::app::prompt::Typed;
use crate::app::state::State;
use crate::app::{detail, forms, help, tour, travel};
use crate::ui::action::Action;
use crate::ui::keymap::Chord;
use crate::ui::pane::Entry;

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// Nothing lies on top: the key is for the view.
    Passed,
    /// It was taken.
    Taken,
    /// It means this action.
    Act(Action),
    /// It asks for this, by its name.
    Found(Found),
    /// It asks the world for this.
    Ask(Effect),
    /// It ended a line typed for the view.
    Typed(Entry, String),
}

/// Gives a key to what lies on top.
pub fn key(state: &mut State, event: &KeyEvent) -> Keyed {
    let Some(mut layer) = state.layers.pop() else { return Keyed::Passed };
    let action = Chord::pressed(event).and_then(|chord| state.settings.keys.action(&chord));
    let last = last(&layer, state);
    match &mut layer {
        Layer::Filter { prompt, before } => match prompt.key(event) {
            Typed::Entered => return Keyed::Taken,
            Typed::Left => {
                state.place.filter.clone_from(before);
                state.settle();
                return Keyed::Taken;
            }
            Typed::Changed => {
                state.place.filter = prompt.text();
                state.settle();
            }
            // Up and down choose rows while the filter is still being typed.
            Typed::Passed => {
                state.layers.push(layer);
                return action.map_or(Keyed::Taken, Keyed::Act);
            }
        },
        Layer::Palette { prompt, found, chosen } => match (event.code, prompt.key(event)) {
            (KeyCode::Up, _) => *chosen = chosen.saturating_sub(1),
            (KeyCode::Down, _) => *chosen = (*chosen + 1).min(found.len().saturating_sub(1)),
            (_, Typed::Entered) => {
                return match found.get(*chosen).cloned() {
                    Some(Found::Act(action)) => Keyed::Act(action),
                    Some(other) => Keyed::Found(other),
                    None => Keyed::Taken,
                };
            }
            (_, Typed::Left) => return Keyed::Taken,
            (_, Typed::Changed) => {
                *found = state.found(&prompt.text());
                *chosen = 0;
            }
            (_, Typed::Passed) => {}
        },
        Layer::Travel { prompt, wrong } => match prompt.key(event) {
            Typed::Entered => match travel::read(&prompt.text(), state) {
                Ok(at) => {
                    state.travel = at;
                    return Keyed::Ask(Effect::Travel(at));
                }
                Err(why) => *wrong = Some(why),
            },
            Typed::Left => return Keyed::Taken,
            Typed::Changed => *wrong = None,
            Typed::Passed => {}
        },
        Layer::Typing { what, prompt } => match prompt.key(event) {
            Typed::Entered => return Keyed::Typed(*what, prompt.text()),
            Typed::Left => return Keyed::Taken,
            Typed::Changed | Typed::Passed => {}
        },
        // From what is told of a row, on to the page of whose it is.
        Layer::Detail { .. } if action == Some(Action::Open) => return Keyed::Act(Action::Page),
        Layer::Help { first } | Layer::Detail { first } => match action {
            Some(action) if SCROLLS.contains(&action) => *first = scrolled(*first, action, last),
            Some(Action::Copy | Action::Link) => {
                state.layers.push(layer);
                return action.map_or(Keyed::Taken, Keyed::Act);
            }
            Some(Action::Quit | Action::Back | Action::Help | Action::Open) | None => return Keyed::Taken,
            Some(other) => return Keyed::Act(other),
        },
        Layer::Export { chosen } => match forms::key(state, *chosen, event, action) {
            forms::Picked::At(n) => *chosen = n,
            forms::Picked::Asked(effect) => return Keyed::Ask(effect),
            forms::Picked::Left => return Keyed::Taken,
        },
        Layer::Links { links, chosen } => match (event.code, action) {
            (KeyCode::Enter, _) => {
                let link = links.get(*chosen).map(|link| Effect::Link(link.url.clone()));
                return link.map_or(Keyed::Taken, Keyed::Ask);
            }
            (_, Some(Action::Up)) => *chosen = chosen.saturating_sub(1),
            (_, Some(Action::Down)) => *chosen = (*chosen + 1).min(links.len().saturating_sub(1)),
            (_, Some(Action::Copy)) => {
                let link = links.get(*chosen).map(|link| Effect::Copy(link.url.clone()));
                return link.map_or(Keyed::Taken, Keyed::Ask);
            }
            _ => return Keyed::Taken,
        },
        Layer::Link { url } => match action {
            Some(Action::Copy) => return Keyed::Ask(Effect::Copy(url.clone())),
            // The link was written by hand over the picture.
            _ => return Keyed::Ask(Effect::Redraw),
        },
        Layer::Tour { step } => match (event.code, action) {
            (KeyCode::Enter | KeyCode::Right | KeyCode::Char(' '), _) if *step + 1 < tour::STEPS.len() => *step += 1,
            (KeyCode::Left, _) => *step = step.saturating_sub(1),
            _ => return Keyed::Taken,
        },
    }
    state.layers.push(layer);
    Keyed::Taken
}

/// What scrolls a drawer.
const SCROLLS: [Action; 6] = [Action::Up, Action::Down, Action::PageUp, Action::PageDown, Action::Top, Action::Bottom];

/// The first line after one of them; the last one it can be is known, so that no key does nothing on the way back.
fn scrolled(first: usize, action: Action, last: usize) -> usize {
    let to = match action {
        Action::Up => first.saturating_sub(1),
        Action::Down => first.saturating_add(1),
        Action::PageUp => first.saturating_sub(10),
        Action::PageDown => first.saturating_add(10),
        Action::Top => 0,
        Action::Bottom => last,
        _ => first,
    };
    to.min(last)
}

/// How far what lies on top can be scrolled.
fn last(layer: &Layer, state: &State) -> usize {
    match layer {
        Layer::Help { .. } => help::last(state),
        Layer::Detail { .. } => detail::last(state),
        Layer::Filter { .. }
        | Layer::Palette { .. }
        | Layer::Tour { .. }
        | Layer::Travel { .. }
        | Layer::Export { .. }
        | Layer::Typing { .. }
        | Layer::Links { .. }
        | Layer::Link { .. } => 0,
    }
}

/// The wheel over what lies on top.
pub fn wheel(state: &mut State, action: Action) {
    let by = if action == Action::Up { -3 } else { 3 };
    let moved = |at: &mut usize| *at = at.saturating_add_signed(by);
    let last = state.layers.last().map_or(0, |layer| last(layer, state));
    match state.layers.last_mut() {
        Some(Layer::Help { first } | Layer::Detail { first }) => {
            moved(first);
            *first = (*first).min(last);
        }
        Some(Layer::Links { links, chosen }) => {
            moved(chosen);
            *chosen = (*chosen).min(links.len().saturating_sub(1));
        }
        Some(Layer::Palette { found, chosen, .. }) => {
            moved(chosen);
            *chosen = (*chosen).min(found.len().saturating_sub(1));
        }
        Some(
            Layer::Filter { .. }
            | Layer::Tour { .. }
            | Layer::Travel { .. }
            | Layer::Link { .. }
            | Layer::Typing { .. }
            | Layer::Export { .. },
        )
        | None => {}
    }
    state.changed = true;
}

/// Takes the uppermost away: what esc does.
pub fn leave(state: &mut State) {
    let esc = KeyEvent::new(KeyCode::Esc, crossterm::event::KeyModifiers::NONE);
    // On top of everything esc only ever closes.
    let _ = key(state, &esc);
}

/// Gives pasted text to what is being typed.
pub fn paste(state: &mut State, text: &str) {
    if let Some(Layer::Palette { mut prompt, .. }) = state.layers.pop_if(|layer| matches!(layer, Layer::Palette { .. }))
    {
        prompt.paste(text);
        let found = state.found(&prompt.text());
        return state.layers.push(Layer::Palette { prompt, found, chosen: 0 });
    }
    match state.layers.last_mut() {
        Some(Layer::Filter { prompt, .. }) => {
            prompt.paste(text);
            state.place.filter = prompt.text();
            state.settle();
        }
        Some(Layer::Travel { prompt, .. } | Layer::Typing { prompt, .. }) => prompt.paste(text),
        Some(
            Layer::Palette { .. }
            | Layer::Help { .. }
            | Layer::Tour { .. }
            | Layer::Detail { .. }
            | Layer::Export { .. }
            | Layer::Links { .. }
            | Layer::Link { .. },
        )
        | None => {}
    }
}
