//! Where a credential comes from. The credential itself is never written in a fleet file and never held here.

use std::path::PathBuf;

use crate::text::clean::Clean;

/// A reference to a credential. Showing it shows its name, never its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// An environment variable.
    Env(Clean),
    /// A file that only its owner may read.
    File(PathBuf),
    /// A program that prints it.
    Command(Vec<String>),
    /// A credential written within a kubeconfig, as kubectl's own tools do. `net::kubeconfig::credential` fetches it.
    Kubeconfig {
        /// The kubeconfig.
        file: PathBuf,
        /// The user it belongs to.
        user: Clean,
        /// Its key there: `token`, `password` or `client-key-data`.
        key: &'static str,
    },
}

impl Secret {
    /// Its name, for errors and screens: `env ACME_TOKEN`, `file secrets/acme.token`, `command vault`.
    #[must_use]
    pub fn name(&self) -> Clean {
        Clean::line(&match self {
            Self::Env(name) => format!("env {name}"),
            Self::File(path) => format!("file {}", path.display()),
            // Arguments may name things nobody else should read; the program alone tells enough.
            Self::Command(words) => format!("command {}", words.first().map_or("", String::as_str)),
            Self::Kubeconfig { file, user, key } => format!("{key} of `{user}` in {}", file.display()),
        })
    }
}
