//! What a person chose for themselves, read from their own file: keys, theme, zone, start view, bell.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::diagnostic::{Problems, Span, did_you_mean, one_of};
use crate::ui::action::Action;
use crate::ui::keymap::{Chord, Keymap};
use crate::ui::sheet::{Sheet, Value};
use crate::ui::theme::Theme;
use crate::views::ViewName;

/// What a person chose. What they left out stays as usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// How things look.
    pub theme: Option<ThemeChoice>,
    /// Whose wall clock: a word, or the name of a zone.
    pub zone: Option<String>,
    /// The view that opens first.
    pub start: Option<ViewName>,
    /// How a new critical item makes itself heard.
    pub bell: Option<Bell>,
    /// Whether only ASCII is drawn.
    pub ascii: Option<bool>,
    /// Whether the mouse is listened to.
    pub mouse: Option<bool>,
    /// Actions bound to other keys than the usual.
    pub keys: BTreeMap<Action, Vec<Chord>>,
}

/// Which theme was chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum ThemeChoice {
    /// One that is built in.
    Named(String),
    /// One of their own, in a file.
    File {
        /// Its path, seen from the file that names it.
        path: String,
        /// Where it is named.
        at: Span,
    },
}

/// How a new critical item makes itself heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bell {
    /// Not at all.
    Off,
    /// The terminal's bell.
    #[default]
    Bell,
    /// The bell, and a notification where the terminal knows how (OSC 9).
    Notify,
}

/// The keys of the file.
pub const KEYS: &[&str] = &["theme", "zone", "start", "bell", "ascii", "mouse", "keys"];

/// The words for whose wall clock, beside the names of zones.
const ZONES: &[&str] = &["installation", "fleet", "local", "utc"];

impl Choices {
    /// Reads the file: what was understood, and everything that is wrong.
    #[must_use]
    pub fn read(file: &str, text: &str) -> (Self, Problems) {
        let (sheet, tree) = Sheet::open(file, text);
        let mut reading = Reading { sheet, choices: Self::default() };
        for (key, value) in tree.get_ref() {
            match key.get_ref().as_ref() {
                "theme" => reading.theme(value),
                "zone" => reading.zone(value),
                "start" => reading.start(value),
                "bell" => reading.bell(value),
                "ascii" => reading.choices.ascii = reading.sheet.truth("ascii", value),
                "mouse" => reading.choices.mouse = reading.sheet.truth("mouse", value),
                "keys" => reading.keys(value),
                _ => reading.sheet.unknown(key, "key", KEYS.iter().copied()),
            }
        }
        (reading.choices, reading.sheet.problems)
    }

    /// Whether a text is meant to be such a file rather than a fleet: by the keys at its root.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        let (_, tree) = Sheet::open("", text);
        let mut keys = tree.get_ref().iter().map(|(key, _)| key.get_ref().as_ref());
        let mut known = 0;
        keys.all(|key| {
            known += usize::from(KEYS.contains(&key));
            !["fleet", "installations", "plans", "products", "windows"].contains(&key)
        }) && known > 0
    }
}

struct Reading {
    sheet: Sheet,
    choices: Choices,
}

impl Reading {
    fn theme(&mut self, value: &Value<'_>) {
        let Some(text) = self.sheet.text("theme", value) else { return };
        let text = text.to_owned();
        if text.ends_with(".toml") {
            self.choices.theme = Some(ThemeChoice::File { path: text, at: value.span().into() });
        } else if Theme::names().contains(&text.as_str()) {
            self.choices.theme = Some(ThemeChoice::Named(text));
        } else {
            let help = did_you_mean(&text, Theme::names()).unwrap_or_else(|| one_of(Theme::names()));
            let help = format!("{help}; a file of your own ends in `.toml`");
            self.sheet.wrong(value, &format!("there is no theme `{text}`"), Some(help));
        }
    }

    fn zone(&mut self, value: &Value<'_>) {
        let Some(text) = self.sheet.text("zone", value) else { return };
        let text = text.to_owned();
        if ZONES.contains(&text.as_str()) || text.parse::<chrono_tz::Tz>().is_ok() {
            self.choices.zone = Some(text);
        } else {
            let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let help = did_you_mean(&text, ZONES.iter().copied().chain(names));
            let usual = "write `installation`, `fleet`, `local`, `utc` or a name like `Europe/Berlin`";
            self.sheet.wrong(value, &format!("`{text}` is no zone"), Some(help.unwrap_or_else(|| usual.to_owned())));
        }
    }

    fn start(&mut self, value: &Value<'_>) {
        let Some(text) = self.sheet.text("start", value) else { return };
        match ViewName::of(text) {
            Some(view) => self.choices.start = Some(view),
            None => {
                let names = || ViewName::ALL.iter().map(|view| view.name());
                let help = did_you_mean(text, names()).unwrap_or_else(|| one_of(names()));
                let what = format!("there is no view `{text}`");
                self.sheet.wrong(value, &what, Some(help));
            }
        }
    }

