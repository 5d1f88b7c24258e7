//! What the machine asks the world to do. Started by the runtime, never awaited; the outcome comes back as a message.

use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;
use crate::views::ViewName;
use crate::views::asked::Topic;
use crate::views::lens::Zone;

/// Tells one asking from another, so that late news of an old one are known for what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Back to the shell, until called again.
    Suspend,
    /// Ask the sources of these installations again now; empty means all.
    Refresh(Vec<InstallationId>),
    /// Stop asking, or go on.
    Pause(bool),
    /// Judge at another time; none for the present.
    Travel(Option<Moment>),
    /// Put text into the person's clipboard.
    Copy(String),
    /// Open a link, or say it.
    Link(String),
    /// Write the view on screen to a file.
    Export {
        /// Which.
        view: ViewName,
        /// In which form, by its name.
        format: &'static str,
        /// Whose wall clock counts.
        zone: Zone,
        /// Only the rows of these keys; all where there are none.
        only: Vec<String>,
    },
    /// Ask this, and go on telling what comes of it.
    Ask(Ticket, Topic),
    /// Ask it no longer.
    Hush(Ticket),
    /// Ring once; with words, where a notification is wanted.
    Ring(Option<String>),
    /// Draw everything anew: the terminal may have been written over.
    Redraw,
}
