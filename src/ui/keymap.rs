//! Which key does what. Everything is rebindable; nothing else in the program names a key.

use std::collections::BTreeMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::action::Action;
use crate::ui::signs::Signs;

/// A key with what is held down beside it, as it is written: `q`, `G`, `ctrl-p`, `alt-enter`, `f5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord(String);

/// Keys that have a name.
const NAMED: &[(&str, KeyCode)] = &[
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("space", KeyCode::Char(' ')),
];

impl Chord {
    /// The chord of a key press; none for keys that do nothing by themselves.
    #[must_use]
    pub fn pressed(event: &KeyEvent) -> Option<Self> {
        let name = match event.code {
            KeyCode::F(n) => format!("f{n}"),
            code => match NAMED.iter().find(|(_, named)| *named == code) {
                Some((name, _)) => (*name).to_owned(),
                None => match code {
                    KeyCode::Char(c) => c.to_string(),
                    _ => return None,
                },
            },
        };
        // Shift is part of the letter already; terminals differ in whether they tell it beside one.
        let held = [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-")];
        let before: String =
            held.iter().filter(|(held, _)| event.modifiers.contains(*held)).map(|(_, word)| *word).collect();
        let name = if before.is_empty() { name } else { name.to_lowercase() };
        Some(Self(before + &name))
    }

    /// The press of this chord.
    #[must_use]
    pub fn event(&self) -> KeyEvent {
        let mut rest = self.0.as_str();
        let mut held = KeyModifiers::NONE;
        for (word, modifier) in [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT)] {
            if let Some(after) = rest.strip_prefix(word) {
                (rest, held) = (after, held | modifier);
            }
        }
        let function = rest.strip_prefix('f').and_then(|n| n.parse().ok()).map(KeyCode::F);
        let named = NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let letter = || rest.chars().next().map_or(KeyCode::Null, KeyCode::Char);
        KeyEvent::new(named.or(function).unwrap_or_else(letter), held)
    }

    /// Reads a chord as a person writes it.
    ///
    /// # Errors
    /// Says what a chord looks like.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut before = String::new();
        for word in ["ctrl-", "alt-"] {
            if let Some(after) = rest.strip_prefix(word).filter(|after| !after.is_empty()) {
                before.push_str(word);
                rest = after;
            }
        }
        let function = rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| (1..=24).contains(&n));
        let named = NAMED.iter().any(|(name, _)| *name == rest);
        let mut chars = rest.chars();
        let single = chars.next().is_some_and(|c| !c.is_control() && c != ' ') && chars.next().is_none();
        if function || named || single {
            let name = if before.is_empty() { rest.to_owned() } else { rest.to_lowercase() };
            Ok(Self(before + &name))
        } else {
            Err(format!("`{text}` is no key: write `q`, `G`, `ctrl-p`, `alt-x`, `f5` or `pageup`"))
        }
    }
}

impl Chord {
    /// As footers and help show it: the picture of a key takes less room than its name.
    #[must_use]
    pub fn shown(&self, signs: &Signs) -> &str {
        match self.0.as_str() {
            name if signs.ascii => name,
            "enter" => "↵",
            "up" => "↑",
            "down" => "↓",
            "left" => "←",
            "right" => "→",
            name => name,
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which key does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    actions: BTreeMap<Chord, Action>,
    keys: BTreeMap<Action, Vec<Chord>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with(&BTreeMap::new())
    }
}

impl Keymap {
    /// The usual keys, with these actions bound to other ones.
    #[must_use]
    pub fn with(changed: &BTreeMap<Action, Vec<Chord>>) -> Self {
        let mut map = Self { actions: BTreeMap::new(), keys: BTreeMap::new() };
        for action in Action::ALL {
            let usual = action.usual_keys().iter().filter_map(|key| Chord::read(key).ok()).collect();
            let chords = changed.get(action).cloned().unwrap_or(usual);
            map.keys.insert(*action, chords);
        }
        // What a person chose wins over a usual key of something else.
        let (chosen, usual): (Vec<_>, Vec<_>) = map.keys.iter().partition(|(action, _)| changed.contains_key(action));
        for (action, chords) in usual.into_iter().chain(chosen) {
            for chord in chords {
                map.actions.insert(chord.clone(), *action);
            }
        }
        map
    }

