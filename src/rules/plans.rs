//! What is planned: maintenances with their notice, freezes, and when it may be touched at all.

use std::collections::BTreeSet;

use crate::domain::clock::Moment;
use crate::domain::fleet::{Fleet, Installation};
use crate::domain::id::{EnvironmentName, InstallationId, WindowName};
use crate::domain::planned::{Freeze, Maintenance, MaintenanceKind, Reach};
use crate::rules::calendar::Span;
use crate::rules::hearing::Basis;
use crate::rules::notice::{Given, given, given_in_public};
use crate::rules::windows::Windows;

/// Something that a source announced.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a, T> {
    /// What.
    pub what: &'a T,
    /// Where: the page's or the source's name.
    pub origin: &'a str,
    /// Whether it is our own word to customers. What others announce owes no notice of ours.
    pub own: bool,
    /// Whether those it concerns read it there.
    pub public: bool,
    /// Whom the place where it was announced concerns.
    pub concerns: Concern<'a>,
    /// Who said it, and when.
    pub basis: &'a Basis,
}

/// Whom an announcement concerns, beside the reach it names itself.
#[derive(Clone, Copy, Debug)]
pub enum Concern<'a> {
    /// Everybody who reads it.
    Everybody,
    /// These installations.
    Only(&'a BTreeSet<InstallationId>),
    /// One installation, as a whole or in one environment.
    Place(&'a InstallationId, Option<&'a EnvironmentName>),
}

impl Concern<'_> {
    /// What is left of a reach for one reader; none where it does not reach that reader at all.
    fn narrow(self, reach: &Reach, whom: Whom<'_>) -> Option<Reach> {
        let id = match whom {
            Whom::One(installation) => &installation.id,
            Whom::Everybody => {
                return (matches!(self, Self::Everybody) && *reach == Reach::Fleet).then_some(Reach::Fleet);
            }
        };
        let concerned = match self {
            Self::Everybody => true,
            Self::Only(these) => these.contains(id),
            Self::Place(one, _) => one == id,
        };
        if !concerned || !reach.includes(id) {
            return None;
        }
        Some(match (self, reach) {
            (Self::Everybody, reach) | (Self::Only(_) | Self::Place(..), reach @ Reach::Only(_)) => reach.clone(),
            (Self::Only(_) | Self::Place(_, None), Reach::Fleet) => only(id, None),
            (Self::Place(_, Some(environment)), Reach::Fleet) => only(id, Some(environment)),
        })
    }
}

/// Whose plans.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    /// One installation's: all that reaches it.
    One(&'a Installation),
    /// The fleet's as a whole: what reaches everybody, with the longest notice owed to anybody.
    Everybody,
}

impl Whom<'_> {
    fn notice(self, fleet: &Fleet) -> u32 {
        match self {
            Self::One(installation) => installation.terms.notice,
            Self::Everybody => fleet.installations.values().map(|one| one.terms.notice).max().unwrap_or(NOTICE),
        }
    }
}

/// The notice owed where neither plan nor agreement says another, in days.
const NOTICE: u32 = 14;

fn only(installation: &InstallationId, environment: Option<&EnvironmentName>) -> Reach {
    Reach::Only(BTreeSet::from([(installation.clone(), environment.cloned())]))
}

/// A maintenance with its notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The maintenance; its reach is narrowed to what the announcement concerns.
    pub maintenance: Maintenance,
    /// Its notice; none for what others announced.
    pub given: Option<Given>,
    /// Where it comes from.
    pub origin: String,
    /// Who said it, where somebody did.
    pub basis: Basis,
}

impl Planned {
    /// Whether it is under way at a moment. Without an end, only as long as its page says so.
    #[must_use]
    pub fn in_force(&self, at: Moment) -> bool {
        let said = self.maintenance.said.as_ref().map(|said| said.as_str());
        let over = matches!(said, Some("completed"));
        let goes_on = match self.maintenance.end {
            Some(end) => at < end,
            None => matches!(said, Some("in_progress" | "verifying")),
        };
        self.maintenance.start <= at && goes_on && !over
    }

    fn is_emergency(&self) -> bool {
        self.maintenance.kind == MaintenanceKind::Emergency
    }
}

/// A freeze with its circumstances.
#[derive(Clone, Debug, PartialEq)]
pub struct Frozen {
    /// The freeze; its reach is narrowed to what the announcement concerns.
    pub freeze: Freeze,
    /// Where it comes from.
    pub origin: String,
    /// Who said it, where somebody did.
    pub basis: Basis,
}

