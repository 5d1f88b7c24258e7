//! A sheet of lines made of pieces: for pages that are read, and turned when they are longer than the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::plain::ascii;
use crate::text::width::{Align, width};
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::{Edge, Pen};

/// One piece of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    text: String,
    role: Role,
    /// In how many cells, and where in them; none for as many as it takes.
    cells: Option<(usize, Align)>,
}

/// A text in a role.
#[must_use]
pub fn piece(text: impl Into<String>, role: Role) -> Piece {
    Piece { text: text.into(), role, cells: None }
}

impl Piece {
    /// In so many cells, on the left of them.
    #[must_use]
    pub fn left(mut self, cells: usize) -> Self {
        self.cells = Some((cells, Align::Left));
        self
    }

    /// In so many cells, on the right of them.
    #[must_use]
    pub fn right(mut self, cells: usize) -> Self {
        self.cells = Some((cells, Align::Right));
        self
    }

    /// How many blanks stand behind its text.
    fn spare(&self) -> usize {
        match self.cells {
            Some((cells, Align::Left)) => cells.saturating_sub(width(&self.text)),
            Some((_, Align::Right | Align::Center)) | None => 0,
        }
    }

    /// The same in some cells less.
    fn less(self, cells: usize) -> Self {
        Self { cells: self.cells.map(|(all, align)| (all.saturating_sub(cells), align)), ..self }
    }

    /// How many cells it takes.
    fn cells(&self) -> usize {
        self.cells.map_or_else(|| width(&self.text), |(cells, _)| cells)
    }
}

/// Lines of pieces; `K` is what a line that can be chosen stands for.
#[derive(Clone, Debug)]
pub struct Paper<K> {
    lines: Vec<(Option<K>, Vec<Piece>)>,
}

impl<K> Default for Paper<K> {
    fn default() -> Self {
        Self { lines: Vec::new() }
    }
}

impl<K: PartialEq> Paper<K> {
    /// Adds a line that is only read.
    pub fn line(&mut self, pieces: impl IntoIterator<Item = Piece>) {
        self.lines.push((None, pieces.into_iter().collect()));
    }

    /// Adds a line that can be chosen.
    pub fn choice(&mut self, key: K, pieces: impl IntoIterator<Item = Piece>) {
        self.lines.push((Some(key), pieces.into_iter().collect()));
    }

    /// Adds a title, with an empty line above unless it is the first.
    pub fn title(&mut self, text: &str, more: &str) {
        if !self.lines.is_empty() {
            self.lines.push((None, Vec::new()));
        }
        self.line([piece(text, Role::Title), piece(format!("  {more}"), Role::Muted)]);
    }

    /// Adds things said in a row, as many lines as they take in so many cells: none is cut in two.
    pub fn said(&mut self, things: &[String], role: Role, room: usize) {
        let things: Vec<&str> = things.iter().map(String::as_str).filter(|thing| !thing.is_empty()).collect();
        // They move together before one of them goes on below.
        let loose = width(&things.join(BETWEEN)) <= room || width(&things.join(CLOSE)) > room;
        let between = if loose { BETWEEN } else { CLOSE };
        let mut line = String::new();
        for thing in things {
            if !line.is_empty() && width(&line) + width(between) + width(thing) > room {
                self.line([piece(std::mem::take(&mut line), role)]);
            }
            if !line.is_empty() {
                line.push_str(between);
            }
            line.push_str(thing);
        }
        self.line([piece(line, role)]);
    }

    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The keys of the lines that can be chosen, with their places.
    pub fn keys(&self) -> impl Iterator<Item = (usize, &K)> {
        self.lines.iter().enumerate().filter_map(|(n, (key, _))| Some((n, key.as_ref()?)))
    }

    /// What stands at a line.
    #[must_use]
    pub fn key(&self, line: usize) -> Option<&K> {
        self.lines.get(line)?.0.as_ref()
    }

    /// Draws from a line on; says whether there is more below.
    pub fn draw(&self, first: usize, chosen: Option<&K>, focused: bool, at: At<'_>, buf: &mut Buffer) {
        let At { theme, area } = at;
        for (n, (key, pieces)) in self.lines.iter().skip(first).take(usize::from(area.height)).enumerate() {
            let chosen = chosen.is_some() && key.as_ref() == chosen;
            let edge = Edge { chosen, marked: false, focused };
            let mut pen = Pen::edged(buf, theme, area, u16::try_from(n).unwrap_or(u16::MAX), edge);
            let write = |pen: &mut Pen<'_>, one: &Piece| {
                let text = if theme.signs.ascii { ascii(&one.text) } else { one.text.clone() };
                match one.cells {
                    Some((cells, align)) => {
                        pen.cell(&text, one.role, cells, align);
                    }
                    None => {
                        pen.write(&text, one.role);
                    }
                }
            };
            let (name, rest) = pieces.split_at(named(pieces));
            let cells = name.iter().map(Piece::cells).sum::<usize>();
            // What is beside the name stands apart from its ground.
            let apart = name.last().map_or(0, Piece::spare).min(1);
            pen.name(cells.saturating_sub(1 + apart), |pen| {
                for (n, one) in name.iter().enumerate() {
                    let less = if n + 1 == name.len() { apart } else { 0 };
                    write(pen, &one.clone().less(less));
                }
            });
            pen.skip(apart);
            rest.iter().for_each(|one| write(&mut pen, one));
        }
    }
}

/// What stands between two things said in a row.
const BETWEEN: &str = "  ·  ";

/// The same where they move together.
const CLOSE: &str = " · ";

/// How many pieces say which line it is: its mark, and all up to what is more than an aside.
fn named(pieces: &[Piece]) -> usize {
    let name = pieces.iter().skip(1).position(|one| one.role != Role::Muted);
    name.map_or(pieces.len(), |n| n + 2)
}

/// Where a sheet is drawn, and how things look there.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// How things look.
    pub theme: &'a Theme,
    /// Where.
    pub area: Rect,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(things: &[&str], room: usize) -> Vec<String> {
        let mut paper: Paper<()> = Paper::default();
        paper.said(&things.iter().map(ToString::to_string).collect::<Vec<_>>(), Role::Muted, room);
        paper.lines.iter().map(|(_, pieces)| pieces.iter().map(|one| one.text.as_str()).collect()).collect()
    }

    #[test]
    fn what_is_said_in_a_row_goes_on_below_and_nothing_is_cut_in_two() {
        let things = ["window open, 42 min left", "", "staging 2026.41.0", "heard 1 min ago"];
        let whole = "window open, 42 min left  ·  staging 2026.41.0  ·  heard 1 min ago";
        assert_eq!(said(&things, 66), [whole]);
        assert_eq!(said(&things, 65), ["window open, 42 min left · staging 2026.41.0 · heard 1 min ago"]);
        assert_eq!(said(&things, 60), ["window open, 42 min left  ·  staging 2026.41.0", "heard 1 min ago"]);
        assert_eq!(said(&things, 3), ["window open, 42 min left", "staging 2026.41.0", "heard 1 min ago"]);
        assert_eq!(said(&[], 3), [""]);
    }
}
