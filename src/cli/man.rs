//! `quarterdeck man` and `quarterdeck completions`: made from the same words as `--help`, so they cannot lie.

use clap::CommandFactory;

use crate::cli::args::Words;
use crate::cli::ending::{Ending, print};

/// Prints the manual page.
///
/// # Errors
/// When standard output cannot be written.
pub fn page() -> color_eyre::Result<Ending> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Words::command()).render(&mut text)?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(Ending::Done)
}

/// Prints a completion script.
///
/// # Errors
/// When standard output cannot be written.
pub fn completions(shell: clap_complete::Shell) -> color_eyre::Result<Ending> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Words::command(), "quarterdeck", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Ending::Done)
}
