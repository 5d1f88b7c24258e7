//! What is asked outside the board at the moment.

use crate::app::effect::Ticket;
use crate::views::asked::Topic;

/// What is asked at the moment.
#[derive(Debug, Default)]
pub struct Asking {
    /// Everything that is asked.
    pub running: Vec<Running>,
    /// The last ticket that was given out.
    pub last: u64,
}

/// One topic that is asked.
#[derive(Debug)]
pub struct Running {
    /// Its ticket.
    pub ticket: Ticket,
    /// As the pane wants it.
    pub wanted: Topic,
    /// As it is asked: at another time it is the lines of that time.
    pub asked: Topic,
}
