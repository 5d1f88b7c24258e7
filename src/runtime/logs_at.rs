//! The logs of one place: read once, counted, and followed over a tail that is taken up again whenever it breaks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::domain::clock::Moment;
use crate::domain::consent::{Leave, Refusal};
use crate::domain::fault::Fault;
use crate::net::roads::BoundDoor;
use crate::runtime::errand::{Errand, Place, leave};
use crate::runtime::ledger::Record;
use crate::sources::loki::ask::{self, Counted, Wanted, nanoseconds};
use crate::sources::loki::{LogLine, query};
use crate::text::clean::Clean;
use crate::views::asked::{Bar, Find, How, News};
use crate::views::column::Tone;
use crate::views::logs::{Row, level_tone};

/// Bars of a volume, about.
const BARS: u64 = 60;

/// Lengths of a bar that people can read off an axis, in seconds.
const STEPS: [u64; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/// How often one asks again where there is no tail.
const AGAIN: Duration = Duration::from_secs(5);

/// How often consent is looked at again while lines come.
const CONSENT: Duration = Duration::from_secs(30);

/// The longest wait before a broken tail is taken up again.
const LONGEST_WAIT: u32 = 60;

/// How asking one place ended: why, as it will be told.
type End = How;

/// Reads, and follows where that is wanted.
pub async fn run(errand: Arc<Errand>, place: Place, first: Leave, news: mpsc::Sender<News>) {
    let at = At { door: errand.ground.door(&place.site), errand, place, news };
    if !at.tell(How::Asking).await {
        return;
    }
    if let Some(end) = at.read(first).await {
        at.tell(end).await;
    }
}

/// One place being read.
struct At {
    errand: Arc<Errand>,
    place: Place,
    door: BoundDoor,
    news: mpsc::Sender<News>,
}

/// Counts what is read, and writes it down when reading ends, however it ends.
struct Reading<'a> {
    at: &'a At,
    record: Record,
    count: u64,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut record = self.record.clone();
        "logs-read".clone_into(&mut record.what);
        record.at = self.at.errand.ground.clock.now();
        record.count = Some(self.count);
        // That it was asked stands there already; without room on the disk the count is lost.
        let _ = self.at.errand.ground.ledger.write(&record);
    }
}

/// The newest nanosecond that was told, and what was told of it: a tail taken up again begins there.
#[derive(Default)]
struct Edge {
    newest: i64,
    told: BTreeSet<Clean>,
}

impl Edge {
    /// Whether a line is news. One and the same nanosecond comes twice where a tail begins anew.
    fn passes(&mut self, line: &LogLine) -> bool {
        if line.nanoseconds > self.newest {
            self.newest = line.nanoseconds;
            self.told.clear();
        }
        line.nanoseconds < self.newest || self.told.insert(line.text.clone())
    }
}

impl At {
    async fn tell(&self, how: How) -> bool {
        self.news.send(self.place.told(how)).await.is_ok()
    }

    async fn read(&self, first: Leave) -> Option<End> {
        let errand = &self.errand;
        let Ok(turn) = errand.turn.acquire().await else { return None };
        let text = match self.query(&first).await {
            Ok(Some(text)) => text,
            Ok(None) => return Some(How::Read { cut: false }),
            Err(fault) => return Some(failed(&fault)),
        };
        let record = self.record(&first, &text);
        if let Err(error) = errand.ground.ledger.write(&record) {
            let why = format!("not asked: the audit record can't be written ({error})");
            let hint = "every question for logs leaves a record; make room for it".to_owned();
            return Some(How::Failed { why, hint });
        }
        let mut reading = Reading { at: self, record, count: 0 };
        let wanted = Wanted { query: &text, from: errand.from, until: errand.until, limit: errand.share };
        let step = step(errand.until - errand.from);
        let begin = TimeDelta::seconds(errand.from.timestamp().rem_euclid(step.num_seconds()));
        let counting = Wanted { from: errand.from - begin + step, ..wanted };
        let pause = Duration::from_secs(step.num_seconds().unsigned_abs());
        // Nobody draws how often a rollout was mentioned.
        let counts = async {
            match &errand.topic.find {
                Find::Mentions(_) => None,
                Find::Nobody | Find::Everything | Find::Query(_) | Find::Text(_) => {
                    ask::volume(&self.door, &first, &counting, pause).await.ok()
                }
            }
        };
        let (found, counted) = tokio::join!(ask::lines(&self.door, &first, &wanted), counts);
        let found = match found {
            Ok(found) => found,
            Err(fault) => return Some(failed(&fault)),
        };
        drop(turn);
        // Where nobody counts, the lines that were read are counted on screen.
        if let Some(counted) = counted {
            let volume = News::Volume { place: self.place_word(), bars: bars(&counted, step), step: pause };
            self.news.send(volume).await.ok()?;
        }
        let mut edge = Edge { newest: nanoseconds(errand.until).saturating_sub(1), told: BTreeSet::new() };
        if let Some(newest) = found.lines.first() {
            edge.newest = newest.nanoseconds;
        }
        edge.told.extend(found.lines.iter().filter(|l| l.nanoseconds == edge.newest).map(|l| l.text.clone()));
        let cut = found.cut;
        self.lines(found.lines, 0, &mut reading).await?;
        if !errand.topic.follow {
            return Some(How::Read { cut });
        }
        tokio::select! {
            end = self.follow(&text, edge, &mut reading) => end,
            refusal = self.consent() => Some(refused(&refusal)),
        }
    }

