//! The program: hooks, arguments, exit code.

use std::process::ExitCode;

/// A cockpit runs for weeks: what a burst of answers took is given back, and small rows do not lie scattered.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::config::HookBuilder::default().display_env_section(false).install()?;
    Ok(quarterdeck::cli::run())
}
