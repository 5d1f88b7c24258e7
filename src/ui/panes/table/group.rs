//! A table's rows put together under headings, with their counts. A group can be folded away.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use crate::domain::id::InstallationId;
use crate::ui::action::Action;
use crate::ui::widgets::lines::{Line, Lines};
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::fleet;
use crate::views::lens::Lens;
use crate::views::rows::View;

/// What every row of an installation can be put together by, beside the fields of its view.
const OWNERS: &[&str] = &["installation", "customer", "plan"];

/// The fields the rows of a view can be put together by. Rows of no installation have no owner.
fn fields<R: View>(is_owned: bool) -> Vec<&'static str> {
    let owners = OWNERS.iter().filter(|name| is_owned && R::NAME != fleet::Row::NAME && !R::GROUPS.contains(name));
    R::GROUPS.iter().chain(owners).copied().collect()
}

/// One line of a table that is grouped.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// A row.
    Row,
    /// The heading of the rows below it, or, folded, what stands for them.
    Head(Head),
}

/// The heading of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Head {
    /// What its rows have in common.
    pub name: String,
    /// How many there are.
    pub count: usize,
    /// How many of them are critical, and how many to be warned of.
    pub pressing: [usize; 2],
    /// Whether its rows are folded away.
    pub folded: bool,
}

/// How a table is grouped, where it is.
#[derive(Default)]
pub(super) struct Groups {
    by: Option<&'static str>,
    folded: BTreeSet<String>,
    lines: Lines<Entry>,
    /// By a row's place: its group; and the rows of every group.
    of: Vec<usize>,
    rows: Vec<Range<usize>>,
    names: Vec<String>,
}

