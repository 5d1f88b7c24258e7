//! Columns: how one field of a row is shown, sorted and toned, and what goes first on a narrow screen.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::text::width::Align;
use crate::views::lens::Lens;

/// What a value means for the eye. A theme turns it into colour and mark; without colour the mark remains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// Less important.
    Muted,
    /// As it should be.
    Ok,
    /// Higher or earlier than expected: not wrong by itself.
    Ahead,
    /// Waits for somebody or some time.
    Waiting,
    /// Too old to rest on.
    Stale,
    /// Nobody could say.
    Unknown,
    /// Needs somebody, not at once.
    Warning,
    /// Needs somebody now.
    Critical,
}

impl Tone {
    /// Its mark, in Unicode or in ASCII: colour is never alone.
    #[must_use]
    pub fn mark(self, ascii: bool) -> &'static str {
        let (sign, plain) = match self {
            Self::Plain | Self::Muted => (" ", " "),
            Self::Ok => ("●", "o"),
            Self::Ahead => ("○", "-"),
            Self::Waiting => ("◌", "."),
            Self::Stale => ("◔", "~"),
            Self::Unknown => ("?", "?"),
            Self::Warning => ("▲", "!"),
            Self::Critical => ("✖", "X"),
        };
        if ascii { plain } else { sign }
    }
}

/// The text of a field.
pub type Cell<R> = for<'r> fn(&'r R, &Lens<'_>) -> Cow<'r, str>;

/// What a column says where room is short.
pub struct Brief<R: 'static> {
    /// How long the whole text stays: the lowest goes first, be it a text or a column.
    pub keep: u8,
    /// The text then. Where it is empty, the mark alone remains.
    pub cell: Cell<R>,
}

/// How one field of a row is shown.
pub struct Column<R: 'static> {
    /// Its heading, and its name in the filter.
    pub name: &'static str,
    /// How long it stays on a narrowing screen: the lowest goes first, 9 never.
    pub keep: u8,
    /// On which side it lines up.
    pub align: Align,
    /// Its text.
    pub cell: Cell<R>,
    /// Its text where room is short, if that is another.
    pub brief: Option<Brief<R>>,
    /// Whether its text may run on where the next column says nothing.
    pub spills: bool,
    /// What it means for the eye.
    pub tone: fn(&R) -> Tone,
    /// Whether the tone's mark stands before the text.
    pub marked: bool,
    /// How two rows compare by this field. Never by the printed text.
    pub compare: fn(&R, &R) -> Ordering,
}

impl<R> Column<R> {
    /// A plain column, lined up on the left.
    #[must_use]
    pub const fn new(name: &'static str, keep: u8, cell: Cell<R>, compare: fn(&R, &R) -> Ordering) -> Self {
        let tone = |_: &R| Tone::Plain;
        Self { name, keep, align: Align::Left, cell, brief: None, spills: false, tone, marked: false, compare }
    }

    /// With a shorter text for where room is short.
    #[must_use]
    pub const fn brief(mut self, keep: u8, cell: Cell<R>) -> Self {
        self.brief = Some(Brief { keep, cell });
        self
    }

    /// With a text that may run on where the next column says nothing.
    #[must_use]
    pub const fn spilling(mut self) -> Self {
        self.spills = true;
        self
    }

    /// Lined up on the right, as numbers are.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    /// Coloured by what it means.
    #[must_use]
    pub const fn toned(mut self, tone: fn(&R) -> Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Coloured, and with the mark of its meaning before the text: for states, so that colour is never alone.
    #[must_use]
    pub const fn marked(mut self, tone: fn(&R) -> Tone) -> Self {
        self.tone = tone;
        self.marked = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tone_has_a_mark_of_its_own_with_and_without_unicode() {
        let tones = [Tone::Ok, Tone::Ahead, Tone::Waiting, Tone::Stale, Tone::Unknown, Tone::Warning, Tone::Critical];
        for ascii in [false, true] {
            let mut marks: Vec<&str> = tones.iter().map(|tone| tone.mark(ascii)).collect();
            marks.sort_unstable();
            marks.dedup();
            assert_eq!(marks.len(), tones.len());
        }
    }
}
