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
    /// The zone and the theme a person chose before the program began, where they are none of those everybody has: their
    /// turn comes as well.
    pub own: (Option<Zone>, Option<Theme>),
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
            own: (None, None),
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

    /// Takes up what a person changed in their file from one reading to the next; what they changed live since stays.
    pub fn follow(&mut self, before: &Self, after: &Self) {
        if after.theme != before.theme {
            self.theme = after.theme.clone();
        }
        if after.zone != before.zone {
            self.zone = after.zone;
        }
        self.ascii = after.ascii;
        self.own = after.own.clone();
        self.keys = after.keys.clone();
        self.bell = after.bell;
    }

    /// The names of all themes, in the order in which they have their turns.
    #[must_use]
    pub fn themes(&self) -> Vec<String> {
        let own = self.own.1.iter().map(|theme| theme.name.clone());
        Theme::names().into_iter().map(str::to_owned).chain(own).collect()
    }

    /// The theme of a name from now on.
    pub fn take_theme(&mut self, name: &str) {
        let own = self.own.1.as_ref().filter(|theme| theme.name == name);
        let built_in = || Theme::built_in(name).map(|theme| self.fitted(theme));
        if let Some(theme) = own.cloned().or_else(built_in) {
            self.theme = theme;
        }
    }

    /// The next theme in turn.
    pub fn next_theme(&mut self) {
        let names = self.themes();
        let at = names.iter().position(|name| *name == self.theme.name).map_or(0, |at| at + 1);
        if let Some(name) = names.get(at % names.len().max(1)) {
            self.take_theme(name);
        }
    }

    /// The next zone in turn.
    pub fn next_zone(&mut self) {
        self.zone = match (&self.zone, &self.own.0) {
            (Zone::Fleet, _) => Zone::Installation,
            (Zone::Installation, _) => Zone::Local(self.local),
            (Zone::Local(_), _) => Zone::Utc,
            (Zone::Utc, Some(own)) => *own,
            (Zone::Utc | Zone::Named(_), _) => Zone::Fleet,
        };
    }
}
