//! Does what the machine asks of the world: clipboard, links, files, the shell, the collector.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
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
use crate::text::Clean;
use crate::views::ViewName;
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};

/// A view that is wanted as a file.
struct Wanted {
    view: ViewName,
    format: &'static str,
    zone: Zone,
    only: Vec<String>,
}

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

    /// Opens a link in the person's browser; where there is none, the link is shown.
    fn open(&self, url: String) {
        let inbox = self.inbox.clone();
        let Some(browser) = browser() else {
            let _ = inbox.send(Happening::Shown(url));
            return;
        };
        tokio::task::spawn_blocking(move || {
            let started = Command::new(&browser)
                .arg(&url)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            let what = if started { Happening::Said(format!("opened {url}")) } else { Happening::Shown(url) };
            let _ = inbox.send(what);
        });
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            self.say("the collector is busy; try again in a moment");
        }
    }

    /// Writes a view to a file of its own name, on another thread: a slow disk holds up nobody.
    fn export(&self, wanted: Wanted, screen: Buffer) {
        let Wanted { view, format, zone, only } = wanted;
        let Some(board) = self.boards.borrow().clone() else { return self.say("nothing to write yet") };
        let Some(format) = Format::named(format) else { return self.say(format!("there is no format `{format}`")) };
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            let board = if only.is_empty() { board } else { Arc::new(board.only(view, &only)) };
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
            Effect::Redraw => {
                #[cfg(debug_assertions)]
                trip();
                return Next::Redraw;
            }
            Effect::Suspend => {
                suspend();
                // While it was away nobody told it about another size.
                if let Ok((width, height)) = crossterm::terminal::size() {
                    let _ = self.inbox.send(Happening::Resize(width, height));
                }
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
                return Next::Write(format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).into_bytes());
            }
            Effect::Link(url) => self.open(url),
            Effect::Export { view, format, zone, only } => {
                self.export(Wanted { view, format, zone, only }, picture(state));
            }
            Effect::Ask(ticket, topic) => self.inquiry.ask(ticket, topic),
            Effect::Hush(ticket) => self.inquiry.hush(ticket),
            Effect::Ring(None) => return Next::Write(b"\x07".to_vec()),
            Effect::Ring(Some(words)) => {
                return Next::Write(format!("\x07\x1b]9;{}\x07", Clean::line(&words)).into_bytes());
            }
        }
        Next::On
    }
}

/// Dies as a fault of its own would make it die: a test must see the terminal given back. No released program can.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "this is what it is for")]
fn trip() {
    if std::env::var_os("QUARTERDECK_TRIP").is_some() {
        panic!("tripped on purpose");
    }
}

/// The program that opens links for the person, where there is a screen for it: not over SSH.
fn browser() -> Option<OsString> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(named) = set("BROWSER") {
        return Some(named);
    }
    let far = set("SSH_CONNECTION").is_some() || set("SSH_TTY").is_some();
    let screen = cfg!(target_os = "macos") || set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some();
    let usual = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    (screen && !far).then(|| usual.into())
}

/// Gives the terminal back and stops, with all that was started beside it, until the shell calls us again.
fn suspend() {
    terminal::give_back();
    // Not the signal a terminal sends: that one is listened to.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
    // Here the shell has called us again.
    let _ = terminal::take();
}
