//! Logs on demand, from the fleet file over real HTTP and websockets to the cells on screen.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::manual_is_multiple_of,
    missing_docs,
    dead_code
)]

#[path = "logs/cockpit.rs"]
mod cockpit;
mod common;
#[path = "logs/loki.rs"]
mod loki;

use std::sync::Arc;
use std::time::Duration;

use loki::{Loki, line};
use quarterdeck::app::effect::Ticket;
use quarterdeck::app::message::Happening;
use quarterdeck::domain::access::Access;
use quarterdeck::domain::clock::{Clock, Moment};
use quarterdeck::fleetfile::load::Options;
use quarterdeck::net::roads::Roads;
use quarterdeck::runtime::bundle::MOST_LINES;
use quarterdeck::runtime::fleet::open;
use quarterdeck::runtime::ground::{Ground, Site};
use quarterdeck::runtime::inquiry::Inquiry;
use quarterdeck::runtime::ledger::{Ledger, verify};
use quarterdeck::views::asked::{Find, How, LogTopic, News, Span, Topic, Whose};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

/// Noon of the day all of this happens on: consents end around it.
const NOON: &str = "2026-11-21T11:00:00Z";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Moment {
        noon()
    }
}

pub fn noon() -> Moment {
    NOON.parse().unwrap()
}

/// Installations with what their agreements say about logs.
const AGREEMENTS: &[(&str, &str)] = &[
    ("standing", "logs = \"standing\""),
    ("today", "logs = \"granted until 2026-11-21\""),
    ("yesterday", "logs = \"granted until 2026-11-20\""),
    ("never", "logs = \"none\""),
    ("silent", ""),
    ("curious", "logs = \"standing\"\nlog_reason = true"),
];

/// A fleet of these, each with a Loki at its own path of one address.
fn fleet(folder: &TempDir, address: &str) -> std::path::PathBuf {
    let mut text = "[fleet]\nname = \"tests\"\ntimezone = \"Europe/Berlin\"\n\n\
                    [products.shop]\ntitle = \"Shop\"\nscheme = \"semver\"\nlifecycle = \"rolling\"\n"
        .to_owned();
    for (id, agreement) in AGREEMENTS {
        text.push_str(&format!(
            "\n[[installations]]\nid = \"{id}\"\nplan = \"saas\"\n{agreement}\n\n[[installations.environments]]\n\
             name = \"production\"\nsources = [{{ kind = \"loki\", url = \"{address}/{id}\" }}]\n"
        ));
    }
    let path = folder.path().join("fleet.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// Somebody who asks, and what they are told.
struct Asker {
    inquiry: Inquiry,
    told: UnboundedReceiver<Happening>,
    /// Where another fleet file is taken up.
    grounds: watch::Sender<Option<Arc<Ground>>>,
    folder: TempDir,
}

impl Asker {
    fn new(loki: &Loki, access: Access) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("audit.jsonl");
        Self::with(loki, access, folder, ledger)
    }

    fn with(loki: &Loki, access: Access, folder: TempDir, ledger: std::path::PathBuf) -> Self {
        let opened = open(&fleet(&folder, &loki.address), &Options::default());
        assert!(!opened.problems.has_errors(), "{:?}", opened.problems);
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let ground = Ground {
            // The whole fleet: that a viewer's was cut down before is not what is relied on here.
            fleet: Arc::new(opened.loaded.fleet.clone()),
            access,
            sites: Site::among(&opened.asked),
            roads: Roads::new(Arc::clone(&clock), folder.path().join("cache")),
            clock,
            ledger: Ledger::at(ledger),
        };
        let (inbox, told) = unbounded_channel();
        let (grounds, known) = watch::channel(Some(Arc::new(ground)));
        Self { inquiry: Inquiry::new(known, inbox), told, grounds, folder }
    }

    fn ask(&mut self, topic: LogTopic) {
        self.inquiry.ask(Ticket(1), Topic::Logs(topic));
    }

    async fn next(&mut self) -> News {
        match timeout(Duration::from_secs(20), self.told.recv()).await.expect("news in time").unwrap() {
            Happening::Told(Ticket(1), news) => news,
            other => panic!("{other:?}"),
        }
    }

    /// News until one is what is waited for.
    async fn until(&mut self, wanted: impl Fn(&News) -> bool) -> Vec<News> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().await);
            if all.last().is_some_and(&wanted) {
                return all;
            }
        }
    }
}

