//! What was written into the world from outside: approvals, silences, marks, announcements, and faults on demand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::speak::packs::Pushed;
use crate::domain::clock::Moment;

/// One thing written.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A version may go into an installation's production.
    Approve {
        /// Whose.
        installation: String,
        /// Which version.
        version: String,
        /// By whom.
        who: String,
    },
    /// Commits in an installation's gate repository.
    Push {
        /// Whose.
        installation: String,
        /// What was pushed.
        pushed: Pushed,
    },
    /// A silence, created or changed.
    Silence(SilenceWritten),
    /// A silence ends now.
    Expire {
        /// Which.
        id: String,
    },
    /// A mark on the time line of an installation's Grafana.
    Mark {
        /// Whose Grafana, as its address names it.
        holder: String,
        /// The annotation as it was sent.
        body: Value,
        /// Its number.
        id: u64,
    },
    /// A maintenance on the vendor's status page.
    Announce {
        /// The incident as it was sent.
        body: Value,
        /// Its id.
        id: String,
    },
    /// A ticket at the helpdesk.
    Ticket {
        /// Whose.
        installation: String,
        /// Its title.
        title: String,
    },
    /// A fault on demand for every address that begins so; none lifts it.
    Fault {
        /// The first part of the path, such as `acme/production`.
        path: String,
        /// What goes wrong there.
        fault: Option<Fault>,
    },
}

/// A silence as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct SilenceWritten {
    /// Its id.
    pub id: String,
    /// Whose Alertmanager, as its address names it.
    pub holder: String,
    /// Name, value, whether a pattern, whether equal.
    pub matchers: Vec<Matcher>,
    /// Who wrote it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
    /// When it was last changed.
    pub updated: Moment,
}

/// One condition of a silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// Of which label.
    pub name: String,
    /// Which value.
    pub value: String,
    /// Whether the value is a pattern.
    pub is_regex: bool,
    /// Whether it must hold, or must not.
    pub is_equal: bool,
}

/// What can be made to go wrong at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Never answers.
    Hang,
    /// Closes the connection in the middle of the answer.
    Reset,
    /// Answers 500.
    Broken,
    /// Answers 401.
    Unauthorized,
    /// Answers a login page with 200.
    Login,
    /// Answers something that is neither.
    Garbage,
    /// Answers, but lives half an hour in the past.
    Skewed,
    /// Answers slowly.
    Slow,
    /// Answers, and its certificates ended two days ago.
    Expired,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Hang,
        Self::Reset,
        Self::Broken,
        Self::Unauthorized,
        Self::Login,
        Self::Garbage,
        Self::Skewed,
        Self::Slow,
        Self::Expired,
    ];

    /// Its name in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Broken => "500",
            Self::Unauthorized => "401",
            Self::Login => "login",
            Self::Garbage => "garbage",
            Self::Skewed => "skew",
            Self::Slow => "slow",
            Self::Expired => "expired",
        }
    }

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Everything written so far. Bounded: the oldest goes first.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// Approvals by installation and version: when, and by whom.
    pub approvals: BTreeMap<(String, String), (Moment, String)>,
    /// Pushes: into whose repository, what, and when.
    pub pushes: Vec<(String, Pushed, Moment)>,
    /// Silences in the order they were written.
    pub silences: Vec<SilenceWritten>,
    /// Silences that were ended by hand.
    pub expired: BTreeMap<String, Moment>,
    /// Marks: whose, what, number, when.
    pub marks: Vec<(String, Value, u64, Moment)>,
    /// Announcements: what, id, when.
    pub announcements: Vec<(Value, String, Moment)>,
    /// Tickets: whose, title, when.
    pub tickets: Vec<(String, String, Moment)>,
    /// Faults by the first part of the path.
    pub faults: BTreeMap<String, Fault>,
}

/// How many things of a kind are remembered.
const KEPT: usize = 1000;

impl Writes {
    /// Takes one more thing in, written at that moment.
    pub fn take(&mut self, write: Write, at: Moment) {
        match write {
            Write::Approve { installation, version, who } => {
                self.approvals.entry((installation, version)).or_insert((at, who));
            }
            Write::Push { installation, pushed } => {
                for (path, text) in &pushed.files {
                    let Some(version) = path.strip_prefix("change-board/") else { continue };
                    let told = text.lines().find_map(|line| line.strip_prefix("approved-by:")).map(str::trim);
                    let who = told.unwrap_or(&pushed.author).to_owned();
                    self.approvals.entry((installation.clone(), version.to_owned())).or_insert((at, who));
                }
                // Never forgotten: what comes after it rests on it.
                self.pushes.push((installation, pushed, at));
            }
            Write::Silence(silence) => {
                self.silences.retain(|one| one.id != silence.id);
                push(&mut self.silences, silence);
            }
            Write::Expire { id } => {
                self.expired.insert(id, at);
            }
            Write::Mark { holder, body, id } => push(&mut self.marks, (holder, body, id, at)),
            Write::Announce { body, id } => push(&mut self.announcements, (body, id, at)),
            Write::Ticket { installation, title } => push(&mut self.tickets, (installation, title, at)),
            Write::Fault { path, fault: Some(fault) } => {
                self.faults.insert(path, fault);
            }
            Write::Fault { path, fault: None } => {
                self.faults.remove(&path);
            }
        }
    }

    /// The fault laid on an address, where there is one.
    #[must_use]
    pub fn fault(&self, path: &str) -> Option<Fault> {
        let path = path.trim_start_matches('/');
        self.faults.iter().find(|(start, _)| path.starts_with(start.as_str())).map(|(_, fault)| *fault)
    }
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() >= KEPT {
        list.remove(0);
    }
    list.push(item);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Moment {
        format!("2026-11-21T08:{minute:02}:00Z").parse().unwrap()
    }

    #[test]
    fn an_approval_is_given_once() {
        let mut writes = Writes::default();
        for (minute, who) in [(1, "ada"), (5, "bob")] {
            let write = Write::Approve { installation: "acme".into(), version: "2026.41.0".into(), who: who.into() };
            writes.take(write, at(minute));
        }
        assert_eq!(writes.approvals.values().next(), Some(&(at(1), "ada".to_owned())));
    }

    #[test]
    fn a_fault_lies_on_everything_below_its_path_until_it_is_lifted() {
        let mut writes = Writes::default();
        let lay = |fault| Write::Fault { path: "acme/production".into(), fault };
        writes.take(lay(Some(Fault::Hang)), at(1));
        assert_eq!(writes.fault("/acme/production/loki/ready"), Some(Fault::Hang));
        assert_eq!(writes.fault("/acme/staging/loki/ready"), None);
        writes.take(lay(None), at(2));
        assert_eq!(writes.fault("/acme/production/loki/ready"), None);
    }

    #[test]
    fn faults_are_found_by_their_names() {
        for fault in Fault::ALL {
            assert_eq!(Fault::named(fault.name()), Some(fault));
        }
    }
}
