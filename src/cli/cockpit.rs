//! The cockpit on a fleet: settings, collector, terminal and loop put together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};

use crate::app::message::Happening;
use crate::app::settings::Settings;
use crate::app::state::State;
use crate::cli::args::Common;
use crate::cli::ending::{Ending, say};
use crate::cli::following::Following;
use crate::cli::gather::cache;
use crate::cli::open::{self, Ready};
use crate::cli::settings;
use crate::domain::access::Access;
use crate::domain::clock::Clock;
use crate::domain::facts::Facts;
use crate::domain::fleet::Fleet;
use crate::fleetfile::loaded::Loaded;
use crate::history::store::{Kept, Store};
use crate::net::roads::Roads;
use crate::runtime::clock::MachineClock;
use crate::runtime::collector::{self, Fresh, Setup};
use crate::runtime::ground::{Ground, Site};
use crate::runtime::input::{Endings, HANG_UP};
use crate::runtime::inquiry::Inquiry;
use crate::runtime::keeper::Keeper;
use crate::runtime::ledger::Ledger;
use crate::runtime::order::Order;
use crate::runtime::perform::World;
use crate::runtime::reload::{self, Told, Watched};
use crate::runtime::{cockpit, input, machine, terminal};
use crate::sources::build::Asked;

/// Opens the cockpit on the fleet of the fleet file.
///
/// # Errors
/// When the terminal refuses.
pub fn run(common: &Common) -> color_eyre::Result<Ending> {
    match open::open(common) {
        Ok(ready) => {
            let viewer = Viewer {
                access: access(common),
                ledger: Ledger::at(Ledger::usual_place()),
                kept: kept_at(&ready.watched.path, &ready.loaded),
                cache: cache(),
            };
            open(common, ready, Arc::new(MachineClock), viewer)
        }
        Err(ending) => Ok(ending),
    }
}

