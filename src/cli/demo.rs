//! `demo`: a simulated fleet over real HTTP.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use color_eyre::eyre::eyre;

use super::args::{Common, Demo as Words};
use super::cockpit;
use super::ending::{Ending, print, say};
use super::engine::{Begin, Viewer};
use super::fleet;
use super::following::Following;
use super::open::Ready;
use super::settings;
use super::tour;
use crate::app::message::Happening;
use crate::app::script::Script;
use crate::demo::control::scenarios;
use crate::demo::scenario::Scenario;
use crate::demo::start::{Demo, Wish};
use crate::diagnostic::did_you_mean;
use crate::domain::clock::Moment;
use crate::runtime::clock::MachineClock;
use crate::runtime::fleet::open;
use crate::runtime::ledger::Ledger;
use crate::runtime::reload::Watched;
use crate::runtime::terminal;

/// Does what the words say.
///
/// # Errors
/// When the port is taken, or the fleet file can't be written.
pub fn run(common: &Common, words: &Words) -> color_eyre::Result<Ending> {
    if words.list {
        print(&scenarios())?;
        return Ok(Ending::Done);
    }
    let wish = match wish(words) {
        Ok(wish) => wish,
        Err(what) => {
            say(&what);
            return Ok(Ending::Wrong);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if words.serve {
        runtime.block_on(serve(wish))?;
        return Ok(Ending::Done);
    }
    let script = match words.tour.then(|| tour::through(wish.scenario)).transpose() {
        Ok(script) => script,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    // A tour begins at its own time, unless somebody says another.
    let start = wish.start.or(script.as_ref().and_then(|script| script.start));
    let wish = Wish { start, ..wish };
    if let (Some(folder), Some(script)) = (&words.pictures, script.clone()) {
        return runtime.block_on(stills(common, wish, script, folder));
    }
    let ending = runtime.block_on(watch(common, wish, script));
    terminal::give_back();
    runtime.shutdown_background();
    ending
}

/// Serves, and opens the cockpit on what is served, by the simulated clock. A script may play in it.
async fn watch(common: &Common, wish: Wish, script: Option<Script>) -> color_eyre::Result<Ending> {
    let settings = match cockpit::ready_for_a_screen(common) {
        Ok(settings) => settings,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let demo = Demo::start(Arc::new(MachineClock), wish).await?;
    let clock = demo.stage.clock.clone();
    let path = demo.fleet_file();
    // Where the fleet file comes from must go on answering while it is read.
    let served = tokio::spawn(demo.serve());
    let ready = opened(common, &path)?;
    let simulated = clock.clone();
    let own = Following { common: common.clone(), settings: settings.clone() };
    let plays = move |inbox: mpsc::UnboundedSender<Happening>, orders| {
        tokio::spawn(own.follow(inbox.clone()));
        if let Some(script) = script {
            tokio::spawn(tour::play(script, inbox, orders, simulated));
        }
    };
    // What is asked of a simulated fleet is no business of the real audit log, its repositories are not worth keeping, and
    // what was known of another is of no use here.
    let ledger = Ledger::at(path.with_file_name("audit.jsonl"));
    let cache = path.with_file_name("git");
    let viewer = Viewer { access: cockpit::access(common), ledger, kept: None, cache };
    let ending = cockpit::fly(settings, Begin::Ready(Box::new(ready)), viewer, Arc::new(clock), plays).await?;
    // The fleet file goes with what serves it.
    served.abort();
    let _ = served.await;
    Ok(ending)
}

/// Serves, and lets a script take its pictures of what is served. Time stands still but where the script moves it.
async fn stills(common: &Common, wish: Wish, script: Script, folder: &Path) -> color_eyre::Result<Ending> {
    let settings = match settings::for_a_picture(common) {
        Ok(settings) => settings,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    std::fs::create_dir_all(folder)?;
    let demo = Demo::start(Arc::new(MachineClock), Wish { speed: Some(0.0), ..wish }).await?;
    let (clock, path) = (demo.stage.clock.clone(), demo.fleet_file());
    let served = tokio::spawn(demo.serve());
    let Ready { loaded, asked, .. } = opened(common, &path)?;
    let access = cockpit::access(common);
    let fleet = access.sees(&loaded.fleet);
    let asked = asked.into_iter().map(Arc::new).collect();
    let ledger = Ledger::at(path.with_file_name("audit.jsonl"));
    let cache = path.with_file_name("git");
    let taken = tour::Stills { fleet, asked, clock, access, ledger, cache }.take(script, settings, folder).await;
    served.abort();
    let _ = served.await;
    taken.map(|()| Ending::Done)
}

/// The demo's own fleet file, read.
fn opened(common: &Common, path: &Path) -> color_eyre::Result<Ready> {
    let options = fleet::options(common).map_err(|why| eyre!(why))?;
    let opened = open(path, &options);
    let (loaded, asked) =
        opened.sound().map_err(|(problems, _)| eyre!("the demo's own fleet file: {}", problems.summary()))?;
    let watched = Watched { path: path.to_owned(), options, files: loaded.files.clone() };
    Ok(Ready { loaded, asked, watched })
}

/// What is wished for, or what is wrong with it.
///
/// # Errors
/// A sentence for the person who wrote it.
pub fn wish(words: &Words) -> Result<Wish, String> {
    let usual = if words.tour { Scenario::FridayNight } else { Scenario::Everyday };
    let scenario = words.scenario.as_deref().map_or(Ok(usual), |name| {
        Scenario::named(name).ok_or_else(|| {
            let near = did_you_mean(name, Scenario::ALL.iter().map(|one| one.name()));
            let help = near.map_or("; `quarterdeck demo --list` tells them".to_owned(), |near| format!(", {near}"));
            format!("no scenario is called `{name}`{help}")
        })
    })?;
    let start = words.start.as_deref().map(moment).transpose()?;
    if words.speed.is_some_and(|speed| !speed.is_finite() || speed < 0.0) {
        return Err("`--speed` wants a number that is not negative, such as 60".to_owned());
    }
    let Words { seed, installations, speed, port, .. } = *words;
    Ok(Wish { scenario, seed, installations, speed, start, port })
}

fn moment(text: &str) -> Result<Moment, String> {
    text.parse().map_err(|_| format!("`--start` wants a time like `2026-11-20T23:40:00+01:00`, found `{text}`"))
}

/// Serves until somebody stops it.
async fn serve(wish: Wish) -> color_eyre::Result<()> {
    let (mut stop, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    let demo = Demo::start(Arc::new(MachineClock), wish).await?;
    print(&format!("{}\n", demo.fleet_file().display()))?;
    say(&format!(
        "the fleet is served at {0}; {0}/-/demo tells and sets its time, which `show --at` takes",
        demo.origin
    ));
    tokio::select! {
        served = demo.serve() => served?,
        _ = tokio::signal::ctrl_c() => {}
        _ = stop.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}
