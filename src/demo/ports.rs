//! What is served beside HTTP: a TLS port that shows every host's certificate, and the management interface of each
//! OpenVPN, on a socket in the fleet file's folder.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use rustls::sign::SingleCertAndKey;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_rustls::LazyConfigAcceptor;

use super::assurance;
use super::authority::Authority;
use super::cast::Plan;
use super::faults;
use super::glance::Glance;
use super::question::Question;
use super::speak::openvpn;
use super::stage::Stage;
use super::writes::Fault;
use crate::domain::clock::{Clock, Moment};

/// How long a client may take to say what it wants of the TLS port.
const PATIENCE: Duration = Duration::from_secs(20);

/// The ports beside HTTP, open and not yet served.
pub struct Ports {
    stage: Arc<Stage>,
    authority: Authority,
    tls: Vec<TcpListener>,
    vpns: Vec<(String, UnixListener)>,
}

impl Ports {
    /// Opens the sockets, which lie in the folder; those that show certificates are open.
    ///
    /// # Errors
    /// When one is taken.
    pub fn open(stage: Arc<Stage>, folder: &Path, tls: Vec<TcpListener>) -> io::Result<Self> {
        let authority = Authority::new(stage.world.setup.seed).map_err(io::Error::other)?;
        let with_vpn = stage.world.cast.iter().filter(|one| one.plan == Plan::Paas);
        let vpns = with_vpn
            .map(|one| Ok((one.id.clone(), UnixListener::bind(folder.join(format!("{}.vpn", one.id)))?)))
            .collect::<io::Result<Vec<_>>>()?;
        Ok(Self { stage, authority, tls, vpns })
    }

    /// The certificate of the authority that signs them all, in PEM form.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority.pem()
    }

    /// Serves until the future is dropped.
    pub async fn serve(self) {
        let Self { stage, authority, tls, vpns } = self;
        let mut served = JoinSet::new();
        for (id, listener) in vpns {
            let stage = stage.clone();
            served.spawn(async move {
                // One after the other: whoever comes second waits without a word, as with the real one.
                loop {
                    match listener.accept().await {
                        Ok((socket, _)) => drop(managed(&stage, &id, socket).await),
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    }
                }
            });
        }
        for listener in tls {
            served.spawn(show(stage.clone(), authority.clone(), listener));
        }
        while served.join_next().await.is_some() {}
    }
}

/// Shows certificates to everybody who comes.
async fn show(stage: Arc<Stage>, authority: Authority, listener: TcpListener) {
    let mut served = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    let (stage, authority) = (stage.clone(), authority.clone());
                    served.spawn(async move { drop(shown(&stage, &authority, socket).await) });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = served.join_next() => {}
        }
    }
}

/// The fault on an address, and the moment it is answered as of. None where there is nothing to answer.
async fn suffered<W: AsyncWrite + Unpin>(stage: &Stage, path: &str, socket: &mut W) -> io::Result<Option<Moment>> {
    let now = stage.clock.now();
    let question = Question::new("GET", path);
    let fault = faults::of(&stage.world, &stage.writes(), &question, now);
    let Some(fault) = fault else { return Ok(Some(now)) };
    if fault == Fault::Hang {
        // Whoever hangs here keeps others waiting: only for as long as the fault lies there.
        while faults::of(&stage.world, &stage.writes(), &question, stage.clock.now()) == Some(fault) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        return Ok(None);
    }
    match faults::suffer(fault, now).await {
        Ok(faults::Suffered::At(moment)) => Ok(Some(moment)),
        Ok(faults::Suffered::Answered(answer)) => {
            // What speaks HTTP where another protocol is due.
            socket.write_all(format!("HTTP/1.1 {} Fault\r\n\r\n", answer.status).as_bytes()).await?;
            socket.write_all(answer.whole()).await?;
            socket.flush().await?;
            Ok(None)
        }
        Err(faults::Broken) => Ok(None),
    }
}

/// Shows the certificate of the host that is asked for.
async fn shown(stage: &Stage, authority: &Authority, socket: TcpStream) -> io::Result<()> {
    let hello = tokio::time::timeout(PATIENCE, LazyConfigAcceptor::new(Acceptor::default(), socket));
    let mut hello = hello.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let host = hello.client_hello().server_name().unwrap_or_default().to_owned();
    let Some((one, environment, name)) = assurance::whose(&stage.world, &host) else { return Ok(()) };
    let path = format!("/{}/{environment}/tls/{name}", one.id);
    let Some(at) = suffered(stage, &path, &mut hello.io).await? else { return Ok(()) };
    let paper = {
        let writes = stage.writes();
        let glance = Glance::of(&stage.world, at, &writes);
        assurance::shown(&glance, one, environment).into_iter().find(|paper| paper.name == name)
    };
    let Some(paper) = paper else { return Ok(()) };
    let issued = authority.issue(&paper.host, (paper.from, paper.until)).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(issued)));
    let mut stream = hello.into_stream(Arc::new(config)).await?;
    // There is nothing behind it but the certificate.
    let mut rest = [0; 256];
    let _ = tokio::time::timeout(PATIENCE, stream.read(&mut rest)).await;
    stream.shutdown().await
}

/// Answers whoever asks an OpenVPN, line by line, until it leaves.
async fn managed(stage: &Stage, id: &str, mut socket: UnixStream) -> io::Result<()> {
    let Some(one) = stage.world.installation(id) else { return Ok(()) };
    let path = format!("/{id}/production/openvpn");
    let Some(at) = suffered(stage, &path, &mut socket).await? else { return Ok(()) };
    let skew = stage.clock.now() - at;
    socket.write_all(openvpn::PROMPT.as_bytes()).await?;
    let mut lines = BufReader::new(socket);
    let mut session = openvpn::Session::default();
    loop {
        let mut line = String::new();
        // No honest word is longer.
        if (&mut lines).take(256).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = {
            let writes = stage.writes();
            let glance = Glance::of(&stage.world, stage.clock.now() - skew, &writes);
            session.answer(&glance, one, line.trim_end())
        };
        match answer {
            Some(answer) => lines.get_mut().write_all(answer.as_bytes()).await?,
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
