//! One rollout in full: its stations with their times, its workloads as they move, gate, pipeline and alerts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::alert::AlertState;
use crate::domain::clock::Moment;
use crate::domain::delivery::PipelineState;
use crate::domain::state::{RolloutState, StationName, StationState};
use crate::domain::workload::WorkloadState;
use crate::text::width::width;
use crate::text::words;
use crate::ui::pane::Scene;
use crate::ui::panes::story::Story;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::widgets::bar;
use crate::ui::widgets::paper::{At, Paper, Piece, piece};
use crate::views::column::Tone;
use crate::views::rollouts::{Load, Row, Stop, said};
use crate::views::rows::View;

/// How far one can turn at most: longer sheets do not exist, as workloads and alerts of one rollout are bounded.
pub(super) const LONGEST: usize = 2000;

/// The least width for two sheets beside each other.
const TWO: u16 = 104;

/// The link that tells more about a rollout: its pipeline's, or its gate's.
pub(super) fn link(row: &Row) -> Option<String> {
    let pipeline = row.pipeline.as_ref().and_then(|one| one.url.clone());
    pipeline.or_else(|| row.gate.as_ref().and_then(|gate| gate.url.clone()))
}

/// One rollout that is shown in full.
pub(super) struct Open<'a> {
    /// Which.
    pub row: &'a Row,
    /// From which line on.
    pub first: usize,
    /// What its logs say.
    pub story: &'a Story,
}

/// Draws one rollout.
pub(super) fn draw(open: &Open<'_>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let Open { row, first, story } = *open;
    let theme = scene.theme;
    let mut top: Paper<()> = Paper::default();
    heading(row, scene, usize::from(area.width), &mut top);
    top.draw(0, None, false, At { theme, area }, buf);
    let above = u16::try_from(top.len()).unwrap_or(u16::MAX).saturating_add(1).min(area.height);
    let area = Rect { y: area.y.saturating_add(above), height: area.height - above, ..area };
    let wide = usize::from(if area.width >= TWO { area.width / 2 } else { area.width });
    let mut left = Paper::default();
    let mut right = Paper::default();
    stations(row, scene, wide, &mut left);
    delivery(row, scene, &mut left);
    events(row, scene, &mut left);
    workloads(row, scene, wide, &mut right);
    alerts(row, scene, &mut right);
    story.add(row, scene, &mut right);
    if area.width >= TWO {
        let half = area.width / 2;
        let first = first.min(left.len().max(right.len()).saturating_sub(usize::from(area.height)));
        left.draw(first, None, false, At { theme, area: Rect { width: half, ..area } }, buf);
        let area = Rect { x: area.x.saturating_add(half), width: area.width - half, ..area };
        right.draw(first, None, false, At { theme, area }, buf);
    } else {
        // What moves is looked at first.
        right.line([]);
        let split = right.len();
        let first = first.min((split + left.len()).saturating_sub(usize::from(area.height)));
        right.draw(first, None, false, At { theme, area }, buf);
        let drawn = u16::try_from(split.saturating_sub(first)).unwrap_or(u16::MAX).min(area.height);
        let area = Rect { y: area.y.saturating_add(drawn), height: area.height - drawn, ..area };
        left.draw(first.saturating_sub(split), None, false, At { theme, area }, buf);
    }
}

fn heading(row: &Row, scene: &Scene<'_>, room: usize, into: &mut Paper<()>) {
    let tone = row.tone();
    let role = Role::toned(tone);
    let from = row.from.as_deref().unwrap_or("?");
    into.line([
        piece(scene.theme.signs.mark(tone), role),
        piece(format!(" {}/{}", row.installation, row.environment), Role::Title),
        piece(format!("  {} ", row.product), Role::Accent),
        piece(format!("{from} → {}", row.to), Role::Text),
        piece(format!("  {}", said(row.state)), role),
    ]);
    let mut told = vec![why(row, scene)];
    if let Some(at) = row.started_at {
        told.push(format!("began {}", words::ago(scene.now - at)));
    }
    if let Some(at) = row.eta {
        told.push(format!("through {}", scene.lens().until(at)));
    }
    if let Some(seconds) = row.soak_seconds {
        told.push(format!("on staging for {}", words::span(chrono::TimeDelta::seconds(seconds))));
    }
    told.dedup();
    into.said(&told, Role::Muted, room.saturating_sub(3));
}

