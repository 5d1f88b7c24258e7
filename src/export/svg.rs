//! SVG: the screen itself, the same on every machine. Words stand at the places of their cells and fill them exactly;
//! lines, blocks, braille and marks are shapes.

mod shapes;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::export::Format;
use crate::text::width::width;
use shapes::{HIGH, Shape, WIDE, shape};

/// The screen as a picture.
pub static FORMAT: Format = Format {
    name: "svg",
    about: "a picture of the screen",
    only: None,
    write: |sheet| Ok(picture(&sheet.drawn()?, sheet.view.title())),
};

/// How far the foot of the letters stands below the top of their cell.
const FOOT: u16 = 15;
/// Between the picture's edge and its first cell.
const MARGIN: u16 = 14;
/// Fonts people read code in.
const FONTS: &str =
    "ui-monospace,'SF Mono',Menlo,'Cascadia Mono','DejaVu Sans Mono',Consolas,'Liberation Mono',monospace";

/// A drawn screen, its colours all known, as a file of its own.
#[must_use]
pub fn picture(screen: &Buffer, title: &str) -> String {
    let mut drawing = Drawing { paper: paper(screen), ..Drawing::default() };
    for y in 0..screen.area.height {
        drawing.ground(screen, y);
        drawing.line(screen, y);
    }
    let size = |cells: u16, each: u16| u32::from(cells) * u32::from(each) + 2 * u32::from(MARGIN);
    let (wide, high) = (size(screen.area.width, WIDE), size(screen.area.height, HIGH));
    let (title, paper) = (escaped(title), hex(drawing.paper));
    let Drawing { looks, signs, grounds, marks, words, .. } = drawing;
    let looks: String = looks.iter().map(|(look, class)| look.rule(class)).collect();
    let signs: String = signs.iter().map(|(sign, (d, pen))| defined(*sign, d, *pen)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
         role=\"img\" aria-label=\"{title}\" font-family=\"{FONTS}\" font-size=\"15\">\n<title>{title}</title>\n\
         <style>\n{looks}</style>\n<defs>\n{signs}</defs>\n<rect width=\"{wide}\" height=\"{high}\" rx=\"9\" \
         fill=\"{paper}\"/>\n<g transform=\"translate({MARGIN} {MARGIN})\">\n{grounds}{marks}{words}</g>\n</svg>\n"
    )
}

/// Red, green, blue.
type Ink = (u8, u8, u8);

/// How a word or a sign looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    ink: Ink,
    style: u16,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let kept = Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED;
        Self { ink: ink(cell.fg), style: (cell.modifier & kept).bits() }
    }

    fn has(self, modifier: Modifier) -> bool {
        self.style & modifier.bits() != 0
    }

    /// The line of the style sheet.
    fn rule(self, class: &str) -> String {
        let mut rule = format!(".{class}{{fill:{0};color:{0}", hex(self.ink));
        for (modifier, says) in [
            (Modifier::BOLD, ";font-weight:700"),
            (Modifier::ITALIC, ";font-style:italic"),
            (Modifier::UNDERLINED, ";text-decoration:underline"),
        ] {
            rule.push_str(if self.has(modifier) { says } else { "" });
        }
        rule + "}\n"
    }
}

/// A picture being drawn.
#[derive(Default)]
struct Drawing {
    paper: Ink,
    looks: BTreeMap<Look, String>,
    signs: BTreeMap<char, (String, Option<u8>)>,
    grounds: String,
    marks: String,
    words: String,
}

/// Cells beside each other that are drawn as one.
struct Run {
    at: u16,
    cells: u16,
    look: Look,
    what: What,
}

#[derive(PartialEq)]
enum What {
    Word(String),
    Bar([f32; 4], u8),
}

impl Drawing {
    /// What lies below the signs, where it is not the paper.
    fn ground(&mut self, screen: &Buffer, y: u16) {
        let grounds = (0..screen.area.width).map(|x| screen.cell((x, y)).map(|cell| ink(cell.bg)));
        let mut from = 0;
        let grounds: Vec<Option<Ink>> = grounds.collect();
        for run in grounds.chunk_by(|a, b| a == b) {
            let cells = u16::try_from(run.len()).unwrap_or(u16::MAX);
            if let Some(Some(ground)) = run.first().filter(|ground| **ground != Some(self.paper)) {
                rect(&mut self.grounds, (from, y), [0.0, 0.0, wide(cells), f32::from(HIGH)], "fill", &hex(*ground));
            }
            from += cells;
        }
    }

