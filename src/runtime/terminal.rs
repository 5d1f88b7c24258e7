//! The terminal: taken, drawn to, and given back exactly as it was, whatever happens.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{cursor, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whether the terminal is ours at the moment: what a panic or a signal must give back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the terminal: raw keys, a screen of its own, no cursor.
///
/// # Errors
/// When there is no terminal, or it refuses.
pub fn take() -> io::Result<()> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "standard input and output are no terminal"));
    }
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    queue!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, EnableFocusChange, EnableMouseCapture)?;
    queue!(out, Clear(ClearType::All))?;
    out.flush()
}

/// Gives the terminal back. Does nothing when it is not taken; may be called from anywhere, any number of times.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // The terminal may be gone; then there is nobody to restore it for.
    let _ = queue!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        crossterm::style::ResetColor,
        crossterm::style::SetAttribute(crossterm::style::Attribute::Reset),
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// Lets a panic on this thread give the terminal back before it is reported; one on another thread is not shown, for it
/// would be written over the picture: whoever started that thread learns of it.
pub fn restore_on_panic() {
    let here = std::thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == here {
            give_back();
            report(panic);
        } else if !TAKEN.load(Ordering::SeqCst) {
            report(panic);
        }
    }));
}

/// Gives the terminal back when it goes out of scope.
#[derive(Debug)]
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// What is on the terminal, cell by cell, so that only what changed is written.
pub struct Screen {
    front: Buffer,
    /// Whether what is on the terminal is unknown: after a resize, a suspension, a redraw.
    unknown: bool,
}

impl Screen {
    /// A terminal of this size with nothing known about it.
    #[must_use]
    pub fn new(size: (u16, u16)) -> Self {
        Self { front: Buffer::empty(Rect::new(0, 0, size.0, size.1)), unknown: true }
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
        if self.front.area != area {
            self.unknown = true;
        }
        let mut back = Buffer::empty(area);
        paint(area, &mut back);
        let mut bytes = Vec::new();
        if self.unknown {
            queue!(bytes, BeginSynchronizedUpdate, Clear(ClearType::All))?;
            self.front = Buffer::empty(area);
        }
        let cells = self.front.diff(&back);
        if cells.is_empty() && !self.unknown {
            return Ok(None);
        }
        if !self.unknown {
            queue!(bytes, BeginSynchronizedUpdate)?;
        }
        CrosstermBackend::new(&mut bytes).draw(cells.into_iter())?;
        queue!(bytes, EndSynchronizedUpdate)?;
        self.unknown = false;
        self.front = back;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn paint(text: &'static str) -> impl FnOnce(Rect, &mut Buffer) {
        move |area, buf| buf.set_string(area.x, area.y, text, Style::new())
    }

    #[test]
    fn an_equal_picture_costs_not_one_byte() {
        let mut screen = Screen::new((20, 3));
        assert!(screen.frame((20, 3), paint("hello")).unwrap().is_some());
        assert!(screen.frame((20, 3), paint("hello")).unwrap().is_none());
    }

    #[test]
    fn a_changed_cell_costs_that_cell_and_its_way() {
        let mut screen = Screen::new((20, 3));
        let whole = screen.frame((20, 3), paint("hello")).unwrap().unwrap();
        let part = screen.frame((20, 3), paint("hallo")).unwrap().unwrap();
        assert!(part.len() < whole.len() + 20);
        assert!(!String::from_utf8_lossy(&part).contains("llo"));
    }

    #[test]
    fn after_a_resize_everything_is_written_anew() {
        let mut screen = Screen::new((20, 3));
        screen.frame((20, 3), paint("hello")).unwrap();
        let bytes = screen.frame((10, 3), paint("hello")).unwrap().unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains("hello"));
        screen.forget();
        assert!(screen.frame((10, 3), paint("hello")).unwrap().is_some());
    }
}
