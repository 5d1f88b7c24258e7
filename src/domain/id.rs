//! Names of things: installations, environments, products, sources. Each its own type, so none is taken for another.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

names! {
    /// One customer's managed instance.
    InstallationId;
    /// One running copy within an installation, such as `production`.
    EnvironmentName;
    /// Something with versions and a lifecycle, such as `kubernetes`.
    ProductId;
    /// A template of rules, such as `saas`.
    PlanName;
    /// A recurring time in which changes may roll out.
    WindowName;
    /// The party an installation is run for. One customer may have several installations.
    CustomerId;
}

/// An installation, or one environment of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Whose it is.
    pub installation: InstallationId,
    /// Which running copy; none means the installation as a whole.
    pub environment: Option<EnvironmentName>,
}

impl Place {
    /// One environment of an installation.
    #[must_use]
    pub fn new(installation: &InstallationId, environment: &EnvironmentName) -> Self {
        Self { installation: installation.clone(), environment: Some(environment.clone()) }
    }

    /// An installation as a whole.
    #[must_use]
    pub fn whole(installation: &InstallationId) -> Self {
        Self { installation: installation.clone(), environment: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(f, "{}/{environment}", self.installation),
            None => write!(f, "{}", self.installation),
        }
    }
}

/// What a source speaks about when it does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// An installation or one of its environments.
    Place(Place),
    /// A product: its releases and lifecycle.
    Product(ProductId),
    /// The fleet as a whole: hubs, status pages, calendars.
    Fleet,
}

/// One endpoint that is asked. Shown as `installation/environment/kind[name]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId {
    /// What it speaks about.
    pub scope: Scope,
    /// The kind of system, such as `prometheus`.
    pub kind: Arc<str>,
    /// Tells two of one kind in one scope apart.
    pub name: Option<Arc<str>>,
}

impl SourceId {
    /// The installation this source belongs to, where it belongs to one.
    #[must_use]
    pub fn installation(&self) -> Option<&InstallationId> {
        match &self.scope {
            Scope::Place(place) => Some(&place.installation),
            Scope::Product(_) | Scope::Fleet => None,
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Place(Place { installation, environment: Some(environment) }) => {
                write!(f, "{installation}/{environment}/{}", self.kind)?;
            }
            Scope::Place(Place { installation, environment: None }) => write!(f, "{installation}/-/{}", self.kind)?,
            // `@` can't begin an installation's id, so these never look like a customer's.
            Scope::Product(product) => write!(f, "@product/{product}/{}", self.kind)?,
            Scope::Fleet => write!(f, "@fleet/-/{}", self.kind)?,
        }
        match &self.name {
            Some(name) => write!(f, "[{name}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_shown_with_its_place_kind_and_name() {
        let acme = Place::new(&"acme".into(), &"production".into());
        for (scope, name, shown) in [
            (Scope::Place(acme.clone()), None, "acme/production/loki"),
            (Scope::Place(acme), Some("second".into()), "acme/production/loki[second]"),
            (Scope::Place(Place::whole(&"acme".into())), None, "acme/-/loki"),
            (Scope::Product("meshstack".into()), None, "@product/meshstack/loki"),
            (Scope::Fleet, Some("Northwind".into()), "@fleet/-/loki[Northwind]"),
        ] {
            assert_eq!(SourceId { scope, kind: "loki".into(), name }.to_string(), shown);
        }
    }
}
