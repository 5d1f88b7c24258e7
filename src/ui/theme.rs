//! A theme: how each role looks, and which signs are drawn. Read from a file with all its problems at once.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Problems, did_you_mean};
use crate::ui::colour::{self, Depth};
use crate::ui::role::Role;
use crate::ui::sheet::{Name, Sheet, Value};
use crate::ui::signs::Signs;

/// How everything looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Whether it is made for a dark ground.
    pub dark: bool,
    /// The ground of pictures; a terminal keeps its own.
    pub paper: Option<Color>,
    /// The signs that are drawn.
    pub signs: &'static Signs,
    styles: BTreeMap<Role, Style>,
}

/// The built-in themes, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../themes/colour-blind.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
    ("gruvbox", include_str!("../../themes/gruvbox.toml")),
    ("nord", include_str!("../../themes/nord.toml")),
    ("solarized-light", include_str!("../../themes/solarized-light.toml")),
    ("catppuccin", include_str!("../../themes/catppuccin.toml")),
    ("dracula", include_str!("../../themes/dracula.toml")),
];

impl Theme {
    /// The names of the built-in themes, in the order in which `t` goes through them.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        BUILT_IN.iter().map(|(name, _)| *name).collect()
    }

    /// The built-in theme of that name.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::read(&format!("themes/{name}.toml"), text).ok()
    }

    /// A theme without any colour, for terminals that have none: always there.
    #[must_use]
    pub fn plain() -> Self {
        let styles = [
            (Role::Muted, Style::new().add_modifier(Modifier::DIM)),
            (Role::Title, Style::new().add_modifier(Modifier::BOLD)),
            (Role::Tab, Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)),
            (Role::Key, Style::new().add_modifier(Modifier::BOLD)),
            (Role::Selected, Style::new().add_modifier(Modifier::REVERSED)),
            (Role::Match, Style::new().add_modifier(Modifier::UNDERLINED)),
            (Role::Critical, Style::new().add_modifier(Modifier::BOLD)),
            (Role::Stale, Style::new().add_modifier(Modifier::DIM)),
        ];
        Self {
            name: "mono".to_owned(),
            title: "Mono".to_owned(),
            dark: true,
            paper: None,
            signs: Signs::unicode(),
            styles: styles.into_iter().collect(),
        }
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn read(file: &str, text: &str) -> Result<Self, Problems> {
        let (sheet, tree) = Sheet::open(file, text);
        let mut reading = Reading { sheet, theme: Self { styles: BTreeMap::new(), ..Self::plain() } };
        reading.file(tree.get_ref());
        if reading.sheet.problems.has_errors() { Err(reading.sheet.problems) } else { Ok(reading.theme) }
    }

    /// The two everyday themes in the 256 colours that all terminals have alike, the ordinary ink left to the terminal: over
    /// a thin line that costs half the bytes of true colours. Who chooses another theme wants its colours.
    #[must_use]
    pub fn thrifty(self) -> Self {
        if !["dark", "light"].contains(&self.name.as_str()) {
            return self;
        }
        let mut theme = self.brought_down(Depth::Indexed);
        theme.styles.entry(Role::Text).or_default().fg = Some(Color::Reset);
        theme
    }

    /// The same with as many colours as a terminal shows.
    #[must_use]
    pub fn brought_down(mut self, depth: Depth) -> Self {
        if depth == Depth::None {
            return Self { signs: self.signs, name: self.name, title: self.title, ..Self::plain() };
        }
        for style in self.styles.values_mut() {
            style.fg = style.fg.and_then(|color| colour::bring_down(color, depth));
            style.bg = style.bg.and_then(|color| colour::bring_down(color, depth));
        }
        self
    }

    /// The same, drawn in ASCII.
    #[must_use]
    pub fn in_ascii(self) -> Self {
        Self { signs: Signs::ascii(), ..self }
    }

    /// How a role looks: its own style, or that of what takes over.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let mut role = role;
        loop {
            if let Some(style) = self.styles.get(&role) {
                return *style;
            }
            if role.fallback() == role {
                return Style::new();
            }
            role = role.fallback();
        }
    }
}

