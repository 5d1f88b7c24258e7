//! One log line on one row, shifted sideways, with what was looked for marked in it.

use unicode_segmentation::UnicodeSegmentation;

use crate::text::plain;
use crate::text::width::width;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;

/// Writes a text from its so-manieth grapheme on; those at the spots are marked. What does not fit ends in a sign.
pub fn write(pen: &mut Pen<'_>, text: &str, from: usize, spots: &[usize], role: Role) {
    let ascii = pen.signs().ascii;
    let more = pen.signs().ellipsis;
    if from > 0 {
        pen.write(more, Role::Muted);
    }
    let mut graphemes = text.graphemes(true).enumerate().skip(from).peekable();
    let mut run = String::new();
    let mut run_found = false;
    let mut room = usize::from(pen.room());
    let flush = |pen: &mut Pen<'_>, run: &mut String, found: bool| {
        if !run.is_empty() {
            pen.write(run, if found { Role::Match } else { role });
            run.clear();
        }
    };
    while let Some((n, grapheme)) = graphemes.next() {
        let shown = if ascii { plain::ascii(grapheme) } else { grapheme.to_owned() };
        let cells = width(&shown);
        // The last cell is kept for the sign that there is more.
        let needed = if graphemes.peek().is_some() { cells + 1 } else { cells };
        if needed > room {
            flush(pen, &mut run, run_found);
            pen.write(more, Role::Muted);
            return;
        }
        let found = spots.binary_search(&n).is_ok();
        if found != run_found {
            flush(pen, &mut run, run_found);
            run_found = found;
        }
        run.push_str(&shown);
        room -= cells;
    }
    flush(pen, &mut run, run_found);
}

/// The graphemes of a text in which a word is found, in any case.
#[must_use]
pub fn spots(text: &str, word: &str) -> Vec<usize> {
    let wanted: Vec<String> = word.graphemes(true).map(str::to_lowercase).collect();
    let all: Vec<String> = text.graphemes(true).map(str::to_lowercase).collect();
    let mut spots = Vec::new();
    if wanted.is_empty() {
        return spots;
    }
    for (n, part) in all.windows(wanted.len()).enumerate() {
        if part == wanted {
            spots.extend(n..n + wanted.len());
        }
    }
    spots.dedup();
    spots
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::ui::theme::Theme;

    fn drawn(text: &str, from: usize, cells: u16) -> String {
        let theme = Theme::plain();
        let mut buf = Buffer::empty(Rect::new(0, 0, cells + 3, 1));
        let area = Rect::new(0, 0, cells, 1);
        write(&mut Pen::new(&mut buf, &theme, area, 0), text, from, &[], Role::Text);
        (0..cells + 3).map(|x| buf.cell((x, 0)).unwrap().symbol().to_owned()).collect::<String>()
    }

    #[test]
    fn a_line_is_shifted_and_cut_where_it_must_be() {
        for (text, from, cells, shown) in [
            ("hello", 0, 5, "hello   "),
            ("hello!", 0, 5, "hell…   "),
            ("hello!", 3, 5, "…lo!    "),
            ("hello!", 30, 5, "…       "),
            ("漢字仮名", 0, 5, "漢 字 …   "),
            ("", 0, 5, "        "),
            ("x", 0, 0, "   "),
        ] {
            assert_eq!(drawn(text, from, cells), shown, "{text} from {from}");
        }
    }

    #[test]
    fn what_was_looked_for_is_found_in_any_case() {
        assert_eq!(spots("Error: an ERROR", "error"), [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]);
        assert_eq!(spots("漢字", "字"), [1]);
        assert!(spots("x", "").is_empty());
    }

    proptest! {
        #[test]
        fn whatever_the_line_it_stays_in_its_cells(text in "\\PC{0,60}", from in 0_usize..70, cells in 0_u16..50) {
            let line = drawn(&text, from, cells);
            prop_assert!(line.ends_with("   "), "{line:?}");
        }
    }
}
