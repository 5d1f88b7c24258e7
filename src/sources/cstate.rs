//! cState: a status page of static files. Planned work has no form of its own there, so no window is made up for it.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::planned::Incident;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::posts::{Post, read_posts};
use crate::sources::reading::{json, part, raw_items, told};
use crate::sources::rss::{self, Openness};
use crate::text::clean::Clean;

/// cState.
pub static KIND: Kind = Kind {
    name: "cstate",
    about: "issues and systems of a cState page",
    example: r#"{ kind = "cstate", name = "Initech", url = "https://status.initech.example.test" }"#,
    stands: Stands::Page,
    build,
};

/// The page, with what was understood of it last.
#[derive(Default)]
pub struct CState {
    kept: Kept<Heard>,
    posts: Kept<Vec<Post>>,
}

fn build(_section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    Some(Built::new(CState::default()))
}

impl Source for CState {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let index = self.kept.ask(door, Ask::get("index.json"), read_index).await;
            let mut heard = match index {
                Ok(heard) => heard,
                // Titles are pasted into the JSON unescaped: one quote breaks it, and the feed has them all the same.
                Err(fault @ Fault::Garbled { .. }) => return self.feed(door, fault, now).await,
                Err(fault) => return Err(fault),
            };
            let history = self.kept.ask(door, Ask::get("issues/index.json"), read_issues).await;
            let history = part(history, "issues", &mut heard)?;
            heard.facts.extend(history.facts);
            heard.gaps.extend(history.gaps);
            Ok(once(heard))
        })
    }
}

impl CState {
    async fn feed(&self, door: &dyn Door, fault: Fault, now: Moment) -> Result<Heard, Fault> {
        let Fault::Garbled { why, .. } = &fault else { return Err(fault) };
        let posts = self.posts.ask(door, Ask::get("index.xml"), read_posts).await;
        let Ok(posts) = posts else { return Err(fault) };
        let mut heard = rss::understand(&posts, Openness::default(), now);
        let place = Clean::line("index.json");
        let why = Clean::line(&format!("it cannot be read, the feed is taken instead: {why}"));
        heard.gaps.push(Gap { place, why, kind: GapKind::Partial });
        Ok(heard)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIndex<'a> {
    #[serde(rename = "cStateVersion")]
    version: String,
    #[serde(borrow, default)]
    systems: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pinned_issues: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSystem<'a> {
    name: String,
    category: Option<String>,
    status: String,
    #[serde(borrow, default)]
    unresolved_issues: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireIssues<'a> {
    #[serde(borrow)]
    pages: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIssue {
    is: Option<String>,
    title: String,
    created_at: Option<String>,
    last_mod: Option<String>,
    permalink: Option<String>,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    resolved: bool,
    #[serde(default)]
    informational: bool,
    resolved_at: Option<String>,
    #[serde(default)]
    affected: Vec<String>,
    filename: Option<String>,
}

fn read_index(body: &[u8]) -> Result<Heard, Fault> {
    let index: WireIndex<'_> = json(body, "the index of a cState page")?;
    let mut heard = Heard::default();
    if index.version.is_empty() {
        return Err(Fault::Garbled { expected: "the index of a cState page", why: Clean::line("no version in it") });
    }
    raw_items(index.systems, "system", &mut heard, |one: WireSystem<'_>, heard| {
        heard.facts.push(page::component(&one.name, one.category.as_deref(), &one.status, None));
        raw_items(one.unresolved_issues, "issue", heard, |one: WireIssue, heard| heard.facts.extend(one.incident()));
    });
    raw_items(index.pinned_issues, "pinned issue", &mut heard, |one: WireIssue, heard| {
        heard.facts.extend(one.incident());
    });
    Ok(heard)
}

fn read_issues(body: &[u8]) -> Result<Heard, Fault> {
    let issues: WireIssues<'_> = json(body, "the issues of a cState page")?;
    let mut heard = Heard::default();
    raw_items(issues.pages, "issue", &mut heard, |one: WireIssue, heard| heard.facts.extend(one.incident()));
    Ok(heard)
}

/// An issue stands under every system it touches, and among the pinned ones: it is told once.
fn once(heard: Heard) -> Heard {
    let mut seen = BTreeMap::new();
    let fresh = |fact: &Fact| match &fact.what {
        What::Incident(one) => seen.insert(one.id.clone(), ()).is_none(),
        _ => true,
    };
    Heard { facts: heard.facts.into_iter().filter(fresh).collect(), gaps: heard.gaps }
}

impl WireIssue {
    /// Other pages stand among the issues, too.
    fn incident(self) -> Option<Fact> {
        if self.is.as_deref().is_some_and(|is| is != "issue") {
            return None;
        }
        let id = self.filename.as_deref().or(self.permalink.as_deref()).unwrap_or(&self.title);
        let stands = match (self.informational, self.resolved) {
            (true, _) => "informational",
            (false, true) => "resolved",
            (false, false) => "unresolved",
        };
        let incident = page::incident(id, &self.title, stands, &self.severity);
        Some(Fact::here(What::Incident(Box::new(Incident {
            // Information is no incident that is open; nor is it one that somebody mended.
            resolved: self.resolved || self.informational,
            level: if self.informational { Level::Ok } else { incident.level },
            started: self.created_at.as_deref().and_then(in_go),
            ended: self.resolved_at.as_deref().and_then(in_go).filter(|_| self.resolved),
            updated: self.last_mod.as_deref().and_then(in_go),
            components: self.affected.iter().map(|name| Clean::line(name)).collect(),
            url: told(self.permalink.as_deref()),
            ..incident
        }))))
    }
}

/// A time as Go prints it: `2026-10-24 21:00:00 +0200 CEST`. The name of the zone says nothing the offset does not.
fn in_go(text: &str) -> Option<Moment> {
    let mut words = text.split_whitespace();
    let plain = format!("{} {} {}", words.next()?, words.next()?, words.next()?);
    let at = DateTime::parse_from_str(&plain, "%Y-%m-%d %H:%M:%S%.f %z").ok()?.to_utc();
    // Go's zero time is nobody's time.
    (at.timestamp() > 0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_go_prints_them_and_nothing_else_is_one() {
        for (text, expected) in [
            ("2026-10-24 21:00:00 +0000 UTC", Some("2026-10-24T21:00:00+00:00")),
            ("2026-10-24 21:00:00 +0200 CEST", Some("2026-10-24T19:00:00+00:00")),
            ("2026-10-24 21:00:00.5 -0700 -0700", Some("2026-10-25T04:00:00.500+00:00")),
            ("0001-01-01 00:00:00 +0000 UTC", None),
            ("<no value>", None),
            ("", None),
        ] {
            assert_eq!(in_go(text).map(|at| at.to_rfc3339()).as_deref(), expected, "{text}");
        }
    }
}
