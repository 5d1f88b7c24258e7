//! Lifecycle: what a version's end means at a given time, for the product's clock and for the contract's.

use chrono::Days;

use crate::domain::clock::{Day, Moment, Tz, day_of, end_of};
use crate::domain::cycles::{Cycle, Ending};
use crate::domain::product::Lifecycle;
use crate::domain::scheme::Scheme;
pub use crate::domain::state::LifeState;
use crate::domain::version::{Standing, Version};
use crate::rules::calendar::Span;
use crate::rules::releases::Overtaken;
use crate::rules::subject::Subject;
use crate::rules::timetable::Timetable;

/// How long a component may still run.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// `rolling`, `dated` or `latest-stable`.
    pub lifecycle: &'static str,
    /// Where it stands.
    pub state: LifeState,
    /// Its release line or cycle.
    pub line: Option<String>,
    /// When it became, or becomes, end-of-life by the product's clock: the last day that counts for dated products,
    /// the day of the event for rolling ones.
    pub eol_at: Option<Day>,
    /// Whether the data says "no date published".
    pub no_date: bool,
    /// The last day by the contract's clock.
    pub deadline: Option<Day>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// The last day of extended support.
    pub extended_until: Option<Day>,
    /// The next window or dated maintenance in which it could be upgraded.
    pub next_window: Option<Span>,
    /// Whether its deadline or end falls before that window ends, or there is none. None where nobody can say.
    pub exposed: Option<bool>,
    /// The newest stable line that outlives the window after the next.
    pub suggest: Option<String>,
    /// Upgrades between running and target, for products that go one minor at a time.
    pub hops: Option<u32>,
    /// Whether the windows before the deadline suffice for those.
    pub hops_fit: Option<bool>,
    /// Why the state is what it is, where that needs saying.
    pub reason: Option<String>,
    /// The day of the lifecycle data used, where it was used.
    pub data_taken: Option<Day>,
    /// The first moment at which the state will be another, as far as it is known: for sorting and forecasts.
    pub changes_at: Option<Moment>,
}

/// How long one version may still run. What windows make of that is added by `exposure`.
#[must_use]
pub fn life(subject: &Subject<'_>) -> Life {
    let product = &subject.lore.product;
    let mut life = Life::unknown(product.lifecycle.word());
    life.line = subject.line();
    life.extended_until = subject.supported_line().map(|support| support.until);
    let Some(running) = subject.running else {
        life.reason = Some("no version told".to_owned());
        return life;
    };
    match &product.lifecycle {
        Lifecycle::Dated { .. } => dated(&mut life, subject, running),
        Lifecycle::Rolling => {
            let overtaken = || subject.lore.releases.overtaken(running);
            rolling(&mut life, subject, running, &overtaken);
        }
        Lifecycle::LatestStable => {
            let overtaken = || subject.lore.releases.overtaken_in_chart(running);
            rolling(&mut life, subject, running, &overtaken);
        }
    }
    within_range(&mut life, subject, running);
    let end = life.deadline.or(life.eol_at);
    life.days_left = end.map(|end| (end - subject.today()).num_days());
    life
}

impl Life {
    /// Nothing known yet.
    #[must_use]
    pub fn unknown(lifecycle: &'static str) -> Self {
        Self {
            lifecycle,
            state: LifeState::Unknown,
            line: None,
            eol_at: None,
            no_date: false,
            deadline: None,
            days_left: None,
            extended_until: None,
            next_window: None,
            exposed: None,
            suggest: None,
            hops: None,
            hops_fit: None,
            reason: None,
            data_taken: None,
            changes_at: None,
        }
    }

    /// What follows once the product's clock has run out: the contract's clock.
    fn past_end(&mut self, window_ends: Option<Day>, today: Day, zone: Tz) {
        self.deadline = window_ends.max(self.extended_until);
        self.state = if self.extended_until.is_some_and(|until| today <= until) {
            LifeState::Extended
        } else if self.deadline.is_some_and(|deadline| today <= deadline) {
            LifeState::Due
        } else {
            LifeState::Expired
        };
        self.changes_at = match self.state {
            LifeState::Extended => self.extended_until,
            LifeState::Due => self.deadline,
            _ => None,
        }
        .map(|day| end_of(day, zone));
    }

    fn because(&mut self, reason: impl Into<String>) {
        self.reason = Some(reason.into());
    }
}

