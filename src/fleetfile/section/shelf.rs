//! The places in a fleet file where sources stand.

/// Where in the fleet file a source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Among the sources of an environment or installation.
    Place,
    /// Among the releases of a product.
    Product,
    /// Among the hubs.
    Hub,
    /// Among the status pages.
    Page,
    /// Among the calendars.
    Calendar,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Place, Self::Product, Self::Hub, Self::Page, Self::Calendar];

    /// In words: `the sources of an environment`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Place => "the sources of an environment",
            Self::Product => "the releases of a product",
            Self::Hub => "the hubs",
            Self::Page => "the status pages",
            Self::Calendar => "the calendars",
        }
    }

    /// The name of its definition in the schema.
    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            Self::Place => "source",
            Self::Product => "release-source",
            Self::Hub => "hub",
            Self::Page => "status-page",
            Self::Calendar => "calendar",
        }
    }
}
