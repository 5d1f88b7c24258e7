//! A chart in an OCI registry: its versions are tags, and its `Chart.yaml` is the configuration of each manifest.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use url::Url;

use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Fact, GapKind, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::id::ProductId;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::fleetfile::endpoint::Address;
use crate::fleetfile::section::Section;
use crate::net::door::{Door, Pending};
use crate::sources::distribution::{self, Repository};
use crate::sources::kind::{Built, Source};
use crate::sources::oci::gap;
use crate::sources::reading::{json, moment};
use crate::text::clean::Clean;

/// How many of the newest versions are looked into.
const NEWEST: usize = 20;
/// What the configuration of a chart is called.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";

struct Chart {
    product: ProductId,
    /// The repository, such as `charts/traefik`.
    repository: String,
    /// What was read of each manifest: what a digest names never changes.
    read: Mutex<BTreeMap<String, Entry>>,
}

/// What is kept of one version of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    /// It carries this.
    Carries { app_version: String, created: Option<String> },
    /// It is no version anybody should take: deprecated, a library, without an app version.
    Out,
    /// It is another thing.
    NoChart,
}

pub(super) fn build(
    section: &mut Section<'_>,
    product: &ProductId,
    name: Option<&Clean>,
    address: &Clean,
) -> Option<Built> {
    let url = Url::parse(address.as_str()).ok()?;
    let mut repository = url.path().trim_matches('/').to_owned();
    if let Some(name) = name.filter(|name| repository.rsplit('/').next() != Some(name.as_str())) {
        repository = format!("{repository}/{name}").trim_start_matches('/').to_owned();
    }
    if !distribution::is_repository(&repository) {
        section.refuse("url", format!("`{}` is no name of a chart in a registry", Clean::line(&repository)));
    }
    let authority = crate::net::address::authority(&url);
    // As everybody has it who speaks to registries: on this machine they are asked without TLS.
    let scheme = if is_loopback(url.host_str().unwrap_or_default()) { "http" } else { "https" };
    let endpoint = section.endpoint(Address::Url(Clean::line(&format!("{scheme}://{authority}"))));
    let chart = Chart { product: product.clone(), repository, read: Mutex::default() };
    Some(Built { source: Box::new(chart), endpoint: Some(endpoint) })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

impl Source for Chart {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let at = Repository::named(&self.repository);
            let tags = distribution::tags(door, at).await?;
            let versions = newest(&tags.all);
            let mut heard = Heard::default();
            if versions.is_empty() {
                heard.gaps.push(gap(&self.repository, "no tag there is the version of a chart", GapKind::Odd));
            }
            let list = if tags.whole && versions.len() <= NEWEST { ListKind::Whole } else { ListKind::Newest };
            for (version, tag) in versions.into_iter().take(NEWEST) {
                match self.entry(door, at, tag).await? {
                    Some(Entry::Carries { app_version, created }) => {
                        heard.facts.push(Fact::here(What::Release(Box::new(Release {
                            product: self.product.clone(),
                            version: Clean::line_within(&app_version, 100),
                            published: created.as_deref().and_then(moment).map(Dated::At),
                            prerelease: version.is_prerelease(),
                            chart: Some(Clean::line_within(version.text(), 100)),
                            url: None,
                            list,
                        }))));
                    }
                    Some(Entry::NoChart) => heard.gaps.push(gap(tag, "it is no chart", GapKind::Odd)),
                    Some(Entry::Out) | None => {}
                }
            }
            Ok(heard)
        })
    }
}

impl Chart {
    /// What one version carries; none where its tag points to nothing.
    async fn entry(&self, door: &dyn Door, at: Repository<'_>, tag: &str) -> Result<Option<Entry>, Fault> {
        let Some(digest) = distribution::digest(door, at, tag).await? else { return Ok(None) };
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let entry = match config_of(&distribution::manifest(door, at, &digest).await?.body)? {
            (Some(config), created) => read_chart(&distribution::blob(door, at, &config).await?, created)?,
            (None, _) => Entry::NoChart,
        };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, entry.clone());
        Ok(Some(entry))
    }
}

/// The versions among the tags, newest first. Strictly those that are whole versions: Helm itself sees no others, and a
/// `_` stands for the `+` no tag can hold.
fn newest(tags: &std::collections::BTreeSet<String>) -> Vec<(Version, &str)> {
    let read = |tag: &String| {
        let version = tag.replace('_', "+");
        is_whole(&version).then(|| Version::read(Scheme::Semver, &version))
    };
    let mut versions: Vec<(Version, &str)> = tags.iter().filter_map(|tag| Some((read(tag)?, tag.as_str()))).collect();
    versions.sort_by(|one, two| two.cmp(one));
    versions
}

/// Whether a text is a version as semver.org has it: three numbers, no `v`, no leading zeros.
fn is_whole(text: &str) -> bool {
    let (core, build) = text.split_once('+').map_or((text, None), |(core, build)| (core, Some(build)));
    let (core, pre) = core.split_once('-').map_or((core, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    let named = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let labels = |all: Option<&str>| all.is_none_or(|all| all.split('.').all(named));
    core.split('.').count() == 3 && core.split('.').all(number) && labels(pre) && labels(build)
}

#[derive(Deserialize)]
struct WireManifest {
    config: Option<WireConfig>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireConfig {
    #[serde(default)]
    media_type: String,
    digest: String,
}

/// The digest of a chart's configuration, and when it was made; no digest where it is none.
fn config_of(body: &[u8]) -> Result<(Option<String>, Option<String>), Fault> {
    let mut manifest: WireManifest = json(body, "the manifest of a chart")?;
    let config =
        manifest.config.filter(|config| config.media_type == CONFIG && distribution::is_digest(&config.digest));
    Ok((config.map(|config| config.digest), manifest.annotations.remove("org.opencontainers.image.created")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireChart {
    app_version: Option<String>,
    #[serde(default)]
    deprecated: bool,
    #[serde(rename = "type", default)]
    sort: Option<String>,
}

fn read_chart(body: &[u8], created: Option<String>) -> Result<Entry, Fault> {
    let chart: WireChart = json(body, "a chart")?;
    let library = chart.sort.as_deref() == Some("library");
    let carried = chart.app_version.filter(|version| !version.is_empty() && !chart.deprecated && !library);
    Ok(carried.map_or(Entry::Out, |app_version| Entry::Carries { app_version, created }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_versions_are_versions_of_a_chart() {
        for (text, is) in [
            ("39.1.0", true),
            ("1.0.0-rc.1+build.5", true),
            ("v1.2.3", false),
            ("1.2", false),
            ("01.2.3", false),
            ("latest", false),
            ("1.2.3-", false),
            ("1.2.3.4", false),
            ("", false),
        ] {
            assert_eq!(is_whole(text), is, "{text}");
        }
        let tags = ["1.9.0", "1.10.0", "1.10.0_2", "latest"].map(String::from).into();
        let order: Vec<&str> = newest(&tags).into_iter().map(|(_, tag)| tag).collect();
        assert_eq!(order, ["1.10.0_2", "1.10.0", "1.9.0"]);
    }

    #[test]
    fn what_should_not_be_taken_carries_nothing() {
        for body in [
            r#"{"appVersion":"1","deprecated":true}"#,
            r#"{"appVersion":"1","type":"library"}"#,
            "{}",
            r#"{"appVersion":""}"#,
        ] {
            assert_eq!(read_chart(body.as_bytes(), None).ok(), Some(Entry::Out), "{body}");
        }
    }
}
