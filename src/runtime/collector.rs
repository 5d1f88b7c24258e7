//! The collector: a task a source, one store of facts, and boards published as whole immutable values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep_until};

use crate::domain::access::Access;
use crate::domain::clock::{Clock, Moment};
use crate::domain::facts::{Facts, Poll};
use crate::domain::fleet::Fleet;
use crate::domain::id::{InstallationId, SourceId};
use crate::net::roads::Roads;
use crate::rules::alert::course::AlertCourse;
use crate::rules::judge::Judge;
use crate::runtime::clock::instant;
use crate::runtime::order::Order;
use crate::runtime::poller::Ground;
use crate::runtime::pollers::Pollers;
use crate::sources::build::Asked;
use crate::views::board::Board;

/// The shortest time between two boards: four a second are more than anybody reads.
const BETWEEN_BOARDS: Duration = Duration::from_millis(250);

/// How often one looks whether the fleet is to be judged though nothing new was said: time alone changes verdicts too.
const AT_REST: Duration = Duration::from_secs(5);

/// How often a board is made only because ages in it have other words.
const WORDS: TimeDelta = TimeDelta::seconds(60);

/// For how long a verdict stands when its sources only say the same again: what is shown as heard a moment ago may have
/// been heard again since.
const PATIENCE: TimeDelta = TimeDelta::seconds(15);

/// After somebody asked for news, every answer counts as such for a while.
const EAGER: Duration = Duration::from_secs(15);

/// Polls that may wait for the collector. More slow the asking down; memory does not grow.
const WAITING_POLLS: usize = 1024;

/// What is collected, and for whom.
pub struct Setup {
    /// The fleet, cut down to what the viewer may see.
    pub fleet: Fleet,
    /// Who looks.
    pub access: Access,
    /// The sources.
    pub asked: Vec<Asked>,
    /// What was heard before, such as from history.
    pub facts: Facts,
    /// How the alerts went before, as far as somebody saw it.
    pub courses: BTreeMap<InstallationId, AlertCourse>,
    /// The ways out.
    pub roads: Arc<Roads>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A running collector. Dropped, it ends, and with it every poller.
pub struct Collector {
    /// The newest board.
    pub boards: watch::Receiver<Option<Arc<Board>>>,
    /// The newest board of the present, as long as the fleet is the one that was begun with: what may be kept.
    pub present: watch::Receiver<Option<Arc<Board>>>,
    /// Where orders are taken.
    pub orders: mpsc::Sender<Order>,
    /// Where a fleet is taken that takes the place of the one before.
    pub fleets: mpsc::Sender<Fresh>,
    /// How many sources were asked at least once.
    pub asked: watch::Receiver<usize>,
    /// What is known of which fleet, for whoever keeps it.
    pub known: watch::Receiver<Known>,
    gatherer: AbortHandle,
}

/// A fleet, and what was heard of it.
pub type Known = (Arc<Fleet>, Facts);

/// A fleet file read anew.
pub struct Fresh {
    /// The fleet, cut down to what the viewer may see.
    pub fleet: Fleet,
    /// Its sources.
    pub asked: Vec<Asked>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        // The pollers go with the one they bring their polls to.
        self.gatherer.abort();
    }
}

/// Starts asking.
#[must_use]
pub fn start(setup: Setup) -> Collector {
    let (polls, incoming) = mpsc::channel(WAITING_POLLS);
    let (pause, paused) = watch::channel(false);
    let (publish, boards) = watch::channel(None);
    let (tell, present) = watch::channel(None);
    let (count, asked) = watch::channel(0);
    let fleet = Arc::new(setup.fleet);
    let (know, known) = watch::channel((Arc::clone(&fleet), setup.facts.clone()));
    let (orders, ordered) = mpsc::channel(64);
    let (fleets, renewed) = mpsc::channel(1);
    let ground = Ground { roads: setup.roads, clock: Arc::clone(&setup.clock), polls, paused };
    let mut bench: Box<Bench> = Box::default();
    bench.judge.remember(setup.courses);
    let mut pollers = Pollers::new(ground);
    pollers.ask(setup.asked);
    let gatherer = Gatherer {
        fleet,
        access: setup.access,
        clock: setup.clock,
        facts: setup.facts,
        travel: None,
        pollers,
        pause,
        publish,
        present: Some(tell),
        count,
        know,
        thinking: Thinking::Idle(bench),
        news: true,
        eager_until: instant(),
    };
    let inbox = Inbox { polls: incoming, orders: ordered, fleets: renewed };
    let gatherer = tokio::spawn(gatherer.run(inbox)).abort_handle();
    Collector { boards, present, orders, fleets, asked, known, gatherer }
}

/// What the gatherer listens to.
struct Inbox {
    polls: mpsc::Receiver<Poll>,
    orders: mpsc::Receiver<Order>,
    fleets: mpsc::Receiver<Fresh>,
}

/// Takes polls in and lets them be judged.
struct Gatherer {
    fleet: Arc<Fleet>,
    access: Access,
    clock: Arc<dyn Clock>,
    facts: Facts,
    travel: Option<Moment>,
    pollers: Pollers,
    pause: watch::Sender<bool>,
    publish: watch::Sender<Option<Arc<Board>>>,
    /// None from when the fleet is another.
    present: Option<watch::Sender<Option<Arc<Board>>>>,
    count: watch::Sender<usize>,
    know: watch::Sender<Known>,
    thinking: Thinking,
    news: bool,
    eager_until: Instant,
}

/// The judge with the board it made last, at rest or at work on a thread of its own.
enum Thinking {
    Idle(Box<Bench>),
    Busy(JoinHandle<Box<Bench>>),
}

