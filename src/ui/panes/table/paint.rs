//! A table's rows as cells: which columns fit, how wide they are, and how a row is written.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::width::{self, Align};
use crate::ui::pane::Scene;
use crate::ui::panes::table::group::Head;
use crate::ui::panes::table::{Table, Tail};
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::views::column::{Cell, Column, Tone};
use crate::views::lens::Lens;
use crate::views::rows::View;

/// One column that fits, with its width.
pub(super) struct Fitting<R: 'static> {
    pub n: usize,
    column: &'static Column<R>,
    tail: Option<Tail<R>>,
    pub width: usize,
    /// How wide its widest text is.
    wanted: usize,
    /// How wide its widest brief text is, as long as it says the whole.
    brief: Option<usize>,
}

impl<R: View> Fitting<R> {
    /// When it gives room: first its whole text, and in the end all of it.
    fn keep(&self) -> u8 {
        let brief = self.column.brief.as_ref().filter(|_| self.brief.is_some());
        brief.map_or(self.column.keep, |brief| brief.keep.min(self.column.keep))
    }

    /// From now on it says less, if it can.
    fn shorten(&mut self) -> bool {
        let brief = self.brief.take();
        self.width = brief.map_or(self.width, |brief| brief.min(self.width));
        brief.is_some()
    }

    fn is_brief(&self) -> bool {
        self.column.brief.is_some() && self.brief.is_none()
    }

    /// How many of its cells a text before it may take: all that it does not need, or that leave too little to be read.
    fn lends(&self, text: &str) -> usize {
        if text.is_empty() { self.width } else { self.width.saturating_sub(LEFT) }
    }

    /// Whether nothing but the mark is left.
    fn is_mark(&self) -> bool {
        self.column.marked && self.width < 2
    }

    fn text<'r>(&self, row: &'r R, lens: &Lens<'_>) -> Cow<'r, str> {
        match &self.column.brief {
            Some(brief) if self.is_brief() => (brief.cell)(row, lens),
            Some(_) | None => (self.column.cell)(row, lens),
        }
    }
}

/// How wide the texts of a column are: the whole ones, and the brief ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Widths {
    whole: usize,
    brief: usize,
}

impl Widths {
    /// Of these rows.
    pub(super) fn of<R: View>(column: &Column<R>, tail: Option<Tail<R>>, rows: &[&R], lens: &Lens<'_>) -> Self {
        let beside = (if column.marked { 2 } else { 0 }) + tail.map_or(0, |tail| tail.cells() + 1);
        let widest = |cell: Cell<R>| rows.iter().map(|row| width::width(&cell(row, lens))).max().unwrap_or(0);
        // A mark alone needs no blank behind it.
        let brief = column.brief.as_ref().map_or(0, |brief| match widest(brief.cell) {
            0 => beside.saturating_sub(1),
            cells => cells + beside,
        });
        Self { whole: widest(column.cell) + beside, brief }
    }

    /// The wider of both.
    pub(super) fn max(self, other: Self) -> Self {
        Self { whole: self.whole.max(other.whole), brief: self.brief.max(other.brief) }
    }
}

/// One row about to be drawn.
pub(super) struct Line<'a, R: 'static> {
    pub row: &'a R,
    pub n: usize,
    pub chosen: bool,
    pub columns: &'a [Fitting<R>],
    pub lens: &'a Lens<'a>,
}

impl<R: View> Table<R> {
    /// The columns that fit into a width: the lowest `keep` goes first, then the widest texts are shortened.
    pub(super) fn layout(&self, rows: &[&R], lens: &Lens<'_>, room: usize) -> Vec<Fitting<R>> {
        let mut columns: Vec<Fitting<R>> = R::COLUMNS
            .iter()
            .enumerate()
            .map(|(n, column)| {
                let tail = self.tail(column, rows);
                let seen = self.seen.get(n).copied().unwrap_or_default();
                let widths = Widths::of(column, tail, rows, lens).max(seen);
                let head = width::width(column.name) + usize::from(self.sort == Some(n));
                let wanted = widths.whole.max(head);
                let least = if widths.brief < 2 { widths.brief } else { widths.brief.max(head) };
                let brief = column.brief.as_ref().map(|_| least).filter(|brief| *brief < wanted);
                Fitting { n, column, tail, width: wanted, wanted, brief }
            })
            .collect();
        let room = room.saturating_sub(2);
        let total = |columns: &[Fitting<R>]| columns.iter().map(|one| one.width + 2).sum::<usize>().saturating_sub(2);
        let shrink = |columns: &mut Vec<Fitting<R>>, least: usize| {
            while total(columns) > room {
                match columns.iter_mut().max_by_key(|one| one.width) {
                    Some(one) if one.width > least => one.width -= 1,
                    Some(_) | None => break,
                }
            }
        };
        shrink(&mut columns, 32);
        while total(&columns) > room {
            let keeps = columns.iter().enumerate().rev().map(|(n, one)| (one.keep(), n));
            let Some((keep, n)) = keeps.min_by_key(|(keep, _)| *keep).filter(|(keep, _)| *keep < 9) else { break };
            // Before what matters most goes, texts are shortened further.
            if keep == 8 && columns.iter().any(|one| one.width > 18) {
                shrink(&mut columns, 18);
            } else if !columns.get_mut(n).is_some_and(Fitting::shorten) {
                columns.remove(n);
            }
        }
        shrink(&mut columns, 4);
        // What columns that had to go left behind is for the texts that were shortened for them.
        let mut spare = room.saturating_sub(total(&columns));
        for one in columns.iter_mut().filter(|one| !one.is_brief()) {
            let more = spare.min(one.wanted - one.width);
            one.width += more;
            spare -= more;
        }
        columns
    }

