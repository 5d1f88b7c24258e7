//! Conversations, websockets, and the ways through SOCKS and a tunnel.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Address, Auth, Endpoint};
use quarterdeck::fleetfile::secret::Secret;
use quarterdeck::net::door::{Ask, Door};
use quarterdeck::text::clean::Clean;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::ground::{endpoint, roads};
use crate::rude::{Act, Rude, answer, fine};

fn socket(address: &str) -> Endpoint {
    Endpoint { address: Address::Socket(Clean::line(address)), ..endpoint("http://unused.test") }
}

/// A gateway's management interface, as far as a conversation needs one.
async fn gateway() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"ENTER PASSWORD:").await.unwrap();
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let welcome: &[u8] = if line == "secret-word\n" { b"SUCCESS: fine\r\n" } else { b"ERROR: no\r\n" };
            stream.write_all(welcome).await.unwrap();
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            stream.write_all(format!("you said {line}last").as_bytes()).await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn a_conversation_goes_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "secret-word").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut gateway = socket(&format!("127.0.0.1:{}", gateway().await));
    gateway.auth = Auth::Bearer(Secret::File(path));
    let mut talk = roads().1.door(&gateway).talk().await.unwrap();
    let prompt = Some("ENTER PASSWORD:");
    assert_eq!(talk.hear(prompt).await.unwrap().as_deref(), prompt);
    talk.say_password().await.unwrap();
    assert_eq!(talk.hear(prompt).await.unwrap().as_deref(), Some("SUCCESS: fine"));
    talk.say("version").await.unwrap();
    assert_eq!(talk.hear(None).await.unwrap().as_deref(), Some("you said version"));
    assert_eq!(talk.hear(None).await.unwrap().as_deref(), Some("last"));
    assert_eq!(talk.hear(None).await.unwrap(), None);
}

#[tokio::test]
async fn a_unix_socket_is_talked_to_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"hello\n").await.unwrap();
    });
    let mut talk = roads().1.door(&socket(&format!("unix:{}", path.display()))).talk().await.unwrap();
    assert_eq!(talk.hear(None).await.unwrap().as_deref(), Some("hello"));
}

#[tokio::test]
async fn a_conversation_ends_in_time_and_no_line_is_endless() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoint = socket(&silent.local_addr().unwrap().to_string());
    endpoint.timeout = Duration::from_millis(100);
    let mut talk = roads().1.door(&endpoint).talk().await.unwrap();
    assert_eq!(talk.hear(None).await.unwrap_err(), Fault::Slow { allowed: Duration::from_millis(100) });

    let babbling = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = babbling.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = babbling.accept().await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let mut talk = roads().1.door(&socket(&address)).talk().await.unwrap();
    assert!(matches!(talk.hear(None).await.unwrap_err(), Fault::TooLarge { .. }));
}

/// A websocket that says some things and closes with a code.
async fn websocket(close: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            socket.send(Message::text("one")).await.unwrap();
            socket.send(Message::Ping(vec![1].into())).await.unwrap();
            let pong = socket.next().await.unwrap().unwrap();
            assert!(pong.is_pong());
            socket.send(Message::text("two")).await.unwrap();
            let frame = CloseFrame { code: close.into(), reason: "tired".into() };
            socket.send(Message::Close(Some(frame))).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        }
    });
    port
}

#[tokio::test]
async fn a_websocket_is_heard_message_by_message() {
    for (close, end) in
        [(1000, Ok(None)), (1001, Ok(None)), (1011, Err("the answer broke off: closed with 1011: tired"))]
    {
        let door = roads().1.door(&endpoint(&format!("http://127.0.0.1:{}", websocket(close).await)));
        let mut flow = door.tail(Ask::get("loki/api/v1/tail").with("query", "{a=\"b\"}")).await.unwrap();
        assert_eq!(flow.status, 101);
        assert_eq!(flow.pieces.next().await.unwrap().unwrap(), b"one");
        assert_eq!(flow.pieces.next().await.unwrap().unwrap(), b"two");
        assert_eq!(flow.pieces.next().await.map_err(|fault| fault.to_string()), end.map_err(str::to_owned));
    }
}

