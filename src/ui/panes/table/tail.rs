//! What may be drawn behind the texts of a column: a small gauge, or the course of a number.

use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::{bar, spark};
use crate::views::column::Column;
use crate::views::rows::View;

/// The steps of a gauge.
pub const GAUGE: usize = 5;

/// The cells of a course.
const COURSE: usize = 6;

/// Something drawn behind a text. Where a row does not know it, nothing is drawn; where no row on screen does, it takes
/// no room.
pub enum Tail<R: 'static> {
    /// A gauge of five steps.
    Gauge(fn(&R) -> Option<usize>),
    /// Counts over time, the oldest first.
    Course(fn(&R) -> Option<&[Option<u32>]>),
}

impl<R> Clone for Tail<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Tail<R> {}

impl<R> Tail<R> {
    /// How wide it is.
    pub(super) fn cells(self) -> usize {
        match self {
            Self::Gauge(_) => GAUGE,
            Self::Course(_) => COURSE,
        }
    }

    fn is_known(self, row: &R) -> bool {
        match self {
            Self::Gauge(steps) => steps(row).is_some(),
            Self::Course(counts) => counts(row).is_some(),
        }
    }

    /// Draws it, in exactly its cells.
    pub(super) fn draw(self, row: &R, role: Role, pen: &mut Pen<'_>) {
        match self {
            Self::Gauge(steps) => match steps(row) {
                Some(steps) => bar::gauge(pen, steps, GAUGE, role),
                None => drop(pen.skip(GAUGE)),
            },
            Self::Course(counts) => {
                let counts = counts(row).unwrap_or_default();
                // From nothing on: a calm hour lies low however calm the others were.
                let values: Vec<Option<f64>> = counts.iter().map(|count| count.map(f64::from)).collect();
                let line = spark::above_nothing(&values, COURSE, &pen.signs().heights);
                pen.cell(
                    &line,
                    if role == Role::Muted { Role::Muted } else { Role::Text },
                    COURSE,
                    crate::text::width::Align::Left,
                );
            }
        }
    }
}

impl<R: View> Table<R> {
    /// What is drawn behind a column's texts, where one of these rows knows it.
    pub(super) fn tail(&self, column: &Column<R>, rows: &[&R]) -> Option<Tail<R>> {
        let (_, tail) = self.tails.iter().find(|(name, _)| *name == column.name)?;
        rows.iter().any(|row| tail.is_known(row)).then_some(*tail)
    }
}