/// Everything planned for one installation, or for everybody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plans {
    /// Maintenances by start.
    pub maintenances: Vec<Planned>,
    /// Freezes by start.
    pub freezes: Vec<Frozen>,
}

impl Plans {
    /// What the fleet file and all announcements say at a time.
    #[must_use]
    pub fn of<'a>(
        fleet: &Fleet,
        whom: Whom<'_>,
        maintenances: impl IntoIterator<Item = Announcement<'a, Maintenance>>,
        freezes: impl IntoIterator<Item = Announcement<'a, Freeze>>,
        at: Moment,
    ) -> Self {
        let required = whom.notice(fleet);
        let notice = |one: &Maintenance| given(one, required, fleet.zone, at);
        let noted = |one: &Maintenance, public: bool| match public {
            true => given_in_public(one, required, fleet.zone, at),
            false => notice(one),
        };
        let written = |reach: &Reach| Concern::Everybody.narrow(reach, whom).is_some();
        let mut plans = Self::default();
        for one in fleet.maintenances.iter().filter(|one| written(&one.reach)) {
            plans.maintenances.push(Planned {
                given: Some(notice(one)),
                maintenance: one.clone(),
                origin: FLEET_FILE.to_owned(),
                basis: Basis::default(),
            });
        }
        let mut maintenances: Vec<_> = maintenances.into_iter().collect();
        maintenances.sort_by_key(|one| (one.what.start, one.what.title.as_str(), one.what.id.as_str(), one.origin));
        for one in maintenances {
            let Some(reach) = one.concerns.narrow(&one.what.reach, whom) else { continue };
            let maintenance = Maintenance { reach, ..one.what.clone() };
            // The same work, written down in the fleet file and announced on our page, is one maintenance.
            let known = plans
                .maintenances
                .iter_mut()
                .find(|known| one.own && known.origin == FLEET_FILE && is_same(&known.maintenance, &maintenance));
            if let Some(known) = known {
                let told = [known.maintenance.announced, maintenance.announced].into_iter().flatten();
                known.maintenance.announced = told.min_by_key(|told| told.day(fleet.zone));
                known.maintenance.end = known.maintenance.end.or(maintenance.end);
                known.maintenance.url = known.maintenance.url.take().or(maintenance.url);
                known.maintenance.said = maintenance.said;
                known.given = Some(noted(&known.maintenance, one.public));
                known.basis = one.basis.clone();
                continue;
            }
            let given = one.own.then(|| noted(&maintenance, one.public));
            plans.maintenances.push(Planned {
                maintenance,
                given,
                origin: one.origin.to_owned(),
                basis: one.basis.clone(),
            });
        }
        for one in fleet.freezes.iter().filter(|one| written(&one.reach)) {
            plans.freezes.push(Frozen { freeze: one.clone(), origin: FLEET_FILE.to_owned(), basis: Basis::default() });
        }
        for one in freezes {
            let Some(reach) = one.concerns.narrow(&one.what.reach, whom) else { continue };
            let freeze = Freeze { reach, ..one.what.clone() };
            plans.freezes.push(Frozen { freeze, origin: one.origin.to_owned(), basis: one.basis.clone() });
        }
        // Whatever order they were heard in, the same plans come out.
        plans.maintenances.sort_by(|a, b| maintenance_key(a).cmp(&maintenance_key(b)));
        plans.maintenances.dedup_by(|a, b| a.maintenance == b.maintenance);
        plans.freezes.sort_by(|a, b| freeze_key(a).cmp(&freeze_key(b)));
        plans.freezes.dedup_by(|a, b| a.freeze == b.freeze);
        plans
    }

    /// The freeze that holds an environment at a moment; of several, the one that ends last.
    #[must_use]
    pub fn freeze_at(&self, place: Where<'_>, at: Moment) -> Option<&Frozen> {
        self.holding(place).filter(|one| one.freeze.start <= at && at < one.freeze.end).max_by_key(|one| one.freeze.end)
    }

    /// Our emergency under way in an environment at a moment, as far as fresh facts tell.
    #[must_use]
    pub fn emergency_at(&self, place: Where<'_>, at: Moment) -> Option<&Planned> {
        self.touching(place)
            .find(|one| one.is_emergency() && one.given.is_some() && one.in_force(at) && !one.basis.stale)
    }

    /// Our regular maintenances under way in an environment at a moment.
    pub fn regular_at<'s>(&'s self, place: Where<'_>, at: Moment) -> impl Iterator<Item = &'s Planned> {
        self.regular(place).filter(move |one| one.in_force(at))
    }

    /// Our regular maintenances of an environment.
    pub fn regular<'s>(&'s self, place: Where<'_>) -> impl Iterator<Item = &'s Planned> {
        self.touching(place).filter(|one| !one.is_emergency() && one.given.is_some())
    }

    /// All maintenances that touch an environment.
    pub fn touching<'s>(&'s self, place: Where<'_>) -> impl Iterator<Item = &'s Planned> {
        self.maintenances
            .iter()
            .filter(move |one| one.maintenance.reach.includes_environment(place.installation, place.environment))
    }

    /// All freezes that hold an environment.
    pub fn holding<'s>(&'s self, place: Where<'_>) -> impl Iterator<Item = &'s Frozen> {
        self.freezes
            .iter()
            .filter(move |one| one.freeze.reach.includes_environment(place.installation, place.environment))
    }

    /// Every moment at which something planned begins or ends.
    pub fn edges(&self) -> impl Iterator<Item = Moment> {
        let of_maintenances =
            self.maintenances.iter().flat_map(|one| [Some(one.maintenance.start), one.maintenance.end]);
        let of_freezes = self.freezes.iter().flat_map(|one| [Some(one.freeze.start), Some(one.freeze.end)]);
        of_maintenances.chain(of_freezes).flatten()
    }

    /// What freezes leave of a span, in order; nothing where it lies wholly inside one, or inside several.
    #[must_use]
    pub fn thawed(&self, place: Where<'_>, span: &Span) -> Vec<Span> {
        let mut left = Vec::new();
        let mut from = span.start;
        // Freezes are kept by start.
        for one in self.holding(place).map(|one| &one.freeze).filter(|one| one.start < span.end && one.end > span.start)
        {
            if from < one.start {
                left.push(Span { name: span.name.clone(), start: from, end: one.start });
            }
            from = from.max(one.end);
        }
        if from < span.end {
            left.push(Span { name: span.name.clone(), start: from, end: span.end });
        }
        left
    }

    /// The times at which a component of an environment could be upgraded, from a moment on, by start: windows and
    /// dated regular maintenances, less freezes. What is open now counts until its end.
    #[must_use]
    pub fn opportunities(&self, place: Where<'_>, windows: &Windows, names: &[WindowName], at: Moment) -> Vec<Span> {
        let of_windows = names.iter().flat_map(|name| windows.all(name)).cloned();
        let of_maintenances = self.regular(place).filter_map(|one| {
            let Maintenance { title, start, end, .. } = &one.maintenance;
            Some(Span { name: title.as_str().to_owned(), start: *start, end: (*end)? })
        });
        let mut spans: Vec<Span> = of_windows
            .chain(of_maintenances)
            .filter(|span| span.end > at)
            .flat_map(|span| self.thawed(place, &span))
            .filter(|span| span.end > at)
            .collect();
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        // A maintenance inside its window is one opportunity, not two.
        let mut latest = None;
        spans.retain(|span| {
            let apart = latest.is_none_or(|end| span.end > end);
            latest = latest.max(Some(span.end));
            apart
        });
        spans
    }
}

