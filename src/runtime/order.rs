//! What the cockpit may ask of the collector.

use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;

/// An order to the collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ask the sources of these installations now; empty means all.
    Now(Vec<InstallationId>),
    /// Stop asking, or go on.
    Pause(bool),
    /// Judge at another time; none for the present.
    Travel(Option<Moment>),
}
