//! What every place is asked for its log lines, and by whose leave.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::domain::clock::Moment;
use crate::domain::consent::{Leave, Refusal};
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::runtime::ground::{Ground, Site};
use crate::views::asked::{How, LogTopic, News, Told};

/// One place whose logs are asked for.
pub struct Place {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// Who is asked.
    pub site: Site,
}

impl Place {
    /// News about this place.
    #[must_use]
    pub fn told(&self, how: How) -> News {
        let (installation, environment) = (self.installation.clone(), self.environment.clone());
        News::Place(Told { installation, environment, how })
    }
}

/// What every place is asked.
pub struct Errand {
    /// What everything stands on.
    pub ground: Arc<Ground>,
    /// What is wanted.
    pub topic: LogTopic,
    /// From when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// How many lines of each place.
    pub share: usize,
    /// Whether a tail may be opened at each place.
    pub tails: bool,
    /// Who may ask at the moment.
    pub turn: Semaphore,
}

/// The leave to read a place's logs right now.
///
/// # Errors
/// Why there is none.
pub fn leave(ground: &Ground, topic: &LogTopic, place: &Place) -> Result<Leave, Refusal> {
    let now = ground.clock.now();
    ground.access.leave(&ground.fleet, &place.installation, now, topic.reason.as_deref())
}
