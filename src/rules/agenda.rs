//! The agenda: everything dated of one installation, and of the fleet as a whole, as calendar entries.

use std::collections::BTreeSet;

use crate::domain::clock::{Day, Moment, Tz, end_of, start_of};
use crate::domain::fleet::{Environment, Fleet, Installation};
use crate::domain::id::EnvironmentName;
use crate::domain::planned::{MaintenanceKind, Reach, Stream};
use crate::rules::calendar::{Cadence, Entry, EntryKind};
use crate::rules::component::Component;
use crate::rules::hearing::Basis;
use crate::rules::plans::{FLEET_FILE, Frozen, Planned, Plans, Where};
use crate::rules::windows::Windows;

/// What an installation's agenda is made of.
#[derive(Clone, Copy, Debug)]
pub struct Agenda<'a> {
    /// The fleet, for its zone and its names.
    pub fleet: &'a Fleet,
    /// Whose agenda.
    pub installation: &'a Installation,
    /// What is planned for it.
    pub plans: &'a Plans,
    /// When windows open.
    pub windows: &'a Windows,
    /// The rhythm of its maintenances, where it has one.
    pub cadence: Option<&'a Cadence>,
    /// Its components, for their deadlines.
    pub components: &'a [Component],
    /// From when.
    pub from: Moment,
    /// Up to when.
    pub to: Moment,
}

impl Agenda<'_> {
    /// Its entries by time, those of the whole fleet among them, and marked so.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for environment in &self.installation.environments {
            self.add_windows(environment, &mut entries);
        }
        for one in &self.plans.maintenances {
            for environment in self.environments(&one.maintenance.reach) {
                let frozen = self.touches_freeze(environment.as_ref(), one);
                entries.extend(of_maintenance(one, environment, self.fleet.zone, frozen));
            }
        }
        for one in &self.plans.freezes {
            for environment in self.environments(&one.freeze.reach) {
                entries.push(of_freeze(one, environment, self.fleet.zone));
            }
        }
        entries.extend(self.last_day_of_cadence());
        entries.extend(self.components.iter().filter_map(|component| self.deadline(component)));
        entries.retain(|entry| touches(entry, self.from, self.to));
        sort(&mut entries);
        entries
    }

    fn add_windows(&self, environment: &Environment, entries: &mut Vec<Entry>) {
        let place = Where::new(&self.installation.id, &environment.name);
        for name in &environment.windows {
            let zone = self.windows.zone(name).unwrap_or(self.fleet.zone);
            let spans = self.windows.all(name).iter();
            for span in spans.filter(|span| span.end > self.from && span.start < self.to) {
                entries.push(Entry {
                    environment: Some(environment.name.clone()),
                    window: Some(name.clone()),
                    end: Some(span.end),
                    in_freeze: self.plans.thawed(place, span).is_empty(),
                    ..plain(EntryKind::Window, format!("{}/{name}", self.installation.plan), span.start, zone)
                });
            }
        }
    }

    /// The environments of this installation that a reach names; none stands for all of them.
    fn environments(&self, reach: &Reach) -> BTreeSet<Option<EnvironmentName>> {
        match reach {
            Reach::Fleet => BTreeSet::from([None]),
            Reach::Only(these) => {
                let named: BTreeSet<_> =
                    these.iter().filter(|(id, _)| *id == self.installation.id).map(|(_, name)| name.clone()).collect();
                if named.contains(&None) { BTreeSet::from([None]) } else { named }
            }
        }
    }

    fn touches_freeze(&self, environment: Option<&EnvironmentName>, one: &Planned) -> bool {
        let own = self.installation.environments.iter().map(|known| &known.name);
        own.filter(|name| environment.is_none_or(|wanted| *name == wanted)).any(|name| {
            let place = Where::new(&self.installation.id, name);
            self.plans.holding(place).any(|frozen| overlaps(one, frozen))
        })
    }

    /// For a rhythm that is not kept: the last day on which the next maintenance could be announced in time.
    fn last_day_of_cadence(&self) -> Option<Entry> {
        let cadence = self.cadence.filter(|cadence| cadence.overdue)?;
        let day = cadence.announce_by?;
        let stream = Some(Stream::Infrastructure);
        let title = "next regular maintenance".to_owned();
        Some(Entry { stream, ..announce_by(title, day, self.installation.terms.notice, self.fleet.zone) })
    }

    fn deadline(&self, component: &Component) -> Option<Entry> {
        let day = component.life.deadline.or(component.life.eol_at)?;
        let product = self.fleet.catalog.get(component.product.as_str());
        let title = product.map_or(component.product.as_str(), |product| product.title.as_str());
        let running = component.running.as_ref()?;
        Some(Entry {
            environment: Some(component.environment.clone()),
            stream: product.map(|product| product.stream),
            end: Some(end_of(day, self.fleet.zone)),
            origin: "lifecycle".to_owned(),
            basis: component.basis.clone(),
            ..plain(
                EntryKind::Deadline,
                format!("{title} {running}: last day"),
                start_of(day, self.fleet.zone),
                self.fleet.zone,
            )
        })
    }
}

