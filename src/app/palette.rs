//! The palette: everything that can be asked for by name, the best match first. Actions; where something is typed, themes
//! and the pages of installations too.

use crate::domain::id::InstallationId;
use crate::text::fuzzy::Fuzzy;
use crate::ui::action::Action;
use crate::views::board::Board;
use crate::views::rows::View;

/// Something the palette found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An action.
    Act(Action),
    /// A theme, by name.
    Theme(String),
    /// The page of an installation.
    Page {
        /// Which.
        id: InstallationId,
        /// Its name for people.
        name: String,
    },
}

impl Found {
    /// What it is called.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Act(action) => action.word(),
            Self::Theme(name) => name,
            Self::Page { id, .. } => id.as_str(),
        }
    }

    /// What it does.
    #[must_use]
    pub fn says(&self) -> String {
        match self {
            Self::Act(action) => action.says().to_owned(),
            Self::Theme(name) => format!("the theme {name}"),
            Self::Page { id, name } if name == id.as_str() => "the page of the installation".to_owned(),
            Self::Page { name, .. } => format!("the page of {name}"),
        }
    }
}

/// What there is to find something among.
pub struct Among<'a> {
    /// What the view that is open can do.
    pub here: &'a [Action],
    /// The themes, by name.
    pub themes: Vec<String>,
    /// The board, with the installations.
    pub board: Option<&'a Board>,
}

/// How many installations are offered at most: who wants another one types another letter.
const PAGES: usize = 20;

/// What a typed text finds, best first. An empty text finds every action: those of the view first, those that only move last.
#[must_use]
pub fn found(typed: &str, among: &Among<'_>) -> Vec<Found> {
    if typed.trim().is_empty() {
        return in_order(among.here).into_iter().map(Found::Act).collect();
    }
    let fuzzy = Fuzzy::new(typed);
    let score = |found: Found| {
        // The name counts double: who types it knows what they want.
        let name = fuzzy.score(found.word()).map(|score| score.saturating_mul(2));
        let says = fuzzy.score(&found.says());
        name.max(says).map(|score| (score, found))
    };
    let mut all: Vec<(u32, Found)> =
        in_order(among.here).into_iter().filter_map(|action| score(Found::Act(action))).collect();
    all.extend(among.themes.iter().cloned().filter_map(|name| score(Found::Theme(name))));
    let rows = among.board.iter().flat_map(|board| board.views.fleet.iter());
    let mut pages: Vec<(u32, Found)> = rows
        .filter_map(|row| score(Found::Page { id: row.installation()?.clone(), name: row.name.to_string() }))
        .collect();
    pages.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    pages.truncate(PAGES);
    all.extend(pages);
    all.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    all.into_iter().map(|(_, found)| found).collect()
}

/// Every action: those of the view that is open, the rest, and those that only move about.
fn in_order(here: &[Action]) -> Vec<Action> {
    let place = |action: &Action| match action {
        action if here.contains(action) => (0, here.iter().position(|one| one == action).unwrap_or(0)),
        Action::Up | Action::Down | Action::Left | Action::Right => (2, 0),
        Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => (2, 1),
        _ => (1, 0),
    };
    let mut all = Action::ALL.to_vec();
    all.sort_by_key(place);
    all
}
