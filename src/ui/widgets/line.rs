//! One line of pieces, each in its role, cut to its width and never beyond.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::text::width;
use crate::ui::role::Role;
use crate::ui::signs::Signs;
use crate::ui::theme::Theme;

/// A pen that writes pieces from left to right on one row and stops at the edge.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    theme: &'a Theme,
    x: u16,
    y: u16,
    end: u16,
    base: Style,
    /// Whether it writes on the ground of what is chosen, where only what is not as it should be keeps its colour.
    chosen: bool,
    /// Whether the row is the chosen one: its name then lies on that ground.
    named: bool,
}

/// How the left edge of a row looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Whether it is the chosen one.
    pub chosen: bool,
    /// Whether it is marked.
    pub marked: bool,
    /// Whether keys go to its pane.
    pub focused: bool,
}

impl<'a> Pen<'a> {
    /// A pen at the beginning of the `row`th row of an area. Below the area it writes nothing.
    #[must_use]
    pub fn new(buf: &'a mut Buffer, theme: &'a Theme, area: Rect, row: u16) -> Self {
        let inside = row < area.height;
        let area = area.intersection(buf.area);
        let y = area.y.saturating_add(row);
        let end = if inside && y < area.bottom() { area.right() } else { area.x };
        Self { buf, theme, x: area.x, y, end, base: theme.style(Role::Text), chosen: false, named: false }
    }

    /// A pen for a row that can be chosen: its edge is written, and its name stands out where it is.
    #[must_use]
    pub fn edged(buf: &'a mut Buffer, theme: &'a Theme, area: Rect, row: u16, edge: Edge) -> Self {
        let mut pen = Self::new(buf, theme, area, row);
        pen.named = edge.chosen && edge.focused;
        let (sign, role) = match (edge.marked, edge.chosen) {
            (true, _) => (theme.signs.marked, Role::Marked),
            (false, true) => (theme.signs.chosen, Role::Accent),
            (false, false) => (" ", Role::Text),
        };
        pen.name(1, |pen| {
            pen.cell(sign, role, 1, width::Align::Left);
        });
        pen.skip(1);
        pen
    }

    /// What says which row it is, in so many cells. Where the row is chosen they lie on the ground of what is chosen, with
    /// a cell beyond; everything else of the row looks as ever, so that moving the choice draws two names and no more.
    pub fn name(&mut self, cells: usize, draw: impl FnOnce(&mut Self)) -> &mut Self {
        if self.named {
            self.chosen(cells.saturating_add(1), draw)
        } else {
            draw(self);
            self
        }
    }

    /// What is drawn lies on the ground of what is chosen, so many cells wide.
    pub fn chosen(&mut self, cells: usize, draw: impl FnOnce(&mut Self)) -> &mut Self {
        let (base, chosen) = (self.base, self.chosen);
        self.base = self.base.patch(self.theme.style(Role::Selected));
        self.chosen = true;
        let cells = u16::try_from(cells).unwrap_or(u16::MAX);
        let ground = Rect { x: self.x, y: self.y, width: cells.min(self.room()), height: 1 };
        if !ground.is_empty() {
            self.buf.set_style(ground, self.base);
        }
        draw(self);
        (self.base, self.chosen) = (base, chosen);
        self
    }

    /// With this style below everything that is written.
    #[must_use]
    pub fn on(mut self, role: Role) -> Self {
        let style = self.theme.style(role);
        self.base = self.base.patch(style);
        self.chosen = role == Role::Selected;
        let rest = Rect { x: self.x, y: self.y, width: self.room(), height: 1 };
        if !rest.is_empty() {
            self.buf.set_style(rest, self.base);
        }
        self
    }