/// Opens the cockpit on a fleet, by a clock, with what was known when it ran last.
///
/// # Errors
/// When the terminal refuses.
pub fn open(common: &Common, ready: Ready, clock: Arc<dyn Clock>, viewer: Viewer) -> color_eyre::Result<Ending> {
    let settings = match ready_for_a_screen(common) {
        Ok(settings) => settings,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let runtime = machine::threads()?;
    let own = Following { common: common.clone(), settings: settings.clone() };
    let result =
        runtime.block_on(fly(settings, ready, viewer, clock, |inbox, _| drop(tokio::spawn(own.follow(inbox)))));
    terminal::give_back();
    // Polls under way need not be waited for.
    runtime.shutdown_background();
    result
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

/// Who looks, and where what they ask for is recorded.
pub struct Viewer {
    /// Who looks.
    pub access: Access,
    /// Where questions for logs are recorded.
    pub ledger: Ledger,
    /// Where the last known facts are kept, where they are.
    pub kept: Option<Store>,
    /// Where git repositories are kept.
    pub cache: PathBuf,
}

/// Collects, shows, and does what is asked, until somebody leaves or the system says so. `plays` is given the inbox and
/// the way to the collector: a script may press keys beside the person.
///
/// # Errors
/// When the terminal refuses.
pub async fn fly(
    settings: Settings,
    ready: Ready,
    viewer: Viewer,
    clock: Arc<dyn Clock>,
    plays: impl FnOnce(mpsc::UnboundedSender<Happening>, mpsc::Sender<Order>),
) -> color_eyre::Result<Ending> {
    let Viewer { access, ledger, kept, cache } = viewer;
    let Ready { loaded, asked, watched } = ready;
    let Fresh { fleet, asked } = seen(&access, loaded, asked);
    let few_files = machine::many_files(asked.len());
    let roads = Roads::new(Arc::clone(&clock), cache);
    let ground = Ground {
        fleet: Arc::new(fleet.clone()),
        access: access.clone(),
        sites: Site::among(&asked),
        roads: Arc::clone(&roads),
        clock: Arc::clone(&clock),
        ledger,
    };
    let (inbox, messages) = mpsc::unbounded_channel();
    let (facts, doubt) = kept.as_ref().map_or_else(Default::default, |store| last_known(store, &fleet));
    for said in doubt.into_iter().chain(few_files) {
        let _ = inbox.send(Happening::Said(said));
    }
    let setup = Setup { fleet, access, asked, facts, roads, clock: Arc::clone(&clock) };
    let collector = collector::start(setup);
    let keeper = kept.map(|store| Keeper::start(store, collector.known.clone()));
    deliver(collector.boards.clone(), inbox.clone());
    let (renews, grounds) = watch::channel(Arc::new(ground));
    renew(watched, renews, collector.fleets.clone(), inbox.clone());
    let (endings, mut ending) = Endings::watch(inbox.clone())?;
    terminal::restore_on_panic();
    terminal::take()?;
    let guard = terminal::Guard;
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    input::listen(inbox.clone(), endings);
    plays(inbox.clone(), collector.orders.clone());
    let inquiry = Inquiry::new(grounds, inbox.clone());
    let world = World { inbox, inquiry, orders: collector.orders.clone(), boards: collector.boards.clone() };
    let state = State::new(settings, clock.now(), size);
    let ended = tokio::select! {
        // A terminal that takes nothing any more is gone.
        result = cockpit::run(state, messages, world, clock) => {
            result.map_or(Ending::Stopped(HANG_UP), |()| Ending::Done)
        }
        _ = ending.changed() => ending.borrow().map_or(Ending::Done, Ending::Stopped),
    };
    // The terminal is given back first: nobody waits for a disk.
    drop(guard);
    if let Some(keeper) = keeper {
        keeper.finish().await;
    }
    Ok(ended)
}

/// What was known when the cockpit ran last, and a word to the person where that is not to be had.
fn last_known(store: &Store, fleet: &Fleet) -> (Facts, Option<String>) {
    match store.read(fleet) {
        Ok(Kept { facts, lost: 0 }) => (facts, None),
        Ok(Kept { facts, lost }) => (facts, Some(format!("{lost} of the last known answers could not be read again"))),
        Err(why) => (Facts::new(), Some(format!("{} is not used: {why}", store.path().display()))),
    }
}

/// Where the last known facts of a fleet file are kept: beside its history, or where programs keep such things.
fn kept_at(fleet_file: &Path, loaded: &Loaded) -> Option<Store> {
    let path = match &loaded.history {
        Some(history) => {
            let mut name = history.path.clone().into_os_string();
            name.push(".last");
            PathBuf::from(name)
        }
        None => {
            let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
            let told = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            let whole = std::fs::canonicalize(fleet_file).ok()?;
            let name: String = Sha256::digest(whole.as_os_str().as_encoded_bytes())
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            told.or_else(home)?.join("quarterdeck").join(format!("{name}.last"))
        }
    };
    Some(Store::at(path))
}

/// What somebody may see of a fleet, and the sources of that.
fn seen(access: &Access, loaded: Loaded, asked: Vec<Asked>) -> Fresh {
    let fleet = access.sees(&loaded.fleet);
    let asked = asked.into_iter().filter(|one| fleet.sources.contains_key(&one.id)).collect();
    Fresh { fleet, asked }
}

/// Takes a changed fleet file up while the cockpit runs. Here a hangup ends the program: it means a lost terminal.
fn renew(
    watched: Watched,
    grounds: watch::Sender<Arc<Ground>>,
    fleets: mpsc::Sender<Fresh>,
    inbox: mpsc::UnboundedSender<Happening>,
) {
    let (tell, mut told) = mpsc::channel(1);
    let path = watched.path.display().to_string();
    tokio::spawn(reload::watch(watched, Arc::default(), tell));
    tokio::spawn(async move {
        while let Some(told) = told.recv().await {
            let said = match told {
                // It stays to be seen until the file is mended: what is shown is no longer what it says.
                Told::Kept(why) => {
                    let _ = inbox.send(Happening::Trouble(Some(why)));
                    continue;
                }
                Told::Fresh(loaded, asked) => {
                    let _ = inbox.send(Happening::Trouble(None));
                    let ground = Arc::clone(&grounds.borrow());
                    let fresh = seen(&ground.access, *loaded, asked);
                    grounds.send_replace(Arc::new(ground.on(Arc::new(fresh.fleet.clone()), Site::among(&fresh.asked))));
                    if fleets.send(fresh).await.is_err() {
                        return;
                    }
                    format!("{path} changed; the fleet is as it says now")
                }
            };
            if inbox.send(Happening::Said(said)).is_err() {
                return;
            }
        }
    });
}

/// Hands every new board to the cockpit. A slow screen gets the newest and skips the rest.
fn deliver(
    mut boards: watch::Receiver<Option<Arc<crate::views::board::Board>>>,
    inbox: mpsc::UnboundedSender<Happening>,
) {
    tokio::spawn(async move {
        while boards.changed().await.is_ok() {
            let board = boards.borrow_and_update().clone();
            if let Some(board) = board
                && inbox.send(Happening::News(board)).is_err()
            {
                return;
            }
        }
    });
}