impl Groups {
    /// The field the rows are put together by.
    pub fn by(&self) -> Option<&'static str> {
        self.by
    }

    /// Not grouped any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Grouped by the next field; after the last one not at all.
    pub fn turn<R: View>(&mut self, is_owned: bool) {
        let fields = fields::<R>(is_owned);
        let next = match self.by {
            None => fields.first(),
            Some(by) => fields.iter().skip_while(|name| **name != by).nth(1),
        };
        let next = next.copied();
        self.clear();
        self.by = next;
    }

    /// Told how many lines are on screen.
    pub fn fits(&mut self, height: usize) {
        self.lines.fits(height);
    }

    /// Scrolls so that a row is on screen.
    pub fn follow(&mut self, at: usize) {
        self.lines.follow(at);
    }

    /// Puts sorted rows together: the group of the first row comes first, and inside a group the order stays.
    pub fn sort<R: View, H>(&mut self, shown: &mut Vec<(H, &R)>, board: &Board, lens: &Lens<'_>) {
        let Some(by) = self.by else { return };
        let column = R::COLUMNS.iter().find(|column| column.name == by);
        let owner = owners(by, board);
        let mut ranks: HashMap<String, usize> = HashMap::new();
        let mut ranked: Vec<(usize, (H, &R))> = Vec::with_capacity(shown.len());
        for (handle, row) in shown.drain(..) {
            let name = match column {
                Some(column) => (column.cell)(row, lens).into_owned(),
                None => row.installation().and_then(|id| owner.get(id)).cloned().unwrap_or_default(),
            };
            let fresh = ranks.len();
            ranked.push((*ranks.entry(name).or_insert(fresh), (handle, row)));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let mut names: Vec<(String, usize)> = ranks.into_iter().collect();
        names.sort_by_key(|(_, rank)| *rank);
        self.names = names.into_iter().map(|(name, _)| name).collect();
        self.of = ranked.iter().map(|(rank, _)| *rank).collect();
        self.rows = self
            .of
            .chunk_by(|one, next| one == next)
            .scan(0, |from, group| {
                let rows = *from..*from + group.len();
                *from = rows.end;
                Some(rows)
            })
            .collect();
        shown.extend(ranked.into_iter().map(|(_, row)| row));
    }

    /// Lays the lines anew, after the rows were sorted or a group was folded.
    pub fn lay(&mut self, tones: impl Iterator<Item = Tone>, at: usize) {
        if self.by.is_none() {
            return;
        }
        let mut heads: Vec<Head> = self
            .names
            .iter()
            .zip(&self.rows)
            .map(|(name, rows)| Head {
                name: name.clone(),
                count: rows.len(),
                folded: self.folded.contains(name),
                pressing: [0, 0],
            })
            .collect();
        for (group, tone) in self.of.iter().zip(tones) {
            if let Some(head) = heads.get_mut(*group) {
                let [critical, warning] = &mut head.pressing;
                *critical += usize::from(tone == Tone::Critical);
                *warning += usize::from(tone == Tone::Warning);
            }
        }
        let mut lines = Vec::with_capacity(self.of.len() + heads.len());
        let mut of = Vec::with_capacity(self.of.len());
        for (head, rows) in heads.into_iter().zip(&self.rows) {
            let (folded, here) = (head.folded, lines.len());
            lines.push(Line { at: folded.then_some(rows.start), what: Entry::Head(head) });
            if folded {
                of.extend(rows.clone().map(|_| here));
            } else {
                of.extend(rows.clone().map(|row| here + 1 + row - rows.start));
                lines.extend(rows.clone().map(|row| Line { at: Some(row), what: Entry::Row }));
            }
        }
        self.lines.renew(lines, of, at);
    }

    /// Folds the group of a row away, or opens it again. Says whether anything changed.
    pub fn fold(&mut self, at: usize, folded: bool) -> bool {
        match self.of.get(at).and_then(|group| self.names.get(*group)) {
            Some(name) if folded => self.folded.insert(name.clone()),
            Some(name) => self.folded.remove(name),
            None => false,
        }
    }

    /// The rows that are chosen together with a row: those of its group where that is folded.
    pub fn chosen(&self, at: usize) -> Option<Range<usize>> {
        let group = *self.of.get(at)?;
        let folded = self.names.get(group).is_some_and(|name| self.folded.contains(name));
        self.rows.get(group).filter(|_| folded && self.by.is_some()).cloned()
    }

    /// The row an action moves to.
    pub fn step(&mut self, action: Action, at: usize) -> Option<usize> {
        self.by.and_then(|_| self.lines.step(action, at))
    }

    /// The lines on screen, each with whether it is the chosen one.
    pub fn visible(&self, at: usize, height: usize) -> impl Iterator<Item = (&Line<Entry>, bool)> {
        let chosen = self.lines.line_of(at);
        self.lines.visible(at, height).filter_map(move |n| Some((self.lines.get(n)?, n == chosen)))
    }

    /// The first row of the group whose heading is a line of the screen.
    pub fn heading(&self, at: usize, height: usize, line: usize) -> Option<(usize, bool)> {
        let n = self.lines.visible(at, height).start + line;
        let Entry::Head(head) = &self.lines.get(n)?.what else { return None };
        let group = self.names.iter().position(|name| *name == head.name)?;
        Some((self.rows.get(group)?.start, head.folded))
    }
}

/// Whose each installation is, in the sense of a field.
fn owners(field: &str, board: &Board) -> BTreeMap<InstallationId, String> {
    let rows = board.views.fleet.iter();
    let told = |row: &fleet::Row| match field {
        "customer" => row.customer.to_string(),
        "plan" => row.plan.to_string(),
        _ => row.installation.to_string(),
    };
    if OWNERS.contains(&field) {
        rows.map(|row| (row.installation.clone(), told(row))).collect()
    } else {
        BTreeMap::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::rows::Rows;
    use crate::views::{ViewName, Views, Visit};

    struct Known;

    impl Visit for Known {
        type Out = ();

        fn see<R: View>(self, _: &Rows<R>) {
            for name in R::GROUPS {
                let known = R::COLUMNS.iter().any(|column| column.name == *name);
                assert!(known || OWNERS.contains(name), "{}: no column `{name}`", R::NAME);
            }
        }
    }

    #[test]
    fn every_field_to_group_by_is_a_column_of_its_view() {
        for view in ViewName::ALL {
            Views::default().visit(*view, Known);
        }
    }
}
