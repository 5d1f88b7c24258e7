//! Lifecycle: what a version's end means at a given time, for the product's clock and for the contract's.

use serde::{Deserialize, Serialize};

use crate::domain::clock::{Day, Moment};
use crate::rules::calendar::Span;

/// How long a component may still run.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// `rolling`, `dated` or `latest-stable`.
    pub lifecycle: &'static str,
    /// Where it stands.
    pub state: LifeState,
    /// Its release line or cycle.
    pub line: Option<String>,
    /// When it became, or becomes, end-of-life by the product's clock: the last day that counts for dated products,
    /// the day of the event for rolling ones.
    pub eol_at: Option<Day>,
    /// Whether the data says "no date published".
    pub no_date: bool,
    /// The last day by the contract's clock.
    pub deadline: Option<Day>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// The last day of extended support.
    pub extended_until: Option<Day>,
    /// The next window or dated maintenance in which it could be upgraded.
    pub next_window: Option<Span>,
    /// Whether its deadline or end falls before that window ends, or there is none. None where nobody can say.
    pub exposed: Option<bool>,
    /// The newest stable line that outlives the window after the next.
    pub suggest: Option<String>,
    /// Upgrades between running and target, for products that go one minor at a time.
    pub hops: Option<u32>,
    /// Whether the windows before the deadline suffice for those.
    pub hops_fit: Option<bool>,
    /// Why the state is what it is, where that needs saying.
    pub reason: Option<String>,
    /// The day of the lifecycle data used, where it was used.
    pub data_taken: Option<Day>,
    /// The first moment at which the state will be another, as far as it is known: for sorting and forecasts.
    pub changes_at: Option<Moment>,
}

/// Where a component stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifeState {
    /// Not end-of-life.
    Supported,
    /// Past active support, before its end.
    SecurityOnly,
    /// End-of-life, inside the upgrade window.
    Due,
    /// End-of-life, its line under extended support.
    Extended,
    /// Past its deadline.
    Expired,
    /// Higher than the supported range.
    Ahead,
    /// Version or data missing. Never shown as healthy.
    Unknown,
}

impl LifeState {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::SecurityOnly => "security-only",
            Self::Due => "due",
            Self::Extended => "extended",
            Self::Expired => "expired",
            Self::Ahead => "ahead",
            Self::Unknown => "unknown",
        }
    }
}
