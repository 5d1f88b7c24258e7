//! The state of the cockpit: where one is, what lies on top, what was chosen. No clock, no channel, no lock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DurationRound, TimeDelta};

use crate::app::held::Held;
use crate::app::layer::Layer;
use crate::app::palette::{self, Among, Found};
use crate::app::rung::Rung;
use crate::app::running::Asking;
use crate::app::settings::Settings;
use crate::app::urgent::{self, Urgent};
use crate::domain::clock::Moment;
use crate::domain::id::InstallationId;
use crate::text::query::Query;
use crate::ui::pane::{Pane, Sieve};
use crate::ui::panes;
use crate::ui::widgets::state::asked;
use crate::views::ViewName;
use crate::views::board::{Board, SourceCount};
use crate::views::rows::View;

/// Everything the cockpit knows about itself.
pub struct State {
    /// What the person chose.
    pub settings: Settings,
    /// What time it is, as the last message told.
    pub now: Moment,
    /// Everything there is to show; none before the first board.
    pub board: Option<Arc<Board>>,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// Whether the picture may be another than the one on screen.
    pub changed: bool,
    /// Until when the picture on screen reads the same by itself; none where nobody knows.
    pub reads_until: Option<Moment>,
    /// Where one is.
    pub place: Place,
    /// Where one was.
    pub back: Vec<Place>,
    /// Where one was before going back.
    pub forward: Vec<Place>,
    /// What lies on top.
    pub layers: Vec<Layer>,
    /// Whether nobody is asked for the time being.
    pub paused: bool,
    /// The time that is judged at, where it is not the present.
    pub travel: Option<Moment>,
    /// A few words to the person, until a moment.
    pub notice: Option<(String, Moment)>,
    /// How the sources do that are asked about the one installation that is looked at.
    pub heard: SourceCount,
    /// What is wrong with the fleet file on disk while the old one goes on.
    pub trouble: Option<String>,
    /// What needs somebody, in order: kept so that drawing need not sort.
    pub urgent: Vec<Urgent>,
    /// What is asked outside the board at the moment.
    pub asking: Asking,
    /// How many rows what needs somebody may take, where a person drew the line.
    pub split: Option<u16>,
    /// Whether they are drawing it.
    pub dragging: bool,
    /// News that wait for the keys to rest: rows do not change places under a moving cursor.
    pub held: Held,
    panes: BTreeMap<(ViewName, bool), Box<dyn Pane>>,
    rung: Rung,
    /// What is new and critical, and until when it flashes.
    flash: Option<(BTreeSet<String>, Moment)>,
}

/// Where one is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Which view.
    pub view: ViewName,
    /// Narrowed to one installation.
    pub installation: Option<InstallationId>,
    /// What was typed into the filter.
    pub filter: String,
    /// Whether only what is not as it should be is shown.
    pub focus: bool,
    /// The row that was chosen when one left.
    pub chosen: Option<String>,
}

impl Place {
    /// A view, with nothing narrowed.
    #[must_use]
    pub fn of(view: ViewName) -> Self {
        Self { view, installation: None, filter: String::new(), focus: false, chosen: None }
    }

    /// What a pane shows here.
    #[must_use]
    pub fn sieve(&self) -> Sieve {
        Sieve { query: Query::parse(&self.filter), focus: self.focus, installation: self.installation.clone() }
    }
}

impl State {
    /// A cockpit before anything happened.
    #[must_use]
    pub fn new(settings: Settings, now: Moment, size: (u16, u16)) -> Self {
        let place = Place::of(settings.start);
        let layers = if settings.tour { vec![Layer::Tour { step: 0 }] } else { Vec::new() };
        Self {
            settings,
            now,
            board: None,
            size,
            changed: true,
            reads_until: None,
            place,
            back: Vec::new(),
            forward: Vec::new(),
            layers,
            paused: false,
            travel: None,
            notice: None,
            heard: SourceCount::default(),
            trouble: None,
            urgent: Vec::new(),
            asking: Asking::default(),
            split: None,
            dragging: false,
            held: Held::default(),
            flash: None,
            panes: BTreeMap::new(),
            rung: Rung::since(now),
        }
    }

