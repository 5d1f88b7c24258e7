//! Rows that moved: which rows of the old picture are taken out and where room is made, so that as little as possible is
//! left to write. A page of another list often has the same things in the same order, a few rows apart.
//!
//! Terminals since the VT102 take out and insert lines for a few bytes, within a scroll region.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell};

use crate::runtime::ink::{Look, alike};

/// Whole rows taken out and inserted, above a row that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The last row that takes part.
    bottom: usize,
    steps: Vec<Step>,
}

/// One of its steps, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// From this row on so many are taken out: what is below comes up.
    Out(usize, usize),
    /// Before this row so many blank ones are inserted: what is below goes down.
    In(usize, usize),
}

/// What going to a stretch of cells takes, about.
const JUMP: u32 = 4;

/// What taking out or inserting rows takes, about.
const STEP: u32 = 9;

/// What all around it takes: the region, and that the frame is synchronized.
const AROUND: u32 = 30;

/// As many blanks as are written before erasing them takes less.
const BLANKS: u32 = 5;

impl Shift {
    /// The one after which least is left to write, where it is worth it.
    #[must_use]
    pub fn between(front: &Buffer, back: &Buffer) -> Option<Self> {
        let across = usize::from(back.area.width).max(1);
        let (old, new): (Vec<&[Cell]>, Vec<&[Cell]>) =
            (front.content.chunks(across).collect(), back.content.chunks(across).collect());
        let changed = |y: &usize| match (old.get(*y), new.get(*y)) {
            (Some(old), Some(new)) => old.iter().zip(*new).any(|(old, new)| !alike(old, new)),
            (_, _) => false,
        };
        let top = (0..new.len()).find(changed)?;
        let bottom = (0..new.len()).rev().find(changed)?;
        let (empty, mut known) = (Cell::EMPTY, Known::default());
        let (old, new) = (known.rows(old.get(top..=bottom)?), known.rows(new.get(top..=bottom)?));
        let as_it_is: u32 = old.iter().zip(&new).map(|(old, new)| strokes(old, new)).sum();
        if as_it_is <= AROUND + STEP {
            return None;
        }
        let blank = vec![known.of(&empty); across];
        let (cost, pairs) = aligned(&old, &new, &blank);
        if cost + AROUND >= as_it_is {
            return None;
        }
        let steps = steps(&pairs, top);
        (!steps.is_empty()).then_some(Self { bottom, steps })
    }

    /// The bytes that do it.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = format!("\x1b[m\x1b[;{}r", self.bottom + 1);
        for step in &self.steps {
            let (y, n, letter) = match step {
                Step::Out(y, n) => (y, n, 'M'),
                Step::In(y, n) => (y, n, 'L'),
            };
            told += &if *y == 0 { "\x1b[H".to_owned() } else { format!("\x1b[{}H", y + 1) };
            told += &if *n == 1 { format!("\x1b[{letter}") } else { format!("\x1b[{n}{letter}") };
        }
        told + "\x1b[r"
    }

    /// What it does to a picture.
    pub fn apply(&self, front: &mut Buffer) {
        let across = usize::from(front.area.width);
        for step in &self.steps {
            let (Step::Out(y, n) | Step::In(y, n)) = *step;
            let Some(rows) = front.content.get_mut(y * across..(self.bottom + 1) * across) else { return };
            let cells = (n * across).min(rows.len());
            let kept = rows.len() - cells;
            match step {
                Step::Out(..) => {
                    rows.rotate_left(cells);
                    rows.iter_mut().skip(kept).for_each(Cell::reset);
                }
                Step::In(..) => {
                    rows.rotate_right(cells);
                    rows.iter_mut().take(cells).for_each(Cell::reset);
                }
            }
        }
    }
}

/// A cell as a number, equal where the eye sees no difference, with the bytes of what stands in it: none for a blank.
type Glyph = (u32, u32);

/// Every kind of cell met so far.
#[derive(Default)]
struct Known<'a>(HashMap<(&'a str, Look), u32>);