fn stations(row: &Row, scene: &Scene<'_>, wide: usize, into: &mut Paper<()>) {
    into.title("Stations", "");
    let lens = scene.lens();
    let when = |at| lens.when(at, Some(&row.installation));
    let times = row.stations.iter().filter_map(|stop| stop.at).map(|at| width(&when(at))).max().unwrap_or(0);
    for stop in &row.stations {
        let (mark, role) = sign(stop.state, scene.theme.signs);
        let text = match (stop.at, stop.state) {
            (Some(at), _) => when(at),
            (None, StationState::Skipped) => "not in the plan".to_owned(),
            (None, _) => String::new(),
        };
        // What the heading says is not said again.
        let detail = if row.why.contains(&stop.detail) { "" } else { stop.detail.as_str() };
        let cells = times.max(if stop.at.is_some() { 0 } else { width(&text) });
        into.line([
            piece(mark, role),
            piece(format!(" {}", stop.name.word()), Role::Text).left(12),
            piece(text, Role::Muted).left(cells + 2),
            piece(detail, role).left(wide.saturating_sub(cells + 18)),
        ]);
    }
}

fn workloads(row: &Row, scene: &Scene<'_>, wide: usize, into: &mut Paper<()>) {
    let (done, all) = replicas(row);
    let more = if all == 0 { String::new() } else { format!("{done} of {all} replicas") };
    into.title("Workloads", &more);
    if row.workloads.is_empty() {
        into.line([piece("no workload is known", Role::Muted)]);
    }
    let name = row.workloads.iter().map(|one| width(&one.name)).max().unwrap_or(0).min(wide / 3);
    let (on, off) = scene.theme.signs.progress;
    for one in &row.workloads {
        let (tone, word) = match one.state {
            WorkloadState::Done if !one.asked => (Tone::Ahead, ""),
            WorkloadState::Done => (Tone::Ok, ""),
            WorkloadState::Waiting => (Tone::Waiting, ""),
            WorkloadState::Failed => (Tone::Critical, "stuck: "),
            WorkloadState::Paused => (Tone::Warning, "paused: "),
            WorkloadState::Untold => (Tone::Unknown, "nobody can say: "),
        };
        let role = Role::toned(tone);
        let (ready, desired) = (one.there(), one.desired);
        let full = bar::filled(count(ready), count(desired), BAR);
        let message = match &one.version {
            _ if tone == Tone::Ok => String::new(),
            Some(version) if !one.asked => format!("still on {version}"),
            _ => format!("{word}{}", briefly(one)),
        };
        into.line([
            piece(scene.theme.signs.mark(tone), role),
            piece(format!(" {}", one.name), Role::Text).left(name + 2),
            piece(" ", Role::Text),
            piece(on.repeat(full), if tone == Tone::Ok { Role::Ok } else { Role::Full }),
            piece(off.repeat(BAR - full), Role::Empty),
            piece(format!("{ready}/{desired}"), Role::Text).right(6),
            piece("  ", Role::Text),
            piece(message, Role::Muted).left(wide.saturating_sub(name + BAR + 16)),
        ]);
    }
}

/// What `kubectl rollout status` says of it, without what its line says already.
fn briefly(one: &Load) -> &str {
    let said = one.message.as_str();
    let said = said.strip_prefix("Waiting for rollout to finish: ").unwrap_or(said);
    let own = [&one.kind, " \"", &one.name, "\" "].concat();
    said.strip_prefix(own.as_str()).unwrap_or(said)
}

/// The cells of a workload's bar.
const BAR: usize = 12;

fn delivery(row: &Row, scene: &Scene<'_>, into: &mut Paper<()>) {
    if let Some(gate) = &row.gate {
        into.title("Gate", &gate.kind);
        let stop = row.stations.iter().find(|stop| stop.name == StationName::Approved);
        let (role, text) = stop.map_or((Role::Muted, String::new()), |stop| {
            (sign(stop.state, scene.theme.signs).1, opening(stop, gate.since, scene.now))
        });
        // A station that waits names its gate itself.
        let name = if text.contains(&gate.name) { String::new() } else { format!("{}  ", gate.name) };
        into.line([piece(name, Role::Text), piece(text, role)]);
        into.line([piece(gate.url.as_deref().unwrap_or(""), Role::Muted)]);
    }
    if let Some(pipeline) = &row.pipeline {
        into.title("Pipeline", &format!("{} {}", pipeline.kind, pipeline.id));
        for job in &pipeline.jobs {
            let (tone, word) = told(job.state);
            let stage: Piece = piece(format!("  {}", job.stage), Role::Muted);
            into.line([
                piece(scene.theme.signs.mark(tone), Role::toned(tone)),
                piece(format!(" {}", job.name), Role::Text).left(22),
                piece(word, Role::toned(tone)).left(10),
                stage,
            ]);
        }
        into.line([piece(pipeline.url.as_deref().unwrap_or(""), Role::Muted)]);
    }
}

