//! Who may see what, and who may change the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fleet::{Fleet, SourceCard};
use super::id::{InstallationId, Scope};
use super::planned::Reach;
use crate::text::clean::Clean;

/// What the person at the screen may see and do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    role: Role,
    sight: Sight,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// See, and act.
    Operator,
    /// See.
    Reader,
}

/// What a person may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The whole fleet.
    Everything,
    /// These installations and nothing of any other.
    Only(BTreeSet<InstallationId>),
}

/// The right to change something outside. Only [`Access::permit`] makes one, so what needs it can't be reached without.
#[derive(Debug)]
pub struct Permit(());

impl Access {
    /// One who may see and do everything.
    #[must_use]
    pub fn operator() -> Self {
        Self { role: Role::Operator, sight: Sight::Everything }
    }

    /// One who may see everything and change nothing.
    #[must_use]
    pub fn reader() -> Self {
        Self { role: Role::Reader, sight: Sight::Everything }
    }

    /// The same, without the right to act.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { role: Role::Reader, ..self }
    }

    /// The same, seeing these installations only.
    #[must_use]
    pub fn limited_to(self, these: BTreeSet<InstallationId>) -> Self {
        Self { sight: Sight::Only(these), ..self }
    }

    /// What may be done.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// What may be seen.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// The word for the header and for rows.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.role {
            Role::Operator => "operator",
            Role::Reader => "read-only",
        }
    }

    /// The right to act, for those who have it.
    #[must_use]
    pub fn permit(&self) -> Option<Permit> {
        match self.role {
            Role::Operator => Some(Permit(())),
            Role::Reader => None,
        }
    }

    /// The part of a fleet this person may see. What is judged and shown to them never held anything else.
    #[must_use]
    pub fn sees(&self, whole: &Fleet) -> Fleet {
        let Sight::Only(these) = &self.sight else { return whole.clone() };
        let mut part = whole.clone();
        part.installations.retain(|id, _| these.contains(id));
        // Hubs speak about everybody, product sources about nobody. Pages and calendars that concern them come back below.
        part.sources.retain(|source, _| match &source.scope {
            Scope::Place(place) => these.contains(&place.installation),
            Scope::Product(_) => true,
            Scope::Fleet => false,
        });
        part.pages.retain_mut(|page| page.cut_down_to(these));
        part.calendars.retain_mut(|calendar| is_left(&mut calendar.affects, these));
        part.maintenances.retain_mut(|maintenance| narrow(&mut maintenance.reach, these));
        part.freezes.retain_mut(|freeze| narrow(&mut freeze.reach, these));
        let used: BTreeSet<_> =
            part.environments().flat_map(|(_, environment)| environment.windows.iter().cloned()).collect();
        part.windows.retain(|name, _| used.contains(name));
        for page in &part.pages {
            if let Some(card) = whole.sources.get(&page.source) {
                part.sources.insert(page.source.clone(), Arc::clone(card));
            }
        }
        for calendar in &part.calendars {
            if let Some(card) = whole.sources.get(&calendar.source) {
                // The address of a private calendar is the key to it.
                let card = SourceCard { url: Clean::line(""), ..SourceCard::clone(card) };
                part.sources.insert(calendar.source.clone(), Arc::new(card));
            }
        }
        part
    }
}

/// Cuts the affected down to these; says whether anybody is left.
fn is_left(affected: &mut Option<BTreeSet<InstallationId>>, these: &BTreeSet<InstallationId>) -> bool {
    match affected {
        None => true,
        Some(affected) => {
            affected.retain(|id| these.contains(id));
            !affected.is_empty()
        }
    }
}

/// Cuts a reach down to these; says whether anything is left.
fn narrow(reach: &mut Reach, these: &BTreeSet<InstallationId>) -> bool {
    match reach {
        Reach::Fleet => true,
        Reach::Only(some) => {
            some.retain(|(id, _)| these.contains(id));
            !some.is_empty()
        }
    }
}
