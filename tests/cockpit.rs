//! The cockpit as a machine: keys, mouse and boards in, effects and pictures out. Nothing waits, the time is given.
#![allow(clippy::unwrap_used, clippy::panic, clippy::manual_is_multiple_of, dead_code, missing_docs)]

mod common;
#[path = "cockpit/drawers.rs"]
mod drawers;
#[path = "cockpit/habits.rs"]
mod habits;
#[path = "cockpit/last.rs"]
mod last;

use std::sync::Arc;

use chrono::TimeDelta;
use common::board::{Mood, board, now, told};
use common::screen::{cockpit, news, picture, press, text};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use quarterdeck::app::effect::Effect;
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::state::State;
use quarterdeck::app::update::update;
use quarterdeck::ui::choices::{Bell, Choices};
use quarterdeck::ui::keymap::Keymap;
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::ViewName;
use quarterdeck::views::board::Board;
use quarterdeck::views::rows::Rows;
use quarterdeck::views::sources;

fn opened() -> State {
    let mut state = cockpit(now(), (120, 36), Theme::plain());
    news(&mut state, board(Mood::Full, 40));
    state
}

fn asked(state: &mut State, what: Happening) -> Vec<Effect> {
    let now = state.now;
    update(state, Message { now, what })
}

fn key(state: &mut State, c: char) -> Vec<Effect> {
    asked(state, Happening::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)))
}

