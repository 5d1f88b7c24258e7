//! Key figures as lines of a page: what, how much now, and how it went.

use crate::ui::role::Role;
use crate::ui::widgets::paper::{Paper, piece};
use crate::ui::widgets::spark;
use crate::views::asked::Figure;

/// The most cells a sparkline has.
const CELLS: usize = 30;

/// The cells of a value with its unit.
const VALUE: usize = 11;

/// Adds the figures of one installation to a sheet so wide; nothing where none was told.
pub(super) fn add<K: PartialEq>(figures: &[Figure], heights: &[&'static str; 8], room: usize, into: &mut Paper<K>) {
    if figures.is_empty() {
        return;
    }
    into.title("Key figures", "the last hour");
    let several =
        figures.iter().any(|one| one.environment != figures.first().and_then(|first| first.environment.clone()));
    for one in figures {
        let environment = one.environment.as_ref().filter(|_| several).map_or("", |name| name.as_str());
        let name = if environment.is_empty() { one.name.clone() } else { format!("{environment} {}", one.name) };
        let wide = if several { 22 } else { 14 };
        let cells = room.saturating_sub(2 + wide + VALUE + 2).min(CELLS);
        if let Some(fault) = &one.fault {
            into.line([
                piece("  ", Role::Text),
                piece(name, Role::Text).left(wide),
                piece(fault.as_str(), Role::Warning),
            ]);
            continue;
        }
        // The newest value that was told; a hole at the end is no zero.
        let now = one.values.iter().rev().flatten().next();
        let now = now.map_or("?".to_owned(), |value| spark::value(*value, &one.unit));
        into.line([
            piece("  ", Role::Text),
            piece(name, Role::Text).left(wide),
            piece(now, Role::Text).right(VALUE),
            piece("  ", Role::Text),
            piece(spark::line(&one.values, cells, heights), Role::Full),
        ]);
    }
}
