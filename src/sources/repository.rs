//! What every kind has that reads a git repository: its keys, and the question for all of it.

use crate::fleetfile::section::Section;
use crate::net::door::{GitAsk, SshWay};

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

/// Asks for all files of a branch, and so many commits back.
#[must_use]
pub fn whole(branch: Option<&String>, depth: u32, file_limit: u64, ssh: &SshWay) -> GitAsk {
    GitAsk { branch: branch.cloned(), depth: Some(depth), below: Vec::new(), file_limit, mark: None, ssh: ssh.clone() }
}
