//! The words on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// An operations cockpit for fleets of managed installations.
///
/// Without a command it opens the cockpit. `quarterdeck demo` shows it on a simulated fleet.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version, max_term_width = 100)]
pub struct Words {
    /// What holds for every command.
    #[command(flatten)]
    pub common: Common,

    /// What to do; none opens the cockpit.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What holds for every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// The fleet file
    #[arg(long, global = true, value_name = "PATH", env = "QUARTERDECK_FLEET")]
    pub fleet: Option<PathBuf>,

    /// Change nothing anywhere: enforced where requests are made
    #[arg(long, global = true)]
    pub read_only: bool,

    /// The file with keys, theme, zone, start view and bell; else `quarterdeck/config.toml` where XDG puts such files
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// The colours, by name
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,

    /// Draw and write with ASCII signs only
    #[arg(long, global = true)]
    pub ascii: bool,

    /// Whose wall clock: installation, fleet, local, utc, or an IANA name
    #[arg(long, global = true, value_name = "ZONE")]
    pub zone: Option<String>,

    /// Lifecycle data newer than the built-in, in the same shape
    #[arg(long, global = true, value_name = "PATH")]
    pub lifecycle_data: Option<PathBuf>,

    /// Let fleet files in Dhall import others
    #[arg(long, global = true)]
    pub allow_imports: bool,

    /// Write what happens to this file
    #[arg(long, global = true, value_name = "PATH")]
    pub log_file: Option<PathBuf>,

    /// Say more on standard error, or in the log file
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validate the fleet file, or a file of settings, without any network
    Check(Check),
    /// Show one view once, without a screen
    Show(Show),
    /// Ask every source once, and say what to do about each failure
    Doctor(Doctor),
    /// Start a simulated fleet on loopback
    Demo(Demo),
    /// Look after the audit log: who asked for which logs, and why
    Audit {
        /// What to do.
        #[command(subcommand)]
        what: Audit,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Words of `audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check the chain of hashes: that nothing was changed, taken out or moved
    Verify {
        /// The audit log; else the usual place
        file: Option<PathBuf>,
    },
}

/// Words of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// The fleet file, or a file of settings; else the usual places are searched for a fleet
    pub file: Option<PathBuf>,

    /// For people, or for editors and CI
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Print the JSON Schema of the fleet file instead
    #[arg(long)]
    pub schema: bool,
}

/// How a check is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Lines with carets.
    Text,
    /// One JSON object.
    Json,
}

/// Words of `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// Which view
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(view_names()))]
    pub view: String,

    /// Only these installations
    #[arg(value_name = "INSTALLATION")]
    pub named: Vec<String>,

    /// In which form
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(formats()), default_value = "table")]
    pub format: String,

    /// How many columns a picture has
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub width: u16,

    /// How many rows a picture has
    #[arg(long, value_name = "N", default_value_t = 36, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub height: u16,

    /// Judge at another time: RFC 3339, or a date
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// From when, for the calendar
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,

    /// Until when, for the calendar
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,

    /// Only these installations; repeatable
    #[arg(long, value_name = "ID")]
    pub installation: Vec<String>,

    /// The version `readiness` is asked about, instead of the target
    #[arg(long, value_name = "V")]
    pub version: Option<String>,

    /// Which log lines: a text, or a query that begins with `{`; else every line
    #[arg(long, value_name = "QUERY")]
    pub query: Option<String>,

    /// How far back log lines are looked for
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub since: String,

    /// How many log lines at most: the newest
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: usize,

    /// Why logs are read, where an agreement wants to know; it stands in the audit record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// How long to wait for sources; what has not answered by then is shown as such
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub wait: String,

    /// End with 1 where something is at least this bad
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,

    /// Ask nobody: what the fleet file alone says
    #[arg(long)]
    pub offline: bool,
}

/// Words of `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// How many installations; else as the scenario has it
    #[arg(long, value_name = "N")]
    pub installations: Option<usize>,

    /// The dice: the same number gives the same world
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,

    /// Simulated time per real time; else as the scenario has it
    #[arg(long, value_name = "X")]
    pub speed: Option<f64>,

    /// What is made to happen; else an ordinary day
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,

    /// Print the scenarios
    #[arg(long)]
    pub list: bool,

    /// When the world is entered, RFC 3339; else as the scenario has it
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,

    /// The loopback port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,

    /// Open no screen: print the fleet file's path and serve until stopped
    #[arg(long)]
    pub serve: bool,

    /// Play the tour through the scenario; a Friday night unless said
    #[arg(long, conflicts_with = "serve")]
    pub tour: bool,

    /// Open no screen: write the tour's pictures into this folder
    #[arg(long, value_name = "FOLDER", requires = "tour")]
    pub pictures: Option<PathBuf>,
}

/// Words of `doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Only these installations
    #[arg(value_name = "INSTALLATION")]
    pub installations: Vec<String>,

    /// How long to wait for all of them
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub wait: String,

    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// How bad is bad enough to end with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Warnings and worse.
    Warning,
    /// Only what is critical.
    Critical,
}

fn formats() -> Vec<clap::builder::PossibleValue> {
    crate::export::FORMATS.iter().map(|one| clap::builder::PossibleValue::new(one.name).help(one.about)).collect()
}

fn view_names() -> Vec<&'static str> {
    crate::views::ViewName::ALL.iter().map(|view| view.name()).collect()
}