fn topic(whose: Whose, find: Find) -> LogTopic {
    let span = Span::Back(Duration::from_secs(3600));
    LogTopic { whose, find, span, limit: 5000, follow: false, reason: None, turn: 0 }
}

fn these(ids: &[&str]) -> Whose {
    Whose::These(ids.iter().map(|id| (*id).into()).collect())
}

fn texts(news: &[News]) -> Vec<String> {
    let lines = news.iter().filter_map(|one| match one {
        News::Lines { rows, .. } => Some(rows.iter().map(|row| row.line.clone())),
        _ => None,
    });
    lines.flatten().collect()
}

fn is(news: &News, place: &str, wanted: impl Fn(&How) -> bool) -> bool {
    matches!(news, News::Place(told) if told.place() == place && wanted(&told.how))
}

fn read(place: &'static str) -> impl Fn(&News) -> bool {
    move |news| is(news, place, |how| matches!(how, How::Read { .. }))
}

#[tokio::test]
async fn who_may_read_whose_logs_is_decided_before_anything_is_asked() {
    const NO: &str = "no consent: the agreement does not let its logs be read";
    let only = |ids: &[&str]| Access::operator().limited_to(ids.iter().map(|id| (*id).into()).collect());
    let cases: &[(Access, &str, Option<&str>, Option<&str>)] = &[
        (Access::operator(), "standing", None, None),
        (Access::reader(), "standing", None, None),
        (Access::operator(), "today", None, None),
        (Access::operator(), "yesterday", None, Some("the consent to read its logs ended on 20 Nov 2026")),
        (Access::operator(), "never", None, Some(NO)),
        (Access::operator(), "silent", None, Some(NO)),
        (Access::operator(), "never", Some("please"), Some(NO)),
        (Access::operator(), "curious", None, Some("the agreement wants a reason for reading its logs")),
        (Access::operator(), "curious", Some("  "), Some("the agreement wants a reason for reading its logs")),
        (Access::operator(), "curious", Some("TICKET-1"), None),
        (only(&["standing"]).read_only(), "standing", None, None),
        (only(&["today"]).read_only(), "standing", None, Some("there is no installation `standing`")),
        (only(&["today"]), "never", None, Some("there is no installation `never`")),
        (Access::operator(), "nobody", None, Some("there is no installation `nobody`")),
    ];
    for (access, id, reason, refused) in cases {
        let loki = Loki::start().await;
        loki.write(id, &[line(-10, "a line")]);
        let mut asker = Asker::new(&loki, access.clone());
        let reason = reason.map(str::to_owned);
        asker.ask(LogTopic { reason, ..topic(these(&[id]), Find::Everything) });
        let end = |news: &News| matches!(news, News::Place(told) if matches!(told.how, How::Read { .. } | How::Refused { .. } | How::Failed { .. }));
        let news = asker.until(end).await;
        let News::Place(told) = news.last().unwrap() else { panic!() };
        match (refused, &told.how) {
            (Some(expected), How::Refused { why, .. }) => {
                assert_eq!(why, expected);
                assert_eq!(loki.asked(), 0, "{id} was asked all the same");
                assert!(texts(&news).is_empty());
            }
            (None, How::Read { .. }) => assert_eq!(texts(&news), ["a line"]),
            (_, how) => panic!("{id}: {how:?}"),
        }
    }
}

#[tokio::test]
async fn a_consent_taken_back_in_the_fleet_file_ends_the_reading() {
    let place = "standing/production";
    let loki = Loki::start().await;
    loki.write("standing", &[line(-10, "before")]);
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { follow: true, ..topic(these(&["standing"]), Find::Everything) });
    asker.until(|news| is(news, place, |how| *how == How::Following)).await;
    let asked = loki.asked();

    let before = asker.grounds.borrow().clone().unwrap();
    let path = fleet(&asker.folder, &loki.address);
    let text = std::fs::read_to_string(&path).unwrap().replacen("logs = \"standing\"", "logs = \"none\"", 1);
    std::fs::write(&path, text).unwrap();
    let opened = open(&path, &Options::default());
    let sites = Site::among(&opened.asked);
    asker.grounds.send_replace(Some(Arc::new(before.on(Arc::new(opened.loaded.fleet.clone()), sites))));

    let news = asker.until(|news| is(news, place, |how| matches!(how, How::Refused { .. }))).await;
    assert!(news.contains(&News::Begun), "what was shown is put away");
    loki.write("standing", &[line(0, "after")]);
    assert_eq!(loki.asked(), asked, "nobody is asked after that");
    assert!(!texts(&news).contains(&"after".to_owned()));
}

