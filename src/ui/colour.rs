//! Colours: read from a theme, and brought down to what a terminal can show.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: only bold, dim, underlined and reversed.
    None,
    /// The sixteen every terminal has, in its own palette.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All of them.
    True,
}

impl Depth {
    /// What the environment says a terminal shows.
    ///
    /// `NO_COLOR` with any text wins; then `COLORTERM`; then `TERM`. GNU screen hands on what the terminal around it says
    /// of itself, and takes the parts of a colour for looks.
    #[must_use]
    pub fn told_by(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::None;
        }
        let term = set("TERM").unwrap_or_default();
        if term == "dumb" {
            return Self::None;
        }
        let inside_screen = term.starts_with("screen") && set("TMUX").is_none();
        match set("COLORTERM").as_deref().filter(|_| !inside_screen) {
            Some("truecolor" | "24bit") => Self::True,
            _ if !inside_screen && ["direct", "kitty", "ghostty"].iter().any(|word| term.contains(word)) => Self::True,
            _ if term.contains("256color") => Self::Indexed,
            _ => Self::Sixteen,
        }
    }
}

/// Reads `#rrggbb`, `#rgb`, a name of the sixteen, or an index `0`-`255`.
#[must_use]
pub fn read(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let wide: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let value = u32::from_str_radix(&wide, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    if let Ok(index) = text.parse::<u8>() {
        return Some(Color::Indexed(index));
    }
    NAMES.iter().find(|(name, _)| *name == text).map(|(_, color)| *color)
}

/// The names of the sixteen.
pub const NAMES: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

/// A colour as near as a terminal can show it; none where it shows none.
#[must_use]
pub fn bring_down(color: Color, depth: Depth) -> Option<Color> {
    match (depth, color) {
        (Depth::None, _) => None,
        (Depth::Indexed, Color::Rgb(red, green, blue)) => Some(Color::Indexed(nearest_index(red, green, blue))),
        (Depth::Sixteen, Color::Rgb(red, green, blue)) => Some(nearest_of_sixteen(red, green, blue)),
        (Depth::Sixteen, Color::Indexed(index)) if index > 15 => {
            let (red, green, blue) = rgb_of_index(index);
            Some(nearest_of_sixteen(red, green, blue))
        }
        (_, other) => Some(other),
    }
}

/// The parts of a colour: red, green, blue; none where the terminal's own is meant.
#[must_use]
pub fn rgb(color: Color) -> Option<(u8, u8, u8)> {
    match color {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some((red, green, blue)),
        Color::Indexed(index) => Some(rgb_of_index(index)),
        named => SIXTEEN.iter().find(|(_, color)| *color == named).map(|(rgb, _)| *rgb),
    }
}

/// The steps of xterm's colour cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn rgb_of_index(index: u8) -> (u8, u8, u8) {
    match index {
        16..=231 => {
            let n = usize::from(index - 16);
            let step = |n: usize| STEPS.get(n % 6).copied().unwrap_or(255);
            (step(n / 36), step(n / 6), step(n))
        }
        232.. => {
            let gray = 8 + 10 * (index - 232);
            (gray, gray, gray)
        }
        0..=15 => SIXTEEN.get(usize::from(index)).map_or((0, 0, 0), |(rgb, _)| *rgb),
    }
}

fn nearest_index(red: u8, green: u8, blue: u8) -> u8 {
    (16..=255).min_by_key(|index| distance(rgb_of_index(*index), (red, green, blue))).unwrap_or(15)
}

fn nearest_of_sixteen(red: u8, green: u8, blue: u8) -> Color {
    SIXTEEN.iter().min_by_key(|(rgb, _)| distance(*rgb, (red, green, blue))).map_or(Color::Reset, |(_, color)| *color)
}

/// The sixteen as most terminals show them.
const SIXTEEN: [((u8, u8, u8), Color); 16] = [
    ((0, 0, 0), Color::Black),
    ((205, 0, 0), Color::Red),
    ((0, 205, 0), Color::Green),
    ((205, 205, 0), Color::Yellow),
    ((0, 0, 238), Color::Blue),
    ((205, 0, 205), Color::Magenta),
    ((0, 205, 205), Color::Cyan),
    ((229, 229, 229), Color::Gray),
    ((127, 127, 127), Color::DarkGray),
    ((255, 0, 0), Color::LightRed),
    ((0, 255, 0), Color::LightGreen),
    ((255, 255, 0), Color::LightYellow),
    ((92, 92, 255), Color::LightBlue),
    ((255, 0, 255), Color::LightMagenta),
    ((0, 255, 255), Color::LightCyan),
    ((255, 255, 255), Color::White),
];

/// How far apart two colours are for the eye, roughly: green weighs most, blue least.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    3 * square(a.0, b.0) + 6 * square(a.1, b.1) + square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_form() {
        for (text, color) in [
            ("#ff8000", Some(Color::Rgb(255, 128, 0))),
            ("#f80", Some(Color::Rgb(255, 136, 0))),
            ("red", Some(Color::Red)),
            ("208", Some(Color::Indexed(208))),
            ("#ff80", None),
            ("#gggggg", None),
            ("rouge", None),
            ("256", None),
            ("#ééé", None),
        ] {
            assert_eq!(read(text), color, "{text}");
        }
    }

    #[test]
    fn a_colour_falls_to_the_nearest_the_terminal_has() {
        assert_eq!(bring_down(Color::Rgb(255, 135, 0), Depth::Indexed), Some(Color::Indexed(208)));
        assert_eq!(bring_down(Color::Rgb(250, 10, 10), Depth::Sixteen), Some(Color::LightRed));
        assert_eq!(bring_down(Color::Indexed(196), Depth::Sixteen), Some(Color::LightRed));
        assert_eq!(bring_down(Color::Rgb(1, 2, 3), Depth::None), None);
        assert_eq!(bring_down(Color::Rgb(1, 2, 3), Depth::True), Some(Color::Rgb(1, 2, 3)));
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        for (set, depth) in [
            (vec![("NO_COLOR", "1"), ("COLORTERM", "truecolor")], Depth::None),
            (vec![("NO_COLOR", ""), ("COLORTERM", "truecolor")], Depth::True),
            (vec![("TERM", "dumb")], Depth::None),
            (vec![("TERM", "xterm-256color")], Depth::Indexed),
            (vec![("TERM", "screen")], Depth::Sixteen),
            (vec![("TERM", "screen"), ("COLORTERM", "truecolor"), ("STY", "1.pts-0")], Depth::Sixteen),
            (vec![("TERM", "screen-256color"), ("COLORTERM", "truecolor")], Depth::Indexed),
            (vec![("TERM", "screen.xterm-kitty"), ("COLORTERM", "truecolor")], Depth::Sixteen),
            (vec![("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("TMUX", "/tmp/tmux")], Depth::True),
            (vec![], Depth::Sixteen),
        ] {
            let of = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Depth::told_by(&of), depth, "{set:?}");
        }
    }
}
