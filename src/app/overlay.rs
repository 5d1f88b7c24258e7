//! What lies on top, drawn.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::app::layer::Layer;
use crate::app::palette::Found;
use crate::app::prompt::Prompt;
use crate::app::state::State;
use crate::app::window::{typed, window, window_area};
use crate::app::{detail, forms, help, tour, travel};
use crate::text::width::{Align, width, wrap};
use crate::ui::action::Action;
use crate::ui::pane::Entry;
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::page::page;
use crate::views::link::Link;

/// Draws what lies on top.
pub fn draw(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    for layer in &state.layers {
        match layer {
            Layer::Filter { .. } => {}
            Layer::Palette { prompt, found, chosen } => palette(prompt, found, *chosen, state, screen, buf),
            Layer::Help { first } => help::draw(*first, state, screen, buf),
            Layer::Tour { step } => tour::draw(*step, state, screen, buf),
            Layer::Travel { prompt, wrong } => travel::draw(prompt, wrong.as_deref(), theme, screen, buf),
            Layer::Export { chosen } => forms::draw(*chosen, state, screen, buf),
            Layer::Typing { what, prompt } => typing(*what, prompt, theme, screen, buf),
            Layer::Links { links, chosen } => elsewhere(links, *chosen, state, screen, buf),
            Layer::Link { url } => link(url, state, screen, buf),
            Layer::Detail { first } => detail::draw(*first, state, screen, buf),
        }
    }
}

/// Whether what lies on top stands over a spot. It is drawn on nothing to find out: so the mouse and the eye agree.
#[must_use]
pub fn covers(state: &State, at: Position) -> bool {
    let screen = Rect::new(0, 0, state.size.0, state.size.1);
    let mut nothing = Buffer::filled(screen, Cell::new("\0"));
    draw(state, screen, &mut nothing);
    nothing.cell(at).is_some_and(|cell| cell.symbol() != "\0")
}

fn palette(prompt: &Prompt, found: &[Found], chosen: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let inside = window("Do what?", (64, 16), theme, screen, buf);
    typed(prompt, ": ", &mut Pen::new(buf, theme, inside, 0));
    let height = usize::from(inside.height.saturating_sub(2));
    let shown = page(0, chosen, found.len(), height);
    for (n, one) in found.get(shown.clone()).unwrap_or_default().iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(2);
        let mut pen = Pen::new(buf, theme, inside, row);
        if shown.start + n == chosen {
            pen = pen.on(Role::Selected);
        }
        let key = match one {
            Found::Act(action) => state.settings.keys.key(*action).map_or("", |chord| chord.shown(theme.signs)),
            Found::Theme(_) | Found::Page { .. } => "",
        };
        pen.cell(one.word(), Role::Text, 18, Align::Left).skip(1).cell(&one.says(), Role::Muted, 33, Align::Left);
        pen.right(width(key)).write(key, Role::Key);
    }
    if found.is_empty() {
        Pen::new(buf, theme, inside, 2).write("nothing is called that", Role::Muted);
    }
}

/// Something typed for the view, with what may be typed.
fn typing(what: Entry, prompt: &Prompt, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let (title, help) = match what {
        Entry::Query => (
            "Which lines?",
            "a text, or a query that begins with `{`, such as {app=\"api\"} |= \"timeout\"; nothing means every line",
        ),
        Entry::Reason => ("Why are these logs read?", "it stands in the audit record, such as a ticket's number"),
    };
    let inside = window(title, (screen.width.saturating_sub(8).min(110), 6), theme, screen, buf);
    typed(prompt, "> ", &mut Pen::new(buf, theme, inside, 0));
    for (n, line) in wrap(help, usize::from(inside.width)).iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(2);
        Pen::new(buf, theme, inside, row).write(line, Role::Muted);
    }
}

/// Where to look at it elsewhere.
fn elsewhere(links: &[Link], chosen: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let height = u16::try_from(links.len()).unwrap_or(u16::MAX).saturating_add(3).min(16);
    let inside = window("Look at it in", (screen.width.saturating_sub(8).min(110), height), theme, screen, buf);
    let name = links.iter().map(|link| width(&link.name)).max().unwrap_or(0);
    let shown = page(0, chosen, links.len(), usize::from(inside.height));
    for (n, link) in links.get(shown.clone()).unwrap_or_default().iter().enumerate() {
        let mut pen = Pen::new(buf, theme, inside, u16::try_from(n).unwrap_or(u16::MAX));
        if shown.start + n == chosen {
            pen = pen.on(Role::Selected);
        }
        pen.cell(&link.name, Role::Text, name, Align::Left).skip(2).write(&link.url, Role::Muted);
    }
}

/// Where the address of a link stands: the box, its lines of text, and the first cell.
#[must_use]
pub fn link_lines(url: &str, screen: Rect) -> (Rect, Vec<String>) {
    let across = screen.width.saturating_sub(8).clamp(8, 110);
    let lines = crate::text::width::wrap(url, usize::from(across.saturating_sub(4)).max(1));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    (window_area((across, height), screen), lines)
}

/// An address nobody could open here.
fn link(url: &str, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let (area, lines) = link_lines(url, screen);
    let inside = window("No browser here: open this", (area.width, area.height), theme, screen, buf);
    for (n, line) in lines.iter().enumerate() {
        Pen::new(buf, theme, inside, u16::try_from(n).unwrap_or(u16::MAX)).write(line, Role::Accent);
    }
    let below = inside.height.saturating_sub(1);
    let copy = state.settings.keys.key(Action::Copy).map_or("", |chord| chord.shown(theme.signs));
    Pen::new(buf, theme, inside, below).write(copy, Role::Key).skip(1).write("copies it, esc closes", Role::Muted);
}
