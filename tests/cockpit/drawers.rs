//! What is pulled up over a view: the keys of it, and everything about a row.

use quarterdeck::ui::theme::Theme;

use crate::common::board::{Mood, board, now};
use crate::common::screen::{cockpit, news, press};
use crate::{opened, shown};

fn at(size: (u16, u16), keys: &str) -> String {
    let mut state = cockpit(now(), size, Theme::plain());
    news(&mut state, board(Mood::Full, 40));
    press(&mut state, keys);
    shown(&state)
}

#[test]
fn all_keys_are_seen_at_once_where_there_is_room_and_only_those_that_do_something_here() {
    for size in [(200, 50), (120, 36)] {
        for view in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] {
            let help = at(size, &format!("{view} ?"));
            assert!(help.contains("moving about") && help.contains("leave"), "{size:?}, {view}:\n{help}");
            assert!(!help.contains(" more"), "{size:?}, {view}:\n{help}");
        }
    }
    assert!(at((120, 36), "7 ?").contains("a longer stretch of time"));
    assert!(!at((120, 36), "2 ?").contains("a longer stretch of time"), "drift has no stretch of time");
}

#[test]
fn a_drawer_stops_at_its_end_and_turns_back_at_once() {
    let mut state = cockpit(now(), (80, 24), Theme::plain());
    news(&mut state, board(Mood::Full, 40));
    press(&mut state, "2 ? end");
    let end = shown(&state);
    press(&mut state, "down pagedown down down");
    assert_eq!(shown(&state), end);
    press(&mut state, "up");
    assert_ne!(shown(&state), end);
    press(&mut state, "home");
    assert!(shown(&state).contains("open what is chosen"));
}

#[test]
fn a_row_is_told_in_words_the_most_telling_first_and_nothing_is_called_unknown_that_is_nothing() {
    let mut state = opened();
    press(&mut state, "2 m enter");
    let told = shown(&state);
    let drawer: Vec<&str> = told.lines().skip_while(|line| !line.starts_with("── ")).collect();
    assert!(drawer[1].contains("installation"), "{told}");
    assert!(drawer.iter().any(|line| line.contains("releases behind")), "{told}");
    assert!(!drawer.iter().any(|line| line.contains('_') || line.contains("unknown")), "{told}");
    // What nobody knows is said where the table says so.
    press(&mut state, "esc / v a u l t enter enter");
    assert!(shown(&state).contains("running"), "{}", shown(&state));
}
