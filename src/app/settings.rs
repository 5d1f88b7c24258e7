//! What a person chose: keys, theme, zone, start view. Changed live, read from a file at the start.

use crate::domain::clock::Tz;
use crate::ui::choices::Bell;
use crate::ui::colour::Depth;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;
use crate::views::ViewName;
use crate::views::lens::Zone;

/// What a person chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which key does what.
    pub keys: Keymap,
    /// How things look.
    pub theme: Theme,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whose wall clock.
    pub zone: Zone,
    /// The viewer's own zone.
    pub local: Tz,
    /// The view that opens first.
    pub start: ViewName,
    /// How a new critical item makes itself heard.
    pub bell: Bell,
    /// Whether the tour opens at the start.
    pub tour: bool,
    /// Whether the everyday themes are drawn with as few bytes as their looks allow.
    pub thrifty: bool,
}

impl Settings {
    /// What holds where nobody chose anything.
    #[must_use]
    pub fn usual(theme: Theme) -> Self {
        Self {
            keys: Keymap::default(),
            ascii: theme.signs.ascii,
            theme,
            depth: Depth::True,
            zone: Zone::Fleet,
            local: Tz::UTC,
            start: ViewName::Fleet,
            bell: Bell::default(),
            tour: false,
            thrifty: false,
        }
    }

    /// The same for a terminal, which may be at the end of a thin line.
    #[must_use]
    pub fn thrifty(mut self) -> Self {
        self.thrifty = true;
        self.theme = self.fitted(self.theme.clone());
        self
    }

    /// A theme fitted to the terminal.
    #[must_use]
    pub fn fitted(&self, theme: Theme) -> Theme {
        let theme = if self.thrifty { theme.thrifty() } else { theme };
        let theme = theme.brought_down(self.depth);
        if self.ascii { theme.in_ascii() } else { theme }
    }

    /// The next theme in turn.
    pub fn next_theme(&mut self) {
        let names = Theme::names();
        let at = names.iter().position(|name| *name == self.theme.name).map_or(0, |at| at + 1);
        if let Some(theme) = names.get(at % names.len().max(1)).and_then(|name| Theme::built_in(name)) {
            self.theme = self.fitted(theme);
        }
    }

    /// The next zone in turn.
    pub fn next_zone(&mut self) {
        self.zone = match self.zone {
            Zone::Fleet => Zone::Installation,
            Zone::Installation => Zone::Local(self.local),
            Zone::Local(_) | Zone::Named(_) => Zone::Utc,
            Zone::Utc => Zone::Fleet,
        };
    }
}
