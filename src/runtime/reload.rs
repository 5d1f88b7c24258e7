//! Reads the fleet file anew when it changed, or when somebody says so. What is not sound is told, and not handed over.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use crate::fleetfile::load::Options;
use crate::fleetfile::loaded::Loaded;
use crate::runtime::fleet::{Opened, open};
use crate::sources::build::Asked;

/// How often the files are looked at, with a little more for each: two thousand of them every twelve seconds.
const LOOK: Duration = Duration::from_secs(2);
const LOOK_PER_FILE: Duration = Duration::from_millis(5);

/// For which part of that files must have been left alone before they are read: an editor or a `git pull` writes them
/// one by one.
const SETTLED: u32 = 8;

/// How often they may change again before they are read all the same.
const UNSETTLED: usize = 20;

/// A fleet file that is watched.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The file.
    pub path: PathBuf,
    /// What it is read with.
    pub options: Options,
    /// The files it was read from, and the folders it looks into.
    pub files: Vec<PathBuf>,
}

/// What came of a change.
pub enum Told {
    /// The fleet as the file has it now, and its sources.
    Fresh(Box<Loaded>, Vec<Asked>),
    /// The file is not sound; in a line, for people. The fleet before stays.
    Kept(String),
}

/// Watches until nobody listens. `now` lets the file be read whether it changed or not.
pub async fn watch(watched: Watched, now: Arc<Notify>, tell: mpsc::Sender<Told>) {
    let n_files = u32::try_from(watched.files.len()).unwrap_or(u32::MAX);
    looking_every(LOOK + LOOK_PER_FILE.saturating_mul(n_files), watched, now, tell).await;
}

async fn looking_every(look: Duration, mut watched: Watched, now: Arc<Notify>, tell: mpsc::Sender<Told>) {
    let mut seen = stamps(watched.files.clone()).await;
    loop {
        let told_to = tokio::select! {
            () = sleep(look) => false,
            () = now.notified() => true,
            () = tell.closed() => return,
        };
        let mut found = stamps(watched.files.clone()).await;
        if found == seen && !told_to {
            continue;
        }
        for _ in 0..UNSETTLED {
            sleep(look / SETTLED).await;
            let again = stamps(watched.files.clone()).await;
            if again == found {
                break;
            }
            found = again;
        }
        let (path, options) = (watched.path.clone(), watched.options.clone());
        let Ok(opened) = tokio::task::spawn_blocking(move || open(&path, &options)).await else { continue };
        // What was not read this time, such as an include that went missing, is looked at on.
        watched.files.extend(opened.loaded.files.iter().cloned());
        watched.files.sort();
        watched.files.dedup();
        // A file that changed while it was read has another stamp than the one from before, and is read again.
        seen = stamps(watched.files.clone())
            .await
            .into_iter()
            .map(|(path, stamp)| (path.clone(), found.remove(&path).unwrap_or(stamp)))
            .collect();
        if tell.send(outcome(&watched, opened)).await.is_err() {
            return;
        }
    }
}

fn outcome(watched: &Watched, opened: Opened) -> Told {
    match opened.sound() {
        Ok((loaded, asked)) => Told::Fresh(Box::new(loaded), asked),
        Err((problems, _)) => Told::Kept(format!(
            "the fleet file is not sound ({}), the fleet stays as it was: `quarterdeck check {}` tells more",
            problems.summary(),
            watched.path.display()
        )),
    }
}

/// By what a change is noticed.
pub type Stamp = Option<(Option<SystemTime>, u64, u64)>;

/// How files are at the moment. Looked at on another thread: a slow disk holds up nobody.
pub async fn stamps(files: Vec<PathBuf>) -> BTreeMap<PathBuf, Stamp> {
    let stamp = |metadata: Metadata| (metadata.modified().ok(), metadata.len(), metadata.ino());
    let look = move || {
        files
            .into_iter()
            .map(|path| {
                let found = std::fs::metadata(&path).ok().map(stamp);
                (path, found)
            })
            .collect()
    };
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    const HEAD: &str = "[fleet]\nname = \"tests\"\ntimezone = \"Europe/Berlin\"\ninclude = [\"more/*.toml\"]\n";

    fn installation(id: &str) -> String {
        format!(
            "[[installations]]\nid = \"{id}\"\nplan = \"saas\"\n[[installations.environments]]\nname = \"production\"\n"
        )
    }

    #[tokio::test]
    async fn a_change_is_picked_up_a_broken_one_is_told_and_nothing_is_read_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.toml");
        std::fs::create_dir(folder.path().join("more")).unwrap();
        std::fs::write(&path, format!("{HEAD}{}", installation("acme"))).unwrap();
        let options = Options::default();
        let files = open(&path, &options).loaded.files;
        let (tell, mut told) = mpsc::channel(1);
        let now = Arc::new(Notify::new());
        let watched = Watched { path: path.clone(), options, files };
        tokio::spawn(looking_every(Duration::from_millis(40), watched, Arc::clone(&now), tell));
        let ids = |told: Option<Told>| match told {
            Some(Told::Fresh(loaded, _)) => {
                loaded.fleet.installations.keys().map(ToString::to_string).collect::<Vec<_>>()
            }
            Some(Told::Kept(why)) => vec![why],
            None => panic!("nobody watches"),
        };
        sleep(Duration::from_millis(400)).await;
        assert!(told.try_recv().is_err(), "nothing changed");

        std::fs::write(&path, format!("{HEAD}{}{}", installation("acme"), installation("globex"))).unwrap();
        assert_eq!(ids(told.recv().await), ["acme", "globex"]);

        std::fs::write(folder.path().join("more/one.toml"), installation("initech")).unwrap();
        assert_eq!(ids(told.recv().await), ["acme", "globex", "initech"]);

        std::fs::write(&path, "[fleet]\nname = \"tests\"\nno end").unwrap();
        let said = ids(told.recv().await).remove(0);
        assert!(said.contains("is not sound") && said.contains("stays as it was"), "{said}");

        std::fs::remove_file(folder.path().join("more/one.toml")).unwrap();
        std::fs::write(&path, format!("{HEAD}{}", installation("acme"))).unwrap();
        assert_eq!(ids(told.recv().await), ["acme"]);

        now.notify_one();
        assert_eq!(ids(told.recv().await), ["acme"], "told to read it, changed or not");
    }
}
