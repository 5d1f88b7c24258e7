//! Which fleet file is meant, and what it stands on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::Common;
use crate::domain::cycles::Cycles;
use crate::fleetfile::load::{Imports, Options, usual_places};
use crate::text::clean::Clean;

/// The fleet file: the one that was named, or the first of the usual places that has one.
///
/// # Errors
/// The words for somebody who has none, or none where it was looked for.
pub fn find(named: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let places = usual_places();
    if let Some(path) = places.iter().find(|path| path.is_file()) {
        return Ok(path.clone());
    }
    let looked: Vec<String> = places.iter().map(|path| format!("  {}", path.display())).collect();
    Err(format!(
        "no fleet file: `--fleet` and `QUARTERDECK_FLEET` name none, and there is none at\n{}\n\
         look around in a simulated one with `quarterdeck demo`",
        looked.join("\n")
    ))
}

/// What a fleet file is read with.
///
/// # Errors
/// What is wrong with the lifecycle data that was named.
pub fn options(common: &Common) -> Result<Options, String> {
    let imports = if common.allow_imports { Imports::Allowed } else { Imports::Refused };
    Ok(Options { cycles: cycles(common.lifecycle_data.as_deref())?, imports })
}

/// Lifecycle data: the built-in, or a newer file.
fn cycles(newer: Option<&Path>) -> Result<Arc<Cycles>, String> {
    let Some(path) = newer else { return Ok(Cycles::embedded()) };
    let wrong = |why: String| format!("{}: {why}", Clean::line(&path.display().to_string()));
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    Cycles::read(&bytes).map(Arc::new).map_err(wrong)
}
