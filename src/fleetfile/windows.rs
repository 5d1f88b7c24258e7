//! Windows by name: a recurrence rule of days, and a wall-clock time on each of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::section::{Section, need};
use super::spell;
use crate::domain::clock::{Day, Tz};
use crate::domain::fleet::Window;
use crate::domain::id::WindowName;
use crate::domain::recurrence::{Rule, check};
use crate::text::clean::Clean;

/// The days from a rule's first on that are looked at for how close two of them lie.
const LOOKED_AT: chrono::Days = chrono::Days::new(800);

/// Windows by name while they are read.
pub(super) type Windows = BTreeMap<WindowName, Arc<Window>>;

/// Reads `[windows.X]`; one of a name that is known already takes its place. `zone` holds where none is named.
pub(super) fn read(section: &mut Section<'_>, zone: Tz, known: &mut Windows) {
    section.map(("windows", "recurring times in which changes may roll out, by name"), "the window", |name, inner| {
        if !inner.is_recording() && !spell::is_id(name.value.as_str()) {
            inner.complain(name.span, format!("`{}` {}", name.value, spell::ID_WORDS));
        }
        let name = WindowName::from(name.value.as_str());
        let window = window(inner, &name, zone);
        // A window with a mistake in it exists all the same: who names it did nothing wrong.
        known.insert(name.clone(), Arc::new(window.unwrap_or_else(|| stand_in(&name, zone))));
    });
}

fn window(section: &mut Section<'_>, name: &WindowName, fleet: Tz) -> Option<Window> {
    let rrule = section.rule(need(("rrule", "on which days, by RFC 5545")));
    let since = section.day(("since", "the day from which the rule counts"));
    let start = section.time(need(("start", "when it opens")));
    let duration = section.duration(need(("duration", "how long it stays open")));
    let zone = section.zone(("zone", "whose wall clock; the fleet's where none is named")).unwrap_or(fleet);
    if duration.is_some_and(|duration| duration.is_zero()) {
        section.refuse("duration", "`duration` is nothing: a window has to be open for some time");
        return None;
    }
    let (rule, start, duration) = (rrule?, start?, duration?);
    if (since.is_some() || !section.has("since"))
        && let Err(why) = check(rule.as_str(), since)
    {
        section.refuse("rrule", format!("`rrule`: {why}"));
        return None;
    }
    if let Some(gap) = closest(rule.as_str(), since).filter(|gap| duration > *gap) {
        let (long, gap) = (spell::told(duration), spell::told(gap));
        section.refuse("duration", format!("open for {long}, and due again after {gap}: the window never closes"));
    }
    Some(Window { name: name.clone(), rrule: rule, since, start, duration, zone })
}

/// The least time from one of a rule's first days to the next; none of a rule with but one.
fn closest(rule: &str, since: Option<Day>) -> Option<Duration> {
    let rule = Rule::read(rule).ok()?;
    let first = rule.first(since, since.or_else(|| Day::from_ymd_opt(2024, 1, 1))?)?;
    let days = rule.days(since, first, first.checked_add_days(LOOKED_AT)?);
    let gaps = days.windows(2).filter_map(|pair| match pair {
        [one, next] => (*next - *one).to_std().ok(),
        _ => None,
    });
    gaps.min()
}

/// What a name points to while its window is wrong. The problem noted beside it keeps the fleet from ever being used.
fn stand_in(name: &WindowName, zone: Tz) -> Window {
    let (rrule, start) = (Clean::line("FREQ=WEEKLY;BYDAY=MO"), chrono::NaiveTime::MIN);
    Window { name: name.clone(), rrule, since: None, start, duration: Duration::from_secs(3_600), zone }
}
