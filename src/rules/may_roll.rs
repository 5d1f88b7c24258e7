//! May it roll? Every rule that can say no is asked; one no is enough, and what nobody knows is no yes.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::time::Duration;

use chrono::{Days, TimeDelta};

use crate::domain::clock::{Moment, Tz, day_of, start_of};
use crate::domain::fleet::{Environment, Installation, RolloutMode};
use crate::domain::planned::MaintenanceKind;
use crate::domain::product::Product;
use crate::domain::version::{Standing, Version};
use crate::rules::calendar::Notice;
use crate::rules::hearing::Basis;
use crate::rules::plans::{Planned, Plans, Where};
use crate::rules::readiness::{Blocker, BlockerRule, Readiness, Who};
use crate::rules::turn::has_come;
use crate::rules::windows::{Windows, needs_window};
use crate::text::words;

/// Everything an answer may rest on.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Whose environment.
    pub installation: &'a Installation,
    /// The environment.
    pub environment: &'a Environment,
    /// The product that is to roll.
    pub product: &'a Product,
    /// To which version; none where no target is known.
    pub to: Option<&'a Version>,
    /// When it is asked.
    pub at: Moment,
    /// The zone in which days are counted: the fleet's.
    pub zone: Tz,
    /// When windows open.
    pub windows: &'a Windows,
    /// What is planned.
    pub plans: &'a Plans,
    /// What sources say about this version here.
    pub report: Report,
    /// The oldest fact all that rests on.
    pub basis: Basis,
}

/// What sources say about one version on its way into one environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Whether the gate is open.
    pub gate: Said,
    /// Whether every artifact is in the customer's store.
    pub delivered: Said,
    /// Whether staging runs it, and well.
    pub staging: Said,
    /// Since when staging has run it healthily.
    pub healthy_since: Option<Moment>,
    /// Critical alerts that fire here.
    pub alerts: Vec<Objection>,
    /// Incidents upstream that touch it.
    pub incidents: Vec<Objection>,
    /// What is missing, or too old to rest on.
    pub stale: Vec<Objection>,
}

/// What was said to one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Said {
    /// The plan does not ask.
    #[default]
    NotAsked,
    /// Yes.
    Yes,
    /// No, and why.
    No(Objection),
    /// Nobody can say.
    Unknown(Objection),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// What exactly.
    pub detail: String,
    /// Until when, where that is known.
    pub until: Option<Moment>,
    /// Who can lift it.
    pub who: Who,
    /// Who said so.
    pub source: Option<String>,
}

impl Objection {
    fn of(self, rule: BlockerRule) -> Blocker {
        Blocker { rule, detail: self.detail, until: self.until, who: self.who, source: self.source }
    }
}

/// The answer.
#[must_use]
pub fn may_roll(case: &Case<'_>) -> Readiness {
    let lasting = case.lasting();
    let passing = case.passing(case.at);
    let earliest = case.earliest(&lasting, &passing);
    let mut blockers: Vec<Blocker> = passing.into_iter().chain(lasting).collect();
    blockers.sort_by(|a, b| (a.rule, &a.detail, &a.source).cmp(&(b.rule, &b.detail, &b.source)));
    blockers.dedup();
    Readiness {
        environment: case.environment.name.clone(),
        product: case.product.id.clone(),
        to: case.to.cloned(),
        may: blockers.is_empty(),
        earliest,
        blockers,
        hints: case.hints(),
        basis: case.basis.clone(),
    }
}