    fn line(&mut self, screen: &Buffer, y: u16) {
        let mut open: Option<Run> = None;
        let mut covered = 0;
        for x in 0..screen.area.width {
            let Some(cell) = screen.cell((x, y)).filter(|_| covered == 0) else {
                covered -= 1;
                continue;
            };
            let symbol = cell.symbol();
            let cells = u16::try_from(width(symbol)).unwrap_or(1).max(1);
            covered = cells - 1;
            let look = Look::of(cell);
            let beside = open.as_mut().filter(|run| run.look == look && run.at + run.cells == x);
            let sign = symbol.chars().next().filter(|_| symbol.chars().nth(1).is_none());
            match (sign.and_then(shape), beside) {
                (Some(Shape::Bars(bars, cover)), beside) => {
                    // A bar from edge to edge goes on through its neighbours; drawn cell by cell it would show seams.
                    let whole = [bars.first().copied().filter(|bar| bars.len() == 1 && bar[2] >= wide(1))];
                    match (whole, beside) {
                        ([Some(bar)], Some(run)) if run.what == What::Bar(bar, cover) => run.cells += 1,
                        ([Some(bar)], _) => {
                            self.close(open.take(), y);
                            open = Some(Run { at: x, cells: 1, look, what: What::Bar(bar, cover) });
                        }
                        ([None], _) => {
                            let class = self.class(look);
                            bars.into_iter().for_each(|bar| self.bar((x, y), bar, cover, &class));
                        }
                    }
                }
                (Some(Shape::Path { d, pen }), _) => {
                    let class = self.class(look);
                    let sign = sign.unwrap_or_default();
                    self.signs.entry(sign).or_insert_with(|| (d.into_owned(), pen));
                    let (x, y) = (u32::from(x) * u32::from(WIDE), u32::from(y) * u32::from(HIGH));
                    let id = u32::from(sign);
                    let _ = writeln!(self.marks, "<use href=\"#s{id:x}\" class=\"{class}\" x=\"{x}\" y=\"{y}\"/>");
                }
                (None, Some(Run { cells, what: What::Word(word), look, .. }))
                    if joins(symbol) || symbol == " " && look.has(Modifier::UNDERLINED) =>
                {
                    word.push_str(if symbol == " " { "\u{a0}" } else { symbol });
                    *cells += 1;
                }
                (None, _) if symbol.trim().is_empty() => self.close(open.take(), y),
                (None, _) => {
                    self.close(open.take(), y);
                    let run = Run { at: x, cells, look, what: What::Word(symbol.to_owned()) };
                    if joins(symbol) { open = Some(run) } else { self.close(Some(run), y) }
                }
            }
        }
        self.close(open, y);
    }

    /// Writes down what was drawn as one.
    fn close(&mut self, run: Option<Run>, y: u16) {
        let Some(Run { at, cells, look, what }) = run else { return };
        let class = self.class(look);
        match what {
            What::Bar([left, top, _, high], cover) => {
                self.bar((at, y), [left, top, wide(cells), high], cover, &class);
            }
            What::Word(word) => {
                let (x, y) = (u32::from(at) * u32::from(WIDE), u32::from(y) * u32::from(HIGH) + u32::from(FOOT));
                let long = if cells > 1 { format!(" textLength=\"{}\"", wide(cells)) } else { String::new() };
                let word = escaped(word.trim_end_matches('\u{a0}'));
                let _ = writeln!(self.words, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{long}>{word}</text>");
            }
        }
    }

    fn bar(&mut self, at: (u16, u16), bar: [f32; 4], cover: u8, class: &str) {
        let shade = format!("{class}\" fill-opacity=\"{}", number(f32::from(cover) / 100.0));
        rect(&mut self.marks, at, bar, "class", if cover < 100 { &shade } else { class });
    }

    /// The class of a look, made where it is new.
    fn class(&mut self, look: Look) -> String {
        let n = self.looks.len();
        self.looks.entry(look).or_insert_with(|| format!("c{n}")).clone()
    }
}

/// Whether a symbol joins its neighbours in a word: letters, digits and signs that every font has in one width.
fn joins(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_graphic() || c.is_alphanumeric() && c < '\u{250}');
    first && chars.next().is_none()
}