#[tokio::test]
async fn everybodys_logs_are_those_of_who_consents_in_the_order_of_time() {
    let loki = Loki::start().await;
    for (id, _) in AGREEMENTS {
        let lines: Vec<_> = (0..5).map(|n| line(-100 + n * 7, &format!("{id} {n}"))).collect();
        loki.write(id, &lines);
    }
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(topic(Whose::Everybody, Find::Everything));
    let (mut news, mut through) = (Vec::new(), 0);
    while through < 2 {
        let one = asker.next().await;
        through += usize::from(read("standing/production")(&one)) + usize::from(read("today/production")(&one));
        news.push(one);
    }
    let mut told = texts(&news);
    told.sort();
    let expected: Vec<String> =
        ["standing", "today"].iter().flat_map(|id| (0..5).map(move |n| format!("{id} {n}"))).collect();
    assert_eq!(told, expected);
    let refused =
        news.iter().filter(|news| matches!(news, News::Place(told) if matches!(told.how, How::Refused { .. })));
    assert_eq!(refused.count(), 4);
}

#[tokio::test]
async fn nobody_is_asked_where_only_who_may_be_is_wanted() {
    let loki = Loki::start().await;
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(topic(Whose::Everybody, Find::Nobody));
    let mut open = 0;
    for _ in AGREEMENTS {
        open += usize::from(matches!(asker.next().await, News::Place(told) if told.how == How::Open));
    }
    assert_eq!((open, loki.asked()), (2, 0));
}

#[tokio::test]
async fn lines_are_paged_back_by_time_and_each_is_told_once() {
    let loki = Loki::start().await;
    // Many lines of one nanosecond lie across the edge of a page.
    let lines: Vec<_> = (0..2600_i64)
        .map(|n| line(-3000 + n - if (1590..1610).contains(&n) { n - 1590 } else { 0 }, &n.to_string()))
        .collect();
    loki.write("standing", &lines);
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(topic(these(&["standing"]), Find::Everything));
    let news = asker.until(read("standing/production")).await;
    let mut told: Vec<i64> = texts(&news).iter().map(|text| text.parse().unwrap()).collect();
    // The bundle keeps the newest only, and says so.
    let lost: u64 = news.iter().map(|news| if let News::Lines { lost, .. } = news { *lost } else { 0 }).sum();
    assert_eq!(told.len() + usize::try_from(lost).unwrap(), 2600);
    assert_eq!(told.len(), MOST_LINES);
    assert!(told.is_sorted());
    told.dedup();
    assert_eq!((told.len(), told.last()), (MOST_LINES, Some(&2599)));
}

#[tokio::test]
async fn a_limit_is_kept_and_said() {
    let loki = Loki::start().await;
    loki.write("standing", &(0..300).map(|n| line(-3000 + n, &n.to_string())).collect::<Vec<_>>());
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { limit: 120, ..topic(these(&["standing"]), Find::Everything) });
    let news = asker.until(read("standing/production")).await;
    assert_eq!(texts(&news).len(), 120);
    assert!(is(news.last().unwrap(), "standing/production", |how| *how == How::Read { cut: true }));
}

#[tokio::test]
async fn a_broken_tail_is_said_and_taken_up_again_without_a_line_lost_or_told_twice() {
    let loki = Loki::start().await;
    loki.write("standing", &[line(-20, "before")]);
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { follow: true, ..topic(these(&["standing"]), Find::Everything) });
    let place = "standing/production";
    let following = |news: &News| is(news, place, |how| *how == How::Following);
    let mut news = asker.until(following).await;
    loki.write("standing", &[line(1, "one"), line(2, "two")]);
    news.extend(asker.until(|news| texts(std::slice::from_ref(news)).contains(&"two".to_owned())).await);
    loki.cut_tails();
    news.extend(asker.until(|news| is(news, place, |how| matches!(how, How::Lost { .. }))).await);
    // Written while nobody listened, one of them in the very nanosecond of the last one told.
    loki.write("standing", &[line(2, "two again"), line(3, "three")]);
    news.extend(asker.until(|news| texts(std::slice::from_ref(news)).contains(&"three".to_owned())).await);
    assert_eq!(texts(&news), ["before", "one", "two", "two again", "three"]);
}

