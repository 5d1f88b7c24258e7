//! The drawing of logs: what is asked and of whom, counts over time, and the lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::book::Line;
use super::line::{spots, write};
use super::{Logs, Mode};
use crate::text::width::{Align, width, wrap};
use crate::text::words;
use crate::ui::pane::Scene;
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::page::page;
use crate::views::asked::{Bar, Find, How};
use crate::views::cell::brief;
use crate::views::column::Tone;
use crate::views::lens::Zones;
use crate::views::rows::View;

/// How the place is divided.
pub(super) struct Parts {
    /// What is asked, and how that goes.
    pub head: Rect,
    /// Counts over time.
    pub volume: Rect,
    /// The lines.
    pub lines: Rect,
    /// The chosen line in full.
    pub detail: Rect,
}

/// Divides a place.
pub(super) fn parts(logs: &Logs, area: Rect) -> Parts {
    let lines_mode = logs.mode() == Mode::Lines;
    let head = if lines_mode && !logs.given { 2 } else { 0 }.min(area.height);
    let volume = match area.height {
        _ if !lines_mode || logs.book.lines().is_empty() => 0,
        0..=11 => 0,
        12..=17 => 2,
        18..=27 => 3,
        _ => 5,
    };
    let rest = area.height.saturating_sub(head + volume);
    let detail = if logs.open && lines_mode { (rest / 2).min(14) } else { 0 };
    let below = |y: u16, height: u16| Rect { y: area.y.saturating_add(y), height, ..area };
    Parts {
        head: below(0, head),
        volume: below(head, volume),
        lines: below(head + volume, rest - detail),
        detail: below(head + volume + (rest - detail), detail),
    }
}

/// Zones where no board told any.
pub(super) fn no_zones() -> Arc<Zones> {
    Arc::new(Zones { fleet: Tz::UTC, installations: BTreeMap::new() })
}

/// What a place's standing means for the eye, and in words.
pub(super) fn consent(how: &How) -> (Tone, String) {
    match how {
        How::Open => (Tone::Ok, "may be read".to_owned()),
        How::Asking => (Tone::Waiting, "asked".to_owned()),
        How::Read { cut: true } => (Tone::Ok, "read, up to the limit".to_owned()),
        How::Read { cut: false } => (Tone::Ok, "read".to_owned()),
        How::Following => (Tone::Ok, "following".to_owned()),
        How::Polling { why } => (Tone::Ahead, format!("asked every 5 s, no tail: {why}")),
        How::Lost { why, .. } => (Tone::Warning, format!("tail lost: {why}")),
        How::Refused { why, wants_reason: true } => (Tone::Waiting, why.clone()),
        How::Refused { why, wants_reason: false } => (Tone::Muted, why.clone()),
        How::Failed { why, .. } => (Tone::Critical, why.clone()),
    }
}

/// Draws everything.
pub(super) fn draw(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let parts = parts(logs, area);
    if logs.mode() == Mode::Places {
        return places(logs, scene, parts.lines, buf);
    }
    head(logs, scene, parts.head, buf);
    volume(logs, scene, parts.volume, buf);
    if logs.shown.is_empty() {
        return nothing(logs, scene, parts.lines, buf);
    }
    lines(logs, scene, parts.lines, buf);
    detail(logs, scene, parts.detail, buf);
}

/// Who may be asked.
fn places(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let listed = logs.listed();
    if listed.is_empty() {
        return nothing(logs, scene, area, buf);
    }
    let wide = listed.iter().map(|told| width(&told.place())).max().unwrap_or(0).clamp(12, 40);
    let shown = page(logs.first, logs.at, listed.len(), usize::from(area.height));
    for (n, told) in listed.get(shown.clone()).unwrap_or_default().iter().enumerate() {
        let edge = Edge {
            chosen: shown.start + n == logs.at,
            marked: logs.marked.contains(&told.installation),
            focused: scene.focused,
        };
        let (tone, word) = consent(&told.how);
        let role = Role::toned(tone);
        let mut pen = Pen::edged(buf, scene.theme, area, u16::try_from(n).unwrap_or(u16::MAX), edge);
        let mark = if tone == Tone::Muted { Tone::Ahead } else { tone };
        pen.name(2 + wide, |pen| {
            let sign = scene.theme.signs.mark(mark);
            pen.write(sign, role).skip(1).cell(&told.place(), Role::Text, wide, Align::Left);
        });
        pen.skip(2).write(&word, role);
    }
}

