//! Environments of one installation: what runs there, when it may change, and who is asked about it.

use std::collections::BTreeMap;

use super::entries::Entries;
use super::ground::{Ground, known_product, product};
use super::plans::{Environments, MODES, Plan};
use super::section::{Defaults, Section, Shelf, need};
use super::spell;
use super::terms::{Given, named_windows};
use crate::diagnostic::nearest;
use crate::domain::fleet::{Environment, RolloutMode};
use crate::domain::id::{EnvironmentName, InstallationId, Place, ProductId, Scope};
use crate::domain::version::Version;
use crate::text::clean::Clean;

/// What the environments of an installation stand on.
#[derive(Clone, Copy)]
pub(super) struct House<'h> {
    pub id: &'h InstallationId,
    pub plan: &'h Plan,
    pub given: &'h Given,
    pub defaults: &'h Defaults,
    pub namespace: Option<&'h Clean>,
    pub ground: &'h Ground,
}

/// Reads `[[installations.environments]]`, production first.
pub(super) fn read(section: &mut Section<'_>, house: &House<'_>, entries: &mut Entries) -> Vec<Environment> {
    let what = format!("an environment of {}", house.id);
    let mut environments: Vec<Environment> = Vec::new();
    let mut all_named = true;
    let read = |inner: &mut Section<'_>| {
        let Some(environment) = environment(inner, house, entries) else {
            all_named = false;
            return;
        };
        if environments.iter().any(|other| other.name == environment.name) {
            inner.refuse("name", format!("`{}` has two environments named `{}`", house.id, environment.name));
        } else {
            environments.push(environment);
        }
    };
    section.tables(("environments", "its running copies"), &what, read);
    if all_named && !section.is_recording() && !section.desk().is_torn() {
        complete(section, house, &environments);
    }
    environments.sort_by_key(|environment| match environment.name.as_str() {
        "production" => 0,
        "staging" => 1,
        _ => 2,
    });
    environments
}

/// Holds the environments against what the plan has.
fn complete(section: &Section<'_>, house: &House<'_>, environments: &[Environment]) {
    let way = house.plan.environments.unwrap_or(Environments::Any);
    let has_production = environments.iter().any(|environment| environment.name.as_str() == "production");
    if way != Environments::Free && !has_production {
        let near = nearest("production", environments.iter().map(|environment| environment.name.as_str()));
        let near = near.map(|name| format!("is `{name}` meant to be it?"));
        let problem = section.problem(section.spot("id"), format!("`{}` has no environment `production`", house.id));
        section.note(problem.help(near.unwrap_or_else(|| "its plan requires one".to_owned())));
    }
    let allowed: &[&str] = match way {
        Environments::ProductionOnly => &["production"],
        Environments::ProductionAndStaging => &["production", "staging"],
        Environments::Any | Environments::Free => return,
    };
    for environment in environments.iter().filter(|one| !allowed.contains(&one.name.as_str())) {
        let what = format!("this plan has no environment `{}`: only {}", environment.name, allowed.join(" and "));
        let problem = section.problem(section.spot("id"), what);
        section.note(problem.help("a plan of your own may have others: `environments = \"any\"`"));
    }
}

fn environment(section: &mut Section<'_>, house: &House<'_>, entries: &mut Entries) -> Option<Environment> {
    let ground = house.ground;
    let given = section.named(need(("name", "its name, such as `production`")));
    let name = EnvironmentName::from(given.as_ref().map_or("?", |name| name.value.as_str()));
    let product = product(section, ("product", "the vendor's product it runs"), &ground.products);
    let mode = section.choice(("rollout", "what makes a version roll out"), &MODES);
    let mode = mode.unwrap_or_else(|| house.plan.rollout.of(&name));
    let windows = named_windows(section, &ground.windows);
    let pins = versions(section, "pin", "versions it is held at, by product", house);
    let running = versions(section, "running", "versions a person knows to run, by product", house);
    let namespace = section.optional(("namespace", "the namespace its own product lives in"));
    let namespace = namespace.or_else(|| house.namespace.cloned());
    let proxy = section.proxy().or_else(|| house.defaults.proxy.clone());
    let defaults = Defaults { proxy, ..house.defaults.clone() };
    let scope = Scope::Place(Place::new(house.id, &name));
    let what = format!("a source of {}/{name}", house.id);
    let mut sources = Vec::new();
    section.sources(("sources", "who is asked about it"), Shelf::Place, &what, |inner| {
        let kept = entries.keep(inner, Shelf::Place, scope.clone(), &defaults, |entry| {
            entry.product.clone_from(&product);
            entry.namespace.clone_from(&namespace);
        });
        sources.extend(kept);
    });
    let given = given?;
    if !spell::is_id(given.value.as_str()) {
        section.complain(given.span, format!("`{}` {}", given.value, spell::ID_WORDS));
    }
    // What comes by itself at once needs no window; what follows a rhythm of dated maintenances may do without.
    let windows = windows.or_else(|| match mode {
        RolloutMode::Automatic => None,
        RolloutMode::Window | RolloutMode::Approval => house.given.windows.clone(),
    });
    if mode == RolloutMode::Window && windows.is_none() && house.given.cadence.is_none() {
        let problem =
            section.problem(given.span, format!("`{name}` of {} rolls out in a window and names none", house.id));
        section.note(problem.help("say which: `window = \"monday\"`"));
    }
    Some(Environment {
        name,
        product,
        rollout: mode,
        windows: windows.unwrap_or_default(),
        pins: pins.into_iter().map(|(id, (version, _))| (id, version)).collect(),
        declared: running.into_iter().map(|(id, (_, text))| (id, text)).collect(),
        namespace,
        sources,
    })
}

/// Reads `{ product = "version" }`.
fn versions(
    section: &mut Section<'_>,
    key: &'static str,
    about: &'static str,
    house: &House<'_>,
) -> BTreeMap<ProductId, (Version, Clean)> {
    let products = &house.ground.products;
    let mut versions = BTreeMap::new();
    for (name, text) in section.pairs((key, about)).unwrap_or_default() {
        let Some(id) = known_product(section, &name, products) else { continue };
        let Some(product) = products.get(&id) else { continue };
        if let Some(version) = section.ordered(product.scheme, &text) {
            versions.insert(id, (version, text.value));
        }
    }
    versions
}
