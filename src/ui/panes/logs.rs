//! Logs: who may be asked, and the lines of all who are, merged by time and followed.
//!
//! Over the whole fleet nobody is asked before a person says what for: opening a view must not read customers' logs.

pub(super) mod book;
mod line;
mod picture;

use std::collections::BTreeSet;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::id::InstallationId;
use crate::ui::action::Action;
use crate::ui::pane::{Entry, Pane, Point, Scene, Sieve, Took, Want};
use crate::ui::widgets::page::page;
use crate::views::ViewName;
use crate::views::asked::{Find, How, LogTopic, News, Span, Told, Topic, Whose};
use crate::views::board::Board;
use crate::views::lens::{Lens, Zone};
use crate::views::logs;
use crate::views::rows::View;

use book::Book;

/// The stretches of time one may look back.
const SPANS: [(u64, &str); 7] = [
    (5 * 60, "5 min"),
    (15 * 60, "15 min"),
    (3600, "hour"),
    (6 * 3600, "6 h"),
    (24 * 3600, "24 h"),
    (7 * 24 * 3600, "7 d"),
    (30 * 24 * 3600, "30 d"),
];

/// Lines asked for at most, over all places.
const LIMIT: usize = 1000;

/// How far sideways one key goes.
const SIDEWAYS: usize = 20;

/// The logs.
pub struct Logs {
    sieve: Sieve,
    book: Book,
    /// What was typed; none where nobody asked for anything yet.
    typed: Option<String>,
    reason: String,
    span: usize,
    follow: bool,
    turn: u32,
    /// Installations marked in the list of places.
    marked: BTreeSet<InstallationId>,
    /// Whether the lines came with the board, from somebody who asked for them elsewhere.
    given: bool,
    /// The lines shown, by their places in the book.
    shown: Vec<usize>,
    /// The chosen line; none for the newest, whichever that is.
    chosen: Option<u64>,
    at: usize,
    first: usize,
    height: usize,
    sideways: usize,
    /// Whether the chosen line is shown in full.
    open: bool,
    /// Whether lines are shown as they were written, rather than what they say.
    raw: bool,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            sieve: Sieve::default(),
            book: Book::default(),
            typed: None,
            reason: String::new(),
            span: 2,
            follow: true,
            turn: 0,
            marked: BTreeSet::new(),
            given: false,
            shown: Vec::new(),
            chosen: None,
            at: 0,
            first: 0,
            height: 20,
            sideways: 0,
            open: false,
            raw: false,
        }
    }
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Who may be asked.
    Places,
    /// Lines.
    Lines,
}

impl Logs {
    fn mode(&self) -> Mode {
        if self.given || self.typed.is_some() || self.sieve.installation.is_some() { Mode::Lines } else { Mode::Places }
    }

    fn whose(&self) -> Whose {
        match &self.sieve.installation {
            Some(id) => Whose::These(vec![id.clone()]),
            None if self.marked.is_empty() => Whose::Everybody,
            None => Whose::These(self.marked.iter().cloned().collect()),
        }
    }

    fn topic(&self) -> Option<Topic> {
        if self.given {
            return None;
        }
        let (find, whose) = match self.mode() {
            Mode::Places => (Find::Nobody, Whose::Everybody),
            Mode::Lines => (Find::typed(self.typed.as_deref().unwrap_or_default()), self.whose()),
        };
        let back = SPANS.get(self.span).map_or(3600, |(seconds, _)| *seconds);
        Some(Topic::Logs(LogTopic {
            whose,
            find,
            span: Span::Back(Duration::from_secs(back)),
            limit: LIMIT,
            follow: self.follow,
            reason: Some(self.reason.clone()).filter(|reason| !reason.is_empty()),
            turn: self.turn,
        }))
    }

