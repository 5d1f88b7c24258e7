//! A board: every row of every view at one time, whole and immutable. Renewed piece by piece, published as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::access::{Access, Sight};
use crate::domain::clock::{Moment, Tz};
use crate::domain::id::InstallationId;
use crate::rules::judge::{Judged, Verdict};
use crate::rules::standing::{Standing, standing};
use crate::views::column::Tone;
use crate::views::lens::Zones;
use crate::views::rows::{Part, Rows, View};
use crate::views::wave::{self, Wave};
use crate::views::{Pieces, ViewName, Views, Visit};

/// What stands above every view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The fleet's name.
    pub fleet: String,
    /// What the viewer may do: `operator` or `read-only`.
    pub access: String,
    /// The installations the viewer may see, where that is not all.
    pub visible: Option<Vec<InstallationId>>,
    /// The time of the verdicts.
    pub judged_at: Moment,
    /// The zones of fleet and installations.
    pub zones: Arc<Zones>,
    /// How many sources do how.
    pub sources: SourceCount,
    /// How many installations.
    pub installations: usize,
    /// How many environments.
    pub environments: usize,
}

impl Header {
    /// The fleet's zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zones.fleet
    }
}

/// How many sources do how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCount {
    /// Answered recently.
    pub ok: usize,
    /// Answered too long ago.
    pub stale: usize,
    /// The last try failed.
    pub failing: usize,
    /// Never asked.
    pub never: usize,
}

/// Everything there is to show. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Board {
    /// What stands above every view.
    pub header: Header,
    /// The rows of each view.
    pub views: Views,
    pressing: Vec<usize>,
    parts: Arc<Parts>,
    last_known: bool,
}

/// The rows of every installation.
type Parts = BTreeMap<InstallationId, Arc<Slice>>;

/// The rows of one installation, with the verdict they were made from. Kept as long as that stands.
#[derive(Clone, Debug)]
struct Slice {
    verdict: Arc<Verdict>,
    pieces: Pieces,
    /// Per view: how many of its rows are critical.
    pressing: Vec<usize>,
}

impl Board {
    /// A board of what was judged, for one viewer. The fleet was cut down to what they may see before it was judged.
    #[must_use]
    pub fn of(judged: &Judged<'_>, access: &Access) -> Self {
        Self::made(judged, access, &Parts::new())
    }

    /// The next board. Installations whose verdict is the same one as before keep their rows.
    #[must_use]
    pub fn renewed(&self, judged: &Judged<'_>, access: &Access) -> Self {
        Self::made(judged, access, &self.parts)
    }

    /// A board of rows that were made elsewhere: read from a socket, or by hand.
    #[must_use]
    pub fn with(header: Header, views: Views) -> Self {
        let pressing = pressing(&views);
        Self { header, views, pressing, parts: Arc::default(), last_known: false }
    }

    /// A board that was kept when the program ran last: of some views it has no rows, and counts what it had.
    #[must_use]
    pub(super) fn last_known(header: Header, views: Views, pressing: Vec<usize>) -> Self {
        Self { header, views, pressing, parts: Arc::default(), last_known: true }
    }

    /// Whether it tells what was known when the program ran last, and of [`KEPT`](crate::views::last::KEPT) views alone.
    #[must_use]
    pub fn is_last_known(&self) -> bool {
        self.last_known
    }

    /// The same, with the rows of these keys alone in one view: for writing them to a file.
    #[must_use]
    pub fn only(&self, view: ViewName, keys: &[String]) -> Self {
        Self::with(self.header.clone(), self.views.only(view, keys))
    }

    /// How many rows of a view are critical.
    #[must_use]
    pub fn critical(&self, view: ViewName) -> usize {
        let known = ViewName::ALL.iter().zip(&self.pressing).find(|(known, _)| **known == view);
        known.map_or(0, |(_, n)| *n)
    }

    /// How each version stands on its way through the fleet. Made when asked for: only one view shows it. A board read
    /// from elsewhere tells none.
    #[must_use]
    pub fn waves(&self) -> Vec<Wave> {
        wave::of(self.parts.values().map(|slice| &*slice.verdict))
    }

    fn made(judged: &Judged<'_>, access: &Access, before: &Parts) -> Self {
        let slice = |verdict: &Arc<Verdict>| {
            let pieces = Pieces::of(&Part::One(judged, verdict));
            let pressing = pressing(&Views::new(std::iter::once(&pieces)));
            Arc::new(Slice { verdict: Arc::clone(verdict), pieces, pressing })
        };
        let parts: Parts = judged
            .verdicts
            .iter()
            .map(|(id, verdict)| {
                let kept = before.get(id).filter(|old| Arc::ptr_eq(&old.verdict, verdict));
                (id.clone(), kept.map_or_else(|| slice(verdict), Arc::clone))
            })
            .collect();
        let whole = Pieces::of(&Part::Fleet(judged));
        let mut total = pressing(&Views::new(std::iter::once(&whole)));
        for part in parts.values() {
            total.iter_mut().zip(&part.pressing).for_each(|(sum, n)| *sum += n);
        }
        let views = Views::new(std::iter::once(&whole).chain(parts.values().map(|part| &part.pieces)));
        Self { header: header(judged, access), views, pressing: total, parts: Arc::new(parts), last_known: false }
    }
}

/// Per view: how many rows are critical.
fn pressing(views: &Views) -> Vec<usize> {
    ViewName::ALL.iter().map(|view| views.visit(*view, Pressing)).collect()
}

/// Counts the rows that are critical.
struct Pressing;

impl Visit for Pressing {
    type Out = usize;

    fn see<R: View>(self, rows: &Rows<R>) -> usize {
        rows.iter().filter(|row| row.tone() == Tone::Critical).count()
    }
}

fn header(judged: &Judged<'_>, access: &Access) -> Header {
    let fleet = judged.fleet;
    let mut sources = SourceCount::default();
    // The sources of one installation stand together: their feeds are looked up once.
    let mut feeds = (None, Some(judged.facts.fleet()));
    for card in fleet.sources.values() {
        let whose = card.id.installation();
        if whose != feeds.0 {
            feeds = (whose, whose.map_or(Some(judged.facts.fleet()), |id| judged.facts.of(id)));
        }
        let feed = feeds.1.and_then(|feeds| feeds.get(&card.id)).map(|feed| &**feed);
        *match standing(card, feed, judged.at) {
            Standing::Ok => &mut sources.ok,
            Standing::Stale => &mut sources.stale,
            Standing::Failing => &mut sources.failing,
            Standing::Never => &mut sources.never,
        } += 1;
    }
    let differing = fleet.installations.iter().filter(|(_, one)| one.zone != fleet.zone);
    Header {
        fleet: fleet.name.to_string(),
        access: access.word().to_owned(),
        visible: match access.sight() {
            Sight::Everything => None,
            Sight::Only(these) => Some(these.iter().cloned().collect()),
        },
        judged_at: judged.at,
        zones: Arc::new(Zones {
            fleet: fleet.zone,
            installations: differing.map(|(id, one)| (id.clone(), one.zone)).collect(),
        }),
        sources,
        installations: fleet.installations.len(),
        environments: fleet.environments().count(),
    }
}
