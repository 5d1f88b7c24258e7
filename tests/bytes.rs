//! What a key press costs on the line, counted, and what the bytes draw, judged by a terminal that is not ours.
#![allow(clippy::unwrap_used, clippy::panic, clippy::manual_is_multiple_of, dead_code, missing_docs)]

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
        CrosstermBackend::new(&mut plain).draw(cells.into_iter()).unwrap();
        self.front = picture.clone();
        self.terminal.process(&bytes);
        self.check(picture);
        Cost { bytes: bytes.len(), plain: plain.len(), cells: changed }
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
fn opened(keys: &str) -> State {
    let mut state = cockpit(now(), (200, 50), Theme::built_in("dark").unwrap().thrifty());
    news(&mut state, board(Mood::Full, 400));
    press(&mut state, keys);
    state
}

/// Views of rows, by their keys. What is drawn otherwise than as rows from edge to edge has no place here.
const VIEWS: &[(&str, &str)] = &[
    ("fleet", "1"),
    ("drift table", "2 m"),
    ("drift", "2"),
    ("lifecycle", "3"),
    ("lifecycle table", "3 m"),
    ("calendar table", "4 m"),
    ("rollouts", "5"),
    ("rollouts table", "5 m"),
    ("alerts", "6"),
    ("alerts table", "6 m"),
    ("status", "8"),
    ("assurance table", "9 m"),
    ("sources", "0"),
    ("readiness", "a"),
    ("attention", "n"),
    ("silences", "i"),
];

/// The budgets: 500 bytes a step, a sixth of a plain cell diff for a scroll. A page costs two bytes a changed cell at most,
/// for few cells of a row change and each stretch has to be gone to.
#[test]
fn a_step_a_scroll_and_a_page_cost_what_changed_and_no_more() {
    for (name, keys) in VIEWS {
        let mut state = opened(keys);
        let mut line = Line::new(200, 50, Erase::Fills);
        line.show(&picture(&state));
        let rest = line.show(&picture(&state));
        press(&mut state, "j");
        let step = line.show(&picture(&state));
        press(&mut state, "pagedown pagedown");
        let page = line.show(&picture(&state));
        press(&mut state, "j");
        let scroll = line.show(&picture(&state));
        println!("{name}\n  step   {step:?}\n  page   {page:?}\n  scroll {scroll:?}");
        assert_eq!(rest.bytes, 0, "{name}: nothing changed");
        assert!(step.bytes <= 500, "{name}: one row down costs {step:?}");
        assert!(page.bytes <= 2 * page.cells, "{name}: a page costs {page:?}");
        // What does not scroll because all of it is on screen is a step.
        let scrolls = scroll.plain > 2000;
        assert!(
            scroll.bytes <= 500 || (scrolls && scroll.bytes * 6 <= scroll.plain),
            "{name}: a scroll costs {scroll:?}"
        );
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
    let step = (prop::collection::vec(piece, 0..20), 0_u16..9, any::<bool>());
    prop::collection::vec(step, 1..8).prop_map(|steps| {
        let area = Rect::new(0, 0, 24, 9);
        let mut now = Buffer::empty(area);
        let mut all = Vec::new();
        for (pieces, moved, whole) in steps {
            // Some pictures are the one before, moved, so that regions are scrolled.
            let cells = usize::from(moved) * 24;
            now.content.rotate_left(cells);
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