    /// The signs this pen draws with.
    #[must_use]
    pub fn signs(&self) -> &'static Signs {
        self.theme.signs
    }

    /// The cells that are left.
    #[must_use]
    pub fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// Writes a piece in a role, shortened to what is left.
    pub fn write(&mut self, text: &str, role: Role) -> &mut Self {
        self.styled(text, self.style(role), usize::from(self.room()))
    }

    /// Writes a piece in a role, in exactly this many cells.
    pub fn cell(&mut self, text: &str, role: Role, cells: usize, align: width::Align) -> &mut Self {
        let cells = cells.min(usize::from(self.room()));
        let shortened = self.shorten(text, cells);
        let padded = width::pad(&shortened, cells, align);
        self.styled(&padded, self.style(role), cells)
    }

    /// Writes a piece as a block in the colour of a role, in exactly this many cells: the chosen one among many beside and
    /// below each other, seen without colour too.
    pub fn block(&mut self, text: &str, role: Role, cells: usize) -> &mut Self {
        let cells = cells.min(usize::from(self.room()));
        let padded = width::pad(&self.shorten(text, cells), cells, width::Align::Left);
        let style = self.theme.style(role).remove_modifier(Modifier::UNDERLINED);
        self.styled(&padded, style.add_modifier(Modifier::BOLD | Modifier::REVERSED), cells)
    }

    /// How a role looks here. The ground of the chosen row may be near any quiet colour: there the row's own is used,
    /// and where the row has a colour of its own, for everything. The signs tell the rest.
    fn style(&self, role: Role) -> Style {
        let style = self.theme.style(role);
        let own = self.chosen && (role.is_quiet() || self.theme.style(Role::Selected).fg.is_some());
        if own { Style { fg: None, bg: None, ..style } } else { style }
    }

    /// Leaves cells empty.
    pub fn skip(&mut self, cells: usize) -> &mut Self {
        self.x = self.x.saturating_add(u16::try_from(cells).unwrap_or(u16::MAX)).min(self.end);
        self
    }

    /// Goes on so that a text of this width ends at the right edge.
    pub fn right(&mut self, cells: usize) -> &mut Self {
        let cells = u16::try_from(cells).unwrap_or(u16::MAX);
        self.x = self.end.saturating_sub(cells).max(self.x);
        self
    }

    /// Draws a line to the right edge.
    pub fn rule(&mut self, role: Role) -> &mut Self {
        let room = usize::from(self.room());
        let line = self.theme.signs.line.repeat(room);
        self.write(&line, role)
    }

    fn shorten<'t>(&self, text: &'t str, cells: usize) -> std::borrow::Cow<'t, str> {
        if self.theme.signs.ascii { width::shorten_ascii(text, cells) } else { width::shorten(text, cells) }
    }

    fn styled(&mut self, text: &str, style: Style, cells: usize) -> &mut Self {
        let cells = cells.min(usize::from(self.room()));
        if cells > 0 {
            let text = self.shorten(text, cells).into_owned();
            let style = self.base.patch(style);
            let (x, _) = self.buf.set_stringn(self.x, self.y, text, cells, style);
            self.x = x.min(self.end);
        }
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    #[test]
    fn of_the_chosen_row_the_name_alone_lies_on_the_ground_in_every_theme() {
        for name in Theme::names() {
            let theme = Theme::built_in(name).unwrap();
            let edge = Edge { chosen: true, marked: false, focused: true };
            let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
            let mut pen = Pen::edged(&mut buf, &theme, Rect::new(0, 0, 20, 1), 0, edge);
            pen.name(4, |pen| {
                pen.write("acme", Role::Text);
            });
            pen.skip(2).write("on-prem", Role::Muted);
            let ground = |x: u16| {
                let cell = buf.cell((x, 0)).unwrap();
                (cell.bg != Color::Reset, cell.modifier.contains(Modifier::REVERSED))
            };
            // The edge, the name, and a cell beyond.
            assert!((0..7).all(|x| ground(x) != (false, false)), "{name}");
            assert!((7..20).all(|x| ground(x) == (false, false)), "{name}");
        }
    }

    #[test]
    fn a_block_is_seen_without_colour() {
        let theme = Theme::plain();
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        Pen::new(&mut buf, &theme, Rect::new(0, 0, 8, 1), 0).block("? 12", Role::Critical, 6).write("x", Role::Text);
        let reversed = |x: u16| buf.cell((x, 0)).unwrap().modifier.contains(Modifier::REVERSED);
        assert!((0..6).all(reversed) && !reversed(6));
    }

    #[test]
    fn a_pen_never_leaves_its_row_or_area() {
        let theme = Theme::plain();
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 2));
        let area = Rect::new(2, 0, 4, 1);
        Pen::new(&mut buf, &theme, area, 0).write("漢字漢字", Role::Text).write("more", Role::Ok);
        Pen::new(&mut buf, &theme, area, 1).write("below", Role::Text);
        Pen::new(&mut buf, &theme, Rect::new(6, 1, 90, 90), 0).write("beyond", Role::Text);
        let row = |y| (0..8).map(|x| buf.cell((x, y)).unwrap().symbol().to_owned()).collect::<String>();
        assert!(row(0).starts_with("  漢"));
        assert!(row(0).trim_end().chars().count() <= 6);
        assert_eq!(row(1), "      b…");
    }
}