/// Rolling and latest-stable: the end comes with the first higher version, the contract's end an upgrade window later.
fn rolling(life: &mut Life, subject: &Subject<'_>, running: &Version, overtaken: &dyn Fn() -> Overtaken) {
    let releases = &subject.lore.releases;
    let scheme = subject.lore.product.scheme;
    let Some(newest) = releases.newest(scheme) else {
        life.because(if releases.is_known() { "the list of releases is empty" } else { "no list of releases" });
        return;
    };
    if !running.is_ordered() {
        if scheme == Scheme::Opaque && running == newest {
            life.state = LifeState::Supported;
        } else {
            life.because(unreadable(running));
        }
        return;
    }
    let first = match overtaken() {
        Overtaken::Never => {
            life.state = LifeState::Supported;
            return;
        }
        Overtaken::Sometime if life.extended_until.is_some_and(|until| subject.today() <= until) => {
            life.past_end(None, subject.today(), subject.zone);
            life.because("a higher version is published, nobody tells since when");
            return;
        }
        Overtaken::Sometime => {
            life.because("a higher version is published, nobody tells since when");
            return;
        }
        Overtaken::At(first) => first,
    };
    let own = releases.published(running);
    // Born end-of-life: a patch of an old line, published after a newer line was out, begins and ends on one day.
    let end = day_of(own.map_or(first, |own| own.max(first)), subject.zone);
    life.eol_at = Some(end);
    let window_ends = end.checked_add_days(Days::new(subject.upgrade_window.into()));
    life.past_end(window_ends, subject.today(), subject.zone);
    if !releases.reaches(running) {
        life.because("older than the whole list of releases: it ended on this day at the latest");
    }
}

/// Dated: the end stands in the lifecycle data.
fn dated(life: &mut Life, subject: &Subject<'_>, running: &Version) {
    let Some(cycles) = &subject.lore.cycles else {
        life.because("uncovered");
        return;
    };
    life.data_taken = cycles.taken();
    match cycles.cycle_of(running) {
        // Data that names cycles but knows none of their ends covers nothing.
        _ if cycles.set().cycles.iter().all(|cycle| cycle.eol.is_none()) => life.because("uncovered"),
        Some(cycle) => by_cycle(life, subject, cycle),
        None if !running.is_ordered() => life.because(unreadable(running)),
        None => life.because(absent(cycles, running)),
    }
}

fn by_cycle(life: &mut Life, subject: &Subject<'_>, cycle: &Cycle) {
    let (today, zone) = (subject.today(), subject.zone);
    let active_over = match cycle.active_until {
        Some(Ending::On(day)) => day < today,
        Some(Ending::Over) => true,
        Some(Ending::Open) | None => false,
    };
    let alive = if active_over { LifeState::SecurityOnly } else { LifeState::Supported };
    let active_ends = match cycle.active_until {
        Some(Ending::On(day)) if !active_over => Some(end_of(day, zone)),
        _ => None,
    };
    match cycle.eol {
        Some(Ending::On(day)) => {
            life.eol_at = Some(day);
            if day < today {
                life.past_end(None, today, zone);
            } else {
                life.state = alive;
                // The agreement's clock runs on where it goes beyond the product's.
                life.deadline = life.extended_until.filter(|until| *until > day);
                life.changes_at = Some(active_ends.unwrap_or(Moment::MAX_UTC).min(end_of(day, zone)));
            }
        }
        Some(Ending::Open) => {
            life.no_date = true;
            life.state = alive;
            life.changes_at = active_ends;
        }
        Some(Ending::Over) => {
            life.past_end(None, today, zone);
            life.because("ended, nobody tells since when");
        }
        None => life.because("the lifecycle data tells no end for this cycle"),
    }
    if life.state == LifeState::Expired
        && let Some(Ending::On(until)) = cycle.extended_until
        && today <= until
        && life.reason.is_none()
    {
        life.because(format!("past its end; an extended phase runs until {until}"));
    }
}

/// Too new is as wrong as too old.
fn within_range(life: &mut Life, subject: &Subject<'_>, running: &Version) {
    let Some(range) = &subject.lore.product.supported else { return };
    let (state, side) = match range.check(running) {
        Standing::Within => return,
        Standing::Below => (LifeState::Expired, "below"),
        Standing::Above => (LifeState::Ahead, "above"),
        Standing::Unknown => {
            life.state = LifeState::Unknown;
            life.because(format!("nobody can say whether it is in the supported range {}", range.text()));
            return;
        }
    };
    life.state = state;
    life.changes_at = None;
    life.because(format!("{side} the supported range {}", range.text()));
}

/// Why the data has no cycle for a version.
fn absent(cycles: &Timetable, running: &Version) -> String {
    let newest = cycles.lines().map(|(_, line)| line).max();
    let line = running.line().map_or_else(|| running.text().to_owned(), |line| line.to_string());
    match (newest.is_some_and(|newest| newest < running), cycles.taken()) {
        (true, Some(taken)) => format!("newer than data of {taken}"),
        (true, None) => "newer than the cycles in the fleet file".to_owned(),
        (false, _) => format!("the lifecycle data has no cycle for {line}"),
    }
}

fn unreadable(version: &Version) -> String {
    format!("`{}` has no order as a version of this product", version.text())
}

#[cfg(test)]
mod tests;
