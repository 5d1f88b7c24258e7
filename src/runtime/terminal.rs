//! The terminal: taken, drawn to, and given back exactly as it was, whatever happens.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{self, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::runtime::ink::Erase;

/// Whether the terminal is ours at the moment: what a panic or a signal must give back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is listened to.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// Whether the mouse is listened to, from the next taking on.
pub fn listen_to_mouse(listen: bool) {
    MOUSE.store(listen, Ordering::SeqCst);
}

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
    queue!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, EnableFocusChange)?;
    if MOUSE.load(Ordering::SeqCst) {
        queue!(out, EnableMouseCapture)?;
    }
    queue!(out, Clear(ClearType::All))?;
    out.flush()
}

/// Takes the terminal anew after somebody else may have had it, where it is ours.
pub fn retake() {
    if TAKEN.load(Ordering::SeqCst) {
        let _ = terminal::disable_raw_mode();
        let _ = take();
    }
}

/// Gives the terminal back. Does nothing when it is not taken; may be called from anywhere, any number of times.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    // A sequence that was cut off is called off first. Memory takes everything.
    bytes.push(CANCEL);
    let _ = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        crossterm::style::ResetColor,
        crossterm::style::SetAttribute(crossterm::style::Attribute::Reset),
        LeaveAlternateScreen,
        cursor::Show
    );
    // Not through the standard output's lock: whoever holds it may be stuck in a terminal that takes nothing any more,
    // and that must not keep us from leaving.
    if is_ready(rustix::stdio::stdout(), PollFlags::OUT, PATIENCE) {
        let _ = rustix::io::write(rustix::stdio::stdout(), &bytes);
    }
    let _ = terminal::disable_raw_mode();
}

/// Calls off an escape sequence.
const CANCEL: u8 = 0x18;

/// How long the terminal may take to accept or to answer something, in milliseconds.
const PATIENCE: i64 = 250;

/// Whether something can be read or written within so many milliseconds.
fn is_ready(file: impl AsFd, flags: PollFlags, milliseconds: i64) -> bool {
    let mut waits = [PollFd::new(&file, flags)];
    let patience = Timespec { tv_sec: 0, tv_nsec: milliseconds.saturating_mul(1_000_000) };
    poll(&mut waits, Some(&patience)).is_ok_and(|n| n > 0) && waits.iter().all(|wait| wait.revents().contains(flags))
}

/// What lies behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Dark, or nobody knows.
    Dark,
    /// Light.
    Light,
}

/// The ground the terminal has, as far as it tells: by `COLORFGBG`, else by asking (OSC 11). It waits a quarter of a second
/// at most, and for no answer at all from a terminal that says who it is without telling its colours.
#[must_use]
pub fn ground() -> Ground {
    let told = std::env::var("COLORFGBG").ok();
    let told = told.and_then(|told| told.rsplit(';').next().and_then(|ground| ground.parse::<u8>().ok()));
    if let Some(told) = told {
        return if matches!(told, 7 | 9..=15) { Ground::Light } else { Ground::Dark };
    }
    if terminal::enable_raw_mode().is_err() {
        return Ground::Dark;
    }
    let answer = ask(b"\x1b]11;?\x1b\\\x1b[c");
    let _ = terminal::disable_raw_mode();
    read_ground(&answer).unwrap_or(Ground::Dark)
}

/// Writes a question that ends in asking who the terminal is, and reads until it has said so.
fn ask(question: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if !is_ready(rustix::stdio::stdout(), PollFlags::OUT, PATIENCE)
        || rustix::io::write(rustix::stdio::stdout(), question).is_err()
    {
        return answer;
    }
    let mut piece = [0; 64];
    while is_ready(rustix::stdio::stdin(), PollFlags::IN, PATIENCE) {
        let Ok(n) = rustix::io::read(rustix::stdio::stdin(), &mut piece) else { break };
        answer.extend_from_slice(piece.get(..n).unwrap_or_default());
        let said = answer.windows(3).rposition(|three| three == b"\x1b[?").and_then(|at| answer.get(at..));
        if n == 0 || answer.len() > 4096 || said.is_some_and(|said| said.contains(&b'c')) {
            return answer;
        }
    }
    // What comes after all is not for the cockpit.
    LATE.store(true, Ordering::SeqCst);
    answer
}

/// Whether an answer may still be under way that was waited for in vain.
static LATE: AtomicBool = AtomicBool::new(false);

/// Whether an answer may still be under way. It is asked once.
pub fn is_answer_late() -> bool {
    LATE.swap(false, Ordering::SeqCst)
}

/// Reads `rgb:ffff/ffff/ffff` out of an answer.
fn read_ground(answer: &[u8]) -> Option<Ground> {
    let answer = String::from_utf8_lossy(answer);
    let (_, colours) = answer.split_once("11;rgb")?;
    let mut parts = colours.trim_start_matches('a').trim_start_matches(':').split('/').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_hexdigit).collect();
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        Some(f64::from(u32::from_str_radix(&digits, 16).ok()?) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    // The eye sees green best and blue least.
    let bright = 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(if bright > 0.5 { Ground::Light } else { Ground::Dark })
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
            // Where nobody reads it any more, nothing is lost.
            let _ = writeln!(io::stderr(), "\n{AFTER_A_PANIC}");
        } else if !TAKEN.load(Ordering::SeqCst) {
            report(panic);
        }
    }));
}

/// What a person is told who just lost the cockpit.
const AFTER_A_PANIC: &str = "\
This is a fault of quarterdeck itself, not of your fleet. Nothing was changed
anywhere, and what was known is kept: start it again. To have it mended, send
its makers the lines above, and what you did before.";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_read_from_whatever_form_a_terminal_answers_in() {
        for (answer, ground) in [
            ("\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\\u{1b}[?62;c", Some(Ground::Light)),
            ("\u{1b}]11;rgb:1c1c/2121/2828\u{7}\u{1b}[?1;2c", Some(Ground::Dark)),
            ("\u{1b}]11;rgb:fd/f6/e3\u{7}", Some(Ground::Light)),
            ("\u{1b}]11;rgba:0000/0000/0000/ffff\u{7}", Some(Ground::Dark)),
            ("\u{1b}[?62;c", None),
            ("\u{1b}]11;rgb:zz/1/2", None),
            ("", None),
        ] {
            assert_eq!(read_ground(answer.as_bytes()), ground, "{answer:?}");
        }
    }
}
