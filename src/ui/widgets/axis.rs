//! Time as a place: days from left to right, a cell for one or several of them.

use chrono::{Datelike, Days, TimeDelta};

use crate::domain::clock::Day;

/// A stretch of days over some cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The first day of the first cell.
    start: Day,
    /// Days in a cell.
    per: usize,
    /// Cells.
    cells: usize,
}

impl Axis {
    /// About eight months around a day, a quarter of them before it, moved by some months.
    #[must_use]
    pub fn around(today: Day, months: i32, cells: usize) -> Self {
        let cells = cells.max(1);
        let per = 243_usize.div_ceil(cells).max(1);
        let before = i64::try_from(cells / 5 * per).unwrap_or(0);
        let moved = TimeDelta::days(i64::from(months) * 30 - before);
        Self { start: today.checked_add_signed(moved).unwrap_or(today), per, cells }
    }

    /// How many cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// The cell of a day, where it is on the axis.
    #[must_use]
    pub fn cell(&self, day: Day) -> Option<usize> {
        let days = usize::try_from((day - self.start).num_days()).ok()?;
        Some(days / self.per).filter(|cell| *cell < self.cells)
    }

    /// The first day of a cell.
    #[must_use]
    pub fn day(&self, cell: usize) -> Day {
        let days = u64::try_from(cell.saturating_mul(self.per)).unwrap_or(u64::MAX);
        self.start.checked_add_days(Days::new(days)).unwrap_or(Day::MAX)
    }

    /// The names of the months at the cells of their first days; as many as stand apart.
    #[must_use]
    pub fn months(&self) -> Vec<(usize, String)> {
        let mut all: Vec<(usize, String)> = Vec::new();
        let mut free = 0;
        let mut day = self.start.with_day(1).unwrap_or(self.start);
        for _ in 0..24 {
            let Some(next) = day.checked_add_months(chrono::Months::new(1)) else { break };
            day = next;
            let Some(cell) = self.cell(day) else { break };
            let name = if day.month() == 1 { day.format("%b %y") } else { day.format("%b") }.to_string();
            if cell >= free && cell + name.len() <= self.cells {
                free = cell + name.len() + 1;
                all.push((cell, name));
            }
        }
        all
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_day_lies_in_the_cell_that_begins_on_or_before_it(
            cells in 0_usize..300, months in -40_i32..40, days in -400_i64..800
        ) {
            let today: Day = "2026-11-21".parse().unwrap();
            let axis = Axis::around(today, months, cells);
            let day = today + TimeDelta::days(days);
            if let Some(cell) = axis.cell(day) {
                prop_assert!(axis.day(cell) <= day && day < axis.day(cell + 1));
            }
            let months = axis.months();
            prop_assert!(months.windows(2).all(|pair| pair[0].0 + pair[0].1.len() < pair[1].0));
        }

        #[test]
        fn today_is_on_screen_unless_one_moved_away(cells in 1_usize..300) {
            let today: Day = "2026-11-21".parse().unwrap();
            prop_assert!(Axis::around(today, 0, cells).cell(today).is_some());
        }
    }
}
