//! The stations of one version on its way into one environment, each from the facts that tell it.

use std::collections::BTreeMap;

use super::movement::Movement;
use super::{Case, Station, StationName, StationState, keeper, same};
use crate::domain::clock::Moment;
use crate::domain::delivery::{Approver, ApproverEvidence, Artifact, Gate, GateState};
use crate::domain::fact::What;
use crate::domain::fleet::RolloutMode;
use crate::domain::planned::MaintenanceKind;
use crate::domain::version::Version;
use crate::rules::calendar::{Entry, EntryKind};
use crate::rules::originals::is_named;
use crate::rules::readiness::Who;
use crate::rules::turn::has_come;
use crate::rules::windows::needs_window;
use crate::text::lasting::note_meaning;
use crate::text::words;

use StationState::{Active, Ahead, Done, Failed, Skipped, Waiting};

/// A station's state, time and detail.
pub(super) type Stand = (StationState, Option<Moment>, String);

pub(super) fn station(name: StationName, (state, at, detail): Stand) -> Station {
    Station { name, state, at, detail }
}

fn stand(state: StationState, detail: impl Into<String>) -> Stand {
    (state, None, detail.into())
}

/// `published`: the release exists.
pub(super) fn published(case: &Case<'_>, to: &Version, runs: bool) -> Stand {
    match case.releases.find(to) {
        Some(release) => (Done, release.at, String::new()),
        None if runs => stand(Done, "it runs, though no source lists it"),
        None if !case.releases.is_known() => stand(Ahead, "nobody tells the releases"),
        None => stand(Waiting, "not among the known releases"),
    }
}

/// `delivered`: every artifact of the release lies in the customer's store, by digest.
pub(super) fn delivered(case: &Case<'_>, to: &Version, passed: bool) -> Stand {
    let mut store =
        case.environment.sources.iter().filter(|source| matches!(&*source.kind, "oci" | "nexus")).peekable();
    let mut newest: BTreeMap<&str, (Moment, bool, &Artifact)> = BTreeMap::new();
    let mut any = false;
    for told in case.told.iter().filter(|told| told.environment.is_none_or(|name| *name == case.environment.name)) {
        let What::Artifact(artifact) = told.what else { continue };
        any = true;
        if same(&case.read(artifact.tag.as_str()), to) && is_ours(case, artifact) {
            let slot = newest.entry(artifact.name.as_str()).or_insert((told.at, told.stale, artifact));
            // At one moment, who has it knows more than who looked elsewhere.
            if (told.at, artifact.present) > (slot.0, slot.2.present) {
                *slot = (told.at, told.stale, artifact);
            }
        }
    }
    if store.peek().is_none() && !any {
        return stand(Skipped, "no artifact store");
    }
    let originals = case.originals;
    if let Some((_, _, one)) = newest.values().find(|(_, _, one)| one.present && originals.differ(case.product, one)) {
        return stand(Failed, format!("{} has another content than the vendor's", one.name));
    }
    let wanted = case.product.artifacts.len().max(newest.len());
    let here = newest.values().filter(|(_, _, one)| one.present).count();
    let stale = newest.values().any(|(_, stale, _)| *stale);
    // What the vendor's store tells by digest counts here by digest: a tag alone is not the content.
    let unlike = newest
        .values()
        .filter(|(_, _, one)| one.present && one.digest.is_none() && originals.wanted(case.product, one).is_some());
    let untold = unlike.count();
    match (here, wanted) {
        (here, wanted) if here == wanted && wanted > 0 && untold > 0 && !passed => {
            stand(Waiting, format!("the digest of {untold} of {wanted} artifacts is not known"))
        }
        (here, wanted) if here == wanted && wanted > 0 && (!stale || passed) => stand(Done, ""),
        (here, wanted) if here == wanted && wanted > 0 => {
            let heard = newest.values().map(|(at, ..)| *at).min().unwrap_or(case.at);
            stand(Waiting, format!("last seen {}", words::ago(case.at - heard)))
        }
        _ if passed => stand(Done, "it rolls, though the store was not seen to have it"),
        // A store that said nothing is not a store that said no.
        (0, _) if !any => stand(Waiting, "nothing heard from the customer's store"),
        (0, _) => stand(Waiting, "not in the customer's store"),
        (here, wanted) => stand(Active, format!("{here} of {wanted} artifacts")),
    }
}

