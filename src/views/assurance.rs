//! Assurance: the signals of the five streams, each against its limit.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::domain::level::Level;
use crate::domain::planned::Stream;
use crate::rules::assurance::Signal;
use crate::rules::hearing::Basis;
use crate::views::cell::{NONE, brief, known_first, level, or_none, or_unknown, place, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// One signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// Its stream.
    pub stream: Stream,
    /// What it is.
    pub signal: String,
    /// Which one.
    pub name: String,
    /// How good.
    pub state: Level,
    /// Its value.
    pub value: Option<String>,
    /// The limit it is held against.
    pub limit: Option<String>,
    /// The time it is about.
    pub at: Option<Moment>,
    /// Anything else worth saying.
    pub detail: String,
    /// Who told.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    fn of(installation: &InstallationId, one: &Signal) -> Self {
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            stream: one.stream,
            signal: one.signal.to_owned(),
            name: one.name.clone(),
            state: one.state,
            value: one.value.clone(),
            limit: one.limit.clone(),
            at: one.at,
            detail: one.detail.clone(),
            basis: one.basis.clone(),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "assurance";
    const TITLE: &'static str = "Assurance";
    const ABOUT: &'static str = "certificates, backups, configuration, evidence, vulnerabilities, objectives, tickets";
    const ROWS: [&'static str; 2] = ["signal", "signals"];
    const NOTHING: [&'static str; 2] = [
        "nothing to assure",
        "certificates, backups, artifacts, objectives and tickets are told by the sources of an environment",
    ];
    const ORDER: &'static str = "worst first";
    const GROUPS: &'static [&'static str] = &["stream", "signal", "state"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "where",
            9,
            |row, _| place(&row.installation, row.environment.as_ref()),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        )
        .brief(4, |row, _| brief(&place(&row.installation, row.environment.as_ref())).to_owned().into()),
        Column::<Self>::new("stream", 6, |row, _| row.stream.word().into(), |a, b| a.stream.cmp(&b.stream)),
        Column::<Self>::new("signal", 8, |row, _| row.signal.as_str().into(), |a, b| a.signal.cmp(&b.signal)),
        Column::<Self>::new("name", 9, |row, _| row.name.as_str().into(), |a, b| a.name.cmp(&b.name)),
        Column::<Self>::new("state", 9, |row, _| row.state.word().into(), |a, b| b.state.cmp(&a.state))
            .marked(Self::tone),
        Column::<Self>::new("value", 8, |row, _| or_unknown(row.value.as_deref()), |a, b| a.value.cmp(&b.value))
            .right(),
        Column::<Self>::new("limit", 5, |row, _| or_none(row.limit.as_deref()), |a, b| a.limit.cmp(&b.limit)).right(),
        Column::<Self>::new(
            "at",
            4,
            |row, lens| row.at.map_or(NONE.into(), |at| lens.when(at, Some(&row.installation)).into()),
            |a, b| known_first(&a.at, &b.at),
        ),
        Column::<Self>::new("detail", 3, |row, _| row.detail.as_str().into(), |a, b| a.detail.cmp(&b.detail)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => {
                verdict.assurance.iter().map(|one| Self::of(&verdict.installation.id, one)).collect()
            }
        }
    }

    fn key(&self) -> String {
        let environment = self.environment.as_ref().map_or("", |name| name.as_str());
        format!("{}/{environment}/{}/{}/{}", self.installation, self.stream.word(), self.signal, self.name)
    }

    fn order(&self, other: &Self) -> Ordering {
        other.state.cmp(&self.state).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        unless_stale(self.basis.stale, level(self.state))
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }
}
