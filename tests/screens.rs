//! Every view as it looks: at four sizes, full, empty, loading, failing, stale and without colour; and whatever keys
//! are pressed at whatever size, nothing panics.
#![allow(clippy::unwrap_used, clippy::panic, clippy::manual_is_multiple_of, dead_code, missing_docs)]

mod common;

use common::board::{Mood, board, now};
use common::screen::{cockpit, news, picture, press, tell};
use proptest::prelude::*;
use quarterdeck::app::message::Happening;
use quarterdeck::ui::theme::Theme;

/// Keys that do something, as the tour would never press them.
const KEYS: &[&str] = &[
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "a", "n", "i", "j", "k", "h", "l", "up", "down", "left", "right",
    "enter", "esc", "m", "s", "S", "g", "f", "space", "home", "end", "pageup", "pagedown", "/", "x", "tab", "z", "t",
    "?", ":", "v", "y", "o", "r", "p", "G",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_at_whatever_size_nothing_panics(
        mood in 0_usize..5,
        installations in 0_usize..60,
        ascii in any::<bool>(),
        steps in proptest::collection::vec((0_usize..KEYS.len() + 2, 0_u16..300, 0_u16..300, 0_usize..40), 1..60),
    ) {
        let moods = [Mood::Full, Mood::Empty, Mood::Loading, Mood::Failing, Mood::Stale];
        let theme = if ascii { Theme::plain().in_ascii() } else { Theme::built_in("dark").unwrap() };
        let mut state = cockpit(now(), (120, 36), theme);
        news(&mut state, board(moods[mood], installations));
        for (key, width, height, n) in steps {
            match KEYS.get(key) {
                Some(key) => press(&mut state, key),
                None if key == KEYS.len() => tell(&mut state, Happening::Resize(width, height)),
                None => news(&mut state, board(moods[n % 5], n)),
            }
            picture(&state);
        }
    }
}
