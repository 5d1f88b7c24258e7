//! The workloads of a cluster while a rollout moves: listed once, then followed change by change.
//!
//! The list of every poll stays the truth: a watch only moves it in between, and only while something rolls, because for
//! hundreds of clusters a list now and then costs less than a watch each.

use std::cmp::Ordering;
use std::future::pending;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::pages::{Listed, list};
use super::products::Naming;
use super::wire::{WireHead, WireWorkload};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::workload::{WorkloadKind, WorkloadState};
use crate::net::door::{Ask, Door, Pieces};
use crate::text::clean::Clean;

/// For how long one watch is asked for; the next poll lists anew long before.
const ASKED_FOR: Duration = Duration::from_secs(300);
/// One change is one object; the largest a cluster stores is a megabyte and a half.
const LONGEST_LINE: usize = 4 << 20;
/// How many watches in a row may end without a word before the next poll is waited for.
const MOST_ENDS: usize = 4;
/// How many odd changes are told.
const MOST_GAPS: usize = 20;

/// What was heard of a cluster, and how to go on hearing it.
pub(super) struct Following {
    /// What is no workload, before and behind them, as the last poll heard it.
    pub(super) before: Vec<Fact>,
    pub(super) behind: Vec<Fact>,
    pub(super) gaps: Vec<Gap>,
    /// The workloads, a list a kind.
    pub(super) lists: [Watched; 3],
}

/// One list that is followed.
pub(super) struct Watched {
    kind: WorkloadKind,
    /// What is asked for; none where it may not be seen.
    path: Option<String>,
    version: String,
    /// By namespace and name.
    items: Vec<WireWorkload>,
    flow: Option<Box<dyn Pieces>>,
    heard: Vec<u8>,
    /// Whether the version is too old to go on from.
    expired: bool,
    gaps: Vec<Gap>,
}

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Something is different.
    Changed,
    /// The watch ended, or has to begin anew.
    Ended,
}

/// Whether a workload of ours is on its way.
pub(super) fn moves(heard: &Heard) -> bool {
    heard.facts.iter().any(|fact| matches!(&fact.what, What::Workload(one) if one.state == WorkloadState::Waiting))
}

impl Following {
    /// Everything as it is now.
    pub(super) fn heard(&self, naming: &Naming<'_>) -> Heard {
        let workloads = self.lists.iter().flat_map(|list| list.facts(naming));
        let facts = self.before.iter().cloned().chain(workloads).chain(self.behind.iter().cloned()).collect();
        let gaps = self.gaps.iter().chain(self.lists.iter().flat_map(|list| &list.gaps)).cloned().collect();
        Heard { facts, gaps }
    }

    /// Waits until something is different.
    ///
    /// # Errors
    /// When a watch is refused, or ends again and again.
    pub(super) async fn news(&mut self, door: &dyn Door) -> Result<(), Fault> {
        for _ in 0..MOST_ENDS {
            let mut anew = false;
            for list in &mut self.lists {
                anew |= list.open(door).await?;
            }
            if anew {
                return Ok(());
            }
            let [a, b, c] = &mut self.lists;
            let turn = tokio::select! {
                turn = a.read() => turn,
                turn = b.read() => turn,
                turn = c.read() => turn,
            };
            if turn? == Turn::Changed {
                return Ok(());
            }
        }
        Err(Fault::Cut { why: Clean::line("the watch ends again and again") })
    }
}

impl Watched {
    /// A list to be followed from where it was listed.
    pub(super) fn new(kind: WorkloadKind, listed: Listed<WireWorkload>) -> Self {
        let mut watched = Self {
            kind,
            path: listed.path,
            version: String::new(),
            items: Vec::new(),
            flow: None,
            heard: Vec::new(),
            expired: false,
            gaps: Vec::new(),
        };
        watched.take_list(listed.items, listed.version);
        watched
    }

    fn take_list(&mut self, mut items: Vec<WireWorkload>, version: String) {
        items.sort_by(|a, b| by_name(&a.metadata, &b.metadata));
        items.dedup_by(|one, other| by_name(&one.metadata, &other.metadata).is_eq());
        self.items = items;
        // Without a version there is nothing to go on from.
        self.path = self.path.take().filter(|_| !version.is_empty());
        self.version = version;
    }