impl<'a> Known<'a> {
    fn rows(&mut self, rows: &[&'a [Cell]]) -> Vec<Vec<Glyph>> {
        rows.iter().map(|row| row.iter().map(|cell| self.of(cell)).collect()).collect()
    }

    fn of(&mut self, cell: &'a Cell) -> Glyph {
        let (symbol, look) = (cell.symbol(), Look::of(cell));
        let blank = symbol == " ";
        let look = if blank { look.of_blank() } else { look };
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let bytes = if blank { 0 } else { u32::try_from(symbol.len()).unwrap_or(u32::MAX) };
        (*self.0.entry((symbol, look)).or_insert(next), bytes)
    }
}

/// What turning one row into another takes, about.
fn strokes(old: &[Glyph], new: &[Glyph]) -> u32 {
    let (mut cost, mut kept, mut blanks) = (0, JUMP + 1, 0);
    for (old, new) in old.iter().zip(new) {
        if old.0 == new.0 {
            kept += 1;
            continue;
        }
        blanks = if new.1 > 0 {
            0
        } else if kept == 0 {
            blanks + 1
        } else {
            1
        };
        cost += kept.min(JUMP) + new.1 + u32::from(blanks > 0 && blanks <= BLANKS);
        kept = 0;
    }
    cost
}

/// What is done with the next row of the old picture, the new one, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    /// The one becomes the other.
    Both,
    /// The old one is taken out.
    Out,
    /// The new one is written where nothing is.
    In,
}

const PAIRS: [Pair; 3] = [Pair::Both, Pair::Out, Pair::In];

/// The cheapest way from all rows of one picture to those of another of as many rows, from above.
fn aligned(old: &[Vec<Glyph>], new: &[Vec<Glyph>], blank: &[Glyph]) -> (u32, Vec<Pair>) {
    let across = new.len() + 1;
    let afresh: Vec<u32> = new.iter().map(|row| strokes(blank, row)).collect();
    // By how many rows of each are done, and what was done last: what it took, and what was done before that.
    let mut best: Vec<[(u32, usize); 3]> = Vec::with_capacity((old.len() + 1) * across);
    for i in 0..=old.len() {
        for j in 0..=new.len() {
            let at = |back_i: usize, back_j: usize| -> Option<&[(u32, usize); 3]> {
                best.get(i.checked_sub(back_i)? * across + j.checked_sub(back_j)?)
            };
            let after = |from: Option<&[(u32, usize); 3]>, begins: [u32; 3], more: u32| {
                let ways = from.into_iter().flat_map(|ways| ways.iter().zip(begins).enumerate());
                let costs = ways.map(|(n, ((cost, _), begin))| (cost.saturating_add(begin).saturating_add(more), n));
                costs.min().unwrap_or((u32::MAX, 0))
            };
            if i == 0 && j == 0 {
                best.push([(0, 0), (u32::MAX, 0), (u32::MAX, 0)]);
                continue;
            }
            let both = match (
                at(1, 1),
                i.checked_sub(1).and_then(|i| old.get(i)),
                j.checked_sub(1).and_then(|j| new.get(j)),
            ) {
                (Some(from), Some(old), Some(new)) => after(Some(from), [0; 3], strokes(old, new)),
                (_, _, _) => (u32::MAX, 0),
            };
            let out = after(at(1, 0), [STEP, 0, STEP], 0);
            let fresh = j.checked_sub(1).and_then(|j| afresh.get(j)).copied().unwrap_or(0);
            let room = after(at(0, 1), [STEP, STEP, 0], fresh);
            best.push([both, out, room]);
        }
    }
    let ends = best.last().copied().unwrap_or_default();
    let (mut last, (cost, _)) = ends.iter().copied().enumerate().min_by_key(|(_, (cost, _))| *cost).unwrap_or_default();
    let (mut i, mut j, mut pairs) = (old.len(), new.len(), Vec::new());
    while i > 0 || j > 0 {
        let Some(pair) = PAIRS.get(last).copied() else { break };
        pairs.push(pair);
        last = best.get(i * across + j).and_then(|ways| ways.get(last)).map_or(0, |(_, before)| *before);
        i -= usize::from(pair != Pair::In && i > 0);
        j -= usize::from(pair != Pair::Out && j > 0);
    }
    pairs.reverse();
    (cost, pairs)
}

