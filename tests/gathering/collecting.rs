//! The collector as the cockpit runs it, against a server that keeps book: it asks at its pace and never twice at once,
//! rests while it is paused, asks at once when told to, and falls silent when it ends.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use quarterdeck::domain::access::Access;
use quarterdeck::domain::facts::Facts;
use quarterdeck::runtime::collector::{self, Collector, Setup};
use quarterdeck::runtime::order::Order;

use super::*;

/// What the server saw.
#[derive(Default)]
struct Book {
    asked: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Book {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Reads one question and answers it after a while, so that a second one at the same time would be seen.
    fn serve(&self, stream: &mut TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                if reader.read_line(&mut line).ok()? == 0 {
                    return None;
                }
            }
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(100));
            self.now.fetch_sub(1, Ordering::SeqCst);
            let body = "{\"version\":\"1.2.3\"}";
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .ok()?;
        }
    }
}

fn server() -> (u16, Arc<Book>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, book) = (listener.local_addr().unwrap().port(), Arc::new(Book::default()));
    let shared = Arc::clone(&book);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let book = Arc::clone(&shared);
            std::thread::spawn(move || book.serve(&mut stream));
        }
    });
    (port, book)
}

/// A collector of one source that is asked so often.
fn collecting(interval: &str) -> (Runtime, Collector, Arc<Book>, TempDir) {
    let (port, book) = server();
    let source = format!(
        "{{ kind = \"http\", url = \"http://127.0.0.1:{port}\", interval = \"{interval}\", version = {{ product = \"shop\", json = \"/version\" }} }}"
    );
    let Asking { opened, runtime, folder, .. } = Asking::source(&source);
    let Ok((loaded, asked)) = opened.sound() else { panic!("checked before") };
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let _inside = runtime.enter();
    let roads = Roads::new(Arc::clone(&clock), folder.path().join("cache"));
    let setup = Setup {
        fleet: loaded.fleet,
        access: Access::operator(),
        asked,
        facts: Facts::new(),
        courses: std::collections::BTreeMap::new(),
        roads,
        clock,
    };
    let collector = collector::start(setup);
    (runtime, collector, book, folder)
}

/// Long enough for several polls, were there any.
const A_WHILE: Duration = Duration::from_millis(2_500);

#[test]
fn a_paused_fleet_is_not_asked_and_goes_on_where_it_was() {
    let (runtime, collector, book, _folder) = collecting("1s");
    real::until("the second question", || book.asked() >= 2);
    let order = |order| runtime.block_on(collector.orders.send(order)).unwrap();
    order(Order::Pause(true));
    std::thread::sleep(A_WHILE);
    let asked = book.asked();
    // Not even when somebody presses for news.
    order(Order::Now(Vec::new()));
    std::thread::sleep(A_WHILE);
    assert_eq!(book.asked(), asked, "somebody was asked in the pause");
    let board = collector.boards.borrow().clone().expect("what was heard before is shown");
    assert_eq!(board.header.sources.ok, 1, "{:?}", board.header.sources);
    order(Order::Pause(false));
    real::until("the next question", || book.asked() > asked);
}

#[test]
fn who_asks_for_news_is_answered_at_once_and_never_doubly() {
    let (runtime, collector, book, _folder) = collecting("1h");
    real::until("the first question", || book.asked() == 1);
    real::until("its answer on a board", || {
        collector.boards.borrow().as_ref().is_some_and(|board| board.header.sources.ok == 1)
    });
    for round in 2..6 {
        // Impatience changes nothing: a source that is being asked is not asked again meanwhile.
        for _ in 0..20 {
            runtime.block_on(collector.orders.send(Order::Now(vec!["acme".into()]))).unwrap();
        }
        real::until("the next question", || book.asked() >= round);
    }
    runtime.block_on(collector.orders.send(Order::Now(vec!["globex".into()]))).unwrap();
    assert_eq!(book.most.load(Ordering::SeqCst), 1, "asked twice at once");
}

#[test]
fn a_collector_that_ends_asks_nobody_any_more() {
    let (_runtime, collector, book, _folder) = collecting("1s");
    real::until("the first question", || book.asked() >= 1);
    drop(collector);
    std::thread::sleep(A_WHILE);
    let asked = book.asked();
    std::thread::sleep(A_WHILE);
    assert_eq!(book.asked(), asked, "somebody goes on asking");
}
