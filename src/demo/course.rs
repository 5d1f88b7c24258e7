//! How versions came into one environment: what was offered, approved, started, and how it ended.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone, Utc};

use super::calendar::{Opening, is_frozen, is_month_end};
use super::cast::{Installation, Plan};
use super::dice::{Dice, share};
use super::scenario::Scenario;
use super::vendor::Release;
use super::world::World;
use super::writes::Writes;
use crate::domain::clock::Moment;

/// The moment from which courses are computed.
#[must_use]
pub fn beginning() -> Moment {
    Utc.with_ymd_and_hms(2025, 6, 2, 0, 0, 0).single().unwrap_or_default()
}

/// A workload that does not move for so long has exceeded its deadline.
pub const DEADLINE: TimeDelta = TimeDelta::seconds(600);

/// One version on its way into one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout<'w> {
    /// What ran before.
    pub from: &'w Release,
    /// What is rolled out.
    pub to: &'w Release,
    /// When its pipeline began.
    pub created: Moment,
    /// Who let it pass, and when, on plans with approvals.
    pub approval: Option<(Moment, String)>,
    /// When the workloads began to move.
    pub start: Moment,
    /// When it is done, or given up.
    pub end: Moment,
    /// How it goes.
    pub ending: Ending,
    /// Whether it went outside its window.
    pub outside: bool,
}

/// How a rollout goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// From start to end.
    Succeeds,
    /// It stands still in between and goes on in the end.
    Sticks {
        /// How far it got.
        share: f64,
        /// Since when it stands.
        since: Moment,
        /// Until when.
        until: Moment,
    },
    /// It stands still and is given up.
    Fails {
        /// How far it got.
        share: f64,
        /// Since when it stands.
        since: Moment,
    },
}

impl Rollout<'_> {
    /// How far it is, from 0 to 1.
    #[must_use]
    pub fn progress(&self, at: Moment) -> f64 {
        match self.ending {
            Ending::Succeeds => share(self.start, self.end, at),
            Ending::Sticks { share: reached, since, until } => {
                reached * share(self.start, since, at) + (1.0 - reached) * share(until, self.end, at)
            }
            Ending::Fails { share: reached, since } => reached * share(self.start, since, at),
        }
    }

    /// Since when it stands still, where it does.
    #[must_use]
    pub fn standing(&self, at: Moment) -> Option<Moment> {
        match self.ending {
            Ending::Succeeds => None,
            Ending::Sticks { since, until, .. } => (since <= at && at < until).then_some(since),
            Ending::Fails { since, .. } => (since <= at).then_some(since),
        }
    }

    /// Whether it came to its end well by then.
    #[must_use]
    pub fn succeeded(&self, at: Moment) -> bool {
        self.end <= at && !matches!(self.ending, Ending::Fails { .. })
    }

    /// Whether it was given up by then.
    #[must_use]
    pub fn failed(&self, at: Moment) -> bool {
        self.end <= at && matches!(self.ending, Ending::Fails { .. })
    }
}

/// A version offered to a customer for approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer<'w> {
    /// Which.
    pub release: &'w Release,
    /// When its pipeline reached the gate.
    pub created: Moment,
    /// When and by whom it was, or will be, approved; none where the customer passes over it.
    pub approval: Option<(Moment, String)>,
}

/// One environment's past until a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course<'w> {
    /// Every rollout begun by then, oldest first.
    pub rollouts: Vec<Rollout<'w>>,
    /// Every offer made by then, oldest first.
    pub offers: Vec<Offer<'w>>,
}

impl<'w> Course<'w> {
    /// What runs.
    #[must_use]
    pub fn running(&self, at: Moment) -> Option<&'w Release> {
        let done = self.rollouts.iter().rev().find(|rollout| rollout.succeeded(at)).map(|rollout| rollout.to);
        done.or_else(|| self.rollouts.first().map(|rollout| rollout.from))
    }

    /// The rollout that moves, stands or was given up last, where nothing came after it.
    #[must_use]
    pub fn current(&self, at: Moment) -> Option<&Rollout<'w>> {
        self.rollouts.last().filter(|rollout| !rollout.succeeded(at))
    }
}

