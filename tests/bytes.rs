//! What a key press costs on the line, counted, and what the bytes draw, judged by a terminal that is not ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::manual_is_multiple_of,
    dead_code,
    missing_docs
)]

mod common;

use common::board::{Mood, board, now};
use common::screen::{cockpit, news, picture, press};
use proptest::prelude::*;
use quarterdeck::app::state::State;
use quarterdeck::runtime::ink::Erase;
use quarterdeck::runtime::screen::Screen;
use quarterdeck::ui::theme::Theme;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// A terminal with what we know about it, and what is really on it.
struct Line {
    screen: Screen,
    terminal: vt100::Parser,
    front: Buffer,
}

/// What a frame cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    bytes: usize,
    /// What writing every changed cell costs, as the library's own backend does it.
    plain: usize,
    /// How many cells changed.
    cells: usize,
    /// The bytes of what stands in the cells that changed: what any program has to send.
    text: usize,
    /// How many stretches of changed cells there are that no more than [`BESIDE`] unchanged ones part: each has to be gone
    /// to.
    stretches: usize,
    /// Of the bytes: those for going somewhere, for changing looks, and for erasing.
    moves: usize,
    looks: usize,
    erasing: usize,
}

impl Cost {
    /// The bytes for a byte of what stands in the cells that changed.
    fn over(&self) -> f64 {
        self.bytes as f64 / self.text.max(1) as f64
    }
}

/// As many cells as the shortest jump over some takes bytes.
const BESIDE: u16 = 4;

/// How many stretches of changed cells there are.
fn stretches(changed: &[(u16, u16, &ratatui::buffer::Cell)]) -> usize {
    let parted = |pair: &&[(u16, u16, &ratatui::buffer::Cell)]| {
        let ((x, y), (next, below)) = ((pair[0].0, pair[0].1), (pair[1].0, pair[1].1));
        y != below || next - x > BESIDE + 1
    };
    usize::from(!changed.is_empty()) + changed.windows(2).filter(parted).count()
}

/// What the bytes of a frame are spent on beside text: moves, looks, erasing.
fn anatomy(bytes: &[u8]) -> (usize, usize, usize) {
    let (mut moves, mut looks, mut erasing, mut at) = (0, 0, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let n = match (byte, bytes.get(at + 1)) {
            (0x1b, Some(b'[')) => 3 + bytes[at + 2..].iter().position(|b| (0x40..0x7f).contains(b)).unwrap(),
            (0x1b, _) => 2,
            _ => 1,
        };
        match (byte, bytes[at + n - 1]) {
            (0x1b, b'm') => looks += n,
            (0x1b, b'X' | b'K') => erasing += n,
            (0x1b | b'\n' | b'\r' | 8, _) => moves += n,
            _ => {}
        }
        at += n;
    }
    (moves, looks, erasing)
}

impl Line {
    fn new(width: u16, height: u16, erase: Erase) -> Self {
        Self {
            screen: Screen::new((width, height), erase),
            terminal: vt100::Parser::new(height, width, 0),
            front: Buffer::empty(Rect::new(0, 0, width, height)),
        }
    }

    fn show(&mut self, picture: &Buffer) -> Cost {
        let area = picture.area;
        let painted = self.screen.frame((area.width, area.height), |_, buf| buf.clone_from(picture)).unwrap();
        let bytes = painted.unwrap_or_default();
        let cells = self.front.diff(picture);
        let mut plain = Vec::new();
        let changed = cells.len();
        let stretches = stretches(&cells);
        let text = cells.iter().map(|(_, _, cell)| cell.symbol().len()).sum();
        CrosstermBackend::new(&mut plain).draw(cells.into_iter()).unwrap();
        self.front = picture.clone();
        self.terminal.process(&bytes);
        self.check(picture);
        let (moves, looks, erasing) = anatomy(&bytes);
        Cost { bytes: bytes.len(), plain: plain.len(), cells: changed, text, stretches, moves, looks, erasing }
    }

