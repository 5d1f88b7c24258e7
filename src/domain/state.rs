//! The words verdicts are said in: where something stands in its life, on its way, on the calendar. Known by rules, rows and screens.

use serde::{Deserialize, Serialize};

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

/// The stations every version passes, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StationName {
    /// The release exists.
    Published,
    /// The customer's store holds its artifacts.
    Delivered,
    /// Staging runs it.
    Staging,
    /// The gate is open.
    Approved,
    /// A window is open, or none is needed.
    Window,
    /// Workloads move.
    Rolling,
    /// All done, and well.
    Verified,
}

impl StationName {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Published, Self::Delivered, Self::Staging, Self::Approved, Self::Window, Self::Rolling, Self::Verified];

    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Staging => "staging",
            Self::Approved => "approved",
            Self::Window => "window",
            Self::Rolling => "rolling",
            Self::Verified => "verified",
        }
    }
}

/// Where a station stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StationState {
    /// Passed.
    Done,
    /// Under way.
    Active,
    /// Waits for somebody or some time.
    Waiting,
    /// Went wrong.
    Failed,
    /// Not reached yet.
    Ahead,
    /// The plan does not have it.
    Skipped,
}

impl StationState {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Ahead => "ahead",
            Self::Skipped => "skipped",
        }
    }
}

/// Where a rollout stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutState {
    /// Something before the gate is missing.
    Pending,
    /// The gate is closed.
    WaitingApproval,
    /// No window is open.
    WaitingWindow,
    /// Workloads move.
    Running,
    /// They stopped moving.
    Stuck,
    /// It went wrong.
    Failed,
    /// A person holds it: a pin, a block, a paused workload.
    Held,
    /// A newer version overtook it before its window opened.
    Superseded,
    /// Through.
    Succeeded,
}

impl RolloutState {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingApproval => "waiting-approval",
            Self::WaitingWindow => "waiting-window",
            Self::Running => "running",
            Self::Stuck => "stuck",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Succeeded => "succeeded",
        }
    }
}

/// Kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// At its target.
    Current,
    /// The same line, an older patch or build.
    Patch,
    /// An older line of the same major version or year.
    Minor,
    /// An older major version or year.
    Major,
    /// Higher than anything known.
    Ahead,
    /// Either side is missing, or they cannot be compared.
    Unknown,
}

impl DriftKind {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Ahead => "ahead",
            Self::Unknown => "unknown",
        }
    }
}

/// Kinds of dated things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// An occurrence of a window.
    Window,
    /// A maintenance.
    Maintenance,
    /// A freeze.
    Freeze,
    /// The last day to announce something.
    AnnounceBy,
    /// A component's deadline.
    Deadline,
}

impl EntryKind {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Maintenance => "maintenance",
            Self::Freeze => "freeze",
            Self::AnnounceBy => "announce-by",
            Self::Deadline => "deadline",
        }
    }
}

/// How one source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It answered, recently.
    Ok,
    /// It answered, too long ago; nothing failed since.
    Stale,
    /// The last try failed.
    Failing,
    /// It never answered, and was not refused either: nobody asked yet.
    Never,
}

impl Standing {
    /// The name in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Failing => "failing",
            Self::Never => "never",
        }
    }
}