/// The past of an environment until a moment.
#[must_use]
pub fn course<'w>(world: &'w World, writes: &Writes, one: &Installation, environment: &str, at: Moment) -> Course<'w> {
    let walk = Walk { world, writes, one, at };
    match (one.plan, environment) {
        (Plan::Paas, _) => Course::default(),
        (Plan::OnPrem, "staging") => walk.staging(),
        (Plan::OnPrem, _) => walk.production(),
        (Plan::Saas, _) => walk.saas(),
    }
}

struct Walk<'w, 'a> {
    world: &'w World,
    writes: &'a Writes,
    one: &'a Installation,
    at: Moment,
}

impl<'w> Walk<'w, '_> {
    fn dice(&self, word: &str, number: i64) -> Dice {
        Dice::of(self.world.setup.seed, &[word, &self.one.id], number)
    }

    fn first(&self) -> Option<&'w Release> {
        self.world.vendor.newest(beginning())
    }

    /// A weekly window, by itself: the newest release there is.
    fn saas(&self) -> Course<'w> {
        let mut course = Course::default();
        let Some(mut running) = self.first() else { return course };
        for opening in self.one.slot.openings(beginning(), self.at) {
            let Some(to) = self.world.vendor.newest(opening.start) else { continue };
            if is_frozen(opening.start) || to.triple <= running.triple {
                continue;
            }
            let start = opening.start + TimeDelta::minutes(self.dice("hurry", opening.number).within(1, 35));
            running = self.attempts(&mut course, (running, to), (start, opening), None);
        }
        self.emergency(&mut course, None);
        self.forced(&mut course);
        self.until_now(course)
    }

    /// By itself, at once: every release that arrives.
    fn staging(&self) -> Course<'w> {
        let mut course = Course::default();
        let Some(mut running) = self.first() else { return course };
        let mut free = beginning();
        for release in self.world.vendor.known(self.at).iter().filter(|release| release.at > beginning()) {
            if release.triple <= running.triple {
                continue;
            }
            let mut dice = self.dice("staging", release.at.timestamp());
            let delivered = self.delivered(release);
            let start = (delivered + TimeDelta::minutes(dice.within(4, 25))).max(free);
            let end = start + TimeDelta::minutes(dice.within(6, 18));
            let ending = if dice.chance(self.one.habit.clumsy / 3) {
                Ending::Fails { share: 0.3 + dice.unit() * 0.5, since: end - TimeDelta::minutes(3) }
            } else {
                Ending::Succeeds
            };
            free = end + TimeDelta::minutes(3);
            let rollout = Rollout {
                from: running,
                to: release,
                created: delivered,
                approval: None,
                start,
                end,
                ending,
                outside: false,
            };
            if ending == Ending::Succeeds {
                running = release;
            }
            course.rollouts.push(rollout);
        }
        self.until_now(course)
    }

    /// In a window, what the customer approved.
    fn production(&self) -> Course<'w> {
        let offers = self.offers();
        let mut course = Course::default();
        let Some(mut running) = self.first() else { return course };
        for opening in self.one.slot.openings(beginning(), self.at) {
            if is_frozen(opening.start) || (self.one.habit.month_end && is_month_end(opening.start)) {
                continue;
            }
            let start = opening.start + TimeDelta::minutes(self.dice("hurry", opening.number).within(3, 30));
            for (offer, when) in in_order(&offers, start, opening.end - TimeDelta::minutes(15)) {
                if offer.release.triple <= running.triple {
                    continue;
                }
                let free = course.rollouts.last().map_or(start, |last| last.end + TimeDelta::minutes(5));
                let begins = start.max(free).max(when + TimeDelta::minutes(2));
                if begins + TimeDelta::minutes(10) > opening.end {
                    continue;
                }
                running = self.attempts(&mut course, (running, offer.release), (begins, opening), Some(offer));
            }
        }
        course.offers = offers;
        self.emergency(&mut course, Some(()));
        self.forced(&mut course);
        self.until_now(course)
    }

    /// When the customer's store holds a release.
    fn delivered(&self, release: &Release) -> Moment {
        delivered(self.world.setup.seed, self.one, release)
    }

    /// What was put before the customer, and what the customer does with it.
    fn offers(&self) -> Vec<Offer<'w>> {
        let mut found = Vec::new();
        let staged = if self.one.staging { self.staging().rollouts } else { Vec::new() };
        let staged: BTreeMap<_, _> = staged.iter().map(|rollout| (rollout.to.triple, rollout)).collect();
        for release in self.world.vendor.known(self.at).iter().filter(|release| release.at > beginning()) {
            let created = if self.one.habit.extended {
                let line = self.world.vendor.long_line(release.at);
                if line.is_some_and(|line| line != release.line()) {
                    continue;
                }
                self.delivered(release) + TimeDelta::minutes(50)
            } else if self.one.staging {
                let tried = staged.get(&release.triple);
                let Some(tried) = tried.filter(|rollout| rollout.ending == Ending::Succeeds) else { continue };
                tried.end + TimeDelta::minutes(12)
            } else {
                self.delivered(release) + TimeDelta::minutes(10)
            };
            found.push(Offer { release, created, approval: self.approval(release, created) });
        }
        found.retain(|offer| offer.created <= self.at);
        found
    }

    fn approval(&self, release: &Release, created: Moment) -> Option<(Moment, String)> {
        let written = self.writes.approvals.get(&(self.one.id.clone(), release.version.clone()));
        let mut dice = self.dice("approval", release.at.timestamp());
        let (quick, slow) = self.one.habit.approval;
        let hours = if release.security { dice.within(1, 10) } else { dice.within(quick, slow) };
        let own = (release.security || !dice.chance(self.one.habit.skips)).then(|| {
            let who = dice.pick(&PEOPLE).copied().unwrap_or("ada.lind");
            (created + TimeDelta::minutes(hours * 60 + dice.within(0, 59)), format!("{who}@{}.example", self.one.id))
        });
        match (written, own) {
            (Some(written), Some(own)) => Some(if written.0 < own.0 { written.clone() } else { own }),
            (Some(written), None) => Some(written.clone()),
            (None, own) => own,
        }
    }

    /// Tries to roll out in an opening, and once more where it fails and there is time. What runs afterwards is returned.
    fn attempts(
        &self,
        course: &mut Course<'w>,
        (from, to): (&'w Release, &'w Release),
        (start, opening): (Moment, Opening),
        offer: Option<&Offer<'w>>,
    ) -> &'w Release {
        let mut start = start;
        for attempt in 0..2 {
            let mut dice = self.dice("rollout", start.timestamp());
            let calm = TimeDelta::minutes(dice.within(12, 42));
            let wrong = dice.chance(if attempt == 0 { self.one.habit.clumsy } else { 200 });
            let (end, ending) = if wrong {
                let since = start + calm / 2;
                let share = 0.25 + dice.unit() * 0.5;
                if dice.chance(550) {
                    let until = since + TimeDelta::minutes(dice.within(18, 70));
                    (until + calm / 2, Ending::Sticks { share, since, until })
                } else {
                    (since + TimeDelta::minutes(dice.within(14, 30)), Ending::Fails { share, since })
                }
            } else {
                (start + calm, Ending::Succeeds)
            };
            let (created, approval) = match offer {
                Some(offer) => (offer.created, offer.approval.clone()),
                None => (start - TimeDelta::minutes(4), None),
            };
            course.rollouts.push(Rollout { from, to, created, approval, start, end, ending, outside: false });
            if !matches!(ending, Ending::Fails { .. }) {
                return to;
            }
            start = end + TimeDelta::minutes(dice.within(25, 60));
            if start + TimeDelta::minutes(20) > opening.end {
                break;
            }
        }
        from
    }

    /// A patch of a hole does not wait for a window.
    fn emergency(&self, course: &mut Course<'w>, approvals: Option<()>) {
        let known = self.world.vendor.known(self.at);
        let Some(patch) = known.iter().find(|release| release.security) else { return };
        let mut dice = self.dice("emergency", 0);
        let (created, approval, start) = match approvals {
            None => {
                let start = patch.at + TimeDelta::minutes(dice.within(25, 300));
                (start - TimeDelta::minutes(4), None, start)
            }
            Some(()) => {
                let Some(offer) = course.offers.iter().find(|offer| offer.release == patch) else { return };
                let Some((when, who)) = offer.approval.clone() else { return };
                (offer.created, Some((when, who)), when + TimeDelta::minutes(dice.within(10, 60)))
            }
        };
        course.rollouts.retain(|rollout| rollout.to.triple < patch.triple || rollout.end < start);
        let Some(from) = course.running(start).filter(|from| from.triple < patch.triple) else { return };
        let end = start + TimeDelta::minutes(dice.within(12, 30));
        let place = course.rollouts.partition_point(|rollout| rollout.start < start);
        let rollout =
            Rollout { from, to: patch, created, approval, start, end, ending: Ending::Succeeds, outside: true };
        course.rollouts.insert(place, rollout);
    }

    /// What the scenario makes happen here.
    fn forced(&self, course: &mut Course<'w>) {
        let anchor = self.world.setup.anchor;
        if self.world.setup.scenario != Scenario::FridayNight || self.one.id != "umbrella" {
            return;
        }
        let start = anchor - TimeDelta::minutes(28);
        course.rollouts.retain(|rollout| rollout.end < start);
        let (Some(from), Some(to)) = (course.running(start), self.world.vendor.newest(start)) else { return };
        let since = anchor - TimeDelta::minutes(18);
        let until = anchor + TimeDelta::minutes(95);
        course.rollouts.push(Rollout {
            from,
            to,
            created: start - TimeDelta::minutes(30),
            approval: Some((start - TimeDelta::minutes(6), "root@umbrella.example".to_owned())),
            start,
            end: until + TimeDelta::minutes(9),
            ending: Ending::Sticks { share: 0.42, since, until },
            outside: true,
        });
    }

    fn until_now(&self, mut course: Course<'w>) -> Course<'w> {
        course.rollouts.retain(|rollout| rollout.start <= self.at);
        course
    }
}

