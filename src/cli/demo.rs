//! `demo`: a simulated fleet over real HTTP.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::args::Demo as Words;
use super::ending::{Ending, print, say};
use crate::demo::control::scenarios;
use crate::demo::scenario::Scenario;
use crate::demo::start::{Demo, Wish};
use crate::domain::clock::Moment;
use crate::runtime::clock::MachineClock;

/// Does what the words say.
///
/// # Errors
/// When the port is taken, or the fleet file can't be written.
pub fn run(words: &Words) -> color_eyre::Result<Ending> {
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
    runtime.block_on(serve(wish))?;
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
