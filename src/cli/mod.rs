//! One file a command.

pub mod args;
pub mod audit;
pub mod check;
pub mod cockpit;
pub mod demo;
pub mod doctor;
pub mod ending;
pub mod engine;
pub mod fleet;
pub mod following;
pub mod gather;
pub mod kept;
pub mod logs;
pub mod man;
pub mod open;
pub mod settings;
pub mod show;
pub mod time;
pub mod tour;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::args::{Audit, Command, Words};

/// Reads the words on the command line and does what they say.
///
/// # Errors
/// What went wrong that is nobody's input: a full disk, a closed terminal.
pub fn run() -> color_eyre::Result<ExitCode> {
    let words = Words::parse();
    let ending = match words.command {
        Some(Command::Audit { what: Audit::Verify { file } }) => audit::run(file)?,
        Some(Command::Completions { shell }) => man::completions(shell)?,
        Some(Command::Demo(demo)) => demo::run(&words.common, &demo)?,
        Some(Command::Man) => man::page()?,
        Some(Command::Check(check)) => check::run(&check, &words.common)?,
        Some(Command::Doctor(doctor)) => doctor::run(&words.common, &doctor)?,
        Some(Command::Show(show)) => show::run(&words.common, &show)?,
        None => cockpit::run(&words.common)?,
    };
    Ok(ending.into())
}
