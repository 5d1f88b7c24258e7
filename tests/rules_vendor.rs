//! A vendor's real habits: three eras of numbers in one list, several releases a day, one announced twice. Every verdict
//! about every version is held against a slow reading of the same rules.
#![allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{Days, NaiveDate, TimeDelta};
use quarterdeck::domain::clock::{Moment, Tz, day_of};
use quarterdeck::domain::delivery::{ListKind, Release};
use quarterdeck::domain::fact::{Evidence, Fact, Heard, Sighting, What};
use quarterdeck::domain::facts::{Facts, Poll};
use quarterdeck::domain::fleet::Fleet;
use quarterdeck::domain::id::{Place, Scope, SourceId};
use quarterdeck::fleetfile::load::{Options, load_text};
use quarterdeck::fleetfile::shape::Form;
use quarterdeck::rules::judge::{Judge, judge};
use quarterdeck::rules::lifecycle::LifeState;
use quarterdeck::text::clean::Clean;

const ZONE: Tz = Tz::Europe__Berlin;

/// 461 releases with their days: `7.x.0`, then years with weekly minors, patches of older lines in between.
fn vendor() -> Vec<([u64; 3], NaiveDate)> {
    let mut list = Vec::new();
    let mut on: NaiveDate = "2021-01-04".parse().unwrap();
    let step = |on: &mut NaiveDate, n: usize| *on = *on + Days::new([3, 0, 4, 2, 5][n % 5]);
    for minor in 60..177 {
        list.push(([7, minor, 0], on));
        step(&mut on, minor as usize);
    }
    for year in [2023, 2024, 2025, 2026] {
        for minor in 1..=60 {
            list.push(([year, minor, 0], on));
            step(&mut on, minor as usize);
            if minor % 3 == 0 {
                list.push(([year, minor - 1, 1], on));
            }
            if minor % 7 == 0 && minor > 8 {
                list.push(([year, minor - 8, 2], on));
            }
        }
    }
    list.truncate(461);
    assert_eq!(list.len(), 461);
    list
}

fn text([a, b, c]: [u64; 3]) -> String {
    format!("{a}.{b}.{c}")
}

fn fleet(installations: usize) -> Fleet {
    let mut file =
        "[fleet]\nname = 'v'\ntimezone = 'Europe/Berlin'\n[products.own]\nscheme = 'calver'\nlifecycle = 'rolling'\n"
            .to_owned();
    for n in 0..installations {
        write!(
            file,
            "[[installations]]\nid = 'i{n:04}'\nname = 'I'\ncustomer = 'c{n}'\nplan = 'on-prem'\n[[installations.environments]]\nname = 'production'\nproduct = 'own'\nwindow = 'thursday'\n"
        )
        .unwrap();
    }
    let draft = load_text("v.toml", &file, Form::Toml, &Options::default());
    draft.sound().map_err(|(problems, _)| format!("{problems:?}")).unwrap().fleet
}

fn poll(scope: Scope, kind: &str, at: Moment, facts: Vec<Fact>) -> Poll {
    Poll {
        from: SourceId { scope, kind: kind.into(), name: None },
        at,
        took: Duration::ZERO,
        certificate_ends: None,
        brought: Ok(Heard { facts, gaps: Vec::new() }),
    }
}

/// The feed, newest first as feeds are, with one version announced a second time a week later.
fn announced(list: &[([u64; 3], NaiveDate)], at: Moment) -> Poll {
    let release = |version: String, on: NaiveDate| {
        Fact::here(What::Release(Box::new(Release {
            product: "own".into(),
            version: Clean::line(&version),
            // As the vendor's feed has it: midnight UTC of the day.
            published: Some(quarterdeck::domain::clock::Dated::At(on.and_hms_opt(0, 0, 0).unwrap().and_utc())),
            prerelease: false,
            chart: None,
            url: None,
            list: ListKind::Newest,
        })))
    };
    let mut facts: Vec<Fact> = list.iter().rev().map(|(version, on)| release(text(*version), *on)).collect();
    let (twice, on) = list[list.len() / 2];
    facts.push(release(text(twice), on + Days::new(7)));
    poll(Scope::Product("own".into()), "feed", at, facts)
}

