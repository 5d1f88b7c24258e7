//! Readiness: may it roll, and if not, why, until when, and who can lift it.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId, ProductId};
use crate::rules::hearing::Basis;
use crate::rules::readiness::Readiness;
use crate::views::cell::{NONE, brief, known_first, or_unknown, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// The answer for one environment and one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: EnvironmentName,
    /// What.
    pub product: ProductId,
    /// To which version.
    pub to: Option<String>,
    /// Whether it may.
    pub may: bool,
    /// The earliest lawful time.
    pub earliest: Option<Moment>,
    /// What stands against it.
    pub blockers: Vec<BlockerCell>,
    /// What is good to know.
    pub hints: Vec<String>,
    /// The oldest fact it rests on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// One thing that stands against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerCell {
    /// Which rule.
    pub rule: String,
    /// What exactly.
    pub detail: String,
    /// Until when.
    pub until: Option<Moment>,
    /// Who can lift it.
    pub who: String,
    /// Who said so.
    pub source: Option<String>,
}

impl Row {
    /// Where, as one word: `acme/production`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.installation, self.environment)
    }

    /// A row of an answer.
    #[must_use]
    pub fn of(installation: &InstallationId, one: &Readiness) -> Self {
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            product: one.product.clone(),
            to: one.to.as_ref().map(|version| version.text().to_owned()),
            may: one.may,
            earliest: one.earliest,
            blockers: one
                .blockers
                .iter()
                .map(|blocker| BlockerCell {
                    rule: blocker.rule.word().to_owned(),
                    detail: blocker.detail.clone(),
                    until: blocker.until,
                    who: blocker.who.word().to_owned(),
                    source: blocker.source.clone(),
                })
                .collect(),
            hints: one.hints.clone(),
            basis: one.basis.clone(),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "readiness";
    const TITLE: &'static str = "Readiness";
    const ABOUT: &'static str = "may it roll, and if not, why, until when, and who can lift it";
    const ROWS: [&'static str; 2] = ["rollout", "rollouts"];
    const NOTHING: [&'static str; 2] =
        ["nothing waits to roll", "an environment whose product is behind its target is asked here whether it may"];
    const ORDER: &'static str = "soonest first";
    const GROUPS: &'static [&'static str] = &["may", "product", "because"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "where",
            9,
            |row, _| row.place().into(),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        )
        .brief(4, |row, _| brief(&row.place()).to_owned().into()),
        Column::<Self>::new("product", 9, |row, _| row.product.as_str().into(), |a, b| a.product.cmp(&b.product)),
        Column::<Self>::new("to", 5, |row, _| or_unknown(row.to.as_deref()), |a, b| known_first(&a.to, &b.to)),
        Column::<Self>::new(
            "may",
            9,
            |row, _| if row.may { "yes".into() } else { "no".into() },
            |a, b| b.may.cmp(&a.may),
        )
        .marked(Self::tone),
        Column::<Self>::new(
            "earliest",
            8,
            |row, lens| match row.earliest {
                _ if row.may => "now".into(),
                Some(at) => lens.when(at, Some(&row.installation)).into(),
                None => NONE.into(),
            },
            |a, b| known_first(&a.earliest, &b.earliest),
        ),
        Column::<Self>::new(
            "because",
            8,
            |row, _| {
                // What somebody must lift before what passes with time.
                let (passing, lasting): (Vec<_>, Vec<_>) = row.blockers.iter().partition(|one| one.until.is_some());
                let details: Vec<&str> = lasting.iter().chain(&passing).map(|one| one.detail.as_str()).collect();
                details.join("; ").into()
            },
            |a, b| a.blockers.len().cmp(&b.blockers.len()),
        ),
        Column::<Self>::new(
            "who",
            3,
            |row, _| {
                let mut who: Vec<&str> = row.blockers.iter().map(|blocker| blocker.who.as_str()).collect();
                who.sort_unstable();
                who.dedup();
                who.join(", ").into()
            },
            |a, b| a.blockers.len().cmp(&b.blockers.len()),
        ),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => {
                verdict.readiness.iter().map(|one| Self::of(&verdict.installation.id, one)).collect()
            }
        }
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.installation, self.environment, self.product)
    }

    fn order(&self, other: &Self) -> Ordering {
        (other.may.cmp(&self.may))
            .then_with(|| known_first(&self.earliest, &other.earliest))
            .then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        unless_stale(self.basis.stale, if self.may { Tone::Ok } else { Tone::Waiting })
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        Some(&self.environment)
    }
}
