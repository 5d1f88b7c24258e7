//! What is shared by all who ask the same host, and by the whole fleet: slots, breakers, kept connections.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::{Breaker, Leave};
use super::limits;
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;

/// Whether the breaker is minded. `doctor` asks around it: a person wants to know now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaking {
    /// A resting host is not asked.
    Minded,
    /// It is asked all the same.
    Ignored,
}

/// All hosts, and the slots of the fleet.
pub struct Hosts {
    clock: Arc<dyn Clock>,
    all: Mutex<BTreeMap<String, Arc<Host>>>,
    kept: Mutex<Kept>,
    proven: Arc<Semaphore>,
    unproven: Arc<Semaphore>,
    flows_of_proven: Arc<Semaphore>,
    flows_of_unproven: Arc<Semaphore>,
}

/// One host behind one route.
pub struct Host {
    name: String,
    breaker: Mutex<Breaker>,
    asks: Arc<Semaphore>,
    flows: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    last_use: BTreeMap<String, Moment>,
    swept: Option<Moment>,
}

impl Hosts {
    /// No host known yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            all: Mutex::default(),
            kept: Mutex::default(),
            proven: Arc::new(Semaphore::new(limits::ASKS_TO_PROVEN)),
            unproven: Arc::new(Semaphore::new(limits::ASKS_TO_UNPROVEN)),
            flows_of_proven: Arc::new(Semaphore::new(limits::FLOWS_OF_PROVEN)),
            flows_of_unproven: Arc::new(Semaphore::new(limits::FLOWS_OF_UNPROVEN)),
        }
    }

    /// The host of that name, the same for everyone. Hosts nobody holds any more are forgotten.
    #[must_use]
    pub fn host(&self, name: &str) -> Arc<Host> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = all.get(name) {
            return Arc::clone(host);
        }
        if all.len().is_power_of_two() {
            all.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = Arc::new(Host {
            name: name.to_owned(),
            breaker: Mutex::default(),
            asks: Arc::new(Semaphore::new(limits::ASKS_PER_HOST)),
            flows: Arc::new(Semaphore::new(limits::FLOWS_PER_HOST)),
        });
        all.insert(name.to_owned(), Arc::clone(&host));
        host
    }

    /// Waits for a slot to ask in. The host's own comes first: whoever queues for a busy host holds none of the fleet's.
    ///
    /// # Errors
    /// [`Fault::Resting`], at once.
    pub async fn enter(self: &Arc<Self>, host: &Arc<Host>, breaking: Breaking) -> Result<Pass, Fault> {
        host.rests(self.clock.now(), breaking)?;
        let own = slot(&host.asks).await?;
        let proven = host.breaker().proven();
        let fleet = slot(if proven { &self.proven } else { &self.unproven }).await?;
        self.pass(host, breaking, [own, fleet])
    }

    /// Waits for a slot for a stream.
    ///
    /// # Errors
    /// [`Fault::Resting`], at once.
    pub async fn enter_flow(self: &Arc<Self>, host: &Arc<Host>, breaking: Breaking) -> Result<Pass, Fault> {
        host.rests(self.clock.now(), breaking)?;
        let own = slot(&host.flows).await?;
        let proven = host.breaker().proven();
        let fleet = slot(if proven { &self.flows_of_proven } else { &self.flows_of_unproven }).await?;
        self.pass(host, breaking, [own, fleet])
    }

    fn pass(
        self: &Arc<Self>,
        host: &Arc<Host>,
        breaking: Breaking,
        slots: [OwnedSemaphorePermit; 2],
    ) -> Result<Pass, Fault> {
        // Looked at again: while this one waited for its slot, others may have found the host dead.
        let leave = match breaking {
            Breaking::Minded => host.breaker().ask(self.clock.now())?,
            Breaking::Ignored => Leave::Usual,
        };
        Ok(Pass { hosts: Arc::clone(self), host: Arc::clone(host), leave, told: false, _slots: slots })
    }

    /// Whether the connection to this host is kept after the answer.
    #[must_use]
    pub fn keeps(&self, host: &Host) -> bool {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = kept.last_use.get_mut(&host.name) {
            *last = now;
            return true;
        }
        if kept.last_use.len() >= limits::KEPT_HOSTS && kept.swept.is_none_or(|at| now - at > TimeDelta::seconds(5)) {
            let idle = TimeDelta::from_std(limits::KEPT_IDLE).unwrap_or_default();
            kept.last_use.retain(|_, last| now - *last <= idle);
            kept.swept = Some(now);
        }
        let room = kept.last_use.len() < limits::KEPT_HOSTS;
        if room {
            kept.last_use.insert(host.name.clone(), now);
        }
        room
    }
}

impl Host {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses before any waiting where the host rests.
    fn rests(&self, now: Moment, breaking: Breaking) -> Result<(), Fault> {
        match breaking {
            Breaking::Ignored => Ok(()),
            Breaking::Minded => {
                let mut breaker = self.breaker();
                let leave = breaker.ask(now)?;
                breaker.forgot(leave);
                Ok(())
            }
        }
    }
}

async fn slot(slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Fault> {
    // Never closed; if it were, nothing could be asked any more.
    Arc::clone(slots).acquire_owned().await.map_err(|_| Fault::Slow { allowed: std::time::Duration::ZERO })
}

/// A slot held. It tells the breaker how the question ended; dropped without a word, it tells nothing.
pub struct Pass {
    hosts: Arc<Hosts>,
    host: Arc<Host>,
    leave: Leave,
    told: bool,
    _slots: [OwnedSemaphorePermit; 2],
}

impl Pass {
    /// The host answered, whatever it said.
    pub fn answered(&mut self) {
        self.told = true;
        self.host.breaker().answered();
    }

    /// The question ended before any answer. Only what speaks of the connection counts.
    pub fn failed(&mut self, fault: &Fault) {
        let dead = matches!(fault, Fault::Unreachable { .. } | Fault::Proxy { .. } | Fault::Slow { .. });
        if dead && !self.told {
            self.told = true;
            self.host.breaker().failed(fault, self.hosts.clock.now(), fastrand::f64());
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.told {
            self.host.breaker().forgot(self.leave);
        }
    }
}
