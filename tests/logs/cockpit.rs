//! The logs as the cockpit asks for them and shows them: keys in, effects and pictures out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use quarterdeck::app::effect::{Effect, Ticket};
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::state::State;
use quarterdeck::app::update::update;
use quarterdeck::domain::clock::Moment;
use quarterdeck::text::clean::Clean;
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::asked::{Bar, Figure, Find, How, LogTopic, News, Span, Told, Topic, Whose};
use quarterdeck::views::board::Board;
use quarterdeck::views::logs::Row;

use crate::common::board::{Mood, board, now};
use crate::common::screen::{cockpit, picture, text};

/// A board whose log lines were not given with it: they must be asked for.
fn quiet() -> Board {
    let mut board = board(Mood::Full, 12);
    board.views.logs = Default::default();
    board
}

/// A cockpit that collects what it asks of the world.
struct Seat {
    state: State,
    effects: Vec<Effect>,
}

impl Seat {
    fn new(size: (u16, u16)) -> Self {
        let mut seat = Self { state: cockpit(now(), size, Theme::plain()), effects: Vec::new() };
        seat.tell(Happening::News(quiet().into()));
        seat
    }

    fn tell(&mut self, what: Happening) {
        let now = self.state.now;
        self.effects.extend(update(&mut self.state, Message { now, what }));
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            let code = match key {
                "enter" => KeyCode::Enter,
                "esc" => KeyCode::Esc,
                "space" => KeyCode::Char(' '),
                other => KeyCode::Char(other.chars().next().unwrap()),
            };
            self.tell(Happening::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
        self
    }

    /// The topics asked since the last look, and how many were stopped.
    fn asked(&mut self) -> (Vec<LogTopic>, usize) {
        let effects = std::mem::take(&mut self.effects);
        let hushed = effects.iter().filter(|effect| matches!(effect, Effect::Hush(_))).count();
        let topics = effects.into_iter().filter_map(|effect| match effect {
            Effect::Ask(_, Topic::Logs(topic)) => Some(topic),
            _ => None,
        });
        (topics.collect(), hushed)
    }

    /// The ticket of what is asked now.
    fn ticket(&self) -> Ticket {
        let asked = self.effects.iter().filter_map(|effect| match effect {
            Effect::Ask(ticket, _) => Some(*ticket),
            _ => None,
        });
        asked.max().unwrap()
    }

    fn shown(&self) -> String {
        text(&picture(&self.state))
    }
}

fn row(installation: &str, second: i64, level: Option<&str>, line: &str) -> Row {
    Row {
        installation: installation.into(),
        environment: Some("production".into()),
        at: now() + TimeDelta::seconds(second),
        level: level.map(str::to_owned),
        labels: BTreeMap::from([
            ("app".to_owned(), "meshfed-api".to_owned()),
            ("pod".to_owned(), "meshfed-api-5d".to_owned()),
        ]),
        line: line.to_owned(),
    }
}

fn place(installation: &str, how: How) -> News {
    News::Place(Told { installation: installation.into(), environment: Some("production".into()), how })
}

fn refused(installation: &str) -> News {
    let why = "no consent: the agreement does not let its logs be read".to_owned();
    place(installation, How::Refused { why, wants_reason: false })
}

#[test]
fn opening_the_view_reads_nobodys_logs() {
    let mut seat = Seat::new((120, 36));
    seat.press("7");
    let (topics, _) = seat.asked();
    assert_eq!(topics.len(), 1);
    assert_eq!((&topics[0].find, &topics[0].whose), (&Find::Nobody, &Whose::Everybody));
}

#[test]
fn keys_ask_and_leaving_stops_asking() {
    let mut seat = Seat::new((120, 36));
    seat.press("7").asked();
    let typed = |seat: &mut Seat, keys: &str| seat.press(keys).asked();
    let (topics, hushed) = typed(&mut seat, "7 Q b o o m enter");
    assert_eq!((topics[0].find.clone(), hushed), (Find::Text("boom".to_owned()), 1));
    assert!(topics[0].follow);
    assert_eq!(topics[0].span, Span::Back(std::time::Duration::from_secs(3600)));
    let (topics, _) = typed(&mut seat, "]");
    assert_eq!(topics[0].span, Span::Back(std::time::Duration::from_secs(6 * 3600)));
    let (topics, _) = typed(&mut seat, "F");
    assert!(!topics[0].follow);
    let (topics, _) = typed(&mut seat, "R x enter");
    assert_eq!(topics[0].reason.as_deref(), Some("x"));
    let (topics, hushed) = typed(&mut seat, "r");
    assert_eq!((topics.len(), hushed), (1, 1), "the same is asked again where a person wants it");
    let (topics, hushed) = typed(&mut seat, "j k /");
    assert_eq!((topics.len(), hushed), (0, 0), "moving about and filtering ask nobody");
    let (topics, hushed) = typed(&mut seat, "esc 1");
    assert_eq!((topics.len(), hushed), (0, 1));
    let (topics, _) = typed(&mut seat, "7");
    assert_eq!(topics[0].find, Find::Text("boom".to_owned()));
    seat.tell(Happening::Paused(true));
    assert_eq!(seat.asked().1, 1, "who rests asks nobody");
}

#[test]
fn several_marked_ones_are_read_together_and_one_alone_on_its_own() {
    let mut seat = Seat::new((120, 36));
    seat.press("7");
    let ticket = seat.ticket();
    for id in ["acme", "globex", "initech"] {
        seat.tell(Happening::Told(ticket, place(id, How::Open)));
    }
    seat.asked();
    seat.press("space j space enter");
    let (topics, _) = seat.asked();
    assert_eq!(topics[0].whose, Whose::These(vec!["acme".into(), "initech".into()]));
    assert_eq!(topics[0].find, Find::Everything);
    // Back to the list, without marks: the one that is chosen.
    seat.press("esc space j space k enter");
    let (topics, _) = seat.asked();
    assert_eq!(topics.last().unwrap().whose, Whose::These(vec!["globex".into()]));
    assert_eq!(seat.state.place.installation, Some("globex".into()));
}

#[test]
fn at_another_time_the_lines_of_that_time_are_asked_and_nobody_is_followed() {
    let mut seat = Seat::new((120, 36));
    seat.press("7 Q enter").asked();
    seat.press("v 2 0 2 6 - 1 1 - 2 0 enter");
    let (topics, _) = seat.asked();
    let until: Moment = "2026-11-19T23:00:00Z".parse().unwrap();
    assert_eq!(topics[0].span, Span::Between(until - TimeDelta::hours(1), until));
    assert!(!topics[0].follow);
}

#[test]
fn late_news_of_an_earlier_question_are_not_shown() {
    let mut seat = Seat::new((120, 36));
    seat.press("7 Q a enter");
    let old = seat.ticket();
    seat.press("Q b enter");
    seat.tell(Happening::Told(old, News::Lines { rows: vec![row("acme", -1, None, "too late")], lost: 0 }));
    assert!(!seat.shown().contains("too late"));
}

/// Lines of three places, one of which is lost, one refused.
fn full(size: (u16, u16)) -> Seat {
    let mut seat = Seat::new(size);
    seat.press("7 Q r o l l enter");
    let ticket = seat.ticket();
    let bars = |seed: u64| {
        (0..60).map(move |n| Bar {
            at: now() - TimeDelta::minutes(60 - i64::try_from(n).unwrap()),
            errors: if n > 40 && (n + seed) % 7 == 0 { n / 8 } else { 0 },
            warnings: (n + seed) % 11 / 9,
            others: 3 + (n * seed) % 17,
        })
    };
    for (id, seed) in [("acme", 5), ("globex", 11)] {
        let step = std::time::Duration::from_secs(60);
        let bars = bars(seed).collect();
        seat.tell(Happening::Told(ticket, News::Volume { place: format!("{id}/production"), bars, step }));
    }
    let rows = (0..60).map(|n| {
        let (level, line) = match n % 9 {
            3 => (
                Some("error"),
                format!("migration of 2026.41.0 failed: Lock wait timeout exceeded; try {n} of Rollout"),
            ),
            6 => (
                Some("warn"),
                "Readiness probe failed for meshfed-api-5d: HTTP probe failed with statuscode: 503".to_owned(),
            ),
            8 => (Some("debug"), format!("cache hit for tenant 4a1f after {n} us, rolling on")),
            _ => (Some("info"), format!("rolling out 2026.41.0 over 2026.40.1, step {n}")),
        };
        row(if n % 3 == 0 { "globex" } else { "acme" }, -600 + n * 10, level, &line)
    });
    seat.tell(Happening::Told(ticket, News::Lines { rows: rows.collect(), lost: 7 }));
    seat.tell(Happening::Told(ticket, place("acme", How::Following)));
    let again = now() + TimeDelta::seconds(4);
    let why = "the answer broke off: the other side closed the connection".to_owned();
    seat.tell(Happening::Told(ticket, place("globex", How::Lost { why, again })));
    seat.tell(Happening::Told(ticket, refused("umbrella")));
    seat.tell(Happening::Told(ticket, refused("hooli")));
    seat.tell(Happening::Told(ticket, refused("wayne")));
    seat
}

/// How the logs look in every state a person may meet.
#[test]
fn the_logs_look_as_somebody_saw_them() {
    for size in [(200, 50), (120, 36), (80, 24), (60, 16)] {
        let mut all = format!("## lines\n{}", full(size).shown());
        let mut seat = full(size);
        seat.press("k k k enter");
        all.push_str(&format!("\n## one in full\n{}", seat.shown()));
        let mut seat = full(size);
        seat.press("f / 5 0 3 enter");
        all.push_str(&format!("\n## filtered\n{}", seat.shown()));
        insta::assert_snapshot!(format!("logs-{}x{}", size.0, size.1), all);
    }
    let failed = How::Failed {
        why: "not authorised (401) with env ACME_LOKI".to_owned(),
        hint: "has the credential in env ACME_LOKI expired?".to_owned(),
    };
    let wants =
        How::Refused { why: "the agreement wants a reason for reading its logs".to_owned(), wants_reason: true };
    let states: &[(&str, Vec<News>)] = &[
        ("asking", vec![place("acme", How::Asking)]),
        ("no such line", vec![place("acme", How::Following)]),
        ("refused", vec![refused("acme")]),
        ("wants a reason", vec![place("acme", wants)]),
        ("failing", vec![place("acme", failed), refused("globex")]),
        ("nobody asked any more", vec![]),
    ];
    let mut all = String::new();
    for (name, news) in states {
        let mut seat = Seat::new((80, 24));
        seat.press("7 Q x enter");
        let ticket = seat.ticket();
        for one in news {
            seat.tell(Happening::Told(ticket, one.clone()));
        }
        if news.is_empty() {
            seat.tell(Happening::Paused(true));
        }
        all.push_str(&format!("## {name}\n{}\n", seat.shown()));
    }
    let mut seat = Seat::new((80, 24));
    seat.press("7");
    let ticket = seat.ticket();
    for id in ["acme", "globex"] {
        seat.tell(Happening::Told(ticket, place(id, How::Open)));
    }
    seat.tell(Happening::Told(ticket, refused("hooli")));
    seat.press("space");
    all.push_str(&format!("## places\n{}\n", seat.shown()));
    seat.press("Q { a p p");
    all.push_str(&format!("## typing\n{}\n", seat.shown()));
    insta::assert_snapshot!("logs-states", all);
}

/// One rollout in full asks for its own lines and shows them; a page asks for the figures of its installation.
#[test]
fn one_rollout_and_one_installation_ask_for_what_is_theirs() {
    let mut all = String::new();
    for size in [(200, 50), (120, 36), (80, 24)] {
        let mut seat = Seat::new(size);
        seat.press("5 enter");
        let (topics, _) = seat.asked();
        let [topic] = &topics[..] else { panic!("{topics:?}") };
        let Find::Mentions(words) = &topic.find else { panic!("{topic:?}") };
        assert!(words.contains(&"2026.41.0".to_owned()) && words.len() > 1, "{words:?}");
        assert!(
            matches!((&topic.whose, topic.span, topic.follow), (Whose::Place(..), Span::Since(_), true)),
            "{topic:?}"
        );
        let Whose::Place(id, _) = &topic.whose else { panic!() };
        let ticket = Ticket(1);
        let rows = vec![
            row(id.as_str(), -400, Some("info"), "rolling out 2026.41.0 over 2026.40.1"),
            row(id.as_str(), -300, Some("error"), "migration of 2026.41.0 failed: Lock wait timeout exceeded"),
            row(id.as_str(), -200, Some("warn"), "Readiness probe failed for meshfed-api-5d: statuscode: 503"),
        ];
        seat.tell(Happening::Told(ticket, News::Lines { rows, lost: 0 }));
        seat.tell(Happening::Told(ticket, place(id.as_str(), How::Following)));
        all.push_str(&format!("## rollout {}x{}\n{}\n", size.0, size.1, seat.shown()));
        seat.press("7");
        assert_eq!(seat.state.place.installation.as_ref(), Some(id), "its logs are one key away");

        let mut seat = Seat::new(size);
        seat.press("1 enter");
        let asked = seat.effects.iter().find_map(|effect| match effect {
            Effect::Ask(ticket, Topic::Figures(id, None)) => Some((*ticket, id.clone())),
            _ => None,
        });
        let (ticket, id) = asked.unwrap();
        assert_eq!(seat.state.place.installation, Some(id));
        let wave = |n: u32| (0..30).map(|k| Some(f64::from((k * n) % 17))).collect::<Vec<_>>();
        let figure = |name: &str, unit: &str, values, fault: Option<&str>| Figure {
            environment: Some("production".into()),
            name: name.to_owned(),
            unit: unit.to_owned(),
            values,
            until: Some(now()),
            fault: fault.map(str::to_owned),
        };
        let mut holes = wave(5);
        holes[10..14].fill(None);
        let figures = vec![
            figure("requests", "/s", wave(3), None),
            figure("errors 5xx", "/s", holes, None),
            figure("load", "", vec![Some(2.5); 30], None),
            figure("alerts", "", Vec::new(), Some("no answer within 10 s")),
        ];
        seat.tell(Happening::Told(ticket, News::Figures(figures)));
        all.push_str(&format!("## installation {}x{}\n{}\n", size.0, size.1, seat.shown()));
    }
    insta::assert_snapshot!("on-demand", all);
}

#[test]
fn the_newest_line_stays_in_sight_and_a_held_one_stays_where_it_is() {
    let mut seat = full((120, 36));
    let ticket = seat.ticket();
    let news = |from: i64| News::Lines {
        rows: (0..40).map(|n| row("acme", from + n, None, &format!("later {}", from + n))).collect(),
        lost: 0,
    };
    seat.tell(Happening::Told(ticket, news(100)));
    assert!(seat.shown().contains("later 139"), "the newest is followed");
    seat.press("k k");
    let held = |shown: &str| shown.lines().find(|line| line.starts_with('▌')).unwrap().to_owned();
    let before = held(&seat.shown());
    seat.tell(Happening::Told(ticket, news(200)));
    assert_eq!(held(&seat.shown()), before);
    assert!(seat.shown().contains("held here"));
    seat.press("G");
    assert!(seat.shown().contains("later 239"));
}

/// What comes from outside may be wide, long, joined, or meant to harm: it stays in its cell.
#[test]
fn hostile_lines_stay_in_their_cells() {
    let long = "long ".repeat(2000);
    let hostile = [
        "\u{1b}[2J\u{1b}]52;c;eA==\u{7}gone",
        "\u{202e}gnp.exe\u{2066}",
        "漢字仮名交じり文🏳️‍🌈👩‍👩‍👧‍👦",
        "a\tb\nc\rd\0e",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        &long,
        "",
    ];
    for size in [(200, 50), (80, 24), (61, 17)] {
        for keys in ["", "enter", "l l l", "/ a enter", "f"] {
            let mut seat = Seat::new(size);
            seat.press("7 Q a enter");
            let ticket = seat.ticket();
            // As they come out of the reader: clean.
            let rows = hostile.iter().enumerate().map(|(n, text)| {
                row("acme", i64::try_from(n).unwrap(), Some(Clean::line(text).as_str()), Clean::line(text).as_str())
            });
            seat.tell(Happening::Told(ticket, News::Lines { rows: rows.collect(), lost: 0 }));
            seat.press(keys);
            let picture = picture(&seat.state);
            for cell in &picture.content {
                assert!(!cell.symbol().contains(|c: char| c.is_control()), "{:?}", cell.symbol());
                assert!(!cell.symbol().contains(['\u{202e}', '\u{2066}']), "{:?}", cell.symbol());
            }
            for line in text(&picture).lines() {
                assert!(quarterdeck::text::width::width(line) <= usize::from(size.0), "{line}");
            }
        }
    }
}