/// A theme file being read.
struct Reading {
    sheet: Sheet,
    theme: Theme,
}

impl Reading {
    fn file(&mut self, table: &DeTable<'_>) {
        let mut palette = BTreeMap::new();
        if let Some(names) = table.get("palette") {
            for (name, value) in self.sheet.table("palette", names) {
                if let Some(text) = self.sheet.text(name.get_ref(), value) {
                    palette.insert(name.get_ref().to_string(), text.to_owned());
                }
            }
        }
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => {
                    if let Some(text) = self.sheet.text("name", value) {
                        text.clone_into(&mut self.theme.name);
                    }
                }
                "title" => {
                    if let Some(text) = self.sheet.text("title", value) {
                        text.clone_into(&mut self.theme.title);
                    }
                }
                "ground" => match self.sheet.text("ground", value) {
                    Some("dark") => self.theme.dark = true,
                    Some("light") => self.theme.dark = false,
                    Some(_) => self.sheet.wrong(value, "`ground` wants `dark` or `light`", None),
                    None => {}
                },
                "paper" => self.theme.paper = self.colour("paper", value, &palette),
                "palette" => {}
                "roles" => {
                    for (name, value) in self.sheet.table("roles", value) {
                        self.role(name, value, &palette);
                    }
                }
                _ => {
                    let known = ["name", "title", "ground", "paper", "palette", "roles"];
                    self.sheet.unknown(key, "key of a theme", known);
                }
            }
        }
    }

    fn role(&mut self, name: &Name<'_>, value: &Value<'_>, palette: &BTreeMap<String, String>) {
        let word = name.get_ref().as_ref();
        let Some(role) = Role::of(word) else {
            return self.sheet.unknown(name, "role", Role::ALL.iter().map(|role| role.word()));
        };
        let style = match value.get_ref() {
            DeValue::String(_) => self.colour(word, value, palette).map(|color| Style::new().fg(color)),
            DeValue::Table(parts) => Some(self.style(word, parts, palette)),
            _ => {
                self.sheet.wrong(value, &format!("`{word}` wants a colour or a table like `{{ fg = \"red\" }}`"), None);
                None
            }
        };
        if let Some(style) = style {
            self.theme.styles.insert(role, style);
        }
    }

    fn style(&mut self, role: &str, parts: &DeTable<'_>, palette: &BTreeMap<String, String>) -> Style {
        let mut style = Style::new();
        for (key, value) in parts {
            let modifier = match key.get_ref().as_ref() {
                "fg" => {
                    style.fg = self.colour(role, value, palette);
                    continue;
                }
                "bg" => {
                    style.bg = self.colour(role, value, palette);
                    continue;
                }
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underlined" => Modifier::UNDERLINED,
                "reversed" => Modifier::REVERSED,
                _ => {
                    let known = ["fg", "bg", "bold", "dim", "italic", "underlined", "reversed"];
                    self.sheet.unknown(key, &format!("key of `{role}`"), known);
                    continue;
                }
            };
            match self.sheet.truth(key.get_ref(), value) {
                Some(true) => style = style.add_modifier(modifier),
                Some(false) => style = style.remove_modifier(modifier),
                None => {}
            }
        }
        style
    }

    fn colour(&mut self, role: &str, value: &Value<'_>, palette: &BTreeMap<String, String>) -> Option<Color> {
        let text = self.sheet.text(role, value)?;
        let color = colour::read(palette.get(text).map_or(text, String::as_str));
        if color.is_none() {
            let names = palette.keys().map(String::as_str).chain(colour::NAMES.iter().map(|(name, _)| *name));
            let help = did_you_mean(text, names).unwrap_or_else(|| "write `#rrggbb`, a name, or 0-255".to_owned());
            self.sheet.wrong(value, &format!("`{text}` is no colour"), Some(help));
        }
        color
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_is_read_and_says_its_own_name() {
        for name in Theme::names() {
            let theme = Theme::built_in(name).unwrap();
            assert_eq!(theme.name, name);
        }
    }

    #[test]
    fn a_role_left_out_takes_the_looks_of_its_fallback() {
        let theme = Theme::read("t.toml", "[roles]\naccent = \"red\"").unwrap();
        assert_eq!(theme.style(Role::Title), theme.style(Role::Accent));
        assert_eq!(theme.style(Role::Border), Style::new());
    }

    #[test]
    fn everything_wrong_in_a_theme_is_said_at_once() {
        let text =
            "nam = \"x\"\n[roles]\ncritcal = \"red\"\nok = \"gren\"\nstale = 3\ntitle = { bold = 1, boldd = true }";
        let problems = Theme::read("t.toml", text).unwrap_err();
        let said: Vec<String> = problems.iter().map(|problem| problem.what.clone()).collect();
        assert_eq!(said.len(), 6, "{said:?}");
    }

    #[test]
    fn without_colours_every_tone_still_tells_itself_apart_by_its_sign() {
        let theme = Theme::built_in("dark").unwrap().brought_down(Depth::None);
        assert!(Role::ALL.iter().all(|role| theme.style(*role).fg.is_none() && theme.style(*role).bg.is_none()));
    }

    /// How well ink is seen on a ground, from 1 (not at all) to 21, as the guidelines for accessible pages count it.
    fn contrast(ink: Color, ground: Color) -> f64 {
        let bright = |color| {
            let (red, green, blue) = colour::rgb(color).unwrap();
            let one = |part: u8| match f64::from(part) / 255.0 {
                low if low <= 0.040_45 => low / 12.92,
                high => ((high + 0.055) / 1.055).powf(2.4),
            };
            0.2126 * one(red) + 0.7152 * one(green) + 0.0722 * one(blue)
        };
        let (a, b) = (bright(ink), bright(ground));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_word_is_seen_on_every_ground_it_stands_on() {
        use Role::{Accent, Ahead, Critical, Header, Key, Muted, Ok, Selected, Text, Title, Unknown, Waiting, Warning};
        let mut faint = Vec::new();
        for (name, depth) in Theme::names().into_iter().flat_map(|name| [(name, Depth::True), (name, Depth::Indexed)]) {
            let theme = Theme::built_in(name).unwrap().brought_down(depth);
            let Some(paper) = theme.paper else { continue };
            let text = theme.style(Text).fg.filter(|color| *color != Color::Reset);
            let text = text.unwrap_or(if theme.dark { Color::White } else { Color::Black });
            let mut look = |role: Role, on: Option<Role>| {
                let ground = on.and_then(|on| theme.style(on).bg).unwrap_or(paper);
                let style = theme.style(role);
                let kept = on != Some(Selected) || !(role.is_quiet() || theme.style(Selected).fg.is_some());
                let (ink, ground) = match on.filter(|_| !kept) {
                    Some(on) => (theme.style(on).fg.unwrap_or(text), ground),
                    None => (style.fg.unwrap_or(text), style.bg.unwrap_or(ground)),
                };
                let least = if name == "high-contrast" { 4.5 } else { 3.0 };
                let found = contrast(ink, ground);
                if found < least {
                    faint.push(format!("{name} at {depth:?}: {role:?} on {on:?} has {found:.1}"));
                }
            };
            for role in [Text, Muted, Accent, Title, Key, Ok, Ahead, Waiting, Unknown, Warning, Critical] {
                look(role, None);
                look(role, Some(Selected));
            }
            for role in [Title, Header, Accent, Ok, Warning, Muted] {
                look(role, Some(Header));
            }
        }
        assert!(faint.is_empty(), "{faint:#?}");
    }
}
