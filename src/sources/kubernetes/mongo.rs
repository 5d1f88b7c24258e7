//! MongoDB as its operators tell it: Percona's, and MongoDB's own community operator.

use serde::Deserialize;

use super::resources::{health, place};
use super::wire::WireMeta;
use crate::domain::fact::{Evidence, Fact, Sighting, What};
use crate::domain::level::Level;
use crate::sources::reading::told;

/// A database of either operator: the fields of both, each absent where it has none.
#[derive(Deserialize)]
pub(super) struct WireMongo {
    metadata: WireMeta,
    #[serde(default)]
    status: WireMongoStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireMongoStatus {
    /// Percona's: `initializing`, `paused`, `stopping`, `ready`, `error`.
    state: String,
    /// The community operator's: `Pending`, `Running`, `Failed`.
    phase: String,
    message: String,
    mongo_version: Option<String>,
    version: Option<String>,
}

impl WireMongo {
    /// What runs by the operator's word, and how it is.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let status = &self.status;
        let word = if status.state.is_empty() { status.phase.as_str() } else { status.state.as_str() };
        let level = match word {
            "ready" | "Running" => Level::Ok,
            "error" | "Failed" => Level::Critical,
            "initializing" | "Pending" | "paused" | "stopping" | "pending" => Level::Warning,
            _ => Level::Unknown,
        };
        let detail = match (word, status.message.as_str()) {
            ("", _) => "not judged yet".to_owned(),
            (word, "") => word.to_owned(),
            (word, message) => format!("{word}: {message}"),
        };
        let place = place(&self.metadata);
        let version = told(status.mongo_version.as_deref()).or_else(|| told(status.version.as_deref()));
        let sighting = version.map(|version| {
            let part = Some(place.clone());
            What::Sighting(Sighting { product: "mongodb".into(), version, evidence: Evidence::Reported, part })
        });
        let mut facts: Vec<Fact> = sighting.map(Fact::here).into_iter().collect();
        facts.push(health("mongodb", place.as_str(), level, &detail));
        facts
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn both_operators_tell_what_runs_and_how_it_is() {
        for (status, version, level, detail) in [
            (r#"{"state":"ready","mongoVersion":"7.0.14-8"}"#, Some("7.0.14-8"), Level::Ok, "ready"),
            (r#"{"state":"error","message":"rs0 is away"}"#, None, Level::Critical, "error: rs0 is away"),
            (r#"{"phase":"Running","version":"6.0.5"}"#, Some("6.0.5"), Level::Ok, "Running"),
            (r#"{"phase":"Pending","version":"6.0.5"}"#, Some("6.0.5"), Level::Warning, "Pending"),
            (r#"{"state":"glorious"}"#, None, Level::Unknown, "glorious"),
            ("{}", None, Level::Unknown, "not judged yet"),
        ] {
            let text = format!(r#"{{"metadata":{{"name":"main","namespace":"db"}},"status":{status}}}"#);
            let facts = serde_json::from_str::<WireMongo>(&text).unwrap().facts();
            let told = facts.iter().find_map(|fact| match &fact.what {
                What::Sighting(sighting) => Some(sighting.version.as_str()),
                _ => None,
            });
            let Some(What::Health(health)) = facts.last().map(|fact| &fact.what) else { panic!("{facts:?}") };
            assert_eq!((told, health.level, health.detail.as_str()), (version, level, detail), "{status}");
        }
    }
}
