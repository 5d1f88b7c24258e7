//! What everything asked on demand stands on: the fleet as it may be seen, the endpoints, the ways out, the audit log.

use std::sync::Arc;

use crate::domain::access::Access;
use crate::domain::clock::Clock;
use crate::domain::fleet::Fleet;
use crate::domain::id::{EnvironmentName, InstallationId, Scope, SourceId};
use crate::fleetfile::endpoint::Endpoint;
use crate::net::roads::{BoundDoor, Roads};
use crate::runtime::ledger::Ledger;
use crate::sources::build::Asked;
use crate::text::clean::Clean;

/// What everything asked on demand stands on.
pub struct Ground {
    /// The fleet, cut down to what the viewer may see.
    pub fleet: Arc<Fleet>,
    /// Who looks.
    pub access: Access,
    /// The endpoints that are asked on demand.
    pub sites: Vec<Site>,
    /// The ways out.
    pub roads: Arc<Roads>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where questions for logs are recorded.
    pub ledger: Ledger,
}

/// One endpoint that is asked on demand.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SourceId,
    /// Where and how it is reached.
    pub endpoint: Endpoint,
    /// Its key figures by name, where the fleet file names some.
    pub figures: Vec<(Clean, Clean)>,
}

impl Site {
    /// The endpoints among the sources that are asked on demand.
    #[must_use]
    pub fn among<'a>(asked: impl IntoIterator<Item = &'a Asked>) -> Vec<Self> {
        let on_demand = asked.into_iter().filter(|one| matches!(one.kind.name, "loki" | "prometheus"));
        let site = |one: &Asked| Self {
            id: one.id.clone(),
            endpoint: one.endpoint.clone(),
            figures: one.source.figures().to_vec(),
        };
        on_demand.map(site).collect()
    }

    /// Whose it is, and of which environment.
    #[must_use]
    pub fn place(&self) -> Option<(&InstallationId, Option<&EnvironmentName>)> {
        match &self.id.scope {
            Scope::Place(place) => Some((&place.installation, place.environment.as_ref())),
            Scope::Product(_) | Scope::Fleet => None,
        }
    }
}

impl Ground {
    /// The same viewer on another fleet.
    #[must_use]
    pub fn on(&self, fleet: Arc<Fleet>, sites: Vec<Site>) -> Self {
        Self {
            fleet,
            sites,
            access: self.access.clone(),
            roads: Arc::clone(&self.roads),
            clock: Arc::clone(&self.clock),
            ledger: self.ledger.clone(),
        }
    }

    /// The way to an endpoint. A person waits: a host that rests is asked all the same.
    #[must_use]
    pub fn door(&self, site: &Site) -> BoundDoor {
        self.roads.door(&site.endpoint).around_the_breaker()
    }
}