/// One environment, as plans address it.
#[derive(Clone, Copy, Debug)]
pub struct Where<'a> {
    /// The installation.
    pub installation: &'a InstallationId,
    /// Its environment.
    pub environment: &'a EnvironmentName,
}

impl<'a> Where<'a> {
    /// One environment of an installation.
    #[must_use]
    pub fn new(installation: &'a InstallationId, environment: &'a EnvironmentName) -> Self {
        Self { installation, environment }
    }
}

/// The origin of what a person wrote into the fleet file.
pub const FLEET_FILE: &str = "fleet file";

/// Whether two announcements are about one piece of work: of one kind, at one time.
#[must_use]
pub fn is_same(one: &Maintenance, other: &Maintenance) -> bool {
    one.kind == other.kind
        && one.start == other.start
        && (one.end == other.end || one.end.is_none() || other.end.is_none() || one.title == other.title)
}

fn maintenance_key(one: &Planned) -> (Moment, &str, &str, &str, Option<&str>) {
    let Planned { maintenance, origin, basis, .. } = one;
    (maintenance.start, maintenance.title.as_str(), maintenance.id.as_str(), origin, basis.source.as_deref())
}

fn freeze_key(one: &Frozen) -> (Moment, Moment, &str, &str, Option<&str>) {
    let Frozen { freeze, origin, basis } = one;
    (freeze.start, freeze.end, freeze.title.as_str(), origin, basis.source.as_deref())
}

#[cfg(test)]
pub(crate) mod tests;
