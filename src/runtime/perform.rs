//! Does what the machine asks of the world: clipboard, links, files, the shell, the collector.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::buffer::Buffer;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::sync::watch;

use crate::app::effect::Effect;
use crate::app::message::Happening;
use crate::app::picture::picture;
use crate::app::state::State;
use crate::export::table::Style;
use crate::export::{Format, Sheet};
use crate::runtime::cockpit::{Next, Perform};
use crate::runtime::inquiry::Inquiry;
use crate::runtime::order::Order;
use crate::runtime::terminal;
use crate::views::ViewName;
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};

/// The longest text a terminal takes into its clipboard by OSC 52; longer ones are cut off by most.
const LONGEST_COPY: usize = 74_000;

/// Does what the cockpit asks of the world.
pub struct World {
    /// Where outcomes are told.
    pub inbox: UnboundedSender<Happening>,
    /// Where the collector takes orders.
    pub orders: Sender<Order>,
    /// What is asked on demand.
    pub inquiry: Inquiry,
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
    fn export(&self, view: ViewName, format: &'static str, zone: Zone, screen: Buffer) {
        let Some(board) = self.boards.borrow().clone() else { return self.say("nothing to write yet") };
        let Some(format) = Format::named(format) else { return self.say(format!("there is no format `{format}`")) };
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            let now = board.header.judged_at;
            let name = format!("quarterdeck-{}-{}", view.name(), now.format("%Y%m%dT%H%M%SZ"));
            let lens = Lens { now, zone, zones: &board.header.zones };
            let draw = || Some(screen.clone());
            let style = Style { width: None, ascii: false };
            let sheet = Sheet { board: &board, view, lens: &lens, style, draw: &draw };
            let written = (format.write)(&sheet).map_err(|why| why.to_string());
            let said = match written.and_then(|text| keep(&name, format.ending(), &text)) {
                Ok(path) => format!("written to {}", path.display()),
                Err(why) => format!("{name}.{} was not written: {why}", format.ending()),
            };
            let _ = inbox.send(Happening::Said(said));
        });
    }
}

/// Keeps a text in a new file of the current folder that nobody else may read: it is about customers.
fn keep(name: &str, ending: &str, text: &str) -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    for n in 1..100 {
        let path = here.join(if n == 1 { format!("{name}.{ending}") } else { format!("{name}-{n}.{ending}") });
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => return file.write_all(text.as_bytes()).map(|()| path).map_err(|error| error.to_string()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("a hundred of that name are there already".to_owned())
}

impl Perform for World {
    fn start(&mut self, effect: Effect, state: &State) -> Next {
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
            Effect::Export { view, format, zone } => self.export(view, format, zone, picture(state)),
            Effect::Ask(ticket, topic) => self.inquiry.ask(ticket, topic),
            Effect::Hush(ticket) => self.inquiry.hush(ticket),
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
