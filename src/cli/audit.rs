//! `quarterdeck audit verify`: whether the audit log is as it was written.

use std::path::PathBuf;

use crate::cli::ending::{Ending, print, say};
use crate::runtime::ledger::{Ledger, verify};

/// Checks the chain of an audit log.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(file: Option<PathBuf>) -> color_eyre::Result<Ending> {
    let path = file.unwrap_or_else(Ledger::usual_place);
    let shown = path.display();
    Ok(match verify(&path) {
        Ok(Ok(count)) => {
            let records = crate::text::words::plural(count, "record", "records");
            print(&format!("{shown}: {records}, each follows the one before\n"))?;
            Ending::Done
        }
        Ok(Err(broken)) => {
            print(&format!("{shown}:{}: {}\n", broken.line, broken.why))?;
            Ending::Found
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            say(&format!("there is no audit log at {shown}: nothing was recorded yet"));
            Ending::Wrong
        }
        Err(error) => {
            say(&format!("{shown} can't be read: {error}"));
            Ending::Wrong
        }
    })
}