/// Whether an artifact is one of the product's, under whatever folder the customer's store keeps it.
fn is_ours(case: &Case<'_>, artifact: &Artifact) -> bool {
    let name = artifact.name.as_str();
    case.product.artifacts.is_empty() || case.product.artifacts.iter().any(|wanted| is_named(name, wanted.as_str()))
}

/// `staging`: the installation's staging environment runs it, and for as long as the plan demands.
pub(super) fn staging(case: &Case<'_>, to: &Version, passed: bool, soak: Option<i64>) -> Stand {
    let Some(environment) = case.installation.staging() else { return stand(Skipped, "no staging") };
    if environment.name == case.environment.name || environment.product.as_ref() != Some(&case.product.id) {
        return stand(Skipped, "no staging before it");
    }
    let running = case.staging.and_then(|staging| staging.running.as_ref());
    let Some(running) = running else {
        let state = if passed { Skipped } else { Waiting };
        return stand(state, "nobody tells what staging runs");
    };
    let reached = same(running, to) || running.precedence(to).is_some_and(|order| order.is_gt());
    let stale = case.staging.is_some_and(|staging| staging.basis.stale);
    match (reached, passed) {
        (false, true) => stand(Skipped, format!("bypassed: staging runs {running}")),
        (false, false) => {
            let namespace = environment.namespace.as_ref().map(|name| name.as_str());
            let loads = super::movement::loads(case.told, &environment.name, &case.product.id, namespace);
            let moves = loads.iter().filter_map(|(_, load)| load.version.as_ref());
            let moves = moves.into_iter().any(|version| same(&case.read(version.as_str()), to));
            if moves { stand(Active, "staging rolls it") } else { stand(Waiting, format!("staging runs {running}")) }
        }
        (true, false) if stale => stand(Waiting, "what staging runs was heard too long ago"),
        (true, _) => {
            // What is old counts up to when it was told.
            let told = case.staging.filter(|staging| staging.basis.stale).and_then(|staging| staging.basis.observed_at);
            let since = soak.map(|served| told.unwrap_or(case.at) - seconds(served));
            let owed = case.installation.terms.soak.and_then(|soak| i64::try_from(soak.as_secs()).ok()).unwrap_or(0);
            let served = soak.unwrap_or(0);
            if passed || served >= owed {
                return (Done, since, soak.map(|n| format!("for {}", words::span(seconds(n)))).unwrap_or_default());
            }
            // Seconds that began count as served when they end.
            let rest = u64::try_from(owed.saturating_sub(served).saturating_sub(1)).unwrap_or(0);
            note_meaning(std::time::Duration::from_secs(rest));
            (Active, since, format!("soaks: {} of {}", words::span(seconds(served)), words::fixed(seconds(owed))))
        }
    }
}

fn seconds(n: i64) -> chrono::TimeDelta {
    chrono::TimeDelta::try_seconds(n).unwrap_or(chrono::TimeDelta::MAX)
}

/// The gates of one version: every gate once, those that say nothing about the version only while they hold it up.
pub(super) fn gates<'a>(case: &Case<'a>, to: &Version) -> Vec<&'a Gate> {
    let mut newest: BTreeMap<(&str, &str), (bool, Moment, &Gate)> = BTreeMap::new();
    for told in case.told.iter().filter(|told| told.environment.is_none_or(|name| *name == case.environment.name)) {
        let What::Gate(gate) = told.what else { continue };
        let named = match &gate.version {
            Some(version) if same(&case.read(version.as_str()), to) => true,
            Some(_) => continue,
            None if gate.state == GateState::Passed => continue,
            None => false,
        };
        let slot = newest.entry((gate.kind.as_str(), gate.name.as_str())).or_insert((named, told.at, gate));
        if (named, told.at) > (slot.0, slot.1) {
            *slot = (named, told.at, gate);
        }
    }
    newest.into_values().map(|(.., gate)| gate).collect()
}

