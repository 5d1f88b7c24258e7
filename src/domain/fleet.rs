//! The fleet as it is managed: checked, complete, with every rule of plan and agreement already resolved.
//!
//! Nothing here is heard from a source. Whoever holds a `Fleet` may rely on every name in it pointing somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveTime;

use super::clock::{Day, Tz};
use super::cycles::Cycles;
use super::id::{CustomerId, EnvironmentName, InstallationId, PlanName, ProductId, SourceId, WindowName};
use super::page::StatusPage;
use super::planned::{Freeze, Maintenance};
use super::product::Catalog;
use super::version::Version;
use crate::text::clean::Clean;

/// Everything that is managed. Cloning shares the installations.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Its name.
    pub name: Clean,
    /// The zone of its dates.
    pub zone: Tz,
    /// Products by id: the built-in catalog with the fleet file's own and its overrides.
    pub catalog: Arc<Catalog>,
    /// Lifecycle data by name.
    pub cycles: Arc<Cycles>,
    /// Windows by name.
    pub windows: BTreeMap<WindowName, Arc<Window>>,
    /// Installations by id.
    pub installations: BTreeMap<InstallationId, Arc<Installation>>,
    /// Maintenances written in the fleet file.
    pub maintenances: Vec<Maintenance>,
    /// Freezes written in the fleet file.
    pub freezes: Vec<Freeze>,
    /// Status pages that are watched.
    pub pages: Vec<StatusPage>,
    /// Calendars that are read.
    pub calendars: Vec<Calendar>,
    /// Every source that is asked, by id.
    pub sources: BTreeMap<SourceId, Arc<SourceCard>>,
}

impl Fleet {
    /// The installation of that id.
    #[must_use]
    pub fn installation(&self, id: &str) -> Option<&Arc<Installation>> {
        self.installations.get(id)
    }

    /// All environments, with their installations.
    pub fn environments(&self) -> impl Iterator<Item = (&Arc<Installation>, &Environment)> {
        self.installations.values().flat_map(|one| one.environments.iter().map(move |environment| (one, environment)))
    }
}

/// A calendar that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The source that reads it.
    pub source: SourceId,
    /// The installations it is for; none stands for all of them.
    pub affects: Option<BTreeSet<InstallationId>>,
}

/// A recurring time in which changes may roll out, in wall-clock time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its name.
    pub name: WindowName,
    /// RFC 5545, days only: the time of day stands in `start`.
    pub rrule: Clean,
    /// The day from which the rule counts; given where its interval is above one.
    pub since: Option<Day>,
    /// When it opens.
    pub start: NaiveTime,
    /// How long it stays open, in elapsed time.
    pub duration: Duration,
    /// Whose wall clock.
    pub zone: Tz,
}

/// One customer's managed instance.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Its id.
    pub id: InstallationId,
    /// Its name for people.
    pub name: Clean,
    /// Whose it is.
    pub customer: CustomerId,
    /// The plan it started from.
    pub plan: PlanName,
    /// Where it runs, in the fleet file's word.
    pub infrastructure: Clean,
    /// Its own zone, for showing times; the fleet's where none is given.
    pub zone: Tz,
    /// What plan and agreement together say.
    pub terms: Terms,
    /// Its running copies; production first.
    pub environments: Vec<Environment>,
    /// Its evidence register.
    pub evidence: Vec<Evidence>,
}

impl Installation {
    /// The environment of that name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.as_str() == name)
    }

    /// Its production environment.
    #[must_use]
    pub fn production(&self) -> Option<&Environment> {
        self.environment("production")
    }

    /// Its staging environment.
    #[must_use]
    pub fn staging(&self) -> Option<&Environment> {
        self.environment("staging")
    }
}

/// The rules an installation lives by: its plan's, changed by its agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long an end-of-life version of a rolling product is still operated, in days, where plan or agreement say so.
    pub upgrade_window: Option<u32>,
    /// How many calendar days ahead a regular maintenance must be announced.
    pub notice: u32,
    /// How many months may lie between two regular maintenances, where the plan has such a rhythm.
    pub cadence: Option<u32>,
    /// How long staging must have run a version healthily, where the plan demands it.
    pub soak: Option<Duration>,
    /// Release lines supported beyond their end.
    pub extended_support: Vec<ExtendedSupport>,
    /// Versions that must not roll out here.
    pub blocked: Vec<Version>,
    /// Whether and until when its logs may be read.
    pub logs: LogConsent,
    /// Whether a query for logs needs a reason.
    pub log_reason: bool,
    /// The alert that always fires while monitoring works; none where the agreement says there is none.
    pub watchdog: Option<Clean>,
    /// The frameworks whose evidence is kept.
    pub frameworks: Vec<Clean>,
}

/// One release line supported beyond its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedSupport {
    /// Of what.
    pub product: ProductId,
    /// The line, such as `2026.38`.
    pub line: Clean,
    /// The last day.
    pub until: Day,
}

/// Whether an installation's logs may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogConsent {
    /// Always.
    Standing,
    /// Until the end of this day.
    GrantedUntil(Day),
    /// Not.
    None,
}

/// One running copy within an installation.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// The vendor's product it runs, where it runs one.
    pub product: Option<ProductId>,
    /// What makes a version roll out.
    pub rollout: RolloutMode,
    /// The windows in which it may.
    pub windows: Vec<WindowName>,
    /// Versions it is held at, by product.
    pub pins: BTreeMap<ProductId, Version>,
    /// Versions a person wrote down as running, for what no endpoint tells.
    pub declared: BTreeMap<ProductId, Clean>,
    /// The namespace its own product lives in, where one is named.
    pub namespace: Option<Clean>,
    /// The sources that are asked about it.
    pub sources: Vec<SourceId>,
}

/// What makes a version roll out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutMode {
    /// By itself, at once.
    Automatic,
    /// By itself, in a window.
    Window,
    /// After an approval, in a window where there is one.
    Approval,
}

/// One document of the evidence register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The framework, such as `ISO 27001`.
    pub framework: Clean,
    /// The control, where one is named.
    pub control: Option<Clean>,
    /// Its title.
    pub title: Clean,
    /// When it was issued.
    pub issued: Option<Day>,
    /// The last day it is valid.
    pub valid_until: Option<Day>,
}

/// What is known of a source without asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCard {
    /// Its id.
    pub id: SourceId,
    /// Its address, without credentials.
    pub url: Clean,
    /// How often it is asked.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// After how long an answer is stale.
    pub stale_after: Duration,
    /// Whether its certificate is not checked: always shown.
    pub insecure: bool,
}