    /// The pane of where one is, where it was opened already.
    #[must_use]
    pub fn pane(&self) -> Option<&dyn Pane> {
        self.panes.get(&self.at()).map(AsRef::as_ref)
    }

    /// The pane of where one is.
    pub fn pane_mut(&mut self) -> &mut dyn Pane {
        let at = self.at();
        self.panes.entry(at).or_insert_with(|| panes::of(at.0, at.1)).as_mut()
    }

    /// A view narrowed to one installation may have another picture than the whole.
    fn at(&self) -> (ViewName, bool) {
        (self.place.view, self.place.installation.is_some())
    }

    /// After anything that decides what is shown: the pane keeps its item chosen.
    pub fn settle(&mut self) {
        let Some(board) = self.board.clone() else { return };
        let sieve = self.place.sieve();
        self.heard = asked(&board, sieve.installation.as_ref());
        let chosen = self.place.chosen.take();
        let pane = self.pane_mut();
        pane.settle(&board, &sieve);
        if let Some(key) = chosen {
            pane.choose(&key, &board);
        }
    }

    /// Where one is, with the row that is chosen: to come back to.
    #[must_use]
    pub fn leave(&self) -> Place {
        let chosen = self.pane().and_then(|pane| pane.chosen()).map(str::to_owned);
        Place { chosen, ..self.place.clone() }
    }

    /// What the palette finds for a typed text.
    #[must_use]
    pub fn found(&self, typed: &str) -> Vec<Found> {
        let here = self.pane().map(|pane| pane.actions()).unwrap_or_default();
        palette::found(typed, &Among { here, themes: self.settings.themes(), board: self.board.as_deref() })
    }

    /// Goes somewhere, remembering where one was.
    pub fn go(&mut self, place: Place) {
        if place == self.place {
            return;
        }
        let left = self.leave();
        self.back.push(left);
        self.place = place;
        self.forward.clear();
        self.settle();
    }

    /// Whether something is so new that it still flashes.
    #[must_use]
    pub fn flashes(&self, key: &str) -> bool {
        self.flash.as_ref().is_some_and(|(keys, until)| self.now < *until && keys.contains(key))
    }

    /// Takes in that time has passed: the picture is another when some shown age has other words.
    pub fn tick(&mut self) {
        let flashed = self.flash.take_if(|(_, until)| *until <= self.now).is_some();
        self.changed |= flashed || self.reads_until.is_none_or(|until| until <= self.now);
    }

    /// Notes for how long the picture that was just drawn reads the same: no longer than its clock does.
    pub fn drawn(&mut self, reads: Duration) {
        let minute = TimeDelta::minutes(1);
        let next_minute = self.now.duration_trunc(minute).ok().and_then(|start| start.checked_add_signed(minute));
        let words = TimeDelta::from_std(reads).ok().and_then(|reads| self.now.checked_add_signed(reads));
        self.reads_until = next_minute.into_iter().chain(words).min();
    }

    /// Takes in a new board. Says what is new in it and critical, in a few words: once, and not at another time.
    pub fn renew(&mut self, board: Arc<Board>) -> Option<String> {
        let rows = board.views.attention.ordered();
        let new = match self.travel {
            None => self.rung.take(&rows, self.board.as_deref(), self.now),
            Some(_) => BTreeSet::new(),
        };
        let words =
            rows.iter().find(|row| new.contains(&row.key())).map(|row| format!("{}: {}", row.place(), row.what));
        if words.is_some() {
            self.flash = Some((new, self.now + FLASH));
        }
        self.urgent = urgent::told(rows);
        self.board = Some(board);
        self.settle();
        words
    }
}

/// How long what is new flashes.
const FLASH: TimeDelta = TimeDelta::seconds(3);