    fn bell(&mut self, value: &Value<'_>) {
        self.choices.bell = match value.get_ref() {
            DeValue::Boolean(true) => Some(Bell::Bell),
            DeValue::Boolean(false) => Some(Bell::Off),
            DeValue::String(text) if text == "notify" => Some(Bell::Notify),
            _ => {
                self.sheet.wrong(value, "`bell` wants `true`, `false` or `\"notify\"`", None);
                None
            }
        };
    }

    fn keys(&mut self, value: &Value<'_>) {
        let mut owners: BTreeMap<Chord, Action> = BTreeMap::new();
        let mut said = Vec::new();
        for (name, value) in self.sheet.table("keys", value) {
            let Some(action) = Action::of(name.get_ref()) else {
                self.sheet.unknown(name, "action", Action::ALL.iter().map(|action| action.word()));
                continue;
            };
            let mut chords = Vec::new();
            let one = [value];
            let written: Vec<&Value<'_>> = match value.get_ref() {
                DeValue::Array(all) => all.iter().collect(),
                _ => one.to_vec(),
            };
            for value in written {
                let Some(text) = self.sheet.text(action.word(), value) else { continue };
                match Chord::read(text) {
                    Err(why) => self.sheet.wrong(value, &why, None),
                    Ok(chord) => match owners.get(&chord) {
                        Some(other) => {
                            let what = format!("`{chord}` is bound to `{}` already", other.word());
                            self.sheet.wrong(value, &what, Some("a key does one thing".to_owned()));
                        }
                        None => {
                            owners.insert(chord.clone(), action);
                            chords.push(chord);
                        }
                    },
                }
            }
            said.push((action, value));
            self.choices.keys.insert(action, chords);
        }
        let map = Keymap::with(&self.choices.keys);
        for (action, value) in said {
            if action == Action::Quit && map.key(action).is_none() {
                self.sheet.wrong(value, "`quit` needs a key", Some("or nobody gets out".to_owned()));
            }
            // A chosen key may take the last one of something else.
            for lost in Action::ALL.iter().filter(|lost| map.key(**lost).is_none() && **lost != action) {
                let mine = self.choices.keys.get(&action).into_iter().flatten();
                let took = mine.into_iter().find(|chord| lost.usual_keys().contains(&chord.to_string().as_str()));
                if let Some(chord) = took.filter(|_| !self.choices.keys.contains_key(lost)) {
                    let what = format!("`{chord}` was the last key of `{}`", lost.word());
                    self.sheet.odd(value, &what, Some(format!("bind `{}` too", lost.word())));
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
theme = "nord"
zone  = "Europe/Vienna"
start = "alerts"
bell  = "notify"
ascii = true
mouse = false

[keys]
quit = "X"
open = ["enter", "l"]
right = "right"
"#;

    #[test]
    fn everything_that_can_be_chosen_is_understood() {
        let (choices, problems) = Choices::read("config.toml", GOOD);
        assert!(problems.is_empty(), "{:?}", problems.iter().collect::<Vec<_>>());
        assert_eq!(choices.theme, Some(ThemeChoice::Named("nord".to_owned())));
        assert_eq!((choices.start, choices.bell), (Some(ViewName::Alerts), Some(Bell::Notify)));
        assert_eq!((choices.ascii, choices.mouse), (Some(true), Some(false)));
        let map = Keymap::with(&choices.keys);
        assert_eq!(map.action(&Chord::read("X").unwrap()), Some(Action::Quit));
        assert_eq!(map.action(&Chord::read("l").unwrap()), Some(Action::Open));
        assert_eq!(map.action(&Chord::read("q").unwrap()), None);
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_what_was_meant() {
        let text = "thme = \"nord\"\ntheme = \"nrod\"\nzone = \"Europe/Berln\"\nstart = \"alarms\"\nbell = 3\nascii = \"yes\"\n\
                    [keys]\nqiut = \"q\"\nopen = [\"enter\", \"supr-x\"]\ncopy = \"c\"\nlink = \"c\"\nquit = []\nmap = \"f\"\n";
        let (_, problems) = Choices::read("config.toml", text);
        let said: Vec<String> = problems.iter().map(|problem| problem.what.clone()).collect();
        for part in [
            "unknown key `thme`",
            "no theme `nrod`",
            "`Europe/Berln` is no zone",
            "no view `alarms`",
            "`bell` wants",
            "`ascii` wants",
            "unknown action `qiut`",
            "`supr-x` is no key",
            "`c` is bound to `copy` already",
            "`quit` needs a key",
            "`f` was the last key of `focus`",
        ] {
            assert!(said.iter().any(|what| what.contains(part)), "{part}: {said:#?}");
        }
        assert_eq!(said.len(), 11, "{said:#?}");
    }

    #[test]
    fn such_a_file_is_told_from_a_fleet_by_its_keys() {
        assert!(Choices::looks_like(GOOD));
        assert!(!Choices::looks_like("[fleet]\nname = \"x\"\n"));
        assert!(!Choices::looks_like(""));
    }
}
