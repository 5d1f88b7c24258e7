//! News of many places bundled for one screen: merged, bounded, and at most a few times a second.
//!
//! However fast lines come in, the screen gets no more than it can show, and is told how many it did not get.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::runtime::clock::instant;
use crate::views::asked::{News, Told};
use crate::views::logs::Row;

/// The shortest time between two bundles.
const BETWEEN: Duration = Duration::from_millis(200);

/// Lines in one bundle at most: the newest.
pub const MOST_LINES: usize = 2000;

/// What is gathered for the next bundle.
#[derive(Default)]
struct Bundle {
    places: BTreeMap<String, Told>,
    rows: Vec<Row>,
    lost: u64,
    others: Vec<News>,
}

impl Bundle {
    fn take(&mut self, news: News) {
        match news {
            News::Place(told) => {
                self.places.insert(told.place(), told);
            }
            News::Lines { rows, lost } => {
                self.lost = self.lost.saturating_add(lost);
                self.rows.extend(rows);
                if self.rows.len() > 2 * MOST_LINES {
                    self.cut();
                }
            }
            other @ (News::Begun | News::Volume { .. } | News::Figures(_) | News::Over) => self.others.push(other),
        }
    }

    /// Keeps the newest lines, oldest first.
    fn cut(&mut self) {
        self.rows.sort_by_key(|row| row.at);
        let over = self.rows.len().saturating_sub(MOST_LINES);
        self.rows.drain(..over);
        self.lost = self.lost.saturating_add(u64::try_from(over).unwrap_or(u64::MAX));
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty() && self.rows.is_empty() && self.lost == 0 && self.others.is_empty()
    }

    fn told(mut self) -> Vec<News> {
        self.cut();
        let mut all = self.others;
        if !self.rows.is_empty() || self.lost > 0 {
            all.push(News::Lines { rows: self.rows, lost: self.lost });
        }
        all.extend(self.places.into_values().map(News::Place));
        all
    }
}

/// Bundles until nobody tells anything any more, or nobody listens.
pub async fn bundle(mut news: mpsc::Receiver<News>, mut tell: impl FnMut(Vec<News>) -> bool) {
    let mut gathered = Bundle::default();
    let mut due: Instant = instant();
    loop {
        let waiting = !gathered.is_empty();
        tokio::select! {
            biased;
            () = sleep_until(due), if waiting => {
                due = instant() + BETWEEN;
                if !tell(std::mem::take(&mut gathered).told()) {
                    return;
                }
            }
            one = news.recv() => match one {
                Some(one) => gathered.take(one),
                None => {
                    if waiting {
                        tell(gathered.told());
                    }
                    return;
                }
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::clock::Moment;

    fn row(n: i64) -> Row {
        Row {
            installation: "acme".into(),
            environment: None,
            at: Moment::UNIX_EPOCH + TimeDelta::nanoseconds(n),
            level: None,
            labels: BTreeMap::new(),
            line: n.to_string(),
        }
    }

    #[tokio::test]
    async fn a_flood_is_bounded_and_what_is_left_out_is_counted() {
        let (send, receive) = mpsc::channel(4);
        let flood = tokio::spawn(async move {
            for batch in 0..1000 {
                let rows = (0..100).map(|n| row(batch * 100 + n)).collect();
                send.send(News::Lines { rows, lost: 1 }).await.unwrap();
            }
        });
        let mut bundles = Vec::new();
        bundle(receive, |news| {
            bundles.push(news);
            true
        })
        .await;
        flood.await.unwrap();
        let (mut shown, mut lost) = (0, 0);
        for news in bundles.iter().flatten() {
            let News::Lines { rows, lost: n } = news else { panic!("{news:?}") };
            assert!(rows.len() <= MOST_LINES);
            assert!(rows.is_sorted_by(|a, b| a.at <= b.at));
            shown += rows.len();
            lost += n;
        }
        assert_eq!(u64::try_from(shown).unwrap() + lost, 100_000 + 1000);
        assert_eq!(bundles.last().unwrap().len(), 1);
        assert!(bundles.len() < 20, "{} bundles", bundles.len());
    }
}
