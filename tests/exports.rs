//! What is written for others to read: every format over every view, read back by somebody else's reader.
#![allow(clippy::unwrap_used, clippy::panic, clippy::manual_is_multiple_of, dead_code, missing_docs)]

mod common;

use std::process::{Command, Stdio};
use std::sync::Arc;

use common::board::{Mood, board, now, told};
use common::screen::{cockpit, news, press};
use quarterdeck::app::effect::Effect;
use quarterdeck::app::layer::Layer;
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::picture::{of_view, picture};
use quarterdeck::app::update::update;
use quarterdeck::export::table::Style;
use quarterdeck::export::{FORMATS, Format, Sheet};
use quarterdeck::text::clean::Clean;
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::ViewName;
use quarterdeck::views::board::Board;
use quarterdeck::views::lens::{Lens, Zone};

fn written(board: &Board, view: ViewName, format: &str) -> String {
    let lens = Lens { now: now(), zone: Zone::Fleet, zones: &board.header.zones };
    let settings = cockpit(now(), (120, 36), Theme::built_in("dark").unwrap()).settings;
    let shown = Arc::new(board.clone());
    let draw = || Some(of_view(settings.clone(), Arc::clone(&shown), view, now(), (120, 36)));
    let style = Style { width: None, ascii: false };
    let sheet = Sheet { board, view, lens: &lens, style, draw: &draw };
    (Format::named(format).unwrap().write)(&sheet).unwrap()
}

/// Reads the whole file as XML; gives the text between the tags.
fn xml(text: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_i32;
    let mut said = String::new();
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}\n{text}")) {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Text(text) => said.push_str(&text),
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{text}");
    said
}

#[test]
fn every_view_has_a_picture_that_is_xml_and_says_what_the_screen_says() {
    let board = board(Mood::Full, 40);
    for view in ViewName::ALL {
        let svg = written(&board, *view, "svg");
        let said = xml(&svg);
        assert!(said.contains(view.title()) && said.contains("northwind"), "{}: {said}", view.name());
        assert!(!svg.contains("#808080"), "{}: a colour was left to a terminal", view.name());
        assert_eq!(svg, written(&board, *view, "svg"), "the same picture is the same file");
    }
}

#[test]
fn a_page_needs_nothing_but_itself_and_has_every_row() {
    let board = board(Mood::Full, 40);
    for view in ViewName::ALL {
        let html = written(&board, *view, "html");
        for foreign in ["<script", "src=", "@import", "url("] {
            assert!(!html.contains(foreign), "{}: {foreign}", view.name());
        }
        let rows = written(&board, *view, "csv").lines().count().saturating_sub(1);
        let shown = html.matches("<tr>").count().saturating_sub(1);
        assert!(shown >= rows.min(1), "{}: {shown} of {rows}", view.name());
    }
    assert_eq!(written(&board, ViewName::Fleet, "html").matches("<tr>").count(), 41);
}

#[test]
fn hostile_text_is_text_in_every_format() {
    let hostile = "\"><script>alert(1)</script>\u{1b}[31m\u{202e}|`[x](javascript:1)\r\nEND:VEVENT\r\n=1+1";
    // As every reader of the outside hands it on: what the cleaning takes away is gone, what means something here stays.
    let board = told(&board(Mood::Full, 13), Clean::line(hostile).as_str());
    for view in ViewName::ALL {
        for format in Format::of(*view) {
            let text = written(&board, *view, format.name);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{} as {}", view.name(), format.name);
            match format.name {
                "svg" => drop(xml(&text)),
                "html" => assert!(!text.contains("<script"), "{}", view.name()),
                "ics" => assert!(!text.lines().any(|line| line.starts_with("=1")), "{text}"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_calendar_keeps_its_uids_and_folds_its_lines() {
    let ics = written(&board(Mood::Full, 40), ViewName::Calendar, "ics");
    assert!(ics.starts_with("BEGIN:VCALENDAR\r\n") && ics.ends_with("END:VCALENDAR\r\n"));
    assert!(ics.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    assert!(ics.contains("DTSTAMP:20261121T011700Z\r\n"), "{ics}");
    let uids = |ics: &str| -> Vec<String> {
        ics.split("\r\n").filter(|line| line.starts_with("UID:")).map(str::to_owned).collect()
    };
    let (first, mut second) = (uids(&ics), uids(&written(&board(Mood::Full, 41), ViewName::Calendar, "ics")));
    second.retain(|uid| first.contains(uid));
    assert!(!first.is_empty() && second.len() * 10 >= first.len() * 9, "{first:?}");
    let mut once = first.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), first.len(), "no two events share a name");
}

/// What python's icalendar reads out of it: the second opinion on RFC 5545.
const SECOND: &str = "
import sys, icalendar
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
for part in calendar.walk():
    assert not part.errors, part.errors
zones = [str(zone['TZID']) for zone in calendar.walk('VTIMEZONE')]
for zone in calendar.walk('VTIMEZONE'):
    zone.to_tz()
for event in calendar.walk('VEVENT'):
    start = event['DTSTART'].dt
    zone = event['DTSTART'].params.get('TZID')
    assert zone is None or zone in zones, zone
    end = event['DTEND'].dt if 'DTEND' in event else start
    assert end >= start, event
    print(event['UID'], start.isoformat(), str(event['SUMMARY']).replace(chr(10), ' '), sep='|')
";

#[test]
fn a_second_reader_understands_the_calendar() {
    let known = Command::new("python3").args(["-c", "import icalendar"]).stderr(Stdio::null()).status();
    if !known.is_ok_and(|status| status.success()) {
        eprintln!("left out: the second reader of iCalendar, because this machine has no python3 with icalendar");
        return;
    }
    let board = board(Mood::Full, 40);
    let ics = written(&board, ViewName::Calendar, "ics");
    let mut python =
        Command::new("python3").args(["-c", SECOND]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), ics.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let read = String::from_utf8(output.stdout).unwrap();
    assert_eq!(read.lines().count(), ics.matches("BEGIN:VEVENT").count());
    for row in board.views.calendar.iter() {
        assert!(read.contains(&row.title.replace('\n', " ")), "{} in {read}", row.title);
    }
}

#[test]
fn e_offers_the_forms_of_the_view_and_asks_for_the_chosen_one() {
    let mut state = cockpit(now(), (120, 36), Theme::plain());
    news(&mut state, board(Mood::Full, 12));
    press(&mut state, "e");
    assert_eq!(state.layers, [Layer::Export { chosen: 0 }]);
    let svg = Format::of(ViewName::Fleet).position(|format| format.name == "svg").unwrap();
    press(&mut state, &"down ".repeat(svg));
    let enter = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Enter);
    let now = state.now;
    let effects = update(&mut state, Message { now, what: Happening::Key(enter) });
    assert_eq!(effects, [Effect::Export { view: ViewName::Fleet, format: "svg", zone: Zone::Fleet, only: Vec::new() }]);
    let text: String = picture(&state).content.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.contains("northwind") && !text.contains("Write Fleet as"), "the list is not part of the picture");
    assert!(Format::of(ViewName::Calendar).count() == FORMATS.len());
    assert!(Format::of(ViewName::Drift).count() == FORMATS.len() - 1);
}
