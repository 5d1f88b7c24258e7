//! Sparklines: a few values over time in one row of cells. A hole is a hole.

use crate::text::words;

/// Values as heights, in so many cells: each cell shows the highest of its values. What nobody told is a blank.
#[must_use]
pub fn line(values: &[Option<f64>], cells: usize, heights: &[&'static str; 8]) -> String {
    let known = values.iter().flatten().copied().filter(|value| value.is_finite());
    between(values, known.fold(f64::INFINITY, f64::min), cells, heights)
}

/// The same for what is counted: nothing lies lowest, whether it ever was nothing or not.
#[must_use]
pub fn above_nothing(values: &[Option<f64>], cells: usize, heights: &[&'static str; 8]) -> String {
    between(values, 0.0, cells, heights)
}

fn between(values: &[Option<f64>], low: f64, cells: usize, heights: &[&'static str; 8]) -> String {
    if values.is_empty() || cells == 0 {
        return String::new();
    }
    let known = values.iter().flatten().copied().filter(|value| value.is_finite());
    let high = known.fold(f64::NEG_INFINITY, f64::max);
    let cells = cells.min(values.len());
    (0..cells)
        .map(|cell| {
            let from = cell * values.len() / cells;
            let to = ((cell + 1) * values.len() / cells).max(from + 1);
            let here = values.get(from..to).unwrap_or_default().iter().flatten().copied();
            let top = here.filter(|value| value.is_finite()).fold(f64::NEG_INFINITY, f64::max);
            if top.is_finite() { heights.get(step(top, low, high)).copied().unwrap_or(" ") } else { " " }
        })
        .collect()
}

/// From the lowest to the highest in eight steps. What hardly changes lies low, as a calm thing should.
fn step(value: f64, low: f64, high: f64) -> usize {
    let span = high - low;
    if span <= high.abs() * 0.02 || !span.is_finite() {
        return 0;
    }
    let part = (value - low) / span;
    (1..8).rev().find(|n| part * 7.0 + 0.5 >= f64::from(*n)).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

/// A value with its unit, in few cells: `12.4 /s`, `1.8 GB`, `3`.
#[must_use]
pub fn value(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    if unit == "B" {
        return format!("{:.0}", value.max(0.0)).parse().map_or_else(|_| "?".to_owned(), words::bytes);
    }
    let size = value.abs();
    let number = if size >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if size >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ui::signs::Signs;

    fn drawn(values: &[Option<f64>], cells: usize) -> String {
        line(values, cells, &Signs::unicode().heights)
    }

    #[test]
    fn low_is_low_high_is_high_and_a_hole_is_a_hole() {
        assert_eq!(drawn(&[Some(0.0), Some(1.0), None, Some(2.0)], 4), "▁▅ █");
        assert_eq!(drawn(&[Some(5.0), Some(5.0)], 2), "▁▁");
        assert_eq!(drawn(&[None, None], 2), "  ");
        assert_eq!(drawn(&[Some(0.0), Some(9.0), Some(0.0), Some(0.0)], 2), "█▁");
        assert_eq!(drawn(&[], 5), "");
        assert_eq!(above_nothing(&[Some(2.0), Some(2.0), Some(0.0)], 3, &Signs::unicode().heights), "██▁");
        assert_eq!(above_nothing(&[Some(0.0), None], 2, &Signs::unicode().heights), "▁ ");
        assert_eq!(drawn(&[Some(f64::NAN), Some(1.0), Some(f64::INFINITY)], 3), " ▁ ");
    }

    #[test]
    fn values_are_said_in_few_cells() {
        for (number, unit, said) in [
            (12.44, "/s", "12.4 /s"),
            (0.034, "/s", "0.03 /s"),
            (3.0, "", "3"),
            (1834.2, "", "1834"),
            (1.8e9, "B", "1.8 GB"),
            (-4.0, "B", "0 B"),
            (f64::NAN, "B", "?"),
        ] {
            assert_eq!(value(number, unit), said);
        }
    }

    proptest! {
        #[test]
        fn a_line_is_never_wider_than_its_cells(values in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..80), cells in 0_usize..50) {
            prop_assert!(drawn(&values, cells).chars().count() <= cells);
        }
    }
}
