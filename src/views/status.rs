//! Status pages: what is broken upstream, what is announced there or planned in the fleet file, and whom it touches.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::domain::level::Level;
use crate::domain::page::StatusPage;
use crate::domain::planned::Maintenance;
use crate::rules::hearing::Basis;
use crate::rules::judge::Judged;
use crate::rules::plans::{FLEET_FILE, is_same};
use crate::text::clean::Clean;
use crate::views::cell::{NONE, known_first, level, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, View};

/// One incident, maintenance or component of one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The page's name.
    pub page: String,
    /// `incident`, `maintenance` or `component`; `page` for one that told nothing yet.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it stands, in the page's own word.
    pub state: String,
    /// How bad, in the page's own word.
    pub impact: Option<String>,
    /// How bad, translated.
    pub level: Level,
    /// Since when, or from when.
    pub started_at: Option<Moment>,
    /// Until when.
    pub ends_at: Option<Moment>,
    /// When the page last said something.
    pub updated_at: Option<Moment>,
    /// Where to read about it.
    pub url: Option<String>,
    /// The installations that feel it.
    pub affects: Vec<InstallationId>,
    /// Which page told, and when.
    #[serde(flatten)]
    pub basis: Basis,
}

/// A page that never told anything: it stands in the list all the same.
fn unheard(judged: &Judged<'_>, page: &StatusPage, failed: bool) -> Row {
    Row {
        page: page.name.to_string(),
        kind: "page".to_owned(),
        name: page.name.to_string(),
        state: if failed { "does not answer: see Sources" } else { "not heard yet" }.to_owned(),
        impact: None,
        level: Level::Unknown,
        started_at: None,
        ends_at: None,
        updated_at: None,
        url: None,
        affects: affected(judged, page, &[]),
        basis: Basis { observed_at: None, stale: false, source: Some(page.source.to_string()) },
    }
}

/// Who feels what happens to these parts of a page.
fn affected(judged: &Judged<'_>, page: &StatusPage, parts: &[Clean]) -> Vec<InstallationId> {
    match page.felt_by(parts) {
        Some(these) => these.into_iter().collect(),
        None => judged.fleet.installations.keys().cloned().collect(),
    }
}

