//! Installations: plan and agreement resolved to terms, environments, evidence, sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entries::Entries;
use super::environments;
use super::ground::{Ground, product};
use super::plans::{Environments, Plan, Plans};
use super::products::Products;
use super::section::{Defaults, Placed, Section, Shelf, need};
use super::spell;
use super::terms::Given;
use crate::diagnostic::did_you_mean;
use crate::domain::fleet::{Environment, Evidence, ExtendedSupport, Installation, LogConsent, Terms};
use crate::domain::id::{CustomerId, InstallationId, Place, PlanName, Scope};
use crate::domain::scheme::Scheme;
use crate::domain::version::{Line, Version};
use crate::text::clean::Clean;

/// The days of notice, where neither plan nor agreement says.
const NOTICE: u32 = 14;

/// What was read of installations.
#[derive(Default)]
pub(super) struct Harvest {
    pub installations: BTreeMap<InstallationId, Arc<Installation>>,
    pub entries: Entries,
    /// The file each was read from.
    homes: BTreeMap<InstallationId, Arc<str>>,
    /// Whether some could not be read.
    pub is_partial: bool,
}

/// Reads `[[installations]]`.
pub(super) fn read(section: &mut Section<'_>, ground: &Ground, harvest: &mut Harvest) {
    let read = |inner: &mut Section<'_>| one(inner, ground, harvest);
    section.tables(("installations", "what is managed"), "an installation", read);
}

/// Reads one installation.
pub(super) fn one(section: &mut Section<'_>, ground: &Ground, harvest: &mut Harvest) {
    let given = section.named(need(("id", "its id, in lower case")));
    let id = given.as_ref().map(|id| id.value.as_str()).unwrap_or("?");
    let installation = installation(section, &InstallationId::from(id), ground, harvest);
    let Some(given) = given else {
        harvest.is_partial = true;
        return;
    };
    if !spell::is_id(given.value.as_str()) {
        section.complain(given.span, format!("`{}` {}", given.value, spell::ID_WORDS));
    }
    if let Some(home) = harvest.homes.get(&installation.id) {
        let here = if home == section.desk().file() { String::new() } else { format!(" in {home}") };
        section.complain(given.span, format!("`{}` is already the id of another installation{here}", given.value));
        return;
    }
    harvest.homes.insert(installation.id.clone(), Arc::clone(section.desk().file()));
    harvest.installations.insert(installation.id.clone(), Arc::new(installation));
}

fn installation(
    section: &mut Section<'_>,
    id: &InstallationId,
    ground: &Ground,
    harvest: &mut Harvest,
) -> Installation {
    let name = section.optional(("name", "its name for people"));
    let customer = section.optional(("customer", "whose it is; the id where none is named"));
    let (plan_name, plan) = plan(section, &ground.plans);
    let infrastructure = section.optional(("infrastructure", "where it runs"));
    let zone = section.zone(("zone", "its own zone, for showing times")).unwrap_or(ground.zone);
    let given = Given::read(section, &ground.windows);
    let own_blocked: Vec<Placed<Clean>> = given.blocked.clone();
    let given = given.over(&plan.given);
    let proxy = section.proxy().or_else(|| ground.defaults.proxy.clone());
    let defaults = section.patience(&Defaults { proxy, ..ground.defaults.clone() });
    let namespace = section.optional(("namespace", "the namespace its own product lives in"));
    let extended_support = extended_support(section, plan, &ground.products);
    let frameworks = plan.frameworks.clone().unwrap_or_default();
    let evidence = evidence(section, &frameworks);
    let what = format!("a source of {id}");
    section.sources(("sources", "sources about all of it"), Shelf::Place, &what, |inner| {
        let scope = Scope::Place(Place::whole(id));
        harvest.entries.keep(inner, Shelf::Place, scope, &defaults, |entry| entry.namespace.clone_from(&namespace));
    });
    let house =
        environments::House { id, plan, given: &given, defaults: &defaults, namespace: namespace.as_ref(), ground };
    let environments = environments::read(section, &house, &mut harvest.entries);
    let blocked = blocked(section, &given, &own_blocked, &environments, &ground.products);
    Installation {
        id: id.clone(),
        name: name.unwrap_or_else(|| Clean::line(id.as_str())),
        customer: CustomerId::from(customer.as_ref().map_or(id.as_str(), Clean::as_str)),
        plan: plan_name,
        infrastructure: infrastructure.or_else(|| plan.infrastructure.clone()).unwrap_or_else(|| Clean::line("")),
        zone,
        terms: Terms {
            upgrade_window: given.upgrade_window,
            notice: given.notice.unwrap_or(NOTICE),
            cadence: given.cadence,
            soak: given.soak,
            extended_support,
            blocked,
            logs: given.logs.unwrap_or(LogConsent::None),
            log_reason: given.log_reason.unwrap_or(false),
            watchdog: given.watchdog.unwrap_or_else(|| Some(Clean::line("Watchdog"))),
            frameworks,
        },
        environments,
        evidence,
    }
}

/// A plan that allows everything, for installations whose own is not known: one problem is enough.
static UNKNOWN: std::sync::LazyLock<Plan> = std::sync::LazyLock::new(|| Plan {
    environments: Some(Environments::Free),
    extended_support: Some(true),
    ..Plan::default()
});

