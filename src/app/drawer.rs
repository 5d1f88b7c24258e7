//! A drawer pulled up from the foot of the screen: over its whole width, as high as what is in it. Whole rows are what a
//! terminal can scroll.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::state::State;
use crate::app::window::clear;
use crate::ui::action::Action;
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;

/// An open drawer.
pub struct Drawer {
    /// Where its lines go.
    pub inside: Rect,
    foot: Rect,
}

/// The rows of the screen that stay as they are: where one is, and when.
const KEPT: u16 = 2;

/// The cells on either side of what is in it.
const BESIDE: u16 = 2;

impl Drawer {
    /// How many cells a line has on a screen of that width.
    #[must_use]
    pub fn room(width: u16) -> usize {
        usize::from(width.saturating_sub(2 * BESIDE))
    }

    /// How many of so many lines are seen on a screen of that height: its title and its foot take a row each.
    #[must_use]
    pub fn rows(lines: usize, height: u16) -> usize {
        lines.min(usize::from(height.saturating_sub(KEPT + 2)))
    }

    /// Pulls it up for so many lines.
    pub fn pull(title: &str, lines: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) -> Self {
        let rows = u16::try_from(Self::rows(lines, screen.height)).unwrap_or(u16::MAX);
        let height = rows.saturating_add(2).min(screen.height);
        let area = Rect { y: screen.bottom() - height, height, ..screen };
        clear(area, theme, buf);
        let mut pen = Pen::new(buf, theme, area, 0);
        pen.write(&theme.signs.line.repeat(2), Role::Border).skip(1).write(title, Role::Title).skip(1);
        pen.rule(Role::Border);
        let beside = BESIDE.min(area.width / 2);
        let across = Rect { x: area.x + beside, width: area.width - 2 * beside, ..area };
        Self {
            inside: Rect { y: area.y + 1.min(height), height: rows.min(height.saturating_sub(1)), ..across },
            foot: Rect { y: area.bottom().saturating_sub(1), height: 1.min(height.saturating_sub(1)), ..across },
        }
    }

    /// Says below what can be done from here, in the keys that do it, and whether there is more; `lines` are those from the
    /// first that is seen on.
    pub fn foot(&self, hints: &[(Action, &str)], lines: usize, state: &State, buf: &mut Buffer) {
        let theme = &state.settings.theme;
        // In line with the footer it lies on.
        let foot = Rect { x: self.foot.x.saturating_sub(1), width: self.foot.width.saturating_add(1), ..self.foot };
        let mut pen = Pen::new(buf, theme, foot, 0);
        for (action, says) in hints.iter().filter(|(_, says)| !says.is_empty()) {
            let Some(key) = state.settings.keys.key(*action) else { continue };
            pen.write(key.shown(theme.signs), Role::Key).skip(1).write(says, Role::Footer).skip(2);
        }
        let more = lines.saturating_sub(usize::from(self.inside.height));
        if let Some(down) = state.settings.keys.key(Action::Down).filter(|_| more > 0) {
            pen.write(down.shown(theme.signs), Role::Key).skip(1).write(&format!("{more} more"), Role::Footer);
        }
    }
}
