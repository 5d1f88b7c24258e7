//! The sheets of the page: what runs, what rolls, what fires, what comes next, line by line.

use std::collections::{BTreeMap, BTreeSet};

use super::{Own, Spot, these};
use crate::domain::alert::AlertState;
use crate::domain::id::EnvironmentName;
use crate::domain::planned::Stream;
use crate::domain::state::{EntryKind, RolloutState, Standing};
use crate::text::width::width;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::paper::{Paper, Piece, piece};
use crate::views::ViewName;
use crate::views::board::Board;
use crate::views::calendar as planned;
use crate::views::column::Tone;
use crate::views::lens::Lens;
use crate::views::rollouts::said;
use crate::views::rows::View;

/// What sheets are made from.
pub(super) struct Making<'a> {
    pub(super) own: &'a Own,
    pub(super) board: &'a Board,
    pub(super) lens: &'a Lens<'a>,
    pub(super) signs: &'a Signs,
    /// The cells of a line.
    pub(super) room: usize,
}

/// The widths of what is told of a component: its name, what runs, and what it goes to.
struct Widths {
    name: usize,
    running: usize,
    goal: usize,
}

/// What is left of a life, for who reads it.
fn left(life: &crate::views::lifecycle::Row) -> String {
    match (life.days_left, life.exposed) {
        // What is over could not be touched in time: that goes without saying.
        (Some(0..), Some(true)) => format!("exposed, {} left", life.left()),
        (Some(0..), _) => format!("{} left", life.left()),
        (None, Some(true)) => "exposed".to_owned(),
        (Some(_) | None, _) => life.left(),
    }
}