    /// What its items tell, in the order of their names.
    pub(super) fn facts(&self, naming: &Naming<'_>) -> Vec<Fact> {
        self.items.iter().flat_map(|item| item.facts(self.kind, naming)).collect()
    }

    fn plural(&self) -> &'static str {
        match self.kind {
            WorkloadKind::Deployment => "deployments",
            WorkloadKind::StatefulSet => "statefulsets",
            WorkloadKind::DaemonSet => "daemonsets",
        }
    }

    /// Opens the watch where none is open; lists anew where the version grew too old, and tells whether it did.
    async fn open(&mut self, door: &dyn Door) -> Result<bool, Fault> {
        let Some(path) = self.path.clone().filter(|_| self.flow.is_none()) else { return Ok(false) };
        let mut anew = false;
        if self.expired {
            let mut heard = Heard::default();
            let (items, version) = list(door, Ask::get(&path), self.plural(), &mut heard).await?;
            self.gaps = heard.gaps;
            self.take_list(items, version);
            (self.expired, anew) = (false, true);
        }
        let ask = Ask::get(&path)
            .with("watch", "1")
            .with("resourceVersion", &self.version)
            .with("allowWatchBookmarks", "true")
            .with("timeoutSeconds", ASKED_FOR.as_secs().to_string())
            .within(ASKED_FOR + Duration::from_secs(30))
            .even(410);
        let flow = door.stream(ask).await?;
        self.heard.clear();
        match flow.status {
            410 => self.expired = true,
            _ => self.flow = Some(flow.pieces),
        }
        Ok(anew)
    }

    /// Waits for the next change. What was read of a line is kept if nobody waits any more.
    async fn read(&mut self) -> Result<Turn, Fault> {
        if self.expired {
            return Ok(Turn::Ended);
        }
        loop {
            let Some(flow) = &mut self.flow else { return pending().await };
            match flow.next().await {
                Ok(Some(piece)) => self.heard.extend_from_slice(&piece),
                // It ends by itself after a while, and a line cut in the middle is no more than that.
                Ok(None) | Err(Fault::Slow { .. } | Fault::Cut { .. } | Fault::Unreachable { .. }) => {
                    self.flow = None;
                    return Ok(Turn::Ended);
                }
                Err(other) => return Err(other),
            }
            let whole = memchr::memrchr(b'\n', &self.heard).map_or(0, |end| end + 1);
            let rest = self.heard.split_off(whole);
            let lines = std::mem::replace(&mut self.heard, rest);
            if self.heard.len() > LONGEST_LINE {
                return Err(Fault::TooLarge { limit: u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX) });
            }
            let mut changed = false;
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                changed |= self.take(line)?;
            }
            if self.expired {
                self.flow = None;
                return Ok(Turn::Ended);
            }
            if changed {
                return Ok(Turn::Changed);
            }
        }
    }

    /// Takes one line in, and tells whether it changed something.
    fn take(&mut self, line: &[u8]) -> Result<bool, Fault> {
        let garbled = |why: &str| Fault::Garbled { expected: "changes of a Kubernetes list", why: Clean::line(why) };
        let event: WireEvent<'_> = serde_json::from_slice(line).map_err(|error| garbled(&error.to_string()))?;
        match event.r#type.as_str() {
            // The rest of a bookmark is empty where it must not be.
            "BOOKMARK" => {
                self.reached(event.object);
                Ok(false)
            }
            "ERROR" => {
                let status: WireStatus = serde_json::from_str(event.object.get()).unwrap_or_default();
                if status.code == 410 {
                    self.expired = true;
                    return Ok(false);
                }
                Err(Fault::Refused { status: status.code, why: Clean::line_within(&status.message, 200) })
            }
            "ADDED" | "MODIFIED" | "DELETED" => match serde_json::from_str::<WireWorkload>(event.object.get()) {
                Ok(item) => {
                    self.reached(event.object);
                    let place = self.items.binary_search_by(|held| by_name(&held.metadata, &item.metadata));
                    match (place, event.r#type == "DELETED") {
                        (Ok(at), true) => drop(self.items.remove(at)),
                        (Ok(at), false) => self.items.splice(at..=at, [item]).for_each(drop),
                        (Err(_), true) => {}
                        (Err(at), false) => self.items.insert(at, item),
                    }
                    Ok(true)
                }
                Err(error) => {
                    let place = Clean::line(&format!("{}, a change", self.plural()));
                    if self.gaps.len() < MOST_GAPS {
                        self.gaps.push(Gap { place, why: Clean::line(&error.to_string()), kind: GapKind::Odd });
                    }
                    Ok(true)
                }
            },
            _ => Ok(false),
        }
    }

    /// Goes on from an object's version, where it tells one.
    fn reached(&mut self, object: &RawValue) {
        if let Ok(WireVersioned { metadata }) = serde_json::from_str::<WireVersioned>(object.get())
            && !metadata.resource_version.is_empty()
        {
            self.version = metadata.resource_version;
        }
    }
}

