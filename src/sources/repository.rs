//! The keys every kind has that reads a git repository.

use crate::fleetfile::section::Section;
use crate::net::door::SshWay;

/// Reads how a repository is reached over SSH, and holds against the section that it names none. `what` asks for it.
pub fn ssh(section: &mut Section<'_>, what: &str) -> SshWay {
    let key =
        section.path(("ssh_key", "the private key shown to an SSH server; the agent's and the user's own unless said"));
    let known_hosts =
        section.path(("known_hosts", "the host keys that are trusted, and no others; the user's own unless said"));
    if !section.has("repository") {
        let other = ["url", "address", "file"].into_iter().find(|key| section.has(key));
        let missing = format!("`repository` is missing: {what}");
        match other {
            Some(key) => section.refuse_with(key, missing, format!("write `repository` in place of `{key}`")),
            None => section.refuse("kind", missing),
        }
    }
    SshWay { key, known_hosts }
}
