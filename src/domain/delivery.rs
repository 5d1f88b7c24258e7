//! What is published, delivered, approved and deployed.

use serde::{Deserialize, Serialize};

use super::clock::{Dated, Moment};
use super::id::ProductId;
use crate::text::clean::Clean;

/// A version that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Of what.
    pub product: ProductId,
    /// The version, as text. For charts the app version.
    pub version: Clean,
    /// When, to the day or the second; none where the source does not tell.
    pub published: Option<Dated>,
    /// Whether the publisher marks it as a pre-release.
    pub prerelease: bool,
    /// The chart version that carries it, where it comes from a chart index.
    pub chart: Option<Clean>,
    /// Where to read about it.
    pub url: Option<Clean>,
    /// Whether the list it comes from is whole. Feeds carry only the newest twenty.
    pub list: ListKind,
}

/// Whether a list of releases reaches back to the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListKind {
    /// Everything there ever was.
    Whole,
    /// The newest ones only.
    Newest,
}

/// An artifact in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its repository path, such as `meshstack/meshpanel`.
    pub name: Clean,
    /// Its tag: the version. Empty where a store has nothing of this name at all.
    pub tag: Clean,
    /// The digest the store answers, `sha256:...`.
    pub digest: Option<Clean>,
    /// Whether it is there; a store that was asked and has it not says so.
    pub present: bool,
}

/// An approval that is waited for, or was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// What kind of gate: `gitlab-job`, `gitlab-approval`, `concourse-job`, `gate`, `github-review`.
    pub kind: Clean,
    /// Its name, such as the job or the folder.
    pub name: Clean,
    /// Where it stands, such as the repository or the pipeline; none where the source does not tell.
    pub place: Option<Clean>,
    /// The version it is about, where it tells.
    pub version: Option<Clean>,
    /// Whether it is open.
    pub state: GateState,
    /// Since when it waits, or when it opened.
    pub since: Option<Moment>,
    /// Who opened it, with the class of evidence.
    pub who: Option<Approver>,
    /// What it still waits for, by name.
    pub waits_for: Vec<Clean>,
    /// Where to open it.
    pub url: Option<Clean>,
}

/// Where a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    /// Somebody must act.
    Waiting,
    /// It was opened.
    Passed,
    /// It was refused.
    Rejected,
    /// It is not reachable yet: an earlier step is missing.
    Ahead,
}

/// Who approved, and how sure that is. A CI identity is never shown as a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approver {
    /// The name.
    pub name: Clean,
    /// Where it was read.
    pub evidence: ApproverEvidence,
}

/// How the approver is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApproverEvidence {
    /// The item itself names who and why, or the system authenticated the person.
    ItemMetadata,
    /// The creator of the build.
    BuildCreator,
    /// The author of the commit.
    CommitAuthor,
    /// A machine's identity, or nothing at all.
    Unknown,
}

/// A pipeline, workflow run or build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// What kind: `gitlab`, `concourse`, `github`, `argo-cd`, `flux`.
    pub kind: Clean,
    /// Its number or name there.
    pub id: Clean,
    /// The version or ref it carries.
    pub version: Option<Clean>,
    /// Where it stands.
    pub state: PipelineState,
    /// The state in the system's own word.
    pub said: Clean,
    /// When it began.
    pub started: Option<Moment>,
    /// When it ended.
    pub finished: Option<Moment>,
    /// Its jobs, in order.
    pub jobs: Vec<Job>,
    /// Where to look at it.
    pub url: Option<Clean>,
}

/// One step of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub name: Clean,
    /// Its stage or group.
    pub stage: Clean,
    /// Where it stands.
    pub state: PipelineState,
    /// Where to look at it.
    pub url: Option<Clean>,
}

/// Where a pipeline or job stands. What a system says beyond these is `Unknown`, with its word kept beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PipelineState {
    /// Created, queued, preparing.
    Pending,
    /// At work.
    Running,
    /// Waits for a person.
    Manual,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended badly, and nothing depends on it.
    Tolerated,
    /// Ended by a person.
    Canceled,
    /// Left out by design.
    Skipped,
    /// A word nobody here knows.
    Unknown,
}

/// What a delivery system says it deployed, or is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The product, where the system knows it; else the environment's own.
    pub product: Option<ProductId>,
    /// The version.
    pub version: Option<Clean>,
    /// Where it stands.
    pub state: PipelineState,
    /// When it began or was created.
    pub at: Option<Moment>,
    /// When it ended.
    pub finished: Option<Moment>,
    /// Who or what started it.
    pub by: Option<Clean>,
    /// Where to look at it.
    pub url: Option<Clean>,
}
