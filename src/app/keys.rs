//! Keys while something lies on top of the view.

use crossterm::event::{KeyCode, KeyEvent};

use crate::app::effect::Effect;
use crate::app::layer::Layer;
use crate::app::palette::found;
use crate::app::prompt::Typed;
use crate::app::state::State;
use crate::app::{forms, tour, travel};
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
    /// It asks the world for this.
    Ask(Effect),
    /// It ended a line typed for the view.
    Typed(Entry, String),
}

/// Gives a key to what lies on top.
pub fn key(state: &mut State, event: &KeyEvent) -> Keyed {
    let Some(mut layer) = state.layers.pop() else { return Keyed::Passed };
    let action = Chord::pressed(event).and_then(|chord| state.settings.keys.action(&chord));
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
        Layer::Palette { prompt, chosen } => match (event.code, prompt.key(event)) {
            (KeyCode::Up, _) => *chosen = chosen.saturating_sub(1),
            (KeyCode::Down, _) => *chosen = (*chosen + 1).min(found(&prompt.text()).len().saturating_sub(1)),
            (_, Typed::Entered) => {
                let action = found(&prompt.text()).get(*chosen).copied();
                return action.map_or(Keyed::Taken, Keyed::Act);
            }
            (_, Typed::Left) => return Keyed::Taken,
            (_, Typed::Changed) => *chosen = 0,
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
        Layer::Help { first } | Layer::Detail { first } => match action {
            Some(Action::Up) => *first = first.saturating_sub(1),
            Some(Action::Down) => *first = first.saturating_add(1),
            Some(Action::PageUp) => *first = first.saturating_sub(10),
            Some(Action::PageDown) => *first = first.saturating_add(10),
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
        Layer::Tour { step } => match (event.code, action) {
            (KeyCode::Enter | KeyCode::Right | KeyCode::Char(' '), _) if *step + 1 < tour::STEPS.len() => *step += 1,
            (KeyCode::Left, _) => *step = step.saturating_sub(1),
            _ => return Keyed::Taken,
        },
    }
    state.layers.push(layer);
    Keyed::Taken
}

/// Gives pasted text to what is being typed.
pub fn paste(state: &mut State, text: &str) {
    match state.layers.last_mut() {
        Some(Layer::Filter { prompt, .. }) => {
            prompt.paste(text);
            state.place.filter = prompt.text();
            state.settle();
        }
        Some(Layer::Palette { prompt, .. } | Layer::Travel { prompt, .. } | Layer::Typing { prompt, .. }) => {
            prompt.paste(text)
        }
        Some(Layer::Help { .. } | Layer::Tour { .. } | Layer::Detail { .. } | Layer::Export { .. }) | None => {}
    }
}
