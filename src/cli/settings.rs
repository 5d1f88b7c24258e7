//! What a person chose: their own file first, the command line over it, and the terminal for what nobody said.

use std::io;
use std::path::{Path, PathBuf};

use crate::app::settings::Settings;
use crate::cli::args::Common;
use crate::cli::time;
use crate::diagnostic::{Look, Problem, Problems, Texts, show_all};
use crate::runtime::terminal::{self, Ground};
use crate::text::clean::Clean;
use crate::ui::choices::{Choices, ThemeChoice};
use crate::ui::colour::Depth;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;
use crate::views::lens::Zone;

/// A file of choices, read, with everything that is wrong with it.
pub struct Chosen {
    /// What was understood.
    pub choices: Choices,
    /// A theme of their own.
    pub theme: Option<Theme>,
    /// What is wrong.
    pub problems: Problems,
    /// The texts the problems lie in.
    pub texts: Texts,
    /// How many files there are.
    pub n_files: usize,
}

/// The file of choices, where there is one: the one that is named, else the usual one.
#[must_use]
pub fn place(common: &Common) -> Option<PathBuf> {
    if let Some(named) = &common.config {
        return Some(named.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("quarterdeck/config.toml")).filter(|path| path.is_file())
}

/// No file of a person's own choices is larger, in bytes.
const LARGEST: u64 = 1 << 20;

/// The text of a person's own file: what never ends, or begins only when somebody writes into it, is none.
///
/// # Errors
/// Why it is none, or what the system says.
pub fn text_of(path: &Path) -> io::Result<String> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(io::Error::other("it is no ordinary file"));
    }
    if about.len() > LARGEST {
        return Err(io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    std::fs::read_to_string(path)
}

/// The file of choices and the theme it names, where it names one of its own.
#[must_use]
pub fn files(path: &Path) -> Vec<PathBuf> {
    let text = text_of(path).unwrap_or_default();
    let (choices, _) = Choices::read(&path.display().to_string(), &text);
    let own = match &choices.theme {
        Some(ThemeChoice::File { path: named, .. }) => Some(path.parent().unwrap_or(Path::new("")).join(named)),
        Some(ThemeChoice::Named(_)) | None => None,
    };
    std::iter::once(path.to_owned()).chain(own).collect()
}

/// Reads a file of choices, and the theme it names.
#[must_use]
pub fn read(path: &Path) -> Chosen {
    let file = path.display().to_string();
    let mut texts = Texts::new();
    let mut problems = Problems::new();
    let text = text_of(path).unwrap_or_else(|error| {
        problems.push(Problem::error(file.as_str(), format!("cannot be read: {error}")));
        String::new()
    });
    texts.add(file.as_str(), text.as_str());
    let (choices, found) = Choices::read(&file, &text);
    found.iter().for_each(|problem| problems.push(problem.clone()));
    let (mut theme, mut n_files) = (None, 1);
    if let Some(ThemeChoice::File { path: named, at }) = &choices.theme {
        let own = path.parent().unwrap_or(Path::new("")).join(named);
        let name = own.display().to_string();
        match text_of(&own) {
            Err(error) => problems
                .push(Problem::error(file.as_str(), format!("the theme `{name}` cannot be read: {error}")).at(*at)),
            Ok(text) => {
                n_files += 1;
                texts.add(name.as_str(), text.as_str());
                match Theme::read(&name, &text) {
                    Ok(read) => theme = Some(read),
                    Err(found) => found.iter().for_each(|problem| problems.push(problem.clone())),
                }
            }
        }
    }
    Chosen { choices, theme, problems, texts, n_files }
}

/// What holds for a cockpit in this terminal.
///
/// # Errors
/// Everything that is wrong in the file of choices, or what the command line says wrongly.
pub fn of(common: &Common) -> Result<Settings, String> {
    let depth = Depth::told_by(&|name| std::env::var(name).ok());
    looks(common, depth, || match depth {
        Depth::None => Ground::Dark,
        Depth::Sixteen | Depth::Indexed | Depth::True => terminal::ground(),
    })
    .map(Settings::thrifty)
}

/// What holds since the file of choices changed. What the terminal is like is known from before: it is asked once.
///
/// # Errors
/// As at the start.
pub fn again(common: &Common, before: &Settings) -> Result<Settings, String> {
    let ground = if before.theme.dark { Ground::Dark } else { Ground::Light };
    looks(common, before.depth, || ground).map(Settings::thrifty)
}

/// What holds for a picture: it has all colours, whatever terminal asked for it.
///
/// # Errors
/// As for a terminal.
pub fn for_a_picture(common: &Common) -> Result<Settings, String> {
    looks(common, Depth::True, || Ground::Dark)
}

fn looks(common: &Common, depth: Depth, ground: impl FnOnce() -> Ground) -> Result<Settings, String> {
    let chosen = place(common).map(|path| (read(&path), path));
    if let Some((chosen, path)) = &chosen
        && chosen.problems.has_errors()
    {
        let shown = show_all(&chosen.problems, &chosen.texts, Look::default());
        let summary = chosen.problems.summary();
        let path = Clean::line(&path.display().to_string());
        return Err(format!("{}\n{path}: {summary}; nothing was started", shown.trim_end()));
    }
    let (choices, own) = chosen.map(|(chosen, _)| (chosen.choices, chosen.theme)).unwrap_or_default();
    let named = match (&common.theme, &choices.theme) {
        (Some(named), _) => Some(named.as_str()),
        (None, Some(ThemeChoice::Named(named))) => Some(named.as_str()),
        (None, Some(ThemeChoice::File { .. }) | None) => None,
    };
    let is_own = named.is_none() && own.is_some();
    let theme = match (named, own) {
        (Some(name), _) => built_in(name)?,
        (None, Some(own)) => own,
        (None, None) if ground() == Ground::Light => built_in("light")?,
        (None, None) => built_in("dark")?,
    };
    let own = Some(theme.clone()).filter(|_| is_own);
    let zone = time::zone(common.zone.as_deref().or(choices.zone.as_deref()))?;
    let usual = Settings::usual(theme.clone());
    let mut settings = Settings {
        keys: Keymap::with(&choices.keys),
        depth,
        ascii: common.ascii || choices.ascii.unwrap_or(false),
        own: (Some(zone).filter(|zone| matches!(zone, Zone::Named(_))), own),
        zone,
        local: time::local(),
        start: choices.start.unwrap_or(usual.start),
        bell: choices.bell.unwrap_or(usual.bell),
        ..usual
    };
    terminal::listen_to_mouse(choices.mouse.unwrap_or(true));
    settings.theme = settings.fitted(theme);
    settings.own.1 = settings.own.1.take().map(|own| settings.fitted(own));
    Ok(settings)
}

fn built_in(name: &str) -> Result<Theme, String> {
    Theme::built_in(name).ok_or_else(|| {
        let near = crate::diagnostic::did_you_mean(name, Theme::names());
        format!("there is no theme `{name}`; {}", near.unwrap_or_else(|| crate::diagnostic::one_of(Theme::names())))
    })
}