fn rect(into: &mut String, (x, y): (u16, u16), [left, top, wide, high]: [f32; 4], says: &str, value: &str) {
    let left = f32::from(x) * f32::from(WIDE) + left;
    let top = f32::from(y) * f32::from(HIGH) + top;
    let [left, top, wide, high] = [left, top, wide, high].map(number);
    let _ = writeln!(into, "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" {says}=\"{value}\"/>");
}

fn defined(sign: char, d: &str, pen: Option<u8>) -> String {
    let id = u32::from(sign);
    match pen {
        None => format!("<path id=\"s{id:x}\" fill-rule=\"evenodd\" d=\"{d}\"/>\n"),
        Some(pen) => {
            let pen = number(f32::from(pen) / 10.0);
            format!("<path id=\"s{id:x}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{pen}\" d=\"{d}\"/>\n")
        }
    }
}

/// The ground most cells lie on.
fn paper(screen: &Buffer) -> Ink {
    let mut counted: BTreeMap<Ink, usize> = BTreeMap::new();
    for cell in &screen.content {
        *counted.entry(ink(cell.bg)).or_default() += 1;
    }
    counted.into_iter().max_by_key(|(_, n)| *n).map_or((0, 0, 0), |(ground, _)| ground)
}

/// A colour's parts. Whoever draws for a picture knows them all; a colour left to a terminal is grey.
fn ink(color: Color) -> Ink {
    match color {
        Color::Rgb(red, green, blue) => (red, green, blue),
        _ => (128, 128, 128),
    }
}

fn hex((red, green, blue): Ink) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn wide(cells: u16) -> f32 {
    f32::from(cells) * f32::from(WIDE)
}

/// A number with two decimals at most.
fn number(n: f32) -> String {
    let text = format!("{n:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Outside text stays text: no tag, no entity, and nothing XML forbids.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    const INK: Style = Style::new().fg(Color::Rgb(200, 200, 200)).bg(Color::Rgb(10, 10, 10));

    fn drawn(line: &str) -> String {
        let mut screen = Buffer::empty(Rect::new(0, 0, 20, 1));
        screen.set_style(screen.area, INK);
        screen.set_string(0, 0, line, INK);
        picture(&screen, "a <title>")
    }

    #[test]
    fn words_stand_at_their_cells_and_fill_them() {
        let svg = drawn("one  two");
        assert!(svg.contains("x=\"0\" y=\"15\" textLength=\"27\">one</text>"), "{svg}");
        assert!(svg.contains("x=\"45\" y=\"15\" textLength=\"27\">two</text>"), "{svg}");
        assert!(svg.contains("aria-label=\"a &lt;title&gt;\""), "{svg}");
    }

    #[test]
    fn lines_are_one_bar_and_marks_are_shapes() {
        let svg = drawn("──── ● ░░");
        assert!(svg.contains("<rect x=\"0\" y=\"10\" width=\"36\" height=\"1\""), "{svg}");
        assert!(svg.contains("<use href=\"#s25cf\""), "{svg}");
        assert!(svg.contains("fill-opacity=\"0.22\""), "{svg}");
        assert!(!svg.contains("<text"), "{svg}");
    }

    #[test]
    fn outside_text_stays_text() {
        let svg = drawn("<script>&\"é漢");
        assert!(svg.contains(">&lt;script&gt;&amp;&quot;é</text>"), "{svg}");
        assert!(svg.contains("textLength=\"18\">漢</text>"), "{svg}");
    }

    #[test]
    fn the_same_screen_is_the_same_file() {
        assert_eq!(drawn("● one ▲ two"), drawn("● one ▲ two"));
    }
}
