//! The terminal: taken, drawn to, and given back exactly as it was, whatever happens.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{self, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue};

use crate::runtime::ink::Erase;

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

/// Whether erased cells get the ground colour: GNU screen leaves them as they were, and so do terminals nobody knows.
#[must_use]
pub fn erase() -> Erase {
    let term = std::env::var("TERM").unwrap_or_default();
    let inside_tmux = std::env::var_os("TMUX").is_some();
    let fills = !term.is_empty() && (inside_tmux || !term.starts_with("screen"));
    if fills { Erase::Fills } else { Erase::Plain }
}
