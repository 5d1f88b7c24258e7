//! The fleet: one row an installation, with the worst thing about it.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{CustomerId, EnvironmentName, InstallationId, PlanName, ProductId};
use crate::domain::level::Level;
use crate::rules::alert::AlertCount;
use crate::rules::calendar::Span;
use crate::rules::drift::DriftKind;
use crate::rules::judge::{Judged, Verdict};
use crate::rules::lifecycle::LifeState;
use crate::rules::rollout::RolloutState;
use crate::rules::standing::{Standing, standing};
use crate::text::words;
use crate::views::cell::{NONE, UNKNOWN, known_first, level, life, quiet};
use crate::views::column::{Column, Tone};
use crate::views::lens::Lens;
use crate::views::rows::{Part, View};

/// One installation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its id.
    pub installation: InstallationId,
    /// Its name.
    pub name: String,
    /// Whose.
    pub customer: CustomerId,
    /// Its plan.
    pub plan: PlanName,
    /// How it feels.
    pub health: Level,
    /// Why, where it is not ok.
    pub why: String,
    /// Its alerts.
    pub alerts: AlertCount,
    /// How many fired in every quarter of an hour of the last three hours, the oldest first: none until two are known.
    #[serde(default)]
    pub alert_course: Vec<Option<u32>>,
    /// Its environments, production first.
    pub environments: Vec<Copy>,
    /// How many components it runs, behind their target, and exposed.
    pub parts: Parts,
    /// The window that is open or comes next.
    pub next_window: Option<Span>,
    /// The rollout that presses most.
    pub rollout: Option<RolloutState>,
    /// How far it is.
    pub rollout_progress: Option<f64>,
    /// The rest of the contract's clock that presses most.
    pub days_left: Option<i64>,
    /// Its failing sources.
    pub unreachable: usize,
    /// The newest thing heard.
    pub observed_at: Option<Moment>,
    /// Whether everything heard is stale.
    pub stale: bool,
}

/// One environment in a fleet row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Its name.
    pub name: EnvironmentName,
    /// The vendor's product it runs.
    pub product: Option<ProductId>,
    /// The version that runs.
    pub running: Option<String>,
    /// The version that should.
    pub target: Option<String>,
    /// How far apart.
    pub drift: Option<DriftKind>,
    /// Where it stands in its life.
    pub lifecycle: Option<LifeState>,
    /// How it feels.
    pub health: Level,
}

/// Counts over an installation's components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// All of them.
    pub all: usize,
    /// Those behind their target.
    pub behind: usize,
    /// Those that end before they may be touched.
    pub exposed: usize,
    /// Those nobody can say anything about.
    pub unknown: usize,
}

impl Row {
    fn of(judged: &Judged<'_>, verdict: &Verdict) -> Self {
        let one = &verdict.installation;
        let feeds = judged.facts.of(&one.id);
        let sources = one.environments.iter().flat_map(|environment| &environment.sources);
        let cards = sources.filter_map(|id| judged.fleet.sources.get(id));
        let mut unreachable = 0;
        let mut fresh = false;
        for card in cards {
            let feed = feeds.and_then(|feeds| feeds.get(&card.id)).map(|feed| &**feed);
            match standing(card, feed, judged.at) {
                Standing::Failing => unreachable += 1,
                Standing::Ok => fresh = true,
                Standing::Stale | Standing::Never => {}
            }
        }
        let heard = feeds.into_iter().flat_map(|feeds| feeds.values());
        let observed_at = heard.filter_map(|feed| feed.heard.as_ref().map(|(at, _)| *at)).max();
        let pressing = verdict.rollouts.iter().max_by_key(|rollout| pressure(rollout.state));
        Self {
            installation: one.id.clone(),
            name: one.name.to_string(),
            customer: one.customer.clone(),
            plan: one.plan.clone(),
            health: verdict.health,
            why: verdict.why.clone(),
            alerts: verdict.alert_count,
            alert_course: verdict.alert_course.told(),
            environments: one
                .environments
                .iter()
                .enumerate()
                .map(|(n, environment)| {
                    let own = environment.product.as_ref().and_then(|product| {
                        verdict
                            .components
                            .iter()
                            .find(|part| part.environment == environment.name && part.product == *product)
                    });
                    Copy {
                        name: environment.name.clone(),
                        product: environment.product.clone(),
                        running: own.and_then(|part| Some(part.running.as_ref()?.text().to_owned())),
                        target: own.and_then(|part| Some(part.drift.target.as_ref()?.text().to_owned())),
                        drift: own.map(|part| part.drift.kind),
                        lifecycle: own.map(|part| part.life.state),
                        health: verdict.environment_health.get(n).copied().unwrap_or(Level::Unknown),
                    }
                })
                .collect(),
            parts: Parts::of(verdict),
            next_window: verdict.next_windows.iter().flatten().min_by_key(|span| span.start).cloned(),
            rollout: pressing.map(|rollout| rollout.state),
            rollout_progress: pressing.and_then(|rollout| rollout.progress),
            days_left: verdict.components.iter().filter_map(|part| part.life.days_left).min(),
            unreachable,
            observed_at,
            stale: observed_at.is_some() && !fresh,
        }
    }

