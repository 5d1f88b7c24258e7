//! OpenVPN, by its management interface: version, state, traffic and how many clients are in. Never who they are.
//!
//! The interface serves one client at a time and lets the next one wait without a word: so it is asked and left at once,
//! and silence is told as what it is.

use crate::domain::assurance::Tunnel;
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Conversation, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::epoch;
use crate::text::clean::Clean;

/// OpenVPN's management interface.
pub static KIND: Kind = Kind {
    name: "openvpn",
    about: "version, state, clients and traffic of an OpenVPN daemon, by its management interface",
    example: r#"{ kind = "openvpn", address = "127.0.0.1:7505", password = { env = "ACME_VPN" } }"#,
    stands: Stands::Place,
    build,
};

const PRODUCT: &str = "openvpn";
const PROMPT: &str = "ENTER PASSWORD:";
const GREETING: &str = ">INFO:OpenVPN Management Interface";

struct OpenVpn {
    /// What the tunnel is called.
    name: Clean,
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let name = section.optional(("name", "tells it from another of its kind"));
    Some(Built::new(OpenVpn { name: name.unwrap_or_else(|| Clean::line(PRODUCT)) }))
}

impl Source for OpenVpn {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut talk = door.talk().await?;
            enter(&mut *talk).await?;
            let mut said = Said::default();
            for question in [VERSION, STATE, LOAD, STATUS] {
                question.ask(&mut *talk, &mut said).await?;
            }
            // Whoever waits behind us is served the sooner. Whether it is heard does not matter.
            let _ = talk.say("quit").await;
            said.heard(&self.name)
        })
    }
}

/// Until the interface says that it is one.
async fn enter(talk: &mut dyn Conversation) -> Result<(), Fault> {
    let mut line = match talk.hear(Some(PROMPT)).await {
        Err(Fault::Slow { allowed }) => return Err(Fault::Occupied { waited: allowed }),
        first => first?.ok_or_else(|| instead("a connection that was closed without a word"))?,
    };
    if line == PROMPT {
        let credential = talk.say_password().await?;
        let answer = next(talk).await?;
        // 2.6 only asks again; the documentation promises an error before it does.
        if answer.starts_with("ERROR:") || answer == PROMPT {
            return Err(Fault::Unauthorised { credential: Some(credential) });
        }
        line = if answer.starts_with("SUCCESS:") { next(talk).await? } else { answer };
    }
    if line.starts_with(GREETING) { Ok(()) } else { Err(instead(&format!("`{}`", Clean::line_within(&line, 60)))) }
}

async fn next(talk: &mut dyn Conversation) -> Result<String, Fault> {
    talk.hear(Some(PROMPT)).await?.ok_or_else(|| instead("a conversation that ends in the middle"))
}

fn instead(why: &str) -> Fault {
    Fault::Garbled { expected: "an OpenVPN management interface", why: Clean::line(why) }
}

/// One question, and how its answer is read.
struct Question {
    word: &'static str,
    /// Whether the answer goes on until a line `END`.
    long: bool,
    read: fn(&mut Said, &str),
}

const VERSION: Question = Question { word: "version", long: true, read: Said::version };
const STATE: Question = Question { word: "state", long: true, read: Said::state };
const LOAD: Question = Question { word: "load-stats", long: false, read: Said::load };
const STATUS: Question = Question { word: "status 3", long: true, read: Said::status };

impl Question {
    async fn ask(&self, talk: &mut dyn Conversation, said: &mut Said) -> Result<(), Fault> {
        talk.say(self.word).await?;
        loop {
            let line = next(talk).await?;
            // What it says by itself may stand between any two lines of an answer.
            if let Some(aside) = line.strip_prefix('>') {
                said.held |= aside.starts_with("HOLD:");
            } else if let Some(why) = line.strip_prefix("ERROR:") {
                said.refused.push((self.word, Clean::line_within(why.trim(), 200)));
                return Ok(());
            } else if line == "END" {
                return Ok(());
            } else {
                (self.read)(said, &line);
                if !self.long {
                    return Ok(());
                }
            }
        }
    }
}

