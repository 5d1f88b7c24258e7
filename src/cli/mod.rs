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

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::args::{Audit, Command, Words};
use crate::cli::ending::{Ending, say};

/// Reads the words on the command line and does what they say. What goes wrong that is nobody's input, a full disk or a
/// closed terminal, ends it as wrong usage does: with one, a script would take it for something found.
#[must_use]
pub fn run() -> ExitCode {
    let ending = done(Words::parse()).unwrap_or_else(|report| {
        match report.downcast_ref::<io::Error>() {
            Some(error) => say(&error.to_string()),
            None => say(&format!("{report:?}")),
        }
        Ending::Wrong
    });
    ending.into()
}

fn done(words: Words) -> color_eyre::Result<Ending> {
    Ok(match words.command {
        Some(Command::Audit { what: Audit::Verify { file } }) => audit::run(file)?,
        Some(Command::Completions { shell }) => man::completions(shell)?,
        Some(Command::Demo(demo)) => demo::run(&words.common, &demo)?,
        Some(Command::Man) => man::page()?,
        Some(Command::Check(check)) => check::run(&check, &words.common)?,
        Some(Command::Doctor(doctor)) => doctor::run(&words.common, &doctor)?,
        Some(Command::Show(show)) => show::run(&words.common, &show)?,
        None => cockpit::run(&words.common)?,
    })
}
