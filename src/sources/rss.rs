//! A status page's feed, where there is nothing better: posts that say in words where an incident stands.

use chrono::TimeDelta;

use crate::domain::clock::{Moment, Tz};
use crate::domain::fact::{Fact, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::planned::Incident;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::net::kept::Kept;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::page;
use crate::sources::posts::{Post, dated, read_posts};
use crate::sources::reading::told;

/// A feed of incidents.
pub static KIND: Kind = Kind {
    name: "rss",
    about: "incidents out of a status page's RSS, Atom or JSON feed",
    example: r#"{ kind = "rss", name = "Umbrella", url = "https://status.umbrella.example.test/history.rss" }"#,
    stands: Stands::Page,
    build,
};

/// How long a post that does not say where its incident stands counts as open.
const OPEN_FOR: TimeDelta = TimeDelta::days(2);

/// A feed, with its posts of last time.
pub struct Rss {
    path: &'static str,
    openness: Openness,
    kept: Kept<Vec<Post>>,
}

/// When a post counts as an open incident.
#[derive(Clone, Copy, Debug)]
pub struct Openness {
    /// For how long, where it does not say where it stands.
    pub silent: TimeDelta,
    /// In which zone a bare date lies.
    pub zone: Tz,
}

impl Default for Openness {
    fn default() -> Self {
        Self { silent: OPEN_FOR, zone: Tz::UTC }
    }
}

impl Rss {
    /// The feed at a path below the endpoint's address.
    #[must_use]
    pub fn at(path: &'static str) -> Self {
        Self { path, openness: Openness::default(), kept: Kept::default() }
    }
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let key = ("open_for", "how long a post counts as open that does not say where it stands; `2d` unless said");
    let silent = section.duration(key).and_then(|length| TimeDelta::from_std(length).ok()).unwrap_or(OPEN_FOR);
    Some(Built::new(Rss { openness: Openness { silent, zone: setting.zone }, ..Rss::at("") }))
}

impl Source for Rss {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let posts = self.kept.ask(door, Ask::get(self.path), read_posts).await?;
            Ok(understand(&posts, self.openness, now))
        })
    }
}

/// Turns posts into incidents.
#[must_use]
pub fn understand(posts: &[Post], openness: Openness, now: Moment) -> Heard {
    let facts = posts.iter().filter(|post| !post.title.trim().is_empty());
    Heard { facts: facts.map(|post| incident(post, openness, now)).collect(), gaps: Vec::new() }
}

fn incident(post: &Post, openness: Openness, now: Moment) -> Fact {
    let (title, in_title) = in_brackets(post.title.trim());
    let word = in_title.or_else(|| post.body.as_deref().and_then(latest)).map(str::to_owned);
    let at = |text: &Option<String>| text.as_deref().and_then(dated).map(|at| at.begins(openness.zone));
    let (published, updated) = (at(&post.published), at(&post.updated));
    let last = updated.or(published);
    let stands = word.as_deref().unwrap_or("posted");
    // A word that is not there makes nothing well; only time does, where nobody said more.
    let is_old = word.is_none() && last.is_none_or(|at| now - at > openness.silent);
    let is_ahead = page::state(stands).as_str() == "scheduled";
    let id = post.id.as_deref().or(post.link.as_deref()).unwrap_or(title);
    let incident = page::incident(id, title, stands, "");
    Fact::here(What::Incident(Box::new(Incident {
        resolved: incident.resolved || is_old,
        level: if is_ahead { Level::Ok } else { incident.level },
        started: published.or(updated),
        ended: last.filter(|_| incident.resolved),
        updated: last,
        url: told(post.link.as_deref()),
        ..incident
    })))
}

/// `[Resolved] Slow pulls` and `Resolved: Slow pulls`: the title, and the state before it.
fn in_brackets(title: &str) -> (&str, Option<&str>) {
    let bracket = title.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match bracket.or_else(|| title.split_once(':')) {
        Some((word, rest)) if is_state(word) && !rest.trim().is_empty() => (rest.trim(), Some(word.trim())),
        _ => (title, None),
    }
}

/// The state of a post's newest entry: pages put it in strong type before the words, newest first.
fn latest(body: &str) -> Option<&str> {
    let strong = body.split('<').filter_map(|tag| {
        let (name, text) = tag.split_once('>')?;
        matches!(name.trim().to_ascii_lowercase().as_str(), "strong" | "b").then_some(text.trim())
    });
    for text in strong {
        if text.to_ascii_uppercase().starts_with("THIS IS A SCHEDULED EVENT") {
            continue;
        }
        let word = text.trim_end_matches(':');
        if is_state(word) {
            return Some(word);
        }
    }
    // Some write `Status: Resolved`.
    let (_, rest) = body.split_once("Status:").or_else(|| body.split_once("status:"))?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace());
    let rest = rest.strip_prefix("</strong>").or_else(|| rest.strip_prefix("</b>")).unwrap_or(rest).trim_start();
    let word = rest.split(['<', '\n', '.', ',', '-']).next()?.trim();
    is_state(word).then_some(word)
}

/// Whether a word is one of those that say where an incident stands.
fn is_state(word: &str) -> bool {
    matches!(
        page::state(word.trim()).as_str(),
        "scheduled"
            | "in_progress"
            | "verifying"
            | "completed"
            | "investigating"
            | "identified"
            | "monitoring"
            | "resolved"
            | "update"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_an_incident_is_read_where_pages_write_it() {
        for (title, body, name, state) in [
            ("[Resolved] Elevated errors", "", "Elevated errors", Some("Resolved")),
            ("Investigating: slow pulls", "", "slow pulls", Some("Investigating")),
            ("Update: new prices", "", "new prices", Some("Update")),
            ("Release 2: now with more", "", "Release 2: now with more", None),
            (
                "Slow pulls",
                "<p><small>Nov 20, 17:31 UTC</small><br /><strong>Monitoring</strong> - A fix is in.</p>\
                 <p><strong>Investigating</strong> - We look.</p>",
                "Slow pulls",
                Some("Monitoring"),
            ),
            (
                "Upgrade",
                "<strong>THIS IS A SCHEDULED EVENT Nov 25, 01:00 UTC</strong><p><strong>Scheduled</strong> - soon</p>",
                "Upgrade",
                Some("Scheduled"),
            ),
            ("Slow", "<p><strong>Status:</strong> Identified</p>", "Slow", Some("Identified")),
            ("Slow", "<b>Very</b> slow", "Slow", None),
            ("[Resolved]", "", "[Resolved]", None),
            ("", "<strong", "", None),
        ] {
            let (found, word) = in_brackets(title);
            assert_eq!((found, word.or_else(|| latest(body))), (name, state), "{title}: {body}");
        }
    }
}
