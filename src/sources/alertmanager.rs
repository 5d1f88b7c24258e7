//! Alertmanager: which alerts fire, are silenced or inhibited, since when, and which silences there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::alert::{Alert, AlertOrigin, AlertState, Matcher, Operator, Silence};
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::{items, json, moment, told};
use crate::text::clean::Clean;

/// Alertmanager.
pub static KIND: Kind = Kind {
    name: "alertmanager",
    about: "alerts with their silences and inhibitions",
    example: r#"{ kind = "alertmanager", url = "https://alertmanager.example.test" }"#,
    stands: Stands::Place,
    build,
};

struct Alertmanager {
    receiver: Option<Clean>,
}

fn build(section: &mut Section<'_>, _setting: &Setting<'_>) -> Option<Built> {
    let receiver = section.optional(("receiver", "only alerts that go to a receiver of this name"));
    Some(Built::new(Alertmanager { receiver }))
}

impl Source for Alertmanager {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let alerts = door.ask(Ask::get("api/v2/alerts")).await?;
            let mut heard = read_alerts(&alerts.body, self.receiver.as_ref())?;
            let silences = door.ask(Ask::get("api/v2/silences")).await?;
            read_silences(&silences.body, &mut heard)?;
            let status = door.ask(Ask::get("api/v2/status")).await?;
            read_status(&status.body, &mut heard)?;
            Ok(heard)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAlert {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    fingerprint: String,
    starts_at: Option<String>,
    #[serde(rename = "generatorURL")]
    generator_url: Option<String>,
    #[serde(default)]
    receivers: Vec<WireReceiver>,
    status: WireStatus,
}

#[derive(Deserialize)]
struct WireReceiver {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStatus {
    state: String,
    #[serde(default)]
    silenced_by: Option<Vec<String>>,
    #[serde(default)]
    inhibited_by: Option<Vec<String>>,
}

/// Understands the list of alerts.
fn read_alerts(body: &[u8], receiver: Option<&Clean>) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    // The same alert appears once per receiver in groups, and once here; a pair of servers is merged by the rules.
    items(body, "a list of alerts", &mut heard, |alert: WireAlert, heard| {
        let goes = |wanted: &Clean| alert.receivers.iter().any(|one| one.name == wanted.as_str());
        if receiver.is_none_or(goes) {
            heard.facts.push(Fact::here(What::Alert(Arc::new(alert.into_alert()))));
        }
    })?;
    Ok(heard)
}

impl WireAlert {
    fn into_alert(self) -> Alert {
        let ids = |ids: Option<Vec<String>>| ids.unwrap_or_default().iter().map(|id| Clean::line(id)).collect();
        let silenced_by: Vec<Clean> = ids(self.status.silenced_by);
        let inhibited_by: Vec<Clean> = ids(self.status.inhibited_by);
        let state = match self.status.state.as_str() {
            "suppressed" if silenced_by.is_empty() => AlertState::Inhibited,
            "suppressed" => AlertState::Silenced,
            // `unprocessed` is firing that nobody was told about yet; a word nobody knows must not hide an alert.
            _ => AlertState::Firing,
        };
        Alert {
            labels: clean_map(&self.labels),
            annotations: clean_map(&self.annotations),
            state,
            since: self.starts_at.as_deref().and_then(moment),
            silenced_by,
            inhibited_by,
            fingerprint: Clean::line(&self.fingerprint),
            origin: AlertOrigin::Alertmanager,
            url: told(self.generator_url.as_deref()),
        }
    }
}

/// Labels or annotations, made harmless.
pub fn clean_map(map: &BTreeMap<String, String>) -> BTreeMap<Clean, Clean> {
    map.iter().map(|(name, value)| (Clean::line(name), Clean::line(value))).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSilence {
    id: String,
    status: WireSilenceStatus,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    created_by: String,
    starts_at: String,
    ends_at: String,
    matchers: Vec<WireMatcher>,
}

#[derive(Deserialize)]
struct WireSilenceStatus {
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMatcher {
    name: String,
    value: String,
    is_regex: bool,
    /// Missing in very old servers, where every matcher was an equal one.
    #[serde(default = "yes")]
    is_equal: bool,
}

fn yes() -> bool {
    true
}

/// Understands the list of silences. Expired ones stay listed for days and are left out.
fn read_silences(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    items(body, "a list of silences", heard, |silence: WireSilence, heard| {
        let (Some(starts), Some(ends)) = (moment(&silence.starts_at), moment(&silence.ends_at)) else { return };
        if silence.status.state == "expired" {
            return;
        }
        heard.facts.push(Fact::here(What::Silence(Arc::new(Silence {
            id: Clean::line(&silence.id),
            matchers: silence.matchers.iter().map(WireMatcher::matcher).collect(),
            created_by: Clean::line(&silence.created_by),
            comment: Clean::line(&silence.comment),
            starts,
            ends,
        }))));
    })
}

impl WireMatcher {
    fn matcher(&self) -> Matcher {
        Matcher {
            name: Clean::line(&self.name),
            operator: match (self.is_regex, self.is_equal) {
                (false, true) => Operator::Equal,
                (false, false) => Operator::Unequal,
                (true, true) => Operator::Matches,
                (true, false) => Operator::MatchesNot,
            },
            value: Clean::line(&self.value),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireServer {
    version_info: WireVersion,
    cluster: Option<WireCluster>,
}

#[derive(Deserialize)]
struct WireVersion {
    version: String,
}

#[derive(Deserialize)]
struct WireCluster {
    status: String,
    #[serde(default)]
    peers: Option<Vec<serde::de::IgnoredAny>>,
}

/// Understands the status: version and cluster. The configuration in it holds secrets and is never read.
fn read_status(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let status: WireServer = json(body, "the status of an Alertmanager")?;
    heard.facts.push(Fact::here(What::Sighting(Sighting {
        product: "alertmanager".into(),
        version: Clean::line(&status.version_info.version),
        evidence: Evidence::Answered,
        part: None,
    })));
    if let Some(cluster) = status.cluster {
        let peers = cluster.peers.map_or(0, |peers| peers.len());
        let level = match cluster.status.as_str() {
            "ready" | "disabled" => Level::Ok,
            "settling" => Level::Warning,
            _ => Level::Unknown,
        };
        heard.facts.push(Fact::here(What::Health(Health {
            product: Some("alertmanager".into()),
            what: Clean::line("cluster"),
            level,
            detail: Clean::line(&format!("{}, {peers} peers", cluster.status)),
        })));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    const ALERT: &str = r#"{"labels":{"alertname":"Full","severity":"critical"},"annotations":{"summary":"a\u001b[31mb"},
        "fingerprint":"aa","startsAt":"2026-11-21T00:27:12.606Z","receivers":[{"name":"oncall"}],
        "status":{"state":"STATE","silencedBy":SILENCED,"inhibitedBy":INHIBITED}}"#;

    fn state(state: &str, silenced: &str, inhibited: &str) -> AlertState {
        let alert = ALERT.replace("STATE", state).replace("SILENCED", silenced).replace("INHIBITED", inhibited);
        let heard = read_alerts(format!("[{alert}]").as_bytes(), None).unwrap();
        match &heard.facts[0].what {
            What::Alert(alert) => alert.state,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_alert_is_silenced_inhibited_or_firing_and_a_strange_word_hides_none() {
        assert_eq!(state("active", "[]", "[]"), AlertState::Firing);
        assert_eq!(state("suppressed", "[\"s\"]", "[\"i\"]"), AlertState::Silenced);
        assert_eq!(state("suppressed", "null", "[\"i\"]"), AlertState::Inhibited);
        assert_eq!(state("unprocessed", "[]", "[]"), AlertState::Firing);
        assert_eq!(state("snoozed", "[]", "[]"), AlertState::Firing);
    }

    #[test]
    fn only_alerts_of_the_receiver_asked_for_are_taken() {
        let alert = ALERT.replace("STATE", "active").replace("SILENCED", "[]").replace("INHIBITED", "[]");
        let body = format!("[{alert}]");
        assert_eq!(read_alerts(body.as_bytes(), Some(&Clean::line("other"))).unwrap().facts.len(), 0);
        assert_eq!(read_alerts(body.as_bytes(), Some(&Clean::line("oncall"))).unwrap().facts.len(), 1);
    }

    #[test]
    fn expired_silences_are_left_out_and_a_missing_is_equal_means_equal() {
        let silence = |state: &str| {
            format!(
                r#"{{"id":"1","status":{{"state":"{state}"}},"startsAt":"2026-11-21T00:00:00Z",
                "endsAt":"2026-11-21T06:00:00Z","matchers":[{{"name":"a","value":"b.*","isRegex":true}}]}}"#
            )
        };
        let mut heard = Heard::default();
        read_silences(format!("[{},{}]", silence("active"), silence("expired")).as_bytes(), &mut heard).unwrap();
        assert_eq!(heard.facts.len(), 1);
        let What::Silence(silence) = &heard.facts[0].what else { panic!() };
        assert_eq!(silence.matchers[0].operator, Operator::Matches);
    }
}
