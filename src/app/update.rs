//! What a message does to the state, and what it asks of the world.

use std::sync::Arc;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::asking;
use crate::app::effect::Effect;
use crate::app::keys::{self, Keyed};
use crate::app::layer::Layer;
use crate::app::layout::{self, TABS};
use crate::app::message::{Happening, Message};
use crate::app::mouse;
use crate::app::palette::Found;
use crate::app::state::{Place, State};
use crate::text::Clean;
use crate::ui::action::Action;
use crate::ui::choices::Bell;
use crate::ui::keymap::Chord;
use crate::ui::pane::{Took, Want};
use crate::views::ViewName;
use crate::views::board::Board;

/// How long a few words to the person stay.
const NOTICE: TimeDelta = TimeDelta::seconds(4);

/// Takes a message in. Nothing waits here.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = taken(state, message);
    effects.extend(asking::reconcile(state));
    effects
}

fn taken(state: &mut State, message: Message) -> Vec<Effect> {
    state.now = message.now;
    if state.notice.as_ref().is_some_and(|(_, until)| *until <= state.now) {
        state.notice = None;
        state.changed = true;
    }
    let mut effects = state.held.due(state.now).map_or_else(Vec::new, |board| shown(state, board));
    effects.extend(happened(state, message.what));
    effects
}

/// There is a new board.
fn shown(state: &mut State, board: Arc<Board>) -> Vec<Effect> {
    let new = state.renew(board);
    state.changed = true;
    match (new, state.settings.bell) {
        (None, _) | (_, Bell::Off) => Vec::new(),
        (Some(_), Bell::Bell) => vec![Effect::Ring(None)],
        (Some(words), Bell::Notify) => vec![Effect::Ring(Some(words))],
    }
}

fn happened(state: &mut State, what: Happening) -> Vec<Effect> {
    match what {
        Happening::Key(event) => key(state, &event),
        Happening::Paste(text) => {
            keys::paste(state, &text);
            state.changed = true;
            Vec::new()
        }
        Happening::Mouse(event) => match mouse::take(state, event) {
            Took::Passed => Vec::new(),
            took => answer(state, took),
        },
        Happening::Resize(width, height) => {
            state.size = (width, height);
            state.changed = true;
            // A storm of sizes may end in the one it began with: what is on the terminal is unknown all the same.
            vec![Effect::Redraw]
        }
        Happening::Watched(_) => Vec::new(),
        Happening::Tick => {
            state.tick();
            Vec::new()
        }
        Happening::News(board) => match state.held.take(board, state.now) {
            Some(board) => shown(state, board),
            None => Vec::new(),
        },
        Happening::Paused(paused) => {
            state.paused = paused;
            state.changed = true;
            Vec::new()
        }
        Happening::Told(ticket, news) => {
            asking::told(state, ticket, news);
            Vec::new()
        }
        Happening::Said(text) => {
            say(state, text);
            Vec::new()
        }
        Happening::Shown(url) => {
            state.layers.push(Layer::Link { url });
            state.changed = true;
            Vec::new()
        }
        Happening::Chosen(said) => {
            let (before, after) = *said;
            state.settings.follow(&before, &after);
            state.changed = true;
            Vec::new()
        }
        Happening::Trouble(trouble) => {
            state.trouble = trouble;
            state.changed = true;
            Vec::new()
        }
        Happening::Stop => vec![Effect::Suspend],
        Happening::Resumed => {
            state.changed = true;
            vec![Effect::Redraw]
        }
    }
}

/// Says a few words to the person.
pub fn say(state: &mut State, text: String) {
    state.notice = Some((text, state.now + NOTICE));
    state.changed = true;
}

