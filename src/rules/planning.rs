//! Planning: what fleet file, pages, calendars and an installation's own sources say, brought together into plans.

use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::domain::fleet::{Environment, Fleet};
use crate::domain::planned::{Freeze, Maintenance};
use crate::rules::calendar::Span;
use crate::rules::case::Case;
use crate::rules::hearing::{Basis, Told};
use crate::rules::knowledge::{Announced, Knowledge};
use crate::rules::plans::{Announcement, Concern, Plans, Where, Whom};
use crate::rules::windows::Windows;

/// The plans of one installation.
#[must_use]
pub fn plans(case: &Case<'_>) -> Plans {
    let (fleet, id) = (case.fleet, &case.installation.id);
    let own = |told: &Told<'_>| (told.source.to_string(), Basis::of(told));
    let told: Vec<_> = case
        .hearing
        .all()
        .filter(|told| matches!(told.what, What::Maintenance(_) | What::Freeze(_)))
        .map(|told| (told, own(told)))
        .collect();
    let mut maintenances = announced(fleet, &case.knowledge.maintenances);
    let mut freezes = announced(fleet, &case.knowledge.freezes);
    for (told, (origin, basis)) in &told {
        let concerns = Concern::Place(id, told.environment);
        match told.what {
            What::Maintenance(what) => {
                maintenances.push(Announcement { what, origin, own: true, public: false, concerns, basis })
            }
            What::Freeze(what) => {
                freezes.push(Announcement { what, origin, own: true, public: false, concerns, basis })
            }
            _ => {}
        }
    }
    Plans::of(fleet, Whom::One(case.installation), maintenances, freezes, case.at)
}

/// What is planned for the fleet as a whole.
#[must_use]
pub fn of_everybody(fleet: &Fleet, knowledge: &Knowledge, at: Moment) -> Plans {
    let maintenances: Vec<Announcement<'_, Maintenance>> = announced(fleet, &knowledge.maintenances);
    let freezes: Vec<Announcement<'_, Freeze>> = announced(fleet, &knowledge.freezes);
    Plans::of(fleet, Whom::Everybody, maintenances, freezes, at)
}

/// What pages and calendars announce. A calendar in the fleet file is ours; a page only where it says so.
fn announced<'a, T>(fleet: &Fleet, these: &'a [Announced<T>]) -> Vec<Announcement<'a, T>> {
    let pages: Vec<String> = fleet.pages.iter().map(|page| page.source.to_string()).collect();
    let is_page = |one: &Announced<T>| one.basis.source.as_ref().is_some_and(|source| pages.contains(source));
    let announcement = |one: &'a Announced<T>| Announcement {
        what: &one.what,
        origin: &one.origin,
        own: one.own || !is_page(one),
        public: is_page(one),
        concerns: one.affects.as_ref().map_or(Concern::Everybody, Concern::Only),
        basis: &one.basis,
    };
    these.iter().map(announcement).collect()
}

