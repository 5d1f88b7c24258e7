//! Does what the machine asks of the world: clipboard, links, files, the shell, the collector.

use std::io::{self, Write};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::sync::watch;

use crate::app::effect::Effect;
use crate::app::message::Happening;
use crate::export::json;
use crate::runtime::cockpit::{Next, Perform};
use crate::runtime::order::Order;
use crate::runtime::terminal;
use crate::views::ViewName;
use crate::views::board::Board;

/// The longest text a terminal takes into its clipboard by OSC 52; longer ones are cut off by most.
const LONGEST_COPY: usize = 74_000;

/// Does what the cockpit asks of the world.
pub struct World {
    /// Where outcomes are told.
    pub inbox: UnboundedSender<Happening>,
    /// Where the collector takes orders.
    pub orders: Sender<Order>,
    /// The newest board, for exports.
    pub boards: watch::Receiver<Option<Arc<Board>>>,
}

impl World {
    fn say(&self, text: impl Into<String>) {
        // The loop may be gone already; then nobody needs to know.
        let _ = self.inbox.send(Happening::Said(text.into()));
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            self.say("the collector is busy; try again in a moment");
        }
    }

    /// Writes a view to a file of its own name, on another thread: a slow disk holds up nobody.
    fn export(&self, view: ViewName) {
        let Some(board) = self.boards.borrow().clone() else { return self.say("nothing to export yet") };
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            let name = format!("quarterdeck-{}-{}.json", view.name(), board.header.judged_at.format("%Y%m%dT%H%M%SZ"));
            let written = json::write(&board, view).map_err(|why| why.to_string()).and_then(|text| {
                let mut file = std::fs::File::create_new(&name).map_err(|error| error.to_string())?;
                file.write_all(text.as_bytes()).map_err(|error| error.to_string())
            });
            let said = match written {
                Ok(()) => format!("written to {name}"),
                Err(why) => format!("not written to {name}: {why}"),
            };
            let _ = inbox.send(Happening::Said(said));
        });
    }
}

impl Perform for World {
    fn start(&mut self, effect: Effect) -> Next {
        match effect {
            Effect::Quit => return Next::Quit,
            Effect::Redraw => return Next::Redraw,
            Effect::Suspend => {
                suspend();
                let _ = self.inbox.send(Happening::Resumed);
                return Next::Redraw;
            }
            Effect::Refresh(these) => {
                self.say("asking again");
                self.order(Order::Now(these));
            }
            Effect::Pause(pause) => {
                self.order(Order::Pause(pause));
                let _ = self.inbox.send(Happening::Paused(pause));
            }
            Effect::Travel(at) => self.order(Order::Travel(at)),
            Effect::Copy(text) if text.len() > LONGEST_COPY => self.say("too long for a terminal's clipboard"),
            Effect::Copy(text) => {
                // OSC 52 reaches the clipboard of the person's own machine, over SSH and through tmux.
                write(format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).as_bytes());
            }
            Effect::Link(url) => self.say(format!("open {url}")),
            Effect::Export(view) => self.export(view),
            Effect::Ring => write(b"\x07"),
        }
        Next::On
    }
}

fn write(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    // A terminal that takes no bell loses nothing else.
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Gives the terminal back and stops, until the shell calls us again.
fn suspend() {
    terminal::give_back();
    if let Some(id) = rustix::process::Pid::from_raw(i32::try_from(std::process::id()).unwrap_or(0)) {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TSTP);
    }
    // Here the shell has called us again.
    let _ = terminal::take();
}
