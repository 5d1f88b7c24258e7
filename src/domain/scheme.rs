//! Version schemes: how a product numbers what it publishes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How the versions of one product are read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `YEAR.MINOR.PATCH`: a line is `YEAR.MINOR`, a new year is the biggest step.
    Calver,
    /// Semantic versions, leniently.
    Semver,
    /// `vMAJOR.MINOR.PATCH`; what a vendor appends is a build of that version, never a pre-release.
    Kubernetes,
    /// Anything: equal or different, never ordered.
    Opaque,
}

impl Scheme {
    /// All schemes, in the order in which they are explained.
    pub const ALL: [Self; 4] = [Self::Calver, Self::Semver, Self::Kubernetes, Self::Opaque];

    /// The scheme's name, as written in a fleet file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calver => "calver",
            Self::Semver => "semver",
            Self::Kubernetes => "kubernetes",
            Self::Opaque => "opaque",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name() == text)
            .ok_or_else(|| format!("`{text}` is no version scheme: use `calver`, `semver`, `kubernetes` or `opaque`"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_written_and_read_by_its_name() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
            assert_eq!(serde_json::to_string(&scheme).unwrap(), format!("\"{scheme}\""));
            assert_eq!(serde_json::from_str::<Scheme>(&format!("\"{scheme}\"")).unwrap(), scheme);
        }
        for wrong in ["", "Semver", "semver ", "calendar"] {
            assert!(wrong.parse::<Scheme>().is_err(), "{wrong:?}");
        }
    }
}
