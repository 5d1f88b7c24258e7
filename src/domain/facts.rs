//! The store of what was heard: per source the last good answer, and beside it the fault of the last try.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Moment;
use super::fact::Heard;
use super::fault::Fault;
use super::id::{InstallationId, SourceId};

/// What is known from one source. A failed poll keeps the last good answer beside the fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// The last good answer and when it came.
    pub heard: Option<(Moment, Arc<Heard>)>,
    /// Why the last try failed; none where it did not.
    pub fault: Option<Fault>,
    /// When it was last tried.
    pub tried: Option<Moment>,
    /// How long the last try took.
    pub took: Option<Duration>,
    /// Days until the certificate of the connection ends, as a moment.
    pub certificate_ends: Option<Moment>,
}

impl Feed {
    /// Whether both hold the same words, shared by [`Facts::absorb`], and the same fault.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same_words = match (&self.heard, &other.heard) {
            (Some((_, one)), Some((_, other))) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_words && self.fault == other.fault && self.certificate_ends == other.certificate_ends
    }

    /// What was heard, with its freshness at a time.
    #[must_use]
    pub fn seen(&self, at: Moment, stale_after: Duration) -> Seen<&Arc<Heard>> {
        match &self.heard {
            None => Seen::Never,
            Some((heard_at, heard)) => {
                let age = (at - *heard_at).to_std().unwrap_or(Duration::ZERO);
                if age > stale_after {
                    Seen::Stale { value: heard, at: *heard_at }
                } else {
                    Seen::Fresh { value: heard, at: *heard_at }
                }
            }
        }
    }
}

/// Whether two hearings of the same place hold the same words and the same faults, whenever they were heard.
#[must_use]
pub fn say_the_same(one: &Feeds, other: &Feeds) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|((id, one), (its, other))| id == its && (Arc::ptr_eq(one, other) || one.says_the_same(other)))
}

/// A value with its freshness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen<T> {
    /// Told recently enough to rest a verdict on.
    Fresh {
        /// The value.
        value: T,
        /// When it was told.
        at: Moment,
    },
    /// Told, but too long ago.
    Stale {
        /// The value.
        value: T,
        /// When it was told.
        at: Moment,
    },
    /// Never told.
    Never,
}

impl<T> Seen<T> {
    /// The value, fresh or stale.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Fresh { value, .. } | Self::Stale { value, .. } => Some(value),
            Self::Never => None,
        }
    }

    /// When it was told.
    pub fn at(&self) -> Option<Moment> {
        match self {
            Self::Fresh { at, .. } | Self::Stale { at, .. } => Some(*at),
            Self::Never => None,
        }
    }

    /// Whether it is too old to rest on. What was never told is not stale but unknown.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }

    /// The same freshness around another value.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Fresh { value, at } => Seen::Fresh { value: to(value), at },
            Self::Stale { value, at } => Seen::Stale { value: to(value), at },
            Self::Never => Seen::Never,
        }
    }
}

/// One poll's outcome, as the poller brings it.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Which source.
    pub from: SourceId,
    /// When it ended.
    pub at: Moment,
    /// How long it took.
    pub took: Duration,
    /// When the certificate of the connection ends, where there was one.
    pub certificate_ends: Option<Moment>,
    /// What it brought.
    pub brought: Result<Heard, Fault>,
}

/// The feeds of one installation, or of the fleet as a whole.
pub type Feeds = BTreeMap<SourceId, Arc<Feed>>;

/// Everything that was heard, kept per installation so that what did not change is shared.
///
/// Cloning is cheap. Two copies share every installation in which nothing was heard between them, and
/// [`Facts::of`] of both is then the same allocation: that is how the judge knows what to judge again.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    installations: Arc<BTreeMap<InstallationId, Arc<Feeds>>>,
    fleet: Arc<Feeds>,
}

impl Facts {
    /// Nothing heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The store with one more poll in it.
    #[must_use]
    pub fn absorb(mut self, poll: Poll) -> Self {
        let feeds = match poll.from.installation() {
            Some(id) => Arc::make_mut(Arc::make_mut(&mut self.installations).entry(id.clone()).or_default()),
            None => Arc::make_mut(&mut self.fleet),
        };
        let feed = Arc::make_mut(feeds.entry(poll.from).or_default());
        feed.tried = Some(poll.at);
        feed.took = Some(poll.took);
        feed.certificate_ends = poll.certificate_ends.or(feed.certificate_ends);
        match poll.brought {
            Ok(heard) => {
                feed.fault = None;
                // The same words again share the old allocation, so that "nothing changed" stays visible.
                match &mut feed.heard {
                    Some((at, old)) if **old == heard => *at = poll.at,
                    slot => *slot = Some((poll.at, Arc::new(heard))),
                }
            }
            Err(fault) => feed.fault = Some(fault),
        }
        self
    }

