//! A box on top of everything, and a line being typed in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::prompt::Prompt;
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;

/// Where a box of that size stands.
#[must_use]
pub fn window_area(size: (u16, u16), screen: Rect) -> Rect {
    let width = size.0.min(screen.width);
    let height = size.1.min(screen.height);
    Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 3, width, height }
}

/// A box in the middle of the screen, cleared and framed. Gives its inside.
pub fn window(title: &str, size: (u16, u16), theme: &Theme, screen: Rect, buf: &mut Buffer) -> Rect {
    let area = window_area(size, screen);
    let (width, height) = (area.width, area.height);
    clear(area, theme, buf);
    let [left_above, right_above, left_below, right_below] = theme.signs.corners;
    let across = usize::from(width.saturating_sub(2));
    let title = format!(" {title} ");
    let rest = across.saturating_sub(crate::text::width::width(&title) + 1);
    let mut pen = Pen::new(buf, theme, area, 0);
    pen.write(left_above, Role::Border).write(theme.signs.line, Role::Border).write(&title, Role::Title);
    pen.write(&theme.signs.line.repeat(rest), Role::Border).right(1).write(right_above, Role::Border);
    for row in 1..height.saturating_sub(1) {
        let mut pen = Pen::new(buf, theme, area, row);
        pen.write(theme.signs.bar, Role::Border).right(1).write(theme.signs.bar, Role::Border);
    }
    if height > 1 {
        let mut pen = Pen::new(buf, theme, area, height - 1);
        pen.write(left_below, Role::Border).write(&theme.signs.line.repeat(across), Role::Border);
        pen.right(1).write(right_below, Role::Border);
    }
    Rect {
        x: area.x + 2.min(width),
        y: area.y + 1.min(height),
        width: width.saturating_sub(4),
        height: height.saturating_sub(2),
    }
}

/// Takes everything away that stands there.
pub fn clear(area: Rect, theme: &Theme, buf: &mut Buffer) {
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
            cell.set_style(theme.style(Role::Text));
        }
    }
}

/// A line being typed, with its cursor.
pub fn typed(prompt: &Prompt, sign: &str, pen: &mut Pen<'_>) {
    let (before, after) = prompt.parts();
    pen.write(sign, Role::Accent).write(&before, Role::Text);
    let mut rest = after.chars();
    let under = rest.next().map_or(" ".to_owned(), |c| c.to_string());
    pen.write(&under, Role::Today).write(rest.as_str(), Role::Text);
}
