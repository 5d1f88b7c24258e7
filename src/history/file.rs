//! A file of our own: nobody else's to read or to write, replaced as a whole.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Why nothing was read or written.
#[derive(Debug)]
pub enum Why {
    /// The file is another person's, or others may write it: it could say anything.
    Foreign,
    /// It is some other file.
    Other,
    /// It has a form of another version.
    Version {
        /// Which.
        is: u32,
        /// And which one is read.
        wanted: u32,
    },
    /// It is larger than any of ours.
    Large {
        /// How large they may be, in bytes.
        most: u64,
    },
    /// It is about another fleet.
    Fleet(String),
    /// The system says no.
    System(io::Error),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("it belongs to somebody else, or others may write to it"),
            Self::Other => f.write_str("it is no file of last known facts"),
            Self::Version { is, wanted } => write!(f, "it is of version {is}, and this program reads {wanted}"),
            Self::Large { most } => write!(f, "it is larger than {} MiB", most >> 20),
            Self::Fleet(name) => write!(f, "it is about the fleet `{name}`"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Opens a file of ours; none where there is none.
///
/// # Errors
/// Where somebody else could have written it, where it is no plain file or larger than `most`, or what the system says.
pub fn open(path: &Path, most: u64) -> Result<Option<File>, Why> {
    // What begins only when somebody writes into it would hold up whoever opens it.
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => return Err(Why::Other),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.uid() != rustix::process::geteuid().as_raw() || about.mode() & 0o022 != 0 {
        return Err(Why::Foreign);
    }
    if !about.is_file() {
        return Err(Why::Other);
    }
    if about.len() > most {
        return Err(Why::Large { most });
    }
    Ok(Some(file))
}

/// Replaces a file by what is written, whole or not at all.
///
/// # Errors
/// What the system says; the old file still stands then.
pub fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = folder.join(format!(".{name}.{}", std::process::id()));
    // What an earlier process of this number left behind is no longer wanted.
    let _ = fs::remove_file(&new);
    let written = write_new(&new, write).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_new(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}
