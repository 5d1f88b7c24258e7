//! Which protocol speaks at which address.
//!
//! `INSTALLATION/ENVIRONMENT/SYSTEM/...` is a system of one environment, `shared/...` what tenants of the shared cluster
//! have in common, `vendor/...` the vendor's own.

use super::place::Spot;
use super::prometheus::{self, Holder, Told};
use super::statuspage::{self, Page};
use super::{alertmanager, concourse, feed, gates, gitlab, kubernetes, loki, product, stores, upstream};
use crate::demo::answer::Answer;
use crate::demo::cast::{Gatekeeper, Installation, Plan};
use crate::demo::glance::Glance;
use crate::demo::question::Question;

/// Answers a question.
#[must_use]
pub fn answer(glance: &Glance<'_>, question: &Question) -> Answer {
    let path: Vec<&str> = question.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["vendor", "blog", rest @ ..] => feed::answer(glance, rest, question),
        ["vendor", "charts", repository, "index.yaml"] => upstream::charts(glance, repository),
        ["vendor", "registry", rest @ ..] => stores::registry(glance, None, rest, question),
        ["vendor", "endoflife", rest @ ..] => upstream::lifecycle(glance, rest),
        ["status", rest @ ..] => statuspage::answer(glance, Page::Own, rest, question),
        ["cloud", rest @ ..] => statuspage::answer(glance, Page::Cloud, rest, question),
        ["shared", system, rest @ ..] => shared(glance, system, rest, question),
        [id, environment, system, rest @ ..] => match glance.world.installation(id) {
            Some(one) if one.environments().contains(environment) => {
                own(glance, &Spot { one, environment }, (system, rest), question)
            }
            _ => Answer::nothing(),
        },
        _ => Answer::nothing(),
    }
}

/// A system of one environment.
fn own(glance: &Glance<'_>, spot: &Spot<'_>, (system, rest): (&str, &[&str]), question: &Question) -> Answer {
    match system {
        "product" => product::answer(glance, spot, rest),
        "gitlab" if spot.owns_parts() => gitlab::answer(glance, spot, rest, question),
        "concourse" if has_gates(spot) => concourse::answer(glance, spot, rest, question),
        "gates.git" if has_gates(spot) => gates::answer(glance, spot, rest, question),
        "loki" if spot.owns_parts() => loki::answer(glance, spot, rest, question),
        "grafana" if spot.owns_parts() => stores::grafana(glance, spot, rest, question),
        "registry" if spot.owns_parts() => stores::registry(glance, Some(spot), rest, question),
        "nexus" if spot.owns_parts() => stores::nexus(glance, spot, rest, question),
        "kubernetes" => kubernetes::answer(glance, spot, rest, question),
        "prometheus" if spot.owns_parts() => prometheus::answer(glance, &Holder::one(*spot), rest, question),
        "alertmanager" if spot.owns_parts() => alertmanager::answer(glance, spot, rest, question),
        _ => Answer::nothing(),
    }
}

/// The engine to which everybody sends what they measure.
fn everybody<'a>(glance: &Glance<'a>) -> Holder<'a> {
    let of = |one: &'a Installation| one.environments().iter().map(move |environment| Spot { one, environment });
    Holder { told: Told::Place, spots: glance.world.cast.iter().flat_map(of).collect() }
}

/// Whether approvals live in Concourse and a gate repository here.
fn has_gates(spot: &Spot<'_>) -> bool {
    let gated = spot.one.plan == Plan::OnPrem && spot.environment == "production";
    gated && spot.one.gatekeeper == Gatekeeper::Concourse
}

/// A system that tenants share. Who is meant stands in a header.
fn shared(glance: &Glance<'_>, system: &str, rest: &[&str], question: &Question) -> Answer {
    let named: Vec<&str> =
        question.header("x-scope-orgid").unwrap_or_default().split('|').filter(|id| !id.is_empty()).collect();
    let tenants = || -> Vec<Spot<'_>> {
        let mut names = named.clone();
        names.sort_unstable();
        names.dedup();
        let all = names.into_iter().filter_map(|id| glance.world.installation(id));
        all.filter(|one| one.plan == Plan::Saas).map(Spot::production).collect()
    };
    let open =
        matches!(rest, ["api", "v1", "status", "buildinfo"] | [_, "api", "v1", "status", "buildinfo"] | ["ready"]);
    match (system, rest) {
        ("engine", rest) => prometheus::answer(glance, &everybody(glance), rest, question),
        ("mimir", ["ready"]) => Answer::text(200, "ready\n"),
        (_, _) if named.is_empty() && !open => Answer::text(401, "no org id\n"),
        ("mimir", ["prometheus", rest @ ..] | rest @ ["api", "v1", "status", "buildinfo"]) => {
            let holder = Holder { told: if named.len() > 1 { Told::Tenant } else { Told::Nothing }, spots: tenants() };
            prometheus::answer(glance, &holder, rest, question)
        }
        ("loki", ["loki", "api", "v1", "status", "buildinfo"]) => glance
            .world
            .cast
            .first()
            .map_or_else(Answer::nothing, |one| loki::answer(glance, &Spot::production(one), rest, question)),
        ("loki", rest) => match tenants().as_slice() {
            [spot] => loki::answer(glance, spot, rest, question),
            [] => Answer::json(&serde_json::json!({"status": "success"})),
            _ => Answer::text(400, "multiple org IDs present\n"),
        },
        ("mimir", ["alertmanager", rest @ ..]) => match tenants().first() {
            Some(spot) => alertmanager::answer(glance, spot, rest, question),
            None => Answer::text(406, "the Alertmanager is not configured\n"),
        },
        _ => Answer::nothing(),
    }
}
