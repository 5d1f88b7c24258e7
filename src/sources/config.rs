//! The copy of a configuration in git: its newest commit, who made it, and how far what is in force lies behind it.

use crate::domain::assurance::ConfigState;
use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::Scope;
use crate::fleetfile::endpoint::Address;
use crate::fleetfile::section::Section;
use crate::net::door::{Door, GitAsk, GitCommit, GitReply, Pending, SshWay};
use crate::sources::dhall;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::repository;
use crate::text::clean::Clean;

/// A configuration repository.
pub static KIND: Kind = Kind {
    name: "config",
    about: "the newest commit of a configuration in git, and how far what is in force lies behind it",
    example: r#"{ kind = "config", repository = "https://git.example.test/config.git", branch = "main", applied = "applied" }"#,
    stands: Stands::Place,
    build,
};

/// How far back it is looked for what is in force.
const DEPTH: u32 = 500;
/// The largest file that is read.
const FILE: u64 = 256 << 10;

struct Config {
    /// What it is called: the last part of its address, and the folder.
    name: String,
    branch: Option<String>,
    /// The folder that counts.
    path: Option<String>,
    /// The branch or tag that marks what is in force.
    applied: Option<String>,
    /// The environment's name, as the configuration may have it.
    environment: Option<String>,
    ssh: SshWay,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let text = |text: Clean| text.as_str().to_owned();
    let branch = section.optional(("branch", "the branch; the repository's own unless said")).map(text);
    let path = section.optional(("path", "the folder that counts; all of it unless said"));
    let applied = section.optional(("applied", "the branch or tag that marks what is in force")).map(text);
    let ssh = repository::ssh(section, "where is the configuration kept?");
    let path = path.map(|path| path.as_str().trim_matches('/').to_owned()).filter(|path| !path.is_empty());
    let environment = match setting.scope {
        Scope::Place(place) => place.environment.as_ref().map(|name| name.as_str().to_owned()),
        Scope::Product(_) | Scope::Fleet => None,
    };
    let name = match (section.known_address().map(Address::shown), &path) {
        (Some(address), Some(path)) => format!("{}/{path}", last(address.as_str())),
        (Some(address), None) => last(address.as_str()).to_owned(),
        (None, path) => path.clone().unwrap_or_else(|| "configuration".to_owned()),
    };
    Some(Built::new(Config { name, branch, path, applied, environment, ssh }))
}

/// The last part of an address: `config` of `https://git.example.test/acme/config.git`.
fn last(address: &str) -> &str {
    let last = address.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(address);
    last.strip_suffix(".git").unwrap_or(last)
}

impl Source for Config {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            // All of the history is asked for: what is in force may be a commit that touched another folder.
            let whole = repository::whole(self.branch.as_ref(), DEPTH, FILE, &self.ssh);
            Ok(self.read(&door.git(GitAsk { mark: self.applied.clone(), ..whole }).await?))
        })
    }
}

impl Config {
    /// Understands the history and the files of a configuration repository.
    fn read(&self, reply: &GitReply) -> Heard {
        let mut heard = Heard::default();
        let ours: Vec<(usize, &GitCommit)> =
            reply.commits.iter().enumerate().filter(|(_, commit)| self.touches(commit)).collect();
        // Where the folder was not touched for longer than the history goes back, the tip stands for it.
        let newest = ours.first().map(|(_, commit)| *commit).or(reply.commits.first());
        let head = newest.map_or(reply.tip.as_str(), |commit| commit.hash.as_str());
        let mut applied = reply.mark.as_deref();
        let behind = applied.and_then(|applied| {
            let at = reply.commits.iter().position(|commit| commit.hash == applied)?;
            u32::try_from(ours.iter().filter(|(turn, _)| *turn < at).count()).ok()
        });
        if behind == Some(0) {
            applied = Some(head);
        }
        if let (Some(name), None) = (&self.applied, applied) {
            heard.gaps.push(gap("applied", &format!("no branch or tag `{name}` there"), GapKind::Odd));
        }
        if let (Some(_), None) = (applied, behind) {
            heard.gaps.push(gap("applied", "what is in force is none of the last commits", GapKind::Partial));
        }
        let files = reply.files.iter().filter(|file| self.holds(&file.path) && file.path.ends_with(".dhall"));
        let read = dhall::read_all(files.filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?))));
        for (path, why) in &read.broken {
            heard.gaps.push(gap(path, why, GapKind::Odd));
        }
        let wants = self.environment.as_deref().and_then(|name| dhall::version_of(&read.values, name));
        // Where the wanted version was found, what else stands there is nobody's worry.
        if let (Some(first), None, Some(_)) = (read.beyond.first(), &wants, &self.environment) {
            let others = read.beyond.len() - 1;
            let more = if others == 0 { String::new() } else { format!(", and so do {others} more files") };
            let why = format!("imports something or computes{more}: the wanted version is not known from it");
            heard.gaps.push(gap(first, &why, GapKind::Partial));
        }
        heard.facts.push(Fact::here(What::Config(Box::new(ConfigState {
            name: Clean::line_within(&self.name, 80),
            head: Clean::line(head),
            head_at: newest.map(|commit| commit.committed),
            author: newest.map(|commit| Clean::line_within(&commit.author, 80)),
            subject: newest.map_or_else(|| Clean::line(""), |commit| Clean::line_within(&commit.subject, 120)),
            applied: applied.map(Clean::line),
            behind,
            rewritten: reply.rewritten,
            signature: newest.map(|commit| Clean::line(&commit.signature)).filter(|letter| !letter.is_empty()),
            wants: wants.map(|version| Clean::line_within(&version, 100)),
            broken: read.broken.first().map(|(path, why)| Clean::line_within(&format!("{path}: {why}"), 200)),
        }))));
        heard
    }

    fn holds(&self, path: &str) -> bool {
        match &self.path {
            Some(folder) => path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')),
            None => true,
        }
    }

    fn touches(&self, commit: &GitCommit) -> bool {
        self.path.is_none() || commit.touched.iter().any(|(_, path)| self.holds(path))
    }
}

