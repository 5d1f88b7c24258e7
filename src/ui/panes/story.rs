//! The logs of just one rollout: what was said of its version and its workloads, from its beginning to its end.

use chrono::TimeDelta;

use crate::ui::pane::Scene;
use crate::ui::panes::logs::book::Book;
use crate::ui::role::Role;
use crate::ui::widgets::paper::{Paper, piece};
use crate::views::asked::{Find, How, LogTopic, News, Span, Topic, Whose};
use crate::views::column::Tone;
use crate::views::rollouts::Row;
use crate::views::rows::View;

/// Lines asked for at most, and shown at most.
const LIMIT: usize = 200;
const SHOWN: usize = 40;

/// Workloads looked for at most: more names make a query that is refused.
const NAMES: usize = 20;

/// What was said about one rollout.
#[derive(Default)]
pub(super) struct Story {
    topic: Option<Topic>,
    book: Book,
}

/// What is asked for one rollout; nothing before it rolls.
pub(super) fn topic(row: &Row) -> Option<Topic> {
    let from = row.started_at? - TimeDelta::minutes(2);
    let span = match row.finished_at {
        Some(end) => Span::Between(from, end + TimeDelta::minutes(5)),
        None => Span::Since(from),
    };
    let names = row.workloads.iter().map(|one| one.name.clone()).take(NAMES);
    Some(Topic::Logs(LogTopic {
        whose: Whose::Place(row.installation.clone(), row.environment.clone()),
        find: Find::Mentions(std::iter::once(row.to.clone()).chain(names).collect()),
        span,
        limit: LIMIT,
        follow: row.finished_at.is_none(),
        reason: None,
        turn: 0,
    }))
}

impl Story {
    /// Takes news in. Those of another rollout begin another story.
    pub(super) fn hear(&mut self, topic: &Topic, news: News) {
        if self.topic.as_ref() != Some(topic) {
            if news == News::Over {
                return;
            }
            *self = Self { topic: Some(topic.clone()), book: Book::default() };
        }
        self.book.hear(news);
    }

    /// Whether there are lines.
    pub(super) fn tells(&self) -> bool {
        !self.book.lines().is_empty()
    }

    /// Adds the lines to a page, oldest first.
    pub(super) fn add(&self, row: &Row, scene: &Scene<'_>, into: &mut Paper<()>) {
        let told = self.topic.is_some() && self.topic == topic(row);
        let standing = if told { self.book.places().next().map(|told| &told.how) } else { None };
        let lines = if told { self.book.lines() } else { &[] };
        let all = scene.told("that mention it; {view-7} opens all");
        into.title("Logs", if lines.is_empty() { "" } else { &all });
        let said = match standing {
            _ if row.started_at.is_none() => Some(("nothing rolls yet".to_owned(), Role::Muted)),
            Some(How::Refused { why, .. }) => Some((why.clone(), Role::Unknown)),
            Some(How::Failed { why, .. }) => Some((why.clone(), Role::Critical)),
            Some(How::Lost { why, .. }) => Some((format!("tail lost: {why}"), Role::Warning)),
            None | Some(How::Asking | How::Open) if lines.is_empty() => Some(("asking".to_owned(), Role::Waiting)),
            _ if lines.is_empty() => Some(("no line mentions it".to_owned(), Role::Muted)),
            _ => None,
        };
        if let Some((text, role)) = said {
            into.line([piece(text, role)]);
        }
        let zone = scene.lens().zone_of(Some(&row.installation));
        for line in lines.iter().skip(lines.len().saturating_sub(SHOWN)) {
            let tone = line.row.tone();
            into.line([
                piece(line.row.at.with_timezone(&zone).format("%H:%M:%S ").to_string(), Role::Muted),
                piece(format!("{} ", scene.theme.signs.mark(tone)), Role::toned(tone)),
                piece(line.said(), if tone == Tone::Plain { Role::Text } else { Role::toned(tone) }),
            ]);
        }
    }
}
