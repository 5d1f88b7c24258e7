//! The figures of the screen, for every view: what a frame of thousands of rows costs against one of fifty, and what
//! moving about costs on the line. Counts, and ratios within one run.
//!
//! `cargo bench --bench screen` prints them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::print_stdout)]
#![allow(clippy::manual_is_multiple_of, dead_code, missing_docs)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use common::board::{Mood, board, now};
use common::screen::{cockpit, news, picture, press};
use quarterdeck::app::state::State;
use quarterdeck::runtime::ink::Erase;
use quarterdeck::runtime::screen::Screen;
use quarterdeck::ui::theme::Theme;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;

/// The views by the keys that open them.
const VIEWS: &[(&str, &str)] = &[
    ("fleet", "1"),
    ("fleet map", "1 m"),
    ("installation", "1 enter"),
    ("drift", "2"),
    ("drift table", "2 m"),
    ("lifecycle", "3"),
    ("lifecycle table", "3 m"),
    ("calendar", "4"),
    ("calendar table", "4 m"),
    ("rollouts", "5"),
    ("rollouts table", "5 m"),
    ("alerts", "6"),
    ("alerts table", "6 m"),
    ("logs", "7"),
    ("status", "8"),
    ("assurance", "9"),
    ("assurance table", "9 m"),
    ("sources", "0"),
    ("readiness", "a"),
    ("attention", "n"),
    ("silences", "i"),
];

fn opened(installations: usize, keys: &str) -> State {
    let mut state = cockpit(now(), (200, 50), Theme::built_in("dark").unwrap().thrifty());
    news(&mut state, board(Mood::Full, installations));
    press(&mut state, keys);
    state
}

/// The median of frames that are drawn, held against the one before, and found to be equal.
fn frame(state: &State) -> Duration {
    let mut screen = Screen::new((200, 50), Erase::Fills);
    let mut times: Vec<Duration> = (0..41)
        .map(|_| {
            let began = Instant::now();
            screen.frame((200, 50), |area, buf| quarterdeck::app::draw::draw(state, area, buf)).unwrap();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[20]
}

/// The bytes of a frame, the bytes of the library's own cell diff, and the cells that changed.
fn cost(screen: &mut Screen, front: &mut Buffer, state: &State) -> (usize, usize, usize) {
    let bytes = screen.frame((200, 50), |area, buf| quarterdeck::app::draw::draw(state, area, buf)).unwrap();
    let back = picture(state);
    let cells = front.diff(&back);
    let (changed, mut plain) = (cells.len(), Vec::new());
    CrosstermBackend::new(&mut plain).draw(cells.into_iter()).unwrap();
    *front = back;
    (bytes.map_or(0, |bytes| bytes.len()), plain.len(), changed)
}

fn main() {
    println!(
        "{:<16} {:>7} {:>9} {:>6}   bytes: step  scroll (plain)    page (plain, cells)  rest",
        "view", "rows", "frame", "ratio"
    );
    for (name, keys) in VIEWS {
        let few = opened(5, keys);
        let mut state = opened(3000, keys);
        let rows = state.pane().map_or(0, |pane| pane.count().1);
        let (one, many) = (frame(&few), frame(&state));
        let mut screen = Screen::new((200, 50), Erase::Fills);
        let mut front = picture(&state);
        cost(&mut screen, &mut front, &state);
        let mut after = |keys: &str| {
            press(&mut state, keys);
            cost(&mut screen, &mut front, &state)
        };
        let step = after("j").0;
        after("pagedown pagedown");
        let scroll = after("j");
        let page = after("pagedown");
        let rest = after("").0;
        println!(
            "{name:<16} {rows:>7} {:>6.0} us {:>5.1}x   {step:>11} {:>7} ({:>6}) {:>6} ({:>5}, {:>5}) {rest:>4}",
            many.as_secs_f64() * 1e6,
            many.as_secs_f64() / one.as_secs_f64().max(1e-9),
            scroll.0,
            scroll.1,
            page.0,
            page.1,
            page.2,
        );
    }
}