/// Where a gate stands: as its station tells it, and for an open one since when. Who opened it is never said to hold it.
fn opening(stop: &Stop, since: Option<Moment>, now: Moment) -> String {
    match (stop.state, since) {
        (StationState::Done, Some(at)) if stop.detail.is_empty() => format!("opened {}", words::ago(now - at)),
        (StationState::Done, Some(at)) => format!("opened {}, {}", words::ago(now - at), stop.detail),
        _ => stop.detail.clone(),
    }
}

fn told(state: PipelineState) -> (Tone, &'static str) {
    match state {
        PipelineState::Pending => (Tone::Ahead, "pending"),
        PipelineState::Running => (Tone::Waiting, "running"),
        PipelineState::Manual => (Tone::Waiting, "manual"),
        PipelineState::Succeeded => (Tone::Ok, "succeeded"),
        PipelineState::Failed => (Tone::Critical, "failed"),
        PipelineState::Tolerated => (Tone::Warning, "may fail"),
        PipelineState::Canceled => (Tone::Warning, "canceled"),
        PipelineState::Skipped => (Tone::Ahead, "skipped"),
        PipelineState::Unknown => (Tone::Unknown, "unknown"),
    }
}

/// What happened to it, in the order of time.
fn events(row: &Row, scene: &Scene<'_>, into: &mut Paper<()>) {
    let mut all: Vec<(Moment, Tone, String)> = Vec::new();
    if let Some(at) = row.started_at {
        all.push((at, Tone::Ahead, "the first workload moved".to_owned()));
        let of_it =
            |alert: &&crate::views::alerts::Row| is_here(row, alert) && alert.since.is_some_and(|since| since >= at);
        for alert in scene.board.views.alerts.iter().filter(of_it) {
            all.extend(alert.since.map(|since| (since, alert.tone(), format!("{} began to fire", alert.name))));
        }
    }
    if let Some((gate, since)) = row.gate.as_ref().and_then(|gate| Some((gate, gate.since?))) {
        let open =
            row.stations.iter().any(|stop| stop.name == StationName::Approved && stop.state == StationState::Done);
        let (tone, word) = if open { (Tone::Ok, "opened") } else { (Tone::Waiting, "began to wait") };
        all.push((since, tone, format!("gate {} {word}", gate.name)));
    }
    if let Some(at) = row.finished_at {
        all.push((at, crate::views::rollouts::tone(row.state), said(row.state).to_owned()));
    }
    if all.is_empty() {
        return;
    }
    all.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
    into.title("Events", "");
    let lens = scene.lens();
    for (at, tone, text) in all {
        into.line([
            piece(scene.theme.signs.mark(tone), Role::toned(tone)),
            piece(format!(" {}  ", lens.when(at, Some(&row.installation))), Role::Muted),
            piece(text, Role::toned(tone)),
        ]);
    }
}

fn is_here(row: &Row, alert: &crate::views::alerts::Row) -> bool {
    alert.installation == row.installation
        && alert.environment.as_ref().is_none_or(|name| *name == row.environment)
        && alert.state == AlertState::Firing
}