#[tokio::test]
async fn where_there_is_no_tail_one_asks_again_and_again() {
    let loki = Loki::start().await;
    loki.refuse_tails(429, "max concurrent tail requests limit exceeded");
    loki.write("standing", &[line(-20, "before")]);
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { follow: true, ..topic(these(&["standing"]), Find::Everything) });
    let mut news = asker.until(|news| is(news, "standing/production", |how| matches!(how, How::Polling { .. }))).await;
    loki.write("standing", &[line(-1, "after")]);
    news.extend(asker.until(|news| texts(std::slice::from_ref(news)).contains(&"after".to_owned())).await);
    assert_eq!(texts(&news), ["before", "after"]);
}

#[tokio::test]
async fn a_flood_of_lines_is_bounded_and_what_is_left_out_is_counted() {
    let loki = Loki::start().await;
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { follow: true, ..topic(these(&["standing"]), Find::Everything) });
    asker.until(|news| is(news, "standing/production", |how| *how == How::Following)).await;
    let n = 60_000_i64;
    loki.write("standing", &(1..=n).map(|n| line(n, &format!("flood {n} {}", "x".repeat(200)))).collect::<Vec<_>>());
    let (mut shown, mut lost) = (0_u64, 0_u64);
    while shown + lost < u64::try_from(n).unwrap() {
        if let News::Lines { rows, lost: n } = asker.next().await {
            assert!(rows.len() <= MOST_LINES, "{} lines at once", rows.len());
            shown += u64::try_from(rows.len()).unwrap();
            lost += n;
        }
    }
    assert_eq!(shown + lost, u64::try_from(n).unwrap());
}

#[tokio::test]
async fn what_is_no_longer_looked_at_is_no_longer_asked() {
    let loki = Loki::start().await;
    let mut asker = Asker::new(&loki, Access::operator());
    asker.ask(LogTopic { follow: true, ..topic(these(&["standing"]), Find::Everything) });
    asker.until(|news| is(news, "standing/production", |how| *how == How::Following)).await;
    assert_eq!(loki.tails(), 1);
    asker.inquiry.hush(Ticket(1));
    let gone = async {
        while loki.tails() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), gone).await.expect("the tail is closed");
}

#[tokio::test]
async fn every_question_leaves_a_record_and_no_line_of_the_answer() {
    let loki = Loki::start().await;
    loki.write("curious", &[line(-3, "a password: hunter2"), line(-2, "another")]);
    let mut asker = Asker::new(&loki, Access::operator().read_only());
    let reason = Some("TICKET-1".to_owned());
    asker.ask(LogTopic { reason, ..topic(these(&["curious"]), Find::Text("pass\"word".to_owned())) });
    asker.until(read("curious/production")).await;
    let path = asker.folder.path().join("audit.jsonl");
    drop(asker.inquiry);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(verify(&path).unwrap(), Ok(2), "{text}");
    assert!(!text.contains("hunter2"));
    let records: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (record, what, count) in [(&records[0], "logs-asked", None), (&records[1], "logs-read", Some(0))] {
        assert_eq!(record["what"], what);
        assert_eq!(record["place"], "curious/production");
        assert_eq!(record["access"], "read-only");
        assert_eq!(record["reason"], "TICKET-1");
        assert_eq!(record["count"], count.map_or(serde_json::Value::Null, serde_json::Value::from));
        assert_eq!(record["query"], "{app=~\".+\"} |~ \"(?i)pass\\\"word\"");
        assert_eq!(record["from"], "2026-11-21T10:00:00Z");
    }
}

