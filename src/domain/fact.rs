//! The facts a source can tell: the vocabulary between those who ask and those who judge.
//!
//! Versions stay text here. Which scheme they follow is the product's business, and the rules read it there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alert::{Alert, Silence};
use super::assurance::{Backup, Certificate, ConfigState, Findings, Objective, Ticket, Tunnel};
use super::clock::Moment;
use super::cycles::CycleSet;
use super::delivery::{Artifact, Deployment, Gate, Pipeline, Release};
use super::id::{Place, ProductId};
use super::planned::{Freeze, Incident, Maintenance, PageComponent};
use super::workload::{Node, Workload};
use crate::text::clean::Clean;

pub use super::level::Level;

/// What one poll brought: the facts, and the places where the answer was odd.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Everything that was understood.
    pub facts: Vec<Fact>,
    /// Everything that was not, beside the good ones.
    pub gaps: Vec<Gap>,
}

/// A spot in an answer that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where, such as `alert 3` or `nodes`.
    pub place: Clean,
    /// What is wrong with it.
    pub why: Clean,
    /// What kind of hole it is.
    pub kind: GapKind,
}

/// Kinds of holes in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// One item could not be read; the others stand.
    Odd,
    /// The credential may not see this part: not the same as there being nothing.
    Forbidden,
    /// The answer is partial by the server's own word, or cut at a limit.
    Partial,
}

/// One thing a source said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Whom it is about.
    pub about: About,
    /// What was said.
    pub what: What,
}

impl Fact {
    /// A fact about the place the source belongs to.
    #[must_use]
    pub fn here(what: What) -> Self {
        Self { about: About::Here, what }
    }

    /// A fact about another place: a hub speaks about the whole fleet.
    #[must_use]
    pub fn about(place: Place, what: What) -> Self {
        Self { about: About::There(place), what }
    }
}

/// Whom a fact is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// The scope of the source that said it.
    Here,
    /// A place named in the answer.
    There(Place),
}

/// What can be said. What is said most often lies in it as it is, what is large in a box: a fleet holds these by the
/// hundred thousand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A version runs here.
    Sighting(Sighting),
    /// How something feels.
    Health(Health),
    /// An alert exists.
    Alert(Arc<Alert>),
    /// A silence exists.
    Silence(Arc<Silence>),
    /// A workload and how far its rollout is.
    Workload(Box<Workload>),
    /// A machine of a cluster.
    Node(Node),
    /// A version was published.
    Release(Box<Release>),
    /// A product's lifecycle, newer than the embedded one.
    Cycles(Arc<CycleSet>),
    /// An artifact lies in a store.
    Artifact(Box<Artifact>),
    /// An approval is waited for, or was given.
    Gate(Box<Gate>),
    /// A pipeline or build ran.
    Pipeline(Box<Pipeline>),
    /// A delivery system deployed, or wants to.
    Deployment(Box<Deployment>),
    /// Nothing may roll out for a while.
    Freeze(Box<Freeze>),
    /// Work is announced.
    Maintenance(Box<Maintenance>),
    /// Something is broken upstream, or was.
    Incident(Box<Incident>),
    /// A part of a status page.
    PageComponent(PageComponent),
    /// A mark on the time line, such as a Grafana annotation.
    Mark(Box<Mark>),
    /// A certificate and its end.
    Certificate(Box<Certificate>),
    /// A backup, a restore test or a snapshot.
    Backup(Box<Backup>),
    /// Vulnerabilities found in what runs here.
    Findings(Box<Findings>),
    /// A service level objective.
    Objective(Objective),
    /// A ticket at the helpdesk.
    Ticket(Box<Ticket>),
    /// The configuration applied, and the one wanted.
    Config(Box<ConfigState>),
    /// A VPN and who is connected.
    Tunnel(Box<Tunnel>),
}

/// How directly a version was learned, most direct first. An image tag says what is wanted, an endpoint what answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The running product answered for itself.
    Answered,
    /// Its own build-info metric, seen by a monitoring system.
    Measured,
    /// Its operator or controller reports it.
    Reported,
    /// The label on its workload.
    Labelled,
    /// The tag of its image.
    Imaged,
    /// The record of its chart.
    Charted,
    /// A person wrote it into the fleet file.
    Declared,
}

/// A version of a product, seen running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Of what.
    pub product: ProductId,
    /// The version as it was told.
    pub version: Clean,
    /// How directly.
    pub evidence: Evidence,
    /// Which of several, such as a node or a replica; sightings of different parts may differ during a rollout.
    pub part: Option<Clean>,
}

/// How something feels, in its own words or by its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The product, where it is about one.
    pub product: Option<ProductId>,
    /// What exactly, such as `readyz` or `targets`.
    pub what: Clean,
    /// How good.
    pub level: Level,
    /// Why, in few words.
    pub detail: Clean,
}

/// A mark on the time line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When it begins.
    pub at: Moment,
    /// When it ends, for a span.
    pub until: Option<Moment>,
    /// What it says.
    pub text: Clean,
    /// Its tags.
    pub tags: Vec<Clean>,
}
