//! A product's cycles with every name in them read once: thousands of components are held against each.

use std::sync::Arc;

use crate::domain::clock::Day;
use crate::domain::cycles::{Cycle, CycleSet};
use crate::domain::scheme::Scheme;
use crate::domain::version::{CycleName, Version};

/// The cycles of one product, ready to be asked.
#[derive(Clone, Debug)]
pub struct Timetable {
    set: Arc<CycleSet>,
    /// Beside each cycle: its name as the dotted prefix of versions, and as a version.
    names: Vec<(CycleName, Version)>,
    newest: Option<Version>,
}

impl PartialEq for Timetable {
    fn eq(&self, other: &Self) -> bool {
        self.set == other.set
    }
}

impl Timetable {
    /// Reads the names of a set.
    #[must_use]
    pub fn of(scheme: Scheme, set: Arc<CycleSet>) -> Self {
        let name = |cycle: &Cycle| (CycleName::read(cycle.name.as_str()), Version::read(scheme, cycle.name.as_str()));
        let names = set.cycles.iter().map(name).collect();
        let noted = set.cycles.iter().filter_map(|cycle| cycle.latest.as_ref());
        let newest = noted
            .map(|text| Version::read(scheme, text.as_str()))
            .filter(|version| version.is_ordered() && !version.is_prerelease())
            .max();
        Self { set, names, newest }
    }

    /// The data it was read from.
    #[must_use]
    pub fn set(&self) -> &CycleSet {
        &self.set
    }

    /// The day of the data.
    #[must_use]
    pub fn taken(&self) -> Option<Day> {
        self.set.taken
    }

    /// The cycle a version is of: the longest name that is a dotted prefix of it.
    #[must_use]
    pub fn cycle_of(&self, version: &Version) -> Option<&Cycle> {
        let of_it = self.set.cycles.iter().zip(&self.names).filter(|(_, (name, _))| name.covers(version));
        of_it.max_by_key(|(_, (name, _))| name.rank()).map(|(cycle, _)| cycle)
    }

    /// The cycles, each with its name as a version.
    pub fn lines(&self) -> impl Iterator<Item = (&Cycle, &Version)> {
        self.set.cycles.iter().zip(self.names.iter().map(|(_, line)| line))
    }

    /// The newest stable version the data notes.
    #[must_use]
    pub fn newest(&self) -> Option<&Version> {
        self.newest.as_ref()
    }
}
