//! The file of the last known board: what the first picture is drawn from, before the fleet file is read.
//!
//! Who may see what and what a board says is decided by the fleet file, the program and the viewer. All of that stands
//! in the file's head as [`Circumstances`]; where any of it is another now, or the file was touched, it is not used.

use std::fs::Metadata;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::clock::Moment;
use crate::history::file::{self, Why};
use crate::text::clean::visible;

/// The version of the file's form. A file of another version is not read.
pub const VERSION: u32 = 1;

/// No file is larger: a board that does not fit is not kept.
pub const MOST: u64 = 32 << 20;

/// What the first line says the file is.
const MARK: &str = "last known board of quarterdeck";

/// Everything that decides what a board says and who may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// What needs no file: the viewer's rights, the options, the program.
    words: Vec<String>,
    /// Every file that was read and every folder that was looked into, as they were.
    files: Vec<(PathBuf, Option<Stamp>)>,
}

/// By what another file of the same name is noticed, and another content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let stamp = |about: Metadata| Self {
            device: about.dev(),
            inode: about.ino(),
            length: about.len(),
            written: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        };
        std::fs::metadata(path).ok().map(stamp)
    }
}

impl Circumstances {
    /// The circumstances now, with these files.
    #[must_use]
    pub fn of(words: Vec<String>, files: impl IntoIterator<Item = PathBuf>) -> Self {
        let stamped = |path: PathBuf| {
            let path = std::path::absolute(&path).unwrap_or(path);
            let stamp = Stamp::of(&path);
            (path, stamp)
        };
        Self { words, files: files.into_iter().map(stamped).collect() }
    }

    /// Whether every file was there and left alone since before a moment: what changed while it was read may have been
    /// read in either form.
    #[must_use]
    pub fn are_older_than(&self, moment: Moment) -> bool {
        let before = (moment.timestamp(), i64::from(moment.timestamp_subsec_nanos()));
        self.files.iter().all(|(_, stamp)| stamp.is_some_and(|stamp| stamp.changed < before))
    }

    /// Whether all is as it was, and these are the words.
    fn still_hold(&self, words: &[String]) -> bool {
        self.words == words && self.files.iter().all(|(path, stamp)| stamp.is_some() && Stamp::of(path) == *stamp)
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    is: String,
    version: u32,
    circumstances: Circumstances,
    /// The digest of everything after this line.
    sum: String,
}

/// Where the last known board is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    path: PathBuf,
}

impl Shelf {
    /// The board kept in this file.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what was kept, where everything is as it was then. No file is nothing kept.
    ///
    /// # Errors
    /// Where the file is not to be trusted, not ours to understand, or about something else.
    pub fn read<T: DeserializeOwned>(&self, words: &[String]) -> Result<Option<T>, Why> {
        let Some(file) = file::open(&self.path, MOST)? else { return Ok(None) };
        let mut text = String::new();
        file.take(MOST).read_to_string(&mut text)?;
        let (head, body) = text.split_once('\n').ok_or(Why::Other)?;
        let head: Head = serde_json::from_str(head).map_err(|_| Why::Other)?;
        if head.is != MARK {
            return Err(Why::Other);
        }
        if head.version != VERSION {
            return Err(Why::Version { is: head.version, wanted: VERSION });
        }
        if !head.circumstances.still_hold(words) {
            return Ok(None);
        }
        if head.sum != sum(body.as_bytes()) || !is_harmless(body) {
            return Err(Why::Other);
        }
        serde_json::from_str(body).map(Some).map_err(|_| Why::Other)
    }

    /// Replaces the file by this board, whole or not at all.
    ///
    /// # Errors
    /// What the system says, or that it would be too large; the old file still stands then.
    pub fn write<T: Serialize>(&self, circumstances: &Circumstances, board: &T) -> Result<(), Why> {
        let body = serde_json::to_vec(board).map_err(std::io::Error::from)?;
        let (is, circumstances) = (MARK.to_owned(), circumstances.clone());
        let head = Head { is, version: VERSION, circumstances, sum: sum(&body) };
        let mut bytes = serde_json::to_vec(&head).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        bytes.extend(body);
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST {
            return Err(Why::Large { most: MOST });
        }
        Ok(file::replace(&self.path, |out| out.write_all(&bytes))?)
    }
}

