//! OCI registries: which releases lie in a store, each artifact with its digest. Among a customer's sources it is their
//! store; among the releases of a product it is the vendor's, whose digests all others are held against.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde::de::IgnoredAny;

use crate::domain::clock::Moment;
use crate::domain::delivery::Artifact;
use crate::domain::fact::{Fact, Gap, GapKind, Health, Heard, What};
use crate::domain::fault::Fault;
use crate::domain::level::Level;
use crate::domain::scheme::Scheme;
use crate::domain::version::Version;
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending, Reply};
use crate::sources::distribution::{self, Repository, Tags};
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::reading::json;
use crate::text::clean::Clean;

/// An OCI registry.
pub static KIND: Kind = Kind {
    name: "oci",
    about: "what an OCI registry holds of a product's artifacts, by digest; a customer's store, or the vendor's own",
    example: r#"{ kind = "oci", url = "https://registry.example.test", username = "pull", password = { env = "REGISTRY" } }"#,
    stands: Stands::PlaceOrProduct,
    build,
};

/// How many of the newest tags are asked for their digest, and how many newest ones of older lines beside them.
const NEWEST: usize = 6;
/// How many tags are told.
pub(super) const TOLD: usize = 60;

struct Registry {
    /// The names of the repositories.
    artifacts: Vec<String>,
    scheme: Scheme,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let (artifacts, scheme) = artifacts(section, setting);
    for name in artifacts.iter().filter(|name| !distribution::is_repository(name)) {
        section.refuse("artifacts", format!("`{}` is no name of a repository", Clean::line(name)));
    }
    Some(Built::new(Registry { artifacts, scheme }))
}

/// The names of the artifacts a store is asked for, and how their versions are read.
pub(super) fn artifacts(section: &mut Section<'_>, setting: &Setting<'_>) -> (Vec<String>, Scheme) {
    let own = section.texts(("artifacts", "the artifacts looked for; the product's own unless said"));
    let folder = section.optional(("folder", "the folder of the store they lie in, put before their names"));
    let product = setting.product.and_then(|id| setting.catalog.get(id.as_str()));
    let names = own.unwrap_or_else(|| product.map(|product| product.artifacts.clone()).unwrap_or_default());
    let within = |name: &Clean| match &folder {
        Some(folder) => format!("{}/{name}", folder.as_str().trim_matches('/')),
        None => name.to_string(),
    };
    (names.iter().map(within).collect(), product.map_or(Scheme::Semver, |product| product.scheme))
}

impl Source for Registry {
    fn poll<'a>(&'a self, door: &'a dyn Door, _now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            if self.artifacts.is_empty() {
                return read_root(&door.ask(Ask::get("v2/")).await?);
            }
            let all =
                join_all(self.artifacts.iter().map(|name| held(door, Repository::named(name), self.scheme))).await;
            let mut heard = Heard::default();
            let mut denied = None;
            for (name, held) in self.artifacts.iter().zip(all) {
                match held {
                    Ok(held) => {
                        heard.facts.extend(held.facts);
                        heard.gaps.extend(held.gaps);
                    }
                    Err(fault @ (Fault::Forbidden { .. } | Fault::Unauthorised { .. })) => {
                        heard.gaps.push(gap(name, &fault.to_string(), GapKind::Forbidden));
                        denied.get_or_insert(fault);
                    }
                    Err(other) => return Err(other),
                }
            }
            // A credential that sees some repositories and not others lacks a right; one that sees none is wrong.
            match denied {
                Some(fault) if heard.facts.is_empty() => Err(fault),
                _ => Ok(heard),
            }
        })
    }
}

/// What lies in a registry of one artifact.
///
/// # Errors
/// Every way a question can fail; that there is no such repository is none.
pub(super) async fn held(door: &dyn Door, at: Repository<'_>, scheme: Scheme) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    let Tags { all, whole } = match distribution::tags(door, at).await {
        Ok(tags) => tags,
        Err(Fault::Missing { .. }) => {
            heard.facts.push(nothing(at.name));
            heard.gaps.push(gap(at.name, "no repository of that name there", GapKind::Odd));
            return Ok(heard);
        }
        Err(other) => return Err(other),
    };
    if !whole {
        heard.gaps.push(gap(at.name, "more tags than are read", GapKind::Partial));
    }
    let (sorted, compared) = chosen(scheme, &all);
    if sorted.is_empty() {
        heard.facts.push(nothing(at.name));
    }
    for tag in sorted {
        let (mut digest, mut present) = (None, true);
        if compared.contains(tag) {
            digest = distribution::digest(door, at, tag).await?.map(|digest| Clean::line(&digest));
            // A tag may be listed still when what it pointed to is gone.
            present = digest.is_some();
        }
        heard.facts.push(artifact(at.name, tag, digest, present));
    }
    Ok(heard)
}

