//! The line of a remote shell: how much of what we wrote still waits to get through it. Between us and a slow line lie
//! buffers that take everything at once, so that a picture arrives long after the key it answers; who wants keys to be
//! answered soon must look at what is still in them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::runtime::clock::instant;

/// As much may wait while the next frame is written: a tenth of a second on a poor line, a few steps on a far one.
const WAITING: u64 = 1024;

/// Looking costs something where there are many connections, so little things are written without it.
const UNSEEN: usize = 512;

/// How often is looked while too much waits.
const LOOK: Duration = Duration::from_millis(20);

/// A line that took nothing for so long is not waited for: it may be another's that we took for ours.
const PATIENCE: Duration = Duration::from_secs(3);

/// The tables of connections, as the system writes them.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Looks at the line, where there is one that can be looked at.
#[derive(Debug, Default)]
pub struct Line {
    ends: Option<Ends>,
    table: Option<&'static str>,
    unseen: usize,
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    here: SocketAddr,
    there: SocketAddr,
}

impl Line {
    /// The line this program was started over, as the server of the remote shell tells it.
    #[must_use]
    pub fn ours() -> Self {
        let ends = std::env::var("SSH_CONNECTION").ok().and_then(|told| Ends::read(&told));
        let holds = |table: &&str| ends.is_some_and(|ends| look(table, ends).is_some());
        Self { ends, table: TABLES.into_iter().find(holds), unseen: 0 }
    }

    /// Waits until so little is under way that the next frame will not be late, where so many bytes were written now.
    pub fn ready(&mut self, written: usize) {
        self.unseen = self.unseen.saturating_add(written);
        let (Some(ends), Some(table)) = (self.ends, self.table) else { return };
        if self.unseen < UNSEEN {
            return;
        }
        self.unseen = 0;
        let (mut least, mut since) = (u64::MAX, instant());
        loop {
            std::thread::sleep(LOOK);
            // A connection that is gone has nothing that waits.
            let waiting = look(table, ends).unwrap_or(0);
            if waiting <= WAITING {
                return;
            }
            if waiting < least {
                (least, since) = (waiting, instant());
            } else if instant() - since > PATIENCE {
                return;
            }
        }
    }
}

/// How many bytes of a connection the other side has not got yet. None where there is no such connection.
fn look(table: &str, ends: Ends) -> Option<u64> {
    waiting(&std::fs::read_to_string(table).ok()?, ends)
}

fn waiting(table: &str, ends: Ends) -> Option<u64> {
    table.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (here, there) = (address(words.next()?)?, address(words.next()?)?);
        let (queues, same) = (words.nth(1)?, here == ends.here && there == ends.there);
        same.then(|| u64::from_str_radix(queues.split_once(':')?.0, 16).ok())?
    })
}

/// Reads `0100007F:56CE`: words of four bytes as the machine keeps them, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(host.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let host = match host.len() {
        8 => IpAddr::from(word(0)?),
        32 => {
            let mut bytes = [0; 16];
            for (n, piece) in bytes.chunks_exact_mut(4).enumerate() {
                piece.copy_from_slice(&word(n)?);
            }
            IpAddr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(host, u16::from_str_radix(port, 16).ok()?))
}

impl Ends {
    /// Reads `192.0.2.7 50022 198.51.100.1 22`: theirs, then ours.
    fn read(told: &str) -> Option<Self> {
        let mut words = told.split_ascii_whitespace();
        let mut end = || {
            // The zone of a link-local address is not in the table.
            let host: IpAddr = words.next()?.split('%').next()?.parse().ok()?;
            Some(SocketAddr::new(host.to_canonical(), words.next()?.parse().ok()?))
        };
        let (there, here) = (end()?, end()?);
        Some(Self { here, there })
    }
}

#[cfg(test)]
#[cfg(target_endian = "little")]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:56CE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 15241 1 0000000000000000 100 0 0 10 0
   1: 0100007F:56CE 0100007F:A3D2 01 00000A2C:00000001 01:00000014 00000000     0        0 15302 2 0000000000000000 20 4 30 10 -1
   2: 0100007F:56CE 0100007F:A3D3 01 0000FFFF:00000000 01:00000014 00000000     0        0 15303 2 0000000000000000 20 4 30 10 -1
";
    const SIXES: &str = "\
   0: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF00000200007F:C001 01 00000010:00000000 00:00000000 00000000 0 0 1 1
   1: B80D0120000000000000000001000000:0016 B80D0120000000000000000002000000:C001 01 00000020:00000000 00:00000000 00000000 0 0 1 1
";

    #[test]
    fn what_waits_is_that_of_the_connection_we_were_started_over() {
        for (table, told, waits) in [
            (TABLE, "127.0.0.1 41938 127.0.0.1 22222", Some(0xA2C)),
            (TABLE, "127.0.0.1 41940 127.0.0.1 22222", None),
            (TABLE, "127.0.0.2 41938 127.0.0.1 22222", None),
            (SIXES, "127.0.0.2 49153 127.0.0.1 22", Some(0x10)),
            (SIXES, "::ffff:127.0.0.2 49153 127.0.0.1 22", Some(0x10)),
            (SIXES, "2001:db8::2 49153 2001:db8::1 22", Some(0x20)),
            (SIXES, "2001:db8::2%eth0 49153 2001:db8::1 22", Some(0x20)),
            ("garbage\n1: : : :\n2: é:1 é:2 01 x:y", "127.0.0.1 1 127.0.0.1 2", None),
            ("", "127.0.0.1 1 127.0.0.1 2", None),
        ] {
            assert_eq!(waiting(table, Ends::read(told).unwrap()), waits, "{told}");
        }
        for told in ["", "UNKNOWN 65535 UNKNOWN 65535", "127.0.0.1 1 127.0.0.1", "127.0.0.1 70000 127.0.0.1 22"] {
            assert_eq!(Ends::read(told), None, "{told}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_line_that_takes_nothing_is_told_from_one_that_took_everything() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut near = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        let ends = Ends { here: near.local_addr().unwrap(), there: near.peer_addr().unwrap() };
        // The window closes: more than both sides keep is written until nothing more is taken.
        near.set_nonblocking(true).unwrap();
        while near.write(&[7; 65536]).is_ok() {}
        assert!(look(TABLES[0], ends).is_some_and(|waits| waits > WAITING));
        let reads = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            let (mut piece, mut all) = ([0; 65536], 0);
            far.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            while let Ok(n) = far.read(&mut piece) {
                all += n;
            }
            all
        });
        let mut line = Line { ends: Some(ends), table: Some(TABLES[0]), unseen: 0 };
        line.ready(UNSEEN);
        assert!(look(TABLES[0], ends).is_some_and(|waits| waits <= WAITING));
        assert!(reads.join().unwrap() > 65536);
        // Where no connection is known, nothing is waited for.
        Line::default().ready(1 << 30);
    }
}
