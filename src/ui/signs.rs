//! The signs that are drawn: marks, bars, lines, in Unicode and in ASCII.

use crate::views::column::Tone;

/// One set of signs.
#[derive(Debug, PartialEq, Eq)]
pub struct Signs {
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// The mark at the chosen row.
    pub chosen: &'static str,
    /// The mark at a marked row.
    pub marked: &'static str,
    /// What a shortened text ends in.
    pub ellipsis: &'static str,
    /// A horizontal line.
    pub line: &'static str,
    /// A vertical line.
    pub bar: &'static str,
    /// Between two things on one line.
    pub dot: &'static str,
    /// Downwards: a choice, a sort.
    pub down: &'static str,
    /// Something folded away.
    pub folded: &'static str,
    /// Upwards.
    pub up: &'static str,
    /// The full and the empty part of a small gauge.
    pub gauge: (&'static str, &'static str),
    /// The full and the empty part of a progress bar.
    pub progress: (&'static str, &'static str),
    /// Growing heights, for sparklines and histograms.
    pub heights: [&'static str; 8],
    /// Supported, security only, upgrade window, extended, in a drawing of time.
    pub spans: [&'static str; 4],
    /// The end, the next window, today, in a drawing of time.
    pub points: [&'static str; 3],
    /// A train's line between two stations, and where it skips one.
    pub track: (&'static str, &'static str),
    /// The emblem in the header.
    pub emblem: &'static str,
    /// Corners and edges of a box: left above, right above, left below, right below.
    pub corners: [&'static str; 4],
}

static UNICODE: Signs = Signs {
    ascii: false,
    chosen: "▌",
    marked: "◆",
    ellipsis: "…",
    line: "─",
    bar: "│",
    dot: "·",
    down: "▾",
    folded: "▸",
    up: "▴",
    gauge: ("▰", "▱"),
    progress: ("█", "░"),
    heights: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    spans: ["━", "─", "▒", "░"],
    points: ["✖", "◇", "┃"],
    track: ("─", "╌"),
    emblem: "⎈",
    corners: ["╭", "╮", "╰", "╯"],
};

static ASCII: Signs = Signs {
    ascii: true,
    chosen: ">",
    marked: "*",
    ellipsis: "~",
    line: "-",
    bar: "|",
    dot: ".",
    down: "v",
    folded: ">",
    up: "^",
    gauge: ("=", "-"),
    progress: ("#", "."),
    heights: ["_", ".", ":", "-", "=", "+", "*", "#"],
    spans: ["=", "-", "%", ":"],
    points: ["X", "W", "|"],
    track: ("-", "."),
    emblem: "*",
    corners: ["+", "+", "+", "+"],
};

impl Signs {
    /// For terminals and fonts that have them.
    #[must_use]
    pub fn unicode() -> &'static Self {
        &UNICODE
    }

    /// For all others.
    #[must_use]
    pub fn ascii() -> &'static Self {
        &ASCII
    }

    /// The mark of a tone: colour is never alone.
    #[must_use]
    pub fn mark(&self, tone: Tone) -> &'static str {
        tone.mark(self.ascii)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ascii_signs_are_ascii() {
        let signs = Signs::ascii();
        let all = format!("{signs:?}");
        assert!(all.is_ascii());
        for tone in [Tone::Ok, Tone::Ahead, Tone::Waiting, Tone::Stale, Tone::Unknown, Tone::Warning, Tone::Critical] {
            assert!(signs.mark(tone).is_ascii());
            assert_ne!(signs.mark(tone), Signs::ascii().mark(Tone::Plain));
        }
    }
}
