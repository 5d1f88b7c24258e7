//! Grafana: its health and version, and annotations as marks on the time line.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Health, Heard, Mark, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{items, json, part};
use crate::text::clean::Clean;

/// Grafana.
pub static KIND: Kind = Kind {
    name: "grafana",
    about: "health and version, and annotations as marks on the time line",
    example: r#"{ kind = "grafana", url = "https://grafana.example.test", token = { env = "ACME_GRAFANA_TOKEN" }, annotations = ["deployment"] }"#,
    stands: Stands::Place,
    build,
};

/// How far back and ahead annotations are asked for, and how many.
const BACK: TimeDelta = TimeDelta::days(30);
const AHEAD: TimeDelta = TimeDelta::days(30);
const MOST: usize = 500;

struct Grafana {
    /// The tags of which an annotation must have one; none where annotations are not asked for.
    annotations: Option<Vec<Clean>>,
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let tags = section.texts(("annotations", "tags of which an annotation must have one; an empty list takes all"));
    // Annotations need a credential: without one they are asked for only where somebody wants them.
    let may_ask = ["token", "password", "oauth"].iter().any(|key| section.has(key));
    Some(Built::new(Grafana { annotations: tags.or(may_ask.then(Vec::new)) }))
}

impl Source for Grafana {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            // Without its database it answers 503, and still says who it is.
            let health = door.ask(Ask::get("api/health").even(503)).await?;
            let mut heard = read_health(&health.body)?;
            if let Some(tags) = &self.annotations {
                let mut ask = Ask::get("api/annotations")
                    .with("from", (now - BACK).timestamp_millis().to_string())
                    .with("to", (now + AHEAD).timestamp_millis().to_string())
                    .with("type", "annotation")
                    .with("limit", MOST.to_string())
                    .with("matchAny", "true");
                for tag in tags {
                    ask = ask.with("tags", tag.as_str());
                }
                let marks = door.ask(ask).await.and_then(|reply| read_annotations(&reply.body));
                let marks = part(marks, "annotations", &mut heard)?;
                heard.facts.extend(marks.facts);
                heard.gaps.extend(marks.gaps);
            }
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
struct WireHealth {
    database: String,
    /// Missing where a setting hides it.
    #[serde(default)]
    version: String,
}

/// Understands the health: up, with or without its database.
fn read_health(body: &[u8]) -> Result<Heard, Fault> {
    let wire: WireHealth = json(body, "the health of a Grafana")?;
    let (level, detail) = match wire.database.as_str() {
        "ok" => (Level::Ok, "its database answers".to_owned()),
        "failing" => (Level::Critical, "its database fails".to_owned()),
        other => (Level::Unknown, format!("its database is `{other}`")),
    };
    let mut heard = Heard::default();
    heard.facts.push(Fact::here(What::Health(Health {
        product: Some("grafana".into()),
        what: Clean::line("database"),
        level,
        detail: Clean::line(&detail),
    })));
    if !wire.version.is_empty() {
        heard.facts.push(Fact::here(What::Sighting(Sighting {
            product: "grafana".into(),
            version: Clean::line(&wire.version),
            evidence: Evidence::Answered,
            part: None,
        })));
    }
    Ok(heard)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAnnotation {
    time: i64,
    #[serde(default)]
    time_end: Option<i64>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// Understands the annotations. Their times are milliseconds; a region's end equal to its begin is a point.
fn read_annotations(body: &[u8]) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    let mut n_items = 0_usize;
    items(body, "a list of annotations", &mut heard, |wire: WireAnnotation, heard| {
        n_items += 1;
        let Some(at) = Moment::from_timestamp_millis(wire.time).filter(|_| wire.time > 0) else {
            let why = Clean::line(&format!("no time: {}", wire.time));
            heard.gaps.push(Gap { place: Clean::line("an annotation"), why, kind: GapKind::Odd });
            return;
        };
        heard.facts.push(Fact::here(What::Mark(Box::new(Mark {
            at,
            until: wire.time_end.and_then(Moment::from_timestamp_millis).filter(|until| *until > at),
            text: Clean::line(&wire.text),
            tags: wire.tags.unwrap_or_default().iter().map(|tag| Clean::line(tag)).collect(),
        }))));
    })?;
    if n_items >= MOST {
        let why = Clean::line(&format!("only the newest {MOST} were asked for"));
        heard.gaps.push(Gap { place: Clean::line("annotations"), why, kind: GapKind::Partial });
    }
    Ok(heard)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_database_and_a_hidden_version_are_told_apart() {
        for (body, level, n_facts) in [
            (r#"{"database":"ok","version":"12.2.1"}"#, Level::Ok, 2),
            (r#"{"database":"ok"}"#, Level::Ok, 1),
            (r#"{"database":"failing","version":"12.2.1"}"#, Level::Critical, 2),
            (r#"{"database":"maybe"}"#, Level::Unknown, 1),
        ] {
            let heard = read_health(body.as_bytes()).unwrap();
            assert_eq!(heard.facts.len(), n_facts);
            assert!(matches!(&heard.facts[0].what, What::Health(health) if health.level == level), "{body}");
        }
    }

    #[test]
    fn annotations_are_points_or_spans_in_milliseconds() {
        let body = r#"[{"time":1795449600000,"timeEnd":1795464000000,"text":"\u001b[2JRollout","tags":["a"]},
            {"time":1795449600000,"timeEnd":1795449600000,"text":"x","tags":null},
            {"time":9223372036854775807,"text":"never"},{"time":0},{"time":"soon"}]"#;
        let heard = read_annotations(body.as_bytes()).unwrap();
        let marks: Vec<(i64, Option<i64>, String)> = heard
            .facts
            .iter()
            .map(|fact| match &fact.what {
                What::Mark(mark) => (mark.at.timestamp(), mark.until.map(|at| at.timestamp()), mark.text.to_string()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            marks,
            [(1_795_449_600, Some(1_795_464_000), "Rollout".to_owned()), (1_795_449_600, None, "x".to_owned())]
        );
        assert_eq!(heard.gaps.len(), 3);
    }
}