fn sum(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether nothing in it could do harm on a terminal. What is written was cleaned before; a file is outside all the same.
/// Controls would stand in it as escapes other than those of a quote and of a backslash.
fn is_harmless(body: &str) -> bool {
    let mut escaped = false;
    body.chars().all(|c| {
        let fits = !escaped || matches!(c, '"' | '\\');
        escaped = c == '\\' && !escaped;
        fits && visible(c) == c
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct Desk {
        folder: tempfile::TempDir,
        shelf: Shelf,
        fleet: PathBuf,
    }

    type Told = Vec<(String, u32)>;

    fn desk() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(folder.path().join("state/northwind.board"));
        let fleet = folder.path().join("fleet.toml");
        fs::write(&fleet, "[fleet]").unwrap();
        Desk { folder, shelf, fleet }
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    impl Desk {
        fn board() -> Told {
            vec![("acme \"at\" C:\\ → größer".to_owned(), 3), ("globex".to_owned(), 0)]
        }

        fn write(&self) {
            let now = Circumstances::of(words(&["operator"]), [self.fleet.clone()]);
            self.shelf.write(&now, &Self::board()).unwrap();
        }

        fn read(&self, all: &[&str]) -> Result<Option<Told>, Why> {
            self.shelf.read(&words(all))
        }
    }

    #[test]
    fn what_was_kept_is_read_back_where_all_is_as_it_was() {
        let desk = desk();
        assert!(desk.read(&["operator"]).unwrap().is_none(), "no file is nothing kept");
        desk.write();
        assert_eq!(desk.read(&["operator"]).unwrap(), Some(Desk::board()));
        assert_eq!(fs::metadata(desk.shelf.path()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(desk.folder.path().join("state")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn another_viewer_another_program_and_another_fleet_file_see_nothing_of_it() {
        let desk = desk();
        desk.write();
        for other in [vec!["read-only"], vec![], vec!["operator", "acme"], vec!["operator "]] {
            assert!(desk.read(&other).unwrap().is_none(), "{other:?}");
        }
        // The same length, the same name, another content.
        fs::write(&desk.fleet, "[Fleet]").unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_none(), "written anew");
        desk.write();
        fs::rename(&desk.fleet, desk.folder.path().join("old")).unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_none(), "gone");
        fs::copy(desk.folder.path().join("old"), &desk.fleet).unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_none(), "a copy");
    }

    #[test]
    fn a_file_that_appears_where_one_looked_is_noticed() {
        let desk = desk();
        let folder = desk.folder.path().join("more");
        fs::create_dir(&folder).unwrap();
        let now = || Circumstances::of(words(&["operator"]), [desk.fleet.clone(), folder.clone()]);
        desk.shelf.write(&now(), &Desk::board()).unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_some());
        fs::write(folder.join("one.toml"), "").unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_none());
    }

    #[test]
    fn a_damaged_a_cut_and_a_foreign_file_are_not_used() {
        let desk = desk();
        desk.write();
        let whole = fs::read(desk.shelf.path()).unwrap();
        for n in 0..whole.len() {
            fs::write(desk.shelf.path(), &whole[..n]).unwrap();
            assert!(!matches!(desk.read(&["operator"]), Ok(Some(_))), "cut after {n}");
            let mut damaged = whole.clone();
            damaged[n] ^= 1;
            fs::write(desk.shelf.path(), damaged).unwrap();
            let read = desk.read(&["operator"]);
            assert!(!matches!(read, Ok(Some(_))), "damaged at {n}: {read:?}");
        }
        fs::write(desk.shelf.path(), &whole).unwrap();
        for mode in [0o620, 0o602, 0o666] {
            fs::set_permissions(desk.shelf.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(desk.read(&["operator"]), Err(Why::Foreign)), "{mode:o}");
        }
        fs::set_permissions(desk.shelf.path(), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(desk.read(&["operator"]).unwrap().is_some());
        let file = fs::File::options().write(true).open(desk.shelf.path()).unwrap();
        file.set_len(MOST + 1).unwrap();
        assert!(matches!(desk.read(&["operator"]), Err(Why::Large { .. })));
        // Only root may give a file away.
        fs::write(desk.shelf.path(), &whole).unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(desk.shelf.path(), Some(12_345), None).unwrap();
            assert!(matches!(desk.read(&["operator"]), Err(Why::Foreign)));
        }
    }

    #[test]
    fn another_form_and_what_could_harm_a_terminal_are_not_used() {
        let desk = desk();
        let now = Circumstances::of(words(&["operator"]), [desk.fleet.clone()]);
        for harm in ["\u{1b}[31mred", "two\nlines", "\u{7}", "\u{202e}rtl", "zero\u{200b}width", "\u{9b}31m"] {
            desk.shelf.write(&now, &vec![(harm, 1)]).unwrap();
            assert!(matches!(desk.read(&["operator"]), Err(Why::Other)), "{harm:?}");
        }
        desk.shelf.write(&now, &vec![("rows of another shape", "x")]).unwrap();
        assert!(matches!(desk.read(&["operator"]), Err(Why::Other)));
        desk.write();
        let text = fs::read_to_string(desk.shelf.path()).unwrap();
        fs::write(desk.shelf.path(), text.replacen("\"version\":1", "\"version\":2", 1)).unwrap();
        assert!(matches!(desk.read(&["operator"]), Err(Why::Version { is: 2, .. })));
        fs::write(desk.shelf.path(), text.replacen(MARK, "something else", 1)).unwrap();
        assert!(matches!(desk.read(&["operator"]), Err(Why::Other)));
    }

    #[test]
    fn what_changed_while_it_was_read_is_not_older_than_the_reading() {
        let desk = desk();
        let now = Circumstances::of(Vec::new(), [desk.fleet.clone()]);
        let stamp = Stamp::of(&desk.fleet).unwrap();
        let at = |second| Moment::from_timestamp(second, 0).unwrap();
        assert!(now.are_older_than(at(stamp.changed.0 + 1)));
        assert!(!now.are_older_than(at(stamp.changed.0)));
        let missing = Circumstances::of(Vec::new(), [desk.folder.path().join("nothing.toml")]);
        assert!(!missing.are_older_than(at(stamp.changed.0 + 1)), "what is missing may come");
    }
}
