//! Sonatype Nexus Repository: whether it can be read and written, what it finds wrong with itself, its version, and which
//! releases lie in it. Among the releases of a product it is the vendor's own, and its digests are what others are held
//! against.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::clock::Moment;
use crate::domain::fact::{Evidence, Fact, GapKind, Health, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::Scope;
use crate::domain::level::Level;
use crate::domain::scheme::Scheme;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending, Reply};
use crate::sources::distribution::{self, Repository};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::oci::{self, artifact, chosen, gap, nothing};
use crate::sources::reading::{json, raw_items};
use crate::text::clean::Clean;

/// Nexus Repository 3.
pub static KIND: Kind = Kind {
    name: "nexus",
    about: "what a Nexus holds of a product's artifacts, by digest; its version, and what it finds wrong with itself",
    example: r#"{ kind = "nexus", url = "https://nexus.example.test", repository_name = "vendor-docker", username = "ops", password = { env = "NEXUS" } }"#,
    stands: Stands::PlaceOrProduct,
    build,
};

const BASE: &str = "service/rest/v1";
/// How many pages of fifty are turned for one artifact.
const PAGES: usize = 40;
/// Checks without which nothing can be delivered or fetched.
const VITAL: [&str; 4] = ["Blob Stores Ready", "Read-Only Detector", "Thread Deadlock Detector", "Lifecycle Phase"];

struct Nexus {
    /// The repository searched in; all of them where none is named.
    repository: Option<Clean>,
    format: Option<Clean>,
    artifacts: Vec<String>,
    scheme: Scheme,
    /// Whether it is the vendor's own store: then only what lies in it counts.
    original: bool,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let repository = section.optional(("repository_name", "the repository searched in; all of them unless said"));
    let format = section.optional(("format", "the format of the artifacts, such as `docker` or `maven2`"));
    let (artifacts, scheme) = oci::artifacts(section, setting);
    let original = matches!(setting.scope, Scope::Product(_));
    Some(Built::new(Nexus { repository, format, artifacts, scheme, original }))
}

impl Source for Nexus {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            if !self.original {
                self.condition(door, &mut heard).await?;
            }
            for name in &self.artifacts {
                match self.held(door, name).await {
                    Ok(held) => {
                        heard.facts.extend(held.facts);
                        heard.gaps.extend(held.gaps);
                    }
                    Err(fault @ Fault::Forbidden { .. }) => {
                        heard.gaps.push(gap(name, &fault.to_string(), GapKind::Forbidden));
                    }
                    Err(other) => return Err(other),
                }
            }
            Ok(heard)
        })
    }
}

