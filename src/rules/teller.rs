//! Tellers: the sources of one installation with how each of them does, as the rules of health and attention need them.

use std::sync::Arc;

use crate::domain::clock::Moment;
use crate::domain::facts::{Feed, Feeds};
use crate::domain::fleet::{Fleet, SourceCard};
use crate::domain::id::{EnvironmentName, InstallationId, Place, Scope, SourceId};
use crate::rules::standing::{Standing, standing};

/// One source and how it does.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    /// What is known of it without asking.
    pub card: &'a SourceCard,
    /// What it said, and how the last try went.
    pub feed: Option<&'a Feed>,
    /// How it does.
    pub standing: Standing,
}

impl<'a> Teller<'a> {
    /// A source at a time.
    #[must_use]
    pub fn at(card: &'a SourceCard, feed: Option<&'a Feed>, at: Moment) -> Self {
        Self { card, feed, standing: standing(card, feed, at) }
    }

    /// Whether it answers, and recently.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.standing == Standing::Ok
    }

    /// Whether it was asked and does not answer, or not recently.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        matches!(self.standing, Standing::Failing | Standing::Stale)
    }

    /// Whether its last try failed. One that was not tried for long - while the program was closed, suspended or told to
    /// pause - is old, and may answer at once.
    #[must_use]
    pub fn does_not_answer(&self) -> bool {
        self.standing == Standing::Failing
    }

    /// When it last answered.
    #[must_use]
    pub fn heard_at(&self) -> Option<Moment> {
        self.feed.and_then(|feed| feed.heard.as_ref()).map(|(at, _)| *at)
    }

    /// Whether it speaks about this environment: as its own source, or as one of the installation as a whole.
    #[must_use]
    pub fn speaks_of(&self, environment: &EnvironmentName) -> bool {
        match &self.card.id.scope {
            Scope::Place(place) => place.environment.as_ref().is_none_or(|name| name == environment),
            Scope::Product(_) | Scope::Fleet => false,
        }
    }

    /// Whether alerts come from it.
    #[must_use]
    pub fn is_monitoring(&self) -> bool {
        matches!(&*self.card.id.kind, "alertmanager" | "prometheus")
    }

    /// Whether health rests on it. Whoever delivers or keeps records may be away without anything being ill.
    #[must_use]
    pub fn bears_health(&self) -> bool {
        !matches!(&*self.card.id.kind, "gitlab" | "github" | "concourse" | "gate" | "oci" | "nexus" | "config")
    }

    /// Its kind, and its name where it has one: `prometheus`, `loki[second]`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.card.id.name {
            Some(name) => format!("{}[{name}]", self.card.id.kind),
            None => self.card.id.kind.to_string(),
        }
    }
}

/// The sources of one installation, in the order of their ids.
#[must_use]
pub fn tellers<'a>(
    fleet: &'a Fleet,
    feeds: Option<&'a Arc<Feeds>>,
    of: &InstallationId,
    at: Moment,
) -> Vec<Teller<'a>> {
    // The sources of one installation stand together, those of the installation as a whole first.
    let first = SourceId { scope: Scope::Place(Place::whole(of)), kind: "".into(), name: None };
    let cards = fleet.sources.range(first..).map(|(_, card)| card);
    let cards = cards.take_while(|card| card.id.installation() == Some(of));
    cards.map(|card| Teller::at(card, feeds.and_then(|feeds| feeds.get(&card.id)).map(|feed| &**feed), at)).collect()
}

/// The sources that belong to no installation.
#[must_use]
pub fn fleet_tellers<'a>(fleet: &'a Fleet, feeds: &'a Arc<Feeds>, at: Moment) -> Vec<Teller<'a>> {
    let cards = fleet.sources.values().filter(|card| card.id.installation().is_none());
    cards.map(|card| Teller::at(card, feeds.get(&card.id).map(|feed| &**feed), at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::example;
    use crate::rules::fixture::{card, now};

    #[test]
    fn the_sources_of_one_installation_are_found_among_all() {
        let mut fleet = example::fleet(1);
        let mut add = |installation: &str, environment: Option<&str>, kind: &str| {
            let place = Place { installation: installation.into(), environment: environment.map(Into::into) };
            let mut card = card("kubernetes");
            card.id = SourceId { scope: Scope::Place(place), kind: kind.into(), name: None };
            fleet.sources.insert(card.id.clone(), Arc::new(card));
        };
        add("acm", Some("production"), "loki");
        add("acme", None, "alertmanager");
        add("acme", Some("production"), "prometheus");
        add("acme", Some("staging"), "http");
        add("acme2", None, "http");
        let mut hub = card("prometheus");
        hub.id.scope = Scope::Fleet;
        fleet.sources.insert(hub.id.clone(), Arc::new(hub));
        let names: Vec<String> = tellers(&fleet, None, &"acme".into(), now()).iter().map(Teller::name).collect();
        assert_eq!(names, ["alertmanager", "prometheus", "http"]);
        assert_eq!(fleet_tellers(&fleet, &Arc::default(), now()).len(), 1);
    }
}
