//! What every integration is: a kind with a name, and a source that can be polled.

use std::path::Path;
use std::sync::Arc;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::Heard;
use crate::domain::fault::Fault;
use crate::domain::id::{EnvironmentName, InstallationId, ProductId, Scope};
use crate::domain::product::Catalog;
use crate::fleetfile::endpoint::Endpoint;
use crate::fleetfile::section::Section;
use crate::net::door::{Door, Pending};
use crate::text::clean::Clean;

/// One endpoint that is asked.
pub trait Source: Send + Sync {
    /// Asks and understands, once. `door` leads to this source's endpoint.
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>>;

    /// Key figures by name, each with the query that tells it over time: asked while somebody looks, never polled.
    fn figures(&self) -> &[(Clean, Clean)] {
        &[]
    }

    /// Waits for what changes after a poll, and tells everything as it is then. None where there is nothing to wait for.
    fn follow<'a>(&'a self, _door: &'a dyn Door) -> Option<Pending<'a, Result<Heard, Fault>>> {
        None
    }

    /// Asks what its credential may do there. None where the other side has no way of telling.
    fn rights<'a>(&'a self, _door: &'a dyn Door) -> Option<Pending<'a, Result<Vec<Right>, Fault>>> {
        None
    }
}

/// Something a credential needs, and whether it is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// What it is needed for, such as `list nodes`.
    pub what: Clean,
    /// Whether it is granted.
    pub granted: bool,
}

/// A kind of integration.
pub struct Kind {
    /// Its name in the fleet file.
    pub name: &'static str,
    /// What it brings, in a few words.
    pub about: &'static str,
    /// A complete example for the fleet file.
    pub example: &'static str,
    /// Where it may stand.
    pub stands: Stands,
    /// Reads its section. Problems are noted in the section; none is returned where there are any.
    pub build: fn(&mut Section<'_>, &Setting<'_>) -> Option<Built>,
}

/// Where in the fleet file a kind may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Among the sources of an environment or installation.
    Place,
    /// Among the releases of a product.
    Product,
    /// Among the releases of a product and among the sources of a place.
    PlaceOrProduct,
    /// Among the hubs.
    Hub,
    /// Among the status pages.
    Page,
    /// Among the calendars.
    Calendar,
}

/// What a section was read to.
pub struct Built {
    /// The source.
    pub source: Box<dyn Source>,
    /// The endpoint, where it does not come from the section's usual keys: a kubeconfig names its own.
    pub endpoint: Option<Endpoint>,
}

impl Built {
    /// A source behind the section's own endpoint.
    #[must_use]
    pub fn new(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), endpoint: None }
    }
}

/// What a source may know about where it stands.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// What it speaks about.
    pub scope: &'a Scope,
    /// The products and their marks.
    pub catalog: &'a Arc<Catalog>,
    /// The environment's own product, or the product whose releases it tells.
    pub product: Option<&'a ProductId>,
    /// The namespace of the environment's own product.
    pub namespace: Option<&'a str>,
    /// Every installation and environment, for hubs that map labels to them.
    pub places: &'a [(InstallationId, EnvironmentName)],
    /// The folder relative paths start from.
    pub folder: &'a Path,
    /// The fleet's zone.
    pub zone: Tz,
}