/// The alerts of just this rollout: those that began with it or after. How many are older is told.
fn alerts(row: &Row, scene: &Scene<'_>, into: &mut Paper<()>) {
    let firing = || scene.board.views.alerts.iter().filter(|alert| is_here(row, alert));
    let of_it = |alert: &&crate::views::alerts::Row| {
        row.started_at.is_none_or(|start| alert.since.is_none_or(|since| since >= start))
    };
    let mut these: Vec<_> = firing().filter(of_it).collect();
    these.sort_by(|a, b| a.order(b));
    let older = firing().count() - these.len();
    let more = match (row.started_at, older) {
        (None, _) => format!("{} firing here", these.len()),
        (Some(_), 0) => format!("{} since it began", these.len()),
        (Some(_), older) => format!("{} since it began, {older} older", these.len()),
    };
    into.title("Alerts", &more);
    for alert in these {
        let tone = alert.tone();
        let since = alert.since.map(|at| scene.lens().age(at)).unwrap_or_default();
        into.line([
            piece(scene.theme.signs.mark(tone), Role::toned(tone)),
            piece(format!(" {since}"), Role::Muted).left(9),
            piece(alert.name.as_str(), Role::toned(tone)),
            piece(format!("  {}", alert.summary), Role::Muted),
        ]);
    }
}

/// The sign of a stop.
pub(super) fn sign(state: StationState, signs: &Signs) -> (&'static str, Role) {
    let ascii = signs.ascii;
    match state {
        StationState::Done => (signs.mark(Tone::Ok), Role::Ok),
        StationState::Active => (if ascii { "%" } else { "◐" }, Role::Ahead),
        StationState::Waiting => (signs.mark(Tone::Waiting), Role::Waiting),
        StationState::Failed => (signs.mark(Tone::Critical), Role::Critical),
        StationState::Ahead => (signs.mark(Tone::Ahead), Role::Muted),
        StationState::Skipped => (signs.track.1, Role::Muted),
    }
}

/// Replicas that are up on the new version, and all.
pub(super) fn replicas(row: &Row) -> (usize, usize) {
    let sum = |of: fn(&Load) -> u32| row.workloads.iter().map(|one| count(of(one))).sum();
    (sum(Load::there), sum(|one| one.desired))
}

fn count(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Why it stands where it stands, or how it goes.
pub(super) fn why(row: &Row, scene: &Scene<'_>) -> String {
    // Where the only moment known is that of the last progress, nobody can say how long it took.
    let took = row.started_at.zip(row.finished_at).filter(|(from, to)| from < to);
    let took = took.map(|(from, to)| format!("took {}", words::span(to - from)));
    let mut told: Vec<String> = Vec::new();
    match row.state {
        _ if !row.why.is_empty() => told.push(row.why.clone()),
        RolloutState::Succeeded => told.extend(took),
        RolloutState::Running => told.extend(row.eta.map(|at| format!("through {}", scene.lens().until(at)))),
        _ => {}
    }
    for (yes, word) in
        [(row.in_freeze, "in a freeze"), (row.outside_window, "outside window"), (row.end_of_life, "end of life")]
    {
        if yes {
            told.push(word.to_owned());
        }
    }
    if told.is_empty() { said(row.state).to_owned() } else { told.join(", ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_is_open_says_since_when_and_is_with_nobody() {
        let now: Moment = "2026-11-21T01:17:00Z".parse().unwrap();
        let since = Some(now - chrono::TimeDelta::minutes(28));
        let stop =
            |state, detail: &str| Stop { name: StationName::Approved, state, at: None, detail: detail.to_owned() };
        let open = stop(StationState::Done, "by alice");
        assert_eq!(opening(&open, since, now), "opened 28 min ago, by alice");
        assert_eq!(opening(&open, None, now), "by alice");
        assert_eq!(opening(&stop(StationState::Done, ""), since, now), "opened 28 min ago");
        let waits = stop(StationState::Waiting, "with the customer for 28 min");
        assert_eq!(opening(&waits, since, now), "with the customer for 28 min");
    }

    #[test]
    fn a_workload_does_not_say_again_what_its_line_says() {
        let load = |message: &str| Load {
            kind: "deployment".to_owned(),
            name: "panel".to_owned(),
            desired: 3,
            updated: 2,
            available: 2,
            state: WorkloadState::Waiting,
            message: message.to_owned(),
            version: None,
            asked: true,
        };
        for (message, told) in [
            ("Waiting for rollout to finish: 2 out of 3 new replicas", "2 out of 3 new replicas"),
            ("deployment \"panel\" exceeded its progress deadline", "exceeded its progress deadline"),
            (
                "deployment \"other\" exceeded its progress deadline",
                "deployment \"other\" exceeded its progress deadline",
            ),
            ("", ""),
        ] {
            assert_eq!(briefly(&load(message)), told);
        }
    }
}