fn plan<'g>(section: &mut Section<'_>, plans: &'g Plans) -> (PlanName, &'g Plan) {
    let placed = section.named(need(("plan", "the plan it starts from: `saas`, `on-prem`, `paas` or one of your own")));
    let Some(placed) = placed else { return (PlanName::from("?"), &UNKNOWN) };
    let name = placed.value.as_str();
    let plan = plans.get(name);
    if plan.is_none() {
        let problem = section.problem(placed.span, format!("there is no plan `{name}`"));
        let names = || plans.keys().map(PlanName::as_str);
        let near = did_you_mean(name, names()).unwrap_or_else(|| format!("use {}", crate::diagnostic::one_of(names())));
        section.note(problem.help(near));
    }
    (PlanName::from(name), plan.unwrap_or(&UNKNOWN))
}

fn extended_support(section: &mut Section<'_>, plan: &Plan, products: &Products) -> Vec<ExtendedSupport> {
    let read = |inner: &mut Section<'_>| {
        let product = product(inner, need(("product", "of what")), products);
        let line = inner.named(need(("line", "the release line, such as `2026.38`")));
        let until = inner.day(need(("until", "its last day")));
        let (product, line) = (product?, line?);
        let scheme = products.get(&product).map_or(Scheme::Semver, |product| product.scheme);
        line_is_one(inner, scheme, &line).then_some(()).and(Some(ExtendedSupport {
            product,
            line: line.value,
            until: until?,
        }))
    };
    let key = ("extended_support", "release lines supported beyond their end");
    let lines: Vec<_> = section.tables(key, "an extended support", read).into_iter().flatten().flatten().collect();
    if !lines.is_empty() && !plan.extended_support.unwrap_or(false) {
        let problem = section.problem(section.spot("extended_support"), "this plan has no extended support");
        section.note(problem.help("a plan of your own may have it: `extended_support = true`"));
    }
    for (n, one) in lines.iter().enumerate() {
        if lines.iter().take(n).any(|other| other.product == one.product && other.line == one.line) {
            section.refuse("extended_support", format!("line `{}` of `{}` is listed twice", one.line, one.product));
        }
    }
    lines
}

/// Whether a text names a release line of that scheme: `2026.38`, and `17` where lines are majors.
fn line_is_one(section: &Section<'_>, scheme: Scheme, line: &Placed<Clean>) -> bool {
    let text = line.value.as_str();
    let n_parts = text.split('.').count();
    let numbers = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let fits = match scheme {
        Scheme::Calver => n_parts == 2,
        Scheme::Semver | Scheme::Kubernetes => n_parts <= 2,
        Scheme::Opaque => {
            section.complain(line.span, "versions without an order have no lines");
            return false;
        }
    };
    if fits && numbers {
        return true;
    }
    let problem = section.problem(line.span, format!("`line` wants a release line like `2026.38`, found `{text}`"));
    let hint = Line::read(text).filter(|_| n_parts > 2).map(|line| format!("its line is `{line}`"));
    section.note(problem.maybe_help(hint));
    false
}

fn evidence(section: &mut Section<'_>, frameworks: &[Clean]) -> Vec<Evidence> {
    let read = |inner: &mut Section<'_>| {
        let framework = inner.named(need(("framework", "such as `ISO 27001`")));
        let control = inner.optional(("control", "such as `A.12.1.2`"));
        let title = inner.required(("title", "its title"));
        let issued = inner.day(("issued", "when it was issued"));
        let valid_until = inner.day(("valid_until", "the last day it is valid"));
        if let (Some(issued), Some(until)) = (issued, valid_until)
            && until < issued
        {
            inner.refuse("valid_until", format!("`valid_until` lies before `issued`, {issued}"));
        }
        let framework = framework?;
        let name = framework.value.as_str();
        if !frameworks.is_empty() && !frameworks.iter().any(|known| known.as_str() == name) {
            let problem = inner.warning(framework.span, format!("the plan keeps no evidence for `{name}`"));
            inner.note(problem.maybe_help(did_you_mean(name, frameworks.iter().map(Clean::as_str))));
        }
        Some(Evidence { framework: framework.value, control, title: title?, issued, valid_until })
    };
    let key = ("evidence", "documents an auditor asks for");
    section.tables(key, "a piece of evidence", read).into_iter().flatten().flatten().collect()
}

/// Blocked versions, under the scheme of the product the installation runs.
fn blocked(
    section: &Section<'_>,
    given: &Given,
    own: &[Placed<Clean>],
    environments: &[Environment],
    products: &Products,
) -> Vec<Version> {
    let product = environments.iter().find_map(|environment| environment.product.as_ref());
    let Some(scheme) = product.and_then(|id| products.get(id)).map(|product| product.scheme) else {
        if let Some(first) = own.first() {
            let problem = section.problem(first.span, "`blocked` without a product: no environment here names one");
            section.note(problem.help("block versions of other products as `blocked` of `[products.X]`"));
        }
        return Vec::new();
    };
    for placed in own {
        section.ordered(scheme, placed);
    }
    given.blocked.iter().map(|placed| Version::read(scheme, placed.value.as_str())).collect()
}