    /// The query, in Loki's language; none where the Loki holds nothing at all.
    async fn query(&self, leave: &Leave) -> Result<Option<String>, Fault> {
        let topic = &self.errand.topic;
        if let Find::Query(text) = &topic.find {
            return Ok(Some(text.clone()));
        }
        let names = ask::labels(&self.door, leave, self.errand.from, self.errand.until).await?;
        let Some(selector) = query::everything(&names) else { return Ok(None) };
        Ok(Some(match &topic.find {
            Find::Query(text) => text.clone(),
            Find::Text(text) => query::with_text(&selector, text),
            Find::Mentions(words) => query::mentioning(&selector, words),
            Find::Everything | Find::Nobody => selector,
        }))
    }

    fn record(&self, leave: &Leave, text: &str) -> Record {
        let errand = &self.errand;
        Record {
            at: errand.ground.clock.now(),
            who: errand.ground.ledger.who().to_owned(),
            access: errand.ground.access.word().to_owned(),
            what: "logs-asked".to_owned(),
            place: self.place_word(),
            query: text.to_owned(),
            from: Some(errand.from),
            until: (!errand.topic.follow).then_some(errand.until),
            reason: leave.reason().map(ToString::to_string),
            count: None,
        }
    }

    fn place_word(&self) -> String {
        crate::views::logs::place(&self.place.installation, self.place.environment.as_ref())
    }

