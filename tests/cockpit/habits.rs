//! What people are used to: rows that stay where the eye is, names that are found, settings that hold, a way back.

use std::sync::Arc;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use quarterdeck::app::effect::Effect;
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::settings::Settings;
use quarterdeck::app::state::State;
use quarterdeck::app::update::update;
use quarterdeck::domain::clock::Tz;
use quarterdeck::ui::choices::{Bell, Choices};
use quarterdeck::ui::keymap::Keymap;
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::ViewName;
use quarterdeck::views::lens::Zone;

use crate::common::board::{Mood, board, now};
use crate::common::screen::{news, press};
use crate::{asked, key, opened, shown};

/// Rows may change places with every board. While the cursor is moved about they wait, but not for ever.
#[test]
fn no_row_changes_places_under_a_moving_cursor() {
    let told = |state: &mut State, ms: i64, what: Happening| {
        let now = now() + TimeDelta::milliseconds(ms);
        update(state, Message { now, what })
    };
    let press = |c: char| Happening::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let board = |n: usize| Happening::News(Arc::new(board(Mood::Full, n)));
    let rows = |state: &State| state.board.as_ref().unwrap().views.fleet.len();
    let mut state = opened();
    told(&mut state, 0, press('j'));
    told(&mut state, 300, board(30));
    assert_eq!(rows(&state), 40, "the rows of before");
    told(&mut state, 500, board(20));
    told(&mut state, 600, Happening::Tick);
    assert_eq!(rows(&state), 40);
    told(&mut state, 1_000, Happening::Tick);
    assert_eq!(rows(&state), 20, "the newest, as soon as the keys rest");
    told(&mut state, 1_100, board(30));
    assert_eq!(rows(&state), 30, "nobody is at the keys");

    for n in 0..100 {
        told(&mut state, 2_000 + n * 30, press(if n % 2 == 0 { 'j' } else { 'k' }));
        if n == 3 {
            told(&mut state, 2_100, board(20));
        }
    }
    assert_eq!(rows(&state), 30, "who holds a key down sees the rows of before");
    told(&mut state, 5_100, press('j'));
    assert_eq!(rows(&state), 20, "for three seconds");

    // A key that does not move the cursor holds up nothing.
    told(&mut state, 8_000, press('f'));
    told(&mut state, 8_010, board(40));
    assert_eq!(rows(&state), 40);
}

#[test]
fn the_palette_finds_actions_themes_and_installations_by_name() {
    let mut state = opened();
    let first = |state: &State| {
        let screen = shown(state);
        let at = screen.lines().position(|line| line.contains("│ : ")).unwrap();
        screen.lines().nth(at + 2).unwrap().to_owned()
    };
    press(&mut state, ":");
    assert!(first(&state).contains("open what is chosen"), "what this view does comes first: {}", shown(&state));
    press(&mut state, "n o r d");
    assert!(first(&state).contains("the theme nord"), "{}", shown(&state));
    press(&mut state, "enter");
    assert_eq!(state.settings.theme.name, "nord");
    press(&mut state, ": h o o l i enter");
    assert_eq!(state.place.installation.as_ref().map(ToString::to_string).as_deref(), Some("hooli"));
    press(&mut state, ": d r i f t enter");
    assert_eq!(state.place.view, ViewName::Drift);
    // The wheel goes no further than what was found, and what is pasted is looked for as if it were typed.
    press(&mut state, ": h o o l i");
    for _ in 0..30 {
        let kind = crossterm::event::MouseEventKind::ScrollDown;
        asked(
            &mut state,
            Happening::Mouse(crossterm::event::MouseEvent { kind, column: 60, row: 12, modifiers: KeyModifiers::NONE }),
        );
    }
    press(&mut state, "enter");
    assert!(state.layers.is_empty() && state.place.installation.is_some(), "{:?}", state.place);
    press(&mut state, ":");
    asked(&mut state, Happening::Paste("dracula".to_owned()));
    press(&mut state, "enter");
    assert_eq!(state.settings.theme.name, "dracula");
    press(&mut state, ": z z z q q q");
    assert!(shown(&state).contains("nothing is called that"));
}

#[test]
fn every_action_is_found_by_its_own_name_and_with_nothing_typed_all_are() {
    use quarterdeck::app::palette::Found;
    use quarterdeck::ui::action::Action;
    let state = opened();
    for action in Action::ALL {
        let first = state.found(action.word());
        assert!(first.iter().take(2).any(|one| *one == Found::Act(*action)), "{}: {first:?}", action.word());
    }
    assert_eq!(state.found("").len(), Action::ALL.len());
    assert!(state.found("zzzzqqqq").is_empty());
}

