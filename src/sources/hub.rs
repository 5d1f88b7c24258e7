//! Hubs: one query per fact for the whole fleet, from the engine that already holds its metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::domain::alert::{Alert, AlertOrigin, AlertState};
use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::{EnvironmentName, InstallationId, Place};
use crate::domain::product::Catalog;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::alertmanager::clean_map;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::prometheus::{Sample, read_samples};
use crate::text::clean::Clean;

/// Mimir, whose tenants are asked together.
pub static MIMIR: Kind = Kind {
    name: "mimir",
    about: "versions and alerts of the whole fleet with one query each, over all tenants",
    example: r#"{ kind = "mimir", url = "https://mimir.example.test/prometheus", tenants = ["acme", "globex"], labels = { installation = "tenant", environment = "env" } }"#,
    stands: Stands::Hub,
    build,
};

/// A Prometheus, Thanos or VictoriaMetrics that holds the whole fleet's metrics.
pub static PROMETHEUS: Kind = Kind {
    name: "prometheus",
    about: "versions and alerts of the whole fleet with one query each",
    example: r#"{ kind = "prometheus", url = "https://thanos.example.test", labels = { installation = "cluster" } }"#,
    stands: Stands::Hub,
    build,
};

struct Hub {
    catalog: Arc<Catalog>,
    versions: String,
    tenants: Vec<Clean>,
    map: Map,
}

/// How the labels of a series name a place of the fleet.
struct Map {
    installation: Clean,
    environment: Clean,
    /// The environments of every installation.
    places: BTreeMap<InstallationId, BTreeSet<EnvironmentName>>,
    /// The installation that is meant where no label names one: that of the only tenant.
    only: Option<InstallationId>,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let tenants = section.texts(("tenants", "the tenants that are asked together")).unwrap_or_default();
    let labels = section.table(("labels", "the labels that name a place"), "the `labels` of a hub", |table| {
        let installation = table.optional(("installation", "the label that holds an installation's id"));
        let environment = table.optional(("environment", "the label that holds an environment's name"));
        (installation, environment)
    });
    let (installation, environment) = labels.unwrap_or_default();
    let mut places: BTreeMap<InstallationId, BTreeSet<EnvironmentName>> = BTreeMap::new();
    for (id, name) in setting.places {
        places.entry(id.clone()).or_default().insert(name.clone());
    }
    let only = match &tenants[..] {
        [one] => Some(InstallationId::from(one.as_str())),
        _ => None,
    };
    Some(Built::new(Hub {
        catalog: Arc::clone(setting.catalog),
        versions: format!("{{__name__=~\"{}\"}}", setting.catalog.metric_names().join("|")),
        map: Map {
            // Federated answers carry the tenant in a label of the engine's own.
            installation: installation
                .unwrap_or_else(|| Clean::line(if tenants.is_empty() { "installation" } else { "__tenant_id__" })),
            environment: environment.unwrap_or_else(|| Clean::line("environment")),
            places,
            only,
        },
        tenants,
    }))
}

impl Source for Hub {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            let mut strangers = BTreeSet::new();
            let versions = door.ask(self.asking(&self.versions)).await?;
            for sample in read_samples(&versions.body, "a vector of build-info metrics", &mut heard)? {
                self.place(&sample, &mut heard, &mut strangers, |sample| self.version(sample));
            }
            let alerts = door.ask(self.asking("ALERTS")).await?;
            for sample in read_samples(&alerts.body, "a vector of alerts", &mut heard)? {
                self.place(&sample, &mut heard, &mut strangers, |sample| Some(alert(sample)));
            }
            // Who is in the engine and not in the fleet file is told once, by name, and goes nowhere else.
            heard.gaps.extend(strangers.into_iter().take(20).map(|name| Gap {
                place: Clean::line("labels"),
                why: Clean::line(&format!("`{name}` is no installation of this fleet")),
                kind: GapKind::Odd,
            }));
            Ok(heard)
        })
    }
}

