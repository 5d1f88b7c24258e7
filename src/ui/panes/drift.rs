//! Drift as a matrix of installations and components, with the spread of one component's versions beside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::version::Version;
use crate::text::width::{Align, width};
use crate::text::words::plural;
use crate::ui::pane::Scene;
use crate::ui::panes::matrix::{Beside, Kind, Matrix, Spread};
use crate::ui::role::Role;
use crate::ui::widgets::bar;
use crate::ui::widgets::line::Pen;
use crate::views::cell::UNKNOWN;
use crate::views::column::Tone;
use crate::views::drift::Row;
use crate::views::lens::Lens;

/// The matrix of drift.
#[must_use]
pub fn matrix() -> Matrix<Row> {
    Matrix::of(&DRIFT)
}

static DRIFT: Kind<Row> = Kind {
    column: |row| (0, row.component.as_str()),
    cell: |row| row.running.as_deref().unwrap_or_default().into(),
    brief: |row| row.running.as_deref().unwrap_or_default().into(),
    short: |row| match row.releases_behind {
        Some(0) => String::new(),
        Some(n @ 1..=99) => n.to_string(),
        Some(_) => "99+".to_owned(),
        None => String::new(),
    },
    about,
    beside: Some(Beside {
        width: 42,
        value: |row| row.running.as_deref().unwrap_or(UNKNOWN),
        line: told,
        draw: spread,
    }),
    says: "worst first",
    legend: &[
        (Tone::Ok, "current"),
        (Tone::Waiting, "patch or minor behind"),
        (Tone::Warning, "major behind"),
        (Tone::Ahead, "ahead of what is known"),
        (Tone::Unknown, "unknown"),
        (Tone::Stale, "told too long ago"),
    ],
    shorts: "the number: releases behind",
};

fn about(row: &Row, lens: &Lens<'_>) -> String {
    let mut said = vec![row.drift.word().to_owned()];
    match (row.releases_behind.filter(|n| *n > 0), row.days_behind.filter(|days| *days > 0)) {
        (Some(n), days) => {
            let since = days.map_or(String::new(), |days| format!(" for {days} d"));
            said.push(plural(u64::from(n), "release behind", "releases behind") + &since);
        }
        (None, Some(days)) => said.push(format!("behind for {days} d")),
        (None, None) => {}
    }
    if row.pinned {
        said.push("pinned".to_owned());
    }
    if !row.disagreement.is_empty() {
        said.push(format!("others say {}", row.disagreement.join(", ")));
    }
    if let Some(at) = row.basis.observed_at {
        said.push(format!("seen {} ago", lens.since(at)));
    }
    let running = row.running.as_deref().unwrap_or("nobody tells its version");
    let goal = row.goal().map_or(String::new(), |target| format!(" → {target}"));
    format!("{}/{}  {}  {running}{goal} · {}", row.installation, row.environment, row.component, said.join(" · "))
}

/// The versions, the newest first, each with how many run it and how many of those are off their target; and how many
/// nobody knows of.
fn versions(chosen: &Row, spread: &Spread) -> (Vec<(Version, usize, usize)>, usize) {
    let read = |text| Version::read(chosen.scheme, text);
    let known = spread.iter().filter(|(text, _)| *text != UNKNOWN);
    let mut versions: Vec<_> = known.map(|(text, (all, off))| (read(text), *all, *off)).collect();
    versions.sort_by(|(a, ..), (b, ..)| b.cmp(a));
    (versions, spread.get(UNKNOWN).map_or(0, |(all, _)| *all))
}

/// The spread in one line.
fn told(chosen: &Row, spread: &Spread) -> String {
    let (versions, unknown) = versions(chosen, spread);
    let mut said: Vec<String> =
        versions.iter().map(|(version, all, _)| format!("{all} on {}", version.text())).collect();
    if unknown > 0 {
        said.push(format!("{unknown} unknown"));
    }
    format!("{} over the fleet: {}", chosen.component, said.join(", "))
}

/// The longest bar: enough to tell few from many, and little to draw when another column is chosen.
const LONGEST: usize = 32;

/// The spread as bars.
fn spread(chosen: &Row, spread: &Spread, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let (versions, unknown) = versions(chosen, spread);
    let most = versions.iter().map(|(_, all, _)| *all).chain([unknown, 1]).max().unwrap_or(1);
    let widest = versions.iter().map(|(version, ..)| width(version.text())).max().unwrap_or(1).clamp(7, 14);
    let mut pen = Pen::new(buf, scene.theme, area, 0);
    pen.skip(2).write(chosen.component.as_str(), Role::Title).skip(1).write("over the fleet", Role::Muted);
    let mut below = 1;
    let mut line = |text: &str, n: usize, role: Role| {
        let mut pen = Pen::new(buf, scene.theme, area, below);
        pen.skip(2).cell(text, Role::Text, widest, Align::Left).skip(1);
        let room = usize::from(pen.room()).saturating_sub(6).min(LONGEST);
        let (full, _) = scene.theme.signs.progress;
        let long = bar::filled(n, most, room);
        pen.write(&full.repeat(long), role).skip(1).write(&n.to_string(), Role::Text);
        below = below.saturating_add(1);
    };
    for (version, all, off) in &versions {
        let mine = chosen.running.as_deref() == Some(version.text());
        let role = match (mine, *off == 0) {
            (true, _) => Role::Accent,
            (false, true) => Role::Ok,
            (false, false) => Role::Waiting,
        };
        line(version.text(), *all, role);
    }
    if unknown > 0 {
        line("?", unknown, Role::Unknown);
    }
}
