//! What status pages of every make have in common: their words for how things are, and what facts those become.

use serde_json::Value;

use crate::domain::clock::{Dated, Moment, Tz, local};
use crate::domain::fact::{Fact, Gap, GapKind, Heard, What};
use crate::domain::level::Level;
use crate::domain::planned::{Incident, Maintenance, MaintenanceKind, PageComponent, Reach};
use crate::sources::reading::told;
use crate::text::clean::Clean;

/// How good a word is, of a component, an impact or a severity. A word nobody knows is unknown, never well.
#[must_use]
pub fn level(word: &str) -> Level {
    match folded(word).as_str() {
        "operational" | "up" | "ok" | "none" | "information" | "informational" | "info" => Level::Ok,
        "degradedperformance"
        | "degraded"
        | "performanceissues"
        | "partialoutage"
        | "undermaintenance"
        | "maintenance"
        | "minor"
        | "notice"
        | "disrupted"
        | "hasissues"
        | "warning"
        | "pending" => Level::Warning,
        "majoroutage" | "outage" | "down" | "downtime" | "major" | "critical" | "danger" => Level::Critical,
        _ => Level::Unknown,
    }
}

/// A state in the one spelling all pages share, so that rules and rows need to know one; other words stay as they are.
#[must_use]
pub fn state(word: &str) -> Clean {
    let one = match folded(word).as_str() {
        "scheduled" | "notstartedyet" | "upcoming" | "planned" => "scheduled",
        "inprogress" | "undermaintenance" | "ongoing" => "in_progress",
        "verifying" => "verifying",
        "completed" | "complete" | "ended" => "completed",
        "investigating" => "investigating",
        "identified" => "identified",
        "monitoring" | "watching" => "monitoring",
        "resolved" | "fixed" => "resolved",
        "update" => "update",
        _ => return Clean::line(word),
    };
    Clean::line(one)
}

/// Whether an incident in that state is over.
#[must_use]
pub fn is_over(word: &str) -> bool {
    matches!(state(word).as_str(), "resolved" | "completed" | "postmortem")
}

/// A word in small letters and digits alone: `PARTIALOUTAGE`, `partial_outage` and `Partial outage` are one.
fn folded(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A part of a page, with its group before it.
#[must_use]
pub fn component(name: &str, group: Option<&str>, word: &str, updated: Option<Moment>) -> Fact {
    Fact::here(What::PageComponent(PageComponent {
        name: full_name(name, group),
        level: level(word),
        said: Clean::line(word),
        updated,
    }))
}

/// The name of a part, with its group before it.
#[must_use]
pub fn full_name(name: &str, group: Option<&str>) -> Clean {
    match group.filter(|group| !group.trim().is_empty()) {
        Some(group) => Clean::line(&format!("{group} / {name}")),
        None => Clean::line(name),
    }
}

/// An incident that was told by its name, where it stands and how bad it is; what else is known is added.
#[must_use]
pub fn incident(id: &str, name: &str, stands: &str, impact: &str) -> Incident {
    Incident {
        id: Clean::line(id),
        name: Clean::line(name),
        said: state(stands),
        resolved: is_over(stands),
        level: level(impact),
        impact: Clean::line(impact),
        started: None,
        ended: None,
        updated: None,
        components: Vec::new(),
        url: None,
    }
}

/// A maintenance as a page announces it. Whom a page is for is said in the fleet file; the rules narrow it.
#[must_use]
pub fn maintenance(id: &str, title: &str, start: Moment) -> Maintenance {
    Maintenance {
        id: Clean::line(id),
        title: Clean::line(title),
        stream: None,
        kind: MaintenanceKind::Regular,
        start,
        end: None,
        announced: None,
        reach: Reach::Fleet,
        url: None,
        said: None,
        components: Vec::new(),
    }
}

/// A maintenance in a state, until when, announced when, and where to read about it.
#[must_use]
pub fn announced(
    maintenance: Maintenance,
    stands: &str,
    end: Option<Moment>,
    at: Option<Moment>,
    url: Option<&str>,
) -> Fact {
    Fact::here(What::Maintenance(Box::new(Maintenance {
        said: Some(state(stands)).filter(|said| !said.is_empty()),
        // An end before the start is none.
        end: end.filter(|end| *end >= maintenance.start),
        announced: at.map(Dated::At),
        url: told(url),
        ..maintenance
    })))
}

/// Keeps a maintenance, or says that it is one without a day.
pub fn dated(heard: &mut Heard, title: &str, maintenance: Option<Fact>) {
    match maintenance {
        Some(fact) => heard.facts.push(fact),
        None => heard.gaps.push(Gap {
            place: Clean::line_within(&format!("maintenance `{title}`"), 120),
            why: Clean::line("it does not say when it begins"),
            kind: GapKind::Odd,
        }),
    }
}

/// A time on the wall of a zone, as `2026-12-01 19:00:00`, with or without seconds, a `T` or a zone of its own.
#[must_use]
pub fn on_the_wall(text: &str, zone: Tz) -> Option<Moment> {
    if let Some(at) = crate::sources::reading::moment(text) {
        return Some(at);
    }
    let text = text.trim().replacen('T', " ", 1);
    let wall = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(&text, form).ok())?;
    Some(local(wall, zone))
}

/// An id that may be a text or a number.
#[must_use]
pub fn id(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_makes_words_are_understood_and_a_word_nobody_knows_is_never_well() {
        for (word, expected) in [
            ("operational", Level::Ok),
            ("UP", Level::Ok),
            ("DEGRADEDPERFORMANCE", Level::Warning),
            ("degraded_performance", Level::Warning),
            ("under_maintenance", Level::Warning),
            ("disrupted", Level::Warning),
            ("MAJOROUTAGE", Level::Critical),
            ("Major outage", Level::Critical),
            ("downtime", Level::Critical),
            ("not_monitored", Level::Unknown),
            ("glorious", Level::Unknown),
            ("", Level::Unknown),
        ] {
            assert_eq!(level(word), expected, "{word}");
        }
    }

    #[test]
    fn states_have_one_spelling_and_unknown_ones_stay_as_they_are() {
        for (word, expected, over) in [
            ("NOTSTARTEDYET", "scheduled", false),
            ("INPROGRESS", "in_progress", false),
            ("complete", "completed", true),
            ("fixed", "resolved", true),
            ("postmortem", "postmortem", true),
            ("Wird beobachtet", "Wird beobachtet", false),
        ] {
            assert_eq!((state(word).as_str(), is_over(word)), (expected, over), "{word}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_read_on_the_wall_it_hangs_on() {
        let at = |text| on_the_wall(text, Tz::Europe__Berlin).map(|at| at.to_rfc3339());
        assert_eq!(at("2026-12-01 19:00:00").as_deref(), Some("2026-12-01T18:00:00+00:00"));
        assert_eq!(at("2026-12-01T19:00").as_deref(), Some("2026-12-01T18:00:00+00:00"));
        assert_eq!(at("2026-12-01T19:00:00Z").as_deref(), Some("2026-12-01T19:00:00+00:00"));
        assert_eq!(at("next week"), None);
    }
}