impl Hub {
    fn asking(&self, query: &str) -> Ask {
        let ask = Ask::get("api/v1/query").with("query", query);
        if self.tenants.is_empty() {
            return ask;
        }
        let tenants: Vec<&str> = self.tenants.iter().map(Clean::as_str).collect();
        ask.header("X-Scope-OrgID", tenants.join("|"))
    }

    fn place(
        &self,
        sample: &Sample,
        heard: &mut Heard,
        strangers: &mut BTreeSet<String>,
        what: impl FnOnce(&Sample) -> Option<What>,
    ) {
        match self.map.place(sample) {
            Ok(Some(place)) => heard.facts.extend(what(sample).map(|what| Fact::about(place, what))),
            Ok(None) => {}
            Err(stranger) => {
                strangers.insert(stranger);
            }
        }
    }

    fn version(&self, sample: &Sample) -> Option<What> {
        let (product, metric) = self.catalog.metric(sample.get("__name__")?)?;
        let version = sample.get(metric.label.as_str()).filter(|version| !version.is_empty())?;
        let meant =
            |(label, wanted): (&Clean, &Clean)| sample.get(label.as_str()).is_none_or(|is| is == wanted.as_str());
        metric.only.iter().all(meant).then(|| {
            What::Sighting(Sighting {
                product: product.id.clone(),
                version: Clean::line(version),
                evidence: Evidence::Measured,
                part: sample.get("instance").map(|instance| Clean::line(instance)),
            })
        })
    }
}

impl Map {
    /// The place a series is about; none where it names no installation at all, an error where it names a stranger.
    fn place(&self, sample: &Sample) -> Result<Option<Place>, String> {
        let named = sample.get(self.installation.as_str()).map(|id| InstallationId::from(id.as_str()));
        let Some(id) = named.or_else(|| self.only.clone()) else { return Ok(None) };
        let Some(environments) = self.places.get(&id) else { return Err(id.to_string()) };
        let environment = match sample.get(self.environment.as_str()) {
            Some(name) => environments.get(name.as_str()).cloned(),
            None if environments.len() == 1 => environments.first().cloned(),
            None => None,
        };
        Ok(Some(Place { installation: id, environment }))
    }
}

/// An alert out of the series Prometheus keeps about its own alerts.
fn alert(sample: &Sample) -> What {
    let labels: BTreeMap<String, String> = sample
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "__name__" | "alertstate"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    What::Alert(Arc::new(Alert {
        labels: clean_map(&labels),
        annotations: BTreeMap::new(),
        state: if sample.get("alertstate").is_some_and(|state| state == "pending") {
            AlertState::Pending
        } else {
            AlertState::Firing
        },
        since: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
        fingerprint: Clean::line(&format!("labels-{:016x}", hasher.finish())),
        origin: AlertOrigin::Prometheus,
        url: None,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn map(only: Option<&str>) -> Map {
        let places = [("acme", ["production", "staging"].as_slice()), ("globex", &["production"])];
        Map {
            installation: Clean::line("tenant"),
            environment: Clean::line("env"),
            places: places
                .iter()
                .map(|(id, names)| ((*id).into(), names.iter().map(|name| (*name).into()).collect()))
                .collect(),
            only: only.map(InstallationId::from),
        }
    }

    fn place(map: &Map, labels: &[(&str, &str)]) -> Result<Option<String>, String> {
        let sample = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        map.place(&sample).map(|place| place.map(|place| place.to_string()))
    }

    #[test]
    fn labels_name_a_place_and_a_stranger_is_named_and_left_out() {
        let map_of_many = map(None);
        for (labels, expected) in [
            (&[("tenant", "acme"), ("env", "staging")][..], Ok(Some("acme/staging"))),
            (&[("tenant", "globex")], Ok(Some("globex/production"))),
            (&[("tenant", "acme")], Ok(Some("acme"))),
            (&[("tenant", "evil"), ("env", "production")], Err("evil")),
            (&[("env", "production")], Ok(None)),
        ] {
            let expected = expected.map(|place: Option<&str>| place.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(place(&map_of_many, labels), expected, "{labels:?}");
        }
        // With a single tenant the engine leaves its label out.
        assert_eq!(place(&map(Some("globex")), &[]), Ok(Some("globex/production".to_owned())));
    }
}
