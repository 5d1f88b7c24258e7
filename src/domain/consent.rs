//! Whose logs may be read, by whom and why: decided here alone, right before a question is put.
//!
//! What asks for log lines wants a [`Leave`], and only [`Access::leave`] makes one. A menu may hide what is refused; it
//! can't allow it.

use std::fmt;

use super::access::{Access, Sight};
use super::clock::{Day, Moment, day_of};
use super::fleet::{Fleet, LogConsent};
use super::id::InstallationId;
use crate::text::clean::Clean;

/// The leave to read the logs of one installation, on the day it was given.
#[derive(Debug)]
pub struct Leave {
    installation: InstallationId,
    reason: Option<Clean>,
}

impl Leave {
    /// Whose logs.
    #[must_use]
    pub fn installation(&self) -> &InstallationId {
        &self.installation
    }

    /// Why they are read, where somebody said.
    #[must_use]
    pub fn reason(&self) -> Option<&Clean> {
        self.reason.as_ref()
    }
}

/// Why logs are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such installation, or it is none this person may see: the two read the same.
    Hidden(InstallationId),
    /// The agreement does not let them be read.
    NoConsent,
    /// The consent ended on that day.
    Ended(Day),
    /// The agreement wants to know why, and nobody said.
    NoReason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden(id) => write!(f, "there is no installation `{id}`"),
            Self::NoConsent => f.write_str("no consent: the agreement does not let its logs be read"),
            Self::Ended(day) => write!(f, "the consent to read its logs ended on {}", day.format("%-d %b %Y")),
            Self::NoReason => f.write_str("the agreement wants a reason for reading its logs"),
        }
    }
}

impl Access {
    /// The leave to read an installation's logs at a time, or why there is none.
    ///
    /// # Errors
    /// What the agreement or this person's sight forbids.
    pub fn leave(
        &self,
        fleet: &Fleet,
        id: &InstallationId,
        at: Moment,
        reason: Option<&str>,
    ) -> Result<Leave, Refusal> {
        let seen = match self.sight() {
            Sight::Everything => true,
            Sight::Only(these) => these.contains(id),
        };
        let hidden = || Refusal::Hidden(id.clone());
        let installation = fleet.installation(id.as_str()).filter(|_| seen).ok_or_else(hidden)?;
        let terms = &installation.terms;
        match terms.logs {
            LogConsent::Standing => {}
            LogConsent::GrantedUntil(day) if day_of(at, fleet.zone) <= day => {}
            LogConsent::GrantedUntil(day) => return Err(Refusal::Ended(day)),
            LogConsent::None => return Err(Refusal::NoConsent),
        }
        let reason =
            reason.map(|text| Clean::line_within(text, REASON)).filter(|text| !text.as_str().trim().is_empty());
        if terms.log_reason && reason.is_none() {
            return Err(Refusal::NoReason);
        }
        Ok(Leave { installation: id.clone(), reason })
    }
}

/// The graphemes of a reason that are kept.
const REASON: usize = 200;
