//! Answers, good and bad, as faults a person can act on.

use std::io::Write;
use std::time::Duration;

use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Auth, HeaderValue};
use quarterdeck::fleetfile::secret::Secret;
use quarterdeck::net::door::{Ask, Door, Verb};
use quarterdeck::text::clean::Clean;

use crate::ground::{door, endpoint, roads};
use crate::rude::{Act, Rude, answer, fine, redirect};

async fn fault(act: Act) -> Fault {
    let rude = Rude::new(move |_| act.clone()).await;
    door(&rude.url()).ask(Ask::get("x")).await.unwrap_err()
}

#[tokio::test]
async fn a_question_and_its_answer() {
    let rude = Rude::new(|_| Act::Say(answer("200 OK", &["X-Thing: 7"], b"[1]"))).await;
    let door = door(&format!("{}/prom/", rude.url()));
    let reply = door.ask(Ask::get("api/v1/query").with("query", "up == 0")).await.unwrap();
    assert_eq!((reply.status, reply.header("x-thing"), reply.body.as_slice()), (200, Some("7"), &b"[1]"[..]));
    door.ask(Ask::get("x").header("accept", "text/plain")).await.unwrap();
    assert_eq!(rude.lines(), ["GET /prom/api/v1/query?query=up+%3D%3D+0", "GET /prom/x"]);
    assert_eq!(rude.asked.lock().unwrap()[1].header("accept"), Some("text/plain"));
    assert_eq!(rude.connections(), 1, "the connection is kept");
}

#[tokio::test]
async fn a_long_query_is_posted_as_a_form_and_nothing_else_is_posted() {
    let rude = Rude::new(|_| fine("{}")).await;
    let door = door(&rude.url());
    let form = Verb::Query(vec![("query".to_owned(), "a b&c".to_owned())]);
    door.ask(Ask { verb: form.clone(), ..Ask::get("api/v1/query") }).await.unwrap();
    assert_eq!(rude.asked.lock().unwrap()[0].body(), "query=a+b%26c");
    for path in ["-/reload", "api/v1/admin/tsdb/delete_series", "api/v1/query/../../../-/quit"] {
        let fault = door.ask(Ask { verb: form.clone(), ..Ask::get(path) }).await.unwrap_err();
        assert!(matches!(fault, Fault::Denied { .. }), "{path}: {fault:?}");
    }
    let review = Ask { verb: Verb::Review("{}".to_owned()), ..Ask::get("api/v1/namespaces") };
    assert!(matches!(door.ask(review).await.unwrap_err(), Fault::Denied { .. }));
    assert_eq!(rude.lines().len(), 1, "what is denied is not sent");
}

#[tokio::test]
async fn a_redirect_is_followed_on_its_own_host_alone() {
    let rude = Rude::new(|asked| match asked.path() {
        "/a" => redirect("/b"),
        "/b" => fine("here"),
        "/circle" => redirect("/circle"),
        "/api/v1/query" => redirect("/b"),
        _ => redirect("https://login.test/?from=here"),
    })
    .await;
    let door = door(&rude.url());
    assert_eq!(door.ask(Ask::get("a")).await.unwrap().body, b"here");
    let Fault::Astray { to } = door.ask(Ask::get("elsewhere")).await.unwrap_err() else { panic!() };
    assert_eq!(to.as_str(), "login.test");
    let Fault::Astray { to } = door.ask(Ask::get("circle")).await.unwrap_err() else { panic!() };
    assert!(to.as_str().ends_with("in a circle"));
    assert_eq!(rude.lines().iter().filter(|line| line.ends_with("/circle")).count(), 6);
    let posted = Ask { verb: Verb::Query(vec![]), ..Ask::get("api/v1/query") };
    assert!(matches!(door.ask(posted).await.unwrap_err(), Fault::Astray { .. }), "a post does not become a get");
}

