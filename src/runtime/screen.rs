//! What is on the terminal, cell by cell, so that only what changed is written, and what moved is moved.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use crate::runtime::ink::{Erase, strokes};

/// What is on the terminal.
pub struct Screen {
    front: Buffer,
    /// Whether what is on the terminal is unknown: after a resize, a suspension, a redraw.
    unknown: bool,
    erase: Erase,
}

impl Screen {
    /// A terminal of this size with nothing known about it.
    #[must_use]
    pub fn new(size: (u16, u16), erase: Erase) -> Self {
        Self { front: Buffer::empty(Rect::new(0, 0, size.0, size.1)), unknown: true, erase }
    }

    /// Forgets what is on the terminal: the next frame is written whole.
    pub fn forget(&mut self) {
        self.unknown = true;
    }

    /// The bytes that turn what is on the terminal into this picture. None where nothing changed: not one byte.
    ///
    /// # Errors
    /// Never in practice: the bytes go to memory.
    pub fn frame(&mut self, size: (u16, u16), paint: impl FnOnce(Rect, &mut Buffer)) -> io::Result<Option<Vec<u8>>> {
        let area = Rect::new(0, 0, size.0, size.1);
        let unknown = self.unknown || self.front.area != area;
        let mut back = Buffer::empty(area);
        paint(area, &mut back);
        let mut moved = Vec::new();
        if unknown {
            self.front = Buffer::empty(area);
            moved.extend_from_slice(b"\x1b[m");
            queue!(moved, Clear(ClearType::All))?;
        } else if let Some(shift) = Shift::between(&self.front, &back) {
            shift.apply(&mut self.front);
            moved.extend_from_slice(shift.told().as_bytes());
        }
        let strokes = strokes(&self.front, &back, self.erase);
        self.unknown = false;
        self.front = back;
        if moved.is_empty() && strokes.is_empty() {
            return Ok(None);
        }
        if moved.is_empty() && strokes.len() <= AT_ONCE {
            return Ok(Some(strokes));
        }
        let mut bytes = Vec::with_capacity(moved.len() + strokes.len() + 16);
        queue!(bytes, BeginSynchronizedUpdate)?;
        bytes.extend_from_slice(&moved);
        bytes.extend_from_slice(&strokes);
        queue!(bytes, EndSynchronizedUpdate)?;
        Ok(Some(bytes))
    }
}

/// What is written and read in one piece anyhow: nobody sees half of it, synchronized or not.
const AT_ONCE: usize = 512;

/// Whole rows that moved up or down together: a scroll region moves them for a few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    top: usize,
    /// The last row of the region.
    bottom: usize,
    by: usize,
    upwards: bool,
}

/// How many rows a move must save at least.
const WORTH: usize = 3;

impl Shift {
    /// The move that saves most, where one saves enough.
    fn between(front: &Buffer, back: &Buffer) -> Option<Self> {
        let (old, new) = (rows(front), rows(back));
        let moves = (1..old.len()).flat_map(|by| [(by, true), (by, false)]);
        let found = moves.filter_map(|(by, upwards)| Self::of(&old, &new, by, upwards));
        let (saved, best) = found.max_by_key(|(saved, shift)| (*saved, std::cmp::Reverse(shift.by)))?;
        (saved >= WORTH).then_some(best)
    }

    /// What moving by so many rows saves: rows that need not be written, less those that would have to be again.
    fn of(old: &[(u64, bool)], new: &[(u64, bool)], by: usize, upwards: bool) -> Option<(usize, Self)> {
        let source = |y: usize| if upwards { old.get(y + by) } else { y.checked_sub(by).and_then(|y| old.get(y)) };
        let fits = |y: usize| new.get(y).is_some_and(|row| !row.1 && source(y) == Some(row));
        let lands = || (0..new.len()).filter(|y| fits(*y) && old.get(*y) != new.get(*y));
        let (first, last) = (lands().next()?, lands().next_back()?);
        let (top, bottom) = if upwards { (first, last + by) } else { (first - by, last) };
        let won = lands().count();
        let lost = (top..=bottom).filter(|y| old.get(*y) == new.get(*y) && !fits(*y)).count();
        Some((won.checked_sub(lost)?, Self { top, bottom, by, upwards }))
    }

    fn told(self) -> String {
        let Self { top, bottom, by, upwards } = self;
        let (top, bottom) = (top + 1, bottom + 1);
        // Line feeds and reverse line feeds: every terminal that has regions knows them.
        let feeds = if upwards { "\n".repeat(by) } else { "\x1bM".repeat(by) };
        let from = if upwards { bottom } else { top };
        format!("\x1b[m\x1b[{top};{bottom}r\x1b[{from}H{feeds}\x1b[r")
    }

    fn apply(self, front: &mut Buffer) {
        let Self { top, bottom, by, upwards } = self;
        let across = usize::from(front.area.width);
        let Some(region) = front.content.get_mut(top * across..(bottom + 1) * across) else { return };
        let cells = (by * across).min(region.len());
        if upwards {
            region.rotate_left(cells);
            let kept = region.len() - cells;
            region.iter_mut().skip(kept).for_each(Cell::reset);
        } else {
            region.rotate_right(cells);
            region.iter_mut().take(cells).for_each(Cell::reset);
        }
    }
}

/// What stands in each row, as a number, and whether it is empty.
fn rows(buf: &Buffer) -> Vec<(u64, bool)> {
    let across = usize::from(buf.area.width).max(1);
    let row = |cells: &[Cell]| {
        let mut hasher = DefaultHasher::new();
        cells.iter().for_each(|cell| (cell.symbol(), cell.fg, cell.bg, cell.modifier).hash(&mut hasher));
        (hasher.finish(), cells.iter().all(|cell| cell.symbol() == " "))
    };
    buf.content.chunks(across).map(row).collect()
}
