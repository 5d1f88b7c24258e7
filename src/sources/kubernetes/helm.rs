//! Helm's release records: which chart is deployed, and whether the newest attempt went well. Reading them takes the right
//! to read every secret, so they are read only where the fleet file asks for it.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::pages::{list, segment};
use super::products::Naming;
use super::wire::WireMeta;
use crate::domain::delivery::{Deployment, PipelineState};
use crate::domain::fact::{Evidence, Fact, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::reading::{json, moment, part, told};
use crate::text::clean::Clean;

/// The largest record, unpacked: the manifests of a large chart are megabytes.
const LARGEST: u64 = 32_000_000;
/// Only names and labels are listed; no secret's content moves.
const NAMES_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Where Helm keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// As secrets, which is usual.
    Secrets,
    /// As config maps (`HELM_DRIVER=configmap`).
    ConfigMaps,
}

impl Store {
    fn plural(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::ConfigMaps => "configmaps",
        }
    }
}

/// The records read so far, by uid and revision of the object: one that is unchanged isn't fetched again.
#[derive(Default)]
pub(super) struct Records(Mutex<BTreeMap<(String, String), Release>>);

/// What is kept of a record. Its manifest, values and templates hold secrets and are passed over.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Release {
    name: String,
    #[serde(default)]
    namespace: String,
    info: WireInfo,
    chart: WireChart,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct WireInfo {
    #[serde(default)]
    status: String,
    last_deployed: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct WireChart {
    metadata: WireChartMeta,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct WireChartMeta {
    name: String,
    app_version: Option<String>,
}

#[derive(Deserialize)]
struct WireName {
    metadata: WireMeta,
}

#[derive(Deserialize)]
struct WireRecord {
    data: WireData,
}

#[derive(Deserialize)]
struct WireData {
    release: String,
}

/// Reads the records of a namespace, or of all.
pub(super) async fn facts(
    door: &dyn Door,
    store: Store,
    only: Option<&Clean>,
    records: &Records,
    naming: &Naming<'_>,
    heard: &mut Heard,
) -> Result<(), Fault> {
    let below = |namespace: &str| format!("api/v1/namespaces/{namespace}/{}", store.plural());
    let path = only.map_or_else(|| format!("api/v1/{}", store.plural()), |namespace| below(&segment(namespace)));
    let mut ask = Ask::get(path).with("labelSelector", "owner=helm").header("Accept", NAMES_ONLY);
    if store == Store::Secrets {
        ask = ask.with("fieldSelector", "type=helm.sh/release.v1");
    }
    let names = list::<WireName>(door, ask, store.plural(), heard).await;
    let (names, _) = part(names, "helm records", heard)?;
    let mut kept = BTreeMap::new();
    for (newest, running) in chosen(&names) {
        let mut releases = Vec::new();
        for meta in [Some(newest), running.filter(|meta| meta.name != newest.name)].into_iter().flatten() {
            let key = (meta.uid.clone(), meta.resource_version.clone());
            let held = records.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
            let release = match held {
                Some(release) => release,
                None => {
                    let path = format!("{}/{}", below(&segment(&Clean::line(&meta.namespace))), object(&meta.name));
                    let read = door.ask(Ask::get(path).at_most(LARGEST)).await.and_then(|reply| read(&reply.body));
                    let place = format!("helm record {}/{}", meta.namespace, meta.name);
                    let Some(release) = part(read.map(Some), &place, heard)? else { continue };
                    release
                }
            };
            kept.insert(key, release.clone());
            releases.push(release);
        }
        heard.facts.extend(told_by(&releases, naming));
    }
    *records.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    Ok(())
}

/// A release's name as one step of a path.
fn object(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect()
}

/// Of each release the newest record, and the newest that was deployed. Revisions are numbers: 10 comes after 9.
fn chosen(names: &[WireName]) -> Vec<(&WireMeta, Option<&WireMeta>)> {
    let mut by_release: BTreeMap<(&str, &str), Vec<(u64, &WireMeta)>> = BTreeMap::new();
    for WireName { metadata } in names {
        let revision = metadata.label("version").and_then(|text| text.parse().ok());
        if let (Some(release), Some(revision)) = (metadata.label("name"), revision) {
            by_release.entry((&metadata.namespace, release)).or_default().push((revision, metadata));
        }
    }
    let newest = |records: &[(u64, &'_ WireMeta)], deployed: bool| {
        let counts = |meta: &WireMeta| !deployed || meta.label("status") == Some("deployed");
        records
            .iter()
            .enumerate()
            .filter(|(_, (_, meta))| counts(meta))
            .max_by_key(|(_, (revision, _))| *revision)
            .map(|(n, _)| n)
    };
    by_release
        .into_values()
        .filter_map(|records| {
            let at = |n: usize| records.get(n).map(|(_, meta)| *meta);
            Some((newest(&records, false).and_then(at)?, newest(&records, true).and_then(at)))
        })
        .collect()
}

/// Understands one record: base64, in secrets twice, usually gzipped, then JSON.
fn read(body: &[u8]) -> Result<Release, Fault> {
    const EXPECTED: &str = "a record of Helm";
    let garbled = |why: &str| Fault::Garbled { expected: EXPECTED, why: Clean::line(why) };
    let record: WireRecord = json(body, EXPECTED)?;
    let once = STANDARD.decode(record.data.release.trim()).map_err(|_| garbled("no base64"))?;
    let bytes = if is_packed_or_json(&once) {
        once
    } else {
        STANDARD.decode(&once).map_err(|_| garbled("no base64 within"))?
    };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return json(&bytes, EXPECTED);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(&*bytes).take(LARGEST + 1).read_to_end(&mut unpacked).map_err(|_| garbled("a broken gzip"))?;
    if u64::try_from(unpacked.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(Fault::TooLarge { limit: LARGEST });
    }
    json(&unpacked, EXPECTED)
}

fn is_packed_or_json(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(b"{")
}

/// What the newest record and the deployed one tell. Charts of products nobody knows tell nothing.
fn told_by(releases: &[Release], naming: &Naming<'_>) -> Vec<Fact> {
    let Some(newest) = releases.first() else { return Vec::new() };
    let Some(product) = naming.of_chart(&newest.chart.metadata.name, &newest.namespace) else { return Vec::new() };
    let version = |one: &Release| told(one.chart.metadata.app_version.as_deref());
    let running = releases.iter().find(|one| one.info.status == "deployed").and_then(version);
    let sighting = running.map(|version| {
        let part = Some(Clean::line(&format!("{}/{}", newest.namespace, newest.name)));
        What::Sighting(Sighting { product: product.clone(), version, evidence: Evidence::Charted, part })
    });
    let state = match newest.info.status.as_str() {
        "deployed" => PipelineState::Succeeded,
        "failed" => PipelineState::Failed,
        "pending-install" | "pending-upgrade" | "pending-rollback" | "uninstalling" => PipelineState::Running,
        "superseded" | "uninstalled" => PipelineState::Skipped,
        _ => PipelineState::Unknown,
    };
    let deployment = What::Deployment(Box::new(Deployment {
        product: Some(product),
        version: version(newest),
        state,
        at: newest.info.last_deployed.as_deref().and_then(moment),
        finished: None,
        by: Some(Clean::line("Helm")),
        url: None,
    }));
    sighting.into_iter().chain([deployment]).map(Fact::here).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::io::Write;

    use super::*;

    fn items(body: &str) -> Vec<serde_json::Value> {
        serde_json::from_str::<serde_json::Value>(body).unwrap()["items"].as_array().unwrap().clone()
    }

    fn versions(body: &str) -> Vec<(String, Option<String>, String)> {
        let release = |item: &serde_json::Value| read(item.to_string().as_bytes()).unwrap();
        let told =
            |release: Release| (release.chart.metadata.name, release.chart.metadata.app_version, release.info.status);
        items(body).iter().map(release).map(told).collect()
    }

    #[test]
    fn records_are_read_from_secrets_and_config_maps() {
        let secrets = include_str!("../../../tests/samples/kubernetes/1.33/with-helm/secrets.json");
        let told = versions(secrets);
        assert_eq!(told[1], ("meshfed".to_owned(), Some("2026.41.0".to_owned()), "deployed".to_owned()));
        assert_eq!(told[0].2, "superseded");
        assert_eq!(told[2].1, Some("v1.18.2".to_owned()));
        let maps = versions(include_str!("../../../tests/samples/kubernetes/1.33/with-helm/configmap-driver.json"));
        assert_eq!(maps.len(), 1);
    }

    #[test]
    fn revisions_are_numbers_and_what_runs_is_what_was_deployed() {
        let name = |revision: &str, status: &str| {
            let labels = serde_json::json!({ "name": "a", "owner": "helm", "version": revision, "status": status });
            let meta = serde_json::json!({ "metadata": { "name": format!("v{revision}"), "labels": labels } });
            serde_json::from_value::<WireName>(meta).unwrap()
        };
        let names = [name("9", "deployed"), name("10", "failed"), name("8", "superseded"), name("x", "deployed")];
        let chosen: Vec<_> = chosen(&names)
            .into_iter()
            .map(|(newest, running)| (&*newest.name, running.map(|one| &*one.name)))
            .collect();
        assert_eq!(chosen, [("v10", Some("v9"))]);
    }

    #[test]
    fn a_bomb_and_a_broken_record_are_faults() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..40 {
            packer.write_all(&vec![b' '; 1_000_000]).unwrap();
        }
        let bomb = STANDARD.encode(STANDARD.encode(packer.finish().unwrap()));
        for (release, too_large) in
            [(bomb.as_str(), true), ("%%%", false), ("e30=", false), ("H4sI", false), ("", false)]
        {
            let fault = read(serde_json::json!({ "data": { "release": release } }).to_string().as_bytes()).unwrap_err();
            assert_eq!(matches!(fault, Fault::TooLarge { .. }), too_large, "{fault}");
        }
    }
}