#[tokio::test]
async fn without_a_record_there_is_no_question() {
    let loki = Loki::start().await;
    loki.write("standing", &[line(-3, "a line")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let mut asker = Asker::with(&loki, Access::operator(), folder, file.join("audit.jsonl"));
    asker.ask(topic(these(&["standing"]), Find::Query("{app=\"api\"}".to_owned())));
    let news = asker.until(|news| is(news, "standing/production", |how| matches!(how, How::Failed { .. }))).await;
    assert!(
        matches!(news.last(), Some(News::Place(told)) if matches!(&told.how, How::Failed { why, .. } if why.contains("audit record")))
    );
    assert_eq!(loki.asked(), 0);
}

#[tokio::test]
async fn what_fails_says_why_and_what_to_do() {
    for (status, words, why) in [
        (401, "no org id", "not authorised (401), no credential is configured"),
        (400, "parse error at line 1, col 1: syntax error", "answered 400: parse error at line 1, col 1: syntax error"),
        (504, "request timed out", "answered 504: request timed out"),
        (200, "<html><title>Sign in</title>", "expected log lines, got HTML (a login page or a wrong address)"),
    ] {
        let loki = Loki::start().await;
        loki.fail(status, words);
        let mut asker = Asker::new(&loki, Access::operator());
        asker.ask(topic(these(&["standing"]), Find::Query("{app=\"api\"}".to_owned())));
        let news = asker.until(|news| is(news, "standing/production", |how| matches!(how, How::Failed { .. }))).await;
        let News::Place(told) = news.last().unwrap() else { panic!() };
        let How::Failed { why: said, hint } = &told.how else { panic!() };
        assert_eq!(said, why);
        assert!(!hint.is_empty());
    }
}

/// The program itself, with a home of its own: what it printed, and how it ended.
async fn shown(folder: &TempDir, loki: &Loki, words: &[&str]) -> (String, String, Option<i32>) {
    let fleet = fleet(folder, &loki.address);
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["show", "logs", "--at", "2026-11-21T11:00:30Z", "--zone", "utc", "--fleet"])
        .arg(fleet)
        .args(words)
        .env_clear()
        .env("HOME", folder.path())
        .env("USER", "ada")
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[tokio::test]
async fn logs_are_shown_once_as_table_json_and_csv() {
    let loki = Loki::start().await;
    let at = line(-20, "GET /health 200");
    loki.write("standing", &[at.clone(), (at.0 + 7, "level=error msg=\"boom, twice\"".to_owned()), line(-9000, "old")]);
    loki.write("never", &[line(-20, "secret")]);
    let folder = tempfile::tempdir().unwrap();
    let (out, err, code) = shown(&folder, &loki, &["standing", "never", "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((json["view"].as_str(), json["rows"].as_array().map(Vec::len)), (Some("logs"), Some(2)), "{out}");
    let row = &json["rows"][1];
    assert_eq!(row["at"], "2026-11-21T10:59:40.000000007Z");
    assert_eq!((&row["level"], &row["line"]), (&"error".into(), &"level=error msg=\"boom, twice\"".into()));
    assert_eq!(row["labels"]["app"], "api");
    assert!(err.contains("never/production: no consent"), "{err}");
    assert_eq!(code, Some(0));
    let (out, ..) = shown(&folder, &loki, &["standing", "--query", "BOOM", "--format", "csv"]).await;
    assert!(out.lines().count() == 1, "the Loki of this test minds the case: {out}");
    let (out, ..) = shown(&folder, &loki, &["standing", "--query", "boom", "--format", "csv"]).await;
    assert!(out.lines().count() == 2 && out.contains("\"level=error msg=\"\"boom, twice\"\"\""), "{out}");
    let (out, _, code) = shown(&folder, &loki, &["standing", "--since", "3h", "--limit", "2"]).await;
    assert!(out.contains("GET /health 200") && !out.contains("old") && code == Some(0), "{out}");
    let (out, err, code) = shown(&folder, &loki, &["never"]).await;
    assert!(!out.contains("secret") && err.contains("no consent"), "{out}{err}");
    assert_eq!(code, Some(2));
    let (_, err, code) = shown(&folder, &loki, &["curious"]).await;
    assert!(err.contains("say why with `--reason`") && code == Some(2), "{err}");
    loki.fail(503, "Ingester not ready");
    let (_, err, code) = shown(&folder, &loki, &["standing"]).await;
    assert!(err.contains("Ingester not ready") && code == Some(3), "{err}");
    let audit = folder.path().join(".local/state/quarterdeck/audit.jsonl");
    assert!(matches!(verify(&audit).unwrap(), Ok(6..)), "{}", std::fs::read_to_string(&audit).unwrap());
    assert!(std::fs::read_to_string(&audit).unwrap().contains("\"who\":\"ada\""));
}
