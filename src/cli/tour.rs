//! The scripted tour: the demo's cockpit played by a script, on a screen or for the pictures of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use color_eyre::eyre::eyre;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::time::sleep;

use crate::app::effect::Effect;
use crate::app::message::{Happening, Message};
use crate::app::picture::picture;
use crate::app::script::{Script, Step};
use crate::app::settings::Settings;
use crate::app::state::State;
use crate::app::update::update;
use crate::cli::gather::{ask_all, ground};
use crate::demo::clock::Simulated;
use crate::demo::scenario::Scenario;
use crate::domain::access::Access;
use crate::domain::clock::{Clock, Moment};
use crate::domain::facts::Facts;
use crate::domain::fleet::Fleet;
use crate::export::svg;
use crate::net::roads::Roads;
use crate::rules::judge::Judge;
use crate::runtime::ground::{Ground, Site};
use crate::runtime::ledger::Ledger;
use crate::runtime::order::Order;
use crate::runtime::poller::Patience;
use crate::runtime::{figures, logs};
use crate::sources::build::Asked;
use crate::views::asked::{LogTopic, Topic};
use crate::views::board::Board;

/// The tours there are, by their scenarios.
const TOURS: &[(Scenario, &str)] = &[
    (Scenario::FridayNight, include_str!("../../assets/tours/friday-night.txt")),
    (Scenario::BigUpgrade, include_str!("../../assets/tours/big-upgrade.txt")),
];

/// The tour through a scenario.
///
/// # Errors
/// Says which tours there are.
pub fn through(scenario: Scenario) -> Result<Script, String> {
    let Some((_, text)) = TOURS.iter().find(|(one, _)| *one == scenario) else {
        let names: Vec<&str> = TOURS.iter().map(|(one, _)| one.name()).collect();
        return Err(format!(
            "there is no tour through `{}`; there is one through {}",
            scenario.name(),
            names.join(", ")
        ));
    };
    Script::read(text)
}

/// How long a step is looked at.
fn pause(step: &Step) -> Duration {
    match step {
        Step::Say(words) => Duration::from_millis(1200 + 45 * u64::try_from(words.len()).unwrap_or(0)),
        Step::Press(_) => Duration::from_millis(700),
        Step::Wait(_) => Duration::from_millis(2500),
        Step::Size(..) | Step::Picture(_) => Duration::ZERO,
    }
}

/// Plays a script in a running cockpit, as slowly as somebody can follow.
pub async fn play(script: Script, inbox: UnboundedSender<Happening>, orders: Sender<Order>, clock: Simulated) {
    sleep(Duration::from_secs(2)).await;
    for step in script.steps {
        let rest = pause(&step);
        let sent = match step {
            Step::Say(words) => inbox.send(Happening::Said(words)),
            Step::Press(key) => inbox.send(Happening::Key(key)),
            Step::Wait(span) => {
                clock.jump(clock.now() + span);
                // Who is busy is asked a moment later anyway.
                let _ = orders.try_send(Order::Now(Vec::new()));
                Ok(())
            }
            // The terminal has the size it has, and whoever watches sees the picture.
            Step::Size(..) | Step::Picture(_) => Ok(()),
        };
        if sent.is_err() {
            return;
        }
        sleep(rest).await;
    }
    let _ = inbox.send(Happening::Said("the tour is over; everything here is yours to try".to_owned()));
}

/// A cockpit without a terminal: the same machine, sources and rules, at the pace of the script.
pub struct Stills {
    /// The fleet as the viewer may see it.
    pub fleet: Fleet,
    /// Its sources.
    pub asked: Vec<Arc<Asked>>,
    /// The time, which only the script moves.
    pub clock: Simulated,
    /// Who looks.
    pub access: Access,
    /// Where questions for logs are recorded.
    pub ledger: Ledger,
    /// Where git repositories are kept.
    pub cache: PathBuf,
}

/// A picture without the addresses and ports the system happened to have free. Certificates are named with theirs too.
fn portless(still: &str) -> String {
    let free = [
        (r"\b127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}:[0-9]{4,5}\b", "127.0.0.1:40000"),
        (r"(\.example):[0-9]{4,5}\b", "${1}:8443"),
    ];
    free.into_iter().fold(still.to_owned(), |still, (pattern, with)| match regex::Regex::new(pattern) {
        Ok(pattern) => pattern.replace_all(&still, with).into_owned(),
        Err(_) => still,
    })
}