/// A gate as it stands for one version. One that names neither version nor time lets through what it lists: this version
/// waits there from when it was on offer, and is not asked about before.
pub(super) fn offered(gate: &Gate, before: &[(StationName, Stand)]) -> Gate {
    if gate.version.is_some() || gate.since.is_some() || gate.state != GateState::Waiting {
        return gate.clone();
    }
    let state = if before.iter().all(|(_, (state, ..))| matches!(state, Done | Skipped)) {
        GateState::Waiting
    } else {
        GateState::Ahead
    };
    let since = before.iter().filter(|(_, (state, ..))| *state == Done).filter_map(|(_, (_, at, _))| *at).max();
    Gate { state, since: since.filter(|_| state == GateState::Waiting), ..gate.clone() }
}

/// The gate a rollout waits at, or else the last it passed.
pub(super) fn gate_of(gates: &[Gate]) -> Option<&Gate> {
    let rank = |gate: &Gate| match gate.state {
        GateState::Rejected => 3,
        GateState::Waiting => 2,
        GateState::Ahead => 1,
        GateState::Passed => 0,
    };
    gates.iter().max_by_key(|gate| (rank(gate), gate.since, std::cmp::Reverse(&gate.name)))
}

/// `approved`: the gate is open.
pub(super) fn approved(case: &Case<'_>, gate: Option<&Gate>, passed: bool) -> Stand {
    if case.environment.rollout != RolloutMode::Approval {
        return stand(Skipped, "rolls by itself");
    }
    let Some(gate) = gate else {
        return if passed { stand(Done, "no gate was seen") } else { stand(Ahead, "no gate was seen yet") };
    };
    let (state, detail) = match gate.state {
        _ if passed && gate.state != GateState::Passed => (Done, format!("{} was not seen to open", called(gate))),
        GateState::Passed => (Done, gate.who.as_ref().map(by).unwrap_or_default()),
        GateState::Rejected => {
            (Failed, gate.who.as_ref().map_or("refused".to_owned(), |who| format!("refused {}", by(who))))
        }
        GateState::Ahead => (Ahead, format!("{} is not reached yet", called(gate))),
        GateState::Waiting => {
            let with = if keeper(gate) == Who::Customer { "with the customer" } else { "with us" };
            let age = gate.since.map(|since| format!(" for {}", words::span(case.at - since))).unwrap_or_default();
            let needs: Vec<&str> = gate.waits_for.iter().map(|name| name.as_str()).collect();
            let needs = if needs.is_empty() { String::new() } else { format!(", needs {}", needs.join(", ")) };
            (Waiting, format!("{with}{age} at {}{needs}", called(gate)))
        }
    };
    (state, gate.since.filter(|_| state == Done), detail)
}

/// A gate by its name and place: `job deploy:production in ops/rollout`.
#[must_use]
pub(in crate::rules) fn called(gate: &Gate) -> String {
    let kind = match gate.kind.as_str() {
        "gitlab-job" | "concourse-job" => "job ",
        "gate" => "gate ",
        "github-review" => "the review of ",
        "gitlab-approval" => "the ",
        "concourse-pause" => "the pause of ",
        _ => "",
    };
    let place = gate.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
    format!("{kind}{}{place}", gate.name)
}

/// Who opened it, with the class of evidence. A machine's identity is never shown as a person.
fn by(who: &Approver) -> String {
    match who.evidence {
        ApproverEvidence::ItemMetadata => format!("by {}", who.name),
        ApproverEvidence::BuildCreator => format!("by {} (created the build)", who.name),
        ApproverEvidence::CommitAuthor => format!("by {} (wrote the commit)", who.name),
        ApproverEvidence::Unknown => format!("nobody knows by whom (through {})", who.name),
    }
}

/// A dated thing of a kind that is under way in this environment at a moment.
pub(super) fn under_way<'a>(case: &Case<'a>, kind: EntryKind, at: Moment) -> Option<&'a Entry> {
    let here = |entry: &&Entry| {
        entry.kind == kind
            && entry.environment.as_ref().is_none_or(|name| *name == case.environment.name)
            && has_come(entry.start, at)
            && entry.end.is_none_or(|end| !has_come(end, at))
    };
    case.calendar.iter().filter(here).max_by_key(|entry| entry.end)
}

/// Whether a change may move at a moment: a window is open, or dated work is under way.
pub(super) fn is_open(case: &Case<'_>, at: Moment) -> bool {
    case.windows.open_at(&case.environment.windows, at).is_some()
        || under_way(case, EntryKind::Maintenance, at).is_some()
}