#[tokio::test]
async fn each_bad_status_has_its_fault() {
    for (status, headers, expected) in [
        ("401 Unauthorized", &[][..], "not authorised (401), no credential is configured"),
        ("403 Forbidden", &[], "forbidden (403): an HTML page titled `Nope`"),
        ("404 Not Found", &[], "nothing at `/x` (404)"),
        ("429 Too Many Requests", &[], "asked too often (429)"),
        ("503 Service Unavailable", &["retry-after: 30"], "asked too often (429)"),
        ("500 Internal Server Error", &[], "answered 500: an HTML page titled `Nope`"),
        ("304 Not Modified", &[], "answered 304"),
    ] {
        let body: &[u8] = if status.starts_with("304") { b"" } else { b"<html><title>Nope</title>" };
        assert_eq!(fault(Act::Say(answer(status, headers, body))).await.to_string(), expected, "{status}");
    }
    let limited = fault(Act::Say(answer("429 Too Many Requests", &["retry-after: 30"], b""))).await;
    let Fault::Limited { until: Some(until) } = limited else { panic!("{limited:?}") };
    assert_eq!(until.to_rfc3339(), "2026-11-21T01:17:30+00:00");
}

#[tokio::test]
async fn a_status_that_is_an_answer_is_given() {
    let rude = Rude::new(|_| Act::Say(answer("503 Service Unavailable", &[], b"{\"status\":\"DOWN\"}"))).await;
    let reply = door(&rude.url()).ask(Ask::get("health").even(503)).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (503, &b"{\"status\":\"DOWN\"}"[..]));
}

#[tokio::test]
async fn a_connection_that_breaks_before_any_byte_is_tried_once_more() {
    let rude = Rude::new(|asked| if asked.n == 0 { Act::Reset } else { fine("back") }).await;
    assert_eq!(door(&rude.url()).ask(Ask::get("x")).await.unwrap().body, b"back");
    let rude = Rude::new(|_| Act::Reset).await;
    let fault = door(&rude.url()).ask(Ask::get("x")).await.unwrap_err();
    assert!(matches!(fault, Fault::Cut { .. }), "{fault:?}");
    assert_eq!(rude.lines().len(), 2, "once more, and no storm");
}

#[tokio::test]
async fn lies_and_rubbish_are_cut_off() {
    let short = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this".to_vec();
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-header: y\r\n".repeat(200)).into_bytes();
    let packed = answer("200 OK", &["content-encoding: gzip"], b"this is not gzip");
    for (act, expected) in [
        (Act::Last(short), "the answer broke off: the other side closed the connection"),
        (Act::Last(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "the answer broke off: this is not HTTP"),
        (Act::Last(many), "the answer broke off: this is not HTTP"),
        (Act::Say(packed), "expected a packed answer, got one that does not unpack"),
    ] {
        assert_eq!(fault(act).await.to_string(), expected);
    }
}

#[tokio::test]
async fn nothing_larger_than_its_limit_is_taken_in() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 200_000);
    let huge = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    let endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    for act in [
        Act::Say(answer("200 OK", &["content-encoding: gzip"], &bomb)),
        Act::Say(huge),
        Act::Flood(endless, vec![b'x'; 1 << 16]),
    ] {
        assert_eq!(fault(act).await, Fault::TooLarge { limit: 32 << 20 });
    }
    let rude = Rude::new(|_| fine("0123456789")).await;
    assert_eq!(door(&rude.url()).ask(Ask::get("x").at_most(9)).await.unwrap_err(), Fault::TooLarge { limit: 9 });
    let (_, roads) = roads();
    let mut own = endpoint(&rude.url());
    own.limit = Some(10);
    assert!(roads.door(&own).ask(Ask::get("x").at_most(9)).await.is_ok(), "what a person wrote counts most");
}

#[tokio::test]
async fn neither_silence_nor_a_trickle_lasts_longer_than_allowed() {
    let allowed = Duration::from_millis(100);
    for act in [Act::Hang, Act::Trickle(answer("200 OK", &[], &[b'x'; 100]))] {
        let rude = Rude::new(move |_| act.clone()).await;
        let (_, roads) = roads();
        let mut impatient = endpoint(&rude.url());
        impatient.timeout = allowed;
        let door = roads.door(&impatient);
        assert_eq!(door.ask(Ask::get("x")).await.unwrap_err(), Fault::Slow { allowed });
        let less = Duration::from_millis(50);
        assert_eq!(door.ask(Ask::get("x").within(less)).await.unwrap_err(), Fault::Slow { allowed: less });
        assert_eq!(door.stream(Ask::get("x")).await.err(), Some(Fault::Slow { allowed }));
    }
}