impl Case<'_> {
    fn place(&self) -> Where<'_> {
        Where::new(&self.installation.id, &self.environment.name)
    }

    /// What stands against it whatever the time, or until somebody acts.
    fn lasting(&self) -> Vec<Blocker> {
        let report = &self.report;
        let mut blockers = Vec::new();
        let asked = [
            (BlockerRule::Gate, &report.gate),
            (BlockerRule::NotDelivered, &report.delivered),
            (BlockerRule::Staging, &report.staging),
        ];
        for (rule, said) in asked {
            match said {
                Said::NotAsked | Said::Yes => {}
                Said::No(objection) => blockers.push(objection.clone().of(rule)),
                Said::Unknown(objection) => blockers.push(objection.clone().of(BlockerRule::StaleFacts)),
            }
        }
        let lists = [
            (BlockerRule::CriticalAlert, &report.alerts),
            (BlockerRule::UpstreamIncident, &report.incidents),
            (BlockerRule::StaleFacts, &report.stale),
        ];
        for (rule, objections) in lists {
            blockers.extend(objections.iter().cloned().map(|objection| objection.of(rule)));
        }
        match self.to {
            None => blockers.push(ours(BlockerRule::StaleFacts, "no version to roll to is known".to_owned())),
            Some(to) => blockers.extend(self.against_version(to)),
        }
        if self.basis.stale && report.stale.is_empty() {
            let age = self.basis.observed_at.map(|at| words::ago(self.at - at));
            let detail = format!("last heard {}", age.unwrap_or_else(|| "too long ago".to_owned()));
            let source = self.basis.source.clone();
            blockers.push(Blocker { source, ..ours(BlockerRule::StaleFacts, detail) });
        }
        if self.soak().is_some() && report.staging == Said::Yes && report.healthy_since.is_none() {
            let detail = "nobody knows since when staging runs it".to_owned();
            blockers.push(ours(BlockerRule::StaleFacts, detail));
        }
        blockers
    }

    fn against_version(&self, to: &Version) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        let mut listed = self.installation.terms.blocked.iter().chain(&self.product.blocked);
        if listed.any(|one| one == to || one.precedence(to) == Some(Ordering::Equal)) {
            blockers.push(ours(BlockerRule::Blocked, format!("{to} is blocked")));
        }
        let side = self.product.supported.as_ref().map(|range| range.check(to));
        let wrong = match side {
            None | Some(Standing::Within) => None,
            Some(Standing::Unknown) => {
                Some((BlockerRule::StaleFacts, "nobody can say whether it is in the supported range"))
            }
            Some(Standing::Below) => Some((BlockerRule::UnsupportedRange, "is older than the supported range")),
            Some(Standing::Above) => Some((BlockerRule::UnsupportedRange, "is newer than the supported range")),
        };
        blockers.extend(wrong.map(|(rule, words)| ours(rule, format!("{to}: {words}"))));
        blockers
    }

    /// What stands against it at a moment and passes with time. An emergency lifts window, notice and soak.
    fn passing(&self, at: Moment) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        if let Some(one) = self.plans.freeze_at(self.place(), at) {
            blockers.push(Blocker {
                until: Some(one.freeze.end),
                source: one.basis.source.clone(),
                ..ours(BlockerRule::Freeze, format!("freeze {}", one.freeze.title))
            });
        }
        if self.plans.emergency_at(self.place(), at).is_none() {
            blockers.extend(self.outside_window(at));
            blockers.extend(self.without_notice(at));
            blockers.extend(self.unsoaked(at));
        }
        blockers
    }

    /// Whether this environment is touched in windows and dated work only.
    fn waits(&self) -> bool {
        match self.environment.rollout {
            RolloutMode::Automatic => false,
            RolloutMode::Window => true,
            RolloutMode::Approval => needs_window(self.environment) || self.installation.terms.cadence.is_some(),
        }
    }

    fn outside_window(&self, at: Moment) -> Option<Blocker> {
        let names = &self.environment.windows;
        let open =
            self.windows.open_at(names, at).is_some() || self.plans.regular_at(self.place(), at).next().is_some();
        if open || !self.waits() {
            return None;
        }
        let next = self.plans.opportunities(self.place(), self.windows, names, at);
        let next = next.into_iter().find(|span| span.start > at);
        let detail = next
            .as_ref()
            .map_or("no window is planned".to_owned(), |span| format!("outside window, next: {}", span.name));
        let who = if next.is_some() { Who::Time } else { Who::Us };
        let until = next.map(|span| span.start);
        Some(Blocker { until, who, ..ours(BlockerRule::OutsideWindow, detail) })
    }

    /// Where work is announced, and where nothing but announced work opens the door, somebody must have been told.
    fn without_notice(&self, at: Moment) -> Option<Blocker> {
        let terms = &self.installation.terms;
        let windows_suffice = terms.cadence.is_none() && self.windows.open_at(&self.environment.windows, at).is_some();
        if !self.waits() || windows_suffice {
            return None;
        }
        let under_way: Vec<&Planned> = self.plans.regular_at(self.place(), at).collect();
        if under_way.iter().any(|one| is_announced(one)) || (under_way.is_empty() && terms.cadence.is_none()) {
            return None;
        }
        // Announced today, it would be in time from that day on.
        let lawful = day_of(self.at, self.zone)
            .checked_add_days(Days::new(terms.notice.into()))
            .map(|day| start_of(day, self.zone));
        if under_way.is_empty() && lawful.is_some_and(|lawful| at >= lawful) {
            return None;
        }
        let announced = self.plans.regular(self.place()).filter(|one| is_announced(one)).map(|one| &one.maintenance);
        let next = announced.filter(|work| work.start > at).min_by_key(|work| work.start);
        let until = next.map(|work| work.start).into_iter().chain(lawful).filter(|start| *start > at).min();
        let detail = match under_way.first().map(|one| (one, one.given)) {
            Some((one, Some(given))) => match given.days {
                Some(days) => {
                    format!("{} was announced {days} of {} days ahead", one.maintenance.title, given.required)
                }
                None => format!("{} was not announced", one.maintenance.title),
            },
            Some((_, None)) | None => match next {
                Some(work) => {
                    format!("announced work begins {}: {}", words::until(work.start - at), work.title)
                }
                None => format!("no work is announced, owed {} days ahead", terms.notice),
            },
        };
        // What is announced in time needs nobody but the day to come.
        let who = if under_way.is_empty() && next.is_some() { Who::Time } else { Who::Us };
        let source = under_way.first().and_then(|one| one.basis.source.clone());
        Some(Blocker { until, who, source, ..ours(BlockerRule::Notice, detail) })
    }

    fn soak(&self) -> Option<Duration> {
        self.installation.terms.soak.filter(|_| self.report.staging != Said::NotAsked)
    }

    fn unsoaked(&self, at: Moment) -> Option<Blocker> {
        let since = self.report.healthy_since.filter(|_| self.report.staging == Said::Yes)?;
        let soak = TimeDelta::from_std(self.soak()?).ok()?;
        let until = since.checked_add_signed(soak)?;
        let served = words::span((at - since).max(TimeDelta::zero()));
        let detail = format!("staging has run it for {served} of {}", words::fixed(soak));
        (!has_come(until, at)).then(|| Blocker {
            until: Some(until),
            who: Who::Time,
            ..ours(BlockerRule::Soak, detail)
        })
    }

    /// The first moment from now on at which nothing stands against it, if everything with a known end has ended.
    ///
    /// What passes with time begins and ends only at these moments, so no earlier one can be lawful.
    fn earliest(&self, lasting: &[Blocker], passing: &[Blocker]) -> Option<Moment> {
        let mut floor = self.at;
        for blocker in lasting {
            floor = floor.max(blocker.until?);
        }
        if floor == self.at && passing.is_empty() {
            return Some(self.at);
        }
        let windows = self.environment.windows.iter().flat_map(|name| self.windows.all(name)).map(|span| span.start);
        let lawful = day_of(self.at, self.zone).checked_add_days(Days::new(self.installation.terms.notice.into()));
        let mut moments: Vec<Moment> = windows
            .chain(self.plans.edges())
            .chain(passing.iter().filter_map(|blocker| blocker.until))
            .chain(lawful.map(|day| start_of(day, self.zone)))
            .chain([floor])
            .filter(|moment| *moment >= floor)
            .collect();
        moments.sort_unstable();
        moments.dedup();
        moments.into_iter().find(|moment| self.passing(*moment).is_empty())
    }

    fn hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        if let Some(one) = self.plans.emergency_at(self.place(), self.at) {
            hints.push(format!("emergency {} lifts window, notice and soak", one.maintenance.title));
        }
        if let (Said::Yes, Some(since)) = (&self.report.staging, self.report.healthy_since) {
            let age = words::span((self.at - since).max(TimeDelta::zero()));
            hints.push(format!("staging has run it for {age}"));
        }
        hints
    }
}

fn is_announced(one: &Planned) -> bool {
    one.maintenance.kind == MaintenanceKind::Regular && one.given.is_some_and(|given| given.notice == Some(Notice::Ok))
}

/// A blocker that we can lift, without an end that is known.
fn ours(rule: BlockerRule, detail: String) -> Blocker {
    Blocker { rule, detail, until: None, who: Who::Us, source: None }
}
