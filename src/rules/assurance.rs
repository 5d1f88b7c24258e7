//! Assurance: signals of the five streams, each with its limit.

use crate::domain::clock::Moment;
use crate::domain::fact::Level;
use crate::domain::id::EnvironmentName;
use crate::domain::planned::Stream;
use crate::rules::hearing::Basis;

/// One signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Where; none for the installation as a whole.
    pub environment: Option<EnvironmentName>,
    /// Which stream it belongs to.
    pub stream: Stream,
    /// What it is: `certificate`, `backup`, `artifact`, `config`, `evidence`, `vulnerabilities`, `slo`, `ticket`.
    pub signal: &'static str,
    /// Which one.
    pub name: String,
    /// How good.
    pub state: Level,
    /// Its value, in words.
    pub value: Option<String>,
    /// The limit it is held against, in words.
    pub limit: Option<String>,
    /// The time it is about, such as a certificate's end.
    pub at: Option<Moment>,
    /// Anything else worth saying.
    pub detail: String,
    /// Who told.
    pub basis: Basis,
}
