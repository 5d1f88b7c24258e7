//! Everything that can happen to the cockpit. One inbox, one order.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::app::effect::Ticket;
use crate::app::settings::Settings;
use crate::domain::clock::Moment;
use crate::views::asked::News;
use crate::views::board::Board;

/// Something happened, at a time.
#[derive(Clone, Debug)]
pub struct Message {
    /// What time it is now.
    pub now: Moment,
    /// What happened.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resize(u16, u16),
    /// The terminal got or lost the eye of the person.
    Watched(bool),
    /// Time has passed: some shown age may have other words now.
    Tick,
    /// There is a new board.
    News(Arc<Board>),
    /// Asking goes on, or rests.
    Paused(bool),
    /// News about something that is asked.
    Told(Ticket, News),
    /// An effect has something to say.
    Said(String),
    /// There is no browser here: the link is for the person to open.
    Shown(String),
    /// The person's own file changed: what it said before, and what it says now.
    Chosen(Box<(Settings, Settings)>),
    /// The fleet file changed and is wrong: the old fleet goes on.
    Trouble(Option<String>),
    /// The program is told to stop until the shell calls again.
    Stop,
    /// The program came back from the shell.
    Resumed,
}