/// First all that is taken out, so that nothing that stays is pushed over the edge, then all that is inserted. What is at the
/// end goes and comes by itself.
fn steps(pairs: &[Pair], top: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let last = pairs.iter().rposition(|pair| *pair == Pair::Both).map_or(0, |last| last + 1);
    let pairs = pairs.get(..last).unwrap_or_default();
    for kind in [Pair::Out, Pair::In] {
        let mut y = top;
        for group in pairs.chunk_by(|one, next| one == next) {
            let (Some(first), n) = (group.first(), group.len()) else { continue };
            match (kind, *first) {
                (Pair::Out, Pair::Out) => steps.push(Step::Out(y, n)),
                (Pair::In, Pair::In) => {
                    steps.push(Step::In(y, n));
                    y += n;
                }
                (_, Pair::Both) => y += n,
                (_, _) => {}
            }
        }
    }
    steps
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    /// A picture of these rows, each letter filling one.
    fn picture(rows: &str) -> Buffer {
        let height = u16::try_from(rows.len()).unwrap();
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, height));
        for (y, letter) in rows.chars().enumerate() {
            buf.set_string(0, u16::try_from(y).unwrap(), letter.to_string().repeat(38), Style::new());
        }
        buf
    }

    fn told(from: &str, to: &str) -> Option<String> {
        Some(
            Shift::between(&picture(from), &picture(to))?
                .told()
                .replace('\x1b', "")
                .replace("[m", "")
                .replace("[r", ""),
        )
    }

    #[test]
    fn rows_go_up_and_down_and_around_what_is_new() {
        for (from, to, steps) in [
            ("abcdef", "abcdef", None),
            ("abcdef", "abcxef", None),
            // All but one row come up: what is new stands below them.
            ("abcdef", "bcdefg", Some("[;6r[H[M")),
            ("abcdef", "xabcde", Some("[;6r[H[L")),
            // A row is gone in the middle, and one more stands below: the last one is nobody's business.
            ("abcdefz", "abdefxz", Some("[;6r[3H[M")),
            // Out of the middle and into it again.
            ("abcdefghz", "abefxyghz", Some("[;6r[3H[2M")),
        ] {
            assert_eq!(told(from, to).as_deref(), steps, "{from} to {to}");
        }
    }

    proptest! {
        #[test]
        fn the_terminal_moves_what_is_moved(from in "[a-h ]{4,24}", cut in 0_usize..24, n in 0_usize..9, at in 0_usize..24) {
            let mut to: Vec<char> = from.chars().collect();
            let cut = cut % to.len();
            let gone = to.drain(cut..(cut + n).min(from.len())).count();
            let at = at % (to.len() + 1);
            to.splice(at..at, std::iter::repeat_n('x', gone));
            let (mut front, back) = (picture(&from), picture(&to.into_iter().collect::<String>()));
            let Some(shift) = Shift::between(&front, &back) else { return Ok(()) };
            let (across, down) = (front.area.width, front.area.height);
            let mut terminal = vt100::Parser::new(down, across, 0);
            for y in 0..down {
                let row: String = (0..across).map(|x| front.cell((x, y)).unwrap().symbol().to_owned()).collect();
                terminal.process(format!("\x1b[{}H{row}", y + 1).as_bytes());
            }
            terminal.process(shift.told().as_bytes());
            shift.apply(&mut front);
            for y in 0..down {
                for x in 0..across {
                    let there = terminal.screen().cell(y, x).unwrap().contents();
                    let there = if there.is_empty() { " " } else { there };
                    prop_assert_eq!(there, front.cell((x, y)).unwrap().symbol());
                }
            }
        }
    }
}
