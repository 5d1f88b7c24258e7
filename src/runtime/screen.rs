//! What is on the terminal, cell by cell, so that only what changed is written, and what moved is moved.

use std::io;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::runtime::ink::{self, Erase};
use crate::runtime::shift::Shift;

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
        }
        let mut strokes = ink::strokes(&self.front, &back, self.erase);
        if !unknown && let Some(shift) = Shift::between(&self.front, &back) {
            shift.apply(&mut self.front);
            let (told, rest) = (shift.told(), ink::strokes(&self.front, &back, self.erase));
            // What is worth it was guessed; now it is counted.
            if told.len() + rest.len() + SYNCHRONIZED
                < strokes.len() + if strokes.len() > AT_ONCE { SYNCHRONIZED } else { 0 }
            {
                moved.extend_from_slice(told.as_bytes());
                strokes = rest;
            }
        }
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

/// The bytes around a frame that is shown at once.
const SYNCHRONIZED: usize = 16;
