//! Lines that stand for rows of a table: one row each, several at once, or a heading over the ones below.

use std::ops::Range;

use crate::ui::action::Action;
use crate::ui::widgets::page::page;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<E> {
    /// The row it chooses, by its place in the table; none for a heading.
    pub at: Option<usize>,
    /// What it shows.
    pub what: E,
}

/// All lines, and which of them stands for which row.
#[derive(Clone, Debug)]
pub struct Lines<E> {
    lines: Vec<Line<E>>,
    /// By a row's place in the table: its line.
    of: Vec<usize>,
    first: usize,
    height: usize,
}

impl<E> Default for Lines<E> {
    fn default() -> Self {
        Self { lines: Vec::new(), of: Vec::new(), first: 0, height: 20 }
    }
}

impl<E> Lines<E> {
    /// Takes other lines; `of` tells the line of every row.
    pub fn renew(&mut self, lines: Vec<Line<E>>, of: Vec<usize>, at: usize) {
        self.lines = lines;
        self.of = of;
        self.follow(at);
    }

    /// Scrolls so that a row is on screen.
    pub fn follow(&mut self, at: usize) {
        self.first = self.visible(at, self.height).start;
    }

    /// Told how many lines are on screen.
    pub fn fits(&mut self, height: usize) {
        self.height = height.max(1);
    }

    /// The line of a row.
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        self.of.get(at).copied().unwrap_or(0)
    }

    /// A line.
    #[must_use]
    pub fn get(&self, line: usize) -> Option<&Line<E>> {
        self.lines.get(line)
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = &Line<E>> {
        self.lines.iter()
    }

    /// The lines on screen: the chosen one is among them, with the heading right above it.
    #[must_use]
    pub fn visible(&self, at: usize, height: usize) -> Range<usize> {
        let line = self.line_of(at);
        let heading = line.checked_sub(1).filter(|above| self.lines.get(*above).is_some_and(|line| line.at.is_none()));
        let shown = page(self.first, line, self.lines.len(), height);
        match heading {
            Some(above) if shown.start == line && height > 1 => page(above, line, self.lines.len(), height),
            Some(_) | None => shown,
        }
    }

    /// The row an action moves to, where it moves at all.
    #[must_use]
    pub fn step(&mut self, action: Action, at: usize) -> Option<usize> {
        let line = self.line_of(at);
        let last = self.lines.len().saturating_sub(1);
        let (to, down) = match action {
            Action::Up => (line.saturating_sub(1), false),
            Action::Down => ((line + 1).min(last), true),
            Action::PageUp => (line.saturating_sub(self.height), false),
            Action::PageDown => ((line + self.height).min(last), true),
            Action::Top => (0, true),
            Action::Bottom => (last, false),
            _ => return None,
        };
        let row = |line: &usize| self.lines.get(*line).and_then(|line| line.at);
        // Over a heading one goes on in the same direction, and turns round only where there is nothing more.
        let found = if down {
            (to..=last).find_map(|line| row(&line)).or_else(|| (0..to).rev().find_map(|line| row(&line)))
        } else {
            (0..=to).rev().find_map(|line| row(&line)).or_else(|| (to..=last).find_map(|line| row(&line)))
        };
        let found = found?;
        self.follow(found);
        Some(found)
    }

    /// The row at a line of the screen.
    #[must_use]
    pub fn pointed(&self, at: usize, height: usize, line: usize) -> Option<usize> {
        let shown = self.visible(at, height);
        let line = shown.start.saturating_add(line);
        if shown.contains(&line) { self.get(line)?.at } else { None }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Headings where it says so, rows elsewhere.
    fn lines(headings: &[bool]) -> Lines<()> {
        let mut all = Vec::new();
        let mut of = Vec::new();
        for heading in headings {
            let at = (!heading).then_some(of.len());
            if at.is_some() {
                of.push(all.len());
            }
            all.push(Line { at, what: () });
        }
        let mut lines = Lines::default();
        lines.fits(7);
        lines.renew(all, of, 0);
        lines
    }

    #[test]
    fn a_heading_is_never_chosen_and_is_shown_with_its_first_row() {
        let mut some = lines(&[true, false, false, true, false]);
        assert_eq!(some.step(Action::Down, 1), Some(2));
        assert_eq!(some.step(Action::Up, 2), Some(1));
        assert_eq!(some.step(Action::Up, 0), Some(0));
        assert_eq!(some.visible(0, 3), 0..3);
    }

    proptest! {
        #[test]
        fn wherever_one_steps_the_chosen_row_is_on_screen(
            headings in proptest::collection::vec(any::<bool>(), 1..60),
            steps in proptest::collection::vec(0_usize..6, 0..40),
            height in 1_usize..20,
        ) {
            let mut some = lines(&headings);
            some.fits(height);
            let actions =
                [Action::Up, Action::Down, Action::PageUp, Action::PageDown, Action::Top, Action::Bottom];
            let mut at = 0;
            for step in steps {
                if let Some(to) = some.step(actions[step], at) {
                    at = to;
                }
                if headings.contains(&false) {
                    prop_assert!(some.visible(at, height).contains(&some.line_of(at)));
                    prop_assert_eq!(some.get(some.line_of(at)).unwrap().at, Some(at));
                }
            }
        }
    }
}
