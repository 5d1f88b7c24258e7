//! Which rows of a long list are on screen: a pure function, so that drawing needs no memory and nothing jumps.

use std::ops::Range;

/// The rows to show so that the chosen one is among them, moving as little as possible from where the list stood.
#[must_use]
pub fn page(first: usize, chosen: usize, rows: usize, height: usize) -> Range<usize> {
    if height == 0 || rows == 0 {
        return 0..0;
    }
    let chosen = chosen.min(rows - 1);
    let last_first = rows.saturating_sub(height);
    let first = if chosen < first {
        chosen
    } else if chosen >= first.saturating_add(height) {
        chosen + 1 - height
    } else {
        first
    };
    let first = first.min(last_first);
    first..(first + height).min(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_chosen_row_is_always_on_screen_and_the_page_always_full(
            first in 0_usize..200, chosen in 0_usize..200, rows in 1_usize..100, height in 1_usize..60
        ) {
            let shown = page(first, chosen, rows, height);
            prop_assert!(shown.contains(&chosen.min(rows - 1)));
            prop_assert_eq!(shown.len(), height.min(rows));
            // Asked again from where it stands, it stays there.
            prop_assert_eq!(page(shown.start, chosen, rows, height), shown);
        }
    }
}
