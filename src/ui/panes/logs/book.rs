//! What was told about logs so far: lines merged by time and bounded, places, and counts over time.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::text::query::Query;
use crate::text::said::said;
use crate::views::asked::{Bar, How, News, Told};
use crate::views::column::Tone;
use crate::views::lens::Lens;
use crate::views::logs::Row;
use crate::views::rows::View;

/// Lines kept at most: the newest. A day of scrolling, and a few megabytes.
pub const MOST: usize = 5000;

/// One line, known by a number while others come and go around it.
pub struct Line {
    /// Its number.
    pub id: u64,
    /// As it was written.
    pub row: Row,
    /// What it says, where that is something else: understood when somebody first looks at it. Most lines are never seen.
    said: OnceCell<Option<String>>,
}

impl Line {
    /// What it says.
    pub fn said(&self) -> &str {
        let understood = || match said(&self.row.line) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        };
        self.said.get_or_init(understood).as_deref().unwrap_or(&self.row.line)
    }
}

/// How many lines one place wrote when.
struct Volume {
    bars: Vec<Bar>,
    step: Duration,
    /// Until when they were counted over there; what was written later is counted here.
    until: Moment,
}

/// Everything that was told.
#[derive(Default)]
pub struct Book {
    lines: Vec<Line>,
    last: u64,
    places: BTreeMap<String, Told>,
    volumes: BTreeMap<String, Volume>,
    /// Lines that came too fast, by the word of server or program.
    pub lost: u64,
    /// Older lines that were let go to make room.
    pub gone: u64,
    /// Whether what stands here is of an earlier asking, shown until the new one tells something.
    old: bool,
    /// Whether asking was stopped.
    pub over: bool,
}

impl Book {
    /// Takes news in. Says whether there are other lines than before.
    pub fn hear(&mut self, news: News) -> bool {
        match news {
            News::Begun => {
                self.old = true;
                self.over = false;
                return false;
            }
            News::Over => {
                self.over = true;
                return false;
            }
            News::Place(_) | News::Lines { .. } | News::Volume { .. } | News::Figures(_) => {}
        }
        let anew = std::mem::take(&mut self.old);
        if anew {
            *self = Self { last: self.last, ..Self::default() };
        }
        match news {
            News::Place(told) => {
                self.places.insert(told.place(), told);
                anew
            }
            News::Volume { place, bars, step } => {
                let length = TimeDelta::from_std(step).unwrap_or_default();
                if let Some(until) = bars.last().and_then(|bar| bar.at.checked_add_signed(length)) {
                    self.volumes.insert(place, Volume { bars, step, until });
                }
                anew
            }
            News::Lines { rows, lost } => {
                self.lost = self.lost.saturating_add(lost);
                self.insert(rows);
                true
            }
            News::Figures(_) | News::Begun | News::Over => anew,
        }
    }