fn mouse(state: &mut State, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    asked(state, Happening::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

const CLICK: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

fn shown(state: &State) -> String {
    text(&picture(state))
}

#[test]
fn what_is_marked_is_copied_line_by_line_and_exported_alone() {
    let mut state = opened();
    press(&mut state, "space space");
    assert!(shown(&state).contains("2 marked"));
    let copied = key(&mut state, 'y');
    let Some(Effect::Copy(text)) = copied.first() else { panic!("{copied:?}") };
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines.iter().all(|line| line.contains('\t')), "{text}");
    let exported = |state: &mut State| {
        key(state, 'e');
        let asked = key(state, '1');
        let Some(Effect::Export { view: ViewName::Fleet, only, .. }) = asked.first() else { panic!("{asked:?}") };
        only.clone()
    };
    let keys = exported(&mut state);
    assert_eq!(keys.len(), 2);
    let only = state.board.as_ref().unwrap().only(ViewName::Fleet, &keys);
    assert_eq!((only.views.fleet.len(), only.views.drift.is_empty()), (2, false));
    press(&mut state, "esc");
    assert!(!shown(&state).contains("marked"));
    assert_eq!(exported(&mut state), Vec::<String>::new());
}

#[test]
fn a_click_beside_a_box_closes_it_and_one_inside_does_not() {
    let mut state = opened();
    for (keys, title) in [(":", "Do what?"), ("?", "Keys of"), ("T", "Tour 1"), ("e", "CSV"), ("v", "At what time")] {
        press(&mut state, keys);
        let screen = shown(&state);
        let before = state.layers.len();
        assert_eq!(before, 1, "{keys}: {title}\n{screen}");
        mouse(&mut state, CLICK, 60, 12);
        assert_eq!(state.layers.len(), before, "{keys}: inside\n{screen}");
        mouse(&mut state, CLICK, 1, 4);
        assert_eq!(state.layers.len(), 0, "{keys}: beside\n{screen}");
    }
    // What was typed into the filter stays when a row is clicked.
    press(&mut state, "/ a c m e");
    mouse(&mut state, CLICK, 10, 20);
    assert_eq!((state.place.filter.as_str(), state.layers.len()), ("acme", 0));
}

/// Over every view that has rows: grouped by each of its fields, every row is still there under a heading with its count.
#[test]
fn every_table_is_grouped_by_its_fields_and_a_group_folds_away() {
    for (view, picture) in [
        ('1', ""),
        ('2', "m"),
        ('3', "m"),
        ('4', ""),
        ('5', ""),
        ('6', "m"),
        ('8', ""),
        ('9', "m"),
        ('0', ""),
        ('a', ""),
        ('n', ""),
        ('i', ""),
    ] {
        let mut state = opened();
        press(&mut state, &format!("{view} {picture}"));
        let before = state.pane().unwrap().count();
        let chosen = state.pane().unwrap().chosen().map(str::to_owned);
        let mut fields = 0;
        loop {
            press(&mut state, "g");
            let says = state.pane().unwrap().says();
            let Some((_, field)) = says.split_once("grouped by ") else { break };
            fields += 1;
            assert!(fields < 9, "{view}: {says}");
            let screen = shown(&state);
            assert!(screen.contains('▾'), "{view} {field}\n{screen}");
            assert_eq!(state.pane().unwrap().count(), before, "{view} {field}");
            assert_eq!(state.pane().unwrap().chosen().map(str::to_owned), chosen, "{view} {field}: the same is chosen");
            // Folded away and opened again it is what it was.
            press(&mut state, "home left");
            assert!(shown(&state).contains('▸'), "{view} {field}\n{}", shown(&state));
            press(&mut state, "down up enter");
            assert!(!shown(&state).contains('▸'), "{view} {field}\n{}", shown(&state));
            press(&mut state, "left");
            let key = state.pane().unwrap().chosen().unwrap().to_owned();
            press(&mut state, "space");
            assert!(state.pane().unwrap().marked().contains(&key));
            press(&mut state, "esc right end home");
            let pane = state.pane_mut();
            pane.choose(chosen.as_deref().unwrap(), &board(Mood::Full, 40));
        }
        assert!(fields >= 2, "{view}: {fields}");
    }
}

#[test]
fn a_click_on_a_heading_folds_its_group() {
    let mut state = opened();
    press(&mut state, "0 g");
    let heading = shown(&state).lines().position(|line| line.contains('▾') && line.contains('─')).unwrap();
    let y = u16::try_from(
        shown(&state)
            .lines()
            .enumerate()
            .skip(3)
            .find(|(_, line)| line.trim_start().starts_with('▾'))
            .map_or(heading, |(n, _)| n),
    )
    .unwrap();
    mouse(&mut state, CLICK, 6, y);
    assert!(shown(&state).contains('▸'), "{}", shown(&state));
    mouse(&mut state, CLICK, 6, y);
    assert!(!shown(&state).contains('▸'), "{}", shown(&state));
}

#[test]
fn nothing_hostile_reaches_the_clipboard() {
    for hostile in ["\u{1b}[31mred\u{1b}]0;title\u{7}", "a\tb\nc\rd\0e", "\u{202e}gnp.exe\u{2066}"] {
        for view in "1234567890ani".chars() {
            let mut state = cockpit(now(), (120, 36), Theme::plain());
            news(&mut state, told(&board(Mood::Full, 5), hostile));
            key(&mut state, view);
            for effect in key(&mut state, 'y') {
                let Effect::Copy(text) = effect else { continue };
                let harmful =
                    |c: char| (c.is_control() && c != '\t' && c != '\n') || ('\u{202a}'..='\u{2069}').contains(&c);
                assert!(!text.contains(harmful), "{view}: {text:?}");
            }
        }
    }
}

#[test]
fn an_alert_is_looked_at_elsewhere_by_its_name_and_time() {
    let mut state = opened();
    press(&mut state, "6");
    let asked = key(&mut state, 'o');
    let picture = shown(&state);
    let urls = format!("{asked:?}{picture}");
    assert!(urls.contains("http"), "{urls}");
    press(&mut state, "esc 7 o");
    // No row, or none with an address: it says so rather than nothing.
    assert!(state.notice.is_some() || shown(&state).contains("Look at it in"));
}

#[test]
fn without_a_browser_the_link_is_written_out_and_can_be_copied() {
    let mut state = opened();
    let url = format!("https://grafana.acme.example.test/d/{}?from=1", "x".repeat(150));
    asked(&mut state, Happening::Shown(url.clone()));
    assert!(shown(&state).contains("https://grafana.acme.example.test/d/xxx"));
    assert_eq!(key(&mut state, 'y'), [Effect::Copy(url)]);
    assert!(!shown(&state).contains("No browser here"));
}

#[test]
fn a_new_critical_item_rings_once_and_only_where_it_may() {
    for (bell, rings) in [(Bell::Off, 0), (Bell::Bell, 1), (Bell::Notify, 1)] {
        let mut state = cockpit(now(), (120, 36), Theme::plain());
        state.settings.bell = bell;
        let rung = |state: &mut State, board: Board| {
            let effects = asked(state, Happening::News(Arc::new(board)));
            effects.iter().filter(|effect| matches!(effect, Effect::Ring(_))).count()
        };
        assert_eq!(rung(&mut state, board(Mood::Full, 0)), 0);
        assert_eq!(rung(&mut state, board(Mood::Full, 40)), rings, "{bell:?}");
        assert_eq!(rung(&mut state, board(Mood::Full, 40)), 0, "the same again is nothing new");
        if rings == 0 {
            continue;
        }
        let plain = picture(&state);
        state.now += TimeDelta::seconds(10);
        assert_ne!(picture(&state), plain, "it flashed, and does no more");
    }
    let mut state = cockpit(now(), (120, 36), Theme::plain());
    assert_eq!(
        asked(&mut state, Happening::News(Arc::new(board(Mood::Full, 40)))),
        [],
        "what was there before is not new"
    );
}

/// Sources answer one after the other: what the first of them tell is no news, and neither is what the last does.
#[test]
fn what_was_there_before_anybody_was_asked_does_not_ring_but_what_begins_then_does() {
    let began = now() - TimeDelta::minutes(30);
    let rung = |began: chrono::DateTime<chrono::Utc>, first: Board| {
        let mut state = cockpit(began, (120, 36), Theme::plain());
        [first, board(Mood::Full, 40)].map(|board| {
            let news = Message { now: now(), what: Happening::News(Arc::new(board)) };
            update(&mut state, news).iter().filter(|effect| matches!(effect, Effect::Ring(_))).count()
        })
    };
    // Nobody was asked in this sitting; what began since then is told all the same, as what began at 02:06 is.
    let unasked = || {
        let mut board = board(Mood::Full, 40);
        board.views.attention = Default::default();
        let unasked = board.views.sources.iter().cloned().map(|row| sources::Row { last_try: None, ..row });
        board.views.sources = Rows::new([Arc::new(unasked.collect())]);
        board
    };
    let asked = || {
        let mut board = board(Mood::Full, 40);
        board.views.attention = Default::default();
        board
    };
    assert_eq!(rung(now() - TimeDelta::minutes(1), unasked()), [0, 0]);
    assert_eq!(rung(now() - TimeDelta::minutes(1), asked()), [0, 1], "asked a minute ago");
    assert_eq!(rung(now() - TimeDelta::seconds(1), asked()), [0, 0], "asked in another sitting");
    assert_eq!(rung(began, unasked()), [0, 1], "who was not asked for half an hour is not waited for");
}

#[test]
fn the_mouse_sorts_opens_turns_and_draws_the_line() {
    let mut state = opened();
    let title = |state: &State| shown(state).lines().position(|line| line.starts_with(" Fleet ─")).unwrap();
    let before = title(&state);
    let row = u16::try_from(before).unwrap();
    mouse(&mut state, CLICK, 40, row);
    mouse(&mut state, MouseEventKind::Drag(MouseButton::Left), 40, row - 2);
    mouse(&mut state, MouseEventKind::Up(MouseButton::Left), 40, row - 2);
    assert_eq!(title(&state), before - 2);
    let head = row - 1;
    mouse(&mut state, CLICK, 4, head);
    assert!(shown(&state).contains("by installation"), "{}", shown(&state));
    mouse(&mut state, CLICK, 4, head);
    assert!(shown(&state).contains("reversed"));
    let chosen = |state: &State| state.pane().unwrap().chosen().map(str::to_owned);
    mouse(&mut state, CLICK, 10, head + 3);
    let third = chosen(&state);
    mouse(&mut state, MouseEventKind::ScrollDown, 10, head + 3);
    assert_ne!(chosen(&state), third);
    mouse(&mut state, MouseEventKind::ScrollUp, 10, head + 3);
    assert_eq!(chosen(&state), third);
    mouse(&mut state, CLICK, 10, head + 3);
    assert_eq!(state.place.installation.as_ref().map(ToString::to_string), third, "a click on what is chosen opens it");
    press(&mut state, "esc");
    mouse(&mut state, CLICK, 4, 1);
    mouse(&mut state, CLICK, 12, 1);
    assert_eq!(state.place.view, ViewName::Drift);
    // What needs somebody opens where it stands.
    press(&mut state, "1");
    mouse(&mut state, CLICK, 10, 3);
    assert_ne!(state.place.view, ViewName::Fleet);
}

#[test]
fn whatever_the_mouse_does_wherever_nothing_panics() {
    let mut state = opened();
    for size in [(200, 50), (60, 16), (61, 17), (20, 5), (1, 1)] {
        asked(&mut state, Happening::Resize(size.0, size.1));
        for keys in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "?", ":", "n"] {
            press(&mut state, keys);
            for n in 0..40_u16 {
                let (x, y) = (n * 37 % (size.0 + 3), n * 11 % (size.1 + 3));
                for kind in [
                    CLICK,
                    MouseEventKind::Drag(MouseButton::Left),
                    MouseEventKind::ScrollDown,
                    MouseEventKind::ScrollUp,
                ] {
                    mouse(&mut state, kind, x, y);
                }
            }
            picture(&state);
            press(&mut state, "esc esc");
        }
    }
}

