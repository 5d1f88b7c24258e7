//! Cadence: whether the rhythm of regular maintenances is kept.

use chrono::Months;

use crate::domain::clock::{Moment, Tz, day_of};
use crate::domain::fleet::Terms;
use crate::domain::planned::MaintenanceKind;
use crate::rules::calendar::Cadence;
use crate::rules::notice::last_day;
use crate::rules::plans::Plans;

/// The rhythm of an installation's regular maintenances, where its plan has one.
#[must_use]
pub fn cadence(terms: &Terms, plans: &Plans, zone: Tz, at: Moment) -> Option<Cadence> {
    let months = terms.cadence?;
    let ours = plans.maintenances.iter().filter(|one| one.given.is_some());
    let regular = ours.filter(|one| one.maintenance.kind == MaintenanceKind::Regular);
    let starts: Vec<Moment> = regular.map(|one| one.maintenance.start).collect();
    let last = starts.iter().copied().filter(|start| *start <= at).max();
    let next = starts.iter().copied().filter(|start| *start > at).min();
    let due_by = last.and_then(|last| day_of(last, zone).checked_add_months(Months::new(months)));
    let overdue = match (next, due_by) {
        (None, _) => true,
        (Some(next), Some(due)) => day_of(next, zone) > due,
        // Nobody says when the last one was: the rhythm begins with the next.
        (Some(_), None) => false,
    };
    let announce_by = due_by.and_then(|due| last_day(due, terms.notice));
    Some(Cadence { overdue, last, next, due_by, announce_by })
}
