//! What delivers into the cluster says of itself: Flux's HelmReleases and Argo CD's Applications.

use serde::Deserialize;

use super::products::Naming;
use super::resources::{WireCondition, health, holds, place};
use super::wire::WireMeta;
use crate::domain::delivery::{Deployment, PipelineState};
use crate::domain::fact::{Evidence, Fact, Sighting, What};
use crate::domain::id::ProductId;
use crate::domain::level::Level;
use crate::sources::reading::{moment, told};
use crate::text::clean::Clean;

/// A HelmRelease of Flux.
#[derive(Deserialize)]
pub(super) struct WireHelmRelease {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireHelmSpec,
    #[serde(default)]
    status: WireHelmStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireHelmSpec {
    suspend: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireHelmStatus {
    conditions: Option<Vec<WireCondition>>,
    observed_generation: i64,
    /// The newest first.
    history: Option<Vec<WireSnapshot>>,
    last_attempted_revision: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSnapshot {
    #[serde(default)]
    namespace: String,
    chart_name: String,
    #[serde(default)]
    chart_version: String,
    #[serde(default)]
    app_version: Option<String>,
    #[serde(default)]
    status: String,
    last_deployed: Option<String>,
}

impl WireHelmRelease {
    /// What runs by its chart, and where the newest attempt stands. One of a product nobody knows has no facts.
    pub(super) fn facts(&self, naming: &Naming<'_>) -> Vec<Fact> {
        let status = &self.status;
        let history = status.history.as_deref().unwrap_or_default();
        let Some(newest) = history.first() else { return Vec::new() };
        let Some(product) = naming.of_chart(&newest.chart_name, &newest.namespace) else { return Vec::new() };
        // What runs is what was deployed last with success, whatever was tried since.
        let running = history.iter().find(|one| one.status == "deployed");
        let place = place(&self.metadata);
        let version = |one: &WireSnapshot| told(one.app_version.as_deref());
        let mut facts = Vec::new();
        if let Some(version) = running.and_then(version) {
            let (product, part) = (product.clone(), Some(place.clone()));
            facts.push(Fact::here(What::Sighting(Sighting { product, version, evidence: Evidence::Charted, part })));
        }
        let (state, detail) = self.state();
        let attempted = history.iter().find(|one| one.chart_version == status.last_attempted_revision);
        facts.push(Fact::here(What::Deployment(Box::new(Deployment {
            product: Some(product.clone()),
            // The app version of a chart that was never installed is not known here.
            version: attempted.or(Some(newest).filter(|_| status.last_attempted_revision.is_empty())).and_then(version),
            state,
            at: newest.last_deployed.as_deref().and_then(moment),
            finished: None,
            by: Some(Clean::line("Flux")),
            url: None,
        }))));
        let level = match state {
            PipelineState::Failed => Level::Critical,
            PipelineState::Canceled => Level::Warning,
            PipelineState::Unknown => Level::Unknown,
            PipelineState::Pending
            | PipelineState::Running
            | PipelineState::Manual
            | PipelineState::Tolerated
            | PipelineState::Succeeded
            | PipelineState::Skipped => Level::Ok,
        };
        facts.push(health(product.as_str(), &format!("helmrelease {place}"), level, &detail));
        facts
    }

    fn state(&self) -> (PipelineState, String) {
        let conditions = self.status.conditions.as_ref();
        let ready = conditions.into_iter().flatten().find(|condition| condition.r#type == "Ready");
        if self.spec.suspend {
            return (PipelineState::Canceled, "suspended by a person".to_owned());
        }
        // Conditions of an older generation say nothing about what is wanted now.
        if self.status.observed_generation < self.metadata.generation {
            return (PipelineState::Pending, "not looked at yet".to_owned());
        }
        if let Some(stalled) = holds(conditions, "Stalled") {
            let why = ready.filter(|one| one.status == "False").unwrap_or(stalled);
            return (PipelineState::Failed, format!("stalled: {}: {}", why.reason, why.message));
        }
        match ready.map(|one| (one.status.as_str(), one)) {
            Some(("True", _)) => (PipelineState::Succeeded, "in force".to_owned()),
            Some(("False", one)) => (PipelineState::Failed, format!("{}: {}", one.reason, one.message)),
            Some((_, one)) => (PipelineState::Running, one.message.clone()),
            None => (PipelineState::Unknown, "says nothing about itself".to_owned()),
        }
    }
}

/// An Application of Argo CD.
#[derive(Deserialize)]
pub(super) struct WireApplication {
    metadata: WireMeta,
    #[serde(default)]
    spec: WireAppSpec,
    #[serde(default)]
    status: WireAppStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireAppSpec {
    source: Option<WireAppSource>,
    sources: Option<Vec<WireAppSource>>,
    destination: WireDestination,
}

#[derive(Deserialize)]
struct WireAppSource {
    #[serde(default)]
    chart: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireDestination {
    server: String,
    name: String,
    namespace: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireAppStatus {
    sync: WireSync,
    health: WireAppHealth,
    operation_state: Option<WireOperation>,
    summary: WireSummary,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSync {
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireAppHealth {
    status: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOperation {
    phase: String,
    #[serde(default)]
    message: String,
    started_at: Option<String>,
    finished_at: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSummary {
    images: Option<Vec<String>>,
}

impl WireApplication {
    /// Where it stands. One for another cluster, or of a product nobody knows, has no facts.
    pub(super) fn facts(&self, naming: &Naming<'_>) -> Vec<Fact> {
        let destination = &self.spec.destination;
        let is_here = destination.server == "https://kubernetes.default.svc" || destination.name == "in-cluster";
        let sources = self.spec.source.iter().chain(self.spec.sources.iter().flatten());
        let charts: Vec<&str> = sources.map(|source| source.chart.as_str()).collect();
        let product = charts.iter().find_map(|chart| naming.of_chart(chart, &destination.namespace));
        let Some(product) = product.filter(|_| is_here) else { return Vec::new() };
        let (state, level) = self.state();
        let operation = self.status.operation_state.as_ref();
        let said = operation.map(|operation| operation.message.as_str()).filter(|_| level != Level::Ok);
        let words = [self.status.sync.status.as_str(), self.status.health.status.as_str(), &self.status.health.message];
        let detail = words.into_iter().chain(said).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        let place = place(&self.metadata);
        vec![
            Fact::here(What::Deployment(Box::new(Deployment {
                product: Some(product.clone()),
                version: self.version(naming, &product),
                state,
                at: operation.and_then(|operation| moment(operation.started_at.as_deref()?)),
                finished: operation.and_then(|operation| moment(operation.finished_at.as_deref()?)),
                by: Some(Clean::line("Argo CD")),
                url: None,
            }))),
            health(product.as_str(), &format!("application {place}"), level, &detail),
        ]
    }

    /// Rolled out is synced, healthy, and at rest. Out of sync alone is a change that waits.
    fn state(&self) -> (PipelineState, Level) {
        let phase = self.status.operation_state.as_ref().map_or("", |operation| operation.phase.as_str());
        match (phase, self.status.health.status.as_str(), self.status.sync.status.as_str()) {
            ("Running" | "Terminating", _, _) => (PipelineState::Running, Level::Ok),
            ("Failed" | "Error", _, _) => (PipelineState::Failed, Level::Critical),
            (_, "Degraded" | "Missing", _) => (PipelineState::Failed, Level::Critical),
            (_, "Progressing", _) => (PipelineState::Running, Level::Ok),
            (_, "Suspended", _) => (PipelineState::Manual, Level::Warning),
            (_, "Healthy", "Synced") => (PipelineState::Succeeded, Level::Ok),
            (_, "Healthy", "OutOfSync") => (PipelineState::Pending, Level::Ok),
            _ => (PipelineState::Unknown, Level::Unknown),
        }
    }

    /// The version among its images that is the product's.
    fn version(&self, naming: &Naming<'_>, product: &ProductId) -> Option<Clean> {
        let readings = self.status.summary.images.iter().flatten().filter_map(|image| naming.catalog.image(image));
        let mut versions =
            readings.filter(|reading| reading.product.id == *product).filter_map(|reading| reading.version);
        versions.next().map(Clean::line)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::products::tests::product;
    use super::*;
    use crate::domain::product::Catalog;
    use crate::domain::scheme::Scheme;
    use crate::sources::kubernetes::pages::Page;

    fn told(home: &str, facts: impl Fn(&Naming<'_>) -> Vec<Fact>) -> Vec<String> {
        let own = ProductId::from("own");
        let catalog = Catalog::new([product("own", Scheme::Calver, &["meshfed/api"], &["meshfed"])]);
        let naming = Naming { catalog: &catalog, own: Some(&own), namespace: Some(home) };
        let text = |version: Option<&Clean>| version.map_or("?".to_owned(), Clean::to_string);
        let word = |fact: Fact| match fact.what {
            What::Sighting(one) => format!("runs {}", one.version),
            What::Deployment(one) => format!("{:?} {}", one.state, text(one.version.as_ref())),
            What::Health(one) => format!("{:?}: {}", one.level, one.detail),
            other => panic!("{other:?}"),
        };
        facts(&naming).into_iter().map(word).collect()
    }

    #[test]
    fn what_runs_is_the_last_that_was_deployed_whatever_was_tried_since() {
        let body = include_bytes!("../../../tests/samples/kubernetes/1.33/with-operators/helmreleases.json");
        let releases: Page<WireHelmRelease> = Page::read(body, "helmreleases").unwrap();
        assert_eq!(releases.gaps, []);
        let facts = |naming: &Naming<'_>| releases.items.iter().flat_map(|one| one.facts(naming)).collect();
        assert_eq!(
            told("mesh-acme", facts),
            [
                "runs 2026.41.0",
                "Succeeded 2026.41.0",
                "Ok: in force",
                "runs 2026.40.1",
                "Failed ?",
                "Critical: stalled: UpgradeFailed: context deadline exceeded",
            ]
        );
        assert_eq!(told("elsewhere", facts), Vec::<String>::new(), "another environment's copy on a shared cluster");
    }

    #[test]
    fn an_application_is_rolled_out_when_it_is_synced_healthy_and_at_rest() {
        let body = include_bytes!("../../../tests/samples/kubernetes/1.33/with-operators/applications.json");
        let applications: Page<WireApplication> = Page::read(body, "applications").unwrap();
        assert_eq!(applications.gaps, []);
        let facts = |naming: &Naming<'_>| applications.items.iter().flat_map(|one| one.facts(naming)).collect();
        assert_eq!(
            told("mesh-acme", facts),
            [
                "Succeeded 2026.41.0",
                "Ok: Synced, Healthy",
                "Running 2026.41.0",
                "Ok: OutOfSync, Progressing",
                "Failed 2026.41.0",
                "Critical: OutOfSync, Degraded, one or more synchronization tasks completed unsuccessfully",
            ]
        );
    }

    #[test]
    fn a_condition_of_an_older_generation_says_nothing() {
        for (generation, observed, suspend, state) in [
            (2, 1, false, PipelineState::Pending),
            (2, 2, false, PipelineState::Succeeded),
            (2, 2, true, PipelineState::Canceled),
        ] {
            let release = serde_json::json!({
                "metadata": { "name": "x", "generation": generation },
                "spec": { "suspend": suspend },
                "status": {
                    "observedGeneration": observed,
                    "conditions": [{ "type": "Ready", "status": "True", "reason": "x", "message": "x" }],
                },
            });
            let release: WireHelmRelease = serde_json::from_value(release).unwrap();
            assert_eq!(release.state().0, state);
        }
    }
}
