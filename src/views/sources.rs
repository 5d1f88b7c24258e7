//! Sources: who answers, who does not, why, and what to do.

use std::cmp::{Ordering, Reverse};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::clock::{Moment, days_between};
use crate::domain::fleet::SourceCard;
use crate::domain::id::{EnvironmentName, InstallationId, Scope};
use crate::rules::judge::Judged;
use crate::rules::standing::{Standing, standing};
use crate::text::words::fixed;
use crate::views::cell::{NONE, known_first};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Whose.
    pub installation: Option<InstallationId>,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// Its kind.
    pub kind: String,
    /// Its address, without credentials.
    pub url: String,
    /// How it does.
    pub state: Standing,
    /// Why not.
    pub error: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The last good answer.
    pub last_ok: Option<Moment>,
    /// The last try.
    pub last_try: Option<Moment>,
    /// How long that took.
    pub latency_ms: Option<u64>,
    /// How often it is asked.
    pub interval_s: u64,
    /// Days until its certificate ends.
    pub certificate_days: Option<i64>,
    /// Whether its certificate is not checked.
    pub insecure: bool,
    /// Spots in its last good answer that could not be used.
    pub gaps: Vec<String>,
}

impl Row {
    fn of(judged: &Judged<'_>, card: &SourceCard) -> Self {
        let feed = judged.facts.feed(&card.id);
        let place = match &card.id.scope {
            Scope::Place(place) => Some(place),
            Scope::Product(_) | Scope::Fleet => None,
        };
        let fault = feed.and_then(|feed| feed.fault.as_ref());
        let heard = feed.and_then(|feed| feed.heard.as_ref());
        Self {
            id: card.id.to_string(),
            installation: place.map(|place| place.installation.clone()),
            environment: place.and_then(|place| place.environment.clone()),
            kind: card.id.kind.to_string(),
            url: card.url.to_string(),
            state: standing(card, feed.map(|feed| &**feed), judged.at),
            error: fault.map(ToString::to_string),
            hint: fault.map(crate::domain::fault::Fault::hint),
            last_ok: heard.map(|(at, _)| *at),
            last_try: feed.and_then(|feed| feed.tried),
            latency_ms: feed.and_then(|feed| u64::try_from(feed.took?.as_millis()).ok()),
            interval_s: card.interval.as_secs(),
            certificate_days: feed
                .and_then(|feed| feed.certificate_ends)
                .map(|ends| days_between(judged.at, ends, judged.fleet.zone)),
            insecure: card.insecure,
            gaps: heard
                .map(|(_, heard)| heard.gaps.iter().map(|gap| format!("{}: {}", gap.place, gap.why)).collect())
                .unwrap_or_default(),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "sources";
    const TITLE: &'static str = "Sources";
    const ABOUT: &'static str = "who answers, who does not, why, and what to do";
    const ROWS: [&'static str; 2] = ["source", "sources"];
    const NOTHING: [&'static str; 2] = ["nobody is asked", "`sources` of an environment in the fleet file say who is"];
    const ORDER: &'static str = "silent ones first";
    const GROUPS: &'static [&'static str] = &["state", "error"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new("source", 9, |row, _| row.id.as_str().into(), |a, b| a.id.cmp(&b.id))
            // On a narrow screen production goes without saying.
            .brief(4, |row, _| row.id.replacen("/production/", "/", 1).into()),
        Column::<Self>::new("state", 9, |row, _| row.state.word().into(), |a, b| b.state.cmp(&a.state))
            .marked(Self::tone),
        Column::<Self>::new(
            "error",
            8,
            |row, _| match (&row.error, row.gaps.first()) {
                (Some(error), _) => error.as_str().into(),
                (None, Some(gap)) => gap.as_str().into(),
                (None, None) if row.insecure => "certificate not checked".into(),
                (None, None) => "".into(),
            },
            |a, b| a.error.cmp(&b.error),
        )
        .toned(|row| if row.error.is_some() { Tone::Critical } else { Tone::Warning }),
        Column::<Self>::new(
            "next step",
            6,
            |row, _| row.hint.as_deref().unwrap_or("").into(),
            |a, b| a.hint.cmp(&b.hint),
        ),
        Column::<Self>::new(
            "last ok",
            8,
            |row, lens| row.last_ok.map_or("never".into(), |at| lens.since(at).into()),
            |a, b| known_first(&a.last_ok, &b.last_ok),
        )
        .right(),
        Column::<Self>::new(
            "took",
            5,
            |row, _| row.latency_ms.map_or(NONE.into(), |n| format!("{n} ms").into()),
            |a, b| known_first(&a.latency_ms, &b.latency_ms),
        )
        .right(),
        Column::<Self>::new(
            "certificate",
            4,
            |row, _| row.certificate_days.map_or(NONE.into(), |days| format!("{days} d").into()),
            |a, b| known_first(&a.certificate_days, &b.certificate_days),
        )
        .right()
        .toned(|row| match row.certificate_days {
            Some(..7) => Tone::Critical,
            Some(7..21) => Tone::Warning,
            Some(_) | None => Tone::Muted,
        }),
        Column::<Self>::new(
            "every",
            2,
            |row, _| {
                let seconds = i64::try_from(row.interval_s).unwrap_or(i64::MAX);
                fixed(TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX)).into()
            },
            |a, b| a.interval_s.cmp(&b.interval_s),
        )
        .right(),
        Column::<Self>::new("address", 3, |row, _| row.url.as_str().into(), |a, b| a.url.cmp(&b.url)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(judged) => judged
                .fleet
                .sources
                .values()
                .filter(|card| card.id.installation().is_none())
                .map(|card| Self::of(judged, card))
                .collect(),
            Part::One(judged, verdict) => {
                let sources = verdict.installation.environments.iter().flat_map(|environment| &environment.sources);
                sources.filter_map(|id| judged.fleet.sources.get(id)).map(|card| Self::of(judged, card)).collect()
            }
        }
    }

    fn key(&self) -> String {
        self.id.clone()
    }

    fn order(&self, other: &Self) -> Ordering {
        let rank = |row: &Self| match row.state {
            Standing::Failing => 0,
            Standing::Stale => 1,
            Standing::Never => 2,
            Standing::Ok => 3,
        };
        rank(self).cmp(&rank(other)).then_with(|| Reverse(&other.id).cmp(&Reverse(&self.id)))
    }

    fn tone(&self) -> Tone {
        match self.state {
            Standing::Ok => Tone::Ok,
            Standing::Stale => Tone::Stale,
            Standing::Failing => Tone::Critical,
            Standing::Never => Tone::Unknown,
        }
    }

    fn installation(&self) -> Option<&InstallationId> {
        self.installation.as_ref()
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }

    fn urls(&self) -> Vec<(&'static str, &str)> {
        vec![("its address", self.url.as_str())]
    }
}
