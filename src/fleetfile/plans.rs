//! Plans: templates of rules, each possibly based on another.

use std::collections::{BTreeMap, BTreeSet};

use super::section::{Desk, Placed, Section};
use super::spell;
use super::terms::Given;
use super::windows::Windows;
use crate::diagnostic::did_you_mean;
use crate::domain::fleet::RolloutMode;
use crate::domain::id::{EnvironmentName, PlanName};
use crate::text::clean::Clean;

/// Plans by name, each with what it is based on worked in.
pub(super) type Plans = BTreeMap<PlanName, Plan>;

/// A template an installation starts from.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub given: Given,
    pub frameworks: Option<Vec<Clean>>,
    pub infrastructure: Option<Clean>,
    pub environments: Option<Environments>,
    pub rollout: Rollouts,
    pub extended_support: Option<bool>,
}

/// Which environments a plan has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environments {
    /// Production and no other.
    ProductionOnly,
    /// Production, and staging if wanted.
    ProductionAndStaging,
    /// Production and any others.
    Any,
    /// Any, even without production.
    Free,
}

/// What makes a version roll out, by environment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rollouts {
    production: Option<RolloutMode>,
    staging: Option<RolloutMode>,
    other: Option<RolloutMode>,
}

impl Rollouts {
    /// The mode of an environment.
    pub(super) fn of(self, environment: &EnvironmentName) -> RolloutMode {
        let mode = match environment.as_str() {
            "production" => self.production,
            "staging" => self.staging,
            _ => self.other.or(self.staging),
        };
        // Who says nothing does not want changes to come by themselves.
        mode.unwrap_or(RolloutMode::Approval)
    }

    fn over(self, base: Self) -> Self {
        Self {
            production: self.production.or(base.production),
            staging: self.staging.or(base.staging),
            other: self.other.or(base.other),
        }
    }
}

/// The three modes by name.
pub(super) const MODES: [(&str, RolloutMode); 3] =
    [("automatic", RolloutMode::Automatic), ("window", RolloutMode::Window), ("approval", RolloutMode::Approval)];

/// Reads `[plans.X]`. A plan of a name that is known already takes its place, and may be based on what it replaces.
pub(super) fn read(section: &mut Section<'_>, windows: &Windows, known: &mut Plans) {
    let mut drafts = BTreeMap::new();
    let desk = section.desk();
    section.map(("plans", "templates of rules, by name"), "the plan", |name, inner| {
        if !inner.is_recording() && !spell::is_id(name.value.as_str()) {
            inner.complain(name.span, format!("`{}` {}", name.value, spell::ID_WORDS));
        }
        let based_on = inner.named(("based_on", "the plan whose rules hold where this one says nothing"));
        let plan = plan(inner, windows);
        drafts.insert(PlanName::from(name.value.as_str()), (plan, based_on));
    });
    let settled: Plans = drafts.keys().map(|name| (name.clone(), settle(name, &drafts, known, desk))).collect();
    known.extend(settled);
}

fn plan(section: &mut Section<'_>, windows: &Windows) -> Plan {
    let ways = [
        ("production-only", Environments::ProductionOnly),
        ("production-and-staging", Environments::ProductionAndStaging),
        ("any", Environments::Any),
        ("free", Environments::Free),
    ];
    let all = |mode| Rollouts { production: Some(mode), staging: Some(mode), other: Some(mode) };
    let words = MODES.map(|(word, mode)| (word, all(mode)));
    let rollout = section.word_or_table(("rollout", "what makes a version roll out"), "`rollout`", &words, |inner| {
        Some(Rollouts {
            production: inner.choice("production", &MODES),
            staging: inner.choice("staging", &MODES),
            other: inner.choice("other", &MODES),
        })
    });
    Plan {
        given: Given::read(section, windows),
        frameworks: section.texts(("evidence", "the frameworks whose evidence is kept, such as `ISO 27001`")),
        infrastructure: section.optional(("infrastructure", "where it runs")),
        environments: section.choice(("environments", "which environments it has"), &ways),
        rollout: rollout.unwrap_or_default(),
        extended_support: section.flag(("extended_support", "whether release lines may be supported beyond their end")),
    }
}

type Drafts = BTreeMap<PlanName, (Plan, Option<Placed<Clean>>)>;

/// A plan with everything it is based on.
fn settle(name: &PlanName, drafts: &Drafts, known: &Plans, desk: &Desk) -> Plan {
    let mut way = BTreeSet::new();
    let mut chain = Vec::new();
    let mut at = name.clone();
    while let Some((plan, based_on)) = drafts.get(&at) {
        way.insert(at.clone());
        chain.push(plan.clone());
        let Some(base) = based_on else { break };
        let next = base.value.as_str();
        // A plan that takes a built-in one's name may still stand on it.
        if at.as_str() == next && known.contains_key(next) {
            chain.extend(known.get(next).cloned());
            break;
        }
        if way.contains(next) {
            // Each plan of a circle is told once, at its own word.
            if at == *name || next == name.as_str() {
                let what = format!("the plan `{at}` is based on itself, by way of `{next}`");
                desk.note(desk.problem(base.span, what).help("base one of them on `saas`, `on-prem` or `paas`"));
            }
            break;
        }
        if !drafts.contains_key(next) {
            match known.get(next) {
                Some(base) => chain.push(base.clone()),
                None if at == *name && !desk.is_torn() => {
                    let names = drafts.keys().chain(known.keys()).map(PlanName::as_str);
                    let problem = desk.problem(base.span, format!("there is no plan `{next}`"));
                    desk.note(problem.maybe_help(did_you_mean(next, names)));
                }
                None => {}
            }
            break;
        }
        at = PlanName::from(next);
    }
    let first = chain.pop().unwrap_or_default();
    chain.into_iter().rev().fold(first, |base, plan| over(plan, &base))
}

fn over(plan: Plan, base: &Plan) -> Plan {
    Plan {
        given: plan.given.over(&base.given),
        frameworks: plan.frameworks.or_else(|| base.frameworks.clone()),
        infrastructure: plan.infrastructure.or_else(|| base.infrastructure.clone()),
        environments: plan.environments.or(base.environments),
        rollout: plan.rollout.over(base.rollout),
        extended_support: plan.extended_support.or(base.extended_support),
    }
}