#[tokio::test]
async fn a_stream_that_stops_is_given_up_in_time() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfirst".to_vec();
    let rude = Rude::new(move |_| Act::Say(head.clone())).await;
    let allowed = Duration::from_millis(300);
    let mut flow = door(&rude.url()).stream(Ask::get("x").within(allowed)).await.unwrap();
    assert_eq!(flow.pieces.next().await.unwrap().unwrap(), b"first");
    assert_eq!(flow.pieces.next().await.unwrap_err(), Fault::Slow { allowed });
}

#[tokio::test]
async fn a_stream_comes_piece_by_piece_and_ends() {
    let body = "x".repeat(300_000);
    let rude = Rude::new(move |_| fine(&body)).await;
    let mut flow = door(&rude.url()).stream(Ask::get("metrics")).await.unwrap();
    let (mut read, mut pieces) = (0, 0);
    while let Some(piece) = flow.pieces.next().await.unwrap() {
        read += piece.len();
        pieces += 1;
    }
    assert_eq!(read, 300_000);
    assert!(pieces > 1, "it was not gathered first");
    let mut flow = door(&rude.url()).stream(Ask::get("metrics").at_most(200_000)).await;
    let ended = match &mut flow {
        Ok(flow) => loop {
            match flow.pieces.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it was taken in whole"),
                Err(fault) => break fault,
            }
        },
        Err(fault) => fault.clone(),
    };
    assert_eq!(ended, Fault::TooLarge { limit: 200_000 });
}

#[tokio::test]
async fn a_file_is_read_like_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("freeze.ics");
    std::fs::write(&path, "BEGIN:VCALENDAR").unwrap();
    let (_, roads) = roads();
    let mut file = endpoint("http://unused.test");
    file.address = quarterdeck::fleetfile::endpoint::Address::File(path);
    assert_eq!(roads.door(&file).ask(Ask::get("")).await.unwrap().body, b"BEGIN:VCALENDAR");
    file.limit = Some(5);
    assert_eq!(roads.door(&file).ask(Ask::get("")).await.unwrap_err(), Fault::TooLarge { limit: 5 });
    file.address = quarterdeck::fleetfile::endpoint::Address::File(folder.path().join("none.ics"));
    assert!(matches!(roads.door(&file).ask(Ask::get("")).await.unwrap_err(), Fault::Missing { .. }));
}

#[tokio::test]
async fn what_may_lie_anywhere_is_fetched_there_without_a_word_of_ours() {
    let store = Rude::new(|asked| match asked.path() {
        path if path.starts_with("/here") => fine("the blob"),
        _ => {
            Act::Say(answer("401 Unauthorized", &["WWW-Authenticate: Bearer realm=\"http://127.0.0.1:1/token\""], b""))
        }
    })
    .await;
    let elsewhere = store.url();
    let registry = Rude::new(move |asked| match asked.path() {
        "/v2/a/blobs/x" => redirect(&format!("{elsewhere}/here?signature=s")),
        _ => redirect(&format!("{elsewhere}/closed")),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "planted-secret").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let mut endpoint = endpoint(&registry.url());
    endpoint.auth = Auth::Basic(Clean::line("anna"), Secret::File(path));
    endpoint.headers = vec![(Clean::line("X-Own"), HeaderValue::Plain(Clean::line("ours")))];
    let door = roads().1.door(&endpoint);
    assert!(matches!(door.ask(Ask::get("v2/a/blobs/x")).await, Err(Fault::Astray { .. })), "only where it is allowed");
    let blob = door.ask(Ask::get("v2/a/blobs/x").from_anywhere()).await.unwrap();
    assert_eq!(blob.body, b"the blob");
    assert!(registry.asked.lock().unwrap().iter().all(|asked| asked.header("authorization").is_some()));
    let closed = door.ask(Ask::get("v2/a/blobs/y").from_anywhere()).await.unwrap_err();
    assert_eq!(closed, Fault::Unauthorised { credential: None }, "no token is bought on another's word");
    for asked in store.asked.lock().unwrap().iter() {
        assert_eq!((asked.header("authorization"), asked.header("x-own")), (None, None));
    }
}
