//! One component: one product at one version in one environment, as all sources together tell it.
//!
//! Many sources, one truth. Of everything told about a product in an environment that version counts which is, in this order:
//!
//! 1. fresh rather than stale;
//! 2. readable as a version of the product rather than a word such as `latest`;
//! 3. learned more directly: the product answered > its metric > its operator > a label > an image > a chart > a person;
//! 4. observed later;
//! 5. told by the source whose id comes first, and of several parts by the lowest version: a rollout is not through
//!    before its last part.
//!
//! All other versions told as freshly are its disagreement. Kubelets follow their API server at a distance by design:
//! they count only where no API server told anything.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, What};
use crate::domain::fleet::Environment;
use crate::domain::id::{EnvironmentName, ProductId};
use crate::domain::version::Version;
use crate::rules::calendar::Span;
use crate::rules::case::Case;
use crate::rules::drift::{Drift, DriftKind, drift, skew};
use crate::rules::exposure::{Chances, expose};
use crate::rules::hearing::Basis;
use crate::rules::knowledge::Lore;
use crate::rules::lifecycle::{Life, LifeState, life};
use crate::rules::subject::Subject;
use crate::rules::windows::at_any_time;

/// How long an end-of-life version is still operated, in days, where neither plan, agreement nor product says so.
const UPGRADE_WINDOW: u32 = 30;

/// Everything that is concluded about one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Where it runs.
    pub environment: EnvironmentName,
    /// What it is.
    pub product: ProductId,
    /// The version that counts: freshest and most direct first; none where nobody told one.
    pub running: Option<Version>,
    /// Other versions other sources, or other parts of it, tell.
    pub disagreement: Vec<Version>,
    /// Whether a person demanded this version.
    pub pinned: bool,
    /// The running version against its target.
    pub drift: Drift,
    /// How long it may still run.
    pub life: Life,
    /// Who told the running version.
    pub basis: Basis,
}

/// The components of an installation, by environment in its order, and by product.
///
/// `windows` holds per environment the windows and dated maintenances that are open or to come.
#[must_use]
pub fn components(case: &Case<'_>, windows: &[Vec<Span>]) -> Vec<Component> {
    let environments = &case.installation.environments;
    let heard: Vec<BTreeMap<ProductId, Running>> =
        environments.iter().map(|environment| running(case, environment)).collect();
    let staging = environments.iter().zip(&heard).find(|(environment, _)| environment.name.as_str() == "staging");
    let mut components = Vec::new();
    for (n, (environment, products)) in environments.iter().zip(&heard).enumerate() {
        let windows = windows.get(n).map(Vec::as_slice);
        let ahead = staging.filter(|_| environment.name.as_str() == "production").map(|(_, products)| products);
        for (product, running) in products {
            let Some(lore) = case.knowledge.product(product) else { continue };
            let mut component = component(case, environment, lore, running, windows);
            if let Some(staged) = ahead.and_then(|products| products.get(product)).filter(|staged| !staged.basis.stale)
            {
                let both = running.version.as_ref().zip(staged.version.as_ref());
                component.drift.skew = both.and_then(|(running, staged)| skew(&lore.releases, running, staged));
            }
            components.push(component);
        }
    }
    components
}

fn component(
    case: &Case<'_>,
    environment: &Environment,
    lore: &Arc<Lore>,
    running: &Running,
    windows: Option<&[Span]>,
) -> Component {
    let terms = &case.installation.terms;
    let subject = Subject {
        lore,
        running: running.version.as_ref(),
        pin: environment.pins.get(&lore.product.id),
        support: &terms.extended_support,
        upgrade_window: terms.upgrade_window.or(lore.product.upgrade_window).unwrap_or(UPGRADE_WINDOW),
        at: case.at,
        zone: case.fleet.zone,
    };
    let drift = drift(&subject);
    let mut life = life(&subject);
    let chances = match windows {
        _ if at_any_time(environment, terms) => Chances::Always,
        Some(spans) => Chances::In(spans),
        None => Chances::Untold,
    };
    expose(&mut life, &subject, drift.target.as_ref(), chances);
    let mut basis = running.basis.clone();
    // What is behind stays behind however old the list of releases is; that nothing newer exists needs a fresh one.
    let good = matches!(drift.kind, DriftKind::Current | DriftKind::Ahead)
        || (life.eol_at.is_none() && life.data_taken.is_none() && life.state == LifeState::Supported);
    if good && lore.releases.stale {
        basis.stale = true;
        life.reason.get_or_insert_with(|| "the list of releases is stale".to_owned());
    }
    Component {
        environment: environment.name.clone(),
        product: lore.product.id.clone(),
        running: running.version.clone(),
        disagreement: running.others.clone(),
        pinned: subject.pin.is_some(),
        drift,
        life,
        basis,
    }
}

