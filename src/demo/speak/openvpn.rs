//! OpenVPN's management interface: version, state, traffic, and who is connected.

use std::fmt::Write as _;

use chrono::{Datelike, TimeDelta, Timelike, Weekday};

use super::times::seconds;
use crate::demo::cast::Installation;
use crate::demo::glance::Glance;
use crate::demo::parts::part_named;
use crate::domain::clock::Moment;

/// What it says first, without an end of line.
pub const PROMPT: &str = "ENTER PASSWORD:";
/// What it wants to hear.
pub const PASSWORD: &str = "a-word-that-opens-nothing-real";

/// How many wrong words it listens to.
const TRIES: u32 = 3;

/// One conversation.
#[derive(Debug, Default)]
pub struct Session {
    is_in: bool,
    tries: u32,
}

/// Somebody connected.
struct Client {
    name: String,
    number: i64,
    since: Moment,
}

impl Session {
    /// What is answered to a line; none where the conversation ends.
    pub fn answer(&mut self, glance: &Glance<'_>, one: &Installation, line: &str) -> Option<String> {
        if !self.is_in {
            self.is_in = line == PASSWORD;
            self.tries += 1;
            return match (self.is_in, self.tries) {
                (true, _) => Some(
                    "SUCCESS: password is correct\r\n>INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info\r\n"
                        .to_owned(),
                ),
                (false, TRIES..) => None,
                (false, _) => Some(PROMPT.to_owned()),
            };
        }
        let runs = glance.part(one, part_named("openvpn")?)?;
        let title = format!(
            "OpenVPN {} x86_64-pc-linux-gnu [SSL (OpenSSL)] [LZO] [LZ4] [EPOLL] [PKCS11] [MH/PKTINFO] [AEAD]",
            runs.version
        );
        let since = runs.since.min(glance.at);
        let clients = clients(glance, one);
        Some(match line {
            "version" => format!("OpenVPN Version: {title}\r\nManagement Version: 5\r\nEND\r\n"),
            // While it is being exchanged its clients look for it.
            "state" if runs.moving.is_some() => {
                format!("{},RECONNECTING,SIGUSR1,,,,,\r\nEND\r\n", glance.at.timestamp())
            }
            "state" => format!("{},CONNECTED,SUCCESS,10.8.0.1,,,,\r\nEND\r\n", since.timestamp()),
            "load-stats" => {
                let (received, sent) = clients.iter().fold((0, 0), |sum, client| {
                    let (received, sent) = traffic(glance, client);
                    (sum.0 + received, sum.1 + sent)
                });
                let earlier = (glance.at - since).num_hours() * 73_421_117;
                let (received, sent) = (earlier + received, earlier * 2 + sent);
                format!("SUCCESS: nclients={},bytesin={received},bytesout={sent}\r\n", clients.len())
            }
            "status 3" => status(glance, &title, &clients),
            "quit" | "exit" => return None,
            _ => "ERROR: unknown command, enter 'help' for more options\r\n".to_owned(),
        })
    }
}

/// Who is connected: more by day, few at night and on weekends.
fn clients(glance: &Glance<'_>, one: &Installation) -> Vec<Client> {
    let zone: chrono_tz::Tz = one.zone.parse().unwrap_or(chrono_tz::UTC);
    let local = glance.at.with_timezone(&zone);
    let at_work = (8..18).contains(&local.hour()) && !matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    let day = glance.at.timestamp().div_euclid(86_400);
    let staff = glance.dice(&["staff", &one.id], 0).within(4, 14);
    (0..staff)
        .filter_map(|number| {
            let mut dice = glance.dice(&["vpn", &one.id, &number.to_string()], day);
            let there = dice.chance(if at_work { 700 } else { 90 });
            let since = glance.at - TimeDelta::minutes(dice.within(3, 190));
            there.then(|| Client { name: format!("ops-{number:02}"), number, since })
        })
        .collect()
}

/// Bytes received from and sent to a client.
fn traffic(glance: &Glance<'_>, client: &Client) -> (i64, i64) {
    let seconds = (glance.at - client.since).num_seconds();
    (seconds * (900 + client.number * 37), seconds * (2_300 + client.number * 91))
}

fn status(glance: &Glance<'_>, title: &str, clients: &[Client]) -> String {
    let mut text = format!("TITLE\t{title}\r\nTIME\t{}\t{}\r\n", seconds(glance.at), glance.at.timestamp());
    text += "HEADER\tCLIENT_LIST\tCommon Name\tReal Address\tVirtual Address\tVirtual IPv6 Address\tBytes Received\tBytes Sent\t\
             Connected Since\tConnected Since (time_t)\tUsername\tClient ID\tPeer ID\tData Channel Cipher\r\n";
    for client in clients {
        let Client { name, number, since } = client;
        let (received, sent) = traffic(glance, client);
        let _ = write!(
            text,
            "CLIENT_LIST\t{name}\t198.51.100.{}:{}\t10.8.0.{}\t\t{received}\t{sent}\t{}\t{}\tUNDEF\t{number}\t{number}\tAES-256-GCM\r\n",
            number + 10,
            51_000 + number,
            number + 2,
            seconds(*since),
            since.timestamp()
        );
    }
    text += "HEADER\tROUTING_TABLE\tVirtual Address\tCommon Name\tReal Address\tLast Ref\tLast Ref (time_t)\r\n";
    text + "GLOBAL_STATS\tMax bcast/mcast queue length\t1\r\nGLOBAL_STATS\tdco_enabled\t0\r\nEND\r\n"
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::scenario::Scenario;
    use crate::demo::world::{Setup, World};
    use crate::demo::writes::Writes;

    #[test]
    fn who_knows_the_word_is_answered_and_others_are_left_after_three() {
        let anchor = "2026-11-19T10:00:00Z".parse().unwrap();
        let world = World::new(Setup { seed: 7, scenario: Scenario::Everyday, installations: 12, anchor });
        let writes = Writes::default();
        let glance = Glance::of(&world, anchor, &writes);
        let one = world.installation("initech").unwrap();
        let mut session = Session::default();
        let mut ask = |line: &str| session.answer(&glance, one, line);
        assert_eq!(ask("guess").as_deref(), Some(PROMPT));
        assert!(ask(PASSWORD).unwrap().contains(">INFO:OpenVPN Management Interface"));
        assert!(ask("version").unwrap().starts_with("OpenVPN Version: OpenVPN 2."));
        let load = ask("load-stats").unwrap();
        let n = ask("status 3").unwrap().matches("\r\nCLIENT_LIST\t").count();
        assert!(load.starts_with(&format!("SUCCESS: nclients={n},")) && n > 0, "{load}");
        assert!(ask("kill all").unwrap().starts_with("ERROR:"));
        assert_eq!(ask("quit"), None);
        let mut stranger = Session::default();
        let answers = ["a", "b", "c"].map(|word| stranger.answer(&glance, one, word));
        assert_eq!(answers, [Some(PROMPT.to_owned()), Some(PROMPT.to_owned()), None]);
    }
}
