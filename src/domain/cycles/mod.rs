//! Lifecycle data in the shape of endoflife.date: a product's release cycles and when each phase of them ends.

mod read;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::clock::Day;
use crate::text::clean::Clean;

/// Lifecycle data of many products, with its age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cycles {
    /// By the name the data uses, such as `apache-kafka`.
    pub products: BTreeMap<String, CycleSet>,
    /// Other names for the same product.
    pub aliases: BTreeMap<String, String>,
}

/// One product's cycles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleSet {
    /// The name in the data.
    pub key: Clean,
    /// The day of the data: what is newer may be missing from it.
    pub taken: Option<Day>,
    /// Where it comes from, in words.
    pub origin: Clean,
    /// The cycles, newest first.
    pub cycles: Vec<Cycle>,
}

/// One release cycle, such as Kubernetes 1.31.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Its name, a dotted prefix of its versions.
    pub name: Clean,
    /// When it began.
    pub released: Option<Day>,
    /// When active support ends; `None` where the product has no such phase or nobody knows.
    pub active_until: Option<Ending>,
    /// When it ends; `None` where nobody knows.
    pub eol: Option<Ending>,
    /// Its newest version, as published.
    pub latest: Option<Clean>,
    /// When that was.
    pub latest_on: Option<Day>,
    /// Whether it is supported for long, at least from some day on.
    pub lts: bool,
    /// The day from which it counts as long-term, where it does not from its beginning.
    #[serde(default)]
    pub lts_from: Option<Day>,
    /// When a paid or community extension ends, where there is one.
    pub extended_until: Option<Ending>,
}

/// The end of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// On this day, the last one that counts.
    On(Day),
    /// Not over, and no date is published. Not the same as never.
    Open,
    /// Over, and nobody says since when.
    Over,
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::On(day) => day.serialize(to),
            Self::Open => to.serialize_bool(false),
            Self::Over => to.serialize_bool(true),
        }
    }
}

impl<'de> Deserialize<'de> for Ending {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Day(Day),
            Flag(bool),
        }
        Ok(match Wire::deserialize(from)? {
            Wire::Day(day) => Self::On(day),
            Wire::Flag(false) => Self::Open,
            Wire::Flag(true) => Self::Over,
        })
    }
}

/// The data that ships with the program. A test proves that it reads.
static EMBEDDED: LazyLock<Arc<Cycles>> =
    LazyLock::new(|| Arc::new(Cycles::read(include_bytes!("../../../assets/lifecycle.json")).unwrap_or_default()));

impl Cycle {
    /// Whether it counts as long-term on a day.
    #[must_use]
    pub fn is_lts(&self, on: Day) -> bool {
        self.lts && self.lts_from.is_none_or(|from| from <= on)
    }
}

impl Cycles {
    /// The data that ships with the program: a snapshot with the day it was taken.
    #[must_use]
    pub fn embedded() -> Arc<Self> {
        Arc::clone(&EMBEDDED)
    }

    /// Reads a file in the shape of the embedded one: products by name, each with its cycles, and `_meta` beside them.
    ///
    /// # Errors
    /// A sentence for the person who wrote the file; a file is read whole or not at all.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        read::file(json)
    }

    /// A product's cycles, by its name in the data or by an alias of it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&CycleSet> {
        self.products.get(key).or_else(|| self.products.get(self.aliases.get(key)?))
    }
}
