//! Who may see what, and who may change the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fleet::Fleet;
use super::id::{InstallationId, Scope};
use super::planned::Reach;

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
        // Hubs, calendars and other fleet-wide sources speak about everybody; product sources about nobody.
        part.sources.retain(|source, _| match &source.scope {
            Scope::Place(place) => these.contains(&place.installation),
            Scope::Product(_) => true,
            Scope::Fleet => false,
        });
        part.pages.retain_mut(|page| match &mut page.affects {
            None => true,
            Some(affected) => {
                affected.retain(|id| these.contains(id));
                !affected.is_empty()
            }
        });
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
        part
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