fn by_name(one: &WireHead, other: &WireHead) -> Ordering {
    one.namespace.cmp(&other.namespace).then_with(|| one.name.cmp(&other.name))
}

#[derive(Deserialize)]
struct WireEvent<'a> {
    r#type: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct WireVersioned {
    metadata: WireVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVersion {
    #[serde(default)]
    resource_version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireStatus {
    code: u16,
    message: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn empty(kind: WorkloadKind) -> Watched {
        let path = Some("apis/apps/v1/deployments".to_owned());
        Watched::new(kind, Listed { items: Vec::new(), version: "90".to_owned(), path })
    }

    /// Pieces of a body, so small that every line is cut somewhere.
    struct Crumbs(std::collections::VecDeque<Vec<u8>>);

    impl Pieces for Crumbs {
        fn next(&mut self) -> crate::net::door::Pending<'_, Result<Option<Vec<u8>>, Fault>> {
            let piece = self.0.pop_front();
            Box::pin(async move { Ok(piece) })
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_rollout_is_followed_from_change_to_change_until_its_version_is_too_old() {
        let body = include_bytes!("../../../tests/samples/kubernetes/1.33/rolling/watch.jsonl");
        let mut list = empty(WorkloadKind::Deployment);
        list.flow = Some(Box::new(Crumbs(body.chunks(7).map(<[u8]>::to_vec).collect())));
        let updated = |list: &Watched| {
            list.items.iter().map(|item| (item.metadata.name.clone(), item.status.updated_replicas)).collect::<Vec<_>>()
        };
        assert_eq!(run(list.read()).unwrap(), Turn::Changed);
        assert_eq!((updated(&list), list.version.as_str()), (vec![("rolling".to_owned(), 1)], "100"));
        assert_eq!(run(list.read()).unwrap(), Turn::Changed);
        assert_eq!((updated(&list), list.version.as_str()), (vec![("rolling".to_owned(), 3)], "12710"));
        assert_eq!(run(list.read()).unwrap(), Turn::Changed);
        assert_eq!(updated(&list), []);
        assert_eq!(run(list.read()).unwrap(), Turn::Ended);
        assert!(list.expired && list.flow.is_none() && list.gaps.is_empty());
    }

    #[test]
    fn a_watch_that_breaks_off_goes_on_from_where_it_was() {
        let mut list = empty(WorkloadKind::Deployment);
        let bookmark =
            br#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"95"},"spec":{"template":null}}}"#;
        let cut = [&bookmark[..], b"\n{\"type\":\"MODI"].concat();
        list.flow = Some(Box::new(Crumbs([cut].into())));
        assert_eq!(run(list.read()).unwrap(), Turn::Ended);
        assert_eq!((list.version.as_str(), list.expired), ("95", false));
    }

    #[test]
    fn what_is_no_change_is_a_fault_and_an_odd_object_a_gap() {
        let mut list = empty(WorkloadKind::Deployment);
        for (line, expected) in [
            (&br#"{"type":"ADDED","object":{"metadata":{"name":1}}}"#[..], Some(true)),
            (br#"{"type":"NOVEL","object":{}}"#, Some(false)),
            (br#"{"type":"BOOKMARK","object":null}"#, Some(false)),
            (br#"{"type":"ERROR","object":{"code":500,"message":"etcd is away"}}"#, None),
            (b"<html>", None),
        ] {
            assert_eq!(list.take(line).ok(), expected, "{}", String::from_utf8_lossy(line));
        }
        assert_eq!((list.gaps.len(), list.version.as_str()), (1, "90"));
    }
}
