//! The cockpit on a fleet: settings, terminal, loop and what works behind them put together.

use std::io::IsTerminal;
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::app::message::Happening;
use crate::app::settings::Settings;
use crate::app::state::State;
use crate::cli::args::Common;
use crate::cli::ending::{Ending, say};
use crate::cli::engine::{self, Begin, Ends, Viewer};
use crate::cli::following::Following;
use crate::cli::gather::cache;
use crate::cli::kept::Kept;
use crate::cli::open::{self, Opened};
use crate::cli::settings;
use crate::domain::access::Access;
use crate::domain::clock::Clock;
use crate::runtime::clock::MachineClock;
use crate::runtime::input::{Endings, HANG_UP};
use crate::runtime::inquiry::Inquiry;
use crate::runtime::ledger::Ledger;
use crate::runtime::order::Order;
use crate::runtime::perform::World;
use crate::runtime::{cockpit, input, machine, terminal};
use crate::views::board::Board;

/// Opens the cockpit on the fleet of the fleet file. What was known when it ran last is shown while that is read.
///
/// # Errors
/// When the terminal refuses.
pub fn run(common: &Common) -> color_eyre::Result<Ending> {
    let (path, options) = match open::find(common) {
        Ok(found) => found,
        Err(ending) => return Ok(ending),
    };
    let (clock, access) = (Arc::new(MachineClock), access(common));
    let kept = Kept::of(common, &path, &access);
    let coming = open::begin(path, options);
    // The terminal may take a while to tell its colours: the board is read meanwhile.
    let (settings, board) = std::thread::scope(|scope| {
        let board = scope.spawn(|| kept.as_ref()?.board(clock.now()));
        (ready_for_a_screen(common), board.join().ok().flatten())
    });
    let settings = match settings {
        Ok(settings) => settings,
        // A fleet file that is wrong comes first: it is wrong without a screen too.
        Err(why) => return Ok(read(coming).and_then(|opened| opened.told().err()).unwrap_or_else(|| wrong(&why))),
    };
    let begin = match (board, coming) {
        (Some(board), coming) => Begin::Known(board, coming),
        (None, coming) => match read(coming) {
            Some(opened) if opened.ready.is_err() => return Ok(opened.told().err().unwrap_or(Ending::Wrong)),
            Some(opened) => Begin::Opened(Box::new(opened)),
            None => return Ok(Ending::Wrong),
        },
    };
    let viewer = Viewer { access, ledger: Ledger::at(Ledger::usual_place()), kept, cache: cache() };
    let runtime = machine::threads()?;
    let own = Following { common: common.clone(), settings: settings.clone() };
    let result =
        runtime.block_on(fly(settings, begin, viewer, clock, |inbox, _| drop(tokio::spawn(own.follow(inbox)))));
    terminal::give_back();
    // Polls under way need not be waited for.
    runtime.shutdown_background();
    result
}

/// Waits for the fleet file. None where its reading broke off, of which was said what there is to say.
fn read(coming: oneshot::Receiver<Opened>) -> Option<Opened> {
    coming.blocking_recv().ok()
}

fn wrong(why: &str) -> Ending {
    say(why);
    Ending::Wrong
}

/// Who looks.
#[must_use]
pub fn access(common: &Common) -> Access {
    if common.read_only { Access::reader() } else { Access::operator() }
}

/// What the person chose, where there is a terminal to show it on.
///
/// # Errors
/// Says why there can be no screen.
pub fn ready_for_a_screen(common: &Common) -> Result<Settings, String> {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    if dumb || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err("the cockpit needs a terminal; `quarterdeck show fleet` prints what it would show".to_owned());
    }
    settings::of(common)
}

/// Collects, shows, and does what is asked, until somebody leaves or the system says so. `plays` is given the inbox and
/// the way to the collector: a script may press keys beside the person.
///
/// # Errors
/// When the terminal refuses.
pub async fn fly(
    settings: Settings,
    begin: Begin,
    viewer: Viewer,
    clock: Arc<dyn Clock>,
    plays: impl FnOnce(mpsc::UnboundedSender<Happening>, mpsc::Sender<Order>),
) -> color_eyre::Result<Ending> {
    let (inbox, messages) = mpsc::unbounded_channel();
    let (orders, ordered) = mpsc::channel(64);
    let (publish, boards) = watch::channel(None::<Arc<Board>>);
    let (stand, grounds) = watch::channel(None);
    let (endings, mut ending) = Endings::watch(inbox.clone())?;
    terminal::restore_on_panic();
    terminal::take()?;
    let guard = terminal::Guard;
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    input::listen(inbox.clone(), endings);
    plays(inbox.clone(), orders.clone());
    if let Begin::Known(board, _) = &begin {
        let _ = inbox.send(Happening::News(Arc::clone(board)));
    }
    let ends = Ends { inbox: inbox.clone(), orders: ordered, boards: publish, grounds: stand };
    let mut engine = tokio::spawn(engine::start(begin, viewer, Arc::clone(&clock), ends));
    let inquiry = Inquiry::new(grounds, inbox.clone());
    let world = World { inbox, inquiry, orders, boards };
    let state = State::new(settings, clock.now(), size);
    let mut cockpit = pin!(cockpit::run(state, messages, world, clock));
    let (mut running, mut refused) = (None, None);
    let ended = loop {
        tokio::select! {
            // A terminal that takes nothing any more is gone.
            result = &mut cockpit => break result.map_or(Ending::Stopped(HANG_UP), |()| Ending::Done),
            _ = ending.changed() => break ending.borrow().map_or(Ending::Done, Ending::Stopped),
            started = &mut engine, if running.is_none() => match started {
                Ok(Ok(works)) => running = Some(works),
                Ok(Err(opened)) => {
                    refused = Some(opened);
                    break Ending::Wrong;
                }
                Err(_) => break Ending::Wrong,
            },
        }
    };
    // The terminal is given back first: nobody waits for a disk, and what is said then stays.
    drop(guard);
    if let Some(opened) = refused {
        opened.tell();
    }
    if let Some(running) = running {
        running.finish().await;
    }
    Ok(ended)
}