    async fn lines(&self, lines: Vec<LogLine>, lost: u64, reading: &mut Reading<'_>) -> Option<()> {
        reading.count = reading.count.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX));
        if lines.is_empty() && lost == 0 {
            return Some(());
        }
        // They come newest first, and are shown oldest first.
        let rows = lines.into_iter().rev().map(|line| self.row(line)).collect();
        self.news.send(News::Lines { rows, lost }).await.ok()
    }

    fn row(&self, line: LogLine) -> Row {
        Row {
            installation: self.place.installation.clone(),
            environment: self.place.environment.clone(),
            at: line.at,
            level: line.level.map(|level| level.to_string()),
            labels: line.labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            line: line.text.to_string(),
        }
    }

    /// Follows until nobody listens. A tail that breaks is taken up again where it broke.
    async fn follow(&self, text: &str, mut edge: Edge, reading: &mut Reading<'_>) -> Option<End> {
        let mut failures = 0_u32;
        loop {
            let leave = match leave(&self.errand.ground, &self.errand.topic, &self.place) {
                Ok(leave) => leave,
                Err(refusal) => return Some(refused(&refusal)),
            };
            if !self.errand.tails {
                let why = "more places than tails".to_owned();
                return self.poll(text, &leave, why, edge, reading).await;
            }
            let why = match ask::tail(&self.door, &leave, text, edge.newest).await {
                Ok(mut tail) => {
                    if !self.tell(How::Following).await {
                        return None;
                    }
                    loop {
                        match tail.next().await {
                            Ok(Some(mut frame)) => {
                                failures = 0;
                                frame.lines.reverse();
                                frame.lines.retain(|line| edge.passes(line));
                                frame.lines.reverse();
                                let lost = u64::try_from(frame.dropped).unwrap_or(u64::MAX);
                                self.lines(frame.lines, lost, reading).await?;
                            }
                            Ok(None) => break "the other side ended the tail".to_owned(),
                            Err(fault) => break fault.to_string(),
                        }
                    }
                }
                // Here a tail is not to be had, now or ever: asking again and again is.
                Err(
                    fault @ (Fault::Refused { status: 400..=499, .. }
                    | Fault::Missing { .. }
                    | Fault::Forbidden { .. }
                    | Fault::Limited { .. }
                    | Fault::Garbled { .. }),
                ) => return self.poll(text, &leave, fault.to_string(), edge, reading).await,
                Err(fault) => fault.to_string(),
            };
            failures = failures.saturating_add(1);
            let wait = Duration::from_secs(u64::from(2_u32.saturating_pow(failures.min(6)).min(LONGEST_WAIT)) / 2);
            let again = self.errand.ground.clock.now() + TimeDelta::from_std(wait).unwrap_or_default();
            if !self.tell(How::Lost { why, again }).await {
                return None;
            }
            sleep(wait).await;
        }
    }

    /// Asks again and again from the newest line on.
    async fn poll(
        &self,
        text: &str,
        leave: &Leave,
        why: String,
        mut edge: Edge,
        reading: &mut Reading<'_>,
    ) -> Option<End> {
        let polling = || How::Polling { why: why.clone() };
        if !self.tell(polling()).await {
            return None;
        }
        let mut broken = false;
        loop {
            if self.news.is_closed() {
                return None;
            }
            sleep(AGAIN).await;
            let now = self.errand.ground.clock.now();
            let _turn = self.errand.turn.acquire().await.ok()?;
            match ask::since(&self.door, leave, text, edge.newest, now).await {
                Ok(mut found) => {
                    if std::mem::take(&mut broken) && !self.tell(polling()).await {
                        return None;
                    }
                    found.lines.retain(|line| edge.passes(line));
                    found.lines.reverse();
                    self.lines(found.lines, 0, reading).await?;
                }
                Err(fault) => {
                    broken = true;
                    let again = now + TimeDelta::from_std(AGAIN).unwrap_or_default();
                    if !self.tell(How::Lost { why: fault.to_string(), again }).await {
                        return None;
                    }
                }
            }
        }
    }

    /// Waits until consent is no longer given: a tail ends with the day it was granted until.
    async fn consent(&self) -> Refusal {
        loop {
            sleep(CONSENT).await;
            if let Err(refusal) = leave(&self.errand.ground, &self.errand.topic, &self.place) {
                return refusal;
            }
        }
    }
}

fn refused(refusal: &Refusal) -> How {
    How::Refused { why: refusal.to_string(), wants_reason: *refusal == Refusal::NoReason }
}

fn failed(fault: &Fault) -> How {
    How::Failed { why: fault.to_string(), hint: fault.hint() }
}

/// How long one bar of a volume lasts, over a stretch of time.
#[must_use]
pub fn step(span: TimeDelta) -> TimeDelta {
    let least = span.num_seconds().unsigned_abs() / BARS;
    let step = STEPS.into_iter().find(|step| *step >= least).unwrap_or(86_400);
    TimeDelta::seconds(i64::try_from(step).unwrap_or(86_400))
}

/// Counts by level as bars. Loki tells when a stretch ended; a bar begins.
fn bars(counted: &[Counted], step: TimeDelta) -> Vec<Bar> {
    let mut bars: std::collections::BTreeMap<Moment, Bar> = std::collections::BTreeMap::new();
    for one in counted {
        let tone = level_tone(one.level.as_ref().map(Clean::as_str));
        for (ended, n) in &one.counts {
            let at = *ended - step;
            let bar = bars.entry(at).or_insert_with(|| Bar { at, ..Bar::default() });
            let sum = match tone {
                Tone::Critical => &mut bar.errors,
                Tone::Warning => &mut bar.warnings,
                Tone::Plain | Tone::Muted | Tone::Ok | Tone::Ahead | Tone::Waiting | Tone::Stale | Tone::Unknown => {
                    &mut bar.others
                }
            };
            *sum = sum.saturating_add(*n);
        }
    }
    bars.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_of_a_length_people_can_read() {
        for (span, seconds) in [
            (TimeDelta::minutes(5), 5),
            (TimeDelta::hours(1), 60),
            (TimeDelta::hours(6), 600),
            (TimeDelta::days(1), 1800),
            (TimeDelta::days(365), 86_400),
            (TimeDelta::zero(), 1),
        ] {
            assert_eq!(step(span).num_seconds(), seconds, "{span}");
        }
    }
}
