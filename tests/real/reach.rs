//! Ways into a customer's network: an OpenVPN server with its management interface, sshd with SOCKS, an HTTP proxy.

use std::io::{BufRead, BufReader, Write};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Command;

use super::certificates::{Ends, Pki};
use super::http::connect;
use super::server::{Plan, Server, put, run};
use super::{left_out, program, until};

/// An OpenVPN server whose clients come and go. A server needs a device, though no packet is ever routed; clients need none.
pub struct OpenVpn {
    server: Server,
    pki: Pki,
    clients: Vec<Server>,
}

/// Its management interface listens on `port()` and lets one at a time speak.
pub fn openvpn() -> Option<OpenVpn> {
    openvpn_behind("")
}

/// The same, and its management interface asks for a password where there is one.
pub fn openvpn_behind(password: &str) -> Option<OpenVpn> {
    let (_, _) = (program("openvpn")?, program("openssl")?);
    if let Err(why) = std::fs::File::options().read(true).write(true).open("/dev/net/tun") {
        left_out("openvpn server", &format!("/dev/net/tun cannot be opened ({why})"));
        return None;
    }
    let server = Server::start(&Plan {
        program: "openvpn",
        n_ports: 2,
        arguments: &|folder, ports| {
            let pki = Pki::new(folder).unwrap();
            pki.server("gateway", Ends::InDays(60));
            let guard = if password.is_empty() { "" } else { "management.password" };
            put(folder, "management.password", password);
            let config = format!(
                "dev tun
topology subnet
server 10.99.0.0 255.255.255.0
ifconfig-noexec
route-noexec
proto tcp-server
local 127.0.0.1
lport {}
ca ca.pem
cert gateway.pem
key gateway.key
dh none
keepalive 5 30
management 127.0.0.1 {} {guard}
verb 3
",
                ports[0], ports[1]
            );
            put(folder, "server.conf", &config);
            vec!["--config".into(), "server.conf".into()]
        },
        ready: None,
    })?;
    let pki = Pki::at(server.folder());
    Some(OpenVpn { server, pki, clients: Vec::new() })
}

impl OpenVpn {
    /// A real client of this name connects and stays, until `leave` or the end of the server.
    pub fn connect(&mut self, name: &str) {
        self.pki.client(name);
        let (gateway, pki) = (self.server.ports[0], &self.pki);
        let client = Server::start(&Plan {
            program: "openvpn",
            n_ports: 1,
            arguments: &|_, ports| {
                let file = |kind: &str| pki.path(&format!("{name}.{kind}")).display().to_string();
                let words = format!(
                    "--client --dev null --ifconfig-noexec --route-noexec --proto tcp-client --nobind \
                     --remote 127.0.0.1 {gateway} --ca {} --cert {} --key {} --management 127.0.0.1 {} --verb 3",
                    pki.path("ca.pem").display(),
                    file("pem"),
                    file("key"),
                    ports[0]
                );
                words.split_whitespace().map(str::to_owned).collect()
            },
            ready: None,
        });
        self.clients.push(client.unwrap());
        until("the VPN client", || self.status().contains(&format!("CLIENT_LIST\t{name}\t")));
    }

    /// All clients go.
    pub fn leave(&mut self) {
        self.clients.clear();
    }

    /// What the management interface says to `status 3`.
    pub fn status(&self) -> String {
        let Ok(stream) = connect(self.port()) else { return String::new() };
        let mut said = String::new();
        let mut lines = BufReader::new(&stream);
        // Only once the answer has ended: `quit` cuts off what was not sent yet.
        let _ = (&stream).write_all(b"status 3\r\n");
        while !said.lines().any(|line| line == "END") && lines.read_line(&mut said).is_ok_and(|n| n > 0) {}
        let _ = (&stream).write_all(b"quit\r\n");
        said
    }
}

impl Deref for OpenVpn {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for OpenVpn {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

/// An SSH server that lets this user in with a key, and forwards ports.
pub struct Sshd {
    server: Server,
    /// The private key that opens it.
    pub key: PathBuf,
    /// Its host key, as `ssh -o UserKnownHostsFile=` wants it.
    pub known_hosts: PathBuf,
    pub user: String,
}

pub fn sshd() -> Option<Sshd> {
    let sshd = program("sshd")?;
    program("ssh")?;
    // The one folder sshd insists on when it runs as root; elsewhere it has to be there already.
    let _ = std::fs::create_dir_all("/run/sshd");
    let user = run(Command::new("id").arg("-un")).trim().to_owned();
    let server = Server::start(&Plan {
        program: "sshd",
        n_ports: 1,
        arguments: &|folder, ports| {
            for key in ["host", "user"] {
                let file = folder.join(key);
                run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file));
            }
            let here = folder.display();
            let config = format!(
                "ListenAddress 127.0.0.1
Port {}
HostKey {here}/host
AuthorizedKeysFile {here}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowTcpForwarding yes
LogLevel VERBOSE
",
                ports[0]
            );
            put(folder, "sshd.conf", &config);
            let host = std::fs::read_to_string(folder.join("host.pub")).unwrap();
            put(folder, "known_hosts", &format!("[127.0.0.1]:{} {host}", ports[0]));
            vec!["-D".into(), "-e".into(), "-f".into(), format!("{here}/sshd.conf")]
        },
        ready: None,
    })?;
    drop(sshd);
    let (key, known_hosts) = (server.folder().join("user"), server.folder().join("known_hosts"));
    Some(Sshd { server, key, known_hosts, user })
}

impl Sshd {
    /// `ssh` with everything it needs to come in; add options before, a command after.
    pub fn ssh(&self, options: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command.args([
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "StrictHostKeyChecking=yes",
        ]);
        command.arg("-o").arg(format!("UserKnownHostsFile={}", self.known_hosts.display()));
        command.arg("-i").arg(&self.key).args(["-p", &self.port().to_string()]).args(options);
        command.arg(format!("{}@127.0.0.1", self.user));
        command
    }
}

impl Sshd {
    /// A SOCKS5 proxy through this server, on the port of what is returned.
    pub fn socks(&self) -> Server {
        let socks = Server::start(&Plan {
            program: "ssh",
            n_ports: 1,
            arguments: &|_, ports| {
                let forward = format!("127.0.0.1:{}", ports[0]);
                let ssh = self.ssh(&["-N", "-o", "ExitOnForwardFailure=yes", "-D", &forward]);
                ssh.get_args().map(|word| word.to_string_lossy().into_owned()).collect()
            },
            ready: None,
        });
        socks.unwrap()
    }
}

/// An HTTP proxy that carries plain requests and CONNECT, for `anna:secret` alone.
pub fn http_proxy() -> Option<Server> {
    proxy_for("BasicAuth anna secret")
}

/// The same for everybody.
pub fn open_http_proxy() -> Option<Server> {
    proxy_for("")
}

fn proxy_for(whom: &str) -> Option<Server> {
    Server::start(&Plan {
        program: "tinyproxy",
        n_ports: 1,
        arguments: &|folder, ports| {
            let config = format!(
                "Port {}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n{whom}\nLogLevel Connect\nDisableViaHeader Yes\n",
                ports[0]
            );
            put(folder, "proxy.conf", &config);
            vec!["-d".into(), "-c".into(), "proxy.conf".into()]
        },
        ready: None,
    })
}

impl Deref for Sshd {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}
