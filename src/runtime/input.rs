//! What comes in from the person and the system: keys, mouse, signals. Everything ends in the one inbox.

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::app::message::Happening;
use crate::runtime::terminal;

/// Reads the terminal on a thread of its own until it is closed; a terminal that is gone ends the program as a hang-up.
pub fn listen(inbox: UnboundedSender<Happening>, endings: Endings) {
    std::thread::spawn(move || {
        let mut leftover = Leftover::of(terminal::is_answer_late());
        loop {
            let happening = match event::read() {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Release || leftover.has(&key) => continue,
                Ok(Event::Key(key)) => Happening::Key(key),
                Ok(Event::Mouse(mouse)) => Happening::Mouse(mouse),
                Ok(Event::Paste(text)) => Happening::Paste(text),
                Ok(Event::Resize(width, height)) => Happening::Resize(width, height),
                Ok(Event::FocusGained) => Happening::Watched(true),
                Ok(Event::FocusLost) => Happening::Watched(false),
                Err(_) => {
                    let _ = endings.tell.send(Some(HANG_UP));
                    return;
                }
            };
            if inbox.send(happening).is_err() {
                return;
            }
        }
    });
}

/// An answer of the terminal that came too late, arriving as if it were typed: `alt-]`, its text, and what ends it.
enum Leftover {
    /// Nothing is awaited.
    No,
    /// It may come.
    May,
    /// It is being read, for so many keys still.
    Is(u8),
}

impl Leftover {
    fn of(late: bool) -> Self {
        if late { Self::May } else { Self::No }
    }

    /// Whether a key belongs to it.
    fn has(&mut self, key: &KeyEvent) -> bool {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let ends = matches!((key.code, alt), (KeyCode::Char('\\'), true))
            || (key.code == KeyCode::Char('g') && key.modifiers.contains(KeyModifiers::CONTROL));
        *self = match self {
            Self::May if key.code == KeyCode::Char(']') && alt => Self::Is(40),
            Self::Is(0) | Self::No => Self::No,
            Self::May => Self::May,
            Self::Is(_) if ends => {
                *self = Self::No;
                return true;
            }
            Self::Is(more) => Self::Is(*more - 1),
        };
        matches!(self, Self::Is(_))
    }
}

/// The number of the signal of a terminal that is gone.
pub const HANG_UP: i32 = 1;

/// Where it is told that a signal ends the program, and which.
#[derive(Clone, Debug)]
pub struct Endings {
    tell: watch::Sender<Option<i32>>,
}

impl Endings {
    /// Waits for signals: those that end the program, and those that stop it and let it go on.
    ///
    /// # Errors
    /// When the system refuses to tell about signals.
    pub fn watch(inbox: UnboundedSender<Happening>) -> std::io::Result<(Self, watch::Receiver<Option<i32>>)> {
        let (tell, told) = watch::channel(None);
        let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()];
        for kind in kinds {
            let mut signals = signal(kind)?;
            let tell = tell.clone();
            tokio::spawn(async move {
                if signals.recv().await.is_some() {
                    let _ = tell.send(Some(kind.as_raw_value()));
                }
            });
        }
        for (which, happening) in [(Signal::TSTP, Happening::Stop), (Signal::CONT, Happening::Resumed)] {
            let mut signals = signal(SignalKind::from_raw(which.as_raw()))?;
            let inbox = inbox.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if which == Signal::CONT {
                        terminal::retake();
                    }
                    let _ = inbox.send(happening.clone());
                }
            });
        }
        Ok((Self { tell }, told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_late_is_not_typed_into_the_cockpit() {
        let keys = |text: &str| -> Vec<KeyEvent> {
            let mut alt = KeyModifiers::NONE;
            let mut keys = Vec::new();
            for c in text.chars() {
                match c {
                    '\u{1b}' => alt = KeyModifiers::ALT,
                    '\u{7}' => keys.push(KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL)),
                    c => {
                        keys.push(KeyEvent::new(KeyCode::Char(c), alt));
                        alt = KeyModifiers::NONE;
                    }
                }
            }
            keys
        };
        let typed = |late: bool, text: &str| -> usize {
            let mut leftover = Leftover::of(late);
            keys(text).iter().filter(|key| !leftover.has(key)).count()
        };
        let answer = "\u{1b}]11;rgb:1c1c/2121/2828";
        assert_eq!(typed(true, &format!("j{answer}\u{1b}\\q")), 2);
        assert_eq!(typed(true, &format!("{answer}\u{7}qq")), 2);
        assert_eq!(typed(false, "\u{1b}]11"), 3);
        // Whatever never ends is given up.
        assert!(typed(true, &format!("\u{1b}]{}", "x".repeat(80))) > 30);
    }
}