fn of_page(judged: &Judged<'_>, page: &StatusPage) -> Vec<Row> {
    let feed = judged.facts.feed(&page.source);
    let Some((feed, (at, heard))) = feed.and_then(|feed| Some((feed, feed.heard.as_ref()?))) else {
        let failed = feed.is_some_and(|feed| feed.fault.is_some());
        return vec![unheard(judged, page, failed)];
    };
    let patience = judged.fleet.sources.get(&page.source).map(|card| card.stale_after);
    let stale = patience.is_some_and(|patience| feed.seen(judged.at, patience).is_stale());
    let row = |kind: &str, name: &str, state: &str, level, parts: &[Clean]| Row {
        page: page.name.to_string(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        state: state.to_owned(),
        impact: None,
        level,
        started_at: None,
        ends_at: None,
        updated_at: None,
        url: None,
        affects: affected(judged, page, parts),
        basis: Basis { observed_at: Some(*at), stale, source: Some(page.source.to_string()) },
    };
    let told = heard.facts.iter().filter_map(|fact| match &fact.what {
        What::Incident(one) if !page.is_withheld(&one.components) => {
            let level = if one.resolved { Level::Ok } else { one.level };
            Some(Row {
                impact: Some(one.impact.to_string()),
                started_at: one.started,
                ends_at: one.ended,
                updated_at: one.updated,
                url: one.url.as_ref().map(ToString::to_string),
                ..row("incident", one.name.as_str(), one.said.as_str(), level, &one.components)
            })
        }
        What::Maintenance(one) if !page.is_withheld(&one.components) => {
            let said = one.said.as_ref().map_or("", |said| said.as_str());
            Some(Row {
                started_at: Some(one.start),
                ends_at: one.end,
                url: one.url.as_ref().map(ToString::to_string),
                ..row("maintenance", one.title.as_str(), said, Level::Ok, &one.components)
            })
        }
        What::PageComponent(one) => {
            let named = std::slice::from_ref(&one.name);
            let row = || row("component", one.name.as_str(), one.said.as_str(), one.level, named);
            (!page.is_withheld(named)).then(|| Row { updated_at: one.updated, ..row() })
        }
        _ => None,
    });
    told.collect()
}

/// Whether a page of ours has it: then its row stands for both.
fn is_on_our_pages(judged: &Judged<'_>, work: &Maintenance) -> bool {
    let pages = judged.fleet.pages.iter().filter(|page| page.own);
    let heard = pages.filter_map(|page| judged.facts.feed(&page.source)?.heard.as_ref());
    heard.flat_map(|(_, heard)| heard.facts.iter()).any(|fact| match &fact.what {
        What::Maintenance(told) => is_same(work, told),
        _ => false,
    })
}

/// Work the fleet file plans and no page announces: for whoever looks here, it is announced as much as any other.
fn written(judged: &Judged<'_>) -> impl Iterator<Item = Row> {
    let to_come = judged.fleet.maintenances.iter().filter(|one| one.end.unwrap_or(one.start) > judged.at);
    to_come.filter(|one| !is_on_our_pages(judged, one)).map(|one| {
        let affected = judged.fleet.installations.keys().filter(|id| one.reach.includes(id));
        let state = match &one.announced {
            _ if one.start <= judged.at => "in_progress",
            Some(on) if on.begins(judged.fleet.zone) <= judged.at => "announced",
            Some(_) | None => "planned",
        };
        Row {
            page: FLEET_FILE.to_owned(),
            kind: "maintenance".to_owned(),
            name: one.title.to_string(),
            state: state.to_owned(),
            impact: None,
            level: Level::Ok,
            started_at: Some(one.start),
            ends_at: one.end,
            updated_at: None,
            url: one.url.as_ref().map(ToString::to_string),
            affects: affected.cloned().collect(),
            basis: Basis::default(),
        }
    })
}

impl Row {
    /// Its state as it is said: pages write several words as one.
    #[must_use]
    pub fn state_words(&self) -> String {
        self.state.replace('_', " ")
    }
}

impl View for Row {
    const NAME: &'static str = "status";
    const TITLE: &'static str = "Status";
    const ABOUT: &'static str = "what is broken or announced on the status pages watched";
    const ROWS: [&'static str; 2] = ["entry", "entries"];
    const NOTHING: [&'static str; 2] =
        ["no page tells anything", "`[[status_pages]]` of the fleet file name those that are watched"];
    const ORDER: &'static str = "worst first";
    const GROUPS: &'static [&'static str] = &["page", "kind", "state"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new("page", 9, |row, _| row.page.as_str().into(), |a, b| a.page.cmp(&b.page)),
        Column::<Self>::new("kind", 8, |row, _| row.kind.as_str().into(), |a, b| a.kind.cmp(&b.kind)),
        Column::<Self>::new("name", 9, |row, _| row.name.as_str().into(), |a, b| a.name.cmp(&b.name)),
        Column::<Self>::new("state", 9, |row, _| row.state_words().into(), |a, b| a.state.cmp(&b.state))
            .marked(Self::tone),
        Column::<Self>::new(
            "impact",
            5,
            |row, _| row.impact.as_deref().unwrap_or(NONE).into(),
            |a, b| b.level.cmp(&a.level),
        ),
        Column::<Self>::new(
            "from",
            7,
            |row, lens| row.started_at.map_or(NONE.into(), |at| lens.when(at, None).into()),
            |a, b| known_first(&a.started_at, &b.started_at),
        ),
        Column::<Self>::new(
            "until",
            6,
            |row, lens| row.ends_at.map_or(NONE.into(), |at| lens.when(at, None).into()),
            |a, b| known_first(&a.ends_at, &b.ends_at),
        ),
        Column::<Self>::new(
            "affects",
            4,
            |row, _| row.affects.len().to_string().into(),
            |a, b| a.affects.len().cmp(&b.affects.len()),
        )
        .right(),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(judged) => {
                let told = judged.fleet.pages.iter().flat_map(|page| of_page(judged, page));
                told.chain(written(judged)).collect()
            }
            Part::One(..) => Vec::new(),
        }
    }

    fn key(&self) -> String {
        let started = self.started_at.map_or(0, |at| at.timestamp());
        format!("{}|{}|{}|{started}", self.page, self.kind, self.name)
    }

    fn order(&self, other: &Self) -> Ordering {
        let rank = |row: &Self| match row.kind.as_str() {
            "incident" => 0,
            "maintenance" => 1,
            _ => 2,
        };
        other
            .level
            .cmp(&self.level)
            .then_with(|| rank(self).cmp(&rank(other)))
            .then_with(|| known_first(&self.started_at, &other.started_at))
            .then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        let told = if self.kind == "maintenance" { Tone::Waiting } else { level(self.level) };
        unless_stale(self.basis.stale, told)
    }

    fn installation(&self) -> Option<&InstallationId> {
        None
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        None
    }

    fn urls(&self) -> Vec<(&'static str, &str)> {
        self.url.iter().map(|url| ("on the page", url.as_str())).collect()
    }
}
