//! Every view as it looks: at four sizes, full, empty, loading, failing, stale and without colour; and whatever keys
//! are pressed at whatever size, nothing panics.
#![allow(clippy::unwrap_used, clippy::panic, clippy::manual_is_multiple_of, dead_code, missing_docs)]

mod common;

use common::board::{Mood, board, now, told};
use common::screen::{cockpit, news, picture, press, tell, text};
use proptest::prelude::*;
use quarterdeck::app::message::Happening;
use quarterdeck::ui::theme::Theme;

/// Keys that do something, as the tour would never press them.
const KEYS: &[&str] = &[
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "a", "n", "i", "j", "k", "h", "l", "up", "down", "left", "right",
    "enter", "esc", "m", "s", "S", "g", "f", "space", "home", "end", "pageup", "pagedown", "/", "x", "tab", "z", "t",
    "?", ":", "v", "y", "o", "r", "p", "G",
];

/// The views by the keys that open them; the page of an installation and one rollout in full among them.
const VIEWS: &[(&str, &str)] = &[
    ("fleet", "1"),
    ("fleet-map", "1 m"),
    ("installation", "1 enter"),
    ("drift", "2"),
    ("lifecycle", "3"),
    ("calendar", "4"),
    ("rollouts", "5"),
    ("rollout", "5 enter"),
    ("alerts", "6"),
    ("logs", "7"),
    ("status", "8"),
    ("assurance", "9"),
    ("sources", "0"),
    ("readiness", "a"),
    ("attention", "n"),
    ("silences", "i"),
];

fn shown(mood: Mood, keys: &str, size: (u16, u16), theme: Theme) -> String {
    let mut state = cockpit(now(), size, theme);
    news(&mut state, board(mood, 40));
    press(&mut state, keys);
    text(&picture(&state))
}

/// The pictures are of signs alone: what they tell, they tell without colour.
#[test]
fn every_view_looks_as_somebody_saw_it() {
    for (name, keys) in VIEWS {
        for size in [(200, 50), (120, 36), (80, 24), (60, 16)] {
            let mut all = String::new();
            let full = shown(Mood::Full, keys, size, Theme::plain());
            all.push_str(&format!(
                "## full\n{full}\n## ascii\n{}",
                shown(Mood::Full, keys, size, Theme::plain().in_ascii())
            ));
            for mood in [Mood::Stale, Mood::Empty, Mood::Loading, Mood::Failing, Mood::Forbidden] {
                let word = format!("{mood:?}").to_lowercase();
                all.push_str(&format!("\n## {word}\n{}", shown(mood, keys, size, Theme::plain())));
            }
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), all);
        }
    }
}

#[test]
fn in_ascii_every_sign_of_a_pane_is_ascii() {
    for (name, keys) in VIEWS {
        let drawn = shown(Mood::Full, keys, (120, 36), Theme::plain().in_ascii());
        // The last line names keys, and those are named in the key map.
        let body: Vec<&str> = drawn.lines().take(35).collect();
        assert!(body.iter().all(|line| line.is_ascii()), "{name}:\n{}", body.join("\n"));
    }
}

/// What comes from outside may be wide, long, joined, or meant to harm: it stays in its cell.
#[test]
fn hostile_text_stays_in_its_cell_in_every_view() {
    let long = "long ".repeat(2000);
    let hostile = [
        "漢字仮名交じり文",
        "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
        "e\u{301}\u{301}\u{301}\u{301}",
        "\u{1b}[31mred\u{1b}]0;title\u{7}",
        "\u{202e}gnp.exe\u{2066}",
        "a\tb\nc\rd\0e",
        "",
        &long,
    ];
    for text in hostile {
        let told = told(&board(Mood::Full, 13), text);
        for (name, keys) in VIEWS {
            for size in [(120, 36), (61, 17)] {
                let mut state = cockpit(now(), size, Theme::plain());
                news(&mut state, told.clone());
                press(&mut state, keys);
                let picture = picture(&state);
                for cell in &picture.content {
                    let symbol = cell.symbol();
                    assert!(!symbol.contains(|c: char| c.is_control()), "{name}: {symbol:?} of {text:?}");
                    assert!(!symbol.contains(['\u{202e}', '\u{2066}']), "{name}: {symbol:?} of {text:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_at_whatever_size_nothing_panics(
        mood in 0_usize..6,
        installations in 0_usize..60,
        ascii in any::<bool>(),
        steps in proptest::collection::vec((0_usize..KEYS.len() + 2, 0_u16..300, 0_u16..300, 0_usize..40), 1..60),
    ) {
        let moods = [Mood::Full, Mood::Empty, Mood::Loading, Mood::Failing, Mood::Forbidden, Mood::Stale];
        let theme = if ascii { Theme::plain().in_ascii() } else { Theme::built_in("dark").unwrap() };
        let mut state = cockpit(now(), (120, 36), theme);
        news(&mut state, board(moods[mood], installations));
        for (key, width, height, n) in steps {
            match KEYS.get(key) {
                Some(key) => press(&mut state, key),
                None if key == KEYS.len() => tell(&mut state, Happening::Resize(width, height)),
                None => news(&mut state, board(moods[n % 6], n)),
            }
            picture(&state);
        }
    }
}
