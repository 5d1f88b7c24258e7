//! A cheap server of expositions on every address of the loopback network: gzipped beforehand, written in one go. It
//! keeps book of who asked when.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::child::Child;

/// The server's process.
pub struct Server {
    child: Child,
    pub port: u16,
}

pub fn start() -> Server {
    started(&["serve"])
}

/// One that closes every connection after its answer.
pub fn start_closing() -> Server {
    started(&["serve", "closing"])
}

fn started(words: &[&str]) -> Server {
    let mut child = Child::ourselves(words);
    let port = child.hear().parse().unwrap();
    Server { child, port }
}

impl Server {
    /// Counts from here on.
    pub fn mark(&mut self) {
        self.child.ask("mark");
    }

    /// What was counted.
    pub fn tell(&mut self) -> Both {
        serde_json::from_str(&self.child.ask("tell")).unwrap()
    }
}

/// What the server saw of either client.
#[derive(Default, Serialize, Deserialize)]
pub struct Both {
    pub ours: Told,
    pub others: Told,
}

/// What the server saw of a client.
#[derive(Default, Serialize, Deserialize)]
pub struct Told {
    pub requests: usize,
    pub open: usize,
    pub most_open: usize,
    /// The longest pause of every endpoint that answers, in milliseconds.
    pauses: Vec<u64>,
}

impl Told {
    pub fn late(&self, allowed: Duration) -> usize {
        self.pauses.iter().filter(|pause| Duration::from_millis(**pause) > allowed).count()
    }

    pub fn longest(&self) -> Duration {
        Duration::from_millis(self.pauses.iter().copied().max().unwrap_or(0))
    }
}

/// The book.
#[derive(Default)]
struct Book {
    clients: [Pages; 2],
    marked: Option<Instant>,
}

#[derive(Default)]
struct Pages {
    requests: usize,
    open: usize,
    most_open: usize,
    /// When each address was asked last, and its longest pause since the mark.
    asked: BTreeMap<Ipv4Addr, (Instant, Duration)>,
}

impl Book {
    fn asked(&mut self, client: usize, at: Ipv4Addr) {
        let now = Instant::now();
        let pages = &mut self.clients[client];
        pages.requests += 1;
        let (last, longest) = pages.asked.entry(at).or_insert((now, Duration::ZERO));
        *longest = (*longest).max(now - *last);
        *last = now;
    }

    fn mark(&mut self) {
        self.marked = Some(Instant::now());
        for pages in &mut self.clients {
            pages.requests = 0;
            pages.most_open = pages.open;
            pages.asked.values_mut().for_each(|(_, longest)| *longest = Duration::ZERO);
        }
    }

    fn tell(&self) -> Both {
        let now = Instant::now();
        let [ours, others] = self.clients.each_ref().map(|pages| Told {
            requests: pages.requests,
            open: pages.open,
            most_open: pages.most_open,
            // An endpoint that was not asked again counts with the pause it is still in.
            pauses: pages
                .asked
                .values()
                .map(|(last, longest)| (now - *last).max(*longest).as_millis() as u64)
                .collect(),
        });
        Both { ours, others }
    }
}

/// Serves until nobody listens any more.
pub fn run(closing: bool) {
    let _ = quarterdeck::runtime::machine::many_files(20_000);
    let book = Arc::new(Mutex::new(Book::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(async { TcpListener::bind("0.0.0.0:0").await.unwrap() });
    println!("{}", listener.local_addr().unwrap().port());
    let talked = Arc::clone(&book);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let mut book = talked.lock().unwrap();
            match line.as_str() {
                "mark" => {
                    book.mark();
                    println!("marked");
                }
                _ => println!("{}", serde_json::to_string(&book.tell()).unwrap()),
            }
        }
    });
    let pages: Rc<Vec<Vec<u8>>> = Rc::new((0..16).map(|n| page(n, closing)).collect());
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            tokio::task::spawn_local(serve(stream, closing, Rc::clone(&pages), Arc::clone(&book)));
        }
    });
}

async fn serve(mut stream: TcpStream, closing: bool, pages: Rc<Vec<Vec<u8>>>, book: Arc<Mutex<Book>>) {
    let Ok(std::net::SocketAddr::V4(here)) = stream.local_addr() else { return };
    let here = *here.ip();
    let mut head = Vec::with_capacity(1024);
    let mut client = None;
    while let Ok(1..) = stream.read_buf(&mut head).await {
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let is_ours = memchr::memmem::find(&head, b"quarterdeck/").is_some();
        let closes = closing || memchr::memmem::find(&head, b"onnection: close").is_some();
        head.clear();
        let number = usize::from(!is_ours);
        let hangs = here.octets()[1] >= 128;
        {
            let mut book = book.lock().unwrap();
            if client.is_none() {
                client = Some(number);
                let pages = &mut book.clients[number];
                pages.open += 1;
                pages.most_open = pages.most_open.max(pages.open);
            }
            if !hangs {
                book.asked(number, here);
            }
        }
        if hangs {
            // Until the client has enough.
            let _ = stream.read_buf(&mut head).await;
            break;
        }
        let page = &pages[usize::from(here.octets()[3]) % pages.len()];
        if stream.write_all(page).await.is_err() || closes {
            break;
        }
    }
    if let Some(number) = client {
        book.lock().unwrap().clients[number].open -= 1;
    }
}

/// A whole answer: about 62 kB of exposition, of which ten names are known to everyone.
fn page(n: usize, closing: bool) -> Vec<u8> {
    let text = exposition(n);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let keeping = if closing { "Connection: close\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 200 OK\r\n{keeping}Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    [head.as_bytes(), &packed].concat()
}

/// What a busy service of ours tells, of the usual length and with the usual labels.
pub fn exposition(n: usize) -> String {
    let mut text = String::new();
    for (i, name) in super::WANTED.iter().enumerate() {
        let labels = match *name {
            "mongodb_up" | "cilium_unreachable_nodes" => String::new(),
            "traefik_tls_certs_not_after" => {
                "{cn=\"shop.example.test\",serial=\"1234\",sans=\"shop.example.test\"}".into()
            }
            _ => format!(
                "{{branch=\"HEAD\",goversion=\"go1.22.1\",revision=\"abc{n}\",version=\"{}.{}.{n}\"}}",
                i + 1,
                i * 3
            ),
        };
        let value = if *name == "traefik_tls_certs_not_after" {
            "1.8e+09"
        } else if *name == "cilium_unreachable_nodes" {
            "0"
        } else {
            "1"
        };
        let _ = write!(text, "# HELP {name} About this.\n# TYPE {name} gauge\n{name}{labels} {value}\n");
    }
    let mut dice = fastrand::Rng::with_seed(n as u64);
    for route in 0.. {
        if text.len() > 62_000 {
            break;
        }
        let name =
            ["http_request_duration_seconds", "grpc_server_handling_seconds", "workqueue_queue_duration_seconds"]
                [route % 3];
        if route < 3 {
            let _ = write!(text, "# HELP {name} How long it took.\n# TYPE {name} histogram\n");
        }
        let labels = format!("code=\"200\",handler=\"/api/v1/things/{route}\",method=\"get\"");
        let mut count = 0;
        for le in ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"] {
            count += dice.u32(0..10_000);
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{le}\"}} {count}");
        }
        let _ = writeln!(text, "{name}_sum{{{labels}}} {}\n{name}_count{{{labels}}} {count}", dice.f64() * 1e4);
    }
    text
}
