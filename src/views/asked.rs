//! What a view asks outside the board while somebody looks at it, and what comes of it, bit by bit.
//!
//! A pane names its topics; the machine starts and stops them; news about them come back as messages. Nothing of this is
//! ever part of a board, kept, or written down.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::views::logs;

/// Something that is asked while it is looked at. The same topic is never asked twice at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Topic {
    /// Log lines.
    Logs(LogTopic),
    /// Key figures of one installation over time: up to the present, or up to a moment.
    Figures(InstallationId, Option<Moment>),
}

/// Which log lines are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTopic {
    /// Of whom.
    pub whose: Whose,
    /// Which lines.
    pub find: Find,
    /// From when.
    pub span: Span,
    /// How many at most, over all places.
    pub limit: usize,
    /// Whether it goes on with what is written from now on.
    pub follow: bool,
    /// Why they are read, where the agreement wants to know.
    pub reason: Option<String>,
    /// How often a person asked for the same again.
    pub turn: u32,
}

/// Whose log lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// Everybody's who consents.
    Everybody,
    /// These installations'.
    These(Vec<InstallationId>),
    /// One environment's.
    Place(InstallationId, EnvironmentName),
}

/// Which lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Find {
    /// None: only who may be asked is told.
    Nobody,
    /// Every line.
    Everything,
    /// A query in Loki's own language.
    Query(String),
    /// Lines with this text in them.
    Text(String),
    /// Lines that mention one of these: a version that rolls out, its workloads.
    Mentions(Vec<String>),
}

impl Find {
    /// What a person typed: a query in Loki's language where it begins like one, else a text to be found.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        match text.trim() {
            "" => Self::Everything,
            text if text.starts_with('{') => Self::Query(text.to_owned()),
            text => Self::Text(text.to_owned()),
        }
    }
}

/// From when lines are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// So far back from the present.
    Back(Duration),
    /// From a moment to the present.
    Since(Moment),
    /// Between two moments.
    Between(Moment, Moment),
}

/// News about a topic.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It is asked from now on: what was known of it will be told anew.
    Begun,
    /// How it goes at one place.
    Place(Told),
    /// Log lines, oldest first, and how many came too fast to be shown.
    Lines {
        /// The lines.
        rows: Vec<logs::Row>,
        /// How many were left out.
        lost: u64,
    },
    /// How many lines were written when, at one place.
    Volume {
        /// Where.
        place: String,
        /// The counts, oldest first.
        bars: Vec<Bar>,
        /// How long one bar lasts.
        step: Duration,
    },
    /// Key figures.
    Figures(Vec<Figure>),
    /// Nothing more will come: asking was stopped.
    Over,
}

/// How asking goes at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// How it goes.
    pub how: How,
}

impl Told {
    /// The place in a word.
    #[must_use]
    pub fn place(&self) -> String {
        logs::place(&self.installation, self.environment.as_ref())
    }
}

/// How asking goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// May be asked; nobody did.
    Open,
    /// Asked, not answered yet.
    Asking,
    /// Everything asked for was read.
    Read {
        /// Whether the limit cut it.
        cut: bool,
    },
    /// What is written from now on comes as it is written.
    Following,
    /// The same, by asking again and again: the tail was refused.
    Polling {
        /// Why.
        why: String,
    },
    /// The tail broke; it is taken up again.
    Lost {
        /// Why.
        why: String,
        /// When it is tried again.
        again: Moment,
    },
    /// Not asked: the agreement or the viewer's sight forbids it.
    Refused {
        /// By what rule.
        why: String,
        /// Whether a reason would lift it.
        wants_reason: bool,
    },
    /// Asked, and no answer came.
    Failed {
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// How many lines were written in one stretch of time, by how grave they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// When the stretch begins.
    pub at: Moment,
    /// Errors and worse.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// All others.
    pub others: u64,
}

impl Bar {
    /// All lines.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.errors.saturating_add(self.warnings).saturating_add(self.others)
    }
}

/// One key figure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// What is counted.
    pub name: String,
    /// In what: empty where it is a plain number.
    pub unit: String,
    /// The values in even steps, oldest first. A hole is a hole, not a zero.
    pub values: Vec<Option<f64>>,
    /// When the last of them was taken.
    pub until: Option<Moment>,
    /// Why there is none.
    pub fault: Option<String>,
}