fn runs(installation: &str, version: [u64; 3], at: Moment) -> Poll {
    let sighting = Sighting {
        product: "own".into(),
        version: Clean::line(&text(version)),
        evidence: Evidence::Answered,
        part: None,
    };
    let place = Place::new(&installation.into(), &"production".into());
    poll(Scope::Place(place), "http", at, vec![Fact::here(What::Sighting(sighting))])
}

#[test]
fn every_version_of_three_eras_on_several_days() {
    let (list, fleet) = (vendor(), fleet(461));
    let last = list.iter().map(|(_, on)| *on).max().unwrap();
    for back in [0, 40, 400, 800] {
        let today = last - Days::new(back);
        let at = today.and_hms_opt(11, 0, 0).unwrap().and_utc();
        let mut facts = Facts::new().absorb(announced(&list, at));
        for (n, (version, _)) in list.iter().enumerate() {
            facts = facts.absorb(runs(&format!("i{n:04}"), *version, at));
        }
        let judged = judge(&fleet, &facts, at);
        let known: Vec<_> = list.iter().filter(|(_, on)| *on <= today).collect();
        let target = known.iter().map(|(version, _)| *version).max().unwrap();
        for (n, (running, own)) in list.iter().enumerate().filter(|(_, (_, on))| *on <= today) {
            let found = &judged.verdicts[format!("i{n:04}").as_str()].components[0];
            let higher: Vec<_> = known.iter().filter(|(version, _)| version > running).collect();
            let behind = higher.iter().map(|(_, on)| *on).min();
            let eol = behind.map(|first| first.max(*own));
            let deadline = eol.map(|eol| eol + Days::new(30));
            let state = match deadline {
                None => LifeState::Supported,
                Some(deadline) if deadline >= today => LifeState::Due,
                Some(_) => LifeState::Expired,
            };
            let why = format!("{running:?} on {today}");
            assert_eq!(found.drift.target.as_ref().unwrap().text(), text(target), "{why}");
            assert_eq!(found.drift.releases_behind, u32::try_from(higher.len()).ok(), "{why}");
            assert_eq!(found.drift.days_behind, Some(behind.map_or(0, |first| (today - first).num_days())), "{why}");
            assert_eq!((found.life.state, found.life.eol_at, found.life.deadline), (state, eol, deadline), "{why}");
            assert_eq!(found.life.days_left, deadline.map(|deadline| (deadline - today).num_days()), "{why}");
            assert_eq!(day_of(at, ZONE), today);
        }
    }
}

#[test]
fn a_feed_of_the_newest_twenty_says_only_what_it_knows() {
    let (list, fleet) = (vendor(), fleet(2));
    let newest: Vec<_> = list[441..].to_vec();
    let lowest = newest.iter().map(|(version, _)| *version).min().unwrap();
    let at = (newest.last().unwrap().1).and_hms_opt(11, 0, 0).unwrap().and_utc();
    let old = list.iter().map(|(version, _)| *version).filter(|version| *version < lowest).max().unwrap();
    let facts =
        Facts::new().absorb(announced(&newest, at)).absorb(runs("i0000", old, at)).absorb(runs("i0001", lowest, at));
    let judged = judge(&fleet, &facts, at);
    let [old, lowest] = ["i0000", "i0001"].map(|id| judged.verdicts[id].components[0].clone());
    assert_eq!((old.drift.releases_behind, old.drift.days_behind), (None, None));
    assert_eq!(lowest.drift.releases_behind, Some(19));
}

#[test]
fn one_fact_among_a_thousand_installations_judges_one_again() {
    let (list, fleet) = (vendor(), fleet(1000));
    let at = list.last().unwrap().1.and_hms_opt(11, 0, 0).unwrap().and_utc();
    let mut facts = Facts::new().absorb(announced(&list, at));
    for n in 0..1000 {
        facts = facts.absorb(runs(&format!("i{n:04}"), list[n % 461].0, at));
    }
    let mut kept = Judge::default();
    let first = kept.judge(&fleet, &facts, at);
    let facts = facts.clone().absorb(runs("i0007", list[460].0, at));
    let second = kept.judge(&fleet, &facts, at + TimeDelta::seconds(1));
    let both = first.verdicts.iter().zip(&second.verdicts);
    let changed = both.filter(|((_, old), (_, new))| !std::sync::Arc::ptr_eq(old, new));
    assert_eq!(changed.map(|((id, _), _)| id.as_str()).collect::<Vec<_>>(), ["i0007"]);
}
