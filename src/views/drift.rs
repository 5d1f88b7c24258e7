//! Version drift: what runs, against what should.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::id::{EnvironmentName, InstallationId, ProductId};
use crate::domain::scheme::Scheme;
use crate::rules::component::Component;
use crate::rules::drift::DriftKind;
use crate::rules::hearing::Basis;
use crate::views::cell::{NONE, drift, known_first, number, or_unknown, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// One component against its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: EnvironmentName,
    /// What: the product's id.
    pub component: ProductId,
    /// How its versions are read.
    pub scheme: Scheme,
    /// What runs.
    pub running: Option<String>,
    /// What should.
    pub target: Option<String>,
    /// The newest there is.
    pub latest: Option<String>,
    /// Whether a person demanded the target.
    pub pinned: bool,
    /// How far apart.
    pub drift: DriftKind,
    /// In releases.
    pub releases_behind: Option<u32>,
    /// In days.
    pub days_behind: Option<i64>,
    /// How many releases staging is ahead.
    pub skew: Option<i64>,
    /// Other versions other sources say.
    pub disagreement: Vec<String>,
    /// Who told the running version, and when.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    fn of(installation: &InstallationId, scheme: Scheme, one: &Component) -> Self {
        let text = |version: &crate::domain::version::Version| version.text().to_owned();
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            component: one.product.clone(),
            scheme,
            running: one.running.as_ref().map(text),
            target: one.drift.target.as_ref().map(text),
            latest: one.drift.latest.as_ref().map(text),
            pinned: one.pinned,
            drift: one.drift.kind,
            releases_behind: one.drift.releases_behind,
            days_behind: one.drift.days_behind,
            skew: one.drift.skew,
            disagreement: one.disagreement.iter().map(text).collect(),
            basis: one.basis.clone(),
        }
    }
}

impl Row {
    /// The version to go to, where the running one is not it yet: `0.34.4` is at home on `v0.34.4`.
    #[must_use]
    pub fn goal(&self) -> Option<&str> {
        let there = matches!(self.drift, DriftKind::Current | DriftKind::Ahead) || self.target == self.running;
        self.target.as_deref().filter(|_| !there)
    }
}

impl View for Row {
    const NAME: &'static str = "drift";
    const TITLE: &'static str = "Drift";
    const ABOUT: &'static str = "what runs, against what should";
    const ROWS: [&'static str; 2] = ["component", "components"];
    const NOTHING: [&'static str; 2] = [
        "no component is known",
        "versions are told by clusters, metrics, addresses, registries and deliveries: see the kinds in the README",
    ];
    const ORDER: &'static str = "by place";
    const GROUPS: &'static [&'static str] = &["component", "drift", "environment"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "installation",
            9,
            |row, _| row.installation.as_str().into(),
            |a, b| a.installation.cmp(&b.installation),
        ),
        Column::<Self>::new(
            "environment",
            7,
            |row, _| row.environment.as_str().into(),
            |a, b| a.environment.cmp(&b.environment),
        ),
        Column::<Self>::new(
            "component",
            9,
            |row, _| row.component.as_str().into(),
            |a, b| a.component.cmp(&b.component),
        ),
        Column::<Self>::new(
            "running",
            9,
            |row, _| or_unknown(row.running.as_deref()),
            |a, b| known_first(&a.running, &b.running),
        ),
        Column::<Self>::new(
            "target",
            8,
            |row, _| or_unknown(row.target.as_deref()),
            |a, b| known_first(&a.target, &b.target),
        ),
        Column::<Self>::new("drift", 9, |row, _| row.drift.word().into(), |a, b| a.drift.cmp(&b.drift))
            .marked(Self::tone),
        Column::<Self>::new(
            "behind",
            6,
            |row, _| number(row.releases_behind),
            |a, b| known_first(&a.releases_behind, &b.releases_behind),
        )
        .right(),
        Column::<Self>::new(
            "days",
            5,
            |row, _| number(row.days_behind),
            |a, b| known_first(&a.days_behind, &b.days_behind),
        )
        .right(),
        Column::<Self>::new(
            "skew",
            3,
            |row, _| row.skew.map_or(NONE.into(), |n| n.to_string().into()),
            |a, b| known_first(&a.skew, &b.skew),
        )
        .right(),
        Column::<Self>::new(
            "latest",
            4,
            |row, _| or_unknown(row.latest.as_deref()),
            |a, b| known_first(&a.latest, &b.latest),
        ),
        Column::<Self>::new(
            "also told",
            2,
            |row, _| row.disagreement.join(", ").into(),
            |a, b| a.disagreement.cmp(&b.disagreement),
        )
        .toned(|row| if row.disagreement.is_empty() { Tone::Muted } else { Tone::Warning }),
        Column::<Self>::new(
            "seen",
            2,
            |row, lens| row.basis.observed_at.map_or(NONE.into(), |at| lens.since(at).into()),
            |a, b| known_first(&a.basis.observed_at, &b.basis.observed_at),
        )
        .right()
        .toned(|row| unless_stale(row.basis.stale, Tone::Muted)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(judged, verdict) => verdict
                .components
                .iter()
                .map(|one| {
                    let product = judged.fleet.catalog.get(one.product.as_str());
                    Self::of(&verdict.installation.id, product.map_or(Scheme::Opaque, |product| product.scheme), one)
                })
                .collect(),
        }
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.installation, self.environment, self.component)
    }

    fn order(&self, other: &Self) -> Ordering {
        (&self.installation, &self.environment, &self.component).cmp(&(
            &other.installation,
            &other.environment,
            &other.component,
        ))
    }

    fn tone(&self) -> Tone {
        unless_stale(self.basis.stale, drift(self.drift))
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        Some(&self.environment)
    }
}