/// Per environment, in the installation's order: when a component of it could be upgraded, from now on.
#[must_use]
pub fn opportunities(case: &Case<'_>, plans: &Plans, windows: &Windows) -> Vec<Vec<Span>> {
    let of = |environment: &Environment| {
        let place = Where::new(&case.installation.id, &environment.name);
        plans.opportunities(place, windows, &environment.windows, case.at)
    };
    case.installation.environments.iter().map(of).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::access::Access;
    use crate::domain::fact::{Fact, Heard};
    use crate::domain::facts::{Facts, Poll};
    use crate::domain::fleet::{Calendar, SourceCard};
    use crate::domain::id::{Scope, SourceId};
    use crate::domain::page::StatusPage;
    use crate::domain::planned::Reach;
    use crate::rules::calendar::{EntryKind, Notice};
    use crate::rules::fixture::{at, card, clean, now, source};
    use crate::rules::judge::judge;
    use crate::rules::plans::tests::{at_acme, fleet, freeze, maintenance, on};

    fn poll(from: &SourceId, what: Vec<What>) -> Poll {
        let facts = what.into_iter().map(Fact::here).collect();
        let brought = Ok(Heard { facts, gaps: Vec::new() });
        Poll { from: from.clone(), at: now(), took: Duration::ZERO, certificate_ends: None, brought }
    }

    /// Our page, an upstream page and a calendar; the page of another is heard of but not in the fleet.
    fn heard(kind: &str, name: &str) -> SourceId {
        SourceId { scope: Scope::Fleet, kind: kind.into(), name: Some(name.into()) }
    }

    #[test]
    fn pages_calendars_and_own_sources_meet_the_fleet_file_in_one_verdict() {
        let (ours, theirs, ics) =
            (heard("statuspage", "ours"), heard("statuspage", "theirs"), heard("ics", "holidays"));
        let gitlab = source("gitlab");
        let mut fleet = fleet(
            vec![maintenance("Q4", "2026-12-01T19:00:00Z", "2026-12-01T22:00:00Z", at_acme())],
            vec![freeze("Year's end", "2026-12-18T23:00:00Z", "2027-01-05T23:00:00Z", Reach::Fleet)],
        );
        for (id, own) in [(&ours, true), (&theirs, false)] {
            let name = clean(id.name.as_deref().unwrap());
            fleet.pages.push(StatusPage { name, source: id.clone(), own, affects: None, parts: Vec::new() });
        }
        let cards = [&ours, &theirs, &ics, &gitlab].map(|id| SourceCard { id: id.clone(), ..card("gitlab") });
        fleet.sources = cards.into_iter().map(|card| (card.id.clone(), Arc::new(card))).collect::<BTreeMap<_, _>>();

        let told = |title, day| {
            let start = format!("{day}T19:00:00Z");
            let one = maintenance(title, &start, &format!("{day}T22:00:00Z"), Reach::Fleet);
            What::Maintenance(Box::new(Maintenance { announced: on("2026-11-10"), ..one }))
        };
        let frozen = |title, from, to| {
            What::Freeze(Box::new(freeze(
                title,
                &format!("{from}T15:00:00Z"),
                &format!("{to}T23:00:00Z"),
                Reach::Fleet,
            )))
        };
        let facts = Facts::new()
            .absorb(poll(&ours, vec![told("Platform upgrade", "2026-12-01")]))
            .absorb(poll(&theirs, vec![told("Their network", "2026-12-02")]))
            .absorb(poll(&ics, vec![frozen("Thanksgiving", "2026-11-26", "2026-11-26")]))
            .absorb(poll(&gitlab, vec![frozen("Release day", "2026-12-03", "2026-12-03")]));
        let judged = judge(&fleet, &facts, now());
        let verdict = &judged.verdicts["acme"];
        let of = |kind: EntryKind| {
            let entries = verdict.calendar.iter().filter(move |entry| entry.kind == kind);
            entries.map(|entry| (entry.title.as_str(), entry.notice, entry.whole_fleet)).collect::<Vec<_>>()
        };
        assert_eq!(
            of(EntryKind::Maintenance),
            [("Q4", Some(Notice::Ok), false), ("Their network", None, true)] // one of ours, told by the page
        );
        assert_eq!(
            of(EntryKind::Freeze),
            [("Thanksgiving", None, true), ("Release day", None, false), ("Year's end", None, true)]
        );
        let everybodys: Vec<_> = judged.calendar.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!(everybodys, ["Thanksgiving", "Platform upgrade", "Their network", "Year's end"]);
        // Both coming Thursdays are frozen: Q4 comes first, its staging rolls by itself and is touched by Q4 as well.
        let starts: Vec<_> =
            verdict.next_windows.iter().flatten().map(|span| (span.name.as_str(), span.start)).collect();
        assert_eq!(starts, [("Q4", at("2026-12-01T19:00:00Z")); 2]);
        let frozen = verdict.calendar.iter().filter(|entry| entry.kind == EntryKind::Window && entry.in_freeze);
        assert_eq!(frozen.count(), 4); // 26 November, 3, 24 and 31 December
    }

    #[test]
    fn a_viewer_sees_what_pages_and_calendars_plan_for_everybody_and_for_them_and_nothing_of_others() {
        let mut fleet = fleet(Vec::new(), Vec::new());
        let mut facts = Facts::new();
        for (kind, name, affects) in [
            ("ics", "everybodys", None),
            ("ics", "ours", Some(["acme"])),
            ("ics", "theirs", Some(["globex"])),
            ("rss", "page of everybody", None),
            ("rss", "page of theirs", Some(["globex"])),
        ] {
            let id = heard(kind, name);
            let affects = affects.map(|these| these.into_iter().map(Into::into).collect());
            let patient = Duration::from_secs(86_400);
            let one = SourceCard {
                id: id.clone(),
                url: clean("https://x.test/private-key.ics"),
                stale_after: patient,
                ..card(kind)
            };
            fleet.sources.insert(id.clone(), Arc::new(one));
            match kind {
                "ics" => fleet.calendars.push(Calendar { source: id.clone(), affects }),
                _ => fleet.pages.push(StatusPage {
                    name: clean(name),
                    source: id.clone(),
                    own: true,
                    affects,
                    parts: Vec::new(),
                }),
            }
            let work = maintenance(name, "2026-12-01T19:00:00Z", "2026-12-01T22:00:00Z", Reach::Fleet);
            let held = freeze(name, "2026-12-03T15:00:00Z", "2026-12-03T23:00:00Z", Reach::Fleet);
            facts = facts.absorb(poll(&id, vec![What::Maintenance(Box::new(work)), What::Freeze(Box::new(held))]));
        }
        let viewer = Access::reader().limited_to(["acme".into()].into());
        let seen = viewer.sees(&fleet);
        let calendars: Vec<_> = seen.sources.values().filter(|one| &*one.id.kind == "ics").collect();
        assert_eq!(calendars.len(), 2);
        assert!(calendars.iter().all(|one| one.url.is_empty() && one.stale_after == Duration::from_secs(86_400)));
        // An hour later: fresh by the calendar's own patience.
        let judged = judge(&seen, &facts, now() + chrono::TimeDelta::hours(1));
        let titles = |kind: EntryKind| {
            let entries = judged.verdicts["acme"].calendar.iter().filter(move |entry| entry.kind == kind);
            entries.map(|entry| (entry.title.as_str(), entry.basis.stale)).collect::<Vec<_>>()
        };
        let expected = ["everybodys", "ours", "page of everybody"].map(|title| (title, false));
        assert_eq!(titles(EntryKind::Maintenance), expected);
        assert_eq!(titles(EntryKind::Freeze), expected);
        let told = format!("{:?} {:?}", judged.calendar, judged.verdicts);
        assert!(!told.contains("theirs") && !told.contains("private-key"));
        // Who sees everything sees everything.
        let all = judge(&fleet, &facts, now());
        assert!(!format!("{:?}", all.calendar).contains("theirs"), "it is not everybody's");
    }
}
