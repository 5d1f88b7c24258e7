//! The mouse: it does what keys do, and is never needed.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use crate::app::keys;
use crate::app::layer::Layer;
use crate::app::layout::{self, Parts};
use crate::app::overlay;
use crate::app::state::{Place, State};
use crate::ui::action::Action;
use crate::ui::pane::{Point, Took};
use crate::views::ViewName;
use crate::views::rows::View;

/// Takes what the mouse did; says what came of it.
pub fn take(state: &mut State, event: MouseEvent) -> Took {
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => wheel(state, Action::Up, Point::WheelUp),
        MouseEventKind::ScrollDown => wheel(state, Action::Down, Point::WheelDown),
        MouseEventKind::Down(MouseButton::Left) => click(state, at),
        MouseEventKind::Drag(MouseButton::Left) if state.dragging => {
            state.split = Some(event.row.saturating_sub(2));
            Took::Kept
        }
        MouseEventKind::Up(_) => {
            state.dragging = false;
            Took::Kept
        }
        _ => Took::Passed,
    }
}

/// The wheel moves what lies on top, else the view.
fn wheel(state: &mut State, action: Action, point: Point) -> Took {
    match state.layers.is_empty() {
        true => to_pane(state, point),
        false => {
            keys::wheel(state, action);
            Took::Kept
        }
    }
}

fn click(state: &mut State, at: Position) -> Took {
    state.changed = true;
    match state.layers.last() {
        None => {}
        // What was typed into the filter stays: the click is for the rows it left.
        Some(Layer::Filter { .. }) => drop(state.layers.pop()),
        Some(_) => {
            // Beside a box is out of it.
            if !overlay::covers(state, at) {
                keys::leave(state);
            }
            return Took::Kept;
        }
    }
    if let Some(view) = layout::tab_at(state, at.x, at.y) {
        let place = Place { installation: state.place.installation.clone(), ..Place::of(view) };
        state.go(place);
        return Took::Kept;
    }
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    let parts = Parts::of(state, screen);
    if !parts.urgent.is_empty() && parts.title.contains(at) {
        state.dragging = true;
        return Took::Kept;
    }
    if parts.urgent.contains(at) {
        let line = usize::from(at.y - parts.urgent.y).checked_sub(1);
        if let Some(row) = line.and_then(|line| state.urgent.get(line)).map(|urgent| urgent.row.clone())
            && let Some((view, subject)) = row.leads()
        {
            let chosen = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
            state.go(Place { installation: row.installation.clone(), chosen, ..Place::of(view) });
        } else if line.is_none() {
            state.go(Place::of(ViewName::Attention));
        }
        return Took::Kept;
    }
    to_pane(state, Point::Click(at.x, at.y))
}

fn to_pane(state: &mut State, point: Point) -> Took {
    let (Some(board), Some(area)) = (state.board.clone(), layout::body(state)) else { return Took::Passed };
    if let Point::Click(x, y) = point
        && !area.contains(Position::new(x, y))
    {
        return Took::Passed;
    }
    let pane = state.pane_mut();
    pane.fits(area);
    pane.point(point, area, &board)
}
