//! Windows: a recurring wall-clock time as spans of real time.
//!
//! 17:00 stays 17:00 across clock changes: every opening is read off its own day's wall clock. From there a window stays
//! open for its duration in elapsed time, so four hours are four hours of work on the night the clocks change, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, TimeDelta};

use crate::domain::clock::{Day, Moment, Tz, day_of, local};
use crate::domain::fleet::{Environment, Fleet, RolloutMode, Terms, Window};
use crate::domain::id::WindowName;
use crate::domain::recurrence::{Rule, Until};
use crate::rules::calendar::Span;

/// How many occurrences behind the horizon are kept at hand: a yearly window's next, and the one after.
const BEYOND: usize = 3;

/// The occurrences of a window that touch the time from one moment up to another, by their start.
#[must_use]
pub fn between(window: &Window, from: Moment, to: Moment) -> Vec<Span> {
    Opening::of(window).map_or_else(Vec::new, |opening| opening.between(from, to))
}

/// The occurrence that is open at a moment; of two, the one that stays open longer.
#[must_use]
pub fn open_at(window: &Window, at: Moment) -> Option<Span> {
    let just = at.checked_add_signed(TimeDelta::nanoseconds(1))?;
    between(window, at, just).into_iter().max_by_key(|span| span.end)
}

/// The occurrence that is open at a moment, or else the next to come.
#[must_use]
pub fn next_after(window: &Window, at: Moment) -> Option<Span> {
    let opening = Opening::of(window)?;
    opening.after(at).next()
}

/// Whether rollouts into an environment wait for a window.
#[must_use]
pub fn needs_window(environment: &Environment) -> bool {
    match environment.rollout {
        RolloutMode::Automatic => false,
        RolloutMode::Window | RolloutMode::Approval => !environment.windows.is_empty(),
    }
}

/// Whether an environment may be touched whenever somebody wants: no window, no rhythm of announced work.
#[must_use]
pub fn at_any_time(environment: &Environment, terms: &Terms) -> bool {
    environment.windows.is_empty() && terms.cadence.is_none() && environment.rollout != RolloutMode::Window
}

/// A window with its rule read.
struct Opening<'a> {
    window: &'a Window,
    rule: Rule,
    duration: TimeDelta,
}

impl<'a> Opening<'a> {
    /// None for a rule that cannot be read, or a window that is never open: a checked fleet holds neither.
    fn of(window: &'a Window) -> Option<Self> {
        let duration = TimeDelta::from_std(window.duration).ok().filter(|duration| *duration > TimeDelta::zero())?;
        Some(Self { window, rule: Rule::read(window.rrule.as_str()).ok()?, duration })
    }

    /// The occurrence of one day of the rule.
    fn on(&self, day: Day) -> Option<Span> {
        let wall = day.and_time(self.window.start);
        let start = local(wall, self.window.zone);
        let counts = match self.rule.until() {
            None => true,
            Some(Until::Day(last)) => day <= last,
            Some(Until::Moment(last)) => start <= last,
            Some(Until::Wall(last)) => wall <= last,
        };
        let end = start.checked_add_signed(self.duration)?;
        counts.then(|| Span { name: self.window.name.to_string(), start, end })
    }

    fn between(&self, from: Moment, to: Moment) -> Vec<Span> {
        let Some(last) = day_of(to, self.window.zone).checked_add_days(Days::new(1)) else { return Vec::new() };
        let mut spans: Vec<Span> = self
            .rule
            .days(self.window.since, self.first_day(from), last)
            .into_iter()
            .filter_map(|day| self.on(day))
            .filter(|span| span.end > from && span.start < to)
            .collect();
        // Two days may open at one moment where the clocks left out a whole day.
        spans.sort_by_key(|span| span.start);
        spans.dedup_by_key(|span| span.start);
        spans
    }

    /// All occurrences that end after a moment, without end where the rule has none.
    fn after(&self, at: Moment) -> impl Iterator<Item = Span> {
        let mut from = Some(self.first_day(at));
        let days = std::iter::from_fn(move || {
            let day = self.rule.first(self.window.since, from?);
            from = day.and_then(|day| day.succ_opt());
            day
        });
        // The first days may lie just before: a start that a gap moved can end earlier than expected, never later.
        days.map_while(|day| self.on(day)).filter(move |span| span.end > at)
    }

    /// The first day whose occurrence may still be open at a moment; a day more, because clocks move.
    fn first_day(&self, at: Moment) -> Day {
        let back = u64::try_from(self.duration.num_days()).unwrap_or(0).saturating_add(2);
        day_of(at, self.window.zone).checked_sub_days(Days::new(back)).unwrap_or(Day::MIN)
    }
}

/// The occurrences of every window of a fleet over one stretch of time: computed once, shared by all installations.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    spans: BTreeMap<WindowName, Occurrences>,
}

#[derive(Clone, Debug)]
struct Occurrences {
    zone: Tz,
    spans: Arc<[Span]>,
}

impl Windows {
    /// The windows of a fleet from one moment to another, and a few occurrences beyond.
    #[must_use]
    pub fn of(fleet: &Fleet, from: Moment, to: Moment) -> Self {
        Self::from_list(fleet.windows.values().map(AsRef::as_ref), from, to)
    }

    /// The same for a list of windows.
    #[must_use]
    pub fn from_list<'a>(windows: impl IntoIterator<Item = &'a Window>, from: Moment, to: Moment) -> Self {
        let spans = windows.into_iter().map(|window| {
            let mut spans = between(window, from, to);
            if let Some(opening) = Opening::of(window) {
                spans.extend(opening.after(to).filter(|span| span.start >= to).take(BEYOND));
            }
            (window.name.clone(), Occurrences { zone: window.zone, spans: spans.into() })
        });
        Self { spans: spans.collect() }
    }

    /// Everything known of one window, by start.
    #[must_use]
    pub fn all(&self, name: &WindowName) -> &[Span] {
        self.spans.get(name).map_or(&[], |window| &window.spans)
    }

    /// The zone of a window's wall clock.
    #[must_use]
    pub fn zone(&self, name: &WindowName) -> Option<Tz> {
        self.spans.get(name).map(|window| window.zone)
    }

    /// What is open at a moment among these windows; of several, what stays open longest.
    #[must_use]
    pub fn open_at(&self, names: &[WindowName], at: Moment) -> Option<&Span> {
        names
            .iter()
            .flat_map(|name| self.all(name))
            .filter(|span| span.start <= at && at < span.end)
            .max_by_key(|span| span.end)
    }

    /// What is open at a moment among these windows, or else what comes next.
    #[must_use]
    pub fn next(&self, names: &[WindowName], at: Moment) -> Option<&Span> {
        self.open_at(names, at).or_else(|| {
            names
                .iter()
                .filter_map(|name| self.all(name).iter().find(|span| span.start > at))
                .min_by_key(|span| (span.start, span.end))
        })
    }
}

/// A window by its parts, for tests of this room.
#[cfg(test)]
pub(crate) fn window(name: &str, rrule: &str, since: Option<&str>, start: &str, hours: u64, zone: Tz) -> Window {
    Window {
        name: name.into(),
        rrule: crate::text::clean::Clean::line(rrule),
        since: since.and_then(|day| day.parse().ok()),
        start: start.parse().unwrap_or_default(),
        duration: std::time::Duration::from_secs(hours * 3600),
        zone,
    }
}

#[cfg(test)]
mod tests;