fn key(state: &mut State, event: &KeyEvent) -> Vec<Effect> {
    // Over a slow line Esc and the key after it arrive together, and look like one key held with Alt.
    let (bare, is_bound) = (event.modifiers - KeyModifiers::ALT, Chord::pressed(event));
    let is_bound = is_bound.is_some_and(|chord| state.settings.keys.action(&chord).is_some());
    let is_typed = state.layers.last().is_some_and(Layer::is_typed);
    if event.modifiers.contains(KeyModifiers::ALT) && !is_bound && !is_typed {
        let mut effects = key(state, &KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
        effects.extend(key(state, &KeyEvent { modifiers: bare, ..*event }));
        return effects;
    }
    match keys::key(state, event) {
        Keyed::Passed => {}
        Keyed::Taken => {
            state.changed = true;
            return Vec::new();
        }
        Keyed::Act(action) => return act(state, action),
        Keyed::Typed(what, text) => {
            let took = state.pane_mut().typed(what, &text);
            return answer(state, took);
        }
        Keyed::Found(found) => return go_to(state, found),
        Keyed::Ask(effect) => {
            state.changed = true;
            return vec![effect];
        }
    }
    let action = Chord::pressed(event).and_then(|chord| state.settings.keys.action(&chord));
    action.map_or_else(Vec::new, |action| act(state, action))
}

/// Does what was found by its name.
fn go_to(state: &mut State, found: Found) -> Vec<Effect> {
    state.changed = true;
    match found {
        Found::Act(action) => return act(state, action),
        Found::Theme(name) => {
            state.settings.take_theme(&name);
            say(state, format!("theme {}", state.settings.theme.title));
        }
        Found::Page { id, .. } => state.go(Place { installation: Some(id), ..Place::of(ViewName::Fleet) }),
    }
    Vec::new()
}

/// Does what an action asks for: the pane first, then the cockpit itself.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    state.changed = true;
    if MOVES.contains(&action) {
        state.held.moved(state.now);
    }
    if let Some(board) = state.board.clone() {
        let area = layout::body(state).unwrap_or_default();
        let pane = state.pane_mut();
        pane.fits(area);
        let took = pane.take(action, &board);
        if took != Took::Passed {
            return answer(state, took);
        }
    }
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Back => back(state),
        Action::Forward => forward(state),
        Action::NextView => turn(state, 1),
        Action::LastView => turn(state, TABS.len() - 1),
        Action::Filter => {
            let before = state.place.filter.clone();
            let prompt = crate::app::prompt::Prompt::of(&before);
            state.layers.push(Layer::Filter { prompt, before });
        }
        Action::Palette => {
            let found = state.found("");
            state.layers.push(Layer::Palette { prompt: Default::default(), found, chosen: 0 });
        }
        Action::Help => state.layers.push(Layer::Help { first: 0 }),
        Action::Tour => state.layers.push(Layer::Tour { step: 0 }),
        Action::TimeTravel => state.layers.push(Layer::Travel { prompt: Default::default(), wrong: None }),
        Action::Open if state.pane().is_some_and(|pane| pane.chosen().is_some()) => {
            state.layers.push(Layer::Detail { first: 0 });
        }
        Action::Focus => {
            state.place.focus = !state.place.focus;
            state.settle();
        }
        Action::Zone => {
            state.settings.next_zone();
            say(state, format!("times are shown by the clock of: {}", state.settings.zone.word()));
        }
        Action::Theme => {
            state.settings.next_theme();
            say(state, format!("theme {}", state.settings.theme.title));
        }
        Action::Pause => return vec![Effect::Pause(!state.paused)],
        Action::Refresh => return vec![Effect::Refresh(state.place.installation.iter().cloned().collect())],
        Action::Export if state.board.is_some() => state.layers.push(Layer::Export { chosen: 0 }),
        Action::Export => say(state, "nothing to write yet".to_owned()),
        Action::Link => return link(state),
        Action::Page => {
            let about = state.board.as_ref().and_then(|board| state.pane()?.about(board));
            match about {
                Some(id) => state.go(Place { installation: Some(id), ..Place::of(ViewName::Fleet) }),
                None => say(state, "this is about no installation".to_owned()),
            }
        }
        other => {
            if let Some(view) = opens(other) {
                let place = Place { installation: state.place.installation.clone(), ..Place::of(view) };
                state.go(place);
            }
        }
    }
    Vec::new()
}

