//! How many cells a text takes, and how to make it take fewer or exactly so many. Everything is counted in whole
//! graphemes, as the screen draws them: an emoji family is never cut in two.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Where a text stands in a field wider than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Blanks after it.
    Left,
    /// Blanks before it: numbers line up.
    Right,
    /// Blanks on both sides, the odd one after it.
    Center,
}

/// The cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The text in at most `width` cells; what had to be cut shows as `…` at the end.
#[must_use]
pub fn shorten(text: &str, width: usize) -> Cow<'_, str> {
    cut_end(text, width, "…")
}

/// Like [`shorten`], with plain characters only: `...`, or `~` where room is scarce.
#[must_use]
pub fn shorten_ascii(text: &str, width: usize) -> Cow<'_, str> {
    cut_end(text, width, ascii_mark(width))
}

/// The text in at most `width` cells; what had to be cut shows as `…` at the start.
#[must_use]
pub fn shorten_start(text: &str, width: usize) -> Cow<'_, str> {
    cut_start(text, width, "…")
}

/// The text in at most `width` cells with its middle left out: for names that differ at both ends.
#[must_use]
pub fn shorten_middle(text: &str, width: usize) -> Cow<'_, str> {
    cut_middle(text, width, "…")
}

/// Like [`shorten_middle`], with plain characters only.
#[must_use]
pub fn shorten_middle_ascii(text: &str, width: usize) -> Cow<'_, str> {
    cut_middle(text, width, ascii_mark(width))
}

/// The text in exactly `width` cells: shortened or filled with blanks.
#[must_use]
pub fn pad(text: &str, width: usize, align: Align) -> String {
    let text = shorten(text, width);
    let free = width.saturating_sub(self::width(&text));
    let (before, after) = match align {
        Align::Left => (0, free),
        Align::Right => (free, 0),
        Align::Center => (free / 2, free - free / 2),
    };
    let mut out = String::with_capacity(text.len() + free);
    out.extend(std::iter::repeat_n(' ', before));
    out.push_str(&text);
    out.extend(std::iter::repeat_n(' ', after));
    out
}

/// The text in lines of at most `width` cells, broken at blanks where there are any and between graphemes where not.
/// A grapheme wider than a whole line is left out.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        let size = self::width(word);
        if used > 0 && used + 1 + size <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + size;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            let size = grapheme.width();
            if size > width {
                continue;
            }
            if used + size > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(grapheme);
            used += size;
        }
    }
    lines.push(line);
    lines
}

fn ascii_mark(width: usize) -> &'static str {
    if width >= 6 { "..." } else { "~" }
}

/// Printable ASCII: every byte is one cell.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// The longest start of the text that fits, and whether it is all of it. Looks no further than it must.
fn head(text: &str, room: usize) -> (&str, bool) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            return (text.get(..at).unwrap_or_default(), false);
        }
    }
    (text, true)
}

/// The longest end of the text that fits.
fn tail(text: &str, room: usize) -> &str {
    let (mut used, mut from) = (0, text.len());
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > room {
            break;
        }
        from = at;
    }
    text.get(from..).unwrap_or_default()
}

fn fits(text: &str, width: usize) -> bool {
    (text.len() <= width && is_plain(text)) || head(text, width).1
}

fn cut_end<'t>(text: &'t str, width: usize, mark: &str) -> Cow<'t, str> {
    if fits(text, width) {
        return Cow::Borrowed(text);
    }
    if width == 0 {
        return Cow::Borrowed("");
    }
    let (start, _) = head(text, width.saturating_sub(mark.width()));
    Cow::Owned([start, mark].concat())
}

fn cut_start<'t>(text: &'t str, width: usize, mark: &str) -> Cow<'t, str> {
    if fits(text, width) {
        return Cow::Borrowed(text);
    }
    if width == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned([mark, tail(text, width.saturating_sub(mark.width()))].concat())
}