/// What is asked, and how that goes.
fn head(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let going = logs.book.going();
    let signs = scene.theme.signs;
    let mut pen = Pen::new(buf, scene.theme, area, 0);
    pen.skip(2);
    match Find::typed(logs.typed.as_deref().unwrap_or_default()) {
        Find::Everything | Find::Nobody | Find::Mentions(_) => pen.write("every line", Role::Muted),
        Find::Query(text) => pen.write(&text, Role::Accent),
        Find::Text(text) => pen.write("lines with ", Role::Muted).write(&text, Role::Accent),
    };
    let (tone, word) = if logs.book.over {
        (Tone::Stale, "not asked any more".to_owned())
    } else if logs.chosen.is_some() {
        (Tone::Waiting, scene.told("held here; {bottom} goes to the newest"))
    } else if going.lost > 0 {
        (Tone::Warning, "tail lost, taken up again".to_owned())
    } else if going.polling > 0 {
        (Tone::Ok, "following, asked every 5 s".to_owned())
    } else if going.following > 0 {
        (Tone::Ok, "following".to_owned())
    } else if going.asking > 0 {
        (Tone::Waiting, "asking".to_owned())
    } else {
        (Tone::Plain, String::new())
    };
    if !word.is_empty() {
        pen.right(width(&word) + 3).write(signs.mark(tone), Role::toned(tone)).skip(1).write(&word, Role::toned(tone));
    }
    let mut pen = Pen::new(buf, scene.theme, area, 1);
    pen.skip(2);
    let mut first = true;
    let mut part = |tone: Tone, text: &str| {
        if !std::mem::take(&mut first) {
            pen.write(&format!("  {}  ", signs.dot), Role::Muted);
        }
        pen.write(signs.mark(tone), Role::toned(tone)).skip(1).write(text, Role::toned(tone));
    };
    let answering = going.read + going.following + going.polling;
    if answering > 0 {
        let names: Vec<String> =
            logs.book.places().filter(|told| answers(&told.how)).map(|told| told.place()).collect();
        part(Tone::Ok, &few(&names));
    }
    if going.asking > 0 {
        part(Tone::Waiting, &format!("{} asked", going.asking));
    }
    // What does not work is said with its reason, one place for all of its kind; what can't be helped last.
    for wanted in [Tone::Critical, Tone::Waiting, Tone::Muted, Tone::Warning] {
        let told = |how: &How| {
            let (tone, word) = consent(how);
            (!answers(how) && tone == wanted && *how != How::Asking).then_some(word)
        };
        let these: Vec<(String, String)> =
            logs.book.places().filter_map(|one| Some((one.place(), told(&one.how)?))).collect();
        let Some((_, why)) = these.first() else { continue };
        let names: Vec<String> = these.iter().map(|(place, _)| place.clone()).collect();
        // Where several are refused, who they are stands in the list of places.
        let text = match (wanted, names.len()) {
            (Tone::Muted, n @ 2..) => format!("{n} refused: no consent"),
            _ => format!("{}: {why}", few(&names)),
        };
        part(if wanted == Tone::Muted { Tone::Ahead } else { wanted }, &text);
    }
    if logs.book.lost > 0 {
        part(
            Tone::Warning,
            &format!("{} came too fast and are not shown", words::plural(logs.book.lost, "line", "lines")),
        );
    }
    if going.cut > 0 {
        part(Tone::Ahead, "there are more than fit; narrow the query");
    } else if logs.book.gone > 0 {
        part(Tone::Ahead, &format!("{} let go", words::plural(logs.book.gone, "older line", "older lines")));
    }
}

fn answers(how: &How) -> bool {
    matches!(how, How::Read { .. } | How::Following | How::Polling { .. })
}

/// A few names, and how many more.
fn few(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one}, {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} +{}", rest.len()),
    }
}

