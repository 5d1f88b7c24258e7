//! The protocol of OCI registries, as far as reading needs it: tags with their pages, manifests by digest, blobs.

use std::collections::BTreeSet;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door, Reply};
use crate::sources::paging;
use crate::sources::reading::json;
use crate::text::clean::Clean;

/// Every kind of manifest. Without the whole list a registry converts what it holds, and the digest is another.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// How many tags are asked for at once.
const PAGE: usize = 100;
/// How many pages are turned: a repository with more tags than these hold is read in part.
const PAGES: usize = 100;
/// The largest manifest and the largest configuration of a chart, in bytes. Registries refuse manifests above four megabytes.
const LARGEST: u64 = 4_194_304;

/// A repository of a registry.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    /// Where the registry's own paths begin: empty, or the path of a store that holds several, with `/` at its end.
    pub base: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl<'a> Repository<'a> {
    /// A repository of a registry that is one from its root on.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self { base: "", name }
    }

    fn path(&self, rest: &str) -> String {
        format!("{}v2/{}/{rest}", self.base, self.name)
    }

    fn scoped(&self, ask: Ask) -> Ask {
        ask.scoped(format!("repository:{}:pull", self.name))
    }
}

/// The tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// Those that are well-formed, each once. Their order says nothing about versions.
    pub all: BTreeSet<String>,
    /// Whether these are all.
    pub whole: bool,
}

/// Asks for the tags of a repository, page by page.
///
/// # Errors
/// [`Fault::Missing`] where there is no such repository, and every other way a question can fail.
pub async fn tags(door: &dyn Door, repository: Repository<'_>) -> Result<Tags, Fault> {
    let first = || repository.scoped(Ask::get(repository.path("tags/list")).with("n", PAGE.to_string()));
    let mut ask = first();
    let mut all = BTreeSet::new();
    for _ in 0..PAGES {
        let reply = door.ask(ask.clone()).await?;
        let page = read_tags(&reply.body)?;
        let (n_before, n, last) = (all.len(), page.len(), page.last().cloned());
        all.extend(page.into_iter().filter(|tag| is_tag(tag)));
        let following = match (paging::next(&reply), last) {
            (Some(next), _) => Some(repository.scoped(Ask::get(next))),
            // Some tell no next page and have one; one that ignores the question (2.8) brings nothing new.
            (None, Some(last)) if n == PAGE && all.len() > n_before => Some(first().with("last", last)),
            (None, _) => None,
        };
        match following.filter(|following| *following != ask) {
            Some(following) => ask = following,
            None => return Ok(Tags { all, whole: true }),
        }
    }
    Ok(Tags { all, whole: false })
}

#[derive(Deserialize)]
struct WireTags {
    #[serde(rename = "name")]
    _name: String,
    /// `null` and absent mean that there is none.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

fn read_tags(body: &[u8]) -> Result<Vec<String>, Fault> {
    let page: WireTags = json(body, "the tags of a repository")?;
    Ok(page.tags.unwrap_or_default())
}

#[derive(Deserialize)]
struct WireManifest {
    #[serde(rename = "schemaVersion")]
    _version: u8,
}

/// Whether a text may be a tag. What is none is never put into an address.
fn is_tag(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    text.len() <= 128 && text.chars().all(fine) && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text may be the name of a repository, so that it stands for nothing else in an address.
#[must_use]
pub fn is_repository(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    let part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(fine);
    !text.is_empty() && text.len() <= 255 && text.split('/').all(part)
}

/// Asks for the digest of what a tag points to; none where it points to nothing.
///
/// # Errors
/// Every way a question can fail.
pub async fn digest(door: &dyn Door, repository: Repository<'_>, tag: &str) -> Result<Option<String>, Fault> {
    let ask = repository.scoped(Ask::head(repository.path(&format!("manifests/{tag}"))).header("accept", MANIFESTS));
    match door.ask(ask).await {
        Ok(reply) => {
            if let Some(told) = told_digest(&reply) {
                return Ok(Some(told));
            }
        }
        Err(Fault::Missing { .. }) => return Ok(None),
        // A registry or a gateway that knows no HEAD, and one that tells no digest, still has the manifest.
        Err(Fault::Refused { status: 400 | 405 | 501, .. }) => {}
        Err(other) => return Err(other),
    }
    match manifest(door, repository, tag).await {
        Ok(reply) => {
            // A login page has a digest too.
            json::<WireManifest>(&reply.body, "a manifest")?;
            Ok(Some(told_digest(&reply).unwrap_or_else(|| digest_of(&reply.body))))
        }
        Err(Fault::Missing { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Asks for a manifest by its tag or digest.
///
/// # Errors
/// [`Fault::Missing`] where there is none, and every other way a question can fail.
pub async fn manifest(door: &dyn Door, repository: Repository<'_>, reference: &str) -> Result<Reply, Fault> {
    let ask = Ask::get(repository.path(&format!("manifests/{reference}"))).header("accept", MANIFESTS).at_most(LARGEST);
    door.ask(repository.scoped(ask)).await
}

/// Asks for a blob by its digest.
///
/// # Errors
/// [`Fault::Missing`] where there is none, [`Fault::Garbled`] where it is another, and every other way a question can fail.
pub async fn blob(door: &dyn Door, repository: Repository<'_>, digest: &str) -> Result<Vec<u8>, Fault> {
    // Most registries keep blobs elsewhere. What comes from there is believed for its digest alone.
    let ask = Ask::get(repository.path(&format!("blobs/{digest}"))).at_most(LARGEST).from_anywhere();
    let body = door.ask(repository.scoped(ask)).await?.body;
    let expected = "the blob of that digest";
    match digest.strip_prefix("sha256:") {
        Some(_) if digest_of(&body).eq_ignore_ascii_case(digest) => Ok(body),
        Some(_) => Err(Fault::Garbled { expected, why: Clean::line("other bytes") }),
        None => Err(Fault::Garbled { expected, why: Clean::line("a digest that is not sha256") }),
    }
}

fn told_digest(reply: &Reply) -> Option<String> {
    reply.header("docker-content-digest").map(str::trim).filter(|text| is_digest(text)).map(str::to_owned)
}

/// Whether a text is a digest: `sha256:` and 64 digits, or another algorithm's.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let hex = |text: &str| text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit());
    text.len() <= 200
        && text.split_once(':').is_some_and(|(name, value)| {
            hex(value) && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "+._-".contains(c))
        })
}

/// The digest of a manifest's own bytes.
fn digest_of(body: &[u8]) -> String {
    let hex: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_tags_are_told_in_three_ways() {
        for none in [r#"{"name":"a","tags":null}"#, r#"{"name":"a","tags":[]}"#, r#"{"name":"a"}"#] {
            assert_eq!(read_tags(none.as_bytes()).unwrap(), Vec::<String>::new());
        }
        assert!(read_tags(b"[]").is_err());
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_tag_and_no_repository() {
        for (text, tag, repository) in [
            ("2026.41.0", true, true),
            ("_x", true, false),
            ("..", false, false),
            ("a/b-c/d_e.f", false, true),
            ("a/../b", false, false),
            ("a//b", false, false),
            ("a?x", false, false),
            ("A", true, false),
            ("", false, false),
        ] {
            assert_eq!((is_tag(text), is_repository(text)), (tag, repository), "{text}");
        }
    }

    #[test]
    fn a_digest_is_a_name_and_enough_digits() {
        assert_eq!(digest_of(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(is_digest(&digest_of(b"")));
        for wrong in ["", "sha256:", "sha256:abc", "sha256:../../etc/passwd/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(!is_digest(wrong), "{wrong}");
        }
    }
}