/// What is kept between two judgings, so that only what changed is judged again.
#[derive(Default)]
struct Bench {
    judge: Judge,
    board: Option<Board>,
    /// What the board rests on.
    judged: Option<Facts>,
    /// Whether it tells of another time than the present.
    travels: bool,
}

impl Gatherer {
    async fn run(mut self, inbox: Inbox) {
        let Inbox { mut polls, mut orders, mut fleets } = inbox;
        let mut next_board = instant();
        let mut at_rest = instant();
        loop {
            let wake = match (&self.thinking, self.news) {
                (Thinking::Idle(_), true) => next_board,
                (Thinking::Idle(_), false) => at_rest,
                (Thinking::Busy(_), _) => at_rest.max(next_board) + AT_REST,
            };
            tokio::select! {
                Some(poll) = polls.recv() => self.absorb(poll),
                Some(fresh) = fleets.recv() => self.renew(fresh),
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                bench = thought(&mut self.thinking) => self.put_down(bench),
                () = sleep_until(wake) => {}
            }
            // Whatever else has arrived is taken in before the next judging.
            while let Ok(poll) = polls.try_recv() {
                self.absorb(poll);
            }
            let now = instant();
            let due = self.news && now >= next_board || now >= at_rest;
            if due && matches!(self.thinking, Thinking::Idle(_)) {
                if self.news || !self.stands() {
                    self.think();
                }
                (next_board, at_rest) = pace(now);
            }
        }
    }

    /// Whether judging again would say the same: nothing was heard since, not even the same again, and no verdict says
    /// that it may be another by now.
    fn stands(&self) -> bool {
        let Thinking::Idle(bench) = &self.thinking else { return true };
        let same = bench.judged.as_ref().is_some_and(|judged| judged.is(&self.facts));
        let at = self.travel.unwrap_or_else(|| self.clock.now());
        // Ages are told anew a minute after the others at the soonest: then all of them that are due.
        let Some(age) = bench.board.as_ref().map(|board| at - board.header.judged_at) else { return false };
        let reads = age < WORDS || bench.judge.reads_until().is_some_and(|until| at < until);
        same && age >= TimeDelta::zero() && reads && bench.judge.holds_until().is_some_and(|until| at < until)
    }

    fn absorb(&mut self, poll: Poll) {
        // None for the last words of a source that is asked no more.
        let Some(is_first) = self.pollers.heard(&poll.from) else { return };
        if is_first {
            let _ = self.count.send(self.pollers.n_heard());
        }
        let id = poll.from.clone();
        let before = self.facts.feed(&id).cloned();
        self.facts = std::mem::take(&mut self.facts).absorb(poll);
        // The same words again are shown as freshly heard when the fleet is judged anyway.
        let same = before.zip(self.facts.feed(&id)).is_some_and(|(before, now)| before.says_the_same(now));
        self.news |= !same || self.is_eager();
    }

    fn is_eager(&self) -> bool {
        instant() < self.eager_until
    }

    /// Takes another fleet for the one before. What was heard from sources that did not change stays.
    fn renew(&mut self, fresh: Fresh) {
        let kept: BTreeSet<SourceId> = self.pollers.ask(fresh.asked).into_iter().collect();
        self.facts = std::mem::take(&mut self.facts).only(&|source| kept.contains(source));
        let _ = self.count.send(self.pollers.n_heard());
        self.fleet = Arc::new(fresh.fleet);
        if let Some(present) = self.present.take() {
            present.send_replace(None);
        }
        self.news = true;
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Now(these) => {
                self.eager_until = instant() + EAGER;
                let meant = |id: &SourceId| these.is_empty() || id.installation().is_none_or(|of| these.contains(of));
                self.pollers.poke(meant);
            }
            Order::Pause(pause) => {
                let _ = self.pause.send(pause);
            }
            Order::Travel(at) => {
                self.travel = at;
                self.news = true;
            }
        }
    }

    /// Lets the fleet be judged on a thread of its own: taking in goes on meanwhile.
    fn think(&mut self) {
        let idle = std::mem::replace(&mut self.thinking, Thinking::Idle(Box::default()));
        let Thinking::Idle(mut bench) = idle else {
            self.thinking = idle;
            return;
        };
        let (fleet, facts, access) = (Arc::clone(&self.fleet), self.facts.clone(), self.access.clone());
        let at = self.travel.unwrap_or_else(|| self.clock.now());
        bench.travels = self.travel.is_some();
        self.news = false;
        self.know.send_replace((Arc::clone(&fleet), facts.clone()));
        bench.judge.be_patient(if self.is_eager() { TimeDelta::zero() } else { PATIENCE });
        self.thinking = Thinking::Busy(tokio::task::spawn_blocking(move || {
            let judged = bench.judge.judge(&fleet, &facts, at);
            bench.board = Some(match bench.board.take() {
                Some(board) => board.renewed(&judged, &access),
                None => Board::of(&judged, &access),
            });
            bench.judged = Some(facts);
            bench
        }));
    }

    fn put_down(&mut self, bench: Box<Bench>) {
        if let Some(board) = &bench.board {
            let board = Arc::new(board.clone());
            if let Some(present) = self.present.as_ref().filter(|_| !bench.travels) {
                present.send_replace(Some(Arc::clone(&board)));
            }
            let _ = self.publish.send(Some(board));
        }
        self.thinking = Thinking::Idle(bench);
    }
}

/// Waits for the judge where it is at work. A judge that panicked begins anew.
async fn thought(thinking: &mut Thinking) -> Box<Bench> {
    match thinking {
        Thinking::Idle(_) => std::future::pending().await,
        Thinking::Busy(work) => work.await.unwrap_or_default(),
    }
}

fn pace(now: Instant) -> (Instant, Instant) {
    (now + BETWEEN_BOARDS, now + AT_REST)
}
