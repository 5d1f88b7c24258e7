//! What is known beyond single installations: releases and lifecycles of products, and what is announced to many.
//!
//! It is gathered once per judging and shared by all installations; it holds until its time says otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::clock::{Moment, Tz};
use crate::domain::cycles::{CycleSet, Cycles};
use crate::domain::delivery::Artifact;
use crate::domain::fact::{About, Heard, What};
use crate::domain::facts::Facts;
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstallationId, ProductId, Scope, SourceId};
use crate::domain::page::StatusPage;
use crate::domain::planned::{Freeze, Incident, Maintenance};
use crate::domain::product::{Lifecycle, Product};
use crate::rules::hearing::{Basis, stale_from};
use crate::rules::originals::Originals;
use crate::rules::releases::{Announcement, Releases};
use crate::rules::timetable::Timetable;
use crate::text::clean::Clean;

/// What is known beyond single installations, at a time.
#[derive(Clone, Debug)]
pub struct Knowledge {
    /// Per product of the catalog.
    pub products: BTreeMap<ProductId, Arc<Lore>>,
    /// Maintenances announced to many.
    pub maintenances: Vec<Announced<Maintenance>>,
    /// Freezes that hold many.
    pub freezes: Vec<Announced<Freeze>>,
    /// Incidents on watched status pages.
    pub incidents: Vec<Announced<Incident>>,
    roots: BTreeMap<ProductId, Roots>,
    since: Moment,
    until: Moment,
}

/// What the knowledge of one product grew from: while it is the same, so is the knowledge.
#[derive(Clone, Debug)]
struct Roots {
    /// The answers that speak of it, and whether each is stale.
    answers: Vec<(Arc<Heard>, bool)>,
    /// When the next release that is announced already will be published.
    next: Option<Moment>,
    /// The lifecycle data beside them.
    data: Arc<Cycles>,
    zone: Tz,
}

/// What is known of one product.
#[derive(Clone, Debug)]
pub struct Lore {
    /// The product.
    pub product: Arc<Product>,
    /// What was published of it.
    pub releases: Releases,
    /// What the vendor's own store holds of it.
    pub originals: Originals,
    /// When its cycles end, for dated products with data.
    pub cycles: Option<Timetable>,
}

/// Something announced to many.
#[derive(Clone, Debug)]
pub struct Announced<T> {
    /// What.
    pub what: T,
    /// The page's name, or else the source.
    pub origin: String,
    /// Whether our own page says it: that is notice to customers.
    pub own: bool,
    /// Whom the page concerns; none means everybody.
    pub affects: Option<BTreeSet<InstallationId>>,
    /// Who said it, and when.
    pub basis: Basis,
}

impl<T> Announced<T> {
    /// Whether the page concerns an installation. What it announces may have a reach of its own beside this.
    #[must_use]
    pub fn concerns(&self, installation: &InstallationId) -> bool {
        self.affects.as_ref().is_none_or(|these| these.contains(installation))
    }
}

/// One answer of a source that speaks about a product or the fleet.
struct Answer<'a> {
    source: &'a SourceId,
    at: Moment,
    stale: bool,
    heard: &'a Arc<Heard>,
}

impl Knowledge {
    /// Gathers it.
    #[must_use]
    pub fn gather(fleet: &Fleet, facts: &Facts, at: Moment) -> Self {
        Self::renewed(None, fleet, facts, at)
    }

    /// Gathers it, keeping what an earlier one knew of products about which nothing else was said since.
    #[must_use]
    pub fn renewed(old: Option<&Self>, fleet: &Fleet, facts: &Facts, at: Moment) -> Self {
        let mut until = Moment::MAX_UTC;
        let mut answers = Vec::new();
        for (source, feed) in facts.fleet().iter() {
            let Some((heard_at, heard)) = &feed.heard else { continue };
            let turns = stale_from(fleet, source, *heard_at);
            if at < turns {
                until = until.min(turns);
            }
            answers.push(Answer { source, at: *heard_at, stale: at >= turns, heard });
        }
        let by_product = ByProduct::of(&answers);
        let (mut products, mut roots) = (BTreeMap::new(), BTreeMap::new());
        for product in fleet.catalog.iter() {
            let id = &product.id;
            let mut grown = Roots {
                answers: by_product.answers(product),
                next: None,
                data: Arc::clone(&fleet.cycles),
                zone: fleet.zone,
            };
            let lore = match old.and_then(|old| old.stands(product, &grown, at)) {
                Some((lore, next)) => {
                    grown.next = next;
                    Arc::clone(lore)
                }
                None => {
                    let (releases, next) = by_product.releases(fleet, product, at);
                    grown.next = next;
                    let cycles = by_product.cycles(fleet, product).map(|set| Timetable::of(product.scheme, set));
                    let originals = by_product.originals(product);
                    Arc::new(Lore { product: Arc::clone(product), releases, originals, cycles })
                }
            };
            until = until.min(grown.next.unwrap_or(Moment::MAX_UTC));
            products.insert(id.clone(), lore);
            roots.insert(id.clone(), grown);
        }
        let mut knowledge = Self {
            products,
            maintenances: Vec::new(),
            freezes: Vec::new(),
            incidents: Vec::new(),
            roots,
            since: at,
            until,
        };
        for answer in &answers {
            knowledge.announce(fleet, answer);
        }
        knowledge
    }