/// Counts over time: bars, and below them the time and marks for what is grave.
fn volume(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let Some(rows) = usize::from(area.height).checked_sub(1).filter(|rows| *rows > 0) else { return };
    let theme = scene.theme;
    let room = usize::from(area.width).saturating_sub(4 + COUNT);
    let (bars, alone) = logs.book.volume(room);
    let most = bars.iter().map(Bar::all).max().unwrap_or(0);
    if bars.is_empty() || most == 0 {
        return;
    }
    // As wide as the place: a bar may have a cell more than its neighbour.
    let cells: Vec<&Bar> = (0..room).filter_map(|cell| bars.get(cell * bars.len() / room)).collect();
    for row in 0..rows {
        let mut pen = Pen::new(buf, theme, area, u16::try_from(row).unwrap_or(u16::MAX));
        pen.skip(2);
        for bar in &cells {
            let role = toned(bar).map_or(Role::Full, Role::toned);
            pen.write(eighths(bar.all(), most, rows - 1 - row, rows, &theme.signs.heights), role);
        }
        if row == 0 {
            pen.skip(1).write(&words::count(most), Role::Muted);
        }
    }
    let below = u16::try_from(rows).unwrap_or(u16::MAX);
    let mut pen = Pen::new(buf, theme, area, below);
    pen.skip(2);
    for bar in &cells {
        let tone = toned(bar).unwrap_or(Tone::Plain);
        pen.write(theme.signs.mark(tone), Role::toned(tone));
    }
    if alone {
        pen.skip(1).write("of these", Role::Muted);
    }
    let zone = scene.lens().zone_of(logs.sieve.installation.as_ref());
    let time =
        |bar: Option<&Bar>| bar.map_or(String::new(), |bar| bar.at.with_timezone(&zone).format("%H:%M").to_string());
    let (begin, end) = (time(bars.first()), time(bars.last()));
    if cells.len() >= width(&begin) + width(&end) + 4 {
        Pen::new(buf, theme, area, below).skip(2).write(&begin, Role::Muted).write(" ", Role::Text);
        let before = cells.len() + 1 - width(&end);
        Pen::new(buf, theme, area, below).skip(before).write(" ", Role::Text).write(&end, Role::Muted);
    }
}

/// What stands out in a bar.
fn toned(bar: &Bar) -> Option<Tone> {
    if bar.errors > 0 {
        Some(Tone::Critical)
    } else if bar.warnings > 0 {
        Some(Tone::Warning)
    } else {
        None
    }
}

/// The cells beside the bars, for the highest count.
const COUNT: usize = 9;