    fn span_word(&self) -> &'static str {
        SPANS.get(self.span).map_or("", |(_, word)| word)
    }

    /// The places in the order they are listed: those that may be read first.
    fn listed(&self) -> Vec<&Told> {
        let query = self.sieve.query.over(&["where", "consent"]);
        let kept = |told: &&Told| {
            self.sieve.query.is_empty()
                || query.keeps(|n| if n == 0 { told.place().into() } else { picture::consent(&told.how).1.into() })
        };
        let mut all: Vec<&Told> = self.book.places().filter(kept).collect();
        all.sort_by_key(|told| (matches!(told.how, How::Refused { wants_reason: false, .. }), told.place()));
        all
    }

    fn rows(&self) -> usize {
        match self.mode() {
            Mode::Places => self.listed().len(),
            Mode::Lines => self.shown.len(),
        }
    }

    /// The lines shown, anew; the chosen one stays chosen, or the newest where none was.
    fn sift(&mut self, board: Option<&Board>) {
        if self.mode() == Mode::Lines {
            let zones = board.map_or_else(picture::no_zones, |board| std::sync::Arc::clone(&board.header.zones));
            let now = board.map_or_else(Default::default, |board| board.header.judged_at);
            let lens = Lens { now, zone: Zone::Fleet, zones: &zones };
            self.shown = self.book.sift(&self.sieve.query, self.sieve.focus, &lens);
        }
        let last = self.rows().saturating_sub(1);
        let by_number = |id: u64| {
            let lines = self.book.lines();
            let place = |n: &usize| lines.get(*n).is_some_and(|line| line.id >= id);
            self.shown.iter().position(place)
        };
        self.at = match (self.mode(), self.chosen) {
            (Mode::Places, _) => self.at.min(last),
            (Mode::Lines, None) => last,
            (Mode::Lines, Some(id)) => self.find(id).or_else(|| by_number(id)).unwrap_or(last),
        };
        self.first = page(self.first, self.at, self.rows(), self.height).start;
    }

    fn find(&self, id: u64) -> Option<usize> {
        let lines = self.book.lines();
        self.shown.iter().position(|n| lines.get(*n).is_some_and(|line| line.id == id))
    }

    fn move_to(&mut self, at: usize) -> Took {
        let last = self.rows().saturating_sub(1);
        self.at = at.min(last);
        // At the newest line one stays at the newest line.
        let line = self.shown.get(self.at).and_then(|n| self.book.lines().get(*n));
        self.chosen = line.filter(|_| self.at < last && self.mode() == Mode::Lines).map(|line| line.id);
        self.first = page(self.first, self.at, self.rows(), self.height).start;
        Took::Kept
    }

    /// The chosen line.
    fn line(&self) -> Option<&book::Line> {
        self.book.lines().get(*self.shown.get(self.at)?)
    }

    fn place(&self) -> Option<InstallationId> {
        self.listed().get(self.at).map(|told| told.installation.clone())
    }

    /// Asks anew, whatever stands here.
    fn anew(&mut self) -> Took {
        self.chosen = None;
        self.open = false;
        Took::Kept
    }

    fn open(&mut self) -> Took {
        match self.mode() {
            Mode::Places => match self.place() {
                // Several marked ones are read together.
                Some(_) if !self.marked.is_empty() => {
                    self.typed = Some(String::new());
                    self.anew()
                }
                Some(id) => Took::Wants(Want::Go { view: ViewName::Logs, installation: Some(id), key: None }),
                None => Took::Passed,
            },
            Mode::Lines if self.shown.is_empty() => Took::Passed,
            Mode::Lines => {
                self.open = !self.open;
                Took::Kept
            }
        }
    }

    fn back(&mut self) -> Took {
        if self.open {
            self.open = false;
        } else if self.typed.is_some() && self.sieve.query.is_empty() && !self.sieve.focus {
            self.typed = None;
            self.at = 0;
            self.first = 0;
            return self.anew();
        } else {
            return Took::Passed;
        }
        Took::Kept
    }
}