    /// What was known of a product, where it grew from the same roots and no release is due.
    fn stands(&self, product: &Arc<Product>, grown: &Roots, at: Moment) -> Option<(&Arc<Lore>, Option<Moment>)> {
        let lore = self.products.get(&product.id).filter(|lore| Arc::ptr_eq(&lore.product, product))?;
        let roots = self.roots.get(&product.id)?;
        let same = Arc::ptr_eq(&roots.data, &grown.data)
            && roots.zone == grown.zone
            && roots.answers.len() == grown.answers.len()
            && roots.answers.iter().zip(&grown.answers).all(|(one, two)| Arc::ptr_eq(&one.0, &two.0) && one.1 == two.1);
        let still = self.since <= at && roots.next.is_none_or(|next| at < next);
        (same && still).then_some((lore, roots.next))
    }

    /// What is known of a product.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Arc<Lore>> {
        self.products.get(id)
    }

    /// The first moment at which it may be another without any new fact.
    #[must_use]
    pub fn holds_until(&self) -> Moment {
        self.until
    }

    /// Whether it still holds at a time, as far as nothing new was heard.
    #[must_use]
    pub fn holds(&self, at: Moment) -> bool {
        self.since <= at && at < self.until
    }

    /// Whether both say the same. When it was last heard does not count: that only moves on.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.products.len() == other.products.len()
            && self.products.values().zip(other.products.values()).all(|(one, two)| one.says_the_same(two))
            && all_same(&self.maintenances, &other.maintenances)
            && all_same(&self.freezes, &other.freezes)
            && all_same(&self.incidents, &other.incidents)
    }

    fn announce(&mut self, fleet: &Fleet, answer: &Answer<'_>) {
        if answer.source.scope != Scope::Fleet {
            return;
        }
        let page = fleet.pages.iter().find(|page| page.source == *answer.source);
        let calendar = fleet.calendars.iter().find(|calendar| calendar.source == *answer.source);
        // A page or a calendar that was cut out of this viewer's fleet says nothing here.
        if page.is_none() && calendar.is_none() && !fleet.sources.contains_key(answer.source) {
            return;
        }
        let affects = |parts: &[Clean]| match page {
            Some(page) => page.felt_by(parts),
            None => calendar.and_then(|one| one.affects.clone()),
        };
        let withheld = |parts: &[Clean]| page.is_some_and(|page| page.is_withheld(parts));
        for fact in answer.heard.facts.iter().filter(|fact| fact.about == About::Here) {
            match &fact.what {
                What::Maintenance(one) if withheld(&one.components) => {}
                What::Incident(one) if withheld(&one.components) => {}
                What::Maintenance(one) => {
                    self.maintenances.push(announced(one, answer, page, affects(&one.components)));
                }
                What::Freeze(one) => self.freezes.push(announced(one, answer, page, affects(&[]))),
                What::Incident(one) => self.incidents.push(announced(one, answer, page, affects(&one.components))),
                _ => {}
            }
        }
    }
}

impl Lore {
    fn says_the_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || Arc::ptr_eq(&self.product, &other.product)
                && self.releases == other.releases
                && self.originals == other.originals
                && self.cycles == other.cycles
    }
}

fn announced<T: Clone>(
    what: &T,
    answer: &Answer<'_>,
    page: Option<&StatusPage>,
    affects: Option<BTreeSet<InstallationId>>,
) -> Announced<T> {
    Announced {
        what: what.clone(),
        origin: page.map_or_else(|| answer.source.to_string(), |page| page.name.as_str().to_owned()),
        own: page.is_some_and(|page| page.own),
        affects,
        basis: Basis { observed_at: Some(answer.at), stale: answer.stale, source: Some(answer.source.to_string()) },
    }
}

fn all_same<T: PartialEq>(these: &[Announced<T>], those: &[Announced<T>]) -> bool {
    these.len() == those.len()
        && these.iter().zip(those).all(|(one, two)| {
            one.what == two.what
                && (one.own, one.basis.stale) == (two.own, two.basis.stale)
                && (&one.origin, &one.affects, &one.basis.source) == (&two.origin, &two.affects, &two.basis.source)
        })
}