    /// Every cell of the terminal is the one that was meant.
    fn check(&self, picture: &Buffer) {
        for y in 0..picture.area.height {
            let mut covered = 0;
            for x in 0..picture.area.width {
                let meant = picture.cell((x, y)).unwrap();
                let there = self.terminal.screen().cell(y, x).unwrap();
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                covered = quarterdeck::text::width::width(meant.symbol()).max(1) - 1;
                let shown = if there.contents().is_empty() { " " } else { there.contents() };
                assert_eq!(shown, meant.symbol(), "at {x},{y}");
                let blank = meant.symbol() == " ";
                let lines = (there.underline(), there.inverse());
                let meant_lines =
                    (meant.modifier.contains(Modifier::UNDERLINED), meant.modifier.contains(Modifier::REVERSED));
                assert_eq!(lines, meant_lines, "lines at {x},{y}");
                assert_eq!(colour(there.bgcolor()), meant.bg, "ground at {x},{y}");
                if !blank {
                    assert_eq!(colour(there.fgcolor()), meant.fg, "colour at {x},{y}");
                    assert_eq!(there.bold(), meant.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                }
            }
        }
    }
}

fn colour(color: vt100::Color) -> Color {
    match color {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(0) => Color::Black,
        vt100::Color::Idx(1) => Color::Red,
        vt100::Color::Idx(n) => Color::Indexed(n),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

/// A cockpit of many rows with this pressed already.
fn opened(keys: &str, size: (u16, u16)) -> State {
    let mut state = cockpit(now(), size, Theme::built_in("dark").unwrap().thrifty());
    news(&mut state, board(Mood::Full, 400));
    press(&mut state, keys);
    state
}

/// Every view and picture, by its keys.
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
    ("rollout", "5 enter"),
    ("rollouts table", "5 m"),
    ("alerts", "6"),
    ("alerts table", "6 m"),
    ("logs", "7"),
    ("status", "8"),
    ("status table", "8 m"),
    ("assurance", "9"),
    ("assurance table", "9 m"),
    ("sources", "0"),
    ("readiness", "a"),
    ("attention", "n"),
    ("silences", "i"),
];

/// What else is walked through: groups, and what lies on top.
const BESIDES: &[(&str, &str)] = &[
    ("fleet in groups", "1 g"),
    ("fleet in folded groups", "1 g left"),
    ("drift table in groups", "2 m g"),
    ("alerts table in groups", "6 m g"),
    ("lifecycle apart", "3 g"),
    ("palette", ":"),
    ("export", "1 e"),
    ("links", "1 o"),
    ("detail", "2 m enter"),
    ("detail of an alert", "6 enter"),
    ("help", "?"),
];

/// What is pulled up over a view, and scrolls where it is longer than the screen.
const DRAWERS: &[(&str, &str)] = &[("help", "2 m ?"), ("detail", "2 m enter"), ("detail of an alert", "6 enter")];

/// What the few looks of a small change may cost beside.
const LOOKS: usize = 80;

/// What going to one stretch of changed cells may cost at most, with all the ways between the looks.
const GOING: usize = 4;

/// The budget of a step, in every view, its groups and what lies on top of it; wherever one goes, not one byte where nothing
/// changes.
#[test]
fn a_step_in_any_direction_costs_five_hundred_bytes_at_most() {
    for (name, keys) in VIEWS.iter().chain(BESIDES) {
        let mut state = opened(keys, (200, 50));
        let mut line = Line::new(200, 50, Erase::Fills);
        line.show(&picture(&state));
        assert_eq!(line.show(&picture(&state)).bytes, 0, "{name}: nothing changed");
        let mut told = String::new();
        // Sideways is no step where it moves the months of all lines, opens another rollout or the logs, folds a group, or
        // closes what lies on top.
        let sideways = VIEWS.contains(&(name, keys)) && !["lifecycle", "rollout", "logs"].contains(name);
        let keys = ["down", "down", "up", "right", "right", "left", "down"];
        for key in keys.into_iter().filter(|key| sideways || !["right", "left"].contains(key)) {
            let view = state.place.view;
            press(&mut state, key);
            let step = line.show(&picture(&state));
            told += &format!(" {key} {}", step.bytes);
            assert!(view != state.place.view || step.bytes <= 500, "{name}: {key} costs {step:?}");
        }
        println!("{name:<24}{told}");
    }
}

/// A scroll costs a sixth of a plain cell diff. A page costs a fifth more than what stands in the cells that changed, and
/// where rows resemble each other, so that single letters change in them, the way to each stretch of changed cells: no
/// terminal has a shorter one. "What stands in the cells that changed" is counted in bytes of UTF-8, over the cells in
/// which a plain cell diff finds another sign or another look.
#[test]
fn a_scroll_and_a_page_cost_what_changed_and_no_more() {
    for size in [(200, 50), (120, 36), (80, 24)] {
        for (name, keys) in VIEWS.iter().chain(DRAWERS) {
            let mut state = opened(keys, size);
            let mut line = Line::new(size.0, size.1, Erase::Fills);
            line.show(&picture(&state));
            for key in ["pagedown", "pagedown", "down", "pagedown", "pageup"] {
                press(&mut state, key);
                let cost = line.show(&picture(&state));
                if cost.bytes == 0 {
                    continue;
                }
                println!("{}x{} {name} {key}: {:.2} {cost:?}", size.0, size.1, cost.over());
                let budget = cost.text * 6 / 5 + GOING * cost.stretches + LOOKS;
                // What is not even a step is no page.
                let fits = cost.bytes <= budget || cost.bytes <= 500;
                assert!(fits, "{name} at {size:?}: a page costs {cost:?}, and may {budget}");
                // What does not scroll because all of it is on screen is a step.
                let scrolls = key == "down" && cost.plain > 2000;
                assert!(!scrolls || cost.bytes * 6 <= cost.plain, "{name} at {size:?}: a scroll costs {cost:?}");
            }
        }
    }
}

fn pictures() -> impl Strategy<Value = Vec<Buffer>> {
    let symbols = prop::sample::select(vec![" ", " ", " ", "a", "b", "c", "─", "漢", "e\u{301}", "●"]);
    let colours =
        prop::sample::select(vec![Color::Reset, Color::Reset, Color::Red, Color::Indexed(99), Color::Rgb(1, 2, 3)]);
    let modifiers = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
    ]);
    let piece = (0_u16..24, 0_u16..9, symbols, 1_usize..24, colours.clone(), colours, modifiers);
    let step = (prop::collection::vec(piece, 0..20), 0_u16..9, any::<bool>(), (0_usize..9, 0_usize..9, 0_usize..4));
    prop::collection::vec(step, 1..8).prop_map(|steps| {
        let area = Rect::new(0, 0, 24, 9);
        let mut now = Buffer::empty(area);
        let mut all = Vec::new();
        for (pieces, moved, whole, (out, into, n)) in steps {
            // Some pictures are the one before, moved, so that regions are scrolled.
            let cells = usize::from(moved) * 24;
            now.content.rotate_left(cells);
            // And some have rows taken out here and room made there.
            let mut rows: Vec<_> = now.content.chunks(24).map(<[_]>::to_vec).collect();
            let gone = rows.drain(out..(out + n).min(9)).count();
            let into = into.min(rows.len());
            rows.splice(into..into, vec![vec![ratatui::buffer::Cell::EMPTY; 24]; gone]);
            now.content = rows.concat();
            if whole {
                now = Buffer::empty(area);
            }
            for (x, y, symbol, n, fg, bg, modifier) in pieces {
                now.set_stringn(
                    x,
                    y,
                    symbol.repeat(n),
                    usize::from(24 - x),
                    Style::new().fg(fg).bg(bg).add_modifier(modifier),
                );
            }
            all.push(now.clone());
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_changes_the_terminal_shows_the_picture(pictures in pictures(), fills in any::<bool>()) {
        let mut line = Line::new(24, 9, if fills { Erase::Fills } else { Erase::Plain });
        for picture in pictures {
            line.show(&picture);
        }
    }
}

/// The budget where nothing stays as it was: a fifth more than what stands in the cells that changed, without anything else.
#[test]
fn rows_that_are_new_from_edge_to_edge_cost_a_fifth_more_than_their_text_at_most() {
    let mut line = Line::new(200, 50, Erase::Fills);
    line.show(&picture(&opened("1", (200, 50))));
    let mut new = 0;
    for (name, keys) in VIEWS {
        let cost = line.show(&picture(&opened(keys, (200, 50))));
        // Six cells in ten at least: of fewer most rows keep something, and each stretch has to be gone to.
        if cost.cells >= 6000 {
            new += 1;
            println!("{name}: {:.2} {cost:?}", cost.over());
            assert!(cost.bytes <= cost.text * 6 / 5, "{name} in place of another view costs {cost:?}");
        }
    }
    assert!(new >= 4, "only {new} views were new");
}
