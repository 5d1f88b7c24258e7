//! What rings: what became critical while somebody was here, each once.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;
use crate::views::attention::Row;
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::rows::View;

/// How long sources may take to be asked for the first time. Then everything new rings, whoever was not asked.
const FIRST_ROUND: TimeDelta = TimeDelta::minutes(5);

/// What was critical already.
#[derive(Clone, Debug)]
pub struct Rung {
    begun: Moment,
    critical: BTreeSet<String>,
}

impl Rung {
    /// Nothing yet; what began since then is new whoever tells of it.
    #[must_use]
    pub fn since(begun: Moment) -> Self {
        Self { begun, critical: BTreeSet::new() }
    }

    /// Takes in what needs somebody. Says what of it became critical after the board before: what a source told when it
    /// was heard for the first time was there already.
    pub fn take(&mut self, rows: &[&Row], before: Option<&Board>, now: Moment) -> BTreeSet<String> {
        let critical: Vec<(String, &Row)> =
            rows.iter().filter(|row| row.tone() == Tone::Critical).map(|row| (row.key(), *row)).collect();
        let mut new: Vec<&(String, &Row)> = critical.iter().filter(|(key, _)| !self.critical.contains(key)).collect();
        // What was known before is no news.
        let before = before.filter(|board| !board.is_last_known());
        let begins = now - self.begun < FIRST_ROUND;
        match before {
            None => new.clear(),
            Some(before) if begins && !new.is_empty() => {
                let unheard = self.unheard(before);
                new.retain(|(_, row)| {
                    let heard = !unheard.contains(&None) && !unheard.contains(&row.installation.as_ref());
                    heard || row.since.is_some_and(|since| since >= self.begun)
                });
            }
            Some(_) => {}
        }
        let new = new.into_iter().map(|(key, _)| key.clone()).collect();
        self.critical = critical.into_iter().map(|(key, _)| key).collect();
        new
    }

    /// Of which installations some source was not asked yet; none stands for what concerns them all.
    fn unheard<'b>(&self, board: &'b Board) -> BTreeSet<Option<&'b InstallationId>> {
        let sources = board.views.sources.iter();
        let unasked = sources.filter(|source| source.last_try.is_none_or(|tried| tried < self.begun));
        unasked.map(|source| source.installation.as_ref()).collect()
    }
}
