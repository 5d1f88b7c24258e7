//! Credentials themselves: fetched where the fleet file says, kept as short as possible, shown nowhere.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::TimeDelta;
use tokio::process::Command;

use super::system::system;
use super::{kubeconfig, limits, program};
use crate::domain::clock::{Clock, Moment};
use crate::domain::fault::Fault;
use crate::fleetfile::secret::Secret;
use crate::text::clean::Clean;

/// Tokens mounted into a pod: readable by all of the pod by design, and no one else is there.
const POD_SECRETS: [&str; 2] = ["/var/run/secrets/", "/run/secrets/kubernetes.io/"];

/// A credential. Whatever prints it prints dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Arc<str>);

impl Hidden {
    /// Hides a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The credential itself, for the wire alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Where credentials are had, remembering what costs something to fetch.
pub struct Secrets {
    clock: Arc<dyn Clock>,
    files: Mutex<BTreeMap<PathBuf, (Stamp, Hidden)>>,
    commands: Mutex<BTreeMap<Vec<String>, Slot>>,
}

/// Held while its program runs, so that a hundred sources run it once.
type Slot = Arc<tokio::sync::Mutex<Option<(Moment, Hidden)>>>;

/// By what a changed file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(Option<SystemTime>, u64);

impl Stamp {
    /// Of what the system says about a file.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self(metadata.modified().ok(), metadata.len())
    }
}

impl Secrets {
    /// Nothing fetched yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, files: Mutex::default(), commands: Mutex::default() }
    }

    /// The credential as it is now. A variable and a kubeconfig are read each time, a file when it has changed, a program when an hour has
    /// passed or [`Secrets::forget`] was called.
    ///
    /// # Errors
    /// [`Fault::Secret`], with the credential's name.
    pub async fn get(&self, secret: &Secret) -> Result<Hidden, Fault> {
        let found = match secret {
            Secret::Env(name) => match std::env::var(name.as_str()) {
                Ok(value) => Ok(value),
                Err(std::env::VarError::NotPresent) => Err("is not set".to_owned()),
                Err(std::env::VarError::NotUnicode(_)) => Err("is not UTF-8".to_owned()),
            },
            Secret::File(path) => return self.file(path).map_err(|why| fault(secret, &why)),
            Secret::Command(words) => return self.command(words).await.map_err(|why| fault(secret, &why)),
            Secret::Kubeconfig { file, user, key } => kubeconfig::credential(file, user, key),
        };
        found.and_then(|value| usable(&value)).map_err(|why| fault(secret, &why))
    }

    /// Lets the next [`Secrets::get`] fetch it anew: the server did not take it.
    pub async fn forget(&self, secret: &Secret, stale: &Hidden) {
        match secret {
            Secret::Env(_) | Secret::Kubeconfig { .. } => {}
            Secret::File(path) => {
                self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
            }
            Secret::Command(words) => {
                let slot = self.slot(words);
                let mut held = slot.lock().await;
                // Another source may have fetched a new one already.
                if held.as_ref().is_some_and(|(_, value)| value == stale) {
                    *held = None;
                }
            }
        }
    }

    fn file(&self, path: &Path) -> Result<Hidden, String> {
        let metadata = std::fs::metadata(path).map_err(|e| system(&e))?;
        let stamp = Stamp::of(&metadata);
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, value)) = files.get(path)
            && *known == stamp
            && private(path, &metadata).is_ok()
        {
            return Ok(value.clone());
        }
        let value = usable(&read_private(path)?)?;
        files.insert(path.to_owned(), (stamp, value.clone()));
        Ok(value)
    }

    fn slot(&self, words: &[String]) -> Slot {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(commands.entry(words.to_vec()).or_default())
    }

    async fn command(&self, words: &[String]) -> Result<Hidden, String> {
        let [name, arguments @ ..] = words else { return Err("names no program".to_owned()) };
        let slot = self.slot(words);
        let mut held = slot.lock().await;
        let age = TimeDelta::from_std(limits::CREDENTIAL_AGE).unwrap_or_default();
        if let Some((at, value)) = held.as_ref()
            && self.clock.now() - *at < age
        {
            return Ok(value.clone());
        }
        let mut command = Command::new(name);
        command.args(arguments);
        let output = program::run(command, limits::CREDENTIAL_PROGRAM, limits::SECRET).await.map_err(|f| f.words())?;
        if !output.good {
            // Its complaint isn't repeated: programs that hold credentials print them when they fail.
            return Err(format!("failed ({})", output.ended));
        }
        let text = String::from_utf8(output.out).map_err(|_| "printed something that is not UTF-8".to_owned())?;
        let value = usable(&text)?;
        *held = Some((self.clock.now(), value.clone()));
        Ok(value)
    }
}

