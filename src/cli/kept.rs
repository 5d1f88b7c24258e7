//! Where what was known last is kept for a fleet file and a viewer, and what must be as it was for a board to be shown.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::cli::args::Common;
use crate::domain::access::{Access, Sight};
use crate::domain::clock::Moment;
use crate::domain::facts::Facts;
use crate::domain::fleet::Fleet;
use crate::fleetfile::loaded::Loaded;
use crate::history::board::{Circumstances, Shelf};
use crate::history::store::{self, Store};
use crate::views::board::Board;
use crate::views::last::Last;

/// A file that was changed so shortly before it was read may have been read in another form: systems tell times of files
/// by a clock that ticks.
const TICK: TimeDelta = TimeDelta::milliseconds(50);

/// What was known last of one fleet file, for one viewer.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where programs keep such things, without an ending.
    usual: PathBuf,
    /// What decides what a board says and who may see it, beside files.
    words: Vec<String>,
    /// Files besides those of the fleet: the program, and newer lifecycle data.
    besides: Vec<PathBuf>,
}

impl Kept {
    /// What is kept of a fleet file, where there is a place for it.
    #[must_use]
    pub fn of(common: &Common, fleet_file: &Path, access: &Access) -> Option<Self> {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let told = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let whole = std::fs::canonicalize(fleet_file).ok()?;
        let name: String =
            Sha256::digest(whole.as_os_str().as_encoded_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
        let program = std::env::current_exe().ok()?;
        let data = common.lifecycle_data.as_deref().map(|path| std::path::absolute(path).unwrap_or(path.to_owned()));
        let sees = match access.sight() {
            Sight::Everything => "everything".to_owned(),
            Sight::Only(these) => format!("only {these:?}"),
        };
        let words = vec![
            env!("CARGO_PKG_VERSION").to_owned(),
            program.to_str()?.to_owned(),
            whole.to_str()?.to_owned(),
            access.word().to_owned(),
            sees,
            format!("lifecycle data {data:?}"),
            format!("imports {}", common.allow_imports),
        ];
        let usual = told.or_else(home)?.join("quarterdeck").join(name);
        Some(Self { usual, words, besides: data.into_iter().chain([program]).collect() })
    }

    /// The board that was shown last, where nothing that decides what it says has changed. Why it is not used is not
    /// told: everything comes anew a moment later.
    #[must_use]
    pub fn board(&self, now: Moment) -> Option<Arc<Board>> {
        let last: Last = self.shelf().read(&self.words).ok()??;
        Some(Arc::new(last.board(now)))
    }

    /// Where the board is kept: never beside the history, of which only the fleet file tells, and that is not read yet.
    #[must_use]
    pub fn shelf(&self) -> Shelf {
        Shelf::at(self.usual.with_extension("board"))
    }

    /// Under which circumstances a board of this fleet may be shown again; none where nobody can tell. `since` is when the reading of its files began.
    #[must_use]
    pub fn circumstances(&self, loaded: &Loaded, since: Moment) -> Option<Circumstances> {
        // What a Dhall file means may depend on more than itself.
        let is_plain = |path: &PathBuf| path.extension() != Some(OsStr::new("dhall"));
        if !loaded.files.iter().all(is_plain) {
            return None;
        }
        let files = loaded.files.iter().chain(&self.besides).cloned();
        Some(Circumstances::of(self.words.clone(), files)).filter(|now| now.are_older_than(since - TICK))
    }

    /// Where the facts are kept: beside the fleet's history, or where programs keep such things.
    #[must_use]
    pub fn facts(&self, loaded: &Loaded) -> Store {
        Store::at(match &loaded.history {
            Some(history) => {
                let mut name = history.path.clone().into_os_string();
                name.push(".last");
                PathBuf::from(name)
            }
            None => self.usual.with_extension("last"),
        })
    }
}

/// The facts that were known when the cockpit ran last, and a word to the person where that is not to be had.
#[must_use]
pub fn last_known(store: &Store, fleet: &Fleet) -> (Facts, Option<String>) {
    match store.read(fleet) {
        Ok(store::Kept { facts, lost: 0 }) => (facts, None),
        Ok(store::Kept { facts, lost }) => {
            (facts, Some(format!("{lost} of the last known answers could not be read again")))
        }
        Err(why) => (Facts::new(), Some(format!("{} is not used: {why}", store.path().display()))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::clock::Clock;
    use crate::fleetfile::load::{Options, load};
    use crate::runtime::clock::MachineClock;

    fn words(common: &Common, path: &Path, access: &Access) -> Vec<String> {
        Kept::of(common, path, access).unwrap().words
    }

    #[test]
    fn whoever_sees_or_may_do_something_else_has_other_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.toml");
        std::fs::write(&path, "").unwrap();
        let common = Common::default();
        let imports = Common { allow_imports: true, ..Common::default() };
        let data = Common { lifecycle_data: Some("newer.json".into()), ..Common::default() };
        let all = [
            words(&common, &path, &Access::operator()),
            words(&common, &path, &Access::reader()),
            words(&common, &path, &Access::reader().limited_to(["acme".into()].into())),
            words(&common, &path, &Access::reader().limited_to(["globex".into()].into())),
            words(&common, &path, &Access::reader().limited_to([].into())),
            words(&imports, &path, &Access::operator()),
            words(&data, &path, &Access::operator()),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| one != other), "{one:?}");
        }
        assert_eq!(all[0], words(&common, &folder.path().join("./fleet.toml"), &Access::operator()));
        assert!(Kept::of(&common, &folder.path().join("none.toml"), &Access::operator()).is_none());
    }

    #[test]
    fn no_board_is_kept_of_a_fleet_whose_files_changed_while_they_were_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.toml");
        let told = |text: &str, ago: i64| {
            std::fs::write(&path, text).unwrap();
            let loaded = load(&path, &Options::default()).loaded;
            let kept = Kept::of(&Common::default(), &path, &Access::operator()).unwrap();
            kept.circumstances(&loaded, MachineClock.now() + TimeDelta::seconds(ago)).is_some()
        };
        assert!(told("[fleet]\nname = \"f\"\n", 1));
        assert!(!told("[fleet]\nname = \"f\"\n", -1), "written after the reading began");
        assert!(told("[fleet]\nname = \"f\"\nhistory = { path = \"elsewhere\" }\n", 1));
    }
}
