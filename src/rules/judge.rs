//! Runs every rule. What views are computed from.
//!
//! A new rule adds one field to [`Verdict`] and one line to `verdict`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Days, TimeDelta};

use crate::domain::clock::{Moment, day_of, end_of, start_of};
use crate::domain::fact::Level;
use crate::domain::facts::{self, Facts, Feeds};
use crate::domain::fleet::{Fleet, Installation};
use crate::domain::id::InstallationId;
use crate::rules::agenda::{self, Agenda};
use crate::rules::alert::course::AlertCourse;
use crate::rules::alert::{AlertCount, AlertInContext, SilenceInContext};
use crate::rules::answers::{self, answers};
use crate::rules::assurance::Signal;
use crate::rules::attention::Item;
use crate::rules::cadence::cadence;
use crate::rules::calendar::{Cadence, Entry, Span};
use crate::rules::case::Case;
use crate::rules::component::{Component, components};
use crate::rules::hearing::{FromHubs, Hearing};
use crate::rules::knowledge::Knowledge;
use crate::rules::planning;
use crate::rules::plans::Plans;
use crate::rules::readiness::Readiness;
use crate::rules::rollout::Rollout;
use crate::rules::watch::{self, Ground, Memory};
use crate::rules::windows::Windows;
use crate::text::lasting::{Lasts, listen};

/// A fleet judged at a time.
pub struct Judged<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// What was heard.
    pub facts: &'a Facts,
    /// The time it is judged at.
    pub at: Moment,
    /// Per installation, everything concluded about it.
    pub verdicts: BTreeMap<InstallationId, Arc<Verdict>>,
    /// What needs somebody in the fleet as a whole.
    pub attention: Vec<Item>,
    /// Dated things of the fleet as a whole, by time. They stand in every installation's calendar too, and marked so.
    pub calendar: Vec<Entry>,
}

/// Everything concluded about one installation. A new rule adds one field, and one line in the judge.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The installation.
    pub installation: Arc<Installation>,
    /// How it feels as a whole.
    pub health: Level,
    /// Why, where it is not ok.
    pub why: String,
    /// Each environment's health, in the installation's order.
    pub environment_health: Vec<Level>,
    /// Its components, by environment and product.
    pub components: Vec<Component>,
    /// Its dated things, by time, from one day back to the horizon.
    pub calendar: Vec<Entry>,
    /// The rhythm of its maintenances, where its plan has one.
    pub cadence: Option<Cadence>,
    /// Per environment, in the installation's order: the window that is open or comes next.
    pub next_windows: Vec<Option<Span>>,
    /// Its rollouts.
    pub rollouts: Vec<Rollout>,
    /// Whether each environment's product may roll to its target.
    pub readiness: Vec<Readiness>,
    /// Its alerts.
    pub alerts: Vec<AlertInContext>,
    /// How many of them.
    pub alert_count: AlertCount,
    /// How many there were before, as far as they were judged then.
    pub alert_course: AlertCourse,
    /// Its silences.
    pub silences: Vec<SilenceInContext>,
    /// Its signals.
    pub assurance: Vec<Signal>,
    /// What needs somebody.
    pub attention: Vec<Item>,
    /// The first moment at which this may be another without any new fact.
    pub holds_until: Moment,
    /// The first moment at which an age in it has other words.
    pub reads_until: Moment,
}

/// No verdict is kept longer than this: what a rule forgot to announce shows within five minutes.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// By how much an age that is told in a verdict may be off: those that count in minutes are never told anew all the time.
const OFF_BY: TimeDelta = TimeDelta::seconds(60);

/// How many days of the calendar are told unless somebody asks for others: one back, and a quarter ahead.
const CALENDAR_DAYS: (u64, u64) = (1, 93);

/// How many days ahead windows are known, for what comes after the next one.
const WINDOW_DAYS: u64 = 400;

/// Judges a fleet at a time, from nothing.
#[must_use]
pub fn judge<'a>(fleet: &'a Fleet, facts: &'a Facts, at: Moment) -> Judged<'a> {
    Judge::default().judge(fleet, facts, at)
}