    /// The feeds of one installation.
    #[must_use]
    pub fn of(&self, installation: &InstallationId) -> Option<&Arc<Feeds>> {
        self.installations.get(installation)
    }

    /// The feeds that belong to no installation: products, hubs, status pages, calendars.
    #[must_use]
    pub fn fleet(&self) -> &Arc<Feeds> {
        &self.fleet
    }

    /// What is known from one source.
    #[must_use]
    pub fn feed(&self, source: &SourceId) -> Option<&Arc<Feed>> {
        match source.installation() {
            Some(id) => self.installations.get(id)?.get(source),
            None => self.fleet.get(source),
        }
    }

    /// Everything, in the order of its sources.
    pub fn iter(&self) -> impl Iterator<Item = (&SourceId, &Arc<Feed>)> {
        self.fleet.iter().chain(self.installations.values().flat_map(|feeds| feeds.iter()))
    }

    /// Whether nothing was heard between these two, not even the same again.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.installations, &other.installations) && Arc::ptr_eq(&self.fleet, &other.fleet)
    }

    /// Without the sources that are no longer in the fleet file.
    #[must_use]
    pub fn only(mut self, keep: &dyn Fn(&SourceId) -> bool) -> Self {
        Arc::make_mut(&mut self.fleet).retain(|source, _| keep(source));
        for feeds in Arc::make_mut(&mut self.installations).values_mut() {
            Arc::make_mut(feeds).retain(|source, _| keep(source));
        }
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::id::{Place, Scope};

    fn source(installation: &str) -> SourceId {
        let scope = Scope::Place(Place::new(&installation.into(), &"production".into()));
        SourceId { scope, kind: "prometheus".into(), name: None }
    }

    fn poll(installation: &str, second: i64, brought: Result<Heard, Fault>) -> Poll {
        Poll {
            from: source(installation),
            at: Moment::from_timestamp(second, 0).unwrap(),
            took: Duration::from_millis(3),
            certificate_ends: None,
            brought,
        }
    }

    #[test]
    fn a_failed_poll_keeps_the_last_good_answer_beside_the_fault() {
        let facts = Facts::new().absorb(poll("acme", 10, Ok(Heard::default())));
        let facts = facts.absorb(poll("acme", 20, Err(Fault::Missing { path: crate::text::clean::Clean::line("/") })));
        let feed = facts.feed(&source("acme")).unwrap();
        assert_eq!(feed.heard.as_ref().unwrap().0.timestamp(), 10);
        assert!(feed.fault.is_some());
        assert_eq!(feed.tried.unwrap().timestamp(), 20);
        let feed = Facts::clone(&facts).absorb(poll("acme", 30, Ok(Heard::default())));
        assert!(feed.feed(&source("acme")).unwrap().fault.is_none());
    }

    #[test]
    fn what_did_not_change_is_shared() {
        let before = Facts::new().absorb(poll("acme", 10, Ok(Heard::default()))).absorb(poll(
            "globex",
            10,
            Ok(Heard::default()),
        ));
        let after = before.clone().absorb(poll("acme", 20, Ok(Heard::default())));
        let same = |id: &str| Arc::ptr_eq(before.of(&id.into()).unwrap(), after.of(&id.into()).unwrap());
        assert!(!same("acme"));
        assert!(same("globex"));
    }

    #[test]
    fn the_same_words_heard_again_say_the_same_and_a_fault_or_another_word_does_not() {
        let gap = || crate::domain::fact::Gap {
            place: crate::text::clean::Clean::line("nodes"),
            why: crate::text::clean::Clean::line("odd"),
            kind: crate::domain::fact::GapKind::Odd,
        };
        let other = Heard { facts: Vec::new(), gaps: vec![gap()] };
        let once = Facts::new().absorb(poll("acme", 10, Ok(Heard::default())));
        let silent = || Err(Fault::Slow { allowed: Duration::from_secs(10) });
        for (brought, same) in [(Ok(Heard::default()), true), (Ok(other), false), (silent(), false)] {
            let again = once.clone().absorb(poll("acme", 20, brought));
            let (one, two) = (once.of(&"acme".into()).unwrap(), again.of(&"acme".into()).unwrap());
            assert_eq!(say_the_same(one, two), same);
        }
    }

    #[test]
    fn an_answer_is_stale_only_after_its_time() {
        let facts = Facts::new().absorb(poll("acme", 0, Ok(Heard::default())));
        let feed = facts.feed(&source("acme")).unwrap();
        let seen = |second| feed.seen(Moment::from_timestamp(second, 0).unwrap(), Duration::from_secs(180)).is_stale();
        assert!(!seen(180));
        assert!(seen(181));
        assert!(Feed::default().seen(Moment::UNIX_EPOCH, Duration::ZERO).value().is_none());
    }
}
