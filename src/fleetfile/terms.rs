//! The rules an installation lives by, as plan and agreement give them: the agreement's word counts before the plan's.

use std::time::Duration;

use super::section::{Placed, Section};
use super::spell;
use super::windows::Windows;
use crate::diagnostic::did_you_mean;
use crate::domain::fleet::LogConsent;
use crate::domain::id::WindowName;
use crate::text::clean::Clean;

/// What one place says of the rules; what it leaves out, another may say.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub upgrade_window: Option<u32>,
    pub notice: Option<u32>,
    pub cadence: Option<u32>,
    pub soak: Option<Duration>,
    pub blocked: Vec<Placed<Clean>>,
    pub logs: Option<LogConsent>,
    pub log_reason: Option<bool>,
    /// `Some(None)` where it is said that there is none.
    pub watchdog: Option<Option<Clean>>,
    pub windows: Option<Vec<WindowName>>,
}

impl Given {
    /// Reads the keys plans and agreements share.
    pub(super) fn read(section: &mut Section<'_>, windows: &Windows) -> Self {
        Self {
            upgrade_window: section.days(("upgrade_window", "how long an ended version is still operated")),
            notice: section.days(("notice", "how many days ahead a regular maintenance is announced")),
            cadence: section.spelt(
                ("cadence", "how far apart regular maintenances may lie"),
                "a rhythm in months like `3 months`",
                spell::months,
            ),
            soak: section.duration(("soak", "how long staging must have run a version healthily")),
            blocked: section.names(("blocked", "versions that must not roll out")).unwrap_or_default(),
            logs: section.spelt(
                ("logs", "whether logs may be read"),
                "`standing`, `granted until 2026-12-31` or `none`",
                consent,
            ),
            log_reason: section.flag(("log_reason", "whether a query for logs needs a reason")),
            watchdog: section
                .optional(("watchdog", "the alert that always fires; `none` where there is none"))
                .map(|name| (name.as_str() != "none").then_some(name)),
            windows: named_windows(section, windows),
        }
    }

    /// These words, and where they say nothing, the others.
    pub(super) fn over(self, base: &Self) -> Self {
        let mut blocked = base.blocked.clone();
        blocked.extend(self.blocked);
        Self {
            upgrade_window: self.upgrade_window.or(base.upgrade_window),
            notice: self.notice.or(base.notice),
            cadence: self.cadence.or(base.cadence),
            soak: self.soak.or(base.soak),
            // What is blocked by the plan stays blocked, whatever the agreement adds.
            blocked,
            logs: self.logs.or(base.logs),
            log_reason: self.log_reason.or(base.log_reason),
            watchdog: self.watchdog.or_else(|| base.watchdog.clone()),
            windows: self.windows.or_else(|| base.windows.clone()),
        }
    }
}

/// Reads `window = "name"` or `windows = ["name"]`; each must be known.
pub(super) fn named_windows(section: &mut Section<'_>, known: &Windows) -> Option<Vec<WindowName>> {
    let one = section.named(("window", "the window in which it may change, by name"));
    let several = section.names(("windows", "the windows in which it may change, by name"));
    if section.has("window") && section.has("windows") {
        section.refuse("windows", "`windows` and `window` both say when: keep one");
    }
    let given: Vec<_> = one.into_iter().chain(several.into_iter().flatten()).collect();
    let is_given = section.has("window") || section.has("windows");
    let names = given.into_iter().filter_map(|placed| {
        let name = placed.value.as_str();
        let is_known = known.contains_key(name);
        if !is_known && !section.desk().is_torn() {
            let problem = section.problem(placed.span, format!("there is no window `{name}`"));
            section.note(
                problem.maybe_help(
                    did_you_mean(name, known.keys().map(WindowName::as_str))
                        .or_else(|| Some(format!("describe it as `[windows.{name}]`"))),
                ),
            );
        }
        is_known.then(|| WindowName::from(name))
    });
    let names: Vec<_> = names.collect();
    is_given.then_some(names)
}

fn consent(text: &str) -> Option<LogConsent> {
    match text {
        "standing" => Some(LogConsent::Standing),
        "none" => Some(LogConsent::None),
        other => other.strip_prefix("granted until ").and_then(spell::day).map(LogConsent::GrantedUntil),
    }
}