/// Judges again and again, and keeps every verdict that still holds.
///
/// An installation is judged again when something was heard about it, when its last verdict may no longer hold, or when
/// what is known beyond it changed. The verdicts are the same as those of [`judge`], save for how recently a page or
/// calendar that still says the same was heard.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    knowledge: Option<Arc<Knowledge>>,
    span: Option<(Moment, Moment)>,
    windows: Option<((Moment, Moment), Arc<Windows>)>,
    of: Option<Fleet>,
    heard: Option<Arc<Feeds>>,
    hubs: BTreeMap<InstallationId, FromHubs>,
    kept: BTreeMap<InstallationId, Kept>,
    courses: BTreeMap<InstallationId, AlertCourse>,
    patience: TimeDelta,
    exact: bool,
    /// Until when what was said of the fleet as a whole means the same, and until when it reads the same.
    whole: Option<(Moment, Moment)>,
}

/// A verdict with what it rests on.
#[derive(Clone, Debug)]
struct Kept {
    verdict: Arc<Verdict>,
    feeds: Option<Arc<Feeds>>,
    since: Moment,
    memory: Memory,
}

impl Judge {
    /// One that tells the calendar from one moment to another, whenever it judges.
    #[must_use]
    pub fn spanning(from: Moment, to: Moment) -> Self {
        Self { span: Some((from, to)), ..Self::default() }
    }

    /// Takes over the courses of alerts that were told before there was this judge. Each is used once.
    pub fn remember(&mut self, courses: BTreeMap<InstallationId, AlertCourse>) {
        self.courses = courses;
    }

    /// For about how long a verdict stands when all that was heard since is the same again: between half of it and one and
    /// a half, differently for each installation, so that a fleet is never judged as a whole because time passed. It
    /// tells then of an older hearing of the same words; none unless said.
    pub fn be_patient(&mut self, patience: TimeDelta) {
        self.patience = patience;
    }

    /// Lets every age in a verdict be told to the second, at whatever cost: for comparing.
    pub fn be_exact(&mut self) {
        self.exact = true;
    }

    /// Judges a fleet at a time.
    #[must_use]
    pub fn judge<'a>(&mut self, fleet: &'a Fleet, facts: &'a Facts, at: Moment) -> Judged<'a> {
        if !self.of.as_ref().is_some_and(|of| is_same(of, fleet)) {
            // What it remembers of an installation outlives the fleet file; what it concluded does not.
            let mut kept = std::mem::take(&mut self.kept);
            kept.retain(|id, _| fleet.installations.contains_key(id));
            let courses = std::mem::take(&mut self.courses);
            let Self { span, patience, exact, .. } = *self;
            *self = Self { of: Some(fleet.clone()), span, patience, exact, kept, courses, ..Self::default() };
        }
        let fleet_heard = facts.fleet();
        let news = !self.heard.as_ref().is_some_and(|heard| Arc::ptr_eq(heard, fleet_heard));
        let mut hubs = None;
        let (knowledge, stands) = match self.knowledge.take() {
            Some(old) if !news && old.holds(at) => (old, true),
            old => {
                let fresh = Arc::new(Knowledge::renewed(old.as_deref(), fleet, facts, at));
                let stands = old.is_some_and(|old| old.says_the_same(&fresh));
                (fresh, stands)
            }
        };
        if news {
            hubs = Some(std::mem::replace(&mut self.hubs, FromHubs::sorted(facts)));
            self.heard = Some(Arc::clone(fleet_heard));
        }
        let span = self.span.unwrap_or_else(|| days_around(fleet, at, CALENDAR_DAYS));
        let windows = self.windows_over(fleet, span, at);
        for (id, installation) in &fleet.installations {
            let feeds = facts.of(id);
            let from_hubs = self.hubs.get(id);
            let hubs_stand = hubs.as_ref().is_none_or(|old| match (old.get(id), from_hubs) {
                (Some(old), Some(new)) => old.is(new),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            });
            let old = self.kept.get(id);
            if stands && hubs_stand && old.is_some_and(|kept| kept.holds(feeds, at, patience(self.patience, id))) {
                continue;
            }
            let memory = match old {
                Some(kept) => kept.memory.clone().at(at),
                None => Memory::of(self.courses.remove(id).unwrap_or_default()),
            };
            let hearing = Hearing::of(fleet, installation, feeds.map(Arc::as_ref), from_hubs, at);
            let case = Case { fleet, knowledge: &knowledge, installation, feeds, hearing: &hearing, at };
            let ((mut verdict, memory), lasts) = listen(|| verdict(&case, &windows, span, &memory));
            let (holds, reads) = self.until(at, lasts);
            (verdict.holds_until, verdict.reads_until) = (verdict.holds_until.min(holds), reads);
            let fresh = Kept { verdict: Arc::new(verdict), feeds: feeds.cloned(), since: at, memory };
            self.kept.insert(id.clone(), fresh);
        }
        let everybodys = planning::of_everybody(fleet, &knowledge, at);
        let calendar = agenda::of_everybody(&everybodys, fleet.zone, span.0, span.1);
        let (attention, lasts) = listen(|| watch::of_fleet(fleet, facts, &knowledge, at));
        self.whole = Some(self.until(at, lasts));
        self.knowledge = Some(knowledge);
        let verdicts = self.kept.iter().map(|(id, kept)| (id.clone(), Arc::clone(&kept.verdict))).collect();
        Judged { fleet, facts, at, verdicts, attention, calendar }
    }

