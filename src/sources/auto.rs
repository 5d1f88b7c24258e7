//! A status page whose make nobody said: every make is tried in turn, and the one that answers is remembered.

use std::sync::{Mutex, PoisonError};

use crate::domain::clock::Moment;
use crate::domain::fact::Heard;
use crate::domain::fault::Fault;
use crate::fleetfile::section::Section;
use crate::net::door::{Door, Pending};
use crate::sources::betterstack::BetterStack;
use crate::sources::cachet::Cachet;
use crate::sources::cstate::CState;
use crate::sources::gatus::Gatus;
use crate::sources::instatus::Instatus;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::rss::Rss;
use crate::sources::statuspage::Statuspage;
use crate::sources::uptime_kuma::UptimeKuma;
use crate::text::clean::Clean;

/// A page of any make.
pub static KIND: Kind = Kind {
    name: "auto",
    about: "a status page of any of the makes known here: it finds out which",
    example: r#"{ kind = "auto", name = "Upstream", url = "https://status.upstream.example.test" }"#,
    stands: Stands::Page,
    build,
};

struct Auto {
    makes: Vec<Box<dyn Source>>,
    /// Which of them answered last.
    found: Mutex<Option<usize>>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(Auto {
        // The order matters: the first is imitated most, and a feed says least.
        makes: vec![
            Box::new(Statuspage::default()),
            Box::new(Instatus::default()),
            Box::new(BetterStack::default()),
            Box::new(CState::default()),
            Box::new(Cachet::default()),
            Box::new(Gatus::default()),
            Box::new(UptimeKuma::of("default")),
            Box::new(Rss::at("history.atom")),
            Box::new(Rss::at("history.rss")),
            Box::new(Rss::at("rss")),
            Box::new(Rss::at("")),
        ],
        found: Mutex::new(None),
    }))
}

impl Source for Auto {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let known = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(make) = known.and_then(|n| self.makes.get(n)) {
                match make.poll(door, now).await {
                    Err(fault) if is_another_make(&fault) => {}
                    told => return told,
                }
            }
            for (n, make) in self.makes.iter().enumerate().filter(|(n, _)| Some(*n) != known) {
                match make.poll(door, now).await {
                    Err(fault) if is_another_make(&fault) => {}
                    Err(fault) => return Err(fault),
                    Ok(heard) => {
                        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(n);
                        return Ok(heard);
                    }
                }
            }
            Err(Fault::Garbled {
                expected: "a status page",
                why: Clean::line(
                    "nothing that any known make answers: say its `kind`, or `rss` with its feed's address",
                ),
            })
        })
    }
}

/// Whether a fault says that this is no page of that make. Others concern the page whatever it is: another question to
/// a host that is down or wants to be left alone would find nothing out.
fn is_another_make(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Missing { .. }
            | Fault::Garbled { .. }
            | Fault::Forbidden { .. }
            | Fault::Refused { .. }
            | Fault::Astray { .. }
            | Fault::TooLarge { .. }
    )
}