    fn insert(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.count(&row);
            self.last += 1;
            self.lines.push(Line { id: self.last, row, said: OnceCell::new() });
        }
        // Nearly sorted already: that is cheap.
        self.lines.sort_by(|a, b| a.row.at.cmp(&b.row.at).then_with(|| a.id.cmp(&b.id)));
        let over = self.lines.len().saturating_sub(MOST);
        self.lines.drain(..over);
        self.gone = self.gone.saturating_add(u64::try_from(over).unwrap_or(u64::MAX));
    }

    /// A line written after its place was counted is counted here.
    fn count(&mut self, row: &Row) {
        let Some(Volume { bars, step, until }) = self.volumes.get_mut(&row.place()) else { return };
        if row.at < *until {
            return;
        }
        let Some(at) = floor(row.at, step.as_secs()) else { return };
        if bars.last().is_none_or(|bar| bar.at < at) {
            bars.push(Bar { at, ..Bar::default() });
        }
        if let Some(bar) = bars.last_mut() {
            add(bar, row.tone());
        }
        let over = bars.len().saturating_sub(MOST_BARS);
        bars.drain(..over);
    }

    /// The lines, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How asking goes, place by place.
    pub fn places(&self) -> impl Iterator<Item = &Told> {
        self.places.values()
    }

    /// How many places were told about.
    #[must_use]
    pub fn n_places(&self) -> usize {
        self.places.len()
    }

    /// How many places there are lines of, at least.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        let mut spoke = self.lines.iter().map(|line| (&line.row.installation, &line.row.environment));
        let first = spoke.next();
        spoke.any(|one| Some(one) != first)
    }

    /// Whether anything at all was told.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.lines.is_empty() && self.places.is_empty()
    }

    /// The lines that are shown, by their places among all: filtered, and of some weight where only that is wanted.
    #[must_use]
    pub fn sift(&self, query: &Query, grave: bool, lens: &Lens<'_>) -> Vec<usize> {
        let names: Vec<&str> = Row::COLUMNS.iter().map(|column| column.name).collect();
        let filter = query.over(&names);
        let kept = |row: &Row| {
            (!grave || matches!(row.tone(), Tone::Critical | Tone::Warning))
                && (query.is_empty()
                    || filter.keeps(|n| Row::COLUMNS.get(n).map_or("".into(), |column| (column.cell)(row, lens))))
        };
        self.lines.iter().enumerate().filter(|(_, line)| kept(&line.row)).map(|(n, _)| n).collect()
    }

    /// How many lines were written when, over all places, in so many bars at most; and whether it is of the lines read
    /// alone, because nobody counted.
    #[must_use]
    pub fn volume(&self, most: usize) -> (Vec<Bar>, bool) {
        let mut sums: BTreeMap<Moment, Bar> = BTreeMap::new();
        let counted = !self.volumes.is_empty();
        let mut step = 1;
        for volume in self.volumes.values() {
            step = step.max(volume.step.as_secs());
            for bar in &volume.bars {
                let sum = sums.entry(bar.at).or_insert_with(|| Bar { at: bar.at, ..Bar::default() });
                sum.errors = sum.errors.saturating_add(bar.errors);
                sum.warnings = sum.warnings.saturating_add(bar.warnings);
                sum.others = sum.others.saturating_add(bar.others);
            }
        }
        if !counted {
            let ends = self.lines.first().zip(self.lines.last());
            let span = ends.map_or(0, |(first, last)| (last.row.at - first.row.at).num_seconds().unsigned_abs());
            step = (span / 60).max(1);
            for line in &self.lines {
                let Some(at) = floor(line.row.at, step) else { continue };
                add(sums.entry(at).or_insert_with(|| Bar { at, ..Bar::default() }), line.row.tone());
            }
        }
        (evenly(sums, step, most), !counted)
    }
}

/// Bars kept of one place while it is followed.
const MOST_BARS: usize = 2000;

fn add(bar: &mut Bar, tone: Tone) {
    let sum = match tone {
        Tone::Critical => &mut bar.errors,
        Tone::Warning => &mut bar.warnings,
        Tone::Plain | Tone::Muted | Tone::Ok | Tone::Ahead | Tone::Waiting | Tone::Stale | Tone::Unknown => {
            &mut bar.others
        }
    };
    *sum = sum.saturating_add(1);
}

fn floor(at: Moment, step: u64) -> Option<Moment> {
    let step = i64::try_from(step.max(1)).ok()?;
    Moment::from_timestamp(at.timestamp().div_euclid(step) * step, 0)
}

/// The newest bars, with the empty ones between them: a silence is seen.
fn evenly(mut sums: BTreeMap<Moment, Bar>, step: u64, most: usize) -> Vec<Bar> {
    let Some(last) = sums.keys().next_back().copied() else { return Vec::new() };
    let Some(first) = sums.keys().next().copied() else { return Vec::new() };
    let length = TimeDelta::seconds(i64::try_from(step).unwrap_or(i64::MAX / 1000));
    let mut all = Vec::new();
    let mut at = last;
    while at >= first && all.len() < most {
        let before = at.checked_sub_signed(length).unwrap_or(first - TimeDelta::seconds(1));
        // What stands between two even moments belongs to the later one.
        let mut bar = Bar { at, ..Bar::default() };
        let here: Vec<Moment> =
            sums.range(..=at).rev().take_while(|(one, _)| **one > before).map(|(one, _)| *one).collect();
        for one in here {
            if let Some(sum) = sums.remove(&one) {
                bar.errors = bar.errors.saturating_add(sum.errors);
                bar.warnings = bar.warnings.saturating_add(sum.warnings);
                bar.others = bar.others.saturating_add(sum.others);
            }
        }
        all.push(bar);
        at = before;
    }
    all.reverse();
    all
}