    /// When the windows open: computed anew once a day.
    fn windows_over(&mut self, fleet: &Fleet, span: (Moment, Moment), at: Moment) -> Arc<Windows> {
        let (from, to) = days_around(fleet, at, (CALENDAR_DAYS.0, WINDOW_DAYS));
        let over = (from.min(span.0), to.max(span.1));
        match &self.windows {
            Some((known, windows)) if *known == over => Arc::clone(windows),
            _ => {
                let windows = Arc::new(Windows::of(fleet, over.0, over.1));
                self.windows = Some((over, Arc::clone(&windows)));
                windows
            }
        }
    }

    /// Until when what was just said means the same, and until when it reads the same.
    fn until(&self, at: Moment, lasts: Lasts) -> (Moment, Moment) {
        let after = |length: Duration| {
            TimeDelta::from_std(length).ok().and_then(|length| at.checked_add_signed(length)).unwrap_or(Moment::MAX_UTC)
        };
        let words = if self.exact { lasts.words } else { lasts.words.max(OFF_BY.to_std().unwrap_or_default()) };
        (after(lasts.meaning).min(at + LONGEST), after(words))
    }

    /// The first moment at which something that was said may mean something else without any new fact.
    #[must_use]
    pub fn holds_until(&self) -> Option<Moment> {
        let knowledge = self.knowledge.as_ref().map(|knowledge| knowledge.holds_until());
        let whole = self.whole.map(|(holds, _)| holds);
        self.kept.values().map(|kept| kept.verdict.holds_until).chain(knowledge).chain(whole).min()
    }

    /// The first moment at which something that was said reads otherwise.
    #[must_use]
    pub fn reads_until(&self) -> Option<Moment> {
        let whole = self.whole.map(|(_, reads)| reads);
        self.kept.values().map(|kept| kept.verdict.reads_until).chain(whole).min()
    }
}

/// The share of a patience that one installation gets.
fn patience(patience: TimeDelta, id: &InstallationId) -> TimeDelta {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let half = patience / 2;
    half + half * i32::from(hasher.finish().to_le_bytes()[0]) / 128
}