/// What reaches the whole fleet, once: of plans for everybody.
#[must_use]
pub fn of_everybody(plans: &Plans, zone: Tz, from: Moment, to: Moment) -> Vec<Entry> {
    let mut entries: Vec<Entry> = plans.freezes.iter().map(|one| of_freeze(one, None, zone)).collect();
    for one in &plans.maintenances {
        entries.extend(of_maintenance(one, None, zone, plans.freezes.iter().any(|frozen| overlaps(one, frozen))));
    }
    entries.retain(|entry| touches(entry, from, to));
    sort(&mut entries);
    entries
}

/// A maintenance, and the last day to announce it where nobody was told yet.
fn of_maintenance(
    one: &Planned,
    environment: Option<EnvironmentName>,
    zone: Tz,
    in_freeze: bool,
) -> impl Iterator<Item = Entry> {
    let maintenance = &one.maintenance;
    let entry = Entry {
        environment: environment.clone(),
        stream: maintenance.stream,
        maintenance_kind: Some(maintenance.kind),
        end: maintenance.end,
        whole_fleet: maintenance.reach == Reach::Fleet,
        announced_on: one.given.and_then(|given| given.announced_on),
        notice_days: one.given.and_then(|given| given.days),
        notice_required: one.given.map(|given| given.required),
        notice: one.given.and_then(|given| given.notice),
        announce_by: one.given.and_then(|given| given.announce_by),
        in_freeze,
        origin: one.origin.clone(),
        basis: one.basis.clone(),
        ..plain(EntryKind::Maintenance, maintenance.title.as_str().to_owned(), maintenance.start, zone)
    };
    let last_day = one.given.and_then(|given| {
        let day = given.announce_by?;
        Some(Entry {
            environment,
            whole_fleet: maintenance.reach == Reach::Fleet,
            stream: maintenance.stream,
            origin: one.origin.clone(),
            basis: one.basis.clone(),
            ..announce_by(maintenance.title.as_str().to_owned(), day, given.required, zone)
        })
    });
    std::iter::once(entry).chain(last_day)
}

fn of_freeze(one: &Frozen, environment: Option<EnvironmentName>, zone: Tz) -> Entry {
    Entry {
        environment,
        whole_fleet: one.freeze.reach == Reach::Fleet,
        end: Some(one.freeze.end),
        origin: one.origin.clone(),
        basis: one.basis.clone(),
        ..plain(EntryKind::Freeze, one.freeze.title.as_str().to_owned(), one.freeze.start, zone)
    }
}

fn announce_by(title: String, day: Day, required: u32, zone: Tz) -> Entry {
    Entry {
        maintenance_kind: Some(MaintenanceKind::Regular),
        notice_required: Some(required),
        announce_by: Some(day),
        end: Some(end_of(day, zone)),
        ..plain(EntryKind::AnnounceBy, title, start_of(day, zone), zone)
    }
}

/// An entry of which nothing else is known yet.
fn plain(kind: EntryKind, title: String, start: Moment, zone: Tz) -> Entry {
    Entry {
        kind,
        environment: None,
        whole_fleet: false,
        title,
        window: None,
        stream: None,
        maintenance_kind: None,
        start,
        end: None,
        zone,
        announced_on: None,
        notice_days: None,
        notice_required: None,
        notice: None,
        announce_by: None,
        in_freeze: false,
        origin: FLEET_FILE.to_owned(),
        basis: Basis::default(),
    }
}

fn overlaps(one: &Planned, frozen: &Frozen) -> bool {
    let start = one.maintenance.start;
    // Without an end, the start alone is known.
    let reaches = one.maintenance.end.map_or(start >= frozen.freeze.start, |end| end > frozen.freeze.start);
    start < frozen.freeze.end && reaches
}

fn touches(entry: &Entry, from: Moment, to: Moment) -> bool {
    entry.start < to && entry.end.map_or(entry.start >= from, |end| end > from)
}

fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| {
        (a.start, a.kind, &a.environment, &a.title, &a.origin).cmp(&(
            b.start,
            b.kind,
            &b.environment,
            &b.title,
            &b.origin,
        ))
    });
}

#[cfg(test)]
mod tests;