/// An artifact, there or not.
pub(super) fn artifact(name: &str, tag: &str, digest: Option<Clean>, present: bool) -> Fact {
    let (name, tag) = (Clean::line(name), Clean::line_within(tag, 128));
    Fact::here(What::Artifact(Box::new(Artifact { name, tag, digest, present })))
}

/// A store that was asked and has nothing of a name.
pub(super) fn nothing(name: &str) -> Fact {
    artifact(name, "", None, false)
}

/// The tags worth telling, newest first, and those among them whose digest matters: the newest, and the newest of each
/// older line, which somebody under extended support may still be waiting for.
pub(super) fn chosen(scheme: Scheme, tags: &BTreeSet<String>) -> (Vec<&str>, BTreeSet<&str>) {
    let versions = tags.iter().filter(|tag| !is_signature(tag)).map(|tag| (Version::read(scheme, tag), tag.as_str()));
    let mut versions: Vec<(Version, &str)> =
        versions.filter(|(version, _)| version.is_ordered() || scheme == Scheme::Opaque).collect();
    versions.sort_by(|one, two| two.cmp(one));
    let mut compared: BTreeSet<&str> = versions.iter().take(NEWEST).map(|(_, tag)| *tag).collect();
    let mut lines: BTreeMap<String, &str> = BTreeMap::new();
    let mut order = Vec::new();
    for (version, tag) in versions.iter().skip(NEWEST).filter(|(version, _)| !version.is_prerelease()) {
        let Some(line) = version.line() else { continue };
        if !versions.iter().take(NEWEST).any(|(newer, _)| line.holds(newer)) {
            lines.entry(line.to_string()).or_insert_with(|| {
                order.push(*tag);
                tag
            });
        }
    }
    compared.extend(order.into_iter().take(NEWEST));
    let told = versions.iter().enumerate().filter(|(n, (_, tag))| *n < TOLD || compared.contains(tag));
    (told.map(|(_, (_, tag))| *tag).collect(), compared)
}

/// Signatures and attestations lie beside what they are about, under its digest: `sha256-....sig`.
fn is_signature(tag: &str) -> bool {
    tag.starts_with("sha256-") || [".sig", ".att", ".sbom"].iter().any(|end| tag.ends_with(end))
}

/// A registry nobody named an artifact of can at least be there.
fn read_root(reply: &Reply) -> Result<Heard, Fault> {
    if !(reply.body.is_empty() && reply.header("docker-distribution-api-version").is_some()) {
        json::<BTreeMap<String, IgnoredAny>>(&reply.body, "an OCI registry")?;
    }
    let health = Health { product: None, what: Clean::line("v2"), level: Level::Ok, detail: Clean::line("answers") };
    Ok(Heard { facts: vec![Fact::here(What::Health(health))], gaps: Vec::new() })
}

pub(super) fn gap(place: &str, why: &str, kind: GapKind) -> Gap {
    Gap { place: Clean::line(place), why: Clean::line(why), kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_and_one_of_each_older_line_are_compared() {
        let mut tags: BTreeSet<String> =
            ["latest", "sha256-4f1c.sig", "2026.9.0", "2026.41.0-rc.1"].map(String::from).into();
        tags.extend((30..=41).map(|n| format!("2026.{n}.0")));
        tags.extend((0..=3).map(|n| format!("2026.38.{n}")));
        let (told, compared) = chosen(Scheme::Calver, &tags);
        assert_eq!(told.first(), Some(&"2026.41.0"), "by version, not by letter");
        assert_eq!(told.last(), Some(&"2026.9.0"));
        assert!(!told.contains(&"latest") && !told.iter().any(|tag| tag.starts_with("sha256")));
        for (tag, is) in [
            ("2026.41.0", true),
            ("2026.38.3", true),
            ("2026.38.2", true),
            ("2026.38.1", false),
            ("2026.37.0", true),
            ("2026.9.0", false),
        ] {
            assert_eq!(compared.contains(tag), is, "{tag} among {compared:?}");
        }
        assert!(compared.len() <= 2 * NEWEST);
    }
}
