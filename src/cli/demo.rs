//! `demo`: a simulated fleet over real HTTP.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use color_eyre::eyre::eyre;

use super::args::{Common, Demo as Words};
use super::cockpit;
use super::ending::{Ending, print, say};
use super::fleet;
use super::open::Ready;
use crate::demo::control::scenarios;
use crate::demo::scenario::Scenario;
use crate::demo::start::{Demo, Wish};
use crate::domain::clock::Moment;
use crate::runtime::clock::MachineClock;
use crate::runtime::fleet::open;
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
    let ending = runtime.block_on(watch(common, wish));
    terminal::give_back();
    runtime.shutdown_background();
    ending
}

/// Serves, and opens the cockpit on what is served, by the simulated clock.
async fn watch(common: &Common, wish: Wish) -> color_eyre::Result<Ending> {
    let settings = match cockpit::ready_for_a_screen(common) {
        Ok(settings) => settings,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let demo = Demo::start(Arc::new(MachineClock), wish).await?;
    let clock = Arc::new(demo.stage.clock.clone());
    let path = demo.fleet_file();
    // Where the fleet file comes from must go on answering while it is read.
    let served = tokio::spawn(demo.serve());
    let opened = open(&path, &fleet::options(common).map_err(|why| eyre!(why))?);
    let (loaded, asked) =
        opened.sound().map_err(|(problems, _)| eyre!("the demo's own fleet file: {}", problems.summary()))?;
    cockpit::fly(settings, Ready { loaded, asked }, cockpit::access(common), clock).await?;
    // The fleet file goes with what serves it.
    served.abort();
    let _ = served.await;
    Ok(Ending::Done)
}

/// What is wished for, or what is wrong with it.
///
/// # Errors
/// A sentence for the person who wrote it.
pub fn wish(words: &Words) -> Result<Wish, String> {
    let scenario = Scenario::named(&words.scenario)
        .ok_or_else(|| format!("no scenario is called `{}`; `quarterdeck demo --list` tells them", words.scenario))?;
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
    say(&format!("the fleet is served at {0}; {0}/-/demo tells and sets its time", demo.origin));
    tokio::select! {
        served = demo.serve() => served?,
        _ = tokio::signal::ctrl_c() => {}
        _ = stop.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}
