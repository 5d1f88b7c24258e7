//! The honest looks of a view without rows: loading, empty, filtered away, failing, forbidden; each with the reason, and what
//! to do next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::id::InstallationId;
use crate::domain::state::Standing;
use crate::text::plain::ascii;
use crate::text::width::{shorten, width, wrap};
use crate::text::words;
use crate::ui::pane::Scene;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::views::board::{Board, SourceCount};
use crate::views::column::Tone;

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There are rows, and the filter or focus hides them all.
    Filtered {
        /// How many.
        hidden: usize,
    },
    /// There are none.
    Empty {
        /// What that means when everybody answers, and what would fill it.
        says: [&'static str; 2],
    },
}

/// How many reasons are told.
const REASONS: usize = 4;

/// Says why there is nothing to show, and what to do.
pub fn draw(nothing: Nothing, of: Option<&InstallationId>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let sources = asked(scene.board, of);
    let all = sources.ok + sources.stale + sources.failing + sources.never;
    let silent = sources.failing + sources.stale + sources.never;
    let reasons = match nothing {
        Nothing::Empty { .. } if sources.failing > 0 => reasons(scene.board, of),
        Nothing::Empty { .. } | Nothing::Filtered { .. } => Vec::new(),
    };
    let forbidden = !reasons.is_empty() && reasons.iter().all(|reason| reason.forbids);
    let n = words::plural(count(all), "source", "sources");
    let (role, title, next) = match nothing {
        Nothing::Filtered { hidden } => (
            Role::Muted,
            format!("nothing matches; {} hidden", words::plural(count(hidden), "row is", "rows are")),
            "{back} clears the filter, {focus} shows everything again".to_owned(),
        ),
        Nothing::Empty { .. } if all > 0 && sources.never == all => {
            (Role::Waiting, format!("waiting for {n}"), "nothing has answered yet".to_owned())
        }
        Nothing::Empty { .. } if all > 0 && sources.failing == all && forbidden => {
            (Role::Critical, format!("{n} asked, and none may be read"), doctor(of))
        }
        Nothing::Empty { .. } if all > 0 && sources.failing == all => {
            (Role::Critical, format!("none of {n} answers"), doctor(of))
        }
        Nothing::Empty { .. } if silent > 0 => {
            (Role::Unknown, format!("nothing that was heard; {silent} of {n} not heard from"), doctor(of))
        }
        Nothing::Empty { says: [title, next] } => (Role::Muted, title.to_owned(), next.to_owned()),
    };
    let (mut middle, across) = (Vec::new(), usize::from(area.width));
    for (text, role) in [(title, role), (scene.told(&next), Role::Muted)] {
        middle.extend(lines(&text, across.saturating_sub(2)).into_iter().map(|line| (line, role)));
    }
    let room = across.saturating_sub(6);
    // Each reason whole, with what to do about it, and as many as there is room for.
    let free = usize::from(area.height).saturating_sub(middle.len() + 1);
    let mut told: Vec<Told> = Vec::new();
    for reason in reasons.iter().take(REASONS).map(|reason| reason.told(room, scene.theme.signs.ascii)) {
        if !told.is_empty() && told.len() + reason.len() > free {
            break;
        }
        told.extend(reason);
    }
    let height = middle.len() + if told.is_empty() { 0 } else { told.len() + 1 };
    let mut row = usize::from(area.height).saturating_sub(height + 1) / 2;
    for (text, role) in middle {
        let mut pen = Pen::new(buf, scene.theme, area, row_of(row));
        pen.skip(across.saturating_sub(width(&text)) / 2).write(&text, role);
        row += 1;
    }
    // One edge for all of them, so that they read as a list.
    let widest = told.iter().map(|line| width(&line.text) + 2).max().unwrap_or(0);
    for (row, line) in (row + 1..).zip(told) {
        let mut pen = Pen::new(buf, scene.theme, area, row_of(row));
        pen.skip(across.saturating_sub(widest) / 2);
        let mark = if line.first { scene.theme.signs.mark(Tone::Critical) } else { " " };
        pen.write(mark, Role::Critical).skip(1).write(&line.text, line.role);
    }
}

/// The most lines a sentence takes.
const LINES: usize = 3;

/// A sentence in so few lines; what is longer ends in what says so.
fn lines(text: &str, room: usize) -> Vec<String> {
    let mut lines = wrap(text, room);
    if lines.len() > LINES {
        let rest = lines.split_off(LINES - 1).join(" ");
        lines.push(shorten(&rest, room).into_owned());
    }
    lines
}

fn doctor(of: Option<&InstallationId>) -> String {
    let whose = of.map_or(String::new(), |id| format!(" {id}"));
    format!("{{sources}} shows which, {{refresh}} asks again, `quarterdeck doctor{whose}` tells more")
}

/// How the sources do that are asked about an installation, or all of them.
#[must_use]
pub fn asked(board: &Board, of: Option<&InstallationId>) -> SourceCount {
    let Some(id) = of else { return board.header.sources };
    let mut sources = SourceCount::default();
    for row in board.views.sources.iter().filter(|row| row.installation.as_ref() == Some(id)) {
        *match row.state {
            Standing::Ok => &mut sources.ok,
            Standing::Stale => &mut sources.stale,
            Standing::Failing => &mut sources.failing,
            Standing::Never => &mut sources.never,
        } += 1;
    }
    sources
}

/// Why some do not answer.
struct Reason<'b> {
    error: &'b str,
    hint: &'b str,
    kinds: Vec<&'b str>,
    count: usize,
    forbids: bool,
}

impl Reason<'_> {
    /// Who, and why; and below it what to do.
    fn told(&self, room: usize, in_ascii: bool) -> Vec<Told> {
        let who = match self.kinds.as_slice() {
            [one] if self.count == 1 => (*one).to_owned(),
            [one] => format!("{} {one}", self.count),
            _ => format!("{} sources", self.count),
        };
        let mut told = Vec::new();
        for (text, role) in [(format!("{who}: {}", self.error), Role::Text), (self.hint.to_owned(), Role::Muted)] {
            for line in lines(&text, room).into_iter().filter(|line| !line.is_empty()) {
                let text = if in_ascii { ascii(&line) } else { line };
                told.push(Told { text, role, first: told.is_empty() });
            }
        }
        told
    }
}

/// A line of a reason.
struct Told {
    text: String,
    role: Role,
    /// Whether it is the first of its reason.
    first: bool,
}

/// Why those do not answer that do not, the commonest reason first.
fn reasons<'b>(board: &'b Board, of: Option<&InstallationId>) -> Vec<Reason<'b>> {
    let ours = board.views.sources.iter().filter(|row| of.is_none() || row.installation.as_ref() == of);
    let mut known: BTreeMap<&str, Reason<'b>> = BTreeMap::new();
    for row in ours {
        let Some(error) = &row.error else { continue };
        let reason = known.entry(error).or_insert_with(|| Reason {
            error,
            hint: row.hint.as_deref().unwrap_or_default(),
            kinds: Vec::new(),
            count: 0,
            forbids: ["(401)", "(403)"].iter().any(|status| error.contains(status)),
        });
        reason.count += 1;
        if !reason.kinds.contains(&row.kind.as_str()) {
            reason.kinds.push(&row.kind);
        }
    }
    let mut reasons: Vec<Reason<'b>> = known.into_values().collect();
    reasons.sort_by_key(|reason| Reverse(reason.count));
    reasons
}

fn row_of(row: usize) -> u16 {
    u16::try_from(row).unwrap_or(u16::MAX)
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
