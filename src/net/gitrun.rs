//! How git is called: no hooks, no questions, nobody's configuration, and only the ways an endpoint allows.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use super::auth::Ticket;
use super::door::{GitAsk, SshWay};
use super::system::system;
use super::tls::Papers;
use crate::domain::clock::Moment;
use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// One question to a repository.
pub struct Errand<'a> {
    /// Where the repository is.
    pub address: &'a str,
    /// What it is shown.
    pub ticket: &'a Ticket,
    /// The name of the credential.
    pub credential: Option<Clean>,
    /// Whom it is trusted by.
    pub papers: &'a Papers,
    /// The proxy on the way.
    pub proxy: Option<&'a Clean>,
    /// The time one command may take.
    pub allowed: Duration,
    /// When it is asked.
    pub now: Moment,
    /// What is wanted.
    pub ask: &'a GitAsk,
}

/// A call of git in a copy. Credentials travel in the environment: arguments are read by everybody on the machine.
///
/// # Errors
/// Where something is wanted that git can't be given.
pub fn command(copy: &Path, errand: &Errand<'_>, words: &[&str]) -> Result<Command, Fault> {
    let Errand { ticket, papers, proxy, address, .. } = errand;
    let mut settings: Vec<(String, String)> = [
        ("core.hooksPath", "/dev/null"),
        ("core.askPass", ""),
        ("credential.helper", ""),
        ("protocol.allow", "never"),
        ("protocol.https.allow", "always"),
        ("protocol.http.allow", "always"),
        ("protocol.ssh.allow", "always"),
        ("protocol.file.allow", "always"),
        ("http.followRedirects", "false"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("fetch.fsckObjects", "false"),
        ("core.fsmonitor", "false"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    // A server that hangs is given up on after the endpoint's time, however long a first copy may take.
    let patience = errand.allowed.as_secs().max(1);
    settings.push(("http.lowSpeedLimit".to_owned(), "1".to_owned()));
    settings.push(("http.lowSpeedTime".to_owned(), patience.to_string()));
    // An empty one is "none", whatever the environment says.
    settings.push(("http.proxy".to_owned(), proxy.map_or("", |proxy| proxy.as_str()).to_owned()));
    for (name, value) in &ticket.headers {
        let value =
            value.to_str().map_err(|_| Fault::Secret { why: Clean::line("it holds a character git cannot carry") })?;
        settings.push(("http.extraHeader".to_owned(), format!("{name}: {value}")));
    }
    if proxy.is_some() && is_ssh(address) {
        return Err(Fault::Proxy { why: Clean::line("git over ssh takes its proxy from `~/.ssh/config`") });
    }
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(copy).args(words).current_dir(copy);
    // Nothing of the caller's own git counts here, and no proxy but the endpoint's.
    let ours = |name: &str| name.starts_with("GIT_") || name.to_ascii_lowercase().ends_with("_proxy");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
    command.env_remove("SSH_ASKPASS");
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_SSH_COMMAND", ssh(&errand.ask.ssh, patience)?)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (n, (name, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{n}"), name).env(format!("GIT_CONFIG_VALUE_{n}"), value);
    }
    if papers.insecure {
        command.env("GIT_SSL_NO_VERIFY", "1");
    }
    if let Some(path) = authority(copy, papers.ca.as_deref())? {
        command.env("GIT_SSL_CAINFO", path);
    }
    if papers.identity.is_some() {
        return Err(Fault::Program { why: Clean::line("git is given no client certificate: use a token or a key") });
    }
    Ok(command)
}

/// The private authority as a file git can read: it holds nothing but certificates.
fn authority(copy: &Path, pem: Option<&[u8]>) -> Result<Option<OsString>, Fault> {
    let Some(pem) = pem else { return Ok(None) };
    let path = copy.join("quarterdeck-ca.pem");
    if std::fs::read(&path).ok().as_deref() != Some(pem) {
        std::fs::write(&path, pem).map_err(|error| Fault::Program {
            why: Clean::line(&format!("the cache folder {}: {}", path.display(), system(&error))),
        })?;
    }
    Ok(Some(path.into_os_string()))
}

/// The SSH client with its options, as git's shell reads it. It asks nobody and trusts no new host.
fn ssh(way: &SshWay, patience: u64) -> Result<String, Fault> {
    let path = |path: &Path| {
        let text =
            path.to_str().filter(|text| !text.contains(['"', '\'', '\\']) && !text.chars().any(char::is_control));
        let odd = Fault::Garbled { expected: "a path ssh can be told", why: Clean::line(&path.display().to_string()) };
        text.map(|text| text.replace('%', "%%")).ok_or(odd)
    };
    let mut words = format!(
        "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o ConnectTimeout={patience} \
         -o ServerAliveInterval={patience} -o ServerAliveCountMax=1"
    );
    if let Some(key) = &way.key {
        let key = path(key)?;
        words.push_str(&format!(" -o IdentitiesOnly=yes -o IdentityAgent=none -o 'IdentityFile=\"{key}\"'"));
    }
    if let Some(hosts) = &way.known_hosts {
        let hosts = path(hosts)?;
        words.push_str(&format!(" -o 'UserKnownHostsFile=\"{hosts}\"' -o GlobalKnownHostsFile=/dev/null"));
    }
    Ok(words)
}

fn is_ssh(address: &str) -> bool {
    address.starts_with("ssh://")
        || (!address.contains("://") && address.split(['/', ':']).next().is_some_and(|s| s.contains('@')))
}