impl Kept {
    fn holds(&self, feeds: Option<&Arc<Feeds>>, at: Moment, patience: TimeDelta) -> bool {
        let same_feeds = match (&self.feeds, feeds) {
            (Some(old), Some(new)) => {
                Arc::ptr_eq(old, new) || at - self.since < patience && facts::say_the_same(old, new)
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_feeds && self.since <= at && at < self.verdict.holds_until && at < self.verdict.reads_until
    }
}

/// Whether two fleets are one. Installations, catalog and data are shared by copies, and a file read anew shares nothing.
fn is_same(one: &Fleet, other: &Fleet) -> bool {
    Arc::ptr_eq(&one.catalog, &other.catalog)
        && Arc::ptr_eq(&one.cycles, &other.cycles)
        && one.zone == other.zone
        && one.installations.len() == other.installations.len()
        && one.installations.values().zip(other.installations.values()).all(|(one, two)| Arc::ptr_eq(one, two))
        && one.windows == other.windows
        && one.maintenances == other.maintenances
        && one.freezes == other.freezes
        && one.pages == other.pages
        && one.sources.len() == other.sources.len()
        && one.sources.values().zip(other.sources.values()).all(|(one, two)| Arc::ptr_eq(one, two) || one == two)
}

/// From the start of a day so many days ago to that of one so many days ahead.
fn days_around(fleet: &Fleet, at: Moment, (back, ahead): (u64, u64)) -> (Moment, Moment) {
    let today = day_of(at, fleet.zone);
    let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
    let last = today.checked_add_days(Days::new(ahead)).unwrap_or(today);
    (start_of(first, fleet.zone), start_of(last, fleet.zone))
}

/// Everything about one installation, rule by rule.
fn verdict(case: &Case<'_>, windows: &Windows, (from, to): (Moment, Moment), memory: &Memory) -> (Verdict, Memory) {
    let (fleet, installation) = (case.fleet, case.installation);
    let plans = planning::plans(case);
    let opportunities = planning::opportunities(case, &plans, windows);
    let components = components(case, &opportunities);
    let cadence = cadence(&installation.terms, &plans, fleet.zone, case.at);
    let agenda = Agenda {
        fleet,
        installation,
        plans: &plans,
        windows,
        cadence: cadence.as_ref(),
        components: &components,
        from,
        to,
    };
    let calendar = agenda.entries();
    // Whoever asks for another stretch of the calendar does not move what is under way now.
    let (start, end) = days_around(fleet, case.at, CALENDAR_DAYS);
    let near =
        if from <= start && to >= end { None } else { Some(Agenda { from: start, to: end, ..agenda }.entries()) };
    let next_windows: Vec<Option<Span>> = opportunities.iter().map(|spans| spans.first().cloned()).collect();
    let watch = watch::watch(&Ground {
        case,
        windows,
        calendar: near.as_deref().unwrap_or(&calendar),
        cadence: cadence.as_ref(),
        next_windows: &next_windows,
        components: &components,
        memory,
    });
    let readiness = answers(&answers::Ground {
        case,
        plans: &plans,
        windows,
        components: &components,
        ways: &watch.ways,
        alerts: &watch.alerts,
        health: &watch.environment_health,
    });
    let mut verdict = Verdict {
        installation: Arc::clone(installation),
        health: watch.health,
        why: watch.why,
        environment_health: watch.environment_health,
        calendar,
        components,
        cadence,
        next_windows,
        rollouts: watch.rollouts,
        readiness,
        alerts: watch.alerts,
        alert_count: watch.alert_count,
        alert_course: watch.alert_course,
        silences: watch.silences,
        assurance: watch.assurance,
        attention: watch.attention,
        holds_until: holds_until(case, &opportunities, &plans, windows),
        reads_until: Moment::MAX_UTC,
    };
    verdict.trim();
    (verdict, watch.memory)
}

impl Verdict {
    /// Gives back the room its lists grew into: it is kept until something else is said.
    fn trim(&mut self) {
        self.components.shrink_to_fit();
        self.calendar.shrink_to_fit();
        self.rollouts.shrink_to_fit();
        self.readiness.shrink_to_fit();
        self.alerts.shrink_to_fit();
        self.silences.shrink_to_fit();
        self.assurance.shrink_to_fit();
        self.attention.shrink_to_fit();
    }
}

/// The first moment at which time alone may change a verdict, beside what the rules note as they ask: an answer turns
/// stale, a window, a maintenance or a freeze begins or ends, a day ends.
fn holds_until(case: &Case<'_>, opportunities: &[Vec<Span>], plans: &Plans, windows: &Windows) -> Moment {
    let names = case.installation.environments.iter().flat_map(|environment| &environment.windows);
    let spans = names.flat_map(|name| windows.all(name)).chain(opportunities.iter().flatten());
    let edges = spans.flat_map(|span| [span.start, span.end]).chain(plans.edges());
    let days = [case.fleet.zone, case.installation.zone].map(|zone| end_of(day_of(case.at, zone), zone));
    let all = edges.chain(days).chain(case.hearing.turns_stale_at()).filter(|moment| *moment > case.at);
    all.min().unwrap_or(Moment::MAX_UTC)
}

#[cfg(test)]
mod tests;