/// How long everybody may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);

impl Stills {
    /// Plays a script and writes its pictures into a folder.
    ///
    /// # Errors
    /// When a picture can't be written, or a source of the demo fails.
    pub async fn take(self, script: Script, settings: Settings, folder: &Path) -> color_eyre::Result<()> {
        let mut facts = self.hear(Facts::new()).await?;
        let mut state = State::new(settings, self.clock.now(), (120, 36));
        let mut effects = self.news(&mut state, &facts);
        for step in script.steps {
            self.answer(&mut state, std::mem::take(&mut effects)).await;
            let what = match step {
                Step::Say(_) => continue,
                Step::Press(key) => Happening::Key(key),
                Step::Size(wide, high) => Happening::Resize(wide, high),
                Step::Wait(span) => {
                    self.clock.jump(self.clock.now() + span);
                    facts = self.hear(facts).await?;
                    effects = self.news(&mut state, &facts);
                    continue;
                }
                Step::Picture(name) => {
                    let file = folder.join(format!("{name}.svg"));
                    let still = svg::picture(&picture(&state), state.place.view.title());
                    std::fs::write(file, portless(&still))?;
                    continue;
                }
            };
            effects = update(&mut state, Message { now: self.clock.now(), what });
            if effects.iter().any(|effect| matches!(effect, Effect::Travel(_))) {
                effects.extend(self.news(&mut state, &facts));
            }
        }
        Ok(())
    }

    /// Asks everybody once. In the demo everybody answers, or there is a picture of something else than the demo.
    async fn hear(&self, facts: Facts) -> color_eyre::Result<Facts> {
        let ground = ground(Arc::new(self.clock.clone()), self.cache.clone());
        let mut polls = ask_all(&self.asked, &ground, PATIENCE, Patience::None).await;
        if polls.len() < self.asked.len() {
            return Err(eyre!("{} of {} sources answered in time", polls.len(), self.asked.len()));
        }
        polls.sort_by(|a, b| a.from.cmp(&b.from));
        Ok(polls.into_iter().fold(facts, Facts::absorb))
    }

    fn news(&self, state: &mut State, facts: &Facts) -> Vec<Effect> {
        let now = self.clock.now();
        let at: Moment = state.travel.unwrap_or(now);
        let board = Board::of(&Judge::default().judge(&self.fleet, facts, at), &self.access);
        update(state, Message { now, what: Happening::News(Arc::new(board)) })
    }

    /// What a view asks on demand is answered once, to its end: in a picture nothing goes on.
    async fn answer(&self, state: &mut State, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Ask(ticket, topic) = effect else { continue };
            let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
            let ground = Arc::new(Ground {
                fleet: Arc::new(self.fleet.clone()),
                access: self.access.clone(),
                sites: Site::among(self.asked.iter().map(AsRef::as_ref)),
                roads: Roads::new(Arc::clone(&clock), self.cache.clone()),
                clock,
                ledger: self.ledger.clone(),
            });
            let (send, mut told) = tokio::sync::mpsc::channel(64);
            let now = self.clock.now();
            match topic {
                Topic::Logs(topic) => {
                    tokio::spawn(logs::run(ground, LogTopic { follow: false, ..topic }, send));
                }
                Topic::Figures(id, until) => {
                    tokio::spawn(figures::run(ground, id, Some(until.unwrap_or(now)), send));
                }
            }
            while let Some(news) = told.recv().await {
                update(state, Message { now, what: Happening::Told(ticket, news) });
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_tour_is_read_begins_at_a_time_of_its_own_and_takes_pictures() {
        for (scenario, _) in TOURS {
            let script = through(*scenario).unwrap();
            assert!(script.start.is_some(), "{}", scenario.name());
            assert!(script.steps.iter().any(|step| matches!(step, Step::Picture(_))), "{}", scenario.name());
        }
        assert!(through(Scenario::Quiet).is_err());
    }
}
