//! Bars and gauges: how much of a whole, in cells.

use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;

/// How many of `cells` are full when `part` of `whole` is done. Full only of all, empty only of nothing.
#[must_use]
pub fn filled(part: usize, whole: usize, cells: usize) -> usize {
    if whole == 0 || part == 0 || cells == 0 {
        return 0;
    }
    if part >= whole {
        return cells;
    }
    (part.saturating_mul(cells) / whole).clamp(1, cells.saturating_sub(1).max(1))
}

/// A small gauge of a few steps: `▰▰▰▱▱`.
pub fn gauge(pen: &mut Pen<'_>, full: usize, cells: usize, role: Role) {
    let (on, off) = pen.signs().gauge;
    let full = full.min(cells);
    pen.write(&on.repeat(full), role).write(&off.repeat(cells - full), Role::Empty);
}

/// A bar of how much is done: `██████░░░`.
pub fn progress(pen: &mut Pen<'_>, part: usize, whole: usize, cells: usize, role: Role) {
    let (on, off) = pen.signs().progress;
    let cells = cells.min(usize::from(pen.room()));
    let full = filled(part, whole, cells);
    pen.write(&on.repeat(full), role).write(&off.repeat(cells - full), Role::Empty);
}

/// The height of one column of a histogram, from nothing to the highest.
#[must_use]
pub fn height(n: usize, most: usize) -> Option<usize> {
    if n == 0 || most == 0 { None } else { Some((n.saturating_mul(8).div_ceil(most)).clamp(1, 8) - 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bar_is_full_only_of_all_and_empty_only_of_nothing(part in 0_usize..300, whole in 1_usize..300, cells in 2_usize..80) {
            let full = filled(part, whole, cells);
            prop_assert!(full <= cells);
            prop_assert_eq!(full == cells, part >= whole);
            prop_assert_eq!(full == 0, part == 0);
        }

        #[test]
        fn the_highest_column_is_the_highest_sign(n in 0_usize..5000, most in 1_usize..5000) {
            prop_assert_eq!(height(most, most), Some(7));
            prop_assert_eq!(height(n, most.max(n)).is_none(), n == 0);
        }
    }
}