#[test]
fn every_item_opens_with_enter_and_esc_goes_back_to_it() {
    // A day of the calendar has nothing to open by itself.
    for view in "23567890ani".chars() {
        let mut state = opened();
        key(&mut state, view);
        press(&mut state, "j");
        let (before, place) = (shown(&state), state.place.view);
        if state.pane().unwrap().chosen().is_none() {
            continue;
        }
        press(&mut state, "enter");
        assert_ne!(shown(&state), before, "{view} opens");
        press(&mut state, "esc");
        assert_eq!(state.place.view, place, "{view}");
        assert_eq!(shown(&state), before, "{view} comes back as it was");
    }
}

#[test]
fn from_any_mention_one_comes_to_the_page_and_back() {
    let mut state = opened();
    press(&mut state, "6 j");
    key(&mut state, 'I');
    let page = state.place.clone();
    assert_eq!(page.view, ViewName::Fleet);
    assert!(page.installation.is_some());
    press(&mut state, "esc");
    assert_eq!(state.place.view, ViewName::Alerts);
    asked(&mut state, Happening::Key(KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL)));
    assert_eq!(state.place.installation, page.installation);
}

#[test]
fn footer_and_help_name_the_keys_that_were_chosen() {
    let (choices, problems) = Choices::read("config.toml", "[keys]\nfilter = \"W\"\nquit = [\"X\"]\n");
    assert!(problems.is_empty());
    let mut state = opened();
    state.settings.keys = Keymap::with(&choices.keys);
    let footer = shown(&state).lines().last().unwrap().to_owned();
    assert!(footer.contains("W filter") && footer.contains("X quit"), "{footer}");
    assert_eq!(key(&mut state, 'q'), []);
    key(&mut state, '?');
    assert!(shown(&state).contains("W  "), "{}", shown(&state));
    key(&mut state, 'X');
    assert_eq!(key(&mut state, 'X'), [Effect::Quit]);
}

#[test]
fn at_every_width_the_open_tab_has_its_name_and_no_name_is_cut() {
    for width in 60..160 {
        let mut state = cockpit(now(), (width, 24), Theme::plain());
        news(&mut state, board(Mood::Full, 40));
        press(&mut state, "9");
        let tabs = shown(&state).lines().nth(1).unwrap().to_owned();
        assert!(tabs.contains("9 Assurance"), "{width}: {tabs}");
        assert!(!tabs.contains('…'), "{width}: {tabs}");
    }
}
