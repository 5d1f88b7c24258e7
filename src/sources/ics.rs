//! Calendars of others, from a file or an address: their events as freezes or as maintenances.

mod event;
mod lines;
mod zones;

use std::sync::Arc;

use chrono::TimeDelta;

use self::event::{Calendar, Occurrence};
use crate::domain::clock::{Dated, Moment, Tz};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::planned::{Freeze, Maintenance, MaintenanceKind, Reach, Stream};
use crate::fleetfile::section::{Section, need};
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::text::clean::Clean;

/// A calendar.
pub static KIND: Kind = Kind {
    name: "ics",
    about: "freezes or maintenances out of an .ics file or address",
    example: r#"{ kind = "ics", url = "https://calendar.example.test/holidays.ics", as = "freeze" }"#,
    stands: Stands::Calendar,
    build,
};

/// How far back events are told: a quarter, for the rhythm of maintenances.
const BACK: TimeDelta = TimeDelta::days(100);

/// How far ahead: a year and a quarter.
const AHEAD: TimeDelta = TimeDelta::days(460);

/// What is told of one calendar.
const MOST: usize = 5_000;

struct Ics {
    means: Means,
    /// Whether customers read it: what stands in it is announced.
    own: bool,
    zone: Tz,
    kept: Kept<Arc<Calendar>>,
}

/// What the events of a calendar are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Freeze,
    Maintenance,
    /// Each what its category says.
    Categories,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let words = [("freeze", Means::Freeze), ("maintenance", Means::Maintenance), ("categories", Means::Categories)];
    let means = section.choice(need(("as", "what its events are; `categories` goes by each event's own")), &words);
    let own = section.flag(("own", "whether customers read it: what is in it since its day of creation is announced"));
    let zone = section.zone(("zone", "the zone of times that name none; the fleet's unless said"));
    let source =
        Ics { means: means?, own: own.unwrap_or(false), zone: zone.unwrap_or(setting.zone), kept: Kept::default() };
    Some(Built::new(source))
}

impl Source for Ics {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let read = |body: &[u8]| Ok(Arc::new(Calendar::of(&lines::read(body)?, self.zone)));
            let calendar = self.kept.ask(door, Ask::get(""), read).await?;
            Ok(self.tell(&calendar, now))
        })
    }
}

impl Ics {
    fn tell(&self, calendar: &Calendar, now: Moment) -> Heard {
        let mut found = calendar.between(now - BACK, now + AHEAD, self.zone);
        let mut gaps = calendar.gaps.clone();
        if found.len() > MOST {
            gaps.push(Gap {
                place: Clean::line("events"),
                why: Clean::line(&format!("more than {MOST} within a year: the rest is left out")),
                kind: GapKind::Partial,
            });
            found.truncate(MOST);
        }
        Heard { facts: found.into_iter().filter_map(|one| self.fact(one)).collect(), gaps }
    }

    fn fact(&self, one: Occurrence) -> Option<Fact> {
        let has = |word: &str| one.said.categories.iter().any(|category| category == word);
        let is_freeze = match self.means {
            Means::Freeze => true,
            Means::Maintenance => false,
            Means::Categories if has("freeze") => true,
            Means::Categories if has("maintenance") => false,
            Means::Categories => return None,
        };
        let title = Clean::line(&one.said.title);
        // Whom a calendar is for is said in the fleet file; the rules narrow it.
        let reach = Reach::Fleet;
        if is_freeze {
            // A mark without a length freezes nothing.
            let (start, end) = (one.start, one.end);
            return (end > start).then(|| Fact::here(What::Freeze(Box::new(Freeze { title, start, end, reach }))));
        }
        let kind = if has("emergency") { MaintenanceKind::Emergency } else { MaintenanceKind::Regular };
        let stream = one.said.categories.iter().find_map(|word| Stream::of(word));
        let work = page::maintenance(&one.id, title.as_str(), one.start);
        Some(Fact::here(What::Maintenance(Box::new(Maintenance {
            stream,
            kind,
            end: (one.end > one.start).then_some(one.end),
            announced: one.said.created.filter(|_| self.own).map(Dated::At),
            url: one.said.url.as_deref().map(Clean::line),
            said: one.said.status.as_deref().map(Clean::line),
            ..work
        }))))
    }
}