fn cut_middle<'t>(text: &'t str, width: usize, mark: &str) -> Cow<'t, str> {
    if fits(text, width) {
        return Cow::Borrowed(text);
    }
    if width == 0 {
        return Cow::Borrowed("");
    }
    let room = width.saturating_sub(mark.width());
    let (start, _) = head(text, room.div_ceil(2));
    Cow::Owned([start, mark, tail(text, room / 2)].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::text::Clean;
    use proptest::prelude::*;

    #[test]
    fn cells_are_counted_as_the_screen_draws_them() {
        for (text, cells) in [
            ("", 0),
            ("abc", 3),
            ("é", 1),
            ("e\u{301}", 1),
            ("日本", 4),
            ("👍", 2),
            ("👩‍👩‍👧‍👦", 2),
            ("🇩🇪", 2),
            ("▂▄▇", 3),
            ("…", 1),
        ] {
            assert_eq!(width(text), cells, "{text:?}");
        }
    }

    #[test]
    fn what_is_cut_shows_a_mark() {
        for (text, cells, end, middle, ascii) in [
            ("hello", 5, "hello", "hello", "hello"),
            ("hello!", 5, "hell…", "he…o!", "hell~"),
            ("deploy/meshfed-api", 10, "deploy/me…", "deplo…-api", "deploy/..."),
            ("hello", 1, "…", "…", "~"),
            ("hello", 0, "", "", ""),
            ("日本語", 5, "日本…", "日…語", "日本~"),
            ("日本語", 4, "日…", "日…", "日~"),
            ("日本語", 2, "…", "…", "~"),
            ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, "👩‍👩‍👧‍👦…", "…", "👩‍👩‍👧‍👦~"),
        ] {
            assert_eq!(shorten(text, cells), end, "{text} in {cells}");
            assert_eq!(shorten_middle(text, cells), middle, "{text} in {cells}");
            assert_eq!(shorten_ascii(text, cells), ascii, "{text} in {cells}");
        }
        assert_eq!(shorten_start("deploy/meshfed-api", 10), "…shfed-api");
        assert_eq!(shorten_start("日本語", 4), "…語");
        assert_eq!(shorten_middle_ascii("deploy/meshfed-api", 11), "depl...-api");
    }

    #[test]
    fn a_field_is_filled_to_its_width() {
        for (text, cells, align, field) in [
            ("ab", 5, Align::Left, "ab   "),
            ("ab", 5, Align::Right, "   ab"),
            ("ab", 5, Align::Center, " ab  "),
            ("日本語", 4, Align::Right, " 日…"),
            ("abc", 0, Align::Left, ""),
        ] {
            assert_eq!(pad(text, cells, align), field);
        }
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_where_they_must() {
        for (text, cells, lines) in [
            ("the window closes", 10, vec!["the window", "closes"]),
            ("abcdefgh ij", 4, vec!["abcd", "efgh", "ij"]),
            ("日本語", 4, vec!["日本", "語"]),
            ("日", 1, vec![""]),
            ("", 5, vec![""]),
            ("a", 0, vec![""]),
        ] {
            assert_eq!(wrap(text, cells), lines, "{text} in {cells}");
        }
    }

    proptest! {
        #[test]
        fn the_width_is_never_exceeded(text in "(\\PC|[a-z ]|日|👩\u{200d}👧|e\u{301}){0,40}", cells in 0usize..50) {
            let text = Clean::line(&text);
            let text = text.as_str();
            for short in [
                shorten(text, cells), shorten_middle(text, cells), shorten_ascii(text, cells), shorten_start(text, cells),
                shorten_middle_ascii(text, cells),
            ] {
                prop_assert!(width(&short) <= cells, "{:?} in {}", short, cells);
                if width(text) <= cells {
                    prop_assert_eq!(&short, text);
                }
            }
            for align in [Align::Left, Align::Right, Align::Center] {
                prop_assert_eq!(width(&pad(text, cells, align)), cells);
            }
            for line in wrap(text, cells) {
                prop_assert!(width(&line) <= cells);
            }
        }

        #[test]
        fn a_grapheme_is_never_split(text in "[a日👍🏽e\u{301}]{0,30}", cells in 1usize..20) {
            let whole: Vec<&str> = text.graphemes(true).collect();
            let short = shorten(&text, cells);
            let kept: Vec<&str> = short.graphemes(true).filter(|g| *g != "…").collect();
            prop_assert_eq!(&whole[..kept.len()], &kept[..]);
        }
    }
}
