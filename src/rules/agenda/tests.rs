//! An agenda, line by line.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::domain::planned::{Freeze, Maintenance};
use crate::rules::cadence::cadence;
use crate::rules::fixture::{acme, at, now};
use crate::rules::plans::tests::{at_acme, fleet, freeze, maintenance, on};
use crate::rules::plans::{Plans, Whom};

fn entries(installation: &Installation, maintenances: Vec<Maintenance>, freezes: Vec<Freeze>) -> Vec<Entry> {
    let fleet = fleet(maintenances, freezes);
    let plans = Plans::of(&fleet, Whom::One(installation), [], [], now());
    let (from, to) = (at("2026-11-20T00:00:00Z"), at("2026-12-12T00:00:00Z"));
    let windows = Windows::of(&fleet, from, to);
    let cadence = cadence(&installation.terms, &plans, fleet.zone, now());
    let agenda = Agenda {
        fleet: &fleet,
        installation,
        plans: &plans,
        windows: &windows,
        cadence: cadence.as_ref(),
        components: &[],
        from,
        to,
    };
    agenda.entries()
}

fn line(entry: &Entry) -> String {
    let environment = entry.environment.as_ref().map_or("-", |name| name.as_str());
    let notice = entry.notice.map_or("", |notice| notice.word());
    let (frozen, whole) = (if entry.in_freeze { "frozen" } else { "" }, if entry.whole_fleet { "fleet" } else { "" });
    let start = entry.start.format("%m-%dT%H:%M");
    let parts = [entry.kind.word(), environment, &entry.title, &start.to_string(), notice, frozen, whole];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[test]
fn everything_dated_stands_in_order_with_what_follows_from_it() {
    let late = Maintenance {
        announced: on("2026-11-20"),
        ..maintenance("Late", "2026-11-30T19:00:00Z", "2026-11-30T20:00:00Z", at_acme())
    };
    let staging = only_staging();
    let found = entries(
        &acme(),
        vec![
            late,
            maintenance("Untold", "2026-12-10T19:00:00Z", "2026-12-10T20:00:00Z", staging),
            maintenance("All", "2026-12-05T19:00:00Z", "2026-12-05T20:00:00Z", Reach::Fleet),
            maintenance("Others'", "2026-12-05T19:00:00Z", "", Reach::Only(BTreeSet::from([("globex".into(), None)]))),
            maintenance("Long ago", "2026-10-05T19:00:00Z", "2026-10-05T20:00:00Z", at_acme()),
        ],
        vec![freeze("Rest", "2026-12-02T23:00:00Z", "2026-12-06T23:00:00Z", Reach::Fleet)],
    );
    let found: Vec<String> = found.iter().map(line).collect();
    assert_eq!(
        found,
        [
            "announce-by - All 11-20T23:00 fleet",
            "announce-by staging Untold 11-25T23:00",
            "window production on-prem/thursday 11-26T16:00",
            "maintenance - Late 11-30T19:00 violation",
            "freeze - Rest 12-02T23:00 fleet",
            "window production on-prem/thursday 12-03T16:00 frozen",
            "maintenance - All 12-05T19:00 not-announced frozen fleet",
            "window production on-prem/thursday 12-10T16:00",
            "maintenance staging Untold 12-10T19:00 not-announced",
        ]
    );
}

fn only_staging() -> Reach {
    Reach::Only(BTreeSet::from([("acme".into(), Some("staging".into()))]))
}

#[test]
fn an_overdue_rhythm_has_its_last_day_in_the_calendar() {
    let mut installation = acme();
    installation.terms.cadence = Some(3);
    let last = || vec![maintenance("Q3", "2026-09-08T18:00:00Z", "2026-09-08T20:00:00Z", at_acme())];
    let found = entries(&installation, last(), Vec::new());
    let days: Vec<&Entry> = found.iter().filter(|entry| entry.kind == EntryKind::AnnounceBy).collect();
    let [day] = days.as_slice() else { panic!("{days:?}") };
    assert_eq!((day.title.as_str(), day.announce_by), ("next regular maintenance", "2026-11-24".parse().ok()));
}

#[test]
fn what_reaches_everybody_owes_the_longest_notice_of_all() {
    let work = maintenance("All", "2026-12-05T19:00:00Z", "2026-12-05T20:00:00Z", Reach::Fleet);
    let mut fleet = fleet(vec![work, maintenance("Ours", "2026-12-06T19:00:00Z", "", at_acme())], Vec::new());
    let mut strict = acme();
    (strict.id, strict.terms.notice) = ("globex".into(), 21);
    fleet.installations.insert("globex".into(), std::sync::Arc::new(strict));
    let plans = Plans::of(&fleet, Whom::Everybody, [], [], now());
    let found = of_everybody(&plans, fleet.zone, at("2026-11-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let found: Vec<_> = found.iter().map(|entry| (line(entry), entry.notice_required)).collect();
    assert_eq!(
        found,
        [
            ("announce-by - All 11-13T23:00 fleet".to_owned(), Some(21)),
            ("maintenance - All 12-05T19:00 not-announced fleet".to_owned(), Some(21)),
        ]
    );
}