impl Nexus {
    /// How it is, by its own word.
    async fn condition(&self, door: &dyn Door, heard: &mut Heard) -> Result<(), Fault> {
        for (path, what, worst) in
            [("status", "readable", Level::Critical), ("status/writable", "writable", Level::Warning)]
        {
            let reply = door.ask(Ask::get(format!("{BASE}/{path}")).even(503)).await?;
            let (level, detail) = if reply.status == 503 { (worst, "it says no (503)") } else { (Level::Ok, "") };
            heard.facts.push(health(what, level, detail));
            if what == "readable" {
                self.version(door, &reply, heard).await?;
            }
        }
        match door.ask(Ask::get(format!("{BASE}/status/check"))).await {
            Ok(reply) => read_checks(&reply.body, heard),
            // Before 3.20 there is no such thing.
            Err(Fault::Missing { .. }) => Ok(()),
            Err(fault @ (Fault::Forbidden { .. } | Fault::Unauthorised { .. })) => {
                heard.gaps.push(gap("status checks", &fault.to_string(), GapKind::Forbidden));
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Every answer tells the version in a header, unless somebody in between or in charge hides it.
    async fn version(&self, door: &dyn Door, reply: &Reply, heard: &mut Heard) -> Result<(), Fault> {
        let mut version = reply.header("server").and_then(version_in);
        if version.is_none() {
            match door.ask(Ask::get("service/rest/wonderland/status")).await {
                Ok(reply) => {
                    let status: WireStatus = json(&reply.body, "the status of a Nexus")?;
                    version = Some(Clean::line_within(&status.version, 100));
                }
                Err(Fault::Missing { .. } | Fault::Forbidden { .. } | Fault::Unauthorised { .. }) => {
                    heard.gaps.push(gap("version", "it hides its version", GapKind::Forbidden));
                }
                Err(other) => return Err(other),
            }
        }
        heard.facts.extend(version.map(|version| {
            let evidence = Evidence::Answered;
            Fact::here(What::Sighting(Sighting { product: "nexus".into(), version, evidence, part: None }))
        }));
        Ok(())
    }

    /// What lies in it of one artifact.
    async fn held(&self, door: &dyn Door, name: &str) -> Result<Heard, Fault> {
        let mut heard = Heard::default();
        let mut found: BTreeMap<String, Option<Clean>> = BTreeMap::new();
        let mut token = None;
        for n in 0..=PAGES {
            let page = read_page(&door.ask(self.search(name, token.as_deref())).await?.body, &mut heard, &mut found)?;
            match page.filter(|next| token.as_ref() != Some(next)) {
                Some(_) if n == PAGES => heard.gaps.push(gap(name, "more versions than are read", GapKind::Partial)),
                Some(next) => token = Some(next),
                None => break,
            }
        }
        if let (true, Some(repository)) = (found.is_empty(), &self.repository)
            && self.format.as_ref().is_none_or(|format| format.as_str() == "docker")
        {
            return self.confirm(door, repository, name).await;
        }
        if found.is_empty() {
            heard.facts.push(nothing(name));
        }
        let tags: BTreeSet<String> = found.keys().cloned().collect();
        for tag in chosen(self.scheme, &tags).0 {
            heard.facts.push(artifact(name, tag, found.get(tag).cloned().flatten(), true));
        }
        Ok(heard)
    }

    fn search(&self, name: &str, token: Option<&str>) -> Ask {
        // A page belongs to its question: a token beside another one is refused.
        let mut ask = Ask::get(format!("{BASE}/search"));
        for (key, value) in [("repository", &self.repository), ("format", &self.format)] {
            if let Some(value) = value {
                ask = ask.with(key, value.as_str());
            }
        }
        ask = match name.split_once(':') {
            Some((group, name)) => ask.with("group", group).with("name", name),
            None => ask.with("name", name),
        };
        ask = ask.with("sort", "version").with("direction", "desc");
        match token {
            Some(token) => ask.with("continuationToken", token),
            None => ask,
        }
    }

    /// The index of a Nexus that was restored or upgraded may be empty while everything is there: the repository's own
    /// word counts.
    async fn confirm(&self, door: &dyn Door, repository: &Clean, name: &str) -> Result<Heard, Fault> {
        let base = format!("repository/{repository}/");
        let fine = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !fine(repository.as_str()) || !distribution::is_repository(name) {
            return Ok(Heard { facts: vec![nothing(name)], gaps: Vec::new() });
        }
        let mut heard = oci::held(door, Repository { base: &base, name }, self.scheme).await?;
        let lies = |fact: &Fact| matches!(&fact.what, What::Artifact(one) if one.present);
        if heard.facts.iter().any(lies) {
            heard.gaps.push(gap("search", "it finds nothing of what lies there: rebuild its index", GapKind::Odd));
        } else {
            heard.gaps.clear();
        }
        Ok(heard)
    }
}

#[derive(Deserialize)]
struct WireStatus {
    version: String,
}

/// `Nexus/3.94.1-06 (COMMUNITY)`.
fn version_in(server: &str) -> Option<Clean> {
    let product = server.split_whitespace().next()?;
    let version = product.strip_prefix("Nexus/")?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| Clean::line_within(version, 100))
}

fn health(what: &str, level: Level, detail: &str) -> Fact {
    let (what, detail) = (Clean::line_within(what, 100), Clean::line_within(detail, 200));
    Fact::here(What::Health(Health { product: Some("nexus".into()), what, level, detail }))
}

#[derive(Deserialize)]
struct WireCheck {
    healthy: bool,
    message: Option<String>,
}

/// Understands what it finds about itself. The answer is 200 whatever it says.
fn read_checks(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let checks: BTreeMap<String, &RawValue> = json(body, "the checks of a Nexus")?;
    let (n_all, mut n_read) = (checks.len(), 0_usize);
    for (name, check) in checks {
        match serde_json::from_str::<WireCheck>(check.get()) {
            Ok(check) => {
                n_read += 1;
                let level = match (check.healthy, VITAL.contains(&name.as_str())) {
                    (true, _) => Level::Ok,
                    (false, true) => Level::Critical,
                    (false, false) => Level::Warning,
                };
                heard.facts.push(health(&name, level, &check.message.unwrap_or_default()));
            }
            Err(error) => heard.gaps.push(gap(&name, &error.to_string(), GapKind::Odd)),
        }
    }
    if n_all > 0 && n_read == 0 {
        return Err(Fault::Garbled { expected: "the checks of a Nexus", why: Clean::line("another document") });
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    continuation_token: Option<String>,
}

#[derive(Deserialize)]
struct WireComponent {
    version: Option<String>,
    #[serde(default)]
    assets: Vec<WireAsset>,
}

#[derive(Deserialize)]
struct WireAsset {
    #[serde(default)]
    path: String,
    #[serde(default)]
    checksum: Option<WireChecksum>,
}

#[derive(Deserialize)]
struct WireChecksum {
    sha256: Option<String>,
}

/// Understands one page of findings, and says where the next one is.
fn read_page(
    body: &[u8],
    heard: &mut Heard,
    found: &mut BTreeMap<String, Option<Clean>>,
) -> Result<Option<String>, Fault> {
    let page: WirePage<'_> = json(body, "what a Nexus found")?;
    raw_items(page.items, "what a Nexus found", heard, |one: WireComponent, _| {
        let digest = one.digest();
        let Some(version) = one.version.filter(|version| !version.is_empty()) else { return };
        // What lies in two repositories is told twice; the one with a digest says more.
        let slot = found.entry(version).or_default();
        if slot.is_none() {
            *slot = digest;
        }
    });
    Ok(page.continuation_token.filter(|token| !token.is_empty()))
}

impl WireComponent {
    /// The digest of its manifest, or of its only file.
    fn digest(&self) -> Option<Clean> {
        let manifest = self.assets.iter().find(|asset| asset.path.contains("/manifests/"));
        let asset = manifest.or_else(|| self.assets.first().filter(|_| self.assets.len() == 1))?;
        let digest = format!("sha256:{}", asset.checksum.as_ref()?.sha256.as_ref()?);
        distribution::is_digest(&digest).then(|| Clean::line(&digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_in_a_header() {
        for (server, version) in [
            ("Nexus/3.94.1-06 (COMMUNITY)", Some("3.94.1-06")),
            ("Nexus/3.77.1-01 (OSS)", Some("3.77.1-01")),
            ("Nexus/3.77.1-01", Some("3.77.1-01")),
            ("Nexus/hidden", None),
            ("nginx/1.26.3", None),
            ("", None),
        ] {
            assert_eq!(version_in(server).map(|version| version.to_string()).as_deref(), version, "{server}");
        }
    }
}