impl Pane for Logs {
    fn actions(&self) -> &'static [Action] {
        match self.mode() {
            Mode::Places => &[Action::Open, Action::Query, Action::Mark, Action::Reason, Action::Filter],
            Mode::Lines => &[
                Action::Query,
                Action::Open,
                Action::Filter,
                Action::Focus,
                Action::Follow,
                Action::Map,
                Action::Longer,
                Action::Shorter,
                Action::Copy,
                Action::Refresh,
                Action::Reason,
            ],
        }
    }

    fn settle(&mut self, board: &Board, sieve: &Sieve) {
        if sieve.installation != self.sieve.installation {
            self.anew();
        }
        self.sieve = sieve.clone();
        let given = &board.views.logs;
        if !given.is_empty() || self.given {
            let of = sieve.installation.as_ref();
            let rows = given.ordered().into_iter().filter(|row| of.is_none_or(|id| row.installation == *id));
            self.given = !given.is_empty();
            self.book = Book::default();
            self.book.hear(News::Lines { rows: rows.cloned().collect(), lost: 0 });
        }
        self.sift(Some(board));
    }

    fn fits(&mut self, area: Rect) {
        self.height = usize::from(picture::parts(self, area).lines.height).max(1);
    }

    fn asks(&self, _board: &Board) -> Vec<Topic> {
        self.topic().into_iter().collect()
    }

    fn hear(&mut self, topic: &Topic, news: News) {
        if self.topic().as_ref() == Some(topic) && self.book.hear(news) || self.mode() == Mode::Places {
            self.sift(None);
        }
    }

    fn typed(&mut self, what: Entry, text: &str) -> Took {
        match what {
            Entry::Query => self.typed = Some(text.trim().to_owned()),
            Entry::Reason => text.trim().clone_into(&mut self.reason),
        }
        self.anew()
    }

    fn take(&mut self, action: Action, _board: &Board) -> Took {
        match action {
            Action::Up => self.move_to(self.at.saturating_sub(1)),
            Action::Down => self.move_to(self.at.saturating_add(1)),
            Action::PageUp => self.move_to(self.at.saturating_sub(self.height)),
            Action::PageDown => self.move_to(self.at.saturating_add(self.height)),
            Action::Top => self.move_to(0),
            Action::Bottom => self.move_to(usize::MAX),
            Action::Left if self.mode() == Mode::Lines => {
                self.sideways = self.sideways.saturating_sub(SIDEWAYS);
                Took::Kept
            }
            Action::Right if self.mode() == Mode::Lines => {
                // The longest line has as many letters as a clean line can have.
                self.sideways = (self.sideways + SIDEWAYS).min(crate::text::clean::LINE_BYTES);
                Took::Kept
            }
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::Mark if self.mode() == Mode::Places => {
                if let Some(id) = self.place()
                    && !self.marked.remove(&id)
                {
                    self.marked.insert(id);
                }
                self.move_to(self.at.saturating_add(1))
            }
            Action::Query => Took::Wants(Want::Type(Entry::Query, self.typed.clone().unwrap_or_default())),
            Action::Reason => Took::Wants(Want::Type(Entry::Reason, self.reason.clone())),
            Action::Follow => {
                self.follow = !self.follow;
                let said = if self.follow { "following" } else { "no longer following" };
                Took::Wants(Want::Say(said.to_owned()))
            }
            Action::Map if self.mode() == Mode::Lines => {
                self.raw = !self.raw;
                let said = if self.raw { "lines as they were written" } else { "what lines say" };
                Took::Wants(Want::Say(said.to_owned()))
            }
            Action::Longer | Action::Shorter => {
                let by = |n: usize| if action == Action::Longer { n + 1 } else { n.saturating_sub(1) };
                self.span = by(self.span).min(SPANS.len() - 1);
                self.anew();
                Took::Wants(Want::Say(format!("the last {}", self.span_word())))
            }
            Action::Refresh => {
                self.turn = self.turn.wrapping_add(1);
                self.anew();
                Took::Wants(Want::Say("asking again".to_owned()))
            }
            Action::Copy => match self.line().filter(|_| self.mode() == Mode::Lines) {
                Some(line) => Took::Wants(Want::Copy(line.row.line.clone())),
                None => Took::Passed,
            },
            // They hold personal data: nothing of a line is written to disk.
            Action::Export => Took::Wants(Want::Say("log lines are not written to a file".to_owned())),
            _ => Took::Passed,
        }
    }

    fn choose(&mut self, _key: &str, _board: &Board) {}

    fn chosen(&self) -> Option<&str> {
        None
    }

    fn count(&self) -> (usize, usize) {
        match self.mode() {
            Mode::Places => (self.rows(), self.book.n_places()),
            Mode::Lines => (self.shown.len(), self.book.lines().len()),
        }
    }

    fn rows(&self) -> [&'static str; 2] {
        match self.mode() {
            Mode::Places => ["place", "places"],
            Mode::Lines => logs::Row::ROWS,
        }
    }

    fn says(&self) -> String {
        match self.mode() {
            Mode::Places if self.book.n_places() == 0 => String::new(),
            Mode::Places => "whose may be read".to_owned(),
            Mode::Lines if self.given => logs::Row::ORDER.to_owned(),
            Mode::Lines => format!("the last {}", self.span_word()),
        }
    }

    fn point(&mut self, at: Point, area: Rect, _board: &Board) -> Took {
        match at {
            Point::WheelUp => self.move_to(self.at.saturating_sub(3)),
            Point::WheelDown => self.move_to(self.at.saturating_add(3)),
            Point::Click(_, y) => {
                let lines = picture::parts(self, area).lines;
                if !(lines.y..lines.bottom()).contains(&y) {
                    return Took::Kept;
                }
                let shown = page(self.first, self.at, self.rows(), usize::from(lines.height));
                self.move_to(shown.start.saturating_add(usize::from(y - lines.y)))
            }
        }
    }

    fn draw(&self, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        picture::draw(self, scene, area, buf);
    }
}
