//! Notice: how many days ahead a maintenance was announced, and how many were owed.

use chrono::Days;

use crate::domain::clock::{Day, Moment, Tz, day_of};
use crate::domain::planned::{Maintenance, MaintenanceKind};
use crate::rules::calendar::Notice;

/// The notice of one maintenance. Days are counted on the fleet's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The day customers were told, or will be.
    pub announced_on: Option<Day>,
    /// Days from then to its start; negative where they were told afterwards.
    pub days: Option<i64>,
    /// Days owed by plan or agreement.
    pub required: u32,
    /// What follows; none where customers were told and nobody says when.
    pub notice: Option<Notice>,
    /// The last day on which an announcement would be in time, for a regular one nobody was told of yet.
    pub announce_by: Option<Day>,
}

/// The notice of a maintenance to those who are owed so many days, at a time.
#[must_use]
pub fn given(maintenance: &Maintenance, required: u32, zone: Tz, at: Moment) -> Given {
    let starts_on = day_of(maintenance.start, zone);
    let announced_on = maintenance.announced.map(|announced| announced.day(zone));
    let days = announced_on.map(|day| (starts_on - day).num_days());
    let notice = match (maintenance.kind, days) {
        (MaintenanceKind::Emergency, _) => Notice::Exempt,
        (MaintenanceKind::Regular, Some(days)) if days >= i64::from(required) => Notice::Ok,
        (MaintenanceKind::Regular, Some(_)) => Notice::Violation,
        // Once it has begun, nobody can be told ahead any more.
        (MaintenanceKind::Regular, None) if maintenance.start <= at => Notice::Violation,
        (MaintenanceKind::Regular, None) => Notice::NotAnnounced,
    };
    let announce_by = (notice == Notice::NotAnnounced).then(|| last_day(starts_on, required)).flatten();
    Given { announced_on, days, required, notice: Some(notice), announce_by }
}

/// The notice of a maintenance that stands where customers read it. Where the place does not say since when, they were
/// told all the same: that is neither enough nor too little, but unknown.
#[must_use]
pub fn given_in_public(maintenance: &Maintenance, required: u32, zone: Tz, at: Moment) -> Given {
    let given = given(maintenance, required, zone, at);
    let is_known = maintenance.announced.is_some() || maintenance.kind == MaintenanceKind::Emergency;
    if is_known { given } else { Given { notice: None, announce_by: None, ..given } }
}

/// The last day on which an announcement of something that starts on a day is in time.
#[must_use]
pub fn last_day(starts_on: Day, required: u32) -> Option<Day> {
    starts_on.checked_sub_days(Days::new(required.into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::clock::Dated;
    use crate::domain::planned::Reach;
    use crate::text::clean::Clean;

    #[test]
    fn notice_is_counted_in_calendar_days_of_the_fleet() {
        use MaintenanceKind::{Emergency, Regular};
        use Notice::{Exempt, NotAnnounced, Ok, Violation};
        // It starts on 2 February at 20:00 in Berlin.
        for (kind, announced, required, days, notice, by) in [
            (Regular, Some("2027-01-15"), 14, Some(18), Ok, None),
            (Regular, Some("2027-01-19"), 14, Some(14), Ok, None),
            (Regular, Some("2027-01-20"), 14, Some(13), Violation, None),
            (Regular, Some("2027-01-19T22:59:59Z"), 14, Some(14), Ok, None), // 23:59 in Berlin
            (Regular, Some("2027-01-19T23:00:00Z"), 14, Some(13), Violation, None),
            (Regular, Some("2027-01-15"), 21, Some(18), Violation, None),
            (Regular, Some("2027-02-02"), 0, Some(0), Ok, None),
            (Regular, Some("2027-02-03"), 0, Some(-1), Violation, None),
            (Regular, None, 14, None, NotAnnounced, Some("2027-01-19")),
            (Emergency, None, 14, None, Exempt, None),
            (Emergency, Some("2027-02-01"), 14, Some(1), Exempt, None),
        ] {
            let announced = announced.map(|text| match text.parse() {
                Result::Ok(day) => Dated::On(day),
                Err(_) => Dated::At(text.parse().unwrap()),
            });
            let maintenance = Maintenance {
                id: Clean::line("m"),
                title: Clean::line("upgrade"),
                stream: None,
                kind,
                start: "2027-02-02T19:00:00Z".parse().unwrap(),
                end: None,
                announced,
                reach: Reach::Fleet,
                url: None,
                said: None,
                components: Vec::new(),
            };
            let found = |at: &str| given(&maintenance, required, Tz::Europe__Berlin, at.parse().unwrap());
            let before = found("2026-11-21T00:00:00Z");
            assert_eq!((before.days, before.notice), (days, Some(notice)), "{announced:?} of {required}");
            let public =
                given_in_public(&maintenance, required, Tz::Europe__Berlin, "2027-02-03T00:00:00Z".parse().unwrap());
            let known = (announced.is_some() || kind == Emergency).then_some(notice);
            assert_eq!((public.days, public.notice, public.announce_by), (days, known, None));
            assert_eq!(before.announce_by, by.map(|day| day.parse().unwrap()));
            if notice == NotAnnounced {
                assert_eq!(found("2027-02-02T19:00:00Z").notice, Some(Violation));
            }
        }
    }
}
