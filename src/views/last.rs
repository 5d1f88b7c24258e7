//! What is kept of a board for the next start: what its first picture needs, and no more.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::clock::{Moment, days_between};
use crate::domain::id::InstallationId;
use crate::domain::level::Level;
use crate::rules::alert::course::AlertCourse;
use crate::views::board::{Board, Header, SourceCount};
use crate::views::rows::Rows;
use crate::views::{ViewName, Views, attention, fleet};

/// The views of which rows are kept.
pub const KEPT: &[ViewName] = &[ViewName::Attention, ViewName::Fleet];

/// What is kept of a board: what stands above every view, what needs somebody, and the fleet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Last {
    header: Header,
    /// Per view by name: how many of its rows were critical.
    critical: Vec<(String, usize)>,
    attention: Vec<attention::Row>,
    fleet: Vec<fleet::Row>,
}

impl Last {
    /// What of a board is worth keeping.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        Self {
            header: board.header.clone(),
            critical: ViewName::ALL.iter().map(|view| (view.name().to_owned(), board.critical(*view))).collect(),
            attention: board.views.attention.iter().cloned().collect(),
            fleet: board.views.fleet.iter().cloned().collect(),
        }
    }

    /// The board as it is shown at a time, before anything else is known. Nothing on it is as it should be: what was well
    /// when somebody looked last is unknown now, and nobody has been asked yet.
    #[must_use]
    pub fn board(self, now: Moment) -> Board {
        let Self { mut header, critical, attention, mut fleet } = self;
        let SourceCount { ok, stale, failing, never } = header.sources;
        header.sources = SourceCount { never: ok + stale + failing + never, ..SourceCount::default() };
        let days = days_between(header.judged_at, now, header.zone());
        fleet.iter_mut().for_each(|row| age(row, days, now));
        let views = Views {
            attention: Rows::new([Arc::new(attention)]),
            fleet: Rows::new([Arc::new(fleet)]),
            ..Views::default()
        };
        let pressing = ViewName::ALL.iter().map(|view| {
            let kept = critical.iter().find(|(name, _)| name == view.name());
            kept.map_or(0, |(_, n)| *n)
        });
        Board::last_known(header, views, pressing.collect())
    }
}

/// The courses of alerts on a board, for whoever goes on where the one that made it ended.
#[must_use]
pub fn courses(board: &Board) -> BTreeMap<InstallationId, AlertCourse> {
    let at = board.header.judged_at;
    let told = board.views.fleet.iter().filter(|row| !row.alert_course.is_empty());
    told.map(|row| (row.installation.clone(), AlertCourse::again(&row.alert_course, at))).collect()
}

/// What nobody has said anew is stale, and stale is never well. What counts from today counts from the day it is shown on.
fn age(row: &mut fleet::Row, days: i64, now: Moment) {
    let unknown = |level: &mut Level| {
        if *level == Level::Ok {
            *level = Level::Unknown;
        }
    };
    unknown(&mut row.health);
    row.environments.iter_mut().for_each(|copy| unknown(&mut copy.health));
    row.stale = true;
    row.days_left = row.days_left.map(|left| left.saturating_sub(days));
    // Which one comes after it, only the fleet file tells.
    row.next_window = row.next_window.take().filter(|span| span.end > now);
}
