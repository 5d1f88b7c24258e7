//! A drawn screen made a picture: what a terminal would decide – its own ground, its palette, dimness, reversal – is
//! decided here, so that every colour is known.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::ui::colour::rgb;
use crate::ui::role::Role;
use crate::ui::theme::Theme;

/// The colours of a terminal that was set to nothing else: paper and ink.
fn usual(dark: bool) -> ((u8, u8, u8), (u8, u8, u8)) {
    if dark { ((22, 25, 31), (213, 217, 224)) } else { ((255, 255, 255), (36, 41, 47)) }
}

/// Settles every colour of a drawn screen as this theme means it.
pub fn develop(screen: &mut Buffer, theme: &Theme) {
    let (usual_paper, usual_ink) = usual(theme.dark);
    let paper = theme.paper.and_then(rgb).unwrap_or(usual_paper);
    let ink = theme.style(Role::Text).fg.and_then(rgb).unwrap_or(usual_ink);
    for cell in &mut screen.content {
        let (mut over, mut under) = (rgb(cell.fg).unwrap_or(ink), rgb(cell.bg).unwrap_or(paper));
        if cell.modifier.contains(Modifier::DIM) {
            over = between(over, under);
        }
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut over, &mut under);
        }
        cell.modifier.remove(Modifier::DIM | Modifier::REVERSED);
        cell.fg = Color::Rgb(over.0, over.1, over.2);
        cell.bg = Color::Rgb(under.0, under.1, under.2);
    }
}

/// Two parts of the one, one of the other.
fn between(over: (u8, u8, u8), under: (u8, u8, u8)) -> (u8, u8, u8) {
    let mix = |over: u8, under: u8| {
        let mixed = (2 * u16::from(over) + u16::from(under)) / 3;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    (mix(over.0, under.0), mix(over.1, under.1), mix(over.2, under.2))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn every_colour_is_known_in_every_theme_and_dim_and_reversed_are_colours() {
        for name in Theme::names() {
            let theme = Theme::built_in(name).unwrap();
            let mut screen = Buffer::empty(Rect::new(0, 0, 4, 1));
            screen.set_string(0, 0, "a", Style::new().fg(Color::Red).add_modifier(Modifier::REVERSED));
            screen.set_string(1, 0, "b", Style::new().fg(Color::Indexed(208)).add_modifier(Modifier::DIM));
            develop(&mut screen, &theme);
            for cell in &screen.content {
                assert!(matches!((cell.fg, cell.bg), (Color::Rgb(..), Color::Rgb(..))), "{name}");
                assert!(!cell.modifier.intersects(Modifier::DIM | Modifier::REVERSED));
            }
            assert_eq!(screen.content[0].bg, Color::Rgb(205, 0, 0));
        }
    }
}
