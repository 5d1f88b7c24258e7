//! The person's own file while the cockpit runs: what they change in it holds at once, and what is wrong in it is told.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::app::message::Happening;
use crate::app::settings::Settings;
use crate::cli::args::Common;
use crate::cli::settings;
use crate::runtime::reload::stamps;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What it takes to read the file again.
pub struct Following {
    /// What the command line said: it goes over the file each time.
    pub common: Common,
    /// What held when it was read last.
    pub settings: Settings,
}

impl Following {
    /// Follows the file, and the theme it names, until nobody listens.
    pub async fn follow(mut self, inbox: mpsc::UnboundedSender<Happening>) {
        let mut seen = stamps(self.files().await).await;
        loop {
            tokio::select! {
                () = sleep(LOOK) => {}
                () = inbox.closed() => return,
            }
            let files = self.files().await;
            let found = stamps(files.clone()).await;
            if found == seen {
                continue;
            }
            seen = found;
            let (common, before) = (self.common.clone(), self.settings.clone());
            let Ok(read) = tokio::task::spawn_blocking(move || settings::again(&common, &before)).await else {
                continue;
            };
            let told = match read {
                Ok(after) => {
                    let before = std::mem::replace(&mut self.settings, after.clone());
                    Happening::Chosen(Box::new((before, after)))
                }
                Err(_) => {
                    let file = files.first().map(|path| path.display().to_string()).unwrap_or_default();
                    Happening::Said(format!(
                        "{file} is not sound: everything stays as it was; `quarterdeck check {file}` tells more"
                    ))
                }
            };
            if inbox.send(told).is_err() {
                return;
            }
        }
    }

    /// The file, and the theme it names now. One that is not there yet may come. Looked for on another thread: a slow disk
    /// holds up nobody.
    async fn files(&self) -> Vec<PathBuf> {
        let common = self.common.clone();
        let look = move || settings::place(&common).map(|path| settings::files(&path)).unwrap_or_default();
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }
}
