//! The honest looks of a view without rows: loading, empty, filtered away, failing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::words;
use crate::ui::pane::Scene;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There are rows, and the filter or focus hides them all.
    Filtered {
        /// How many.
        hidden: usize,
    },
    /// There are none.
    Empty,
}

/// Says why there is nothing to show, and what to do.
pub fn draw(nothing: Nothing, about: &str, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let sources = scene.board.header.sources;
    let asked = sources.ok + sources.stale + sources.failing;
    let all = asked + sources.never;
    let (tone, title, next) = match nothing {
        Nothing::Filtered { hidden } => (
            Role::Muted,
            format!("nothing matches; {} hidden", words::plural(count(hidden), "row is", "rows are")),
            "esc clears the filter, f shows everything again".to_owned(),
        ),
        Nothing::Empty if all > 0 && asked == 0 => (
            Role::Waiting,
            format!("waiting for {}", words::plural(count(all), "source", "sources")),
            "nothing has answered yet".to_owned(),
        ),
        Nothing::Empty if all > 0 && sources.ok + sources.stale == 0 => (
            Role::Critical,
            format!("none of {} answers", words::plural(count(all), "source", "sources")),
            "press 0 for the reasons, or run `quarterdeck doctor`".to_owned(),
        ),
        Nothing::Empty => (Role::Muted, "nothing to show".to_owned(), about.to_owned()),
    };
    let above = area.height.saturating_sub(3) / 2;
    for (row, text, role) in [(above, title, tone), (above.saturating_add(1), next, Role::Muted)] {
        let width = crate::text::width::width(&text);
        let mut pen = Pen::new(buf, scene.theme, area, row);
        pen.skip(usize::from(area.width).saturating_sub(width) / 2).write(&text, role);
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
