//! What comes in from the person and the system: keys, mouse, signals. Everything ends in the one inbox.

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::app::message::Happening;

/// Reads the terminal on a thread of its own until it is closed.
pub fn listen(inbox: UnboundedSender<Happening>) {
    std::thread::spawn(move || {
        loop {
            let happening = match event::read() {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Release => continue,
                Ok(Event::Key(key)) => Happening::Key(key),
                Ok(Event::Mouse(mouse)) => Happening::Mouse(mouse),
                Ok(Event::Paste(text)) => Happening::Paste(text),
                Ok(Event::Resize(width, height)) => Happening::Resize(width, height),
                Ok(Event::FocusGained) => Happening::Watched(true),
                Ok(Event::FocusLost) => Happening::Watched(false),
                // The terminal is gone: nobody can press a key any more, so we press the one that leaves.
                Err(_) => {
                    let _ = inbox.send(leave());
                    return;
                }
            };
            if inbox.send(happening).is_err() {
                return;
            }
        }
    });
}

/// The key that always leaves.
fn leave() -> Happening {
    Happening::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL))
}

/// Waits for a signal that ends the program.
///
/// # Errors
/// When the system refuses to tell about signals.
pub fn endings() -> std::io::Result<watch::Receiver<bool>> {
    let mut signals = [
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
        signal(SignalKind::interrupt())?,
        signal(SignalKind::quit())?,
    ];
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        let [terminate, hangup, interrupt, quit] = &mut signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
            _ = quit.recv() => {}
        }
        let _ = tell.send(true);
    });
    Ok(told)
}
