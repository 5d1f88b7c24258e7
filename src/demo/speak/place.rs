//! Which installation an address speaks for, and what its parts call themselves.

use crate::demo::cast::{Installation, Plan};
use crate::demo::dice::hex;
use crate::demo::glance::Glance;
use crate::demo::parts::part_named;
use crate::demo::workloads::parts_of;

/// One environment of one installation, as an address names it.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// Whose.
    pub one: &'a Installation,
    /// Which running copy.
    pub environment: &'a str,
}

impl<'a> Spot<'a> {
    /// The production of an installation.
    #[must_use]
    pub fn production(one: &'a Installation) -> Self {
        Self { one, environment: "production" }
    }

    /// How the systems of this place are addressed: the first parts of the path.
    #[must_use]
    pub fn holder(&self) -> String {
        format!("{}/{}", self.one.id, self.environment)
    }

    /// A part's version here; on a shared cluster and where the part is missing, what the vendor runs.
    #[must_use]
    pub fn part(&self, glance: &Glance<'_>, id: &str) -> String {
        let Some(part) = part_named(id) else { return String::new() };
        let runs = if parts_of(self.one).contains(&part) { glance.part(self.one, part) } else { None };
        match runs {
            Some(runs) => runs.version,
            None => glance.world.parts.newest(id, glance.at).map(|issue| issue.version.clone()).unwrap_or_default(),
        }
    }

    /// Whether the parts of the platform are this installation's own.
    #[must_use]
    pub fn owns_parts(&self) -> bool {
        self.one.plan != Plan::Saas
    }

    /// The address of a part within its cluster.
    #[must_use]
    pub fn instance(&self, name: &str, port: u32) -> String {
        let text = format!("{}{}{name}", self.one.id, self.environment);
        let (a, b) = (crate::demo::dice::number(&text, 250), crate::demo::dice::number(&hex(&text, 8), 250));
        format!("10.{}.{a}.{b}:{port}", 8 + a % 20)
    }
}
