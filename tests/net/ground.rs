//! What the tests of the road stand on: endpoints, a clock that is set, a door.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use quarterdeck::domain::clock::{Clock, Moment};
use quarterdeck::fleetfile::endpoint::{Address, Auth, Endpoint, Trust};
use quarterdeck::net::roads::{BoundDoor, Roads};
use quarterdeck::text::clean::Clean;

/// A clock that stands until it is set.
#[derive(Default)]
pub struct Set(AtomicI64);

impl Set {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Set {
    fn now(&self) -> Moment {
        Moment::from_timestamp(1_795_223_820 + self.0.load(Ordering::SeqCst), 0).unwrap()
    }
}

pub fn roads() -> (Arc<Set>, Arc<Roads>) {
    let clock = Arc::new(Set::default());
    let cache = std::env::temp_dir().join("quarterdeck-net-tests");
    (clock.clone(), Roads::new(clock, cache))
}

pub fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        address: Address::Url(Clean::line(url)),
        trust: Trust::default(),
        proxy: None,
        auth: Auth::None,
        headers: vec![],
        interval: Duration::from_secs(30),
        timeout: Duration::from_secs(60),
        stale_after: Duration::from_secs(90),
        limit: None,
    }
}

pub fn door(url: &str) -> BoundDoor {
    roads().1.door(&endpoint(url))
}
