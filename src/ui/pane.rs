//! What every pane is: something that keeps a choice, takes actions, and draws itself without changing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;
use crate::text::query::Query;
use crate::ui::action::Action;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;
use crate::views::ViewName;
use crate::views::asked::{News, Topic};
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};
use crate::views::link::Link;

/// What a pane is drawn from.
pub struct Scene<'a> {
    /// Everything there is to show.
    pub board: &'a Board,
    /// What time it is.
    pub now: Moment,
    /// How things look.
    pub theme: &'a Theme,
    /// Which key does what.
    pub keys: &'a Keymap,
    /// Whose wall clock.
    pub zone: Zone,
    /// Whether keys go to this pane.
    pub focused: bool,
}

impl<'a> Scene<'a> {
    /// The lens rows are looked at through.
    #[must_use]
    pub fn lens(&self) -> Lens<'a> {
        Lens { now: self.now, zone: self.zone, zones: &self.board.header.zones }
    }

    /// A text with the keys of the actions it names.
    #[must_use]
    pub fn told(&self, text: &str) -> String {
        self.keys.told(text, self.theme.signs)
    }
}

/// What a pane shows of everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sieve {
    /// What was typed into the filter.
    pub query: Query,
    /// Whether only what is not as it should be is shown.
    pub focus: bool,
    /// The one installation that is looked at.
    pub installation: Option<InstallationId>,
}

/// What came of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Took {
    /// It is not for this pane.
    Passed,
    /// It was done; the pane may look different.
    Kept,
    /// It asks for something a pane cannot do.
    Wants(Want),
}

/// What a pane may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// This text in the clipboard.
    Copy(String),
    /// What is chosen opened.
    Open,
    /// This link opened.
    Link(String),
    /// That view, with that row chosen, narrowed to that installation.
    Go {
        /// Which view.
        view: ViewName,
        /// Narrowed to which installation.
        installation: Option<InstallationId>,
        /// Which row.
        key: Option<String>,
    },
    /// The page of one installation.
    Page(InstallationId),
    /// The sources of these installations asked again; empty means all.
    Refresh(Vec<InstallationId>),
    /// A few words said to the person.
    Say(String),
    /// Something typed by the person, with what stands there already.
    Type(Entry, String),
}

/// What a person may type into a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What is looked for.
    Query,
    /// Why it is asked.
    Reason,
}

/// One picture of a view.
pub trait Pane: Send {
    /// The actions it takes beside moving about, for footer and help.
    fn actions(&self) -> &'static [Action];

    /// After news, or when the sieve changed: keeps the same item chosen.
    fn settle(&mut self, board: &Board, sieve: &Sieve);

    /// Told the place it is drawn at before it takes an action: pages and maps move by what is on screen.
    fn fits(&mut self, _area: Rect) {}

    /// Takes an action, or passes.
    fn take(&mut self, action: Action, board: &Board) -> Took;

    /// What it wants to be told from outside the board, as long as it is on screen.
    fn asks(&self, _board: &Board) -> Vec<Topic> {
        Vec::new()
    }

    /// News about something it asks.
    fn hear(&mut self, _topic: &Topic, _news: News) {}

    /// Something was typed for it.
    fn typed(&mut self, _what: Entry, _text: &str) -> Took {
        Took::Passed
    }

    /// Chooses the row of that key, where it is shown.
    fn choose(&mut self, key: &str, board: &Board);

    /// The key of the chosen row.
    fn chosen(&self) -> Option<&str>;

    /// The keys of the rows that are marked.
    fn marked(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where the chosen row can be looked at elsewhere.
    fn links(&self, _board: &Board) -> Vec<Link> {
        Vec::new()
    }

    /// Whose the chosen row is.
    fn about(&self, _board: &Board) -> Option<InstallationId> {
        None
    }

    /// How many rows are shown, and of how many.
    fn count(&self) -> (usize, usize);

    /// What is shown of it in full, where that is one thing and not the list.
    fn opened(&self) -> Option<String> {
        None
    }

    /// What one of them is called, and what several are; where the count speaks for itself, nothing.
    fn rows(&self) -> [&'static str; 2] {
        ["", ""]
    }

    /// What stands beside the view's name: how it is sorted and grouped. Nothing where there is nothing.
    fn says(&self) -> String;

    /// A click or a turn of the wheel inside its area.
    fn point(&mut self, at: Point, area: Rect, board: &Board) -> Took;

    /// Draws itself. `&self`: drawing changes nothing.
    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer);
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A click at a column and row of the screen.
    Click(u16, u16),
    /// The wheel, upwards.
    WheelUp,
    /// The wheel, downwards.
    WheelDown,
}