    pub(super) fn heads(&self, columns: &[Fitting<R>], scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let signs = scene.theme.signs;
        let mut pen = Pen::new(buf, scene.theme, area, 0);
        pen.skip(2);
        for one in columns {
            let sorted = self.sort == Some(one.n);
            let sign = if self.reversed { signs.up } else { signs.down };
            let name = if sorted { format!("{}{sign}", one.column.name) } else { one.column.name.to_owned() };
            let role = if sorted { Role::Accent } else { Role::Muted };
            // Over a mark there is no room for a word.
            pen.cell(if one.is_mark() { "" } else { &name }, role, one.width, one.column.align).skip(2);
        }
    }

    pub(super) fn line(&self, line: &Line<'_, R>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let signs = scene.theme.signs;
        let below = u16::try_from(line.n).unwrap_or(u16::MAX).saturating_add(1);
        let edge = Edge { chosen: line.chosen, marked: self.is_marked(line.row), focused: scene.focused };
        let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
        // What a row is called by: the first column that says more than how it feels.
        let name = line.columns.iter().position(|one| !one.is_mark()).unwrap_or(0);
        // How much of the next column's room a text has taken.
        let mut taken = 0;
        for (place, one) in line.columns.iter().enumerate() {
            let cell = one.text(line.row, line.lens);
            let tone = (one.column.tone)(line.row);
            let role = Role::toned(tone);
            let cell = if signs.ascii { crate::text::plain::ascii(&cell).into() } else { cell };
            let next = line.columns.get(place + 1).filter(|next| one.column.spills && !next.column.marked);
            let lends = next.map_or(0, |next| next.lends(&next.text(line.row, line.lens)));
            let more = width::width(&cell).saturating_sub(one.width).min(lends);
            let cells = (one.width + more).saturating_sub(std::mem::replace(&mut taken, more));
            let write = |pen: &mut Pen<'_>| {
                let mut room = cells;
                if one.column.marked {
                    pen.cell(signs.mark(tone), role, 2.min(room), Align::Left);
                    room = room.saturating_sub(2);
                }
                // What is drawn behind a text and has no room left is not drawn at all.
                let tail = one.tail.filter(|tail| room > tail.cells() + LEAST);
                room = room.saturating_sub(tail.map_or(0, |tail| tail.cells() + 1));
                pen.cell(&cell, role, room, one.column.align);
                if let Some(tail) = tail {
                    pen.skip(1);
                    tail.draw(line.row, role, pen);
                }
            };
            if place == name {
                pen.name(cells, write);
            } else {
                write(&mut pen);
            }
            pen.skip(2);
        }
    }
}

/// The heading of a group: what its rows have in common, how many they are, and how many of them press.
pub(super) fn heading(head: &Head, n: usize, chosen: bool, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let signs = scene.theme.signs;
    let below = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1);
    let edge = Edge { chosen, marked: false, focused: scene.focused };
    let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
    let name = if head.name.trim().is_empty() { "nothing told" } else { &head.name };
    let name = if signs.ascii { crate::text::plain::ascii(name) } else { name.to_owned() };
    pen.name(width::width(&name) + 2, |pen| {
        pen.write(if head.folded { signs.folded } else { signs.down }, Role::Accent).skip(1).write(&name, Role::Title);
    });
    pen.skip(2).write(&head.count.to_string(), Role::Muted);
    for (count, tone) in head.pressing.iter().zip([Tone::Critical, Tone::Warning]) {
        if *count > 0 {
            pen.skip(2).write(&format!("{} {count}", signs.mark(tone)), Role::toned(tone));
        }
    }
    pen.skip(1).rule(Role::Border);
}

/// The cells a text keeps of those another may take.
const LEFT: usize = 12;

/// The cells a text keeps before something drawn behind it goes.
const LEAST: usize = 1;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::domain::clock::Tz;
    use crate::views::attention;
    use crate::views::lens::{Zone, Zones};

    /// The columns that fit, those that say less in brackets, and how wide what is told of the row is.
    fn fitting(room: usize) -> (Vec<String>, usize) {
        let row: attention::Row = serde_json::from_value(serde_json::json!({
            "severity": "critical", "installation": "acme", "environment": "production",
            "what": "approval for 2026.41.0 is with the customer for 5 d", "why": "job approve in pipeline rollout",
            "since": "2026-11-16T01:17:00Z", "deadline": "2026-12-03T01:17:00Z", "who": "customer",
            "view": "rollouts", "subject": "", "cause": "",
        }))
        .unwrap();
        let zones = Arc::new(Zones { fleet: Tz::UTC, installations: BTreeMap::new() });
        let lens = Lens { now: "2026-11-21T01:17:00Z".parse().unwrap(), zone: Zone::Fleet, zones: &zones };
        let table: Table<attention::Row> = Table::new(|board| &board.views.attention);
        let columns = table.layout(&[&row], &lens, room);
        let name = |one: &Fitting<attention::Row>| match one.is_brief() {
            true => format!("({})", one.column.name),
            false => one.column.name.to_owned(),
        };
        (columns.iter().map(name).collect(), columns.iter().find(|one| one.column.name == "what").unwrap().width)
    }

    #[test]
    fn texts_say_less_before_columns_go_and_by_when_it_must_be_done_is_told_to_the_last() {
        for (room, names, what) in [
            (200, "severity where what why since deadline who", 51),
            (120, "(severity) where what why since deadline who", 37),
            (100, "(severity) (where) what why since deadline", 37),
            (80, "(severity) (where) what deadline", 51),
            (60, "(severity) (where) what deadline", 37),
            (40, "(severity) (where) what deadline", 17),
        ] {
            let (told, width) = fitting(room);
            assert_eq!((told.join(" ").as_str(), width), (names, what), "{room}");
        }
    }
}