/// `window`: a window is open, or none is needed.
pub(super) fn window(case: &Case<'_>, started: Option<Moment>, passed: bool) -> Stand {
    if !needs_window(case.environment) {
        return stand(Skipped, "needs no window");
    }
    if passed {
        return (Done, started, String::new());
    }
    if let Some(freeze) = under_way(case, EntryKind::Freeze, case.at) {
        let rest = freeze.end.map(|end| format!(" for {} more", words::span(end - case.at))).unwrap_or_default();
        return stand(Waiting, format!("freeze {}{rest}", freeze.title));
    }
    if let Some(span) = case.windows.open_at(&case.environment.windows, case.at) {
        return (Done, Some(span.start), format!("open, closes in {}", words::span(span.end - case.at)));
    }
    if let Some(work) = under_way(case, EntryKind::Maintenance, case.at) {
        let kind = if work.maintenance_kind == Some(MaintenanceKind::Emergency) { "emergency " } else { "" };
        return (Done, Some(work.start), format!("{kind}maintenance {}", work.title));
    }
    match case.windows.next(&case.environment.windows, case.at) {
        Some(span) => stand(Waiting, format!("{} opens {}", span.name, words::until(span.start - case.at))),
        None => stand(Waiting, "no window planned"),
    }
}

/// Why a rollout does not move although workloads know it.
pub(super) enum Trouble {
    /// A delivery system says it failed.
    Failed(String),
    /// No progress, since when that is known.
    Stuck(Option<Moment>),
    /// A person paused it.
    Paused,
    /// None.
    None,
}

/// `rolling`: workloads progress.
pub(super) fn rolling(case: &Case<'_>, movement: &Movement<'_>, begun: bool, over: bool, trouble: &Trouble) -> Stand {
    if over {
        return (Done, movement.progressed.map(|(_, last)| last), counted(movement));
    }
    match trouble {
        Trouble::Failed(why) => stand(Failed, why.as_str()),
        _ if !begun => stand(Ahead, ""),
        Trouble::Stuck(since) => {
            let age = since.map(|since| format!(" for {}", words::span(case.at - since))).unwrap_or_default();
            stand(Failed, format!("no progress{age}, {}", counted(movement)))
        }
        Trouble::Paused => stand(Waiting, "paused"),
        Trouble::None => (Active, movement.progressed.map(|(first, _)| first), counted(movement)),
    }
}

/// `14 of 22 ready`.
fn counted(movement: &Movement<'_>) -> String {
    match movement.count {
        Some((there, desired)) => format!("{there} of {desired} ready"),
        None => "no workload is known".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::text::clean::Clean;

    #[test]
    fn a_gate_that_lists_what_passed_holds_up_a_version_from_when_it_is_on_offer() {
        let at = |minute: u32| Some(format!("2026-11-20T10:{minute:02}:00Z").parse::<Moment>().unwrap());
        let gate = |version: Option<&str>, state: GateState, since: Option<Moment>| Gate {
            kind: Clean::line("gate"),
            name: Clean::line("production"),
            place: None,
            version: version.map(Clean::line),
            state,
            since,
            who: None,
            waits_for: Vec::new(),
            url: None,
        };
        let before = |staging: StationState| {
            [
                (StationName::Published, (Done, at(1), String::new())),
                (StationName::Delivered, (Skipped, at(50), String::new())),
                (StationName::Staging, (staging, at(7), String::new())),
            ]
        };
        let waits = gate(None, GateState::Waiting, None);
        for (one, staging, state, since) in [
            (waits.clone(), Done, GateState::Waiting, at(7)),
            (waits.clone(), Skipped, GateState::Waiting, at(1)),
            (waits, Active, GateState::Ahead, None),
            // What tells a time, a version, or that it is open, knows better.
            (gate(None, GateState::Waiting, at(3)), Active, GateState::Waiting, at(3)),
            (gate(Some("1.0.0"), GateState::Waiting, None), Active, GateState::Waiting, None),
            (gate(None, GateState::Ahead, None), Done, GateState::Ahead, None),
        ] {
            let offered = offered(&one, &before(staging));
            assert_eq!((offered.state, offered.since), (state, since), "{one:?}");
        }
    }
}