/// What moves the cursor, or is done to what it stands on.
const MOVES: [Action; 9] = [
    Action::Up,
    Action::Down,
    Action::Left,
    Action::Right,
    Action::PageUp,
    Action::PageDown,
    Action::Top,
    Action::Bottom,
    Action::Mark,
];

/// The view an action opens.
fn opens(action: Action) -> Option<ViewName> {
    Some(match action {
        Action::View1 => ViewName::Fleet,
        Action::View2 => ViewName::Drift,
        Action::View3 => ViewName::Lifecycle,
        Action::View4 => ViewName::Calendar,
        Action::View5 => ViewName::Rollouts,
        Action::View6 => ViewName::Alerts,
        Action::View7 => ViewName::Logs,
        Action::View8 => ViewName::Status,
        Action::View9 => ViewName::Assurance,
        Action::Sources => ViewName::Sources,
        Action::Readiness => ViewName::Readiness,
        Action::Attention => ViewName::Attention,
        Action::Silences => ViewName::Silences,
        _ => return None,
    })
}

/// Looks at the chosen row elsewhere: at once where there is one place, else by choosing.
fn link(state: &mut State) -> Vec<Effect> {
    let links = state.board.as_ref().and_then(|board| Some(state.pane()?.links(board))).unwrap_or_default();
    match links.as_slice() {
        [] => say(state, "nothing told where to look at this elsewhere".to_owned()),
        [one] => return vec![Effect::Link(one.url.clone())],
        _ => state.layers.push(Layer::Links { links, chosen: 0 }),
    }
    Vec::new()
}

/// What goes into a clipboard is pasted into shells: every cell of every line is cleaned, whatever pane it comes from.
fn harmless(text: &str) -> String {
    let line = |line: &str| line.split('\t').map(|cell| Clean::line(cell).to_string()).collect::<Vec<_>>().join("\t");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn answer(state: &mut State, took: Took) -> Vec<Effect> {
    state.changed = true;
    let Took::Wants(want) = took else { return Vec::new() };
    match want {
        Want::Open => act(state, Action::Open),
        Want::Link(url) => vec![Effect::Link(url)],
        Want::Copy(text) => {
            let lines = u64::try_from(text.lines().count()).unwrap_or(u64::MAX);
            say(state, format!("copied {}", crate::text::words::plural(lines, "line", "lines")));
            vec![Effect::Copy(harmless(&text))]
        }
        Want::Refresh(these) => vec![Effect::Refresh(these)],
        Want::Go { view, installation, key } => {
            state.go(Place { installation, chosen: key, ..Place::of(view) });
            Vec::new()
        }
        Want::Page(id) => {
            state.go(Place { installation: Some(id), ..Place::of(ViewName::Fleet) });
            Vec::new()
        }
        Want::Say(text) => {
            say(state, text);
            Vec::new()
        }
        Want::Type(what, text) => {
            state.layers.push(Layer::Typing { what, prompt: crate::app::prompt::Prompt::of(&text) });
            Vec::new()
        }
    }
}

/// Esc: first what narrows the view, then where one came from. Never out of the program.
fn back(state: &mut State) {
    if !state.place.filter.is_empty() || state.place.focus {
        state.place.filter.clear();
        state.place.focus = false;
        state.settle();
    } else if let Some(place) = state.back.pop() {
        let left = state.leave();
        state.place = place;
        state.forward.push(left);
        state.settle();
    }
}

fn forward(state: &mut State) {
    if let Some(place) = state.forward.pop() {
        let left = state.leave();
        state.place = place;
        state.back.push(left);
        state.settle();
    }
}

fn turn(state: &mut State, by: usize) {
    let at = TABS.iter().position(|view| *view == state.place.view).unwrap_or(0);
    if let Some(view) = TABS.get((at + by) % TABS.len()) {
        let place = Place { installation: state.place.installation.clone(), ..Place::of(*view) };
        state.go(place);
    }
}
