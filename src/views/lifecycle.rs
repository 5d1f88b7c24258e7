//! Lifecycle exposure: what ends when, and whether it may be touched before.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Day;
use crate::domain::id::{EnvironmentName, InstallationId, ProductId};
use crate::domain::state::LifeState;
use crate::rules::calendar::Span;
use crate::rules::component::Component;
use crate::rules::hearing::Basis;
use crate::views::cell::{NONE, UNKNOWN, known_first, life, or_none, or_unknown, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// How long one component may still run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where.
    pub environment: EnvironmentName,
    /// What: the product's id.
    pub component: ProductId,
    /// What runs.
    pub running: Option<String>,
    /// `rolling`, `dated` or `latest-stable`.
    pub lifecycle: String,
    /// Where it stands.
    pub state: LifeState,
    /// Its line or cycle.
    pub line: Option<String>,
    /// Its end by the product's clock.
    pub eol_at: Option<Day>,
    /// Whether the data says "no date published".
    pub no_date: bool,
    /// Its end by the contract's clock.
    pub deadline: Option<Day>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// The last day of extended support.
    pub extended_until: Option<Day>,
    /// The next window it could be upgraded in.
    pub next_window: Option<Span>,
    /// Whether it ends before that window does.
    pub exposed: Option<bool>,
    /// The newest stable line that outlives the window after the next.
    pub suggest: Option<String>,
    /// Upgrades between running and target.
    pub hops: Option<u32>,
    /// Whether the windows before the deadline suffice for those.
    pub hops_fit: Option<bool>,
    /// Why, where that needs saying.
    pub reason: Option<String>,
    /// The day of the lifecycle data used.
    pub data_taken: Option<Day>,
    /// Who told the running version, and when.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    fn of(installation: &InstallationId, one: &Component) -> Self {
        let life = &one.life;
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            component: one.product.clone(),
            running: one.running.as_ref().map(|version| version.text().to_owned()),
            lifecycle: life.lifecycle.to_owned(),
            state: life.state,
            line: life.line.clone(),
            eol_at: life.eol_at,
            no_date: life.no_date,
            deadline: life.deadline,
            days_left: life.days_left,
            extended_until: life.extended_until,
            next_window: life.next_window.clone(),
            exposed: life.exposed,
            suggest: life.suggest.clone(),
            hops: life.hops,
            hops_fit: life.hops_fit,
            reason: life.reason.clone(),
            data_taken: life.data_taken,
            basis: one.basis.clone(),
        }
    }

    /// What is left, as people say it: `12 d`, `exposed`, `no date`.
    #[must_use]
    pub fn left(&self) -> String {
        match (self.days_left, self.state) {
            (Some(days), _) if days < 0 => format!("{} d over", -days),
            (Some(days), _) => format!("{days} d"),
            (None, LifeState::Unknown) => UNKNOWN.to_owned(),
            (None, _) if self.no_date => "no date".to_owned(),
            (None, _) => NONE.to_owned(),
        }
    }

    /// The day that counts: the contract's, or else the product's.
    #[must_use]
    pub fn end(&self) -> Option<Day> {
        self.deadline.or(self.eol_at)
    }
}

impl View for Row {
    const NAME: &'static str = "lifecycle";
    const TITLE: &'static str = "Lifecycle";
    const ABOUT: &'static str = "what ends when, and whether it may be touched before";
    const ROWS: [&'static str; 2] = ["component", "components"];
    const NOTHING: [&'static str; 2] =
        ["nothing ends that is known", "ends are told by the catalog, lifecycle data and `lines` of products"];
    const ORDER: &'static str = "soonest first";
    const GROUPS: &'static [&'static str] = &["component", "state"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "component",
            9,
            |row, _| row.component.as_str().into(),
            |a, b| a.component.cmp(&b.component),
        ),
        Column::<Self>::new(
            "where",
            9,
            |row, _| format!("{}/{}", row.installation, row.environment).into(),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        ),
        Column::<Self>::new(
            "running",
            8,
            |row, _| or_unknown(row.running.as_deref()),
            |a, b| known_first(&a.running, &b.running),
        ),
        Column::<Self>::new("state", 9, |row, _| row.state.word().into(), |a, b| a.state.cmp(&b.state))
            .marked(Self::tone),
        Column::<Self>::new("left", 9, |row, _| row.left().into(), |a, b| known_first(&a.days_left, &b.days_left))
            .right(),
        Column::<Self>::new(
            "exposed",
            8,
            |row, _| match row.exposed {
                Some(true) => "exposed".into(),
                Some(false) => NONE.into(),
                None => UNKNOWN.into(),
            },
            |a, b| b.exposed.cmp(&a.exposed),
        )
        .toned(|row| match row.exposed {
            Some(true) => Tone::Critical,
            Some(false) => Tone::Muted,
            None => Tone::Unknown,
        }),
        Column::<Self>::new(
            "end of life",
            6,
            |row, lens| row.eol_at.map_or(or_none(row.no_date.then_some("no date")), |on| lens.day(on).into()),
            |a, b| known_first(&a.eol_at, &b.eol_at),
        ),
        Column::<Self>::new(
            "deadline",
            7,
            |row, lens| row.deadline.map_or(NONE.into(), |on| lens.day(on).into()),
            |a, b| known_first(&a.deadline, &b.deadline),
        ),
        Column::<Self>::new(
            "next window",
            6,
            |row, lens| {
                row.next_window
                    .as_ref()
                    .map_or(NONE.into(), |span| lens.when(span.start, Some(&row.installation)).into())
            },
            |a, b| known_first(&a.next_window.as_ref().map(|s| s.start), &b.next_window.as_ref().map(|s| s.start)),
        ),
        Column::<Self>::new("suggest", 5, |row, _| or_none(row.suggest.as_deref()), |a, b| a.suggest.cmp(&b.suggest)),
        Column::<Self>::new(
            "hops",
            3,
            |row, _| row.hops.map_or(NONE.into(), |n| n.to_string().into()),
            |a, b| known_first(&a.hops, &b.hops),
        )
        .right(),
        Column::<Self>::new(
            "reason",
            4,
            |row, _| row.reason.as_deref().unwrap_or("").into(),
            |a, b| a.reason.cmp(&b.reason),
        ),
        // Dates are as good as the data they come from: what is built in grows old where nothing newer is heard.
        Column::<Self>::new(
            "data",
            2,
            |row, lens| match row.data_taken.map(|taken| (lens.today() - taken).num_days()) {
                None => NONE.into(),
                Some(..=0) => "today's".into(),
                Some(days) => format!("{days} d old").into(),
            },
            |a, b| known_first(&a.data_taken, &b.data_taken),
        ),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => {
                verdict.components.iter().map(|one| Self::of(&verdict.installation.id, one)).collect()
            }
        }
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.installation, self.environment, self.component)
    }

    fn order(&self, other: &Self) -> Ordering {
        known_first(&self.end(), &other.end()).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        unless_stale(self.basis.stale, life(self.state))
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        Some(&self.environment)
    }
}
