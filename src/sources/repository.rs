//! What every kind has that reads a git repository: its keys, and the question for all of it.

use crate::fleetfile::endpoint::Address;
use crate::fleetfile::section::Section;
use crate::net::door::{GitAsk, SshWay};
use crate::text::clean::Clean;

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

/// What people call a section's repository: `ops/gates` for `https://git.example.test/ops/gates.git`.
#[must_use]
pub fn called(section: &Section<'_>) -> Option<Clean> {
    match section.known_address()? {
        Address::Repository(address) => Some(Clean::line_within(short(address.as_str()), 80)),
        Address::Url(_) | Address::Socket(_) | Address::File(_) => None,
    }
}

/// The last two steps of an address's path: neither a host nor a name to log in with stands there.
fn short(address: &str) -> &str {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.rsplit_once(':').map_or(path, |(_, path)| path).trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let two = path.rmatch_indices('/').nth(1).and_then(|(at, _)| path.get(at + 1..));
    two.unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_called_by_the_end_of_its_path_alone() {
        for (address, called) in [
            ("https://git.example.test/ops/gates.git", "ops/gates"),
            ("https://user:secret@git.example.test/gates.git", "gates"),
            ("ssh://git@git.example.test:2222/a/b/gates", "b/gates"),
            ("git@git.example.test:ops/gates.git", "ops/gates"),
            ("file:///srv/git/gates.git/", "git/gates"),
            ("/srv/gates", "srv/gates"),
            ("https://git.example.test", ""),
        ] {
            assert_eq!(short(address), called, "{address}");
        }
    }
}