impl Making<'_> {
    fn mark(&self, tone: Tone) -> Piece {
        piece(format!("{} ", self.signs.mark(tone)), Role::toned(tone))
    }

    /// By environment, the worst first in each.
    pub(super) fn components(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.drift;
        into.title("Components", &format!("{}", self.own.drift.len()));
        let places: BTreeSet<_> = these(rows, &self.own.drift).map(|row| &row.environment).collect();
        let widths = self.widths();
        let (first, rest): (Vec<&EnvironmentName>, Vec<&EnvironmentName>) =
            places.iter().copied().partition(|name| name.as_str() == "production");
        for place in first.into_iter().chain(rest) {
            if places.len() > 1 || place.as_str() != "production" {
                into.line([piece(place.to_string(), Role::Muted)]);
            }
            for row in these(rows, &self.own.drift).filter(|row| row.environment == *place) {
                self.component(row, &widths, into);
            }
        }
    }

    /// As wide as what stands there, as long as what is left of a life can be read behind it.
    fn widths(&self) -> Widths {
        let rows = || these(&self.board.views.drift, &self.own.drift);
        let widest = |of: &dyn Fn(&crate::views::drift::Row) -> usize, usual: usize| {
            rows().map(of).max().unwrap_or(0).clamp(usual - 2, usual + 10) + 1
        };
        let running = widest(&|row| width(row.running.as_deref().unwrap_or("?")), 11);
        let goal = widest(&|row| row.goal().map_or(0, |goal| width(goal) + 2), 11);
        let lives = these(&self.board.views.lifecycle, &self.own.lifecycle);
        let left = lives.map(|life| width(&left(life))).max().unwrap_or(0);
        let most = self.room.saturating_sub(running + goal + left + 2).max(12);
        Widths { name: widest(&|row| width(row.component.as_str()), 17).min(most), running, goal }
    }

    fn component(&self, row: &crate::views::drift::Row, widths: &Widths, into: &mut Paper<Spot>) {
        let same = |life: &&crate::views::lifecycle::Row| {
            life.component == row.component && life.environment == row.environment
        };
        let life = these(&self.board.views.lifecycle, &self.own.lifecycle).find(same);
        let tone = life.map_or(row.tone(), |life| life.tone().max(row.tone()));
        let (left, ends) = life.map_or((String::new(), Role::Muted), |life| match life.exposed {
            Some(true) => (left(life), Role::Critical),
            Some(false) | None => (left(life), Role::toned(life.tone())),
        });
        let goal = row.goal().map_or(String::new(), |goal| format!("→ {goal}"));
        into.choice(
            Spot { view: ViewName::Drift, key: Some(row.key()) },
            [
                self.mark(tone),
                // The last cell of each stays free: no two run into each other.
                piece(row.component.as_str(), Role::Text).left(widths.name - 1),
                piece(" ", Role::Text),
                piece(row.running.as_deref().unwrap_or("?"), Role::Text).left(widths.running - 1),
                piece(" ", Role::Text),
                piece(goal, Role::toned(row.tone())).left(widths.goal - 1),
                piece(" ", Role::Text),
                piece(left, ends),
            ],
        );
    }

    pub(super) fn alerts(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.alerts;
        let firing = these(rows, &self.own.alerts).filter(|row| row.state == AlertState::Firing);
        let firing: Vec<_> = firing.collect();
        let quiet = self.own.alerts.len() - firing.len();
        // As in the view of alerts: what only tells that the watch is awake is no fire.
        let told = firing.iter().filter(|row| row.tone() == Tone::Ahead).count();
        let others = [(told, "info"), (quiet, "quiet")].into_iter().filter(|(n, _)| *n > 0);
        let others: String = others.map(|(n, word)| format!(", {n} {word}")).collect();
        into.title("Alerts", &format!("{} firing{others}", firing.len() - told));
        let many = firing.iter().any(|row| row.environment != firing.first().and_then(|one| one.environment.clone()));
        for row in firing {
            let tone = row.tone();
            let place = row.environment.as_ref().filter(|_| many).map(ToString::to_string);
            let since = row.since.map(|at| self.lens.age(at)).unwrap_or_default();
            into.choice(
                Spot { view: ViewName::Alerts, key: Some(row.key()) },
                [
                    self.mark(tone),
                    piece(since, Role::Muted).left(8),
                    piece(place.unwrap_or_default(), Role::Muted).left(if many { 11 } else { 0 }),
                    piece(row.name.as_str(), Role::toned(tone)),
                    piece(format!("  {}", row.summary), Role::Muted),
                ],
            );
        }
    }

    pub(super) fn rollouts(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.rollouts;
        into.title("Rollouts", "");
        let over = |row: &&crate::views::rollouts::Row| row.state != RolloutState::Superseded;
        let shown: Vec<_> = these(rows, &self.own.rollouts).filter(over).take(4).collect();
        if shown.is_empty() {
            into.line([piece("none on its way", Role::Muted)]);
        }
        for row in shown {
            let tone = row.tone();
            into.choice(
                Spot { view: ViewName::Rollouts, key: Some(row.key()) },
                [
                    self.mark(tone),
                    piece(row.environment.as_str(), Role::Text).left(11),
                    piece(row.to.as_str(), Role::Text).left(11),
                    piece(row.line(), Role::toned(tone)).left(8),
                    piece(if row.why.is_empty() { said(row.state) } else { row.why.as_str() }, Role::toned(tone)),
                ],
            );
        }
    }

    pub(super) fn calendar(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.calendar;
        let coming = |row: &&crate::views::calendar::Row| row.end.unwrap_or(row.start) >= self.lens.now;
        let mut next: Vec<_> = these(rows, &self.own.calendar).filter(coming).collect();
        next.sort_by(|a, b| a.order(b));
        into.title("Next", "");
        if next.is_empty() {
            into.line([piece("nothing is planned", Role::Muted)]);
        }
        // What comes again and again is told once: the days between are the calendar's.
        let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        next.retain(|row| {
            let times = known.entry((row.kind.word(), row.title.as_str())).or_default();
            *times += 1;
            *times == 1
        });
        for row in next.into_iter().take(5) {
            let more = match known.get(&(row.kind.word(), row.title.as_str())) {
                Some(times @ 2..) => format!("  +{}", times - 1),
                Some(_) | None => String::new(),
            };
            let role = match row.kind {
                EntryKind::Window => Role::Window,
                EntryKind::Maintenance => Role::Maintenance,
                EntryKind::Freeze => Role::Freeze,
                EntryKind::AnnounceBy | EntryKind::Deadline => Role::Deadline,
            };
            let when = row.when(self.lens);
            let notice = row.wrong().unwrap_or_default();
            into.choice(
                Spot { view: ViewName::Calendar, key: Some(row.key()) },
                [
                    self.mark(row.tone()),
                    piece(when, Role::Text).left(15),
                    piece(planned::said(row.kind), role).left(12),
                    piece(row.title.as_str(), Role::Text),
                    piece(more, Role::Muted),
                    piece(format!("  {notice}"), Role::toned(row.tone())),
                ],
            );
        }
    }

    pub(super) fn assurance(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.assurance;
        into.title("Assurance", "");
        for stream in Stream::ALL {
            let mut signals = these(rows, &self.own.assurance).filter(|row| row.stream == stream);
            // They are in the order of pressure: the first is the worst.
            let Some(worst) = signals.next() else { continue };
            let tone = worst.tone();
            let more = signals.count();
            let what = format!("{} {} {}", worst.signal, worst.name, worst.value.as_deref().unwrap_or(""));
            into.choice(
                Spot { view: ViewName::Assurance, key: Some(worst.key()) },
                [
                    self.mark(tone),
                    piece(stream.word(), Role::Text).left(15),
                    piece(what, if tone == Tone::Ok { Role::Muted } else { Role::toned(tone) }),
                    piece(if more == 0 { String::new() } else { format!("  +{more}") }, Role::Muted),
                ],
            );
        }
        if self.own.assurance.is_empty() {
            into.line([piece("no signal is known", Role::Muted)]);
        }
    }

    pub(super) fn sources(&self, into: &mut Paper<Spot>) {
        let rows = &self.board.views.sources;
        let all = self.own.sources.len();
        let bad = |row: &&crate::views::sources::Row| row.state != Standing::Ok;
        let bad: Vec<_> = these(rows, &self.own.sources).filter(bad).collect();
        into.title("Sources", &format!("{} of {all} answer", all - bad.len()));
        for row in bad {
            let tone = row.tone();
            let why = row.error.as_deref().or(row.hint.as_deref()).unwrap_or(row.state.word());
            into.choice(
                Spot { view: ViewName::Sources, key: Some(row.key()) },
                [self.mark(tone), piece(row.kind.as_str(), Role::Text).left(15), piece(why, Role::toned(tone))],
            );
        }
    }
}
