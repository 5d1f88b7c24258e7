//! How a command ends: its exit code, and what it says to people when it could not do its work.

use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done.
    Done,
    /// Done, and something was found that asks for attention.
    Found,
    /// Wrong usage, or an invalid fleet file.
    Wrong,
    /// Nothing could be reached.
    Unreached,
    /// A signal ended it: which one.
    Stopped(i32),
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Done => 0,
            Ending::Found => 1,
            Ending::Wrong => 2,
            Ending::Unreached => 3,
            // As shells tell of it.
            Ending::Stopped(signal) => u8::try_from(signal).unwrap_or(0).saturating_add(128),
        })
    }
}

/// Writes the result. A reader that closed its end (`| head`) is no failure of ours.
///
/// # Errors
/// Whatever else goes wrong with standard output.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), format!("the result cannot be written: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Says something to the person, beside the result.
pub fn say(text: &str) {
    // Standard error may be closed; there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
