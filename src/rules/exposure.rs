//! Exposure: lifecycle joined with the calendar. What dies before it may be touched, what to go to, and in how many steps.

use crate::domain::clock::{Moment, end_of};
use crate::domain::cycles::Ending;
use crate::domain::product::{Lifecycle, Step};
use crate::domain::version::{Difference, Standing, Version};
use crate::rules::calendar::Span;
use crate::rules::lifecycle::{Life, LifeState};
use crate::rules::subject::Subject;

/// When a component may be changed.
#[derive(Clone, Copy, Debug)]
pub enum Chances<'a> {
    /// In these windows and dated maintenances that are open or to come, in their order.
    In(&'a [Span]),
    /// At any time: it rolls out by itself and no window is asked for.
    Always,
    /// Nobody can say.
    Untold,
}

impl<'a> Chances<'a> {
    fn spans(self) -> &'a [Span] {
        match self {
            Self::In(spans) => spans,
            Self::Always | Self::Untold => &[],
        }
    }
}

/// Adds to a life what the windows make of it.
pub fn expose(life: &mut Life, subject: &Subject<'_>, target: Option<&Version>, chances: Chances<'_>) {
    let spans = chances.spans();
    life.next_window = spans.first().cloned();
    let end = life.deadline.or(life.eol_at).map(|day| end_of(day, subject.zone));
    life.exposed = match (life.state, chances) {
        (LifeState::Unknown, _) | (_, Chances::Untold) => None,
        (LifeState::Expired, _) => Some(true),
        (_, Chances::Always) => Some(false),
        (_, Chances::In(spans)) => Some(end.is_some_and(|end| spans.first().is_none_or(|next| end < next.end))),
    };
    if life.exposed == Some(true) {
        life.suggest = spans.get(1).and_then(|following| suggest(subject, following.end));
    }
    if subject.lore.product.step == Step::Minor {
        life.hops = subject.running.zip(target).and_then(|(running, target)| hops(subject, running, target));
        life.hops_fit = life.hops.and_then(|hops| fit(hops, end, chances));
    }
}

/// The newest stable line above the running one whose end lies after a moment.
///
/// A line without a published end is no promise, and a line outside the supported range no help.
fn suggest(subject: &Subject<'_>, after: Moment) -> Option<String> {
    let product = &subject.lore.product;
    let Lifecycle::Dated { .. } = product.lifecycle else { return None };
    let running = subject.running?;
    let cycles = subject.lore.cycles.as_ref()?;
    let outlives =
        |ending: Option<Ending>| matches!(ending, Some(Ending::On(day)) if end_of(day, subject.zone) > after);
    let today = subject.today();
    let lines = cycles
        .lines()
        .filter(|(_, line)| *line > running)
        .filter(|(cycle, _)| outlives(cycle.eol) && cycle.released.is_none_or(|released| released <= today))
        .map(|(_, line)| line)
        .filter(|line| line.is_ordered() && !line.is_prerelease())
        .filter(|line| product.supported.as_ref().is_none_or(|range| range.check(line) == Standing::Within));
    lines.max().map(|line| line.text().to_owned())
}

/// Upgrades between running and target, one minor at a time. A patch of the same line is one upgrade too.
fn hops(subject: &Subject<'_>, running: &Version, target: &Version) -> Option<u32> {
    match running.difference(target) {
        Difference::Same | Difference::Ahead => Some(0),
        Difference::Build | Difference::Patch => Some(1),
        Difference::Minor => u32::try_from(target.minor()?.checked_sub(running.minor()?)?).ok(),
        // How many minors a major had, only the list of lines tells.
        Difference::Major => {
            let lines = subject.lore.cycles.as_ref()?.lines();
            let on_the_way = lines.filter(|(_, line)| {
                let ours = (line.major(), line.minor());
                ours > (running.major(), running.minor()) && ours <= (target.major(), target.minor())
            });
            u32::try_from(on_the_way.count()).ok().filter(|hops| *hops > 0)
        }
        Difference::Incomparable => None,
    }
}

/// Whether the windows that end before the end suffice, one upgrade a window.
fn fit(hops: u32, end: Option<Moment>, chances: Chances<'_>) -> Option<bool> {
    match (hops, end, chances) {
        (0, _, _) | (_, _, Chances::Always) => Some(true),
        (_, _, Chances::Untold) | (_, None, _) => None,
        (hops, Some(end), Chances::In(spans)) => {
            let before = spans.iter().filter(|span| span.end <= end).count();
            Some(u32::try_from(before).map_or(true, |before| before >= hops))
        }
    }
}

#[cfg(test)]
mod tests;