/// One cell of a bar that is several rows high: `level` counts from below.
fn eighths(n: u64, most: u64, level: usize, rows: usize, heights: &[&'static str; 8]) -> &'static str {
    let steps = u64::try_from(rows * 8).unwrap_or(8);
    // Whatever is not nothing is seen.
    let full = if n == 0 { 0 } else { (u128::from(n) * u128::from(steps)).div_ceil(u128::from(most.max(1))) };
    let below = u128::try_from(level * 8).unwrap_or(0);
    match usize::try_from(full.saturating_sub(below)).unwrap_or(usize::MAX) {
        0 => " ",
        part => heights.get(part.min(8) - 1).copied().unwrap_or(" "),
    }
}

/// The lines, oldest above.
fn lines(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let shown = page(logs.first, logs.at, logs.shown.len(), usize::from(area.height));
    let these: Vec<(usize, &Line)> =
        shown.filter_map(|at| Some((at, logs.book.lines().get(*logs.shown.get(at)?)?))).collect();
    let several = logs.book.is_merged();
    let narrow = area.width < 100;
    let placed = |line: &Line| {
        let whole = line.row.place();
        if narrow { brief(&whole).to_owned() } else { whole }
    };
    let wide = these.iter().map(|(_, line)| width(&placed(line))).max().unwrap_or(0);
    let wide = wide.min(usize::from(area.width) / 5).max(8);
    let looked_for = match Find::typed(logs.typed.as_deref().unwrap_or_default()) {
        Find::Text(text) => text,
        Find::Query(_) | Find::Everything | Find::Nobody | Find::Mentions(_) => String::new(),
    };
    let filter = logs.sieve.query.over(&["at", "level", "where", "line"]);
    for (n, (at, line)) in these.iter().enumerate() {
        let edge = Edge { chosen: *at == logs.at, marked: false, focused: scene.focused };
        let mut pen = Pen::edged(buf, scene.theme, area, u16::try_from(n).unwrap_or(u16::MAX), edge);
        let row = &line.row;
        let tone = row.tone();
        let role = Role::toned(tone);
        let zone = scene.lens().zone_of(Some(&row.installation));
        let time = if narrow { "%H:%M:%S" } else { "%H:%M:%S%.3f" };
        let at = row.at.with_timezone(&zone).format(time).to_string();
        pen.name(width(&at).saturating_sub(1), |pen| {
            pen.write(&at, Role::Muted);
        });
        pen.skip(1);
        pen.write(signs.mark(tone), role).skip(1);
        if !narrow {
            pen.cell(row.level.as_deref().unwrap_or(""), role, 5, Align::Left).skip(1);
        }
        if several {
            pen.cell(&placed(line), Role::Accent, wide, Align::Left).skip(1);
        }
        let text = if logs.raw { row.line.as_str() } else { line.said() };
        let mut found = filter.spots(3, text);
        found.extend(spots(text, &looked_for));
        found.sort_unstable();
        write(&mut pen, text, logs.sideways, &found, if tone == Tone::Plain { Role::Text } else { role });
    }
}

/// The chosen line in full: its labels, and all of its text.
fn detail(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let (Some(line), false) = (logs.line(), area.is_empty()) else { return };
    let row = &line.row;
    let zone = scene.lens().zone_of(Some(&row.installation));
    let mut pen = Pen::new(buf, scene.theme, area, 0);
    pen.write(&scene.theme.signs.line.repeat(2), Role::Border).skip(1).write(&row.place(), Role::Title).skip(2);
    pen.write(&row.at.with_timezone(&zone).format("%a %-d %b %H:%M:%S%.9f %Z").to_string(), Role::Muted).skip(1);
    pen.rule(Role::Border);
    let mut below = 1;
    for text in wrap(&row.line, usize::from(area.width).saturating_sub(4)) {
        Pen::new(buf, scene.theme, area, below).skip(2).write(&text, Role::toned(row.tone()));
        below = below.saturating_add(1);
    }
    let labels: Vec<String> = row.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for text in wrap(&labels.join("  "), usize::from(area.width).saturating_sub(4)) {
        Pen::new(buf, scene.theme, area, below).skip(2).write(&text, Role::Muted);
        below = below.saturating_add(1);
    }
}

/// Why there is nothing to show, and what to do.
fn nothing(logs: &Logs, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let going = logs.book.going();
    let hidden = logs.book.lines().len();
    let failed = logs.book.places().find_map(|told| match &told.how {
        How::Failed { why, hint } => Some((format!("{}: {why}", told.place()), hint.clone())),
        _ => None,
    });
    let refused = logs.book.places().find_map(|told| match &told.how {
        How::Refused { why, wants_reason } => Some((format!("{}: {why}", told.place()), *wants_reason)),
        _ => None,
    });
    let (role, title, next) = match (failed, refused) {
        _ if hidden > 0 => {
            let hidden = words::plural(u64::try_from(hidden).unwrap_or(u64::MAX), "line is", "lines are");
            (Role::Muted, format!("nothing matches; {hidden} hidden"), scene.told("{back} clears the filter"))
        }
        _ if logs.book.is_blank() && logs.book.over => {
            (Role::Stale, "nobody is asked at the moment".to_owned(), scene.told("{pause} goes on asking"))
        }
        _ if logs.mode() == Mode::Places && logs.book.is_blank() => (
            Role::Waiting,
            "looking whose logs may be read".to_owned(),
            "nobody is asked before you say for what".to_owned(),
        ),
        _ if going.asking > 0 || logs.book.is_blank() => {
            (Role::Waiting, "asking".to_owned(), "lines appear as they come".to_owned())
        }
        _ if going.read + going.following + going.polling + going.lost > 0 => (
            Role::Muted,
            format!("no such line in the last {}", logs.span_word()),
            scene.told("{longer} looks further back, {query} asks for others"),
        ),
        (Some((why, hint)), _) => (Role::Critical, why, hint),
        (None, Some((why, true))) => (Role::Waiting, why, scene.told("{reason} says why")),
        (None, Some((why, false))) => (
            Role::Unknown,
            why,
            "the agreement in the fleet file says whose logs may be read, and until when".to_owned(),
        ),
        (None, None) => (
            Role::Muted,
            "nobody to ask".to_owned(),
            "sources of kind `loki` in the fleet file know the logs".to_owned(),
        ),
    };
    let across = usize::from(area.width).saturating_sub(4).max(1);
    let lines: Vec<(String, Role)> = [(title, role), (next, Role::Muted)]
        .into_iter()
        .flat_map(|(text, role)| wrap(&text, across).into_iter().map(move |line| (line, role)))
        .collect();
    let above = area.height.saturating_sub(3) / 2;
    for (row, (text, role)) in (above..).zip(&lines) {
        let left = usize::from(area.width).saturating_sub(width(text)) / 2;
        Pen::new(buf, scene.theme, area, row).skip(left).write(text, *role);
    }
}
