//! The addresses of the simulated fleet. Everybody has a loopback address of their own, as customers have hosts of their
//! own: who hangs, rests or is flooded there costs the others nothing.
//!
//! Where the system has one loopback address only, everybody shares it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

/// No more addresses than this; in a larger fleet several share one, as tenants share a cluster.
const MOST: usize = 128;

/// Where certificates are shown: the same port in every run, for their names carry it.
const TLS: u16 = 8443;

/// The open ports of a fleet.
pub struct Hosts {
    /// Where the vendor's own things are served, and everything else too.
    pub main: TcpListener,
    /// Where every host shows its certificate.
    pub main_tls: TcpListener,
    /// The addresses of the installations, each with its port for certificates.
    pub own: Vec<(TcpListener, TcpListener)>,
}

impl Hosts {
    /// Opens the ports for so many installations; 0 lets the system choose the port.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open(port: u16, n_installations: usize) -> io::Result<Self> {
        let main = bind(Ipv4Addr::LOCALHOST, port).await?;
        let port = main.local_addr()?.port();
        let Some((block, main_tls)) = block(port).await else {
            let main_tls = bind(Ipv4Addr::LOCALHOST, 0).await?;
            return Ok(Self { main, main_tls, own: Vec::new() });
        };
        let mut own = Vec::new();
        for n in 0..n_installations.min(MOST) {
            let low = u8::try_from(n % 250 + 2).unwrap_or(2);
            let address = Ipv4Addr::new(127, block, 0, low);
            match (bind(address, port).await, bind(address, TLS).await) {
                (Ok(http), Ok(tls)) => own.push((http, tls)),
                // No more files, or somebody else's: those without share what there is.
                _ => break,
            }
        }
        Ok(Self { main, main_tls, own })
    }
}

/// A block of addresses that nobody uses, with its first port for certificates. Another demo may run beside this one.
async fn block(port: u16) -> Option<(u8, TcpListener)> {
    for block in 1..=200 {
        let address = Ipv4Addr::new(127, block, 0, 1);
        if let Ok(tls) = bind(address, TLS).await {
            // Whoever has an address for one has it for both.
            drop(bind(address, port).await.ok()?);
            return Some((block, tls));
        }
    }
    None
}

async fn bind(address: Ipv4Addr, port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((address, port))).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_fleets_beside_each_other_have_addresses_of_their_own_and_the_same_port_for_certificates() {
        let (one, two) = (Hosts::open(0, 3).await.unwrap(), Hosts::open(0, 3).await.unwrap());
        let all = |hosts: &Hosts| -> Vec<SocketAddr> {
            let own = hosts.own.iter().flat_map(|(http, tls)| [http, tls]);
            own.chain([&hosts.main, &hosts.main_tls]).map(|one| one.local_addr().unwrap()).collect()
        };
        assert!(all(&one).iter().all(|address| address.ip().is_loopback() && !all(&two).contains(address)));
        // Elsewhere than on Linux there may be one loopback address only.
        if cfg!(target_os = "linux") {
            assert_eq!((one.own.len(), two.own.len()), (3, 3));
            assert!(all(&one).iter().filter(|address| address.port() == TLS).count() == 4);
        }
    }
}
