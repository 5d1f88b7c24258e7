//! Tickets: the open issues with a label.

use serde::Deserialize;

use super::{PAGE, missing_or_hidden, pages};
use crate::domain::assurance::Ticket;
use crate::domain::clock::{Dated, Day};
use crate::domain::fact::{Fact, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::net::door::{Ask, Door};
use crate::sources::reading::{items, moment, told};
use crate::text::clean::Clean;

/// Asks for the open issues that have all of the labels, the last touched first.
pub(super) async fn ask(door: &dyn Door, base: &str, labels: &str, heard: &mut Heard) -> Result<(), Fault> {
    let ask = Ask::get(format!("{base}/issues"))
        .with("state", "opened")
        .with("labels", labels)
        .with("order_by", "updated_at")
        .with("sort", "desc")
        .with("per_page", PAGE);
    let asked = pages(door, ask).await;
    let Some((bodies, whole)) = missing_or_hidden(asked, "tickets", heard)? else { return Ok(()) };
    for body in &bodies {
        items(body, "a list of tickets", heard, |one: WireIssue, heard| {
            heard.facts.push(Fact::here(What::Ticket(Box::new(one.ticket()))));
        })?;
    }
    if !whole {
        heard.gaps.push(super::gap("tickets", "more tickets than are read", GapKind::Partial));
    }
    Ok(())
}

#[derive(Deserialize)]
struct WireIssue {
    iid: u64,
    title: String,
    state: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    severity: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    due_date: Option<Day>,
    #[serde(default)]
    confidential: bool,
    #[serde(default)]
    assignees: Vec<WireUser>,
    web_url: Option<String>,
}

#[derive(Deserialize)]
struct WireUser {
    username: String,
}

impl WireIssue {
    fn ticket(&self) -> Ticket {
        // What is confidential there is confidential here: its number alone is told.
        let title = if self.confidential { "confidential" } else { self.title.as_str() };
        Ticket {
            id: Clean::line(&format!("#{}", self.iid)),
            title: Clean::line_within(title, 200),
            level: self.level(),
            open: self.state == "opened",
            opened: self.created_at.as_deref().and_then(moment),
            updated: self.updated_at.as_deref().and_then(moment),
            due: self.due_date.map(Dated::On),
            assignee: self.assignees.first().map(|user| Clean::line(&user.username)),
            url: told(self.web_url.as_deref()),
        }
    }

    /// How bad it is: by a scoped label, `severity::2` or `priority::high`, or else by the field of incidents. A ticket
    /// nobody rated needs somebody who does.
    fn level(&self) -> Level {
        let scoped = self.labels.iter().filter_map(|label| label.rsplit_once("::"));
        let rated = scoped.filter(|(scope, _)| {
            let scope = scope.rsplit("::").next().unwrap_or(scope).trim();
            ["severity", "priority"].iter().any(|word| scope.eq_ignore_ascii_case(word))
        });
        let field = self.severity.as_deref().filter(|word| !word.eq_ignore_ascii_case("unknown"));
        let worst = rated.map(|(_, value)| level(value)).chain(field.map(level)).max();
        worst.unwrap_or(Level::Warning)
    }
}

fn level(word: &str) -> Level {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "s1" | "p1" | "critical" | "blocker" | "urgent" => Level::Critical,
        "2" | "3" | "s2" | "s3" | "p2" | "p3" | "high" | "major" | "medium" => Level::Warning,
        "4" | "5" | "s4" | "p4" | "low" | "minor" | "trivial" => Level::Ok,
        _ => Level::Unknown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rated(labels: &[&str], severity: Option<&str>) -> Level {
        let body = serde_json::json!({
            "iid": 1, "title": "x", "state": "opened", "labels": labels, "severity": severity, "due_date": null
        });
        serde_json::from_value::<WireIssue>(body).unwrap().level()
    }

    #[test]
    fn a_ticket_is_as_bad_as_its_worst_label_says() {
        for (labels, severity, expected) in [
            (&["severity::1"][..], None, Level::Critical),
            (&["customer::acme", "severity::2"], None, Level::Warning),
            (&["Priority::Low"], None, Level::Ok),
            (&["severity::4", "priority::1"], None, Level::Critical),
            (&["team::severity::1"], None, Level::Critical),
            (&[], Some("CRITICAL"), Level::Critical),
            (&[], Some("UNKNOWN"), Level::Warning),
            (&["severity::purple"], None, Level::Unknown),
            (&["severity1"], None, Level::Warning),
            (&[], None, Level::Warning),
        ] {
            assert_eq!(rated(labels, severity), expected, "{labels:?} {severity:?}");
        }
    }

    #[test]
    fn what_is_confidential_there_is_told_by_its_number() {
        let body = r#"{"iid":7,"title":"a customer's secret","state":"opened","confidential":true,"due_date":null}"#;
        let ticket = serde_json::from_str::<WireIssue>(body).unwrap().ticket();
        assert_eq!((ticket.id.as_str(), ticket.title.as_str()), ("#7", "confidential"));
    }
}
