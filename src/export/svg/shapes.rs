//! The signs a picture draws by itself, so that they meet at the edges of their cells whatever fonts a machine has.

use std::borrow::Cow;

/// The width of a cell.
pub const WIDE: u16 = 9;
/// The height of a cell.
pub const HIGH: u16 = 20;

/// The height of a full block: a little less than its cell, so that the bars of rows below each other stay apart.
const TALL: f32 = 17.0;

/// How a sign is drawn within its cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Rectangles: left, top, width, height; and how much of the colour covers them, in hundredths.
    Bars(Vec<[f32; 4]>, u8),
    /// A path in the cell's own measures: filled, or drawn with a pen of so many tenths.
    Path {
        /// The path.
        d: Cow<'static, str>,
        /// The pen's width in tenths; none fills.
        pen: Option<u8>,
    },
}

/// The shape of a sign; none for what is written as text.
#[must_use]
pub fn shape(sign: char) -> Option<Shape> {
    block(sign).or_else(|| lines(sign)).or_else(|| braille(sign)).or_else(|| mark(sign))
}

/// Full and partial blocks, and shades.
fn block(sign: char) -> Option<Shape> {
    let (w, h) = (f32::from(WIDE), f32::from(HIGH));
    let eighths = |from: char| u32::from(sign).checked_sub(u32::from(from)).and_then(|n| u8::try_from(n).ok());
    let (bar, cover) = match sign {
        '\u{2581}'..='\u{2588}' => {
            let high = TALL * f32::from(eighths('\u{2580}')?) / 8.0;
            ([0.0, h - high, w, high], 100)
        }
        '\u{2589}'..='\u{258f}' => ([0.0, 0.0, w * f32::from(8 - eighths('\u{2588}')?) / 8.0, h], 100),
        '\u{2580}' => ([0.0, 0.0, w, h / 2.0], 100),
        '\u{2590}' => ([w / 2.0, 0.0, w / 2.0, h], 100),
        '░' => ([0.0, h - TALL, w, TALL], 22),
        '▒' => ([0.0, h - TALL, w, TALL], 45),
        '▓' => ([0.0, h - TALL, w, TALL], 70),
        _ => return None,
    };
    Some(Shape::Bars(vec![bar], cover))
}

/// Lines by their four arms – up, right, down, left – each absent, light or heavy.
fn lines(sign: char) -> Option<Shape> {
    let arms: [u8; 4] = match sign {
        '─' => [0, 1, 0, 1],
        '━' => [0, 2, 0, 2],
        '│' => [1, 0, 1, 0],
        '┃' => [2, 0, 2, 0],
        '┌' => [0, 1, 1, 0],
        '┐' => [0, 0, 1, 1],
        '└' => [1, 1, 0, 0],
        '┘' => [1, 0, 0, 1],
        '├' => [1, 1, 1, 0],
        '┤' => [1, 0, 1, 1],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 1, 0, 1],
        '┼' => [1, 1, 1, 1],
        '╂' => [2, 1, 2, 1],
        '┿' => [1, 2, 1, 2],
        '╋' => [2, 2, 2, 2],
        _ => return None,
    };
    let (w, h) = (f32::from(WIDE), f32::from(HIGH));
    let thick = |arm: u8| if arm == 2 { 3.0 } else { f32::from(arm) };
    let [up, right, down, left] = arms.map(thick);
    // Light lines lie on the pixels in the middle; heavy ones one more on either side.
    let (x, y) = (|arm: f32| 4.0 - (arm - 1.0) / 2.0, |arm: f32| 10.0 - (arm - 1.0) / 2.0);
    let mut bars = Vec::new();
    if left > 0.0 && right > 0.0 {
        bars.push([0.0, y(left), w, left]);
    } else if left > 0.0 {
        bars.push([0.0, y(left), 5.0, left]);
    } else if right > 0.0 {
        bars.push([4.0, y(right), w - 4.0, right]);
    }
    if up > 0.0 && down > 0.0 {
        bars.push([x(up), 0.0, up, h]);
    } else if up > 0.0 {
        bars.push([x(up), 0.0, up, 11.0]);
    } else if down > 0.0 {
        bars.push([x(down), 10.0, down, h - 10.0]);
    }
    Some(Shape::Bars(bars, 100))
}

/// The eight dots of a braille cell, by the bits of its code point.
fn braille(sign: char) -> Option<Shape> {
    let bits = u32::from(sign).checked_sub(0x2800).filter(|bits| *bits < 256)?;
    const DOTS: [(f32, f32); 8] =
        [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0)];
    let set = DOTS.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1);
    let dot = |(_, (x, y)): (usize, &(f32, f32))| circle(2.2 + 4.5 * x, 2.5 + 5.0 * y, 1.3);
    Some(Shape::Path { d: set.map(dot).collect::<String>().into(), pen: None })
}

