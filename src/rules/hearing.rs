//! What was told about a place, by whom, when, and whether that is still fresh.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::fact::{About, Fact, Heard, What};
use crate::domain::facts::{Facts, Feeds};
use crate::domain::fleet::{Fleet, Installation};
use crate::domain::id::{EnvironmentName, InstallationId, Place, Scope, SourceId};

/// After how long an answer is stale where the fleet file names no source of that id.
pub const STALE_AFTER: Duration = Duration::from_secs(180);

/// One thing that was told, with its circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// By whom.
    pub source: &'a SourceId,
    /// When.
    pub at: Moment,
    /// Whether that is too long ago to rest on.
    pub stale: bool,
    /// About which environment; none for the installation as a whole.
    pub environment: Option<&'a EnvironmentName>,
    /// What.
    pub what: &'a What,
}

/// Where a verdict comes from: every row that rests on a fact carries this.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// When the fact was observed.
    pub observed_at: Option<Moment>,
    /// Whether it is stale.
    pub stale: bool,
    /// Who said it; for what the fleet file alone says, none.
    pub source: Option<String>,
}

impl Basis {
    /// Resting on one thing that was told.
    #[must_use]
    pub fn of(told: &Told<'_>) -> Self {
        Self { observed_at: Some(told.at), stale: told.stale, source: Some(told.source.to_string()) }
    }
}

/// Everything that was told about one installation at a time: by its own sources, and by those that speak about many.
#[derive(Clone, Debug, Default)]
pub struct Hearing<'a> {
    told: Vec<Told<'a>>,
    turns: Option<Moment>,
}

impl<'a> Hearing<'a> {
    /// What was told about an installation. The order is that of the sources, and within one that of its answer.
    #[must_use]
    pub fn of(
        fleet: &Fleet,
        installation: &'a Installation,
        feeds: Option<&'a Feeds>,
        hubs: Option<&'a FromHubs>,
        at: Moment,
    ) -> Self {
        let mut hearing = Self::default();
        for (source, feed) in feeds.into_iter().flatten() {
            let Some((heard_at, heard)) = &feed.heard else { continue };
            let stale = hearing.ages(fleet, source, *heard_at, at);
            let here = match &source.scope {
                Scope::Place(place) => place.environment.as_ref(),
                Scope::Product(_) | Scope::Fleet => None,
            };
            hearing.told.extend(heard.facts.iter().filter_map(|fact| {
                let environment = match &fact.about {
                    About::Here => here,
                    // A customer's own source speaks about that customer alone.
                    About::There(place) if place.installation == installation.id => place.environment.as_ref(),
                    About::There(_) => return None,
                };
                Some(Told { source, at: *heard_at, stale, environment, what: &fact.what })
            }));
        }
        for said in hubs.into_iter().flat_map(|hubs| &hubs.said) {
            let stale = hearing.ages(fleet, &said.source, said.at, at);
            hearing.told.extend(said.facts().filter_map(|fact| match &fact.about {
                About::There(Place { environment, .. }) => Some(Told {
                    source: &said.source,
                    at: said.at,
                    stale,
                    environment: environment.as_ref(),
                    what: &fact.what,
                }),
                About::Here => None,
            }));
        }
        hearing
    }

    /// Everything, by source.
    pub fn all(&self) -> impl Iterator<Item = &Told<'a>> {
        self.told.iter()
    }

    /// What was told about one environment, or about the installation as a whole.
    pub fn about<'s>(&'s self, environment: &'s EnvironmentName) -> impl Iterator<Item = &'s Told<'a>> {
        self.told.iter().filter(move |told| told.environment.is_none_or(|named| named == environment))
    }

    /// What was told about one environment by its name.
    pub fn within<'s>(&'s self, environment: &'s EnvironmentName) -> impl Iterator<Item = &'s Told<'a>> {
        self.told.iter().filter(move |told| told.environment == Some(environment))
    }

    /// The first moment at which something of this turns stale.
    #[must_use]
    pub fn turns_stale_at(&self) -> Option<Moment> {
        self.turns
    }

    /// Whether an answer is stale, noting when it will be.
    fn ages(&mut self, fleet: &Fleet, source: &SourceId, heard_at: Moment, at: Moment) -> bool {
        let turns = stale_from(fleet, source, heard_at);
        if at < turns {
            self.turns = Some(self.turns.map_or(turns, |first| first.min(turns)));
        }
        at >= turns
    }
}

/// The first moment at which an answer of a source is stale.
#[must_use]
pub fn stale_from(fleet: &Fleet, source: &SourceId, heard_at: Moment) -> Moment {
    let stale_after = fleet.sources.get(source).map_or(STALE_AFTER, |card| card.stale_after);
    // An age of exactly `stale_after` is fresh, as the store of facts has it.
    TimeDelta::from_std(stale_after)
        .ok()
        .and_then(|length| heard_at.checked_add_signed(length))
        .and_then(|last| last.checked_add_signed(TimeDelta::nanoseconds(1)))
        .unwrap_or(Moment::MAX_UTC)
}

/// What the sources that speak about many said about one installation.
#[derive(Clone, Debug, Default)]
pub struct FromHubs {
    said: Vec<Said>,
}

#[derive(Clone, Debug)]
struct Said {
    source: SourceId,
    at: Moment,
    heard: Arc<Heard>,
    /// Which of the facts.
    places: Vec<usize>,
}

impl Said {
    fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.places.iter().filter_map(|n| self.heard.facts.get(*n))
    }
}

impl FromHubs {
    /// Whether both are the same answers, heard at the same times.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.said.len() == other.said.len()
            && self.said.iter().zip(&other.said).all(|(one, two)| {
                one.at == two.at && one.source == two.source && {
                    Arc::ptr_eq(&one.heard, &two.heard) || one.facts().eq(two.facts())
                }
            })
    }

    /// Sorts what fleet-wide sources said by the installation it is about.
    #[must_use]
    pub fn sorted(facts: &Facts) -> BTreeMap<InstallationId, Self> {
        let mut by_installation: BTreeMap<InstallationId, Self> = BTreeMap::new();
        for (source, feed) in facts.fleet().iter() {
            let Some((at, heard)) = &feed.heard else { continue };
            let mut places: BTreeMap<&InstallationId, Vec<usize>> = BTreeMap::new();
            for (n, fact) in heard.facts.iter().enumerate() {
                if let About::There(place) = &fact.about {
                    places.entry(&place.installation).or_default().push(n);
                }
            }
            for (installation, places) in places {
                let said = Said { source: source.clone(), at: *at, heard: Arc::clone(heard), places };
                by_installation.entry(installation.clone()).or_default().said.push(said);
            }
        }
        by_installation
    }
}