/// How asking goes over all places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Going {
    /// Asked, not answered.
    pub asking: usize,
    /// Read, and no more to come.
    pub read: usize,
    /// Of these, cut at the limit.
    pub cut: usize,
    /// Followed by a tail.
    pub following: usize,
    /// Followed by asking again and again.
    pub polling: usize,
    /// Broken for the moment.
    pub lost: usize,
    /// Not allowed.
    pub refused: usize,
    /// Not answering.
    pub failed: usize,
    /// Allowed, and not asked.
    pub open: usize,
}

impl Book {
    /// How asking goes over all places.
    #[must_use]
    pub fn going(&self) -> Going {
        let mut going = Going::default();
        for told in self.places.values() {
            match &told.how {
                How::Open => going.open += 1,
                How::Asking => going.asking += 1,
                How::Read { cut } => {
                    going.read += 1;
                    going.cut += usize::from(*cut);
                }
                How::Following => going.following += 1,
                How::Polling { .. } => going.polling += 1,
                How::Lost { .. } => going.lost += 1,
                How::Refused { .. } => going.refused += 1,
                How::Failed { .. } => going.failed += 1,
            }
        }
        going
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(place: &str, second: i64, level: Option<&str>) -> Row {
        Row {
            installation: place.into(),
            environment: Some("production".into()),
            at: Moment::from_timestamp(1_795_223_000 + second, 0).unwrap(),
            level: level.map(str::to_owned),
            labels: BTreeMap::new(),
            line: second.to_string(),
        }
    }

    fn told(book: &mut Book, rows: Vec<Row>) {
        book.hear(News::Lines { rows, lost: 0 });
    }

    #[test]
    fn lines_of_several_places_stand_in_the_order_of_time() {
        let mut book = Book::default();
        told(&mut book, vec![row("acme", 1, None), row("acme", 5, None)]);
        told(&mut book, vec![row("globex", 0, None), row("globex", 3, None), row("globex", 5, None)]);
        let order: Vec<&str> = book.lines().iter().map(|line| line.row.line.as_str()).collect();
        assert_eq!(order, ["0", "1", "3", "5", "5"]);
        assert!(book.is_merged());
    }

    #[test]
    fn what_was_known_stays_until_the_next_asking_tells_something() {
        let mut book = Book::default();
        told(&mut book, vec![row("acme", 1, None)]);
        book.hear(News::Begun);
        assert_eq!(book.lines().len(), 1);
        book.hear(News::Place(Told { installation: "acme".into(), environment: None, how: How::Asking }));
        assert_eq!(book.lines().len(), 0);
    }

    #[test]
    fn counts_go_on_with_what_is_written_after_them() {
        let mut book = Book::default();
        let at = |second: i64| Moment::from_timestamp(1_795_223_000 + second, 0).unwrap();
        let bar = |second: i64, others| Bar { at: at(second), others, ..Bar::default() };
        let bars = vec![bar(40, 7), bar(100, 2)];
        book.hear(News::Volume { place: "acme/production".to_owned(), bars, step: Duration::from_secs(60) });
        // Of the counted time: counted already. Of the time behind it: not yet.
        told(&mut book, vec![row("acme", 110, None), row("acme", 161, Some("error")), row("acme", 162, None)]);
        let (bars, alone) = book.volume(100);
        assert_eq!(bars.iter().map(Bar::all).collect::<Vec<_>>(), [7, 2, 2]);
        assert_eq!((bars[2].errors, alone), (1, false));
    }

    #[test]
    fn a_silence_between_two_bars_is_a_bar_of_nothing() {
        let mut book = Book::default();
        told(&mut book, vec![row("acme", 0, None), row("acme", 600, Some("warn"))]);
        let (bars, alone) = book.volume(100);
        assert!(alone);
        assert!(bars.len() > 50, "{} bars", bars.len());
        assert_eq!(bars.iter().filter(|bar| bar.all() > 0).count(), 2);
    }

    proptest! {
        #[test]
        fn however_many_come_the_book_is_bounded_and_sorted(
            batches in proptest::collection::vec((0_i64..5000, 0_usize..3000), 1..12)
        ) {
            let mut book = Book::default();
            let mut all = 0;
            for (from, n) in batches {
                all += n;
                told(&mut book, (from..).take(n).map(|second| row("acme", second, None)).collect());
                prop_assert!(book.lines().len() <= MOST);
                prop_assert!(book.lines().is_sorted_by(|a, b| a.row.at <= b.row.at));
            }
            prop_assert_eq!(book.lines().len() + usize::try_from(book.gone).unwrap(), all);
        }
    }
}