/// Marks and small signs that fonts draw in any size they like.
fn mark(sign: char) -> Option<Shape> {
    let filled = |d: &'static str| Some(Shape::Path { d: d.into(), pen: None });
    let drawn = |pen: u8, d: &'static str| Some(Shape::Path { d: d.into(), pen: Some(pen) });
    match sign {
        '●' => filled("M.8 10.5a3.7 3.7 0 1 0 7.4 0a3.7 3.7 0 1 0-7.4 0z"),
        '○' => drawn(13, "M1.3 10.5a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z"),
        '◌' => {
            // Eight points on a circle.
            const AROUND: [(f32, f32); 8] =
                [(0.0, -3.3), (2.3, -2.3), (3.3, 0.0), (2.3, 2.3), (0.0, 3.3), (-2.3, 2.3), (-3.3, 0.0), (-2.3, -2.3)];
            let d: String = AROUND.iter().map(|(x, y)| circle(4.5 + x, 10.5 + y, 0.75)).collect();
            Some(Shape::Path { d: d.into(), pen: None })
        }
        '◔' => filled(
            "M.7 10.5a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0-7.6 0zM2 10.5a2.5 2.5 0 0 1 2.5-2.5v2.5h2.5a2.5 2.5 0 1 1-5 0z",
        ),
        '◐' => filled("M.7 10.5a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0-7.6 0zM4.5 8a2.5 2.5 0 0 1 0 5z"),
        '▲' => filled("M4.5 6.4L8.7 14.2H.3z"),
        '▾' => filled("M1.3 8.6H7.7L4.5 13z"),
        '▴' => filled("M1.3 12.6H7.7L4.5 8.2z"),
        '✖' => drawn(24, "M1.5 7.5L7.5 13.5M7.5 7.5L1.5 13.5"),
        '◆' => filled("M4.5 6L8.5 10.5L4.5 15L.5 10.5z"),
        '◇' => drawn(12, "M4.5 6.7L7.9 10.5L4.5 14.3L1.1 10.5z"),
        '▰' => filled("M2.4 7H8.6L6.6 14H.4z"),
        '▱' => drawn(9, "M2.7 7.5H8L6.3 13.5H1z"),
        '⎈' => drawn(
            11,
            "M1.9 10.5a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0zM4.5 5.9V15.1M-.1 10.5H9.1M1.3 7.3L7.7 13.7M7.7 7.3L1.3 13.7",
        ),
        '╭' => drawn(10, "M9 10.5A4.5 4.5 0 0 0 4.5 15V20"),
        '╮' => drawn(10, "M0 10.5A4.5 4.5 0 0 1 4.5 15V20"),
        '╰' => drawn(10, "M9 10.5A4.5 4.5 0 0 1 4.5 6V0"),
        '╯' => drawn(10, "M0 10.5A4.5 4.5 0 0 0 4.5 6V0"),
        '╌' => filled("M.5 10h3v1h-3zM5.5 10h3v1h-3z"),
        '╎' => filled("M4 1h1v7h-1zM4 12h1v7h-1z"),
        '·' => filled("M3.4 10.5a1.1 1.1 0 1 0 2.2 0a1.1 1.1 0 1 0-2.2 0z"),
        '…' => filled("M.6 14h1.6v1.6H.6zM3.7 14h1.6v1.6H3.7zM6.8 14h1.6v1.6H6.8z"),
        '–' => drawn(11, "M1 10.5H8"),
        '→' => drawn(12, "M.6 10.5H8M5 7.3L8.2 10.5L5 13.7"),
        '←' => drawn(12, "M8.4 10.5H1M4 7.3L.8 10.5L4 13.7"),
        '↑' => drawn(12, "M4.5 15V7M1.5 9.8L4.5 6.6L7.5 9.8"),
        '↓' => drawn(12, "M4.5 6V14M1.5 11.2L4.5 14.4L7.5 11.2"),
        '↵' => drawn(12, "M7.8 6.5V11.5H1.4M4 8.7L1.2 11.5L4 14.3"),
        '›' => drawn(13, "M3 7.3L6 10.6L3 13.9"),
        _ => None,
    }
}

fn circle(x: f32, y: f32, r: f32) -> String {
    format!("M{:.2} {y:.2}a{r} {r} 0 1 0 {d:.2} 0a{r} {r} 0 1 0 -{d:.2} 0z", x - r, d = 2.0 * r)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_in_their_cell_and_lines_reach_its_edges() {
        for sign in ('\u{2500}'..='\u{259f}').chain('\u{2800}'..='\u{28ff}') {
            let Some(Shape::Bars(bars, cover)) = shape(sign) else { continue };
            assert!((1..=100).contains(&cover), "{sign}");
            for [x, y, w, h] in bars {
                assert!(x >= 0.0 && y >= 0.0 && x + w <= 9.0 && y + h <= 20.0 && w > 0.0 && h > 0.0, "{sign}");
            }
        }
        assert_eq!(shape('─'), Some(Shape::Bars(vec![[0.0, 10.0, 9.0, 1.0]], 100)));
        assert_eq!(shape('█'), Some(Shape::Bars(vec![[0.0, 3.0, 9.0, 17.0]], 100)));
        assert_eq!(shape('▁'), Some(Shape::Bars(vec![[0.0, 17.875, 9.0, 2.125]], 100)));
        assert_eq!(shape('▌'), Some(Shape::Bars(vec![[0.0, 0.0, 4.5, 20.0]], 100)));
    }

    #[test]
    fn braille_has_a_dot_for_every_bit() {
        for (sign, dots) in [('\u{2800}', 0), ('\u{2801}', 1), ('\u{28ff}', 8), ('\u{2847}', 4)] {
            let Some(Shape::Path { d, pen: None }) = shape(sign) else { panic!("{sign} has no shape") };
            assert_eq!(d.matches('M').count(), dots, "{sign}");
        }
        assert_eq!(shape('a'), None);
    }
}
