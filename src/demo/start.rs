//! Starting a demo: the world is made, the port opened, the fleet file written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::clock::Simulated;
use super::fleet::{Places, Wanted, fleet_file};
use super::hosts::Hosts;
use super::ports::Ports;
use super::scenario::Scenario;
use super::server;
use super::speak::openvpn::PASSWORD;
use super::stage::Stage;
use super::world::{Setup, World};
use crate::domain::clock::{Clock, Moment};

/// What a person wishes for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// What is made to happen.
    pub scenario: Scenario,
    /// The dice.
    pub seed: u64,
    /// How many installations, where the scenario's own number does not suit.
    pub installations: Option<usize>,
    /// How fast time runs, where the scenario's own speed does not suit.
    pub speed: Option<f64>,
    /// The moment at which the world is entered, where the scenario's own does not suit.
    pub start: Option<Moment>,
    /// The port; 0 lets the system choose.
    pub port: u16,
}

impl Default for Wish {
    fn default() -> Self {
        Self { scenario: Scenario::Everyday, seed: 7, installations: None, speed: None, start: None, port: 0 }
    }
}

/// No fleet is larger.
pub const MOST: usize = 20_000;

/// A demo whose port is open. It answers once it is served.
pub struct Demo {
    /// The world with its time.
    pub stage: Arc<Stage>,
    /// Where it is served, such as `http://127.0.0.1:41234`.
    pub origin: String,
    listeners: Vec<TcpListener>,
    ports: Ports,
    folder: Folder,
}

impl Demo {
    /// Makes the world, opens the port and writes the fleet file.
    ///
    /// # Errors
    /// When the port is taken or the fleet file can't be written.
    pub async fn start(base: Arc<dyn Clock>, wish: Wish) -> io::Result<Self> {
        let Wish { scenario, seed, .. } = wish;
        let start = wish.start.unwrap_or_else(|| scenario.start(base.now()));
        let speed = wish.speed.unwrap_or_else(|| scenario.speed());
        let installations = wish.installations.unwrap_or_else(|| scenario.installations()).min(MOST);
        let clock = Simulated::new(base, start, speed);
        let stage = Arc::new(Stage::new(World::new(Setup { seed, scenario, installations, anchor: start }), clock));
        let Hosts { main, main_tls, own } = Hosts::open(wish.port, installations).await?;
        let port = main.local_addr()?.port();
        let origin = server::origin(&main)?;
        sweep(&std::env::temp_dir());
        let folder = Folder::make(&format!("{FOLDER}{}-{port}", std::process::id()))?;
        let (mut listeners, mut tls, mut hosts) = (vec![main], vec![main_tls], Vec::new());
        let usual = (origin.clone(), address(&tls)?);
        for (http, shown) in own {
            hosts.push((server::origin(&http)?, shown.local_addr()?.to_string()));
            listeners.push(http);
            tls.push(shown);
        }
        let ports = Ports::open(stage.clone(), &folder.0, tls)?;
        let places = Places { usual, hosts, folder: folder.0.clone() };
        let wanted = Wanted::of(&stage.world, places, speed);
        fs::write(folder.0.join("fleet.toml"), fleet_file(&stage.world, &wanted, start))?;
        fs::write(folder.0.join("demo-ca.pem"), ports.authority())?;
        folder.secret("demo.token", "a-token-that-opens-nothing-real\n")?;
        folder.secret("vpn.password", &format!("{PASSWORD}\n"))?;
        Ok(Self { stage, origin, listeners, ports, folder })
    }

    /// The fleet file.
    #[must_use]
    pub fn fleet_file(&self) -> PathBuf {
        self.folder.0.join("fleet.toml")
    }

    /// Serves until the future is dropped; the fleet file goes with it.
    ///
    /// # Errors
    /// When the port is lost.
    pub async fn serve(self) -> io::Result<()> {
        let Self { stage, listeners, ports, folder, .. } = self;
        let mut servers = JoinSet::new();
        for listener in listeners {
            servers.spawn(server::serve(stage.clone(), listener));
        }
        let served = tokio::select! {
            ended = servers.join_next() => ended.map_or(Ok(()), |ended| ended.unwrap_or_else(|why| Err(io::Error::other(why)))),
            () = ports.serve() => Ok(()),
        };
        drop(folder);
        served
    }
}

fn address(listeners: &[TcpListener]) -> io::Result<String> {
    listeners.first().map_or_else(|| Ok(String::new()), |first| Ok(first.local_addr()?.to_string()))
}

/// How the folders of demos begin; the process and the port follow.
const FOLDER: &str = "quarterdeck-demo-";

/// Takes away what demos left that were killed: folders of this user's whose process is gone.
fn sweep(among: &Path) {
    use std::os::unix::fs::MetadataExt;
    let processes = Path::new("/proc");
    let Ok(own) = fs::metadata("/proc/self").map(|own| own.uid()) else { return };
    for left in fs::read_dir(among).into_iter().flatten().flatten() {
        let name = left.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(FOLDER)?.split_once('-')).map(|(id, _)| id);
        let Some(process) = process.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())) else {
            continue;
        };
        // A link is no folder here: what it leads to is nobody's left-over.
        let is_ours = left.metadata().is_ok_and(|found| found.is_dir() && found.uid() == own);
        if is_ours && !processes.join(process).exists() {
            // What cannot be taken away stays for the system to clear.
            let _ = fs::remove_dir_all(left.path());
        }
    }
}

/// A folder of its own that goes when it is no longer needed.
struct Folder(PathBuf);

impl Folder {
    fn make(name: &str) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let path = std::env::temp_dir().join(name);
        let left_over: &Path = &path;
        if left_over.is_dir() {
            fs::remove_dir_all(left_over)?;
        }
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Folder {
    /// A file that nobody else may read: the fleet file's loader refuses others.
    fn secret(&self, name: &str, text: &str) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(self.0.join(name))?;
        io::Write::write_all(&mut file, text.as_bytes())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever is left lies in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_demo_left_is_taken_away_and_nothing_else() {
        let among = tempfile::tempdir().unwrap();
        let make = |name: &str| fs::create_dir(among.path().join(name)).unwrap();
        // No process has this number: the kernel's largest is smaller.
        for name in ["quarterdeck-demo-4294967295-1", "quarterdeck-demo-x-1", "quarterdeck-demo-", "other-4294967295-1"]
        {
            make(name);
        }
        let living = format!("quarterdeck-demo-{}-80", std::process::id());
        make(&living);
        fs::write(among.path().join("quarterdeck-demo-4294967295-1/fleet.toml"), "x").unwrap();
        std::os::unix::fs::symlink(
            among.path().join("other-4294967295-1"),
            among.path().join("quarterdeck-demo-4294967295-2"),
        )
        .unwrap();
        sweep(among.path());
        let mut left: Vec<String> =
            fs::read_dir(among.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        let mut wanted =
            vec!["other-4294967295-1", "quarterdeck-demo-", "quarterdeck-demo-4294967295-2", "quarterdeck-demo-x-1"];
        wanted.push(&living);
        wanted.sort_unstable();
        assert_eq!(left, wanted);
    }
}
