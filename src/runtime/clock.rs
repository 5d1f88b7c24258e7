//! The one place that reads the time.
#![expect(clippy::disallowed_methods, reason = "this is the place")]

use chrono::Utc;

use crate::domain::clock::{Clock, Moment};

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        Utc::now()
    }
}

/// A point on the clock that never goes back, for measuring and waiting.
#[must_use]
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