    /// How it feels; where nothing fresh is heard, how it felt, and when that was.
    fn feels(&self, lens: &Lens<'_>) -> Cow<'_, str> {
        match self.observed_at.filter(|_| self.stale) {
            Some(at) => format!("{} {}", self.health.word(), words::ago(lens.now - at)).into(),
            None => self.health.word().into(),
        }
    }

    /// The environment of that name.
    #[must_use]
    pub fn copy(&self, name: &str) -> Option<&Copy> {
        self.environments.iter().find(|copy| copy.name.as_str() == name)
    }

    /// What one environment runs, in few words.
    #[must_use]
    pub fn runs(&self, name: &str) -> String {
        let Some(copy) = self.copy(name) else { return NONE.to_owned() };
        if copy.product.is_none() {
            let parts = words::plural(u64::try_from(self.parts.all).unwrap_or(u64::MAX), "part", "parts");
            return match self.parts {
                Parts { all: 0, .. } => UNKNOWN.to_owned(),
                Parts { behind: 0, .. } => format!("{parts}, current"),
                Parts { behind, .. } => format!("{parts}, {behind} behind"),
            };
        }
        let running = copy.running.as_deref().unwrap_or(UNKNOWN);
        match (&copy.target, copy.drift) {
            (_, Some(DriftKind::Current)) => format!("{running} current"),
            (_, Some(DriftKind::Ahead)) => format!("{running} ahead"),
            (Some(target), Some(DriftKind::Patch | DriftKind::Minor | DriftKind::Major)) => {
                format!("{running} → {target}")
            }
            _ => running.to_owned(),
        }
    }

    /// The worst state of life among its components.
    #[must_use]
    pub fn worst_life(&self) -> Option<LifeState> {
        self.environments.iter().filter_map(|copy| copy.lifecycle).max_by_key(|state| life(*state))
    }

    /// What its contract's clock says, in few words.
    #[must_use]
    pub fn clock(&self) -> String {
        match (self.parts.exposed, self.days_left) {
            (n, _) if n > 0 => format!("exposed {n}"),
            (_, Some(days)) if days < 0 => format!("{} d over", -days),
            (_, Some(days)) => format!("{days} d left"),
            (_, None) => self.worst_life().map_or(UNKNOWN, LifeState::word).to_owned(),
        }
    }
}

impl Parts {
    fn of(verdict: &Verdict) -> Self {
        let mut parts = Self::default();
        for part in &verdict.components {
            parts.all += 1;
            match part.drift.kind {
                DriftKind::Patch | DriftKind::Minor | DriftKind::Major => parts.behind += 1,
                DriftKind::Unknown => parts.unknown += 1,
                DriftKind::Current | DriftKind::Ahead => {}
            }
            if part.life.exposed == Some(true) {
                parts.exposed += 1;
            }
        }
        parts
    }
}

/// How much a rollout asks to be looked at.
fn pressure(state: RolloutState) -> u8 {
    match state {
        RolloutState::Failed => 8,
        RolloutState::Stuck => 7,
        RolloutState::Running => 6,
        RolloutState::WaitingApproval => 5,
        RolloutState::WaitingWindow => 4,
        RolloutState::Held => 3,
        RolloutState::Pending => 2,
        RolloutState::Succeeded => 1,
        RolloutState::Superseded => 0,
    }
}

impl View for Row {
    const NAME: &'static str = "fleet";
    const TITLE: &'static str = "Fleet";
    const ABOUT: &'static str = "every installation, with the worst thing about it";
    const ROWS: [&'static str; 2] = ["installation", "installations"];
    const NOTHING: [&'static str; 2] =
        ["no installation", "`[[installations]]` of the fleet file name them; `quarterdeck check` says what is in it"];
    const ORDER: &'static str = "worst first";
    const GROUPS: &'static [&'static str] = &["plan", "health", "rollout", "customer"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "installation",
            9,
            |row, _| row.installation.as_str().into(),
            |a, b| a.installation.cmp(&b.installation),
        ),
        Column::<Self>::new("plan", 5, |row, _| row.plan.as_str().into(), |a, b| a.plan.cmp(&b.plan)),
        Column::<Self>::new("health", 9, Self::feels, |a, b| b.health.cmp(&a.health))
            .marked(Self::tone)
            .brief(7, |_, _| "".into()),
        Column::<Self>::new(
            "alerts",
            8,
            |row, _| quiet(row.alerts.critical + row.alerts.warning),
            |a, b| (b.alerts.critical, b.alerts.warning).cmp(&(a.alerts.critical, a.alerts.warning)),
        )
        .right()
        .toned(|row| match row.alerts {
            AlertCount { critical: 1.., .. } => Tone::Critical,
            AlertCount { warning: 1.., .. } => Tone::Warning,
            _ => Tone::Muted,
        }),
        Column::<Self>::new(
            "production",
            8,
            |row, _| row.runs("production").into(),
            |a, b| a.runs("production").cmp(&b.runs("production")),
        ),
        Column::<Self>::new(
            "staging",
            4,
            |row, _| row.runs("staging").into(),
            |a, b| a.runs("staging").cmp(&b.runs("staging")),
        ),
        Column::<Self>::new(
            "lifecycle",
            7,
            |row, _| row.clock().into(),
            |a, b| known_first(&a.days_left, &b.days_left),
        )
        .toned(|row| if row.parts.exposed > 0 { Tone::Critical } else { row.worst_life().map_or(Tone::Unknown, life) }),
        Column::<Self>::new(
            "rollout",
            6,
            |row, _| row.rollout.map_or(NONE.into(), |state| super::rollouts::said(state).into()),
            |a, b| b.rollout.map(pressure).cmp(&a.rollout.map(pressure)),
        )
        .toned(|row| row.rollout.map_or(Tone::Muted, super::rollouts::tone)),
        Column::<Self>::new(
            "next window",
            6,
            |row, lens| match &row.next_window {
                Some(span) if span.start <= lens.now => format!("open, {}", words::span(span.end - lens.now)).into(),
                Some(span) => lens.when(span.start, Some(&row.installation)).into(),
                None => NONE.into(),
            },
            |a, b| known_first(&a.next_window.as_ref().map(|s| s.start), &b.next_window.as_ref().map(|s| s.start)),
        ),
        Column::<Self>::new(
            "failing sources",
            3,
            |row, _| quiet(u32::try_from(row.unreachable).unwrap_or(u32::MAX)),
            |a, b| b.unreachable.cmp(&a.unreachable),
        )
        .right()
        .toned(|row| if row.unreachable > 0 { Tone::Warning } else { Tone::Muted }),
        Column::<Self>::new("name", 2, |row, _| row.name.as_str().into(), |a, b| a.name.cmp(&b.name)),
        Column::<Self>::new("customer", 1, |row, _| row.customer.as_str().into(), |a, b| a.customer.cmp(&b.customer)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(judged, verdict) => vec![Self::of(judged, verdict)],
        }
    }

    fn key(&self) -> String {
        self.installation.to_string()
    }

    fn order(&self, other: &Self) -> Ordering {
        Reverse(self.health)
            .cmp(&Reverse(other.health))
            .then_with(|| other.alerts.critical.cmp(&self.alerts.critical))
            .then_with(|| self.installation.cmp(&other.installation))
    }

    fn tone(&self) -> Tone {
        if self.stale { Tone::Stale } else { level(self.health) }
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        None
    }
}