    /// What a key does.
    #[must_use]
    pub fn action(&self, chord: &Chord) -> Option<Action> {
        self.actions.get(chord).copied()
    }

    /// The key to show for an action: the first that still does it.
    #[must_use]
    pub fn key(&self, action: Action) -> Option<&Chord> {
        self.keys.get(&action)?.iter().find(|chord| self.action(chord) == Some(action))
    }

    /// A text with the keys of the actions it names in braces: `{help}` is `?` unless somebody says otherwise. An action
    /// without a key is found in the palette by its name.
    #[must_use]
    pub fn told(&self, text: &str, signs: &Signs) -> String {
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, named)) = rest.split_once('{') {
            let Some((word, after)) = named.split_once('}') else { break };
            told.push_str(before);
            match Action::of(word).map(|action| self.key(action)) {
                Some(Some(key)) => told.push_str(key.shown(signs)),
                Some(None) => told.push_str(&format!("`{word}`")),
                None => told.push_str(&format!("{{{word}}}")),
            }
            rest = after;
        }
        told + rest
    }

    /// All keys that do it.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = &Chord> {
        self.keys.get(&action).into_iter().flatten().filter(move |chord| self.action(chord) == Some(action))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_action_is_without_a_key_and_no_usual_key_does_two_things() {
        let map = Keymap::default();
        for action in Action::ALL {
            assert_eq!(map.keys(*action).count(), action.usual_keys().len(), "{}", action.word());
            assert!(map.key(*action).is_some(), "{}", action.word());
        }
    }

    #[test]
    fn a_pressed_key_is_written_as_a_person_would() {
        let press = |code, modifiers| Chord::pressed(&KeyEvent::new(code, modifiers)).unwrap().0;
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(press(KeyCode::Char('P'), KeyModifiers::CONTROL), "ctrl-p");
        assert_eq!(press(KeyCode::Char(' '), KeyModifiers::NONE), "space");
        assert_eq!(press(KeyCode::F(5), KeyModifiers::ALT), "alt-f5");
    }

    #[test]
    fn a_written_key_is_pressed_as_it_was_written() {
        for text in ["q", "G", "f", "f5", "ctrl-p", "alt-enter", "ctrl-alt-x", "pageup", "space", "é"] {
            let chord = Chord::read(text).unwrap();
            assert_eq!(Chord::pressed(&chord.event()), Some(chord), "{text}");
        }
    }

    #[test]
    fn a_chosen_key_wins_over_a_usual_one() {
        let quit = Chord::read("j").unwrap();
        let map = Keymap::with(&BTreeMap::from([(Action::Quit, vec![quit.clone()])]));
        assert_eq!(map.action(&quit), Some(Action::Quit));
        assert_eq!(map.key(Action::Down), Some(&Chord::read("down").unwrap()));
        assert_eq!(map.action(&Chord::read("q").unwrap()), None);
    }

    #[test]
    fn a_text_names_the_keys_that_were_chosen() {
        let changed = BTreeMap::from([(Action::Help, vec![Chord::read("H").unwrap()]), (Action::Tour, Vec::new())]);
        let map = Keymap::with(&changed);
        for (text, told) in [
            ("{help} helps, {palette} finds", "H helps, : finds"),
            ("{tour} is called again", "`tour` is called again"),
            ("{open} goes on", "↵ goes on"),
            ("{nothing} and {", "{nothing} and {"),
            ("as it is", "as it is"),
        ] {
            assert_eq!(map.told(text, crate::ui::signs::Signs::unicode()), told);
        }
    }

    #[test]
    fn what_is_no_key_says_what_one_looks_like() {
        for text in ["", "ctrl-", "super-x", "qq", "f25"] {
            assert!(Chord::read(text).is_err(), "{text}");
        }
    }
}
