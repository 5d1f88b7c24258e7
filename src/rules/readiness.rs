//! May it roll? One explained answer for one version and one environment.

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::version::Version;
use crate::rules::hearing::Basis;

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Readiness {
    /// Where.
    pub environment: EnvironmentName,
    /// What.
    pub product: ProductId,
    /// To which version; none where no target is known.
    pub to: Option<Version>,
    /// Whether it may. Only when nothing stands against it.
    pub may: bool,
    /// The earliest lawful time; none where nobody can say.
    pub earliest: Option<Moment>,
    /// Everything that stands against it.
    pub blockers: Vec<Blocker>,
    /// What is good to know but blocks nothing, such as a short soak.
    pub hints: Vec<String>,
    /// The oldest fact it rests on.
    pub basis: Basis,
}

/// One thing that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Which rule.
    pub rule: BlockerRule,
    /// What exactly.
    pub detail: String,
    /// Until when, where that is known.
    pub until: Option<Moment>,
    /// Who can lift it.
    pub who: Who,
    /// Who said so, where somebody did.
    pub source: Option<String>,
}

/// The rules that can say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockerRule {
    /// No window is open.
    OutsideWindow,
    /// A freeze holds.
    Freeze,
    /// The notice was not given, or is too short.
    Notice,
    /// A gate is closed.
    Gate,
    /// Artifacts are not in the customer's store.
    NotDelivered,
    /// Staging has not run it long enough.
    Soak,
    /// A person blocked this version.
    Blocked,
    /// Staging is unhealthy, or not on it.
    Staging,
    /// A critical alert fires.
    CriticalAlert,
    /// Something upstream is broken.
    UpstreamIncident,
    /// Outside the supported range.
    UnsupportedRange,
    /// The facts are too old, or missing.
    StaleFacts,
}

impl BlockerRule {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OutsideWindow => "outside-window",
            Self::Freeze => "freeze",
            Self::Notice => "notice",
            Self::Gate => "gate",
            Self::NotDelivered => "not-delivered",
            Self::Soak => "soak",
            Self::Blocked => "blocked",
            Self::Staging => "staging",
            Self::CriticalAlert => "critical-alert",
            Self::UpstreamIncident => "upstream-incident",
            Self::UnsupportedRange => "unsupported-range",
            Self::StaleFacts => "stale-facts",
        }
    }
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The vendor.
    Us,
    /// The customer.
    Customer,
    /// Somebody neither of both can hurry.
    Upstream,
    /// Nobody: time passes.
    Time,
}

impl Who {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Customer => "customer",
            Self::Upstream => "upstream",
            Self::Time => "time",
        }
    }
}