/// What runs of one product, as all tellers together have it.
struct Running {
    version: Option<Version>,
    others: Vec<Version>,
    basis: Basis,
}

/// One version that was told.
struct Candidate<'a> {
    version: Version,
    evidence: Evidence,
    part: Option<&'a str>,
    at: Option<Moment>,
    basis: Basis,
}

impl Candidate<'_> {
    fn precedes(&self, other: &Self) -> Ordering {
        let rank = |one: &Self| (one.basis.stale, !one.version.is_ordered(), one.evidence, Reverse(one.at));
        rank(self)
            .cmp(&rank(other))
            .then_with(|| self.basis.source.cmp(&other.basis.source))
            .then_with(|| self.version.cmp(&other.version))
    }

    fn is_kubelet(&self) -> bool {
        self.part.is_some_and(|part| part.starts_with("kubelet") || part.starts_with("node"))
    }
}

/// Per product of an environment, what runs. Its own product, and what a person pinned, always have an entry.
fn running(case: &Case<'_>, environment: &Environment) -> BTreeMap<ProductId, Running> {
    let catalog = &case.fleet.catalog;
    let mut told: BTreeMap<ProductId, Vec<Candidate<'_>>> = BTreeMap::new();
    let own: BTreeSet<&ProductId> = environment.product.iter().chain(environment.pins.keys()).collect();
    for product in own.into_iter().filter(|product| catalog.get(product.as_str()).is_some()) {
        told.insert(product.clone(), Vec::new());
    }
    let read = |product: &ProductId, text: &str| {
        let scheme = catalog.get(product.as_str())?.scheme;
        (!text.trim().is_empty()).then(|| Version::read(scheme, text))
    };
    // What is said of the installation as a whole is said of its first environment: production, where there is one.
    let first = case.installation.environments.first().is_some_and(|first| first.name == environment.name);
    for heard in case.hearing.all() {
        let What::Sighting(sighting) = heard.what else { continue };
        if heard.environment.map_or(!first, |named| *named != environment.name) {
            continue;
        }
        let Some(version) = read(&sighting.product, sighting.version.as_str()) else { continue };
        told.entry(sighting.product.clone()).or_default().push(Candidate {
            version,
            evidence: sighting.evidence,
            part: sighting.part.as_ref().map(|part| part.as_str()),
            at: Some(heard.at),
            basis: Basis::of(heard),
        });
    }
    for (product, text) in &environment.declared {
        let Some(version) = read(product, text.as_str()) else { continue };
        let source = format!("{}/{}/declared", case.installation.id, environment.name);
        let basis = Basis { observed_at: None, stale: false, source: Some(source) };
        let declared = Candidate { version, evidence: Evidence::Declared, part: None, at: None, basis };
        told.entry(product.clone()).or_default().push(declared);
    }
    told.into_iter().map(|(product, candidates)| (product, Running::of(candidates))).collect()
}

impl Running {
    fn of(mut told: Vec<Candidate<'_>>) -> Self {
        if told.iter().any(|one| !one.is_kubelet()) {
            told.retain(|one| !one.is_kubelet());
        }
        told.sort_by(Candidate::precedes);
        let mut told = told.into_iter();
        let Some(best) = told.next() else {
            return Self { version: None, others: Vec::new(), basis: Basis::default() };
        };
        let mut others: Vec<Version> = Vec::new();
        let same = |one: &Version, two: &Version| one.precedence(two) == Some(Ordering::Equal);
        for other in told {
            // A stale word against a fresh one is history; a tag such as `latest` contradicts nobody.
            let counts =
                other.basis.stale == best.basis.stale && (other.version.is_ordered() || !best.version.is_ordered());
            let known = same(&other.version, &best.version) || others.iter().any(|one| same(one, &other.version));
            if counts && !known {
                others.push(other.version);
            }
        }
        others.sort();
        Self { version: Some(best.version), others, basis: best.basis }
    }
}

#[cfg(test)]
mod tests;
