//! One file a view: rows and columns computed from verdicts.

pub mod alerts;
pub mod asked;
pub mod assurance;
pub mod attention;
pub mod board;
pub mod calendar;
pub mod cell;
pub mod column;
pub mod drift;
pub mod fleet;
pub mod last;
pub mod lens;
pub mod lifecycle;
pub mod link;
pub mod logs;
pub mod readiness;
pub mod rollouts;
pub mod rows;
pub mod silences;
pub mod sources;
pub mod status;
pub mod wave;

use std::sync::Arc;

use crate::views::rows::{Part, Rows, View};

/// Lists the views. From it come the board's shape and every way to reach a view by its name.
macro_rules! views {
    ($($module:ident = $name:ident),* $(,)?) => {
        /// The views by name, in the order of their tabs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ViewName {
            $(
                #[doc = concat!("The view `", stringify!($module), "`.")]
                $name,
            )*
        }

        impl ViewName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name for people who script.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => <$module::Row as View>::NAME,)* }
            }

            /// Its title on screen.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => <$module::Row as View>::TITLE,)* }
            }

            /// What it answers.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => <$module::Row as View>::ABOUT,)* }
            }
        }

        /// The rows of one installation in every view, shared.
        #[derive(Clone, Debug, Default)]
        pub struct Pieces {
            $($module: Arc<Vec<$module::Row>>,)*
        }

        impl Pieces {
            /// The rows a part of the fleet has.
            #[must_use]
            pub fn of(part: &Part<'_>) -> Self {
                Self { $($module: Arc::new(trimmed(<$module::Row as View>::rows(part))),)* }
            }
        }

        /// The rows of every view.
        #[derive(Clone, Debug, Default)]
        pub struct Views {
            $(
                #[doc = concat!("The rows of `", stringify!($module), "`.")]
                pub $module: Rows<$module::Row>,
            )*
        }

        impl Views {
            /// All pieces as one.
            pub fn new<'a>(pieces: impl Iterator<Item = &'a Pieces> + Clone) -> Self {
                Self { $($module: Rows::new(pieces.clone().map(|piece| Arc::clone(&piece.$module))),)* }
            }

            /// The same, with the rows of these keys alone in one view.
            #[must_use]
            pub fn only(&self, name: ViewName, keys: &[String]) -> Self {
                let mut views = self.clone();
                match name { $(ViewName::$name => views.$module = self.$module.only(keys),)* }
                views
            }

            /// Lets a visitor see the rows of one view, whatever their type.
            pub fn visit<V: Visit>(&self, name: ViewName, visitor: V) -> V::Out {
                match name { $(ViewName::$name => visitor.see(&self.$module),)* }
            }
        }
    };
}

views! {
    attention = Attention,
    fleet = Fleet,
    drift = Drift,
    lifecycle = Lifecycle,
    calendar = Calendar,
    rollouts = Rollouts,
    readiness = Readiness,
    alerts = Alerts,
    silences = Silences,
    logs = Logs,
    status = Status,
    assurance = Assurance,
    sources = Sources,
}

impl ViewName {
    /// The view of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|view| view.name() == name)
    }
}

/// Rows as they are kept: thousands of pieces with room for rows that never come would be most of a board.
fn trimmed<R>(mut rows: Vec<R>) -> Vec<R> {
    rows.shrink_to_fit();
    rows
}

/// Something that can be done with the rows of any view: an export, a table.
pub trait Visit {
    /// What comes of it.
    type Out;

    /// Sees the rows.
    fn see<R: View>(self, rows: &Rows<R>) -> Self::Out;
}
