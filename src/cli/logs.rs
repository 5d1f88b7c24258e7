//! Log lines for `show logs`: asked once of every place that consents, and told apart from why others were not.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::cli::args::Show;
use crate::cli::ending::Ending;
use crate::cli::gather::cache;
use crate::domain::access::Access;
use crate::domain::clock::{Clock, Dated};
use crate::domain::fleet::Fleet;
use crate::domain::id::InstallationId;
use crate::net::roads::Roads;
use crate::runtime::clock::{MachineClock, instant};
use crate::runtime::ground::{Ground, Site};
use crate::runtime::ledger::Ledger;
use crate::runtime::logs;
use crate::sources::build::Asked;
use crate::views::asked::{Find, How, LogTopic, News, Span, Whose};
use crate::views::logs::Row;
use crate::views::rows::View;

/// From when log lines are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// How far back.
    pub since: Duration,
    /// Until when; none for the present.
    pub until: Option<Dated>,
}

/// What is asked.
pub struct Question<'a> {
    /// The fleet, cut down to what may be seen.
    pub fleet: &'a Fleet,
    /// Who asks.
    pub access: &'a Access,
    /// The sources.
    pub sources: &'a [Asked],
    /// The words.
    pub show: &'a Show,
    /// From when.
    pub wanted: Since,
}

/// What came of it.
pub struct Read {
    /// The lines, oldest first.
    pub rows: Vec<Row>,
    /// What is to be said beside them.
    pub said: Vec<String>,
    /// How the command ends.
    pub ending: Ending,
}

/// Reads log lines once.
///
/// # Errors
/// When no thread can be started, or a wait is no duration.
pub fn read(question: Question<'_>) -> color_eyre::Result<Read> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let wait = crate::cli::time::duration(&question.show.wait).map_err(color_eyre::Report::msg)?;
    Ok(runtime.block_on(all(&question, wait)))
}

async fn all(question: &Question<'_>, wait: Duration) -> Read {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let show = question.show;
    let now = clock.now();
    let until = question.wanted.until.map_or(now, |dated| dated.begins(question.fleet.zone));
    let from = until - TimeDelta::from_std(question.wanted.since).unwrap_or_default();
    let named: Vec<InstallationId> = show.installation.iter().chain(&show.named).map(|id| id.as_str().into()).collect();
    let topic = LogTopic {
        whose: if named.is_empty() { Whose::Everybody } else { Whose::These(named) },
        find: Find::typed(show.query.as_deref().unwrap_or_default()),
        span: Span::Between(from, until),
        limit: show.limit,
        follow: false,
        reason: show.reason.clone(),
        turn: 0,
    };
    let ground = Ground {
        fleet: Arc::new(question.fleet.clone()),
        access: question.access.clone(),
        sites: Site::among(question.sources),
        roads: Roads::new(Arc::clone(&clock), cache()),
        clock,
        ledger: Ledger::at(Ledger::usual_place()),
    };
    let (send, mut receive) = mpsc::channel(64);
    let asking = tokio::spawn(logs::run(Arc::new(ground), topic, send));
    let mut gathered = Gathered::default();
    let over = instant() + wait;
    loop {
        tokio::select! {
            news = receive.recv() => match news {
                Some(news) => gathered.take(news),
                None => break,
            },
            () = sleep_until(over) => {
                asking.abort();
                break;
            }
        }
    }
    gathered.read(show.limit)
}

/// What was told so far.
#[derive(Default)]
struct Gathered {
    rows: Vec<Row>,
    places: std::collections::BTreeMap<String, How>,
}

impl Gathered {
    fn take(&mut self, news: News) {
        match news {
            News::Lines { rows, .. } => self.rows.extend(rows),
            News::Place(told) => {
                self.places.insert(told.place(), told.how);
            }
            News::Begun | News::Over | News::Volume { .. } | News::Figures(_) => {}
        }
    }

    fn read(mut self, limit: usize) -> Read {
        self.rows.sort_by(View::order);
        let over = self.rows.len().saturating_sub(limit);
        self.rows.drain(..over);
        let mut said = Vec::new();
        let (mut answered, mut failed) = (0, 0);
        for (place, how) in &self.places {
            match how {
                How::Read { cut } => {
                    answered += 1;
                    if *cut || over > 0 {
                        said.push(format!(
                            "{place}: there are older lines; `--limit` or a shorter `--since` reaches them"
                        ));
                    }
                }
                How::Refused { why, wants_reason } => {
                    let hint = if *wants_reason { "; say why with `--reason`" } else { "" };
                    said.push(format!("{place}: {why}{hint}"));
                }
                How::Failed { why, hint } => {
                    failed += 1;
                    said.push(format!("{place}: {why}; {hint}"));
                }
                How::Asking | How::Open | How::Following | How::Polling { .. } | How::Lost { .. } => {
                    failed += 1;
                    said.push(format!("{place}: no answer yet; `--wait` waits longer"));
                }
            }
        }
        if self.places.is_empty() {
            said.push("nobody is configured who knows logs: add a source of kind `loki` to the fleet file".to_owned());
        }
        let ending = match (answered, failed) {
            (0, 0) => Ending::Wrong,
            (0, _) => Ending::Unreached,
            _ => Ending::Done,
        };
        Read { rows: self.rows, said, ending }
    }
}