/// When a customer's store holds a release.
#[must_use]
pub fn delivered(seed: u64, one: &Installation, release: &Release) -> Moment {
    let mut dice = Dice::of(seed, &["delivery", &one.id], release.at.timestamp());
    // One delivery in thirty hangs for a day and a half.
    let minutes = if dice.chance(33) { dice.within(900, 2300) } else { dice.within(8, 95) };
    release.at + TimeDelta::minutes(minutes)
}

/// What may go in an opening: the newest approved before it starts, then what is approved while it is open, as it comes.
fn in_order<'o, 'w>(offers: &'o [Offer<'w>], start: Moment, end: Moment) -> Vec<(&'o Offer<'w>, Moment)> {
    let approved = || offers.iter().filter_map(|offer| Some((offer, offer.approval.as_ref()?.0)));
    let before = approved().filter(|(_, when)| *when <= start);
    let first = before.max_by_key(|(offer, _)| offer.release.triple);
    let mut late: Vec<_> = approved().filter(|(_, when)| *when > start && *when <= end).collect();
    late.sort_by_key(|(_, when)| *when);
    first.into_iter().chain(late).collect()
}

/// Who approves.
const PEOPLE: [&str; 10] =
    ["ada.lind", "m.okafor", "j.duval", "s.brandt", "p.conti", "l.meier", "k.tanaka", "r.silva", "e.novak", "t.hagen"];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