/// What was said of each product, by which answer.
#[derive(Default)]
struct ByProduct<'a> {
    releases: BTreeMap<&'a ProductId, (Vec<Announcement<'a>>, bool)>,
    sets: Vec<(&'a SourceId, &'a Arc<CycleSet>)>,
    originals: BTreeMap<&'a ProductId, Vec<&'a Artifact>>,
    /// The answers that speak of each, and those that tell lifecycles, which may be anybody's.
    told: BTreeMap<&'a ProductId, Vec<(&'a Arc<Heard>, bool)>>,
    of_cycles: Vec<(&'a Arc<Heard>, bool)>,
}

impl<'a> ByProduct<'a> {
    fn of(answers: &[Answer<'a>]) -> Self {
        let mut all = Self::default();
        for answer in answers {
            // A list that was read and is empty is a list.
            let product = match &answer.source.scope {
                Scope::Product(product) => Some(product),
                Scope::Place(_) | Scope::Fleet => None,
            };
            if let Some(product) = product.filter(|_| &*answer.source.kind != "endoflife") {
                all.tells(product, answer);
                // A store holds what was published, and says nothing about when.
                if !matches!(&*answer.source.kind, "oci" | "nexus") {
                    all.releases.entry(product).or_default().1 |= !answer.stale;
                }
            }
            for fact in &answer.heard.facts {
                match &fact.what {
                    What::Release(one) => {
                        all.tells(&one.product, answer);
                        let (list, fresh) = all.releases.entry(&one.product).or_default();
                        *fresh |= !answer.stale;
                        list.push(Announcement {
                            version: one.version.as_str(),
                            published: one.published,
                            prerelease: one.prerelease,
                            chart: one.chart.as_ref(),
                        });
                    }
                    What::Artifact(one) => {
                        if let Some(product) = product {
                            all.originals.entry(product).or_default().push(one);
                        }
                    }
                    What::Cycles(set) => {
                        all.sets.push((answer.source, set));
                        all.of_cycles.push((answer.heard, answer.stale));
                    }
                    _ => {}
                }
            }
        }
        all
    }

    fn tells(&mut self, product: &'a ProductId, answer: &Answer<'a>) {
        let told = self.told.entry(product).or_default();
        if told.last().is_none_or(|(last, _)| !Arc::ptr_eq(last, answer.heard)) {
            told.push((answer.heard, answer.stale));
        }
    }

    fn answers(&self, product: &Product) -> Vec<(Arc<Heard>, bool)> {
        let told = self.told.get(&product.id).into_iter().flatten();
        let of_cycles = self.of_cycles.iter().filter(|_| matches!(product.lifecycle, Lifecycle::Dated { .. }));
        told.chain(of_cycles).map(|(heard, stale)| (Arc::clone(heard), *stale)).collect()
    }

    fn releases(&self, fleet: &Fleet, product: &Product, at: Moment) -> (Releases, Option<Moment>) {
        let told = self.releases.get(&product.id);
        if told.is_none() && !product.has_list {
            return (Releases::default(), None);
        }
        let listed = product.listed.iter().map(|one| Announcement {
            version: one.version.as_str(),
            published: one.published,
            prerelease: false,
            chart: None,
        });
        let said = told.into_iter().flat_map(|(list, _)| list.iter().copied());
        let (mut releases, next) = Releases::of(product, listed.chain(said), at, fleet.zone);
        releases.stale = told.is_some_and(|(_, fresh)| !fresh);
        (releases, next)
    }

    fn originals(&self, product: &Product) -> Originals {
        Originals::of(product, self.originals.get(&product.id).into_iter().flatten().copied())
    }

    /// The fleet file's own cycles, or else the newest data there is.
    fn cycles(&self, fleet: &Fleet, product: &Product) -> Option<Arc<CycleSet>> {
        if let Some(own) = &product.cycles {
            return Some(Arc::new(CycleSet {
                key: Clean::line(product.id.as_str()),
                taken: None,
                origin: Clean::line("fleet file"),
                cycles: own.clone(),
            }));
        }
        let Lifecycle::Dated { cycles: name } = &product.lifecycle else { return None };
        let embedded = fleet.cycles.get(name.as_str());
        let is_it = |set: &CycleSet| {
            set.key == *name
                || embedded.is_some_and(|embedded| embedded.key == set.key || names(fleet, &set.key, embedded))
        };
        let told = self
            .sets
            .iter()
            .filter(|(source, set)| matches!(&source.scope, Scope::Product(id) if *id == product.id) || is_it(set));
        let told = told.map(|(_, set)| *set).max_by_key(|set| set.taken);
        match (told, embedded) {
            (Some(told), Some(embedded)) if told.taken < embedded.taken => Some(Arc::new(embedded.clone())),
            (Some(told), _) => Some(Arc::clone(told)),
            (None, embedded) => embedded.map(|set| Arc::new(set.clone())),
        }
    }
}

/// Whether a name is another one for a product of the data.
fn names(fleet: &Fleet, name: &Clean, set: &CycleSet) -> bool {
    fleet.cycles.get(name.as_str()).is_some_and(|named| named.key == set.key)
}
