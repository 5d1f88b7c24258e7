//! What works behind the screen: reads the fleet file where that is still to be done, collects, keeps, and takes up
//! changes of the file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::app::message::Happening;
use crate::cli::kept::{Kept, last_known};
use crate::cli::open::{Opened, Ready};
use crate::domain::access::Access;
use crate::domain::clock::{Clock, Moment};
use crate::fleetfile::loaded::Loaded;
use crate::net::roads::Roads;
use crate::runtime::collector::{self, Collector, Fresh, Setup};
use crate::runtime::ground::{Ground, Site};
use crate::runtime::keeper::{Keeper, Places};
use crate::runtime::ledger::Ledger;
use crate::runtime::machine;
use crate::runtime::order::Order;
use crate::runtime::reload::{self, Told, Watched};
use crate::sources::build::Asked;
use crate::views::board::Board;
use crate::views::last::courses;

/// Who looks, and where what they ask for is recorded.
pub struct Viewer {
    /// Who looks.
    pub access: Access,
    /// Where questions for logs are recorded.
    pub ledger: Ledger,
    /// What was known last, where that is kept.
    pub kept: Option<Kept>,
    /// Where git repositories are kept between runs.
    pub cache: PathBuf,
}

/// The fleet one looks at.
pub enum Begin {
    /// Its file was read, and lies where nothing of it is kept.
    Ready(Box<Ready>),
    /// Its file was read.
    Opened(Box<Opened>),
    /// Its file is being read, and this was known when somebody looked last.
    Known(Arc<Board>, oneshot::Receiver<Opened>),
}

/// The ends at which the screen holds what works behind it. They are there before it works.
pub struct Ends {
    /// Where it tells.
    pub inbox: mpsc::UnboundedSender<Happening>,
    /// The orders it is given.
    pub orders: mpsc::Receiver<Order>,
    /// Where it puts the newest board.
    pub boards: watch::Sender<Option<Arc<Board>>>,
    /// Where it puts what is asked on demand stands on.
    pub grounds: watch::Sender<Option<Arc<Ground>>>,
}

/// Something that works. Dropped, it ends.
pub struct Running {
    keeper: Option<Keeper>,
    /// What is wrong with the fleet file though it can be used: to be said once the screen is gone.
    said: String,
    _collector: Collector,
}

impl Running {
    /// Writes what is known, and ends. Says what there is to say.
    pub async fn finish(self) {
        if !self.said.is_empty() {
            crate::cli::ending::say(&self.said);
        }
        if let Some(keeper) = self.keeper {
            keeper.finish().await;
        }
    }
}

/// Starts to work.
///
/// # Errors
/// The fleet file, where it cannot be used.
pub async fn start(begin: Begin, viewer: Viewer, clock: Arc<dyn Clock>, ends: Ends) -> Result<Running, Box<Opened>> {
    let Viewer { access, ledger, kept, cache } = viewer;
    let courses = match &begin {
        Begin::Known(board, _) => courses(board),
        Begin::Ready(_) | Begin::Opened(_) => BTreeMap::new(),
    };
    let opened = match begin {
        Begin::Ready(ready) => Opened { ready: Ok(*ready), said: String::new(), since: clock.now() },
        Begin::Opened(opened) => *opened,
        Begin::Known(_, coming) => coming.await.unwrap_or_else(|_| unread(clock.now())),
    };
    let Opened { ready, said, since } = opened;
    let ready = match ready {
        Ok(ready) => ready,
        Err(why) => return Err(Box::new(Opened { ready: Err(why), said, since })),
    };
    let Ready { loaded, asked, watched } = ready;
    let Ends { inbox, orders, boards, grounds } = ends;
    let places = kept.map(|kept| {
        let circumstances = kept.circumstances(&loaded, since);
        Places { facts: kept.facts(&loaded), board: circumstances.map(|now| (kept.shelf(), now)) }
    });
    let Fresh { fleet, asked } = seen(&access, loaded, asked);
    let few_files = machine::many_files(asked.len());
    let roads = Roads::new(Arc::clone(&clock), cache);
    let fleet = Arc::new(fleet);
    let ground = Ground {
        fleet: Arc::clone(&fleet),
        access: access.clone(),
        sites: Site::among(&asked),
        roads: Arc::clone(&roads),
        clock: Arc::clone(&clock),
        ledger,
    };
    let (facts, doubt) = match &places {
        Some(Places { facts: store, .. }) => {
            let (store, fleet) = (store.clone(), Arc::clone(&fleet));
            spawn_blocking(move || last_known(&store, &fleet)).await.unwrap_or_default()
        }
        None => Default::default(),
    };
    for said in doubt.into_iter().chain(few_files) {
        let _ = inbox.send(Happening::Said(said));
    }
    let setup = Setup { fleet: Arc::unwrap_or_clone(fleet), access, asked, facts, courses, roads, clock };
    let collector = collector::start(setup);
    let keeper = places.map(|places| Keeper::start(places, collector.known.clone(), collector.present.clone()));
    pass_on(orders, collector.orders.clone());
    deliver(collector.boards.clone(), boards, inbox.clone());
    grounds.send_replace(Some(Arc::new(ground)));
    renew(watched, grounds, collector.fleets.clone(), inbox);
    Ok(Running { keeper, said, _collector: collector })
}

/// What is said where the reading itself broke off.
fn unread(since: Moment) -> Opened {
    Opened { ready: Err("the fleet file could not be read to its end".to_owned()), said: String::new(), since }
}

/// What somebody may see of a fleet, and the sources of that.
fn seen(access: &Access, loaded: Loaded, asked: Vec<Asked>) -> Fresh {
    let fleet = access.sees(&loaded.fleet);
    let asked = asked.into_iter().filter(|one| fleet.sources.contains_key(&one.id)).collect();
    Fresh { fleet, asked }
}

/// Hands orders on to the collector.
fn pass_on(mut orders: mpsc::Receiver<Order>, to: mpsc::Sender<Order>) {
    tokio::spawn(async move {
        while let Some(order) = orders.recv().await {
            if to.send(order).await.is_err() {
                return;
            }
        }
    });
}

/// Takes a changed fleet file up while the cockpit runs. Here a hangup ends the program: it means a lost terminal.
fn renew(
    watched: Watched,
    grounds: watch::Sender<Option<Arc<Ground>>>,
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
                    let Some(ground) = grounds.borrow().clone() else { return };
                    let fresh = seen(&ground.access, *loaded, asked);
                    let next = ground.on(Arc::new(fresh.fleet.clone()), Site::among(&fresh.asked));
                    grounds.send_replace(Some(Arc::new(next)));
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
    mut boards: watch::Receiver<Option<Arc<Board>>>,
    newest: watch::Sender<Option<Arc<Board>>>,
    inbox: mpsc::UnboundedSender<Happening>,
) {
    tokio::spawn(async move {
        while boards.changed().await.is_ok() {
            let board = boards.borrow_and_update().clone();
            newest.send_replace(board.clone());
            if let Some(board) = board
                && inbox.send(Happening::News(board)).is_err()
            {
                return;
            }
        }
    });
}
