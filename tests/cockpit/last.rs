//! The last known board: shown as what it is until another comes, and never as more.

use std::sync::Arc;

use chrono::TimeDelta;
use quarterdeck::app::effect::Effect;
use quarterdeck::app::message::{Happening, Message};
use quarterdeck::app::state::State;
use quarterdeck::app::update::update;
use quarterdeck::domain::level::Level;
use quarterdeck::rules::alert::course::AlertCourse;
use quarterdeck::text::words;
use quarterdeck::ui::theme::Theme;
use quarterdeck::views::ViewName;
use quarterdeck::views::board::{Board, SourceCount};
use quarterdeck::views::column::Tone;
use quarterdeck::views::fleet;
use quarterdeck::views::last::{Last, courses};
use quarterdeck::views::rows::{Rows, View};

use crate::common::board::{Mood, board, now};
use crate::common::screen::{cockpit, news, press};
use crate::shown;

/// What is read back of a board, so much later.
fn kept(board: &Board, later: TimeDelta) -> Board {
    let text = serde_json::to_string(&Last::of(board)).unwrap();
    serde_json::from_str::<Last>(&text).unwrap().board(now() + later)
}

/// A cockpit that starts so much later.
fn started(later: TimeDelta) -> State {
    let mut state = cockpit(now() + later, (160, 40), Theme::plain());
    news(&mut state, kept(&board(Mood::Full, 40), later));
    state
}

#[test]
fn what_was_kept_says_what_it_said_and_is_known_as_what_it_is() {
    let before = board(Mood::Full, 40);
    let last = kept(&before, TimeDelta::zero());
    assert!(last.is_last_known() && !before.is_last_known());
    assert_eq!(last.header.judged_at, before.header.judged_at);
    assert_eq!((&last.header.access, &last.header.visible), (&before.header.access, &before.header.visible));
    assert!(last.views.attention.iter().eq(before.views.attention.iter()));
    assert_eq!(last.views.fleet.len(), before.views.fleet.len());
    for view in ViewName::ALL {
        assert_eq!(last.critical(*view), before.critical(*view), "{}", view.name());
    }
}

#[test]
fn the_courses_of_alerts_that_were_kept_are_those_that_were_shown() {
    let before = board(Mood::Full, 40);
    let courses = courses(&kept(&before, TimeDelta::hours(15)));
    let told = |row: &fleet::Row| courses.get(&row.installation).map(AlertCourse::told).unwrap_or_default();
    let mut shown: Vec<&fleet::Row> = before.views.fleet.iter().collect();
    shown.retain(|row| row.alert_course.iter().flatten().count() > 1);
    assert!(shown.len() > 3, "or there is nothing to see");
    assert!(shown.iter().all(|row| told(row) == row.alert_course));
    // Fifteen hours later nothing of them is left, and nobody makes anything up.
    let later = now() + TimeDelta::hours(15);
    assert!(courses.values().all(|course| course.after(Some(1), later).told().is_empty()));
}

#[test]
fn nothing_that_was_kept_is_well_and_nobody_was_asked() {
    let mut before = board(Mood::Full, 40);
    before.header.sources = SourceCount { ok: 5, stale: 1, failing: 2, never: 3 };
    let last = kept(&before, TimeDelta::zero());
    assert_eq!(last.header.sources, SourceCount { never: 11, ..SourceCount::default() });
    assert!(before.views.fleet.iter().any(|row| row.health == Level::Ok), "or there is nothing to see");
    for (row, was) in last.views.fleet.iter().zip(before.views.fleet.iter()) {
        assert!(row.stale && row.tone() == Tone::Stale, "{row:?}");
        let aged = if was.health == Level::Ok { Level::Unknown } else { was.health };
        assert_eq!(row.health, aged, "bad stays bad, and well is unknown");
        assert!(row.environments.iter().all(|copy| copy.health != Level::Ok));
    }
}

#[test]
fn days_count_from_the_day_it_is_shown_on_and_a_window_that_is_over_is_none() {
    let mut before = board(Mood::Full, 3);
    let mut rows: Vec<_> = before.views.fleet.iter().cloned().collect();
    rows[0].days_left = Some(3);
    before.views.fleet = Rows::new([Arc::new(rows)]);
    let at = |later: TimeDelta| {
        let last = kept(&before, later);
        let row = last.views.fleet.iter().next().unwrap().clone();
        (row.days_left, row.next_window)
    };
    // It was 02:17 in Berlin.
    assert_eq!(at(TimeDelta::hours(21)).0, Some(3));
    assert_eq!(at(TimeDelta::hours(22)).0, Some(2));
    assert_eq!(at(TimeDelta::days(5)).0, Some(-2));
    let open = before.views.fleet.iter().next().unwrap().next_window.clone().unwrap();
    assert_eq!(at(open.end - now() - TimeDelta::seconds(1)).1, Some(open.clone()));
    assert_eq!(at(open.end - now()).1, None);
}

#[test]
fn it_says_that_it_is_the_last_known_one_and_of_when_until_another_comes() {
    let mut state = started(TimeDelta::hours(14));
    let picture = shown(&state);
    for said in ["last known, 14 h ago", "Needed you 14 h ago", "not asked yet", "acme", "◔ unknown"] {
        assert!(picture.contains(said), "{said}\n{picture}");
    }
    assert!(!picture.contains("Needs you now") && !picture.contains("live"), "{picture}");
    // Moments are told by the clock of the person who looks.
    let first = state.urgent.iter().find(|line| line.row.deadline.is_none() && line.row.since.is_some()).unwrap();
    assert!(picture.contains(&words::ago(state.now - first.row.since.unwrap())), "{picture}");
    let later = state.now + TimeDelta::hours(1);
    update(&mut state, Message { now: later, what: Happening::Tick });
    assert!(shown(&state).contains("last known, 15 h ago"));
    news(&mut state, board(Mood::Full, 40));
    let picture = shown(&state);
    assert!(picture.contains("Needs you now") && picture.contains("live"), "{picture}");
}

#[test]
fn of_a_view_that_is_not_kept_it_says_so_instead_of_nothing() {
    let mut state = started(TimeDelta::minutes(3));
    for keys in ["2", "4", "6", "7", "9", "0", "1 enter"] {
        press(&mut state, keys);
        let picture = shown(&state);
        assert!(picture.contains("nothing has answered yet"), "{picture}");
        assert!(picture.contains("last known, 3 min ago"), "{keys}: {picture}");
    }
}

#[test]
fn nobody_is_asked_for_more_and_nothing_rings_before_the_fleet_is_known() {
    let mut state = started(TimeDelta::minutes(3));
    for keys in ["7", "1 enter"] {
        press(&mut state, keys);
        assert!(state.asking.running.is_empty(), "{keys}");
    }
    let (now, board) = (state.now, Arc::new(board(Mood::Full, 40)));
    let effects = update(&mut state, Message { now, what: Happening::News(board) });
    let rings = |effect: &Effect| matches!(effect, Effect::Ring(_));
    assert!(!effects.iter().any(rings), "what was known before is no news: {effects:?}");
    assert!(!state.asking.running.is_empty(), "now they are");
}