fn gap(place: &str, why: &str, kind: GapKind) -> Gap {
    Gap { place: Clean::line_within(place, 120), why: Clean::line_within(why, 300), kind }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::net::door::GitFile;

    fn commit(hash: &str, touched: &[&str]) -> GitCommit {
        GitCommit {
            hash: hash.to_owned(),
            author: "Ada".to_owned(),
            mail: "ada@acme.test".to_owned(),
            committed: Moment::default(),
            subject: format!("change {hash}"),
            signature: "N".to_owned(),
            touched: touched.iter().map(|path| ('M', (*path).to_owned())).collect(),
        }
    }

    fn told(path: Option<&str>, mark: Option<&str>) -> (String, Option<String>, Option<u32>, usize) {
        let config = Config {
            name: "config".to_owned(),
            branch: None,
            path: path.map(str::to_owned),
            applied: Some("applied".to_owned()),
            environment: None,
            ssh: SshWay::default(),
        };
        let commits = vec![
            commit("d", &["other/x"]),
            commit("c", &["acme/a", "other/x"]),
            commit("b", &["other/x"]),
            commit("a", &["acme/a"]),
        ];
        let reply = GitReply { tip: "d".to_owned(), commits, mark: mark.map(str::to_owned), ..GitReply::default() };
        let heard = config.read(&reply);
        let What::Config(one) = &heard.facts[0].what else { panic!("{heard:?}") };
        (one.head.to_string(), one.applied.as_ref().map(Clean::to_string), one.behind, heard.gaps.len())
    }

    #[test]
    fn what_is_in_force_is_counted_in_commits_that_touch_what_counts() {
        let some = |text: &str| Some(text.to_owned());
        for (path, mark, expected) in [
            (None, Some("d"), ("d", some("d"), Some(0), 0)),
            (None, Some("b"), ("d", some("b"), Some(2), 0)),
            (Some("acme"), Some("b"), ("c", some("b"), Some(1), 0)),
            // Applied with the last commit that counts, or after it: nothing is missing.
            (Some("acme"), Some("c"), ("c", some("c"), Some(0), 0)),
            (Some("acme"), Some("d"), ("c", some("c"), Some(0), 0)),
            (None, Some("older"), ("d", some("older"), None, 1)),
            (None, None, ("d", None, None, 1)),
            (Some("nowhere"), None, ("d", None, None, 1)),
        ] {
            let (head, applied, behind, gaps) = expected;
            assert_eq!(told(path, mark), (head.to_owned(), applied, behind, gaps), "{path:?} {mark:?}");
        }
    }

    #[test]
    fn a_configuration_that_imports_says_that_its_version_is_not_known_from_it() {
        let plain = "{ name = \"production\", version = \"2026.41.0\" }";
        let imports = "let base = https://dhall.test/base.dhall in base // { name = \"production\" }";
        for (texts, wants, gaps) in [
            (vec![plain], Some("2026.41.0"), 0),
            (vec![imports], None, 1),
            (vec![imports, plain], Some("2026.41.0"), 0),
            (vec![imports, imports], None, 1),
        ] {
            let config = Config {
                name: "config".to_owned(),
                branch: None,
                path: None,
                applied: None,
                environment: Some("production".to_owned()),
                ssh: SshWay::default(),
            };
            let file =
                |(n, text): (usize, &&str)| GitFile { path: format!("{n}.dhall"), text: Some((*text).to_owned()) };
            let files = texts.iter().enumerate().map(file).collect();
            let heard = config.read(&GitReply { tip: "d".to_owned(), files, ..GitReply::default() });
            let What::Config(one) = &heard.facts[0].what else { panic!("{heard:?}") };
            assert_eq!(one.wants.as_ref().map(Clean::as_str), wants, "{texts:?}");
            assert_eq!(heard.gaps.len(), gaps, "{:?}", heard.gaps);
        }
    }

    #[test]
    fn a_repository_is_called_by_the_last_part_of_its_address() {
        for address in
            ["https://git.test/acme/config.git", "git@git.test:config", "/srv/config.git/", "ssh://a@b:22/config"]
        {
            assert_eq!(last(address), "config");
        }
    }
}