fn fault(secret: &Secret, why: &str) -> Fault {
    Fault::Secret { why: Clean::line(&format!("{} {why}", secret.name())) }
}

/// Reads a file only its owner may read.
fn read_private(path: &Path) -> Result<String, String> {
    let plain = std::fs::metadata(path).map_err(|e| system(&e))?.is_file();
    if !plain {
        return Err("is no plain file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|e| system(&e))?;
    // Asked of the open file: the path may lead elsewhere by now.
    private(path, &file.metadata().map_err(|e| system(&e))?)?;
    let mut text = String::new();
    file.take(limits::SECRET + 1).read_to_string(&mut text).map_err(|e| system(&e))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > limits::SECRET {
        return Err("is too long for a credential".to_owned());
    }
    Ok(text)
}

#[cfg(unix)]
fn private(path: &Path, metadata: &Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 || POD_SECRETS.iter().any(|folder| path.starts_with(folder)) {
        Ok(())
    } else {
        Err(format!("may be read by others (mode {mode:03o}): `chmod 600` it"))
    }
}

#[cfg(not(unix))]
fn private(_: &Path, _: &Metadata) -> Result<(), String> {
    Ok(())
}

/// Without the line end that editors and programs add.
fn usable(text: &str) -> Result<Hidden, String> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(Hidden::new(text)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Set(AtomicI64);

    impl Clock for Set {
        fn now(&self) -> Moment {
            Moment::from_timestamp(1_800_000_000 + self.0.load(Ordering::SeqCst), 0).unwrap()
        }
    }

    fn secrets() -> (Arc<Set>, Secrets) {
        let clock = Arc::new(Set::default());
        (Arc::clone(&clock), Secrets::new(clock))
    }

    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn why(fault: Fault) -> String {
        let Fault::Secret { why } = fault else { panic!("{fault:?} is no matter of credentials") };
        why.as_str().to_owned()
    }

    #[tokio::test]
    async fn a_file_is_read_again_when_it_changes_and_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let (_, secrets) = secrets();
        let secret = Secret::File(path.clone());
        assert!(why(secrets.get(&secret).await.unwrap_err()).ends_with("no such file"));
        write(&path, "first\n", 0o600);
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "first");
        write(&path, "the second", 0o600);
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "the second");
        for mode in [0o640, 0o604, 0o666] {
            write(&path, "the second", mode);
            let why = why(secrets.get(&secret).await.unwrap_err());
            assert!(why.contains(&format!("(mode {mode:o})")) && !why.contains("second"), "{why}");
        }
        write(&path, "\n", 0o600);
        assert!(why(secrets.get(&secret).await.unwrap_err()).ends_with("is empty"));
        assert!(why(secrets.get(&Secret::File(folder.path().into())).await.unwrap_err()).ends_with("is no plain file"));
    }

    #[tokio::test]
    async fn a_program_runs_once_an_hour_and_after_the_server_refused() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let (clock, secrets) = secrets();
        let script = format!("echo x >> {0}; wc -l < {0} | tr -d ' '", count.display());
        let secret = Secret::Command(vec!["sh".into(), "-c".into(), script]);
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "1");
        let again = secrets.get(&secret).await.unwrap();
        assert_eq!(again.reveal(), "1");
        secrets.forget(&secret, &again).await;
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "2");
        secrets.forget(&secret, &again).await;
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "2", "an older one was refused, not this");
        clock.0.store(3600, Ordering::SeqCst);
        assert_eq!(secrets.get(&secret).await.unwrap().reveal(), "3");
    }

    #[tokio::test]
    async fn a_failing_program_does_not_tell_what_it_said() {
        let (_, secrets) = secrets();
        let secret = Secret::Command(vec!["sh".into(), "-c".into(), "echo hunter2 >&2; echo hunter2; exit 4".into()]);
        assert_eq!(why(secrets.get(&secret).await.unwrap_err()), "command sh failed (exit status: 4)");
        let unset = Secret::Env(Clean::line("QUARTERDECK_SURELY_UNSET"));
        assert_eq!(why(secrets.get(&unset).await.unwrap_err()), "env QUARTERDECK_SURELY_UNSET is not set");
    }

    #[test]
    fn a_hidden_text_shows_nothing() {
        assert_eq!(format!("{:?}", Hidden::new("hunter2")), "[hidden]");
    }
}