#[tokio::test]
async fn what_is_no_websocket_is_a_fault() {
    let rude = Rude::new(|_| fine("<html>")).await;
    let door = roads().1.door(&endpoint(&rude.url()));
    let fault = door.tail(Ask::get("tail")).await.err().unwrap();
    assert_eq!(fault.to_string(), "expected a websocket, got an HTML page");
    let rude = Rude::new(|_| Act::Say(answer("403 Forbidden", &[], b"no tail for you"))).await;
    let fault = roads().1.door(&endpoint(&rude.url())).tail(Ask::get("tail")).await.err().unwrap();
    assert_eq!(fault.to_string(), "forbidden (403): no tail for you");
}

/// A SOCKS 5 proxy that sends every name to one port of this machine; it tells which names it was asked for.
async fn socks(port: u16) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut hello = [0; 2];
                stream.read_exact(&mut hello).await.unwrap();
                let mut methods = vec![0; usize::from(hello[1])];
                stream.read_exact(&mut methods).await.unwrap();
                stream.write_all(&[5, 0]).await.unwrap();
                let mut head = [0; 4];
                stream.read_exact(&mut head).await.unwrap();
                let length = if head[3] == 3 { usize::from(stream.read_u8().await.unwrap()) } else { 4 };
                let mut name = vec![0; length];
                stream.read_exact(&mut name).await.unwrap();
                stream.read_u16().await.unwrap();
                let name = String::from_utf8_lossy(&name).into_owned();
                let dead = name == "dead.test";
                tell.send(name).unwrap();
                stream.write_all(&[5, if dead { 4 } else { 0 }, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                if !dead {
                    let mut on = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut on).await;
                }
            });
        }
    });
    (own, told)
}

#[tokio::test]
async fn names_resolve_behind_the_socks_proxy() {
    let rude = Rude::new(|_| fine("inside")).await;
    let (port, mut told) = socks(rude.port).await;
    let (_, roads) = roads();
    let mut inside = endpoint("http://prometheus.inside.test");
    inside.proxy = Some(Clean::line(&format!("socks5h://127.0.0.1:{port}")));
    assert_eq!(roads.door(&inside).ask(Ask::get("x")).await.unwrap().body, b"inside");
    assert_eq!(told.recv().await.unwrap(), "prometheus.inside.test");

    let mut dead = inside.clone();
    dead.address = Address::Url(Clean::line("http://dead.test"));
    let fault = roads.door(&dead).ask(Ask::get("x")).await.unwrap_err();
    assert!(matches!(fault, Fault::Proxy { .. }), "{fault:?}");

    let mut line = socket(&format!("gateway.inside.test:{}", gateway().await));
    line.proxy = inside.proxy.clone();
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, mut told) = socks(behind.local_addr().unwrap().port()).await;
    line.proxy = Some(Clean::line(&format!("socks5h://127.0.0.1:{port}")));
    tokio::spawn(async move {
        let (mut stream, _) = behind.accept().await.unwrap();
        stream.write_all(b"hello\n").await.unwrap();
    });
    let mut talk = roads.door(&line).talk().await.unwrap();
    assert_eq!(talk.hear(None).await.unwrap().as_deref(), Some("hello"));
    assert_eq!(told.recv().await.unwrap(), "gateway.inside.test");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_as_the_one_who_failed() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["http", "socks5", "socks5h"] {
        let (_, roads) = roads();
        let mut behind = endpoint("http://127.0.0.1:1");
        behind.proxy = Some(Clean::line(&format!("{scheme}://{gone}")));
        let fault = roads.door(&behind).ask(Ask::get("x")).await.unwrap_err();
        let why = if scheme == "http" { "connection refused" } else { "no connection to it" };
        assert_eq!(fault.to_string(), format!("the proxy on the way failed: {why}"), "{scheme}");
        behind.address = Address::Socket(Clean::line("127.0.0.1:1"));
        let fault = roads.door(&behind).talk().await.err().unwrap();
        assert_eq!(fault.to_string(), "the proxy on the way failed: connection refused", "{scheme}");
    }
}
