//! The program: hooks, arguments, exit code.

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .panic_section(
            "This is a fault of quarterdeck itself, not of your fleet. Nothing was changed\n\
             anywhere, and what was known is kept: start it again. To have it mended, send\n\
             its makers the lines above, and what you did before.",
        )
        .install()?;
    quarterdeck::cli::run()
}
