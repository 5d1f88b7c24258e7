use std::collections::VecDeque;
use std::time::Duration;

use super::*;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;

/// An interface that says its lines one by one, and is silent where there is none: closed, or busy.
struct Script {
    lines: VecDeque<&'static str>,
    then: Option<Fault>,
    told: Vec<&'static str>,
}

impl Conversation for Script {
    fn say(&mut self, line: &'static str) -> Pending<'_, Result<(), Fault>> {
        self.told.push(line);
        Box::pin(async { Ok(()) })
    }

    fn say_password(&mut self) -> Pending<'_, Result<Clean, Fault>> {
        self.told.push("(password)");
        Box::pin(async { Ok(Clean::line("env ACME_VPN")) })
    }

    fn hear<'a>(&'a mut self, _prompt: Option<&'a str>) -> Pending<'a, Result<Option<String>, Fault>> {
        let line = self.lines.pop_front().map(str::to_owned);
        let end = self.then.clone();
        Box::pin(async move {
            match (line, end) {
                (None, Some(fault)) => Err(fault),
                (line, _) => Ok(line),
            }
        })
    }
}

fn script(lines: &[&'static str], then: Option<Fault>) -> Script {
    Script { lines: lines.iter().copied().collect(), then, told: Vec::new() }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn who_gets_in_and_who_does_not_is_told_by_name() {
    const HELLO: &str = ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info";
    let slow = || Fault::Slow { allowed: Duration::from_secs(10) };
    let named = Fault::Unauthorised { credential: Some(Clean::line("env ACME_VPN")) };
    for (lines, then, expected) in [
        (&[HELLO][..], None, Ok(())),
        (&[PROMPT, "SUCCESS: password is correct", HELLO], None, Ok(())),
        (&[PROMPT, "ERROR: bad password", PROMPT], None, Err(named.clone())),
        (&[PROMPT, PROMPT], None, Err(named)),
        // Connected, and somebody else is being served.
        (&[], Some(slow()), Err(Fault::Occupied { waited: Duration::from_secs(10) })),
        (&[], None, Err(instead("a connection that was closed without a word"))),
        (&[PROMPT], None, Err(instead("a conversation that ends in the middle"))),
        (&["220 mail.test ESMTP"], None, Err(instead("`220 mail.test ESMTP`"))),
        // It went silent after the password: that is slow, not occupied.
        (&[PROMPT], Some(slow()), Err(slow())),
    ] {
        assert_eq!(run(enter(&mut script(lines, then))), expected, "{lines:?}");
    }
}

fn said(question: &Question, lines: &[&'static str]) -> Said {
    let mut said = Said::default();
    let mut talk = script(lines, None);
    run(question.ask(&mut talk, &mut said)).unwrap();
    assert!(talk.lines.is_empty(), "{:?} were not heard", talk.lines);
    said
}

#[test]
fn what_it_says_by_itself_is_no_part_of_an_answer() {
    let said = said(
        &STATE,
        &[">LOG:1795000001,,x", "1795000000,CONNECTED,SUCCESS,10.8.0.1,,,,", ">HOLD:Waiting for hold release:0", "END"],
    );
    assert_eq!(said.state.as_ref().unwrap().word, "CONNECTED");
    assert_eq!(said.state.unwrap().since.unwrap().timestamp(), 1_795_000_000);
    assert!(said.held);
}

#[test]
fn a_state_is_as_good_as_its_word() {
    for (line, expected, level) in [
        ("1795000000,CONNECTED,SUCCESS,10.8.0.1,,,,", "CONNECTED", Level::Ok),
        ("1795000000,CONNECTED,ROUTE_ERROR,10.8.0.1,,,,", "CONNECTED, ROUTE_ERROR", Level::Warning),
        ("1795000000,RECONNECTING,ping-restart,,,,,", "RECONNECTING", Level::Critical),
        ("1795000000,AUTH,,,,,,", "AUTH", Level::Warning),
        ("0,?,,,,,,", "?", Level::Unknown),
        ("1795000000,GLORIOUS", "GLORIOUS", Level::Unknown),
    ] {
        assert_eq!(said(&STATE, &[line, "END"]).state.unwrap().judged(), (expected.to_owned(), level));
    }
}

#[test]
fn clients_are_those_with_a_name_in_whatever_column_it_stands() {
    let header = "HEADER\tCLIENT_LIST\tCommon Name\tReal Address";
    let other = "HEADER\tCLIENT_LIST\tReal Address\tCommon Name";
    for (lines, expected) in [
        (&[header, "CLIENT_LIST\tada\t198.51.100.24:51820", "CLIENT_LIST\tUNDEF\t203.0.113.9:1", "END"][..], Some(1)),
        (&[other, "CLIENT_LIST\t198.51.100.24:51820\tada", "CLIENT_LIST\t203.0.113.9:1\tUNDEF", "END"], Some(1)),
        (&[header, "CLIENT_LIST", "ROUTING_TABLE\t10.8.0.6\tada", "END"], Some(0)),
        (&["OpenVPN STATISTICS", "Updated,2026-11-21 03:00:00", "TUN/TAP read bytes,1", "END"], None),
    ] {
        let status = Said { version: Some(Clean::line("2.6.14")), ..said(&STATUS, lines) };
        let heard = status.heard(&Clean::line("vpn")).unwrap();
        let What::Tunnel(tunnel) = &heard.facts[2].what else { panic!("{heard:?}") };
        assert_eq!(tunnel.clients, expected, "{lines:?}");
    }
}

#[test]
fn what_it_does_not_know_is_a_gap_and_no_version_is_no_openvpn() {
    let mut said = said(&LOAD, &["ERROR: unknown command, enter 'help' for more options"]);
    said.version = Some(Clean::line("2.3.0"));
    let heard = said.heard(&Clean::line("vpn")).unwrap();
    assert_eq!((heard.gaps.len(), heard.gaps[0].place.as_str()), (1, "load-stats"));
    assert!(matches!(Said::default().heard(&Clean::line("vpn")), Err(Fault::Garbled { .. })));
}

#[test]
fn the_version_is_the_word_after_the_second_name_and_orders() {
    for (line, version) in [
        ("OpenVPN Version: OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] [LZO]", Some("2.6.14")),
        ("OpenVPN Version: OpenVPN 2.7_git [git:master/abc] x86_64-pc-linux-gnu", Some("2.7_git")),
        ("Management Version: 5", None),
        ("OpenVPN Version: OpenVPN ", None),
    ] {
        let told = said(&VERSION, &[line, "END"]).version;
        assert_eq!(told.as_ref().map(Clean::as_str), version);
    }
    let read = |text| Version::read(Scheme::Semver, text);
    assert!(read("2.7_rc6").precedence(&read("2.7.0")).unwrap().is_lt());
    assert!(read("2.6.14").precedence(&read("2.7_rc6")).unwrap().is_lt());
}