#[test]
fn what_is_changed_in_the_own_file_holds_at_once_and_what_was_changed_live_stays() {
    let mut state = opened();
    let before = state.settings.clone();
    press(&mut state, "z");
    let zone = state.settings.zone;
    let after = Settings { theme: Theme::built_in("gruvbox").unwrap(), bell: Bell::Off, ..before.clone() };
    asked(&mut state, Happening::Chosen(Box::new((before, after.clone()))));
    assert_eq!((state.settings.theme.name.as_str(), state.settings.bell), ("gruvbox", Bell::Off));
    assert_eq!(state.settings.zone, zone, "the file says nothing new about the zone");
    press(&mut state, "t");
    let live = state.settings.theme.name.clone();
    let keys = Settings { keys: Keymap::with(&Choices::read("c", "[keys]\nquit = \"x\"\n").0.keys), ..after.clone() };
    asked(&mut state, Happening::Chosen(Box::new((after, keys))));
    assert_eq!(state.settings.theme.name, live);
    assert_eq!(key(&mut state, 'x'), [Effect::Quit]);
}

#[test]
fn the_turn_of_themes_and_zones_comes_to_a_persons_own_as_well() {
    let mut state = opened();
    let mut own = Theme::plain();
    own.name = "mine".to_owned();
    state.settings.own = (Some(Zone::Named(Tz::Asia__Tokyo)), Some(own.clone()));
    state.settings.theme = own.clone();
    let turns = |state: &mut State, c: char, until: &dyn Fn(&State) -> bool| {
        (1..20).find(|_| {
            key(state, c);
            until(state)
        })
    };
    assert!(turns(&mut state, 't', &|state| state.settings.theme == own).is_some());
    assert!(turns(&mut state, 'z', &|state| state.settings.zone == Zone::Named(Tz::Asia__Tokyo)).is_some());
    assert!(turns(&mut state, 'z', &|state| state.settings.zone == Zone::Fleet).is_some());
}

#[test]
fn a_fleet_file_that_is_not_sound_is_told_until_it_is_mended() {
    let mut state = opened();
    asked(&mut state, Happening::Trouble(Some("the fleet file is not sound (1 error)".to_owned())));
    state.now += TimeDelta::minutes(10);
    assert!(shown(&state).contains("the fleet file is not sound"));
    press(&mut state, "z");
    assert!(shown(&state).contains("times are shown"), "what was just done is told first");
    state.now += TimeDelta::seconds(10);
    asked(&mut state, Happening::Tick);
    assert!(shown(&state).contains("the fleet file is not sound"));
    asked(&mut state, Happening::Trouble(None));
    assert!(!shown(&state).contains("sound"));
}

#[test]
fn forward_again_comes_to_the_row_one_left() {
    let mut state = opened();
    press(&mut state, "2 esc");
    press(&mut state, "j j j");
    let there = state.pane().unwrap().chosen().unwrap().to_owned();
    press(&mut state, "3 j j");
    let left = state.pane().unwrap().chosen().unwrap().to_owned();
    press(&mut state, "esc");
    assert_eq!(state.pane().unwrap().chosen(), Some(there.as_str()));
    press(&mut state, "home");
    asked(&mut state, Happening::Key(KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL)));
    assert_eq!((state.place.view, state.pane().unwrap().chosen()), (ViewName::Lifecycle, Some(left.as_str())));
}

/// A matrix is ordered by what is worst; as long as nobody chose a cell, the first one is chosen, whatever comes.
#[test]
fn a_matrix_begins_at_its_first_line() {
    let mut state = opened();
    press(&mut state, "2");
    for n in [40, 12, 30] {
        news(&mut state, board(Mood::Full, n));
        let screen = shown(&state);
        let head = screen.lines().position(|line| line.trim_start().starts_with("installation")).unwrap();
        assert!(screen.lines().nth(head + 1).unwrap().starts_with('▌'), "{screen}");
    }
}

/// A slow line brings Esc and the key after it at once, and they look like one key held with Alt.
#[test]
fn esc_and_a_key_that_arrive_together_are_two_keys() {
    let alt = |c: char| Happening::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT));
    let mut state = opened();
    press(&mut state, "3 ?");
    asked(&mut state, alt('2'));
    assert_eq!(
        (state.place.view, state.layers.len()),
        (ViewName::Drift, 0),
        "the box is closed, then the view is opened"
    );
    // What is typed is not thrown away for it.
    press(&mut state, "/ a c m e");
    asked(&mut state, alt('b'));
    assert_eq!((state.place.filter.as_str(), state.layers.len()), ("acme", 1));
    // Who bound the key means the key.
    press(&mut state, "esc");
    state.settings.keys = Keymap::with(&Choices::read("c", "[keys]\nquit = \"alt-q\"\n").0.keys);
    assert_eq!(asked(&mut state, alt('q')), [Effect::Quit]);
}

/// What is told of a row is for people: a list's things a line each, and times by the wall clock the screen goes by.
#[test]
fn a_row_in_full_is_told_in_lines_one_can_read() {
    let mut state = opened();
    press(&mut state, "5 m enter");
    let screen = shown(&state);
    assert!(screen.contains("name published · state done"), "{screen}");
    assert!(!screen.contains("stations 1.") && !screen.contains("2026-11-21T"), "{screen}");
    assert!(screen.contains("Sat 21 Nov 2026 0"), "{screen}");
}