/// What it said.
#[derive(Default)]
struct Said {
    version: Option<Clean>,
    state: Option<State>,
    load: Option<Load>,
    clients: Clients,
    held: bool,
    refused: Vec<(&'static str, Clean)>,
}

struct State {
    since: Option<Moment>,
    word: String,
    description: String,
}

#[derive(Default)]
struct Load {
    clients: Option<u32>,
    received: Option<u64>,
    sent: Option<u64>,
}

/// Counted from the list of clients: those still proving who they are are none yet.
#[derive(Default)]
struct Clients {
    /// In which column the name stands. Older versions have fewer columns.
    name_at: Option<usize>,
    n: u32,
    /// A daemon that is itself a client has no list.
    is_client: bool,
}

impl Said {
    /// `OpenVPN Version: OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] ...`
    fn version(&mut self, line: &str) {
        let version = line.strip_prefix("OpenVPN Version:").and_then(|rest| rest.trim().strip_prefix("OpenVPN "));
        let token = version.and_then(|rest| rest.split_whitespace().next());
        self.version = self.version.take().or_else(|| token.map(|token| Clean::line_within(token, 60)));
    }

    /// `1795000000,CONNECTED,SUCCESS,10.8.0.1,,,,`
    fn state(&mut self, line: &str) {
        let mut parts = line.split(',');
        let since = parts.next().and_then(|seconds| seconds.trim().parse().ok()).and_then(epoch);
        if let (Some(word), description) = (parts.next(), parts.next().unwrap_or_default()) {
            let short = |text: &str| Clean::line_within(text.trim(), 60).as_str().to_owned();
            self.state = Some(State { since, word: short(word), description: short(description) });
        }
    }

    /// `SUCCESS: nclients=2,bytesin=48211334,bytesout=91230011`
    fn load(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("SUCCESS:") else { return };
        let mut load = Load::default();
        for (key, value) in rest.split(',').filter_map(|pair| pair.trim().split_once('=')) {
            match key {
                "nclients" => load.clients = value.parse().ok(),
                "bytesin" => load.received = value.parse().ok(),
                "bytesout" => load.sent = value.parse().ok(),
                _ => {}
            }
        }
        self.load = Some(load);
    }

    /// A line of the list, its fields between tabs, its columns named by a line before it.
    fn status(&mut self, line: &str) {
        let clients = &mut self.clients;
        let mut fields = line.split('\t');
        match (fields.next(), clients.name_at) {
            (Some("HEADER"), None) if fields.next() == Some("CLIENT_LIST") => {
                clients.name_at = fields.position(|column| column == "Common Name");
            }
            (Some("CLIENT_LIST"), Some(at)) if fields.nth(at).is_some_and(|name| name != "UNDEF") => {
                clients.n = clients.n.saturating_add(1);
            }
            (Some("OpenVPN STATISTICS"), _) => clients.is_client = true,
            _ => {}
        }
    }

    fn heard(self, name: &Clean) -> Result<Heard, Fault> {
        let Some(version) = self.version else { return Err(instead("no version")) };
        let mut heard = Heard::default();
        for (word, why) in self.refused {
            heard.gaps.push(Gap { place: Clean::line(word), why, kind: GapKind::Odd });
        }
        heard.facts.push(Fact::here(What::Sighting(Sighting {
            product: ProductId::from(PRODUCT),
            version,
            evidence: Evidence::Answered,
            part: None,
        })));
        let load = self.load.unwrap_or_default();
        let clients = match (self.clients.name_at, self.clients.is_client) {
            (_, true) => None,
            (Some(_), false) => Some(self.clients.n),
            (None, false) => load.clients,
        };
        let (said, level) = match &self.state {
            _ if self.held => ("held, waits for a release".to_owned(), Level::Warning),
            Some(state) => state.judged(),
            None => ("does not tell".to_owned(), Level::Unknown),
        };
        let said = Clean::line_within(&said, 120);
        heard.facts.push(Fact::here(What::Health(Health {
            product: Some(ProductId::from(PRODUCT)),
            what: Clean::line("state"),
            level,
            detail: said.clone(),
        })));
        heard.facts.push(Fact::here(What::Tunnel(Box::new(Tunnel {
            name: name.clone(),
            said,
            level,
            clients,
            received: load.received,
            sent: load.sent,
            since: self.state.and_then(|state| state.since),
        }))));
        Ok(heard)
    }
}

impl State {
    /// Its word, and how good that is. A state nobody knows is unknown, never well.
    fn judged(&self) -> (String, Level) {
        let level = match self.word.as_str() {
            // Up, but a route or an address could not be set.
            "CONNECTED" if self.description.contains("ERROR") => {
                return (format!("{}, {}", self.word, self.description), Level::Warning);
            }
            "CONNECTED" => Level::Ok,
            "RECONNECTING" | "EXITING" => Level::Critical,
            "INITIAL" | "CONNECTING" | "WAIT" | "AUTH" | "AUTH_PENDING" | "GET_CONFIG" | "ASSIGN_IP" | "ADD_ROUTES"
            | "RESOLVE" | "TCP_CONNECT" => Level::Warning,
            _ => Level::Unknown,
        };
        (self.word.clone(), level)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
