//! What is told by a clock that goes wrong: its times are set right before anybody judges by them.

use std::sync::Arc;

use chrono::TimeDelta;

use super::clock::Moment;
use super::fact::{Fact, Gap, GapKind, Heard, What};
use crate::text::clean::Clean;
use crate::text::words;

/// From when on a clock counts as wrong. Below lie the way of an answer and what was rounded.
const NOTICED: TimeDelta = TimeDelta::minutes(2);

impl Heard {
    /// Sets right what is told by a clock that is so much `ahead` of ours, or behind where that is negative, and says so.
    ///
    /// Moved is what happened there, by the clock there: when an alert began, a workload moved, a job ended. What people
    /// agreed upon stays as it was told: maintenances, freezes, publications, the ends of certificates and silences.
    #[must_use]
    pub fn set_right(mut self, ahead: TimeDelta) -> Self {
        if ahead.abs() < NOTICED {
            return self;
        }
        // To the minute: what was rounded on the way must not make old news look new.
        let half = TimeDelta::seconds(if ahead > TimeDelta::zero() { 30 } else { -30 });
        let minutes = ahead.checked_add(&half).unwrap_or(ahead).num_minutes();
        let ahead = TimeDelta::try_minutes(minutes).unwrap_or(ahead);
        for Fact { what, .. } in &mut self.facts {
            what.moments(&mut |at| *at = at.checked_sub_signed(ahead).unwrap_or(*at));
        }
        let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
        let why = format!("it is {} {side} ours: times of what happened there are set right", words::span(ahead));
        self.gaps.push(Gap { place: Clean::line("its clock"), why: Clean::line(&why), kind: GapKind::Odd });
        self
    }
}

impl What {
    /// Every moment at which something happened by the clock of the one who tells.
    fn moments(&mut self, each: &mut dyn FnMut(&mut Moment)) {
        let mut all =
            |moments: &mut [&mut Option<Moment>]| moments.iter_mut().flat_map(|at| at.as_mut()).for_each(&mut *each);
        match self {
            Self::Alert(one) => all(&mut [&mut Arc::make_mut(one).since]),
            Self::Workload(one) => all(&mut [&mut one.progressed]),
            Self::Gate(one) => all(&mut [&mut one.since]),
            Self::Pipeline(one) => all(&mut [&mut one.started, &mut one.finished]),
            Self::Deployment(one) => all(&mut [&mut one.at, &mut one.finished]),
            Self::Backup(one) => all(&mut [&mut one.succeeded, &mut one.started, &mut one.due]),
            Self::Findings(one) => all(&mut [&mut one.scanned]),
            Self::Ticket(one) => all(&mut [&mut one.opened, &mut one.updated]),
            Self::Tunnel(one) => all(&mut [&mut one.since]),
            Self::Incident(one) => all(&mut [&mut one.started, &mut one.ended, &mut one.updated]),
            Self::PageComponent(one) => all(&mut [&mut one.updated]),
            Self::Sighting(_)
            | Self::Health(_)
            | Self::Silence(_)
            | Self::Node(_)
            | Self::Release(_)
            | Self::Cycles(_)
            | Self::Artifact(_)
            | Self::Freeze(_)
            | Self::Maintenance(_)
            | Self::Mark(_)
            | Self::Certificate(_)
            | Self::Objective(_)
            // A commit bears the clock of whoever made it.
            | Self::Config(_) => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::delivery::{Deployment, PipelineState};
    use crate::domain::planned::{Freeze, Reach};

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn heard() -> Heard {
        let deployment = Deployment {
            product: None,
            version: None,
            state: PipelineState::Running,
            at: Some(at("2026-11-21T10:00:00Z")),
            finished: None,
            by: None,
            url: None,
        };
        let (start, end) = (at("2026-12-24T00:00:00Z"), at("2026-12-27T00:00:00Z"));
        let freeze = Freeze { title: Clean::line("Quiet"), start, end, reach: Reach::Fleet };
        let facts = [What::Deployment(Box::new(deployment)), What::Freeze(Box::new(freeze))].map(Fact::here).to_vec();
        Heard { facts, gaps: Vec::new() }
    }

    #[test]
    fn what_happened_moves_and_what_was_agreed_upon_stays() {
        for (ahead, began, said) in [
            (TimeDelta::minutes(34), "2026-11-21T09:26:00Z", Some("34 min ahead of")),
            (TimeDelta::minutes(-34), "2026-11-21T10:34:00Z", Some("34 min behind")),
            (TimeDelta::seconds(119), "2026-11-21T10:00:00Z", None),
            (TimeDelta::MAX, "2026-11-21T10:00:00Z", Some("ahead of")),
        ] {
            let right = heard().set_right(ahead);
            let What::Deployment(one) = &right.facts[0].what else { unreachable!() };
            assert_eq!(one.at, Some(at(began)), "{ahead}");
            assert_eq!((one.finished, &right.facts[1]), (None, &heard().facts[1]));
            assert_eq!(right.gaps.len(), usize::from(said.is_some()));
            assert!(right.gaps.iter().all(|gap| gap.why.as_str().contains(said.unwrap_or_default())), "{right:?}");
        }
    }
}
