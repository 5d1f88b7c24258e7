//! The poller: asks one source again and again, at its pace, never twice at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::domain::clock::{Clock, Moment};
use crate::domain::fact::Heard;
use crate::domain::facts::Poll;
use crate::domain::fault::Fault;
use crate::net::roads::Roads;
use crate::runtime::cadence::{self, Turn};
use crate::runtime::clock::instant;
use crate::sources::build::Asked;
use crate::sources::kind::Right;
use crate::text::clean::Clean;

/// What all pollers share.
#[derive(Clone)]
pub struct Ground {
    /// The ways out.
    pub roads: Arc<Roads>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where polls are brought. Bounded: a busy collector slows the asking down, memory does not grow.
    pub polls: mpsc::Sender<Poll>,
    /// Whether nobody is asked for the time being.
    pub paused: watch::Receiver<bool>,
}

/// Asks a source, one of so many, until nobody takes its polls any more. `poke` asks at once.
///
/// Asking and following are boxed: ten thousand pollers that wait are as small as they can be.
pub async fn run(asked: Arc<Asked>, n_sources: usize, poke: Arc<Notify>, mut ground: Ground) {
    let mut course = Course { dice: fastrand::Rng::new(), failures: 0, polls: 0, last: None };
    let mut wait = cadence::first(asked.endpoint.interval, n_sources, course.dice.f64());
    loop {
        let waiting = async {
            tokio::select! {
                () = sleep(wait) => {}
                () = poke.notified() => {}
            }
        };
        tokio::select! {
            () = waiting => {}
            () = follow(&asked, &ground, course.last.take()) => {}
        }
        match Box::pin(turn(&asked, &mut ground, &mut course)).await {
            Some(next) => wait = next,
            None => return,
        }
    }
}

/// How the asking went so far.
struct Course {
    dice: fastrand::Rng,
    /// How many polls failed in a row.
    failures: u32,
    polls: u64,
    /// Of the last poll, where it went well.
    last: Option<Manner>,
}

/// Asks once, brings what came of it, and says how long to wait; none where nobody takes it any more.
async fn turn(asked: &Arc<Asked>, ground: &mut Ground, course: &mut Course) -> Option<Duration> {
    while *ground.paused.borrow() {
        ground.paused.changed().await.ok()?;
    }
    let began = instant();
    let poll = once(asked, ground, Patience::Usual).await;
    let went_well = poll.brought.is_ok();
    course.failures = if went_well { 0 } else { course.failures.saturating_add(1) };
    course.polls += 1;
    course.last = went_well.then_some((poll.took, poll.certificate_ends));
    let chance = course.dice.f64();
    let wait = if course.polls == 1 && went_well {
        cadence::second(asked.endpoint.interval, chance)
    } else {
        let (interval, failures) = (asked.endpoint.interval, course.failures);
        let spent = instant().duration_since(began);
        cadence::next(&Turn { interval, spent, failures, fault: poll.brought.as_ref().err(), now: poll.at }, chance)
    };
    ground.polls.send(poll).await.ok()?;
    Some(wait)
}

/// Changes are told at most this often: a burst of them is one.
const BREATH: Duration = Duration::from_millis(250);

/// How many sources are followed at a time; what is beyond moves with every poll.
static FOLLOWED: Semaphore = Semaphore::const_new(64);

/// Between two polls: brings what changes, for as long as the source has something to wait for. Never ends by itself.
async fn follow(asked: &Arc<Asked>, ground: &Ground, last: Option<Manner>) {
    if let Some(manner) = last {
        Box::pin(bring(asked, ground, manner)).await;
    }
    std::future::pending().await
}

/// How long the last poll took, and when the certificate of its connection ends.
type Manner = (Duration, Option<Moment>);

/// Brings change after change until there is nothing to wait for.
async fn bring(asked: &Arc<Asked>, ground: &Ground, (took, certificate_ends): Manner) {
    let door = Arc::new(ground.roads.door(&asked.endpoint));
    loop {
        let (source, way) = (Arc::clone(asked), Arc::clone(&door));
        // Ends with the one who waits for it, and a reader that panics takes down nothing else.
        let mut task = JoinSet::new();
        task.spawn(async move {
            let following = source.source.follow(&*way)?;
            let _place = FOLLOWED.try_acquire().ok()?;
            following.await.ok()
        });
        let Some(Ok(Some(heard))) = task.join_next().await else { return };
        let heard = heard.set_right(door.ahead().unwrap_or_default());
        let (from, at) = (asked.id.clone(), ground.clock.now());
        let poll = Poll { from, at, took, certificate_ends, brought: Ok(heard) };
        if ground.polls.send(poll).await.is_err() {
            return;
        }
        sleep(BREATH).await;
    }
}

/// How much rest a failing host is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A host that failed several times rests.
    Usual,
    /// It is asked all the same: a person wants to know.
    None,
}

/// How many answers of the longest allowed length one poll may take: sources ask follow-up questions.
const ANSWERS: u32 = 4;

/// Asks once. Whatever happens, something comes back.
pub async fn once(asked: &Arc<Asked>, ground: &Ground, patience: Patience) -> Poll {
    let began = instant();
    let door = ground.roads.door(&asked.endpoint);
    let door = Arc::new(match patience {
        Patience::Usual => door,
        Patience::None => door.around_the_breaker(),
    });
    let allowed = asked.endpoint.timeout.saturating_mul(ANSWERS);
    // On a task of its own: a reader that panics takes down its poll, not its poller.
    let (source, way, now) = (Arc::clone(asked), Arc::clone(&door), ground.clock.now());
    let task = tokio::spawn(async move { timeout(allowed, source.source.poll(&*way, now)).await });
    let mut brought: Result<Heard, Fault> = match task.await {
        Ok(Ok(brought)) => brought,
        Ok(Err(_elapsed)) => Err(Fault::Slow { allowed }),
        Err(_) => {
            let why =
                format!("reading the answer of this {} failed in Quarterdeck itself; please report it", asked.id.kind);
            Err(Fault::Program { why: Clean::line(&why) })
        }
    };
    brought = brought.map(|heard| heard.set_right(door.ahead().unwrap_or_default()));
    if let Ok(heard) = &mut brought {
        // It is kept until something else is said.
        heard.facts.shrink_to_fit();
        heard.gaps.shrink_to_fit();
    }
    Poll {
        from: asked.id.clone(),
        at: ground.clock.now(),
        took: instant().duration_since(began).max(Duration::from_micros(1)),
        certificate_ends: door.certificate_ends(),
        brought,
    }
}

/// Asks what a source's credential may do. Nothing where the other side does not tell.
pub async fn rights(asked: &Arc<Asked>, ground: &Ground) -> Vec<Right> {
    let door = Arc::new(ground.roads.door(&asked.endpoint).around_the_breaker());
    let allowed = asked.endpoint.timeout.saturating_mul(ANSWERS);
    let source = Arc::clone(asked);
    let task = tokio::spawn(async move {
        let asking = source.source.rights(&*door)?;
        timeout(allowed, asking).await.ok()?.ok()
    });
    task.await.ok().flatten().unwrap_or_default()
}
